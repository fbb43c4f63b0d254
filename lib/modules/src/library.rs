//! What the rest of the server knows of a module.

use std::fmt::Display;

use kotare_config::json::Diagnostics;
use kotare_config::schema::{LibrarySchema, Table};
use kotare_control::Facts;
use kotare_messages::Message;

use crate::build::{Around4, Entry4, Modules4};

/// A module: a hook library of Kea's that is part of the server.
#[derive(Debug)]
pub struct Library {
    /// The base name of its file without `libdhcp_` and `.so`.
    pub name: &'static str,
    /// What its `parameters` may be.
    pub parameters: &'static Table,
    /// Its log messages.
    pub messages: &'static [Message],
    /// Logs that it cannot be used as configured.
    pub load_error: fn(&dyn Display),
    /// Logs that there is a configuration with it now, and there was none.
    pub loaded: fn(),
    /// Logs that there is none with it any more.
    pub unloaded: fn(),
    /// What it is for a DHCPv4 server; `None` if it is not for one.
    pub v4: Option<Module4>,
}

/// What a module does for an entry of a DHCPv4 server's configuration. What is wrong goes to the diagnostics.
#[derive(Debug)]
pub struct Module4 {
    /// Finds what is wrong with the entry by itself: what its table cannot say. Touches nothing.
    pub judge: fn(&Entry4<'_>, &mut Diagnostics),
    /// Builds the module and registers it. What `judge` finds, it finds again.
    pub build: fn(&Entry4<'_>, &Around4<'_>, &mut Modules4, &mut Diagnostics),
    /// The commands that are registered then.
    pub commands: fn() -> Vec<Facts>,
}

impl Library {
    /// What the configuration has to know of it.
    #[must_use]
    pub const fn schema(&self) -> LibrarySchema {
        LibrarySchema { name: self.name, parameters: self.parameters }
    }
}
