//! The `statistic-…` commands.

use std::sync::Arc;
use std::time::Duration;

use kotare_stats::{Limit, Statistic, Statistics};

use crate::{Access, Argument, ArgumentType, Command, Reply, Request, Response, blocking, now};

/// A server that has statistics.
pub trait HasStatistics: Send + Sync + 'static {
    /// What it counts.
    type Stat: Statistic;

    /// Its statistics.
    fn statistics(&self) -> &Statistics<Self::Stat>;

    /// The time since 1970-01-01T00:00:00Z.
    fn since_epoch(&self) -> Duration;
}

const NAME: Argument = Argument {
    name: "name",
    kind: ArgumentType::String,
    required: true,
    help: "The statistic, for example `pkt4-received` or `subnet[1].assigned-addresses`.",
};
const DURATION: Argument = Argument {
    name: "duration",
    kind: ArgumentType::Integer,
    required: true,
    help: "For how many seconds samples are kept, compared to the latest one.",
};
const MAX_SAMPLES: Argument = Argument {
    name: "max-samples",
    kind: ArgumentType::Low32,
    required: true,
    help: "How many samples are kept, at least one.",
};

/// The table of the `statistic-…` commands, for a server `C`.
pub const fn commands<C: HasStatistics>() -> [Command<C>; 11] {
    [
        Command {
            name: "statistic-get",
            access: Access::Read,
            exclusive: false,
            since: "1.0.0",
            help: "Returns one statistic; an empty map if there is none of this name.",
            args: &[NAME],
            run: |server, request| {
                now(Response::written(server.statistics().get(name(&request), server.since_epoch())))
            },
        },
        Command {
            name: "statistic-get-all",
            access: Access::Read,
            exclusive: false,
            since: "1.0.0",
            help: "Returns all statistics.",
            args: &[],
            run: |server, _| {
                on_all(server, |server| Response::written(server.statistics().all(server.since_epoch())))
            },
        },
        Command {
            name: "statistic-global-get-all",
            access: Access::Read,
            exclusive: false,
            since: "3.1.2",
            help: "Returns all statistics but those of subnets and their pools.",
            args: &[],
            run: |server, _| {
                on_all(server, |server| {
                    Response::written(server.statistics().all_global(server.since_epoch()))
                })
            },
        },
        Command {
            name: "statistic-remove",
            access: Access::Write,
            exclusive: false,
            since: "1.0.0",
            help: "Removes one statistic, until it is counted again.",
            args: &[NAME],
            run: |server, request| {
                let found = server.statistics().remove(name(&request), server.since_epoch());
                now(outcome(found, name(&request), "removed."))
            },
        },
        Command {
            name: "statistic-remove-all",
            access: Access::Write,
            exclusive: false,
            since: "1.0.0",
            help: "Removes all statistics, until they are counted again. Deprecated.",
            args: &[],
            run: |server, _| {
                on_all(server, |server| {
                    server.statistics().remove_all();
                    let text = "Warning: statistic-remove-all command is deprecated. All statistics removed.";
                    Response::success(text)
                })
            },
        },
        Command {
            name: "statistic-reset",
            access: Access::Write,
            exclusive: false,
            since: "1.0.0",
            help: "Sets one statistic to 0 and forgets its samples.",
            args: &[NAME],
            run: |server, request| {
                let found = server.statistics().reset(name(&request), server.since_epoch());
                now(outcome(found, name(&request), "reset."))
            },
        },
        Command {
            name: "statistic-reset-all",
            access: Access::Write,
            exclusive: false,
            since: "1.0.0",
            help: "Sets all statistics to 0 and forgets their samples.",
            args: &[],
            run: |server, _| {
                on_all(server, |server| {
                    server.statistics().reset_all(server.since_epoch());
                    Response::success("All statistics reset to neutral values.")
                })
            },
        },
        Command {
            name: "statistic-sample-age-set",
            access: Access::Write,
            exclusive: false,
            since: "1.6.0",
            help: "Sets for how long one statistic's samples are kept.",
            args: &[NAME, DURATION],
            run: |server, request| now(limit(&**server, &request, age(&request), "duration limit is set.")),
        },
        Command {
            name: "statistic-sample-age-set-all",
            access: Access::Write,
            exclusive: false,
            since: "1.6.0",
            help: "Sets for how long the samples of all statistics are kept, also of those to come.",
            args: &[DURATION],
            run: |server, request| {
                on_all(server, move |server| {
                    server.statistics().set_limit_all(age(&request));
                    Response::success("All statistics duration limit are set.")
                })
            },
        },
        Command {
            name: "statistic-sample-count-set",
            access: Access::Write,
            exclusive: false,
            since: "1.6.0",
            help: "Sets how many samples of one statistic are kept.",
            args: &[NAME, MAX_SAMPLES],
            run: |server, request| now(limit(&**server, &request, count(&request), "count limit is set.")),
        },
        Command {
            name: "statistic-sample-count-set-all",
            access: Access::Write,
            exclusive: false,
            since: "1.6.0",
            help: "Sets how many samples of all statistics are kept, also of those to come.",
            args: &[MAX_SAMPLES],
            run: |server, request| {
                let limit = count(&request);
                if limit == Limit::Count(0) {
                    return now(Response::error("'max-samples' parameter must not be zero"));
                }
                on_all(server, move |server| {
                    server.statistics().set_limit_all(limit);
                    Response::success("All statistics count limit are set.")
                })
            },
        },
    ]
}

/// The reply of a command that visits every statistic; with many subnets there are very many.
fn on_all<C: HasStatistics>(
    server: &Arc<C>,
    work: impl FnOnce(&C) -> Response + Send + 'static,
) -> Reply<'static> {
    let server = server.clone();
    blocking(move || work(&server))
}

fn name(request: &Request) -> &str {
    request.argument(NAME.name).and_then(|name| name.as_str()).unwrap_or_default()
}

fn age(request: &Request) -> Limit {
    let seconds = request.argument(DURATION.name).and_then(|number| number.as_u64());
    Limit::Age(Duration::from_secs(seconds.unwrap_or_default()))
}

fn count(request: &Request) -> Limit {
    let count = request.argument(MAX_SAMPLES.name).and_then(|number| number.as_i64());
    Limit::Count(count.unwrap_or_default() as u32)
}

fn limit(server: &impl HasStatistics, request: &Request, limit: Limit, done: &str) -> Response {
    let found = server.statistics().set_limit(name(request), limit, server.since_epoch());
    outcome(found, name(request), done)
}

fn outcome(found: bool, name: &str, done: &str) -> Response {
    if found {
        Response::success(format!("Statistic '{name}' {done}"))
    } else {
        Response::error(format!("No '{name}' statistic found"))
    }
}
