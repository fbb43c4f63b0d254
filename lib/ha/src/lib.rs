//! High availability: how servers that share clients take over from each other, without I/O.
//!
//! A [`Machine`] is a server of a [`Relationship`]. It is told what happens (the partner answered, an update was refused,
//! time has passed) and says what is to be done ([`Action`]); it sends nothing and reads no clock. Which state follows is
//! one function ([`next`]) of state, [`Input`] and what is [`Seen`]. Transitions are Kea's, but for what makes a pair whole
//! again by itself; each of these says so where it stands.
//!
//! [`Scopes`] says whose clients are whose, [`SyncPlan`] and [`decide`] how the partner's leases come here, [`Asker`],
//! [`Heartbeat`] and [`read_answer`] what partners tell each other, [`Differing`] what they are configured with otherwise.

mod backlog;
mod contact;
mod hash;
mod judge;
mod machine;
mod messages;
mod mode;
mod moment;
mod relationship;
mod relationships;
mod scopes;
mod state;
mod sync;
mod terms;
mod transitions;
mod wire;

pub use backlog::Backlog;
pub use contact::{ClientKey, Contact, Skew, Waiting, tried4, tried6};
pub use hash::{hash, hash4, hash6};
pub use judge::Place;
pub use machine::{Action, Answer, Expired, Machine, Notified, Overheard, Route, Ticket};
pub use messages::MESSAGES;
pub use mode::{Mode, Pause, Role};
pub use moment::Moment;
pub use relationship::{Peer, Relationship, Threading, Tls};
pub use relationships::{judge_together, of_command, server_of_subnet, with_server};
pub use scopes::{Belonging, Scopes, class, shares4, shares6};
pub use state::{Partner, Served, State};
pub use sync::{Difference, Differences, Stretch, SubnetFilter, SyncPlan, SyncStep, Synced, Verdict, decide};
pub use terms::{Differing, Term};
pub use transitions::{Input, Next, Seen, Task, next};
pub use wire::{
    Asker, Beyond, COMMANDS4, COMMANDS6, Heartbeat, Refusal, http_date, read_answer, read_http_date, result,
};
