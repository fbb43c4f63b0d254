//! Questions for leases, and how many of them are asked in one statement.

use kotare_model::SubnetId;
use kotare_store::{Found, Lease};

use super::layout::Layout;
use crate::value::Value;

/// A question that may outlive whoever asked it.
pub trait Question<L: Lease>: Clone + Send + Sync + std::fmt::Debug + 'static {
    /// The same with what it borrowed.
    fn of(by: L::By<'_>) -> Self;

    /// Whether it names nothing, so that no lease answers it.
    fn is_empty(&self) -> bool;

    /// What of it the database is asked. Questions of the same columns go into one statement; all that may be the answer to
    /// any of them comes back.
    fn asked(&self, layout: &Layout) -> Asked<'_>;

    /// The answer to it, of rows that may answer others.
    fn pick(&self, rows: &[L]) -> Found<L>;
}

/// What of a question the database is asked.
#[derive(Debug)]
pub struct Asked<'a> {
    /// What rows have to be like, column by column.
    pub(crate) wanted: Vec<Wanted>,
    /// The subnets of which they have to be, if it matters.
    pub(crate) subnets: Option<&'a [SubnetId]>,
    /// Whether text is compared in lower case.
    pub(crate) folded: bool,
}

/// What a column has to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) column: &'static str,
    pub(crate) value: Value,
}

impl Asked<'_> {
    /// Whether both can be asked in one statement.
    pub(crate) fn goes_with(&self, other: &Asked<'_>) -> bool {
        self.wanted.iter().map(|it| it.column).eq(other.wanted.iter().map(|it| it.column))
            && self.subnets.is_some() == other.subnets.is_some()
    }

    /// What puts questions that do not go into one list into an order.
    pub(crate) fn order(&self) -> (Vec<&'static str>, bool) {
        (self.wanted.iter().map(|it| it.column).collect(), self.subnets.is_some())
    }
}
