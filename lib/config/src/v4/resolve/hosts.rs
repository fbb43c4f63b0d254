//! `reservations`: identifiers read, options encoded, classes made numbers.

use std::net::Ipv4Addr;

use kotare_model::{Reservation4, SubnetId};
use kotare_options::OptionError;

use super::{Dhcp4, Scope};
use crate::Level;
use crate::common::resolve::{hosts, kept as common};
use crate::json::Value;
use crate::schema::tables::RESERVATION;
use crate::v4::{Config4, Host4, HostDetails4, HostId, written_identifier};

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

impl Config4 {
    /// What a reservation that is kept elsewhere means under this configuration: the same as if it stood in it.
    /// `left_out` hears of options that cannot be sent.
    pub fn host(&self, kept: &Reservation4, left_out: impl FnMut(OptionError)) -> Host4 {
        let reserved = &kept.reserved;
        let details = HostDetails4 {
            hostname: kept.hostname.clone(),
            next_server: reserved.next_server,
            server_hostname: reserved.server_hostname.clone(),
            boot_file_name: reserved.boot_file_name.clone(),
            classes: common::classes::<Dhcp4, _>(kept, &self.classes),
            options: common::options::<Dhcp4, _>(kept, &self.definitions, &self.classes, left_out),
        };
        Host4::new(kept.id(), kept.subnet, reserved.address, details)
    }
}
