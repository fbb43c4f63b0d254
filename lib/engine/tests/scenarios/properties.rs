//! What holds whatever clients do.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::Allocator;
use kotare_model::{Lease4, LeaseState, Lifetime};
use kotare_store::{LeaseStore, PageFilter};
use kotare_store_memfile::{Memfile4, Options};
use kotare_testkit::{Answer, Client, Config, SERVER, Subnet, Via, World, relayed, run};
use kotare_wire::v4::OptionCode;
use proptest::collection::vec;
use proptest::prelude::*;

/// Something that happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    Discover { client: u8, wish: Option<u8> },
    Select { client: u8 },
    Reboot { client: u8, address: u8 },
    Renew { client: u8, address: u8, broadcast: bool },
    Decline { client: u8, address: u8 },
    Release { client: u8, address: u8 },
    Pass { seconds: u16 },
    Reclaim,
    Reconfigure { pools: u8 },
}

fn event() -> impl Strategy<Value = Event> {
    let client = 0..12u8;
    let address = 95..115u8;
    prop_oneof![
        4 => (client.clone(), proptest::option::of(address.clone())).prop_map(|(client, wish)| Event::Discover { client, wish }),
        6 => client.clone().prop_map(|client| Event::Select { client }),
        2 => (client.clone(), address.clone()).prop_map(|(client, address)| Event::Reboot { client, address }),
        4 => (client.clone(), address.clone(), any::<bool>())
            .prop_map(|(client, address, broadcast)| Event::Renew { client, address, broadcast }),
        1 => (client.clone(), address.clone()).prop_map(|(client, address)| Event::Decline { client, address }),
        2 => (client, address).prop_map(|(client, address)| Event::Release { client, address }),
        3 => (0..3000u16).prop_map(|seconds| Event::Pass { seconds }),
        2 => Just(Event::Reclaim),
        1 => (0..3u8).prop_map(|pools| Event::Reconfigure { pools }),
    ]
}

fn config(pools: u8, allocator: Allocator, offer_lifetime: u32) -> Config {
    let near = Subnet::new(1, "192.0.2.0/24").network("lan").with(|params| {
        params.allocator = allocator;
        params.offer_lifetime = (offer_lifetime > 0).then_some(Lifetime(offer_lifetime));
        params.cache_threshold = Some(0.25);
    });
    let near = match pools {
        0 => near.pool("192.0.2.100", "192.0.2.103"),
        1 => near.pool("192.0.2.100", "192.0.2.103").pool("192.0.2.106", "192.0.2.107"),
        _ => near.pool("192.0.2.100", "192.0.2.105"),
    };
    let sibling = Subnet::new(2, "198.51.100.0/24").network("lan").pool("198.51.100.7", "198.51.100.8");
    Config::new().subnet(near).subnet(sibling)
}

/// A client of a number: some have identifiers, some share hardware addresses.
fn client(number: u8) -> Client {
    let client = Client::new(u32::from(number % 9));
    if number.is_multiple_of(2) { client } else { client.with_id(&[0, number]) }
}

/// Makes an event happen; what a client, if it was one, is answered.
fn act<S: LeaseStore<Lease4> + Clone>(
    world: &mut World<S>,
    offers: &mut [Option<Answer>],
    event: Event,
) -> Option<(u8, Option<Answer>)> {
    let wish = |end: u8| Ipv4Addr::new(192, 0, 2, end);
    let (who, message, via) = match event {
        Event::Discover { client: who, wish: end } => {
            let message = client(who).discover();
            let message = match end {
                Some(end) => message.address(OptionCode::REQUESTED_ADDRESS, wish(end)),
                None => message,
            };
            let answer = world.send(&message, Via::BROADCAST);
            offers[usize::from(who)].clone_from(&answer);
            return Some((who, answer));
        }
        Event::Select { client: who } => {
            (who, client(who).select(&offers[usize::from(who)].take()?), Via::BROADCAST)
        }
        Event::Reboot { client: who, address } => (who, client(who).reboot(wish(address)), Via::BROADCAST),
        Event::Renew { client: who, address, broadcast } => {
            let via = if broadcast { Via::broadcast(wish(address)) } else { Via::unicast(wish(address)) };
            (who, client(who).renew(wish(address)), via)
        }
        Event::Decline { client: who, address } => {
            (who, client(who).decline(wish(address), SERVER), Via::BROADCAST)
        }
        Event::Release { client: who, address } => {
            (who, client(who).release(wish(address), SERVER), Via::unicast(wish(address)))
        }
        Event::Pass { seconds } => {
            world.pass(seconds.into());
            return None;
        }
        Event::Reclaim => {
            world.reclaim();
            world.remove_reclaimed();
            return None;
        }
        Event::Reconfigure { .. } => return None,
    };
    Some((who, world.send(&message, via)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Random clients: every lease given is of a pool configured at the time and nobody else's, no address is leased
    /// to two clients, and what is derived from leases agrees with them.
    #[test]
    fn no_address_is_given_twice(
        events in vec(event(), 1..120),
        allocator in prop_oneof![Just(Allocator::Iterative), Just(Allocator::Random), Just(Allocator::FreeLeaseQueue)],
        offer_lifetime in prop_oneof![Just(0u32), Just(120)],
        slow in any::<bool>(),
    ) {
        let mut world = World::new(config(2, allocator, offer_lifetime).build());
        world.store.slow(slow);
        let mut offers = vec![None; 12];
        for event in events {
            let before = world.store.all();
            match event {
                Event::Reconfigure { pools } => {
                    world.reconfigure(config(pools, allocator, offer_lifetime).build());
                    continue;
                }
                Event::Pass { .. } | Event::Reclaim => {
                    act(&mut world, &mut offers, event);
                    continue;
                }
                _ => {}
            }
            let Some((who, answer)) = act(&mut world, &mut offers, event) else { continue };
            let Some(answer) = answer else { continue };
            if answer.yiaddr().is_unspecified() {
                continue;
            }
            let given = answer.yiaddr();
            let configured = world.server.config();
            prop_assert!(configured.subnets.iter().any(|subnet| subnet.pool_of(given).is_some()), "{given} is of no pool");
            let me = client(who);
            let mine = |lease: &kotare_model::Lease4| match (&me.id, &lease.client_id) {
                (Some(own), Some(leased)) => own == leased.as_bytes(),
                _ => lease.hwaddr.as_bytes() == me.hwaddr,
            };
            let others = before.iter().find(|lease| lease.address == given && lease.held(world.now) && !mine(lease));
            prop_assert!(others.is_none(), "{given} was {others:?}");
            if answer.kind == kotare_engine::v4::ReplyKind::Ack {
                let lease = world.store.lease(given).unwrap();
                prop_assert!(mine(&lease) && lease.state == LeaseState::Assigned && !lease.expired(world.now));
            }
        }
        // One lease an address is the store's promise; that the statistics count them is the engine's.
        let all = world.store.all();
        let taken = |state: &[LeaseState]| all.iter().filter(|lease| state.contains(&lease.state)).count() as i64;
        prop_assert_eq!(world.stat("assigned-addresses"), taken(&[LeaseState::Assigned, LeaseState::Declined]));
        prop_assert_eq!(world.stat("declined-addresses"), taken(&[LeaseState::Declined]));
        // No address is lost: as many new clients are served as there are addresses of pools that nobody holds.
        let configured = world.server.config().clone();
        let held: HashSet<_> = all.iter().filter(|lease| lease.held(world.now)).map(|lease| lease.address).collect();
        let pools = || configured.subnets.iter().flat_map(|subnet| &subnet.pools);
        let free = pools().flat_map(|pool| u32::from(pool.first)..=pool.last.into())
            .filter(|&address| !held.contains(&address.into()))
            .count();
        let served = (0..20).filter(|number| world.lease(&Client::new(1000 + number)).is_some()).count();
        prop_assert_eq!(served, free);
    }

    /// The store of the server, with its indexes and queues, and one that looks at every lease make the server decide the
    /// same, whatever clients share a hardware address or an identifier.
    #[test]
    fn indexes_make_no_difference(events in vec(event(), 1..150)) {
        let config = || config(2, Allocator::Iterative, 0).build();
        let mut world = World::new(config());
        let memfile = Arc::new(Memfile4::open(Options::new(None, 1)).unwrap());
        let mut indexed = World::with_store(config(), memfile.clone());
        let mut offers = [vec![None; 12], vec![None; 12]];
        for event in events {
            let answer = act(&mut world, &mut offers[0], event);
            prop_assert_eq!(act(&mut indexed, &mut offers[1], event), answer, "{:?}", event);
            let leases = run(memfile.page(None, usize::MAX, PageFilter::default())).unwrap();
            prop_assert_eq!(leases, world.store.all());
        }
    }

    /// Any bytes: no panic, and a reply only to a message.
    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..700)) {
        let mut world = World::new(Config::usual().build());
        prop_assert!(world.send_bytes(&bytes, Via::BROADCAST).is_none());
    }

    /// A good message with bytes changed, cut or added anywhere, straight or through a relay: no panic, and what comes
    /// out is a message.
    #[test]
    fn damaged_messages_are_survived(
        kind in 0..6usize,
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in proptest::option::of(any::<prop::sample::Index>()),
        options in vec((1..255u8, vec(any::<u8>(), 0..80)), 0..8),
        agent in vec(any::<u8>(), 0..40),
    ) {
        let config = Config::usual().with(|config| {
            config.stash_agent_options = true;
            Arc::make_mut(&mut Arc::make_mut(&mut config.subnets)[0]).params.store_extended_info = true;
        });
        let mut world = World::new(config.build());
        let me = Client::new(1).with_id(b"\x00me");
        let leased = world.lease(&me).unwrap();
        let mut message = match kind {
            0 => me.discover(),
            1 => me.reboot(leased),
            2 => me.renew(leased),
            3 => me.release(leased, SERVER),
            4 => me.decline(leased, SERVER),
            _ => me.inform(leased),
        };
        for (code, value) in options {
            message = message.option(OptionCode(code), &value);
        }
        if !agent.is_empty() {
            message = relayed(message, SERVER, &agent);
        }
        let mut bytes = message.bytes();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        for via in [Via::BROADCAST, Via::unicast(leased), Via::relay(SERVER)] {
            if let Some(answer) = world.send_bytes(&bytes, via) {
                prop_assert!(answer.view().message_type().is_some());
            }
        }
    }
}
