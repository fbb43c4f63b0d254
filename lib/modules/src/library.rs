//! What the rest of the server knows of a module.

use kotare_config::json::Diagnostics;
use kotare_config::schema::{LibrarySchema, Table};
use kotare_messages::Message;

use crate::build::{Entry4, Modules4};

/// A module: a hook library of Kea's that is part of the server.
#[derive(Debug)]
pub struct Library {
    /// The base name of its file without `libdhcp_` and `.so`.
    pub name: &'static str,
    /// What its `parameters` may be.
    pub parameters: &'static Table,
    /// Its log messages.
    pub messages: &'static [Message],
    /// Builds it for a DHCPv4 server; `None` if it is not for one.
    pub build4: Option<Build4>,
}

/// Builds a module for an entry of a configuration and registers it. What is wrong goes to the diagnostics.
pub type Build4 = fn(&Entry4<'_>, &mut Modules4, &mut Diagnostics);

impl Library {
    /// What the configuration has to know of it.
    #[must_use]
    pub const fn schema(&self) -> LibrarySchema {
        LibrarySchema { name: self.name, parameters: self.parameters }
    }
}
