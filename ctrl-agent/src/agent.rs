//! The running agent: its parts, how it starts, takes another configuration and stops.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kotare_config::agent::ConfigAgent;
use kotare_config::json::Diagnostics;
use kotare_config::schema::File;
use kotare_config::{Candidate, Input};
use kotare_control::http::Listeners;
use kotare_control::unix::Limits;
use kotare_control::{Commands, Execute, HasCommands, Request, aside};
use kotare_daemon::args::Program;
use kotare_daemon::{Environment, Moment, Notifier, Paths, Published};
use kotare_messages::Message;
use kotare_modules::ModulesAgent;
use kotare_process::program::{self, Surroundings, Words, shown};
use kotare_process::{tell_without_effect, warn_of};
use serde_json::{Value as Json, json};
use tokio::sync::{Mutex, watch};

use crate::forward::Target;
use crate::front::Front;
use crate::generation::{Generation, Refused};
use crate::judged::Judged;
use crate::messages::*;
use crate::{FILE, NAME, PROGRAM, commands, words};

/// How long clients get to read their answers at the end.
const GRACE: Duration = Duration::from_secs(2);

/// A running agent.
#[derive(Debug)]
pub struct Agent {
    surroundings: Surroundings,
    notifier: Notifier,
    generation: Published<Generation>,
    /// What answers, and where commands come from.
    door: OnceLock<(Arc<Front>, Listeners)>,
    /// Held while another configuration is prepared and takes effect.
    reconfiguring: Mutex<()>,
    started: Moment,
    /// Set to the exit code when the agent shall end.
    exit: watch::Sender<Option<u8>>,
}

/// A configuration that was judged, with what it needs.
pub(crate) struct Ready(Candidate<ConfigAgent>, Judged);

impl Agent {
    /// Starts an agent with this configuration, and tells `notifier` how it does. To be called within a tokio runtime.
    ///
    /// # Errors
    /// When something that the configuration asks for cannot be had; nothing is left behind.
    pub async fn start(
        surroundings: Surroundings,
        notifier: Notifier,
        candidate: Candidate<ConfigAgent>,
    ) -> Result<Arc<Self>, Refused> {
        begun(&candidate);
        let (surroundings, ready) = aside(move || {
            let ready = judge(&surroundings, candidate);
            (surroundings, ready)
        })
        .await;
        let Ready(candidate, mut judged) = ready?;
        let logging = surroundings.prepare_logging(&judged.logging).map_err(Refused::Logging)?;
        let addresses = std::mem::take(&mut judged.listeners);
        let started = surroundings.clock.moment();
        let generation = Arc::new(generation(candidate, judged, None, started));
        let agent = Arc::new(Self {
            surroundings,
            notifier,
            generation: Published::new(generation),
            door: OnceLock::new(),
            reconfiguring: Mutex::new(()),
            started,
            exit: watch::Sender::new(None),
        });
        let front = Front::new(&agent);
        let listeners = Listeners::new(front.clone(), Limits::default(), None, &words::WORDS);
        let opened = listeners.prepare(&addresses).map_err(Refused::Listen)?;
        agent.surroundings.logging.publish(logging);
        listeners.publish(opened);
        let _ = agent.door.set((front, listeners));
        agent.tell();
        agent.commands().announce(&Commands::new());
        agent.notifier.ready();
        Ok(agent)
    }

    /// Answers a command as if it came over HTTP: a list of answers as text.
    pub async fn answer(&self, request: Request) -> String {
        match self.door.get() {
            Some((front, _)) => front.clone().answer(request).await,
            None => String::new(),
        }
    }

    /// The address that commands come to.
    pub fn addresses(&self) -> Vec<std::net::SocketAddr> {
        self.door.get().map(|(_, listeners)| listeners.addresses()).unwrap_or_default()
    }

    /// Waits until something asks the agent to end; the exit code.
    pub async fn ended(&self) -> u8 {
        let mut exit = self.exit.subscribe();
        let code = exit.wait_for(Option::is_some).await;
        code.ok().and_then(|code| *code).unwrap_or_default()
    }

    /// Ends the agent with this exit code.
    pub(crate) fn shut_down(&self, code: u8) {
        self.exit.send_replace(Some(code));
    }

    /// Stops: answers the commands under way that are answered soon.
    pub async fn stop(&self) {
        self.notifier.stopping();
        if let Some((_, listeners)) = self.door.get() {
            listeners.close(GRACE).await;
        }
    }

    /// Reads the configuration file anew.
    pub(crate) async fn reload(self: &Arc<Self>) -> Result<(), Refused> {
        self.notifier.reloading();
        let file = self.configuration_file().to_owned();
        let read = aside(move || kotare_config::read(Input::File(&file), FILE)).await;
        let done = match read {
            Ok(candidate) => self.reconfigure(candidate).await,
            Err(wrong) => {
                let refused = Refused::Written(wrong);
                CTRL_AGENT_CONFIG_FAIL(&refused);
                Err(refused)
            }
        };
        self.notifier.ready();
        done
    }

    /// Goes on with `candidate`, or says why not and goes on as before.
    ///
    /// # Errors
    /// When something that the configuration asks for cannot be had; nothing has changed then.
    pub async fn reconfigure(self: &Arc<Self>, candidate: Candidate<ConfigAgent>) -> Result<(), Refused> {
        let _turn = self.reconfiguring.lock().await;
        let done = self.take_turn(candidate).await;
        if let Err(reason) = &done {
            match reason {
                Refused::Written(_) => CTRL_AGENT_CONFIG_FAIL(reason),
                _ => DCTL_PARSER_FAIL(reason),
            }
        }
        done
    }

    async fn take_turn(self: &Arc<Self>, candidate: Candidate<ConfigAgent>) -> Result<(), Refused> {
        let agent = self.clone();
        begun(&candidate);
        let Ready(candidate, judged) = aside(move || agent.judge(candidate)).await?;
        let logging = self.surroundings.prepare_logging(&judged.logging).map_err(Refused::Logging)?;
        if let Some((_, listeners)) = self.door.get() {
            let opened = listeners.prepare(&judged.listeners).map_err(Refused::Listen)?;
            listeners.publish(opened);
        }
        self.surroundings.logging.publish(logging);
        let since = self.surroundings.clock.moment();
        let generation = generation(candidate, judged, Some(&self.generation()), since);
        self.generation.publish(Arc::new(generation));
        self.tell();
        Ok(())
    }

    /// Judges what a configuration asks of the system.
    pub(crate) fn judge(&self, candidate: Candidate<ConfigAgent>) -> Result<Ready, Refused> {
        judge(&self.surroundings, candidate)
    }

    /// Says what the configuration in effect is.
    fn tell(&self) {
        let summary = self.generation().summary();
        DCTL_CONFIG_COMPLETE(&summary);
        self.notifier.status(&summary);
    }

    /// The configuration in effect.
    pub(crate) fn generation(&self) -> Arc<Generation> {
        self.generation.load_full()
    }

    /// The daemon that commands call `service`, if it is configured.
    pub(crate) fn target(&self, service: &str) -> Option<Arc<Target>> {
        self.generation.load().targets.get(service).cloned()
    }

    /// The configuration file.
    pub(crate) fn configuration_file(&self) -> &Path {
        &self.surroundings.args.config
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.surroundings.environment
    }

    /// What `status-get` answers.
    pub(crate) fn status(&self) -> Json {
        let now = self.surroundings.clock.moment();
        json!({
            "pid": std::process::id(),
            "uptime": now.since(self.started).as_secs(),
            "reload": now.since(self.generation().since).as_secs(),
        })
    }
}

impl program::Daemon for Agent {
    type Config = ConfigAgent;
    type Refused = Refused;

    const PROGRAM: Program = PROGRAM;
    const FILE: &'static File = FILE;
    const NAME: &'static str = NAME;
    const WORDS: Words = Words {
        started: |version| CTRL_AGENT_STARTED(version),
        security_checks_disabled: || CTRL_AGENT_SECURITY_CHECKS_DISABLED(),
        failed: |reason| CTRL_AGENT_FAILED(reason),
        run_exit: || CTRL_AGENT_RUN_EXIT(),
    };

    fn messages() -> Vec<&'static [Message]> {
        [&[MESSAGES][..], ModulesAgent::MESSAGES].concat()
    }

    fn check(candidate: &mut Candidate<ConfigAgent>, paths: &Paths) -> Result<(), Diagnostics> {
        candidate.judge(|config, diagnostics| drop(Judged::of(config, paths, diagnostics)))
    }

    async fn start(
        surroundings: Surroundings,
        notifier: Notifier,
        candidate: Candidate<ConfigAgent>,
    ) -> Result<Arc<Self>, Refused> {
        Self::start(surroundings, notifier, candidate).await
    }

    async fn reload(self: &Arc<Self>) -> Result<(), Refused> {
        Self::reload(self).await
    }

    async fn ended(&self) -> u8 {
        self.ended().await
    }

    async fn stop(&self) {
        self.stop().await;
    }

    fn notifier(&self) -> &Notifier {
        &self.notifier
    }
}

impl HasCommands for Agent {
    fn commands(&self) -> Arc<Commands<Self>> {
        self.generation.load().commands.clone()
    }
}

/// Judges what a configuration asks of the system, and tells what deserves attention.
fn judge(surroundings: &Surroundings, mut candidate: Candidate<ConfigAgent>) -> Result<Ready, Refused> {
    let judged = candidate.judge(|config, diagnostics| Judged::of(config, &surroundings.paths, diagnostics));
    let judged = judged.map_err(Refused::Written)?;
    remark(&candidate.diagnostics);
    tell_without_effect(&candidate.without_effect);
    Ok(Ready(candidate, judged))
}

/// What takes effect, after `former`.
fn generation(
    candidate: Candidate<ConfigAgent>,
    judged: Judged,
    former: Option<&Generation>,
    since: Moment,
) -> Generation {
    let Candidate { written, config, .. } = candidate;
    let Judged { targets, mut modules, .. } = judged;
    modules.announce(former.map(|former| &former.modules));
    // The tables are the agent's own, which no module shares names with.
    let commands = commands::all().unwrap_or_default().guarded(modules.guards());
    Generation::new((written, config), targets, modules, Arc::new(commands), since)
}

fn begun(candidate: &Candidate<ConfigAgent>) {
    DCTL_CONFIG_START(shown(candidate));
}

/// Logs the warnings about a configuration.
fn remark(diagnostics: &Diagnostics) {
    for one in diagnostics.warnings() {
        if !warn_of(one) {
            CTRL_AGENT_CONFIG_SYNTAX_WARNING(one);
        }
    }
}
