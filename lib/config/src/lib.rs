//! The configuration: from text with places to what a server runs from.
//!
//! [`json`] reads Kea's dialect and remembers where everything stands. [`schema`] has one row for every keyword and
//! derives from it what is valid, what an older spelling means, what `config-get` shows and what has no effect yet.
//! [`check`] judges what a table cannot say. [`v4::resolve`] makes of it a [`v4::Config4`], in which nothing is left
//! to look up by name. All errors of a configuration are collected in [`json::Diagnostics`], not the first only.
//!
//! Nothing here opens a socket, a database or any file but the configuration itself, and nothing edits what the
//! operator wrote.

pub mod check;
pub mod json;
mod level;
pub mod schema;
pub mod v4;
