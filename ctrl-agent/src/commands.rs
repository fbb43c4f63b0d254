//! The agent's own commands.

use std::path::Path;
use std::sync::Arc;

use kotare_control::{
    Access, Argument, ArgumentType, Command, Commands, Duplicate, Facts, Request, Response, now,
};
use kotare_daemon::args::{self, KEA_VERSION};
use kotare_process::configured::{self, Configured};
use kotare_process::exit_code;
use kotare_process::program::candidate;
use serde_json::json;

use crate::PROGRAM;
use crate::agent::Agent;
use crate::generation::Generation;
use crate::messages::*;

/// What they are, by name.
///
/// # Errors
/// If two have the same name.
pub fn facts() -> Result<Vec<Facts>, Duplicate> {
    Ok(all()?.facts().copied().collect())
}

/// All of them.
pub(crate) fn all() -> Result<Commands<Agent>, Duplicate> {
    Commands::new()
        .own(configured::commands())?
        .own(CONFIGURATION.iter().copied())?
        .own(PROCESS.iter().copied())
}

const WHOLE: Argument =
    Argument::own("Control-agent", &ArgumentType::Map, "The configuration, as in a file.").required();

const CONFIGURATION: &[Command<Agent>] = &[
    Command {
        name: "config-set",
        access: Access::Write,
        exclusive: true,
        since: "1.2.0",
        help: "Goes on with another configuration; if it cannot be used, nothing changes.",
        args: &[WHOLE],
        run: |agent, request| {
            Box::pin(async move {
                let candidate = match candidate::<Agent>("config-set", request) {
                    Ok(candidate) => candidate,
                    Err(reason) => {
                        CTRL_AGENT_CONFIG_FAIL(&reason);
                        return Response::error(reason);
                    }
                };
                match agent.reconfigure(candidate).await {
                    Ok(()) => Response::success("Configuration applied successfully."),
                    Err(refused) => Response::error(refused.to_string()),
                }
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
        run: |agent, _| {
            Box::pin(async move {
                match agent.reload().await {
                    Ok(()) => Response::success("Configuration applied successfully."),
                    Err(refused) => Response::error(refused.to_string()),
                }
            })
        },
    },
];

const PROCESS: &[Command<Agent>] = &[
    Command {
        name: "build-report",
        access: Access::Read,
        exclusive: false,
        since: "1.2.0",
        help: "Returns how this agent was built.",
        args: &[],
        run: |agent, _| now(Response::success(args::report(&PROGRAM, agent.environment()))),
    },
    Command {
        name: "version-get",
        access: Access::Read,
        exclusive: false,
        since: "1.2.0",
        help: "Returns the version of Kea this agent behaves as, and its own.",
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
        help: "Returns how the agent is doing.",
        args: &[],
        run: |agent, _| now(Response::data(agent.status())),
    },
    Command {
        name: "shutdown",
        access: Access::Write,
        exclusive: false,
        since: "1.0.0",
        help: "Ends the agent.",
        args: &[Argument::own("exit-value", &ArgumentType::Integer, "The exit code, 0 without it.")],
        run: |agent, request| {
            now(match exit_code(&request) {
                Ok(code) => {
                    agent.shut_down(code);
                    Response::success("Control Agent is shutting down")
                }
                Err(refusal) => refusal,
            })
        },
    },
];

impl Configured for Agent {
    type InEffect = Generation;

    const CONFIGURATION: &'static Argument = &WHOLE;

    fn in_effect(&self) -> Arc<Generation> {
        self.generation()
    }

    fn file(&self) -> &Path {
        self.configuration_file()
    }

    fn test(&self, request: Request) -> Response {
        let judged = candidate::<Agent>("config-test", request)
            .and_then(|candidate| self.judge(candidate).map_err(|refused| refused.to_string()));
        match judged {
            Ok(_) => Response::success("Configuration check successful"),
            Err(reason) => {
                CTRL_AGENT_CONFIG_CHECK_FAIL(&reason);
                Response::error(reason)
            }
        }
    }
}
