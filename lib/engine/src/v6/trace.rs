//! How decisions are taken, for who asks what would become of a message.

use std::sync::Arc;

use kotare_config::v6::{Host6, HostId, HostIdType, Stage, SubnetAt};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::SubnetId;
use kotare_wire::v6::OptionCode;

use super::Edited6;
use super::select::Criterion;
use crate::trace;

pub use crate::trace::{Because, Heard, Said};

pub(super) use crate::trace::begun;

/// Takes the steps to a decision, if anybody wants to know them.
pub(crate) type Trace = trace::Trace<Step>;

/// A step to what becomes of a message, in the order in which they are made.
#[derive(Clone, Debug)]
pub enum Step {
    /// The message is of a class that no expression puts it into.
    Joined(ClassId, Because),
    /// A reservation gave classes: those that expressions gave are found out anew.
    ClassesAnew,
    /// An expression was evaluated.
    Evaluated {
        /// The class it is of.
        class: ClassId,
        /// When.
        stage: Stage,
        /// What it says.
        said: Said,
        /// What its parts were, the inner before the outer.
        parts: Vec<Heard>,
    },
    /// Where the client is was looked up.
    Selecting {
        /// By what.
        by: Criterion,
        /// What was found.
        found: Option<SubnetAt>,
        /// What the message belongs to so far.
        classes: ClassSet,
    },
    /// Modules put the client elsewhere, or nowhere.
    SelectedByModule(Option<SubnetAt>),
    /// A module names the client in reservations.
    FlexId(Box<[u8]>),
    /// A reservation was looked for.
    HostLookup {
        /// In this subnet, or globally.
        subnet: SubnetId,
        /// What the client is called.
        kind: HostIdType,
        /// Its value.
        id: Box<[u8]>,
        /// What was found.
        found: Option<Arc<Host6>>,
    },
    /// What the message belongs to when its reply is made.
    Belongs(ClassSet),
    /// Modules changed these options of the message.
    QueryEdited(Vec<u16>),
    /// Modules changed these options of its reply.
    ReplyEdited(Vec<u16>),
}

impl Step {
    /// A reservation was looked for.
    pub(super) fn host(subnet: SubnetId, id: HostId<'_>, found: Option<&Arc<Host6>>) -> Self {
        Self::HostLookup { subnet, kind: id.kind, id: begun(id.bytes).into(), found: found.cloned() }
    }
}

/// The options that modules changed.
pub(super) fn changed(edited: &Edited6<'_>) -> Vec<u16> {
    let is_other = |code: &OptionCode| !edited.message().all(*code).eq(edited.option(*code));
    edited.codes().filter(is_other).map(|code| code.0).collect()
}
