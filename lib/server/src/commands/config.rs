//! `config-…`: reading, testing and exchanging the configuration.

use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use kotare_config::{Candidate, Input};
use kotare_control::{
    Access, Argument, ArgumentType, Command, Request, Response, ResultCode, aside, shortened,
};
use kotare_process::configured::{Configured, InEffect};
use serde_json::{Value as Json, json};

use super::trial::{CONFIRM_WITHIN, confirm_within};
use crate::config_backend::NotPulled;
use crate::family::Family;
use crate::generation::Generation;
use crate::{Daemon, Unprepared};

/// The commands that put a configuration into effect.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 3] {
    [
        Command {
            name: "config-backend-pull",
            access: Access::Write,
            exclusive: true,
            since: "1.7.1",
            help: "Looks what is new in the databases of `config-control`, and serves from it.",
            args: &[],
            run: |daemon, _| Box::pin(async move { pull(daemon).await }),
        },
        Command {
            name: "config-set",
            access: Access::Write,
            exclusive: true,
            since: "1.2.0",
            help: "Serves from another configuration; if it cannot be used, nothing changes.",
            args: Sent::<F>::ARGS_OF_SET,
            run: |daemon, request| {
                Box::pin(async move { set(daemon, request).await.unwrap_or_else(Response::error) })
            },
        },
        Command {
            name: "config-reload",
            access: Access::Write,
            exclusive: true,
            since: "1.2.0",
            help: "Reads the configuration file anew; if it cannot be used, nothing changes.",
            args: &[CONFIRM_WITHIN],
            run: |daemon, request| {
                Box::pin(async move { reload(daemon, &request).await.unwrap_or_else(Response::error) })
            },
        },
    ]
}

/// The argument that is a configuration; its name is that of the server.
struct Sent<F>(PhantomData<F>);

impl<F: Family> Sent<F> {
    const CONFIGURATION: Argument =
        Argument::own(F::FILE.global.name, &ArgumentType::Map, "The configuration, as in a file.").required();
    const ARGS_OF_SET: &[Argument] = &[Self::CONFIGURATION, CONFIRM_WITHIN];
}

async fn pull<F: Family>(daemon: &Daemon<F>) -> Response {
    if daemon.generation().backend.is_none() {
        return Response::failed(ResultCode::Empty, "No config backend.");
    }
    match daemon.pull().await {
        Ok(()) => Response::success("On demand configuration update successful."),
        Err(NotPulled { reason, .. }) => {
            F::WORDS.cb_on_demand_fetch_updates_fail(&reason);
            Response::error(format!("On demand configuration update failed: {reason}"))
        }
    }
}

async fn set<F: Family>(daemon: &Arc<Daemon<F>>, request: Request) -> Result<Response, String> {
    let trial = confirm_within(&request)?;
    let candidate = aside(move || sent::<F>("config-set", request)).await.inspect_err(|_| {
        daemon.reload_failed.store(true, Ordering::Relaxed);
    })?;
    match daemon.reconfigure_on_trial(candidate, trial).await {
        Ok(()) => Ok(successful(daemon, "Configuration successful.").await),
        Err(Unprepared::OnTrial(text)) => Ok(Response::failed(ResultCode::Conflict, text)),
        Err(reason) => Err(reason.to_string()),
    }
}

async fn reload<F: Family>(daemon: &Arc<Daemon<F>>, request: &Request) -> Result<Response, String> {
    let trial = confirm_within(request)?;
    // A misspelt wish to be able to go back is not one to go on without.
    let mut names = request.arguments.iter().filter_map(Json::as_object).flat_map(|map| map.keys());
    if let Some(other) = names.find(|name| *name != CONFIRM_WITHIN.name) {
        return Err(format!("'{}' is no parameter of config-reload.", shortened(other)));
    }
    daemon.reload(trial).await.map_err(|reason| format!("Config reload failed: {reason}"))?;
    Ok(successful(daemon, "Configuration successful.").await)
}

/// The answer when another configuration is in effect: `text`, and which one it is.
pub(super) async fn successful<F: Family>(daemon: &Daemon<F>, text: &str) -> Response {
    let generation = daemon.generation();
    let hash = aside(move || generation.hash().to_owned()).await;
    Response::success(text).with(json!({"hash": hash}))
}

/// The configuration in the arguments of a command.
pub(super) fn sent<F: Family>(command: &str, request: Request) -> Result<Candidate<F::Config>, String> {
    let mut request = request;
    if let Some(arguments) = request.arguments.as_mut().and_then(Json::as_object_mut) {
        arguments.shift_remove(CONFIRM_WITHIN.name);
    }
    let (arguments, others) = kotare_process::sent(request, F::FILE.global.name)?;
    for other in &others {
        F::WORDS.config_unsupported_object(other);
    }
    if let Some((first, more)) = others.split_first() {
        let more: String = more.iter().map(|other| format!(" (and '{other}')")).collect();
        return Err(format!("Unsupported '{first}' parameter{more}."));
    }
    kotare_config::read(Input::Command(command, &arguments), F::FILE).map_err(|refused| {
        for error in refused.errors() {
            F::WORDS.parser_fail(error.parameter(), error);
        }
        refused.error_lines().join("\n")
    })
}

impl<F: Family> Configured for Daemon<F> {
    type InEffect = Generation<F>;

    const CONFIGURATION: &'static Argument = &Sent::<F>::CONFIGURATION;

    fn in_effect(&self) -> Arc<Generation<F>> {
        self.generation()
    }

    fn file(&self) -> &Path {
        &self.surroundings.args.config
    }

    fn test(&self, request: Request) -> Response {
        let judged = sent::<F>("config-test", request).and_then(|mut candidate| {
            let judged = self.surroundings.judge_applied(&mut candidate);
            judged.map_err(|refused| refused.error_lines().join("\n"))
        });
        match judged {
            Ok(()) => Response::success(
                "Configuration seems sane. Control-sockets, hook-libraries, and D2 configuration were sanity \
                 checked, but not applied.",
            ),
            Err(text) => Response::error(text),
        }
    }

    /// A server that is started again begins with what was written: that is to be confirmed before.
    fn check_writable(&self) -> Result<(), String> {
        self.on_trial()
    }
}
