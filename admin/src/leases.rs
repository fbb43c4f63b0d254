//! What differs between the leases of the two protocols.

use std::fmt::Display;
use std::hash::Hash;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use kotare_config::schema::File;
use kotare_config::v4::{self, Config4};
use kotare_config::v6::{self, Config6, Prefix6};
use kotare_config::{Configuration, Input, Process, read};
use kotare_model::{Hex, Lease4, Lease6, LeaseType};
use kotare_store_memfile::{Kept, RowLease};
use kotare_store_sql::Record;
use serde_json::{Value, json};

use crate::say;

/// Leases of one protocol.
pub(crate) trait Leases: Kept<Address: Hash> + Record {
    /// What Kea calls them; with `-add` or `-update`, commands.
    const NAME: &'static str;
    /// Kea's name of the lease file, where nothing else is configured.
    const LEASE_FILE: &'static str;
    /// The configuration of their server.
    type Config: AsRef<Process>;

    /// Reads the configuration.
    fn configuration(path: &Path) -> Result<Self::Config, String>;

    /// Whether a lease is where the configuration has its subnet; otherwise why not.
    fn in_subnet(config: &Self::Config, lease: &RowLease<Self::Address>) -> Result<(), String>;

    /// A lease as lease_cmds take it.
    fn arguments(&self) -> Value;
}

/// Reads a configuration and tells its warnings.
fn read_as<C: Configuration>(path: &Path, file: &File) -> Result<C, String> {
    match read::<C>(Input::File(path), file) {
        Ok(candidate) => {
            candidate.diagnostics.warnings().for_each(say::warning);
            Ok(candidate.config)
        }
        Err(refused) => {
            Err(format!("the configuration cannot be used:\n{}", refused.error_lines().join("\n")))
        }
    }
}

/// Whether the subnet of a lease is configured and has it; otherwise what is wrong.
fn is_where_it_belongs<A: Display, P: Display>(
    lease: &RowLease<A>,
    subnet: Option<&P>,
    is_in: impl Fn(&P) -> bool,
) -> Result<(), String> {
    let (address, id) = (&lease.address, lease.subnet_id);
    match subnet {
        None => Err(format!("the lease of {address} is of subnet-id {id}, which is not configured")),
        Some(subnet) if !is_in(subnet) => {
            Err(format!("the lease of {address} is outside of its subnet {subnet} (subnet-id {id})"))
        }
        Some(_) => Ok(()),
    }
}

/// What the commands for both protocols are told of a lease.
macro_rules! arguments {
    ($lease:expr) => {{
        let lease = $lease;
        let mut map = json!({
            "ip-address": lease.address.to_string(),
            "subnet-id": lease.subnet_id.0,
            "valid-lft": lease.valid_lifetime.0,
            "expire": lease.cltt.0.saturating_add(i64::from(lease.valid_lifetime.0)),
            "fqdn-fwd": lease.fqdn_fwd,
            "fqdn-rev": lease.fqdn_rev,
            "hostname": lease.hostname.to_str(),
            "state": lease.state as u8,
            "pool-id": lease.pool_id,
        });
        let context = lease.user_context.as_deref().and_then(|text| serde_json::from_str(text).ok());
        if let Some(context) = context {
            map["user-context"] = context;
        }
        map
    }};
}

impl Leases for Lease4 {
    const NAME: &'static str = "lease4";
    const LEASE_FILE: &'static str = "kea-leases4.csv";
    type Config = Config4;

    fn configuration(path: &Path) -> Result<Config4, String> {
        /// The form of a configuration file of `kea-dhcp4`.
        const FILE: &File = &v4::FILE.with_libraries(kotare_modules::SCHEMAS);
        read_as(path, FILE)
    }

    fn in_subnet(config: &Config4, lease: &RowLease<Ipv4Addr>) -> Result<(), String> {
        let subnet = config.subnet(lease.subnet_id).map(|subnet| &subnet.prefix);
        is_where_it_belongs(lease, subnet, |subnet| subnet.contains(lease.address))
    }

    fn arguments(&self) -> Value {
        let mut map = arguments!(self);
        map["hw-address"] = self.hwaddr.to_string().into();
        if let Some(id) = &self.client_id {
            map["client-id"] = Hex(id.as_bytes()).to_string().into();
        }
        map
    }
}

impl Leases for Lease6 {
    const NAME: &'static str = "lease6";
    const LEASE_FILE: &'static str = "kea-leases6.csv";
    type Config = Config6;

    fn configuration(path: &Path) -> Result<Config6, String> {
        /// The form of a configuration file of `kea-dhcp6`.
        const FILE: &File = &v6::FILE.with_libraries(kotare_modules::SCHEMAS);
        read_as(path, FILE)
    }

    /// A prefix may lie anywhere.
    fn in_subnet(config: &Config6, lease: &RowLease<Ipv6Addr>) -> Result<(), String> {
        let subnet = config.subnet(lease.subnet_id).map(|subnet| &subnet.prefix);
        let is_in = |subnet: &Prefix6| lease.lease_type == LeaseType::Pd || subnet.contains(lease.address);
        is_where_it_belongs(lease, subnet, is_in)
    }

    fn arguments(&self) -> Value {
        let mut map = arguments!(self);
        map["duid"] = self.duid.to_string().into();
        map["iaid"] = self.iaid.into();
        map["preferred-lft"] = self.preferred_lifetime.0.into();
        map["type"] = self.lease_type.name().into();
        if self.lease_type == LeaseType::Pd {
            map["prefix-len"] = self.prefix_len.into();
        }
        if let Some(hwaddr) = &self.hwaddr {
            map["hw-address"] = hwaddr.address.to_string().into();
        }
        map
    }
}
