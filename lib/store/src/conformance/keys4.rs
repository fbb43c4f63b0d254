//! By what leases of DHCPv4 are found.

use std::net::Ipv4Addr;
use std::slice::from_ref;

use kotare_model::{ClientId, HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};

use super::{Executor, add, done, found, lease, put};
use crate::{By4, LeaseStore};

/// Runs the tests, each on an empty store.
pub(super) fn run<S: LeaseStore<Lease4>>(fresh: &impl Fn() -> S, executor: &impl Executor) {
    a_lease_is_found_by_every_key(&fresh(), executor);
    keys_of_a_changed_lease_are_the_new_ones(&fresh(), executor);
    a_client_may_have_leases_in_many_subnets(&fresh(), executor);
    the_leases_on_a_link_are_found(&fresh(), executor);
    every_column_comes_back(&fresh(), executor);
}

/// Finding by address, client identifier, hardware address and host name, and only by what is equal.
fn a_lease_is_found_by_every_key(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
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
fn keys_of_a_changed_lease_are_the_new_ones(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
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
fn a_client_may_have_leases_in_many_subnets(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
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
fn the_leases_on_a_link_are_found(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
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
fn every_column_comes_back(store: &impl LeaseStore<Lease4>, executor: &impl Executor) {
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
            cltt: Timestamp(2_147_000_000),
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
