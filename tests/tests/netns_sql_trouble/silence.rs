//! A database server that takes connections and what is said in them, and says nothing any more.

use kotare_tests::database::Kind;
use kotare_tests::world::{ClientProgram, Server, World, eventually, lan_configuration};
use serde_json::{Value, json};

use crate::in_sandboxes;
use crate::kept::Kept;

in_sandboxes! {
    a_silent_mariadb_is_not_waited_for: |world| who_is_silent_is_not_waited_for(world, Kind::MariaDb);
    a_silent_postgresql_is_not_waited_for: |world| who_is_silent_is_not_waited_for(world, Kind::Postgres);
}

/// Leases, reservations and the configuration are in one that falls silent while clients and commands come: each command is
/// answered with what is wrong, what needs no database works as always, and when it speaks again everybody is served.
fn who_is_silent_is_not_waited_for(world: &World, kind: Kind) {
    let Some(mut kept) = Kept::in_server(kind) else { return };
    let map = kept.database.as_object_mut().expect("a map");
    let impatient = match kind {
        Kind::MariaDb => json!({"read-timeout": 1, "write-timeout": 1}),
        Kind::Postgres => json!({"tcp-user-timeout": 1}),
    };
    map.extend(impatient.as_object().cloned().unwrap_or_default());
    let patient = json!({"connect-timeout": 1, "max-reconnect-tries": 100_000, "reconnect-wait-time": 100,
        "on-fail": "serve-retry-continue"});
    map.extend(patient.as_object().cloned().unwrap_or_default());
    let lan = world.lan();
    let mut map = lan_configuration();
    map["lease-database"] = kept.database.clone();
    map["hosts-databases"] = json!([kept.database]);
    map["config-control"] = json!({"config-databases": [kept.database], "config-fetch-wait-time": 0});
    map["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"},
        {"library": "libdhcp_host_cmds.so"}, {"library": "libdhcp_cb_cmds.so"}]);
    let server = Server::kotare(world, &lan.server, "server", map);
    let mut clients = ClientProgram::ALL.map(|program| lan.client(program.name(), program));
    let had = clients[0].obtain().address();
    clients[0].kill();
    kept.server().freeze();
    clients[1].start();
    server.await_log(&["DHCP4_DB_RECONNECT_LOST_CONNECTION"]);
    let host = json!({"subnet-id": 1, "hw-address": "02:00:00:00:07:01", "ip-address": "192.0.2.7"});
    let asked: [(&str, Value); 6] = [
        ("lease4-get", json!({"ip-address": had})),
        ("lease4-get-all", json!({"subnets": [1]})),
        ("reservation-get-all", json!({"subnet-id": 1})),
        ("reservation-add", json!({"reservation": host, "operation-target": "database"})),
        ("remote-server4-set", json!({"servers": [{"server-tag": "one", "description": ""}]})),
        ("config-backend-pull", json!({})),
    ];
    for (command, arguments) in &asked {
        let answer = server.command(command, Some(arguments.clone()));
        assert_eq!(answer["result"], 1, "{command}: {answer}");
        assert!(
            answer["text"].as_str().is_some_and(|text| text.contains("no sign of")),
            "{command}: {answer}"
        );
    }
    let status = || server.command("status-get", None)["arguments"].take();
    assert_eq!(status()["lease-store"]["status"], "failing", "{}", status());
    assert_eq!(server.command("config-get", None)["result"], 0);
    assert_eq!(clients[1].address(), None);
    kept.server().thaw();
    eventually("the database answers", || (status()["lease-store"]["status"] == "ready").then_some(()));
    assert_ne!(clients[1].leased().address(), had);
    assert_eq!(clients[0].obtain().address(), had);
    for (command, arguments) in asked {
        let worked = || {
            let result = server.command(command, Some(arguments.clone()))["result"].take();
            (result == 0 || result == 3).then_some(())
        };
        eventually(command, worked);
    }
    assert!(server.stop());
}
