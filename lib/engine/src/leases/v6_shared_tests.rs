//! Leases of DHCPv6 while several have to do with them: what is being filled misses nothing, what is told is told in order.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{Thread, current, park, yield_now};

use kotare_model::{Lease6, LeaseState};
use kotare_store::{Change, Put};
use kotare_testkit::Task;
use parking_lot::Mutex;

use super::tests::{Scene, config, query};
use crate::alloc::Map;
use crate::hooks::{Cause, LeaseEvent6, Observer6};
use crate::v6::QueryKind;

/// A prefix that is given back while the map of a new pool is being filled is free there, though the filling had read its lease
/// before.
#[test]
fn what_is_freed_while_a_map_is_filled_is_free() {
    let (scene, request) = (Scene::new("iterative"), query(QueryKind::Release));
    let place = scene.propose(0, true, 0).unwrap();
    let lease = scene.lease(place, 0, LeaseState::Assigned);
    assert!(scene.put(place, None, Some(&lease), Cause::Command));
    scene.leases.store().slow(true);
    // Pools with queues have maps of their own.
    let next = config("flq");
    let mut filling = Task::start(scene.leases.plan(&next, &scene.stats));
    assert!(!filling.has_ended());
    assert!(scene.put(place, Some(&lease), None, Cause::Query(&request)));
    // As a page does that was read before.
    scene.leases.plans.registry().of(place, |map| _ = map.take(place));
    let plan = (0..1000).find_map(|_| filling.go_on()).expect("it is made").unwrap();
    drop(filling);
    scene.leases.store().slow(false);
    Scene { plan, config: next, ..scene }.check().unwrap();
}

/// Wakes a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls a future when it is woken, until it is ready.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Arc::new(Unpark(current())).into();
    let mut future = pin!(future);
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => park(),
        }
    }
}

/// Whoever changes an address or a prefix, and however many do at the same time: observers hear of each change after the one
/// that it follows.
#[test]
fn observers_hear_in_order() {
    #[derive(Default)]
    struct Heard(Mutex<Vec<[Option<u32>; 2]>>);
    impl Observer6 for Heard {
        fn lease6(&self, event: &LeaseEvent6<'_>) {
            // Others go on meanwhile, if they can.
            yield_now();
            self.0.lock().push([event.before, event.after].map(|lease| lease.map(|lease| lease.iaid)));
        }
    }
    for (delegated, slow) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut scene = Scene::new("iterative");
        let heard = Arc::new(Heard::default());
        scene.plan = scene.plan.observed(&[heard.clone() as Arc<dyn Observer6>]);
        let place = scene.propose(0, delegated, 0).unwrap();
        scene.leases.store().slow(slow);
        std::thread::scope(|scope| {
            for worker in 1..=4_u32 {
                let scene = &scene;
                scope.spawn(move || {
                    for number in 0..300 {
                        let iaid = worker << 16 | number;
                        let to = Lease6 { iaid, ..scene.lease(place, 0, LeaseState::Assigned) };
                        loop {
                            let from = scene.leases.store().lease(place.address());
                            let change =
                                Change { address: place.address(), from: from.as_ref(), to: Some(&to) };
                            let put = scene.leases.put(change, Cause::Command, scene.now);
                            if block_on(put).expect("an answer") == Put::Done {
                                break;
                            }
                        }
                    }
                });
            }
        });
        let heard = heard.0.lock();
        assert_eq!((heard.len(), heard[0][0]), (1200, None));
        let follows = |pair: &[[Option<u32>; 2]]| pair[0][1] == pair[1][0];
        assert!(heard.windows(2).all(follows), "delegated: {delegated}, slow: {slow}");
    }
}
