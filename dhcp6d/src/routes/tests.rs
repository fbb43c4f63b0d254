//! Which routes are set and withdrawn, in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use kotare_config::v6::Prefix6;
use kotare_daemon::{Clock, ManualClock};
use kotare_engine::hooks::{LeaseChange, LeaseEvent6, Observer6};
use kotare_engine::{AnyLeases, Leases6};
use kotare_model::{Duid, HostName, Lease6, LeaseState, LeaseType, Lifetime, SubnetId, Timestamp};
use kotare_stats::Counters6;
use kotare_store::{Change as Put, LeaseStore};
use kotare_store_memfile::{Memfile6, Options};
use parking_lot::Mutex;

use super::changes::{Changes, Wish};
use super::hop::{NextHop, Route};
use super::keeper::Keeper;
use super::plan::{Change, Plan};
use super::target::Target;

const NOW: Timestamp = Timestamp(1_700_000_000);
const SECOND: Duration = Duration::from_secs(1);

/// Routes in memory, which can be refused.
#[derive(Clone, Debug, Default)]
struct Table(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    routes: BTreeMap<Prefix6, NextHop>,
    refuses: bool,
    tries: usize,
}

impl Target for Table {
    fn batch(&self) -> usize {
        2
    }

    async fn apply(&self, changes: Vec<Change>) -> Vec<(Change, Result<(), String>)> {
        let mut kept = self.0.lock();
        let apply = |change: Change| {
            kept.tries += 1;
            if kept.refuses {
                return (change, Err("no".to_owned()));
            }
            match &change.wish {
                Wish::Set(hop) => _ = kept.routes.insert(change.prefix, hop.clone()),
                Wish::Withdrawn(_) => _ = kept.routes.remove(&change.prefix),
            }
            (change, Ok(()))
        };
        changes.into_iter().map(apply).collect()
    }

    async fn sync(&self, routes: Vec<Route>) -> Result<Vec<(Change, String)>, String> {
        let mut kept = self.0.lock();
        kept.tries += 1;
        if kept.refuses {
            return Err("no".to_owned());
        }
        kept.routes = routes.into_iter().map(|route| (route.prefix, route.hop)).collect();
        Ok(Vec::new())
    }
}

fn hop(via: u16) -> NextHop {
    NextHop { via: [0xfe80, 0, 0, 0, 0, 0, 0, via].into(), interface: "eth0".into(), client: None }
}

fn prefix(number: u16) -> Prefix6 {
    Prefix6::new([0x2001, 0xdb8, number, 0, 0, 0, 0, 0].into(), 48).unwrap()
}

/// A lease of a prefix whose client is there.
fn lease(number: u16, via: u16) -> Lease6 {
    let mut lease = Lease6 {
        address: prefix(number).network(),
        prefix_len: 48,
        lease_type: LeaseType::Pd,
        iaid: 1,
        duid: Duid::new(&[0, 3, 0, 1]).unwrap(),
        preferred_lifetime: Lifetime(10),
        valid_lifetime: Lifetime(100),
        cltt: NOW,
        subnet_id: SubnetId(1),
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: HostName::default(),
        hwaddr: None,
        state: LeaseState::Assigned,
        user_context: Some(r#"{ "ISC": { "relay-info": [  ] } }"#.into()),
        pool_id: 0,
    };
    hop(via).keep(&mut lease);
    lease
}

/// A keeper with its routes and leases.
struct Scene {
    keeper: Keeper<Table>,
    table: Table,
    changes: Arc<Changes>,
    hands: ManualClock,
    leases: Leases6<Memfile6>,
}

impl Scene {
    fn new() -> Self {
        let (clock, hands) = Clock::manual(NOW);
        let (table, changes) = (Table::default(), Arc::new(Changes::default()));
        let store = Memfile6::open(Options::new(None, 1)).unwrap();
        let leases = Leases6::new(store, Counters6::unread());
        Self { keeper: Keeper::new(table.clone(), changes.clone(), clock), table, changes, hands, leases }
    }

    async fn store(&self, lease: &Lease6) {
        let put = Put { address: lease.address, from: None, to: Some(lease) };
        self.leases.store().put(put).await.unwrap();
    }

    async fn work(&mut self) {
        self.keeper.work(&self.leases as &dyn AnyLeases<Lease6>).await;
    }

    /// What is kept, by the last part of next hops.
    fn kept(&self) -> Vec<(Prefix6, u16)> {
        self.table.0.lock().routes.iter().map(|(prefix, hop)| (*prefix, hop.via.segments()[7])).collect()
    }

    fn told(&self, before: Option<&Lease6>, after: Option<&Lease6>) {
        let change = LeaseChange::Assigned;
        self.changes.lease6(&LeaseEvent6 { change, before, after, query: None });
    }
}

/// Where a client is stands in its lease beside what Kea keeps there, and is found again.
#[test]
fn a_lease_remembers_where_its_client_is() {
    let mut lease = lease(1, 7);
    let context = r#"{ "ISC": { "relay-info": [  ] }, "Kotare": { "next-hop": { "via": "fe80::7", "interface": "eth0" } } }"#;
    assert_eq!(lease.user_context.as_deref(), Some(context));
    assert_eq!(NextHop::kept(&lease), Some(hop(7)));
    let relayed = NextHop { client: Some("fe80::c".parse().unwrap()), ..hop(8) };
    relayed.keep(&mut lease);
    assert_eq!(NextHop::kept(&lease), Some(relayed.clone()));
    assert_eq!(Route::of(&lease), Some(Route { prefix: prefix(1), hop: relayed }));
    for other in ["{}", "[]", "", r#"{ "Kotare": { "next-hop": { "via": 1, "interface": "eth0" } } }"#] {
        let lease = Lease6 { user_context: Some(other.into()), ..lease.clone() };
        assert_eq!(Route::of(&lease), None, "{other}");
    }
    let ended = Lease6 { state: LeaseState::Released, ..lease.clone() };
    let address = Lease6 { lease_type: LeaseType::Na, ..lease.clone() };
    assert_eq!((Route::of(&ended), Route::of(&address)), (None, None));
    assert_eq!(Route::of_valid(&lease, Timestamp(NOW.0 + 100)), None);
}

/// At the start routes are what leases say, expired ones left out; then they follow each change: given, moved, given back.
/// A renewal changes nothing.
#[tokio::test]
async fn routes_follow_leases() {
    let mut scene = Scene::new();
    scene.table.0.lock().routes.insert(prefix(9), hop(9));
    for (number, age) in [(1, 0), (2, 100)] {
        scene.store(&Lease6 { cltt: Timestamp(NOW.0 - age), ..lease(number, 1) }).await;
    }
    scene.work().await;
    assert_eq!(scene.kept(), [(prefix(1), 1)]);
    let (three, moved) = (lease(3, 3), lease(3, 4));
    scene.told(None, Some(&three));
    scene.work().await;
    assert_eq!(scene.kept(), [(prefix(1), 1), (prefix(3), 3)]);
    let tries = scene.table.0.lock().tries;
    scene.told(Some(&three), Some(&Lease6 { cltt: Timestamp(NOW.0 + 5), ..three.clone() }));
    scene.work().await;
    assert_eq!(scene.table.0.lock().tries, tries);
    scene.told(Some(&three), Some(&moved));
    scene.told(Some(&lease(1, 1)), Some(&Lease6 { state: LeaseState::Released, ..lease(1, 1) }));
    scene.work().await;
    assert_eq!(scene.kept(), [(prefix(3), 4)]);
    scene.told(Some(&moved), None);
    scene.work().await;
    assert_eq!(scene.kept(), []);
    // Whose lease had ended, so that a look found no route for it, and is renewed all the same.
    let late = Lease6 { cltt: Timestamp(NOW.0 - 100), ..lease(2, 1) };
    scene.told(Some(&late), Some(&lease(2, 1)));
    scene.work().await;
    assert_eq!(scene.kept(), [(prefix(2), 1)]);
}

/// What fails is tried again after longer and longer pauses, and what is wished for then is what is done.
#[tokio::test]
async fn failures_are_tried_again() {
    let mut scene = Scene::new();
    scene.work().await;
    scene.table.0.lock().refuses = true;
    scene.told(None, Some(&lease(1, 1)));
    scene.work().await;
    let tries = scene.table.0.lock().tries;
    for (after, expected) in [(0, 0), (1, 1), (1, 1), (1, 2), (3, 2), (1, 3)] {
        scene.hands.advance(after * SECOND);
        scene.work().await;
        assert_eq!(scene.table.0.lock().tries, tries + expected);
    }
    scene.told(Some(&lease(1, 1)), Some(&lease(1, 2)));
    scene.table.0.lock().refuses = false;
    scene.work().await;
    assert_eq!(scene.kept(), [(prefix(1), 2)]);
}

/// A look at all leases that fails is tried again; one is also taken when interfaces changed, and every five minutes.
#[tokio::test]
async fn all_leases_are_looked_at_again() {
    let mut scene = Scene::new();
    scene.store(&lease(1, 1)).await;
    scene.table.0.lock().refuses = true;
    scene.work().await;
    scene.table.0.lock().refuses = false;
    scene.work().await;
    assert_eq!(scene.kept(), []);
    scene.hands.advance(SECOND);
    scene.work().await;
    assert_eq!(scene.kept(), [(prefix(1), 1)]);
    for wait in [300 * SECOND, SECOND] {
        scene.table.0.lock().routes.clear();
        scene.work().await;
        assert_eq!(scene.kept(), []);
        if wait == SECOND {
            scene.keeper.interfaces_changed();
        }
        scene.hands.advance(wait);
        // The lease has not expired meanwhile.
        scene.hands.set_wall(Duration::from_secs(NOW.0.unsigned_abs()));
        scene.work().await;
        assert_eq!(scene.kept(), [(prefix(1), 1)], "after {wait:?}");
    }
}

/// Others go on while all leases are looked through, however many there are.
#[tokio::test]
async fn a_look_at_all_leases_holds_nobody_up() {
    let mut scene = Scene::new();
    for number in 0..5000 {
        scene.store(&lease(number, 1)).await;
    }
    let turns = Arc::new(AtomicUsize::new(0));
    let other = tokio::spawn({
        let turns = turns.clone();
        async move {
            loop {
                turns.fetch_add(1, Relaxed);
                tokio::task::yield_now().await;
            }
        }
    });
    scene.work().await;
    assert_eq!(scene.kept().len(), 5000);
    assert!(turns.load(Relaxed) >= 4, "{turns:?}");
    other.abort();
}

/// More changes than there is room for come to a look at all leases; what there is room for is bounded, and the newest wish
/// for a prefix is the one that counts.
#[test]
fn what_waits_is_bounded() {
    let (clock, _hands) = Clock::manual(NOW);
    let changes = Changes::default();
    let many = |number: u32| {
        let network = u128::from(number) << 64;
        Prefix6::new(network.into(), 64).unwrap()
    };
    for number in 0..70_000 {
        changes.note(many(number), Wish::Withdrawn(None));
    }
    changes.note(many(1), Wish::Set(hop(1)));
    let changed = changes.take();
    assert!(changed.lost && changed.prefixes.len() == 1 << 16);
    assert_eq!(changed.prefixes[&many(1)], Wish::Set(hop(1)));
    let mut plan = Plan::new(clock.moment());
    let now = clock.moment() + SECOND;
    assert!(plan.syncs(now));
    plan.synced(true, clock.moment(), clock.moment());
    plan.note(changed, now);
    assert!(plan.syncs(now + 60 * SECOND), "it is due, if not at once");
    assert!(plan.take(now, 10).is_empty(), "and makes the rest superfluous");
}
