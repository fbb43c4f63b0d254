//! `kea-dhcp4`, the DHCPv4 server.

use std::process::ExitCode;

fn main() -> ExitCode {
    kotare_server::main()
}
