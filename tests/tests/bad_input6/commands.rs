//! The control sockets of `kea-dhcp6`: no commands, commands that are too long, arguments that are nonsense.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use kotare_model::Chance;
use kotare_tests::world::{PATIENCE, sandboxed};
use serde_json::{Value, json};

use crate::scene::{Scene, bytes, configuration};

/// Sends these bytes and returns what is answered.
fn say(scene: &Scene, bytes: &[u8]) -> String {
    let mut stream = UnixStream::connect(scene.server.control_socket()).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("not zero");
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("the server answers in UTF-8")
}

/// Bytes without meaning, and commands with some of them changed.
#[test]
fn noise_on_the_socket() {
    sandboxed("commands::noise_on_the_socket", |world| {
        let mut scene = Scene::with(world, json!({"hooks-libraries": modules()}));
        let mut noise = Chance::new(3);
        let commands = [
            r#"{"command": "subnet6-select-test", "arguments": {"interface": "eth0", "address": "2001:db8::7"}}"#,
            r#"{"command": "lease6-add", "arguments": {"subnet-id": 1, "ip-address": "2001:db8:1::7", "duid": "1a:1b", "iaid": 7}}"#,
            r#"{"command": "lease6-get-page", "arguments": {"limit": 3, "from": "start"}}"#,
            r#"{"command": "lease6-bulk-apply", "arguments": {"leases": [{"subnet-id": 1, "ip-address": "2001:db8:1::8", "duid": "1a:1b", "iaid": 8}], "deleted-leases": []}}"#,
        ];
        for round in 0..800 {
            let bytes = if round % 3 == 0 {
                let len = noise.below(300);
                bytes(&mut noise, len)
            } else {
                let mut bytes = commands[round % commands.len()].as_bytes().to_vec();
                for _ in 0..=noise.below(3) {
                    let at = noise.below(bytes.len());
                    bytes[at] = noise.below(256) as u8;
                }
                bytes
            };
            let answer = say(&scene, &bytes);
            let answered = answer.is_empty() || serde_json::from_str::<Value>(&answer).is_ok();
            assert!(answered, "{:?} is answered with {answer:?}", bytes.escape_ascii().to_string());
        }
        for deep in ["[", "{\"a\":"] {
            let told: Value =
                serde_json::from_str(&say(&scene, deep.repeat(1 << 16).as_bytes())).expect("JSON");
            assert_eq!(told["result"], 1, "{told}");
        }
        scene.assert_serves();
        assert!(scene.resident_kib() < 96 << 10, "{} KiB", scene.resident_kib());
    });
}

/// Arguments of every kind but the right one, for every command there is.
#[test]
fn nonsense_for_every_command() {
    sandboxed("commands::nonsense_for_every_command", |world| {
        let mut scene = Scene::with(world, json!({"hooks-libraries": modules()}));
        let listed = scene.server.command("list-commands", None);
        let names: Vec<_> = listed["arguments"]
            .as_array()
            .expect("commands")
            .iter()
            .map(|name| name.as_str().expect("a name").to_owned())
            .collect();
        assert!(names.iter().any(|name| name == "lease6-add"), "{names:?}");
        let nonsense = [
            json!(null),
            json!(7),
            json!("\u{0}"),
            json!([[[]]]),
            json!({"": {}}),
            json!({"subnet-id": -1, "ip-address": "::g", "type": "IA_NO", "duid": "xx", "iaid": 1e300, "limit": -7,
                "from": {}, "prefix-len": 300, "leases": [7], "filename": 7, "origin": [], "subnets": {}, "name": []}),
            json!({"subnet-id": 4_294_967_296_u64, "ip-address": "192.0.2.1", "type": "IA_PD", "prefix-len": 128,
                "identifier": "", "identifier-type": "duid", "hw-address": "zz", "limit": 0, "from": "::", "hostname": "",
                "client-classes": {}, "subnet6": [{}], "networks": [[]], "max-period": -1, "Dhcp6": {"subnet6": 5}}),
        ];
        for name in names.iter().filter(|name| *name != "shutdown") {
            for arguments in &nonsense {
                let request = json!({"command": name, "arguments": arguments}).to_string();
                let answer = say(&scene, request.as_bytes());
                let told: Value =
                    serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{request}: {answer:?}"));
                assert!(told["result"].is_i64(), "{request}: {told}");
            }
            // Some of them take what they do not know.
            if name == "dhcp-disable" {
                scene.server.command("dhcp-enable", None);
            }
        }
        let map = configuration(json!({"hooks-libraries": modules()}));
        let set = scene.server.command("config-set", Some(scene.server.configuration(map)));
        assert_eq!(set["result"], 0, "{set}");
        scene.assert_serves();
    });
}

/// A configuration that is refused says why and changes nothing.
#[test]
fn nonsense_for_config_set() {
    sandboxed("commands::nonsense_for_config_set", |world| {
        let mut scene = Scene::new(world);
        let before = scene.server.command("config-get", None);
        let subnet = |more: Value| {
            let mut subnet = json!({"id": 1, "subnet": "2001:db8:1::/64"});
            subnet.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
            json!({"Dhcp6": {"subnet6": [subnet]}})
        };
        for arguments in [
            json!(null),
            json!({}),
            json!({"Dhcp6": null}),
            json!({"Dhcp4": {}}),
            json!({"Dhcp6": {"valid-lifetime": 1e300}}),
            json!({"Dhcp6": {"no-such-keyword": true}}),
            json!({"Dhcp6": {"server-id": {"type": "LLT", "identifier": "zz"}}}),
            json!({"Dhcp6": {"relay-supplied-options": ["no-such-option"]}}),
            json!({"Dhcp6": {"mac-sources": ["smell"]}}),
            json!({"Dhcp6": {"client-classes": [{"name": "a", "test": "relay6[99].option[37].exists"}]}}),
            subnet(json!({"subnet": "2001:db8:1::/129"})),
            subnet(json!({"pools": [{"pool": "2001:db8:2::/80"}]})),
            subnet(json!({"pools": [{"pool": "2001:db8:1::9 - 2001:db8:1::1"}]})),
            subnet(json!({"pd-pools": [{"prefix": "2001:db8:8::", "prefix-len": 48, "delegated-len": 40}]})),
            subnet(json!({"pd-pools": [{"prefix": "2001:db8:8::", "prefix-len": 48, "delegated-len": 129}]})),
            subnet(json!({"pd-pools": [{"prefix": "2001:db8:8::", "prefix-len": 48, "delegated-len": 56,
                "excluded-prefix": "2001:db8:9::", "excluded-prefix-len": 64}]})),
            subnet(json!({"reservations": [{"duid": "", "ip-addresses": ["2001:db8:1::1"]}]})),
            subnet(json!({"reservations": [{"duid": "01:02", "prefixes": ["2001:db8:1::1/300"]}]})),
            subnet(json!({"interface-id": "a", "interface": "eth0"})),
            subnet(json!({"preferred-lifetime": -1})),
            subnet(json!({"option-data": [{"name": "dns-servers", "data": "192.0.2.1"}]})),
        ] {
            for command in ["config-test", "config-set"] {
                let told = scene.server.command(command, Some(arguments.clone()));
                assert_eq!(told["result"], 1, "{command} {arguments}: {told}");
                assert!(told["text"].as_str().is_some_and(|text| text.len() > 10), "{told}");
            }
            assert_eq!(scene.server.command("config-get", None), before, "{arguments} changed something");
        }
        scene.assert_serves();
    });
}

/// Its HTTP socket: what is no HTTP, headers without end, a body that is longer than it says, noise.
#[test]
fn noise_over_http() {
    sandboxed("commands::noise_over_http", |world| {
        let folder = world.path("server");
        let sockets = json!([
            {"socket-type": "unix", "socket-name": folder.join("control")},
            {"socket-type": "http", "socket-address": "::1", "socket-port": 8006},
        ]);
        let mut scene = Scene::with(world, json!({"control-sockets": sockets}));
        let mut noise = Chance::new(5);
        let sound = "POST / HTTP/1.1\r\nHost: [::1]\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n\
            {\"command\":\"version-get\"} ";
        let mut inputs = vec![
            b"GET".to_vec(),
            b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n{}".to_vec(),
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}".to_vec(),
            [&b"GET / HTTP/1.1\r\n"[..], &b"a: b\r\n".repeat(20_000)].concat(),
            vec![b'x'; 1 << 20],
        ];
        for _ in 0..40 {
            let mut damaged = sound.as_bytes().to_vec();
            for _ in 0..=noise.below(4) {
                let at = noise.below(damaged.len());
                damaged[at] = noise.below(256) as u8;
            }
            inputs.push(damaged);
        }
        let socat = kotare_tests::world::partner_or_system("socat");
        for input in &inputs {
            let mut socat = scene.host.command(&socat);
            socat.args(["-T", "1", "-", "TCP6:[::1]:8006"]).stdin(Stdio::piped()).stdout(Stdio::null());
            let mut socat = socat.stderr(Stdio::null()).spawn().expect("socat is there");
            let _ = socat.stdin.take().expect("a pipe").write_all(input);
            socat.wait().expect("it ends");
        }
        let mut curl = scene.host.command("curl");
        let request = ["-s", "--max-time", "90", "-H", "Content-Type: application/json", "-d"];
        curl.args(request).arg(r#"{"command": "version-get"}"#).arg("http://[::1]:8006/");
        let output = curl.output().expect("curl is there");
        let told: Value = serde_json::from_slice(&output.stdout).expect("it is answered");
        assert_eq!(told[0]["result"], 0, "{told}");
        scene.assert_serves();
        assert!(scene.resident_kib() < 96 << 10, "{} KiB", scene.resident_kib());
    });
}

/// The modules that add commands.
fn modules() -> Value {
    json!(
        ["lease_cmds", "stat_cmds", "class_cmds"]
            .map(|name| json!({"library": format!("libdhcp_{name}.so")}))
    )
}
