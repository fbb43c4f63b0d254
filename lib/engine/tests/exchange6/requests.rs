//! What is asked of the DNS when leases change.

use std::sync::{Arc, Mutex};

use kotare_config::v6::{Config6, FILE};
use kotare_config::{Input, read};
use kotare_engine::hooks::v6::Hooks6;
use kotare_engine::hooks::{LeaseEvent6, Observer6};
use kotare_engine::requests::{concerns, requests};
use kotare_testkit::logged;
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::told::ask;
use crate::world::{World, config, shared};

/// Asks at once, by a configuration of its own.
struct Asker(Config6, Mutex<Vec<String>>);

impl Observer6 for Asker {
    fn lease6(&self, event: &LeaseEvent6<'_>) {
        if !concerns(event.before, event.after) {
            return;
        }
        let asked = requests(&self.0, event.change, event.query.is_some(), event.before, event.after);
        let texts = asked.into_iter().map(|request| {
            let mut written: Value = serde_json::from_str(&request.expect("a name").to_json()).unwrap();
            let dhcid = written.as_object_mut().unwrap().remove("dhcid").unwrap();
            // Of a DUID, by SHA-256.
            assert!(dhcid.as_str().unwrap().starts_with("000201"), "{dhcid}");
            written.to_string()
        });
        self.1.lock().unwrap().extend(texts);
    }
}

fn world(parameters: Value) -> (World, Arc<Asker>) {
    holding(0, parameters)
}

/// A server that keeps leases for their clients for so many seconds.
fn holding(hold: u32, parameters: Value) -> (World, Arc<Asker>) {
    of(hold, config(parameters))
}

/// The same with this configuration.
fn of(hold: u32, mut text: Value) -> (World, Arc<Asker>) {
    text["Dhcp6"]["dhcp-ddns"] = json!({ "enable-updates": true });
    text["Dhcp6"]["expired-leases-processing"] = json!({ "hold-reclaimed-time": hold });
    let read = read::<Config6>(Input::Command("test", &text), &FILE);
    let config = read.unwrap_or_else(|refused| panic!("{refused}")).config;
    let asker = Arc::new(Asker(config, Mutex::default()));
    (World::with_hooks(text, Hooks6 { observers: vec![asker.clone()], ..Hooks6::default() }), asker)
}

const AT: &str = "2001:db8:1::15";

/// A client gets, renews or gives back an address and a prefix with this option 39.
fn exchange(world: &mut World, asker: &Asker, kind: MessageType, flags: u8, name: &[u8]) -> Vec<Value> {
    let message = ask(kind, 1).na(1, &[AT]).pd(2, &["2001:db8:f000:700::/56"]);
    world.ask(&message.option(OptionCode::CLIENT_FQDN, &[&[flags], name].concat()));
    let texts = std::mem::take(&mut *asker.1.lock().unwrap());
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

fn asked(change: u8, name: &str, forward: bool, ttl: u32, mode: &str) -> Value {
    json!({
        "change-type": change, "forward-change": forward, "reverse-change": true, "fqdn": name,
        "ip-address": AT, "lease-length": ttl, "conflict-resolution-mode": mode,
    })
}

/// Names of addresses come, change and go; prefixes have none.
#[test]
fn a_name_comes_changes_and_goes() {
    let (mut world, asker) = world(json!({ "ddns-qualifying-suffix": "example.com" }));
    let asked = |change, name, forward| asked(change, name, forward, 1333, "check-with-dhcid");
    let mut exchange = |kind, flags, name: &[u8]| exchange(&mut world, &asker, kind, flags, name);
    let [one, two] = ["one.example.com.", "two.example.com."];
    assert_eq!(exchange(MessageType::REQUEST, 1, b"\x03one"), [asked(0, one, true)]);
    assert_eq!(exchange(MessageType::RENEW, 1, b"\x03one"), [Value::Null; 0]);
    assert_eq!(exchange(MessageType::RENEW, 1, b"\x03two"), [asked(1, one, true), asked(0, two, true)]);
    assert_eq!(exchange(MessageType::RENEW, 0, b"\x03two"), [asked(1, two, true), asked(0, two, false)]);
    assert_eq!(exchange(MessageType::RELEASE, 0, b""), [asked(1, two, false)]);
    assert_eq!(exchange(MessageType::REQUEST, 4, b"\x03one"), [Value::Null; 0]);
}

/// Where records are remembered for another time than a part of the lifetime, the log says so.
#[test]
fn it_is_told_how_long_records_are_remembered() {
    for (parameters, id, numbers) in [
        (
            json!({ "ddns-ttl-max": 900 }),
            Some("DHCPSRV_DDNS_TTL_TOO_LARGE"),
            ["0.33333 ", " 4000 ", " 1333,", " 900"],
        ),
        (
            json!({ "ddns-ttl-percent": 0.1 }),
            Some("DHCPSRV_DDNS_TTL_TOO_SMALL"),
            ["0.1 ", " 4000 ", " 400,", " 600"],
        ),
        (json!({ "ddns-ttl-percent": 1.0 }), None, [""; 4]),
        (json!({ "ddns-ttl": 77 }), None, [""; 4]),
    ] {
        let (mut world, asker) = world(parameters);
        let (asked, lines) =
            logged(|| exchange(&mut world, &asker, MessageType::REQUEST, 1, b"\x03one\x04test\0"));
        assert_eq!(asked.len(), 1);
        let told: Vec<_> = lines.iter().filter(|line| line.id.starts_with("DHCPSRV_DDNS_TTL_")).collect();
        assert_eq!(told.iter().map(|line| line.id).collect::<Vec<_>>(), Vec::from_iter(id));
        assert!(told.iter().all(|line| numbers.iter().all(|number| line.text.contains(number))), "{told:?}");
    }
}

#[test]
fn a_declined_address_has_no_name() {
    let (mut world, asker) = world(json!({ "ddns-ttl-percent": 0.5, "ddns-ttl-max": 900 }));
    let name = b"\x03one\x04test\0";
    let asked = |change| asked(change, "one.test.", true, 900, "check-with-dhcid");
    assert_eq!(exchange(&mut world, &asker, MessageType::REQUEST, 1, name), [asked(0)]);
    assert_eq!(exchange(&mut world, &asker, MessageType::DECLINE, 1, name), [asked(1)]);
}

/// What a pool says holds for its addresses.
#[test]
fn every_level_says_what_is_asked_for() {
    let (mut world, asker) = world(json!({
        "ddns-conflict-resolution-mode": "check-exists-with-dhcid",
        "pools": [{ "pool": "2001:db8:1::10/124", "ddns-update-on-renew": true, "ddns-ttl": 77 }],
    }));
    let name = b"\x03one\x04test\0";
    let asked = |change| asked(change, "one.test.", true, 77, "check-exists-with-dhcid");
    assert_eq!(exchange(&mut world, &asker, MessageType::REQUEST, 1, name), [asked(0)]);
    assert_eq!(exchange(&mut world, &asker, MessageType::RENEW, 1, name), [asked(1), asked(0)]);
}

/// A world in which this is said globally, in a shared network, its subnet and the pool there.
fn levels(said: impl Fn(usize) -> Value) -> (World, Arc<Asker>) {
    let with = |mut map: Value, at: usize| {
        map.as_object_mut().unwrap().extend(said(at).as_object().unwrap().clone());
        map
    };
    let pool = with(json!({ "pool": "2001:db8:1::10/124" }), 3);
    let prefixes = json!([{ "prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56 }]);
    let subnet = json!({ "id": 1, "subnet": "2001:db8:1::/64", "pools": [pool], "pd-pools": prefixes });
    let mut text =
        shared(json!([with(subnet, 2)]), with(json!({ "ddns-qualifying-suffix": "example.com" }), 0));
    let network = &mut text["Dhcp6"]["shared-networks"][0];
    *network = with(network.take(), 1);
    of(0, text)
}

/// Of every parameter that counts which is said nearest to the address, and a 0 there is as if nothing had been said.
#[test]
fn what_is_said_nearest_counts() {
    const ONE: &[u8] = b"\x03one";
    let usual = "check-with-dhcid";
    let one = |name: &str, ttl| vec![asked(0, name, true, ttl, usual)];
    let same = || one("one.example.com.", 1333);
    let always =
        |prefix: &str| json!({ "ddns-replace-client-name": "always", "ddns-generated-prefix": prefix });
    let set = |keyword: &str, value: Value| json!({ keyword: value });
    let switch = |keyword: &str| [set(keyword, json!(true)), set(keyword, json!(false))];
    let turned = |keyword: &str| [set(keyword, json!(false)), set(keyword, json!(true))];
    // What is said further out and further in, the flags of option 39 and the name there, what is asked for at first.
    let cases = [
        (switch("ddns-send-updates"), 1, ONE, Vec::new()),
        (turned("ddns-send-updates"), 1, ONE, same()),
        (switch("ddns-override-no-update"), 4, ONE, Vec::new()),
        (turned("ddns-override-no-update"), 4, ONE, same()),
        (
            switch("ddns-override-client-update"),
            0,
            ONE,
            vec![asked(0, "one.example.com.", false, 1333, usual)],
        ),
        (turned("ddns-override-client-update"), 0, ONE, same()),
        ([always("outer"), set("ddns-replace-client-name", json!("never"))], 1, ONE, same()),
        ([always("outer"), always("inner")], 1, ONE, one("inner-2001-db8-1--15.example.com.", 1333)),
        (["outer.test", "inner.test"].map(|name| set("ddns-qualifying-suffix", json!(name))), 1, ONE, {
            one("one.inner.test.", 1333)
        }),
        (
            ["outer.test", ""].map(|name| set("ddns-qualifying-suffix", json!(name))),
            1,
            ONE,
            one("one.", 1333),
        ),
        (switch("ddns-update-on-renew"), 1, ONE, same()),
        ([77, 0].map(|ttl| set("ddns-ttl", json!(ttl))), 1, ONE, same()),
        ([77, 78].map(|ttl| set("ddns-ttl", json!(ttl))), 1, ONE, one("one.example.com.", 78)),
        ([0.5, 0.0].map(|part| set("ddns-ttl-percent", json!(part))), 1, ONE, same()),
        ([2000, 0].map(|ttl| set("ddns-ttl-min", json!(ttl))), 1, ONE, same()),
        ([700, 0].map(|ttl| set("ddns-ttl-max", json!(ttl))), 1, ONE, same()),
        (
            ["no-check-with-dhcid", usual].map(|mode| set("ddns-conflict-resolution-mode", json!(mode))),
            1,
            ONE,
            same(),
        ),
        (["[^a-z]", ""].map(|chars| set("hostname-char-set", json!(chars))), 1, b"\x05o_ne1", {
            one("o_ne1.example.com.", 1333)
        }),
        (["x", ""].map(|instead| set("hostname-char-replacement", json!(instead))), 1, b"\x04o_ne", same()),
    ];
    for ([outer, inner], flags, name, expected) in cases {
        for (far, near) in (0..4).flat_map(|near| (0..near).map(move |far| (far, near))) {
            let (mut world, asker) = levels(|at| match at {
                _ if at == far => outer.clone(),
                _ if at == near => inner.clone(),
                _ => json!({}),
            });
            let what = format!("{outer} on level {far}, {inner} on level {near}");
            let first = exchange(&mut world, &asker, MessageType::REQUEST, flags, name);
            assert_eq!(first, expected, "{what}");
            let renewed = exchange(&mut world, &asker, MessageType::RENEW, flags, name);
            assert_eq!(renewed, [Value::Null; 0], "{what}, renewed");
        }
    }
}

/// Every `ddns-*` parameter counts wherever it stands: globally, in a shared network, a subnet, a pool.
#[test]
fn every_parameter_counts_on_every_level() {
    const ONE: &[u8] = b"\x03one";
    let usual = "check-with-dhcid";
    let one = |ttl, mode: &str| vec![asked(0, "one.example.com.", true, ttl, mode)];
    let named = |name| vec![asked(0, name, true, 1333, usual)];
    // What is set, the flags of option 39 and the name there, what is asked for at first.
    let mut cases = vec![
        (json!({ "ddns-send-updates": false }), 1, ONE, Vec::new()),
        (json!({ "ddns-override-no-update": true }), 4, ONE, one(1333, usual)),
        (json!({ "ddns-override-client-update": true }), 0, ONE, one(1333, usual)),
        (
            json!({ "ddns-replace-client-name": "always", "ddns-generated-prefix": "gen" }),
            1,
            ONE,
            named("gen-2001-db8-1--15.example.com."),
        ),
        (json!({ "ddns-replace-client-name": "when-not-present" }), 1, ONE, one(1333, usual)),
        (
            json!({ "ddns-replace-client-name": "when-present" }),
            1,
            ONE,
            named("myhost-2001-db8-1--15.example.com."),
        ),
        (json!({ "ddns-qualifying-suffix": "inner.test" }), 1, ONE, named("one.inner.test.")),
        (json!({ "ddns-update-on-renew": true }), 1, ONE, one(1333, usual)),
        (json!({ "ddns-ttl": 77 }), 1, ONE, one(77, usual)),
        (json!({ "ddns-ttl-percent": 0.5 }), 1, ONE, one(2000, usual)),
        (json!({ "ddns-ttl-min": 2000 }), 1, ONE, one(2000, usual)),
        (json!({ "ddns-ttl-max": 700 }), 1, ONE, one(700, usual)),
        (
            json!({ "hostname-char-set": "[^a-z]", "hostname-char-replacement": "x" }),
            1,
            b"\x05o_ne1",
            named("oxnex.example.com."),
        ),
    ];
    for (_, mode) in kotare_ddns::ConflictResolution::ALL {
        cases.push((json!({ "ddns-conflict-resolution-mode": mode }), 1, ONE, one(1333, mode)));
    }
    for (set, flags, name, expected) in cases {
        for level in 0..4 {
            let (mut world, asker) = levels(|at| if at == level { set.clone() } else { json!({}) });
            let first = exchange(&mut world, &asker, MessageType::REQUEST, flags, name);
            assert_eq!(first, expected, "{set} on level {level}");
            let renewed = exchange(&mut world, &asker, MessageType::RENEW, flags, name).len();
            let again = if set["ddns-update-on-renew"] == true { 2 } else { 0 };
            assert_eq!(renewed, again, "{set} on level {level}, renewed");
        }
    }
}

/// What is given back and kept for its client stays in the DNS until it is taken anew.
#[test]
fn what_is_kept_stays_in_the_dns() {
    let (mut world, asker) = holding(3600, json!({}));
    let name = b"\x03one\x04test\0";
    let mut exchange = |kind, flags| exchange(&mut world, &asker, kind, flags, name);
    let asked = |change, ttl| asked(change, "one.test.", true, ttl, "check-with-dhcid");
    assert_eq!(exchange(MessageType::REQUEST, 1), [asked(0, 1333)]);
    assert_eq!(exchange(MessageType::RELEASE, 1), [Value::Null; 0]);
    assert_eq!(exchange(MessageType::REQUEST, 4), [asked(1, 600)]);
}
