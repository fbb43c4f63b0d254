//! `reservations`: identifiers, addresses and prefixes read, options encoded, classes made numbers.

use std::net::Ipv6Addr;

use kotare_model::{KeptPrefix, Reservation6, Reserved6, SubnetId};
use kotare_options::OptionError;
use serde_json::{Map, Value as Json};

use super::{Dhcp6, Scope};
use crate::Level;
use crate::common::resolve::{exchange, hosts, keep, kept as common};
use crate::json::Value;
use crate::schema::tables::RESERVATION6;
use crate::v6::{Config6, Host6, HostDetails6, HostId, Prefix6, ReservedPrefix, written_identifier};

/// The reservations of a subnet, or the global ones. They go to the scope.
pub(super) fn resolve(subnet: SubnetId, list: &[Value], scope: &mut Scope<'_>) {
    for written in list {
        // What names no client was reported when reservations were judged.
        if let Some(host) = host(subnet, written, scope) {
            scope.hosts.insert(host);
        }
    }
}

fn host(subnet: SubnetId, written: &Value, scope: &mut Scope<'_>) -> Option<Host6> {
    let level = Level::of(&RESERVATION6, written);
    let (kind, id) = written_identifier(written)?;
    let details = HostDetails6 {
        prefixes: prefixes(level),
        hostname: level.text("hostname").into(),
        classes: hosts::classes(level, scope),
        options: hosts::options(written, scope),
    };
    Some(Host6::new(HostId { kind, bytes: &id }, subnet, addresses(level), details))
}

/// `prefixes`, each with what stands in its place in `excluded-prefixes`, where an empty text stands for none.
fn prefixes(level: Level<'_>) -> Box<[ReservedPrefix]> {
    let excluded = level.items("excluded-prefixes");
    let each = level.items("prefixes").iter().enumerate();
    let reserved = each.filter_map(|(nth, value)| {
        let excluded = excluded.get(nth).and_then(Value::as_str).and_then(|text| text.parse().ok());
        Some(ReservedPrefix { prefix: value.as_str()?.parse().ok()?, excluded })
    });
    reserved.collect()
}

impl Config6 {
    /// What a reservation that is kept elsewhere means under this configuration: the same as if it stood in it.
    /// `left_out` hears of options that cannot be sent.
    pub fn host(&self, kept: &Reservation6, left_out: impl FnMut(OptionError)) -> Host6 {
        let details = HostDetails6 {
            prefixes: kept.reserved.prefixes.iter().filter_map(reserved).collect(),
            hostname: kept.hostname.clone(),
            classes: common::classes::<Dhcp6, _>(kept, &self.classes),
            options: common::options::<Dhcp6, _>(kept, &self.definitions, &self.classes, left_out),
        };
        Host6::new(kept.id(), kept.subnet, kept.reserved.addresses.iter().copied(), details)
    }

    /// This configuration without the reservations that are `taken` out, and with `put`, as if it had been written so and
    /// read. Nothing where that takes more than to look at these: then it has to be read.
    pub fn exchanged(&self, taken: &[Reservation6], put: Option<&Reservation6>) -> Option<Self> {
        // Where these subnets lie is found out elsewhere.
        if !self.followers.is_empty() {
            return None;
        }
        let mut is_whole = true;
        let put = put.map(|put| (put, self.host(put, |_| is_whole = false)));
        let hosts = exchange::exchanged::<Dhcp6, _>(&self.hosts, &self.classes, taken, put)?;
        is_whole.then(|| Self { hosts, ..self.clone() })
    }

    /// What a `reservations` entry of a subnet says, so that it can be kept elsewhere: [`Config6::host`] makes the same of
    /// it as if it stood here. Nothing if it names no client.
    pub fn keep(&self, subnet: SubnetId, written: &Value) -> Option<Reservation6> {
        let level = Level::of(&RESERVATION6, written);
        let (kind, id) = written_identifier(written)?;
        let parts = |prefix: Prefix6| (prefix.network(), prefix.prefix_len());
        let kept = |it: &ReservedPrefix| {
            let (address, length) = parts(it.prefix);
            KeptPrefix { address, length, excluded: it.excluded.map(parts) }
        };
        let reserved = Reserved6 {
            addresses: addresses(level).collect(),
            prefixes: prefixes(level).iter().map(kept).collect(),
        };
        Some(keep::keep::<Dhcp6, _>(HostId { kind, bytes: &id }, subnet, level, &self.definitions, reserved))
    }
}

/// A reservation that is kept elsewhere as a `reservations` entry.
pub fn write_reservation(kept: &Reservation6) -> Map<String, Json> {
    let mut map = keep::write::<Dhcp6, _>(kept);
    let Reserved6 { addresses, prefixes } = &kept.reserved;
    let mut put = |keyword: &str, texts: Vec<String>| {
        if texts.iter().any(|text| !text.is_empty()) {
            map.insert(keyword.to_owned(), texts.into());
        }
    };
    let excluded =
        |it: &KeptPrefix| it.excluded.map_or_else(String::new, |(at, length)| format!("{at}/{length}"));
    put("ip-addresses", addresses.iter().map(ToString::to_string).collect());
    put("prefixes", prefixes.iter().map(|it| format!("{}/{}", it.address, it.length)).collect());
    put("excluded-prefixes", prefixes.iter().map(excluded).collect());
    map
}

/// `ip-addresses`.
fn addresses(level: Level<'_>) -> impl Iterator<Item = Ipv6Addr> {
    level.items("ip-addresses").iter().filter_map(|it| it.as_str()?.trim().parse().ok())
}

/// A prefix, unless it has more bits than an address.
fn reserved(kept: &KeptPrefix) -> Option<ReservedPrefix> {
    let prefix = Prefix6::new(kept.address, kept.length)?;
    let excluded = kept.excluded.and_then(|(address, length)| Prefix6::new(address, length));
    Some(ReservedPrefix { prefix, excluded })
}
