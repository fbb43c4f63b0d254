//! Exchanges that wait, for the store or for a module, in every order in which they can go on.

use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use kotare_engine::hooks::v4::*;
use kotare_engine::hooks::{Step, Verdict};
use kotare_engine::v4::{Dropped, Outcome, Query4, Received, ReplyKind, Sent, report};
use kotare_engine::{Admission, InFlight, expire};
use kotare_model::{Arrival4, LeaseState};
use kotare_stats::Stat4;
use kotare_testkit::{
    Call, Client, Config, MemoryStore, Message, SERVER, Served, Subnet, SuspendingStore, Task, Via, World,
    address, in_every_order, play,
};
use kotare_wire::v4::{Index, OptionCode};

type Slow = World<SuspendingStore<MemoryStore>>;

fn pool(last: &str) -> Config {
    Config::new().subnet(Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", last))
}

fn slow(config: Config) -> Slow {
    World::with_store(config.build(), SuspendingStore::new(MemoryStore::new()))
}

/// The statistics say what the store has.
fn counts_are_right(world: &Slow) {
    let all = world.store.inner().all();
    let taken =
        |lease: &&kotare_model::Lease4| matches!(lease.state, LeaseState::Assigned | LeaseState::Declined);
    assert_eq!(world.stat("assigned-addresses"), all.iter().filter(taken).count() as i64);
}

/// Two clients and one address: whoever is faster gets it, the other hears no, and nothing is lost or counted twice.
#[test]
fn two_clients_want_the_last_address() {
    let mut winners = [false; 2];
    let played = in_every_order(|choices| {
        let world = slow(pool("192.0.2.100"));
        world.store.suspend(true);
        let clients = [1, 2].map(Client::new);
        let mut tasks = clients.each_ref().map(|client| world.start(&client.request(), Via::BROADCAST));
        let mut kinds = [None; 2];
        play(&world.store, choices, || {
            for (task, kind) in tasks.iter_mut().zip(&mut kinds) {
                if let Some(Served { answer, .. }) = task.go_on() {
                    *kind = answer.map(|answer| answer.kind);
                }
            }
        });
        let winner = kinds.iter().position(|kind| *kind == Some(ReplyKind::Ack)).expect("one gets it");
        assert_eq!(kinds[1 - winner], Some(ReplyKind::Nak));
        winners[winner] = true;
        let all = world.store.inner().all();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].hwaddr.as_bytes(), clients[winner].hwaddr);
        counts_are_right(&world);
    });
    assert!(played > 10 && winners == [true; 2], "{played} orders, {winners:?}");
}

/// A client renews while its lease, which has expired, is reclaimed: a lease that was acknowledged stands, whichever
/// was first.
#[test]
fn a_renewal_meets_reclamation() {
    let mut reclaimed = [0; 2];
    let played = in_every_order(|choices| {
        let mut world = slow(pool("192.0.2.109"));
        let leased = world.lease(&Client::new(1)).unwrap();
        world.pass(5000);
        world.store.suspend(true);
        let settings = &world.server.config().process.expired_leases;
        let mut renewal = world.start(&Client::new(1).renew(leased), Via::unicast(leased));
        let work = expire::reclaim(&world.leases, settings, &[], world.now, || Duration::ZERO);
        let mut reclamation = Task::start(work);
        let (mut answer, mut done) = (None, None);
        play(&world.store, choices, || {
            if let Some(served) = renewal.go_on() {
                answer = served.answer;
            }
            if let Some(result) = reclamation.go_on() {
                done = result.ok();
            }
        });
        assert_eq!(answer.expect("an answer").kind, ReplyKind::Ack);
        reclaimed[done.expect("it ends").leases] += 1;
        let lease = world.store.inner().lease(leased).expect("it was acknowledged");
        assert!(lease.state == LeaseState::Assigned && !lease.expired(world.now), "{lease:?}");
        assert_eq!(world.stat("reclaimed-leases"), 1);
        counts_are_right(&world);
    });
    assert!(played > 3 && reclaimed.iter().all(|&times| times > 0), "{played} orders, {reclaimed:?}");
}

/// Whichever call of the store fails, the message is dropped and the address is not lost.
#[test]
fn any_call_may_fail() {
    let mut failures = 0;
    let played = in_every_order(|choices| {
        let mut world = slow(pool("192.0.2.100"));
        world.store.suspend(true);
        let mut became = None;
        let mut task = world.start(&Client::new(1).request(), Via::BROADCAST);
        while let Some(&(call, _)) = world.store.waiting().first() {
            if became.is_none() && choices.pick(2) == 1 {
                world.store.fail(call);
            } else {
                world.store.resume(call);
            }
            became = task.go_on().map(|served| served.became).or(became);
        }
        drop(task);
        let became = became.expect("it ends");
        failures += usize::from(became.contains("Store"));
        world.store.suspend(false);
        assert_eq!(world.lease(&Client::new(1)), Some(address("192.0.2.100")));
        counts_are_right(&world);
    });
    assert!(failures > 3 && failures < played, "{failures} of {played}");
}

/// A message that is given up while it waits takes nothing with it.
#[test]
fn an_exchange_may_be_given_up_anywhere() {
    for calls in 0..10 {
        let mut world = slow(pool("192.0.2.100"));
        world.store.suspend(true);
        let mut task = world.start(&Client::new(1).request(), Via::BROADCAST);
        for _ in 0..calls {
            let Some(&(call, _)) = world.store.waiting().first() else { break };
            world.store.resume(call);
            task.go_on();
        }
        drop(task);
        world.store.suspend(false);
        let given = world.lease(&Client::new(1));
        assert_eq!(given, Some(address("192.0.2.100")), "given up after {calls} calls");
        counts_are_right(&world);
    }
}

/// A module whose answers come when the test gives them, at all points where modules may wait.
#[derive(Default)]
struct Later(Mutex<Vec<Waiting>>);

struct Waiting {
    what: String,
    answer: Option<Offer>,
    waker: Waker,
}

impl Later {
    fn wait(&self, what: String) -> impl Future<Output = Offer> + Send + '_ {
        let waiting = Waiting { what: what.clone(), answer: None, waker: Waker::noop().clone() };
        self.0.lock().unwrap().push(waiting);
        poll_fn(move |context| {
            let mut all = self.0.lock().unwrap();
            let at = all.iter().position(|waiting| waiting.what == what).expect("it was noted");
            match all[at].answer {
                Some(answer) => {
                    all.remove(at);
                    Poll::Ready(answer)
                }
                None => {
                    all[at].waker = context.waker().clone();
                    Poll::Pending
                }
            }
        })
    }

    /// What is waited for.
    fn waiting(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().map(|waiting| waiting.what.clone()).collect()
    }

    fn answer(&self, what: &str, answer: Offer) {
        let mut all = self.0.lock().unwrap();
        let waiting = all.iter_mut().find(|waiting| waiting.what == what);
        let waiting = waiting.unwrap_or_else(|| panic!("nobody waits for {what}"));
        waiting.answer = Some(answer);
        let waker = waiting.waker.clone();
        drop(all);
        waker.wake();
    }
}

impl Lease4Offer for Later {
    fn lease4_offer<'a>(&'a self, _: Asked4<'a>, offered: Offered4<'a>) -> Step<'a, Offer> {
        Step::wait(self.wait(offered.lease.address.to_string()))
    }
}

impl Subnet4Select for Later {
    fn subnet4_select<'a>(&'a self, asked: Asked4<'a>, _: &'a mut Link4<'_>) -> Step<'a> {
        let answer = self.wait(format!("subnet of {:x}", asked.query.transaction));
        Step::wait(async move { verdict(answer.await) })
    }
}

impl Leases4Committed for Later {
    fn leases4_committed<'a>(&'a self, asked: Asked4<'a>, _: Committed4<'a>) -> Step<'a> {
        let answer = self.wait(format!("partner of {:x}", asked.query.transaction));
        Step::wait(async move { verdict(answer.await) })
    }
}

fn verdict(answer: Offer) -> Verdict {
    match answer {
        Offer::Drop(counts) => Verdict::Drop(counts),
        _ => Verdict::Continue,
    }
}

/// A world with a module that checks addresses.
fn checking(config: Config) -> (World, Arc<Later>) {
    let module = Arc::new(Later::default());
    let mut world = World::new(config.build());
    world.hook(Hooks4 { lease4_offer: vec![module.clone()], ..Hooks4::default() });
    assert!(world.server.hooks().wait());
    (world, module)
}

fn yiaddr(served: Option<Served>) -> Option<Ipv4Addr> {
    Some(served?.answer?.yiaddr())
}

/// While one client's offer waits for its check, others are served; checks may end in any order.
#[test]
fn who_waits_for_a_module_hinders_nobody() {
    let (world, module) = checking(pool("192.0.2.109"));
    let mut first = world.start(&Client::new(1).discover(), Via::BROADCAST);
    let mut second = world.start(&Client::new(2).discover(), Via::BROADCAST);
    // No point is asked for a DHCPREQUEST.
    let mut third = world.start(&Client::new(3).request(), Via::BROADCAST);
    assert_eq!(yiaddr(third.go_on()), Some(address("192.0.2.102")));
    assert_eq!(module.waiting(), ["192.0.2.100", "192.0.2.101"]);
    module.answer("192.0.2.101", Offer::Free);
    assert!(first.go_on().is_none());
    assert_eq!(yiaddr(second.go_on()), Some(address("192.0.2.101")));
    module.answer("192.0.2.100", Offer::InUse);
    assert!(first.go_on().is_none(), "the next candidate is checked, too");
    assert_eq!(module.waiting(), ["192.0.2.103"]);
    module.answer("192.0.2.103", Offer::Free);
    assert_eq!(yiaddr(first.go_on()), Some(address("192.0.2.103")));
    assert_eq!(world.store.lease(address("192.0.2.100")).unwrap().state, LeaseState::Declined);
}

/// Somebody takes the address while it is checked: then it is in use, but by its client, and stays what it is.
#[test]
fn an_address_that_was_given_meanwhile_is_not_declined() {
    let (world, module) = checking(pool("192.0.2.109"));
    let mut first = world.start(&Client::new(1).discover(), Via::BROADCAST);
    let wish = Client::new(2)
        .request()
        .address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.100"))
        .address(OptionCode::SERVER_IDENTIFIER, SERVER);
    let mut second = world.start(&wish, Via::BROADCAST);
    assert_eq!(yiaddr(second.go_on()), Some(address("192.0.2.100")));
    module.answer("192.0.2.100", Offer::InUse);
    assert!(first.go_on().is_none());
    let lease = world.store.lease(address("192.0.2.100")).unwrap();
    assert_eq!(lease.state, LeaseState::Assigned);
    assert_eq!((world.stat("declined-addresses"), module.waiting()), (0, vec!["192.0.2.101".to_owned()]));
}

/// `parked-packet-limit`: one more message than may wait is dropped, and whoever ends or is given up makes room.
#[test]
fn only_so_many_messages_wait() {
    let config = pool("192.0.2.109").with(|config| config.process.parked_packet_limit = 1);
    let (world, module) = checking(config);
    let mut first = world.start(&Client::new(1).discover(), Via::BROADCAST);
    let mut second = world.start(&Client::new(2).discover(), Via::BROADCAST);
    let served = second.go_on().expect("it is dropped at once");
    assert!(served.became.contains("ParkingLotFull") && served.answer.is_none(), "{}", served.became);
    assert_eq!((world.stat("pkt4-queue-full"), world.stat("pkt4-receive-drop")), (1, 1));
    module.answer("192.0.2.100", Offer::Free);
    assert!(first.go_on().unwrap().answer.is_some());
    let third = world.start(&Client::new(3).discover(), Via::BROADCAST);
    assert!(!third.has_ended());
    drop(third);
    let fourth = world.start(&Client::new(4).discover(), Via::BROADCAST);
    assert!(!fourth.has_ended());
    assert_eq!(world.stat("pkt4-queue-full"), 1);
}

/// A module may wait where a subnet is selected and when leases were written, and drop the message afterwards.
#[test]
fn modules_wait_at_the_other_points() {
    let module = Arc::new(Later::default());
    let mut world = World::new(pool("192.0.2.109").build());
    world.hook(Hooks4 {
        subnet4_select: vec![module.clone()],
        leases4_committed: vec![module.clone()],
        ..Hooks4::default()
    });
    let client = Client::new(1);
    let mut request = world.start(&client.request(), Via::BROADCAST);
    let subnet = module.waiting().remove(0);
    assert!(subnet.starts_with("subnet") && world.store.all().is_empty());
    module.answer(&subnet, Offer::Free);
    assert!(request.go_on().is_none());
    let partner = module.waiting().remove(0);
    assert!(partner.starts_with("partner") && world.store.all().len() == 1);
    module.answer(&partner, Offer::Free);
    assert_eq!(yiaddr(request.go_on()), Some(address("192.0.2.100")));
    for (point, stat) in [("subnet", Stat4::NotForUs), ("partner", Stat4::ProcessingFailed)] {
        let mut request = world.start(&client.request(), Via::BROADCAST);
        while let Some(what) = module.waiting().pop() {
            let answer = if what.starts_with(point) { Offer::Drop(Some(stat)) } else { Offer::Free };
            module.answer(&what, answer);
            if let Some(served) = request.go_on() {
                assert!(served.answer.is_none() && served.became.contains("ByModule"), "{}", served.became);
            }
        }
        assert!(request.has_ended());
    }
    assert_eq!((world.stat("pkt4-not-for-us"), world.stat("pkt4-receive-drop")), (1, 2));
}

/// A store that is far away is asked at once all that a client may need that is new, and of one that renews its lease alone;
/// one that answers at once is asked what is needed.
#[test]
fn a_far_store_is_asked_all_at_once() {
    for far in [true, false] {
        let store = SuspendingStore::new(MemoryStore::new());
        store.inner().slow(far);
        let world = World::with_store(pool("192.0.2.109").build(), store);
        world.store.suspend(true);
        // What is asked together, and the answer in the end.
        let trips = |message: &Message, via: Via| {
            let mut task = world.start(message, via);
            let mut trips: Vec<Vec<Call>> = Vec::new();
            for _ in 0..100 {
                if let Some(Served { answer, .. }) = task.go_on() {
                    return (trips, answer.expect("an answer"));
                }
                let waiting = world.store.waiting();
                if !waiting.is_empty() {
                    trips.push(waiting.iter().map(|(_, call)| *call).collect());
                }
                waiting.into_iter().for_each(|(call, _)| world.store.resume(call));
            }
            panic!("it never ends: {trips:?}");
        };
        let client = Client::new(1).with_id(b"name");
        let leased = address("192.0.2.100");
        let [there, put] = [Call::GetAddress(leased.into()), Call::Put(leased.into())];
        let (discovering, offer) = trips(&client.discover(), Via::BROADCAST);
        let (selecting, ack) = trips(&client.select(&offer), Via::BROADCAST);
        assert_eq!((offer.yiaddr(), ack.yiaddr()), (leased, leased));
        let (by_id, by_hwaddr) = (Call::GetClientId, Call::GetHwAddr);
        match far {
            true => {
                assert_eq!(discovering, [[by_id, by_hwaddr, there]]);
                assert_eq!(selecting, [vec![by_id, by_hwaddr, there], vec![put]]);
            }
            false => {
                assert_eq!(discovering, [[by_id], [by_hwaddr], [there]]);
                assert_eq!(selecting, [[by_id], [by_hwaddr], [there], [put]]);
            }
        }
        let (renewing, _) = trips(&client.renew(leased), Via::unicast(leased));
        assert_eq!(renewing, [[by_id], [put]]);
        // What was looked at for a client that turns out to have a lease is for the next one.
        let (again, offer) = trips(&client.discover(), Via::BROADCAST);
        let [next, wish] = ["192.0.2.101", "192.0.2.105"].map(address);
        let asked = [next, wish].map(|address| Call::GetAddress(address.into()));
        let (_, other) = trips(&Client::new(2).discover(), Via::BROADCAST);
        assert_eq!((offer.yiaddr(), other.yiaddr()), (leased, next));
        let discover = Client::new(3).discover().address(OptionCode::REQUESTED_ADDRESS, wish);
        let (wishing, granted) = trips(&discover, Via::BROADCAST);
        assert_eq!(granted.yiaddr(), wish);
        match far {
            true => {
                assert_eq!(again, [[by_id, by_hwaddr, asked[0]]]);
                assert_eq!(wishing, [[by_hwaddr, asked[1]]]);
            }
            false => {
                assert_eq!(again, [[by_id]]);
                assert_eq!(wishing, [[by_hwaddr], [asked[1]]]);
            }
        }
    }
}

fn received(datagram: &[u8]) -> Received<'_> {
    let source = "0.0.0.0:68".parse().unwrap();
    let arrival = Arrival4 {
        ifindex: 7,
        local: SERVER,
        destination: Ipv4Addr::BROADCAST,
        source,
        source_mac: None,
        destination_mac: None,
    };
    Received { datagram, arrival, interface: "eth0", mtu: 1500, listening: &[SERVER] }
}

/// A client that repeats itself while its first message waits: of those that come meanwhile the last is kept and
/// served next, and the others are reported as duplicates.
#[test]
fn a_waiting_duplicate_is_replaced_and_reported() {
    let (world, module) = checking(pool("192.0.2.109"));
    let in_flight: InFlight<(Message, Query4)> = InFlight::new(7);
    let client = Client::new(1).with_id(b"id");
    let enter = |message: Message| {
        let query = world.server.intake(&received(&message.bytes()), &mut Index::new()).unwrap();
        in_flight.enter(in_flight.key(&query.client_key().unwrap()), (message, query))
    };
    let Admission::Go(pass, (message, _)) = enter(client.discover()) else { panic!("nobody is there") };
    let mut first = world.start(&message, Via::BROADCAST);
    assert!(first.go_on().is_none());
    let again = |xid| Message { xid, ..client.discover() };
    assert!(matches!(enter(again(2)), Admission::Waits(None)));
    // Seen by another name: without its identifier, from the same hardware address.
    assert!(matches!(enter(Message { xid: 3, ..Client::new(1).discover() }), Admission::Waits(None)));
    let Admission::Waits(Some((_, replaced))) = enter(again(4)) else { panic!("one waits already") };
    assert_eq!(replaced.transaction, 2);
    report(&world.server, &replaced, &Outcome::Dropped(Dropped::Duplicate), &[], Sent::Done, &world.counters);
    let stats =
        ["pkt4-duplicate", "pkt4-receive-drop", "pkt4-discover-received"].map(|name| world.stat(name));
    assert_eq!(stats, [1, 1, 1]);
    module.answer("192.0.2.100", Offer::Free);
    assert!(first.go_on().unwrap().answer.is_some());
    let waited = in_flight.leave(pass).map(|waited| waited.map(|(message, _)| message.xid));
    assert_eq!(waited, [Some(4), Some(3)]);
}

/// Leases in memory are counted until none changed meanwhile; those of a database twice at most: where there are clients, some
/// change all the time.
#[test]
fn a_database_is_not_counted_again_and_again() {
    for (is_far, counted) in [(false, 100), (true, 2)] {
        let world = slow(pool("192.0.2.109"));
        world.store.suspend(true);
        let mut request = world.start(&Client::new(1).request(), Via::BROADCAST);
        // What it changes is under way, and stays so.
        loop {
            match world.store.waiting()[..] {
                [(_, Call::Put(_))] => break,
                [(call, _), ..] => world.store.resume(call),
                [] => panic!("nothing waits"),
            }
            assert!(request.go_on().is_none());
        }
        world.store.suspend(false);
        world.store.inner().slow(is_far);
        world.store.inner().calls();
        let mut marks = 0;
        let mut tally = Task::start(world.leases.tally(|| marks += 1));
        let tallied = std::iter::from_fn(|| Some(tally.go_on())).flatten().next().expect("an end");
        assert!(tallied.is_ok());
        drop(tally);
        assert_eq!((marks, world.store.inner().calls().scans), (counted, counted));
    }
}
