//! Which subnet a client is on (Kea's manual, "Subnet Selection" and "DHCPv6 Relays"; RFC 9915 §13.1).

use std::fmt;
use std::net::Ipv6Addr;

use kotare_config::v6::{Config6, Subnet6, SubnetAt};
use kotare_expr::ClassSet;
use kotare_model::Hex;
use kotare_wire::v6::{Message, OptionCode};

use super::Query6;
use super::messages::*;
use super::trace::{Step, Trace};

/// What a subnet is selected by.
#[derive(Clone, Copy, Debug)]
pub struct Selector<'a> {
    /// What the relay agent nearest to the client calls the client's link (option 18), if it says.
    pub interface_id: Option<&'a [u8]>,
    /// The address of the client's link, by the relay agent nearest to it that names one; unspecified if none does.
    pub link: Ipv6Addr,
    /// Name of the interface the message came in on; empty if it is not known.
    pub interface: &'a str,
    /// IP source of the message; unspecified if it is not known.
    pub source: Ipv6Addr,
    /// What the message belongs to: a subnet may be for some classes only.
    pub classes: &'a ClassSet,
}

static NO_CLASSES: ClassSet = ClassSet::EMPTY;

impl<'a> Selector<'a> {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        interface_id: None,
        link: Ipv6Addr::UNSPECIFIED,
        interface: "",
        source: Ipv6Addr::UNSPECIFIED,
        classes: &NO_CLASSES,
    };

    /// What is known of a message.
    pub fn of(message: Message<'a>, query: &'a Query6) -> Self {
        Self {
            interface_id: message
                .relays()
                .next_back()
                .and_then(|relay| relay.option(OptionCode::INTERFACE_ID)),
            link: query.link.unwrap_or(Ipv6Addr::UNSPECIFIED),
            interface: &query.interface,
            source: *query.arrival.source.ip(),
            classes: &query.classes,
        }
    }

    /// Whether no relay agent says where the client is: it is on the link of the interface that its message came in on.
    pub fn is_by_interface(&self) -> bool {
        self.link.is_unspecified() && self.interface_id.is_none()
    }
}

/// What a subnet is looked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// It holds this address.
    Holds(Ipv6Addr, Clue),
    /// It names this relay agent.
    NamesRelay(Ipv6Addr),
    /// It names this link of a relay agent (`interface-id`).
    NamesInterfaceId(Box<[u8]>),
    /// It names this interface.
    NamesInterface(Box<str>),
}

/// Which address of a message tells where its client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clue {
    /// The link address of a relay agent.
    Link,
    /// The source of the packet.
    Source,
}

impl Criterion {
    /// Whether a subnet meets it, whoever that is for.
    pub fn is_met_by(&self, subnet: &Subnet6) -> bool {
        match self {
            Self::Holds(address, _) => subnet.prefix.contains(*address),
            Self::NamesRelay(relay) => subnet.relays.contains(relay),
            Self::NamesInterfaceId(id) => subnet.interface_id.as_ref() == Some(id),
            Self::NamesInterface(name) => subnet.interface.as_ref() == Some(name),
        }
    }
}

/// Why no subnet was selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSubnet {
    /// No subnet holds this address.
    ForAddress(Ipv6Addr),
    /// No subnet names what a relay agent calls the link, and no relay agent names an address of it.
    ForInterfaceId,
    /// There is neither an address nor an interface to go by.
    NothingToGoBy,
}

impl fmt::Display for NoSubnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForAddress(address) => write!(f, "no subnet holds {address}"),
            Self::ForInterfaceId => f.write_str("no subnet names the relay agent's interface-id"),
            Self::NothingToGoBy => f.write_str("there is neither an address nor an interface to go by"),
        }
    }
}

impl std::error::Error for NoSubnet {}

/// The subnet a client is on, of those that serve its classes.
///
/// A relayed message is on the subnet that names the relay agent's interface-id, or else on the one that names the relay
/// agent by its link address, or else on the one which that is in. Another message is on the subnet bound to the interface
/// it came in on, or else on the one its source is in.
///
/// # Errors
/// When no subnet fits.
pub fn select(config: &Config6, by: &Selector<'_>) -> Result<SubnetAt, NoSubnet> {
    select_telling(config, by, |_| true, &Trace::default())
}

/// The same among some subnets, which tells what was tried, and what was found by it.
pub(crate) fn select_telling(
    config: &Config6,
    by: &Selector<'_>,
    among: impl Fn(&Subnet6) -> bool,
    trace: &Trace,
) -> Result<SubnetAt, NoSubnet> {
    let lookup = &config.lookup;
    let fits = |at: SubnetAt| config[at].fits(by.classes) && among(&config[at]);
    let containing = |address, clue| {
        let found = lookup.containing(address, fits);
        trace.note(|| tried(Criterion::Holds(address, clue), found, by));
        match found {
            Some(subnet) => DHCPSRV_CFGMGR_SUBNET6(config[subnet].prefix, address),
            None => DHCPSRV_SUBNET6_SELECT_BY_ADDRESS_NO_MATCH(address),
        }
        found.ok_or(NoSubnet::ForAddress(address))
    };
    if by.is_by_interface() {
        if !by.interface.is_empty() {
            let found = lookup.on_interface(by.interface, fits);
            trace.note(|| tried(Criterion::NamesInterface(by.interface.into()), found, by));
            if let Some(subnet) = found {
                DHCPSRV_CFGMGR_SUBNET6_IFACE(config[subnet].prefix, by.interface);
                return Ok(subnet);
            }
            DHCPSRV_SUBNET6_SELECT_BY_INTERFACE_NO_MATCH(by.interface);
        }
        return match by.source {
            Ipv6Addr::UNSPECIFIED => Err(NoSubnet::NothingToGoBy),
            source => containing(source, Clue::Source),
        };
    }
    if let Some(id) = by.interface_id {
        let found = lookup.of_interface_id(id, fits);
        trace.note(|| tried(Criterion::NamesInterfaceId(id.into()), found, by));
        if let Some(subnet) = found {
            DHCPSRV_CFGMGR_SUBNET6_IFACE_ID(config[subnet].prefix);
            return Ok(subnet);
        }
        DHCPSRV_SUBNET6_SELECT_BY_INTERFACE_ID_NO_MATCH(Hex(id));
    }
    if by.link.is_unspecified() {
        return Err(NoSubnet::ForInterfaceId);
    }
    let found = lookup.relayed_by(by.link, fits);
    trace.note(|| tried(Criterion::NamesRelay(by.link), found, by));
    if let Some(subnet) = found {
        DHCPSRV_CFGMGR_SUBNET6_RELAY(config[subnet].prefix, by.link);
        return Ok(subnet);
    }
    containing(by.link, Clue::Link)
}

/// What was tried, for a client of these classes.
#[cold]
fn tried(by: Criterion, found: Option<SubnetAt>, of: &Selector<'_>) -> Step {
    Step::Selecting { by, found, classes: of.classes.clone() }
}
