//! Requests that are kept in a file: neither SIGKILL nor a DNS server that is away loses one.

use std::collections::BTreeMap;

use kotare_ddns::Change;
use kotare_model::Chance;
use kotare_tests::world::eventually;
use serde_json::{Value, json};

use crate::bind::Bind;
use crate::daemon::{Ddns, request};
use crate::{CHECK, OPEN, open, with_bind};

/// A map with the zones of [`OPEN`] whose requests are kept in a file in this folder.
fn kept(folder: &std::path::Path) -> Value {
    let mut map = open();
    map["dns-server-timeout"] = json!(100);
    map["request-queue"] = json!({"persist": true, "name": folder.join("requests")});
    map
}

fn accepted(ddns: &Ddns) -> usize {
    ddns.log().matches("DHCP_DDNS_QUEUE_MGR_QUEUE_RECEIVE").count()
}

/// Killed while the DNS server is away and while it is there, with changes of few names one after the other: in the end the
/// zone is what was asked for last.
#[test]
fn kills_and_a_dns_server_that_is_away_lose_nothing() {
    with_bind("keeping::kills_and_a_dns_server_that_is_away_lose_nothing", |world| {
        let host = world.host("dns");
        let map = kept(&world.path("ddns"));
        let mut chance = Chance::new(1);
        let mut names: BTreeMap<u8, u8> = BTreeMap::new();
        let mut asked = 0;
        let mut bind = None;
        for round in 0..8 {
            let ddns = Ddns::kotare(world, &host, map.clone());
            if round == 3 {
                ddns.await_log(&["KOTARE_DDNS_POSTPONED", "n0.example.com."]);
                bind = Some(Bind::start(world, &host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked"));
            }
            for _ in 0..12 {
                // Names are added and removed in turn, at addresses of their own.
                let name = chance.below(4) as u8;
                let change = names.entry(name).or_default();
                let kind = if change.is_multiple_of(2) { Change::Add } else { Change::Remove };
                *change += 1;
                ddns.ask(&request(
                    kind,
                    name,
                    &format!("n{name}.example.com."),
                    &format!("192.0.2.{}", 10 + name),
                    CHECK,
                ));
                asked += 1;
            }
            eventually("all requests are accepted", || (accepted(&ddns) == asked).then_some(()));
            ddns.signal("KILL");
        }
        let bind = bind.expect("it was started");
        let ddns = Ddns::kotare(world, &host, map);
        for (name, changes) in names {
            let (fqdn, address) = (format!("n{name}.example.com."), format!("192.0.2.{}", 10 + name));
            let there = !changes.is_multiple_of(2);
            let (a, ptr) = (format!("1200 A {address}"), format!("1200 PTR {fqdn}"));
            let expected = |record| if there { vec![record] } else { Vec::new() };
            bind.await_records(&[&fqdn, "A"], &expected(a.as_str()));
            bind.await_records(&["-x", &address], &expected(ptr.as_str()));
        }
        ddns.signal("TERM");
        let file = world.path("ddns").join("requests");
        assert!(ddns.ends());
        // It has a head and nothing that is not done.
        let text = std::fs::read_to_string(&file).expect("the file");
        let came: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix('+')?.split(' ').next()).collect();
        let done: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix('-')).collect();
        assert!(came.iter().all(|number| done.contains(number)), "{text}");
    });
}

/// Another process that has the file, a file that is something else, and a change while it runs are refused, with a reason.
#[test]
fn a_queue_file_is_one_servers() {
    with_bind("keeping::a_queue_file_is_one_servers", |world| {
        let host = world.host("dns");
        let map = kept(&world.path("ddns"));
        let ddns = Ddns::kotare(world, &host, map.clone());
        let mut other = map.clone();
        other["request-queue"]["max-queue-size"] = json!(200);
        let answer = ddns.command("config-set", json!({"DhcpDdns": other}));
        let text = answer["text"].as_str().unwrap_or_default();
        assert!(answer["result"] == 1 && text.contains("restart it"), "{answer}");
        assert_eq!(ddns.command("config-reload", json!({}))["result"], 0);
        ddns.signal("KILL");
        drop(ddns);
        std::fs::write(world.path("ddns").join("requests"), "address,hwaddr\n").expect("write the file");
        let ended = Ddns::try_kotare(world, &host, map);
        assert!(ended.contains("the file is no journal"), "{ended}");
    });
}
