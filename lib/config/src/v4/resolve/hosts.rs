//! `reservations`: identifiers read, options encoded, classes made numbers.

use std::net::Ipv4Addr;

use kotare_model::SubnetId;

use super::Scope;
use crate::Level;
use crate::common::resolve::hosts;
use crate::json::Value;
use crate::schema::tables::RESERVATION;
use crate::v4::{Host4, HostDetails4, HostId, written_identifier};

/// The reservations of a subnet, or the global ones. They go to the scope.
pub(super) fn resolve(subnet: SubnetId, list: &[Value], scope: &mut Scope<'_>) {
    for written in list {
        // What names no client was reported when reservations were judged.
        if let Some(host) = host(subnet, written, scope) {
            scope.hosts.insert(host);
        }
    }
}

fn host(subnet: SubnetId, written: &Value, scope: &mut Scope<'_>) -> Option<Host4> {
    let level = Level::of(&RESERVATION, written);
    let (kind, id) = written_identifier(written)?;
    let reserved: Option<Ipv4Addr> = level.own("ip-address").and_then(|value| value.as_str()?.parse().ok());
    let details = HostDetails4 {
        hostname: level.text("hostname").into(),
        next_server: Some(level.address("next-server")).filter(|address| !address.is_unspecified()),
        server_hostname: level.text("server-hostname").into(),
        boot_file_name: level.text("boot-file-name").into(),
        classes: hosts::classes(level, scope),
        options: hosts::options(written, scope),
    };
    Some(Host4::new(HostId { kind, bytes: &id }, subnet, reserved, details))
}
