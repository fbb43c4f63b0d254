//! DHCPv4 over DHCPv6 (RFC 7341): the v6 side, which passes messages on in either direction.

use std::net::{Ipv6Addr, SocketAddrV6};

use kotare_model::Departure6;
use kotare_wire::v6::{OptionCode, Origin, Writer, with_origin};

use super::destination::port;
use super::exchange::Exchange;
use super::{Dropped, Outcome, Server, Silence};
use crate::over6::Passed;

impl<S> Exchange<'_, S> {
    /// Writes what is passed on to the DHCPv4 server of a DHCPV4-QUERY. Its flag says by which way the client would send
    /// the message without DHCPv6; that is for the DHCPv4 server, which has the message with it.
    pub(super) fn pass_on(&self, reply: &mut [u8]) -> Result<Outcome, Dropped> {
        let is_wanted = self.server.config.process.dhcp4o6_port != 0;
        if !is_wanted || !self.message.has(OptionCode::DHCPV4_MSG) {
            return Ok(Outcome::Silent(Silence::NotPassedOn));
        }
        let source = self.query.arrival.source;
        let origin = Origin { interface: &self.query.interface, source: *source.ip(), port: source.port() };
        let mut writer = Writer::new(reply);
        with_origin(self.message, &origin, &mut writer).map_err(|_| Dropped::TooBig)?;
        Ok(Outcome::PassedOn(writer.len()))
    }
}

impl Server {
    /// Where a DHCPV4-RESPONSE goes that the DHCPv4 server passed on, by an interface with this index on which the server
    /// has these addresses.
    pub fn way_to_client(
        &self,
        passed: &Passed<'_>,
        ifindex: u32,
        own: impl Iterator<Item = Ipv6Addr> + Clone,
    ) -> Departure6 {
        let to = passed.origin.source;
        let scope = if to.is_unicast_link_local() { ifindex } else { 0 };
        let port = port(self, passed.message, passed.origin.port);
        // An address of the link is no use beyond it.
        let fits = |address: &Ipv6Addr| address.is_unicast_link_local() == to.is_unicast_link_local();
        let source = own.clone().find(fits).or_else(|| own.clone().next()).unwrap_or(Ipv6Addr::UNSPECIFIED);
        Departure6 { ifindex, source, destination: SocketAddrV6::new(to, port, 0, scope) }
    }
}
