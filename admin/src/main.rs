//! `kea-admin`: looks after lease files and databases: makes and upgrades tables, dumps, uploads, checks and repairs
//! leases, and has them counted anew.
//!
//! What it says and asks is what Kea's script of this name does; what is done to files is the memfile backend's, what is
//! done to databases that of the SQL backends.

mod args;
mod check;
mod database;
mod dump;
mod leases;
mod place;
mod recount;
mod say;
mod server;
mod upload;

use std::process::ExitCode;

use kotare_daemon::{restrict_umask, survive_file_limits};
use kotare_model::{Lease4, Lease6};

use args::{Backend, Command, Invocation, Protocol, Task};
use leases::Leases;
use place::Place;

/// What ends a command without success: what to tell.
type Done = Result<(), String>;

fn main() -> ExitCode {
    survive_file_limits();
    restrict_umask();
    let done = match args::parse(std::env::args_os()) {
        Ok(Invocation::Print(text)) => {
            say::line(text.trim_end());
            Ok(())
        }
        Ok(Invocation::Run(task)) => run(&task),
        Err(text) => Err(text.trim_end().to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            say::error(text);
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Done {
    if let Backend::Sql(engine) = task.backend {
        return database::run(task, engine);
    }
    match task.protocol {
        Some(Protocol::V6) => run_on::<Lease6>(task),
        Some(Protocol::V4) | None => run_on::<Lease4>(task),
    }
}

/// Does it with the leases of one protocol.
fn run_on<L: Leases>(task: &Task) -> Done {
    let place = || Place::<L>::of(task);
    match task.command {
        Command::DbInit => {
            Err("memfile needs no db-init: a server makes its lease file when it starts".into())
        }
        Command::DbUpgrade => {
            Err("memfile needs no db-upgrade: a server converts its lease file when it starts".into())
        }
        Command::DbVersion => check::version(&place()?),
        Command::LeaseDump => dump::dump(task, &place()?),
        Command::LeaseUpload => upload::upload(task, &place()?),
        Command::Check => check::check(&place()?),
        Command::Repair => check::repair(&place()?),
        Command::StatsRecount => recount::recount(&place()?),
    }
}
