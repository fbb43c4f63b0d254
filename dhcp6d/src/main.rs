//! `kea-dhcp6`, the DHCPv6 server: on the kernel's network, with leases in memory and a file.

use std::process::ExitCode;

use kotare_dhcp6d::{Dhcp6, Kernel6};
use kotare_model::Lease6;
use kotare_server::Backend;
use kotare_store_memfile::Memfile6;

fn main() -> ExitCode {
    kotare_server::main::<Dhcp6<Kernel6, Backend<Lease6>>>(
        |args| Kernel6::new(args.server_port),
        |options| Memfile6::open(options).map(Backend::Memfile),
    )
}
