//! What the store has to know of a family's leases: their parts, their rows, and how they are found.

use std::fmt::Debug;
use std::ops::Bound;

use kotare_model::LeaseType;
use kotare_store::{Found, Lease};

use crate::record::Record;
use crate::row::{RowError, Scratch};
use crate::schema::Format;
use crate::store::Memfile;
use crate::view::{Unfit, View};

/// An identifier of a lease by which an index finds it; empty if it has none.
pub(crate) type Key<L> = for<'a> fn(&View<'a, L>) -> &'a [u8];

/// A lease that [`Memfile`] keeps: of DHCPv4 or of DHCPv6. Everything else of this crate is the same for both.
///
/// Indexes and queues name a lease by a *handle* of 32 bits, so that they are as small for addresses of 128 bits: the
/// address itself, or the slot that its record is in. A slot may have another lease by the time somebody looks; whoever
/// follows a handle compares what is there with what was looked for.
pub trait Kept: Lease {
    /// What leases of this family alone have, and is no text.
    type Own: Copy + PartialEq + Debug + Send + Sync;
    /// What a record keeps of its address: nothing where the handle is the address.
    type Named: Copy + Debug + Send + Sync;
    /// Room for the bytes of a record, as many as fill a whole number of half cache lines.
    type Room: Copy + Debug + Send + Sync + AsRef<[u8]> + AsMut<[u8]>;
    /// Where the leases are.
    type Places: Places<Self>;
    /// The order of the leases of one client.
    type Order: Copy + Ord + Debug + Send;

    /// The lease file.
    const FORMAT: Format;
    /// By what leases are found, an index each.
    const KEYS: &'static [Key<Self>];
    /// Parts of no lease.
    const NOTHING: (Self::Own, Self::Named, Self::Room);
    /// The least and the greatest order.
    const ORDERS: (Self::Order, Self::Order);

    /// The parts of this lease.
    fn view(&self) -> View<'_, Self>;

    /// The lease of these parts.
    fn of(view: View<'_, Self>) -> Self;

    /// What it is a lease of.
    fn kind(own: &Self::Own) -> LeaseType;

    /// What Kea demands of a lease before it writes or believes it.
    ///
    /// # Errors
    /// What it lacks.
    fn check(view: &View<'_, Self>) -> Result<(), Unfit>;

    /// Where it stands among the leases of its client.
    fn order(view: &View<'_, Self>) -> Self::Order;

    /// Appends its row, with its newline.
    fn render(view: &View<'_, Self>, out: &mut Vec<u8>);

    /// The lease of a row without its newline, in a file whose header has the first `columns` of the format.
    ///
    /// # Errors
    /// What is wrong with it.
    fn parse<'a>(
        line: &'a [u8],
        columns: usize,
        room: &'a mut Scratch,
    ) -> Result<View<'a, Self>, RowError<'a>>;

    /// The address a row begins with, if it does.
    fn address_of(line: &[u8]) -> Option<Self::Address>;

    /// The shard of an address.
    fn shard_of(address: Self::Address) -> usize;

    /// What a record keeps of its address.
    fn named(address: Self::Address) -> Self::Named;

    /// What a lease is called within its shard.
    fn handle(address: Self::Address, slot: u32) -> u32;

    /// The address and slot of what is called so within its shard, or of what came in its place.
    fn locate(handle: u32, places: &Self::Places, slots: &[Record<Self>]) -> Option<(Self::Address, u32)>;

    /// What it is called outside of its shard.
    fn outside(handle: u32, shard: usize) -> u32;

    /// The shard of what is called so outside, and what it is called there.
    fn inside(handle: u32) -> (usize, u32);

    /// The leases asked for.
    fn find(store: &Memfile<Self>, by: Self::By<'_>) -> Found<Self>;

    /// Says in the log what is done.
    fn tell(what: Told<Self::Address>);
}

/// What the log tells of a store.
#[derive(Clone, Copy, Debug)]
pub enum Told<A> {
    /// A lease is added.
    Add(A),
    /// A lease is changed.
    Update(A),
    /// A lease is removed.
    Delete(A),
    /// So many expired leases are looked for.
    Expired(usize),
    /// So many leases above an address are listed.
    Page(usize, Option<A>),
}

/// Where the leases of a shard are: slots by address, in units that are near each other. Whoever asks shows the records, so
/// that nobody has to keep an address twice.
pub trait Places<L: Kept>: Debug + Default + Send + Sync {
    /// What is listed at once.
    type Unit: Copy + Ord + Debug;

    /// The slot of an address.
    fn get(&self, address: L::Address, slots: &[Record<L>]) -> Option<u32>;

    /// Notes the slot of an address that had none; the record is there.
    fn insert(&mut self, address: L::Address, slot: u32, slots: &[Record<L>]);

    /// Forgets an address, whose record is still there.
    fn remove(&mut self, address: L::Address, slots: &[Record<L>]) -> Option<u32>;

    /// The unit that an address is in.
    fn unit_of(address: L::Address) -> Self::Unit;

    /// The units from here on, in order.
    fn units(&self, from: Bound<Self::Unit>, slots: &[Record<L>]) -> impl Iterator<Item = Self::Unit>;

    /// The addresses and slots of a unit, in order.
    fn unit(&self, unit: Self::Unit, slots: &[Record<L>]) -> impl Iterator<Item = (L::Address, u32)>;

    /// All addresses and slots, in no order.
    fn iter(&self, slots: &[Record<L>]) -> impl Iterator<Item = (L::Address, u32)>;
}

/// The unit of the places of a kind of leases.
pub(crate) type Unit<L> = <<L as Kept>::Places as Places<L>>::Unit;
