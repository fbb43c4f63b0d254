//! `kea-admin`: looks after lease files: dumps, uploads, checks and repairs them, and lets a server count its leases
//! anew.
//!
//! What it says and asks is what Kea's script of this name does; what is done to files is the memfile backend's.

mod args;
mod check;
mod dump;
mod place;
mod recount;
mod say;
mod server;
mod upload;

use std::process::ExitCode;

use kotare_daemon::{restrict_umask, survive_file_limits};

use args::{Backend, Command, Invocation, Protocol, Task};
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
    if let Backend::Sql(name) = task.backend {
        return Err(format!(
            "the backend {name} is not part of this version of Kotare yet: no database was asked or changed"
        ));
    }
    if task.protocol == Some(Protocol::V6) {
        return Err(
            "lease files of DHCPv6 (-6) are not part of this version of Kotare yet: nothing was read or \
                    changed"
                .into(),
        );
    }
    match task.command {
        Command::DbInit => {
            Err("memfile needs no db-init: a server makes its lease file when it starts".into())
        }
        Command::DbUpgrade => {
            Err("memfile needs no db-upgrade: a server converts its lease file when it starts".into())
        }
        Command::DbVersion => check::version(&Place::of(task)?),
        Command::LeaseDump => dump::dump(task, &Place::of(task)?),
        Command::LeaseUpload => upload::upload(task, &Place::of(task)?),
        Command::Check => check::check(&Place::of(task)?),
        Command::Repair => check::repair(&Place::of(task)?),
        Command::StatsRecount => recount::recount(&Place::of(task)?),
    }
}
