//! `reservations`: identifiers, addresses and prefixes read, options encoded, classes made numbers.

use kotare_model::{KeptPrefix, Reservation6, SubnetId};
use kotare_options::OptionError;

use super::{Dhcp6, Scope};
use crate::Level;
use crate::common::resolve::{hosts, kept as common};
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
    let addresses = level.items("ip-addresses").iter();
    let addresses = addresses.filter_map(|it| it.as_str()?.trim().parse().ok());
    let details = HostDetails6 {
        prefixes: prefixes(level),
        hostname: level.text("hostname").into(),
        classes: hosts::classes(level, scope),
        options: hosts::options(written, scope),
    };
    Some(Host6::new(HostId { kind, bytes: &id }, subnet, addresses, details))
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
}

/// A prefix, unless it has more bits than an address.
fn reserved(kept: &KeptPrefix) -> Option<ReservedPrefix> {
    let prefix = Prefix6::new(kept.address, kept.length)?;
    let excluded = kept.excluded.and_then(|(address, length)| Prefix6::new(address, length));
    Some(ReservedPrefix { prefix, excluded })
}
