//! The server's commands, one table a subject.

mod config;
mod interfaces;
mod leases;
mod server;
mod service;
mod subnets;

use kotare_control::{Commands, Duplicate, statistics};

use crate::daemon::Daemon;

/// The commands of the server itself.
pub(crate) fn own() -> Result<Commands<Daemon>, Duplicate> {
    Commands::new()
        .own(statistics::commands())?
        .own(config::COMMANDS.iter().copied())?
        .own(interfaces::COMMANDS.iter().copied())?
        .own(leases::COMMANDS.iter().copied())?
        .own(server::COMMANDS.iter().copied())?
        .own(service::COMMANDS.iter().copied())?
        .own(subnets::COMMANDS.iter().copied())
}
