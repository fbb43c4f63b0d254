//! DHCPv4 over DHCPv6 (RFC 7341): how a client's message came, as the DHCPv6 server tells.

use std::sync::Arc;

use std::net::Ipv6Addr;

use kotare_config::v4::{Config4, Subnet4, SubnetAt};
use kotare_expr::ClassSet;
use kotare_wire::v6::{Message, OptionCode, Origin};

/// How a message came that a client sent over DHCPv6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over6 {
    /// Who sent the DHCPv6 message: the client, or the relay agent nearest to the server.
    pub remote: Ipv6Addr,
    /// What the relay agent nearest to the client calls the client's link; empty if it says nothing.
    pub interface_id: Box<[u8]>,
}

impl Over6 {
    /// How the DHCPv4 message within `message` came.
    pub fn of(message: Message<'_>, origin: &Origin<'_>) -> Self {
        let nearest = message.relays().next_back();
        let interface_id = nearest.and_then(|relay| relay.option(OptionCode::INTERFACE_ID));
        Self { remote: origin.source, interface_id: interface_id.unwrap_or_default().into() }
    }

    /// The first subnet among some that is for such clients, on this `interface` and of these classes.
    pub fn select(
        &self,
        config: &Config4,
        interface: &str,
        classes: &ClassSet,
        among: impl Fn(&Subnet4) -> bool,
    ) -> Option<SubnetAt> {
        let serves = |subnet: &Arc<Subnet4>| {
            let over6 = subnet.over6.as_ref();
            over6.is_some_and(|over6| over6.serves(self.remote, &self.interface_id, interface))
                && subnet.fits(classes)
                && among(subnet)
        };
        config.subnets.iter().position(serves).map(SubnetAt::new)
    }
}
