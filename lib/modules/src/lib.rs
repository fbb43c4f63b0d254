//! Kea's hook libraries as modules that are part of the server.
//!
//! A module is a folder here and one [`Library`] row: its name, the table of its parameters, its log messages, and a
//! function that builds it for a configuration. A `hooks-libraries` entry is matched by the base name of its file, in
//! any directory, whether or not there is such a file. What is built is registered at the typed points of
//! [`kotare_engine::hooks`] in the order of the entries, and lives as long as the configuration it was built for.
//!
//! The modules know the engine and the adapters below; of the server around them they know what a [`Server`] can be
//! asked, and of each other nothing.
//!
//! - [`LIBRARIES`] are the modules there are; [`SCHEMAS`] and [`MESSAGES`] follow from the rows.
//! - [`Modules4::judge`] finds what is wrong with what a configuration says to them, [`Modules4::build`] makes them.
//! - [`flex_option`]: changes options of replies and queries by what expressions say.
//! - [`ping_check`]: asks before an address is offered whether somebody uses it already.

mod build;
mod classes;
pub mod flex_option;
mod library;
mod messages;
mod packet;
pub mod ping_check;
mod server;

use kotare_config::schema::LibrarySchema;
use kotare_messages::Message;

pub use build::{Around4, Entry4, Environment, Environment4, Modules4};
pub use library::{Library, Module4};
pub use server::{Doing, Edit, Server, Server4, ServerLink, ServerLink4, Serving, Serving4};

/// Every module.
pub static LIBRARIES: &[&Library] = &[&flex_option::LIBRARY, &ping_check::LIBRARY];

/// What their parameters may be, for the form of a configuration file.
pub const SCHEMAS: &[LibrarySchema] = &[flex_option::LIBRARY.schema(), ping_check::LIBRARY.schema()];

/// Their tables of log messages, and the one about modules as such.
pub const MESSAGES: &[&[Message]] =
    &[messages::MESSAGES, flex_option::LIBRARY.messages, ping_check::LIBRARY.messages];

#[cfg(test)]
mod tests {
    use super::*;

    /// Each module is known to the configuration, under its own name and with its own table, and to the log.
    #[test]
    fn every_module_is_known() {
        let messages = &MESSAGES[1..];
        assert_eq!((SCHEMAS.len(), messages.len()), (LIBRARIES.len(), LIBRARIES.len()));
        for ((library, schema), messages) in LIBRARIES.iter().zip(SCHEMAS).zip(messages) {
            assert_eq!(library.name, schema.name);
            assert!(std::ptr::eq(library.parameters, schema.parameters));
            let ids = |messages: &[Message]| messages.iter().map(|message| message.id).collect::<Vec<_>>();
            assert_eq!(ids(library.messages), ids(messages));
        }
    }
}
