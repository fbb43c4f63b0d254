//! What the order promises, beside a tree that has all addresses.

use proptest::prelude::*;

use super::*;

/// What is done with an address.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Insert(u16),
    Remove(u16),
}

/// One thing after the other; slots that are free are taken again.
#[derive(Default)]
struct World {
    order: Order,
    slots: Vec<Record<Lease6>>,
    free: Vec<u32>,
    all: BTreeMap<Ipv6Addr, u32>,
}

fn at(number: u16) -> Ipv6Addr {
    // Some of the lowest and the highest that there are, and others in between.
    Ipv6Addr::from_bits(match number {
        u16::MAX => u128::MAX,
        number => u128::from(number) << 64 | u128::from(number),
    })
}

impl World {
    fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Insert(number) if !self.all.contains_key(&at(number)) => {
                let slot = self.free.pop().unwrap_or_else(|| {
                    self.slots.push(Record::EMPTY);
                    (self.slots.len() - 1) as u32
                });
                self.slots[slot as usize].named = at(number);
                self.order.insert(at(number), slot, &self.slots);
                self.all.insert(at(number), slot);
            }
            Deed::Insert(_) => {}
            Deed::Remove(number) => {
                let removed = self.order.remove(at(number), &self.slots);
                assert_eq!(removed, self.all.remove(&at(number)));
                self.free.extend(removed);
            }
        }
    }

    /// Both say the same, from wherever one asks, and runs are as they should be.
    fn check(&self, from: u16) {
        let both: Vec<_> = self.order.iter(&self.slots).collect();
        assert_eq!(both, self.all.iter().map(|(&address, &slot)| (address, slot)).collect::<Vec<_>>());
        let from = at(from);
        assert_eq!(self.order.get(from, &self.slots), self.all.get(&from).copied());
        for bound in [Bound::Included(from), Bound::Excluded(from), Bound::Unbounded] {
            let units: Vec<_> = self.order.units(bound, &self.slots).collect();
            let expected: Vec<_> = self.all.range((bound, Bound::Unbounded)).map(|(&it, _)| it).collect();
            assert_eq!(units, expected, "{bound:?}");
        }
        assert!(self.order.runs.values().all(|run| (1..=FULL).contains(&run.len())));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// It is a tree of addresses, whatever comes and goes in whichever order.
    #[test]
    fn it_is_a_sorted_map(
        deeds in prop::collection::vec(
            prop_oneof![
                3 => any::<u16>().prop_map(|number| Deed::Insert(number % 300)),
                1 => any::<u16>().prop_map(Deed::Insert),
                2 => any::<u16>().prop_map(|number| Deed::Remove(number % 300)),
            ],
            0..800,
        ),
        from in any::<u16>(),
    ) {
        let mut world = World::default();
        for (number, &deed) in deeds.iter().enumerate() {
            world.act(deed);
            if number % 400 == 399 {
                world.check(from % 300);
            }
        }
        world.check(from);
    }
}

/// Upwards, downwards and out of order, few runs have what many leases need; and when nearly all are gone, so are the runs.
#[test]
fn runs_are_neither_empty_nor_lonely() {
    let upwards: Vec<u16> = (0..6400).collect();
    let downwards: Vec<u16> = (0..6400).rev().collect();
    let mixed: Vec<u16> = (0..6400).map(|number: u32| (number * 4801 % 6400) as u16).collect();
    for (numbers, most) in [(&upwards, 100), (&downwards, 200), (&mixed, 170)] {
        let mut world = World::default();
        numbers.iter().for_each(|&number| world.act(Deed::Insert(number)));
        world.check(17);
        assert!(world.order.runs.len() <= most, "{} runs of 6400", world.order.runs.len());
        let others = || numbers.iter().filter(|&&number| number % 64 != 0);
        others().for_each(|&number| world.act(Deed::Remove(number)));
        world.check(17);
        assert!(world.order.runs.len() <= 20, "{} runs of 100", world.order.runs.len());
    }
}
