//! Expired leases.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use kotare_engine::expire::{self, Reclaimed};
use kotare_model::LeaseState;
use kotare_testkit::{Client, Config, SERVER, Via, World, run};

fn with_leases(count: u32, change: impl FnOnce(&mut kotare_config::process::ExpiredLeases)) -> World {
    let mut world =
        World::new(Config::usual().with(|config| change(&mut config.process.expired_leases)).build());
    for number in 1..=count {
        world.lease(&Client::new(number)).unwrap();
    }
    world
}

/// A reclaimed lease keeps its client for `hold-reclaimed-time` and loses its name; then it goes.
#[test]
fn a_reclaimed_lease_is_kept_for_a_while() {
    let mut world = with_leases(3, |settings| settings.hold = Duration::from_secs(3600));
    assert_eq!(world.reclaim(), Reclaimed::default());
    world.pass(4000);
    assert_eq!(world.reclaim(), Reclaimed { leases: 3, incomplete: false, timed_out: false });
    assert!(world.store.all().iter().all(|lease| lease.state == LeaseState::ExpiredReclaimed));
    let names = ["assigned-addresses", "subnet[1].reclaimed-leases", "subnet[1].pool[0].assigned-addresses"];
    assert_eq!(names.map(|name| world.stat(name)), [0, 3, 0]);
    world.pass(3599);
    assert_eq!(world.remove_reclaimed(), 0);
    world.pass(1);
    assert_eq!(world.remove_reclaimed(), 3);
    assert_eq!(world.store.all(), []);
}

/// With `hold-reclaimed-time` 0 a reclaimed lease goes at once; one in probation always does.
#[test]
fn what_is_not_kept_goes_at_once() {
    let mut world = with_leases(1, |settings| settings.hold = Duration::ZERO);
    world.pass(4000);
    assert_eq!(world.reclaim().leases, 1);
    assert_eq!(world.store.all(), []);
    let mut world = with_leases(1, |_| {});
    let leased = world.store.all()[0].address;
    world.send(&Client::new(1).decline(leased, SERVER), Via::BROADCAST);
    world.pass(86400);
    assert_eq!(world.reclaim().leases, 1);
    assert_eq!(world.store.all(), []);
    assert_eq!((world.stat("declined-addresses"), world.stat("assigned-addresses")), (0, 0));
}

/// `max-reclaim-leases`: so many at a time, the longest expired first; 0 is all.
#[test]
fn reclamation_is_limited_by_number() {
    let mut world = with_leases(5, |settings| settings.max_leases = 2);
    world.pass(4000);
    let incomplete = Reclaimed { leases: 2, incomplete: true, timed_out: false };
    assert_eq!((world.reclaim(), world.reclaim()), (incomplete, incomplete));
    assert_eq!(world.reclaim(), Reclaimed { leases: 1, incomplete: false, timed_out: false });
    let mut world = with_leases(5, |settings| settings.max_leases = 0);
    world.pass(4000);
    assert_eq!(world.reclaim().leases, 5);
}

/// `max-reclaim-time`: it stops when the time is up, after one lease at least.
#[test]
fn reclamation_is_limited_by_time() {
    let mut world = with_leases(5, |settings| settings.max_time = Duration::from_millis(250));
    world.pass(4000);
    let settings = world.server.config().process.expired_leases;
    let clock = AtomicU64::new(0);
    let elapsed = || Duration::from_millis(clock.fetch_add(100, SeqCst));
    let reclaimed = run(expire::reclaim(&world.leases, &settings, &[], world.now, elapsed)).unwrap();
    assert_eq!(reclaimed, Reclaimed { leases: 4, incomplete: true, timed_out: true });
    assert_eq!(world.reclaim().leases, 1);
}
