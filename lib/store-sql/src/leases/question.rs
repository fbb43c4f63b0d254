//! Questions for leases, and how many of them are asked in one statement.

use kotare_model::SubnetId;
use kotare_store::{Found, Lease};
use smallvec::SmallVec;

use super::layout::Layout;
use crate::value::Value;

/// An identifier of a client, in its place where it is of a usual length: questions go to another thread, and what one thread
/// allocates and another frees costs both.
pub(super) type Id = SmallVec<[u8; 24]>;

/// The subnets of a link, in the same way.
pub(super) type Subnets = SmallVec<[SubnetId; 4]>;

/// A question that may outlive whoever asked it.
pub trait Question<L: Lease>: Clone + Send + Sync + std::fmt::Debug + 'static {
    /// The same with what it borrowed.
    fn of(by: L::By<'_>) -> Self;

    /// Whether it names nothing, so that no lease answers it.
    fn is_empty(&self) -> bool;

    /// Which list it is in: those of one list ask for the same columns, with or without subnets, and go into one statement.
    /// Lists have an order, so that there are few different statements.
    fn list(&self) -> u8;

    /// What of it the database is asked. All that may be the answer to any question of a list comes back.
    fn asked(&self, layout: &Layout) -> Asked<'_>;

    /// The answer to it, of rows that may answer others.
    fn pick(&self, rows: &[L]) -> Found<L>;
}

/// What of a question the database is asked.
#[derive(Debug)]
pub struct Asked<'a> {
    /// What rows have to be like, column by column.
    pub(crate) wanted: SmallVec<[Wanted; 2]>,
    /// The subnets of which they have to be, if it matters.
    pub(crate) subnets: Option<&'a [SubnetId]>,
    /// Whether text is compared in lower case.
    pub(crate) folded: bool,
}

/// What a column has to be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) column: &'static str,
    pub(crate) value: Value,
}
