//! The agent within one process: daemons that answer, and those that do everything else.

mod configuration;
mod daemons;
mod forwarding;
mod secured;

use std::path::PathBuf;
use std::sync::Arc;

use kotare_config::agent::ConfigAgent;
use kotare_config::{Candidate, Input};
use kotare_control::Request;
use kotare_ctrl_agent::{Agent, FILE, PROGRAM, Refused, Surroundings};
use kotare_daemon::args::ServerArgs;
use kotare_daemon::logging::Logging;
use kotare_daemon::{Clock, Environment, Notifier, Paths};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder for files, and an agent in it.
struct Scene {
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An entry of `control-sockets`: the daemon behind the socket `name`.
    fn unix(&self, name: &str) -> Value {
        json!({"socket-type": "unix", "socket-name": self.path(name)})
    }

    /// Starts an agent with this `Control-agent` map, at a port that the system chooses.
    async fn start(&self, map: Value) -> Result<Arc<Agent>, Refused> {
        let file = self.path("agent.conf");
        std::fs::write(&file, json!({"Control-agent": map}).to_string()).unwrap();
        let environment = Environment::default();
        let clock = Clock::system();
        let surroundings = Surroundings {
            paths: Paths::new(&environment, false),
            logging: Logging::new(PROGRAM.name, &[], false, clock.clone(), &environment),
            args: ServerArgs { config: file, ..ServerArgs::default() },
            environment: environment.clone(),
            clock,
        };
        let candidate = candidate(map).map_err(|refused| Refused::Logging(refused.join("\n")))?;
        Agent::start(surroundings, Notifier::new(&environment).unwrap(), candidate).await
    }

    /// The same with these daemons.
    async fn agent(&self, daemons: Value) -> Arc<Agent> {
        let started = self.start(json!({"http-port": 0, "control-sockets": daemons})).await;
        started.unwrap_or_else(|refused| panic!("{refused}"))
    }
}

/// Reads a `Control-agent` map, or says all that is wrong with it.
fn candidate(map: Value) -> Result<Candidate<ConfigAgent>, Vec<String>> {
    let arguments = json!({"Control-agent": map});
    kotare_config::read(Input::Command("config-set", &arguments), FILE)
        .map_err(|refused| refused.error_lines())
}

/// What the agent answers to this command for these services.
async fn asked(agent: &Arc<Agent>, command: &str, services: Value) -> Value {
    let request = Request { service: Some(services), ..Request::new(command) };
    answered(agent, request).await
}

async fn answered(agent: &Arc<Agent>, request: Request) -> Value {
    let request = Request { remote: Some("192.0.2.7".to_owned()), ..request };
    let text = agent.answer(request).await;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
