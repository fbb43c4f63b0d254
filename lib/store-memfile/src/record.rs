//! A lease as it lies in memory: one cache line, and a heap block only when names are long.

use std::net::Ipv4Addr;

use kotare_model::{LeaseState, Lifetime, SubnetId, Timestamp};
use smallvec::SmallVec;

use crate::view::View;

/// A lease without its address, which the table knows.
///
/// `bytes` is client identifier, hardware address, host name and user context, one after the other. The usual
/// client identifier, 1 followed by the hardware address (RFC 2132 §9.14), serves as both.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    subnet_id: u32,
    pool_id: u32,
    valid_lifetime: u32,
    /// When the expiry queue will ask for this lease; [`Record::NOT_QUEUED`] if it will not.
    pub(crate) queued: u32,
    cltt: i64,
    hostname_length: u16,
    hwaddr_length: u8,
    client_id_length: u8,
    flags: u8,
    bytes: SmallVec<[u8; 24]>,
}

const STATE: u8 = 0b0000_0111;
const FQDN_FWD: u8 = 0b0000_1000;
const FQDN_REV: u8 = 0b0001_0000;
const USER_CONTEXT: u8 = 0b0010_0000;
const HWADDR_IN_CLIENT_ID: u8 = 0b0100_0000;

impl Record {
    /// No place in an expiry queue.
    pub(crate) const NOT_QUEUED: u32 = u32::MAX;

    /// Packs a lease that passed [`View::check`].
    pub(crate) fn new(lease: &View<'_>) -> Self {
        let shared = matches!(lease.client_id, [1, rest @ ..] if rest == lease.hwaddr);
        let mut bytes = SmallVec::with_capacity(
            lease.client_id.len()
                + if shared { 0 } else { lease.hwaddr.len() }
                + lease.hostname.len()
                + lease.user_context.map_or(0, <[u8]>::len),
        );
        bytes.extend_from_slice(lease.client_id);
        if !shared {
            bytes.extend_from_slice(lease.hwaddr);
        }
        bytes.extend_from_slice(lease.hostname);
        bytes.extend_from_slice(lease.user_context.unwrap_or_default());
        let mut flags = lease.state as u8;
        for (set, flag) in [
            (lease.fqdn_fwd, FQDN_FWD),
            (lease.fqdn_rev, FQDN_REV),
            (lease.user_context.is_some(), USER_CONTEXT),
            (shared, HWADDR_IN_CLIENT_ID),
        ] {
            if set {
                flags |= flag;
            }
        }
        Self {
            subnet_id: lease.subnet_id.0,
            pool_id: lease.pool_id,
            valid_lifetime: lease.valid_lifetime.0,
            queued: Self::NOT_QUEUED,
            cltt: lease.cltt.0,
            hostname_length: lease.hostname.len() as u16,
            hwaddr_length: lease.hwaddr.len() as u8,
            client_id_length: lease.client_id.len() as u8,
            flags,
            bytes,
        }
    }

    /// The lease of `address`.
    pub(crate) fn view(&self, address: Ipv4Addr) -> View<'_> {
        let (client_id, rest) = self.bytes.split_at(usize::from(self.client_id_length));
        let (hwaddr, rest) = if self.flags & HWADDR_IN_CLIENT_ID != 0 {
            (&client_id[1..], rest)
        } else {
            rest.split_at(usize::from(self.hwaddr_length))
        };
        let (hostname, context) = rest.split_at(usize::from(self.hostname_length));
        View {
            address,
            hwaddr,
            client_id,
            valid_lifetime: Lifetime(self.valid_lifetime),
            cltt: Timestamp(self.cltt),
            subnet_id: SubnetId(self.subnet_id),
            fqdn_fwd: self.flags & FQDN_FWD != 0,
            fqdn_rev: self.flags & FQDN_REV != 0,
            hostname,
            state: LeaseState::from_number(u32::from(self.flags & STATE)).unwrap_or_default(),
            user_context: (self.flags & USER_CONTEXT != 0).then_some(context),
            pool_id: self.pool_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million leases must fit in memory many times over: one cache line each.
    #[test]
    fn a_record_is_one_cache_line() {
        assert_eq!(size_of::<Record>(), 64);
    }

    /// What was packed comes back, with the usual client identifier, another one, and none.
    #[test]
    fn what_was_packed_comes_back() {
        let address = Ipv4Addr::new(192, 0, 2, 1);
        for client_id in [&[1, 2, 3][..], &[1, 2], &[0xff, 9, 9, 9], &[]] {
            for (hostname, user_context) in
                [(&b""[..], None), (b"a-rather-long-name.example.org", Some(&b"{}"[..]))]
            {
                let lease = View {
                    address,
                    hwaddr: &[2, 3],
                    client_id,
                    valid_lifetime: Lifetime(3600),
                    cltt: Timestamp(-5),
                    subnet_id: SubnetId(7),
                    fqdn_fwd: true,
                    fqdn_rev: false,
                    hostname,
                    state: LeaseState::Released,
                    user_context,
                    pool_id: 9,
                };
                assert!(Record::new(&lease).view(address) == lease);
            }
        }
    }
}
