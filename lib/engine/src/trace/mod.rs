//! Where the steps to a decision are taken down, for who asks what would become of a message.
//!
//! A decision is told where it is taken, at the places where debug levels tell of it, too. What is told lies with the query,
//! which is at hand everywhere; that of a message which came has no room for it, and each place costs it a branch.

mod step;

use std::fmt;
use std::sync::Arc;

use kotare_expr::{ClassId, Part, PartValue};
use parking_lot::Mutex;

pub use step::{Rehearsed, Step, Traced};

/// How many steps are kept.
const MAX_STEPS: usize = 20_000;
/// How many parts of an expression are kept.
const MAX_PARTS: usize = 200;
/// How many bytes are kept of a value.
const MAX_VALUE: usize = 256;

/// Takes the steps to a decision, if anybody wants to know them.
#[derive(Debug)]
pub(crate) struct Trace<T: Traced>(Option<Arc<Mutex<Vec<Step<T>>>>>);

impl<T: Traced> Trace<T> {
    /// One that somebody wants.
    pub(crate) fn wanted() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether somebody wants it.
    #[inline]
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Adds a step, if somebody wants it.
    #[inline]
    pub(crate) fn note(&self, step: impl FnOnce() -> Step<T>) {
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
    pub(crate) fn take(&self) -> Vec<Step<T>> {
        self.0.as_ref().map(|steps| std::mem::take(&mut *steps.lock())).unwrap_or_default()
    }
}

impl<T: Traced> Clone for Trace<T> {
    /// The same steps.
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Traced> Default for Trace<T> {
    /// One that nobody wants.
    fn default() -> Self {
        Self(None)
    }
}

/// As much of a value as is kept.
pub(crate) fn begun(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(MAX_VALUE)].to_vec()
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
    pub(crate) fn add(parts: &mut Vec<Self>, part: Part<'_>) {
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

/// Why an address or prefix is tried.
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
