//! How long a server with much to read takes until it serves, and how much memory it needs.

use serde_json::Value;

use super::figures::{Figure, Readings};
use super::leases;
use super::process::usage;
use super::protocol::Protocol;
use super::stage::{Act, stopwatch};
use crate::run::Done;

/// What there is to read.
#[derive(Default)]
pub(crate) struct Start {
    /// Rows of the lease file, one a lease.
    pub(super) leases: u32,
    /// Subnets beside the client's and the leases'.
    pub(super) subnets: u32,
    /// Reservations, in equal parts in those subnets.
    pub(super) reservations: u32,
    /// Whether every second lease is of a prefix, in DHCPv6.
    pub(super) prefixes: bool,
}

impl Start {
    /// Gives a subnet its part of the reservations.
    pub(super) fn reserve(&self, subnet: &mut Value, reservation: impl Fn(u32) -> Value) {
        let each = self.reservations / self.subnets.max(1);
        if each > 0 {
            subnet["reservations"] = (0..each).map(reservation).collect();
        }
    }
}

/// From the start of the program to the first offer to a client that asks every few milliseconds.
pub(super) fn start<P: Protocol>(act: &Act<'_>, start: &Start) -> Done<Readings> {
    if start.leases > 0 {
        let (name, clients) =
            if start.prefixes { ("start-prefixes", start.leases / 2) } else { ("start", start.leases) };
        act.place::<P>(&act.lease_file(), name, |path| {
            leases::write::<P>(path, act.contender, 0..clients, 0, start.prefixes)
        })?;
    }
    first_offer::<P>(act, P::with_subnets(act, start))
}

/// The same with this configuration.
pub(super) fn first_offer<P: Protocol>(act: &Act<'_>, map: Value) -> Done<Readings> {
    let mut client = act.load::<P>();
    client.args(["--in-flight", "1", "--offers-only", "--first", "50000000", "--warm-up", "0"]);
    client.args(["--exchanges", "1", "--resend", "0.004", "--seconds", "100", "--silence", "55"]);
    let client = client.spawn()?;
    let server = act.launch::<P>(map)?;
    // The program has just been started; before that its configuration was written.
    let elapsed = stopwatch();
    let output = client.wait_with_output()?;
    let seconds = elapsed();
    let used = usage(server.pid());
    let read: Value = serde_json::from_slice(&output.stdout)?;
    let (Some(used), Some(1)) = (used, read["exchanges"].as_u64()) else {
        return Err(format!("no offer within a minute; the server's log:\n{}", server.log()).into());
    };
    server.stop();
    Ok(vec![
        (Figure::FIRST_OFFER, seconds),
        (Figure::CPU, used.cpu),
        (Figure::RESIDENT, used.resident),
        (Figure::PEAK, used.peak),
    ])
}
