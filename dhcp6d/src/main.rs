//! `kea-dhcp6`, the DHCPv6 server: on the kernel's network, with leases in memory and a file.

use std::process::ExitCode;

use kotare_dhcp6d::{Dhcp6, Kernel6};
use kotare_store_memfile::Memfile6;

fn main() -> ExitCode {
    kotare_server::main::<Dhcp6<Kernel6, Memfile6>>(|args| Kernel6::new(args.server_port), Memfile6::open)
}
