//! Lease files to start from, as the server measured would have written them.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::SystemTime;

use super::stage::Contender;

/// The first address; client `n` has the one `n` further, and so it is in `kotare-load --renew`.
pub(super) const FIRST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// The lifetime of every lease.
const LIFETIME: u64 = 86_400;

/// Writes a lease file with the leases of these clients, in their order, all of them current. `age` in seconds tells
/// apart the rows that a client has for its renewals.
pub(super) fn write(
    path: &Path,
    contender: Contender,
    clients: impl Iterator<Item = u32>,
    age: u64,
) -> io::Result<()> {
    let pool_id = match contender {
        Contender::Kotare | Contender::Former => ",0",
        // Kea 2.2 takes another schema for a reason to clean up at once.
        Contender::Kea => "",
    };
    let expire = now() + LIFETIME - age;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(
        b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context",
    )?;
    file.write_all(if pool_id.is_empty() { b"\n" } else { b",pool_id\n" })?;
    for client in clients {
        let address = Ipv4Addr::from_bits(FIRST.to_bits() + client);
        let [a, b, c, d] = client.to_be_bytes();
        let mac = format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}");
        writeln!(file, "{address},{mac},01:{mac},{LIFETIME},{expire},1,0,0,client-{client},0,{pool_id}")?;
    }
    file.flush()
}

#[expect(clippy::disallowed_methods, reason = "leases that are current need the time of the day")]
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
