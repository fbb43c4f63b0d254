//! What is shown of an object beside what is kept of it, as Kea shows it.

use serde_json::{Map, Value as Json, json};

use super::judged::{Remoted, is_v4};

type JsonMap = Map<String, Json>;

/// A shared network or a subnet, asked for by itself: with lifetimes that differ in nothing, relay agents if there are none,
/// and no tags if it is nobody's, where lists say `null`.
pub(super) fn whole(mut object: JsonMap) -> JsonMap {
    ranges(&mut object);
    object.entry("relay").or_insert_with(|| json!({"ip-addresses": []}));
    nobodys(&mut object);
    object
}

/// A subnet, also with what of DHCPv4 over DHCPv6 it says nothing about.
pub(super) fn whole_subnet<L: Remoted>(subnet: JsonMap) -> JsonMap {
    let mut subnet = whole(subnet);
    if is_v4::<L>() {
        for keyword in ["4o6-interface", "4o6-interface-id", "4o6-subnet"] {
            subnet.entry(keyword).or_insert_with(|| json!(""));
        }
    }
    subnet
}

/// A class, with what of DHCPv4 it says nothing about.
pub(super) fn whole_class<L: Remoted>(mut class: JsonMap) -> JsonMap {
    if class.get("only-in-additional-list") == Some(&json!(false)) {
        class.remove("only-in-additional-list");
    }
    if is_v4::<L>() {
        for (keyword, nothing) in [
            ("boot-file-name", json!("")),
            ("next-server", json!("0.0.0.0")),
            ("option-def", json!([])),
            ("server-hostname", json!("")),
        ] {
            class.entry(keyword).or_insert(nothing);
        }
    }
    class
}

/// A lifetime without bounds is its own.
fn ranges(object: &mut JsonMap) {
    for lifetime in ["valid-lifetime", "preferred-lifetime"] {
        if let Some(value) = object.get(lifetime).cloned() {
            for bound in ["min", "max"] {
                object.entry(format!("{bound}-{lifetime}")).or_insert_with(|| value.clone());
            }
        }
    }
}

fn nobodys(object: &mut JsonMap) {
    if let Some(tags) = object.get_mut("metadata").and_then(|metadata| metadata.get_mut("server-tags"))
        && *tags == json!([null])
    {
        *tags = json!([]);
    }
}
