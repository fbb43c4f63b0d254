//! Walks through classes that are only looked at where a level asks for them.

use kotare_model::Chance;
use serde_json::{Value, json};

use super::drawn::{Level, each, once_in, one_of};
use super::{plain_networks, play_each, walk};
use crate::v6::configuration::configuration;
use crate::v6::stage::Act;

/// Kea 2.2's `only-if-required` and `require-client-classes`, at every level.
#[test]
fn a_walk_through_required_classes() {
    play_each(
        "required::a_walk_through_required_classes",
        &[1, 2, 3],
        |seed| Act { seed, ..Act::of(drawn(&mut Chance::new(seed))) },
        &[("required classes", |side| walk(side, true))],
    );
}

fn drawn(noise: &mut Chance) -> Value {
    const TESTS: &[&str] = &[
        "option[39].exists",
        "option[14].exists",
        "substring(option[1].hex, -1, 1) == 0x04 or substring(option[1].hex, -1, 1) == 0x03",
        "substring(option[1].hex, 1, 1) == 0x03",
        "member('ALL')",
        "member('KNOWN')",
        "member('first')",
        "not member('second')",
        "member('first') and not member('third')",
    ];
    let mut dhcp6 = configuration(plain_networks());
    let mut nth = 0;
    let mut classes = Vec::new();
    for name in ["first", "second", "third", "fourth", "fifth"] {
        let mut class = json!({"name": name, "only-if-required": !once_in(noise, 4)});
        // A class can refer to those before it. One without an expression Kea 3 takes at its word, Kea 2.2 leaves it out.
        let known = match name {
            "first" => 6,
            "second" => 7,
            "third" => 8,
            _ => TESTS.len(),
        };
        class["test"] = one_of(noise, &TESTS[..known]).into();
        let data: Vec<Value> = (0..1 + noise.below(3)).map(|_| option(noise, &mut nth)).collect();
        class["option-data"] = unique(data);
        classes.push(class);
    }
    dhcp6["client-classes"] = classes.into();
    // Kea 3 looks at pools first and at networks last, Kea 2.2 the other way round: here one of them asks.
    let asking: &[Level] = match noise.below(3) {
        0 => &[Level::Pool, Level::PrefixPool],
        1 => &[Level::Subnet],
        _ => &[Level::Network],
    };
    each(&mut dhcp6, &mut |level, scope| {
        if asking.contains(&level) && !once_in(noise, 4) {
            let mut asked: Vec<&str> = Vec::new();
            for _ in 0..1 + noise.below(3) {
                let name = one_of(noise, &["first", "second", "third", "fourth", "fifth"]);
                if !asked.contains(&name) {
                    asked.push(name);
                }
            }
            scope["require-client-classes"] = json!(asked);
        }
    });
    dhcp6
}

fn option(noise: &mut Chance, nth: &mut u16) -> Value {
    *nth += 1;
    let name = one_of(noise, &["dns-servers", "sip-server-addr", "nis-servers", "sntp-servers"]);
    json!({"name": name, "data": format!("2001:db8::{nth:x}"), "always-send": once_in(noise, 2)})
}

fn unique(data: Vec<Value>) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for option in data {
        if all.iter().all(|other| other["name"] != option["name"]) {
            all.push(option);
        }
    }
    all.into()
}
