//! Leases of DHCPv6: their parts, and where they are.

use std::net::Ipv6Addr;

use kotare_model::{
    Duid, HostName, HwAddr, HwAddr6, HwAddrSource, Lease6, LeaseState, LeaseType, Lifetime, SubnetId,
};
use kotare_store::{By6, Found};

use crate::kept::{Kept, Key, Told};
use crate::messages::{
    DHCPSRV_MEMFILE_ADD_ADDR6, DHCPSRV_MEMFILE_DELETE_ADDR6, DHCPSRV_MEMFILE_GET_EXPIRED6,
    DHCPSRV_MEMFILE_GET_PAGE6, DHCPSRV_MEMFILE_UPDATE_ADDR6,
};
use crate::order::Order;
use crate::record::Record;
use crate::row::{RowError, Scratch};
use crate::row6;
use crate::schema::Format;
use crate::store::Memfile;
use crate::table::SHARDS;
use crate::view::{Unfit, View};

/// What leases of DHCPv6 alone have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own6 {
    pub(crate) iaid: u32,
    pub(crate) preferred_lifetime: Lifetime,
    /// 0 without a hardware address.
    pub(crate) hwtype: u16,
    /// Unknown without one.
    pub(crate) source: HwAddrSource,
    pub(crate) prefix_len: u8,
    pub(crate) lease_type: LeaseType,
}

impl<'a> View<'a, Lease6> {
    /// The DUID, empty for a lease that nobody has.
    pub(crate) fn owner(&self) -> &'a [u8] {
        if self.client_id == Duid::EMPTY { &[] } else { self.client_id }
    }
}

impl Kept for Lease6 {
    type Own = Own6;
    type Named = Ipv6Addr;
    type Room = [u8; 31];
    type Places = Order;
    /// All of an association stand together, so that however many others a client has, these are as near.
    type Order = (LeaseType, u32, SubnetId);

    const FORMAT: Format = row6::FORMAT;
    /// The DUID of who has an address, and of who has a prefix: most who want a prefix want both, one of each.
    const KEYS: &'static [Key<Self>] = &[
        |lease| if lease.own.lease_type == LeaseType::Pd { &[] } else { lease.owner() },
        |lease| if lease.own.lease_type == LeaseType::Pd { lease.owner() } else { &[] },
    ];
    const NOTHING: (Own6, Ipv6Addr, [u8; 31]) = (
        Own6 {
            iaid: 0,
            preferred_lifetime: Lifetime(0),
            hwtype: 0,
            source: HwAddrSource::Unknown,
            prefix_len: 0,
            lease_type: LeaseType::Na,
        },
        Ipv6Addr::UNSPECIFIED,
        [0; 31],
    );
    const ORDERS: (Self::Order, Self::Order) =
        ((LeaseType::Na, 0, SubnetId(0)), (LeaseType::Pd, u32::MAX, SubnetId(u32::MAX)));

    fn view(&self) -> View<'_, Self> {
        let hwaddr = self.hwaddr.as_ref().filter(|hwaddr| !hwaddr.address.is_empty());
        View {
            address: self.address,
            hwaddr: hwaddr.map_or(&[], |hwaddr| hwaddr.address.as_bytes()),
            client_id: if self.duid.is_empty() { Duid::EMPTY } else { self.duid.as_bytes() },
            valid_lifetime: self.valid_lifetime,
            cltt: self.cltt,
            subnet_id: self.subnet_id,
            fqdn_fwd: self.fqdn_fwd,
            fqdn_rev: self.fqdn_rev,
            hostname: self.hostname.as_bytes(),
            state: self.state,
            user_context: self.user_context.as_deref().map(str::as_bytes),
            pool_id: self.pool_id,
            own: Own6 {
                iaid: self.iaid,
                preferred_lifetime: self.preferred_lifetime,
                hwtype: hwaddr.map_or(0, |hwaddr| hwaddr.address.htype()),
                source: hwaddr.map_or(HwAddrSource::Unknown, |hwaddr| hwaddr.source),
                prefix_len: self.prefix_len,
                lease_type: self.lease_type,
            },
        }
    }

    fn of(view: View<'_, Self>) -> Self {
        let hwaddr = || {
            let address = HwAddr::new(view.own.hwtype, view.hwaddr).ok()?;
            Some(HwAddr6 { address, source: view.own.source })
        };
        Self {
            address: view.address,
            prefix_len: view.own.prefix_len,
            lease_type: view.own.lease_type,
            iaid: view.own.iaid,
            duid: Duid::new(view.client_id).unwrap_or(Duid::empty()),
            preferred_lifetime: view.own.preferred_lifetime,
            valid_lifetime: view.valid_lifetime,
            cltt: view.cltt,
            subnet_id: view.subnet_id,
            fqdn_fwd: view.fqdn_fwd,
            fqdn_rev: view.fqdn_rev,
            hostname: HostName::new(view.hostname),
            hwaddr: if view.hwaddr.is_empty() { None } else { hwaddr() },
            state: view.state,
            user_context: view.user_context.map(|text| String::from_utf8_lossy(text).into()),
            pool_id: view.pool_id,
        }
    }

    fn kind(own: &Own6) -> LeaseType {
        own.lease_type
    }

    fn check(view: &View<'_, Self>) -> Result<(), Unfit> {
        if view.owner().is_empty() && view.state != LeaseState::Declined {
            return Err(Unfit::NoDuid(view.state));
        }
        let length = view.own.prefix_len;
        if view.own.lease_type != LeaseType::Pd {
            return if length == 128 { Ok(()) } else { Err(Unfit::NoPrefix(length)) };
        }
        // No bits behind the prefix.
        let rest = u128::MAX.checked_shr(length.into()).unwrap_or(0);
        if length > 128 || view.address.to_bits() & rest != 0 {
            return Err(Unfit::LongPrefix(view.address, length));
        }
        Ok(())
    }

    fn order(view: &View<'_, Self>) -> Self::Order {
        (view.own.lease_type, view.own.iaid, view.subnet_id)
    }

    fn render(view: &View<'_, Self>, out: &mut Vec<u8>) {
        row6::render(view, out);
    }

    fn parse<'a>(
        line: &'a [u8],
        columns: usize,
        room: &'a mut Scratch,
    ) -> Result<View<'a, Self>, RowError<'a>> {
        row6::parse(line, columns, room)
    }

    fn address_of(line: &[u8]) -> Option<Ipv6Addr> {
        row6::address_of(line)
    }

    fn shard_of(address: Ipv6Addr) -> usize {
        let bits = address.to_bits();
        let folded = (bits >> 64) as u64 ^ (bits as u64).rotate_left(32);
        (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SHARDS.ilog2())) as usize
    }

    fn named(address: Ipv6Addr) -> Ipv6Addr {
        address
    }

    fn handle(_: Ipv6Addr, slot: u32) -> u32 {
        slot
    }

    fn locate(handle: u32, _: &Order, slots: &[Record<Self>]) -> Option<(Ipv6Addr, u32)> {
        // A lease has a DUID, if only the empty one.
        let record = slots.get(handle as usize).filter(|record| record.has_client_id())?;
        Some((record.named, handle))
    }

    fn outside(handle: u32, shard: usize) -> u32 {
        // A quarter of a thousand million leases in each shard are more than memory has room for.
        handle << SHARDS.ilog2() | shard as u32
    }

    fn inside(handle: u32) -> (usize, u32) {
        (handle as usize % SHARDS, handle >> SHARDS.ilog2())
    }

    fn find(store: &Memfile<Self>, by: By6<'_>) -> Found<Self> {
        store.find(by)
    }

    fn tell(what: Told<Ipv6Addr>) {
        match what {
            Told::Add(address) => DHCPSRV_MEMFILE_ADD_ADDR6(address),
            Told::Update(address) => DHCPSRV_MEMFILE_UPDATE_ADDR6(address),
            Told::Delete(address) => DHCPSRV_MEMFILE_DELETE_ADDR6(address),
            Told::Expired(limit) => DHCPSRV_MEMFILE_GET_EXPIRED6(limit),
            Told::Page(limit, after) => {
                DHCPSRV_MEMFILE_GET_PAGE6(limit, after.unwrap_or(Ipv6Addr::UNSPECIFIED));
            }
        }
    }
}
