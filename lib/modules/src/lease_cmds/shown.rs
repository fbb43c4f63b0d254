//! A lease as answers show it.

use kotare_control::{Items, Response, ResultCode};
use kotare_model::{Hex, Lease4};
use serde_json::{Map, Value as Json, json};

/// A lease, its keys in the order of Kea's answers.
pub fn lease(lease: &Lease4) -> Json {
    let mut map = Map::new();
    let mut set = |key: &str, value: Json| map.insert(key.to_owned(), value);
    if let Some(id) = &lease.client_id {
        set("client-id", Hex(id.as_bytes()).to_string().into());
    }
    set("cltt", lease.cltt.0.into());
    set("fqdn-fwd", lease.fqdn_fwd.into());
    set("fqdn-rev", lease.fqdn_rev.into());
    set("hostname", lease.hostname.to_str().into());
    set("hw-address", lease.hwaddr.to_string().into());
    set("ip-address", lease.address.to_string().into());
    if lease.pool_id != 0 {
        set("pool-id", lease.pool_id.into());
    }
    set("state", (lease.state as u8).into());
    set("subnet-id", lease.subnet_id.0.into());
    // What is no JSON, in a file that somebody edited, cannot be shown as some.
    let context = lease.user_context.as_deref().and_then(|text| serde_json::from_str::<Json>(text).ok());
    if let Some(mut context) = context {
        context.sort_all_objects();
        set("user-context", context);
    }
    set("valid-lft", lease.valid_lifetime.0.into());
    Json::Object(map)
}

/// No lease found yet.
pub(super) fn none() -> Items {
    Items::of("leases")
}

/// Leases found, and what is said of them behind how many they are.
pub(super) fn leases(found: Items, said: &str) -> Response {
    let count = found.len();
    let result = if count > 0 { ResultCode::Success } else { ResultCode::Empty };
    let text = format!("{count} IPv4 lease(s) found{said}");
    Response { result, list: Some(found.into()), ..Response::success(text) }
}

/// A page of them, with how many they are.
pub(super) fn page(found: Items) -> Response {
    let count = found.len();
    leases(found, ".").with(json!({"count": count}))
}
