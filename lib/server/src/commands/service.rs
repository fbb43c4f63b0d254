//! `dhcp-disable` and `dhcp-enable`.

use std::time::Duration;

use kotare_control::{Access, Argument, ArgumentType, Command, Request, Response, now};
use serde_json::Value as Json;

use crate::Daemon;
use crate::family::Family;
use crate::service::origin;

const ORIGIN: Argument = Argument::own(
    "origin",
    &ArgumentType::Any,
    "On whose behalf: `user` (as without it), `ha-partner`, or a number.",
);
const ORIGIN_ID: Argument =
    Argument::own("origin-id", &ArgumentType::Integer, "On whose behalf, as a number; wins over `origin`.");
const MAX_PERIOD: Argument =
    Argument::own("max-period", &ArgumentType::Integer, "Seconds after which the service is enabled again.");

/// The commands about the DHCP service.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 2] {
    [
        Command {
            name: "dhcp-disable",
            access: Access::Write,
            exclusive: false,
            since: "1.4.0",
            help: "Stops answering DHCP messages; commands are still answered.",
            args: &[MAX_PERIOD, ORIGIN, ORIGIN_ID],
            run: |daemon, request| now(disable(daemon, &request).unwrap_or_else(Response::error)),
        },
        Command {
            name: "dhcp-enable",
            access: Access::Write,
            exclusive: false,
            since: "1.4.0",
            help: "Answers DHCP messages again.",
            args: &[ORIGIN, ORIGIN_ID],
            run: |daemon, request| now(enable(daemon, &request).unwrap_or_else(Response::error)),
        },
    ]
}

fn disable<F: Family>(daemon: &Daemon<F>, request: &Request) -> Result<Response, String> {
    check_map(request)?;
    let period = match request.argument(MAX_PERIOD.name) {
        None => None,
        Some(value) => {
            let seconds = value.as_i64().ok_or("'max-period' argument must be a number")?;
            let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
            Some(seconds.ok_or("'max-period' must be positive integer")?)
        }
    };
    let origin = origin_of(request)?;
    if period.is_some() && origin >= origin::DATABASE {
        return Err("Error during command processing: DB connection does not support delayed enable".into());
    }
    daemon.service.disable(origin, period.map(Duration::from_secs));
    let until = period.map_or(String::new(), |seconds| format!(" for {seconds} seconds"));
    Ok(Response::success(format!("{} service disabled{until}", F::PROTOCOL)))
}

fn enable<F: Family>(daemon: &Daemon<F>, request: &Request) -> Result<Response, String> {
    check_map(request)?;
    daemon.service.enable(origin_of(request)?);
    Ok(Response::success("DHCP service successfully enabled"))
}

fn check_map(request: &Request) -> Result<(), String> {
    request.check_map(|| format!("arguments for the '{}' command must be a map", request.command))
}

/// The origin that a request speaks for; as in Kea, a number of any size counts by its lowest 32 bits.
fn origin_of(request: &Request) -> Result<u32, String> {
    let number = |value: &Json| value.as_i64().map(|number| number as u32);
    if let Some(id) = request.argument(ORIGIN_ID.name) {
        return number(id).ok_or_else(|| "'origin-id' argument must be a number".into());
    }
    let Some(origin) = request.argument(ORIGIN.name) else { return Ok(origin::USER) };
    match origin.as_str() {
        Some("user") => Ok(origin::USER),
        Some("ha-partner") => Ok(origin::HA_REMOTE),
        Some(other) => {
            let shown = if other.is_empty() { "(empty string)" } else { other };
            Err(format!("invalid value used for 'origin' parameter: {shown}"))
        }
        None => number(origin).ok_or_else(|| "'origin' argument must be a string or a number".into()),
    }
}
