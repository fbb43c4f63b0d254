//! A DHCPv6 server with modules whose commands can be asked, from the text of its configuration.

use std::collections::BTreeSet;
use std::net::{Ipv6Addr, SocketAddrV6};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_config::json::Diagnostics;
use kotare_config::v6::{Config6, FILE};
use kotare_config::{Candidate, Document, Input, Written, read};
use kotare_control::{Commands, Request};
use kotare_engine::hooks::Monitor;
use kotare_engine::v6::Received;
use kotare_engine::{AnyLeases, Leases6, v6};
use kotare_model::{Arrival6, Duid, Lease6, Timestamp};
use kotare_stats::{Statistics, Statistics6};
use kotare_store::HostSources;
use kotare_store_sql::Access;
use kotare_testkit::{MemoryStore6, Task, run};
use kotare_wire::v6::{Index, Message};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use crate::{
    Beside, Doing, Edit, Environment, Modules6, Server, ServerLink, ServerLink6, Serving, WrittenLeases,
};

/// What time it is.
pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000);

/// The server.
pub(crate) struct TestServer6 {
    pub(crate) store: MemoryStore6,
    server: Arc<Served>,
    commands: Commands<Served>,
    runtime: Runtime,
    link: ServerLink6,
    /// What its modules do beside the messages.
    pub(crate) beside: Beside,
    /// Its modules.
    pub(crate) modules: Modules6,
}

struct Served {
    statistics: Statistics6,
    serving: Mutex<Arc<Generation>>,
    /// How many edits knew what they made.
    known: AtomicUsize,
    /// How much time has passed for modules.
    passed: Mutex<Duration>,
    /// Who has it disabled.
    disabled: Mutex<BTreeSet<u32>>,
}

/// What is served from. Whatever is edited, messages are answered as the first configuration says.
struct Generation {
    config: Arc<Config6>,
    written: Written,
    engine: Arc<v6::Server>,
    leases: Arc<Leases6<MemoryStore6>>,
}

impl TestServer6 {
    /// The server of what is in `Dhcp6`, with these libraries.
    pub(crate) fn new(mut dhcp6: Json, libraries: &[&str]) -> Self {
        let entries = libraries.iter().map(|name| json!({"library": format!("libdhcp_{name}.so")}));
        dhcp6["hooks-libraries"] = entries.collect();
        Self::configured(&dhcp6).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    /// The server of what is in `Dhcp6`, or what is wrong with it.
    pub(crate) fn configured(dhcp6: &Json) -> Result<Self, Vec<String>> {
        Self::beside(dhcp6, Vec::new())
    }

    /// The same with these databases of its configuration.
    pub(crate) fn beside(dhcp6: &Json, databases: Vec<Access>) -> Result<Self, Vec<String>> {
        let written = json!({"Dhcp6": dhcp6});
        let file = FILE.with_libraries(crate::SCHEMAS);
        let candidate = read::<Config6>(Input::Command("config-set", &written), &file)
            .map_err(|refused| refused.error_lines())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let environment = Environment {
            runtime: runtime.handle().clone(),
            seed: 1,
            server: ServerLink::new(),
            commands: Arc::default(),
            config_databases: databases.into(),
            places: Arc::new(crate::Anywhere),
        };
        let (config, written) = (Arc::new(candidate.config), candidate.written);
        let mut diagnostics = Diagnostics::new();
        let mut modules = Modules6::build(&config, &environment, None, &mut diagnostics);
        if diagnostics.has_errors() {
            return Err(diagnostics.error_lines());
        }
        let statistics = Statistics6::new(TimeZone::UTC, Duration::ZERO);
        let layout = v6::statistics_layout(&config);
        let prepared = statistics.prepare(&layout);
        let subnets: Vec<_> =
            layout.iter().filter_map(|subnet| prepared.subnet(subnet.id).cloned()).collect();
        statistics.publish(prepared, &[], Duration::ZERO);
        let store = MemoryStore6::new();
        let leases = Leases6::new(store.clone(), statistics.worker());
        let plan = run(leases.plan(&config, &subnets)).expect("leases are planned");
        let duid = Duid::new(&[0, 3, 0, 1, 2, 3]).expect("a DUID");
        let ports = kotare_engine::Ports { server: None, client: None };
        let engine = v6::Server::new(config.clone(), plan, ports, modules.hooks.clone(), duid);
        let engine = engine.with_hosts(HostSources::default());
        let (engine, leases) = (Arc::new(engine), Arc::new(leases));
        let serving = Arc::new(Generation { config, written, engine, leases });
        let server = Arc::new(Served {
            statistics,
            serving: Mutex::new(serving),
            known: AtomicUsize::new(0),
            passed: Mutex::default(),
            disabled: Mutex::default(),
        });
        let known: Arc<dyn Server<Lease6, v6::Server>> = server.clone();
        environment.server.lead_to(Arc::downgrade(&known));
        let commands = modules.commands.drain(..).try_fold(Commands::new(), Commands::join);
        let commands = commands.expect("names differ").watched(modules.watchers.clone());
        let (link, beside) = (environment.server.clone(), std::mem::take(&mut modules.beside));
        Ok(Self { store, server, commands, runtime, link, beside, modules })
    }

    /// The reply to a datagram that came to `eth0` for all servers, if there is one.
    pub(crate) fn send(&self, datagram: &[u8]) -> Option<Vec<u8>> {
        self.send_while(datagram, || {})
    }

    /// The same while something happens whenever the store is waited for.
    pub(crate) fn send_while(&self, datagram: &[u8], mut meanwhile: impl FnMut()) -> Option<Vec<u8>> {
        let serving = self.server.serving.lock().clone();
        let Generation { engine, leases, .. } = &*serving;
        let local = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0x53);
        let source = SocketAddrV6::new(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1), 547, 0, 2);
        let destination = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
        let arrival = Arrival6 { ifindex: 2, local, destination, source };
        let mut index = Index::new();
        let mut query = engine.intake(&Received { datagram, arrival, interface: "eth0" }, &mut index).ok()?;
        let message = Message::new(datagram, &index).expect("it was just read");
        let mut reply = vec![0; 4096];
        let mut exchange = Task::start(engine.exchange(leases, message, &mut query, NOW, 1, &mut reply));
        let outcome = loop {
            match exchange.go_on() {
                Some(outcome) => break outcome,
                None => meanwhile(),
            }
        };
        drop(exchange);
        match outcome {
            v6::Outcome::Reply(v6::Reply { len, .. }) => {
                reply.truncate(len);
                Some(reply)
            }
            _ => None,
        }
    }

    /// What a command answers.
    pub(crate) fn answer(&self, command: &str, arguments: Option<Json>) -> Json {
        let request = Request { arguments, ..Request::new(command) };
        self.runtime.block_on(self.commands.run(&self.server, request)).into_json()
    }

    /// Who watches how long its messages take.
    pub(crate) fn monitor(&self) -> Option<Arc<dyn Monitor>> {
        self.server.serving.lock().engine.hooks().monitor.clone()
    }

    /// The way to it.
    pub(crate) fn link(&self) -> ServerLink6 {
        self.link.clone()
    }

    /// Waits for something that goes on where its modules do.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Lets time pass for modules; messages are answered at the same second.
    pub(crate) fn pass(&self, time: Duration) {
        *self.server.passed.lock() += time;
    }

    /// How many edits of the configuration knew what they made, so that it did not have to be read.
    pub(crate) fn known_edits(&self) -> usize {
        self.server.known.load(Ordering::Relaxed)
    }

    /// Who has it disabled.
    pub(crate) fn disabled(&self) -> Vec<u32> {
        self.server.disabled.lock().iter().copied().collect()
    }

    /// The value of a statistic.
    pub(crate) fn statistic(&self, name: &str) -> i128 {
        self.server.statistics.value(name, self.server.since_epoch())
    }
}

impl Server<Lease6, v6::Server> for Served {
    fn serving(&self) -> Arc<dyn Serving<Lease6, v6::Server>> {
        self.serving.lock().clone()
    }

    fn statistics(&self) -> &Statistics<kotare_stats::Stat6> {
        &self.statistics
    }

    fn now(&self) -> Timestamp {
        NOW
    }

    fn since_epoch(&self) -> Duration {
        Duration::from_secs(NOW.0.unsigned_abs()) + *self.passed.lock()
    }

    fn write_leases(&self, name: &str) -> Result<WrittenLeases, String> {
        Ok(WrittenLeases { path: name.into(), warning: None })
    }

    fn disable(&self, origin: u32) {
        self.disabled.lock().insert(origin);
    }

    fn enable(&self, origin: u32) {
        self.disabled.lock().remove(&origin);
    }

    fn data_file(&self, name: &str) -> Result<(std::path::PathBuf, Option<String>), String> {
        Ok((name.into(), None))
    }

    fn edit(&self, edit: Edit<Config6>) -> Doing<'_, Result<(), String>> {
        Box::pin(async move {
            let mut serving = self.serving.lock();
            let edited = edit(&serving.written, &serving.config)?;
            let candidate =
                Document::of(edited.written, &FILE.with_libraries(crate::SCHEMAS)).judge::<Config6>();
            let Candidate { config, written, .. } =
                candidate.map_err(|refused| refused.error_lines().join("\n"))?;
            // What an edit knows of what it makes is what all of it means.
            if let Some(known) = edited.meaning {
                let told = |config: &Config6| {
                    let parts: Vec<_> = config.hosts.parts().collect();
                    let hosts = parts.iter().flat_map(|part| part.iter()).map(|host| format!("{host:?}"));
                    (hosts.collect::<BTreeSet<_>>(), config.classes.count())
                };
                assert_eq!(told(&known), told(&config));
                self.known.fetch_add(1, Ordering::Relaxed);
            }
            let Generation { engine, leases, .. } = &**serving;
            let (engine, leases) = (engine.clone(), leases.clone());
            *serving = Arc::new(Generation { config: Arc::new(config), written, engine, leases });
            Ok(())
        })
    }
}

impl Serving<Lease6, v6::Server> for Generation {
    fn config(&self) -> &Arc<Config6> {
        &self.config
    }

    fn written(&self) -> &Written {
        &self.written
    }

    fn engine(&self) -> &v6::Server {
        &self.engine
    }

    fn leases(&self) -> &dyn AnyLeases<Lease6> {
        &*self.leases
    }
}
