//! `keactrl`: starts and stops the servers of an installation, tells them to read their configuration, says which run.
//!
//! It signals a process only if the pid file of a configured server names it and it is that server's program.

mod args;
mod assignments;
mod server;

use std::io::Write;
use std::process::ExitCode;

use kotare_daemon::args::KEA_VERSION;
use kotare_daemon::{Environment, Installation, Paths, restrict_umask};

use args::{Action, Invocation, usage};
use assignments::Assignments;
use server::{KINDS, Server};

/// Where a server logs before it has read its configuration.
const LOGS: &str = "KEA_LOGGER_DESTINATION";

fn main() -> ExitCode {
    restrict_umask();
    match args::parse(std::env::args_os()) {
        Ok(Invocation::Print(text)) => {
            say(text.trim_end());
            ExitCode::SUCCESS
        }
        Ok(Invocation::Act { action, configuration, servers, options }) => {
            let environment = Environment::of_process();
            let installation = Installation::of(&environment);
            let file = configuration.unwrap_or_else(|| installation.configuration.join("keactrl.conf"));
            let assignments = match Assignments::read(&file) {
                Ok(assignments) => assignments,
                Err(error) => return fail(&[error]),
            };
            let directory = Paths::new(&environment, true).pid_files;
            // What servers log before they have read their configuration; upstream's variable says where.
            let is_free = environment.var(LOGS).is_none() && installation.logs.is_dir();
            let log = is_free.then(|| installation.logs.join("kea.log"));
            let all = KINDS.each_ref().map(|kind| Server::new(kind, &assignments, &installation, &directory));
            let chosen =
                all.iter().filter(|server| servers.is_empty() || servers.contains(&server.kind.name));
            match action {
                Action::Start => attempt(chosen.filter(|server| server.enabled), |server| {
                    server.start(&options, assignments.is_yes("kea_verbose"), log.as_deref())
                }),
                Action::Stop => attempt(chosen, Server::stop),
                Action::Reload => attempt(chosen, Server::reload),
                Action::Version => {
                    say(&format!("keactrl: {KEA_VERSION}"));
                    attempt(chosen, Server::version)
                }
                Action::Status => {
                    let code = attempt(all.iter(), Server::status);
                    for server in &all {
                        say(&format!(
                            "Kea {} configuration file: {}",
                            server.kind.title,
                            server.file.display()
                        ));
                    }
                    say(&format!("keactrl configuration file: {}", file.display()));
                    let missing: Vec<String> = all
                        .iter()
                        .filter(|server| server.enabled && !server.file.is_file())
                        .map(Server::missing)
                        .collect();
                    if missing.is_empty() { code } else { fail(&missing) }
                }
            }
        }
        Err(error) => {
            fail(&[error]);
            say(usage().trim_end());
            ExitCode::FAILURE
        }
    }
}

/// Does it for each server, and shows how it went.
fn attempt<'a>(
    servers: impl Iterator<Item = &'a Server>,
    act: impl Fn(&'a Server) -> Result<String, String>,
) -> ExitCode {
    let mut errors = Vec::new();
    for server in servers {
        match act(server) {
            Ok(text) => say(&text),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { ExitCode::SUCCESS } else { fail(&errors) }
}

fn fail(errors: &[String]) -> ExitCode {
    for error in errors {
        kotare_daemon::logging::to_stderr(&format!("ERROR/keactrl: {error}"));
    }
    ExitCode::FAILURE
}

/// Nobody to tell if standard output is closed.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
