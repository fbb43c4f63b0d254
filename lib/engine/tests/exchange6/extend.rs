//! RENEW and REBIND (RFC 9915 §18.3.4, §18.3.5): what goes on, what ends, what is new.

use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::told::ask;
use crate::world::{World, config};

const REQUEST: MessageType = MessageType::REQUEST;
const RENEW: MessageType = MessageType::RENEW;
const REBIND: MessageType = MessageType::REBIND;

/// A lease is extended: it lasts from now on.
#[test]
fn a_lease_is_extended() {
    for kind in [RENEW, REBIND] {
        let mut world = World::new(config(json!({})));
        world.ask(&ask(REQUEST, 1).na(1, &[]).pd(2, &[]));
        world.pass(1000);
        let renewed = world.ask(&ask(kind, 1).na(1, &["2001:db8:1::10"]).pd(2, &["2001:db8:f000::/56"]));
        assert_eq!(
            renewed,
            "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000] \
             pd 2 t1=1000 t2=2000 [2001:db8:f000::/56 3000/4000]"
        );
        world.pass(3500);
        assert_eq!(world.held(), 2);
    }
}

/// A client that has no lease gets one; what it thinks it has is not valid any more.
#[test]
fn a_client_without_lease_gets_one() {
    let mut world = World::new(config(json!({})));
    let renewed = world.ask(&ask(RENEW, 1).na(1, &["2001:db8:1::99"]).pd(2, &["2001:db8:1234::/48"]));
    assert_eq!(
        renewed,
        "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000, 2001:db8:1::99 0/0] \
         pd 2 t1=1000 t2=2000 [2001:db8:f000::/56 3000/4000, 2001:db8:1234::/48 0/0]"
    );
    assert_eq!(world.leases().len(), 2);
}

/// A lease of an address that is of no pool any more ends, and another one begins.
#[test]
fn a_lease_out_of_pool_ends() {
    let mut world = World::new(config(json!({})));
    world.ask(&ask(REQUEST, 1).na(1, &["2001:db8:1::10"]));
    world.reconfigure(config(json!({ "pools": [{ "pool": "2001:db8:1::50/124" }] })));
    let renewed = world.ask(&ask(RENEW, 1).na(1, &["2001:db8:1::10"]));
    assert_eq!(renewed, "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::50 3000/4000, 2001:db8:1::10 0/0]");
    assert_eq!(world.leases(), ["2001:db8:1::50 IA_NA 1 client 1 in 1 default"]);
}

/// Nothing to extend and nothing to give.
#[test]
fn nothing_can_be_extended() {
    let mut world = World::new(config(json!({ "pools": [], "pd-pools": [] })));
    let renewed = world.ask(&ask(RENEW, 1).na(1, &["2001:db8:1::10"]).pd(2, &["::/56"]));
    assert_eq!(
        renewed,
        "REPLY na 1 t1=0 t2=0 [2001:db8:1::10 0/0, NoAddrsAvail: Sorry, no addresses could be assigned at this time.] \
         pd 2 t1=0 t2=0 [NoPrefixAvail: Sorry, no prefixes could be assigned at this time.]"
    );
}

/// On no subnet nothing is known of the client; a prefix that it rebinds may be another server's.
#[test]
fn a_client_is_on_no_subnet() {
    let mut world = World::new(config(json!({ "interface": "eth9" })));
    assert_eq!(
        world.ask(&ask(RENEW, 1).na(1, &[]).pd(2, &[])),
        "REPLY na 1 t1=0 t2=0 [NoBinding: Sorry, no known leases for this duid/iaid.] \
         pd 2 t1=0 t2=0 [NoBinding: Sorry, no known PD leases for this duid/iaid.]"
    );
    assert_eq!(
        world.ask(&ask(REBIND, 1).na(1, &[])),
        "REPLY na 1 t1=0 t2=0 [NoBinding: Sorry, no known leases for this duid/iaid.]"
    );
    assert!(world.ask(&ask(REBIND, 1).pd(2, &[])).starts_with("silent"));
    assert_eq!(["pkt6-receive-drop", "pkt6-processing-failed"].map(|name| world.stat(name)), [1, 1]);
}

/// What is in an association stands in order of code: the status of prefixes before them.
#[test]
fn a_status_stands_before_prefixes() {
    let mut world = World::new(config(json!({ "pd-pools": [] })));
    assert_eq!(
        world.ask(&ask(RENEW, 1).pd(2, &["2001:db8:f000::/56"])),
        "REPLY pd 2 t1=0 t2=0 [NoPrefixAvail: Sorry, no prefixes could be assigned at this time., \
         2001:db8:f000::/56 0/0]"
    );
}

/// Another name is no reason to write the lease of a young prefix for who asks once more, but for who renews it, and for who
/// asks for an address.
#[test]
fn a_young_prefix_is_left_with_its_name() {
    let mut world = World::new(config(json!({ "cache-threshold": 0.25 })));
    let named = |kind, name: &[u8]| {
        let fqdn = [&[0, 6][..], name, &[0]].concat();
        ask(kind, 1).na(1, &[]).pd(2, &[]).option(OptionCode::CLIENT_FQDN, &fqdn)
    };
    let names = |world: &World| -> Vec<String> {
        let leases = world.store.all();
        leases.iter().map(|lease| format!("{} {}", lease.lease_type.name(), lease.hostname)).collect()
    };
    world.ask(&named(REQUEST, b"first1"));
    world.ask(&named(REQUEST, b"second"));
    let after_request = names(&world);
    world.ask(&named(RENEW, b"second"));
    let after_renew = names(&world);
    assert!(after_request.iter().any(|it| it.contains("first1")), "{after_request:?}");
    assert!(after_request.iter().any(|it| it.contains("second")), "{after_request:?}");
    assert!(after_renew.iter().all(|it| it.contains("second")), "{after_renew:?}");
}

/// Within `cache-threshold` a lease is told as it is, with what is left of it; then it is extended.
#[test]
fn a_young_lease_is_left_as_it_is() {
    let mut world = World::new(config(json!({ "cache-threshold": 0.25 })));
    world.ask(&ask(REQUEST, 1).na(1, &[]));
    world.pass(900);
    let told = world.ask(&ask(RENEW, 1).na(1, &["2001:db8:1::10"]));
    assert_eq!(told, "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::10 2100/3100]");
    world.pass(101);
    let told = world.ask(&ask(RENEW, 1).na(1, &["2001:db8:1::10"]));
    assert_eq!(told, "REPLY na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000]");
}

/// RFC 7550 (RFC 9915 §18.3.4): what could not be given at first is asked for again with what is renewed, and given once it
/// can be.
#[test]
fn prefixes_come_with_a_renewal() {
    let mut world = World::new(config(json!({ "pd-pools": [] })));
    let address = "na 1 t1=1000 t2=2000 [2001:db8:1::10 3000/4000]";
    let none = |now: &str| {
        format!("REPLY {address} pd 1 t1=0 t2=0 [NoPrefixAvail: Sorry, no prefixes could be {now}.]")
    };
    assert_eq!(world.ask(&ask(REQUEST, 1).na(1, &[]).pd(1, &[])), none("allocated"));
    let renew = ask(RENEW, 1).na(1, &["2001:db8:1::10"]).pd(1, &[]);
    assert_eq!(world.ask(&renew), none("assigned at this time"));
    world.reconfigure(config(json!({})));
    let both = format!("REPLY {address} pd 1 t1=1000 t2=2000 [2001:db8:f000::/56 3000/4000]");
    assert_eq!(world.ask(&renew), both);
}
