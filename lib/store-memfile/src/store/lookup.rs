//! Looking for leases.

use kotare_model::{Hex, HwAddr, Lease4, SubnetId};
use kotare_store::{By4, Found};

use super::Memfile4;
use crate::clients::{Candidates, ClientIndex};
use crate::messages::{
    DHCPSRV_MEMFILE_GET_ADDR4, DHCPSRV_MEMFILE_GET_CLIENTID, DHCPSRV_MEMFILE_GET_HOSTNAME4,
    DHCPSRV_MEMFILE_GET_HWADDR4,
};
use crate::view::{ClientIdKind, View};

impl Memfile4 {
    /// The leases asked for.
    pub(super) fn find(&self, by: By4<'_>) -> Found<Lease4> {
        match by {
            By4::Address(address) => {
                DHCPSRV_MEMFILE_GET_ADDR4(address);
                self.shard(address).find(address).map(View::to_lease).into_iter().collect()
            }
            By4::ClientId(client_id) => {
                DHCPSRV_MEMFILE_GET_CLIENTID(Hex(client_id));
                self.verified(self.with_client_id(client_id, None), |lease| lease.client_id == client_id)
            }
            By4::HwAddr(hwaddr) => {
                DHCPSRV_MEMFILE_GET_HWADDR4(hwaddr);
                let hwaddr = hwaddr.as_bytes();
                self.verified(self.hwaddrs.find(hwaddr), |lease| lease.hwaddr == hwaddr)
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
                self.named(hostname.as_bytes())
            }
        }
    }

    /// The addresses a client with this identifier may have leases of, on a link or anywhere. The usual one (RFC 2132
    /// §9.14) is only in the index of hardware addresses, so that nearly every lease has one entry for both.
    fn with_client_id(&self, client_id: &[u8], link: Option<&[SubnetId]>) -> Candidates {
        let find = |index: &ClientIndex, identifier: &[u8], kind| match link {
            Some(link) => index.find_on(identifier, link, &[kind]),
            None => index.find(identifier),
        };
        let mut candidates = find(&self.client_ids, client_id, ClientIdKind::Unusual);
        if let [1, hwaddr @ ..] = client_id {
            for address in find(&self.hwaddrs, hwaddr, ClientIdKind::Usual) {
                if !candidates.contains(&address) {
                    candidates.push(address);
                }
            }
        }
        candidates
    }

    /// The leases of `candidates` that are what was looked for.
    fn verified(&self, candidates: Candidates, wanted: impl Fn(&View<'_>) -> bool) -> Found<Lease4> {
        let mut found = Found::new();
        for address in candidates {
            if let Some(lease) = self.shard(address).find(address).filter(&wanted) {
                found.push(lease.to_lease());
            }
        }
        found
    }

    /// The leases with this hardware address in these subnets and with client identifiers of these kinds.
    fn with_hwaddr_on(&self, hwaddr: &HwAddr, link: &[SubnetId], kinds: &[ClientIdKind]) -> Found<Lease4> {
        DHCPSRV_MEMFILE_GET_HWADDR4(hwaddr);
        let hwaddr = hwaddr.as_bytes();
        self.latest(self.hwaddrs.find_on(hwaddr, link, kinds), |lease| {
            lease.hwaddr == hwaddr
                && link.binary_search(&lease.subnet_id).is_ok()
                && kinds.contains(&lease.client_id_kind())
        })
    }

    /// The leases with this host name; an empty one is none.
    fn named(&self, hostname: &[u8]) -> Found<Lease4> {
        let mut found = Found::new();
        for shard in self.shards.iter().filter(|_| !hostname.is_empty()) {
            // Block by block, so that nobody waits for the lock long.
            let mut next = 0;
            loop {
                let shard = shard.lock();
                let Some(number) = shard.next_block(next) else { break };
                let leases = shard.block(number).filter(|lease| lease.hostname == hostname);
                found.extend(leases.map(View::to_lease));
                next = number + 1;
            }
        }
        found
    }

    /// The most recent of them, one of each subnet with and one without a client identifier.
    fn latest(&self, candidates: Candidates, wanted: impl Fn(&View<'_>) -> bool) -> Found<Lease4> {
        let mut found: Found<Lease4> = Found::new();
        for address in candidates {
            let shard = self.shard(address);
            let Some(lease) = shard.find(address).filter(&wanted) else { continue };
            let alike = |it: &&mut Lease4| {
                (it.subnet_id, it.client_id.is_none()) == (lease.subnet_id, lease.client_id.is_empty())
            };
            match found.iter_mut().find(alike) {
                Some(other) if (other.cltt, other.address) > (lease.cltt, address) => {}
                Some(other) => *other = lease.to_lease(),
                None => found.push(lease.to_lease()),
            }
        }
        found
    }
}
