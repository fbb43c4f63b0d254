//! `kea-lfc`: the cleanup of lease files.

use std::fs::{self, File};
use std::process::Stdio;
use std::time::Duration;

use kotare_tests::world::eventually_within;

use super::figures::{Figure, Readings};
use super::leases;
use super::process::usage;
use super::protocol::Protocol;
use super::stage::{Act, stopwatch};
use crate::run::Done;

/// How many clients there are; each has three rows.
const CLIENTS: u32 = 1_000_000;

/// A million leases of the previous cleanup, and each renewed twice since.
pub(super) fn cleanup<P: Protocol>(act: &Act<'_>) -> Done<Readings> {
    let [previous, copy, output, finish, pid, configuration] =
        ["csv.2", "csv.1", "csv.output", "csv.completed", "pid", "conf"]
            .map(|end| act.world.path(&format!("leases.{end}")));
    act.place::<P>(&previous, "previous", |path| {
        leases::write::<P>(path, act.contender, 0..CLIENTS, 4000, false)
    })?;
    act.place::<P>(&copy, "copy", |path| {
        leases::write::<P>(path, act.contender, (0..CLIENTS).chain(0..CLIENTS), 2000, false)
    })?;
    fs::write(&configuration, "{}")?;
    let mut command = act.server.command(act.program("kea-lfc")?);
    command.arg(P::LFC).arg("-x").arg(&previous).arg("-i").arg(&copy).arg("-o").arg(&output);
    command.arg("-f").arg(&finish).arg("-p").arg(&pid).arg("-c").arg(&configuration);
    let log = act.world.path("log");
    let said = File::create(&log)?;
    command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
    let elapsed = stopwatch();
    let mut child = command.spawn()?;
    // The peak is read while the program runs, so what it grew by in its last hundredth of a second is missed.
    let mut used = None;
    let (status, seconds) = eventually_within(Duration::from_secs(300), "the cleanup ends", || {
        if let Some(status) = child.try_wait().ok()? {
            return Some((status, elapsed()));
        }
        used = usage(child.id()).or(used);
        None
    });
    let rows = fs::read_to_string(&previous)?.lines().count();
    if !status.success() || rows != CLIENTS as usize + 1 {
        let said = fs::read_to_string(&log).unwrap_or_default();
        return Err(format!("kea-lfc ended with {status} and left {rows} lines; it said:\n{said}").into());
    }
    let used = used.ok_or("kea-lfc ended before it could be looked at")?;
    Ok(vec![(Figure::SECONDS, seconds), (Figure::CPU, used.cpu), (Figure::PEAK, used.peak)])
}
