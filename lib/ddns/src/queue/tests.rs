//! What waits behind without being looked at changes nothing of what is given out.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::{Change, ConflictResolution, Dhcid};

fn kept(number: u64, name: u8, address: u8) -> Kept {
    let request = ChangeRequest {
        change: Change::Add,
        forward: true,
        reverse: true,
        fqdn: format!("n{name}.example.com").parse().expect("a name"),
        address: [192, 0, 2, address].into(),
        dhcid: Dhcid::of_bytes(&[name]).expect("data"),
        lease_length: 600,
        conflict_resolution: ConflictResolution::default(),
    };
    Kept { number, since: 0, request: Arc::new(request) }
}

/// What happens to a queue.
#[derive(Clone, Debug)]
enum Event {
    Comes {
        name: u8,
        address: u8,
        is_held: bool,
    },
    Taken,
    Released(Index),
    Removed(Index),
    Done(Index),
    Postponed(Index),
    GivenBack(Index),
    /// One that had been given out and is done comes back.
    TakenBack(Index),
    Passes(u8),
}

fn event() -> impl Strategy<Value = Event> {
    let which = any::<Index>;
    prop_oneof![
        6 => (0..6_u8, 0..6_u8, any::<bool>())
            .prop_map(|(name, address, is_held)| Event::Comes { name, address, is_held }),
        4 => Just(Event::Taken),
        3 => which().prop_map(Event::Released),
        1 => which().prop_map(Event::Removed),
        3 => which().prop_map(Event::Done),
        1 => which().prop_map(Event::Postponed),
        1 => which().prop_map(Event::GivenBack),
        1 => which().prop_map(Event::TakenBack),
        1 => (0..4_u8).prop_map(Event::Passes),
    ]
}

proptest! {
    /// One that looks at few of many gives out what one does that looks at all, at the same time.
    #[test]
    fn what_is_behind_changes_nothing(enough in 1..4_usize, events in prop::collection::vec(event(), 1..200)) {
        let mut few = Queue { enough, ..Queue::new(usize::MAX) };
        let mut all = Queue { enough: usize::MAX, ..Queue::new(usize::MAX) };
        let (mut last, mut now, mut out, mut gone) = (0, Duration::ZERO, Vec::new(), Vec::new());
        for event in events {
            let known = last as usize + 1;
            let any = |which: Index| which.index(known) as u64;
            match event {
                Event::Comes { name, address, is_held } => {
                    last += 1;
                    for queue in [&mut few, &mut all] {
                        queue.insert(kept(last, name, address), is_held);
                    }
                }
                Event::Taken => {
                    let [one, other] = [&mut few, &mut all].map(|queue| queue.take(now));
                    let numbers = [&one, &other].map(|taken| taken.as_ref().map(|(_, kept)| kept.clone()));
                    prop_assert_eq!(&numbers[0], &numbers[1]);
                    out.extend(one.zip(other).map(|((one, kept), (other, _))| (one, other, kept)));
                }
                Event::Released(which) => {
                    let number = any(which);
                    [&mut few, &mut all].into_iter().for_each(|queue| queue.release(number));
                }
                Event::Removed(which) => {
                    let number = any(which);
                    if out.iter().all(|(.., kept)| kept.number != number) {
                        prop_assert_eq!(few.remove(number), all.remove(number));
                    }
                }
                Event::Done(which) if !out.is_empty() => {
                    let (one, other, kept) = out.swap_remove(which.index(out.len()));
                    prop_assert_eq!(few.settle(one), all.settle(other));
                    gone.push(kept);
                }
                Event::Postponed(which) if !out.is_empty() => {
                    let (one, other, _) = out.swap_remove(which.index(out.len()));
                    prop_assert_eq!(few.postpone(one, now), all.postpone(other, now));
                }
                Event::GivenBack(which) if !out.is_empty() => {
                    let (one, other, _) = out.swap_remove(which.index(out.len()));
                    few.give_back(one);
                    all.give_back(other);
                }
                Event::TakenBack(which) if !gone.is_empty() => {
                    let kept = gone.swap_remove(which.index(gone.len()));
                    for queue in [&mut few, &mut all] {
                        queue.take_back(std::iter::once(kept.clone()));
                    }
                }
                Event::Passes(seconds) => now += Duration::from_secs(seconds.into()),
                Event::Done(_) | Event::Postponed(_) | Event::GivenBack(_) | Event::TakenBack(_) => {}
            }
            let seen = |queue: &Queue| (queue.len(), queue.under_way(), queue.is_ready(), queue.next_at());
            prop_assert_eq!(seen(&few), seen(&all));
            prop_assert!(few.requests().eq(all.requests()));
            prop_assert!((1..=last).all(|number| few.get(number) == all.get(number)));
        }
    }
}
