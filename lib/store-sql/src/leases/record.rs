//! A lease as a row.

use std::fmt::Debug;

use kotare_model::{HostName, LeaseState, Lifetime, Timestamp};
use kotare_store::Lease;

use super::layout::Layout;
use super::question::Question;
use super::relayed::Relays;
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

    /// What tables beside its own have of it.
    #[doc(hidden)]
    fn relays(&self) -> Relays {
        Relays::default()
    }

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

/// The last second of the year 9999. What ends later, or as long before 1970, was not written by who keeps leases, and does
/// not come back from every engine as it was.
const LATEST: i64 = 253_402_300_799;

/// When a lease was given, from `expire`.
pub(super) fn cltt(expire: Option<i64>, valid: Lifetime) -> Result<Timestamp, &'static str> {
    let expire = expire.filter(|expire| (-LATEST..=LATEST).contains(expire)).ok_or("expire")?;
    Ok(Timestamp(if valid == Lifetime::INFINITE { expire } else { expire - i64::from(valid.0) }))
}

/// Bytes, of which there may be none. A text, which SQLite may have there, is something else to it.
pub(super) fn bytes<'a>(row: &'a Row, column: usize, name: &'static str) -> Result<&'a [u8], &'static str> {
    match row.0.get(column) {
        Some(Value::Bytes(bytes)) => Ok(bytes),
        Some(Value::Null(_)) => Ok(&[]),
        _ => Err(name),
    }
}

/// A state.
pub(super) fn state(row: &Row, column: usize) -> Result<LeaseState, &'static str> {
    row.number(column).and_then(LeaseState::from_number).ok_or("state")
}

/// Why the end of a lease cannot be kept, if it cannot: of one that is too late MySQL would make none.
pub(super) fn too_late<L: Record>(lease: &L, layout: &Layout) -> Option<String> {
    let (until, latest) = (lease.until(), layout.engine.latest());
    (until > latest).then(|| format!("it lasts until {until}, and times in the database end at {latest}"))
}

/// As many characters as the column of names has.
const NAME: usize = 255;

/// A name as text: what is no UTF-8 is replaced, and zero bytes, which PostgreSQL has in no text, are left out.
pub(super) fn name(name: &HostName) -> Value {
    let text = name.to_str();
    Value::Text(text.chars().filter(|character| *character != '\0').take(NAME).collect())
}

/// Text that is missing if it is empty.
pub(super) fn text_or_null(text: Option<&str>) -> Value {
    text.map_or(Value::Null(Kind::Text), Value::from)
}

/// Bytes that are missing if there are none.
pub(super) fn bytes_or_null(bytes: &[u8]) -> Value {
    if bytes.is_empty() { Value::Null(Kind::Bytes) } else { Value::from(bytes) }
}
