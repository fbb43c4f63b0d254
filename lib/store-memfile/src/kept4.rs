//! Leases of DHCPv4: their parts, and where they are.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::Bound;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use kotare_model::{ClientId, HostName, HwAddr, Lease4, LeaseState, LeaseType, SubnetId};
use kotare_store::{By4, Found};

use crate::kept::{Kept, Key, Places, Told};
use crate::messages::{
    DHCPSRV_MEMFILE_ADD_ADDR4, DHCPSRV_MEMFILE_DELETE_ADDR4, DHCPSRV_MEMFILE_GET_EXPIRED4,
    DHCPSRV_MEMFILE_GET_PAGE4, DHCPSRV_MEMFILE_UPDATE_ADDR4,
};
use crate::record::Record;
use crate::row::{RowError, Scratch};
use crate::row4;
use crate::schema::Format;
use crate::store::Memfile;
use crate::table::SHARDS;
use crate::view::{Unfit, View};

/// Addresses in a block: dense pools fill blocks, and a page of leases walks them in order.
pub(crate) const BLOCK: u32 = 64;

/// What kind of client identifier a lease has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClientIdKind {
    /// None at all.
    None,
    /// The hardware address says it ([`View::is_usual`]).
    Usual,
    /// Another one.
    Unusual,
}

impl ClientIdKind {
    /// All there are.
    pub(crate) const ALL: [Self; 3] = [Self::None, Self::Usual, Self::Unusual];
}

impl<'a> View<'a> {
    /// Whether the client identifier is the usual one: 1 (Ethernet) and the hardware address (RFC 2132 §9.14). Then one
    /// can be told from the other.
    pub(crate) fn is_usual(&self) -> bool {
        matches!(self.client_id, [1, rest @ ..] if rest == self.hwaddr)
    }

    /// The client identifier if it is not the usual one, which is found by the hardware address.
    pub(crate) fn unusual_client_id(&self) -> &'a [u8] {
        if self.is_usual() { &[] } else { self.client_id }
    }

    /// What kind of client identifier it has.
    pub(crate) fn client_id_kind(&self) -> ClientIdKind {
        match self.client_id {
            [] => ClientIdKind::None,
            _ if self.is_usual() => ClientIdKind::Usual,
            _ => ClientIdKind::Unusual,
        }
    }
}

impl Kept for Lease4 {
    type Own = ();
    type Named = ();
    type Room = [u8; 31];
    type Places = Blocks;
    type Order = (SubnetId, ClientIdKind);

    const FORMAT: Format = row4::FORMAT;
    /// Client identifiers but for the usual ones, and hardware addresses.
    const KEYS: &'static [Key<Self>] = &[|lease| lease.unusual_client_id(), |lease| lease.hwaddr];
    const NOTHING: ((), (), [u8; 31]) = ((), (), [0; 31]);
    const ORDERS: (Self::Order, Self::Order) =
        ((SubnetId(0), ClientIdKind::None), (SubnetId(u32::MAX), ClientIdKind::Unusual));

    fn view(&self) -> View<'_> {
        View {
            address: self.address,
            hwaddr: self.hwaddr.as_bytes(),
            client_id: self.client_id.as_ref().map_or(&[], ClientId::as_bytes),
            valid_lifetime: self.valid_lifetime,
            cltt: self.cltt,
            subnet_id: self.subnet_id,
            fqdn_fwd: self.fqdn_fwd,
            fqdn_rev: self.fqdn_rev,
            hostname: self.hostname.as_bytes(),
            state: self.state,
            user_context: self.user_context.as_deref().map(str::as_bytes),
            pool_id: self.pool_id,
            own: (),
        }
    }

    /// The hardware type is Ethernet, as lease files do not keep it.
    fn of(view: View<'_>) -> Self {
        Self {
            address: view.address,
            hwaddr: HwAddr::new(HwAddr::ETHERNET, view.hwaddr).unwrap_or(HwAddr::empty(HwAddr::ETHERNET)),
            client_id: (!view.client_id.is_empty()).then(|| ClientId::new(view.client_id).ok()).flatten(),
            valid_lifetime: view.valid_lifetime,
            cltt: view.cltt,
            subnet_id: view.subnet_id,
            fqdn_fwd: view.fqdn_fwd,
            fqdn_rev: view.fqdn_rev,
            hostname: HostName::new(view.hostname),
            state: view.state,
            user_context: view.user_context.map(|text| String::from_utf8_lossy(text).into()),
            pool_id: view.pool_id,
        }
    }

    fn kind((): &()) -> LeaseType {
        LeaseType::Na
    }

    fn check(view: &View<'_>) -> Result<(), Unfit> {
        if view.hwaddr.is_empty() && view.client_id.is_empty() && view.state != LeaseState::Declined {
            return Err(Unfit::Nobody(view.state));
        }
        Ok(())
    }

    fn order(view: &View<'_>) -> Self::Order {
        (view.subnet_id, view.client_id_kind())
    }

    fn render(view: &View<'_>, out: &mut Vec<u8>) {
        row4::render(view, out);
    }

    fn parse<'a>(line: &'a [u8], columns: usize, room: &'a mut Scratch) -> Result<View<'a>, RowError<'a>> {
        row4::parse(line, columns, room)
    }

    fn address_of(line: &[u8]) -> Option<Ipv4Addr> {
        row4::address_of(line)
    }

    /// Neighbours in a block share one, so that it fills.
    fn shard_of(address: Ipv4Addr) -> usize {
        // Fibonacci hashing: the top bits of the product are well mixed.
        ((address.to_bits() / BLOCK).wrapping_mul(0x9e37_79b9) >> (32 - SHARDS.ilog2())) as usize
    }

    fn named(_: Ipv4Addr) {}

    fn handle(address: Ipv4Addr, _: u32) -> u32 {
        address.to_bits()
    }

    fn locate(handle: u32, places: &Blocks, slots: &[Record<Self>]) -> Option<(Ipv4Addr, u32)> {
        let address = Ipv4Addr::from_bits(handle);
        Some((address, places.get(address, slots)?))
    }

    fn outside(handle: u32, _: usize) -> u32 {
        handle
    }

    fn inside(handle: u32) -> (usize, u32) {
        (Self::shard_of(Ipv4Addr::from_bits(handle)), handle)
    }

    fn find(store: &Memfile<Self>, by: By4<'_>) -> Found<Self> {
        store.find(by)
    }

    fn tell(what: Told<Ipv4Addr>) {
        match what {
            Told::Add(address) => DHCPSRV_MEMFILE_ADD_ADDR4(address),
            Told::Update(address) => DHCPSRV_MEMFILE_UPDATE_ADDR4(address),
            Told::Delete(address) => DHCPSRV_MEMFILE_DELETE_ADDR4(address),
            Told::Expired(limit) => DHCPSRV_MEMFILE_GET_EXPIRED4(limit),
            Told::Page(limit, after) => {
                DHCPSRV_MEMFILE_GET_PAGE4(limit, after.unwrap_or(Ipv4Addr::UNSPECIFIED));
            }
        }
    }
}

/// Where leases are by blocks of [`BLOCK`] neighbouring addresses.
#[derive(Debug, Default)]
pub struct Blocks {
    blocks: HashMap<u32, Block, FixedState>,
    /// The numbers of `blocks`, in order.
    order: BTreeSet<u32>,
}

#[derive(Debug)]
struct Block {
    /// Bit i: address i of the block has a lease.
    used: u64,
    slots: [u32; BLOCK as usize],
}

impl Places<Lease4> for Blocks {
    /// The number of a block.
    type Unit = u32;

    fn get(&self, address: Ipv4Addr, _: &[Record<Lease4>]) -> Option<u32> {
        let (number, bit) = place(address);
        let block = self.blocks.get(&number)?;
        (block.used & 1 << bit != 0).then(|| block.slots[bit])
    }

    fn insert(&mut self, address: Ipv4Addr, slot: u32, _: &[Record<Lease4>]) {
        let (number, bit) = place(address);
        let block = self.blocks.entry(number).or_insert_with(|| {
            self.order.insert(number);
            Block { used: 0, slots: [0; BLOCK as usize] }
        });
        block.used |= 1 << bit;
        block.slots[bit] = slot;
    }

    fn remove(&mut self, address: Ipv4Addr, _: &[Record<Lease4>]) -> Option<u32> {
        let (number, bit) = place(address);
        let block = self.blocks.get_mut(&number).filter(|block| block.used & 1 << bit != 0)?;
        let slot = block.slots[bit];
        block.used &= !(1 << bit);
        if block.used == 0 {
            self.blocks.remove(&number);
            self.order.remove(&number);
        }
        Some(slot)
    }

    fn unit_of(address: Ipv4Addr) -> u32 {
        place(address).0
    }

    fn units(&self, from: Bound<u32>, _: &[Record<Lease4>]) -> impl Iterator<Item = u32> {
        self.order.range((from, Bound::Unbounded)).copied()
    }

    fn unit(&self, number: u32, _: &[Record<Lease4>]) -> impl Iterator<Item = (Ipv4Addr, u32)> {
        let block = self.blocks.get(&number);
        block.into_iter().flat_map(move |block| of(number, block))
    }

    fn iter(&self, _: &[Record<Lease4>]) -> impl Iterator<Item = (Ipv4Addr, u32)> {
        self.blocks.iter().flat_map(|(&number, block)| of(number, block))
    }
}

/// The addresses and slots of a block.
fn of(number: u32, block: &Block) -> impl Iterator<Item = (Ipv4Addr, u32)> {
    bits(block.used).map(move |bit| (Ipv4Addr::from_bits(number * BLOCK + bit), block.slots[bit as usize]))
}

/// The block of `address`, and which of its bits.
fn place(address: Ipv4Addr) -> (u32, usize) {
    (address.to_bits() / BLOCK, (address.to_bits() % BLOCK) as usize)
}

/// The positions of the bits set in `word`.
fn bits(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros();
        word &= word.wrapping_sub(1);
        (bit < u64::BITS).then_some(bit)
    })
}
