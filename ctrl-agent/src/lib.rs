//! The control agent: management programs send their commands to one address, and it passes each on to the daemons that
//! its `service` names, or answers it itself.
//!
//! It is a process of its own and keeps nothing: whatever daemons do, it can be ended and started again. A daemon that is
//! away, hangs or answers nonsense is an answer with an error (`forward.rs`), within a time that is known; the commands
//! that wait for one daemon take no room from those for another, nor from the agent's own (`front.rs`).

mod agent;
mod catalogue;
pub mod commands;
mod forward;
mod front;
mod generation;
mod judged;
mod messages;
mod words;

pub use agent::Agent;
pub use generation::Refused;
pub use kotare_process::program::Surroundings;

use std::process::ExitCode;

use kotare_config::agent::FILE as AGENT_FILE;
use kotare_config::schema::File;
use kotare_daemon::args::Program;
use kotare_modules::ModulesAgent;

/// The program.
pub const PROGRAM: Program = Program {
    name: "kea-ctrl-agent",
    title: "Control Agent",
    version: env!("CARGO_PKG_VERSION"),
    lease_backends: &[],
    may_fail: false,
};

/// The form of its configuration files.
pub const FILE: &File = &AGENT_FILE.with_libraries(ModulesAgent::SCHEMAS);

/// What the log calls it.
const NAME: &str = "Control-agent";

/// Runs the program with the arguments of the process; its exit code.
pub fn main() -> ExitCode {
    kotare_process::program::main::<Agent>()
}
