//! How decisions are taken, for who asks what would become of a message ([`Server::rehearse`](super::Server::rehearse)).

use kotare_config::v6::{Host6, SubnetAt};
use kotare_expr::ClassSet;
use kotare_model::{Lease6, LeaseType};
use kotare_wire::v6::OptionCode;

use super::select::Criterion;
use super::{Edited6, Lifetimes, Outcome, Place, Query6, Refused};
use crate::hooks::v6::Point6;
use crate::trace::{self, Traced};

pub use super::lifetime::{RangeScopes, Ranges};
pub use crate::trace::{Because, Claim, Heard, NamedBy, Said, Scope, Span};

pub(super) use crate::trace::begun;

/// Takes the steps to a decision, if anybody wants to know them.
pub(crate) type Trace = trace::Trace<Traced6>;

/// A step to what becomes of a message, in the order in which they are made.
pub type Step = trace::Step<Traced6>;

/// DHCPv6, as its decisions are told.
#[derive(Clone, Debug)]
pub enum Traced6 {}

impl Traced for Traced6 {
    type Lease = Lease6;
    type Host = Host6;
    type Criterion = Criterion;
    type Place = Place;
    type Denial = Denial;
    type Code = u16;
    type Point = Point6;
    type Own = Own;
    type Query = Query6;
    type Outcome = Outcome;
    type Refused = Refused;
}

/// A step that only DHCPv6 makes.
#[derive(Clone, Debug)]
pub enum Own {
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
    /// A lease is taken from the client: it must not have it any more.
    Revoked(Place),
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

/// The options that modules changed.
pub(super) fn changed(edited: &Edited6<'_>) -> Vec<u16> {
    let is_other = |code: &OptionCode| !edited.message().all(*code).eq(edited.all(*code));
    edited.codes().filter(is_other).map(|code| code.0).collect()
}
