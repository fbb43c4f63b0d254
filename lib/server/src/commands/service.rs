//! `dhcp-disable` and `dhcp-enable`.

use std::time::Duration;

use kotare_control::{Access, Argument, ArgumentType, Command, Request, Response, now};

use crate::Daemon;
use crate::family::Family;
use crate::service::origin;

const ORIGIN: Argument = Argument {
    name: "origin",
    kind: ArgumentType::Any,
    required: false,
    help: "On whose behalf: `user` (default), `ha-partner`, or a number.",
};
const ORIGIN_ID: Argument = Argument {
    name: "origin-id",
    kind: ArgumentType::Any,
    required: false,
    help: "On whose behalf, as a number; wins over `origin`.",
};
const MAX_PERIOD: Argument = Argument {
    name: "max-period",
    kind: ArgumentType::Any,
    required: false,
    help: "Seconds after which the service is enabled again.",
};

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
            run: |daemon, request| {
                now(match origin_of(&request) {
                    Ok(origin) => {
                        daemon.service.enable(origin);
                        Response::success("DHCP service successfully enabled")
                    }
                    Err(text) => Response::error(text),
                })
            },
        },
    ]
}

fn disable<F: Family>(daemon: &Daemon<F>, request: &Request) -> Result<Response, String> {
    let period = match request.argument(MAX_PERIOD.name) {
        None => None,
        Some(value) => {
            let seconds = value.as_i64().ok_or("'max-period' argument must be a number")?;
            let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0);
            Some(seconds.ok_or("'max-period' must be positive integer")?)
        }
    };
    daemon.service.disable(origin_of(request)?, period.map(Duration::from_secs));
    let until = period.map_or(String::new(), |seconds| format!(" for {seconds} seconds"));
    Ok(Response::success(format!("{} service disabled{until}", F::PROTOCOL)))
}

fn origin_of(request: &Request) -> Result<u64, String> {
    if let Some(id) = request.argument(ORIGIN_ID.name) {
        return id.as_u64().ok_or_else(|| "'origin-id' argument must be a number".into());
    }
    let Some(origin) = request.argument(ORIGIN.name) else { return Ok(origin::USER) };
    match origin.as_str() {
        Some("user") => Ok(origin::USER),
        Some("ha-partner") => Ok(origin::HA_REMOTE),
        Some(other) => {
            let shown = if other.is_empty() { "(empty string)" } else { other };
            Err(format!("invalid value used for 'origin' parameter: {shown}"))
        }
        None => origin.as_u64().ok_or_else(|| "'origin' argument must be a string or a number".into()),
    }
}
