//! What a DHCPv6 server runs from, as it comes of what is written.

mod classes;
mod diff;
mod follow;
mod hosts;
mod networks;
mod normal;
mod options;
mod reviews;
mod server;

use kotare_config::json::{Diagnostics, from_json};
use kotare_config::judge;
use kotare_config::v6::{Config6, FILE};
use serde_json::{Value, json};

/// A configuration that nothing is wrong with.
fn config(dhcp6: Value) -> Config6 {
    let (config, diagnostics) = judged(dhcp6);
    assert!(!diagnostics.has_errors(), "{diagnostics}");
    config.expect("a configuration")
}

/// What is said of one.
fn said(dhcp6: Value) -> String {
    judged(dhcp6).1.to_string()
}

fn judged(dhcp6: Value) -> (Option<Config6>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let root = from_json("c", &json!({ "Dhcp6": dhcp6 }), &mut diagnostics).expect("values");
    let (_, config) = judge::<Config6>(root, &FILE, &mut diagnostics);
    (config, diagnostics)
}
