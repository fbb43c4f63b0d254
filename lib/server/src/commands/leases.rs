//! Commands about leases as a whole: `leases-reclaim`, `kea-lfc-start`.

use std::time::Duration;

use kotare_config::process::ExpiredLeases;
use kotare_control::{Access, Argument, Command, Kind, Response, ResultCode, now};
use kotare_engine::expire;
use kotare_store::LeaseStore;

use crate::cleanup::Started;
use crate::daemon::Daemon;

pub(super) const COMMANDS: &[Command<Daemon>] = &[
    Command {
        name: "leases-reclaim",
        access: Access::Write,
        exclusive: false,
        since: "1.0.0",
        help: "Reclaims all expired leases at once.",
        args: &[Argument {
            name: "remove",
            kind: Kind::Boolean,
            required: true,
            help: "Whether reclaimed leases are removed rather than kept for their clients.",
        }],
        run: |app, request| {
            let remove = request.argument("remove").and_then(|it| it.as_bool()).unwrap_or(false);
            Box::pin(reclaim(app, remove))
        },
    },
    Command {
        name: "kea-lfc-start",
        access: Access::Write,
        exclusive: false,
        since: "2.7.4",
        help: "Starts the cleanup of the lease file.",
        args: &[],
        run: |app, _| now(start_cleanup(app)),
    },
];

async fn reclaim(app: &Daemon, remove: bool) -> Response {
    let generation = app.shared.generation.load_full();
    let configured = generation.server.config().process.expired_leases;
    let hold = if remove { Duration::ZERO } else { configured.hold.max(Duration::from_secs(1)) };
    let everything = ExpiredLeases { max_leases: 0, max_time: Duration::ZERO, hold, ..configured };
    let clock = app.surroundings.clock.clone();
    let (now, start) = (clock.now(), clock.moment());
    let elapsed = move || clock.moment().since(start);
    let modules = &generation.server.hooks().lease4_expire;
    let done = expire::reclaim(&generation.leases, &everything, modules, now, elapsed).await;
    let kept = generation.leases.store().flush().await;
    match done.map(drop).and(kept) {
        Ok(()) => Response::success("Reclamation of expired leases is complete."),
        Err(error) => Response::error(format!("expired leases could not all be reclaimed: {error}")),
    }
}

fn start_cleanup(app: &Daemon) -> Response {
    let generation = app.shared.generation.load();
    let store = generation.leases.store();
    if store.path().is_none() {
        let text = "'persist' parameter of 'memfile' lease backend was configured to 'false'";
        return Response::failed(ResultCode::Unsupported, text);
    }
    app.cleanup.rescheduled.notify_waiters();
    match app.cleanup.start(store) {
        Started::Yes => Response::success("kea-lfc started"),
        Started::AlreadyRunning => Response::failed(ResultCode::Empty, "kea-lfc already running"),
        Started::Failed => Response::error("failed to start kea-lfc"),
    }
}
