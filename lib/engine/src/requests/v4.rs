//! Leases of DHCPv4 in the DNS.

use kotare_config::common::Names;
use kotare_config::v4::Config4;
use kotare_ddns::{Dhcid, Name};
use kotare_model::Lease4;

use super::{InDns, Named};

impl Named for Lease4 {
    fn named(&self) -> Option<InDns<'_>> {
        Some(InDns {
            name: &self.hostname,
            address: self.address.into(),
            forward: self.fqdn_fwd,
            reverse: self.fqdn_rev,
            lifetime: self.valid_lifetime,
        })
    }

    /// By the client identifier, or else the hardware address (RFC 4701, section 3.5).
    fn dhcid(&self, fqdn: &Name) -> Option<Dhcid> {
        match &self.client_id {
            Some(id) => Dhcid::of_client_id(id.as_bytes(), fqdn),
            None => {
                // As in the header of a message: one byte.
                let kind = self.hwaddr.htype().to_be_bytes()[1];
                Dhcid::of_hardware_address(kind, self.hwaddr.as_bytes(), fqdn)
            }
        }
    }

    fn names<'c>(&self, config: &'c Config4) -> Option<&'c Names> {
        config.subnet(self.subnet_id).map(|subnet| &**subnet.names_at(self.address))
    }
}
