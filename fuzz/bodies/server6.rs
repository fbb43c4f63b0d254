//! Any datagrams, through relay agents or not, one after the other, to a server with few addresses and prefixes and leases
//! that end.
//!
//! Before each datagram stand a byte that says where it comes from and what happens before, and its length in two bytes.

use std::net::Ipv6Addr;
use std::time::Duration;

use kotare_engine::expire;
use kotare_model::{Lease6, LeaseState, LeaseType};
use kotare_testkit::{logged, run};
use kotare_wire::v6::{Association, IaAddress, IaPrefix, Index, Message, MessageType, OptionCode};
use serde_json::{Value, json};

use crate::told::SERVER_ID;
use crate::world::{World, duid, shared};

/// Panics when an answer is none to its message or goes another way, an address or a prefix is not the server's to give or
/// another's, prefixes overlap, the statistics have lost count, or a client has its way with the log.
pub(crate) fn check(input: &[u8]) {
    let ((), lines) = logged(|| serve(input));
    for line in &lines {
        assert!(!line.text.chars().any(|char| char.is_control() && char != '\n'), "{line:?}");
        assert!(line.text.len() < 80_000, "{line:?}");
    }
}

fn serve(input: &[u8]) {
    let mut world = World::new(config());
    let mut rest = input;
    while let Some((&[how, high, low], tail)) = rest.split_first_chunk() {
        let len = usize::from(u16::from_be_bytes([high, low])).min(tail.len());
        let (datagram, tail) = tail.split_at(len);
        rest = tail;
        pass_time(&mut world, how >> 2);
        let sources = ["fe80::c1", "2001:db8:1::11", "2001:db8:1::77", "2001:db8:3::1"];
        world.source = sources[usize::from(how & 3)].parse().expect("an address");
        let before = world.store.all();
        if let Ok(served) = world.outcome(datagram) {
            let (mut of_query, mut of_reply) = (Index::new(), Index::new());
            let query = Message::parse(datagram, &mut of_query).expect("only messages are answered");
            let reply = Message::parse(&served.bytes, &mut of_reply).expect("a reply is a message");
            answers(&query, &reply);
            gives(&world, &query, &reply, &before);
        }
    }
    let leases = world.store.all();
    let mut spans: Vec<_> = leases.iter().filter(|lease| lease.held(world.now)).map(span).collect();
    spans.sort_unstable();
    assert!(spans.windows(2).all(|two| two[0].1 < two[1].0), "{:#?}", world.leases());
    for subnet in 1..=3 {
        for (kind, name) in [(LeaseType::Na, "assigned-nas"), (LeaseType::Pd, "assigned-pds")] {
            let counted = |lease: &&Lease6| {
                let is_assigned = matches!(lease.state, LeaseState::Assigned | LeaseState::Declined);
                lease.subnet_id.0 == subnet && lease.lease_type == kind && is_assigned
            };
            let count = leases.iter().filter(counted).count() as i64;
            assert_eq!(world.stat(&format!("subnet[{subnet}].{name}")), count, "{:#?}", world.leases());
        }
    }
}

/// A network of two subnets on `eth0`, and a subnet behind a relay agent.
fn config() -> Value {
    let subnets = json!([
        {
            "id": 1, "subnet": "2001:db8:1::/64", "rapid-commit": true,
            "pools": [{ "pool": "2001:db8:1::10/126" }],
            "pd-pools": [{
                "prefix": "2001:db8:f000::", "prefix-len": 54, "delegated-len": 56,
                "excluded-prefix": "2001:db8:f000:f0::", "excluded-prefix-len": 60,
            }],
            "reservations": [{
                "duid": duid(1), "ip-addresses": ["2001:db8:1::12"], "prefixes": ["2001:db8:f000:200::/56"],
            }],
        },
        {
            "id": 2, "subnet": "2001:db8:2::/64", "rapid-commit": true,
            "pools": [{ "pool": "2001:db8:2::10/127" }],
            "pd-pools": [{ "prefix": "2001:db8:e000::", "prefix-len": 55, "delegated-len": 57 }],
        },
    ]);
    let far = json!([{
        "id": 3, "subnet": "2001:db8:3::/64", "interface-id": "far", "store-extended-info": true,
        "pools": [{ "pool": "2001:db8:3::10/126" }],
    }]);
    let options = json!([{ "name": "dns-servers", "data": "2001:db8::53" }]);
    shared(
        subnets,
        json!({
            "subnet6": far, "option-data": options, "relay-supplied-options": ["65"], "mac-sources": ["any"],
        }),
    )
}

/// Nothing happens, or up to four hours pass, and perhaps what has ended is reclaimed.
fn pass_time(world: &mut World, span: u8) {
    world.pass(u64::from(span).pow(2) * 4);
    if span % 2 == 1 {
        let settings = &world.server.config().process.expired_leases;
        let (leases, now) = (&world.leases, world.now);
        run(expire::reclaim(leases, settings, &[], now, || Duration::ZERO)).expect("the store works");
        run(expire::remove_reclaimed(leases, settings, now)).expect("the store works");
    }
}

/// RFC 9915 §18.3, §19.3, §21.18; RFC 9686 §4.3.
fn answers(query: &Message<'_>, reply: &Message<'_>) {
    assert!(!reply.cut_short());
    let asked = query.message_type();
    let right = match reply.message_type() {
        MessageType::ADVERTISE => asked == MessageType::SOLICIT,
        MessageType::REPLY if asked == MessageType::SOLICIT => query.has(OptionCode::RAPID_COMMIT),
        MessageType::REPLY => (3..=11).contains(&asked.0) && asked.0 != 7 && asked.0 != 10,
        MessageType::ADDR_REG_REPLY => asked == MessageType::ADDR_REG_INFORM,
        _ => false,
    };
    assert!(right, "{:?} to {asked:?}", reply.message_type());
    assert_eq!(reply.transaction_id(), query.transaction_id());
    assert_eq!(reply.option(OptionCode::SERVERID), Some(&SERVER_ID[..]));
    assert_eq!(reply.option(OptionCode::CLIENTID), query.option(OptionCode::CLIENTID));
    assert_eq!(reply.relays().len(), query.relays().len());
    for (to, from) in reply.relays().zip(query.relays()) {
        assert_eq!(to.message_type(), MessageType::RELAY_REPL);
        assert_eq!(
            (to.hop_count(), to.link_address(), to.peer_address()),
            (from.hop_count(), from.link_address(), from.peer_address())
        );
        assert_eq!(to.option(OptionCode::INTERFACE_ID), from.option(OptionCode::INTERFACE_ID));
    }
}

/// What is given is of a pool, nobody else's, and leased if it is acknowledged; a reserved one is its client's alone.
fn gives(world: &World, query: &Message<'_>, reply: &Message<'_>, before: &[Lease6]) {
    let client = query.option(OptionCode::CLIENTID).unwrap_or_default();
    let mut given = Vec::new();
    for (kind, code) in [(LeaseType::Na, OptionCode::IA_NA), (LeaseType::Pd, OptionCode::IA_PD)] {
        for association in reply.all(code).map(|value| Association::read(value).expect("an association")) {
            for (inner, value) in association.options.clone() {
                let place = match inner {
                    OptionCode::IAADDR => {
                        let address = IaAddress::read(value).expect("an address");
                        (address.valid > 0).then_some((address.address, 128))
                    }
                    OptionCode::IAPREFIX => {
                        let prefix = IaPrefix::read(value).expect("a prefix");
                        (prefix.valid > 0).then_some((prefix.prefix, prefix.length))
                    }
                    _ => None,
                };
                given.extend(place.map(|(address, len)| (kind, association.iaid, address, len)));
            }
        }
    }
    for (kind, iaid, address, len) in &given {
        let pool =
            POOLS.iter().find(|pool| pool.0 == *kind && pool.3 == *len && within(*address, pool.1, pool.2));
        assert!(pool.is_some(), "{address}/{len} is of no pool");
        let other = before.iter().find(|lease| {
            lease.address == *address && lease.held(world.now) && lease.duid.as_bytes() != client
        });
        assert!(other.is_none(), "{address} is another's: {other:?}");
        let reserved = ["2001:db8:1::12", "2001:db8:f000:200::"].contains(&address.to_string().as_str());
        assert!(!reserved || client == [0, 3, 0, 1, 2, 0, 0, 0, 0, 1], "{address} is reserved");
        if reply.message_type() == MessageType::REPLY {
            let lease = world.store.all().into_iter().find(|lease| lease.address == *address);
            let lease = lease.expect("what is acknowledged is leased");
            let theirs = lease.duid.as_bytes() == client && lease.iaid == *iaid && lease.lease_type == *kind;
            assert!(theirs && lease.state == LeaseState::Assigned && !lease.expired(world.now), "{lease:?}");
        }
    }
    let mut addresses: Vec<_> = given.iter().map(|given| given.2).collect();
    addresses.sort_unstable();
    assert!(addresses.windows(2).all(|two| two[0] != two[1]), "{given:?}");
}

/// Pools: what of, where, and the length of what is leased.
const POOLS: &[(LeaseType, &str, u8, u8)] = &[
    (LeaseType::Na, "2001:db8:1::10", 126, 128),
    (LeaseType::Na, "2001:db8:2::10", 127, 128),
    (LeaseType::Na, "2001:db8:3::10", 126, 128),
    (LeaseType::Pd, "2001:db8:f000::", 54, 56),
    (LeaseType::Pd, "2001:db8:e000::", 55, 57),
];

fn within(address: Ipv6Addr, prefix: &str, len: u8) -> bool {
    let prefix: Ipv6Addr = prefix.parse().expect("an address");
    (u128::from(address) ^ u128::from(prefix)) >> (128 - len) == 0
}

/// The addresses that something covers.
fn span(lease: &Lease6) -> (u128, u128) {
    let first = u128::from(lease.address);
    (first, first | u128::MAX.checked_shr(lease.prefix_len.into()).unwrap_or(0))
}
