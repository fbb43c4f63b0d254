//! The running daemon: its parts, and how a new configuration takes effect.

use std::net::Ipv4Addr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_config::process::Sampling;
use kotare_config::schema;
use kotare_config::v4::{self, Config4};
use kotare_config::{Candidate, Input};
use kotare_control::statistics::HasStatistics;
use kotare_control::{Commands, Dispatcher, HasCommands, unix};
use kotare_daemon::args::{KEA_VERSION, ServerArgs};
use kotare_daemon::{Moment, Notifier, Published, Signal, Signals, seed};
use kotare_engine::InFlight;
use kotare_net::SocketOptions4;
use kotare_stats::{Limit, Statistics4};
use tokio::sync::{Mutex, Notify, watch};

use crate::cleanup::Cleanup;
use crate::generation::{Listening, Shared};
use crate::messages::{
    DHCP4_CONFIG_COMPLETE, DHCP4_CONFIG_LOAD_FAIL, DHCP4_CONFIG_START, DHCP4_DYNAMIC_RECONFIGURATION,
    DHCP4_DYNAMIC_RECONFIGURATION_FAIL, DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS, DHCP4_MULTI_THREADING_INFO,
    DHCP4_SERVER_FAILED, DHCP4_SHUTDOWN, DHCP4_SHUTDOWN_REQUEST, DHCP4_STARTED,
};
use crate::prepare::{Next, Surroundings, durability, memfile};
use crate::service::Service;
use crate::sockets::Sockets;
use crate::upkeep;

/// How long clients of the control socket get to read their answers at the end.
const CONTROL_GRACE: Duration = Duration::from_secs(2);

/// The parts of a running server; what commands work on.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) surroundings: Surroundings,
    pub(crate) args: ServerArgs,
    pub(crate) notifier: Notifier,
    pub(crate) statistics: Statistics4,
    pub(crate) shared: Arc<Shared>,
    pub(crate) sockets: Mutex<Sockets>,
    pub(crate) service: Arc<Service>,
    pub(crate) cleanup: Cleanup,
    /// Held while a new configuration is prepared and takes effect.
    reconfiguring: Mutex<()>,
    /// Told when a new configuration took effect.
    pub(crate) reconfigured: Notify,
    pub(crate) started: Moment,
    control: OnceLock<unix::Sockets>,
    /// Set to the exit code when the server shall end.
    exit: watch::Sender<Option<u8>>,
}

/// Serves from `candidate` until told to end; the exit code, or why the server could not start.
pub(crate) async fn serve(
    surroundings: Surroundings,
    args: ServerArgs,
    notifier: Notifier,
    candidate: Candidate<Config4>,
) -> Result<u8, String> {
    let mut signals = Signals::listen().map_err(|error| format!("cannot listen to signals: {error}"))?;
    let clock = surroundings.clock.clone();
    let statistics = Statistics4::new(TimeZone::system(), clock.since_epoch());
    let next = surroundings.prepare(candidate, None, &statistics).await?;
    let Next { generation, statistics: prepared, counted, logging, control } = next;
    surroundings.logging.publish(logging);
    let config = generation.server.config().clone();
    statistics.set_limit_all(limit(config.process.sampling));
    statistics.publish(prepared, &counted, clock.since_epoch());
    let needs_cleanup = generation.leases.store().loaded().needs_conversion;
    let shared = Arc::new(Shared {
        clock: clock.clone(),
        generation: Published::new(Arc::new(generation)),
        listening: Published::new(Arc::new(Listening::default())),
        in_flight: InFlight::new(seed().map_err(|error| error.to_string())?),
        enabled: AtomicBool::new(true),
        failing: AtomicBool::new(false),
    });
    let options = SocketOptions4 { server_port: args.server_port.unwrap_or(67), ..SocketOptions4::default() };
    let sockets = Sockets::start(options, shared.clone(), &statistics, thread_count(&config))
        .map_err(|error| format!("cannot start the worker threads: {error}"))?;
    let app = Arc::new(Daemon {
        cleanup: Cleanup::new(&surroundings.environment),
        service: Service::new(shared.clone()),
        surroundings,
        args,
        notifier,
        statistics,
        shared,
        sockets: Mutex::new(sockets),
        reconfiguring: Mutex::new(()),
        reconfigured: Notify::new(),
        started: clock.moment(),
        control: OnceLock::new(),
        exit: watch::Sender::new(None),
    });
    let front = unix::Sockets::new(Dispatcher::new(&app), unix::Limits::default());
    let opened = front.prepare(&control).map_err(|error| error.to_string())?;
    app.adjust_sockets().await;
    if config.interfaces.require_all
        && let Some(problem) = app.sockets.lock().await.problems().first()
    {
        return Err(format!("service-sockets-require-all: {problem}"));
    }
    app.commands().announce(&Commands::new());
    front.publish(opened);
    let _ = app.control.set(front);
    if needs_cleanup {
        app.cleanup.start(app.shared.generation.load().leases.store());
    }
    app.tell_configured();
    let upkeep = tokio::spawn(upkeep::run(app.clone()));
    app.notifier.ready();
    DHCP4_STARTED(KEA_VERSION);
    let code = app.run(&mut signals).await;
    upkeep.abort();
    app.stop().await;
    Ok(code)
}

impl Daemon {
    /// Reacts to signals until the server shall end; the exit code.
    async fn run(self: &Arc<Self>, signals: &mut Signals) -> u8 {
        let mut exit = self.exit.subscribe();
        loop {
            tokio::select! {
                signal = signals.next() => match signal {
                    Signal::Reload => {
                        // The outcome is in the log.
                        let _ = self.reload().await;
                    }
                    Signal::Terminate | Signal::Interrupt => {
                        DHCP4_SHUTDOWN_REQUEST();
                        return 0;
                    }
                },
                _ = exit.changed() => {
                    if let Some(code) = *exit.borrow_and_update() {
                        return code;
                    }
                }
            }
        }
    }

    /// Ends the server with this exit code.
    pub(crate) fn shut_down(&self, code: u8) {
        DHCP4_SHUTDOWN_REQUEST();
        let _ = self.exit.send(Some(code));
    }

    /// Ends the server because a part of it failed.
    pub(crate) fn fail(&self, reason: &str) {
        DHCP4_SERVER_FAILED(reason);
        let _ = self.exit.send(Some(1));
    }

    async fn stop(&self) {
        self.notifier.stopping();
        if let Some(control) = self.control.get() {
            control.close(CONTROL_GRACE).await;
        }
        let stuck = self.sockets.lock().await.stop(&self.surroundings.clock).await;
        if !stuck.is_empty() {
            DHCP4_SERVER_FAILED(format_args!("these threads did not end in time: {}", stuck.join(", ")));
        }
        let generation = self.shared.generation.load_full();
        if let Err(error) = kotare_store::LeaseStore::flush(generation.leases.store()).await {
            DHCP4_SERVER_FAILED(format_args!("leases of unanswered clients are lost: {error}"));
        }
        DHCP4_SHUTDOWN();
        self.surroundings.logging.flush();
    }

    /// Reads the configuration file anew.
    pub(crate) async fn reload(&self) -> Result<(), String> {
        let file = &self.args.config;
        DHCP4_DYNAMIC_RECONFIGURATION(file.display());
        self.notifier.reloading();
        let done = match kotare_config::read(Input::File(&self.args.config), &v4::FILE) {
            Ok(candidate) => self.reconfigure(candidate).await,
            Err(refused) => {
                let lines = refused.error_lines();
                for line in &lines {
                    DHCP4_CONFIG_LOAD_FAIL(file.display(), line);
                }
                Err(lines.join("\n"))
            }
        };
        self.notifier.ready();
        match &done {
            Ok(()) => DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS(file.display()),
            Err(_) => DHCP4_DYNAMIC_RECONFIGURATION_FAIL(file.display()),
        }
        done
    }

    /// Serves from `candidate`, or says why not and goes on as before.
    pub(crate) async fn reconfigure(&self, candidate: Candidate<Config4>) -> Result<(), String> {
        DHCP4_CONFIG_START(Redacted(&candidate));
        let done = self.prepare_and_publish(candidate).await;
        if let Err(reason) = &done {
            DHCP4_CONFIG_LOAD_FAIL(self.args.config.display(), reason);
        }
        done
    }

    async fn prepare_and_publish(&self, candidate: Candidate<Config4>) -> Result<(), String> {
        // A signal and a command may ask at the same time.
        let _turn = self.reconfiguring.lock().await;
        let running = self.shared.generation.load_full();
        let next = self.surroundings.prepare(candidate, Some(&running), &self.statistics).await?;
        let control = self.prepare_sockets(&next).await?;
        drop(running);

        // Nothing below can fail.
        let Next { generation, statistics, counted, logging, .. } = next;
        self.surroundings.logging.publish(logging);
        self.statistics.publish(statistics, &counted, self.surroundings.clock.since_epoch());
        let config = generation.server.config().clone();
        if let Ok(memfile) = memfile(&config) {
            generation.leases.store().set_durability(durability(memfile));
        }
        self.statistics.set_limit_all(limit(config.process.sampling));
        let generation = Arc::new(generation);
        let old = self.shared.generation.publish(generation.clone());
        generation.commands.announce(&old.commands);
        if let (Some(sockets), Some(prepared)) = (self.control.get(), control) {
            sockets.publish(prepared);
        }
        self.match_threads(&config).await;
        self.adjust_sockets().await;
        self.part_with(old).await;
        self.reconfigured.notify_waiters();
        self.tell_configured();
        Ok(())
    }

    /// Opens the new control sockets, and makes sure of the service sockets where all are required.
    async fn prepare_sockets(&self, next: &Next) -> Result<Option<unix::Prepared>, String> {
        let control = self.control.get().map(|control| control.prepare(&next.control)).transpose();
        let control = control.map_err(|error| error.to_string())?;
        let interfaces = &next.generation.server.config().interfaces;
        if interfaces.require_all {
            self.sockets.lock().await.rehearse(interfaces)?;
        }
        Ok(control)
    }

    /// Lets go of a former generation; it ends with the last exchange that it serves. A lease file that only it has is
    /// written now, while a failure can still be told; exchanges that are under way write what they add.
    async fn part_with(&self, old: Arc<crate::generation::Generation>) {
        let current = self.shared.generation.load_full();
        if !Arc::ptr_eq(&old.leases, &current.leases)
            && let Err(error) = kotare_store::LeaseStore::flush(old.leases.store()).await
        {
            DHCP4_SERVER_FAILED(format_args!("the former lease file: {error}"));
        }
    }

    /// Exchanges the workers when `thread-pool-size` changed.
    async fn match_threads(&self, config: &Config4) {
        let count = thread_count(config);
        let mut sockets = self.sockets.lock().await;
        if sockets.worker_count() != count
            && let Err(error) = sockets.restart(&self.statistics, count, &self.surroundings.clock).await
        {
            drop(sockets);
            self.fail(&format!("cannot start {count} worker threads: {error}"));
        }
    }

    /// Opens and closes service sockets as configuration and interfaces ask for.
    pub(crate) async fn adjust_sockets(&self) {
        let config = self.shared.generation.load().server.config().clone();
        let mut sockets = self.sockets.lock().await;
        sockets.adjust(&config.interfaces).await;
        let status = match sockets.problems() {
            [] => format!("serving {} subnets", config.subnets.len()),
            problems => format!("not serving everywhere: {}", problems.join("; ")),
        };
        self.notifier.status(&status);
    }

    fn tell_configured(&self) {
        let generation = self.shared.generation.load();
        let config = generation.server.config();
        let threads = thread_count(config);
        let queue = config.process.multi_threading.queue;
        DHCP4_MULTI_THREADING_INFO(yes(config.process.multi_threading.enabled), threads, queue);
        let places: Vec<Ipv4Addr> = self.shared.listening.load().addresses.clone();
        DHCP4_CONFIG_COMPLETE(format_args!(
            "{} subnets, {} shared networks, listening on {} addresses",
            config.subnets.len(),
            config.networks.len(),
            places.len()
        ));
    }
}

impl HasCommands for Daemon {
    fn commands(&self) -> Arc<Commands<Self>> {
        self.shared.generation.load().commands.clone()
    }
}

impl HasStatistics for Daemon {
    fn statistics(&self) -> &Statistics4 {
        &self.statistics
    }

    fn since_epoch(&self) -> Duration {
        self.surroundings.clock.since_epoch()
    }
}

/// How many workers serve: one without multi-threading, otherwise as many as configured or as there are cores.
pub(crate) fn thread_count(config: &Config4) -> usize {
    match config.process.multi_threading {
        threading if !threading.enabled => 1,
        threading if threading.threads > 0 => threading.threads.min(256),
        _ => std::thread::available_parallelism().map_or(1, usize::from),
    }
}

fn limit(sampling: Sampling) -> Limit {
    if sampling.count > 0 { Limit::Count(sampling.count) } else { Limit::Age(sampling.age) }
}

fn yes(truth: bool) -> &'static str {
    if truth { "yes" } else { "no" }
}

/// A configuration without its passwords, made into text only if it is logged.
struct Redacted<'a>(&'a Candidate<Config4>);

impl std::fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        schema::redacted(&self.0.written.shown(&self.0.config.definitions)).fmt(f)
    }
}
