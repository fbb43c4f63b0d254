//! Walks through relay agents of every kind, and what is kept of what they say.

use kotare_model::Chance;
use kotare_wire::v6::OptionCode;
use serde_json::{Value, json};

use super::drawn::{Level, each, once_in, one_of};
use super::messages::Manner;
use super::{networks, play_each, walk, walk_in};
use crate::v6::configuration::configuration;
use crate::v6::query::Options;
use crate::v6::stage::Act;

/// Leases keep what relay agents said (`store-extended-info`).
#[test]
fn a_walk_that_is_kept() {
    play_each(
        "relays::a_walk_that_is_kept",
        &[1, 2],
        |seed| Act { seed, ..Act::of(kept(&mut Chance::new(seed))) },
        &[("kept", |side| walk(side, true))],
    );
}

fn kept(noise: &mut Chance) -> Value {
    let mut dhcp6 = configuration(networks());
    dhcp6["store-extended-info"] = true.into();
    each(&mut dhcp6, &mut |level, scope| {
        if [Level::Network, Level::Subnet].contains(&level) && once_in(noise, 3) {
            scope["store-extended-info"] = once_in(noise, 2).into();
        }
    });
    dhcp6
}

/// Relay agents supply options (RFC 6422) and more.
#[test]
fn a_walk_with_supplies() {
    play_each(
        "relays::a_walk_with_supplies",
        &[1, 2],
        |seed| Act { seed, ..Act::of(supplied(&mut Chance::new(seed))) },
        &[("supplies", |side| {
            walk_in(side, &Manner { relays: true, wishes: WISHES, of_relay: supplies, ..Manner::default() });
        })],
    );
}

const WISHES: &[u16] = &[65, 23, 24, 31, 82, 1234, 32];

fn supplied(noise: &mut Chance) -> Value {
    let mut dhcp6 = configuration(networks());
    if !once_in(noise, 4) {
        dhcp6["relay-supplied-options"] = one_of(
            noise,
            &[
                json!(["65", "1234"]),
                json!(["1234", "23"]),
                json!(["dns-servers", "65", "24"]),
                json!(["110"]),
            ],
        );
    }
    dhcp6
}

/// Options for the client, and options nobody knows.
fn supplies(noise: &mut Chance, options: Options) -> (String, Options) {
    if !once_in(noise, 2) {
        return (String::new(), options);
    }
    let (mut what, mut within) = (" supplies".to_owned(), Options::default());
    for _ in 0..noise.below(4) {
        let (code, value): (u16, &[u8]) = match noise.below(6) {
            0 => (65, b"\x03erp\x07example\0"),
            1 => (1234, b"abc"),
            2 => (23, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x99]),
            3 => (24, b"\x07example\x03net\0"),
            4 => (82, &[0, 0, 1, 0]),
            _ => (110, b"x"),
        };
        what += &format!(" {code}");
        within = within.option(OptionCode(code), value);
    }
    (what, options.option(OptionCode::RSOO, within.bytes()))
}
