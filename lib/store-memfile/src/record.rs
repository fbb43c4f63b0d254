//! A lease as it lies in memory: one cache line, and a block of [`Texts`] only when its names are long.

use kotare_model::{LeaseState, Lifetime, SubnetId, Timestamp};

use crate::kept::Kept;
use crate::texts::Texts;
use crate::view::{View, end};

/// A lease; where the table knows its address, without it.
///
/// Its bytes are client identifier (or DUID), hardware address, host name and user context, one after the other. A client
/// identifier that ends with the hardware address, as most do, serves as both. All records of a table share one [`Texts`]; one that
/// is no longer needed must be [cleared](Record::clear), or its block is lost.
#[derive(Clone, Copy, Debug)]
pub struct Record<L: Kept> {
    subnet_id: u32,
    pool_id: u32,
    valid_lifetime: u32,
    /// When the expiry queue will ask for this lease; [`NOT_QUEUED`] if it will not.
    pub(crate) queued: u32,
    cltt: i64,
    /// Of all bytes.
    length: u32,
    hostname_length: u16,
    hwaddr_length: u8,
    client_id_length: u8,
    flags: u8,
    /// What leases of the family alone have.
    own: L::Own,
    /// What it keeps of its address.
    pub(crate) named: L::Named,
    /// The bytes, or the number of their block if they are more than fit.
    bytes: L::Room,
}

/// No place in an expiry queue.
pub(crate) const NOT_QUEUED: u32 = u32::MAX;

const STATE: u8 = 0b0000_0111;
const FQDN_FWD: u8 = 0b0000_1000;
const FQDN_REV: u8 = 0b0001_0000;
const USER_CONTEXT: u8 = 0b0010_0000;
const HWADDR_IN_CLIENT_ID: u8 = 0b0100_0000;

impl<L: Kept> Record<L> {
    /// No lease.
    pub(crate) const EMPTY: Self = Self {
        subnet_id: 0,
        pool_id: 0,
        valid_lifetime: 0,
        queued: NOT_QUEUED,
        cltt: 0,
        length: 0,
        hostname_length: 0,
        hwaddr_length: 0,
        client_id_length: 0,
        flags: 0,
        own: L::NOTHING.0,
        named: L::NOTHING.1,
        bytes: L::NOTHING.2,
    };

    /// Packs a lease that passed [`View::check`] in the place of the one before, whose block it takes over if it can.
    /// It is not queued.
    pub(crate) fn set(&mut self, lease: &View<'_, L>, texts: &mut Texts) {
        let shared = lease.client_id.ends_with(lease.hwaddr);
        let context = lease.user_context.unwrap_or_default();
        let parts = [lease.client_id, if shared { &[] } else { lease.hwaddr }, lease.hostname, context];
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let mut room = if length <= self.bytes.as_ref().len() {
            self.clear(texts);
            &mut self.bytes.as_mut()[..length]
        } else {
            let block = match self.block() {
                Some(block) if Texts::fits(self.length as usize, length) => block,
                _ => {
                    self.clear(texts);
                    texts.take(length)
                }
            };
            self.bytes.as_mut()[..4].copy_from_slice(&block.to_ne_bytes());
            texts.get_mut(length, block)
        };
        for part in parts {
            let (here, rest) = room.split_at_mut(part.len());
            here.copy_from_slice(part);
            room = rest;
        }
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
        *self = Self {
            subnet_id: lease.subnet_id.0,
            pool_id: lease.pool_id,
            valid_lifetime: lease.valid_lifetime.0,
            queued: NOT_QUEUED,
            cltt: lease.cltt.0,
            // A line of the lease file, and so a lease, is far shorter than 4 GiB.
            length: length as u32,
            hostname_length: lease.hostname.len() as u16,
            hwaddr_length: lease.hwaddr.len() as u8,
            client_id_length: lease.client_id.len() as u8,
            flags,
            own: lease.own,
            named: L::named(lease.address),
            bytes: self.bytes,
        };
    }

    /// Gives its block back; afterwards it is no lease.
    pub(crate) fn clear(&mut self, texts: &mut Texts) {
        if let Some(block) = self.block() {
            texts.give_back(self.length as usize, block);
        }
        *self = Self::EMPTY;
    }

    /// The lease of `address`.
    pub(crate) fn view<'a>(&'a self, address: L::Address, texts: &'a Texts) -> View<'a, L> {
        let bytes = match self.block() {
            Some(block) => texts.get(self.length as usize, block),
            None => &self.bytes.as_ref()[..self.length as usize],
        };
        let (client_id, rest) = bytes.split_at(usize::from(self.client_id_length));
        let (hwaddr, rest) = if self.flags & HWADDR_IN_CLIENT_ID != 0 {
            (&client_id[client_id.len() - usize::from(self.hwaddr_length)..], rest)
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
            state: self.state(),
            user_context: (self.flags & USER_CONTEXT != 0).then_some(context),
            pool_id: self.pool_id,
            own: self.own,
        }
    }

    /// When the lease ends.
    pub(crate) fn expires(&self) -> Timestamp {
        end(Timestamp(self.cltt), Lifetime(self.valid_lifetime))
    }

    /// Whether it is a lease with a client identifier.
    pub(crate) fn has_client_id(&self) -> bool {
        self.client_id_length > 0
    }

    /// What became of the lease.
    pub(crate) fn state(&self) -> LeaseState {
        LeaseState::from_number(u32::from(self.flags & STATE)).unwrap_or_default()
    }

    /// The block of its bytes, if they are more than fit.
    fn block(&self) -> Option<u32> {
        let bytes = self.bytes.as_ref();
        let number = bytes.first_chunk().map(|&number| u32::from_ne_bytes(number));
        number.filter(|_| self.length as usize > bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use kotare_model::{Lease4, Lease6};

    use super::*;

    /// A million leases must fit in memory many times over: one cache line each, one and a half with a long address.
    #[test]
    fn a_record_is_a_cache_line_or_so() {
        assert_eq!(size_of::<Record<Lease4>>(), 64);
        assert_eq!(size_of::<Record<Lease6>>(), 96);
    }

    /// What was packed comes back, with the usual client identifier, another one, and none, whatever was there before.
    #[test]
    fn what_was_packed_comes_back() {
        let address = Ipv4Addr::new(192, 0, 2, 1);
        let long = [b'n'; 255];
        let context = [b' '; 3000];
        let mut texts = Texts::default();
        let mut record = Record::<Lease4>::EMPTY;
        for client_id in [&[1, 2, 3][..], &[1, 2], &[0xff, 9, 9, 9], &[], &[7; 255]] {
            for (hostname, user_context) in [
                (&b""[..], None),
                (b"a-rather-long-name.example.org", Some(&b"{}"[..])),
                (b"just-fits", Some(b"")),
                (&long, Some(&context)),
                (&long[..40], None),
            ] {
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
                    own: (),
                };
                record.set(&lease, &mut texts);
                assert!(record.view(address, &texts) == lease);
            }
        }
    }
}
