//! `libdhcp_radius.so`: RADIUS servers say who may come in and what it gets, and are told what becomes of leases (manual,
//! "RADIUS").
//!
//! A message waits for what servers say of its client, and no worker waits with it: requests are tasks, each with a socket of
//! its own, or with one of the connections through TLS. What servers said is remembered by the library `host_cache` as a
//! reservation, which the server of DHCP finds as any other. What a request is, and what is believed as its answer, is in
//! `kotare_radius`.
//!
//! - `parameters`, `attributes`, `ports`: what is configured.
//! - `identity`: what clients are called.
//! - `access`: whether a client may come in, and what it gets.
//! - `accounting`, `commands`: what is told of leases that clients and commands change.
//! - `sessions`: what sessions are called, and the file that keeps their names.
//! - `client`, `radsec`: how servers are asked, through UDP and TLS.
//! - `status`: whether they are still there.
//! - `v4`, `v6`: clients and leases of each family.

mod access;
mod accounting;
mod attributes;
mod client;
mod commands;
mod identity;
mod messages;
mod parameters;
mod ports;
mod radsec;
mod sessions;
mod status;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_tls;
mod v4;
mod v6;

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use kotare_config::Process;
use kotare_config::common::Reservations;
use kotare_config::json::Diagnostics;
use kotare_config::process::HookLibrary;
use kotare_control::client::Tls;
use kotare_expr::Packet;
use kotare_model::{HostIdType, HwAddr, SubnetId};
use kotare_radius::{Attribute, known};
use kotare_store::HostCache;
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use self::access::Access;
use self::accounting::Session;
use self::client::{Client, Server, Shared, any};
use self::commands::Told;
use self::identity::Identity;
use self::messages::*;
use self::parameters::{Calling, Protocol, Service, Settings, WrittenServer};
use self::radsec::Radsec;
use self::sessions::Sessions;
use self::status::Of;
use crate::aside::aside;
use crate::networked::Networked;
use crate::reserving::Reserving;
use crate::shown::Shown;
use crate::spoken::Spoken;
use crate::turn::Turn;
use crate::{Around, Companion, Entry, Library, Module, Modules, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "radius",
    parameters: &parameters::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| RADIUS_CONFIGURATION_FAILED(reason),
    loaded: || RADIUS_INIT_OK(),
    unloaded: || RADIUS_DEINIT_OK(),
    v4: Some(module()),
    v6: Some(module()),
};

const fn module<L: Served>() -> Module<L> {
    Module { judge: |entry, diagnostics| _ = judge(entry, diagnostics), build, ..Module::NOTHING }
}

const EARLY: &str = "early-global-reservations-lookup is not compatible with RADIUS";
const NO_CACHE: &str = "Configuring access failed: host cache library not loaded.";

/// What remembers what servers said.
type Cache<L> = Arc<dyn HostCache<<L as Reserving>::Reserved>>;

/// A family whose clients RADIUS servers know. There are two of them.
trait Served: Reserving + Spoken + Networked + Shown {
    /// The parameter that says by whom clients are known.
    const IDENTIFIER: &str;
    /// What it may say.
    const KINDS: &[HostIdType];
    /// What the names of its lease commands begin with.
    const COMMANDS: &str;
    /// Counts messages of clients that are being asked about.
    const DUPLICATE: Self::Stat;
    /// Counts messages for which there is no room.
    const QUEUE_FULL: Self::Stat;
    /// Counts messages of clients that cannot be asked about.
    const PROCESSING_FAILED: Self::Stat;

    /// Whether the library can be used with a configuration.
    fn judge(config: &Self::Config) -> Result<(), String>;
    /// Where reservations of clients on a subnet are: there, or with the global ones.
    fn hosts_of(config: &Self::Config, subnet: SubnetId) -> Option<SubnetId>;
    /// What servers reserve for a client, if they do.
    fn reserved(attributes: &[Attribute]) -> Option<Self::Reserved>;
    /// The address that says where its client has to be.
    fn leading(reserved: &Self::Reserved) -> Option<Self::Address>;
    /// Whether a message extends leases that another server may have given.
    fn rebinds(query: &Self::Query) -> bool;
    /// The session of a lease.
    fn session(calling: &Calling, lease: &Self) -> Option<Session>;
    /// The session of what a command says of a lease.
    fn session_of(calling: &Calling, told: &Told) -> Option<Session>;
    /// Has the module asked about messages and told of leases.
    fn register(hooks: &mut Self::Hooks, module: Arc<Radius<Self>>);
    /// What remembers reservations.
    fn cache(hooks: &Self::Hooks) -> Option<&Cache<Self>>;
}

/// The module of a configuration.
struct Radius<L: Served> {
    settings: Settings,
    access: Option<Access<L>>,
    accounting: Option<Arc<Client>>,
    sessions: Arc<Sessions>,
    shared: Arc<Shared>,
    runtime: Handle,
    server: ServerLink<L, L::Engine>,
    /// Whether it tells of leases.
    turn: Turn,
}

/// Finds what is wrong with an entry, which is what it says otherwise.
fn judge<L: Served>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Option<Settings> {
    let source = &entry.written.source;
    if let Err(reason) = L::judge(entry.config) {
        diagnostics.error(source, reason);
    }
    let settings = Settings::read(entry, diagnostics)?;
    let process: &Process = entry.config.as_ref();
    let is_this = |library: &HookLibrary| std::ptr::eq(library, entry.written);
    let mut before = process.libraries.iter().take_while(|library| !is_this(library));
    if settings.access.is_some() && !before.any(|library| &*library.name == "host_cache") {
        RADIUS_ACCESS_NO_HOST_CACHE();
        let hint = "name libdhcp_host_cache.so in hooks-libraries before this library";
        diagnostics.error_with_hint(source, NO_CACHE, hint);
    }
    Some(settings)
}

fn build<L: Served>(
    entry: &Entry<'_, L>,
    around: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let before = diagnostics.error_count();
    let settings = judge(entry, diagnostics);
    let (Some(settings), true) = (settings, diagnostics.error_count() == before) else { return };
    let environment = around.environment;
    let former = around.former::<Radius<L>>(entry);
    let turn = Turn::after(former.as_ref().map(|former| &former.turn));
    let shared = match &former {
        Some(former) => former.shared.clone(),
        None => Arc::new(Shared::new(environment.seed)),
    };
    let path = settings.history.as_deref().filter(|_| settings.accounting.is_some());
    let sessions = match former.as_ref().filter(|former| former.sessions.are_in(path)) {
        Some(former) => former.sessions.clone(),
        None => Arc::new(Sessions::open(path)),
    };
    let opening = Opening { settings: &settings, shared: &shared };
    let mut open = |service: &Option<Service>, name: &str, former: Option<Former<'_>>| {
        let service = service.as_ref()?;
        let name = if settings.protocol == Protocol::Tls { "tls" } else { name };
        // A name server that says nothing holds up this configuration, and nothing else.
        aside(|| opening.client(service, name, former, diagnostics))
    };
    let former = former.as_deref();
    let access = open(&settings.access, "access", former.and_then(Radius::asked));
    let accounting = match (&access, settings.protocol) {
        // The connections of both are the same.
        (Some(both), Protocol::Tls) if settings.accounting.is_some() => Some(both.clone()),
        _ => open(&settings.accounting, "accounting", former.and_then(Radius::told)),
    };
    if diagnostics.error_count() != before {
        return;
    }
    let is_secure = settings.protocol == Protocol::Tls;
    let mut watched = Vec::new();
    for (service, client, of) in
        [(&settings.access, &access, Of::Access), (&settings.accounting, &accounting, Of::Accounting)]
    {
        let (Some(idle), Some(client)) = (service.as_ref().and_then(|it| it.idle), client) else { continue };
        // What both services ask is watched once.
        if watched.iter().all(|watch: &Watch| !Arc::ptr_eq(&watch.client, client)) {
            let of = if is_secure { Of::Tls } else { of };
            watched.push(Watch { of, client: client.clone(), idle });
        }
    }
    modules.beside.companions.push(Arc::new(Beside {
        watched,
        sessions: sessions.clone(),
        runtime: environment.runtime.clone(),
        tasks: Mutex::default(),
    }));
    let access =
        access.zip(L::cache(&modules.hooks)).map(|(client, cache)| Access::new(client, cache.clone()));
    let (runtime, server) = (environment.runtime.clone(), environment.server.clone());
    let module = Arc::new(Radius { settings, access, accounting, sessions, shared, runtime, server, turn });
    modules.beside.companions.push(module.clone());
    L::register(&mut modules.hooks, module.clone());
    modules.watchers.push(module.clone());
    modules.keep(entry, module);
}

/// A service of the configuration before.
#[derive(Clone, Copy)]
struct Former<'a> {
    service: &'a Service,
    client: &'a Arc<Client>,
}

impl Former<'_> {
    /// Where a server is, if it was one of the service.
    fn address_of(self, written: &WrittenServer) -> Option<SocketAddr> {
        let place = self.service.servers.iter().position(|server| server.is_same(written))?;
        self.client.servers.get(place).map(|server| server.at)
    }
}

/// Makes the clients of services.
struct Opening<'a> {
    settings: &'a Settings,
    shared: &'a Arc<Shared>,
}

impl Opening<'_> {
    /// The client of a service: the former one, with its connections and what it knows of its servers, if it is the same.
    fn client(
        &self,
        service: &Service,
        name: &str,
        former: Option<Former<'_>>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Arc<Client>> {
        let Settings { plan, timeout, local, signed, dictionary, .. } = self.settings;
        let mut servers = Vec::new();
        for written in &service.servers {
            match self.server(written, name, former) {
                Ok(server) => servers.push(server),
                Err(reason) => diagnostics.error(&written.source, reason),
            }
        }
        if service.servers.is_empty() {
            return None;
        }
        let how = (*plan, *timeout);
        let mut client = Client::new(servers, how, *local, *signed, dictionary.clone(), self.shared.clone());
        let Some(Former { client: former, .. }) = former else { return Some(Arc::new(client)) };
        if client.is_same(former) {
            return Some(former.clone());
        }
        client.remember(former);
        Some(Arc::new(client))
    }

    fn server(
        &self,
        written: &WrittenServer,
        service: &str,
        former: Option<Former<'_>>,
    ) -> Result<Server, String> {
        let WrittenServer { name, port, secret, tls, .. } = written;
        let at = match name.parse::<IpAddr>() {
            Ok(address) => SocketAddr::new(address, *port),
            Err(_) => {
                let found = (&**name, *port).to_socket_addrs().map(|mut all| all.next());
                let reason = match found {
                    Ok(found) => found.ok_or_else(|| "it has no address".to_owned()),
                    Err(error) => Err(error.to_string()),
                };
                // Whatever else is changed while no name server answers: it is where it was.
                let known = former.and_then(|former| former.address_of(written));
                reason
                    .or_else(|reason| known.ok_or(reason))
                    .map_err(|reason| format!("can't resolve '{name}': {reason}"))?
            }
        };
        let local = self.settings.local;
        if local.is_some_and(|local| local.is_ipv4() != at.is_ipv4()) {
            let (peer, local) = (at.ip(), local.unwrap_or(any(at)));
            return Err(format!(
                "can't create {service} server: address family mismatch: peer {peer}, local {local}"
            ));
        }
        let radsec = match tls {
            Some([anchor, certificate, key]) => {
                // As in Kea, who has a certificate of the authority is the server, whatever names are in it.
                let tls = Tls::read_for_any_name(anchor, Some((certificate, key)))?;
                Some(Radsec::new(tls))
            }
            None => None,
        };
        let local = local.or_else(|| source(at)).map_or_else(|| "*".to_owned(), |local| local.to_string());
        let text = format!("peer-addr={} port={port} local_addr={local} secret=*****", at.ip());
        RADIUS_SERVER_CONFIGURED(service, text);
        Ok(Server { at, secret: secret.clone(), radsec })
    }
}

/// The address that the kernel would send from.
fn source(to: SocketAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((any(to), 0)).ok()?;
    socket.connect(to).ok()?;
    socket.local_addr().ok().map(|local| local.ip())
}

impl<L: Served> Radius<L> {
    /// Whoever is asked whether clients may come in.
    fn asked(&self) -> Option<Former<'_>> {
        let (service, access) = (self.settings.access.as_ref()?, self.access.as_ref()?);
        Some(Former { service, client: &access.client })
    }

    /// Whoever is told of leases.
    fn told(&self) -> Option<Former<'_>> {
        let (service, client) = (self.settings.accounting.as_ref()?, self.accounting.as_ref()?);
        Some(Former { service, client })
    }

    /// What servers are told of a client that sends a message.
    fn request(
        &self,
        identity: &Identity,
        hwaddr: Option<&HwAddr>,
        packet: &impl Packet,
    ) -> Result<Vec<Attribute>, String> {
        let calling = &self.settings.calling;
        let mut attributes = vec![Attribute::text(known::USER_NAME, &identity.user)];
        if let Some(hwaddr) = hwaddr.filter(|_| calling.kind != HostIdType::HwAddress) {
            attributes.push(Attribute::text(known::CALLING_STATION_ID, &calling.hwaddr(hwaddr)));
        }
        let configured = self.settings.access.iter().flat_map(|service| &service.attributes);
        for attribute in configured {
            attributes.extend(attribute.of(packet)?);
        }
        Ok(attributes)
    }
}

/// Of shared networks with several subnets only global reservations are known: which subnet a client is on is not known when
/// it is asked about.
fn judge_networks<'a>(
    subnets: impl Iterator<Item = (SubnetId, String, Option<&'a str>, Reservations)>,
) -> Result<(), String> {
    let mut networks: HashMap<&str, Vec<_>> = HashMap::new();
    for (id, prefix, network, reservations) in subnets {
        networks.entry(network.unwrap_or_default()).or_default().push((id, prefix, reservations));
    }
    let shared = networks.iter().filter(|(name, subnets)| !name.is_empty() && subnets.len() > 1);
    for (name, subnets) in shared {
        let wrong = |(_, _, it): &&(_, _, Reservations)| !it.global || it.in_subnet;
        if let Some((id, prefix, _)) = subnets.iter().find(wrong) {
            return Err(format!(
                "subnet {id} '{prefix}' of shared network {name} does not use only global host reservations which are \
                 required for subnets in shared networks by RADIUS"
            ));
        }
    }
    Ok(())
}

/// Servers that are asked whether they are there.
struct Watch {
    of: Of,
    client: Arc<Client>,
    idle: Duration,
}

/// What goes on beside the messages.
struct Beside {
    watched: Vec<Watch>,
    sessions: Arc<Sessions>,
    runtime: Handle,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Companion for Beside {
    fn begin(&self) {
        let mut tasks = self.tasks.lock();
        if tasks.is_empty() {
            let watch = |it: &Watch| status::watch(it.of, it.client.clone(), it.idle);
            tasks.extend(self.watched.iter().map(|it| self.runtime.spawn(watch(it)).abort_handle()));
        }
    }

    fn end(&self) {
        self.tasks.lock().drain(..).for_each(|task| task.abort());
        self.sessions.flush();
    }

    fn report(&self, _: &mut Map<String, Json>) {}
}

impl<L: Served> Companion for Radius<L> {
    fn take_over(&self) {
        self.turn.take();
    }

    fn begin(&self) {}

    fn end(&self) {}

    fn report(&self, _: &mut Map<String, Json>) {}
}

impl<L: Served> fmt::Debug for Radius<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Radius")
            .field("access", &self.access)
            .field("accounting", &self.accounting)
            .field("sessions", &self.sessions)
            .finish_non_exhaustive()
    }
}
