//! What is configured, with the places of files.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use kotare_config::json::Diagnostics;
use kotare_config::process::{LocalNames, LocalZone, WrittenPath};
use kotare_ddns::Name;
use kotare_local_names::{Rules, Zones, reverse_zones};

use crate::Places;

/// What is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) rules: Rules,
    pub(super) hosts_file: Option<PathBuf>,
    pub(super) unbound_file: Option<PathBuf>,
    pub(super) others: Vec<PathBuf>,
    pub(super) ttl: u32,
    pub(super) listen: Vec<SocketAddr>,
    zones: Option<Vec<LocalZone>>,
    name_server: Option<Name>,
}

impl Settings {
    /// What is written; files that may not be where they are go to `diagnostics`.
    pub(super) fn read(
        written: &LocalNames,
        places: &dyn Places,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut place = |path: &WrittenPath| match places.data(&path.path) {
            Ok(place) => Some(place.path),
            Err(reason) => {
                diagnostics.error(&path.source, reason);
                None
            }
        };
        let mut optional = |path: &Option<WrittenPath>| match path {
            Some(path) => place(path).map(Some),
            None => Some(None),
        };
        let (hosts_file, unbound_file) = (optional(&written.hosts_file)?, optional(&written.unbound_file)?);
        Some(Self {
            rules: Rules::new(written.domain.clone()),
            hosts_file,
            unbound_file,
            others: written.others.iter().map(place).collect::<Option<_>>()?,
            ttl: written.ttl,
            listen: written.listen.clone(),
            zones: written.zones.clone(),
            name_server: written.name_server.clone(),
        })
    }

    /// The zones that are answered for, of a server that gives addresses of these networks.
    pub(super) fn zones(&self, networks: &[(IpAddr, u8)]) -> Zones {
        let of_networks = || {
            let reverse = networks.iter().flat_map(|&(first, length)| reverse_zones(first, length));
            self.rules.domain().cloned().into_iter().chain(reverse).collect::<Vec<_>>()
        };
        let zones = self.zones.as_ref().map_or_else(of_networks, |zones| {
            let each = zones.iter().flat_map(|zone| match zone {
                LocalZone::Named(name) => vec![name.clone()],
                LocalZone::Addresses(first, length) => reverse_zones(*first, *length),
            });
            each.collect()
        });
        let apex = self.rules.domain().or(zones.first());
        let named = || apex.and_then(|apex| format!("ns.{apex}").parse().ok()).unwrap_or_else(Name::root);
        let server = self.name_server.clone().unwrap_or_else(named);
        let is_reached = |address: &IpAddr| !address.is_unspecified() && !address.is_loopback();
        let addresses = self.listen.iter().map(SocketAddr::ip).filter(is_reached).collect();
        Zones::new(zones, server, addresses, self.ttl)
    }
}
