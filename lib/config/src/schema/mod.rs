//! Every keyword of the configuration, declared once.
//!
//! A row of a [`Table`] says what a keyword may be set to, what holds without it, how it is inherited, whether
//! `config-get` shows it and whether this server acts on it. From the rows follow the check of a written configuration
//! ([`validate`]), the reading of older spellings ([`modern`]), the normal form ([`config_get`]) and the list of what
//! is written without effect ([`without_effect`]). Which tables are the file of a server says a [`File`]. A hook
//! library brings a table of its own for its parameters.

mod effect;
mod file;
mod finish;
mod modern;
mod normal;
mod normal_text;
mod numbers;
mod redact;
mod suggest;
mod table;
pub mod tables;
mod validate;

pub use effect::{WithoutEffect, without_effect};
pub(crate) use file::library_table;
pub use file::{File, LibrarySchema, checked_map, library_name};
pub use modern::modern;
pub use normal::config_get;
pub(crate) use normal_text::text_hash;
pub use normal_text::{bytes, config_hash};
pub(crate) use numbers::numbered;
pub(crate) use redact::is_secret;
pub use redact::redacted;
pub use table::{Effect, Finish, Inherits, Now, OldValue, Older, Param, Scalar, Shown, Table, Type, param};
pub use validate::validate;
pub(crate) use validate::validate_map;
