//! Changes of many names at a time, several of which go in one message: zones are what they would be if each went by itself.

use std::net::UdpSocket;

use kotare_ddns::{Change, ChangeRequest};
use kotare_tests::tell;
use kotare_tests::world::{Host, World, eventually};
use serde_json::{Value, json};

use crate::bind::{Bind, SECRET};
use crate::daemon::{Ddns, request};
use crate::{CHECK, FORWARD, REVERSE, domain, with_bind};

const KEY: &str = "a-key.example.com";

/// A map with both zones, whose messages are signed.
fn signed(more: Value) -> Value {
    let domain = |zone: &str| {
        let mut domain = domain(zone, &["127.0.0.1"]);
        domain["key-name"] = json!(KEY);
        json!({"ddns-domains": [domain]})
    };
    let mut map = json!({
        "dns-server-timeout": 5000,
        "tsig-keys": [{"name": KEY, "algorithm": "HMAC-SHA256", "secret": SECRET}],
        "forward-ddns": domain(FORWARD),
        "reverse-ddns": domain(REVERSE),
    });
    for (keyword, value) in more.as_object().expect("a map") {
        map[keyword] = value.clone();
    }
    map
}

fn bind(world: &World, host: &Host) -> Bind {
    let by_key = format!("key \"{KEY}\"");
    let zones = [(FORWARD, &*by_key), (REVERSE, &by_key)];
    Bind::start(world, host, "127.0.0.1", &[(KEY, "hmac-sha256")], &zones).expect("BIND is unpacked")
}

/// Sends requests all at once, and waits until each has its end.
fn ask(ddns: &Ddns, requests: &[ChangeRequest]) {
    let before = ddns.ended();
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for request in requests {
        // Kea before 2.5 wants what later ones leave out.
        socket.send_to(&request.to_older_datagram("20991231000000"), "127.0.0.1:53001").expect("it is sent");
    }
    eventually("all requests have their end", || (ddns.ended() == before + requests.len()).then_some(()));
}

fn name(number: u8) -> String {
    format!("n{number}.example.com.")
}

fn address(number: u8) -> String {
    format!("192.0.2.{number}")
}

/// Requests that come at the same time, each about a name of its own: clients that come; some that move, others who want their
/// names, new ones between them; some that go, others who want to take away what is not theirs.
fn rounds() -> [Vec<ChangeRequest>; 3] {
    use Change::{Add, Remove};
    let come = (1..=60).map(|number| request(Add, number, &name(number), &address(number), CHECK));
    let move_on = (1..=60).map(|number| match number % 3 {
        0 => request(Add, number, &name(number), &address(number + 100), CHECK),
        1 => request(Add, number + 100, &name(number), &address(number + 100), CHECK),
        _ => request(Add, number + 100, &name(number + 100), &address(number + 100), CHECK),
    });
    let go = (1..=60).filter(|number| number % 3 != 2).map(|number| match number % 6 {
        0 => request(Remove, number, &name(number), &address(number + 100), CHECK),
        3 => request(Remove, number, &name(number), &address(number), CHECK),
        1 => request(Remove, number, &name(number), &address(number), CHECK),
        _ => request(Remove, number + 100, &name(number), &address(number), CHECK),
    });
    [come.collect(), move_on.collect(), go.collect()]
}

/// The zones after each round, without their heads, whose numbers say how often they were changed; and that of the first.
fn zones(bind: &Bind, ddns: &Ddns) -> (Vec<Vec<String>>, u32) {
    let mut changes = Vec::new();
    let after = rounds().map(|requests| {
        ask(ddns, &requests);
        changes.push(changed(bind, FORWARD));
        let mut records: Vec<String> =
            [FORWARD, REVERSE].iter().flat_map(|zone| bind.transfer(zone)).collect();
        records.retain(|record| !record.contains(" SOA "));
        records.sort();
        records
    });
    (after.into(), changes[0])
}

/// How often a zone was changed.
fn changed(bind: &Bind, zone: &str) -> u32 {
    let soa = bind.dig(&[zone, "SOA"]).remove(0);
    soa.split(' ')
        .nth(4)
        .and_then(|serial| serial.parse().ok())
        .unwrap_or_else(|| panic!("a number in {soa}"))
}

/// Together, one by one, and as Debian's server does it: zones are the same. Together it takes far fewer messages.
#[test]
fn zones_are_the_same_together_and_one_by_one() {
    with_bind("together::zones_are_the_same_together_and_one_by_one", |world| {
        // Requests are sent from here.
        let host = world.own_host("dns");
        let with = |map: Value| {
            let named = bind(world, &host);
            let ddns = Ddns::kotare(world, &host, map);
            let (zones, changes) = zones(&named, &ddns);
            let sent = ddns.statistic("update-sent");
            assert_eq!(ddns.statistic(&format!("key[{KEY}.].update-sent")), sent);
            assert_eq!((ddns.statistic("update-success"), ddns.statistic("update-signed")), (sent, sent));
            assert_eq!((ddns.statistic("update-timeout"), ddns.statistic("update-error")), (0, 0));
            let log = ddns.log();
            assert_eq!(log.matches(" DHCP_DDNS_UPDATE_REQUEST_SENT ").count() as i64, sent);
            assert_eq!(log.matches(" DHCP_DDNS_UPDATE_RESPONSE_RECEIVED ").count() as i64, sent);
            drop((named, ddns));
            let _ = std::fs::remove_dir_all(world.path("ddns"));
            (zones, changes, log.contains("KOTARE_DDNS_TAKEN_APART"))
        };
        let (together, messages, taken_apart) = with(signed(json!({})));
        let (one_by_one, changes, never) = with(signed(json!({"changes-per-update": 1})));
        for (round, (is, should)) in together.iter().zip(&one_by_one).enumerate() {
            assert_eq!(is, should, "round {round}");
        }
        assert!(taken_apart && !never);
        assert!(messages * 2 < changes, "{messages} messages instead of {changes}");
        // n1 stays who had it, n2 is there and another beside it, n3 has moved.
        assert!(one_by_one[1].contains(&"n1.example.com. A 192.0.2.1".to_owned()));
        assert!(one_by_one[1].contains(&"n102.example.com. A 192.0.2.102".to_owned()));
        assert!(one_by_one[1].contains(&"n3.example.com. A 192.0.2.103".to_owned()));
        assert!(!one_by_one[2].iter().any(|record| record.starts_with("n1.") || record.starts_with("n6.")));

        let named = bind(world, &host);
        let Some(ddns) = Ddns::kea(world, &host, signed(json!({}))) else {
            return tell("skipped: Debian's kea-dhcp-ddns is not unpacked");
        };
        let (theirs, _) = zones(&named, &ddns);
        assert_eq!(together[..2], theirs[..2]);
    });
}
