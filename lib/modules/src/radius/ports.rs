//! `nas-ports`: what is said of a subnet in place of its number.

use std::collections::HashMap;

use kotare_config::json::Diagnostics;
use kotare_model::SubnetId;

use super::Served;
use super::parameters::NAS_PORTS;
use crate::Entry;

/// The ports of subnets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ports {
    by_subnet: HashMap<SubnetId, u32>,
    /// That of all others, if they have one.
    default: Option<u32>,
}

impl Ports {
    /// What is written. What is wrong goes to `diagnostics`.
    pub(super) fn read<L: Served>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Self {
        let mut ports = Self::default();
        for level in entry.parameters().list(&NAS_PORTS) {
            let Some(map) = level.map() else { continue };
            let Some(port) = level.int::<u32>("port") else {
                diagnostics.error(map.source(), "missing port in nas-ports entry");
                continue;
            };
            let subnets = || L::configured_subnets(entry.config);
            let (found, what): (Vec<SubnetId>, _) = if let Some(id) = level.int::<u32>("subnet-id") {
                if id == 0 {
                    ports.default = Some(port);
                    continue;
                }
                (vec![SubnetId(id)], "subnet")
            } else if level.own("subnet-prefix").is_some() {
                let prefix = level.text("subnet-prefix");
                let named = subnets().filter(|subnet| subnet.prefix.to_string() == prefix);
                (named.map(|subnet| subnet.id).collect(), "subnet")
            } else if level.own("shared-network-name").is_some() {
                let name = level.text("shared-network-name");
                let named = subnets().filter(|subnet| subnet.network == Some(name));
                (named.map(|subnet| subnet.id).collect(), "shared network")
            } else if map.to_json().as_object().is_some_and(|map| map.len() > 1) {
                diagnostics.error(map.source(), "unknown selector in nas-ports entry");
                continue;
            } else {
                ports.default = Some(port);
                continue;
            };
            if found.is_empty() {
                diagnostics.error(map.source(), format!("can't find {what} for nas-ports entry"));
            }
            ports.by_subnet.extend(found.into_iter().map(|id| (id, port)));
        }
        ports
    }

    /// The port of a subnet.
    pub(super) fn of(&self, subnet: SubnetId) -> u32 {
        self.by_subnet.get(&subnet).copied().or(self.default).unwrap_or(subnet.0)
    }
}
