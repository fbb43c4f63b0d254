//! Addresses that clients made themselves and let the server know (RFC 9686).

use std::net::Ipv6Addr;

use kotare_config::v6::{Config6, SubnetAt};
use kotare_model::{Duid, Lease6, LeaseState, LeaseType, Lifetime, SubnetId};
use kotare_store::{By6, Change, LeaseStore, Put, StoreError};
use kotare_wire::v6::{IaAddress, Message, OptionCode};
use smallvec::SmallVec;

use super::assign::Changes;
use super::contents::Made;
use super::exchange::Exchange;
use super::name::ClientName;
use super::{Dropped, Given, Located, Outcome, Reply, ReplyKind, Silence};
use crate::hooks::v6::{Point6, Registering6, Sending6};
use crate::hooks::{Cause, Verdict};

/// What must not be in such a message, by name.
const FOREIGN: [(OptionCode, &str); 3] =
    [(OptionCode::IA_NA, "IA_NA"), (OptionCode::IA_TA, "IA_TA"), (OptionCode::IA_PD, "IA_PD")];

impl<S: LeaseStore<Lease6>> Exchange<'_, S> {
    /// RFC 9686 §4.2.1: the address of who sent the message, if it is of the link and nobody's otherwise.
    pub(super) async fn register(&mut self, located: &Located, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        let config = &*self.server.config;
        if !config.address_registration {
            return Err(Dropped::RegistrationDisabled);
        }
        let Some(at) = located.selected else { return Ok(Outcome::Silent(Silence::NoSubnet)) };
        let address = self.query.client_address;
        let refused = |why: String| Dropped::NotToRegister(address, why.into());
        let (asked, value) = wanted(self.message, config, at, address).map_err(refused)?;
        if !self.server.sources.is_empty() && self.is_reserved_elsewhere(at, address).await? {
            return Err(refused(reserved(address)));
        }
        let naming = self.naming(at, Some(address), &located.found);
        let name = ClientName::of(self.asked(), self.server, naming);
        let lease = Lease6 {
            address,
            prefix_len: 128,
            lease_type: LeaseType::Na,
            iaid: 0,
            duid: self.query.duid().cloned().unwrap_or_else(Duid::empty),
            preferred_lifetime: Lifetime(asked.preferred),
            valid_lifetime: Lifetime(asked.valid),
            cltt: self.now,
            subnet_id: config[at].id,
            fqdn_fwd: name.updates.forward,
            fqdn_rev: name.updates.reverse,
            hostname: name.text.clone(),
            hwaddr: self.query.client.hwaddr,
            state: LeaseState::Registered,
            user_context: None,
            pool_id: 0,
        };
        let former = loop {
            let there = self.leases.get(By6::Address(address)).await?;
            let there = there.first();
            if let Some(other) = there.filter(|lease| lease.state != LeaseState::Registered) {
                return Err(refused(format!("Address {address} already in use ({})", other.state.name())));
            }
            let subnet = &config[at];
            let registering = Registering6 { lease: &lease, former: there, subnet };
            let mut skips = false;
            for module in &self.server.hooks.addr6_register {
                match module.addr6_register(self.asked(), registering) {
                    Verdict::Continue => {}
                    Verdict::Skip => skips = true,
                    Verdict::Drop(counts) => {
                        return Err(Dropped::ByModule { point: Point6::Addr6Register, counts });
                    }
                }
            }
            if skips {
                break None;
            }
            let change = Change { address, from: there, to: Some(&lease) };
            if self.leases.put(change, Cause::Query(self.query), self.now).await? == Put::Done {
                break there.map(|former| former.duid.clone()).filter(|former| *former != lease.duid);
            }
        };
        let mut changes = Changes::of(self.server);
        changes.written(lease);
        self.committed(&changes).await?;
        let made = Made { name: Some(&name), registered: Some(value), ..Made::default() };
        let kind = ReplyKind::AddrRegReply;
        let (len, departure, left_out) = self.write(kind, made, located.selected, located, reply)?;
        self.note(changes, Sending6 { kind, departure }, &reply[..len]).await?;
        let given = Given::Registered { address, former };
        Ok(Outcome::Reply(Reply { len, departure, kind, given, left_out }))
    }

    /// Whether an address is reserved for somebody outside the configuration.
    async fn is_reserved_elsewhere(&self, at: SubnetAt, address: Ipv6Addr) -> Result<bool, StoreError> {
        let mut subnets: SmallVec<[SubnetId; 4]> = SmallVec::from_slice(&[SubnetId::GLOBAL]);
        subnets.extend_from_slice(self.server.config.link(at));
        Box::pin(self.server.sources.is_reserved(address, &subnets)).await
    }
}

/// That an address is reserved.
fn reserved(address: Ipv6Addr) -> String {
    format!("Address {address} is reserved")
}

/// The address that a client on this subnet registers, and the bytes that say so. Or why it cannot, in Kea's words.
fn wanted<'m>(
    message: Message<'m>,
    config: &Config6,
    at: SubnetAt,
    address: Ipv6Addr,
) -> Result<(IaAddress<'m>, &'m [u8]), String> {
    if let Some((_, name)) = FOREIGN.into_iter().find(|(code, _)| message.has(*code)) {
        return Err(format!("unexpected {name} option"));
    }
    let mut all = message.all(OptionCode::IAADDR);
    let (Some(value), None) = (all.next(), all.next()) else {
        let count = message.all(OptionCode::IAADDR).count();
        return Err(format!("Exactly 1 IAADDR option expected, but {count} received"));
    };
    let asked = IaAddress::read(value).ok_or("can't convert the IAADDR option")?;
    if asked.address != address {
        return Err(format!("Address mismatch: client at {address} wants to register {}", asked.address));
    }
    let subnet = &config[at];
    if !subnet.prefix.contains(address) {
        return Err(format!("Address {address} is not in subnet {} (id {})", subnet.prefix, subnet.id));
    }
    let is_reserved = |id: &SubnetId| !config.hosts.of_address(*id, address).is_empty();
    if config.link(at).iter().chain(&[SubnetId::GLOBAL]).any(is_reserved) {
        return Err(reserved(address));
    }
    Ok((asked, value))
}
