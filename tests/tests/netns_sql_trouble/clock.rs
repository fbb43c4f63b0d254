//! A database whose clock is wrong by an hour: leases begin and end by the server's own.

use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::tell;
use kotare_tests::world::{ClientProgram, Server, World, eventually, lan_configuration};
use serde_json::json;

use crate::in_sandboxes;
use crate::kept::Kept;

in_sandboxes! {
    a_wrong_clock_of_mariadb_changes_nothing: |world| a_wrong_clock_changes_nothing(world, Kind::MariaDb);
    a_wrong_clock_of_postgresql_changes_nothing: |world| a_wrong_clock_changes_nothing(world, Kind::Postgres);
}

/// Wrong by so many seconds.
const HOUR: i64 = 3600;

fn a_wrong_clock_changes_nothing(world: &World, kind: Kind) {
    let Some(clock) = world.own_clock("database") else {
        return tell("left out: libfaketime is not unpacked");
    };
    let Some(mut database) = DatabaseServer::made(kind, None) else { return };
    database.live_by(&clock);
    database.run();
    let kept = Kept::of(database);
    // What time it is there, and when a lease ends.
    let (now, ends) = match kind {
        Kind::MariaDb => ("UNIX_TIMESTAMP()", "UNIX_TIMESTAMP(expire)"),
        Kind::Postgres => {
            ("extract(epoch FROM clock_timestamp())::bigint", "extract(epoch FROM expire)::bigint")
        }
    };
    let lan = world.lan();
    let mut map = lan_configuration();
    map["lease-database"] = kept.database.clone();
    map["config-control"] = json!({"config-databases": [kept.database], "config-fetch-wait-time": 0});
    map["server-tag"] = json!("one");
    map["expired-leases-processing"] = json!({"reclaim-timer-wait-time": 1, "hold-reclaimed-time": 7200});
    map["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}, {"library": "libdhcp_cb_cmds.so"}]);
    let start = || Server::kotare(world, &lan.server, "server", map.clone());
    let mut server = start();
    let mut held = Vec::new();
    for (round, ahead) in [-HOUR, HOUR].into_iter().enumerate() {
        let done = |server: &Server, command: &str, arguments| {
            let mut answer = server.command(command, Some(arguments));
            assert_eq!(answer["result"], 0, "{command}: {answer}");
            answer["arguments"].take()
        };
        let add = |server: &Server, end: usize, lifetime: u32| {
            let (address, mac) = (format!("192.0.2.{end}"), format!("02:00:00:00:07:{end:02x}"));
            let lease =
                json!({"subnet-id": 1, "ip-address": address, "hw-address": mac, "valid-lft": lifetime});
            done(server, "lease4-add", lease);
            done(server, "lease4-get", json!({"ip-address": address}))
        };
        clock.set(ahead);
        let by_ours = add(&server, 10 + round, 1)["cltt"].as_i64().expect("a time");
        eventually("the clock of the database is wrong", || {
            let [Some(there)] = kept.numbers(&format!("SELECT {now}"))[..] else { panic!("a number") };
            (there - by_ours - ahead).abs().lt(&(HOUR / 2)).then_some(())
        });
        // It ends while by the clock of the database it does not, or would have long before.
        let lease = add(&server, 20 + round, 1800);
        eventually("what ended is reclaimed", || (server.statistic("reclaimed-leases") == 1).then_some(()));
        let address = u32::from_be_bytes([192, 0, 2, 20 + round as u8]);
        let kept_until = kept.numbers(&format!("SELECT {ends} FROM lease4 WHERE address = {address}"));
        let wanted = lease["cltt"].as_i64().map(|cltt| cltt + 1800);
        assert_eq!(kept_until, [wanted]);
        let mut client = lan.client(&format!("client{round}"), ClientProgram::ALL[round]);
        held.push(client.obtain().address());
        client.kill();
        // Changes of the configuration are seen in the order in which they were made.
        let parameters = json!({"valid-lifetime": 5000 + round});
        done(
            &server,
            "remote-global-parameter4-set",
            json!({"parameters": parameters, "server-tags": ["all"]}),
        );
        assert_eq!(server.command("config-backend-pull", None)["result"], 0);
        let shown = server.command("config-get", None)["arguments"]["Dhcp4"]["valid-lifetime"].take();
        assert_eq!(shown, 5000 + round);
        assert!(server.stop());
        server = start();
        for address in &held {
            assert_eq!(done(&server, "lease4-get", json!({"ip-address": address}))["state"], 0);
        }
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 2 * (round as i64 + 1));
        assert_eq!(server.statistic("reclaimed-leases"), 0);
    }
    assert!(server.stop());
}
