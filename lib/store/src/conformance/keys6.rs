//! By what leases of DHCPv6 are found.

use std::net::Ipv6Addr;
use std::slice::from_ref;

use kotare_model::{
    Duid, HwAddr, HwAddr6, HwAddrSource, Lease6, LeaseState, LeaseType, Lifetime, SubnetId, Tally, Timestamp,
};

use super::{Executor, add, done, found, lease6, page, put, tally};
use crate::{By6, Ia, LeaseStore};

/// Runs the tests, each on an empty store.
pub(super) fn run<S: LeaseStore<Lease6>>(fresh: &impl Fn() -> S, executor: &impl Executor) {
    a_lease_is_found_by_what_is_equal(&fresh(), executor);
    keys_of_a_changed_lease_are_the_new_ones(&fresh(), executor);
    the_leases_of_an_association_are_found(&fresh(), executor);
    nobody_finds_the_leases_of_nobody(&fresh(), executor);
    addresses_may_be_far_apart(&fresh(), executor);
    prefixes_are_counted_apart(&fresh(), executor);
    every_column_comes_back(&fresh(), executor);
}

/// Nothing is found by a part of a key, or by another kind or number of association.
fn a_lease_is_found_by_what_is_equal(store: &impl LeaseStore<Lease6>, executor: &impl Executor) {
    let lease = lease6(7);
    add(store, executor, &lease);
    let found = |by: By6<'_>| found(store, executor, by);
    assert_eq!(found(By6::Ia(Ia::of(&lease))), from_ref(&lease));
    assert_eq!(found(By6::IaOn(Ia::of(&lease), &[SubnetId(0), SubnetId(1)])), from_ref(&lease));
    assert_eq!(found(By6::IaOn(Ia::of(&lease), &[SubnetId(2)])), []);
    assert_eq!(found(By6::IaOn(Ia::of(&lease), &[])), []);
    assert_eq!(found(By6::Ia(Ia { iaid: 2, ..Ia::of(&lease) })), []);
    assert_eq!(found(By6::Ia(Ia { lease_type: LeaseType::Pd, ..Ia::of(&lease) })), []);
    assert_eq!(found(By6::Ia(Ia { duid: &[0, 3, 0, 1, 2, 0, 0, 0, 0], ..Ia::of(&lease) })), []);
    assert_eq!(found(By6::Duid(&[0, 3, 0, 1, 2, 0, 0, 0, 0])), []);
    assert_eq!(found(By6::Address(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 8))), []);
    assert_eq!(found(By6::Hostname("host-")), []);
    // The bytes count, as where they were found may differ from one message to the next.
    let other_type = HwAddr::new(6, &[2, 0, 0, 0, 0, 7]).expect("6 bytes fit");
    assert_eq!(found(By6::HwAddr(&other_type)), from_ref(&lease));
    let other = HwAddr::new(HwAddr::ETHERNET, &[2, 0, 0, 0, 0]).expect("5 bytes fit");
    assert_eq!(found(By6::HwAddr(&other)), []);
}

/// After a change of keys the old ones find nothing.
fn keys_of_a_changed_lease_are_the_new_ones(store: &impl LeaseStore<Lease6>, executor: &impl Executor) {
    let old = lease6(7);
    add(store, executor, &old);
    let new = Lease6 {
        duid: Duid::new(b"other").expect("5 bytes fit"),
        iaid: 77,
        hostname: "".into(),
        hwaddr: None,
        ..old.clone()
    };
    done(put(store, executor, Some(&old), Some(new.clone())));
    assert_eq!(found(store, executor, By6::Duid(b"other")), from_ref(&new));
    assert_eq!(found(store, executor, By6::Ia(Ia::of(&new))), from_ref(&new));
    let hwaddr = old.hwaddr.expect("it has one").address;
    let empty = HwAddr::empty(HwAddr::ETHERNET);
    for by in [
        By6::Duid(old.duid.as_bytes()),
        By6::Ia(Ia::of(&old)),
        By6::Ia(Ia { iaid: 1, ..Ia::of(&new) }),
        By6::IaOn(Ia::of(&old), &[SubnetId(1)]),
        By6::HwAddr(&hwaddr),
        By6::HwAddr(&empty),
        By6::Hostname("host-7"),
        By6::Hostname(""),
    ] {
        assert_eq!(found(store, executor, by), []);
    }
}

/// A client with many associations of several leases each, in several subnets: all of each are found, and each can go
/// without the others.
fn the_leases_of_an_association_are_found(store: &impl LeaseStore<Lease6>, executor: &impl Executor) {
    let of = |n: u16, lease_type, iaid, subnet| Lease6 {
        address: Ipv6Addr::new(0x2001, 0xdb8, n, 0, 0, 0, 0, 1),
        lease_type,
        iaid,
        subnet_id: SubnetId(subnet),
        ..lease6(9)
    };
    let many = (0..150).map(|n| of(n, LeaseType::Na, 100 + u32::from(n), 1));
    let own = [
        (200, LeaseType::Na, 1, 1),
        (201, LeaseType::Na, 1, 1),
        (202, LeaseType::Na, 1, 2),
        (203, LeaseType::Pd, 1, 1),
        (204, LeaseType::Pd, 1, 3),
        (205, LeaseType::Na, 2, 3),
    ];
    let leases: Vec<_> = many.chain(own.map(|(n, kind, iaid, subnet)| of(n, kind, iaid, subnet))).collect();
    for lease in &leases {
        add(store, executor, lease);
    }
    let duid = leases[0].duid.clone();
    let numbers = |by: By6<'_>| {
        found(store, executor, by).iter().map(|it| it.address.segments()[2]).collect::<Vec<_>>()
    };
    let ia = |lease_type, iaid| Ia { lease_type, duid: duid.as_bytes(), iaid };
    let anywhere = |lease_type, iaid| numbers(By6::Ia(ia(lease_type, iaid)));
    let on = |lease_type, iaid, link: &[u32]| {
        let link: Vec<_> = link.iter().map(|&id| SubnetId(id)).collect();
        numbers(By6::IaOn(ia(lease_type, iaid), &link))
    };
    assert_eq!(numbers(By6::Duid(duid.as_bytes())).len(), leases.len());
    assert_eq!(anywhere(LeaseType::Na, 1), [200, 201, 202]);
    assert_eq!(anywhere(LeaseType::Pd, 1), [203, 204]);
    assert_eq!(anywhere(LeaseType::Na, 107), [7]);
    assert_eq!([on(LeaseType::Na, 1, &[1]), on(LeaseType::Na, 1, &[2, 3])], [vec![200, 201], vec![202]]);
    assert_eq!([on(LeaseType::Pd, 1, &[1, 3]), on(LeaseType::Pd, 1, &[2])], [vec![203, 204], vec![]]);
    // They move to other subnets and associations, and go.
    let change = |from: &Lease6, to| done(put(store, executor, Some(from), to));
    let at = |n: usize| &leases[n - 50];
    change(at(200), Some(Lease6 { subnet_id: SubnetId(3), ..at(200).clone() }));
    change(at(204), Some(Lease6 { iaid: 2, ..at(204).clone() }));
    change(at(201), None);
    change(&leases[0], None);
    assert_eq!([on(LeaseType::Na, 1, &[1]), on(LeaseType::Na, 1, &[3])], [vec![], vec![200]]);
    assert_eq!([anywhere(LeaseType::Na, 1), anywhere(LeaseType::Pd, 1)], [vec![200, 202], vec![203]]);
    assert_eq!([anywhere(LeaseType::Pd, 2), anywhere(LeaseType::Na, 100)], [vec![204], vec![]]);
    assert_eq!(numbers(By6::Duid(duid.as_bytes())).len(), leases.len() - 2);
}

/// Declined leases have no client, and one that says it is nobody does not get them.
fn nobody_finds_the_leases_of_nobody(store: &impl LeaseStore<Lease6>, executor: &impl Executor) {
    let declined = |host| Lease6 {
        duid: Duid::empty(),
        hwaddr: None,
        state: LeaseState::Declined,
        hostname: "".into(),
        ..lease6(host)
    };
    add(store, executor, &declined(1));
    let owned = lease6(2);
    add(store, executor, &owned);
    done(put(store, executor, Some(&owned), Some(declined(2))));
    assert_eq!(found(store, executor, By6::Duid(Duid::EMPTY)), [declined(1), declined(2)]);
    for by in [
        By6::Ia(Ia::of(&declined(1))),
        By6::IaOn(Ia::of(&declined(1)), &[SubnetId(1)]),
        By6::Ia(Ia::of(&owned)),
    ] {
        assert_eq!(found(store, executor, by), []);
    }
    assert_eq!(found(store, executor, By6::Address(declined(2).address)), [declined(2)]);
    done(put(store, executor, Some(&declined(2)), Some(owned.clone())));
    assert_eq!(found(store, executor, By6::Ia(Ia::of(&owned))), [owned]);
}

/// Order and pages go by the whole address.
fn addresses_may_be_far_apart(store: &impl LeaseStore<Lease6>, executor: &impl Executor) {
    let bits = [u128::MAX, 1 << 127, (1 << 127) + 1, 1 << 64, (1 << 64) - 1, 5 << 64, 1 << 32, 3, 0];
    for bits in bits {
        add(store, executor, &Lease6 { address: bits.into(), ..lease6(1) });
    }
    let last = |bits: u128| bits as u8;
    let mut sorted = bits;
    sorted.sort_unstable();
    assert_eq!(page(store, executor, None, 100, None), sorted.map(last));
    assert_eq!(page(store, executor, Some((1 << 64).into()), 2, None), [0, 0]);
    assert_eq!(page(store, executor, Some((1 << 127).into()), 9, None), [1, 255]);
    assert_eq!(found(store, executor, By6::Address((5 << 64).into())).len(), 1);
    assert_eq!(found(store, executor, By6::Address((6 << 64).into())), []);
}

/// Addresses and prefixes of one subnet and pool number are two sums.
fn prefixes_are_counted_apart(store: &impl LeaseStore<Lease6>, executor: &impl Executor) {
    add(store, executor, &lease6(1));
    let prefix = Lease6 { lease_type: LeaseType::Pd, ..lease6(2) };
    add(store, executor, &prefix);
    let one = |lease_type| Tally { subnet: SubnetId(1), lease_type, assigned: 1, ..Tally::default() };
    assert_eq!(tally(store, executor), [one(LeaseType::Na), one(LeaseType::Pd)]);
    done(put(store, executor, Some(&prefix), Some(Lease6 { lease_type: LeaseType::Na, ..prefix.clone() })));
    assert_eq!(tally(store, executor), [Tally { assigned: 2, ..one(LeaseType::Na) }]);
}

/// Nothing a lease says is lost: extremes, separators, foreign letters.
fn every_column_comes_back(store: &impl LeaseStore<Lease6>, executor: &impl Executor) {
    let long_name = "n".repeat(255);
    let duid = |bytes: &[u8]| Duid::new(bytes).expect("it fits");
    let hwaddr = |htype, bytes: &[u8], source| {
        Some(HwAddr6 { address: HwAddr::new(htype, bytes).expect("it fits"), source })
    };
    let strange = [
        Lease6 {
            address: Ipv6Addr::from_bits(u128::MAX),
            iaid: u32::MAX,
            valid_lifetime: Lifetime::INFINITE,
            preferred_lifetime: Lifetime::INFINITE,
            fqdn_fwd: true,
            fqdn_rev: true,
            subnet_id: SubnetId(u32::MAX - 1),
            pool_id: u32::MAX,
            hostname: "größe,&#x2c;\u{1f600}".into(),
            user_context: Some(r#"{ "a, b": "c\nd" }"#.into()),
            hwaddr: hwaddr(u16::MAX, &[0xa5; HwAddr::MAX], HwAddrSource::DocsisModem),
            ..lease6(1)
        },
        Lease6 {
            address: Ipv6Addr::UNSPECIFIED,
            iaid: 0,
            duid: Duid::empty(),
            preferred_lifetime: Lifetime(0),
            hwaddr: None,
            hostname: "".into(),
            state: LeaseState::Declined,
            ..lease6(1)
        },
        Lease6 {
            address: Ipv6Addr::new(0x2001, 0xdb8, 0x100, 0, 0, 0, 0, 0),
            lease_type: LeaseType::Pd,
            prefix_len: 40,
            duid: duid(&[0x5a; Duid::MAX]),
            hostname: long_name.as_str().into(),
            state: LeaseState::Released,
            hwaddr: hwaddr(HwAddr::ETHERNET, &[2, 0, 0, 0, 0, 1], HwAddrSource::Raw),
            ..lease6(2)
        },
        // A hardware address at the end of the DUID, and another type.
        Lease6 {
            address: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 1, 3),
            hwaddr: hwaddr(6, &[2, 0, 0, 0, 0, 3], HwAddrSource::Unknown),
            state: LeaseState::ExpiredReclaimed,
            ..lease6(3)
        },
        Lease6 {
            state: LeaseState::Registered,
            duid: duid(&[0, 0, 1]),
            cltt: Timestamp(2_146_000_000),
            ..lease6(4)
        },
        Lease6 { lease_type: LeaseType::Ta, duid: duid(&[0, 4, 1, 2]), hwaddr: None, ..lease6(5) },
    ];
    for lease in &strange {
        add(store, executor, lease);
    }
    for lease in &strange {
        assert_eq!(found(store, executor, By6::Address(lease.address)), from_ref(lease));
    }
}
