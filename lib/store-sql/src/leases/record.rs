//! A lease as a row.

use std::fmt::Debug;

use kotare_model::{LeaseState, Lifetime, Timestamp};
use kotare_store::Lease;

use super::layout::Layout;
use super::question::Question;
use crate::column::Column;
use crate::value::{Kind, Row, Value};

/// What [`SqlLeases`](super::SqlLeases) keeps: a lease of either family, as a row of its table.
pub trait Record: Lease + Debug {
    /// A question for leases that may outlive whoever asked.
    #[doc(hidden)]
    type Question: Question<Self>;

    /// The table.
    #[doc(hidden)]
    const TABLE: &'static str;

    /// The address, with the table.
    #[doc(hidden)]
    const ADDRESS: &'static str;

    /// Its columns, the address first.
    #[doc(hidden)]
    fn columns(layout: &Layout) -> Vec<Column>;

    /// The values of the columns.
    #[doc(hidden)]
    fn values(&self, layout: &Layout) -> Vec<Value>;

    /// The lease of a row with these columns; what is wrong with it if it is none.
    #[doc(hidden)]
    fn of_row(row: &Row, layout: &Layout) -> Result<Self, &'static str>;

    /// The address in the first column.
    #[doc(hidden)]
    fn address_of(row: &Row, layout: &Layout) -> Option<Self::Address>;

    /// What stands for a row at an address that is no lease: a lease of nobody that never ends, so that nobody is given
    /// the address while the row is there. None if the row does not even say the address.
    #[doc(hidden)]
    fn unusable(row: &Row, layout: &Layout) -> Option<Self>;

    /// `expire`, in seconds since 1970.
    #[doc(hidden)]
    fn until(&self) -> i64;

    /// An address as the first column has it.
    #[doc(hidden)]
    fn address_value(address: Self::Address, layout: &Layout) -> Value;

    /// The columns that tell a lease from what became of it meanwhile: who has it, until when, in what state.
    #[doc(hidden)]
    const TELLING: &'static [&'static str];
}

/// `expire`: the end of a lease, of one without end when it was given, as Kea has it.
pub(super) fn expire(cltt: Timestamp, valid: Lifetime) -> i64 {
    if valid == Lifetime::INFINITE { cltt.0 } else { cltt.0.saturating_add(valid.0.into()) }
}

/// When a lease was given, from `expire`.
pub(super) fn cltt(expire: i64, valid: Lifetime) -> Timestamp {
    Timestamp(if valid == Lifetime::INFINITE { expire } else { expire.saturating_sub(valid.0.into()) })
}

/// A state; a row of an old schema without one is assigned.
pub(super) fn state(row: &Row, column: usize) -> Result<LeaseState, &'static str> {
    match row.is_null(column) {
        true => Ok(LeaseState::Assigned),
        false => row.number(column).and_then(LeaseState::from_number).ok_or("state"),
    }
}

/// Text that is missing if it is empty.
pub(super) fn text_or_null(text: Option<&str>) -> Value {
    text.map_or(Value::Null(Kind::Text), Value::from)
}

/// Bytes that are missing if there are none.
pub(super) fn bytes_or_null(bytes: &[u8]) -> Value {
    if bytes.is_empty() { Value::Null(Kind::Bytes) } else { Value::from(bytes) }
}
