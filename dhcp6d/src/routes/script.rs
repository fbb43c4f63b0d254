//! Routes by a script: it is told what changes, and does with that what the network needs.
//!
//! It is run as `SCRIPT set PREFIX VIA INTERFACE [CLIENT]`, `SCRIPT withdraw PREFIX [VIA INTERFACE [CLIENT]]`, and to bring all
//! in line as `SCRIPT sync`, with a line `PREFIX VIA INTERFACE [CLIENT]` for each route there shall be on its standard input.
//! Exit code 0 says that it is done. Of the environment it gets `PATH`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use kotare_daemon::{Clock, Environment};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::task::JoinSet;

use super::changes::Wish;
use super::hop::{NextHop, Route};
use super::plan::Change;
use super::target::Target;

/// So many run at a time.
const AT_A_TIME: usize = 16;

/// A script.
#[derive(Clone, Debug)]
pub(super) struct Script {
    path: PathBuf,
    timeout: Duration,
    search: Option<OsString>,
    clock: Clock,
}

impl Script {
    pub(super) fn new(path: PathBuf, timeout: Duration, environment: &Environment, clock: Clock) -> Self {
        Self { path, timeout, search: environment.var("PATH").map(Into::into), clock }
    }

    /// Runs it once. It is ended when it takes too long.
    async fn run(&self, words: Vec<String>, input: Option<String>) -> Result<(), String> {
        let path = self.path.display();
        let mut command = Command::new(&self.path);
        command.args(words).env_clear().envs(self.search.as_ref().map(|search| ("PATH", search)));
        let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
        command.stdin(stdin).stdout(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| {
            format!("'{path}' cannot be run: {error}; it must be there, and executable by the server's user")
        })?;
        let feed = child.stdin.take().zip(input);
        let ended = async {
            if let Some((mut pipe, input)) = feed {
                // One that does not read to the end may be right all the same.
                let _ = pipe.write_all(input.as_bytes()).await;
            }
            child.wait().await
        };
        tokio::select! {
            ended = ended => match ended {
                Ok(status) if status.success() => Ok(()),
                Ok(status) => Err(format!("'{path}' ended with {status}; see what it wrote to standard error")),
                Err(error) => Err(format!("'{path}' cannot be waited for: {error}")),
            },
            () = self.clock.sleep(self.timeout) => Err(format!(
                "'{path}' did not end within {} seconds and was ended; \"script-timeout\" gives it more time",
                self.timeout.as_secs()
            )),
        }
    }
}

impl Target for Script {
    fn batch(&self) -> usize {
        AT_A_TIME
    }

    async fn apply(&self, changes: Vec<Change>) -> Vec<(Change, Result<(), String>)> {
        let mut running = JoinSet::new();
        for change in changes {
            let script = self.clone();
            running.spawn(async move {
                let (action, hop) = match &change.wish {
                    Wish::Set(hop) => ("set", Some(hop)),
                    Wish::Withdrawn(hop) => ("withdraw", hop.as_ref()),
                };
                let mut words = vec![action.to_owned(), change.prefix.to_string()];
                words.extend(hop.into_iter().flat_map(told));
                let done = script.run(words, None).await;
                (change, done)
            });
        }
        running.join_all().await
    }

    async fn sync(&self, routes: Vec<Route>) -> Result<Vec<(Change, String)>, String> {
        let mut input = String::new();
        for Route { prefix, hop } in routes {
            input += &prefix.to_string();
            for word in told(&hop) {
                input += " ";
                input += &word;
            }
            input += "\n";
        }
        self.run(vec!["sync".to_owned()], Some(input)).await.map(|()| Vec::new())
    }
}

/// The words that say where a route leads.
fn told(hop: &NextHop) -> impl Iterator<Item = String> {
    let client = hop.client.map(|client| client.to_string());
    [hop.via.to_string(), hop.interface.to_string()].into_iter().chain(client)
}
