//! Looking for leases of DHCPv4.

use kotare_model::{Hex, HwAddr, Lease4, SubnetId};
use kotare_store::{By4, FEW, Found};

use super::Memfile;
use crate::clients::{Candidates, ClientIndex};
use crate::kept::Kept;
use crate::kept4::ClientIdKind;
use crate::messages::{
    DHCPSRV_MEMFILE_GET_ADDR4, DHCPSRV_MEMFILE_GET_CLIENTID, DHCPSRV_MEMFILE_GET_HOSTNAME4,
    DHCPSRV_MEMFILE_GET_HWADDR4,
};
use crate::view::View;

impl Memfile<Lease4> {
    /// The leases asked for.
    pub(crate) fn find(&self, by: By4<'_>) -> Found<Lease4> {
        match by {
            By4::Address(address) => {
                DHCPSRV_MEMFILE_GET_ADDR4(address);
                self.at(address)
            }
            By4::ClientId(client_id) => {
                DHCPSRV_MEMFILE_GET_CLIENTID(Hex(client_id));
                self.verified(self.with_client_id(client_id, None), |lease| lease.client_id == client_id)
            }
            By4::HwAddr(hwaddr) => {
                DHCPSRV_MEMFILE_GET_HWADDR4(hwaddr);
                let hwaddr = hwaddr.as_bytes();
                self.verified(self.hwaddrs().find(hwaddr), |lease| lease.hwaddr == hwaddr)
            }
            By4::ClientIdOn(client_id, link) => {
                DHCPSRV_MEMFILE_GET_CLIENTID(Hex(client_id));
                self.latest(self.with_client_id(client_id, Some(link)), |lease| {
                    lease.client_id == client_id && link.binary_search(&lease.subnet_id).is_ok()
                })
            }
            By4::HwAddrOn(hwaddr, link) => self.with_hwaddr_on(hwaddr, link, &ClientIdKind::ALL),
            By4::NamelessOn(hwaddr, link) => self.with_hwaddr_on(hwaddr, link, &[ClientIdKind::None]),
            By4::Hostname(hostname) => {
                DHCPSRV_MEMFILE_GET_HOSTNAME4(hostname);
                let hostname = hostname.as_bytes();
                if hostname.is_empty() { Found::new() } else { self.all(|lease| lease.hostname == hostname) }
            }
        }
    }

    /// The leases that a client with this identifier may have, on a link or anywhere. The usual one (RFC 2132
    /// §9.14) is only in the index of hardware addresses, so that nearly every lease has one entry for both.
    fn with_client_id(&self, client_id: &[u8], link: Option<&[SubnetId]>) -> Candidates {
        let find = |index: &ClientIndex<Lease4>, identifier: &[u8], kind| match link {
            Some(link) => find_on(index, identifier, link, &[kind]),
            None => index.find(identifier),
        };
        let mut candidates = find(&self.indexes[0], client_id, ClientIdKind::Unusual);
        if let [1, hwaddr @ ..] = client_id {
            for lease in find(self.hwaddrs(), hwaddr, ClientIdKind::Usual) {
                if !candidates.contains(&lease) {
                    candidates.push(lease);
                }
            }
        }
        candidates
    }

    fn hwaddrs(&self) -> &ClientIndex<Lease4> {
        &self.indexes[1]
    }

    /// The leases with this hardware address in these subnets and with client identifiers of these kinds.
    fn with_hwaddr_on(&self, hwaddr: &HwAddr, link: &[SubnetId], kinds: &[ClientIdKind]) -> Found<Lease4> {
        DHCPSRV_MEMFILE_GET_HWADDR4(hwaddr);
        let hwaddr = hwaddr.as_bytes();
        self.latest(find_on(self.hwaddrs(), hwaddr, link, kinds), |lease| {
            lease.hwaddr == hwaddr
                && link.binary_search(&lease.subnet_id).is_ok()
                && kinds.contains(&lease.client_id_kind())
        })
    }

    /// The most recent of them, one of each subnet with and one without a client identifier.
    fn latest(&self, candidates: Candidates, wanted: impl Fn(&View<'_>) -> bool) -> Found<Lease4> {
        let mut found: Found<Lease4> = Found::new();
        for candidate in candidates {
            let (shard, handle) = Lease4::inside(candidate);
            let shard = self.shards[shard].lock();
            let Some(lease) = shard.at(handle).filter(&wanted) else { continue };
            let alike = |it: &&mut Lease4| {
                (it.subnet_id, it.client_id.is_none()) == (lease.subnet_id, lease.client_id.is_empty())
            };
            match found.iter_mut().find(alike) {
                Some(other) if (other.cltt, other.address) > (lease.cltt, lease.address) => {}
                Some(other) => *other = lease.to_lease(),
                None => found.push(lease.to_lease()),
            }
        }
        found
    }
}

/// Leases in these subnets (ascending) with client identifiers of these kinds: of each subnet and kind all, or [`FEW`] at
/// least, and perhaps some others.
pub(crate) fn find_on(
    index: &ClientIndex<Lease4>,
    identifier: &[u8],
    link: &[SubnetId],
    kinds: &[ClientIdKind],
) -> Candidates {
    let wanted = |(subnet, kind): &(SubnetId, ClientIdKind)| {
        link.binary_search(subnet).is_ok() && kinds.contains(kind)
    };
    let parts =
        link.iter().flat_map(|&subnet| kinds.iter().map(move |&kind| (subnet, kind)..=(subnet, kind)));
    index.find_among(identifier, wanted, parts, link.len(), FEW)
}
