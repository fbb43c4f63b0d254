//! How decisions are taken, for who asks what would become of a message ([`Server::rehearse`](super::Server::rehearse)).
//!
//! A decision is told where it is taken, at the places where debug levels tell of it, too. What is told lies with the query,
//! which is at hand everywhere; that of a message which came has no room for it, and each place costs it a branch.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{Host4, HostId, HostIdType, LifetimeRange, Stage, SubnetAt};
use kotare_expr::{ClassId, ClassSet, Part, PartValue};
use kotare_model::{Lease4, Lifetime, SubnetId};
use kotare_wire::v4::{OptionCode, OptionValue};
use parking_lot::Mutex;

use super::Edited4;
use super::select::Criterion;
use crate::hooks::Point;

/// How many steps are kept.
const MAX_STEPS: usize = 20_000;
/// How many parts of an expression are kept.
const MAX_PARTS: usize = 200;
/// How many bytes are kept of a value.
const MAX_VALUE: usize = 256;

/// Takes the steps to a decision, if anybody wants to know them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Option<Arc<Mutex<Vec<Step>>>>);

impl Trace {
    /// One that somebody wants.
    pub(super) fn wanted() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether somebody wants it.
    #[inline]
    pub(super) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Adds a step, if somebody wants it.
    #[inline]
    pub(super) fn note(&self, step: impl FnOnce() -> Step) {
        if let Some(steps) = &self.0 {
            std::hint::cold_path();
            let step = step();
            let mut steps = steps.lock();
            if steps.len() < MAX_STEPS {
                steps.push(step);
            }
        }
    }

    /// What there is so far.
    pub(super) fn take(&self) -> Vec<Step> {
        self.0.as_ref().map(|steps| std::mem::take(&mut *steps.lock())).unwrap_or_default()
    }
}

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

/// Why a message is of a class without an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// Every message is of it, or it is made of what kind the message is.
    BuiltIn,
    /// It is made of the vendor class (option 60).
    VendorClass,
    /// A template has a value that makes it.
    Template,
    /// A reservation says so.
    Reservation,
    /// There is a reservation, or there is none.
    Known,
    /// A pool, subnet or network asks for it, and it has no expression.
    Additional,
    /// A module says so.
    Module,
    /// Whoever asks assumes it.
    Assumed,
}

/// What an expression says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A test.
    Truth(bool),
    /// A template has this value; without one it makes no class.
    Value(Vec<u8>),
    /// It cannot be evaluated.
    Failure(String),
}

/// A part of an expression and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The part, as it is written.
    pub part: String,
    /// Its value.
    pub value: Said,
}

impl Heard {
    /// Adds a part to those that are kept.
    pub(super) fn add(parts: &mut Vec<Self>, part: Part<'_>) {
        if parts.len() >= MAX_PARTS {
            return;
        }
        let value = match part.value {
            PartValue::Truth(truth) => Said::Truth(truth),
            PartValue::Bytes(bytes) => Said::Value(begun(bytes)),
        };
        let heard = Self { part: part.to_string(), value };
        if !parts.contains(&heard) {
            parts.push(heard);
        }
    }
}

/// As much of a value as is kept.
pub(super) fn begun(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(MAX_VALUE)].to_vec()
}

/// Why an address is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is reserved for the client.
    Reserved,
    /// The client has a lease of it.
    Own,
    /// The client asks for it.
    Requested,
    /// It is the next free one of a pool.
    Free,
    /// Its lease has ended.
    Expired,
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

/// Why a lease lasts as long as it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// It is a client of BOOTP, which knows of no end.
    Bootp,
    /// Addresses are scarce (`adaptive-lease-time-threshold`).
    Scarce,
    /// As the client wishes, as far as that is allowed, or the usual one if it wishes nothing.
    Usual,
}

/// Whose idea a client's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// It is reserved for it.
    Reservation,
    /// The client calls itself so.
    Client,
    /// It was made up from its address.
    Server,
}

/// Where something is written that a client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In its reservation.
    Reservation,
    /// In its pool.
    Pool,
    /// In its subnet.
    Subnet,
    /// In its shared network.
    Network,
    /// In this class.
    Class(ClassId),
    /// For the whole server.
    Global,
    /// In its subnet, or in what that inherits from.
    Inherited,
    /// The server makes it itself.
    Server,
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

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reserved => "reserved",
            Self::Own => "existing lease",
            Self::Requested => "requested",
            Self::Free => "next free",
            Self::Expired => "lease ended",
        })
    }
}
