//! A whole server on a simulated link.

use std::net::Ipv4Addr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kotare_config::schema::File;
use kotare_config::v4::Config4;
use kotare_config::{Candidate, Input};
use kotare_control::Request;
use kotare_daemon::args::ServerArgs;
use kotare_daemon::logging::Logging;
use kotare_daemon::{Clock, Environment, ManualClock, Notifier, Paths};
use kotare_dhcp4d::Dhcp4;
use kotare_model::{Chance, Lease4, Timestamp};
use kotare_server::{Daemon, Open, Store, Surroundings, Unprepared};
use kotare_testkit::Client;
use kotare_tests::world::eventually;
use kotare_wire::v4::{MessageType, OptionCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::link::{Faults, Link, Reply, Simulated};
use crate::store::Database;

/// What answers on the link.
pub(crate) type Dhcp4OnLink<S> = Daemon<Dhcp4<Simulated, S>>;

/// A server in this process, with its leases in `S`. Stops when dropped.
pub(crate) struct Server<S: Store<Lease4> = Database> {
    pub(crate) daemon: Arc<Dhcp4OnLink<S>>,
    pub(crate) address: Ipv4Addr,
    pub(crate) hands: ManualClock,
    /// What the system refuses.
    pub(crate) faults: Arc<Faults>,
    /// Its files.
    pub(crate) folder: TempDir,
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

impl Server<Database> {
    /// A server at 192.0.2.1 whose leases are in `database`.
    pub(crate) fn with_database(link: &Link, config: Value, database: &Database) -> Self {
        let database = database.clone();
        let open: Open<Database> = Arc::new(move |_| Ok(database.clone()));
        Self::start(link, [192, 0, 2, 1].into(), clock(), config, open)
    }
}

impl<S: Store<Lease4>> Server<S> {
    /// A server at `address` that goes by `clock` and opens its leases with `open`.
    pub(crate) fn start(
        link: &Link,
        address: Ipv4Addr,
        (clock, hands): (Clock, ManualClock),
        config: Value,
        open: Open<S>,
    ) -> Self {
        Self::with_args(link, address, (clock, hands), config, open, ServerArgs::default())
    }

    /// The same with other arguments on the command line than none.
    pub(crate) fn with_args(
        link: &Link,
        address: Ipv4Addr,
        (clock, hands): (Clock, ManualClock),
        config: Value,
        open: Open<S>,
        args: ServerArgs,
    ) -> Self {
        let folder = TempDir::new().expect("a folder can be made");
        let faults = Arc::<Faults>::default();
        let environment = Environment::from_iter([
            ("KEA_DHCP_DATA_DIR", folder.path()),
            ("KEA_CONTROL_SOCKET_DIR", folder.path()),
            ("KEA_LOG_FILE_DIR", folder.path()),
            ("KEA_PIDFILE_DIR", folder.path()),
        ]);
        let surroundings = Surroundings {
            paths: Paths::new(&environment, true),
            logging: Logging::new("kea-dhcp4", &[], false, clock.clone(), &environment),
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
        let started = runtime.block_on(Daemon::start(surroundings, notifier, candidate(&config)));
        let daemon = started.unwrap_or_else(|error| panic!("the server does not start: {error}"));
        Self { daemon, address, hands, faults, folder, runtime }
    }

    /// Serves from another configuration.
    pub(crate) fn reconfigure(&self, config: Value) -> Result<(), Unprepared> {
        self.runtime.block_on(self.daemon.reconfigure(candidate(&config)))
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
    pub(crate) fn lease(&self, link: &Link, client: &mut Client) -> Reply {
        client.xid += 1;
        let discover = client.discover();
        link.broadcast(&discover);
        let offer = link.reply_to(&discover);
        assert_eq!(offer.kind, MessageType::OFFER);
        client.xid += 1;
        let request = client
            .request()
            .address(OptionCode::REQUESTED_ADDRESS, offer.yiaddr)
            .address(OptionCode::SERVER_IDENTIFIER, offer.server);
        link.broadcast(&request);
        let ack = link.reply_to(&request);
        assert_eq!((ack.kind, ack.yiaddr), (MessageType::ACK, offer.yiaddr));
        ack
    }
}

impl<S: Store<Lease4>> Drop for Server<S> {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The form of a configuration.
const FILE: File = kotare_config::v4::FILE.with_libraries(kotare_modules::SCHEMAS);

/// A configuration as `config-set` takes it.
pub(crate) fn candidate(config: &Value) -> Candidate<Config4> {
    let read = kotare_config::read(Input::Command("config-set", config), &FILE);
    read.unwrap_or_else(|refused| panic!("{}", refused.error_lines().join("\n")))
}

/// A configuration with one pool, so many worker threads, and 192.0.2.`dns` as the resolver that clients are told, by
/// which they can see what they were answered from.
pub(crate) fn config(threads: usize, dns: u8) -> Value {
    json!({"Dhcp4": {
        "interfaces-config": {"interfaces": ["eth0"]},
        "lease-database": {"type": "memfile", "persist": false},
        "multi-threading": {"enable-multi-threading": threads > 1, "thread-pool-size": threads},
        "expired-leases-processing": {"reclaim-timer-wait-time": 10, "hold-reclaimed-time": 3600},
        "valid-lifetime": 4000,
        "option-data": [{"name": "domain-name-servers", "data": format!("192.0.2.{dns}")}],
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/16", "pools": [{"pool": "192.0.8.0 - 192.0.15.255"}]}]
    }})
}
