//! The server's commands, one table a subject.

mod config;
mod interfaces;
mod leases;
mod server;
mod service;
mod subnets;

use kotare_control::{Commands, Duplicate, Reply, Response, statistics};

use crate::daemon::Daemon;

/// All commands of the server.
pub(crate) fn all() -> Result<Commands<Daemon>, Duplicate> {
    Commands::new()
        .join(statistics::commands())?
        .join(config::COMMANDS.iter().copied())?
        .join(interfaces::COMMANDS.iter().copied())?
        .join(leases::COMMANDS.iter().copied())?
        .join(server::COMMANDS.iter().copied())?
        .join(service::COMMANDS.iter().copied())?
        .join(subnets::COMMANDS.iter().copied())
}

/// An answer that is there already.
fn now(response: Response) -> Reply<'static> {
    Box::pin(std::future::ready(response))
}
