//! What becomes of messages of DHCPv4 by what modules answer, and of modules that fail.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use kotare_testkit::{Answer, Client, Guest, Logged, Via, World, logged};
use kotare_wasm::WIT;
use kotare_wire::v4::OptionCode;
use serde_json::{Map, Value as Json, json};
use tempfile::{TempDir, tempdir};
use tokio::runtime::Runtime;

use crate::Modules4;
use crate::test_world::with_modules_after;

/// A module in a file, and where its tasks run.
struct Scene {
    folder: TempDir,
    runtime: Runtime,
    parameters: Json,
}

impl Scene {
    fn new(guest: Guest<'_>) -> Self {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime");
        let scene = Self { folder: tempdir().expect("a folder"), runtime, parameters: json!({}) };
        scene.write(&guest.component(WIT));
        scene
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("libdhcp_guest.wasm")
    }

    fn write(&self, bytes: &[u8]) {
        fs::write(self.path(), bytes).expect("a file");
    }

    /// A server of two subnets and a class with the module, after one with others.
    fn server_after(&self, former: Option<&Modules4>) -> Result<(World, Modules4), Vec<String>> {
        let dhcp4 = json!({
            "subnet4": [
                {"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
                 "option-data": [{"name": "routers", "data": "192.0.2.1"}]},
                {"id": 7, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.100 - 198.51.100.199"}]},
            ],
            "client-classes": [
                {"name": "gold", "option-data": [{"name": "tftp-server-name", "data": "gold", "always-send": true}]},
            ],
            "hooks-libraries": [{"library": self.path(), "parameters": self.parameters}],
        });
        with_modules_after(&dhcp4, self.runtime.handle(), former)
    }

    fn server(&self) -> (World, Modules4) {
        self.server_after(None).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    /// What is wrong with it.
    fn refused(&self) -> String {
        self.server_after(None).map(drop).expect_err("it is refused").join("\n")
    }
}

/// The reply to a DHCPDISCOVER through a module, with what was logged and what the module says of itself.
fn offer(guest: Guest<'_>) -> (Option<Answer>, Vec<Logged>, Json) {
    let (mut world, modules) = Scene::new(guest).server();
    let (answer, lines) = logged(|| world.send(&Client::new(1).discover(), Via::BROADCAST));
    let lines = lines.into_iter().filter(|line| line.id.starts_with("KOTARE_WASM_")).collect();
    (answer, lines, status(&modules))
}

fn status(modules: &Modules4) -> Json {
    let mut status = Map::new();
    modules.beside.report(&mut status);
    status["third-party-modules"][0].clone()
}

/// Numbers of 32 bits as data in the text format.
pub(super) fn words(words: &[u32]) -> String {
    words.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("\\{byte:02x}")).collect()
}

/// Instructions that answer a list of so many items, which are what the data is.
pub(super) fn list(len: u32, at: u32) -> String {
    format!(
        "(i32.store (i32.const {at}) (i32.const 2048)) (i32.store (i32.const {}) (i32.const {len})) i32.const 1024",
        at + 4
    )
}

/// Classes that a module names are the message's, if there are such; what it wants dropped is dropped and counted.
#[test]
fn messages_are_classified_and_dropped() {
    let names = words(&[2064, 4, 2068, 6]) + "goldsilver";
    let received = list(2, 1028);
    let (answer, lines, status) = offer(Guest { data: &names, received: &received, ..Guest::default() });
    assert_eq!(answer.expect("an offer").option(OptionCode::TFTP_SERVER_NAME).as_deref(), Some(&b"gold"[..]));
    assert_eq!((lines, &status["failures"], &status["calls"]), (Vec::new(), &json!(0), &json!(4)));
    let dropped = "(i32.store8 (i32.const 1024) (i32.const 1)) i32.const 1024";
    let (answer, lines, status) = offer(Guest { received: dropped, ..Guest::default() });
    assert_eq!((answer, lines, &status["drops"]), (None, Vec::new(), &json!(1)));
    let points = "\\00";
    let (answer, _, status) = offer(Guest { received: dropped, points, ..Guest::default() });
    assert_eq!((answer, &status["points"], &status["calls"]), (None, &json!("received"), &json!(1)));
}

/// A module says where a client is, or that it is nowhere; a subnet that there is not is none.
#[test]
fn subnets_are_selected() {
    let verdict = |case, id| {
        format!(
            "(i32.store8 (i32.const 1024) (i32.const {case})) (i32.store (i32.const 1028) (i32.const {id})) i32.const 1024"
        )
    };
    let ask = |case, id| {
        let (answer, lines, _) = offer(Guest { subnet: &verdict(case, id), ..Guest::default() });
        (answer.map(|answer| answer.yiaddr().to_string()), lines.len())
    };
    assert_eq!(ask(0, 0), (Some("192.0.2.100".into()), 0));
    assert_eq!(ask(1, 7), (Some("198.51.100.100".into()), 0));
    assert_eq!(ask(2, 0), (None, 0));
    assert_eq!(ask(3, 0), (None, 0));
    assert_eq!(ask(1, 9), (Some("192.0.2.100".into()), 1));
}

/// A module says how long a lease holds, or that it is not given; one that holds for no time is none.
#[test]
fn leases_are_changed() {
    let verdict = |case, valid| {
        format!(
            "(i32.store8 (i32.const 1024) (i32.const {case})) (i32.store (i32.const 1028) (i32.const {valid})) i32.const 1024"
        )
    };
    let ask = |case, valid| {
        let (answer, lines, _) = offer(Guest { lease: &verdict(case, valid), ..Guest::default() });
        (answer.and_then(|answer| answer.option(OptionCode::LEASE_TIME)), lines.len())
    };
    let seconds = |seconds: u32| Some(seconds.to_be_bytes().to_vec());
    assert_eq!(ask(0, 0), (seconds(7200), 0));
    assert_eq!(ask(1, 1000), (seconds(1000), 0));
    assert_eq!(ask(2, 0), (None, 0));
    assert_eq!(ask(1, 0), (seconds(7200), 1));
}

/// Options of a reply are set and left out; what has no room is left out, too; a list with one that is not for modules says nothing.
#[test]
fn replies_are_edited() {
    let ask = |edits: &[[u32; 4]]| {
        let data = words(&edits.concat());
        let (answer, lines, _) =
            offer(Guest { data: &data, reply: &list(edits.len() as u32, 1024), ..Guest::default() });
        let answer = answer.expect("an offer");
        let value = |code| answer.option(OptionCode(code)).map(|value| value.len());
        ([224, 225, 3, 53].map(value), lines.into_iter().map(|line| line.id).collect::<Vec<_>>())
    };
    let (set, remove) = (|code, len| [0, code, 1024, len], |code| [1, code, 0, 0]);
    assert_eq!(ask(&[]), ([None, None, Some(4), Some(1)], vec![]));
    assert_eq!(ask(&[set(224, 5), remove(3)]), ([Some(5), None, None, Some(1)], vec![]));
    assert_eq!(ask(&[set(224, 5), set(224, 9), remove(99)]), ([Some(9), None, Some(4), Some(1)], vec![]));
    let no_room = ask(&[set(224, 60_000), set(225, 7)]);
    assert_eq!(no_room, ([None, Some(7), Some(4), Some(1)], vec!["KOTARE_WASM_NO_ROOM"]));
    for wrong in [set(53, 1), remove(53), set(51, 4), set(0, 1), set(255, 1), set(82, 1), set(256, 1)] {
        let passed_over = ask(&[set(224, 5), wrong]);
        assert_eq!(passed_over, ([None, None, Some(4), Some(1)], vec!["KOTARE_WASM_FAILED"]), "{wrong:?}");
    }
}

/// Clients are served past a module that fails. After some failures it is not asked any more, and after some time again.
#[test]
fn a_module_that_fails_is_set_aside() {
    let mut scene = Scene::new(Guest { received: "unreachable", points: "\\00", ..Guest::default() });
    scene.parameters = json!({"failure-limit": 3, "set-aside-time": 60});
    let (mut world, modules) = scene.server();
    let mut send = || world.send(&Client::new(1).discover(), Via::BROADCAST).expect("an offer");
    let ((), lines) = logged(|| (0..5).for_each(|_| _ = send()));
    let lines: Vec<_> = lines.iter().filter(|line| line.id.starts_with("KOTARE_WASM_")).collect();
    let ids: Vec<_> = lines.iter().map(|line| line.id.trim_start_matches("KOTARE_WASM_")).collect();
    assert_eq!(ids, ["FAILED", "FAILED", "FAILED", "SET_ASIDE"]);
    assert!(lines[0].text.contains("libdhcp_guest.wasm is passed over at received: "), "{lines:?}");
    let said = |modules: &Modules4| {
        let status = status(modules);
        ["calls", "failures", "set-aside"].map(|name| status[name].clone())
    };
    assert_eq!(said(&modules), [json!(3), json!(3), json!(true)]);
    let wait = |seconds| {
        scene.runtime.block_on(async { tokio::time::sleep(Duration::from_secs(seconds)).await });
    };
    wait(59);
    send();
    assert_eq!(said(&modules), [json!(3), json!(3), json!(true)]);
    let ((), lines) = logged(|| wait(2));
    assert!(lines.iter().any(|line| line.id == "KOTARE_WASM_BACK"));
    send();
    assert_eq!(said(&modules), [json!(4), json!(4), json!(false)]);
}

/// With `failure-limit` 0 a module is asked again and again; failures with answers between them are not in a row.
#[test]
fn a_module_may_fail_now_and_then() {
    for (limit, received) in [
        (0, "unreachable"),
        (
            2,
            "(if (i32.load (i32.const 2048)) (then unreachable)) (i32.store (i32.const 2048) (i32.const 1)) i32.const 1024",
        ),
    ] {
        let mut scene = Scene::new(Guest { received, points: "\\00", ..Guest::default() });
        scene.parameters = json!({"failure-limit": limit});
        let (mut world, modules) = scene.server();
        (0..8).for_each(|_| _ = world.send(&Client::new(1).discover(), Via::BROADCAST).expect("an offer"));
        let status = status(&modules);
        assert_eq!((&status["calls"], &status["set-aside"]), (&json!(8), &json!(false)));
    }
}

/// The same file and the same settings are the same module in the next configuration, and any others are another one.
#[test]
fn a_module_goes_on_until_it_is_another() {
    let mut scene = Scene::new(Guest::default());
    let (mut world, modules) = scene.server();
    world.send(&Client::new(1).discover(), Via::BROADCAST).expect("an offer");
    let calls = |modules: &Modules4| status(modules)["calls"].clone();
    assert_eq!(calls(&modules), 4);
    let next = |scene: &Scene| {
        let (built, lines) = logged(|| scene.server_after(Some(&modules)));
        let is_new = lines.iter().any(|line| line.id == "KOTARE_WASM_LOADED");
        (calls(&built.expect("modules").1), is_new)
    };
    assert_eq!(next(&scene), (json!(4), false));
    scene.parameters = json!({"module-parameters": {"any": 1}});
    assert_eq!(next(&scene), (json!(0), true));
    scene.parameters = json!({});
    scene.write(&Guest { points: "\\03", ..Guest::default() }.component(WIT));
    assert_eq!(next(&scene), (json!(0), true));
    scene.write(b"nothing");
    assert!(scene.server_after(Some(&modules)).is_err());
}

/// A server asks at the points that a module names, and at no other.
#[test]
fn other_points_cost_nothing() {
    let (_, modules) = Scene::new(Guest { points: "\\03", ..Guest::default() }).server();
    let hooks = &modules.hooks;
    let asked = [
        hooks.pkt4_receive.len(),
        hooks.subnet4_select.len(),
        hooks.lease4_select.len(),
        hooks.pkt4_send.len(),
    ];
    assert_eq!((asked, hooks.wait()), ([0, 0, 0, 1], false));
}

/// What is no module, or is configured in ways that there are not, is no configuration.
#[test]
fn what_is_no_module_is_refused() {
    let mut scene = Scene::new(Guest::default());
    for (parameters, error) in [
        (json!({"fuel-limit": 1}), "fuel-limit"),
        (json!({"memory-limit": 65536}), "it asked for more than 65536 bytes of memory"),
        (json!({"time-limit": 0}), "time-limit"),
        (json!({"module-parameter": {}}), "module-parameter"),
    ] {
        scene.parameters = parameters;
        let said = scene.refused();
        assert!(said.contains(error), "{error}: {said}");
    }
    scene.parameters = json!({});
    let twice =
        json!({"hooks-libraries": [{"library": scene.path()}, {"library": "/other/libdhcp_guest.wasm"}]});
    let said = with_modules_after(&twice, scene.runtime.handle(), None).map(drop).expect_err("it is refused");
    assert!(said.join("\n").contains("another module is called libdhcp_guest.wasm"), "{said:?}");
    for (bytes, error) in [
        (&b""[..], "it is no component of WebAssembly"),
        (b"\0asm\x0d\0\x01\0", "it is not of the world kotare:dhcp/module"),
        (&vec![0; (16 << 20) + 1], "it is longer than 16777216 bytes"),
    ] {
        scene.write(bytes);
        let said = scene.refused();
        assert!(said.contains(error) && said.contains("libdhcp_guest.wasm"), "{error}: {said}");
    }
    fs::remove_file(scene.path()).expect("it is there");
    assert!(scene.refused().contains("No such file"));
    fs::create_dir(scene.path()).expect("a folder");
    assert!(scene.refused().contains("it is no file"));
}
