//! Commands about the server itself: versions, status, shutdown.

use kotare_control::{Access, Argument, Command, Kind, Request, Response, now};
use kotare_daemon::args::{self, KEA_VERSION};
use serde_json::{Value as Json, json};

use crate::daemon::{Daemon, thread_count};
use crate::program::PROGRAM;

pub(super) const COMMANDS: &[Command<Daemon>] = &[
    Command {
        name: "version-get",
        access: Access::Read,
        exclusive: false,
        since: "1.2.0",
        help: "Returns the version of Kea this server behaves as, and its own.",
        args: &[],
        run: |_, _| {
            let extended = args::extended_version(&PROGRAM);
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
        run: |app, _| now(Response::success(args::report(&PROGRAM, &app.surroundings.environment))),
    },
    Command {
        name: "status-get",
        access: Access::Read,
        exclusive: false,
        since: "1.7.3",
        help: "Returns how the server is doing.",
        args: &[],
        run: |app, _| Box::pin(async move { Response::data(status(app).await) }),
    },
    Command {
        name: "server-tag-get",
        access: Access::Read,
        exclusive: false,
        since: "1.6.0",
        help: "Returns the server tag.",
        args: &[],
        run: |app, _| {
            let generation = app.shared.generation.load();
            now(Response::data(json!({"server-tag": &*generation.server.config().process.server_tag})))
        },
    },
    Command {
        name: "shutdown",
        access: Access::Write,
        exclusive: false,
        since: "1.0.0",
        help: "Ends the server.",
        args: &[Argument {
            name: "exit-value",
            kind: Kind::Any,
            required: false,
            help: "The exit code, 0 without it.",
        }],
        run: |app, request| now(shut_down(app, &request)),
    },
];

fn shut_down(app: &Daemon, request: &Request) -> Response {
    let code = match request.argument("exit-value") {
        None => 0,
        Some(value) => match value.as_i64() {
            // As wait(2) tells it: the lowest eight bits.
            Some(number) => number as u8,
            None => return Response::error("parameter 'exit-value' is not an integer"),
        },
    };
    app.shut_down(code);
    Response::success("Shutting down.")
}

async fn status(app: &Daemon) -> Json {
    let now = app.surroundings.clock.moment();
    let generation = app.shared.generation.load_full();
    let config = generation.server.config();
    let mut status = json!({
        "pid": std::process::id(),
        "uptime": now.since(app.started).as_secs(),
        "reload": now.since(generation.since).as_secs(),
        "multi-threading-enabled": config.process.multi_threading.enabled,
        "extended-info-tables": false,
    });
    if config.process.multi_threading.enabled {
        status["thread-pool-size"] = thread_count(config).into();
        status["packet-queue-size"] = config.process.multi_threading.queue.into();
        // Workers read straight from the kernel's queues: nothing ever waits in one of ours.
        status["packet-queue-statistics"] = json!([0.0, 0.0, 0.0]);
    }
    let sockets = app.sockets.lock().await;
    status["sockets"] = match sockets.problems() {
        [] => json!({"status": "ready"}),
        problems => json!({"status": "retrying", "errors": problems}),
    };
    let store = generation.leases.store().status();
    status["lease-store"] = json!({
        "status": if store.failure.is_some() { "failing" } else { "ready" },
        "leases": store.leases,
        "pending-bytes": store.pending_bytes,
        "failed-flushes": store.failed_flushes,
    });
    if let Some(failure) = store.failure {
        status["lease-store"]["error"] = failure.into();
    }
    status["dhcp-state"] = app.service.status();
    status
}
