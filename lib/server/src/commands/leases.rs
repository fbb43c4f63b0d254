//! Commands about leases as a whole: `leases-reclaim`, `leases-recount`, `kea-lfc-start`.

use std::time::Duration;

use kotare_config::process::ExpiredLeases;
use kotare_control::{Access, Argument, ArgumentType, Command, OURS, Response, ResultCode};
use kotare_model::Tally;
use kotare_stats::Marks;
use kotare_stats::Statistic;
use kotare_store::StoreError;
use serde_json::{Map, Value as Json};

use crate::Daemon;
use crate::cleanup::Started;
use crate::family::{Family, StatOf};
use crate::store_aside::store_aside;
use crate::upkeep::reclaim_once;

/// The commands about the leases as a whole.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 3] {
    [
        Command {
            name: "leases-reclaim",
            access: Access::Write,
            exclusive: false,
            since: "1.0.0",
            help: "Reclaims all expired leases at once.",
            args: &[Argument {
                name: "remove",
                kind: ArgumentType::Boolean,
                required: true,
                help: "Whether reclaimed leases are removed rather than kept for their clients.",
            }],
            run: |daemon, request| {
                let remove = request.argument("remove").and_then(|it| it.as_bool()).unwrap_or(false);
                Box::pin(reclaim(daemon, remove))
            },
        },
        // `kea-admin stats-recount` asks for it.
        Command {
            name: "leases-recount",
            access: Access::Write,
            exclusive: false,
            since: OURS,
            help: "Counts all leases anew and sets the statistics of how many there are.",
            args: &[],
            run: |daemon, _| Box::pin(recount(daemon)),
        },
        Command {
            name: "kea-lfc-start",
            access: Access::Write,
            exclusive: false,
            since: "3.1.2",
            help: "Starts the cleanup of the lease file.",
            args: &[],
            run: |daemon, _| Box::pin(start_cleanup(daemon)),
        },
    ]
}

async fn reclaim<F: Family>(daemon: &Daemon<F>, remove: bool) -> Response {
    let generation = daemon.generation();
    let configured = generation.process().expired_leases;
    // What is asked for holds, whatever is configured, also where nobody removes later what is kept.
    let at_least = Duration::from_secs(1);
    let everything = ExpiredLeases {
        max_leases: 0,
        max_time: Duration::ZERO,
        hold: if remove { Duration::ZERO } else { configured.hold.max(at_least) },
        flush_wait: configured.flush_wait.max(at_least),
        ..configured
    };
    let clock = &daemon.surroundings.clock;
    let reclaimed = reclaim_once(&generation, everything, clock).await;
    daemon.statistics.tick(clock.since_epoch());
    match reclaimed {
        Ok(_) => Response::success("Reclamation of expired leases is complete."),
        Err(error) => Response::error(format!("expired leases could not all be reclaimed: {error}")),
    }
}

/// Counts the leases that there are, and has the statistics say so.
///
/// # Errors
/// When they cannot be counted; the statistics are as before then.
pub(crate) async fn count_anew<F: Family>(daemon: &Daemon<F>) -> Result<Vec<Tally>, StoreError> {
    let (stored, statistics) = (daemon.generation().stored.clone(), daemon.statistics.clone());
    let (marks, counted) = store_aside(move || async move {
        let mut marks = Marks::default();
        let counted = stored.leases.tally(|| marks = statistics.marks()).await?;
        Ok::<_, StoreError>((marks, counted))
    })
    .await?;
    daemon.statistics.recount(&marks, &counted, daemon.surroundings.clock.since_epoch());
    Ok(counted)
}

async fn recount<F: Family>(daemon: &Daemon<F>) -> Response {
    let counted = match count_anew(daemon).await {
        Ok(counted) => counted,
        Err(error) => return Response::error(format!("the leases cannot be counted: {error}")),
    };
    let sum = |at: usize| counted.iter().map(|tally| StatOf::<F>::gauges(tally)[at]).sum::<u64>();
    let sums = StatOf::<F>::GAUGES.into_iter().enumerate();
    let sums = sums.filter_map(|(at, stat)| Some((stat?.name().to_owned(), sum(at).into())));
    Response::success("The statistics of leases were counted anew.").with(Json::Object(Map::from_iter(sums)))
}

async fn start_cleanup<F: Family>(daemon: &Daemon<F>) -> Response {
    let generation = daemon.generation();
    if generation.stored.at.is_none() {
        let text = "'persist' parameter of 'memfile' lease backend was configured to 'false'";
        return Response::failed(ResultCode::Unsupported, text);
    }
    daemon.cleanup.rescheduled.notify_one();
    match daemon.cleanup.start(&generation.stored).await {
        Started::Yes => Response::success("kea-lfc started"),
        Started::AlreadyRunning => Response::failed(ResultCode::Empty, "kea-lfc already running"),
        Started::Failed => Response::error("failed to start kea-lfc"),
    }
}
