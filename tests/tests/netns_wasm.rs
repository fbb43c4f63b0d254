//! Modules of WebAssembly: real clients get what the examples give them, files change under a running server, and modules that fail
//! lose nobody a packet.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kotare_testkit::Guest;
use kotare_tests::guests::example;
use kotare_tests::tell;
use kotare_tests::world::{
    Client6Program, ClientProgram, Server, Server6, Wish, World, busy_configuration, eventually,
    lan_configuration, lan6_configuration, program, sandboxed,
};
use kotare_wasm::WIT;
use serde_json::{Value, json};

/// An example, built; `None` where there is nothing to build it with, which is told.
fn built(world: &World, name: &str) -> Option<PathBuf> {
    let module = example(name, &world.path("."));
    if module.is_none() {
        tell("Debian's compiler for WebAssembly is not unpacked");
    }
    module
}

/// A module in a file.
fn written(world: &World, name: &str, guest: Guest<'_>) -> PathBuf {
    let path = world.path(&format!("libdhcp_{name}.wasm"));
    fs::write(&path, guest.component(WIT)).expect("a file");
    path
}

fn entry(module: &Path, parameters: Value) -> Value {
    json!([{"library": module, "parameters": parameters}])
}

/// What `status-get` says of the only module.
fn status(status: &Value) -> Value {
    status["arguments"]["third-party-modules"][0].clone()
}

/// Entries of a module that loops, one that fills its memory, one that traps, one whose answers are none, and one whose answers
/// cannot be: at all points.
fn entries_that_fail(world: &World, parameters: Value) -> Value {
    let everywhere = |way| Guest { received: way, subnet: way, lease: way, reply: way, ..Guest::default() };
    let ways = [
        ("loops", everywhere("(loop (br 0)) i32.const 1024")),
        ("grows", everywhere("(loop (drop (memory.grow (i32.const 1))) (br 0)) i32.const 1024")),
        ("traps", everywhere("unreachable")),
        ("answers_nothing", everywhere("i32.const -16")),
        ("lies", LIES),
    ];
    let entry = |(name, guest)| json!({"library": written(world, name, guest), "parameters": parameters});
    ways.map(entry).into_iter().collect()
}

/// Too many classes, a subnet that there is not, a lease that does not hold, and options that are not for modules: the type of a
/// message of DHCPv4, the identifier of the client in DHCPv6.
const LIES: Guest<'_> = Guest {
    points: "\\00\\01\\02\\03",
    data: "",
    init: "i32.const 512",
    received: "(i32.store (i32.const 1028) (i32.const 3072)) (i32.store (i32.const 1032) (i32.const 65)) i32.const 1024",
    subnet: "(i32.store8 (i32.const 1040) (i32.const 1)) (i32.store (i32.const 1044) (i32.const 99)) i32.const 1040",
    lease: "(i32.store8 (i32.const 1056) (i32.const 1)) i32.const 1056",
    reply: "(i32.store8 (i32.const 2048) (i32.const 1)) (i32.store16 (i32.const 2052) (i32.const 53))
        (i32.store8 (i32.const 2064) (i32.const 1)) (i32.store16 (i32.const 2068) (i32.const 1))
        (i32.store (i32.const 1072) (i32.const 2048)) (i32.store (i32.const 1076) (i32.const 2)) i32.const 1072",
    more: "",
};

/// The modules of a server, each of which failed whenever it was asked; how often.
fn assert_all_failed(status: &Value) -> Vec<(String, i64)> {
    let modules = status["arguments"]["third-party-modules"].as_array().expect("modules");
    assert_eq!(modules.len(), 5, "{status}");
    let told = modules.iter().map(|module| {
        let failures = module["failures"].as_i64().expect("a number");
        assert!(failures >= 3 && module["calls"] == failures, "{module}");
        (module["library"].as_str().expect("a name").to_owned(), failures)
    });
    told.collect()
}

/// Each client gets the option that the table has for its hardware address, or for all others.
#[test]
fn clients_get_options_of_a_table() {
    sandboxed("clients_get_options_of_a_table", |world| {
        let Some(module) = built(world, "option_table") else { return };
        let lan = world.lan();
        let mut clients: Vec<_> =
            ClientProgram::ALL.into_iter().map(|program| lan.client(program.name(), program)).collect();
        let mut table = json!({"option": "6", "*": "0xc000024d"});
        table[clients[0].mac()] = json!("0xc000024e");
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = entry(&module, json!({"module-parameters": table}));
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        server.await_log(&["libdhcp_option_table.wasm says: option 6 for 2 clients"]);
        for (number, client) in clients.iter_mut().enumerate() {
            let lease = client.obtain();
            let expected = if number == 0 { "192.0.2.78" } else { "192.0.2.77" };
            assert_eq!(lease.name_servers(), expected, "{lease:?}");
            client.kill();
        }
        let status = status(&server.command("status-get", None));
        assert_eq!((&status["failures"], &status["points"]), (&json!(0), &json!("reply")), "{status}");
        assert!(status["calls"].as_u64() >= Some(2 * clients.len() as u64), "{status}");
    });
}

/// The same of DHCPv6, whose clients are known by their DUIDs.
#[test]
fn clients_of_dhcpv6_get_options_of_a_table() {
    sandboxed("clients_of_dhcpv6_get_options_of_a_table", |world| {
        let Some(module) = built(world, "option_table") else { return };
        let lan = world.lan6();
        let table = json!({"option": "23", "*": "0x20010db800010000000000000000004d"});
        let mut dhcp6 = lan6_configuration();
        dhcp6["hooks-libraries"] = entry(&module, json!({"module-parameters": table}));
        let server = Server6::kotare(world, &lan.server, "server", dhcp6);
        for program in Client6Program::ALL {
            let mut client = lan.client(program.name(), program, Wish::Both);
            let lease = client.obtain();
            assert_eq!(lease.told.name_servers(), "2001:db8:1::4d", "{lease:?}");
            client.kill();
        }
        let status = status(&server.command("status-get", None));
        assert_eq!(status["failures"], 0, "{status}");
    });
}

/// Clients are classified by their vendors: one is served from a pool of its class, and another is not answered.
#[test]
fn clients_are_classified_by_vendors() {
    sandboxed("clients_are_classified_by_vendors", |world| {
        let Some(module) = built(world, "vendor_class") else { return };
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["valid-lifetime"] = json!(7200);
        dhcp4["client-classes"] = json!([{"name": "small"}]);
        dhcp4["subnet4"][0]["pools"] = json!([
            {"pool": "192.0.2.150 - 192.0.2.199", "client-classes": ["small"]},
            {"pool": "192.0.2.100 - 192.0.2.149"},
        ]);
        dhcp4["hooks-libraries"] =
            entry(&module, json!({"module-parameters": {"udhcp": "small", "dhcpcd": ""}}));
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let lease = lan.client("small", ClientProgram::Udhcpc).obtain();
        assert!(lease.address().octets()[3] >= 150, "{lease:?}");
        assert_eq!(lease.lifetime(), 7200);
        // It does not say whose it is.
        let lease = lan.client("other", ClientProgram::Dhclient).obtain();
        assert!(lease.address().octets()[3] < 150, "{lease:?}");
        assert_eq!(lease.lifetime(), 3600, "{lease:?}");
        let mut unwanted = lan.client("unwanted", ClientProgram::Dhcpcd);
        unwanted.start();
        eventually("its messages are dropped", || {
            let status = status(&server.command("status-get", None));
            status["drops"].as_u64().filter(|drops| *drops > 0)
        });
        assert_eq!(unwanted.address(), None);
    });
}

/// A file that is another one counts from the next reload on; one that is none does not, and what was there goes on.
#[test]
fn files_are_read_again() {
    sandboxed("files_are_read_again", |world| {
        let lan = world.lan();
        let module = written(world, "any", Guest::default());
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = entry(&module, json!({}));
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        assert_eq!(client.obtain().name_servers(), "192.0.2.53");
        client.kill();
        // One that leaves option 6 out.
        let data = "\\01\\00\\00\\00\\06\\00\\00\\00";
        let reply = "(i32.store (i32.const 1024) (i32.const 2048)) (i32.store (i32.const 1028) (i32.const 1)) i32.const 1024";
        written(world, "any", Guest { data, reply, points: "\\03", ..Guest::default() });
        let loaded = server.command("config-reload", None);
        assert_eq!(loaded["result"], 0, "{loaded}");
        for (bytes, error) in [(&b"no module"[..], "no component of WebAssembly"), (b"", "no component")] {
            fs::write(&module, bytes).expect("a file");
            let refused = server.command("config-reload", None);
            assert_eq!(refused["result"], 1, "{refused}");
            assert!(refused["text"].as_str().is_some_and(|text| text.contains(error)), "{refused}");
        }
        fs::remove_file(&module).expect("it is there");
        assert_eq!(server.command("config-reload", None)["result"], 1);
        let mut client = lan.client("later", ClientProgram::Udhcpc);
        assert_eq!(client.obtain().name_servers(), "");
        assert_eq!(status(&server.command("status-get", None))["points"], "reply");
    });
}

/// A file that is missing or no module is found out before anybody uses it: by `-T` and by `config-test`, with the place and what to
/// do. `-t`, which checks a file for another machine, has nothing to say of it.
#[test]
fn files_are_asked_for_when_tested() {
    sandboxed("files_are_asked_for_when_tested", |world| {
        let lan = world.lan();
        let module = written(world, "any", Guest::default());
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = entry(&module, json!({}));
        let server = Server::kotare(world, &lan.server, "server", dhcp4.clone());
        let written = server.configuration(dhcp4);
        let file = world.path("checked.json");
        fs::write(&file, serde_json::to_string_pretty(&written).expect("JSON")).expect("a file");
        let line = fs::read_to_string(&file).expect("the file");
        let line = 1 + line.lines().position(|line| line.contains("libdhcp_any.wasm")).expect("the entry");
        let checked = |option: &str| {
            let checked = Command::new(program("kea-dhcp4")).args(["-X", option]).arg(&file).output();
            let checked = checked.expect("it runs");
            (checked.status.success(), String::from_utf8_lossy(&checked.stderr).into_owned())
        };
        let tested = || server.command("config-test", Some(written.clone()));
        let refuses = Guest { init: "unreachable", ..Guest::default() }.component(WIT);
        assert!(checked("-T").0, "{:?}", checked("-T"));
        assert_eq!(tested()["result"], 0, "{}", tested());
        for (bytes, reason, hint) in [
            (None, "No such file or directory", "put the file there, or leave the entry out"),
            (Some(&b"no module"[..]), "it is no component of WebAssembly", "put another file there"),
            (Some(&refuses), "it did not make itself ready", "mend the module"),
        ] {
            match bytes {
                None => fs::remove_file(&module).expect("it is there"),
                Some(bytes) => fs::write(&module, bytes).expect("a file"),
            }
            let (is_good, said) = checked("-T");
            let place = format!("{}:{line}:", file.display());
            let told = [place.as_str(), "hooks-libraries[0]", reason, hint];
            assert!(!is_good && told.iter().all(|words| said.contains(words)), "{told:?}: {said}");
            assert!(checked("-t").0, "{:?}", checked("-t"));
            let answer = tested();
            let text = answer["text"].as_str().expect("a reason");
            let told = ["Dhcp4/hooks-libraries[0]", reason, hint];
            assert!(answer["result"] == 1 && told.iter().all(|words| text.contains(words)), "{answer}");
        }
    });
}

/// Modules that fail whenever they are asked: real clients get leases past them, extend them and give them back.
#[test]
fn clients_are_served_past_modules_that_fail() {
    sandboxed("clients_are_served_past_modules_that_fail", |world| {
        let lan = world.lan();
        let mut dhcp4 = lan_configuration();
        dhcp4["hooks-libraries"] = entries_that_fail(world, json!({"time-limit": 10, "failure-limit": 0}));
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        for program in ClientProgram::ALL {
            let mut client = lan.client(program.name(), program);
            let lease = client.obtain();
            assert_eq!((lease.lifetime(), lease.name_servers()), (3600, "192.0.2.53"), "{lease:?}");
            // It cannot be asked to.
            if program != ClientProgram::Dhclient {
                assert_eq!(client.renew().address(), lease.address());
            }
            client.release();
        }
        assert_all_failed(&server.command("status-get", None));
    });
}

/// The same of DHCPv6.
#[test]
fn clients_of_dhcpv6_are_served_past_modules_that_fail() {
    sandboxed("clients_of_dhcpv6_are_served_past_modules_that_fail", |world| {
        let lan = world.lan6();
        let mut dhcp6 = lan6_configuration();
        dhcp6["hooks-libraries"] = entries_that_fail(world, json!({"time-limit": 10, "failure-limit": 0}));
        let server = Server6::kotare(world, &lan.server, "server", dhcp6);
        for program in Client6Program::ALL {
            let mut client = lan.client(program.name(), program, Wish::Both);
            let lease = client.obtain();
            assert!(lease.address.is_some() && lease.prefix.is_some(), "{lease:?}");
            assert_eq!((lease.told.lifetimes(), lease.told.name_servers()), ((3600, 1800), "2001:db8:1::53"));
            client.release();
        }
        assert_all_failed(&server.command("status-get", None));
    });
}

/// A module takes the place of another under load: what it wants counts at once, and no packet is lost.
#[test]
fn modules_are_exchanged_under_load() {
    sandboxed("modules_are_exchanged_under_load", |world| {
        let busy = world.busy();
        let module = written(world, "any", Guest { points: "\\00", ..Guest::default() });
        let mut map = busy_configuration();
        map["hooks-libraries"] = entry(&module, json!({}));
        let server = Server::kotare(world, &busy.server, "server", map);
        let load = busy.lasting_load(&server, &["--in-flight", "32"]);
        for (points, told) in
            [("\\03", "reply"), ("\\02\\03", "lease, reply"), ("\\01", "subnet"), ("\\00", "received")]
        {
            fs::rename(written(world, "new", Guest { points, ..Guest::default() }), &module)
                .expect("a new file");
            let answer = server.command("config-reload", None);
            assert_eq!(answer["result"], 0, "{answer}");
            eventually("it is asked", || {
                let status = status(&server.command("status-get", None));
                assert_eq!((&status["points"], &status["failures"]), (&json!(told), &json!(0)), "{status}");
                (status["calls"] != 0).then_some(())
            });
        }
        let (counted, _) = load.finish();
        assert_eq!((&counted["resent"], &counted["refused"]), (&json!(0), &json!(0)), "{counted}");
    });
}

/// Under load, such modules are set aside, come back and are set aside again, and no packet is lost to them.
#[test]
fn nothing_is_lost_to_modules_that_fail() {
    sandboxed("nothing_is_lost_to_modules_that_fail", |world| {
        let busy = world.busy();
        let mut map = busy_configuration();
        let parameters = json!({"time-limit": 10, "failure-limit": 3, "set-aside-time": 1});
        map["hooks-libraries"] = entries_that_fail(world, parameters);
        let server = Server::kotare(world, &busy.server, "server", map);
        let load = busy.lasting_load(&server, &["--clients", "3000", "--in-flight", "16"]);
        for name in ["loops", "grows", "traps", "answers_nothing", "lies"] {
            let aside = format!("libdhcp_{name}.wasm failed 3 times in a row");
            eventually("it is set aside a second time", || {
                (server.log().matches(&aside).count() >= 2).then_some(())
            });
        }
        let (counted, acknowledged) = load.finish();
        assert_eq!((&counted["resent"], &counted["refused"]), (&json!(0), &json!(0)), "{counted}");
        assert!(!acknowledged.is_empty());
        assert_eq!(server.statistic("pkt4-receive-drop"), 0, "{counted}");
        for (file, failures) in assert_all_failed(&server.command("status-get", None)) {
            assert_eq!(server.statistic(&format!("wasm[{file}].failures")), failures);
        }
        assert!(server.stop());
    });
}
