//! `kea-dhcp-ddns` with real DNS servers: BIND 9 takes its updates, `dig` reads them back.
//!
//! With `KOTARE_SERVER=kea`, `every_key_signs` runs Debian's. Kea 2.2 fails where a name keeps an address of the other family.

mod bind;
mod clients;
mod cut;
mod daemon;
mod differential;
mod durable;
mod durable6;
mod elsewhere;
mod ending;
mod gss_tsig;
mod keeping;
mod kerberos;
mod reconcile;
mod together;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use bind::{Bind, SECRET};
use daemon::{Ddns, request};
use kotare_ddns::{Algorithm, Change, ConflictResolution};
use kotare_tests::tell;
use kotare_tests::world::{
    Client6Program, ClientProgram, Lan, Server, Server6, Wish, World, eventually, lan_configuration,
    lan6_configuration, partner, partner_or_system, program, sandboxed,
};
use serde_json::{Value, json};

const CHECK: ConflictResolution = ConflictResolution::CheckWithDhcid;
const FORWARD: &str = "example.com";
const REVERSE: &str = "2.0.192.in-addr.arpa";
const REVERSE6: &str = "8.b.d.0.1.0.0.2.ip6.arpa";

/// The zones that whoever is on the machine may update.
const OPEN: [(&str, &str); 3] = [(FORWARD, "any"), (REVERSE, "any"), (REVERSE6, "any")];

/// A domain with one DNS server at port 53 of each of `addresses`.
fn domain(name: &str, addresses: &[&str]) -> Value {
    let servers: Vec<Value> = addresses.iter().map(|address| json!({"ip-address": address})).collect();
    json!({"name": format!("{name}."), "dns-servers": servers})
}

/// A map with the zones of [`OPEN`] at 127.0.0.1.
fn open() -> Value {
    let reverse = [domain(REVERSE, &["127.0.0.1"]), domain(REVERSE6, &["127.0.0.1"])];
    json!({
        "forward-ddns": {"ddns-domains": [domain(FORWARD, &["127.0.0.1"])]},
        "reverse-ddns": {"ddns-domains": reverse},
    })
}

/// Runs a test in a world of its own, unless BIND is not there.
fn with_bind(name: &str, test: fn(&World)) {
    match partner("named") {
        Some(_) => sandboxed(name, test),
        None => tell(&format!("skipped: {name} needs BIND, which is not unpacked")),
    }
}

/// A link with BIND and kea-dhcp-ddns beside the server that is to be, and the configuration of that: names are told.
fn link(world: &World) -> (Lan<'_>, Bind, Ddns, Value) {
    let lan = world.lan();
    let bind = Bind::start(world, &lan.server, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
    let ddns = Ddns::kotare(world, &lan.server, open());
    let mut dhcp4 = lan_configuration();
    dhcp4["dhcp-ddns"] = json!({"enable-updates": true});
    dhcp4["ddns-qualifying-suffix"] = json!("example.com");
    (lan, bind, ddns, dhcp4)
}

/// RFC 4703: a client of both families gets its names, forward and reverse; another client does not get them; what goes
/// leaves nothing behind.
#[test]
fn names_come_and_go() {
    with_bind("names_come_and_go", |world| {
        let host = world.host("dns");
        let bind = Bind::start(world, &host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
        let ddns = Ddns::kotare(world, &host, open());
        let name = "Host.example.com.";
        ddns.ask(&request(Change::Add, 1, name, "192.0.2.10", CHECK));
        bind.await_records(&[name, "A"], &["1200 A 192.0.2.10"]);
        ddns.ask(&request(Change::Add, 1, name, "2001:db8::10", CHECK));
        bind.await_records(&[name, "AAAA"], &["1200 AAAA 2001:db8::10"]);
        bind.await_records(&["-x", "192.0.2.10"], &["1200 PTR Host.example.com."]);
        bind.await_records(&["-x", "2001:db8::10"], &["1200 PTR Host.example.com."]);
        assert_eq!(bind.dig(&[name, "DHCID"]).len(), 1);

        // The client moves; its name goes with it.
        ddns.ask(&request(Change::Add, 1, name, "192.0.2.11", CHECK));
        bind.await_records(&[name, "A"], &["1200 A 192.0.2.11"]);
        // Another one wants it.
        ddns.ask(&request(Change::Add, 2, name, "192.0.2.12", CHECK));
        ddns.await_log(&["DHCP_DDNS_FORWARD_REPLACE_REJECTED", "Host.example.com., with an RCODE: 8"]);
        ddns.await_log(&[
            "DHCP_DDNS_ADD_FAILED",
            "Status: Failed, Event: UPDATE_FAILED_EVT,  Forward change: failed",
        ]);
        assert_eq!(bind.dig(&[name, "A"]), ["1200 A 192.0.2.11"]);
        assert!(bind.dig(&["-x", "192.0.2.12"]).is_empty());
        // And takes nothing away.
        ddns.ask(&request(Change::Remove, 2, name, "192.0.2.12", CHECK));
        ddns.await_log(&["DHCP_DDNS_REMOVE_SUCCEEDED", &id(2, name)]);
        assert_eq!(bind.dig(&[name, "A"]), ["1200 A 192.0.2.11"]);

        ddns.ask(&request(Change::Remove, 1, name, "192.0.2.11", CHECK));
        bind.await_records(&["-x", "192.0.2.11"], &[]);
        bind.await_records(&[name, "A"], &[]);
        assert_eq!((bind.dig(&[name, "AAAA"]).len(), bind.dig(&[name, "DHCID"]).len()), (1, 1));
        ddns.ask(&request(Change::Remove, 1, name, "2001:db8::10", CHECK));
        bind.await_records(&["-x", "2001:db8::10"], &[]);
        bind.await_records(&[name, "ANY"], &[]);
        assert_eq!(ddns.statistic("ncr-received"), 7);
        assert_eq!(ddns.statistic("update-signed"), 0);
        assert_eq!(ddns.statistic("update-success"), ddns.statistic("update-sent"));
        ddns.send(b"\0\x02{}");
        ddns.await_log(&["DHCP_DDNS_INVALID_NCR"]);
        assert_eq!(ddns.statistic("ncr-invalid"), 1);
        ddns.command("shutdown", json!({}));
        assert!(ddns.ends());
    });
}

/// Each way to resolve conflicts meets a name that the administrator gave, one of another client, and a free one.
#[test]
fn every_way_to_resolve_conflicts() {
    with_bind("every_way_to_resolve_conflicts", |world| {
        let host = world.host("dns");
        let bind = Bind::start(world, &host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
        let ddns = Ddns::kotare(world, &host, open());
        // The fixed name is tried last by those that take it.
        for (index, (way, _)) in [0, 2, 1, 3].into_iter().map(|at| ConflictResolution::ALL[at]).enumerate() {
            let (name, one, other) = (format!("n{index}.example.com."), 10 + index, 20 + index);
            let at = |host: usize| format!("192.0.2.{host}");
            ddns.ask(&request(Change::Add, 1, &name, &at(one), way));
            bind.await_records(&["-x", &at(one)], &[&format!("1200 PTR {name}")]);
            assert_eq!(bind.dig(&[&name, "A"]), [format!("1200 A {}", at(one))], "{way:?}");
            let owned = usize::from(way != ConflictResolution::NoCheckWithoutDhcid);
            assert_eq!(bind.dig(&[&name, "DHCID"]).len(), owned, "{way:?}");

            ddns.ask(&request(Change::Add, 2, &name, &at(other), way));
            let taken = way != CHECK;
            ddns.await_log(&[
                if taken { "DHCP_DDNS_ADD_SUCCEEDED" } else { "DHCP_DDNS_ADD_FAILED" },
                &id(2, &name),
            ]);
            let has = if taken { other } else { one };
            assert_eq!(bind.dig(&[&name, "A"]), [format!("1200 A {}", at(has))], "{way:?}");

            let fixed = request(Change::Add, 1, "fixed.example.com.", &at(30 + index), way);
            ddns.ask(&fixed);
            let takes = [ConflictResolution::NoCheckWithDhcid, ConflictResolution::NoCheckWithoutDhcid]
                .contains(&way);
            let expected =
                if takes { format!("1200 A {}", at(30 + index)) } else { "300 A 192.0.2.200".to_owned() };
            ddns.await_log(&[
                if takes { "DHCP_DDNS_ADD_SUCCEEDED" } else { "DHCP_DDNS_ADD_FAILED" },
                &fixed.dhcid.to_string(),
            ]);
            bind.await_records(&["fixed.example.com.", "A"], &[&expected]);

            let client = if taken { 2 } else { 1 };
            ddns.ask(&request(Change::Remove, client, &name, &at(has), way));
            bind.await_records(&["-x", &at(has)], &[]);
            bind.await_records(&[&name, "ANY"], &[]);
        }
    });
}

/// A client of both families in each way to resolve conflicts: its addresses stand beside each other, each goes by itself,
/// and where its client is asked for, another one gets neither.
#[test]
fn both_families_share_a_name_in_every_way() {
    with_bind("both_families_share_a_name_in_every_way", |world| {
        let host = world.host("dns");
        let bind = Bind::start(world, &host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
        let ddns = Ddns::kotare(world, &host, open());
        for (index, (way, _)) in ConflictResolution::ALL.into_iter().enumerate() {
            let name = format!("d{index}.example.com.");
            let (four, six) = (format!("192.0.2.{}", 40 + index), format!("2001:db8::{}", 40 + index));
            ddns.ask(&request(Change::Add, 1, &name, &four, way));
            bind.await_records(&["-x", &four], &[&format!("1200 PTR {name}")]);
            ddns.ask(&request(Change::Add, 1, &name, &six, way));
            bind.await_records(&["-x", &six], &[&format!("1200 PTR {name}")]);
            assert_eq!(bind.dig(&[&name, "A"]), [format!("1200 A {four}")], "{way:?}");
            assert_eq!(bind.dig(&[&name, "AAAA"]), [format!("1200 AAAA {six}")], "{way:?}");
            let owned = usize::from(way != ConflictResolution::NoCheckWithoutDhcid);
            assert_eq!(bind.dig(&[&name, "DHCID"]).len(), owned, "{way:?}");

            // Another client with the other family alone.
            let other = format!("2001:db8::{}", 50 + index);
            ddns.ask(&request(Change::Add, 2, &name, &other, way));
            let taken = way != CHECK;
            let said = if taken { "DHCP_DDNS_ADD_SUCCEEDED" } else { "DHCP_DDNS_ADD_FAILED" };
            ddns.await_log(&[said, &id(2, &name)]);
            let now = if taken { &other } else { &six };
            assert_eq!(bind.dig(&[&name, "AAAA"]), [format!("1200 AAAA {now}")], "{way:?}");
            assert_eq!(bind.dig(&[&name, "A"]), [format!("1200 A {four}")], "{way:?}");

            // One family goes, the other one stays.
            let client = if taken { 2 } else { 1 };
            ddns.ask(&request(Change::Remove, client, &name, now, way));
            bind.await_records(&["-x", now], &[]);
            assert_eq!(bind.dig(&[&name, "AAAA"]).len(), 0, "{way:?}");
            assert_eq!(bind.dig(&[&name, "A"]), [format!("1200 A {four}")], "{way:?}");
            ddns.ask(&request(Change::Remove, client, &name, &four, way));
            bind.await_records(&["-x", &four], &[]);
            bind.await_records(&[&name, "ANY"], &[]);
        }
    });
}

/// What the log calls a request of this client for this name.
fn id(client: u8, name: &str) -> String {
    request(Change::Add, client, name, "192.0.2.1", CHECK).dhcid.to_string()
}

/// Every algorithm signs, whole and cut short, and BIND believes it; without the right key nothing is changed.
#[test]
fn every_key_signs() {
    with_bind("every_key_signs", |world| {
        let host = world.host("dns");
        let (mut keys, mut zones, mut ours, mut domains) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (algorithm, name, _, length) in Algorithm::ALL {
            for bits in [length * 8, algorithm.shortest() * 8] {
                let key = format!("{}-{bits}.key", name.to_lowercase());
                let cut = if bits == length * 8 { String::new() } else { format!("-{bits}") };
                keys.push((key.clone(), format!("{}{cut}", name.to_lowercase())));
                zones.push((format!("{key}.test"), format!("key \"{key}\"")));
                let digest_bits = if cut.is_empty() { 0 } else { bits };
                ours.push(
                    json!({"name": key, "algorithm": name, "digest-bits": digest_bits, "secret": SECRET}),
                );
                let mut domain = domain(&format!("{key}.test"), &["127.0.0.1"]);
                domain["key-name"] = json!(key);
                domains.push(domain);
            }
        }
        // A zone for which we have no key, one with a wrong secret, one of a key that BIND does not know.
        zones.push(("missing.test".to_owned(), "key \"hmac-sha256-256.key\"".to_owned()));
        domains.push(domain("missing.test", &["127.0.0.1"]));
        for (zone, key) in [("wrong.test", "wrong.key"), ("unknown.test", "unknown.key")] {
            zones.push((zone.to_owned(), "key \"wrong.key\"".to_owned()));
            ours.push(json!({"name": key, "algorithm": "HMAC-SHA256", "secret": "d3Jvbmc="}));
            let mut domain = domain(zone, &["127.0.0.1"]);
            // The key of a server goes before that of the domain.
            domain["key-name"] = json!("hmac-sha256-256.key");
            domain["dns-servers"][0]["key-name"] = json!(key);
            domains.push(domain);
        }
        keys.push(("wrong.key".to_owned(), "hmac-sha256".to_owned()));
        let borrowed = |list: &[(String, String)]| -> Vec<(String, String)> { list.to_vec() };
        let (keys, zones) = (borrowed(&keys), borrowed(&zones));
        let keys: Vec<(&str, &str)> = keys.iter().map(|(one, other)| (&**one, &**other)).collect();
        let pairs: Vec<(&str, &str)> = zones.iter().map(|(one, other)| (&**one, &**other)).collect();
        let bind = Bind::start(world, &host, "127.0.0.1", &keys, &pairs).expect("BIND is unpacked");
        let map = json!({"tsig-keys": ours, "forward-ddns": {"ddns-domains": domains}});
        let ddns = Ddns::under_test(world, &host, map);
        let (good, bad) = zones.split_at(zones.len() - 3);
        for (zone, _) in good {
            let name = format!("host.{zone}.");
            ddns.ask(&request(Change::Add, 1, &name, "192.0.2.10", CHECK));
            bind.await_records(&[&name, "A"], &["1200 A 192.0.2.10"]);
            let key = zone.trim_end_matches(".test");
            assert_eq!(ddns.statistic(&format!("key[{key}.].update-success")), 1);
        }
        assert_eq!(ddns.statistic("update-signed"), good.len() as i64);
        for (zone, _) in bad {
            let name = format!("host.{zone}.");
            ddns.ask(&request(Change::Add, 1, &name, "192.0.2.10", CHECK));
            ddns.await_log(&["DHCP_DDNS_ADD_FAILED", &id(1, &name)]);
            assert!(bind.dig(&[&name, "A"]).is_empty(), "{zone}");
        }
        // Refused where nothing is signed; not believed where BIND cannot sign its answer.
        ddns.await_log(&["DHCP_DDNS_FORWARD_ADD_REJECTED", "host.missing.test., with an RCODE: 5"]);
        ddns.await_log(&["DHCP_DDNS_FORWARD_ADD_RESP_CORRUPT", "host.wrong.test."]);
        assert_eq!(ddns.statistic("key[wrong.key.].update-error"), 3);
        assert_eq!(ddns.statistic("key[unknown.key.].update-error"), 3);
        assert_eq!(ddns.statistic("update-unsigned"), 1);
    });
}

/// A DNS server that is away is tried three times, then the next one; one that does not serve the zone has the say.
#[test]
fn servers_are_tried_in_turn() {
    with_bind("servers_are_tried_in_turn", |world| {
        let host = world.host("dns");
        // Nobody is at 127.0.0.8; what is sent to 203.0.113.1 goes nowhere.
        host.ip("route add blackhole 203.0.113.1/32");
        let bind = Bind::start(world, &host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
        let domains = [
            domain(FORWARD, &["127.0.0.8", "203.0.113.1", "127.0.0.1"]),
            domain("refused.test", &["127.0.0.1"]),
        ];
        let reverse = domain(REVERSE, &["127.0.0.1"]);
        let ddns = Ddns::kotare(
            world,
            &host,
            json!({"dns-server-timeout": 100, "forward-ddns": {"ddns-domains": domains},
                "reverse-ddns": {"ddns-domains": [reverse]}}),
        );
        ddns.ask(&request(Change::Add, 1, "host.example.com.", "192.0.2.10", CHECK));
        bind.await_records(&["host.example.com.", "A"], &["1200 A 192.0.2.10"]);
        bind.await_records(&["-x", "192.0.2.10"], &["1200 PTR host.example.com."]);
        // As Kea counts it: nobody has answered in time where nobody is, and what cannot be sent has failed.
        let told = |message: &str| ddns.log().matches(message).count();
        // BIND itself may be late now and then, and is asked again.
        let late = ddns.statistic("update-timeout");
        assert!(late >= 3 && told("DHCP_DDNS_FORWARD_ADD_TIMEOUT") >= 3, "{}", ddns.log());
        assert_eq!(told("DHCP_DDNS_FORWARD_ADD_IO_ERROR"), 3, "{}", ddns.log());
        assert_eq!(ddns.statistic("update-error"), 3);
        assert_eq!(ddns.statistic("update-success"), 2);
        ddns.ask(&request(Change::Add, 1, "host.refused.test.", "192.0.2.11", CHECK));
        ddns.await_log(&["DHCP_DDNS_FORWARD_ADD_REJECTED", "host.refused.test., with an RCODE: 9"]);
        ddns.ask(&request(Change::Add, 1, "host.nowhere.test.", "192.0.2.11", CHECK));
        ddns.await_log(&["DHCP_DDNS_NO_FWD_MATCH_ERROR"]);

        // A server that hears and says nothing.
        let mut mute = host.command(partner_or_system("socat"));
        let mut mute =
            mute.args(["-u", "UDP-RECV:53,bind=127.0.0.9", "OPEN:/dev/null"]).spawn().expect("socat");
        let silent = domain(FORWARD, &["127.0.0.9", "127.0.0.1"]);
        let map = json!({"dns-server-timeout": 100, "forward-ddns": {"ddns-domains": [silent]}});
        ddns.write(map);
        ddns.signal("HUP");
        ddns.await_log(&["DCTL_CFG_FILE_RELOAD_SIGNAL_RECVD"]);
        eventually("the file is in effect", || {
            let shown = ddns.command("config-get", json!({}));
            (shown["arguments"]["DhcpDdns"]["reverse-ddns"]["ddns-domains"] == json!([])).then_some(())
        });
        eventually("the mute server listens", || {
            host.run(partner_or_system("ss"), &["-lun"]).contains("127.0.0.9:53").then_some(())
        });
        ddns.ask(&request(Change::Add, 1, "slow.example.com.", "192.0.2.12", CHECK));
        bind.await_records(&["slow.example.com.", "A"], &["1200 A 192.0.2.12"]);
        assert!(ddns.statistic("update-timeout") >= late + 3, "{}", ddns.log());
        let _ = mute.kill();
        let _ = mute.wait();
    });
}

/// A DNS server that is started again loses no request of who waits for it meanwhile, though nothing is kept.
#[test]
fn a_server_that_comes_back_is_heard() {
    with_bind("a_server_that_comes_back_is_heard", |world| {
        let host = world.host("dns");
        let mut map = open();
        map["dns-server-timeout"] = json!(5000);
        let ddns = Ddns::kotare(world, &host, map);
        ddns.ask(&request(Change::Add, 1, "host.example.com.", "192.0.2.10", CHECK));
        ddns.await_log(&["DHCP_DDNS_UPDATE_REQUEST_SENT"]);
        let bind = Bind::start(world, &host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
        bind.await_records(&["host.example.com.", "A"], &["1200 A 192.0.2.10"]);
        bind.await_records(&["-x", "192.0.2.10"], &["1200 PTR host.example.com."]);
        assert_eq!(ddns.statistic("ncr-received"), 1);
    });
}

/// Debian's kea-dhcp4 2.2 sends to ours: a real client's lease is in the DNS, and goes with it.
#[test]
fn a_server_of_debian_asks_ours() {
    with_bind("a_server_of_debian_asks_ours", |world| {
        let (lan, bind, ddns, mut dhcp4) = link(world);
        dhcp4["ddns-send-updates"] = json!(true);
        let Some(server) = Server::kea(world, &lan.server, "server", dhcp4) else {
            return tell("skipped: Debian's kea-dhcp4 is not unpacked");
        };
        let mut client = lan.client("laptop", ClientProgram::Dhclient);
        let address = client.obtain().address().to_string();
        bind.await_records(&["laptop.example.com.", "A"], &[&format!("1200 A {address}")]);
        bind.await_records(&["-x", &address], &["1200 PTR laptop.example.com."]);
        assert_eq!(ddns.statistic("ncr-received"), 1);
        client.release();
        bind.await_records(&["-x", &address], &[]);
        bind.await_records(&["laptop.example.com.", "ANY"], &[]);
        assert!(server.stop());
    });
}

/// Ours sends to ours: a real client's lease is in the DNS, changes nothing when it is renewed, and goes with it.
#[test]
fn our_server_asks_ours() {
    with_bind("our_server_asks_ours", |world| {
        let (lan, bind, ddns, mut dhcp4) = link(world);
        dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
        // Given back, a lease goes at once.
        dhcp4["expired-leases-processing"] = json!({"hold-reclaimed-time": 0});
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let mut client = lan.client("laptop", ClientProgram::Dhclient);
        let address = client.obtain().address().to_string();
        bind.await_records(&["laptop.example.com.", "A"], &[&format!("1200 A {address}")]);
        bind.await_records(&["-x", &address], &["1200 PTR laptop.example.com."]);
        assert_eq!(ddns.statistic("ncr-received"), 1);

        // Somebody took it away by hand.
        let resend =
            |address: &str| server.command("lease4-resend-ddns", Some(json!({"ip-address": address})));
        let way = ConflictResolution::NoCheckWithoutDhcid;
        ddns.ask(&request(Change::Remove, 9, "laptop.example.com.", &address, way));
        bind.await_records(&["-x", &address], &[]);
        let text = format!("NCR generated for: {address}, hostname: laptop.example.com");
        assert_eq!(resend(&address), json!({"result": 0, "text": text}));
        bind.await_records(&["-x", &address], &["1200 PTR laptop.example.com."]);
        assert_eq!(resend("192.0.2.250")["result"], 3);

        client.release();
        bind.await_records(&["-x", &address], &[]);
        bind.await_records(&["laptop.example.com.", "ANY"], &[]);

        // A lease that an operator removes, with its name.
        let address = client.obtain().address().to_string();
        bind.await_records(&["-x", &address], &["1200 PTR laptop.example.com."]);
        let named = json!({"ip-address": address, "update-ddns": true});
        assert_eq!(server.command("lease4-del", Some(named))["result"], 0);
        bind.await_records(&["-x", &address], &[]);
        bind.await_records(&["laptop.example.com.", "ANY"], &[]);
        assert!(server.stop());
    });
}

/// Names that an expression makes (`ddns_tuning`) are in the DNS and told to their clients; those of a class are not there.
#[test]
fn names_are_made_by_expressions() {
    with_bind("names_are_made_by_expressions", |world| {
        let (lan, bind, ddns, mut dhcp4) = link(world);
        dhcp4["client-classes"] = json!([{"name": "SKIP_DDNS", "test": "option[12].text == 'secret'"}]);
        dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_ddns_tuning.so",
            "parameters": {"hostname-expr": "'guest-' + option[12].text"}}]);
        let server = Server::kotare(world, &lan.server, "server", dhcp4);
        let mut secret = lan.client("secret", ClientProgram::Dhclient);
        let hidden = secret.obtain().address().to_string();
        let mut client = lan.client("laptop", ClientProgram::Dhclient);
        let address = client.obtain().address().to_string();
        bind.await_records(&["guest-laptop.example.com.", "A"], &[&format!("1200 A {address}")]);
        bind.await_records(&["-x", &address], &["1200 PTR guest-laptop.example.com."]);
        assert!(server.lease_rows().iter().any(|row| row.contains("guest-secret.example.com")));
        assert_eq!(ddns.statistic("ncr-received"), 1);
        assert!(bind.dig(&["-x", &hidden]).is_empty());
        client.release();
        assert!(server.stop());
    });
}

/// The same of DHCPv6, with a name that the server makes up.
#[test]
fn our_server_of_dhcpv6_asks_ours() {
    with_bind("our_server_of_dhcpv6_asks_ours", |world| {
        let lan = world.lan6();
        let bind = Bind::start(world, &lan.server, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
        let _ddns = Ddns::kotare(world, &lan.server, open());
        let mut dhcp6 = lan6_configuration();
        dhcp6["dhcp-ddns"] = json!({"enable-updates": true});
        dhcp6["ddns-qualifying-suffix"] = json!("example.com");
        dhcp6["ddns-replace-client-name"] = json!("when-not-present");
        dhcp6["ddns-ttl"] = json!(77);
        dhcp6["expired-leases-processing"] = json!({"hold-reclaimed-time": 0});
        let server = Server6::kotare(world, &lan.server, "server", dhcp6);
        let mut client = lan.client("laptop", Client6Program::Dhclient, Wish::Address);
        let address = client.obtain().told.addresses()[0].to_string();
        let name = format!("myhost-{}.example.com.", address.replace(':', "-"));
        bind.await_records(&[&name, "AAAA"], &[&format!("77 AAAA {address}")]);
        bind.await_records(&["-x", &address], &[&format!("77 PTR {name}")]);
        client.release();
        bind.await_records(&["-x", &address], &[]);
        bind.await_records(&[&name, "ANY"], &[]);
        assert!(server.stop());
    });
}

/// Makes an authority and a certificate of the server.
const CERTIFICATES: &str = "set -e
new='openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
$new -x509 -days 9 -subj /CN=authority -keyout ca.key -out ca.pem
$new -subj /CN=server -keyout server.key -out server.csr
printf 'subjectAltName=IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 -extfile server.ext -out server.pem
chmod 600 *.key";

/// Commands come over HTTP and HTTPS, too, from who knows the password, and secrets of keys from files.
#[test]
fn http_and_secret_files() {
    with_bind("http_and_secret_files", |world| {
        let host = world.host("dns");
        let keys = [("key", "hmac-sha256")];
        let bind = Bind::start(world, &host, "127.0.0.1", &keys, &[(FORWARD, "key \"key\"")]);
        let bind = bind.expect("BIND is unpacked");
        let folder = world.path("ddns");
        fs::create_dir_all(&folder).expect("make the folder");
        fs::write(folder.join("secret"), SECRET).expect("write the secret");
        host.run("sh", &["-c", &format!("cd '{}'; {CERTIFICATES}", folder.display())]);
        let mut forward = domain(FORWARD, &["127.0.0.1"]);
        forward["key-name"] = json!("key");
        let map = json!({
            "forward-ddns": {"ddns-domains": [forward]},
            "tsig-keys": [{"name": "key", "algorithm": "HMAC-SHA256", "secret-file": folder.join("secret")}],
            "control-sockets": [
                {"socket-type": "unix", "socket-name": folder.join("socket")},
                {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8053,
                    "authentication": {"type": "basic", "realm": "ddns", "clients": [{"user": "admin", "password": "p"}]}},
                {"socket-type": "https", "socket-address": "127.0.0.1", "socket-port": 8443, "cert-required": false,
                    "trust-anchor": folder.join("ca.pem"), "cert-file": folder.join("server.pem"),
                    "key-file": folder.join("server.key")},
            ],
        });
        let ddns = Ddns::kotare(world, &host, map);
        ddns.ask(&request(Change::Add, 1, "host.example.com.", "192.0.2.10", CHECK));
        bind.await_records(&["host.example.com.", "A"], &["1200 A 192.0.2.10"]);
        assert!(!ddns.log().contains(SECRET), "secrets are nobody's");
        let status = r#"{"command": "status-get"}"#;
        let ask = |more: &[&str]| {
            let common = ["--silent", "--header", "Content-Type: application/json", "--data", status];
            host.run("curl", &[&common[..], more, &["http://127.0.0.1:8053/"]].concat())
        };
        let answer = ask(&["--user", "admin:p"]);
        assert!(answer.contains("\"result\"") && answer.contains("\"uptime\""), "{answer}");
        let refused = ask(&["--output", "/dev/null", "--write-out", "%{http_code}"]);
        assert_eq!(refused.trim(), "401");

        // kea-shell asks over HTTPS, and knows the command.
        let ca = folder.join("ca.pem").display().to_string();
        let shell = |words: &[&str], typed: &str| {
            let mut command = host.command(program("kea-shell"));
            command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().expect("kea-shell can be started");
            child.stdin.take().expect("a pipe").write_all(typed.as_bytes()).expect("kea-shell reads");
            let output = child.wait_with_output().expect("kea-shell ends");
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
        };
        let https = ["--host", "127.0.0.1", "--port", "8443", "--ca", &ca];
        let told = shell(&[&https[..], &["ddns-reconcile"]].concat(), "\"dry-run\": true");
        assert!(told.contains("dhcp-servers"), "{told}");
        let told = shell(&["ddns-reconcile", "--help"], "");
        assert!(told.contains("dry-run"), "{told}");

        // A secret that is gone is a reason to go on as before.
        fs::remove_file(folder.join("secret")).expect("remove the secret");
        let answer = ddns.command("config-reload", json!({}));
        let text = answer["text"].as_str().unwrap_or_default();
        assert!(answer["result"] == 1 && text.contains("secret"), "{answer}");
        ddns.ask(&request(Change::Add, 1, "other.example.com.", "192.0.2.11", CHECK));
        bind.await_records(&["other.example.com.", "A"], &["1200 A 192.0.2.11"]);
    });
}

/// The life of a server: its commands, a configuration that is refused and changes nothing, signals.
#[test]
fn the_server_is_managed() {
    with_bind("the_server_is_managed", |world| {
        let host = world.host("dns");
        let ddns = Ddns::kotare(world, &host, open());
        let commands = ddns.command("list-commands", json!({}));
        let expected = [
            "build-report",
            "config-get",
            "config-hash-get",
            "config-reload",
            "config-set",
            "config-test",
            "config-write",
            "ddns-reconcile",
            "list-commands",
            "shutdown",
            "statistic-get",
            "statistic-get-all",
            "statistic-reset",
            "statistic-reset-all",
            "status-get",
            "version-get",
        ];
        assert_eq!(commands["arguments"], json!(expected));
        assert_eq!(ddns.command("version-get", json!({}))["text"], "3.3.1");
        let hash = ddns.command("config-hash-get", json!({}))["arguments"]["hash"].clone();
        for (map, reason) in [
            (json!({"port": 0}), "port"),
            (json!({"ip-address": "nowhere"}), "ip-address"),
            (json!({"ip-address": "192.0.2.77"}), "192.0.2.77:53001"),
            (json!({"ncr-protocol": "TCP"}), "UDP"),
            (
                json!({"tsig-keys": [{"name": "k", "algorithm": "HMAC-SHA512", "secret": "aaaa", "digest-bits": 128}]}),
                "digest-bits",
            ),
            (
                json!({"tsig-keys": [{"name": "k", "algorithm": "HMAC-MD5", "secret": "not base64"}]}),
                "base64",
            ),
            (json!({"forward-ddns": {"ddns-domains": [domain("a..b", &["127.0.0.1"])]}}), "a..b"),
        ] {
            for command in ["config-test", "config-set"] {
                // An address that the machine does not have is found out when it is to be used.
                if command == "config-test" && reason.starts_with("192") {
                    continue;
                }
                let answer = ddns.command(command, json!({"DhcpDdns": map}));
                let text = answer["text"].as_str().unwrap_or_default();
                assert!(answer["result"] == 1 && text.contains(reason), "{command} {map}: {answer}");
            }
        }
        assert_eq!(ddns.command("config-hash-get", json!({}))["arguments"]["hash"], hash);
        let answer = ddns.command("config-reload", json!({}));
        assert_eq!(answer["text"], "Configuration applied successfully.");
        assert_eq!(answer["arguments"]["hash"], hash);
        let answer = ddns.command("shutdown", json!({"type": "later"}));
        assert_eq!(answer, json!({"result": 1, "text": "Invalid Shutdown type: later"}));
        let answer = ddns.command("statistic-reset", json!({"name": "none"}));
        assert_eq!(answer, json!({"result": 1, "text": "No 'none' statistic found"}));
        let folder = world.path("ddns");
        let pid_file = folder.join("kea-dhcp-ddns.kea-dhcp-ddns.pid");
        assert!(fs::read_to_string(&pid_file).is_ok());
        ddns.signal("TERM");
        assert!(ddns.ends());
        assert!(!pid_file.exists());
        let log = fs::read_to_string(folder.join("log")).expect("a log");
        for id in
            ["DHCP_DDNS_STARTED", "DHCP_DDNS_CLEARED_FOR_SHUTDOWN", "DHCP_DDNS_RUN_EXIT", "DCTL_SHUTDOWN "]
        {
            assert!(log.contains(id), "{id} is in {log}");
        }
    });
}
