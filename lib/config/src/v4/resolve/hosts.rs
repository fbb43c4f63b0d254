//! `reservations`: identifiers read, options encoded, classes made numbers.

use std::net::Ipv4Addr;

use kotare_model::{Reservation4, Reserved4, SubnetId};
use kotare_options::OptionError;
use serde_json::{Map, Value as Json};

use super::{Dhcp4, Scope};
use crate::Level;
use crate::common::resolve::{exchange, hosts, keep, kept as common};
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
    let details = HostDetails4 {
        hostname: level.text("hostname").into(),
        next_server: Some(level.address("next-server")).filter(|address| !address.is_unspecified()),
        server_hostname: level.text("server-hostname").into(),
        boot_file_name: level.text("boot-file-name").into(),
        classes: hosts::classes(level, scope),
        options: hosts::options(written, scope),
    };
    Some(Host4::new(HostId { kind, bytes: &id }, subnet, address(level), details))
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

    /// This configuration without the reservations that are `taken` out, and with `put`, as if it had been written so and
    /// read. Nothing where that takes more than to look at these: then it has to be read.
    pub fn exchanged(&self, taken: &[Reservation4], put: Option<&Reservation4>) -> Option<Self> {
        let mut is_whole = true;
        let put = put.map(|put| (put, self.host(put, |_| is_whole = false)));
        let hosts = exchange::exchanged::<Dhcp4, _>(&self.hosts, &self.classes, taken, put)?;
        is_whole.then(|| Self { hosts, ..self.clone() })
    }

    /// What a `reservations` entry of a subnet says, so that it can be kept elsewhere: [`Config4::host`] makes the same of
    /// it as if it stood here. Nothing if it names no client.
    pub fn keep(&self, subnet: SubnetId, written: &Value) -> Option<Reservation4> {
        let level = Level::of(&RESERVATION, written);
        let (kind, id) = written_identifier(written)?;
        let reserved = Reserved4 {
            address: address(level),
            next_server: Some(level.address("next-server")).filter(|it: &Ipv4Addr| !it.is_unspecified()),
            server_hostname: level.text("server-hostname").into(),
            boot_file_name: level.text("boot-file-name").into(),
        };
        Some(keep::keep::<Dhcp4, _>(HostId { kind, bytes: &id }, subnet, level, &self.definitions, reserved))
    }
}

/// A reservation that is kept elsewhere as a `reservations` entry.
pub fn write_reservation(kept: &Reservation4) -> Map<String, Json> {
    let mut map = keep::write::<Dhcp4, _>(kept);
    let Reserved4 { address, next_server, server_hostname, boot_file_name } = &kept.reserved;
    let mut put = |keyword: &str, text: String| {
        if !text.is_empty() {
            map.insert(keyword.to_owned(), text.into());
        }
    };
    put("ip-address", address.map(|it| it.to_string()).unwrap_or_default());
    put("next-server", next_server.map(|it| it.to_string()).unwrap_or_default());
    put("server-hostname", server_hostname.to_string());
    put("boot-file-name", boot_file_name.to_string());
    map
}

/// `ip-address`.
fn address(level: Level<'_>) -> Option<Ipv4Addr> {
    level.own("ip-address").and_then(|value| value.as_str()?.parse().ok())
}
