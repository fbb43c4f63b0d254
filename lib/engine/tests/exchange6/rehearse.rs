//! What would become of a message.

use kotare_engine::hooks::v6::{Asked6, Hooks6, Leases6Committed, Link6, Point6, Subnet6Select};
use kotare_engine::hooks::{Step as Answer, Verdict, Verdict6};
use kotare_engine::v6::trace::{Because, Claim, Denial, Own, Scope, Span, Step};
use kotare_testkit::MemoryStore6;
use kotare_wire::v6::MessageType;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

use crate::told::{Ask, ask};
use crate::world::{World, config, duid, shared};

/// The steps of interest, in words.
fn steps(world: &World, message: &Ask) -> Vec<String> {
    let (_, rehearsed) = world.rehearse(message, &[]);
    let all = rehearsed.steps.into_iter().filter_map(|step| match step {
        Step::Own(Own::Assigning { iaid, own, reserved, home, .. }) => {
            let reserved: Vec<_> = reserved.into_iter().map(|(place, _)| place.address).collect();
            Some(format!("for {iaid}: has {}, reserved {reserved:?}, home {home:?}", own.len()))
        }
        Step::Trying(claim, place) => Some(format!("{claim} {}", place.address)),
        Step::Denied(place, denial) => {
            let why = match denial {
                Denial::Held(_) => "held",
                Denial::ForOthers => "for others",
                Denial::NoPool => "no pool",
                Denial::Module => "module",
            };
            Some(format!("not {}: {why}", place.address))
        }
        Step::Exhausted(_) => Some("exhausted".to_owned()),
        Step::Own(Own::Lifetimes { told, why, .. }) => {
            let scarce = if why == Span::Scarce { " scarce" } else { "" };
            Some(format!("{}/{}{scarce}", told.preferred.0, told.valid.0))
        }
        Step::Granted { place, renews } => Some(format!("granted {} renews={renews}", place.address)),
        Step::Own(Own::Revoked(place)) => Some(format!("revoked {}", place.address)),
        Step::AsItIs(place) => Some(format!("as it is {}", place.address)),
        _ => None,
    });
    all.collect()
}

/// Each claim to an address is told in its order, with why it comes to nothing.
#[test]
fn claims_are_told_in_order() {
    let mut world = World::new(config(json!({
        "pools": [{ "pool": "2001:db8:1::10 - 2001:db8:1::11" }],
        "reservations": [
            { "duid": duid(7), "ip-addresses": ["2001:db8:1::77"] },
            { "duid": duid(8), "ip-addresses": ["2001:db8:1::11"] },
        ],
    })));
    let solicit = |client| ask(MessageType::SOLICIT, client).na(1, &[]);
    let none = "for 1: has 0, reserved [], home None";
    assert_eq!(
        steps(&world, &ask(MessageType::SOLICIT, 1).na(1, &["2001:db8:1::11"])),
        [
            none,
            "requested 2001:db8:1::11",
            "not 2001:db8:1::11: for others",
            "next free 2001:db8:1::10",
            "3000/4000",
            "granted 2001:db8:1::10 renews=false",
        ]
    );
    world.ask(&ask(MessageType::REQUEST, 1).na(1, &[]));
    assert_eq!(
        steps(&world, &solicit(1)),
        [
            "for 1: has 1, reserved [], home None",
            "existing lease 2001:db8:1::10",
            "3000/4000",
            "granted 2001:db8:1::10 renews=true",
        ]
    );
    assert_eq!(
        steps(&world, &solicit(7)),
        [
            "for 1: has 0, reserved [2001:db8:1::77], home None",
            "reserved 2001:db8:1::77",
            "3000/4000",
            "granted 2001:db8:1::77 renews=false",
        ]
    );
    let elsewhere = ask(MessageType::REQUEST, 2).na(1, &["2001:db8:9::1"]);
    assert_eq!(steps(&world, &elsewhere), [none, "not 2001:db8:9::1: no pool", "exhausted"]);
    world.pass(5000);
    let taken = ["lease ended 2001:db8:1::10", "3000/4000", "granted 2001:db8:1::10 renews=false"];
    assert_eq!(steps(&world, &solicit(2)), [&[none, "exhausted"][..], &taken].concat());
}

/// What came of classes, where options are written and whose idea the name is, is told; so is which modules are not asked.
#[test]
fn the_rest_of_the_way_is_told() {
    struct Slow;
    impl Subnet6Select for Slow {
        fn subnet6_select<'a>(&'a self, _: Asked6<'a>, _: &'a mut Link6<'_>) -> Answer<'a, Verdict6> {
            panic!("nobody asks")
        }
    }
    impl Leases6Committed for Slow {
        fn leases6_committed<'a>(
            &'a self,
            _: Asked6<'a>,
            _: kotare_engine::hooks::v6::Committed6<'a>,
        ) -> Answer<'a, Verdict6> {
            Answer::Now(Verdict::Drop(None))
        }
    }
    let mut text = shared(
        json!([{ "id": 1, "subnet": "2001:db8:1::/64", "client-classes": ["gold"],
            "pools": [{ "pool": "2001:db8:1::/64" }],
            "option-data": [{ "name": "dns-servers", "data": "2001:db8::53" }] }]),
        json!({}),
    );
    text["Dhcp6"]["client-classes"] = json!([{ "name": "gold" }]);
    let slow = Arc::new(Slow);
    let hooks =
        Hooks6 { subnet6_select: vec![slow.clone()], leases6_committed: vec![slow], ..Hooks6::default() };
    let world = World::with_hooks(text, hooks);
    let request = ask(MessageType::REQUEST, 1).na(1, &[]).oro(&[23]);
    let (told, _) = world.rehearse(&request, &[]);
    assert!(told.contains("could not select subnet"), "{told}");
    let gold = world.server.config().classes.id("gold").unwrap();
    let (told, rehearsed) = world.rehearse(&request, &[gold]);
    assert!(told.contains("3000/4000") && told.contains("23="), "{told}");
    let has = |step: fn(&Step) -> bool| assert!(rehearsed.steps.iter().any(step), "{:?}", rehearsed.steps);
    has(|step| matches!(step, Step::Joined(_, Because::Assumed)));
    has(|step| matches!(step, Step::Selecting { found: Some(_), .. }));
    has(
        |step| matches!(step, Step::Options(all) if all.contains(&(23, Scope::Subnet)) && all.contains(&(3, Scope::Server))),
    );
    has(|step| matches!(step, Step::Name { text, .. } if text.is_empty()));
    has(|step| matches!(step, Step::Trying(Claim::Free, _)));
    has(|step| matches!(step, Step::NotAsked(Point6::Subnet6Select)));
    has(|step| matches!(step, Step::NotAsked(Point6::Leases6Committed)));
    assert_eq!(rehearsed.changes.len(), 1);
    let (told, rehearsed) = world.rehearse(&ask(MessageType::ADVERTISE, 1), &[]);
    assert!(told.starts_with("refused") && rehearsed.query.is_none());
}

fn messages() -> impl Strategy<Value = Vec<(MessageType, u8, bool, u16)>> {
    let kinds = [
        MessageType::SOLICIT,
        MessageType::REQUEST,
        MessageType::RENEW,
        MessageType::REBIND,
        MessageType::RELEASE,
        MessageType::DECLINE,
        MessageType::CONFIRM,
    ];
    prop::collection::vec((prop::sample::select(kinds.to_vec()), 1u8..4, any::<bool>(), 0x10u16..0x14), 1..20)
}

proptest! {
    /// What is rehearsed is what becomes of the message, and the leases change as it was told; rehearsing changes nothing.
    #[test]
    fn a_rehearsal_is_true(messages in messages(), random in any::<bool>()) {
        let allocator = if random { "random" } else { "iterative" };
        let mut world: World<MemoryStore6> = World::new(config(json!({
            "allocator": allocator,
            "pools": [{ "pool": "2001:db8:1::10 - 2001:db8:1::13" }],
            "pd-pools": [{ "prefix": "2001:db8:f000::", "prefix-len": 54, "delegated-len": 56 }],
            "reservations": [{ "duid": duid(2), "ip-addresses": ["2001:db8:1::11"] }],
        })));
        for (kind, client, prefixes, wish) in messages {
            world.pass(700);
            let address = format!("2001:db8:1::{wish:x}");
            let message = ask(kind, client).na(1, &[&address]);
            let message = if prefixes { message.pd(2, &["2001:db8:f000:100::/56"]) } else { message };
            let (before, stats) = (world.store.all(), world.stat("subnet[1].assigned-nas"));
            let (told, rehearsed) = world.rehearse(&message, &[]);
            prop_assert_eq!(&world.store.all(), &before);
            prop_assert_eq!(world.stat("subnet[1].assigned-nas"), stats);
            prop_assert_eq!(world.ask(&message), told);
            let after = world.store.all();
            for change in rehearsed.changes {
                let address = change.before.as_ref().or(change.after.as_ref()).unwrap().address;
                let at = |leases: &[kotare_model::Lease6]| leases.iter().find(|it| it.address == address).cloned();
                prop_assert_eq!(at(&before), change.before);
                prop_assert_eq!(at(&after), change.after);
            }
        }
    }
}
