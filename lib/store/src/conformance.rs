//! The suite every backend of DHCPv4 leases runs: what the engine relies on, said as tests.
//!
//! A plain module, not a feature: it needs nothing that the crate does not have, and a feature that any one
//! backend's tests turn on would be on for everybody built with them.
//!
//! A backend's test is one call, [`run`], with a function that makes an empty store and an [`Executor`] that
//! polls its futures: [`PollOnce`] for stores in memory, a runtime's `block_on` for others.

mod expiry;

use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::slice::from_ref;
use std::task::{Context, Poll, Waker};

use kotare_model::{ClientId, HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Tally, Timestamp};

use crate::{By4, Change, LeaseStore, PageFilter, Put};
use expiry::expired;

/// Runs futures to their end, each the way the backend needs it.
pub trait Executor {
    /// The output of `future`.
    fn run<F: Future>(&self, future: F) -> F::Output;
}

/// For stores in memory, whose futures are ready at the first poll. Panics if one is not.
#[derive(Clone, Copy, Debug, Default)]
pub struct PollOnce;

impl Executor for PollOnce {
    fn run<F: Future>(&self, future: F) -> F::Output {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("a future of this store was not ready at its first poll"),
        }
    }
}

/// Runs the whole suite, each test on an empty store made by `fresh`. Panics at the first promise broken.
pub fn run<S: LeaseStore<Lease4>>(fresh: impl Fn() -> S, executor: &impl Executor) {
    a_lease_is_found_by_every_key(&fresh(), executor);
    keys_of_a_changed_lease_are_the_new_ones(&fresh(), executor);
    a_client_may_have_leases_in_many_subnets(&fresh(), executor);
    the_leases_on_a_link_are_found(&fresh(), executor);
    every_column_comes_back(&fresh(), executor);
    a_put_that_expects_something_else_changes_nothing(&fresh(), executor);
    a_removed_lease_is_gone(&fresh(), executor);
    pages_list_everything_once_by_address(&fresh(), executor);
    tallies_follow_changes(&fresh(), executor);
    a_flush_with_nothing_to_write_succeeds(&fresh(), executor);
    expiry::run(&fresh, executor);
}

/// A lease of 192.0.2.`host` that a test can build on: Ethernet 02:00:00:00:00:`host`, the usual client
/// identifier, an hour from second 1000 on.
pub fn lease(host: u8) -> Lease4 {
    let mac = [2, 0, 0, 0, 0, host];
    Lease4 {
        address: Ipv4Addr::new(192, 0, 2, host),
        hwaddr: HwAddr::new(HwAddr::ETHERNET, &mac).expect("6 bytes fit"),
        client_id: Some(ClientId::new(&[1, 2, 0, 0, 0, 0, host]).expect("7 bytes fit")),
        valid_lifetime: Lifetime(3600),
        cltt: Timestamp(1000),
        subnet_id: SubnetId(1),
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: format!("host-{host}").into(),
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
    }
}

/// Finding by address, client identifier, hardware address and host name, and only by what is equal.
pub fn a_lease_is_found_by_every_key(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
    let lease = lease(7);
    add(store, executor, &lease);
    assert_eq!(found(store, executor, By4::Address(lease.address)), from_ref(&lease));
    assert_eq!(found(store, executor, By4::ClientId(&[1, 2, 0, 0, 0, 0, 7])), from_ref(&lease));
    assert_eq!(found(store, executor, By4::HwAddr(&lease.hwaddr)), from_ref(&lease));
    assert_eq!(found(store, executor, By4::Hostname("host-7")), from_ref(&lease));

    let other = HwAddr::new(HwAddr::ETHERNET, &[2, 0, 0, 0, 0]).expect("5 bytes fit");
    assert_eq!(found(store, executor, By4::Address(Ipv4Addr::new(192, 0, 2, 8))), []);
    assert_eq!(found(store, executor, By4::ClientId(&[1, 2, 0, 0, 0, 0])), []);
    assert_eq!(found(store, executor, By4::HwAddr(&other)), []);
    assert_eq!(found(store, executor, By4::Hostname("host-")), []);
}

/// After a change of keys the old ones find nothing, and a lease without a key is not found by its absence.
pub fn keys_of_a_changed_lease_are_the_new_ones(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
    let old = lease(7);
    add(store, executor, &old);
    let new = Lease4 {
        hwaddr: HwAddr::empty(HwAddr::ETHERNET),
        client_id: Some(ClientId::new(b"\xffother").expect("6 bytes fit")),
        hostname: "".into(),
        ..old.clone()
    };
    done(put(store, executor, Some(&old), Some(new.clone())));
    assert_eq!(found(store, executor, By4::ClientId(b"\xffother")), [new]);
    assert_eq!(found(store, executor, By4::ClientId(&[1, 2, 0, 0, 0, 0, 7])), []);
    assert_eq!(found(store, executor, By4::HwAddr(&old.hwaddr)), []);
    assert_eq!(found(store, executor, By4::HwAddr(&HwAddr::empty(HwAddr::ETHERNET))), []);
    assert_eq!(found(store, executor, By4::Hostname("host-7")), []);
    assert_eq!(found(store, executor, By4::Hostname("")), []);
}

/// One client, one lease a subnet: all are found, and each can go without the others.
pub fn a_client_may_have_leases_in_many_subnets(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
    let leases: Vec<Lease4> = (1..=20)
        .map(|n| Lease4 { address: Ipv4Addr::new(10, 0, n, 1), subnet_id: SubnetId(n.into()), ..lease(9) })
        .collect();
    for lease in &leases {
        add(store, executor, lease);
    }
    assert_eq!(found(store, executor, By4::HwAddr(&leases[0].hwaddr)), leases);
    for lease in &leases[5..] {
        done(put(store, executor, Some(lease), None));
    }
    assert_eq!(found(store, executor, By4::HwAddr(&leases[0].hwaddr)), leases[..5]);
    assert_eq!(found(store, executor, By4::ClientId(&[1, 2, 0, 0, 0, 0, 9])), leases[..5]);
    assert_eq!(found(store, executor, By4::Hostname("host-9")), leases[..5]);
}

/// The leases of a client on a link are found among however many share its hardware address, and nothing of other
/// subnets: the most recent one of each.
pub fn the_leases_on_a_link_are_found(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
    let with_id = |n: u8, subnet, id: &[u8]| Lease4 {
        address: Ipv4Addr::new(10, 0, n, 1),
        subnet_id: SubnetId(subnet),
        client_id: ClientId::new(id).ok().filter(|_| !id.is_empty()),
        ..lease(9)
    };
    let usual = &[1, 2, 0, 0, 0, 0, 9][..];
    let many = (0..150).map(|n| with_id(n, 1 + u32::from(n % 2), &[0xff, n]));
    let own = [
        (200, 1, usual),
        (201, 2, usual),
        (202, 2, &[]),
        (203, 3, &[0xee]),
        (204, 3, &[0xee]),
        (205, 3, usual),
    ];
    let leases: Vec<_> = many.chain(own.map(|(n, subnet, id)| with_id(n, subnet, id))).collect();
    for lease in &leases {
        add(store, executor, lease);
    }
    let mac = leases[0].hwaddr;
    let octets =
        |by: By4<'_>| found(store, executor, by).iter().map(|it| it.address.octets()[2]).collect::<Vec<_>>();
    let ids = |link: &[u32]| link.iter().map(|&id| SubnetId(id)).collect::<Vec<_>>();
    let by_id = |id, link: &[u32]| octets(By4::ClientIdOn(id, &ids(link)));
    let nameless = |link: &[u32]| octets(By4::NamelessOn(&mac, &ids(link)));
    let all = |link: &[u32]| octets(By4::HwAddrOn(&mac, &ids(link)));
    assert_eq!([by_id(usual, &[1]), by_id(usual, &[1, 2])], [vec![200], vec![200, 201]]);
    assert_eq!([by_id(&[0xff, 7], &[1]), by_id(&[0xff, 7], &[2, 3])], [vec![], vec![7]]);
    assert_eq!([by_id(&[0xee], &[2]), by_id(&[0xee], &[2, 3, 4])], [vec![], vec![204]]);
    assert_eq!([nameless(&[1]), nameless(&[1, 2, 3])], [vec![], vec![202]]);
    // With an identifier and without.
    assert_eq!([all(&[1]).len(), all(&[2]).len(), all(&[1, 2, 4]).len()], [1, 2, 3]);
    assert_eq!([all(&[3]), all(&[4])], [vec![205], vec![]]);
    // They are renewed, change subnets and lose their identifiers.
    let change = |from: &Lease4, to| done(put(store, executor, Some(from), Some(to)));
    let [renewed, mine, other] = [&leases[153], &leases[154], &leases[7]];
    change(renewed, Lease4 { cltt: Timestamp(1001), ..renewed.clone() });
    assert_eq!([by_id(&[0xee], &[3]), all(&[3])], [vec![203], vec![203]]);
    change(mine, Lease4 { subnet_id: SubnetId(4), ..mine.clone() });
    assert_eq!([by_id(&[0xee], &[3, 4]), all(&[4])], [vec![203, 204], vec![204]]);
    change(other, Lease4 { client_id: None, cltt: Timestamp(1001), ..other.clone() });
    assert_eq!([nameless(&[2]), by_id(&[0xff, 7], &[2])], [vec![7], vec![]]);
}

/// Nothing a lease says is lost: extremes, separators, foreign letters.
pub fn every_column_comes_back(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
    let long_name = "n".repeat(255);
    let strange = [
        Lease4 {
            address: Ipv4Addr::BROADCAST,
            valid_lifetime: Lifetime::INFINITE,
            fqdn_fwd: true,
            fqdn_rev: true,
            subnet_id: SubnetId(u32::MAX - 1),
            pool_id: u32::MAX,
            hostname: "größe,&#x2c;\u{1f600}".into(),
            user_context: Some(r#"{ "a, b": "c\nd" }"#.into()),
            ..lease(1)
        },
        Lease4 {
            address: Ipv4Addr::UNSPECIFIED,
            hwaddr: HwAddr::empty(HwAddr::ETHERNET),
            client_id: None,
            hostname: "".into(),
            state: LeaseState::Declined,
            ..lease(1)
        },
        Lease4 {
            hwaddr: HwAddr::new(HwAddr::ETHERNET, &[0xa5; HwAddr::MAX]).expect("the most bytes fit"),
            client_id: Some(ClientId::new(&[0x5a; ClientId::MAX]).expect("the most bytes fit")),
            hostname: long_name.as_str().into(),
            state: LeaseState::Released,
            cltt: Timestamp(5_000_000_000),
            ..lease(2)
        },
        Lease4 { client_id: None, state: LeaseState::ExpiredReclaimed, ..lease(3) },
    ];
    for lease in &strange {
        add(store, executor, lease);
    }
    for lease in &strange {
        assert_eq!(found(store, executor, By4::Address(lease.address)), from_ref(lease));
    }
}

/// Compare and set: whoever expects something else learns what is there, and it stays there.
pub fn a_put_that_expects_something_else_changes_nothing(
    store: &impl LeaseStore<Lease4>,
    executor: &impl Executor,
) {
    let first = lease(7);
    let second = Lease4 { cltt: Timestamp(2000), ..lease(7) };
    // Unchanged was expected, and there was nothing.
    assert_eq!(put(store, executor, Some(&first), Some(second.clone())), Put::Conflict(None));
    assert_eq!(found(store, executor, By4::Address(first.address)), []);
    done(put(store, executor, None, Some(first.clone())));
    // Absent was expected, and something was there.
    assert_eq!(put(store, executor, None, Some(second.clone())), conflict(&first));
    assert_eq!(put(store, executor, Some(&second), None), conflict(&first));
    assert_eq!(found(store, executor, By4::Address(first.address)), from_ref(&first));
    done(put(store, executor, Some(&first), Some(second.clone())));
    assert_eq!(put(store, executor, Some(&first), None), conflict(&second));
    assert_eq!(found(store, executor, By4::Address(first.address)), [second]);
}

/// Removal: by no key, in no list, and the address is free for another.
pub fn a_removed_lease_is_gone(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
    let lease = lease(7);
    add(store, executor, &lease);
    done(put(store, executor, Some(&lease), None));
    assert_eq!(put(store, executor, Some(&lease), None), Put::Conflict(None));
    for by in [
        By4::Address(lease.address),
        By4::ClientId(&[1, 2, 0, 0, 0, 0, 7]),
        By4::HwAddr(&lease.hwaddr),
        By4::Hostname("host-7"),
    ] {
        assert_eq!(found(store, executor, by), []);
    }
    assert_eq!(expired(store, executor, 1_000_000, 10), []);
    assert_eq!(page(store, executor, None, 10, None), []);
    assert_eq!(tally(store, executor), []);
    add(store, executor, &Lease4 { address: lease.address, ..self::lease(8) });
}

/// Every lease is on exactly one page, by address, whatever the size of pages and gaps between addresses.
pub fn pages_list_everything_once_by_address(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
    let hosts = [250, 3, 1, 64, 63, 65, 128, 255, 2, 100, 0];
    for host in hosts {
        add(store, executor, &Lease4 { subnet_id: SubnetId(u32::from(host % 2)), ..lease(host) });
    }
    for limit in [1, 2, 3, 10, 11, 100] {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let some = page(store, executor, after, limit, None);
            let Some(&last) = some.last() else { break };
            assert!(some.len() <= limit);
            after = Some(Ipv4Addr::new(192, 0, 2, last));
            all.extend(some);
        }
        assert_eq!(all, [0, 1, 2, 3, 63, 64, 65, 100, 128, 250, 255]);
    }
    assert_eq!(page(store, executor, None, 0, None), []);
    assert_eq!(page(store, executor, Some(Ipv4Addr::BROADCAST), 10, None), []);
    // Between two leases, and with a filter.
    assert_eq!(page(store, executor, Some(Ipv4Addr::new(192, 0, 2, 99)), 2, None), [100, 128]);
    assert_eq!(page(store, executor, None, 3, Some(SubnetId(1))), [1, 3, 63]);
    assert_eq!(page(store, executor, Some(Ipv4Addr::new(192, 0, 2, 63)), 3, Some(SubnetId(1))), [65, 255]);
    assert_eq!(page(store, executor, None, 3, Some(SubnetId(9))), []);
}

/// Counts by subnet and pool are what a count of all leases would say.
pub fn tallies_follow_changes(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
    let sum =
        |subnet, pool_id, assigned, declined| Tally { subnet: SubnetId(subnet), pool_id, assigned, declined };
    assert_eq!(tally(store, executor), []);
    add(store, executor, &lease(1));
    add(store, executor, &Lease4 { pool_id: 2, ..lease(2) });
    add(store, executor, &Lease4 { state: LeaseState::Declined, ..lease(3) });
    add(store, executor, &Lease4 { subnet_id: SubnetId(5), ..lease(4) });
    add(store, executor, &Lease4 { state: LeaseState::ExpiredReclaimed, ..lease(5) });
    assert_eq!(tally(store, executor), [sum(1, 0, 1, 1), sum(1, 2, 1, 0), sum(5, 0, 1, 0)]);
    let moved = Lease4 { subnet_id: SubnetId(5), state: LeaseState::Declined, ..lease(1) };
    done(put(store, executor, Some(&lease(1)), Some(moved.clone())));
    done(put(store, executor, Some(&moved), Some(Lease4 { cltt: Timestamp(7), ..moved.clone() })));
    done(put(store, executor, Some(&Lease4 { pool_id: 2, ..lease(2) }), None));
    assert_eq!(tally(store, executor), [sum(1, 0, 0, 1), sum(5, 0, 1, 1)]);
}

/// A flush is always allowed.
pub fn a_flush_with_nothing_to_write_succeeds(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
    executor.run(store.flush()).expect("nothing to write");
    add(store, executor, &lease(1));
    executor.run(store.flush()).expect("one lease to write");
    executor.run(store.flush()).expect("nothing more to write");
}

fn put(
    store: &impl LeaseStore<Lease4>,
    executor: &impl Executor,
    from: Option<&Lease4>,
    to: Option<Lease4>,
) -> Put<Lease4> {
    let address = from.or(to.as_ref()).expect("a change of something").address;
    executor.run(store.put(Change { address, from, to: to.as_ref() })).expect("a put works")
}

fn conflict(there: &Lease4) -> Put<Lease4> {
    Put::Conflict(Some(Box::new(there.clone())))
}

fn done(put: Put<Lease4>) {
    assert_eq!(put, Put::Done);
}

fn add(store: &impl LeaseStore<Lease4>, executor: &impl Executor, lease: &Lease4) {
    done(put(store, executor, None, Some(lease.clone())));
}

fn found(store: &impl LeaseStore<Lease4>, executor: &impl Executor, by: By4<'_>) -> Vec<Lease4> {
    let mut found = executor.run(store.get(by)).expect("a get works").into_vec();
    found.sort_by_key(|lease| lease.address);
    found
}

/// The last octets of the leases on a page.
fn page(
    store: &impl LeaseStore<Lease4>,
    executor: &impl Executor,
    after: Option<Ipv4Addr>,
    limit: usize,
    subnet: Option<SubnetId>,
) -> Vec<u8> {
    hosts(executor.run(store.page(after, limit, PageFilter { subnet })).expect("a page works"))
}

fn hosts(leases: Vec<Lease4>) -> Vec<u8> {
    leases.into_iter().map(|lease| lease.address.octets()[3]).collect()
}

/// Counts that are not all zero, by subnet and pool.
fn tally(store: &impl LeaseStore<Lease4>, executor: &impl Executor) -> Vec<Tally> {
    let mut tallies = executor.run(store.tally()).expect("a tally works");
    tallies.retain(|tally| tally.assigned + tally.declined > 0);
    tallies.sort_by_key(|tally| (tally.subnet, tally.pool_id));
    tallies
}
