//! Where a parameter's value comes from: the innermost of the maps that hold it.

use std::net::Ipv4Addr;
use std::time::Duration;

use kotare_model::Lifetime;

use crate::json::Value;

/// A map and the wider ones it inherits from, innermost first: subnet, shared network, global.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    maps: [Option<&'a Value>; 3],
}

impl<'a> Scope<'a> {
    /// The global scope alone.
    pub(super) fn global(map: &'a Value) -> Self {
        Self { maps: [Some(map), None, None] }
    }

    /// `map` inside this scope. A scope three maps deep is full: nothing inherits from a subnet.
    pub(super) fn inner(self, map: &'a Value) -> Self {
        Self { maps: [Some(map), self.maps[0], self.maps[1]] }
    }

    /// The innermost value of `key`.
    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.maps.into_iter().flatten().find_map(|map| map.get(key))
    }

    /// The innermost value of `key` within subnet and shared network, not global.
    pub(super) fn network_get(self, key: &str) -> Option<&'a Value> {
        let depth = self.maps.iter().flatten().count();
        self.maps[..depth - 1].iter().flatten().find_map(|map| map.get(key))
    }

    pub(super) fn bool(self, key: &str, default: bool) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(default)
    }

    pub(super) fn text(self, key: &str) -> &'a str {
        self.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn number(self, key: &str) -> Option<u32> {
        self.get(key).and_then(number)
    }

    pub(super) fn real(self, key: &str, default: f64) -> f64 {
        self.get(key).and_then(Value::as_real).unwrap_or(default)
    }

    pub(super) fn lifetime(self, key: &str, default: u32) -> Lifetime {
        Lifetime(self.number(key).unwrap_or(default))
    }

    pub(super) fn address(self, key: &str) -> Option<Ipv4Addr> {
        self.get(key)?.as_str()?.parse().ok()
    }

    pub(super) fn seconds(self, key: &str, default: u32) -> Duration {
        Duration::from_secs(u64::from(self.number(key).unwrap_or(default)))
    }

    pub(super) fn millis(self, key: &str, default: u32) -> Duration {
        Duration::from_millis(u64::from(self.number(key).unwrap_or(default)))
    }
}

/// A number from 0 to 4294967295.
pub(super) fn number(value: &Value) -> Option<u32> {
    u32::try_from(value.as_int()?).ok()
}
