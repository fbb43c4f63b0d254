//! How decisions are taken, for who asks what would become of a message ([`Server::rehearse`](super::Server::rehearse)).

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{Host4, HostId, HostIdType, LifetimeRange, Stage, SubnetAt};
use kotare_expr::{ClassId, ClassSet};
use kotare_model::{Lease4, Lifetime, SubnetId};
use kotare_wire::v4::{OptionCode, OptionValue};

use super::Edited4;
use super::select::Criterion;
use crate::hooks::Point;
use crate::trace;

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
        found: Option<Arc<Host4>>,
    },
    /// A client that reboots wants to keep an address; the lease that it has here.
    Rebooting(Ipv4Addr, Option<Box<Lease4>>),
    /// An address is looked for.
    Assigning {
        /// What the message belongs to then.
        classes: ClassSet,
        /// The lease that the client has.
        own: Option<Box<Lease4>>,
        /// The subnet where something is reserved for the client.
        home: Option<SubnetAt>,
        /// The address that is reserved; none if any of the subnet is.
        reserved: Option<Ipv4Addr>,
    },
    /// An address is tried.
    Trying(Claim, Ipv4Addr),
    /// An address is not for the client.
    Denied(Ipv4Addr, Denial),
    /// The subnet has no free address in its pools, or no pool for this client.
    Exhausted(SubnetAt),
    /// How long a lease would last.
    Lifetime {
        /// In seconds, as the client is told.
        told: Lifetime,
        /// What is allowed.
        range: LifetimeRange,
        /// Whose values these are.
        scope: Scope,
        /// What the client wishes.
        wish: Option<Lifetime>,
        /// Why it is that.
        why: Span,
    },
    /// The lease is left as it is (`cache-threshold`, or a module said so).
    AsItIs(Ipv4Addr),
    /// An address is the client's.
    Granted {
        /// The address.
        address: Ipv4Addr,
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
    /// Where the fields for booting come from.
    Boot {
        /// Whose `next-server` it is.
        next_server: Scope,
        /// Whose `server-hostname` it is.
        server_hostname: Scope,
        /// Whose `boot-file-name` it is.
        file_name: Scope,
    },
    /// What the message belongs to when its reply is made.
    Belongs(ClassSet),
    /// Where the options of the reply come from, by code.
    Options(Vec<(u8, Scope)>),
    /// Modules changed these options of the message.
    QueryEdited(Vec<u8>),
    /// Modules changed these options of its reply.
    ReplyEdited(Vec<u8>),
    /// Modules of this point would be asked, and are not: they take their time, or do something.
    NotAsked(Point),
}

/// Why an address is not for a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Denial {
    /// Somebody has it, or it is in probation.
    Held(Option<Box<Lease4>>),
    /// It is reserved for somebody else.
    ForOthers,
    /// Another one is reserved for the client, and free.
    NotTheReserved(Ipv4Addr),
    /// It is in no pool that is for the client.
    NoPool,
    /// A module says so.
    Module,
}

impl Step {
    /// A reservation was looked for.
    pub(super) fn host(subnet: SubnetId, id: HostId<'_>, found: Option<&Arc<Host4>>) -> Self {
        Self::HostLookup { subnet, kind: id.kind, id: begun(id.bytes).into(), found: found.cloned() }
    }
}

/// The options that modules changed.
pub(super) fn changed(edited: &Edited4<'_>) -> Vec<u8> {
    let is_other = |code: &u8| {
        let code = OptionCode(*code);
        let (before, after) = (edited.message().option(code), edited.option(code));
        let bytes = |value: Option<OptionValue<'_>>| value.map(|value| value.bytes().collect::<Vec<_>>());
        bytes(before) != bytes(after)
    };
    (1..u8::MAX).filter(|code| edited.changes(OptionCode(*code))).filter(is_other).collect()
}
