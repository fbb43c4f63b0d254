//! The commands of the server.

use std::path::Path;
use std::sync::Arc;

use kotare_control::{
    Access, Argument, ArgumentType, Command, Commands, Duplicate, Facts, OURS, Request, Response, now,
};
use kotare_daemon::args::{self, KEA_VERSION};
use kotare_process::configured::{self, Configured, InEffect};
use kotare_process::exit_code;
use kotare_process::program::candidate;
use serde_json::{Value as Json, json};

use crate::daemon::Daemon;
use crate::generation::{Generation, Refused};
use crate::gss_tsig::{self, GssTsig};
use crate::messages::*;
use crate::updates::Ending;
use crate::{PROGRAM, reconcile};

/// What they are, by name.
///
/// # Errors
/// If two have the same name.
pub fn facts() -> Result<Vec<Facts>, Duplicate> {
    Ok(all()?.facts().copied().collect())
}

/// All of them.
fn all() -> Result<Commands<Daemon>, Duplicate> {
    Commands::new()
        .own(configured::commands())?
        .own(CONFIGURATION.iter().copied())?
        .own(PROCESS.iter().copied())?
        .own(STATISTICS.iter().copied())?
        .own(ZONES.iter().copied())
}

/// Those of a hook library that is known: its name, and what they are.
#[must_use]
pub fn library_facts() -> (&'static str, Vec<Facts>) {
    ("gss_tsig", gss_tsig::commands::facts())
}

/// Those of a configuration: with those of the hook library, if it is there.
pub(crate) fn of(library: Option<&GssTsig>) -> Result<Commands<Daemon>, Duplicate> {
    let own = all()?;
    if library.is_some() { own.own(gss_tsig::commands::COMMANDS.iter().copied()) } else { Ok(own) }
}

const WHOLE: Argument =
    Argument::own("DhcpDdns", &ArgumentType::Map, "The configuration, as in a file.").required();

const CONFIGURATION: &[Command<Daemon>] = &[
    Command {
        name: "config-set",
        access: Access::Write,
        exclusive: true,
        since: "1.2.0",
        help: "Goes on with another configuration; if it cannot be used, nothing changes.",
        args: &[WHOLE],
        run: |daemon, request| {
            Box::pin(async move {
                let candidate = match candidate::<Daemon>("config-set", request) {
                    Ok(candidate) => candidate,
                    Err(reason) => {
                        DHCP_DDNS_CONFIG_FAIL(&reason);
                        return Response::error(reason);
                    }
                };
                let done = daemon.reconfigure(candidate).await;
                applied(daemon, done)
            })
        },
    },
    Command {
        name: "config-reload",
        access: Access::Write,
        exclusive: true,
        since: "1.2.0",
        help: "Reads the configuration file anew; if it cannot be used, nothing changes.",
        args: &[],
        run: |daemon, _| {
            Box::pin(async move {
                let done = daemon.reload().await;
                applied(daemon, done)
            })
        },
    },
];

const PROCESS: &[Command<Daemon>] = &[
    Command {
        name: "build-report",
        access: Access::Read,
        exclusive: false,
        since: "1.2.0",
        help: "Returns how this server was built.",
        args: &[],
        run: |daemon, _| now(Response::success(args::report(&PROGRAM, daemon.environment()))),
    },
    Command {
        name: "version-get",
        access: Access::Read,
        exclusive: false,
        since: "1.2.0",
        help: "Returns the version of Kea this server behaves as, and its own.",
        args: &[],
        run: |_, _| {
            let extended = args::extended_version(&PROGRAM);
            now(Response::success(KEA_VERSION).with(json!({"extended": extended})))
        },
    },
    Command {
        name: "status-get",
        access: Access::Read,
        exclusive: false,
        since: "1.7.3",
        help: "Returns how the server is doing.",
        args: &[],
        run: |daemon, _| now(Response::data(daemon.status())),
    },
    Command {
        name: "shutdown",
        access: Access::Write,
        exclusive: false,
        since: "1.0.0",
        help: "Ends the server.",
        args: &[
            Argument::own("exit-value", &ArgumentType::Integer, "The exit code, 0 without it."),
            Argument::own(
                "type",
                &ArgumentType::String,
                "`normal`: after the updates under way; `drain_first`: after all that wait; `now`: at once.",
            ),
        ],
        run: |daemon, request| now(shut_down(daemon, &request)),
    },
];

const NAME: Argument = Argument::own("name", &ArgumentType::String, "The statistic.").required();

const STATISTICS: &[Command<Daemon>] = &[
    Command {
        name: "statistic-get",
        access: Access::Read,
        exclusive: false,
        since: "1.0.0",
        help: "Returns one statistic; an empty map if there is none of this name.",
        args: &[NAME],
        run: |daemon, request| now(Response::data(daemon.statistics().get(name(&request)))),
    },
    Command {
        name: "statistic-get-all",
        access: Access::Read,
        exclusive: false,
        since: "1.0.0",
        help: "Returns all statistics.",
        args: &[],
        run: |daemon, _| now(Response::data(daemon.statistics().all())),
    },
    Command {
        name: "statistic-reset",
        access: Access::Write,
        exclusive: false,
        since: "1.0.0",
        help: "Sets one statistic to 0.",
        args: &[NAME],
        run: |daemon, request| {
            let name = name(&request);
            now(match daemon.statistics().reset(name, daemon.clock().since_epoch()) {
                true => Response::success(format!("Statistic '{name}' reset.")),
                false => Response::error(format!("No '{name}' statistic found")),
            })
        },
    },
    Command {
        name: "statistic-reset-all",
        access: Access::Write,
        exclusive: false,
        since: "1.0.0",
        help: "Sets all statistics to 0.",
        args: &[],
        run: |daemon, _| {
            daemon.statistics().reset_all(daemon.clock().since_epoch());
            now(Response::success("All statistics reset to neutral values."))
        },
    },
];

const ZONES: &[Command<Daemon>] = &[Command {
    name: "ddns-reconcile",
    access: Access::Write,
    exclusive: false,
    since: OURS,
    help: "Compares the zones with the leases of the `dhcp-servers`, and asks for what is missing or stale there.",
    args: &[
        Argument {
            name: "dry-run",
            kind: ArgumentType::Boolean,
            required: false,
            help: "Whether it is only told what would be asked for.",
        },
        Argument::own(
            "limit",
            &ArgumentType::Integer,
            "How many changes to list, 1000 without it and 10000 at most; all are counted.",
        ),
    ],
    run: |daemon, request| Box::pin(reconcile::answer(daemon, request)),
}];

fn name(request: &Request) -> &str {
    request.argument(NAME.name).and_then(Json::as_str).unwrap_or_default()
}

/// The answer to a command that brought a configuration.
fn applied(daemon: &Daemon, done: Result<(), Refused>) -> Response {
    match done {
        Ok(()) => {
            let hash = daemon.generation().hash().to_owned();
            Response::success("Configuration applied successfully.").with(json!({"hash": hash}))
        }
        Err(refused) => Response::error(refused.to_string()),
    }
}

fn shut_down(daemon: &Daemon, request: &Request) -> Response {
    let code = match exit_code(request) {
        Ok(code) => code,
        Err(refusal) => return refusal,
    };
    match &request.arguments {
        Some(arguments) => DHCP_DDNS_SHUTDOWN_COMMAND(arguments),
        None => DHCP_DDNS_SHUTDOWN_COMMAND("(no arguments)"),
    }
    let kind = request.argument("type").and_then(Json::as_str).unwrap_or(Ending::Normal.name());
    match Ending::of(kind) {
        Some(ending) => {
            daemon.shut_down(ending, code);
            Response::success(format!("Shutdown initiated, type is: {kind}"))
        }
        None => Response::error(format!("Invalid Shutdown type: {kind}")),
    }
}

impl Configured for Daemon {
    type InEffect = Generation;

    const CONFIGURATION: &'static Argument = &WHOLE;

    fn in_effect(&self) -> Arc<Generation> {
        self.generation()
    }

    fn file(&self) -> &Path {
        self.configuration_file()
    }

    fn test(&self, request: Request) -> Response {
        let judged = candidate::<Daemon>("config-test", request)
            .and_then(|candidate| self.test(candidate).map_err(|refused| refused.to_string()));
        match judged {
            Ok(()) => Response::success("Configuration check successful"),
            Err(reason) => {
                DHCP_DDNS_CONFIG_CHECK_FAIL(&reason);
                Response::error(reason)
            }
        }
    }
}
