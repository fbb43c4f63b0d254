//! Looking for leases of DHCPv6.

use std::iter::once;

use kotare_model::{Duid, Hex, Lease6, LeaseType, SubnetId};
use kotare_store::{By6, Found, Ia};

use super::Memfile;
use crate::messages::{
    DHCPSRV_MEMFILE_GET_ADDR6, DHCPSRV_MEMFILE_GET_HOSTNAME6, DHCPSRV_MEMFILE_GET_HWADDR6,
    DHCPSRV_MEMFILE_GET_IAID_DUID, DHCPSRV_MEMFILE_GET_IAID_SUBID_DUID, DHCPSRV_MEMFILE_GET6_DUID,
};
use crate::view::View;

impl Memfile<Lease6> {
    /// The leases asked for.
    pub(crate) fn find(&self, by: By6<'_>) -> Found<Lease6> {
        match by {
            By6::Address(address) => {
                DHCPSRV_MEMFILE_GET_ADDR6(address, "any");
                self.at(address)
            }
            By6::Ia(ia) => {
                DHCPSRV_MEMFILE_GET_IAID_DUID(ia.iaid, Hex(ia.duid), ia.lease_type);
                self.of_ia(ia, None)
            }
            By6::IaOn(ia, link) => {
                DHCPSRV_MEMFILE_GET_IAID_SUBID_DUID(ia.iaid, Link(link), Hex(ia.duid), ia.lease_type);
                self.of_ia(ia, Some(link))
            }
            By6::Duid(duid) => {
                DHCPSRV_MEMFILE_GET6_DUID(Hex(duid));
                if duid == Duid::EMPTY {
                    // The index has what somebody has.
                    return self.all(|lease| lease.client_id == duid);
                }
                let candidates = self.indexes.iter().flat_map(|index| index.find(duid)).collect();
                self.verified(candidates, |lease| lease.owner() == duid)
            }
            By6::HwAddr(hwaddr) => {
                DHCPSRV_MEMFILE_GET_HWADDR6(hwaddr);
                let hwaddr = hwaddr.as_bytes();
                if hwaddr.is_empty() { Found::new() } else { self.all(|lease| lease.hwaddr == hwaddr) }
            }
            By6::Hostname(hostname) => {
                DHCPSRV_MEMFILE_GET_HOSTNAME6(hostname);
                let hostname = hostname.as_bytes();
                if hostname.is_empty() { Found::new() } else { self.all(|lease| lease.hostname == hostname) }
            }
        }
    }

    /// The leases of an association, in these subnets or anywhere.
    fn of_ia(&self, ia: Ia<'_>, link: Option<&[SubnetId]>) -> Found<Lease6> {
        let Ia { lease_type, duid, iaid } = ia;
        let on_link = |subnet: &SubnetId| link.is_none_or(|link| link.binary_search(subnet).is_ok());
        let wanted = |order: &_| {
            let (kind, number, subnet) = order;
            (*kind, *number) == (lease_type, iaid) && on_link(subnet)
        };
        let part = |from, to| (lease_type, iaid, from)..=(lease_type, iaid, to);
        let index = &self.indexes[usize::from(lease_type == LeaseType::Pd)];
        let candidates = match link {
            Some(link) => {
                let parts = link.iter().map(|&subnet| part(subnet, subnet));
                index.find_among(duid, wanted, parts, link.len(), usize::MAX)
            }
            None => {
                let all = once(part(SubnetId(0), SubnetId(u32::MAX)));
                index.find_among(duid, wanted, all, 0, usize::MAX)
            }
        };
        self.verified(candidates, |lease: &View<'_, Lease6>| {
            lease.owner() == duid
                && (lease.own.lease_type, lease.own.iaid) == (lease_type, iaid)
                && on_link(&lease.subnet_id)
        })
    }
}

/// Subnets, in a log message.
struct Link<'a>(&'a [SubnetId]);

impl std::fmt::Display for Link<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, subnet) in self.0.iter().enumerate() {
            write!(f, "{}{subnet}", if number == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}
