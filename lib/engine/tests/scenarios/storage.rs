//! The seam to the store: slow, failing, and changed by others between reading and writing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use kotare_engine::expire;
use kotare_engine::hooks::Cause;
use kotare_model::{Lease4, SubnetId, Timestamp};
use kotare_store::{By4, Change, Found, Lease, LeaseStore, PageFilter, Put, StoreError, Tally};
use kotare_testkit::{Client, Config, MemoryStore, SERVER, Via, World, address};
use kotare_wire::v4::{Index, Message};

/// A store whose futures are not ready at the first poll is as good as any.
#[test]
fn a_slow_store_gives_the_same_answers() {
    let script = |slow: bool| {
        let mut world = World::new(Config::usual().build());
        world.store.slow(slow);
        let mut answers = Vec::new();
        for number in 1..=20 {
            let client = Client::new(number);
            let leased = world.lease(&client).unwrap();
            answers.push(world.send(&client.renew(leased), Via::unicast(leased)));
            if number % 3 == 0 {
                answers.push(world.send(&client.release(leased, SERVER), Via::unicast(leased)));
            }
            if number % 5 == 0 {
                answers.push(world.send(&client.decline(leased, SERVER), Via::BROADCAST));
            }
        }
        world.pass(4001);
        world.reclaim();
        (answers, world.store.all())
    };
    assert_eq!(script(true), script(false));
}

/// The futures of a known store can be moved between threads.
#[test]
fn futures_are_send() {
    fn is_send<T: Send>(_: T) {}
    let world = World::new(Config::usual().build());
    let bytes = Client::new(1).discover().bytes();
    let received = kotare_engine::v4::Received {
        datagram: &bytes,
        arrival: kotare_model::Arrival4 {
            ifindex: 1,
            local: SERVER,
            destination: SERVER,
            source: "192.0.2.1:67".parse().unwrap(),
            source_mac: None,
            destination_mac: None,
        },
        interface: "eth0",
        mtu: 1500,
        listening: &[],
    };
    let mut index = Index::new();
    let mut query = world.server.intake(&received, &mut index).unwrap();
    let message = Message::new(&bytes, &index).unwrap();
    let mut reply = [0; 1500];
    is_send(world.leases.get(By4::Address(SERVER)));
    is_send(world.leases.put(Change { address: SERVER, from: None, to: None }, Cause::Command, world.now));
    is_send(world.leases.plan(world.server.config(), &[]));
    let settings = &world.server.config().process.expired_leases;
    is_send(expire::reclaim(&world.leases, settings, &[], world.now, || Duration::ZERO));
    is_send(expire::remove_reclaimed(&world.leases, settings, world.now));
    let exchange = world.server.exchange(&world.leases, message, &mut query, world.now, 0, &mut reply);
    is_send(exchange);
}

/// A store that fails: the message is dropped and counted, and afterwards no address is lost.
#[test]
fn a_failing_store_costs_the_message_and_nothing_else() {
    let subnet = kotare_testkit::Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.100");
    let mut world = World::new(Config::new().subnet(subnet).build());
    let offer = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    world.store.fail(true);
    assert_eq!(world.send(&Client::new(1).select(&offer), Via::BROADCAST), None);
    assert!(world.last.contains("Store"), "{}", world.last);
    assert_eq!(world.stat("pkt4-processing-failed"), 1);
    world.store.fail(false);
    assert_eq!(world.lease(&Client::new(2)), Some(offer.yiaddr()));
}

/// A store in which somebody else is faster, once: between an exchange's reading and its writing.
#[derive(Clone)]
struct Rivalry {
    store: MemoryStore,
    rival: fn(&MemoryStore, &Change<'_, Lease4>),
    armed: Arc<AtomicBool>,
}

impl LeaseStore<Lease4> for Rivalry {
    async fn get(&self, by: <Lease4 as Lease>::By<'_>) -> Result<Found<Lease4>, StoreError> {
        self.store.get(by).await
    }
    async fn put(&self, change: Change<'_, Lease4>) -> Result<Put<Lease4>, StoreError> {
        if self.armed.swap(false, SeqCst) {
            (self.rival)(&self.store, &change);
        }
        self.store.put(change).await
    }
    async fn expired(
        &self,
        subnet: Option<SubnetId>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Lease4>, StoreError> {
        self.store.expired(subnet, now, limit).await
    }
    async fn remove_reclaimed(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.store.remove_reclaimed(before, limit).await
    }
    async fn page(
        &self,
        after: Option<std::net::Ipv4Addr>,
        limit: usize,
        filter: PageFilter<'_>,
    ) -> Result<Vec<Lease4>, StoreError> {
        self.store.page(after, limit, filter).await
    }
    async fn tally(&self) -> Result<Vec<Tally>, StoreError> {
        self.store.tally().await
    }
    async fn flush(&self) -> Result<(), StoreError> {
        self.store.flush().await
    }
}

/// A renewal that meets a change of its lease is decided again; an allocation that meets another client's lease takes
/// the next address.
#[test]
fn a_lost_race_is_decided_again() {
    fn rival(store: &MemoryStore, change: &Change<'_, Lease4>) {
        let mut lease = store.lease(change.address).or(change.to.cloned()).unwrap();
        if change.from.is_some() {
            // Somebody noted something in the lease.
            lease.user_context = Some("{}".into());
        } else {
            // Another server gave the address away.
            lease.hwaddr = kotare_model::HwAddr::new(1, b"rival").unwrap();
        }
        store.plant(lease);
    }
    let rivalry = Rivalry { store: MemoryStore::new(), rival, armed: Arc::default() };
    let mut world = World::with_store(Config::usual().build(), rivalry.clone());
    let client = Client::new(1);
    rivalry.armed.store(true, SeqCst);
    let leased = world.send(&client.request(), Via::BROADCAST).unwrap().yiaddr();
    assert_eq!(leased, address("192.0.2.101"));
    rivalry.armed.store(true, SeqCst);
    world.pass(10);
    let ack = world.send(&client.renew(leased), Via::unicast(leased)).unwrap();
    assert_eq!(ack.yiaddr(), leased);
    let lease = rivalry.store.lease(leased).unwrap();
    assert_eq!((lease.cltt, lease.user_context.as_deref()), (world.now, Some("{}")));
    assert_eq!(rivalry.store.all().len(), 2);
}
