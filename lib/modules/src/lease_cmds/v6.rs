//! Leases of DHCPv6 in commands.

use std::sync::Arc;

use std::net::Ipv6Addr;

use kotare_config::v6::{Config6, Prefix6, Subnet6};
use kotare_control::Command;
use kotare_model::{HwAddr, HwAddr6, HwAddrSource, Lease6, LeaseState, LeaseType, SubnetId, Timestamp};
use kotare_store::{By6, Ia};
use serde_json::{Map, Value as Json};

use super::family::{Commanded, Doing, Log, Words};
use super::find::{Client, Identifier};
use super::given::{self, NoSubnet};
use super::messages::*;
use super::scene::Scene;
use super::{LeaseCmds, commands6};
use crate::arguments::{Arguments, Refused, duid, hardware_address};
use crate::dns_updates::Updated;
use crate::shown::Shown;

/// The length of what is no prefix but an address.
const WHOLE: u8 = 128;

impl Commanded for Lease6 {
    const WORDS: Words = Words { ip: "IPv6", number: '6' };
    const LOG: Log = Log {
        added: |address| LEASE_CMDS_ADD6(address),
        add_conflict: |parameters, reason| LEASE_CMDS_ADD6_CONFLICT(parameters, reason),
        add_failed: |parameters, reason| LEASE_CMDS_ADD6_FAILED(parameters, reason),
        updated: |address| LEASE_CMDS_UPDATE6(address),
        update_conflict: |parameters, reason| LEASE_CMDS_UPDATE6_CONFLICT(parameters, reason),
        update_failed: |parameters, reason| LEASE_CMDS_UPDATE6_FAILED(parameters, reason),
        deleted: |address| LEASE_CMDS_DEL6(address),
        delete_failed: |parameters, reason| LEASE_CMDS_DEL6_FAILED(parameters, reason),
        applied: |count| LEASE_CMDS_BULK_APPLY6(count),
        apply_failed: |parameters, reason| LEASE_CMDS_BULK_APPLY6_FAILED(parameters, reason),
        get_failed: |parameters, reason| LEASE_CMDS_GET6_FAILED(parameters, reason),
        wiped: |parameters| LEASE_CMDS_WIPE6(parameters),
        wipe_failed: |parameters, reason| LEASE_CMDS_WIPE6_FAILED(parameters, reason),
        resent: |text| LEASE_CMDS_RESEND_DDNS6(text),
        resend_failed: |reason| LEASE_CMDS_RESEND_DDNS6_FAILED(reason),
        queue_rebuild_failed: |parameters, reason| SFLQ_POOL6_REBUILD_FAILED(parameters, reason),
        queues_failed: |parameters, reason| SFLQ_POOL6_GET_ALL_FAILED(parameters, reason),
        queues_of_subnet_failed: |parameters, reason| SFLQ_POOL6_GET_BY_SUBNET_FAILED(parameters, reason),
        queues_in_range_failed: |parameters, reason| SFLQ_POOL6_GET_BY_RANGE_FAILED(parameters, reason),
        queue_delete_failed: |parameters, reason| SFLQ_POOL6_DEL_FAILED(parameters, reason),
    };
    const COMMANDS: &[Command<LeaseCmds<Self>>] = commands6::COMMANDS;
    const HAS_ASSOCIATIONS: bool = true;

    fn by_hw_address(address: &HwAddr) -> By6<'_> {
        By6::HwAddr(address)
    }

    fn by_hostname(name: &str) -> By6<'_> {
        By6::Hostname(name)
    }

    fn of_client(scene: &Scene<Self>, client: &Client, doing: Doing) -> Result<Option<Self>, Refused> {
        let duid = match &client.id {
            Identifier::Duid(duid) => duid,
            Identifier::HwAddr(_) => return Err(doing.by("hw-address", "v6")),
            // Kea has words for that where something is asked only.
            Identifier::ClientId(_) if doing == Doing::Delete => return Err("Unknown query type: 3".into()),
            Identifier::ClientId(_) => return Err(doing.by("client-id", "v6")),
        };
        let Some(lease_type) = client.lease_type else { return Ok(None) };
        let (iaid, subnet) = (client.iaid, client.subnet);
        let ia = Ia { lease_type, duid: duid.as_bytes(), iaid };
        let mut found = scene.get(By6::IaOn(ia, &[subnet]))?;
        if found.len() > 1 {
            return Err(format!(
                "More than one lease found for type {}, duid {duid}, iaid {iaid} and subnet-id {subnet}",
                lease_type as u8
            )
            .into());
        }
        Ok(found.pop())
    }

    fn is_of(&self, lease_type: Option<LeaseType>) -> bool {
        lease_type == Some(self.lease_type)
    }

    /// What a client registered itself is not given to another one, nor the other way around (RFC 9686).
    fn may_replace(&self, there: Option<&Self>) -> Result<(), Refused> {
        let is_registered = |lease: &Self| lease.state == LeaseState::Registered;
        let address = self.address;
        match there.map(is_registered) {
            Some(true) if !is_registered(self) => {
                Err(format!("illegal reuse of registered address {address}").into())
            }
            Some(false) if is_registered(self) => {
                Err(format!("address in use: {address} can't be registered").into())
            }
            _ => Ok(()),
        }
    }

    fn place_text(&self) -> String {
        match self.lease_type {
            LeaseType::Na => format!("address {}", self.address),
            _ => format!("prefix {}/{}", self.address, self.prefix_len),
        }
    }
}

/// Whether an address can be a prefix of this length.
fn check_prefix(address: Ipv6Addr, len: u8) -> Result<(), String> {
    let prefix = Prefix6::new(address, len).filter(|_| len != 0);
    let first = prefix.ok_or_else(|| format!("Invalid prefix length: {len}"))?.network();
    match first == address {
        true => Ok(()),
        false => Err(format!("Prefix address: {address} exceeds prefix/prefix-len pair: {first}/{len}")),
    }
}

impl Shown for Lease6 {
    fn shown(&self) -> Json {
        lease(self)
    }

    fn given(config: &Self::Config, now: Timestamp, arguments: Arguments<'_>) -> Result<Self, Refused> {
        let address = arguments.ip_address("ip-address")?;
        let address = Self::key(address).ok_or_else(|| format!("Non-IPv6 address specified: {address}"))?;
        let duid = duid(arguments.text("duid")?)?;
        let (lease_type, prefix_len) = match arguments.text_if_any("type")? {
            None | Some("IA_NA") => (LeaseType::Na, WHOLE),
            Some("IA_PD") => (LeaseType::Pd, arguments.number("prefix-len")?),
            Some(other) => return Err(no_such_type(other).into()),
        };
        let subnet_id = given::subnet_id(arguments)?;
        let pool_id = arguments.number_if_any("pool-id")?;
        let subnet = match subnet_id {
            Some(id) => subnet_of(config, address, lease_type, id)?,
            None if lease_type != LeaseType::Na => {
                let only = "This is allowed for address leases only, not prefix leases.";
                return Err(format!("Subnet-id is 0 or not specified. {only}").into());
            }
            // As in Kea, one that is for some clients only must be named.
            None => {
                let of = |subnet: &&Arc<Subnet6>| subnet.prefix.contains(address) && subnet.guard.is_open();
                config.subnets.iter().find(of).ok_or_else(|| no_subnet(&address).none())?
            }
        };
        let iaid = arguments.number("iaid")?;
        let hwaddr = arguments.text_if_any("hw-address")?.map(hardware_address).transpose()?;
        // Where no preferred lifetime is given, it is the valid lifetime of the subnet, as in Kea.
        let default = subnet.params.valid_lifetime.default;
        let valid_lifetime = given::lifetime(arguments, "valid-lft")?.unwrap_or(default);
        let preferred_lifetime = given::lifetime(arguments, "preferred-lft")?.unwrap_or(default);
        let cltt = given::cltt(arguments, &address, valid_lifetime, now)?;
        let given::Name { fqdn_fwd, fqdn_rev, hostname } = given::Name::of(arguments)?;
        let state = given::state(arguments)?;
        check_state(lease_type, state)?;
        let user_context = given::user_context(arguments)?;
        check_prefix(address, prefix_len)?;
        let pool = match lease_type {
            LeaseType::Pd => subnet.pd_pool_of(address).map(|pool| pool.id),
            _ => subnet.pool_of(address).map(|pool| pool.id),
        };
        Ok(Self {
            address,
            prefix_len,
            lease_type,
            iaid,
            duid,
            preferred_lifetime,
            valid_lifetime,
            cltt,
            subnet_id: subnet.id,
            fqdn_fwd,
            fqdn_rev,
            hostname,
            hwaddr: hwaddr.map(|address| HwAddr6 { address, source: HwAddrSource::default() }),
            state,
            user_context,
            pool_id: pool_id.or(pool).unwrap_or_default(),
        })
    }

    fn placed(self, config: &Self::Config) -> Result<Self, Refused> {
        let Self { address, lease_type, .. } = self;
        if lease_type == LeaseType::Ta {
            return Err(no_such_type(lease_type.name()).into());
        }
        subnet_of(config, address, lease_type, self.subnet_id)?;
        check_state(lease_type, self.state)?;
        check_prefix(address, self.prefix_len)?;
        Ok(self)
    }
}

const fn no_subnet(address: &Ipv6Addr) -> NoSubnet<'_> {
    NoSubnet { ip: Lease6::WORDS.ip, address }
}

/// The subnet of this id, if an address is of it. Prefixes may be of anywhere.
fn subnet_of(
    config: &Config6,
    address: Ipv6Addr,
    lease_type: LeaseType,
    id: SubnetId,
) -> Result<&Subnet6, Refused> {
    let subnet = config.subnet(id).ok_or_else(|| no_subnet(&address).unknown(id))?;
    match lease_type != LeaseType::Na || subnet.prefix.contains(address) {
        true => Ok(subnet),
        false => Err(no_subnet(&address).another(&subnet.prefix, id)),
    }
}

/// Nobody can find that a prefix is in use.
fn check_state(lease_type: LeaseType, state: LeaseState) -> Result<(), String> {
    match state == LeaseState::Declined && lease_type == LeaseType::Pd {
        true => Err("Invalid declined state for PD prefix.".into()),
        false => Ok(()),
    }
}

fn no_such_type(given: &str) -> String {
    format!("Incorrect lease type: {given}, the only supported values are: IA_NA and IA_PD")
}

/// A lease, its keys in the order of Kea's answers.
pub fn lease(lease: &Lease6) -> Json {
    let mut map = Map::new();
    let mut set = |key: &str, value: Json| map.insert(key.to_owned(), value);
    set("cltt", lease.cltt.0.into());
    set("duid", lease.duid.to_string().into());
    set("fqdn-fwd", lease.fqdn_fwd.into());
    set("fqdn-rev", lease.fqdn_rev.into());
    set("hostname", lease.hostname.to_str().into());
    if let Some(HwAddr6 { address, .. }) = &lease.hwaddr {
        set("hw-address", address.to_string().into());
    }
    set("iaid", lease.iaid.into());
    set("ip-address", lease.address.to_string().into());
    if lease.pool_id != 0 {
        set("pool-id", lease.pool_id.into());
    }
    set("preferred-lft", lease.preferred_lifetime.0.into());
    if lease.lease_type == LeaseType::Pd {
        set("prefix-len", lease.prefix_len.into());
    }
    set("state", (lease.state as u8).into());
    set("subnet-id", lease.subnet_id.0.into());
    set("type", lease.lease_type.name().into());
    if let Some(context) = given::shown_context(lease.user_context.as_deref()) {
        set("user-context", context);
    }
    set("valid-lft", lease.valid_lifetime.0.into());
    Json::Object(map)
}
