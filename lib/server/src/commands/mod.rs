//! The commands that every server has, one table a subject.

mod compare;
mod config;
mod interfaces;
mod leases;
mod names;
pub mod place;
mod server;
mod service;
mod trial;

use kotare_control::{Bound, Commands, Duplicate, Facts, statistics};
use kotare_process::configured;

pub(crate) use leases::count_anew;
pub(crate) use server::status;

use crate::Daemon;
use crate::family::Family;

/// What the commands of a server itself are, by name.
///
/// # Errors
/// If two have the same name.
pub fn facts<F: Family>() -> Result<Vec<Facts>, Duplicate> {
    Ok(all::<F>(Vec::new())?.facts().copied().collect())
}

/// The commands of the server itself, with those that only its family has, and those of its modules.
pub(crate) fn all<F: Family>(modules: Vec<Bound>) -> Result<Commands<Daemon<F>>, Duplicate> {
    let own = Commands::new()
        .own(statistics::commands())?
        .own(configured::commands())?
        .own(config::table())?
        .own(compare::table())?
        .own(interfaces::table())?
        .own(leases::table())?
        .own(names::table())?
        .own(server::table())?
        .own(service::table())?
        .own(trial::table())?
        .own(F::COMMANDS.iter().copied())?;
    modules.into_iter().try_fold(own, Commands::join)
}
