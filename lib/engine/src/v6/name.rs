//! The client's name: option 39 (RFC 4704), and what the server makes of it.
//!
//! In this order a client is called by the name reserved for it, by the one it sends, or by one made up from its address,
//! as `ddns-replace-client-name` says. The name is kept in its leases and told to it. The flags of the option say who
//! updates DNS. What both protocols do alike is in `crate::names`.

use std::net::Ipv6Addr;
use std::sync::Arc;

use kotare_config::v6::{Config6, Names, SubnetAt};
use kotare_model::{HostName, SubnetId};
use kotare_wire::NoRoom;
use kotare_wire::v6::{OptionCode, Writer};

use super::exchange_messages::*;
use super::{Query6, Server};
use crate::hooks::NameDraft;
use crate::hooks::v6::{Asked6, Ddns6Update};
use crate::names::{
    NAME_MAX, NoName, Updates, append_labels, generated, labels, take_full, take_reserved, write_labels,
};

/// The flags of option 39 (RFC 4704 §4.1).
const FLAG_S: u8 = 0x01;
const FLAG_O: u8 = 0x02;
const FLAG_N: u8 = 0x04;

/// The most bytes of option 39: flags and name.
const FQDN_MAX: usize = 1 + NAME_MAX + 1;

/// What a name is made by. It depends on the subnet and the pool that a client gets its first address from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Naming<'a> {
    names: &'a Arc<Names>,
    /// The name reserved for the client.
    reserved: Option<&'a str>,
    /// The subnet, if the client is on one.
    subnet: Option<SubnetId>,
}

impl<'a> Naming<'a> {
    /// For a client that gets `address` from this subnet, or none that is known yet, and for which a name is `reserved`
    /// or not.
    pub(super) fn at(
        config: &'a Config6,
        subnet: SubnetAt,
        address: Option<Ipv6Addr>,
        reserved: Option<&'a str>,
    ) -> Self {
        let subnet = &config[subnet];
        let names = address.map_or(&subnet.params.names, |address| subnet.names_at(address));
        Self { names, reserved, subnet: Some(subnet.id) }
    }

    /// For a client that is on no subnet: by default `names`, as nothing is configured for it.
    pub(super) fn nowhere(names: &'a Arc<Names>) -> Self {
        Self { names, reserved: None, subnet: None }
    }

    /// Whether a name is reserved for the client.
    pub(super) fn is_reserved(&self) -> bool {
        self.reserved.is_some()
    }

    /// Whether both make the same name.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.names, other.names) && (self.reserved, self.subnet) == (other.reserved, other.subnet)
    }
}

/// A client's name as it goes into its leases and its reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientName {
    /// In the leases; empty when the client has none, or while it is still to be made up.
    pub(super) text: HostName,
    /// Which entries of DNS the server updates, as the client is told.
    pub(super) updates: Updates,
    /// The flags of the option in the reply, if there is one.
    reply: Option<u8>,
}

impl ClientName {
    /// No name.
    pub(super) const NONE: Self =
        Self { text: HostName::EMPTY, updates: Updates { forward: false, reverse: false }, reply: None };

    /// The name of a client that sends this message, with what the modules of the server make of it. One that is malformed
    /// is none.
    pub(super) fn of(asked: Asked6<'_>, server: &Server, naming: Naming<'_>) -> Self {
        let Asked6 { message, query, .. } = asked;
        // Made where it stays: a name is large.
        let mut name = Self::NONE;
        match message.option(OptionCode::CLIENT_FQDN) {
            Some(value) => {
                DHCP6_DDNS_RECEIVE_FQDN(query, value.escape_ascii());
                if name.full(value, naming).is_err() {
                    DHCP6_CLIENT_FQDN_SCRUBBED_EMPTY(query, value.escape_ascii());
                    name = Self::NONE;
                }
            }
            // As if it had asked the server to do all.
            None if naming.names.updates && naming.names.replace.supplies() => {
                DHCP6_DDNS_GENERATE_FQDN(query);
                if let Some(reserved) = naming.reserved {
                    take_reserved(reserved, naming.names, true, &mut name.text);
                }
                name.answer(FLAG_S, naming.names);
            }
            None => {
                if let Some(reserved) = naming.reserved {
                    take_reserved(reserved, naming.names, false, &mut name.text);
                }
            }
        }
        if name.reply.is_some() {
            DHCP6_DDNS_RESPONSE_FQDN_DATA(query, &name.text);
            if !server.hooks.ddns6_update.is_empty() {
                name.tune(asked, &server.hooks.ddns6_update, naming);
            }
        }
        name
    }

    /// Lets modules change it. The client is told, too, if nothing of it is updated.
    fn tune(&mut self, asked: Asked6<'_>, modules: &[Arc<dyn Ddns6Update>], naming: Naming<'_>) {
        let Updates { forward, reverse } = self.updates;
        let found = NameDraft::new(&self.text, [forward, reverse], naming.names, true);
        let mut draft = found.clone();
        modules.iter().for_each(|module| module.ddns6_update(asked, naming.subnet, &mut draft));
        if draft == found {
            return;
        }
        let (before, after) =
            ([forward, reverse].map(u8::from), [draft.forward, draft.reverse].map(u8::from));
        DHCP6_HOOK_DDNS_UPDATE(&self.text, draft.text(), before[0], after[0], before[1], after[1]);
        self.text = draft.text().clone();
        self.updates = Updates { forward: draft.forward, reverse: draft.reverse };
        if let Some(flags) = &mut self.reply
            && !draft.forward
            && !draft.reverse
        {
            *flags = *flags & !FLAG_S | FLAG_N;
        }
    }

    /// Takes the value of option 39.
    fn full(&mut self, value: &[u8], naming: Naming<'_>) -> Result<(), NoName> {
        let Naming { names, reserved, .. } = naming;
        let (&flags, sent) = value.split_first().ok_or(NoName::Malformed("option 39 has no flags"))?;
        let mut name = HostName::EMPTY;
        append_labels(sent, &mut name).map_err(NoName::Malformed)?;
        if let Some(reserved) = reserved {
            take_reserved(reserved, names, true, &mut self.text);
        } else if !names.replace.replaces() && !name.is_empty() {
            take_full(&mut name, names, &mut self.text)?;
        }
        if !self.text.is_empty() {
            labels(self.text.as_bytes()).map_err(NoName::Malformed)?;
        }
        // RFC 4704 §4.1: with N set, S must not be. What a client says that sets both is that it wants updates.
        self.answer(if flags & FLAG_S != 0 { flags & !FLAG_N } else { flags }, names);
        Ok(())
    }

    /// Says who updates DNS, to a client with these flags. O tells when that is not as it wanted.
    fn answer(&mut self, client: u8, names: &Names) {
        self.updates = Updates::of(client & FLAG_S != 0, client & FLAG_N != 0, names);
        let server = if self.updates.forward { FLAG_S } else { 0 };
        let none = if self.updates.reverse { 0 } else { FLAG_N };
        let overridden = if client & FLAG_S != server { FLAG_O } else { 0 };
        self.reply = Some(server | none | overridden);
    }

    /// Whether it is to be made up from the client's first address.
    pub(super) fn is_made_up(&self) -> bool {
        self.text.is_empty() && self.reply.is_some()
    }

    /// The name for the lease of the client's first address: the one there is, or made up.
    pub(super) fn completed(&self, address: Ipv6Addr, naming: Naming<'_>) -> HostName {
        match self.is_made_up() {
            true => generated(address.into(), naming.names, true),
            false => self.text.clone(),
        }
    }

    /// Makes up the name from the client's first address, if it is to be. What prefix and suffix make may be no name; then
    /// the client is told none.
    pub(super) fn complete(&mut self, address: Ipv6Addr, query: &Query6, naming: Naming<'_>) {
        if self.is_made_up() {
            self.text = self.completed(address, naming);
            DHCP6_DDNS_FQDN_GENERATED(query, &self.text);
            if let Err(why) = labels(self.text.as_bytes()) {
                DHCP6_DDNS_GENERATED_FQDN_UPDATE_FAIL(query, address, why);
                self.reply = None;
            }
        }
    }

    /// Whether there is an option of it in the reply.
    pub(super) fn has_option(&self) -> bool {
        self.reply.is_some()
    }

    /// Writes the option, if there is one.
    pub(super) fn write(&self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        let Some(flags) = self.reply else { return Ok(()) };
        let mut value = [0; FQDN_MAX];
        value[0] = flags;
        let len = 1 + write_labels(self.text.as_bytes(), &mut value[1..]);
        writer.option(OptionCode::CLIENT_FQDN, &value[..len])
    }
}
