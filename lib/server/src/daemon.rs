//! The running server: its parts, how they start and how they stop.

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_config::process::{Sampling, ServiceSockets};
use kotare_config::{Candidate, Process};
use kotare_control::http::{Asked, Opening};
use kotare_control::statistics::HasStatistics;
use kotare_control::{Commands, Dispatcher, Execute, HasCommands, Request, Response, aside};
use kotare_daemon::{Moment, Notifier};
use kotare_engine::InFlight;
use kotare_model::Timestamp;
use kotare_net::Interface;
use kotare_process::{Control, ControlConfig};
use kotare_stats::{Limit, Statistics};
use kotare_store::LeaseStore;
use tokio::sync::{Mutex, watch};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::cleanup::Cleanup;
use crate::crew::Crew;
use crate::family::{AddressOf, Family, Flow, StatOf};
use crate::generation::Generation;
use crate::network::Network;
use crate::prepare::{Before, LinkOf, Next, Unprepared};
use crate::service::{Service, origin};
use crate::shared::{Listening, Shared};
use crate::sockets::Sockets;
use crate::store_aside::store_aside;
use crate::stores::{Store, Stored};
use crate::surroundings::Surroundings;
use crate::trial::Trials;
use crate::{monitoring, upkeep};

/// How long clients of the control socket get to read their answers at the end.
const CONTROL_GRACE: Duration = Duration::from_secs(2);

/// As long a configuration that is being taken up may take when the server stops.
const TURN_GRACE: Duration = Duration::from_secs(10);

/// As long leases may take to be written then.
const FLUSH_GRACE: Duration = Duration::from_secs(10);

/// A running server; what commands work on. A value made of its parts: there can be several in a process.
#[derive(Debug)]
pub struct Daemon<F: Flow> {
    pub(crate) surroundings: Surroundings<F>,
    pub(crate) notifier: Notifier,
    pub(crate) statistics: Statistics<StatOf<F>>,
    pub(crate) shared: Arc<Shared<F>>,
    /// `None` once stopped.
    pub(crate) sockets: Mutex<Option<Sockets<F>>>,
    pub(crate) service: Arc<Service>,
    pub(crate) cleanup: Cleanup,
    /// How modules find it.
    pub(crate) link: LinkOf<F>,
    /// Held while a new configuration is prepared and takes effect.
    pub(crate) reconfiguring: Mutex<()>,
    /// Whether the configuration in effect has to be confirmed.
    pub(crate) trials: Trials,
    /// Told when a new configuration took effect.
    pub(crate) reconfigured: watch::Sender<()>,
    /// Whether the last configuration that was asked for did not take effect.
    pub(crate) reload_failed: AtomicBool,
    /// Former configurations that exchanges may still hold.
    pub(crate) former: parking_lot::Mutex<Vec<Arc<Generation<F>>>>,
    pub(crate) started: Moment,
    pub(crate) control: OnceLock<Control>,
    dispatcher: OnceLock<Arc<Dispatcher<Self>>>,
    upkeep: OnceLock<AbortHandle>,
    /// Set to the exit code when the server shall end.
    exit: watch::Sender<Option<u8>>,
}

impl<F: Family> Daemon<F> {
    /// Starts a server that serves from `candidate`, and tells `notifier` how it does. To be called within a tokio
    /// runtime of several threads.
    ///
    /// # Errors
    /// When something that the configuration asks for cannot be had; nothing is left behind.
    pub async fn start(
        surroundings: Surroundings<F>,
        notifier: Notifier,
        candidate: Candidate<F::Config>,
    ) -> Result<Arc<Self>, Unprepared> {
        let clock = surroundings.clock.clone();
        let statistics = Statistics::new(TimeZone::system(), clock.since_epoch());
        let link = LinkOf::<F>::new();
        let next = surroundings.prepare(candidate, Before::NOTHING, &link, &statistics).await?;
        let Next { generation, statistics: prepared, counted, logging, control } = next;
        let (count, sampling) = (thread_count(generation.process()), generation.process().sampling);
        let waits = generation.waits;
        let in_flight = InFlight::new((surroundings.seed)().map_err(Unprepared::Chance)?);
        let shared = Arc::new(Shared::new(clock.clone(), Arc::new(generation), in_flight));
        if waits {
            shared.guard();
        }
        let crew = Crew::start(count, &*surroundings.network, &shared, &statistics, &surroundings.seed)
            .map_err(|error| Unprepared::Threads(count, error))?;
        surroundings.logging.publish(logging);
        statistics.set_limit_all(limit(sampling));
        statistics.publish(prepared, &counted, clock.since_epoch());
        let daemon = Arc::new(Self {
            link,
            cleanup: Cleanup::new(&surroundings.environment),
            service: Service::new(clock.clone(), shared.enabled.clone()),
            sockets: Mutex::new(Some(Sockets::new(surroundings.network.clone(), shared.clone(), crew))),
            surroundings,
            notifier,
            statistics,
            shared,
            reconfiguring: Mutex::new(()),
            trials: Trials::default(),
            reconfigured: watch::Sender::new(()),
            reload_failed: AtomicBool::new(false),
            former: parking_lot::Mutex::default(),
            started: clock.moment(),
            control: OnceLock::new(),
            dispatcher: OnceLock::new(),
            upkeep: OnceLock::new(),
            exit: watch::Sender::new(None),
        });
        daemon.link.lead_to(daemon.for_modules());
        daemon.hold_back_in_repair_mode();
        daemon.begin_beside(None);
        if let Err(reason) = daemon.open(&control).await {
            F::beside(daemon.generation().modules()).end();
            return Err(reason);
        }
        daemon.begin();
        Ok(daemon)
    }

    /// Opens the sockets for commands and for packets.
    async fn open(self: &Arc<Self>, control: &ControlConfig) -> Result<(), Unprepared> {
        let dispatcher = self.dispatcher.get_or_init(|| Dispatcher::new(self));
        let front = Control::new(dispatcher, &F::FILE.global.name.to_ascii_lowercase());
        let opened = front.prepare(control);
        let opened = opened.map_err(|error| Unprepared::control::<F>(self.generation().modules(), error))?;
        self.adjust_sockets().await;
        if let Some(problem) = self.sockets.lock().await.as_ref().and_then(Sockets::prohibition) {
            return Err(Unprepared::Sockets(problem));
        }
        self.commands().announce(&Commands::new());
        front.publish(opened);
        let _ = self.control.set(front);
        Ok(())
    }

    /// Everything is there: serves.
    fn begin(self: &Arc<Self>) {
        let generation = self.generation();
        if let Some(memfile) = generation.leases().store().memfile()
            && memfile.loaded().needs_conversion
        {
            let daemon = self.clone();
            tokio::spawn(async move { daemon.cleanup.start(&generation.stored).await });
        }
        self.tell_threads();
        let upkeep = tokio::spawn(upkeep::run(self.clone()));
        let _ = self.upkeep.set(upkeep.abort_handle());
        self.notifier.ready();
    }

    /// The configuration in effect, with everything it is served from.
    pub fn generation(&self) -> Arc<Generation<F>> {
        self.shared.generation.load_full()
    }

    /// What it was started with.
    pub fn surroundings(&self) -> &Surroundings<F> {
        &self.surroundings
    }

    /// Hears of configurations that take effect from now on, see [`crate::next`].
    pub fn reconfigured(&self) -> crate::Reconfigured {
        self.reconfigured.subscribe()
    }

    /// Where sockets are open now.
    pub fn listening(&self) -> Arc<Listening<AddressOf<F>>> {
        self.shared.listening.load_full()
    }

    /// Whether messages are answered (`dhcp-disable`).
    pub fn is_enabled(&self) -> bool {
        self.shared.is_enabled()
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.surroundings.clock.now()
    }

    /// The network interfaces there are now.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn interfaces(&self) -> io::Result<Vec<Interface>> {
        self.surroundings.network.interfaces()
    }

    /// Answers a command, as if it came over a control socket.
    pub async fn execute(&self, request: Request) -> Response {
        match self.dispatcher.get() {
            Some(dispatcher) => dispatcher.clone().execute(request).await,
            None => Response::error("the server is about to start"),
        }
    }

    /// Waits until something asks the server to end; the exit code.
    pub async fn ended(&self) -> u8 {
        let mut exit = self.exit.subscribe();
        loop {
            if let Some(code) = *exit.borrow_and_update() {
                return code;
            }
            if exit.changed().await.is_err() {
                return 0;
            }
        }
    }

    /// Under `-R` no configuration lets the service begin; `dhcp-enable` does.
    pub(crate) fn hold_back_in_repair_mode(&self) {
        if self.surroundings.args.repairs {
            self.service.disable(origin::USER, None);
        }
    }

    /// Lets what modules do beside the messages go on for the configuration in effect, and end where only that `before` had
    /// it. Under `-R` nothing begins.
    pub(crate) fn begin_beside(&self, before: Option<&Generation<F>>) {
        if !self.surroundings.args.repairs {
            let before = before.map(|before| F::beside(before.modules()));
            F::beside(self.generation().modules()).begin(before);
        }
    }

    /// Ends the server with this exit code.
    pub(crate) fn shut_down(&self, code: u8) {
        F::WORDS.shutdown_request();
        self.exit.send_replace(Some(code));
    }

    /// Ends the server because a part of it failed.
    pub(crate) fn fail(&self, reason: &str) {
        F::WORDS.server_failed(reason);
        self.exit.send_replace(Some(1));
    }

    /// Stops: answers the commands under way, ends what workers are at, keeps the leases. Bounded in time.
    pub async fn stop(&self) {
        self.notifier.stopping();
        // A configuration that is being taken up comes to its end before.
        drop(timeout(TURN_GRACE, self.reconfiguring.lock()).await);
        // Whoever starts it again starts it from the file.
        self.trials.end();
        if let Some(upkeep) = self.upkeep.get() {
            upkeep.abort();
        }
        if let Some(control) = self.control.get() {
            control.close(CONTROL_GRACE).await;
        }
        if let Some(sockets) = self.sockets.lock().await.take() {
            let stuck = sockets.stop(&self.surroundings.clock).await;
            if !stuck.is_empty() {
                let stuck = stuck.join(", ");
                F::WORDS.server_failed(format_args!("these threads did not end in time: {stuck}"));
            }
        }
        // Before modules tell others of them for the last time.
        match timeout(FLUSH_GRACE, flush(&self.generation().stored)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                F::WORDS.server_failed(format_args!("leases of unanswered clients are lost: {error}"));
            }
            Err(_) => {
                F::WORDS.server_failed("the disk does not take leases; it is not waited for any longer")
            }
        }
        let generation = self.generation();
        let beside = F::beside(generation.modules());
        beside.end();
        beside.part().await;
        F::WORDS.shutdown();
    }

    /// Opens and closes service sockets as configuration and interfaces ask for. If some could not be opened, how to try
    /// that again.
    pub(crate) async fn adjust_sockets(&self) -> Option<ServiceSockets> {
        let config = self.generation().config.clone();
        let mut sockets = self.sockets.lock().await;
        let sockets = sockets.as_mut()?;
        sockets.adjust(&config).await;
        let status = match sockets.problems() {
            [] => format!("serving {}", F::summary(&config)),
            problems => format!("not serving everywhere: {}", problems.join("; ")),
        };
        self.notifier.status(&status);
        sockets.retries()
    }

    /// Lets go of former configurations that no exchange holds any more. It is done here and not by the worker that
    /// held one last, because to take a big configuration apart takes longer than a client should wait. What a crew had that
    /// is gone goes back to the system: the threads of the next one have memory of their own.
    pub(crate) async fn sweep(&self) {
        let ended: Vec<_> = {
            let mut former = self.former.lock();
            former.extract_if(.., |generation| Arc::strong_count(generation) == 1).collect()
        };
        let crews = self.sockets.lock().await.as_mut().map(Sockets::gone).unwrap_or_default();
        if !ended.is_empty() || !crews.is_empty() {
            aside(move || {
                let has_left = !crews.is_empty();
                drop((ended, crews));
                if has_left {
                    kotare_net::give_back_memory();
                }
            })
            .await;
        }
    }

    /// Logs how many threads serve, when a file was read.
    pub(crate) fn tell_threads(&self) {
        let generation = self.generation();
        let threading = &generation.process().multi_threading;
        let enabled = if threading.enabled { "yes" } else { "no" };
        F::WORDS.multi_threading_info(enabled, thread_count(generation.process()), threading.queue);
    }
}

/// Makes sure of what was put into a store.
pub(crate) async fn flush<F: Flow>(stored: &Arc<Stored<F>>) -> Result<(), kotare_store::StoreError> {
    let stored = stored.clone();
    store_aside(move || async move { stored.leases.store().flush().await }).await
}

impl<F: Family> HasCommands for Daemon<F> {
    fn commands(&self) -> Arc<Commands<Self>> {
        self.shared.generation.load().commands.clone()
    }

    fn met_fatal_error(&self) {
        if self.surroundings.args.ends_on_fatal {
            self.shut_down(1);
        }
    }

    fn page(self: Arc<Self>, path: &str, asked: Asked) -> Option<Opening> {
        monitoring::page(self, path, asked)
    }
}

impl<F: Family> HasStatistics for Daemon<F> {
    type Stat = StatOf<F>;

    fn statistics(&self) -> &Statistics<StatOf<F>> {
        &self.statistics
    }

    fn since_epoch(&self) -> Duration {
        self.surroundings.clock.since_epoch()
    }
}

/// How many workers serve: one without multi-threading, otherwise as many as configured or as there are cores.
pub(crate) fn thread_count(process: &Process) -> usize {
    match process.multi_threading {
        threading if !threading.enabled => 1,
        threading if threading.threads > 0 => threading.threads.min(256),
        _ => std::thread::available_parallelism().map_or(1, usize::from),
    }
}

pub(crate) fn limit(sampling: Sampling) -> Limit {
    if sampling.count > 0 { Limit::Count(sampling.count) } else { Limit::Age(sampling.age) }
}
