//! How decisions are taken, for who asks what would become of a message.

use kotare_config::v6::SubnetAt;
use kotare_expr::{ClassId, ClassSet};

use super::select::Criterion;
use crate::trace;

pub use crate::trace::{Because, Heard, Said};

/// Takes the steps to a decision, if anybody wants to know them.
pub(crate) type Trace = trace::Trace<Step>;

/// A step to what becomes of a message, in the order in which they are made.
#[derive(Clone, Debug)]
pub enum Step {
    /// The message is of a class that no expression puts it into.
    Joined(ClassId, Because),
    /// Where the client is was looked up.
    Selecting {
        /// By what.
        by: Criterion,
        /// What was found.
        found: Option<SubnetAt>,
        /// What the message belongs to so far.
        classes: ClassSet,
    },
}
