//! `config-confirm`, `config-cancel`: how the trial of a configuration ends, and how long one may last.

use std::time::Duration;

use kotare_control::{Access, Argument, ArgumentType, Command, OURS, Request, Response, ResultCode};

use super::config::successful;
use crate::Daemon;
use crate::family::Family;
use crate::trial::LONGEST;

/// Of `config-set` and `config-reload`.
pub(super) const CONFIRM_WITHIN: Argument = Argument::own(
    "confirm-within",
    &ArgumentType::Integer,
    "Seconds after which the configuration before is served from again, unless `config-confirm` comes.",
);

/// The commands that end a trial.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 2] {
    [
        Command {
            name: "config-confirm",
            access: Access::Write,
            exclusive: true,
            since: OURS,
            help: "Keeps the configuration that was set with `confirm-within`.",
            args: &[],
            run: |daemon, _| {
                Box::pin(async move {
                    match daemon.confirm().await {
                        true => successful(daemon, "Configuration confirmed.").await,
                        false => nothing_on_trial(),
                    }
                })
            },
        },
        Command {
            name: "config-cancel",
            access: Access::Write,
            exclusive: true,
            since: OURS,
            help: "Goes back at once to the configuration before the one that was set with `confirm-within`.",
            args: &[],
            run: |daemon, _| {
                Box::pin(async move {
                    match daemon.cancel().await {
                        Ok(true) => {
                            successful(daemon, "The configuration before is served from again.").await
                        }
                        Ok(false) => nothing_on_trial(),
                        Err(reason) => Response::error(reason.to_string()),
                    }
                })
            },
        },
    ]
}

fn nothing_on_trial() -> Response {
    Response::failed(ResultCode::Conflict, "No configuration is waiting to be confirmed.")
}

/// `confirm-within` of a request, if it has one.
pub(super) fn confirm_within(request: &Request) -> Result<Option<Duration>, String> {
    let Some(value) = request.argument(CONFIRM_WITHIN.name) else { return Ok(None) };
    match value.as_u64().map(Duration::from_secs) {
        Some(within) if !within.is_zero() && within <= LONGEST => Ok(Some(within)),
        _ => Err(format!("'confirm-within' parameter expected to be 1 to {} seconds.", LONGEST.as_secs())),
    }
}
