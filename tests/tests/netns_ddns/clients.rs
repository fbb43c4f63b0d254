//! Real clients that say with options 81 and 39 what they are called and who is to tell the DNS.

use std::net::IpAddr;

use kotare_tests::world::{Client6Program, ClientProgram, Server, Server6, Wish, lan6_configuration};
use serde_json::{Value, json};

use crate::bind::Bind;
use crate::daemon::Ddns;
use crate::{FORWARD, OPEN, link, open, with_bind};

/// What the server tells the DNS of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Both,
    Reverse,
    Nothing,
}

/// What `dhclient` is configured with so that somebody tells the DNS, and what the server does then. It cannot say that nobody shall.
const DHCLIENT: [(&str, Told); 2] = [
    ("send fqdn.server-update on; send fqdn.encoded on;", Told::Both),
    ("send fqdn.server-update off;", Told::Reverse),
];

/// The same of `dhcpcd`.
const DHCPCD: [(&str, Told); 3] =
    [("fqdn both", Told::Both), ("fqdn ptr", Told::Reverse), ("fqdn none", Told::Nothing)];

/// Every client of these: its host, its program, what it is configured with, what it is called then, and what is told of that.
fn all<P: Copy>(dhclient: P, dhcpcd: P) -> Vec<(String, P, String, String, Told)> {
    let of_dhclient = DHCLIENT.into_iter().enumerate().map(|(at, (lines, told))| {
        // It may have another name than its host.
        let (host, name) = (format!("isc{at}"), format!("called{at}"));
        (host, dhclient, format!("send fqdn.fqdn \"{name}.{FORWARD}.\"; {lines}"), name, told)
    });
    let of_dhcpcd = DHCPCD.into_iter().enumerate().map(|(at, (line, told))| {
        let host = format!("roy{at}");
        (host.clone(), dhcpcd, line.to_owned(), host, told)
    });
    let all = of_dhclient.chain(of_dhcpcd);
    all.map(|(host, program, lines, name, told)| (host, program, lines, format!("{name}.{FORWARD}."), told))
        .collect()
}

/// Waits until the zones say of a name and its address what is to be told of them.
fn await_told(bind: &Bind, name: &str, address: IpAddr, told: Told) {
    let kind = if address.is_ipv4() { "A" } else { "AAAA" };
    let (forward, reverse) = (format!("1200 {kind} {address}"), format!("1200 PTR {name}"));
    let (forward, reverse): (&[&str], &[&str]) = match told {
        Told::Both => (&[&forward], &[&reverse]),
        Told::Reverse => (&[], &[&reverse]),
        Told::Nothing => (&[], &[]),
    };
    // The name of the address comes last.
    bind.await_records(&["-x", &address.to_string()], reverse);
    assert_eq!(bind.dig(&[name, kind]), forward, "{name}");
}

/// A map whose log tells all of names.
fn talkative(mut map: Value, logger: &str) -> Value {
    let output = json!([{"output": "stdout"}]);
    let logger = json!({"name": logger, "severity": "DEBUG", "debuglevel": 55, "output_options": output});
    map["loggers"].as_array_mut().expect("loggers").push(logger);
    map
}

/// Option 81 of `dhclient` and `dhcpcd`: the name in it is in the DNS as far as the client leaves that to the server, and goes with
/// the lease.
#[test]
fn option_81_names_clients() {
    with_bind("clients::option_81_names_clients", |world| {
        let (lan, bind, ddns, mut dhcp4) = link(world);
        dhcp4["expired-leases-processing"] = json!({"hold-reclaimed-time": 0});
        let server = Server::kotare(world, &lan.server, "server", talkative(dhcp4, "kea-dhcp4.ddns"));
        let all = all(ClientProgram::Dhclient, ClientProgram::Dhcpcd);
        for (host, program, lines, name, told) in &all {
            let mut client = lan.client(host, *program);
            client.configure(&[lines]);
            let address = client.obtain().address();
            let label = name.split('.').next().unwrap_or_default();
            server.await_log(&["DHCP4_CLIENT_FQDN_DATA", label]);
            await_told(&bind, name, address.into(), *told);
            assert!(server.lease_rows().iter().any(|row| row.contains(name.trim_end_matches('.'))), "{name}");
            client.release();
            await_told(&bind, name, address.into(), Told::Nothing);
        }
        let asked = all.iter().filter(|(.., told)| *told != Told::Nothing).count();
        assert_eq!(ddns.statistic("ncr-received"), 2 * asked as i64);
        assert!(server.stop());
    });
}

/// The same of option 39.
#[test]
fn option_39_names_clients() {
    with_bind("clients::option_39_names_clients", |world| {
        let lan = world.lan6();
        let bind = Bind::start(world, &lan.server, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
        let ddns = Ddns::kotare(world, &lan.server, open());
        let mut dhcp6 = talkative(lan6_configuration(), "kea-dhcp6.ddns");
        dhcp6["dhcp-ddns"] = json!({"enable-updates": true});
        dhcp6["ddns-qualifying-suffix"] = json!("example.com");
        dhcp6["expired-leases-processing"] = json!({"hold-reclaimed-time": 0});
        let server = Server6::kotare(world, &lan.server, "server", dhcp6);
        let all = all(Client6Program::Dhclient, Client6Program::Dhcpcd);
        for (host, program, lines, name, told) in &all {
            let mut client = lan.client(host, *program, Wish::Address);
            client.configure(&[lines]);
            let address = client.obtain().address.expect("it asks for one");
            await_told(&bind, name, address.into(), *told);
            client.release();
            await_told(&bind, name, address.into(), Told::Nothing);
        }
        let asked = all.iter().filter(|(.., told)| *told != Told::Nothing).count();
        assert_eq!(ddns.statistic("ncr-received"), 2 * asked as i64);
        // As Kea tells it.
        server.await_log(&["DHCP6_DDNS_CREATE_ADD_NAME_CHANGE_REQUEST", "CHG_ADD"]);
        assert!(server.stop());
    });
}
