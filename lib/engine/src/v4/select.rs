//! Which subnet a client is on (Kea's manual, "How the DHCPv4 Server Selects a Subnet for the Client").

use std::fmt;
use std::net::Ipv4Addr;

use kotare_config::v4::{Config4, Subnet4, SubnetAt};
use kotare_expr::ClassSet;
use kotare_wire::v4::{Message, OptionCode};

use super::Query4;
use super::messages::*;
use super::trace::{Step, Trace};

/// What a subnet is selected by. Unspecified (0.0.0.0) and empty mean unknown.
#[derive(Clone, Copy, Debug)]
pub struct Selector<'a> {
    /// Relay agent link selection (RFC 3527) or the subnet selection option (RFC 3011): overrides all else.
    pub link: Ipv4Addr,
    /// `giaddr`: the relay.
    pub relay: Ipv4Addr,
    /// `ciaddr`: the client's own address.
    pub client: Ipv4Addr,
    /// IP source of the message.
    pub source: Ipv4Addr,
    /// Whether the message was sent to the broadcast address.
    pub broadcast: bool,
    /// Name of the interface it came in on.
    pub interface: &'a str,
    /// The address of that interface.
    pub local: Ipv4Addr,
    /// What the message belongs to: a subnet may be for some classes only.
    pub classes: &'a ClassSet,
}

static NO_CLASSES: ClassSet = ClassSet::EMPTY;

impl Selector<'_> {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        link: Ipv4Addr::UNSPECIFIED,
        relay: Ipv4Addr::UNSPECIFIED,
        client: Ipv4Addr::UNSPECIFIED,
        source: Ipv4Addr::UNSPECIFIED,
        broadcast: false,
        interface: "",
        local: Ipv4Addr::UNSPECIFIED,
        classes: &NO_CLASSES,
    };

    /// Whether it is the interface that decides: no address of the message says more.
    pub fn is_by_interface(&self) -> bool {
        let unknown = |address: Ipv4Addr| address.is_unspecified();
        let is_unaddressed = self.broadcast || unknown(self.client) && unknown(self.source);
        unknown(self.link) && unknown(self.relay) && is_unaddressed && !self.interface.is_empty()
    }
}

/// What a subnet is looked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// It holds this address.
    Holds(Ipv4Addr, Clue),
    /// It names this relay.
    NamesRelay(Ipv4Addr),
    /// It names this interface.
    NamesInterface(Box<str>),
}

/// Which address of a message tells where its client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clue {
    /// Relay agent link selection, or the subnet selection option.
    Link,
    /// `giaddr`
    Relay,
    /// `ciaddr`
    Client,
    /// The source of the packet.
    Source,
    /// The address of the interface it came in on.
    Interface,
}

impl Criterion {
    /// Whether a subnet meets it, whoever that is for.
    pub fn is_met_by(&self, subnet: &Subnet4) -> bool {
        match self {
            Self::Holds(address, _) => subnet.prefix.contains(*address),
            Self::NamesRelay(relay) => subnet.relays.contains(relay),
            Self::NamesInterface(name) => subnet.interface.as_ref() == Some(name),
        }
    }
}

/// Why no subnet was selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSubnet {
    /// No subnet holds this address.
    ForAddress(Ipv4Addr),
    /// There is neither an address nor an interface to go by.
    NothingToGoBy,
}

impl fmt::Display for NoSubnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForAddress(address) => write!(f, "no subnet holds {address}"),
            Self::NothingToGoBy => f.write_str("there is neither an address nor an interface to go by"),
        }
    }
}

impl std::error::Error for NoSubnet {}

/// The subnet a client is on, of those that serve its classes.
///
/// A relayed message is on the subnet that names its relay, or else on the one its relay's address is in. A message
/// that was sent to this server alone is on the subnet of its `ciaddr` or its source; a broadcast one on the subnet
/// bound to the interface, or else on that of the interface's address.
///
/// # Errors
/// When no subnet fits.
pub fn select(config: &Config4, by: &Selector<'_>) -> Result<SubnetAt, NoSubnet> {
    select_telling(config, by, |_| true, &Trace::default())
}

/// The same among some subnets, which tells what was tried, and what was found by it.
fn select_telling(
    config: &Config4,
    by: &Selector<'_>,
    among: impl Fn(&Subnet4) -> bool,
    trace: &Trace,
) -> Result<SubnetAt, NoSubnet> {
    let index = &config.lookup;
    let known = |address: Ipv4Addr| !address.is_unspecified();
    let fits = |at: SubnetAt| config[at].fits(by.classes) && among(&config[at]);
    let containing = |address, clue| {
        let found = containing(config, address, fits);
        trace.note(|| tried(Criterion::Holds(address, clue), found.ok(), by));
        found
    };
    if known(by.link) {
        return containing(by.link, Clue::Link);
    }
    DHCPSRV_SUBNET4_SELECT_NO_RAI_OPTIONS();
    if known(by.relay) {
        let found = index.relayed_by(by.relay, fits);
        trace.note(|| tried(Criterion::NamesRelay(by.relay), found, by));
        if let Some(subnet) = found {
            DHCPSRV_CFGMGR_SUBNET4_RELAY(config[subnet].prefix, by.relay);
            return Ok(subnet);
        }
        DHCPSRV_SUBNET4_SELECT_BY_RELAY_ADDRESS_NO_MATCH(by.relay);
        return containing(by.relay, Clue::Relay);
    }
    DHCPSRV_SUBNET4_SELECT_NO_RELAY_ADDRESS();
    if known(by.client) && !by.broadcast {
        return containing(by.client, Clue::Client);
    }
    if known(by.source) && !by.broadcast {
        return containing(by.source, Clue::Source);
    }
    if !by.interface.is_empty() {
        let found = index.on_interface(by.interface, fits);
        trace.note(|| tried(Criterion::NamesInterface(by.interface.into()), found, by));
        if let Some(subnet) = found {
            DHCPSRV_CFGMGR_SUBNET4_IFACE(config[subnet].prefix, by.interface);
            return Ok(subnet);
        }
        DHCPSRV_SUBNET4_SELECT_BY_INTERFACE_NO_MATCH(by.interface);
        if known(by.local) {
            return containing(by.local, Clue::Interface);
        }
    }
    DHCPSRV_SUBNET4_SELECT_NO_USABLE_ADDRESS();
    Err(NoSubnet::NothingToGoBy)
}

/// The subnet among some that is configured for where a client of these classes is.
pub(crate) fn select_for(
    config: &Config4,
    (message, query): (Message<'_>, &Query4),
    classes: &ClassSet,
    among: impl Fn(&Subnet4) -> bool,
) -> Option<SubnetAt> {
    if let Some(over6) = &query.over6 {
        let selected = over6.select(config, &query.interface, classes, among);
        if selected.is_none() {
            DHCPSRV_SUBNET4O6_SELECT_FAILED();
        }
        return selected;
    }
    let by_relay = query
        .agent_or_stash(message)
        .filter(|_| !config.compatibility.ignore_rai_link_selection)
        .and_then(|agent| agent.link_selection());
    let by_option = || message.option(OptionCode::SUBNET_SELECTION)?.ipv4();
    let selector = Selector {
        link: by_relay.or_else(by_option).unwrap_or(Ipv4Addr::UNSPECIFIED),
        relay: message.giaddr(),
        client: message.ciaddr(),
        source: *query.arrival.source.ip(),
        broadcast: query.was_broadcast(),
        interface: &query.interface,
        local: query.arrival.local,
        classes,
    };
    select_telling(config, &selector, among, &query.trace).ok()
}

/// What was tried, for a client of these classes.
#[cold]
fn tried(by: Criterion, found: Option<SubnetAt>, of: &Selector<'_>) -> Step {
    Step::Selecting { by, found, classes: of.classes.clone() }
}

/// The subnet that holds an address.
fn containing(
    config: &Config4,
    address: Ipv4Addr,
    fits: impl Fn(SubnetAt) -> bool,
) -> Result<SubnetAt, NoSubnet> {
    let Some(subnet) = config.lookup.containing(address, fits) else {
        DHCPSRV_SUBNET4_SELECT_BY_ADDRESS_NO_MATCH(address);
        return Err(NoSubnet::ForAddress(address));
    };
    DHCPSRV_CFGMGR_SUBNET4_ADDR(config[subnet].prefix, address);
    Ok(subnet)
}
