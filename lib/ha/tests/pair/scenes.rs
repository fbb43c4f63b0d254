//! Scenes that operators know, one after the other.

use std::sync::Arc;
use std::time::Duration;

use kotare_ha::{Machine, Mode, Pause, State, Synced as _};

use crate::faults::Fault;
use crate::node::{Lease, Node};
use crate::world::World;

const MINUTE: Duration = Duration::from_secs(60);

/// The states of both servers.
fn states(world: &World) -> [Option<State>; 2] {
    [world.state(0), world.state(1)]
}

fn normal(mode: Mode) -> [Option<State>; 2] {
    [Some(if mode == Mode::LoadBalancing { State::LoadBalancing } else { State::HotStandby }); 2]
}

/// A pair that begins finds together at once, and all servers get to know of all leases.
#[test]
fn a_pair_begins() {
    for mode in [Mode::LoadBalancing, Mode::HotStandby] {
        let mut world = World::new(mode, 1, 40, 7);
        world.run(MINUTE);
        assert_eq!(states(&world), normal(mode), "{:?}", world.history);
        world.run(20 * MINUTE);
        assert_eq!(world.state(2), Some(State::Backup));
        assert!(world.answers >= 40 && world.violations.is_empty());
        assert_eq!(world.nodes[0].leases, world.nodes[1].leases);
        assert_eq!(world.nodes[0].leases, world.nodes[2].leases);
        assert_eq!(world.nodes[0].leases.len(), 40);
    }
}

/// The partner dies, its clients are answered, and it comes back with an empty disk.
#[test]
fn a_server_is_replaced() {
    for mode in [Mode::LoadBalancing, Mode::HotStandby] {
        let mut world = World::new(mode, 0, 40, 8);
        world.run(20 * MINUTE);
        world.fault(Duration::ZERO, Fault::Crash { node: 0, keeps_disk: false, seconds: 900 });
        world.run(14 * MINUTE);
        assert_eq!(world.state(1), Some(State::PartnerDown), "{:?}", world.history);
        world.run(5 * MINUTE);
        assert_eq!(states(&world), normal(mode), "{:?}", world.history);
        world.run(10 * MINUTE);
        assert_eq!(world.nodes[0].leases, world.nodes[1].leases);
        assert!(world.violations.is_empty());
    }
}

/// Two servers that answer but do not hear each other queue what they have to tell, and send it.
#[test]
fn a_short_interruption_costs_no_synchronisation() {
    let mut world = World::new(Mode::LoadBalancing, 0, 6, 9);
    world.run(20 * MINUTE);
    world.history.clear();
    world.fault(Duration::ZERO, Fault::Partition { seconds: 500 });
    world.run(8 * MINUTE);
    assert_eq!(states(&world), [Some(State::CommunicationRecovery); 2]);
    world.run(5 * MINUTE);
    assert_eq!(states(&world), normal(Mode::LoadBalancing), "{:?}", world.history);
    assert!(!world.history.iter().any(|(_, state)| *state == State::Syncing), "{:?}", world.history);
    assert_eq!(world.nodes[0].leases, world.nodes[1].leases);
}

/// What found no room in the queue is fetched.
#[test]
fn a_long_interruption_ends_in_a_synchronisation() {
    let mut world = World::new(Mode::LoadBalancing, 0, 40, 10);
    world.run(20 * MINUTE);
    world.history.clear();
    world.fault(Duration::ZERO, Fault::Partition { seconds: 1000 });
    world.run(25 * MINUTE);
    assert_eq!(states(&world), normal(Mode::LoadBalancing), "{:?}", world.history);
    assert!(world.history.iter().any(|(_, state)| *state == State::Syncing));
    assert_eq!(world.nodes[0].leases, world.nodes[1].leases);
    assert!(world.violations.is_empty());
}

/// Each took the other to be down and gave leases; both fetch what they do not know, whoever is heard first.
#[test]
fn leases_that_nobody_told_of_are_fetched() {
    for seed in 0..30 {
        let mut world = World::new(Mode::LoadBalancing, 0, 60, seed);
        world.run(20 * MINUTE);
        world.fault(Duration::ZERO, Fault::Partition { seconds: 1500 });
        world.fault(Duration::ZERO, Fault::Crash { node: 0, keeps_disk: true, seconds: 500 });
        world.run(24 * MINUTE);
        assert_eq!(states(&world), [Some(State::PartnerDown); 2], "{:?}", world.history);
        while states(&world) != normal(Mode::LoadBalancing) {
            assert!(world.now < 60 * MINUTE, "{:?}", world.history);
            world.run(Duration::from_secs(1));
        }
        let told = |node: usize| world.nodes[node].leases.values().filter(|it| it.cltt < 1_700_002_700);
        assert!(told(0).eq(told(1)), "seed {seed}: {:?}", world.history);
    }
}

/// The leases that a server holds.
fn held(world: &World, node: usize) -> Vec<Lease> {
    let clock = world.nodes[node].moment(world.now).clock;
    world.nodes[node].leases.values().filter(|lease| lease.expires() > clock).copied().collect()
}

/// Lets time pass until both servers are as they ought to be, and says of which leases both know then.
fn together(world: &mut World, mode: Mode) -> Vec<Lease> {
    let begun = world.now;
    while states(world) != normal(mode) {
        assert!(world.now < begun + 60 * MINUTE, "{:?}", world.history);
        world.run(Duration::from_millis(500));
    }
    assert_eq!(held(world, 0), held(world, 1), "{:?}", world.history);
    held(world, 0)
}

/// A server dies with a lease of which neither its client nor its partner has heard. As soon as it is back, its partner
/// knows of that lease, too.
#[test]
fn leases_that_nobody_heard_of_are_told() {
    for (mode, seed) in
        [Mode::LoadBalancing, Mode::HotStandby].into_iter().flat_map(|mode| [(mode, 1), (mode, 2)])
    {
        let mut world = World::new(mode, 0, 120, seed);
        world.run(5 * MINUTE);
        world.cut(vec![(0, 1)], MINUTE);
        let unheard = loop {
            let partners = held(&world, 1);
            let mut unheard = held(&world, 0).into_iter().filter(|lease| !partners.contains(lease));
            if let Some(lease) = unheard.next() {
                break lease;
            }
            assert!(world.now < 6 * MINUTE, "it gives leases");
            world.run(Duration::from_millis(100));
        };
        world.fault(Duration::ZERO, Fault::Crash { node: 0, keeps_disk: true, seconds: 300 });
        world.run(4 * MINUTE);
        assert_eq!(states(&world), [None, Some(State::PartnerDown)], "{:?}", world.history);
        let known = together(&mut world, mode);
        // Its client may have asked the partner meanwhile, and has another.
        assert!(known.iter().any(|lease| lease.client == unheard.client), "{unheard:?}");
        assert!(world.violations.is_empty(), "{:?}", world.violations);
    }
}

/// A server loses its disk while its partner is away. It is told of what the partner has kept.
#[test]
fn a_server_that_lost_its_leases_is_told() {
    for mode in [Mode::LoadBalancing, Mode::HotStandby] {
        let mut world = World::new(mode, 0, 40, 3);
        world.run(15 * MINUTE);
        world.fault(Duration::ZERO, Fault::Crash { node: 0, keeps_disk: true, seconds: 240 });
        world.fault(Duration::from_secs(1), Fault::Crash { node: 1, keeps_disk: false, seconds: 1 });
        world.run(3 * MINUTE);
        assert_eq!(states(&world), [None, Some(State::PartnerDown)], "{:?}", world.history);
        let lost = held(&world, 0);
        assert!(lost.len() > held(&world, 1).len());
        let known = together(&mut world, mode);
        // An address that was given to somebody else meanwhile is with the later one at both.
        assert!(lost.iter().all(|lost| known.iter().any(|known| known.address == lost.address)));
    }
}

/// The second server dies, the first takes over, and the second comes back and fetches all leases: up to when it has just said
/// so. It has pauses like this.
fn fetched(mode: Mode, seed: u64, pauses: &[(State, Pause)]) -> World {
    let mut world = World::new(mode, 0, 90, seed);
    Arc::make_mut(&mut world.nodes[0].relationship).pauses = pauses.to_vec();
    world.run(20 * MINUTE);
    world.fault(Duration::ZERO, Fault::Crash { node: 1, keeps_disk: true, seconds: 600 });
    world.run(9 * MINUTE);
    assert_eq!(states(&world), [Some(State::PartnerDown), None], "{:?}", world.history);
    while world.nodes[0].machine.as_ref().is_some_and(Machine::is_serving) {
        assert!(world.now < 40 * MINUTE, "{:?}", world.history);
        world.run(Duration::from_millis(1));
    }
    assert_eq!(world.state(0), Some(State::PartnerDown));
    world.history.clear();
    world
}

/// The first lease of the first server that the second one does not know of.
fn lacking<'a>(world: &World, given: impl IntoIterator<Item = &'a Lease>) -> Option<&'a Lease> {
    let has = |lease: &Lease| {
        let theirs = world.nodes[1].leases.get(&lease.address);
        theirs.is_some_and(|theirs| theirs.client == lease.client && theirs.cltt >= lease.cltt)
    };
    given.into_iter().find(|lease| !has(lease))
}

/// When a pair is back to normal, both servers know of the leases of all clients; the second one has fetched them again, and
/// not without end.
fn catches_up(world: &mut World, mode: Mode) {
    let given = held(world, 0);
    assert!(lacking(world, &given).is_some(), "leases were given meanwhile");
    let begun = world.now;
    while states(world) != normal(mode) {
        assert!(world.now < begun + 5 * MINUTE, "{:?}", world.history);
        world.run(Duration::from_millis(100));
    }
    assert_eq!(lacking(world, &given), None, "{:?}", world.history);
    for (number, client) in world.clients.iter().enumerate() {
        let Some(address) = client.address(world.now) else { continue };
        let is_known =
            |node: &Node| node.leases.get(&address).is_some_and(|it| usize::from(it.client) == number);
        assert!(world.nodes.iter().all(is_known), "{address} of {number}: {:?}", world.history);
    }
    let again = world.history.iter().filter(|it| **it == (1, State::Syncing)).count();
    assert!((1..=2).contains(&again), "{:?}", world.history);
    assert!(world.violations.is_empty(), "{:?}", world.violations);
}

const MODES: [Mode; 2] = [Mode::LoadBalancing, Mode::HotStandby];

/// A server that pauses while its partner is down goes on giving leases after that has fetched all.
#[test]
fn leases_given_in_a_pause_are_fetched() {
    for (mode, seed) in MODES.into_iter().flat_map(|mode| [(mode, 20), (mode, 21)]) {
        let mut world = fetched(mode, seed, &[(State::PartnerDown, Pause::Once)]);
        world.run(3 * MINUTE);
        assert_eq!(states(&world), [Some(State::PartnerDown), Some(State::Ready)], "{:?}", world.history);
        world.with(0, |machine, moment| _ = machine.go_on(moment));
        catches_up(&mut world, mode);
    }
}

/// A partner that cannot be asked how it is after it has fetched all, be it once or for long, is taken to be down still, while it
/// hears that and waits.
#[test]
fn leases_given_to_a_deaf_partner_are_fetched() {
    for (mode, seed) in MODES.into_iter().flat_map(|mode| [(mode, 22), (mode, 23)]) {
        for seconds in [10, 300] {
            let mut world = fetched(mode, seed, &[]);
            world.link.deaf = Some(1);
            world.run(Duration::from_secs(seconds));
            let begun = world.now;
            while lacking(&world, &held(&world, 0)).is_none() {
                assert!(world.now < begun + MINUTE, "{:?}", world.history);
                world.run(Duration::from_millis(10));
            }
            assert_eq!(states(&world), [Some(State::PartnerDown), Some(State::Ready)], "{:?}", world.history);
            world.link.deaf = None;
            catches_up(&mut world, mode);
        }
    }
}

/// A clock that goes wrong ends the service; when it is right again the service goes on by itself.
#[test]
fn clocks_that_agree_again_heal_a_pair() {
    for mode in [Mode::LoadBalancing, Mode::HotStandby] {
        let mut world = World::new(mode, 0, 10, 11);
        world.run(20 * MINUTE);
        world.fault(Duration::ZERO, Fault::Skew { node: 1, ahead: 70, seconds: 1800 });
        world.run(29 * MINUTE);
        assert_eq!(states(&world), [Some(State::Terminated); 2], "{:?}", world.history);
        world.run(5 * MINUTE);
        assert_eq!(states(&world), normal(mode), "{:?}", world.history);
        world.run(11 * MINUTE);
        assert_eq!(world.nodes[0].leases, world.nodes[1].leases);
    }
}

/// A partner that refuses leases ends the service; it is tried again, less and less often, until somebody mends it.
#[test]
fn refused_leases_end_the_service_until_they_are_not() {
    let mut world = World::new(Mode::HotStandby, 0, 30, 12);
    world.nodes[1].refuses = (0..30).collect();
    world.run(60 * MINUTE);
    let ended = world.history.iter().filter(|it| **it == (0, State::Terminated)).count();
    assert!((1..12).contains(&ended), "{ended} times: {:?}", world.history);
    world.nodes[1].refuses.clear();
    world.run(180 * MINUTE);
    assert_eq!(states(&world), normal(Mode::HotStandby), "{:?}", world.history);
    assert_eq!(world.nodes[0].leases, world.nodes[1].leases);
}

/// The manual's maintenance: one takes over at once, the other may be shut down, and comes back.
#[test]
fn maintenance_takes_over_at_once() {
    let mut world = World::new(Mode::LoadBalancing, 0, 10, 13);
    world.run(20 * MINUTE);
    maintain(&mut world);
    assert_eq!(states(&world), [Some(State::PartnerInMaintenance), Some(State::InMaintenance)]);
    world.run(10 * MINUTE);
    assert!(!world.nodes[1].is_serving(world.now));
    assert_eq!(world.nodes[0].leases, world.nodes[1].leases, "the partner still hears of leases");
    world.fault(Duration::ZERO, Fault::Crash { node: 1, keeps_disk: true, seconds: 600 });
    world.run(MINUTE);
    assert_eq!(world.state(0), Some(State::PartnerDown));
    world.run(12 * MINUTE);
    assert_eq!(states(&world), normal(Mode::LoadBalancing), "{:?}", world.history);
    assert!(world.violations.is_empty());
}

/// Maintenance that is cancelled leads back.
#[test]
fn maintenance_is_cancelled() {
    let mut world = World::new(Mode::HotStandby, 0, 10, 14);
    world.run(20 * MINUTE);
    maintain(&mut world);
    let to = world.nodes[0].machine.as_ref().unwrap().cancel_maintenance().unwrap();
    let mut answer = None;
    world.with(1, |machine, moment| answer = Some(machine.notified(true, to.name(), moment)));
    let answer = answer.unwrap();
    assert_eq!(answer.arguments.unwrap()["state"], "hot-standby");
    world.with(0, |machine, moment| {
        machine.cancel_answered(Ok(kotare_ha::Partner::named("hot-standby")), moment);
    });
    assert_eq!(states(&world), normal(Mode::HotStandby));
    world.run(5 * MINUTE);
    assert_eq!(states(&world), normal(Mode::HotStandby));
}

/// `ha-maintenance-start` of the first server, as its partner answers it.
fn maintain(world: &mut World) {
    let mut state = None;
    world.with(0, |machine, moment| state = Some(machine.start_maintenance(moment)));
    assert!(state.unwrap().is_ok());
    world.with(1, |machine, moment| assert_eq!(machine.notified(false, "", moment).code, 0));
    world.with(0, |machine, moment| {
        let answer = machine.maintenance_answered(kotare_ha::Notified::Agreed, moment);
        assert_eq!(answer.code, 0, "{}", answer.text);
    });
}
