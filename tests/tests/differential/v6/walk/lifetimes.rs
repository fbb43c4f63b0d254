//! Walks for how long leases last and when they are renewed, by whatever is configured at whatever level.

use kotare_model::Chance;
use kotare_wire::v6::MessageType;
use serde_json::{Value, json};

use super::drawn::{Level, each, once_in, one_of};
use super::messages::Manner;
use super::{merge, plain_networks, play_each, walk, walk_in};
use crate::v6::configuration::configuration;
use crate::v6::stage::Act;

/// What does not extend leases: Kea extends them by the lifetimes of classes since 2.3.5.
const ASKING: &[MessageType] = &[MessageType::SOLICIT, MessageType::REQUEST, MessageType::RELEASE];

/// Lifetimes of classes go before those of subnets.
#[test]
fn a_walk_through_lifetimes_of_classes() {
    play_each(
        "lifetimes::a_walk_through_lifetimes_of_classes",
        &[1, 2],
        |seed| {
            let mut noise = Chance::new(seed);
            let mut dhcp6 = drawn(&mut noise);
            dhcp6["client-classes"] = json!([
                {"name": "even", "test": "substring(option[1].hex, -1, 1) == 0x02 or substring(option[1].hex, -1, 1) == 0x04"},
                {"name": "named", "test": "option[39].exists"},
                {"name": "rapid", "test": "option[14].exists"},
            ]);
            for class in dhcp6["client-classes"].as_array_mut().expect("classes") {
                lifetimes(&mut noise, class, 2);
            }
            Act { seed, ..Act::of(dhcp6) }
        },
        &[("lifetimes of classes", |side| {
            walk_in(side, &Manner { relays: true, kinds: ASKING, ..Manner::default() });
        })],
    );
}

/// Shortest, usual and longest lifetimes, T1 and T2, at any level.
#[test]
fn a_walk_through_lifetimes() {
    play_each(
        "lifetimes::a_walk_through_lifetimes",
        &[1, 2, 3],
        |seed| Act { seed, ..Act::of(drawn(&mut Chance::new(seed))) },
        &[("lifetimes", |side| walk(side, true))],
    );
}

fn drawn(noise: &mut Chance) -> Value {
    let mut dhcp6 = configuration(plain_networks());
    each(&mut dhcp6, &mut |level, scope| {
        if ![Level::Pool, Level::PrefixPool].contains(&level) {
            scope.as_object_mut().expect("a scope is a map").retain(|key, _| !key.ends_with("-timer"));
            lifetimes(noise, scope, 3);
            tee_times(noise, scope);
        }
    });
    dhcp6
}

/// Lifetimes of a scope, each once in so many. What is set at one level alone must fit to what is set above it.
fn lifetimes(noise: &mut Chance, scope: &mut Value, turns: usize) {
    // Nothing is preferred for longer than it is valid, which Kea 2.2 allows, and nothing ends on the way.
    const PREFERRED: [&[u32]; 3] = [&[60, 200, 700], &[700, 1000, 1800], &[1800, 2500, 3600]];
    const VALID: [&[u32]; 3] = [&[3600, 5000], &[5000, 7200, 40_000], &[40_000, 100_000, u32::MAX]];
    for (which, [min, default, max]) in [("preferred", PREFERRED), ("valid", VALID)] {
        if !once_in(noise, turns) {
            continue;
        }
        let [min, default, max] = [min, default, max].map(|all| one_of(noise, all));
        let (below, above) = (format!("min-{which}-lifetime"), format!("max-{which}-lifetime"));
        let usual = format!("{which}-lifetime");
        let all = match noise.below(6) {
            0 => json!({usual: default}),
            1 => json!({below: min, usual: default}),
            2 => json!({usual: default, above: max}),
            _ => json!({below: min, usual: default, above: max}),
        };
        merge(scope, all);
    }
}

fn tee_times(noise: &mut Chance, scope: &mut Value) {
    // Kea 2.2 wants T1 not to be after T2, at every level.
    for (which, times) in [("renew-timer", [0, 1, 300, 900]), ("rebind-timer", [900, 2000, 5000, u32::MAX])] {
        if once_in(noise, 4) {
            scope[which] = one_of(noise, &times).into();
        }
    }
    if once_in(noise, 2) {
        scope["calculate-tee-times"] = once_in(noise, 2).into();
    }
    if once_in(noise, 4) {
        scope["t1-percent"] = one_of(noise, &[0.1, 0.33, 0.5, 0.55]).into();
        scope["t2-percent"] = one_of(noise, &[0.6, 0.77, 0.8, 0.999]).into();
    }
}
