//! Client-class expressions: what the `test` of a class says about a packet (manual, "Client Classification").
//!
//! [`parse_test`] and [`parse_value`] read text once, when a configuration is read, into a typed tree:
//! a [`Test`] is true or false, a [`Value`] is a string of bytes, and confusing the two is an error with the
//! column. Option names, class names and regular expressions are resolved then; evaluating later asks only
//! the packet, through the small traits [`Packet`] and [`Packet4`] or [`Packet6`]. A [`Sieve`] of many tests leaves out those that would be false.
//!
//! This crate does not know which classes exist, in which order they are evaluated, or what a packet is.

mod ast;
mod bits;
mod classes;
mod clues;
mod evaluate;
mod functions;
mod lexer;
pub mod messages;
mod options;
mod overheard;
mod packet;
mod parse;
mod protocol;
mod scratch;
mod shown;
mod sieve;
mod vendor;
mod written;

pub use ast::{Test, Value};
pub use classes::{ClassId, ClassSet, Memberships};
pub use evaluate::EvaluationError;
pub use overheard::{Part, PartValue};
pub use packet::{Packet, Packet4, Packet6};
pub use parse::{Names, ParseError, parse_test, parse_value};
pub use protocol::{V4, V6};
pub use scratch::Scratch;
pub use sieve::{Sieve, Sifted};
