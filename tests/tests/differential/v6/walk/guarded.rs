//! Walks through pools, subnets and shared networks that are for some clients.

use serde_json::json;

use super::{networks, play, walk};

/// In a shared network, each pool is for somebody else.
#[test]
fn a_walk_through_guarded_networks() {
    let mut changes = networks();
    changes["client-classes"] = json!([
        {"name": "low", "test": "substring(option[1].hex, 1, 1) == 0x03"},
        {"name": "high", "test": "not member('low')"},
        {"name": "rapid low", "test": "member('low') and option[14].exists"},
        {"name": "named high", "test": "member('high') and option[39].exists"},
        {"name": "late", "only-if-required": true, "test": "member('low')", "option-data": [{"name": "bootfile-url", "data": "tftp://x"}]},
        {"name": "later", "only-if-required": true, "test": "option[1].exists", "option-data": [{"name": "dns-servers", "data": "2001:db8::77", "always-send": true}]},
    ]);
    // A client has one address to choose from: which of several it gets is up to the allocator.
    let floor = &mut changes["shared-networks"][0];
    floor["subnet6"][0]["pools"] = json!([
        {"pool": "2001:db8:5::100/128", "client-class": "low", "require-client-classes": ["late"]},
        {"pool": "2001:db8:5::102/128", "client-class": "named high"},
    ]);
    floor["subnet6"][1]["pools"] = json!([
        {"pool": "2001:db8:6::100/128", "client-class": "high"},
        {"pool": "2001:db8:6::102/128", "client-class": "rapid low", "require-client-classes": ["later"]},
    ]);
    let prefixes = &mut floor["subnet6"][0]["pd-pools"][0];
    (prefixes["client-class"], prefixes["require-client-classes"]) = ("low".into(), json!(["later"]));
    floor["subnet6"][1]["pd-pools"][0]["client-class"] = "high".into();
    changes["subnet6"][0]["pools"] = json!([
        {"pool": "2001:db8:1::100/128", "client-class": "low"},
        {"pool": "2001:db8:1::104/128", "client-class": "high", "require-client-classes": ["later"]},
    ]);
    play(
        "guarded::a_walk_through_guarded_networks",
        changes,
        &[42, 101],
        &[("guarded networks", |side| walk(side, true))],
    );
}
