//! What holds whatever clients send.

use std::collections::HashMap;
use std::net::Ipv6Addr;

use kotare_wire::v6::MessageType;
use proptest::prelude::*;
use serde_json::json;

use crate::told::{Ask, ask};
use crate::world::{World, config, duid};

#[derive(Clone, Debug)]
enum Act {
    Ask(u8, u8, Vec<(bool, u32, Option<u8>)>),
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let association = (any::<bool>(), 0..3_u32, prop::option::of(0..20_u8));
    prop_oneof![
        9 => (0..6_u8, 1..6_u8, prop::collection::vec(association, 0..4)).prop_map(|(kind, client, all)| Act::Ask(kind, client, all)),
        1 => (1..5000_u64).prop_map(Act::Pass),
    ]
}

fn message(kind: u8, client: u8, associations: &[(bool, u32, Option<u8>)]) -> Ask {
    let kinds = [
        MessageType::SOLICIT,
        MessageType::REQUEST,
        MessageType::RENEW,
        MessageType::REBIND,
        MessageType::RELEASE,
        MessageType::DECLINE,
    ];
    let mut message = ask(kinds[usize::from(kind)], client);
    for (is_prefix, iaid, wish) in associations {
        let wish = wish.map(|wish| match is_prefix {
            true => format!("2001:db8:f000:{:x}00::/{}", wish % 8, 54 + wish % 4),
            false => format!("2001:db8:1::{:x}", 0x10 + u16::from(wish % 8)),
        });
        let wishes: Vec<&str> = wish.iter().map(String::as_str).collect();
        message = if *is_prefix { message.pd(*iaid, &wishes) } else { message.na(*iaid, &wishes) };
    }
    message
}

/// The addresses that something covers.
fn span(lease: &kotare_model::Lease6) -> (u128, u128) {
    let first = u128::from(lease.address);
    (first, first | u128::MAX.checked_shr(lease.prefix_len.into()).unwrap_or(0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Nothing has two holders, no prefixes overlap, what a reply promises is stored, what is reserved is for its client.
    #[test]
    fn nothing_has_two_holders(acts in prop::collection::vec(act(), 1..40)) {
        let mut world = World::new(config(json!({
            "pools": [{ "pool": "2001:db8:1::10/125" }],
            "pd-pools": [{ "prefix": "2001:db8:f000::", "prefix-len": 53, "delegated-len": 56 }],
            "reservations": [{
                "duid": duid(1), "ip-addresses": ["2001:db8:1::12"], "prefixes": ["2001:db8:f000:200::/56"],
            }],
        })));
        for act in acts {
            let (kind, client, associations) = match act {
                Act::Pass(seconds) => {
                    world.pass(seconds);
                    continue;
                }
                Act::Ask(kind, client, associations) => (kind, client, associations),
            };
            let told = world.ask(&message(kind, client, &associations));
            let leases = world.store.all();
            let mut promised = HashMap::<&str, &str>::new();
            for part in told.split(['[', ',']).map(str::trim).filter(|part| part.contains(" 3000/4000")) {
                let place = part.split(' ').next().unwrap();
                prop_assert!(promised.insert(place, part).is_none(), "{place} twice in {told}");
                if kind != 0 {
                    let address: Ipv6Addr = place.split('/').next().unwrap().parse().unwrap();
                    let lease = leases.iter().find(|lease| lease.address == address);
                    let owner = lease.and_then(|lease| lease.duid.as_bytes().last().copied());
                    prop_assert_eq!(owner, Some(client), "{} of {}", place, told);
                }
                let reserved = ["2001:db8:1::12", "2001:db8:f000:200::/56"].contains(&place);
                prop_assert!(!reserved || client == 1, "{place} is reserved: {told}");
            }
            let mut spans: Vec<_> = leases.iter().map(span).collect();
            spans.sort_unstable();
            prop_assert!(spans.windows(2).all(|two| two[0].1 < two[1].0), "{:?}", world.leases());
        }
    }

    /// Whatever comes, a reply is a message.
    #[test]
    fn whatever_comes_is_answered_soundly(
        kind in 1..40_u8,
        options in prop::collection::vec((0..70_u16, prop::collection::vec(any::<u8>(), 0..40)), 0..8),
    ) {
        let mut world = World::new(config(json!({ "rapid-commit": true })));
        let mut message = ask(MessageType(kind), 1);
        for (code, value) in options.iter().filter(|(code, _)| *code != 9) {
            message = message.option(kotare_wire::v6::OptionCode(*code), value);
        }
        if let Some(served) = world.send(&message) {
            let mut index = kotare_wire::v6::Index::new();
            let reply = kotare_wire::v6::Message::parse(&served.bytes, &mut index).unwrap();
            prop_assert!(!reply.cut_short());
        }
    }
}
