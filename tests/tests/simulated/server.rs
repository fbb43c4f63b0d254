//! A whole server on a simulated link.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kotare_config::{Candidate, Input};
use kotare_control::Request;
use kotare_daemon::args::ServerArgs;
use kotare_daemon::logging::Logging;
use kotare_daemon::{Clock, Environment, ManualClock, Notifier, Paths};
use kotare_model::{Chance, Timestamp};
use kotare_server::{Daemon, Family, Flow, Open, Store, Surroundings, Unprepared};
use kotare_tests::world::eventually;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::link::{Faults, LinkOf, Simulated};
use crate::protocol::{Protocol, Reply, Says};
use crate::protocol4::V4;
use crate::store::{Database, DatabaseOf};

/// A server of DHCPv4.
pub(crate) type Server<S = Database> = ServerOf<V4, S>;

/// A server in this process, with its leases in `S`. Stops when dropped.
pub(crate) struct ServerOf<P: Protocol, S: Store<P::Lease> = DatabaseOf<P>> {
    pub(crate) daemon: Arc<Daemon<P::On<S>>>,
    pub(crate) address: P::Address,
    pub(crate) hands: ManualClock,
    /// What the system refuses.
    pub(crate) faults: Arc<Faults>,
    /// Its files.
    pub(crate) folder: Arc<TempDir>,
    runtime: &'static Runtime,
}

/// The clock that servers and their test share.
pub(crate) fn clock() -> (Clock, ManualClock) {
    Clock::manual(Timestamp(1_700_000_000))
}

/// The runtime of all servers of this process: two threads, as a program has.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let builder = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        builder.expect("a runtime can be made")
    })
}

impl<P: Protocol> ServerOf<P> {
    /// A server at the usual address whose leases are in `database`.
    pub(crate) fn with_database(link: &LinkOf<P>, config: Value, database: &DatabaseOf<P>) -> Self {
        Self::start(link, P::SERVERS[0], clock(), config, opening::<P>(database))
    }

    /// The same on a link of its own, with its files where those of `other` are.
    pub(crate) fn beside(other: &Self, config: Value, database: &DatabaseOf<P>) -> Self {
        let (link, args) = (LinkOf::default(), ServerArgs::default());
        let open = opening::<P>(database);
        Self::within(&other.folder, &link, P::SERVERS[0], clock(), config, open, args)
    }
}

impl<P: Protocol, S: Store<P::Lease>> ServerOf<P, S> {
    /// A server at `address` that goes by `clock` and opens its leases with `open`.
    pub(crate) fn start(
        link: &LinkOf<P>,
        address: P::Address,
        (clock, hands): (Clock, ManualClock),
        config: Value,
        open: Open<S>,
    ) -> Self {
        Self::with_args(link, address, (clock, hands), config, open, ServerArgs::default())
    }

    /// The same with other arguments on the command line than none.
    pub(crate) fn with_args(
        link: &LinkOf<P>,
        address: P::Address,
        (clock, hands): (Clock, ManualClock),
        config: Value,
        open: Open<S>,
        args: ServerArgs,
    ) -> Self {
        let folder = Arc::new(TempDir::new().expect("a folder can be made"));
        Self::within(&folder, link, address, (clock, hands), config, open, args)
    }

    /// The same with its files in this folder.
    fn within(
        folder: &Arc<TempDir>,
        link: &LinkOf<P>,
        address: P::Address,
        (clock, hands): (Clock, ManualClock),
        config: Value,
        open: Open<S>,
        args: ServerArgs,
    ) -> Self {
        let faults = Arc::<Faults>::default();
        let environment = Environment::from_iter([
            ("KEA_DHCP_DATA_DIR", folder.path()),
            ("KEA_CONTROL_SOCKET_DIR", folder.path()),
            ("KEA_LOG_FILE_DIR", folder.path()),
            ("KEA_PIDFILE_DIR", folder.path()),
        ]);
        let surroundings = Surroundings {
            paths: Paths::new(&environment, true),
            logging: Logging::new(P::On::<S>::PROGRAM.name, &[], false, clock.clone(), &environment),
            args: ServerArgs { config: folder.path().join("kea.conf"), ..args },
            network: Arc::new(Simulated::new(link, address, &faults)),
            clock,
            environment,
            open,
            seed: {
                let chance = parking_lot::Mutex::new(Chance::new(7));
                Box::new(move || Ok(chance.lock().number()))
            },
        };
        let notifier = Notifier::new(&Environment::default()).expect("no manager is told");
        let runtime = runtime();
        let started = runtime.block_on(Daemon::start(surroundings, notifier, candidate::<P::On<S>>(&config)));
        let daemon = started.unwrap_or_else(|error| panic!("the server does not start: {error}"));
        Self { daemon, address, hands, faults, folder: folder.clone(), runtime }
    }

    /// Serves from another configuration.
    pub(crate) fn reconfigure(&self, config: Value) -> Result<(), Unprepared> {
        self.runtime.block_on(self.daemon.reconfigure(candidate::<P::On<S>>(&config)))
    }

    /// What comes of something that this server does.
    pub(crate) fn wait<T>(&self, doing: impl Future<Output = T>) -> T {
        self.runtime.block_on(doing)
    }

    /// What a command answers.
    pub(crate) fn answer(&self, command: &str, arguments: Option<Value>) -> Value {
        let request = Request { arguments, ..Request::new(command) };
        self.runtime.block_on(self.daemon.execute(request)).into_json()
    }

    /// What a command returns, without the result code.
    pub(crate) fn ask(&self, command: &str, arguments: Value) -> Value {
        self.answer(command, Some(arguments))["arguments"].take()
    }

    /// Waits until the server wants to end: with which exit code.
    pub(crate) fn ended(&self) -> u8 {
        self.runtime.block_on(self.daemon.ended())
    }

    /// How many worker threads live, those that leave included.
    pub(crate) fn threads(&self) -> usize {
        self.faults.ports.load(SeqCst)
    }

    /// The value of a statistic.
    pub(crate) fn statistic(&self, name: &str) -> i64 {
        self.ask("statistic-get", json!({"name": name}))[name][0][0].as_i64().unwrap_or(0)
    }

    /// The value of a statistic of messages: `received`.
    pub(crate) fn counted(&self, name: &str) -> i64 {
        self.statistic(&format!("{}-{name}", P::PKT))
    }

    /// How many addresses are leased in the subnet.
    pub(crate) fn leased(&self) -> i64 {
        self.statistic(P::LEASED)
    }

    /// Stops it, letting time go by until it has stopped.
    pub(crate) fn stop(&self) {
        self.finish_stop(self.begin_stop());
    }

    /// Asks it to stop.
    pub(crate) fn begin_stop(&self) -> JoinHandle<()> {
        let daemon = self.daemon.clone();
        self.runtime.spawn(async move { daemon.stop().await })
    }

    /// Lets time go by until it has stopped.
    pub(crate) fn finish_stop(&self, stopping: JoinHandle<()>) {
        eventually("the server stops", || {
            self.hands.advance(Duration::from_millis(100));
            stopping.is_finished().then_some(())
        });
        self.runtime.block_on(stopping).expect("stopping does not panic");
    }

    /// Lets a client get an address: the acknowledgement.
    pub(crate) fn lease(&self, link: &LinkOf<P>, client: &mut P::Client) -> P::Reply {
        P::go_on(client);
        let look = P::look(client);
        link.broadcast(&look);
        let offer = link.reply_to(&look);
        assert_eq!(offer.says(), Says::Offer, "{offer:?}");
        P::go_on(client);
        let choose = P::choose(client, &offer);
        link.broadcast(&choose);
        let ack = link.reply_to(&choose);
        assert_eq!((ack.says(), ack.given()), (Says::Yours, offer.given()), "{ack:?}");
        ack
    }
}

impl<P: Protocol, S: Store<P::Lease>> Drop for ServerOf<P, S> {
    fn drop(&mut self) {
        self.stop();
    }
}

fn opening<P: Protocol>(database: &DatabaseOf<P>) -> Open<DatabaseOf<P>> {
    let database = database.clone();
    Arc::new(move |_| Ok(database.clone()))
}

/// A configuration as `config-set` takes it.
fn candidate<F: Family>(config: &Value) -> Candidate<<F as Flow>::Config> {
    let read = kotare_config::read(Input::Command("config-set", config), F::FILE);
    read.unwrap_or_else(|refused| panic!("{}", refused.error_lines().join("\n")))
}

/// See [`Protocol::config`].
pub(crate) fn config(threads: usize, dns: u8) -> Value {
    V4::config(threads, dns)
}
