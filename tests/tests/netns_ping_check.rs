//! The hook library ping_check: a server asks whether somebody uses an address before it offers it.

use std::net::Ipv4Addr;

use kotare_tests::world::{
    ClientProgram, Lan, Server, World, eventually, lan_configuration, partner, sandboxed,
};
use serde_json::{Value, json};

fn address(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, last)
}

/// The usual server with the library, in a folder where there is no such file, and these parameters.
fn configuration(parameters: Value) -> Value {
    let mut dhcp4 = lan_configuration();
    dhcp4["hooks-libraries"] =
        json!([{"library": "/nowhere/libdhcp_ping_check.so", "parameters": parameters}]);
    dhcp4
}

fn serve(world: &World, lan: &Lan<'_>, parameters: Value) -> Server {
    Server::kotare(world, &lan.server, "server", configuration(parameters))
}

/// A host that uses an address of the pool without a lease. It answers when this returns: a new link passes nothing at
/// first.
fn squat(lan: &Lan<'_>, name: &str, last: u8) {
    lan.host(name).address("eth0", &format!("{}/24", address(last)));
    eventually("a host that uses an address answers", || {
        let mut ping = lan.server.command(partner("busybox")?);
        let answers = ping.args(["ping", "-c", "1", "-W", "1", &address(last).to_string()]).output();
        answers.is_ok_and(|output| output.status.success()).then_some(())
    });
}

/// Waits until so many lines of the log have this message, which are written beside what they tell of; more are a failure.
fn await_count(server: &Server, wanted: usize, message: &str) {
    eventually(&format!("{wanted} lines have {message:?}"), || {
        (count(server, message) >= wanted).then_some(())
    });
    assert_eq!(count(server, message), wanted, "{message}");
}

/// Has a client ask once, however long it takes to find out that an address is free.
const PATIENT: [&str; 2] = ["-T", "20"];

/// How many lines of the log have this message.
fn count(server: &Server, message: &str) -> usize {
    server.log().lines().filter(|line| line.contains(message)).count()
}

/// Addresses that somebody uses are put in probation, and the client is offered the next one at its first message.
#[test]
fn an_address_in_use_is_declined_and_the_next_is_offered() {
    sandboxed("an_address_in_use_is_declined_and_the_next_is_offered", |world| {
        let lan = world.lan();
        squat(&lan, "one", 100);
        squat(&lan, "two", 101);
        let server = serve(world, &lan, json!({"reply-timeout": 1000}));
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        client.arguments(&PATIENT);
        assert_eq!(client.obtain().address(), address(102));
        assert_eq!(server.statistic("pkt4-discover-received"), 1, "the first message was answered");
        assert_eq!(server.statistic("declined-addresses"), 2);
        assert_eq!(server.statistic("subnet[1].assigned-addresses"), 3);
        let rows = server.lease_rows();
        for squatted in [100, 101] {
            let declined = |row: &&String| {
                let columns: Vec<_> = row.split(',').collect();
                columns[0] == address(squatted).to_string() && columns[1].is_empty() && columns[9] == "1"
            };
            assert!(rows.iter().any(|row| declined(&row)), "{squatted} is declined in {rows:#?}");
            let line = format!("PING_CHECK_MGR_RECEIVED_ECHO_REPLY from {}, id ", address(squatted));
            await_count(&server, 1, &line);
        }
        let client = format!("[hwtype=1 {}]", client.mac());
        let free =
            format!("PING_CHECK_MGR_LEASE_FREE_TO_USE address {} is free to use for {client}", address(102));
        await_count(&server, 1, &free);
        let log = server.log();
        // What follows the last line end is still being written.
        let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let logged = |words: &str| whole.lines().filter(|line| line.contains(words)).count();
        assert_eq!(logged("kea-dhcp4.ping-check-hooks"), logged(" PING_CHECK_"));
        assert!(server.stop(), "it ends in order");
    });
}

/// While one client's address is asked for, others are served, also by the only worker; and each request is waited for.
#[test]
fn others_are_served_while_an_answer_is_waited_for() {
    sandboxed("others_are_served_while_an_answer_is_waited_for", |world| {
        let lan = world.lan();
        // The kernel looks for a neighbour as long as we wait, and does not say before that there is none.
        lan.server.run("sh", &["-c", "echo 60 >/proc/sys/net/ipv4/neigh/eth0/mcast_solicit"]);
        let parameters = json!({"reply-timeout": 3000, "min-ping-requests": 2});
        let mut dhcp4 = configuration(parameters);
        dhcp4["multi-threading"] = json!({"enable-multi-threading": true, "thread-pool-size": 1});
        dhcp4["loggers"][0]["debuglevel"] = 50.into();
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let mut first = lan.client("first", ClientProgram::Udhcpc);
        first.arguments(&PATIENT);
        let leased = first.obtain().address();
        let mut second = lan.client("second", ClientProgram::Udhcpc);
        second.arguments(&PATIENT);
        second.start();
        let of_second = |message: &str| {
            let (log, mac) = (server.log(), second.mac());
            log.lines().find(|line| line.contains(message) && line.contains(&mac)).map(str::to_owned)
        };
        let started = eventually("the second client's address is asked for", || {
            of_second("PING_CHECK_MGR_START_PING_CHECK")
        });
        first.begin_to_renew();
        let of_first = format!("{leased} has been allocated");
        eventually("the first client's lease is extended", || (count(&server, &of_first) > 1).then_some(()));
        assert_eq!(of_second("PING_CHECK_MGR_LEASE_FREE_TO_USE"), None, "the second client waits still");
        let asked = started.split("PING_CHECK_MGR_START_PING_CHECK for ").nth(1).unwrap_or_default();
        let asked = asked.split(',').next().unwrap_or_default();
        eventually("its address is found to be free", || of_second("PING_CHECK_MGR_LEASE_FREE_TO_USE"));
        for sent in ["1 of 2", "2 of 2"] {
            let line = format!(
                "PING_CHECK_MGR_REPLY_TIMEOUT_EXPIRED for {asked}, ECHO REQUEST {sent}, reply-timeout 3000"
            );
            await_count(&server, 1, &line);
        }
        assert_ne!(second.leased().address(), leased);
    });
}

/// An address that is reserved for a client is offered to it without asking, even if it answers: that is most probably the
/// client. Nor is asked when a lease is offered as it is.
#[test]
fn reserved_addresses_are_not_asked() {
    sandboxed("reserved_addresses_are_not_asked", |world| {
        let lan = world.lan();
        squat(&lan, "one", 150);
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let mut dhcp4 = configuration(json!({"reply-timeout": 1000, "ping-cltt-secs": 0}));
        dhcp4["cache-threshold"] = json!(0.9);
        dhcp4["subnet4"][0]["reservations"] =
            json!([{"hw-address": client.mac(), "ip-address": address(150)}]);
        let output = json!([{"output": "stdout"}]);
        dhcp4["loggers"].as_array_mut().expect("loggers").push(json!({"name": "kea-dhcp4.ping-check-hooks",
            "severity": "DEBUG", "debuglevel": 50, "output_options": output}));
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        for _ in 0..2 {
            assert_eq!(client.obtain().address(), address(150));
            client.kill();
        }
        await_count(&server, 1, "PING_CHECK_NO_LEASE_OR_LEASE_REUSED");
        assert_eq!(count(&server, "PING_CHECK_MGR_START_PING_CHECK"), 0);
        assert_eq!(count(&server, "DHCP4_SERVER_INITIATED_DECLINE"), 0);
    });
}

/// A client's own lease is offered to it without asking; nothing is asked in a subnet that does not want it, and wrong
/// settings of a subnet leave the server as it is.
#[test]
fn settings_of_a_subnet_and_of_a_new_configuration() {
    sandboxed("settings_of_a_subnet_and_of_a_new_configuration", |world| {
        let lan = world.lan();
        let server = serve(world, &lan, json!({}));
        let asked = || count(&server, "PING_CHECK_MGR_START_PING_CHECK");
        let mut client = lan.client("client", ClientProgram::Udhcpc);
        let leased = client.obtain().address();
        eventually("it is asked for", || (asked() == 1).then_some(()));
        client.kill();
        // It remembers nothing, so it asks as a new client would.
        assert_eq!(client.obtain().address(), leased);
        assert_eq!(asked(), 1, "its own lease is not asked for");

        let mut dhcp4 = configuration(json!({"ping-channel-threads": 3}));
        let shown = dhcp4["hooks-libraries"].clone();
        dhcp4["subnet4"][0]["user-context"] = json!({"ping-check": {"reply-timeout": 0}});
        let refused = server.command("config-set", Some(server.configuration(dhcp4.clone())));
        assert_eq!(refused["result"], 1, "{refused}");
        let text = refused["text"].as_str().unwrap_or_default();
        assert!(text.contains("subnet4[0]/user-context/ping-check/reply-timeout"), "{text}");
        dhcp4["subnet4"][0]["user-context"] = json!({"ping-check": {"enable-ping-check": false}});
        let set = server.command("config-set", Some(server.configuration(dhcp4.clone())));
        assert_eq!(set["result"], 0, "{set}");
        assert_eq!(server.command("config-get", None)["arguments"]["Dhcp4"]["hooks-libraries"], shown);
        let mut another = lan.client("another", ClientProgram::Dhclient);
        another.obtain();
        assert_eq!(asked(), 1, "the subnet does not want it");
        assert_eq!(count(&server, "PING_CHECK_MGR_STARTED"), 1, "the socket is handed on");
        assert_eq!(count(&server, "PING_CHECK_UNLOAD"), 0, "and so is the library");
        dhcp4["hooks-libraries"] = json!([]);
        let set = server.command("config-set", Some(server.configuration(dhcp4)));
        assert_eq!(set["result"], 0, "{set}");
        eventually("the library goes with the last configuration that names it", || {
            (count(&server, "PING_CHECK_UNLOAD") > 0).then_some(())
        });
    });
}
