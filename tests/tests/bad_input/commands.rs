//! The control socket: too deep, too long, too slow, or no command at all.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use kotare_model::Chance;
use kotare_tests::world::{eventually, sandboxed};
use serde_json::{Value, json};

use crate::scene::{Scene, bytes};

fn connect(scene: &Scene<'_>) -> UnixStream {
    let stream = UnixStream::connect(scene.server.folder().join("control")).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(90))).expect("not zero");
    stream
}

/// Sends these bytes and returns what is answered.
fn say(scene: &Scene<'_>, bytes: &[u8]) -> String {
    let mut stream = connect(scene);
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("the server answers in UTF-8")
}

/// 64 KiB of opening brackets are refused, with the reason, before anything is built from them.
#[test]
fn brackets_without_end() {
    sandboxed("commands::brackets_without_end", |world| {
        let mut scene = Scene::new(world);
        for open in ["[", "{\"a\":", "[{\"a\":"] {
            let deep = open.repeat(65536 / open.len());
            let answer = say(&scene, deep.as_bytes());
            let told: Value = serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{open}: {answer:?}"));
            assert_eq!(told["result"], 1, "{told}");
            assert!(told["text"].as_str().is_some_and(|text| text.contains("deep")), "{told}");
        }
        scene.assert_serves();
    });
}

/// A client that connects and says nothing, or half a command, keeps nobody else waiting and is let go.
#[test]
fn silent_clients() {
    sandboxed("commands::silent_clients", |world| {
        let mut scene = Scene::new(world);
        let mut silent = connect(&scene);
        let mut halting = connect(&scene);
        halting.write_all(b"{\"command\": \"list").expect("the server reads");
        for _ in 0..20 {
            assert_eq!(scene.server.command("version-get", None)["result"], 0);
        }
        scene.assert_serves();
        for stream in [&mut silent, &mut halting] {
            // An answer that tells why is as good as none; the end of it is what counts.
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).expect("the server closes the connection of who says nothing");
        }
        scene.assert_serves();
    });
}

/// Many clients that hang up in the middle leave nothing behind.
#[test]
fn clients_that_hang_up() {
    sandboxed("commands::clients_that_hang_up", |world| {
        let mut scene = Scene::new(world);
        let open_files = |scene: &Scene<'_>| {
            std::fs::read_dir(format!("/proc/{}/fd", scene.server.pid())).expect("the server runs").count()
        };
        let before = open_files(&scene);
        for length in 0..300 {
            let command = b"{\"command\": \"config-get\"}";
            connect(&scene).write_all(&command[..length % command.len()]).expect("the server reads");
        }
        eventually("all connections are closed", || (open_files(&scene) <= before).then_some(()));
        scene.assert_serves();
    });
}

/// A command longer than any configuration is refused and its memory given back.
#[test]
fn a_huge_command() {
    sandboxed("commands::a_huge_command", |world| {
        let mut scene = Scene::new(world);
        let mut stream = connect(&scene);
        let _ = stream.write_all(b"{\"command\": \"");
        let chunk = vec![b'x'; 1 << 20];
        let _ = (0..256).try_for_each(|_| stream.write_all(&chunk));
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let told: Value = serde_json::from_str(&answer).unwrap_or_else(|_| panic!("JSON, not {answer:?}"));
        assert_eq!(told["result"], 1, "{told}");
        assert!(told["text"].as_str().is_some_and(|text| text.contains("longer than")), "{told}");
        drop(stream);
        scene.assert_serves();
        eventually("the memory is given back", || {
            (resident_kib(scene.server.pid()) < 128 << 10).then_some(())
        });
    });
}

/// Sixty megabytes of empty maps, from which a parser makes gigabytes, are refused before it sees them.
#[test]
fn very_many_values() {
    sandboxed("commands::very_many_values", |world| {
        let mut scene = Scene::new(world);
        let mut stream = connect(&scene);
        let _ = stream.write_all(b"{\"command\": \"config-test\", \"arguments\": [");
        let chunk = b"{},".repeat(1 << 20);
        let _ = (0..20).try_for_each(|_| stream.write_all(&chunk));
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.contains("the command has more than 2097152 values"), "{answer:?}");
        scene.assert_serves();
        assert!(peak_kib(scene.server.pid()) < 192 << 10, "{} KiB", peak_kib(scene.server.pid()));
    });
}

/// Many clients that say nothing and go on doing so keep nobody waiting.
#[test]
fn many_silent_clients() {
    sandboxed("commands::many_silent_clients", |world| {
        let mut scene = Scene::new(world);
        let silent: Vec<UnixStream> = (0..600).map(|_| connect(&scene)).collect();
        for mut stream in &silent[..300] {
            // Whoever was let go need not hear it.
            let _ = stream.write_all(b"{");
        }
        for _ in 0..20 {
            assert_eq!(scene.server.command("version-get", None)["result"], 0);
        }
        scene.assert_serves();
        drop(silent);
    });
}

/// The most memory the process had so far.
pub(crate) fn peak_kib(pid: u32) -> usize {
    status_kib(pid, "VmHWM:")
}

/// The memory that the process has.
pub(crate) fn resident_kib(pid: u32) -> usize {
    status_kib(pid, "VmRSS:")
}

fn status_kib(pid: u32, field: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or("0");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Bytes without meaning, and commands with some of them changed.
#[test]
fn noise_on_the_socket() {
    sandboxed("commands::noise_on_the_socket", |world| {
        let mut scene = Scene::new(world);
        let mut noise = Chance::new(3);
        let command = br#"{"command": "subnet4-select-test", "arguments": {"interface": "eth0", "address": "192.0.2.7"}}"#;
        for round in 0..600 {
            let bytes = if round % 2 == 0 {
                let len = noise.below(300);
                bytes(&mut noise, len)
            } else {
                let mut bytes = command.to_vec();
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
        scene.assert_serves();
    });
}

/// A configuration that is refused says why and changes nothing; clients are served meanwhile.
#[test]
fn nonsense_for_config_set() {
    sandboxed("commands::nonsense_for_config_set", |world| {
        let mut scene = Scene::new(world);
        let address = scene.lease(1).expect("a lease");
        let before = scene.server.command("config-get", None);
        let nonsense = [
            json!(null),
            json!([]),
            json!({}),
            json!({"Dhcp4": null}),
            json!({"Dhcp4": []}),
            json!({"Dhcp4": {"subnet4": 5}}),
            json!({"Dhcp4": {"subnet4": [{"id": 1, "subnet": "192.0.2.0/33"}]}}),
            json!({"Dhcp4": {"subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "10.0.0.0/24"}]}]}}),
            json!({"Dhcp4": {"subnet4": [{"id": 1, "subnet": "10.0.0.0/24"}, {"id": 1, "subnet": "10.0.1.0/24"}]}}),
            json!({"Dhcp4": {"valid-lifetime": -1}}),
            json!({"Dhcp4": {"valid-lifetime": 1e300}}),
            json!({"Dhcp4": {"no-such-keyword": true}}),
            json!({"Dhcp4": {"option-data": [{"name": "routers", "data": "nonsense"}]}}),
            json!({"Dhcp4": {"lease-database": {"type": "no-such-database"}}}),
            json!({"Dhcp4": {"lease-database": {"type": "memfile", "name": "/no/such/folder/leases.csv"}}}),
            json!({"Dhcp4": {"control-socket": {"socket-type": "unix", "socket-name": "/no/such/folder/socket"}}}),
            json!({"Dhcp4": {"client-classes": [{"name": "a", "test": "(((("}]}}),
            json!({"Dhcp4": {"loggers": [{"name": "kea-dhcp4", "output-options": [{"output": "/no/such/folder/log"}]}]}}),
            json!({"Dhcp4": {"hooks-libraries": [{"library": "libdhcp_flex_option.so", "parameters": {
                "options": [{"code": 100, "supersede": "(((("}]}}]}}),
            json!({"Dhcp4": {"hooks-libraries": [{"library": "libdhcp_ping_check.so"}], "subnet4": [{"id": 1,
                "subnet": "192.0.2.0/24", "user-context": {"ping-check": {"min-ping-requests": "many"}}}]}}),
            json!({"Dhcp6": {}}),
        ];
        for (round, arguments) in nonsense.into_iter().enumerate() {
            for command in ["config-test", "config-set"] {
                let told = scene.server.command(command, Some(arguments.clone()));
                // What only preparing can find is none of config-test's business.
                let named_folder = arguments.to_string().contains("/no/such/folder");
                if command == "config-set" || !named_folder {
                    assert_eq!(told["result"], 1, "{command} {arguments}: {told}");
                    assert!(told["text"].as_str().is_some_and(|text| text.len() > 10), "{told}");
                }
            }
            assert_eq!(scene.server.command("config-get", None), before, "{arguments} changed something");
            assert!(scene.confirms(1, address), "a client is served after {arguments}");
            if round % 5 == 0 {
                scene.assert_serves();
            }
        }
        scene.assert_serves();
    });
}
