//! Prefixes of which one is in the other, given by several workers over a store that is waited for.

use kotare_engine::hooks::v6::Hooks6;
use kotare_model::Lease6;
use kotare_testkit::{Call, MemoryStore6, SuspendingStore, Task};
use kotare_wire::v6::MessageType;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::told::{Ask, ask};
use crate::world::{World, shared, shown};

type Slow = World<SuspendingStore<MemoryStore6>>;

/// Three subnets of a network delegate the same /52, in prefixes of 54, 56 and 58 bits.
fn overlapping() -> Value {
    let subnet = |id: u32, delegated: u8| {
        json!({
            "id": id,
            "subnet": format!("2001:db8:{id}::/64"),
            "pd-pools": [{ "prefix": "2001:db8:f000::", "prefix-len": 52, "delegated-len": delegated }],
        })
    };
    shared(json!([subnet(1, 56), subnet(2, 54), subnet(3, 58)]), json!({}))
}

fn slow() -> Slow {
    let world =
        World::with_store(SuspendingStore::new(MemoryStore6::new()), overlapping(), Hooks6::default());
    world.store.suspend(true);
    world
}

/// Prefixes of two leases that have something in common.
fn clash(world: &Slow) -> Option<[String; 2]> {
    let span = |lease: &Lease6| {
        let first = u128::from(lease.address);
        (first, first | u128::MAX.checked_shr(lease.prefix_len.into()).unwrap_or(0))
    };
    let mut held: Vec<_> =
        world.store.inner().all().into_iter().filter(|lease| lease.held(world.now)).collect();
    held.sort_by_key(span);
    let two = held.windows(2).find(|two| span(&two[0]).1 >= span(&two[1]).0)?;
    Some([shown(two[0].clone()), shown(two[1].clone())])
}

fn request(client: u8, wish: &str) -> Ask {
    ask(MessageType::REQUEST, client).pd(1, &[wish])
}

/// Who wants a part of what is being written for somebody else waits for that, without asking the store, and is given
/// something else.
#[test]
fn who_wants_a_part_of_it_waits() {
    let world = slow();
    let mut first = world.start(&request(1, "2001:db8:f000::/54"));
    let held = loop {
        match world.store.waiting()[..] {
            [(call, Call::Put(_))] => break call,
            [(call, _), ..] => world.store.resume(call),
            [] => panic!("it is not written"),
        }
        first.go_on();
    };
    let mut second = world.start(&request(2, "2001:db8:f000:100::/56"));
    while let Some((call, _)) = world.store.waiting().into_iter().find(|(call, _)| *call != held) {
        world.store.resume(call);
        second.go_on();
    }
    assert!(!second.has_ended());
    world.store.resume(held);
    let mut told = [String::new(), String::new()];
    loop {
        for (task, told) in [&mut first, &mut second].into_iter().zip(&mut told) {
            *told = task.go_on().unwrap_or(std::mem::take(told));
        }
        let Some(&(call, _)) = world.store.waiting().first() else { break };
        world.store.resume(call);
    }
    assert!(told[0].contains("2001:db8:f000::/54 3000/4000"), "{told:?}");
    assert!(told[1].contains("/56 3000/4000") && !told[1].contains("f000:100::/56"), "{told:?}");
    assert_eq!((clash(&world), world.store.inner().all().len()), (None, 2));
}

/// What a test does next.
#[derive(Clone, Debug)]
enum Step {
    /// A client without a message under way asks for a prefix of this length.
    Request { client: usize, wish: u8, len: u8 },
    /// One gives back what it has.
    Release { client: usize },
    /// One asks for more time.
    Renew { client: usize },
    /// A call of the store goes on.
    GoesOn { call: usize },
    /// A call of the store fails.
    Fails { call: usize },
    /// A message is given up.
    GivenUp { client: usize },
}

const CLIENTS: usize = 6;

fn step() -> impl Strategy<Value = Step> {
    let client = 0..CLIENTS;
    prop_oneof![
        6 => (client.clone(), 0..8_u8, 53..60_u8)
            .prop_map(|(client, wish, len)| Step::Request { client, wish, len }),
        2 => client.clone().prop_map(|client| Step::Release { client }),
        2 => client.clone().prop_map(|client| Step::Renew { client }),
        24 => (0..CLIENTS).prop_map(|call| Step::GoesOn { call }),
        1 => (0..CLIENTS).prop_map(|call| Step::Fails { call }),
        1 => client.prop_map(|client| Step::GivenUp { client }),
    ]
}

/// What a client has, as it would name it.
fn has(world: &Slow, client: usize) -> Vec<String> {
    let all = world.store.inner().all();
    let own = all.iter().filter(|lease| lease.duid.as_bytes().last() == Some(&(client as u8)));
    own.map(|lease| format!("{}/{}", lease.address, lease.prefix_len)).collect()
}

fn message(world: &Slow, step: &Step) -> Option<(usize, Ask)> {
    let (client, kind) = match *step {
        Step::Request { client, wish, len } => {
            let wish = format!("2001:db8:f000:{:x}::/{len}", u16::from(wish) * 0x40);
            return Some((client, request(client as u8, &wish)));
        }
        Step::Release { client } => (client, MessageType::RELEASE),
        Step::Renew { client } => (client, MessageType::RENEW),
        _ => return None,
    };
    let own = has(world, client);
    let wishes: Vec<_> = own.iter().map(String::as_str).collect();
    Some((client, ask(kind, client as u8).pd(1, &wishes)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever clients ask for, give back and ask for again, and whichever call of the store is answered when, fails or is
    /// given up: no two clients hold prefixes of which one is in the other.
    #[test]
    fn no_two_clients_hold_overlapping_prefixes(steps in prop::collection::vec(step(), 1..160)) {
        let world = slow();
        let mut tasks: [Option<Task<'_, String>>; CLIENTS] = std::array::from_fn(|_| None);
        let end = (0..400).map(|_| Step::GoesOn { call: 0 });
        for step in steps.into_iter().chain(end) {
            let waiting = world.store.waiting();
            match step {
                Step::GoesOn { call } if !waiting.is_empty() => {
                    world.store.resume(waiting[call % waiting.len()].0);
                }
                // A flush that fails withholds the reply, which is the worker's part.
                Step::Fails { call } if waiting.get(call).is_some_and(|(_, call)| *call != Call::Flush) => {
                    world.store.fail(waiting[call].0);
                }
                Step::GivenUp { client } => tasks[client] = None,
                _ => {
                    if let Some((client, ask)) = message(&world, &step)
                        && tasks[client].is_none()
                    {
                        tasks[client] = Some(world.start(&ask));
                    }
                }
            }
            for task in &mut tasks {
                if let Some(going) = task {
                    drop(going.go_on());
                    if going.has_ended() {
                        *task = None;
                    }
                }
            }
            prop_assert_eq!(clash(&world), None);
        }
        prop_assert!(world.store.waiting().is_empty() && tasks.iter().all(Option::is_none), "somebody waits for ever");
    }
}
