//! The steps to a decision.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use kotare_config::common::{HostId, HostIdType, Stage, SubnetAt};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::SubnetId;

use super::{Because, Claim, Heard, NamedBy, Said, Scope, begun};
use crate::{LeaseChanged, Leased};

/// A protocol whose decisions are told step by step: of what its steps speak.
pub trait Traced: Clone + Debug + 'static {
    /// What clients get.
    type Lease: Leased;
    /// A reservation.
    type Host: Debug;
    /// What a subnet is looked up by.
    type Criterion: Clone + Debug;
    /// What is given: an address, or a prefix.
    type Place: Copy + Debug + PartialEq;
    /// Why something is not for a client.
    type Denial: Clone + Debug;
    /// A code of an option.
    type Code: Copy + Debug + PartialEq;
    /// Where modules have a say.
    type Point: Copy + Debug + Display;
    /// A step that only this protocol makes.
    type Own: Clone + Debug;
    /// What is known of a message.
    type Query: Debug;
    /// What came of it.
    type Outcome: Debug;
    /// Why it is not let in.
    type Refused: Debug;
}

/// A step to what becomes of a message, in the order in which they are made.
#[derive(Clone, Debug)]
pub enum Step<T: Traced> {
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
        by: T::Criterion,
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
        found: Option<Arc<T::Host>>,
    },
    /// Something is tried.
    Trying(Claim, T::Place),
    /// Something is not for the client.
    Denied(T::Place, T::Denial),
    /// The subnet has nothing free in its pools, or no pool for this client.
    Exhausted(SubnetAt),
    /// A lease is left as it is (`cache-threshold`, or a module said so).
    AsItIs(T::Place),
    /// Something is the client's.
    Granted {
        /// What.
        place: T::Place,
        /// Whether it has a lease of it already.
        renews: bool,
    },
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
    Options(Vec<(T::Code, Scope)>),
    /// Modules changed these options of the message.
    QueryEdited(Vec<T::Code>),
    /// Modules changed these options of its reply.
    ReplyEdited(Vec<T::Code>),
    /// Modules of this point would be asked, and are not: they take their time, or do something.
    NotAsked(T::Point),
    /// What only this protocol has.
    Own(T::Own),
}

impl<T: Traced> Step<T> {
    /// A reservation was looked for.
    pub(crate) fn host(subnet: SubnetId, id: HostId<'_>, found: Option<&Arc<T::Host>>) -> Self {
        Self::HostLookup { subnet, kind: id.kind, id: begun(id.bytes).into(), found: found.cloned() }
    }
}

/// What would become of a message.
#[derive(Debug)]
pub struct Rehearsed<T: Traced> {
    /// What is known of it, if it would be let in.
    pub query: Option<T::Query>,
    /// What would come of it, or why it would not be let in.
    pub outcome: Result<T::Outcome, Box<T::Refused>>,
    /// How that is decided.
    pub steps: Vec<Step<T>>,
    /// The leases that would be changed.
    pub changes: Vec<LeaseChanged<T::Lease>>,
}
