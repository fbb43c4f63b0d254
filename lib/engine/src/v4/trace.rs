//! How decisions are taken, for who asks what would become of a message ([`Server::rehearse`](super::Server::rehearse)).

use std::net::Ipv4Addr;

use kotare_config::v4::{Host4, LifetimeRange, SubnetAt};
use kotare_expr::ClassSet;
use kotare_model::{Lease4, Lifetime};
use kotare_wire::v4::{OptionCode, OptionValue};

use super::select::Criterion;
use super::{Edited4, Outcome, Query4, Refused};
use crate::hooks::Point;
use crate::trace::{self, Traced};

pub use crate::trace::{Because, Claim, Heard, NamedBy, Said, Scope, Span};

pub(super) use crate::trace::begun;

/// Takes the steps to a decision, if anybody wants to know them.
pub(crate) type Trace = trace::Trace<Traced4>;

/// A step to what becomes of a message, in the order in which they are made.
pub type Step = trace::Step<Traced4>;

/// DHCPv4, as its decisions are told.
#[derive(Clone, Debug)]
pub enum Traced4 {}

impl Traced for Traced4 {
    type Lease = Lease4;
    type Host = Host4;
    type Criterion = Criterion;
    type Place = Ipv4Addr;
    type Denial = Denial;
    type Code = u8;
    type Point = Point;
    type Own = Own;
    type Query = Query4;
    type Outcome = Outcome;
    type Refused = Refused;
}

/// A step that only DHCPv4 makes.
#[derive(Clone, Debug)]
pub enum Own {
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
    /// Where the fields for booting come from.
    Boot {
        /// Whose `next-server` it is.
        next_server: Scope,
        /// Whose `server-hostname` it is.
        server_hostname: Scope,
        /// Whose `boot-file-name` it is.
        file_name: Scope,
    },
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
