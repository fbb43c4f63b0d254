//! Expired leases.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use kotare_engine::expire::{self, Reclaimed};
use kotare_engine::hooks::Expiry;
use kotare_engine::hooks::v4::{Hooks4, Lease4Expire};
use kotare_model::{Lease4, LeaseState};
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

/// With `hold-reclaimed-time` 0 a reclaimed lease goes at once, with `flush-reclaimed-timer-wait-time` 0, which turns off
/// what would remove it, too, however long it were to be held; one in probation always does.
#[test]
fn what_is_not_kept_goes_at_once() {
    for (hold, flush) in [(0, 25), (3600, 0), (0, 0)] {
        let mut world = with_leases(1, |settings| {
            (settings.hold, settings.flush_wait) = (Duration::from_secs(hold), Duration::from_secs(flush));
        });
        world.pass(4000);
        assert_eq!(world.reclaim().leases, 1);
        assert_eq!(world.store.all(), [], "{hold} {flush}");
        assert_eq!(world.stat("reclaimed-leases"), 1);
    }
    let mut world = with_leases(1, |_| {});
    let leased = world.store.all()[0].address;
    world.send(&Client::new(1).decline(leased, SERVER), Via::BROADCAST);
    world.pass(86400);
    assert_eq!(world.reclaim().leases, 1);
    assert_eq!(world.store.all(), []);
    assert_eq!((world.stat("declined-addresses"), world.stat("assigned-addresses")), (0, 0));
}

/// A lease that was given back is reclaimed like one that expired: its row becomes that of a reclaimed lease, and it is
/// counted, but it was not assigned any more.
#[test]
fn released_leases_are_reclaimed() {
    let names = ["reclaimed-leases", "subnet[1].reclaimed-leases", "subnet[1].pool[0].reclaimed-leases"];
    let released = || {
        let mut world = with_leases(2, |_| {});
        let address = world.lease(&Client::new(1)).unwrap();
        world.send(&Client::new(1).release(address, SERVER), Via::unicast(address));
        assert_eq!(world.store.lease(address).unwrap().state, LeaseState::Released);
        assert_eq!((world.stat("assigned-addresses"), world.stat("reclaimed-leases")), (1, 0));
        (world, address)
    };
    let (mut world, address) = released();
    assert_eq!(world.reclaim().leases, 1);
    assert_eq!(world.store.lease(address).unwrap().state, LeaseState::ExpiredReclaimed);
    assert_eq!(names.map(|name| world.stat(name)), [1; 3]);
    assert_eq!((world.stat("assigned-addresses"), world.reclaim().leases), (1, 0));

    // Or because somebody gets the address before; coming back to it after that counts no more.
    for client in [1, 3] {
        let (mut world, address) = released();
        let wish = Client::new(client).renew(address);
        assert_eq!(world.send(&wish, Via::unicast(address)).unwrap().yiaddr(), address);
        assert_eq!(names.map(|name| world.stat(name)), [1; 3]);
        assert_eq!((world.stat("assigned-addresses"), world.reclaim().leases), (2, 0));
    }

    // Not because it is given back after its end.
    let mut world = with_leases(1, |_| {});
    let address = world.store.all()[0].address;
    world.pass(5000);
    world.send(&Client::new(1).release(address, SERVER), Via::unicast(address));
    assert_eq!((world.stat("assigned-addresses"), world.stat("reclaimed-leases")), (0, 0));
    assert_eq!((world.reclaim().leases, world.stat("reclaimed-leases")), (1, 1));
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

/// Wants leases of addresses before this one to be left alone.
struct LeavesAlone(Ipv4Addr);

impl Lease4Expire for LeavesAlone {
    fn lease4_expire(&self, lease: &Lease4) -> Expiry {
        if lease.address < self.0 { Expiry::Leave } else { Expiry::Reclaim }
    }
}

/// Leases that a module wants to be left alone keep no others from being reclaimed, however many they are.
#[test]
fn what_is_left_alone_keeps_nothing_back() {
    let mut world = with_leases(7, |settings| settings.max_leases = 1);
    let mut addresses: Vec<_> = world.store.all().iter().map(|lease| lease.address).collect();
    addresses.sort();
    let module = Arc::new(LeavesAlone(addresses[5]));
    world.hook(Hooks4 { lease4_expire: vec![module], ..Hooks4::default() });
    world.pass(4000);
    let reclaimed = |incomplete| Reclaimed { leases: 1, incomplete, timed_out: false };
    assert_eq!([world.reclaim(), world.reclaim()], [reclaimed(true), reclaimed(false)]);
    assert_eq!(world.reclaim().leases, 0);
    for (at, address) in addresses.into_iter().enumerate() {
        let is_left = world.store.lease(address).unwrap().state == LeaseState::Assigned;
        assert_eq!(is_left, at < 5, "{address}");
    }
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
