//! Updates of the DNS for leases, without sockets: nothing here sends, reads a clock or takes a chance.
//!
//! A server of DHCP asks for a change of a name with a [`ChangeRequest`]. A [`Queue`] takes requests and gives them out
//! so that those for one name or one address follow each other, and a [`Journal`] keeps them in a file until they are done;
//! an [`Outbox`] has both for what a server of DHCP asks for. [`Zones`] says which DNS servers are asked. What is asked of them
//! is a [`Transaction`]: it says what to send ([`Transaction::attempt`]), is told what came of it ([`Heard`]), and
//! says how it goes on. Which step follows which is one function, [`next`]; what each step sends is a table of
//! `records.rs`. Steps of several transactions go in one message where they can ([`Bundles`]). Messages are put together and
//! taken apart by the `domain` crate and signed by a [`Key`] (RFC 8945), which may be one that was agreed on with the server
//! ([`gss_tsig`]).

mod answer;
mod attempt;
mod bundles;
mod dhcid;
pub mod gss_tsig;
mod journal;
mod key;
mod messages;
mod name;
mod next;
mod numbered;
mod outbox;
mod outcome;
mod parcel;
mod queue;
mod receipt;
mod reconcile;
mod records;
mod request;
mod signature;
mod told;
mod transaction;
mod unheard;
mod zones;

pub use answer::{Heard, Rcode};
pub use attempt::Attempt;
pub use bundles::{Bundle, Bundles, Finished};
pub use dhcid::Dhcid;
pub use journal::{Append, Copied, Journal, JournalCopy, JournalFile, Kept, Medium, Placed, Replay};
pub use key::{Algorithm, Key, KeyError, SecurityContext};
pub use messages::MESSAGES;
pub use name::{Name, NameError};
pub use next::{MAX_TRIES, Move, Plan, Step, next};
pub use outbox::{Foretold, Outbox, Partner};
pub use parcel::{LONGEST_PARCEL, Letter, parcels, unpack};
pub use queue::{Full, Queue, Ticket};
pub use receipt::Ask;
pub use reconcile::{
    Contents, Copies, LONGEST_SILENCE, MOST_RECORDS, Ranges, Repair, Transfer, TransferError, repair,
};
pub use request::{Change, ChangeRequest, ConflictResolution, MAX_DATAGRAM, RequestError};
pub use transaction::{Action, Transaction};
pub use zones::{DnsServer, Unplaced, Zone, Zones};
