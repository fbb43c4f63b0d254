//! The options of a reply: which there are, what each says, and which are left out when there is no room for all.

use std::net::Ipv4Addr;

use kotare_wire::NoRoom;
use kotare_wire::v4::{Codes, Message, OptionCode, OptionValue, Writer, encoded_len};

use super::layers::{BASIC, Layers};
use super::lifetime::tee_times;
use super::name::ClientName;
use super::respond::Draft;
use super::trace::Scope;
use super::vendor::{Vivso, vendor_classes};
use super::{Query4, Server};

/// The options of a reply, but for the message type and relay agent information.
pub(super) struct Contents<'c, 'd> {
    message: Message<'c>,
    options: &'c Layers<'d>,
    name: &'c ClientName,
    /// All that are sent.
    codes: Codes,
    /// What of these is configured; the server makes the others itself.
    configured: Codes,
    netmask: Option<[u8; 4]>,
    lifetime: Option<[u8; 4]>,
    t1: Option<[u8; 4]>,
    t2: Option<[u8; 4]>,
    server: Ipv4Addr,
    /// The options 125.
    vivso: &'c Vivso,
}

/// What an option says that the server makes itself.
enum Made<'v> {
    Nothing,
    Four([u8; 4]),
    /// As the client sent it.
    Echo(OptionValue<'v>),
    Name(&'v ClientName),
}

impl<'c, 'd> Contents<'c, 'd> {
    /// What a draft says. `vivso` is where the options 125 are put, of which there are none yet.
    pub(super) fn new(
        draft: &'c Draft<'d>,
        server: &Server,
        message: Message<'c>,
        query: &Query4,
        vivso: &'c mut Vivso,
    ) -> Self {
        let (t1, t2) = match (draft.lease, draft.params) {
            (Some((lifetime, _)), Some(params)) => tee_times(&params.tee_times, lifetime),
            _ => (None, None),
        };
        // What the server makes itself; configured options of these codes give way.
        let mut own = Codes::default();
        own.insert_if(draft.lease.is_some(), OptionCode::SUBNET_MASK);
        own.insert_if(draft.lease.is_some(), OptionCode::LEASE_TIME);
        own.insert_if(t1.is_some(), OptionCode::RENEWAL_TIME);
        own.insert_if(t2.is_some(), OptionCode::REBINDING_TIME);
        if let Some(name) = draft.name.option() {
            own.insert(name.0);
        }
        // RFC 6842, unless `echo-client-id` is off.
        let echo = server.config.echo_client_id && message.has(OptionCode::CLIENT_IDENTIFIER);
        own.insert_if(echo, OptionCode::CLIENT_IDENTIFIER);
        // RFC 3011 §2.
        own.insert_if(message.has(OptionCode::SUBNET_SELECTION), OptionCode::SUBNET_SELECTION);
        let options = &draft.options;
        let mut configured = options.chosen(message).without(own);
        vivso.fill(options, message, configured.contains(OptionCode::VIVSO.0));
        configured.insert_if(!vivso.is_empty(), OptionCode::VIVSO);
        let mut codes = own.union(configured);
        codes.insert(OptionCode::SERVER_IDENTIFIER.0);
        Self {
            message,
            options,
            name: draft.name,
            codes,
            configured,
            netmask: draft.lease.map(|(_, netmask)| netmask.octets()),
            lifetime: draft.lease.map(|(lifetime, _)| lifetime.0.to_be_bytes()),
            t1: t1.map(|t1| t1.0.to_be_bytes()),
            t2: t2.map(|t2| t2.0.to_be_bytes()),
            server: query.arrival.local,
            vivso,
        }
    }

    /// Writes the options by code.
    pub(super) fn write(&self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        for code in self.codes.iter().map(OptionCode) {
            match code {
                OptionCode::VIVCO => {
                    vendor_classes(self.options).try_for_each(|class| writer.option(code, class))?;
                }
                OptionCode::VIVSO => self.vivso.values().try_for_each(|value| writer.option(code, value))?,
                code if self.configured.contains(code.0) => writer.option(code, self.configured(code))?,
                code => self.made(code).write(code, writer)?,
            }
        }
        Ok(())
    }

    /// Where each option comes from.
    pub(super) fn scopes(&self) -> Vec<(u8, Scope)> {
        let scope = |code| match self.configured.contains(code) {
            // Option 125 may be made of sub-options alone.
            true => self.options.scope(code).unwrap_or(Scope::Inherited),
            false => Scope::Server,
        };
        self.codes.iter().map(|code| (code, scope(code))).collect()
    }

    /// How many bytes the options of a code take.
    fn len(&self, code: u8) -> usize {
        match OptionCode(code) {
            OptionCode::VIVCO => vendor_classes(self.options).map(|class| encoded_len(class.len())).sum(),
            OptionCode::VIVSO => self.vivso.values().map(|value| encoded_len(value.len())).sum(),
            code if self.configured.contains(code.0) => encoded_len(self.configured(code).len()),
            code => encoded_len(self.made(code).len()),
        }
    }

    /// Leaves out what there is no room for, and says what that is.
    ///
    /// Room goes to what the server makes itself, then to what every client gets, then to what this client asks for in
    /// the order in which it does (RFC 2132 §9.8), then to what is always sent.
    pub(super) fn fit(&mut self, room: usize) -> Codes {
        let mut kept = self.codes.without(self.configured);
        kept.insert(OptionCode::SERVER_IDENTIFIER.0);
        let needed: usize = kept.iter().map(|code| self.len(code)).sum();
        let mut room = room.saturating_sub(needed);
        let asked = self.message.option(OptionCode::PARAMETER_REQUEST_LIST);
        let asked = asked.iter().flat_map(|list| list.bytes());
        for code in BASIC.iter().chain(asked).chain(self.codes.iter()) {
            if self.codes.contains(code) && !kept.contains(code) {
                let needed = self.len(code);
                if needed <= room {
                    kept.insert(code);
                    room -= needed;
                }
            }
        }
        let left_out = self.codes.without(kept);
        self.codes = kept;
        left_out
    }

    /// The value of an option that is configured.
    fn configured(&self, code: OptionCode) -> &'d [u8] {
        self.options.find(code.0).map_or(&[], |option| &option.data)
    }

    /// The value of an option that the server makes itself.
    fn made(&self, code: OptionCode) -> Made<'_> {
        let four = |value: Option<[u8; 4]>| Made::Four(value.unwrap_or_default());
        match code {
            OptionCode::SUBNET_MASK => four(self.netmask),
            OptionCode::LEASE_TIME => four(self.lifetime),
            OptionCode::RENEWAL_TIME => four(self.t1),
            OptionCode::REBINDING_TIME => four(self.t2),
            OptionCode::SERVER_IDENTIFIER => Made::Four(self.server.octets()),
            OptionCode::HOST_NAME | OptionCode::FQDN => Made::Name(self.name),
            code => self.message.option(code).map_or(Made::Nothing, Made::Echo),
        }
    }
}

impl Made<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Four(four) => four.len(),
            Self::Echo(value) => value.len(),
            Self::Name(name) => name.len(),
        }
    }

    fn write(&self, code: OptionCode, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        match self {
            Self::Nothing => writer.option(code, &[]),
            Self::Four(four) => writer.option(code, four),
            Self::Echo(value) => writer.option_value(code, *value),
            Self::Name(name) => name.write(writer),
        }
    }
}
