//! The checks of stored leases, as those of DHCPv6 need them.

use std::net::Ipv6Addr;

use kotare_config::process::{ExtendedInfoChecks, SanityChecks};
use kotare_config::v6::Config6;
use kotare_model::{Lease6, LeaseType, SubnetId};

use super::info_checks::checked;
use crate::messages::*;
use crate::sanity::Sane;
use crate::sanity::context::Checked;

impl Sane for Lease6 {
    fn checks(config: &Config6) -> SanityChecks {
        config.process.sanity_checks
    }

    fn begun(level: ExtendedInfoChecks) {
        // Leases are found by what relays said when they are asked for so, not by tables that would be made here.
        DHCPSRV_MEMFILE_BEGIN_BUILD_EXTENDED_INFO_TABLES6(level.name(), "disabled");
    }

    fn done(among: u64, modified: u64, _: u64) {
        DHCPSRV_MEMFILE_BUILD_EXTENDED_INFO_TABLES6(among, modified, 0);
    }

    fn is_at_home(lease_type: LeaseType) -> bool {
        lease_type == LeaseType::Na
    }

    fn fits(config: &Config6, address: Ipv6Addr, subnet: SubnetId) -> bool {
        // What was given while its subnet was elsewhere is taken back when its client renews it.
        config.follows(subnet) || config.subnet(subnet).is_some_and(|subnet| subnet.prefix.contains(address))
    }

    fn home(config: &Config6, address: Ipv6Addr) -> Option<SubnetId> {
        config.lookup.containing(address, |_| true).map(|at| config[at].id)
    }

    fn move_to(&mut self, subnet: SubnetId) {
        self.subnet_id = subnet;
    }

    fn suspects_context(context: &str, level: ExtendedInfoChecks) -> bool {
        checked(context, level) != Checked::Sound
    }

    fn correct_extended_info(&mut self, level: ExtendedInfoChecks) -> bool {
        let Some(context) = &self.user_context else { return false };
        let address = self.address;
        checked(context, level).correct(
            &mut self.user_context,
            || DHCPSRV_LEASE6_EXTENDED_INFO_UPGRADED(address),
            |problem| DHCPSRV_LEASE6_EXTENDED_INFO_SANITY_FAIL(address, problem),
        )
    }
}
