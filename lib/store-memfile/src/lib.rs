//! Leases in memory with Kea's CSV journal: the `memfile` lease backend.
//!
//! Everything is synchronous inside: a future of this store is ready at its first poll, and no lock is held
//! across anything but memory, except by [`LeaseStore::flush`](kotare_store::LeaseStore::flush) and
//! [`Memfile::rotate`], which hold the file (never a lease) while they write. This crate reads no clock,
//! starts no program and no timer: the server decides when to clean up and spawns `kea-lfc` with
//! [`LfcFiles::arguments`]; the program calls [`cleanup`].

mod anew;
mod clients;
#[cfg(test)]
mod crash_tests;
mod disk;
mod draft;
mod dump;
mod files;
mod journal;
mod kept;
mod kept4;
mod kept6;
mod lfc;
mod lines;
mod load;
pub mod messages;
mod open;
mod order;
mod queue;
mod record;
mod relayed;
mod repair;
mod row;
mod row4;
mod row6;
mod rows;
mod schema;
mod sent;
mod set;
mod snapshot;
mod store;
mod table;
mod tail;
mod texts;
mod view;
mod writer;

pub use draft::Sheet;
pub use files::is_full;
pub use kept::Kept;
pub use kotare_model::Durability;
pub use lfc::{Cleaned, Finish, LfcFiles, PROGRAM, cleanup};
pub use open::{Loaded, Options};
pub use repair::{Repaired, repair};
pub use rows::{Row, RowLease};
pub use sent::{Sent, append_row, each_row, header};
pub use set::FileSet;
pub use snapshot::Snapshot;
pub use store::{Memfile, Memfile4, Memfile6, Rotation, Status};
