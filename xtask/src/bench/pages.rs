//! Packets while an operator goes through a million leases.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use kotare_tests::world::V4;
use serde_json::{Value, json};

use super::figures::{Figure, Readings};
use super::leases;
use super::protocol::Protocol;
use super::stage::{Act, stopwatch};
use super::start::Start;
use crate::run::Done;

/// How many leases there are.
const LEASES: u32 = 1_000_000;
/// How many an answer has.
const PAGE: u32 = 1000;

/// One client at a time asks for a lease; with `asked`, `lease4-get-page` is asked again and again all the while.
pub(super) fn pages(act: &Act<'_>, asked: bool) -> Done<Readings> {
    act.place::<V4>(&act.lease_file(), "start", |path| {
        leases::write::<V4>(path, act.contender, 0..LEASES, 0, false)
    })?;
    let mut dhcp4 = V4::with_subnets(act, &Start::default());
    dhcp4["hooks-libraries"] = json!([{"library": act.library("libdhcp_lease_cmds.so")}]);
    let server = act.start::<V4>(dhcp4)?;
    let mut load = act.load::<V4>();
    // The subnet of the relay has addresses for these, and none of the leases.
    load.args(["--in-flight", "1", "--first", "50000000", "--clients", "200"]);
    let mut load = load.args(["--seconds", &act.seconds().to_string()]).spawn()?;
    let elapsed = stopwatch();
    let (mut from, mut listed) = ("start".to_owned(), 0);
    while asked && load.try_wait()?.is_none() {
        (from, listed) = match page(server.control_socket(), &from)? {
            Some(last) => (last, listed + PAGE),
            None => ("start".to_owned(), listed),
        };
    }
    let seconds = elapsed();
    let read: Value = serde_json::from_slice(&load.wait_with_output()?.stdout)?;
    server.stop();
    let value = |key: &str| read[key].as_f64().unwrap_or(f64::NAN);
    let mut readings = vec![(Figure::P50, value("p50_us")), (Figure::P99, value("p99_us"))];
    if asked {
        readings.push((Figure::LISTED, f64::from(listed) / seconds));
    }
    Ok(readings)
}

/// Asks for the leases after `from`; the address of the last one, if there are any.
fn page(socket: &Path, from: &str) -> Done<Option<String>> {
    let mut stream = UnixStream::connect(socket)?;
    let request = json!({"command": "lease4-get-page", "arguments": {"from": from, "limit": PAGE}});
    stream.write_all(request.to_string().as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    // Who reads all of it takes the time of a processor that the server could have.
    let last = answer.rsplit_once("\"ip-address\"").and_then(|(_, rest)| rest.split('"').nth(1));
    match last {
        Some(address) => Ok(Some(address.to_owned())),
        None if answer.contains("0 IPv4 lease(s) found") => Ok(None),
        None => Err(format!("lease4-get-page is answered with {answer}").into()),
    }
}
