//! `kea-dhcp4`, the DHCPv4 server: on the kernel's network, with leases in memory and a file.

use std::process::ExitCode;

use kotare_dhcp4d::{Dhcp4, Kernel4};
use kotare_model::Lease4;
use kotare_server::Backend;
use kotare_store_memfile::Memfile4;

fn main() -> ExitCode {
    kotare_server::main::<Dhcp4<Kernel4, Backend<Lease4>>>(
        |args| Kernel4::new(args.server_port),
        |options| Memfile4::open(options).map(Backend::Memfile),
    )
}
