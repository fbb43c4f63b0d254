//! Configurations that change while clients are served.

use std::collections::BTreeSet;

use kotare_tests::world::{
    ClientProgram, Server, busy_configuration, eventually, lan_configuration, sandboxed,
};
use serde_json::{Value, json};

/// A configuration that is refused, however it comes, disturbs nothing: no packet is lost, and the answer says where it
/// is wrong.
#[test]
fn a_refused_configuration_loses_no_packet() {
    sandboxed("a_refused_configuration_loses_no_packet", |world| {
        let busy = world.busy();
        let server = Server::kotare(world, &busy.server, "server", busy_configuration());
        let before = server.command("config-get", None);
        let load = busy.lasting_load(&server, &["--in-flight", "32"]);
        let mut refused = busy_configuration();
        refused["subnet4"][0]["pools"][0]["pool"] = "10.0.0.1 - 11.0.0.1".into();
        server.write_configuration(refused.clone());
        for _ in 0..20 {
            for (command, arguments) in [
                ("config-set", Some(server.configuration(refused.clone()))),
                ("config-test", Some(server.configuration(refused.clone()))),
                ("config-reload", None),
            ] {
                let answer = server.command(command, arguments);
                assert_eq!(answer["result"], 1, "{command}: {answer}");
                let text = answer["text"].as_str().unwrap_or_default();
                assert!(text.contains("11.0.0.1"), "{command} says what is wrong: {text}");
            }
        }
        let (counted, _) = load.finish();
        assert_eq!((&counted["resent"], &counted["refused"]), (&json!(0), &json!(0)), "{counted}");
        assert_eq!(server.command("config-get", None), before);
    });
}

/// A new configuration takes effect between two packets: none is lost, and what is answered afterwards is by the new
/// one.
#[test]
fn a_new_configuration_loses_no_packet() {
    sandboxed("a_new_configuration_loses_no_packet", |world| {
        let busy = world.busy();
        let server = Server::kotare(world, &busy.server, "server", busy_configuration());
        let load = busy.lasting_load(&server, &["--in-flight", "32"]);
        for round in 0..10 {
            let mut dhcp4 = busy_configuration();
            dhcp4["valid-lifetime"] = (4000 + round).into();
            // Another way to name the same interface; its sockets stay.
            dhcp4["interfaces-config"]["interfaces"] = json!([if round % 2 == 0 { "*" } else { "eth0" }]);
            dhcp4["subnet4"].as_array_mut().expect("subnets").push(json!({
                "id": 2 + round, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.50 - 192.0.2.99"}],
            }));
            ok(&server.command("config-set", Some(server.configuration(dhcp4.clone()))));
            dhcp4["valid-lifetime"] = (5000 + round).into();
            server.write_configuration(dhcp4);
            ok(&server.command("config-reload", None));
        }
        let (counted, _) = load.finish();
        assert_eq!((&counted["resent"], &counted["refused"]), (&json!(0), &json!(0)), "{counted}");
        // Nor did a lease go uncounted that came while the leases were counted for the next configuration.
        let rows = server.lease_rows();
        let leases: BTreeSet<_> = rows.iter().filter_map(|row| row.split(',').next()).collect();
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), leases.len() as i64);
        let config = server.command("config-get", None);
        assert_eq!(config["arguments"]["Dhcp4"]["valid-lifetime"], 5009);
        assert_eq!(config["arguments"]["Dhcp4"]["subnet4"][1]["id"], 11);
    });
}

/// Another number of threads takes new threads and sockets; what that may cost is a few packets that clients send again,
/// not the service.
#[test]
fn another_number_of_threads_keeps_serving() {
    sandboxed("another_number_of_threads_keeps_serving", |world| {
        let busy = world.busy();
        let server = Server::kotare(world, &busy.server, "server", busy_configuration());
        let load = busy.lasting_load(&server, &["--in-flight", "32"]);
        for threads in [1, 3, 2] {
            let mut dhcp4 = busy_configuration();
            dhcp4["multi-threading"] = json!({"enable-multi-threading": true, "thread-pool-size": threads});
            ok(&server.command("config-set", Some(server.configuration(dhcp4))));
        }
        let before = server.statistic("pkt4-ack-sent");
        eventually("clients are served", || {
            (server.statistic("pkt4-ack-sent") > before + 1000).then_some(())
        });
        let (counted, _) = load.finish();
        assert!(counted["resent"].as_u64().is_some_and(|resent| resent <= 3 * 32), "{counted}");
    });
}

/// Kea's manual, "config-set": what it changes counts for the next client; `config-write` keeps it for the next start.
#[test]
fn a_configuration_that_was_set_and_written_is_there_after_a_restart() {
    sandboxed("a_configuration_that_was_set_and_written_is_there_after_a_restart", |world| {
        let lan = world.lan();
        let server = Server::under_test(world, &lan.server, "server", lan_configuration());
        let mut dhcp4 = lan_configuration();
        dhcp4["valid-lifetime"] = 1234.into();
        dhcp4["subnet4"][0]["option-data"][1]["data"] = "192.0.2.54".into();
        ok(&server.command("config-set", Some(server.configuration(dhcp4))));
        let lease = lan.client("first", ClientProgram::Udhcpc).obtain();
        assert_eq!((lease.lifetime(), lease.name_servers()), (1234, "192.0.2.54"));

        let file = server.folder().join("written.conf");
        ok(&server.command("config-write", Some(json!({"filename": file}))));
        let written = std::fs::read_to_string(file).expect("config-write wrote it");
        let written: Value = serde_json::from_str(&written).expect("config-write writes JSON");
        assert!(server.stop());
        let _server = Server::under_test(world, &lan.server, "server", written["Dhcp4"].clone());
        let lease = lan.client("second", ClientProgram::Udhcpc).obtain();
        assert_eq!((lease.lifetime(), lease.name_servers()), (1234, "192.0.2.54"));
    });
}

/// What the operator wrote in their own script and with every kind of quote is the same after any number of writes and
/// restarts, to the byte.
#[test]
fn a_configuration_survives_being_written_and_started_from() {
    sandboxed("a_configuration_survives_being_written_and_started_from", |world| {
        let lan = world.lan();
        let notes = "é 日本 \"quoted\" back\\slash \\u00e9 \u{1F600} tab\there \u{7f}/";
        let mut dhcp4 = lan_configuration();
        dhcp4["user-context"] = json!({"é": notes, "numbers": [0.1, 1e-7, 123456.789]});
        dhcp4["boot-file-name"] = "/日本/\\\"é\"".into();
        let mut server = Server::kotare(world, &lan.server, "server", dhcp4);
        let file = server.folder().join("kea-dhcp4.conf");
        let mut former = None;
        for _ in 0..3 {
            let shown = server.command("config-get", None);
            assert_eq!(shown["arguments"]["Dhcp4"]["user-context"]["é"], notes);
            assert_eq!(shown["arguments"]["Dhcp4"]["boot-file-name"], "/日本/\\\"é\"");
            let answer = server.command("config-write", None);
            ok(&answer);
            let written = std::fs::read_to_string(&file).expect("config-write wrote UTF-8");
            assert_eq!(answer["arguments"]["size"], written.len());
            assert_eq!(former.get_or_insert(written.clone()), &written);
            assert!(server.stop());
            server = Server::again(world, &lan.server, "server");
        }
    });
}

/// Kea's manual, "dhcp-disable": clients hear nothing while the service is disabled, and are served afterwards.
#[test]
fn a_disabled_service_is_silent() {
    sandboxed("a_disabled_service_is_silent", |world| {
        let lan = world.lan();
        let server = Server::under_test(world, &lan.server, "server", lan_configuration());
        ok(&server.command("dhcp-disable", Some(json!({"max-period": 600}))));
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        client.start();
        client.next(&["leasefail"]);
        assert_eq!(server.statistic("pkt4-offer-sent"), 0);
        ok(&server.command("dhcp-enable", None));
        client.leased();
    });
}

fn ok(answer: &Value) {
    assert_eq!(answer["result"], 0, "{answer}");
}
