//! Management commands: tables of them, the order they run in, and the socket they come from.
//!
//! A module writes a table of [`Command`]s over a context type; a daemon joins the tables into [`Commands`], which
//! yields `list-commands`, argument errors and the replies Kea gives to what it does not know. A [`Dispatcher`]
//! runs commands one at a time. A front brings [`Request`]s to it: [`unix::Sockets`] here, HTTP later. [`client`]
//! is the other end of the UNIX socket.
//!
//! This crate does not know what the commands do, except `list-commands` and the [`statistics`] commands.

pub mod client;
mod command;
mod dispatch;
mod feed;
pub mod messages;
mod request;
mod response;
pub mod statistics;
pub mod unix;

pub use command::{Access, Argument, Command, Commands, Duplicate, Kind, Reply};
pub use dispatch::{Dispatcher, Execute};
pub use request::Request;
pub use response::{Response, ResultCode};
