//! What differs between the benches of DHCPv4 and of DHCPv6.

use std::process::Command;

use kotare_tests::world::Family;
use serde_json::Value;

use super::leases::Row;
use super::load::Steps;
use super::stage::{Act, Contender};
use super::start::Start;

/// A protocol as it is measured.
pub(crate) trait Protocol: Family {
    /// The server's address.
    const SERVER_ADDRESS: &'static str;
    /// The relay's.
    const RELAY: &'static str;
    /// Another relay on the same host, which a second load comes from.
    const OTHER_RELAY: &'static str;
    /// The address of the first client in a lease file; each further one has the next.
    const FIRST_LEASE: &'static str;
    /// The networks of those addresses are so long.
    const LENGTH: u8;
    /// What `kea-lfc` is told of it.
    const LFC: &'static str;
    /// The columns of a lease file, up to that of the pool.
    const COLUMNS: &'static str;

    /// What all configurations have; a subnet or many are to be added.
    fn configuration(act: &Act<'_>) -> Value;

    /// A configuration with a subnet for these steps.
    fn with_pool(act: &Act<'_>, steps: &Steps) -> Value;

    /// A configuration with what there is to read.
    fn with_subnets(act: &Act<'_>, start: &Start) -> Value;

    /// The rows of a client in a lease file, up to the column of the pool; more than one where it has a prefix, too.
    fn rows(row: &Row) -> impl Iterator<Item = String>;

    /// A reservation of the client with this number, of an address beside the usual ones.
    fn reservation(client: u32) -> Value;

    /// Tells the load which leases of the file to renew.
    fn renew(command: &mut Command);

    /// Tells the load whether clients want prefixes.
    fn want(command: &mut Command, prefixes: bool);

    /// What stands behind the columns of a lease file: Kea 2.2 takes a column of the pool for a reason to clean up at once.
    fn pool(contender: Contender) -> [&'static str; 2] {
        match contender {
            Contender::Kotare | Contender::Former => [",pool_id", ",0"],
            Contender::Kea => ["", ""],
        }
    }
}
