//! The configuration: from text with positions to what a server runs from.
//!
//! [`read()`] is the door: it takes a file or the arguments of a command and returns a [`Candidate`], or everything
//! that is wrong. Behind it, [`json`] reads Kea's dialect and remembers where everything stands. [`schema`] has one row
//! for every keyword and derives from it what is valid, what an older spelling means, what holds where nothing is
//! written, what `config-get` shows and what has no effect yet. `check` judges what a table cannot say. Resolution makes
//! of it a [`Process`], which every daemon has, and around it what a server of one kind runs from, a [`v4::Config4`]:
//! nothing is left to look up by name.
//!
//! All errors of a configuration are collected in [`json::Diagnostics`], not the first only. Nothing here opens a
//! socket, a database or any file but the configuration itself, and what was written
//! never changes: a command that edits a configuration makes another one of it ([`Document::of`]).

pub mod agent;
mod candidate;
mod check;
pub mod common;
pub mod ddns;
pub mod diff;
mod exchange;
pub mod json;
mod level;
pub mod overlay;
mod prefix;
pub mod process;
mod read;
pub mod review;
pub mod schema;
mod shown_text;
pub mod v4;
pub mod v6;

pub use candidate::{Candidate, Written};
pub use check::check_database;
pub use exchange::{Exchanged, Exchanging, exchanged};
pub use level::Level;
pub use prefix::{Address, NoPool, NoPrefix, Prefix, Prefix4, Prefix6, parse_pool};
pub use process::Process;
pub use read::{Configuration, Document, Input, judge, read};
