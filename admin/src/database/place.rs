//! Which database is meant.

use std::io::{IsTerminal, Write, stdin, stdout};
use std::path::Path;

use kotare_daemon::Environment;
use kotare_store_sql::{Access, Engine};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::tls::tls;
use crate::args::{Command, Password, Task};
use crate::say;

/// What Kea's script takes where nothing is said.
const NAME: &str = "keatest";
const USER: &str = "keatest";
const PASSWORD: &str = "1234";
/// The variable with the password, which nobody sees in a list of processes.
const VARIABLE: &str = "KEA_ADMIN_DB_PASSWORD";
/// Where MySQL's own client looks for a server of this machine, if no port is named.
const SOCKET: &str = "/run/mysqld/mysqld.sock";

/// The database that a task names.
pub(super) fn access(task: &Task, engine: Engine) -> Result<Access, String> {
    let name = task.name.as_deref().unwrap_or(Path::new(NAME));
    let name = name.to_str().ok_or_else(|| format!("{} is not UTF-8", name.display()))?;
    let mut access = Access::new(engine, name);
    if engine == Engine::Sqlite {
        // Nothing but making a database makes its file.
        if !Path::new(name).exists() {
            match (task.command, task.dry_run) {
                (Command::DbInit, false) => {}
                (Command::DbInit, true) => access.name = ":memory:".into(),
                _ => return Err(format!("{name}: there is no such file")),
            }
        }
        return Ok(access);
    }
    access.host = task.host.clone().unwrap_or_default();
    let local = access.host.is_empty() || access.host == "localhost";
    if engine == Engine::MySql && local && task.port.is_none() && Path::new(SOCKET).exists() {
        access.host = SOCKET.to_owned();
    }
    access.port = task.port;
    // Nobody is between the ends of a socket of the machine.
    if !access.host.starts_with('/') {
        access.tls = tls(&task.extra, engine, &Environment::of_process())?;
    }
    access.user = Some(task.user.clone().unwrap_or_else(|| USER.to_owned()));
    // No password is not an empty one.
    access.password = Some(password(task)?).filter(|password| !password.is_empty());
    Ok(access)
}

/// The password of the command line, of the environment, or Kea's own.
fn password(task: &Task) -> Result<String, String> {
    match &task.password {
        Some(Password::Is(password)) => Ok(password.clone()),
        Some(Password::Asked) => asked(),
        None => match Environment::of_process().text(VARIABLE) {
            Some(password) => {
                say::line(format_args!("Using the value of {VARIABLE} for authentication..."));
                Ok(password.to_owned())
            }
            None => Ok(PASSWORD.to_owned()),
        },
    }
}

/// Reads a password that nobody sees.
fn asked() -> Result<String, String> {
    if !stdin().is_terminal() {
        say::warning("Non-interactive tty detected. Assuming empty password.");
        return Ok(String::new());
    }
    let unable = |error: &dyn std::fmt::Display| format!("cannot read a password: {error}");
    drop(write!(stdout(), "Password: ").and_then(|()| stdout().flush()));
    let shown = tcgetattr(stdin()).map_err(|error| unable(&error))?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(stdin(), OptionalActions::Flush, &hidden).map_err(|error| unable(&error))?;
    let mut line = String::new();
    let read = stdin().read_line(&mut line);
    let restored = tcsetattr(stdin(), OptionalActions::Now, &shown);
    say::line("");
    read.map_err(|error| unable(&error))?;
    restored.map_err(|error| unable(&error))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
