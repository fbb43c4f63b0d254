//! The client's name: options 12 (RFC 2132 §3.14) and 81 (RFC 4702), and what the server makes of them.
//!
//! In this order a client is called by the name reserved for it, by the one it sends, or by one made up from its address,
//! as `ddns-replace-client-name` says. The name is kept in its lease and told to it. A client that sends both options is
//! served by option 81. The flags of that say who updates DNS.
//!
//! What both protocols do alike is in `crate::names`.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{Config4, Names4, SubnetAt};
use kotare_model::{HostName, SubnetId};
use kotare_options::Definitions;
use kotare_wire::NoRoom;
use kotare_wire::v4::{OptionCode, OptionValue, Writer};

use super::messages::*;
use super::text::{Escaped, OptionText};
use super::{Query4, Server};
use crate::hooks::NameDraft;
use crate::hooks::v4::{Asked4, Ddns4Update};
use crate::messages::DHCP4_POST_ALLOCATION_NAME_UPDATE_FAIL;
use crate::names::{
    NAME_MAX, NoName, TOO_LONG, Updates, append_labels, generated, labels, qualify, take_full, take_reserved,
    write_labels,
};

/// The flags of option 81 (RFC 4702 §2.1).
const FLAG_S: u8 = 0x01;
const FLAG_O: u8 = 0x02;
const FLAG_E: u8 = 0x04;
const FLAG_N: u8 = 0x08;

/// The most bytes of option 81: flags, codes, name.
const FQDN_MAX: usize = 3 + NAME_MAX + 1;

/// What a name is made by. It depends on the subnet and the pool a client gets its address from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming<'a> {
    names: &'a Arc<Names4>,
    /// The name reserved for the client.
    pub(crate) reserved: Option<&'a str>,
    /// The subnet.
    subnet: Option<SubnetId>,
}

/// A client's name as it goes into its lease and its reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientName {
    /// In the lease; empty when the client has none, or while it is still to be made up.
    pub(crate) text: HostName,
    /// Whether the server updates the entry of the name, as the client is told.
    pub(crate) forward: bool,
    /// Whether the server updates the entry of the address.
    pub(crate) reverse: bool,
    reply: Reply,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reply {
    Nothing,
    HostName,
    Fqdn { flags: u8, rcodes: [u8; 2] },
}

impl<'a> Naming<'a> {
    /// For a client that gets `address` from this subnet, or an address that is not known yet, and for which a name is
    /// `reserved` or not.
    pub(crate) fn at(
        config: &'a Config4,
        subnet: SubnetAt,
        address: Option<Ipv4Addr>,
        reserved: Option<&'a str>,
    ) -> Self {
        let subnet = &config[subnet];
        let names = address.map_or(&subnet.params.names, |address| subnet.names_at(address));
        Self { names, reserved, subnet: Some(subnet.id) }
    }

    /// Whether both make the same name.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.names, other.names) && (self.reserved, self.subnet) == (other.reserved, other.subnet)
    }
}

impl ClientName {
    /// No name.
    pub(crate) const NONE: Self =
        Self { text: HostName::EMPTY, forward: false, reverse: false, reply: Reply::Nothing };

    /// The name of a client that sends this message, with what the modules of the server make of it. One that is malformed
    /// is none.
    pub(crate) fn of(asked: Asked4<'_>, server: &Server, naming: Naming<'_>) -> Self {
        let Asked4 { message, query, .. } = asked;
        let definitions = &server.config.definitions;
        // Made where it stays: a name is large.
        let mut name = Self::NONE;
        let made = match message.option(OptionCode::FQDN) {
            Some(value) => {
                DHCP4_CLIENT_FQDN_PROCESS(query);
                DHCP4_CLIENT_FQDN_DATA(query, OptionText(OptionCode::FQDN, value, definitions));
                let made = with_bytes(value, |bytes| name.full(bytes, naming));
                made.inspect_err(|why| match why {
                    NoName::Empty | NoName::Scrubbed => {
                        DHCP4_CLIENT_FQDN_SCRUBBED_EMPTY(query, Escaped(value));
                    }
                    NoName::Malformed(why) | NoName::ScrubbedMalformed(why) => {
                        DHCP4_CLIENT_NAME_PROC_FAIL(query, why);
                    }
                })
            }
            None => {
                DHCP4_CLIENT_HOSTNAME_PROCESS(query);
                name.host(message.option(OptionCode::HOST_NAME), query, naming)
            }
        };
        if made.is_err() {
            name = Self::NONE;
        }
        if !server.hooks.ddns4_update.is_empty() {
            name.tune(asked, &server.hooks.ddns4_update, naming);
        }
        name
    }

    /// Lets modules change it. A client that is told its full name is told, too, if nothing of it is updated.
    fn tune(&mut self, asked: Asked4<'_>, modules: &[Arc<dyn Ddns4Update>], naming: Naming<'_>) {
        let is_full = matches!(self.reply, Reply::Fqdn { .. });
        let found = NameDraft::new(&self.text, [self.forward, self.reverse], naming.names, is_full);
        let mut draft = found.clone();
        modules.iter().for_each(|module| module.ddns4_update(asked, naming.subnet, &mut draft));
        if draft == found {
            return;
        }
        let (before, after) =
            ([self.forward, self.reverse].map(u8::from), [draft.forward, draft.reverse].map(u8::from));
        DHCP4_HOOK_DDNS_UPDATE(&self.text, draft.text(), before[0], after[0], before[1], after[1]);
        self.text = draft.text().clone();
        (self.forward, self.reverse) = (draft.forward, draft.reverse);
        if let Reply::Fqdn { flags, .. } = &mut self.reply
            && !draft.forward
            && !draft.reverse
        {
            *flags = *flags & !FLAG_S | FLAG_N;
        }
    }

    /// What becomes of a client without option 81.
    fn host(
        &mut self,
        sent: Option<OptionValue<'_>>,
        query: &Query4,
        naming: Naming<'_>,
    ) -> Result<(), NoName> {
        if let Some(sent) = sent {
            DHCP4_CLIENT_HOSTNAME_DATA(query, Escaped(sent));
        }
        if let Some(reserved) = naming.reserved {
            take_reserved(reserved, naming.names, false, &mut self.text);
            DHCP4_RESERVED_HOSTNAME_ASSIGNED(query, &self.text);
        } else if let Some(sent) = sent {
            let made = with_bytes(sent, |bytes| self.host_name(bytes, naming.names));
            made.inspect_err(|why| match why {
                NoName::Empty => DHCP4_EMPTY_HOSTNAME(query),
                NoName::Malformed(why) => DHCP4_CLIENT_HOSTNAME_MALFORMED(query, why),
                NoName::Scrubbed => DHCP4_CLIENT_HOSTNAME_SCRUBBED_EMPTY(query, Escaped(sent)),
                NoName::ScrubbedMalformed(why) => DHCP4_SANITIZED_HOSTNAME_MALFORMED(query, why),
            })?;
        } else if naming.names.replace.supplies() {
            DHCP4_GENERATE_FQDN(query);
        } else {
            return Ok(());
        }
        self.reply = Reply::HostName;
        (self.forward, self.reverse) = (naming.names.updates, naming.names.updates);
        Ok(())
    }

    /// Takes the value of option 12.
    fn host_name(&mut self, value: &[u8], names: &Names4) -> Result<(), NoName> {
        let end = value.iter().rposition(|&byte| byte != 0).ok_or(NoName::Empty)? + 1;
        let value = value[..end].trim_ascii();
        if value.is_empty() {
            return Err(NoName::Empty);
        }
        // "@" is how zone files write the root.
        let count = if value == b"@" { 0 } else { labels(value).map_err(NoName::Malformed)? };
        if names.replace.replaces() || count == 0 {
            return Ok(());
        }
        let text = &mut self.text;
        match &names.sanitizer {
            Some(sanitizer) => sanitizer.append(value, text),
            None => text.extend(value.iter().copied()),
        }
        if text.is_empty() {
            return Err(NoName::Scrubbed);
        }
        match labels(text.as_bytes()).map_err(NoName::ScrubbedMalformed)? {
            0 => text.truncate(0),
            // No dot at the end, as there are clients that do not understand it.
            1 => {
                text.make_lowercase();
                qualify(text, &names.qualifying_suffix, false);
            }
            _ => text.make_lowercase(),
        }
        Ok(())
    }

    /// Takes the value of option 81.
    fn full(&mut self, value: &[u8], naming: Naming<'_>) -> Result<(), NoName> {
        let Naming { names, reserved, .. } = naming;
        let (&[mut flags, rcode1, rcode2], sent) =
            value.split_first_chunk::<3>().ok_or(NoName::Malformed("option 81 is shorter than its flags"))?;
        // RFC 4702 §2.1: with N set, S must not be. What a client says that sets both is that it wants updates.
        if flags & FLAG_S != 0 {
            flags &= !FLAG_N;
        }
        let mut name = HostName::EMPTY;
        if flags & FLAG_E != 0 {
            append_labels(sent, &mut name).map_err(NoName::Malformed)?;
        } else if !sent.is_empty() {
            labels(sent).map_err(NoName::Malformed)?;
            name.extend(sent.iter().copied());
        }
        if let Some(reserved) = reserved {
            take_reserved(reserved, names, true, &mut self.text);
        } else if !names.replace.replaces() && !name.is_empty() {
            take_full(&mut name, names, &mut self.text)?;
        }
        if !self.text.is_empty() {
            labels(self.text.as_bytes()).map_err(NoName::Malformed)?;
        }
        let updates = Updates::of(flags & FLAG_S != 0, flags & FLAG_N != 0, names);
        (self.forward, self.reverse) = (updates.forward, updates.reverse);
        self.reply = Reply::Fqdn { flags: self.flags(flags), rcodes: [rcode1, rcode2] };
        Ok(())
    }

    /// The flags that tell a client with these who updates DNS. O tells when that is not as it wanted.
    fn flags(&self, client: u8) -> u8 {
        let server = if self.forward { FLAG_S } else { 0 };
        let none = if self.reverse { 0 } else { FLAG_N };
        let overridden = if client & FLAG_S != server { FLAG_O } else { 0 };
        client & FLAG_E | server | none | overridden
    }

    /// Tells which name goes back, after it was completed.
    pub(crate) fn tell(
        &self,
        made_up: Result<bool, &'static str>,
        query: &Query4,
        definitions: &Definitions,
    ) {
        match made_up {
            Ok(false) => {}
            Ok(true) => DHCP4_RESPONSE_HOSTNAME_GENERATE(query, &self.text),
            Err(why) => DHCP4_POST_ALLOCATION_NAME_UPDATE_FAIL(query, &self.text, why),
        }
        match self.reply {
            Reply::Nothing => {}
            Reply::HostName => DHCP4_RESPONSE_HOSTNAME_DATA(query, &self.text),
            Reply::Fqdn { .. } => DHCP4_RESPONSE_FQDN_DATA(query, FqdnText(self, definitions)),
        }
    }

    /// The option the name goes back in, if it does.
    pub(crate) fn option(&self) -> Option<OptionCode> {
        match self.reply {
            Reply::Nothing => None,
            Reply::HostName => Some(OptionCode::HOST_NAME),
            Reply::Fqdn { .. } => Some(OptionCode::FQDN),
        }
    }

    /// Makes up a name from the address for a client that is to get one; says whether it did.
    ///
    /// # Errors
    /// When what prefix and suffix make is no name, so that it cannot go back in option 81: why.
    pub(crate) fn complete(&mut self, address: Ipv4Addr, naming: Naming<'_>) -> Result<bool, &'static str> {
        if !self.is_made_up() {
            return Ok(false);
        }
        self.text = self.completed(address, naming);
        if matches!(self.reply, Reply::Fqdn { .. }) {
            labels(self.text.as_bytes()).inspect_err(|_| self.reply = Reply::Nothing)?;
        }
        Ok(true)
    }

    /// The name for the lease of this address: the one there is, or made up.
    pub(crate) fn completed(&self, address: Ipv4Addr, naming: Naming<'_>) -> HostName {
        match self.is_made_up() {
            true => generated(address.into(), naming.names, self.reply != Reply::HostName),
            false => self.text.clone(),
        }
    }

    fn is_made_up(&self) -> bool {
        self.text.is_empty() && self.reply != Reply::Nothing
    }

    /// How many bytes the value of the option has.
    pub(crate) fn len(&self) -> usize {
        match self.reply {
            Reply::Nothing => 0,
            Reply::HostName => self.text.len(),
            // As labels, a name has a length before each, and the dots give theirs up.
            Reply::Fqdn { flags, .. } => 3 + self.text.len() + usize::from(flags & FLAG_E != 0),
        }
    }

    /// Writes the option.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        match self.reply {
            Reply::Nothing => Ok(()),
            Reply::HostName => writer.option(OptionCode::HOST_NAME, self.text.as_bytes()),
            Reply::Fqdn { flags, rcodes } => {
                let mut value = [0; FQDN_MAX];
                writer.option(OptionCode::FQDN, self.fqdn(flags, rcodes, &mut value))
            }
        }
    }

    /// The value of option 81, written into `value`.
    fn fqdn<'v>(&self, flags: u8, rcodes: [u8; 2], value: &'v mut [u8; FQDN_MAX]) -> &'v [u8] {
        let name = self.text.as_bytes();
        value[..3].copy_from_slice(&[flags, rcodes[0], rcodes[1]]);
        let mut len = 3;
        if flags & FLAG_E == 0 {
            value[len..len + name.len()].copy_from_slice(name);
            len += name.len();
        } else {
            // The last label is the empty one that the dot at the end stands for.
            len += write_labels(name, &mut value[len..]);
        }
        value[3..len].make_ascii_lowercase();
        &value[..len]
    }
}

/// Reads the value of an option, which is in one piece but for a name over 255 bytes with what stands before it.
fn with_bytes(value: OptionValue<'_>, read: impl FnOnce(&[u8]) -> Result<(), NoName>) -> Result<(), NoName> {
    match value.as_slice() {
        Some(bytes) => read(bytes),
        None => read(value.contiguous(&mut [0; 512]).map_err(|_| NoName::Malformed(TOO_LONG))?),
    }
}

/// Option 81 of a reply.
struct FqdnText<'a>(&'a ClientName, &'a Definitions);

impl fmt::Display for FqdnText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reply::Fqdn { flags, rcodes } = self.0.reply else { return Ok(()) };
        let mut value = [0; FQDN_MAX];
        let value = OptionValue::new(self.0.fqdn(flags, rcodes, &mut value));
        OptionText(OptionCode::FQDN, value, self.1).fmt(f)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
