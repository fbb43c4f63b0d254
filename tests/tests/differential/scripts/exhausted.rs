//! Pools that are full, and addresses that come free again.

use kotare_tests::world::sandboxed;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::json;

use super::{configuration, host, subnet};
use crate::packets::{Query, SERVER, mac};
use crate::stage::{Side, compare};

/// A pool of two addresses and more clients than that.
#[test]
fn a_full_pool() {
    sandboxed("scripts::exhausted::a_full_pool", |world| {
        let small = subnet(json!({"pools": [{"pool": "192.0.2.100 - 192.0.2.101"}]}));
        compare(world, &configuration(json!({"subnet4": [small]})), &[("full", full)]);
    });
}

/// A subnet without pools has nothing to offer and still informs.
#[test]
fn no_pool() {
    sandboxed("scripts::exhausted::no_pool", |world| {
        let none = subnet(json!({"pools": []}));
        compare(world, &configuration(json!({"subnet4": [none]})), &[("no pool", poor)]);
    });
}

/// An address whose lease has expired goes to whoever asks, reclaimed or not yet.
#[test]
fn expired_leases() {
    sandboxed("scripts::exhausted::expired_leases", |world| {
        let small = subnet(json!({"pools": [{"pool": "192.0.2.100 - 192.0.2.100"}]}));
        let dhcp4 = configuration(json!({
            "valid-lifetime": 1,
            "decline-probation-period": 1,
            "expired-leases-processing": {"reclaim-timer-wait-time": 0},
            "subnet4": [small],
        }));
        compare(world, &dhcp4, &[("expired", expire), ("probation", probation)]);
    });
}

fn expire(side: &mut Side) {
    let address = side.lease(1, |query| query);
    side.ask_until_answered("a second client", Query::discover(2));
    side.ask(
        "takes it",
        Query::request(2).server_id(SERVER).requested(address).option(OptionCode::LEASE_TIME, &[0, 0, 0, 9]),
    );
    side.ask("the first reboots", Query::request(1).requested(address));
    side.ask_until_answered("the first again", Query::discover(1));
}

fn probation(side: &mut Side) {
    side.ask_until_answered("the pool is free again", Query::discover(11));
    side.ask("lease", Query::request(11).server_id(SERVER).requested(host(100)));
    side.ask("decline", Query::new(MessageType::DECLINE, mac(11)).server_id(SERVER).requested(host(100)));
    side.ask_until_answered("after the probation", Query::discover(12));
    side.ask("taken", Query::request(12).server_id(SERVER).requested(host(100)));
}

fn full(side: &mut Side) {
    let first = side.lease(1, |query| query);
    let second = side.lease(2, |query| query);
    side.ask("a third", Query::discover(3));
    side.ask("a third that asks for one", Query::discover(3).requested(first));
    side.ask("a third that takes one", Query::request(3).server_id(SERVER).requested(first));
    side.ask("a third that takes none", Query::request(3).server_id(SERVER));
    side.ask("the first again", Query::discover(1));
    let release = Query::new(MessageType::RELEASE, mac(1)).holding(first).server_id(SERVER);
    side.ask("the first leaves", release);
    side.ask("the third comes", Query::discover(3));
    side.lease(3, |query| query);
    side.ask("the first is too late", Query::discover(1));
    side.ask("the first reboots", Query::request(1).requested(first));
    side.ask(
        "the second declines",
        Query::new(MessageType::DECLINE, mac(2)).server_id(SERVER).requested(second),
    );
    side.ask("the second again", Query::discover(2));
    side.ask("the second insists", Query::request(2).server_id(SERVER).requested(second));
}

fn poor(side: &mut Side) {
    side.ask("discover", Query::discover(1));
    side.ask("request", Query::request(1).server_id(SERVER).requested(host(100)));
    side.ask("inform", Query::new(MessageType::INFORM, mac(2)).holding(host(30)));
}
