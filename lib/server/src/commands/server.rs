//! Commands about the server itself: versions, status, shutdown.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use kotare_control::{Access, Argument, ArgumentType, Command, Request, Response, now};
use kotare_daemon::args::{self, KEA_VERSION};
use kotare_process::exit_code;
use kotare_store_memfile::Status;
use kotare_store_sql::Reach;
use serde_json::{Value as Json, json};
use tokio::sync::watch;

use crate::Daemon;
use crate::config_backend::ConfigStore;
use crate::daemon::thread_count;
use crate::family::Family;
use crate::host_stores::HostStore;
use crate::sockets::Sockets;
use crate::stores::Store;

const EXIT_VALUE: Argument =
    Argument::own("exit-value", &ArgumentType::Integer, "The exit code, 0 without it.");

/// The commands about the server itself.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 5] {
    [
        Command {
            name: "version-get",
            access: Access::Read,
            exclusive: false,
            since: "1.2.0",
            help: "Returns the version of Kea this server behaves as, and its own.",
            args: &[],
            run: |_, _| {
                let extended = args::extended_version(&F::PROGRAM);
                now(Response::success(KEA_VERSION).with(json!({"extended": extended})))
            },
        },
        Command {
            name: "build-report",
            access: Access::Read,
            exclusive: false,
            since: "1.2.0",
            help: "Returns how this server was built.",
            args: &[],
            run: |daemon, _| {
                now(Response::success(args::report(&F::PROGRAM, &daemon.surroundings.environment)))
            },
        },
        Command {
            name: "status-get",
            access: Access::Read,
            exclusive: false,
            since: "1.7.3",
            help: "Returns how the server is doing.",
            args: &[],
            run: |daemon, _| Box::pin(async move { Response::data(status(daemon).await) }),
        },
        Command {
            name: "server-tag-get",
            access: Access::Read,
            exclusive: false,
            since: "1.6.0",
            help: "Returns the server tag.",
            args: &[],
            run: |daemon, _| {
                let generation = daemon.generation();
                now(Response::data(json!({"server-tag": &*generation.process().server_tag})))
            },
        },
        Command {
            name: "shutdown",
            access: Access::Write,
            exclusive: false,
            since: "1.0.0",
            help: "Ends the server.",
            args: &[EXIT_VALUE],
            run: |daemon, request| now(shut_down(daemon, &request)),
        },
    ]
}

fn shut_down<F: Family>(daemon: &Daemon<F>, request: &Request) -> Response {
    match exit_code(request) {
        Ok(code) => {
            daemon.shut_down(code);
            Response::success("Shutting down.")
        }
        Err(refusal) => refusal,
    }
}

/// What `status-get` says.
pub(crate) async fn status<F: Family>(daemon: &Daemon<F>) -> Json {
    let now = daemon.surroundings.clock.moment();
    let generation = daemon.generation();
    let process = generation.process();
    let mut status = json!({
        "pid": std::process::id(),
        "uptime": now.since(daemon.started).as_secs(),
        "reload": now.since(generation.since).as_secs(),
        "multi-threading-enabled": process.multi_threading.enabled,
    });
    if process.multi_threading.enabled {
        status["thread-pool-size"] = thread_count(process).into();
        status["packet-queue-size"] = process.multi_threading.queue.into();
        // Messages wait in the kernel's queues; in ours only in a rush.
        status["packet-queue-statistics"] = json!([0.0, 0.0, 0.0]);
    }
    let sockets = daemon.sockets.lock().await;
    let hopeful = sockets.as_ref().is_some_and(Sockets::is_hopeful);
    status["sockets"] = match sockets.as_ref().map_or(&[][..], Sockets::problems) {
        [] => json!({"status": "ready"}),
        problems => json!({"status": if hopeful { "retrying" } else { "failed" }, "errors": problems}),
    };
    let lost = &daemon.shared.lost;
    status["packets-lost"] = json!({
        "malformed": lost.malformed.load(Ordering::Relaxed),
        "overflowed": lost.overflowed.load(Ordering::Relaxed),
    });
    if let Some(file) = &generation.stored.at {
        status["csv-lease-file"] = file.display().to_string().into();
    }
    status["lease-store"] = match generation.leases().store().memfile() {
        Some(memfile) => lease_store(memfile.status()),
        None => database(generation.leases().store().reach()),
    };
    if !generation.hosts.is_empty() {
        let host = |store: &Arc<HostStore<F::Reserved>>| {
            let mut shown = database(Some(store.reach()));
            shown["type"] = store.kind().into();
            shown["database"] = store.at().access.to_string().into();
            shown
        };
        status["host-stores"] = generation.hosts.iter().map(host).collect();
    }
    if let Some(tables) = F::EXTENDED_INFO_TABLES {
        status["extended-info-tables"] = tables.into();
    }
    if let Some(backend) = &generation.backend {
        let failure = backend.failure();
        let store = |store: &Arc<ConfigStore>| {
            let mut shown = database(Some(store.reach()));
            shown["type"] = store.kind().into();
            shown["database"] = store.at().access.to_string().into();
            if let (Some(failure), None) = (&failure, shown.get("error")) {
                shown["status"] = "failing".into();
                shown["error"] = failure.as_str().into();
            }
            shown
        };
        status["config-backends"] = backend.stores.iter().map(store).collect();
    }
    let unserved = F::unserved(&generation.config);
    if !unserved.is_empty() {
        status["unserved-subnets"] = unserved.into();
    }
    status["dhcp-state"] = daemon.service.status();
    if let Some(trial) = daemon.trials.status(now) {
        status["unconfirmed-config"] = trial;
    }
    if let Json::Object(status) = &mut status {
        F::beside(generation.modules()).report(status);
    }
    status
}

/// A database that cannot be reached keeps nothing, whether or not the service goes on.
fn database(reach: Option<watch::Receiver<Reach>>) -> Json {
    match reach.map(|reach| reach.borrow().clone()) {
        Some(Reach::Lost { reason, .. } | Reach::GivenUp { reason }) => {
            json!({"status": "failing", "error": reason})
        }
        Some(Reach::Up) | None => json!({"status": "ready"}),
    }
}

fn lease_store(status: Status) -> Json {
    let mut shown = json!({
        "status": if status.failure.is_some() { "failing" } else { "ready" },
        "leases": status.leases,
        "pending-bytes": status.pending_bytes,
        "failed-flushes": status.failed_flushes,
    });
    if let Some(failure) = status.failure {
        shown["error"] = failure.into();
    }
    shown
}
