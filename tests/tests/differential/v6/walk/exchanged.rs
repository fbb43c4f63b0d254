//! Walks on which each server is replaced by the other, with the lease file that it left.

use serde_json::json;

use super::{merge, networks, play_each, walk};
use crate::v6::configuration::configuration;
use crate::v6::stage::Act;

/// What the one writes the other reads, and goes on with as the one would have.
#[test]
fn a_walk_with_exchanged_files() {
    let mut dhcp6 = configuration(networks());
    merge(&mut dhcp6, json!({"store-extended-info": true}));
    play_each(
        "exchanged::a_walk_with_exchanged_files",
        &[1, 2],
        |seed| Act { seed, swapped: true, ..Act::of(dhcp6.clone()) },
        &[("exchanged", |side| walk(side, true))],
    );
}
