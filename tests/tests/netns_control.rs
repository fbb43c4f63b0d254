//! The control channel as Kea's manual uses it: `socat` on the UNIX socket, `curl` on the HTTP one.

use std::io::{Read, Write};
use std::process::Stdio;

use kotare_tests::world::{Host, Server, lan_configuration, sandboxed};
use serde_json::{Value, json};

/// What a line of shell prints on a host, as JSON.
fn printed(host: &Host, line: &str) -> Value {
    let said = host.run("sh", &["-c", line]);
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{line}: {error}: {said:?}"))
}

/// Kea's manual, "Using the Control Channel": its commands, with our paths and addresses.
#[test]
fn the_manuals_tools_are_answered() {
    sandboxed("the_manuals_tools_are_answered", |world| {
        let lan = world.lan();
        let folder = world.path("server");
        let mut dhcp4 = lan_configuration();
        dhcp4["control-sockets"] = json!([
            {"socket-type": "unix", "socket-name": folder.join("control")},
            {"socket-type": "http", "socket-address": "192.0.2.1", "socket-port": 8000},
        ]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let socket = server.control_socket().display();
        let wanted = server.command("config-get", None);

        // In batch mode.
        let batch = |command: &str| {
            printed(&lan.server, &format!("echo '{command}' | socat UNIX:{socket} -,ignoreeof"))
        };
        assert_eq!(batch("{ \"command\": \"config-get\" }"), wanted);
        // "Data Syntax": the commands may have comments, and there are result codes.
        let commented = "{\n    \"command\": \"statistic-get\",\n    # the arguments are here.\n    \"arguments\": {\n        \
            \"name\": \"pkt4-received\"\n        /*\n        \"param2\": \"value2\",\n        */\n    }\n}";
        assert!(batch(commented)["arguments"]["pkt4-received"].is_array(), "{}", batch(commented));
        assert_eq!(batch("{ \"command\": \"foo\" }")["result"], 2);
        assert_eq!(batch("{ \"command\": \"subnet4o6-select-test\", \"arguments\": { } }")["result"], 3);
        assert_eq!(batch("not JSON")["result"], 1);

        // In interactive mode: the input stays open, and socat ends when the server has answered.
        let mut interactive = lan.server.command("socat");
        interactive.args([&format!("UNIX:{socket}"), "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = interactive.spawn().expect("socat can be started");
        let mut typed = child.stdin.take().expect("piped");
        typed.write_all(b"{\n  \"command\":\n").expect("it reads");
        typed.write_all(b"  \"config-get\"\n}\n").expect("it reads");
        let mut said = String::new();
        child.stdout.take().expect("piped").read_to_string(&mut said).expect("it prints text");
        drop(typed);
        assert!(child.wait().expect("it ends").success());
        assert_eq!(serde_json::from_str::<Value>(&said).expect("an answer is JSON"), wanted);

        // "HTTP Command Response Format": a list of one.
        let curl = "curl --silent --show-error -X POST -H \"Content-Type: application/json\" \
            -d '{ \"command\": \"config-get\" }' http://192.0.2.1:8000/";
        assert_eq!(printed(&lan.server, curl), json!([wanted]));
    });
}
