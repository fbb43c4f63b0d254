//! Leases of DHCPv4 in commands.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{Config4, Subnet4};
use kotare_control::Command;
use kotare_engine::v4::correct_extended_info;
use kotare_model::{Hex, HwAddr, Lease4, LeaseState, LeaseType, SubnetId, Timestamp};
use kotare_store::By4;
use serde_json::{Map, Value as Json};

use super::family::{Commanded, Doing, Log, Words};
use super::find::{Client, Identifier};
use super::given::{self, NoSubnet};
use super::messages::*;
use super::scene::Scene;
use super::{LeaseCmds, commands4};
use crate::arguments::{Arguments, Refused, client_id, hardware_address, ipv4};
use crate::shown::Shown;

impl Commanded for Lease4 {
    const WORDS: Words = Words { ip: "IPv4", number: '4' };
    const LOG: Log = Log {
        added: |address| LEASE_CMDS_ADD4(address),
        add_conflict: |parameters, reason| LEASE_CMDS_ADD4_CONFLICT(parameters, reason),
        add_failed: |parameters, reason| LEASE_CMDS_ADD4_FAILED(parameters, reason),
        updated: |address| LEASE_CMDS_UPDATE4(address),
        update_conflict: |parameters, reason| LEASE_CMDS_UPDATE4_CONFLICT(parameters, reason),
        update_failed: |parameters, reason| LEASE_CMDS_UPDATE4_FAILED(parameters, reason),
        deleted: |address| LEASE_CMDS_DEL4(address),
        delete_failed: |parameters, reason| LEASE_CMDS_DEL4_FAILED(parameters, reason),
        applied: |count| KOTARE_LEASE_CMDS_BULK_APPLY4(count),
        apply_failed: |parameters, reason| KOTARE_LEASE_CMDS_BULK_APPLY4_FAILED(parameters, reason),
        get_failed: |parameters, reason| LEASE_CMDS_GET4_FAILED(parameters, reason),
        wiped: |parameters| LEASE_CMDS_WIPE4(parameters),
        wipe_failed: |parameters, reason| LEASE_CMDS_WIPE4_FAILED(parameters, reason),
        resent: |text| LEASE_CMDS_RESEND_DDNS4(text),
        resend_failed: |reason| LEASE_CMDS_RESEND_DDNS4_FAILED(reason),
        queue_rebuild_failed: |parameters, reason| SFLQ_POOL4_REBUILD_FAILED(parameters, reason),
        queues_failed: |parameters, reason| SFLQ_POOL4_GET_ALL_FAILED(parameters, reason),
        queues_of_subnet_failed: |parameters, reason| SFLQ_POOL4_GET_BY_SUBNET_FAILED(parameters, reason),
        queues_in_range_failed: |parameters, reason| SFLQ_POOL4_GET_BY_RANGE_FAILED(parameters, reason),
        queue_delete_failed: |parameters, reason| SFLQ_POOL4_DEL_FAILED(parameters, reason),
    };
    const COMMANDS: &[Command<LeaseCmds<Self>>] = commands4::COMMANDS;
    const HAS_ASSOCIATIONS: bool = false;

    fn by_hw_address(address: &HwAddr) -> By4<'_> {
        By4::HwAddr(address)
    }

    fn by_hostname(name: &str) -> By4<'_> {
        By4::Hostname(name)
    }

    /// Of several of a client in the subnet, the most recent.
    fn of_client(scene: &Scene<Self>, client: &Client, doing: Doing) -> Result<Option<Self>, Refused> {
        let subnets = &[client.subnet];
        let found = match &client.id {
            Identifier::HwAddr(address) => scene.get(By4::HwAddrOn(address, subnets))?,
            Identifier::ClientId(id) => scene.get(By4::ClientIdOn(id.as_bytes(), subnets))?,
            Identifier::Duid(_) => return Err(doing.by("duid", "v4")),
        };
        Ok(found.into_iter().max_by_key(|lease| (lease.cltt, lease.address)))
    }

    fn is_of(&self, _: Option<LeaseType>) -> bool {
        true
    }

    fn may_replace(&self, _: Option<&Self>) -> Result<(), Refused> {
        match self.state {
            LeaseState::Registered => Err("DHCPv4 leases do not support registered state".into()),
            _ => Ok(()),
        }
    }

    fn place_text(&self) -> String {
        format!("address {}", self.address)
    }
}

impl Shown for Lease4 {
    fn shown(&self) -> Json {
        lease(self)
    }

    fn given(config: &Self::Config, now: Timestamp, arguments: Arguments<'_>) -> Result<Self, Refused> {
        let address = ipv4(arguments.ip_address("ip-address")?, |address| {
            format!("Non-IPv4 address specified: {address}")
        })?;
        let hwaddr = hardware_address(arguments.text("hw-address")?)?;
        let subnet_id = given::subnet_id(arguments)?;
        let pool_id = arguments.number_if_any("pool-id")?;
        let subnet = match subnet_id {
            Some(id) => subnet_of(config, address, id)?,
            // As in Kea, one that is for some clients only must be named.
            None => {
                let of = |subnet: &&Arc<Subnet4>| subnet.prefix.contains(address) && subnet.guard.is_open();
                config.subnets.iter().find(of).ok_or_else(|| no_subnet(&address).none())?
            }
        };
        let client_id = arguments.text_if_any("client-id")?.map(client_id).transpose()?;
        let lifetime = given::lifetime(arguments, "valid-lft")?;
        let valid_lifetime = lifetime.unwrap_or(subnet.params.valid_lifetime.default);
        let cltt = given::cltt(arguments, &address, valid_lifetime, now)?;
        let given::Name { fqdn_fwd, fqdn_rev, hostname } = given::Name::of(arguments)?;
        let mut lease = Self {
            address,
            hwaddr,
            client_id,
            valid_lifetime,
            cltt,
            subnet_id: subnet.id,
            fqdn_fwd,
            fqdn_rev,
            hostname,
            state: given::state(arguments)?,
            user_context: given::user_context(arguments)?,
            pool_id: pool_id.unwrap_or_else(|| subnet.pool_of(address).map_or(0, |pool| pool.id)),
        };
        correct_extended_info(&mut lease, config.process.sanity_checks.extended_info);
        Ok(lease)
    }

    fn placed(mut self, config: &Self::Config) -> Result<Self, Refused> {
        subnet_of(config, self.address, self.subnet_id)?;
        correct_extended_info(&mut self, config.process.sanity_checks.extended_info);
        Ok(self)
    }
}

const fn no_subnet(address: &Ipv4Addr) -> NoSubnet<'_> {
    NoSubnet { ip: Lease4::WORDS.ip, address }
}

/// The subnet of this id, if an address is of it.
fn subnet_of(config: &Config4, address: Ipv4Addr, id: SubnetId) -> Result<&Subnet4, Refused> {
    let subnet = config.subnet(id).ok_or_else(|| no_subnet(&address).unknown(id))?;
    match subnet.prefix.contains(address) {
        true => Ok(subnet),
        false => Err(no_subnet(&address).another(&subnet.prefix, id)),
    }
}

/// A lease, its keys in the order of Kea's answers.
pub fn lease(lease: &Lease4) -> Json {
    let mut map = Map::new();
    let mut set = |key: &str, value: Json| map.insert(key.to_owned(), value);
    if let Some(id) = &lease.client_id {
        set("client-id", Hex(id.as_bytes()).to_string().into());
    }
    set("cltt", lease.cltt.0.into());
    set("fqdn-fwd", lease.fqdn_fwd.into());
    set("fqdn-rev", lease.fqdn_rev.into());
    set("hostname", lease.hostname.to_str().into());
    set("hw-address", lease.hwaddr.to_string().into());
    set("ip-address", lease.address.to_string().into());
    if lease.pool_id != 0 {
        set("pool-id", lease.pool_id.into());
    }
    set("state", (lease.state as u8).into());
    set("subnet-id", lease.subnet_id.0.into());
    if let Some(context) = given::shown_context(lease.user_context.as_deref()) {
        set("user-context", context);
    }
    set("valid-lft", lease.valid_lifetime.0.into());
    Json::Object(map)
}
