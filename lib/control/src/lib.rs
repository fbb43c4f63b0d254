//! Management commands: tables of them, the order they run in, and the socket they come from.
//!
//! A module writes a table of [`Command`]s over a context type; a daemon joins the tables into [`Commands`], which
//! yields `list-commands`, argument errors and the replies Kea gives to what it does not know. The joined table belongs
//! to a configuration. A [`Dispatcher`] runs commands by the table that is current, and gives turns to those that must
//! not run together. [`AccessControl`] may have a say first. A front brings [`Request`]s to it: [`unix::Sockets`] or
//! [`http::Listeners`]. [`client`] is the other end of both.
//!
//! This crate does not know what the commands do, except `list-commands` and the [`statistics`] commands.

mod access;
mod apart;
mod aside;
pub mod client;
mod command;
mod commands;
mod dispatch;
mod feed;
pub mod http;
pub mod messages;
mod request;
mod response;
mod room;
pub mod statistics;
pub mod unix;

pub use access::{AccessControl, Denied, Encrypted, Peer, Watcher};
pub use apart::Apart;
pub use aside::{aside, behind};
pub use command::{Access, Argument, ArgumentType, Command, OURS, Reply, Run, blocking, now};
pub use commands::{Bound, Commands, Duplicate, Facts};
pub use dispatch::{AT_ONCE, Dispatcher, Execute, HasCommands, Text, rendered};
pub use request::{Request, shortened, type_name};
pub use response::{Items, Response, ResultCode};
