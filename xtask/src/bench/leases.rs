//! Lease files to start from, as the server measured would have written them.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::SystemTime;

use super::protocol::Protocol;
use super::stage::Contender;

/// The lifetime of every lease.
const LIFETIME: u64 = 86_400;

/// What a client has in a lease file.
pub(crate) struct Row {
    /// Whom it is of: its number in `kotare-load`.
    pub(super) client: u32,
    /// For how long it is valid, in seconds.
    pub(super) lifetime: u64,
    /// When it ends, in seconds since 1970.
    pub(super) expire: u64,
    /// Whether the client has a prefix, too.
    pub(super) prefixes: bool,
}

impl Row {
    /// The hardware address of the client, as `kotare-load` has it.
    pub(super) fn mac(&self) -> String {
        mac(self.client)
    }
}

/// The hardware address of the client with this number.
pub(super) fn mac(client: u32) -> String {
    let [a, b, c, d] = client.to_be_bytes();
    format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// Writes a lease file with the leases of these clients, in their order, all of them current. `age` in seconds tells
/// apart the rows that a client has for its renewals.
pub(super) fn write<P: Protocol>(
    path: &Path,
    contender: Contender,
    clients: impl Iterator<Item = u32>,
    age: u64,
    prefixes: bool,
) -> io::Result<()> {
    let [pool, of_pool] = P::pool(contender);
    let expire = now() + LIFETIME - age;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(file, "{}{pool}", P::COLUMNS)?;
    for client in clients {
        for row in P::rows(&Row { client, lifetime: LIFETIME, expire, prefixes }) {
            writeln!(file, "{row}{of_pool}")?;
        }
    }
    file.flush()
}

#[expect(clippy::disallowed_methods, reason = "leases that are current need the time of the day")]
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
