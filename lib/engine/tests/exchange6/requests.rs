//! What is asked of the DNS when leases change.

use std::sync::{Arc, Mutex};

use kotare_config::v6::{Config6, FILE};
use kotare_config::{Input, read};
use kotare_engine::hooks::v6::Hooks6;
use kotare_engine::hooks::{LeaseEvent6, Observer6};
use kotare_engine::requests::{concerns, requests};
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value, json};

use crate::told::ask;
use crate::world::{World, config};

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
    let mut text = config(parameters);
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
