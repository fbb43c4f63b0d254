//! Leases of DHCPv6 in the DNS.

use kotare_config::common::Names;
use kotare_config::v6::Config6;
use kotare_ddns::{Dhcid, Name};
use kotare_model::{Lease6, LeaseType};

use super::{InDns, Named};

impl Named for Lease6 {
    /// Prefixes have no names.
    fn named(&self) -> Option<InDns<'_>> {
        (self.lease_type != LeaseType::Pd).then(|| InDns {
            name: &self.hostname,
            address: self.address.into(),
            forward: self.fqdn_fwd,
            reverse: self.fqdn_rev,
            lifetime: self.valid_lifetime,
        })
    }

    fn dhcid(&self, fqdn: &Name) -> Option<Dhcid> {
        Dhcid::of_duid(self.duid.as_bytes(), fqdn)
    }

    fn names<'c>(&self, config: &'c Config6) -> Option<&'c Names> {
        config.subnet(self.subnet_id).map(|subnet| &**subnet.names_at(self.address))
    }
}
