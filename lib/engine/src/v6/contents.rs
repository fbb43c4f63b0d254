//! The options of a reply: which there are, what each says, and which are left out when there is no room for all.

use std::fmt;
use std::net::Ipv6Addr;

use kotare_config::v6::Codes6;
use kotare_model::LeaseType;
use kotare_wire::NoRoom;
use kotare_wire::v6::{Message, OptionCode, Options, StatusCode, Writer};
use smallvec::SmallVec;

use super::associations::asks_for_excluded;
use super::layers::{Layers, requested};
use super::name::ClientName;
use super::trace::Scope;
use super::vendor::{self, Vendor, vendor_classes};
use super::{Answer, Server, Status, status};

/// What a reply says besides what is configured.
#[derive(Debug, Default)]
pub(super) struct Made<'d> {
    /// Of the associations, those for addresses first.
    pub(super) answers: &'d [Answer],
    /// How it went as a whole.
    pub(super) status: Option<Overall>,
    /// Whether it is the answer to a client that leaves out two messages (RFC 9915 §18.3.1).
    pub(super) rapid_commit: bool,
    /// The client's name.
    pub(super) name: Option<&'d ClientName>,
    /// The address that is registered, as the client sent it (RFC 9686).
    pub(super) registered: Option<&'d [u8]>,
    /// Whether there is nothing else in it.
    pub(super) bare: bool,
    /// Whether the client is on a subnet.
    pub(super) on_subnet: bool,
}

/// What a status code says of a message as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) enum Overall {
    /// This.
    Status(Status),
    /// This address is not of the client's link.
    OffLink(Ipv6Addr),
}

impl Overall {
    fn write(self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        match self {
            Self::Status(status) => status.write(writer),
            Self::OffLink(address) => {
                let text: compact_str::CompactString = compact_str::format_compact!("{}", OffLink(address));
                status::write(StatusCode::NOT_ON_LINK, text.as_bytes(), writer)
            }
        }
    }
}

impl fmt::Display for Overall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::OffLink(address) => status::tell(StatusCode::NOT_ON_LINK, OffLink(*address), f),
        }
    }
}

/// The words for an address that is not of the client's link.
struct OffLink(Ipv6Addr);

impl fmt::Display for OffLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address {} is not on link.", self.0)
    }
}

/// The options of a reply.
pub(super) struct Contents<'c, 'd> {
    message: Message<'c>,
    server_id: &'c [u8],
    made: &'c Made<'c>,
    options: &'c Layers<'d>,
    /// What of these is configured and sent.
    configured: Codes6,
    /// What relays supply (RFC 6422), by code.
    supplied: SmallVec<[(OptionCode, &'c [u8]); 2]>,
    vendors: SmallVec<[Vendor; 2]>,
}

impl<'c, 'd> Contents<'c, 'd> {
    /// What a reply to `message` says: what the server makes itself, what is configured of what the client gets, and what
    /// relays supply that the server does not have.
    pub(super) fn new(
        made: &'c Made<'c>,
        options: &'c Layers<'d>,
        server: &'c Server,
        message: Message<'c>,
    ) -> Self {
        let mut contents = Self {
            message,
            server_id: server.duid().as_bytes(),
            made,
            options,
            configured: options.chosen(message),
            supplied: SmallVec::new(),
            vendors: SmallVec::new(),
        };
        for (is_there, code) in [
            (made.rapid_commit, OptionCode::RAPID_COMMIT),
            (made.name.is_some_and(ClientName::has_option), OptionCode::CLIENT_FQDN),
        ] {
            if is_there {
                contents.configured.remove(code.0);
            }
        }
        let chosen = contents.configured.contains(OptionCode::VENDOR_OPTS.0);
        contents.vendors = vendor::vendors(options, message, chosen, made.on_subnet);
        contents.configured.remove(OptionCode::VENDOR_OPTS.0);
        contents.supply(server);
        contents
    }

    /// Takes over what relays supply, those nearest to the client first (RFC 6422 §6).
    fn supply(&mut self, server: &Server) {
        let enabled = &server.config.relay_supplied_options;
        if enabled.is_empty() {
            return;
        }
        for relay in self.message.relays().rev() {
            let Some(options) = relay.option(OptionCode::RSOO) else { continue };
            for (code, value) in Options::new(options) {
                let is_there = self.has(code) || self.supplied.iter().any(|(other, _)| *other == code);
                if enabled.contains(code.0) && !is_there {
                    self.supplied.push((code, value));
                }
            }
        }
        self.supplied.sort_by_key(|(code, _)| *code);
    }

    /// Where each option comes from.
    pub(super) fn scopes(&self) -> Vec<(u16, Scope)> {
        let scope = |code: u16| match OptionCode(code) {
            // It may be made of sub-options alone.
            OptionCode::VENDOR_OPTS => self.options.scope(code).unwrap_or(Scope::Inherited),
            _ if self.configured.contains(code) => self.options.scope(code).unwrap_or(Scope::Inherited),
            _ => Scope::Server,
        };
        self.codes().map(|code| (code.0, scope(code.0))).collect()
    }

    /// Whether the server has an option of this code itself.
    fn has(&self, code: OptionCode) -> bool {
        let made = self.made;
        let has_answer = |kind| made.answers.iter().any(|answer| answer.kind == kind);
        match code {
            OptionCode::CLIENTID => self.message.has(code),
            OptionCode::SERVERID => true,
            OptionCode::IA_NA => has_answer(LeaseType::Na),
            OptionCode::IA_PD => has_answer(LeaseType::Pd),
            OptionCode::IAADDR => made.registered.is_some(),
            OptionCode::STATUS_CODE => made.status.is_some(),
            OptionCode::RAPID_COMMIT if made.rapid_commit => true,
            OptionCode::CLIENT_FQDN if made.name.is_some_and(ClientName::has_option) => true,
            OptionCode::VENDOR_OPTS => !self.vendors.is_empty(),
            code => self.configured.contains(code.0),
        }
    }

    /// Whether an option is sent because it is configured.
    pub(super) fn is_configured(&self, code: OptionCode) -> bool {
        self.configured.contains(code.0)
    }

    /// Writes the options by code, as Kea does.
    pub(super) fn write(&self, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        self.codes().try_for_each(|code| self.write_option(code, writer))
    }

    /// The codes of all options, in order.
    fn codes(&self) -> impl Iterator<Item = OptionCode> {
        let made = [
            OptionCode::CLIENTID,
            OptionCode::SERVERID,
            OptionCode::IA_NA,
            OptionCode::IAADDR,
            OptionCode::STATUS_CODE,
            OptionCode::RAPID_COMMIT,
            OptionCode::VENDOR_OPTS,
            OptionCode::IA_PD,
            OptionCode::CLIENT_FQDN,
        ];
        let made = made.into_iter().filter(|code| self.has(*code) && !self.configured.contains(code.0));
        let supplied = self.supplied.iter().map(|(code, _)| *code);
        merged(made, merged(self.configured.iter().map(OptionCode), supplied))
    }

    fn write_option(&self, code: OptionCode, writer: &mut Writer<'_>) -> Result<(), NoRoom> {
        let made = self.made;
        if let Some((_, value)) = self.supplied.iter().find(|(supplied, _)| *supplied == code) {
            return writer.option(code, value);
        }
        if self.configured.contains(code.0) {
            if code == OptionCode::VENDOR_CLASS {
                return vendor_classes(self.options).try_for_each(|class| writer.option(code, class));
            }
            let value = self.options.find(code.0).map_or(&[][..], |option| &option.data);
            return writer.option(code, value);
        }
        match code {
            OptionCode::CLIENTID => writer.option(code, self.message.option(code).unwrap_or_default()),
            OptionCode::SERVERID => writer.option(code, self.server_id),
            OptionCode::RAPID_COMMIT => writer.option(code, &[]),
            OptionCode::IA_NA | OptionCode::IA_PD => {
                let tells_excluded = asks_for_excluded(self.message);
                let mut answers = made.answers.iter().filter(|answer| answer.code() == code);
                answers.try_for_each(|answer| answer.write(tells_excluded, writer))
            }
            OptionCode::IAADDR => writer.option(code, made.registered.unwrap_or_default()),
            OptionCode::STATUS_CODE => made.status.map_or(Ok(()), |status| status.write(writer)),
            OptionCode::VENDOR_OPTS => {
                self.vendors.iter().try_for_each(|vendor| vendor.write(self.options, writer))
            }
            OptionCode::CLIENT_FQDN => made.name.map_or(Ok(()), |name| name.write(writer)),
            _ => Ok(()),
        }
    }

    /// Leaves an option out that matters least, and says which: what relays supply, then what is always sent, then what the
    /// client asks for, from the last one. `None` when all that is left is what a reply must have.
    pub(super) fn leave_out(&mut self) -> Option<u16> {
        if let Some((code, _)) = self.supplied.pop() {
            return Some(code.0);
        }
        if self.vendors.pop().is_some() {
            return Some(OptionCode::VENDOR_OPTS.0);
        }
        let rank = |code: u16| requested(self.message).position(|asked| asked == code);
        let least = self.configured.iter().max_by_key(|code| (rank(*code).is_none(), rank(*code), *code))?;
        self.configured.remove(least);
        Some(least)
    }
}

/// Two ascending series as one.
fn merged(
    one: impl Iterator<Item = OptionCode>,
    other: impl Iterator<Item = OptionCode>,
) -> impl Iterator<Item = OptionCode> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(first), Some(second)) if first > second => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}
