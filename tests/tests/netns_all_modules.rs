//! All hook libraries at once in one configuration, under load: whoever was acknowledged a lease has it, nothing is lost, and
//! memory stays. And some of them alone, with real clients.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;
use std::time::Duration;

use kotare_tests::libraries::{MORE, names, with_more};
use kotare_tests::radius::RadiusServer;
use kotare_tests::world::{
    Client6Program, ClientProgram, Family, Server, Server6, ServerOf, Turns, V4, V6, Wish, World,
    busy_configuration, busy6_configuration, eventually, lan_configuration, lan6_configuration, sandboxed,
};
use serde_json::{Value, json};

/// The library that wants a partner, and is tried with all others where there are pairs.
const OTHER: &str = "ha";
/// So many clients come, and come again, and so many exchanges they have in a turn.
const CLIENTS: u32 = 1000;
/// How much the memory of a server may grow, in kB, from the first turn to the last: much less than it takes to forget to
/// give back what a message needs.
const GROWTH: u64 = 6000;

/// Has a server take a lifetime from the database of configurations, which a command put there.
fn takes_what_is_in_the_database<F: Family>(server: &ServerOf<F>) {
    let digit = F::MAP.trim_start_matches("Dhcp");
    let remote = json!({"type": "sqlite"});
    let tell = |command: &str, arguments: Value| {
        let answer = server.command(command, Some(arguments));
        assert_eq!(answer["result"], 0, "{command}: {answer}");
        answer
    };
    let lifetime = json!({"remote": remote, "server-tags": ["all"], "parameters": {"valid-lifetime": 3000}});
    tell(&format!("remote-global-parameter{digit}-set"), lifetime);
    assert_eq!(server.command("config-backend-pull", None)["result"], 0);
    let shown = server.command("config-get", None);
    assert_eq!(shown["arguments"][F::MAP]["valid-lifetime"], 3000, "{shown}");
}

/// Each message went past the module of somebody else, if there is one, and none found it failing.
fn the_module_answers<F: Family>(server: &ServerOf<F>, replies: u64) {
    let status = server.command("status-get", None);
    for module in status["arguments"]["third-party-modules"].as_array().into_iter().flatten() {
        assert!(module["calls"].as_u64() >= Some(replies) && module["failures"] == 0, "{module}");
    }
}

/// What was made of `given` leases, in so many exchanges, is written down and counted, and nothing went wrong.
fn all_is_written_down<F: Family>(world: &World, server: ServerOf<F>, given: usize, replies: usize) {
    let lines = || -> usize {
        let files = fs::read_dir(world.path("logs")).expect("a folder").flatten();
        files.map(|file| fs::read_to_string(file.path()).expect("text").lines().count()).sum()
    };
    eventually("the legal log has a line for each lease", || (lines() >= given).then_some(()));
    let outcomes =
        || fs::read_to_string(world.path("outcome")).expect("text").matches("registered=no").count();
    eventually("there is an outcome of each reply", || (outcomes() >= replies).then_some(()));
    let durations = server.command("perfmon-get-all-durations", None);
    assert!(durations["arguments"]["durations"].as_array().is_some_and(|all| all.len() > 10), "{durations}");
    assert!(server.stop());
    let log = fs::read_to_string(world.path("server").join("log")).expect("a log");
    let wrong: Vec<&str> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert!(wrong.is_empty() && !log.contains("LOST"), "{wrong:?}");
}

/// Everybody is served.
#[test]
fn all_modules_work_together() {
    sandboxed("all_modules_work_together", |world| {
        let busy = world.busy();
        // Whoever is asked whether he uses an address is where nobody answers.
        busy.server.ip("route add 10.0.0.0/8 via 192.0.2.2");
        let _radius = RadiusServer::start(&busy.server);
        let map = with_more::<V4>(busy_configuration(), world.folder()).expect("files are made");
        let server = Server::kotare(world, &busy.server, "server", map);
        takes_what_is_in_the_database(&server);
        let clients = CLIENTS.to_string();
        let options = ["--clients", &clients, "--exchanges", &clients, "--in-flight", "16"];
        let patient = ["--seconds", "300", "--silence", "60", "--resend", "20"];
        let (mut given, mut memory) = (0, Vec::new());
        for _ in 0..3 {
            let (counted, acknowledged) = busy.load(&[&options[..], &patient].concat()).finish();
            // A client may have come twice before another came once.
            given = given.max(acknowledged.len());
            assert!(given > 900 && counted["resent"] == 0, "{counted}");
            memory.push(server.memory());
        }
        assert!(server.statistic("subnet[1].assigned-addresses") >= given as i64);
        assert_eq!(server.statistic("pkt4-receive-drop"), 0);
        assert!(memory[2] < memory[0] + GROWTH, "{memory:?} kB");
        the_module_answers(&server, 6 * given as u64);
        all_is_written_down(world, server, given, 6 * given);
    });
}

/// So is everybody of DHCPv6.
#[test]
fn all_modules_of_dhcpv6_work_together() {
    sandboxed("all_modules_of_dhcpv6_work_together", |world| {
        let busy = world.busy6();
        let _radius = RadiusServer::start(&busy.server);
        let map = with_more::<V6>(busy6_configuration(), world.folder()).expect("files are made");
        let server = Server6::kotare(world, &busy.server, "server", map);
        takes_what_is_in_the_database(&server);
        let mut memory = Vec::new();
        for _ in 0..3 {
            let turns = Turns {
                clients: CLIENTS,
                half: None,
                exchanges: Some(CLIENTS),
                silence: Duration::from_secs(20),
                until_silent: false,
            };
            let counted = busy.load(turns).ended();
            assert_eq!(counted.acknowledged.len(), CLIENTS as usize);
            assert_eq!((counted.resent, counted.refused), (0, 0));
            memory.push(server.memory());
        }
        assert_eq!(server.statistic("subnet[1].assigned-nas"), i64::from(CLIENTS));
        assert_eq!(server.statistic("pkt6-receive-drop"), 0);
        assert!(memory[2] < memory[0] + GROWTH, "{memory:?} kB");
        let given = CLIENTS as usize;
        the_module_answers(&server, 6 * given as u64);
        all_is_written_down(world, server, given, 6 * given);
    });
}

/// These are all that there are.
#[test]
fn no_library_is_left_out() {
    let all = |is_there: fn(&kotare_modules::Library) -> bool| -> BTreeSet<&str> {
        let there = kotare_modules::LIBRARIES.iter().filter(|library| is_there(library));
        there.map(|library| library.name).filter(|name| *name != OTHER).collect()
    };
    let loaded = |names: Vec<&'static str>| names.into_iter().chain(MORE).collect();
    assert_eq!(all(|library| library.v4.is_some()), loaded(names::<V4>()));
    assert_eq!(all(|library| library.v6.is_some()), loaded(names::<V6>()));
}

/// The events of each line of a log that has this identifier: their times and names.
fn events<'a>(log: &'a str, id: &str) -> Vec<Vec<(&'a str, &'a str)>> {
    let lines = log.lines().filter_map(|line| line.split_once(id)?.1.split_once(" events=["));
    let events = |told: &'a str| {
        told.trim_end_matches(']').split(", ").filter_map(|event| event.split_once(" : ")).collect()
    };
    lines.map(|(_, told)| events(told)).collect()
}

/// All messages of real clients went this way, one step after the other.
fn are_all_timed(log: &str, id: &str, least: usize) {
    let all = events(log, id);
    assert!(all.len() >= least, "{} lines with {id}", all.len());
    for events in all {
        let names: Vec<_> = events.iter().map(|(_, name)| *name).collect();
        let expected =
            ["socket_received", "buffer_read", "mt_queued", "process_started", "process_completed"];
        assert_eq!(names, expected, "{events:?}");
        assert!(events.is_sorted_by_key(|(time, _)| time), "{events:?}");
    }
}

/// Has the lines of `perfmon` written that tell of each message.
fn with_events(map: &mut Value, program: &str) {
    let logger = json!({"name": format!("{program}.perfmon-hooks"), "severity": "DEBUG", "debuglevel": 50,
        "output_options": [{"output": "stdout"}]});
    map["loggers"].as_array_mut().expect("loggers").push(logger);
}

/// It is told how messages of real clients went, and an alarm goes on when they take long: as long as somebody waits for the
/// answer to a ping.
#[test]
fn clients_are_timed() {
    sandboxed("clients_are_timed", |world| {
        let lan = world.lan();
        let mut map = lan_configuration();
        with_events(&mut map, "kea-dhcp4");
        let key = json!({"query-type": "DHCPDISCOVER", "response-type": "DHCPOFFER",
            "start-event": "process_started", "stop-event": "process_completed", "subnet-id": 1});
        let perfmon = json!({"enable-monitoring": true, "interval-width-secs": 1,
            "alarms": [{"duration-key": key, "high-water-ms": 40, "low-water-ms": 20}]});
        map["hooks-libraries"] = json!([
            {"library": "libdhcp_perfmon.so", "parameters": perfmon},
            {"library": "libdhcp_ping_check.so", "parameters": {"reply-timeout": 50, "ping-cltt-secs": 0}},
        ]);
        let server = Server::kotare(world, &lan.server, "server", map);
        for program in [ClientProgram::Udhcpc, ClientProgram::Dhclient] {
            lan.client(program.name(), program).obtain();
        }
        // An interval ends with the first message after it.
        let mut client = lan.client("again", ClientProgram::Udhcpc);
        eventually("an alarm is given", || {
            client.obtain();
            client.release();
            server.log().contains("PERFMON_ALARM_TRIGGERED").then_some(())
        });
        let told =
            "Alarm for DHCPDISCOVER-DHCPOFFER.process_started-process_completed.1 has been triggered since";
        server.await_log(&["WARN", told, "exceeds high-water-ms: 40"]);
        are_all_timed(&server.log(), "PERFMON_DHCP4_PKT_EVENTS", 6);
        let mean = "subnet-id[1].perfmon.DHCPDISCOVER-DHCPOFFER.process_started-process_completed.mean-usecs";
        assert!(server.statistic(mean) >= 50_000, "{}", server.statistic(mean));
    });
}

/// So it is of those of DHCPv6.
#[test]
fn clients_of_dhcpv6_are_timed() {
    sandboxed("clients_of_dhcpv6_are_timed", |world| {
        let lan = world.lan6();
        let mut map = lan6_configuration();
        with_events(&mut map, "kea-dhcp6");
        map["hooks-libraries"] =
            json!([{"library": "libdhcp_perfmon.so", "parameters": {"enable-monitoring": true}}]);
        let server = Server6::kotare(world, &lan.server, "server", map);
        for program in [Client6Program::Dhclient, Client6Program::Dhcpcd] {
            lan.client(program.name(), program, Wish::Address).obtain();
        }
        are_all_timed(&server.log(), "PERFMON_DHCP6_PKT_EVENTS", 4);
        let answer = server.command("perfmon-get-all-durations", Some(json!({"result-set-format": true})));
        let rows = answer["arguments"]["durations-result-set"]["rows"].to_string();
        for between in [
            r#""SOLICIT","ADVERTISE","socket_received","buffer_read",1"#,
            r#""REQUEST","REPLY","buffer_read","mt_queued",0"#,
            r#""REQUEST","REPLY","mt_queued","process_started",1"#,
        ] {
            assert!(rows.contains(between), "{between} in {rows}");
        }
    });
}

/// Who is not in the registry is served from the last subnet, until a line there says who it is.
#[test]
fn users_are_told_apart() {
    sandboxed("users_are_told_apart", |world| {
        let lan = world.lan();
        let mut known = lan.client("known", ClientProgram::Dhclient);
        let mut other = lan.client("other", ClientProgram::Udhcpc);
        let registry = world.path("registry");
        let user = |mac: &str, rest: &str| format!("{{\"type\": \"HW_ADDR\", \"id\": \"{mac}\"{rest}}}\n");
        let set = r#", "bootfile": "/boot/known", "tftp_server": "tftp.example.org""#;
        let first = user(&known.mac(), set);
        fs::write(&registry, &first).expect("a file");
        let mut map = lan_configuration();
        map["subnet4"].as_array_mut().expect("subnets").push(json!({
            "id": 9, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.10 - 198.51.100.99"}],
        }));
        let parameters = json!({"registry": registry, "outcome": world.path("outcome")});
        map["hooks-libraries"] = json!([{"library": "libdhcp_user_chk.so", "parameters": parameters}]);
        let server = Server::kotare(world, &lan.server, "server", map);
        let subnet = |address: Ipv4Addr| address.octets()[0];
        assert_eq!(subnet(known.obtain().address()), 192);
        assert_eq!(known.told("new_tftp_server_name").as_deref(), Some("tftp.example.org"));
        assert_eq!(known.told("new_filename").as_deref(), Some("/boot/known"));
        assert_eq!(subnet(other.obtain().address()), 198);
        fs::write(&registry, first + &user(&other.mac(), "")).expect("a file");
        eventually("the registry is read", || {
            // As fast as it can, so that outcomes never pause.
            other.release();
            (subnet(other.obtain().address()) == 192).then_some(())
        });
        let outcomes = || fs::read_to_string(world.path("outcome")).expect("text");
        eventually("outcomes are written down", || {
            let told = outcomes();
            (told.contains("registered=yes") && told.contains("registered=no")).then_some(())
        });
        assert!(server.stop());
    });
}

/// So it is with users of DHCPv6, who are known by their DUIDs.
#[test]
fn users_of_dhcpv6_are_told_apart() {
    sandboxed("users_of_dhcpv6_are_told_apart", |world| {
        let lan = world.lan6();
        let registry = world.path("registry");
        fs::write(&registry, "").expect("a file");
        let mut map = lan6_configuration();
        map["subnet6"].as_array_mut().expect("subnets").push(json!({
            "id": 9, "subnet": "2001:db8:9::/64", "pools": [{"pool": "2001:db8:9::/80"}],
        }));
        let parameters = json!({"registry": registry, "outcome": world.path("outcome")});
        map["hooks-libraries"] = json!([
            {"library": "libdhcp_user_chk.so", "parameters": parameters},
            {"library": "libdhcp_lease_cmds.so"},
        ]);
        let server = Server6::kotare(world, &lan.server, "server", map);
        let mut client = lan.client("client", Client6Program::Dhclient, Wish::Address);
        let address = client.obtain().address.expect("an address");
        assert_eq!(address.segments()[2], 9, "{address}");
        let lease = server.command("lease6-get", Some(json!({"ip-address": address})));
        let duid = lease["arguments"]["duid"].as_str().expect("a lease").to_owned();
        let set = r#""bootfile": "http://boot.example.org/known""#;
        fs::write(&registry, format!("{{\"type\": \"DUID\", \"id\": \"{duid}\", {set}}}\n")).expect("a file");
        eventually("the registry is read", || {
            client.release();
            let address = client.obtain().address.expect("an address");
            (address.segments()[2] == 1).then_some(())
        });
        let given = format!("id_type=DUID\nclient={duid}");
        eventually("outcomes are written down", || {
            let told = fs::read_to_string(world.path("outcome")).expect("text");
            (told.contains(&given) && told.contains("registered=yes")).then_some(())
        });
    });
}
