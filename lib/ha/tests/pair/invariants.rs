//! What holds whatever happens.

use std::time::Duration;

use kotare_ha::Synced as _;
use kotare_ha::{Mode, State};
use proptest::prelude::*;

use crate::faults::{Schedule, anything, crashes, partitions};
use crate::world::World;

const MINUTE: Duration = Duration::from_secs(60);

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::LoadBalancing), Just(Mode::HotStandby)]
}

/// Lets a schedule happen, and the rest of its time pass.
fn suffer(world: &mut World, schedule: &Schedule) {
    world.run(15 * MINUTE);
    let mut at = Duration::ZERO;
    for (gap, fault) in schedule {
        at += *gap;
        world.fault(at, *fault);
    }
    world.run(at + Duration::from_secs(2000));
}

/// Waits until both servers are as they ought to be, and knows how long it took.
fn finds_back(world: &mut World, mode: Mode) -> Result<Duration, TestCaseError> {
    let normal = Some(if mode == Mode::LoadBalancing { State::LoadBalancing } else { State::HotStandby });
    let begun = world.now;
    while world.now < begun + 240 * MINUTE {
        if (0..2).all(|node| world.state(node) == normal) {
            // And stays so.
            let reached = world.now - begun;
            world.run(2 * MINUTE);
            if (0..2).all(|node| world.state(node) == normal) {
                return Ok(reached);
            }
        }
        world.run(MINUTE / 2);
    }
    let last: Vec<_> = world.history.iter().rev().take(20).collect();
    Err(TestCaseError::fail(format!("{:?} and {:?}; before: {last:?}", world.state(0), world.state(1))))
}

/// Both servers know of the same leases, those of all clients among them.
fn agrees(world: &World) -> Result<(), TestCaseError> {
    let held = |node: usize| {
        let clock = world.nodes[node].moment(world.now).clock;
        let leases = world.nodes[node].leases.values().filter(move |lease| lease.expires() > clock);
        leases.copied().collect::<Vec<_>>()
    };
    prop_assert_eq!(held(0), held(1));
    for (number, client) in world.clients.iter().enumerate() {
        // Who is asking again just now may have a lease that is on its way.
        if let Some(address) = client.address(world.now).filter(|_| client.tries.is_none()) {
            let lease = world.nodes[0].leases.get(&address);
            prop_assert!(
                lease.is_some_and(|lease| usize::from(lease.client) == number),
                "client {number} has {address}, the servers {lease:?}"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// When one server at a time dies, whatever is left of its disk, no lease is lost, no client gets another address, no
    /// address is given to two clients, and the pair finds back; also with a backup, on a slow link that reorders.
    #[test]
    fn crashes_lose_nothing(mode in mode(), seed: u64, backups in 0..2_usize, schedule in crashes()) {
        let mut world = World::new(mode, backups, 20, seed);
        world.link.slowest = Duration::from_secs(2);
        suffer(&mut world, &schedule);
        finds_back(&mut world, mode)?;
        prop_assert_eq!(&world.violations, &Vec::<String>::new());
        prop_assert_eq!(&world.moves, &Vec::<String>::new());
        // Until nothing is on its way any more.
        world.link.slowest = Duration::from_millis(1);
        quiet(&mut world);
        agrees(&world)?;
    }

    /// When servers do not hear each other while clients hear both, no address is given to two clients, and the pair finds
    /// back. There are no more clients than may go without an answer.
    #[test]
    fn partitions_double_nothing(mode in mode(), seed: u64, loses in 0..200_usize, schedule in partitions()) {
        let mut world = World::new(mode, 0, 10, seed);
        world.link.loses = if loses > 100 { loses } else { 0 };
        suffer(&mut world, &schedule);
        world.link.loses = 0;
        finds_back(&mut world, mode)?;
        prop_assert_eq!(&world.violations, &Vec::<String>::new());
        world.link.slowest = Duration::from_millis(1);
        quiet(&mut world);
        agrees(&world)?;
    }

    /// Whatever happens, the pair finds back to normal with nobody's help, and both know of the same leases then.
    #[test]
    fn the_pair_always_finds_back(mode in mode(), seed: u64, loses in 0..60_usize, schedule in anything()) {
        let mut world = World::new(mode, 0, 20, seed);
        world.link.loses = if loses > 5 { loses } else { 0 };
        world.link.slowest = Duration::from_secs(3);
        suffer(&mut world, &schedule);
        (world.link.loses, world.link.slowest) = (0, Duration::from_millis(1));
        finds_back(&mut world, mode)?;
        // Leases from before the clocks were right are over.
        world.run(30 * MINUTE);
        quiet(&mut world);
        agrees(&world)?;
    }
}

/// Lets time pass until nobody asks for anything.
fn quiet(world: &mut World) {
    world.run(5 * MINUTE);
    for _ in 0..10_000 {
        if world.clients.iter().all(|client| client.tries.is_none()) {
            break;
        }
        world.run(Duration::from_millis(100));
    }
}
