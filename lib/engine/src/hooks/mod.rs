//! Where modules have a say: typed points of the flow, and observers of leases.
//!
//! A point is a small trait; a module implements those of the points it serves, and is registered for just these. What
//! a point gives is a view of the message and its facts, what it takes is a [`Verdict`]. Modules of one point run in
//! the order of their registration, which is the order of `hooks-libraries`. At the three points where a module may
//! have to wait for somebody (a ping, a partner server, a RADIUS server) it answers with a [`Step`]: now, or later; the
//! exchange waits, the worker does not. A point that nobody registered for costs one branch.
//!
//! Which modules there are the engine does not know.
//!
//! - [`v4`]: the points of the DHCPv4 flow, in the order a message meets them, and [`Hooks4`](v4::Hooks4), the list of
//!   who is registered.
//! - [`v6`]: those of the DHCPv6 flow.
//! - `event`: what an observer is told of a lease ([`LeaseEvent4`]).
//! - `monitor`: watches how long messages take.
//! - `query`: what a query for leases needs at its point.
//! - `round`: what exchanges had gathered is written down before their replies leave.
//! - `parking`: how many messages may wait at a point (`parked-packet-limit`).

mod event;
mod monitor;
mod name;
mod parking;
mod query;
mod round;
mod step;
pub mod v4;
pub mod v6;

pub use event::{Cause, Foretold, LeaseChange, LeaseEvent, LeaseEvent4, LeaseEvent6, Observer4, Observer6};
pub use monitor::{Monitor, Timed, Times};
pub use name::NameDraft;
pub use parking::Point;
pub use query::{Answering, Named};
pub use round::RoundEnd;
pub use step::{Expiry, Step, Verdict, Verdict6};

pub(crate) use parking::Parking;
