//! Where the value of a parameter comes from: the innermost of the maps that have it, or else the row of its table.

use std::net::Ipv4Addr;
use std::time::Duration;

use kotare_model::Lifetime;

use crate::json::Value;
use crate::schema::{Scalar, Table};

/// A map of the configuration with the table of its keywords, in the maps it inherits from: a pool in its subnet in its
/// shared network in the global map, or fewer of them.
///
/// Checks and resolution both read through it, so a default stands in its row alone. A value of the wrong type or out
/// of range, which is reported where it is compared with the tables, reads as the default.
#[derive(Clone, Copy, Debug)]
pub struct Level<'a> {
    /// The keywords of the innermost map. A parameter that is inherited has the same row in all tables that have it.
    table: &'static Table,
    /// Innermost first. A map that is not written is none.
    maps: [Option<&'a Value>; 4],
}

impl<'a> Level<'a> {
    /// A map of `table` that inherits from none.
    pub fn of(table: &'static Table, map: &'a Value) -> Self {
        Self::of_optional(table, Some(map))
    }

    /// A map of `table` that may not be written, and inherits from none.
    pub fn of_optional(table: &'static Table, map: Option<&'a Value>) -> Self {
        Self { table, maps: [map, None, None, None] }
    }

    /// `map`, a map of `table`, inside this level. A level of four maps is full: nothing inherits from a pool.
    pub fn inner(self, table: &'static Table, map: &'a Value) -> Self {
        Self { table, maps: [Some(map), self.maps[0], self.maps[1], self.maps[2]] }
    }

    /// The map under the keyword of `table`, written or not. It inherits from none.
    pub fn section(self, table: &'static Table) -> Self {
        Self::of_optional(table, self.own(table.name))
    }

    /// The maps in the list under the keyword of `table`, which inherit from none.
    pub fn list(self, table: &'static Table) -> impl Iterator<Item = Self> {
        self.items(table.name).iter().map(move |map| Self::of(table, map))
    }

    /// The innermost map, if it is written.
    pub fn map(self) -> Option<&'a Value> {
        self.maps[0]
    }

    /// What is written under `keyword` in the innermost map.
    pub fn own(self, keyword: &str) -> Option<&'a Value> {
        self.maps[0]?.get(keyword)
    }

    /// Whether the innermost map has one of `keywords`.
    pub fn has_any(self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.own(keyword).is_some())
    }

    /// The items of the list under `keyword` in the innermost map.
    pub fn items(self, keyword: &str) -> &'a [Value] {
        self.own(keyword).map_or(&[], Value::items)
    }

    /// What is written under `keyword` in the innermost map that has it.
    pub fn get(self, keyword: &str) -> Option<&'a Value> {
        self.maps.into_iter().flatten().find_map(|map| map.get(keyword))
    }

    /// The same within subnet and shared network, not global.
    pub fn network_get(self, keyword: &str) -> Option<&'a Value> {
        let outermost = self.maps.iter().flatten().count().saturating_sub(1);
        self.maps[..outermost].iter().flatten().find_map(|map| map.get(keyword))
    }

    /// A truth value.
    pub fn bool(self, keyword: &str) -> bool {
        self.get(keyword).and_then(Value::as_bool).unwrap_or_else(|| match self.default(keyword) {
            Some(Scalar::Bool(default)) => default,
            _ => false,
        })
    }

    /// A string; empty where there is neither value nor default.
    pub fn text(self, keyword: &str) -> &'a str {
        self.get(keyword).and_then(Value::as_str).unwrap_or_else(|| match self.default(keyword) {
            Some(Scalar::Text(default)) => default,
            _ => "",
        })
    }

    /// A list of strings.
    pub fn texts(self, keyword: &str) -> Vec<&'a str> {
        match self.get(keyword) {
            Some(list) => list.items().iter().filter_map(Value::as_str).collect(),
            None => match self.default(keyword) {
                Some(Scalar::Texts(default)) => default.to_vec(),
                _ => Vec::new(),
            },
        }
    }

    /// A real number, if there is one or a default.
    pub fn real(self, keyword: &str) -> Option<f64> {
        self.get(keyword).and_then(Value::as_real).or_else(|| match self.default(keyword) {
            Some(Scalar::Real(default)) => Some(default),
            _ => None,
        })
    }

    /// An integer in the range of `T`, if there is one or a default.
    pub fn int<T: TryFrom<i64>>(self, keyword: &str) -> Option<T> {
        let written = self.get(keyword).and_then(Value::as_int).and_then(|number| T::try_from(number).ok());
        written.or_else(|| match self.default(keyword) {
            Some(Scalar::Int(default)) => T::try_from(default).ok(),
            _ => None,
        })
    }

    /// An integer; zero where there is neither value nor default.
    pub fn count<T: TryFrom<i64> + Default>(self, keyword: &str) -> T {
        self.int(keyword).unwrap_or_default()
    }

    /// An IPv4 address; 0.0.0.0 for what is none.
    pub fn address(self, keyword: &str) -> Ipv4Addr {
        self.text(keyword).parse().unwrap_or(Ipv4Addr::UNSPECIFIED)
    }

    /// How long a lease or an offer is good, in seconds, if it is known.
    pub fn lifetime(self, keyword: &str) -> Option<Lifetime> {
        self.int(keyword).map(Lifetime)
    }

    /// A time written in seconds.
    pub fn seconds(self, keyword: &str) -> Duration {
        Duration::from_secs(self.count(keyword))
    }

    /// A time written in milliseconds.
    pub fn millis(self, keyword: &str) -> Duration {
        Duration::from_millis(self.count(keyword))
    }

    /// What holds where nothing is written.
    fn default(self, keyword: &str) -> Option<Scalar> {
        let param = self.table.param(keyword);
        debug_assert!(param.is_some(), "{} has no keyword {keyword}", self.table.name);
        param?.default
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Diagnostics, from_json};
    use crate::schema::tables::{DHCP4, EXPIRED_LEASES, SHARED_NETWORK, SUBNET4};
    use serde_json::json;

    fn value(json: &serde_json::Value) -> Value {
        from_json("test", json, &mut Diagnostics::new()).expect("a value")
    }

    /// The innermost map wins over those around it, and any map over the default of the row.
    #[test]
    fn the_innermost_value_holds() {
        let global =
            value(&json!({"valid-lifetime": 1, "renew-timer": 2, "authoritative": "yes", "interface": "a"}));
        let network = value(&json!({"renew-timer": 3, "t1-percent": 0.25}));
        let subnet = value(&json!({"rebind-timer": 4}));
        let level = Level::of(&DHCP4, &global).inner(&SHARED_NETWORK, &network).inner(&SUBNET4, &subnet);
        let numbers = ["valid-lifetime", "renew-timer", "rebind-timer", "cache-max-age"];
        assert_eq!(numbers.map(|keyword| level.int::<u32>(keyword)), [Some(1), Some(3), Some(4), None]);
        assert_eq!((level.real("t1-percent"), level.real("t2-percent")), (Some(0.25), Some(0.875)));
        assert!(level.own("renew-timer").is_none() && level.network_get("renew-timer").is_some());
        assert!(level.network_get("interface").is_none());
        assert!(!level.bool("authoritative"), "what is no truth value is not there");
        assert_eq!(level.text("allocator"), "iterative");
    }

    /// A map that is not written has the defaults of its table.
    #[test]
    fn an_absent_map_has_its_defaults() {
        let empty = value(&json!({}));
        let section = Level::of(&DHCP4, &empty).section(&EXPIRED_LEASES);
        assert_eq!(section.seconds("hold-reclaimed-time"), Duration::from_secs(3600));
        assert_eq!(section.millis("max-reclaim-time"), Duration::from_millis(250));
        let written = value(&json!({"expired-leases-processing": {"hold-reclaimed-time": 7}}));
        let section = Level::of(&DHCP4, &written).section(&EXPIRED_LEASES);
        assert_eq!(section.seconds("hold-reclaimed-time"), Duration::from_secs(7));
    }
}
