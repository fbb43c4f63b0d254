//! All hook libraries at once in one configuration, under load: whoever was acknowledged a lease has it, and nothing is lost.

use std::fs;

use kotare_tests::world::{Server, World, busy_configuration, eventually, sandboxed};
use serde_json::{Value, json};

/// Libraries of other servers or that want more than a folder: partners, or databases.
const OTHERS: [&str; 2] = ["ha", "cb_cmds"];

/// What a library does not do without, or does otherwise for a test.
fn parameters(world: &World, library: &str) -> Value {
    let path = |name: &str| world.path(name).display().to_string();
    match library {
        "flex_id" => json!({"identifier-expression": "relay4[1].hex"}),
        "flex_option" => {
            json!({"options": [{"code": 67, "add": "concat('boot/', hexstring(pkt4.mac, '-'))"}]})
        }
        "lease_query" => json!({"requesters": ["192.0.2.250"]}),
        "legal_log" => json!({"path": path("logs"), "base-name": "who"}),
        // Nobody answers, and nobody shall wait for that.
        "ping_check" => json!({"enable-ping-check": false}),
        // Nobody listens there.
        "radius" => {
            let server = json!({"name": "127.0.0.1", "port": 1, "secret": "nobody's"});
            json!({"retries": 0, "timeout": 1, "accounting": {"servers": [server]}})
        }
        "rbac" => json!({"assign-role-method": "remote-address"}),
        "run_script" => json!({"name": path("script.sh")}),
        "user_chk" => json!({"registry": path("registry"), "outcome": path("outcome")}),
        _ => json!({}),
    }
}

/// A server with all libraries, and limits that are not reached.
fn configuration(world: &World) -> Value {
    fs::create_dir(world.path("logs")).expect("a folder");
    fs::write(world.path("registry"), "").expect("a file");
    let script = world.path("script.sh");
    fs::write(&script, "#!/bin/sh\n").expect("a script");
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it can be run");
    let mut map = busy_configuration();
    let limits = json!({"limits": {"address-limit": 1_000_000, "rate-limit": "1000000 packets per second"}});
    map["client-classes"] = json!([{"name": "gold", "test": "member('ALL')", "user-context": limits}]);
    map["subnet4"][0]["user-context"] = limits;
    let libraries = kotare_modules::LIBRARIES.iter().filter(|library| library.v4.is_some());
    let libraries = libraries.filter(|library| !OTHERS.contains(&library.name));
    let entry = |name: &str| json!({"library": format!("/nowhere/libdhcp_{name}.so"), "parameters": parameters(world, name)});
    map["hooks-libraries"] = libraries.map(|library| entry(library.name)).collect();
    map
}

/// Everybody is served, everything is written down and counted.
#[test]
fn all_modules_work_together() {
    sandboxed("all_modules_work_together", |world| {
        let busy = world.busy();
        let server = Server::kotare(world, &busy.server, "server", configuration(world));
        let options = ["--clients", "2000", "--exchanges", "2000", "--in-flight", "16"];
        let patient = ["--seconds", "300", "--silence", "60", "--resend", "20"];
        let load = busy.load(&[&options[..], &patient].concat());
        let (counted, acknowledged) = load.finish();
        // A client may have come twice before another came once.
        let given = acknowledged.len();
        assert!(given > 1900, "{counted}");
        assert!(server.statistic("subnet[1].assigned-addresses") >= given as i64, "{counted}");
        assert_eq!(server.statistic("pkt4-receive-drop"), 0);
        let lines = || -> usize {
            let files = fs::read_dir(world.path("logs")).expect("a folder").flatten();
            files.map(|file| fs::read_to_string(file.path()).expect("text").lines().count()).sum()
        };
        eventually("the legal log has a line for each lease", || (lines() >= given).then_some(()));
        let outcomes =
            || fs::read_to_string(world.path("outcome")).expect("text").matches("registered=no").count();
        eventually("there is an outcome of each reply", || (outcomes() >= 2 * given).then_some(()));
        assert!(server.stop());
        let log = fs::read_to_string(world.path("server").join("log")).expect("a log");
        // Each account that could not be given is one to be told of.
        let is_wrong = |line: &&str| line.contains("ERROR") && !line.contains(".radius-hooks/");
        let wrong: Vec<&str> = log.lines().filter(is_wrong).collect();
        assert!(wrong.is_empty() && !log.contains("LOST"), "{wrong:?}");
    });
}
