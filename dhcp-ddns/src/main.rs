//! `kea-dhcp-ddns`, the server that updates the DNS.

use std::process::ExitCode;

fn main() -> ExitCode {
    kotare_dhcp_ddns::main()
}
