//! The checks of stored leases, as those of DHCPv4 need them.

use std::net::Ipv4Addr;

use kotare_config::process::{ExtendedInfoChecks, SanityChecks};
use kotare_config::v4::Config4;
use kotare_model::{Lease4, LeaseType, SubnetId};

use super::info_checks::{checked, is_ours};
use crate::messages::*;
use crate::sanity::Sane;

impl Sane for Lease4 {
    fn checks(config: &Config4) -> SanityChecks {
        config.process.sanity_checks
    }

    fn begun(level: ExtendedInfoChecks) {
        DHCPSRV_MEMFILE_BEGIN_EXTRACT_EXTENDED_INFO4(level.name(), " updating in file");
    }

    fn done(among: u64, modified: u64, marked: u64) {
        DHCPSRV_MEMFILE_EXTRACT_EXTENDED_INFO4(among, modified, modified, marked);
    }

    fn is_at_home(_: LeaseType) -> bool {
        true
    }

    fn fits(config: &Config4, address: Ipv4Addr, subnet: SubnetId) -> bool {
        config.subnet(subnet).is_some_and(|subnet| subnet.prefix.contains(address))
    }

    fn home(config: &Config4, address: Ipv4Addr) -> Option<SubnetId> {
        config.lookup.containing(address, |_| true).map(|at| config[at].id)
    }

    fn move_to(&mut self, subnet: SubnetId) {
        self.subnet_id = subnet;
    }

    fn suspects_context(context: &str, level: ExtendedInfoChecks) -> bool {
        match level {
            ExtendedInfoChecks::None => false,
            ExtendedInfoChecks::Fix => !is_ours(context),
            ExtendedInfoChecks::Strict | ExtendedInfoChecks::Pedantic => true,
        }
    }

    fn correct_extended_info(&mut self, level: ExtendedInfoChecks) -> bool {
        let Some(context) = &self.user_context else { return false };
        let address = self.address;
        checked(context, level).correct(
            &mut self.user_context,
            || DHCPSRV_LEASE4_EXTENDED_INFO_UPGRADED(address),
            |problem| DHCPSRV_LEASE4_EXTENDED_INFO_SANITY_FAIL(address, problem),
        )
    }
}
