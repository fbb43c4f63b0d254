//! The running server: its parts, how it starts, takes another configuration and stops.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_config::ddns::ConfigDdns;
use kotare_config::json::{Diagnostics, Topic};
use kotare_config::schema::File;
use kotare_config::{Candidate, Input};
use kotare_control::{Commands, Dispatcher, Execute, HasCommands, Reply, Request, aside};
use kotare_daemon::args::Program;
use kotare_daemon::{Clock, Environment, Moment, Notifier, Paths, Published};
use kotare_messages::Message;
use kotare_process::program::{self, Surroundings, Words, shown};
use kotare_process::{Control, tell_without_effect, warn_of};
use serde_json::{Value as Json, json};
use tokio::net::UdpSocket;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinHandle;

use crate::generation::{Generation, Refused};
use crate::gss_tsig::{self, GssTsig};
use crate::judged::Judged;
use crate::keeping::Keeping;
use crate::messages::*;
use crate::reconcile::DhcpServer;
use crate::stats::Statistics;
use crate::updates::{self, Ending, Order};
use crate::{FILE, NAME, PROGRAM, commands};

/// How long clients get to read their answers at the end.
const GRACE: Duration = Duration::from_secs(2);

/// What commands call the server.
const SERVICE: &str = "d2";

/// A running server.
#[derive(Debug)]
pub struct Daemon {
    surroundings: Surroundings,
    notifier: Notifier,
    generation: Published<Generation>,
    statistics: Statistics,
    dispatcher: OnceLock<Arc<Dispatcher<Self>>>,
    control: OnceLock<Control>,
    /// Where requests come to.
    socket: parking_lot::Mutex<Arc<UdpSocket>>,
    /// Tells the task that receives requests what to do.
    orders: mpsc::UnboundedSender<Order>,
    updates: Mutex<Option<JoinHandle<()>>>,
    /// Held while zones are compared with leases.
    pub(crate) reconciling: Mutex<()>,
    /// Held while another configuration is prepared and takes effect.
    reconfiguring: Mutex<()>,
    started: Moment,
    /// Set when the server shall end: how, and the exit code.
    exit: watch::Sender<Option<(Ending, u8)>>,
}

/// A configuration that was judged, with what it needs.
pub(crate) struct Ready(Candidate<ConfigDdns>, Judged);

impl Daemon {
    /// Starts a server with this configuration, and tells `notifier` how it does. To be called within a tokio runtime.
    ///
    /// # Errors
    /// When something that the configuration asks for cannot be had; nothing is left behind.
    pub async fn start(
        surroundings: Surroundings,
        notifier: Notifier,
        candidate: Candidate<ConfigDdns>,
    ) -> Result<Arc<Self>, Refused> {
        begun(&candidate, "update");
        let (surroundings, ready) = aside(move || {
            let ready = judge(&surroundings, candidate, None);
            (surroundings, ready)
        })
        .await;
        let Ready(candidate, judged) = ready?;
        let logging = surroundings.prepare_logging(&judged.logging).map_err(Refused::Logging)?;
        if let Some(folder) = judged.queue_file.as_deref().and_then(Path::parent) {
            surroundings.paths.make_if_missing(folder).map_err(|error| Refused::Queue(error.to_string()))?;
        }
        let keeping = Keeping::open(&candidate.config.queue, judged.queue_file.as_deref());
        let keeping = keeping.map_err(Refused::Queue)?;
        let at = candidate.config.at;
        let socket = listen(at, None)?;
        let clock = surroundings.clock.clone();
        let statistics = Statistics::new(TimeZone::system(), clock.since_epoch());
        statistics.set_keys(judged.keys.iter().map(|key| key.name()), clock.since_epoch());
        let Judged { control, zones, gss_tsig, dhcp_servers, .. } = judged;
        let generation = generation(candidate, zones, gss_tsig, dhcp_servers, clock.moment());
        let (orders, received) = mpsc::unbounded_channel();
        let daemon = Arc::new(Self {
            surroundings,
            notifier,
            generation: Published::new(Arc::new(generation)),
            statistics,
            dispatcher: OnceLock::new(),
            control: OnceLock::new(),
            socket: parking_lot::Mutex::new(socket.clone()),
            orders,
            updates: Mutex::new(None),
            reconciling: Mutex::new(()),
            reconfiguring: Mutex::new(()),
            started: clock.moment(),
            exit: watch::Sender::new(None),
        });
        let dispatcher = daemon.dispatcher.get_or_init(|| Dispatcher::new(&daemon));
        let front = Control::new(dispatcher, SERVICE);
        let opened = front.prepare(&control).map_err(Refused::Control)?;
        daemon.surroundings.logging.publish(logging);
        updates::tell_if_exposed(at.ip());
        gss_tsig::begin(&daemon, None, daemon.generation().gss_tsig.as_ref());
        let task = tokio::spawn(updates::serve(daemon.clone(), keeping, socket, received));
        *daemon.updates.lock().await = Some(task);
        front.publish(opened);
        let _ = daemon.control.set(front);
        daemon.tell();
        daemon.commands().announce(&Commands::new());
        daemon.notifier.ready();
        Ok(daemon)
    }

    /// Answers a command as if it came over a socket; nothing once the server has ended.
    pub fn answer(&self, request: Request) -> Option<Reply<'static>> {
        self.dispatcher.get().map(|dispatcher| dispatcher.clone().execute(request))
    }

    /// Waits until something asks the server to end; the exit code.
    pub async fn ended(&self) -> u8 {
        let mut exit = self.exit.subscribe();
        let asked = exit.wait_for(Option::is_some).await;
        asked.ok().and_then(|asked| *asked).map_or(0, |(_, code)| code)
    }

    /// Ends the server in this way with this exit code.
    pub(crate) fn shut_down(&self, ending: Ending, code: u8) {
        self.exit.send_replace(Some((ending, code)));
    }

    /// Has the task that receives requests do something.
    pub(crate) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// Stops: carries out what is still to be carried out, and answers the commands under way that are answered soon.
    pub async fn stop(&self) {
        self.notifier.stopping();
        let ending = self.exit.borrow().map_or(Ending::Normal, |(ending, _)| ending);
        self.order(Order::End(ending));
        if let Some(task) = self.updates.lock().await.take() {
            let _ = task.await;
        }
        if let Some(control) = self.control.get() {
            control.close(GRACE).await;
        }
    }

    /// Reads the configuration file anew.
    pub(crate) async fn reload(self: &Arc<Self>) -> Result<(), Refused> {
        self.notifier.reloading();
        let file = self.configuration_file().to_owned();
        let read = aside(move || kotare_config::read(Input::File(&file), FILE)).await;
        let done = match read {
            Ok(candidate) => self.reconfigure(candidate).await,
            Err(wrong) => {
                let refused = Refused::Written(wrong);
                DHCP_DDNS_CONFIG_FAIL(&refused);
                Err(refused)
            }
        };
        self.notifier.ready();
        done
    }

    /// Goes on with `candidate`, or says why not and goes on as before.
    ///
    /// # Errors
    /// When something that the configuration asks for cannot be had; nothing has changed then.
    pub async fn reconfigure(self: &Arc<Self>, candidate: Candidate<ConfigDdns>) -> Result<(), Refused> {
        let _turn = self.reconfiguring.lock().await;
        let done = self.take_turn(candidate).await;
        if let Err(reason) = &done {
            DHCP_DDNS_CONFIG_FAIL(reason);
        }
        done
    }

    async fn take_turn(self: &Arc<Self>, candidate: Candidate<ConfigDdns>) -> Result<(), Refused> {
        let daemon = self.clone();
        begun(&candidate, "update");
        let Ready(candidate, judged) = aside(move || daemon.judge(candidate)).await?;
        let logging = self.surroundings.prepare_logging(&judged.logging).map_err(Refused::Logging)?;
        if candidate.config.queue != self.generation().config.queue {
            let reason = "\"request-queue\" is what the server was started with; restart it to change that";
            return Err(Refused::Queue(reason.to_owned()));
        }
        let at = candidate.config.at;
        let is_elsewhere = at != self.generation().config.at;
        let socket = is_elsewhere.then(|| listen(at, Some(&**self.socket.lock()))).transpose()?;
        if let Some(control) = self.control.get() {
            let opened = control.prepare(&judged.control).map_err(Refused::Control)?;
            control.publish(opened);
        }
        self.surroundings.logging.publish(logging);
        let clock = self.clock();
        self.statistics.set_keys(judged.keys.iter().map(|key| key.name()), clock.since_epoch());
        let Judged { zones, gss_tsig, dhcp_servers, .. } = judged;
        let next = Arc::new(generation(candidate, zones, gss_tsig, dhcp_servers, clock.moment()));
        let former = self.generation();
        self.generation.publish(next.clone());
        gss_tsig::begin(self, former.gss_tsig.as_ref(), next.gss_tsig.as_ref());
        next.commands.announce(&former.commands);
        updates::tell_if_exposed(at.ip());
        if let Some(socket) = socket {
            *self.socket.lock() = socket.clone();
            self.order(Order::Listen(socket));
        }
        self.tell();
        Ok(())
    }

    /// Judges what a configuration asks of the system.
    pub(crate) fn judge(&self, candidate: Candidate<ConfigDdns>) -> Result<Ready, Refused> {
        judge(&self.surroundings, candidate, self.generation().gss_tsig.as_ref())
    }

    /// The same for a configuration that is not going to be used.
    pub(crate) fn test(&self, candidate: Candidate<ConfigDdns>) -> Result<(), Refused> {
        begun(&candidate, "check");
        self.judge(candidate).map(drop)
    }

    /// Says what the configuration in effect is.
    fn tell(&self) {
        let summary = self.generation().summary();
        DCTL_CONFIG_COMPLETE(&summary);
        self.notifier.status(&summary);
    }

    /// The configuration in effect.
    pub(crate) fn generation(&self) -> Arc<Generation> {
        self.generation.load_full()
    }

    /// The configuration file.
    pub(crate) fn configuration_file(&self) -> &Path {
        &self.surroundings.args.config
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.surroundings.environment
    }

    pub(crate) fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.surroundings.clock
    }

    /// A number that nobody can foresee.
    pub(crate) fn chance(&self) -> io::Result<u64> {
        kotare_daemon::seed()
    }

    /// What `status-get` answers.
    pub(crate) fn status(&self) -> Json {
        let now = self.clock().moment();
        let generation = self.generation();
        let mut status = json!({
            "pid": std::process::id(),
            "uptime": now.since(self.started).as_secs(),
            "reload": now.since(generation.since).as_secs(),
        });
        if generation.gss_tsig.is_some() {
            status["gss-tsig"] = json!(true);
        }
        status
    }
}

impl program::Daemon for Daemon {
    type Config = ConfigDdns;
    type Refused = Refused;

    const PROGRAM: Program = PROGRAM;
    const FILE: &'static File = FILE;
    const NAME: &'static str = NAME;
    const WORDS: Words = Words {
        started: |version| DHCP_DDNS_STARTED(version),
        security_checks_disabled: || DHCP_DDNS_SECURITY_CHECKS_DISABLED(),
        failed: |reason| DHCP_DDNS_FAILED(reason),
        run_exit: || DHCP_DDNS_RUN_EXIT(),
    };

    fn messages() -> Vec<&'static [Message]> {
        vec![MESSAGES, kotare_ddns::MESSAGES, gss_tsig::messages::MESSAGES]
    }

    fn check(candidate: &mut Candidate<ConfigDdns>, paths: &Paths) -> Result<(), Diagnostics> {
        candidate.judge(|config, diagnostics| drop(Judged::of(config, paths, None, diagnostics)))
    }

    async fn start(
        surroundings: Surroundings,
        notifier: Notifier,
        candidate: Candidate<ConfigDdns>,
    ) -> Result<Arc<Self>, Refused> {
        Self::start(surroundings, notifier, candidate).await
    }

    async fn reload(self: &Arc<Self>) -> Result<(), Refused> {
        Self::reload(self).await
    }

    async fn ended(&self) -> u8 {
        self.ended().await
    }

    async fn stop(&self) {
        self.stop().await;
    }

    fn notifier(&self) -> &Notifier {
        &self.notifier
    }
}

impl HasCommands for Daemon {
    fn commands(&self) -> Arc<Commands<Self>> {
        self.generation.load().commands.clone()
    }
}

/// Judges what a configuration asks of the system, and tells what deserves attention.
fn judge(
    surroundings: &Surroundings,
    mut candidate: Candidate<ConfigDdns>,
    former: Option<&GssTsig>,
) -> Result<Ready, Refused> {
    let judged =
        candidate.judge(|config, diagnostics| Judged::of(config, &surroundings.paths, former, diagnostics));
    let judged = judged.map_err(Refused::Written)?;
    remark(&candidate.diagnostics);
    tell_without_effect(&candidate.without_effect);
    Ok(Ready(candidate, judged))
}

/// A socket for requests, in the place of a former one if there is one, or why there is none, which is told.
fn listen(at: SocketAddr, former: Option<&UdpSocket>) -> Result<Arc<UdpSocket>, Refused> {
    updates::listen(at, former).map_err(|reason| {
        DHCP_DDNS_QUEUE_MGR_START_ERROR(&reason);
        Refused::Listen(reason)
    })
}

/// What takes effect.
fn generation(
    candidate: Candidate<ConfigDdns>,
    zones: kotare_ddns::Zones,
    gss_tsig: Option<GssTsig>,
    dhcp_servers: Vec<DhcpServer>,
    since: Moment,
) -> Generation {
    let Candidate { written, config, .. } = candidate;
    // The tables are the server's own, which nobody shares names with.
    let commands = Arc::new(commands::of(gss_tsig.as_ref()).unwrap_or_default());
    Generation { written, config, zones, gss_tsig, dhcp_servers, commands, since }
}

fn begun(candidate: &Candidate<ConfigDdns>, purpose: &str) {
    let shown = shown(candidate);
    DCTL_CONFIG_START(&shown);
    DHCP_DDNS_CONFIGURE(purpose, &shown);
}

/// Logs the warnings about a configuration.
fn remark(diagnostics: &Diagnostics) {
    for one in diagnostics.warnings() {
        match one.topic {
            Topic::ClearSecret => DHCP_DDNS_TSIG_SECRET_SECURITY_WARNING(&one.source),
            _ if warn_of(one) => {}
            _ => DHCP_DDNS_CONFIG_SYNTAX_WARNING(one),
        }
    }
}
