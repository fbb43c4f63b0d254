//! How decisions are taken, for who asks what would become of a message ([`Server::rehearse`](super::Server::rehearse)).

use std::sync::Arc;

use kotare_config::v6::{Host6, HostId, HostIdType, Stage, SubnetAt};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::{Lease6, LeaseType, SubnetId};
use kotare_wire::v6::OptionCode;

use super::select::Criterion;
use super::{Edited6, Lifetimes, Place};
use crate::hooks::v6::Point6;
use crate::trace;

pub use super::lifetime::{RangeScopes, Ranges};
pub use crate::trace::{Because, Claim, Heard, NamedBy, Said, Scope, Span};

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
    /// Something is looked for, for an association of the message.
    Assigning {
        /// Addresses or prefixes.
        kind: LeaseType,
        /// Which one it is of the client's.
        iaid: u32,
        /// What the message belongs to then.
        classes: ClassSet,
        /// The leases that it has.
        own: Vec<Lease6>,
        /// What is reserved for the client, each with the subnet that it is given from.
        reserved: Vec<(Place, SubnetAt)>,
        /// The subnet whose reservation for the client names nothing: anything of it will do.
        home: Option<SubnetAt>,
    },
    /// Something is tried.
    Trying(Claim, Place),
    /// Something is not for the client.
    Denied(Place, Denial),
    /// The subnet has nothing free in its pools, or no pool for this client.
    Exhausted(SubnetAt),
    /// How long a lease would last.
    Lifetimes {
        /// What it is of.
        place: Place,
        /// As the client is told.
        told: Lifetimes,
        /// What is allowed.
        ranges: Ranges,
        /// Where that is written.
        scopes: RangeScopes,
        /// What the client wishes; 0 for nothing.
        wish: Lifetimes,
        /// Why it is that.
        why: Span,
    },
    /// A lease is left as it is (`cache-threshold`, or a module said so).
    AsItIs(Place),
    /// Something is the client's.
    Granted {
        /// What.
        place: Place,
        /// Whether it has a lease of it already.
        renews: bool,
    },
    /// A lease is taken from the client: it must not have it any more.
    Revoked(Place),
    /// The client's name.
    Name {
        /// The name.
        text: String,
        /// Whose idea it is.
        by: NamedBy,
    },
    /// What the message belongs to when its reply is made.
    Belongs(ClassSet),
    /// Where the options of the reply come from, by code.
    Options(Vec<(u16, Scope)>),
    /// Modules changed these options of the message.
    QueryEdited(Vec<u16>),
    /// Modules changed these options of its reply.
    ReplyEdited(Vec<u16>),
    /// Modules of this point would be asked, and are not: they take their time, or do something.
    NotAsked(Point6),
}

/// Why something is not for a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Denial {
    /// Somebody has it, or it is in probation, or what it is in or holds is somebody's.
    Held(Option<Box<Lease6>>),
    /// It is reserved for somebody else.
    ForOthers,
    /// It is in no pool that is for the client.
    NoPool,
    /// A module says so.
    Module,
}

impl Step {
    /// A reservation was looked for.
    pub(super) fn host(subnet: SubnetId, id: HostId<'_>, found: Option<&Arc<Host6>>) -> Self {
        Self::HostLookup { subnet, kind: id.kind, id: begun(id.bytes).into(), found: found.cloned() }
    }
}

/// The options that modules changed.
pub(super) fn changed(edited: &Edited6<'_>) -> Vec<u16> {
    let is_other = |code: &OptionCode| !edited.message().all(*code).eq(edited.all(*code));
    edited.codes().filter(is_other).map(|code| code.0).collect()
}
