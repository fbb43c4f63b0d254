//! Exchanges that wait, for the store or for a module, in every order in which they can go on.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use kotare_engine::expire;
use kotare_engine::hooks::v6::{Asked6, Committed6, Hooks6, Leases6Committed, Link6, Subnet6Select};
use kotare_engine::hooks::{Step, Verdict, Verdict6};
use kotare_model::LeaseState;
use kotare_stats::Stat6;
use kotare_testkit::{MemoryStore6, SuspendingStore, Task, in_every_order, play};
use kotare_wire::v6::MessageType;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::told::ask;
use crate::world::{World, config, shown};

type Slow = World<SuspendingStore<MemoryStore6>>;

/// One address and one prefix.
fn scarce() -> Value {
    config(json!({
        "pools": [{ "pool": "2001:db8:1::10 - 2001:db8:1::10" }],
        "pd-pools": [{ "prefix": "2001:db8:f000::", "prefix-len": 56, "delegated-len": 56 }],
    }))
}

fn slow(text: Value) -> Slow {
    World::with_store(SuspendingStore::new(MemoryStore6::new()), text, Hooks6::default())
}

/// The statistics say what the store has.
fn counts_are_right(world: &Slow) {
    let of = |prefixes: bool| {
        let all = world.store.inner().all();
        let is_taken = |it: &&kotare_model::Lease6| {
            matches!(it.state, LeaseState::Assigned | LeaseState::Declined)
                && (it.prefix_len != 128) == prefixes
        };
        all.iter().filter(is_taken).count() as i64
    };
    assert_eq!(world.stat("subnet[1].assigned-nas"), of(false));
    assert_eq!(world.stat("subnet[1].assigned-pds"), of(true));
}

/// Two clients, one address and one prefix: whoever is faster gets each, the other hears that there is none, and nothing is
/// lost or counted twice.
#[test]
fn two_clients_want_the_last_of_each() {
    for kind in ["na", "pd"] {
        let mut winners = [false; 2];
        let played = in_every_order(|choices| {
            let world = slow(scarce());
            world.store.suspend(true);
            let mut tasks = [1, 2].map(|client| {
                let request = ask(MessageType::REQUEST, client);
                world.start(&if kind == "na" { request.na(1, &[]) } else { request.pd(1, &[]) })
            });
            let mut told = [const { String::new() }; 2];
            play(&world.store, choices, || {
                for (task, told) in tasks.iter_mut().zip(&mut told) {
                    *told = task.go_on().unwrap_or(std::mem::take(told));
                }
            });
            let winner = told.iter().position(|told| told.contains("3000/4000")).expect("one gets it");
            assert!(told[1 - winner].contains("could be allocated"), "{told:?}");
            winners[winner] = true;
            let all = world.store.inner().all();
            assert_eq!(all.len(), 1);
            assert_eq!(usize::from(*all[0].duid.as_bytes().last().unwrap()), winner + 1);
            counts_are_right(&world);
        });
        assert!(played > 5 && winners == [true; 2], "{played} orders, {winners:?}");
    }
}

/// A client renews while its lease, which has expired, is reclaimed: a lease that it was told of stands, whichever was
/// first.
#[test]
fn a_renewal_meets_reclamation() {
    let mut reclaimed = [0; 2];
    let played = in_every_order(|choices| {
        let mut world = slow(config(json!({})));
        world.ask(&ask(MessageType::REQUEST, 1).na(1, &["2001:db8:1::10"]));
        world.pass(5000);
        world.store.suspend(true);
        let settings = &world.server.config().process.expired_leases;
        let mut renewal = world.start(&ask(MessageType::RENEW, 1).na(1, &["2001:db8:1::10"]));
        let work = expire::reclaim(&world.leases, settings, &[], world.now, || Duration::ZERO);
        let mut reclamation = Task::start(work);
        let (mut told, mut done) = (None, None);
        play(&world.store, choices, || {
            told = renewal.go_on().or(told.take());
            if let Some(result) = reclamation.go_on() {
                done = result.ok();
            }
        });
        let told = told.expect("an answer");
        assert!(told.contains("2001:db8:1::10 3000/4000"), "{told}");
        reclaimed[done.expect("it ends").leases] += 1;
        let lease = world.store.inner().all().pop().expect("it was told");
        assert!(lease.state == LeaseState::Assigned && !lease.expired(world.now), "{lease:?}");
        assert_eq!(world.stat("reclaimed-leases"), 1);
        counts_are_right(&world);
    });
    assert!(played > 5 && reclaimed.iter().all(|&times| times > 0), "{played} orders, {reclaimed:?}");
}

/// Whichever call of the store fails, the message is dropped, and what it got so far is still its client's afterwards.
#[test]
fn any_call_may_fail() {
    let mut failures = 0;
    let played = in_every_order(|choices| {
        let mut world = slow(scarce());
        world.store.suspend(true);
        let mut became = None;
        let mut task = world.start(&ask(MessageType::REQUEST, 1).na(1, &[]).pd(2, &[]));
        while let Some(&(call, what)) = world.store.waiting().first() {
            let is_flush = what == kotare_testkit::Call::Flush;
            if became.is_none() && !is_flush && choices.pick(2) == 1 {
                world.store.fail(call);
            } else {
                world.store.resume(call);
            }
            became = task.go_on().or(became);
        }
        drop(task);
        failures += usize::from(became.expect("it ends").contains("Store"));
        counts_are_right(&world);
        world.store.suspend(false);
        let told = world.ask(&ask(MessageType::REQUEST, 1).na(1, &[]).pd(2, &[]));
        assert!(told.contains("2001:db8:1::10 3000/4000") && told.contains("f000::/56 3000/4000"), "{told}");
        counts_are_right(&world);
    });
    assert!(failures > 3 && failures < played, "{failures} of {played}");
}

/// A message that is given up while it waits takes nothing with it.
#[test]
fn an_exchange_may_be_given_up_anywhere() {
    for calls in 0..12 {
        let mut world = slow(scarce());
        world.store.suspend(true);
        let mut task = world.start(&ask(MessageType::REQUEST, 1).na(1, &[]).pd(2, &[]));
        for _ in 0..calls {
            let Some(&(call, _)) = world.store.waiting().first() else { break };
            world.store.resume(call);
            task.go_on();
        }
        drop(task);
        world.store.suspend(false);
        let told = world.ask(&ask(MessageType::REQUEST, 1).na(1, &[]).pd(2, &[]));
        assert!(told.contains("2001:db8:1::10 3000/4000"), "given up after {calls} calls: {told}");
        counts_are_right(&world);
    }
}

/// A client releases what somebody else is about to be given: whatever comes first, both hear what is so.
#[test]
fn a_release_meets_a_request() {
    let mut given = [0; 2];
    in_every_order(|choices| {
        let mut world = slow(scarce());
        world.ask(&ask(MessageType::REQUEST, 1).na(1, &[]));
        world.store.suspend(true);
        let mut release = world.start(&ask(MessageType::RELEASE, 1).na(1, &["2001:db8:1::10"]));
        let mut request = world.start(&ask(MessageType::REQUEST, 2).na(1, &["2001:db8:1::10"]));
        let (mut released, mut requested) = (None, None);
        play(&world.store, choices, || {
            released = release.go_on().or(released.take());
            requested = request.go_on().or(requested.take());
        });
        assert!(released.expect("an answer").contains("Lease released"));
        let is_given = requested.expect("an answer").contains("2001:db8:1::10 3000/4000");
        given[usize::from(is_given)] += 1;
        let all: Vec<_> = world.store.inner().all().into_iter().map(shown).collect();
        match is_given {
            true => assert_eq!(all, ["2001:db8:1::10 IA_NA 1 client 2 in 1 default"]),
            false => assert_eq!(all, ["2001:db8:1::10 IA_NA 1 client 1 in 1 released"]),
        }
        counts_are_right(&world);
    });
    assert!(given.iter().all(|&times| times > 0), "{given:?}");
}

/// A module whose answers come when the test gives them.
#[derive(Default)]
struct Later(Mutex<Vec<Waiting>>);

struct Waiting {
    what: &'static str,
    answer: Option<Verdict6>,
    waker: Waker,
}

impl Later {
    fn wait(&self, what: &'static str) -> impl Future<Output = Verdict6> + Send + '_ {
        let mut is_noted = false;
        poll_fn(move |context| {
            let mut all = self.0.lock();
            if !std::mem::replace(&mut is_noted, true) {
                all.push(Waiting { what, answer: None, waker: context.waker().clone() });
                return Poll::Pending;
            }
            let at = all.iter().position(|waiting| waiting.what == what && waiting.answer.is_some());
            match at.map(|at| all.remove(at)) {
                Some(Waiting { answer: Some(answer), .. }) => Poll::Ready(answer),
                _ => Poll::Pending,
            }
        })
    }

    /// What is waited for.
    fn waiting(&self) -> Vec<&'static str> {
        self.0.lock().iter().map(|waiting| waiting.what).collect()
    }

    fn answer(&self, answer: Verdict6) {
        let mut all = self.0.lock();
        let waiting = all.first_mut().expect("somebody waits");
        waiting.answer = Some(answer);
        let waker = waiting.waker.clone();
        drop(all);
        waker.wake();
    }
}

impl Subnet6Select for Later {
    fn subnet6_select<'a>(&'a self, _: Asked6<'a>, _: &'a mut Link6<'_>) -> Step<'a, Verdict6> {
        Step::wait(self.wait("subnet"))
    }
}

impl Leases6Committed for Later {
    fn leases6_committed<'a>(&'a self, _: Asked6<'a>, _: Committed6<'a>) -> Step<'a, Verdict6> {
        Step::wait(self.wait("partner"))
    }
}

fn waiting(text: Value) -> (World, Arc<Later>) {
    let module = Arc::new(Later::default());
    let hooks = Hooks6 {
        subnet6_select: vec![module.clone()],
        leases6_committed: vec![module.clone()],
        ..Hooks6::default()
    };
    (World::with_hooks(text, hooks), module)
}

/// A module may wait where a subnet is selected and when leases were written, and drop the message afterwards.
#[test]
fn modules_wait() {
    let (world, module) = waiting(config(json!({})));
    let request = ask(MessageType::REQUEST, 1).na(1, &[]);
    let mut task = world.start(&request);
    assert_eq!((module.waiting(), world.leases().len()), (vec!["subnet"], 0));
    module.answer(Verdict::Continue);
    assert!(task.go_on().is_none());
    assert_eq!((module.waiting(), world.leases().len()), (vec!["partner"], 1));
    module.answer(Verdict::Continue);
    assert!(task.go_on().expect("an answer").contains("2001:db8:1::10 "));
    for (before, stat) in [(0, Stat6::NotForUs), (1, Stat6::ProcessingFailed)] {
        let mut task = world.start(&request);
        for _ in 0..before {
            module.answer(Verdict::Continue);
            assert!(task.go_on().is_none());
        }
        module.answer(Verdict::Drop(Some(stat)));
        assert!(task.go_on().expect("it ends").starts_with("dropped ByModule"));
    }
    assert_eq!((world.stat("pkt6-not-for-us"), world.stat("pkt6-processing-failed")), (1, 1));
    // No lease was changed: nobody is told.
    let mut task = world.start(&ask(MessageType::SOLICIT, 1).na(1, &[]));
    module.answer(Verdict::Continue);
    assert!(task.go_on().is_some());
}

/// `parked-packet-limit`: one more message than may wait at a point is dropped; whoever ends or is given up makes room.
#[test]
fn only_so_many_messages_wait() {
    let mut text = config(json!({}));
    text["Dhcp6"]["parked-packet-limit"] = json!(1);
    let (world, module) = waiting(text);
    let solicit = |client| ask(MessageType::SOLICIT, client).na(1, &[]);
    let mut first = world.start(&ask(MessageType::REQUEST, 1).na(1, &[]));
    let mut second = world.start(&solicit(2));
    assert!(second.go_on().expect("it is dropped at once").contains("ParkingLotFull"));
    assert_eq!((world.stat("pkt6-queue-full"), world.stat("pkt6-receive-drop")), (1, 1));
    module.answer(Verdict::Continue);
    assert!(first.go_on().is_none());
    // At the other point nobody is in the way.
    let third = world.start(&solicit(3));
    assert!(!third.has_ended());
    drop(third);
    let fourth = world.start(&solicit(4));
    assert!(!fourth.has_ended());
    assert_eq!(world.stat("pkt6-queue-full"), 1);
}
