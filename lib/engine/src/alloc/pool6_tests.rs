//! Maps of DHCPv6 pools against what can be said of them one place at a time.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

fn prefix(text: &str) -> Prefix6 {
    text.parse().unwrap()
}

/// A pool of prefixes.
fn pd(pool: &str, len: u8, queued: bool) -> PoolMap6 {
    let pool = prefix(pool);
    let (first, last) = (pool.network().into(), pool.last().into());
    let map = PoolMap6::new(PoolKey6 { delegated: true, first, last, len, queued });
    map.filled();
    map
}

/// A pool of addresses.
fn na(first: &str, last: &str) -> PoolMap6 {
    let [first, last] = [first, last].map(|text| text.parse::<std::net::Ipv6Addr>().unwrap().into());
    let map = PoolMap6::new(PoolKey6 { delegated: false, first, last, len: 128, queued: false });
    map.filled();
    map
}

/// What happens to a map.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Take,
    Free,
    Bar,
    Unbar,
}

/// What happens to which prefix: the number of one of a length, near the beginning of the pool.
fn happening(lens: std::ops::RangeInclusive<u8>) -> impl Strategy<Value = (Happens, u16, u8)> {
    let what = prop_oneof![
        4 => Just(Happens::Take), 2 => Just(Happens::Free), 2 => Just(Happens::Bar), 1 => Just(Happens::Unbar)
    ];
    (what, any::<u16>(), lens)
}

/// Whether two prefixes have something in common.
fn meet(one: Prefix6, other: Prefix6) -> bool {
    one.covers(other) || other.covers(one)
}

fn check(
    map: &PoolMap6,
    base: Prefix6,
    units: u128,
    happenings: &[(Happens, u16, u8)],
) -> Result<(), TestCaseError> {
    let (mut leased, mut reserved) = (BTreeSet::new(), BTreeMap::<_, u32>::new());
    for &(what, number, len) in happenings {
        // Somewhere in the window that is looked at.
        let bits =
            u128::from(base.network()) | u128::from(number) << (128 - u32::from(base.prefix_len()) - 16);
        let at = Prefix6::new(bits.into(), len).unwrap();
        let place = Place6::Prefix(at);
        match what {
            Happens::Take => {
                let is_free = !leased.iter().any(|other| *other != at && meet(*other, at));
                prop_assert_eq!(map.take(place), is_free, "{}", at);
                leased.insert(at);
            }
            Happens::Free => {
                map.free(place);
                leased.remove(&at);
            }
            Happens::Bar => {
                map.bar(place);
                *reserved.entry(at).or_default() += 1;
            }
            Happens::Unbar => {
                map.unbar(place);
                let left = reserved.remove(&at).unwrap_or(0).saturating_sub(1);
                if left > 0 {
                    reserved.insert(at, left);
                }
            }
        }
        let is_free = |offset: u128| {
            let unit = map.place(offset).prefix().unwrap();
            !leased.iter().chain(reserved.keys()).any(|other| meet(*other, unit))
        };
        for offset in 0..units {
            let next = (offset..units).find(|at| is_free(*at)).or((units < map.size()).then_some(units));
            prop_assert_eq!(map.next_free(offset), next, "after {:?} {}", what, at);
        }
        if map.key.queued {
            let queue =
                || map.longest_free(u64::from(number)).inspect(|at| assert!(*at >= units || is_free(*at)));
            let turn: BTreeSet<_> = (0..units).filter_map(|_| queue()).collect();
            prop_assert_eq!(turn, (0..units).filter(|at| is_free(*at)).collect());
        }
        let own = leased.iter().filter(|it| it.prefix_len() == map.key.len).count();
        prop_assert_eq!(map.occupied(Place6::Prefix(prefix("::/64"))), own as u128);
        prop_assert_eq!(map.state.lock().closed.is_some(), !map.state.lock().bars.is_empty());
    }
    Ok(())
}

proptest! {
    /// Leases and reservations of any length come and go: what is free is what none of them has anything of, in pools
    /// that are kept as bits, with and without a queue, and in those that are too large.
    #[test]
    fn free_is_what_nobody_has(happenings in prop::collection::vec(happening(49..=58), 1..40)) {
        let base = prefix("2001:db8::/48");
        check(&pd("2001:db8::/48", 54, false), base, 64, &happenings)?;
        check(&pd("2001:db8::/48", 54, true), base, 64, &happenings)?;
        // All happens in the first /48 of a /16.
        check(&pd("2001::/16", 54, false), prefix("2001::/48"), 64, &happenings)?;
    }
}

/// A pool of a /64 of addresses: the first ones, and after the last one none.
#[test]
fn a_huge_pool_ends() {
    let map = na("2001:db8::", "2001:db8::ffff:ffff:ffff:ffff");
    assert_eq!((map.size(), map.next_free(0)), (1 << 64, Some(0)));
    let last = Place6::Address("2001:db8::ffff:ffff:ffff:ffff".parse().unwrap());
    assert_eq!(map.place((1 << 64) - 1), last);
    assert!(map.take(last));
    assert_eq!((map.next_free((1 << 64) - 2), map.next_free((1 << 64) - 1)), (Some((1 << 64) - 2), None));
    map.free(last);
    assert_eq!(map.next_free((1 << 64) - 1), Some((1 << 64) - 1));
    // Everything there is, as addresses and as prefixes.
    let all = na("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    assert_eq!((all.size(), all.next_free(u128::MAX)), (u128::MAX, None));
    assert_eq!(all.next_free(u128::MAX - 1), Some(u128::MAX - 1));
    assert!(all.take(last));
    let whole = pd("::/0", 0, true);
    assert_eq!((whole.size(), whole.longest_free(7)), (1, Some(0)));
    assert_eq!(whole.place(0), Place6::Prefix(prefix("::/0")));
    assert!(whole.take(Place6::Prefix(prefix("2001:db8::/32"))));
    assert_eq!(whole.longest_free(7), None);
    assert!(!whole.take(Place6::Prefix(prefix("::/0"))));
}

/// An address and a prefix that it is in are not in each other's way.
#[test]
fn addresses_take_no_prefixes() {
    let (addresses, prefixes) = (na("2001:db8::", "2001:db8::ff"), pd("2001:db8::/48", 64, false));
    let place = Place6::Address("2001:db8::7".parse().unwrap());
    assert!(addresses.touches(place) && !prefixes.touches(place));
    assert!(!addresses.touches(Place6::Prefix(prefix("2001:db8::/64"))));
}

/// Of a pool that is too large for a queue any free prefix comes by chance; a look into it says the same.
#[test]
fn a_pool_too_large_for_a_queue() {
    let map = pd("2001::/16", 64, true);
    let given: BTreeSet<_> = (0..100).filter_map(|seed| map.longest_free(seed)).collect();
    assert_eq!(given.len(), 100);
    let look = |seed| map.would_be_longest_free(seed, &mut Look::default());
    assert!((0..100).all(|seed| look(seed) == map.longest_free(seed)));
}

/// What is freed while the map is being filled is asked for again.
#[test]
fn what_is_freed_while_filling_is_asked_for_again() {
    let map = PoolMap6::new(pd("2001:db8::/48", 56, false).key);
    let place = Place6::Prefix(prefix("2001:db8:0:100::/56"));
    map.free(place);
    map.take(place);
    assert!(map.is_filling());
    assert_eq!(map.filled(), [place]);
    map.free(place);
    assert!(!map.is_filling() && map.filled().is_empty());
}
