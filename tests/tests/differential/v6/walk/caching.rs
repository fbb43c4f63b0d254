//! Walks on which leases need not be extended yet. They are as old as the walk: those of a lease file Kea 2.2 takes for as
//! old as it is itself.

use kotare_model::Chance;
use serde_json::{Value, json};

use super::drawn::{Level, each, once_in, one_of};
use super::messages::Manner;
use super::{plain_networks, play_each, walk_in};
use crate::v6::configuration::configuration;
use crate::v6::stage::Act;

/// None that has to be made up: Kea forgets those that it made, and writes the lease for their sake.
const NAMES: &[&[u8]] = &[b"\x06myhost\x07example\x03com\0", b"\x06myhost", b"\x06MyHost\0"];
/// How exactly ages are told: a walk takes less.
const GRAIN: u32 = 1000;

/// `cache-threshold` and `cache-max-age`, at every level that has them.
#[test]
fn a_walk_with_caches() {
    play_each(
        "caching::a_walk_with_caches",
        &[1, 2, 3],
        |seed| Act { seed, grain: GRAIN, ..Act::of(drawn(&mut Chance::new(seed))) },
        &[("caches", |side| {
            walk_in(side, &Manner { relays: true, names: NAMES, ..Manner::default() });
        })],
    );
}

fn drawn(noise: &mut Chance) -> Value {
    let mut dhcp6 = configuration(plain_networks());
    dhcp6["expired-leases-processing"] = json!({"reclaim-timer-wait-time": 0, "hold-reclaimed-time": 0});
    each(&mut dhcp6, &mut |level, scope| {
        for key in ["valid-lifetime", "preferred-lifetime", "renew-timer", "rebind-timer"] {
            scope.as_object_mut().expect("a map").remove(key);
        }
        match level {
            Level::Server => {
                scope["cache-threshold"] = one_of(noise, &[0.05, 0.25, 0.5, 0.95]).into();
                scope["cache-max-age"] = one_of(noise, &[json!(15_000), json!(50_000), json!(95_000)]);
                scope["valid-lifetime"] = 100_000.into();
                scope["preferred-lifetime"] = 60_000.into();
            }
            Level::Network | Level::Subnet => {
                if once_in(noise, 3) {
                    scope["cache-threshold"] = one_of(noise, &[0.01, 0.15, 0.35, 0.75]).into();
                }
                if once_in(noise, 3) {
                    scope["cache-max-age"] = one_of(noise, &[0, 7000, 30_000]).into();
                }
            }
            Level::Pool | Level::PrefixPool => {}
        }
    });
    dhcp6
}
