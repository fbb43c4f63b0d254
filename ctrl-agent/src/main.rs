//! `kea-ctrl-agent`, the control agent.

use std::process::ExitCode;

fn main() -> ExitCode {
    kotare_ctrl_agent::main()
}
