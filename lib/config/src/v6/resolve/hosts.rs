//! `reservations`: identifiers, addresses and prefixes read, options encoded, classes made numbers.

use kotare_model::SubnetId;

use super::Scope;
use crate::Level;
use crate::common::resolve::hosts;
use crate::json::Value;
use crate::schema::tables::RESERVATION6;
use crate::v6::{Host6, HostDetails6, HostId, ReservedPrefix, written_identifier};

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
