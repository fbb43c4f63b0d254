//! The relationships of a server for as long as they stay what they are, and the commands about them.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use futures_util::future::{BoxFuture, FutureExt as _, Shared, join_all};
use kotare_control::{
    Access, Apart, Argument, ArgumentType, Command, OURS, Reply, Request, Response, ResultCode,
};
use kotare_ha::{Answer, Asker, Relationship};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::driver::Driver;
use super::family::Partnered;
use super::gate::Client;
use super::hub::Hub;
use super::peer::PeerLink;
use super::surrounding::Surrounding;
use crate::{Companion, Doing, ServerLink};

/// A server of one relationship.
pub(super) type Spoke<L> = Driver<PeerLink, Surrounding<L>>;

/// The ways to the other servers of a relationship, by their names.
pub(super) type Ways = BTreeMap<String, PeerLink>;

/// All relationships of a server. They begin when the first configuration that has them takes effect.
pub(super) struct Relations<L: Partnered> {
    relationships: Vec<Relationship>,
    /// What the files with certificates and keys had in them.
    files: Vec<Vec<u8>>,
    pub(super) server: ServerLink<L, L::Engine>,
    runtime: Handle,
    /// Where updates are sent, and come in.
    pub(super) apart: Arc<Apart>,
    /// Until they begin.
    ways: Mutex<Vec<Ways>>,
    hub: OnceLock<Hub<PeerLink, Surrounding<L>>>,
    tasks: Mutex<Vec<AbortHandle>>,
    /// Those that these take the place of, until they begin.
    former: Mutex<Option<Arc<Self>>>,
    /// What other servers are told at the end.
    parting: OnceLock<Shared<BoxFuture<'static, ()>>>,
}

impl<L: Partnered> Relations<L> {
    /// Relationships that were judged, each with the ways to the other servers.
    pub(super) fn new(
        relationships: Vec<Relationship>,
        files: Vec<Vec<u8>>,
        ways: Vec<Ways>,
        server: ServerLink<L, L::Engine>,
        runtime: Handle,
        apart: Arc<Apart>,
    ) -> Self {
        let (ways, hub, tasks) = (Mutex::new(ways), OnceLock::new(), Mutex::default());
        let (former, parting) = (Mutex::default(), OnceLock::new());
        Self { relationships, files, server, runtime, apart, ways, hub, tasks, former, parting }
    }

    /// The same, which begin when these have told other servers that they have ended.
    pub(super) fn after(self, former: Option<Arc<Self>>) -> Self {
        Self { former: Mutex::new(former), ..self }
    }

    /// What is configured.
    pub(super) fn relationships(&self) -> &[Relationship] {
        &self.relationships
    }

    /// Whether they are these, with these files.
    pub(super) fn are(&self, relationships: &[Relationship], files: &[Vec<u8>]) -> bool {
        self.relationships == relationships && self.files == files
    }

    /// The server of one of them, once they have begun.
    pub(super) fn spoke(&self, at: usize) -> Option<&Arc<Spoke<L>>> {
        self.hub.get()?.drivers().get(at)
    }

    fn start(&self) -> Hub<PeerLink, Surrounding<L>> {
        let ways = std::mem::take(&mut *self.ways.lock());
        let is_alone = self.relationships.len() == 1;
        let parting = self.former.lock().take().and_then(|former| former.parting.get().cloned());
        let drivers = self.relationships.iter().zip(ways).zip(0..).map(|((relationship, ways), number)| {
            let asker =
                Asker { service: L::SERVICE, name: relationship.this_server.clone(), relationship: number };
            let around = Surrounding::new(self.server.clone(), relationship, number, is_alone);
            let driver = Driver::new(relationship.clone(), asker, ways, around);
            let (driven, parting) = (driver.clone(), parting.clone());
            let run = async move {
                if let Some(parting) = parting {
                    parting.await;
                }
                driven.run().await;
            };
            self.tasks.lock().push(self.runtime.spawn(run).abort_handle());
            driver
        });
        Hub::new(drivers.collect())
    }

    async fn run(&self, request: Request) -> Response {
        let Some(hub) = self.hub.get() else { return Response::error("the server is about to start") };
        let mut answer = hub.answer(&request.command, request.arguments.as_ref()).await;
        if request.command == "ha-sync-complete-notify"
            && let Some(arguments) = answer.arguments.take()
            && let Some(server) = self.server.get()
        {
            // Whoever was told that the leases are there has no reason to keep this server silent any more.
            let origins = arguments["origin-ids"].as_array().into_iter().flatten();
            origins.filter_map(Json::as_i64).for_each(|origin| server.enable(origin as u32));
        }
        response(answer)
    }

    /// The commands.
    pub(super) const COMMANDS: &'static [Command<Self>] = &[
        command("ha-continue", "1.4.0", "Lets a server go on that is paused in a state.", &[SERVER_NAME]),
        Command {
            access: Access::Read,
            ..command(
                "ha-diff",
                OURS,
                "Lists the leases in which a server and its partner differ.",
                &[DIFFERS_FROM, LIMIT],
            )
        },
        command("ha-heartbeat", "1.4.0", "Returns the state and the time of a server.", &[SERVER_NAME]),
        command("ha-maintenance-cancel", "1.7.4", "Ends the maintenance of the partner.", &[]),
        command(
            "ha-maintenance-notify",
            "1.7.4",
            "Tells a server that its partner takes over, or does no longer.",
            &[CANCEL, STATE, SERVER_NAME],
        ),
        command(
            "ha-maintenance-start",
            "1.7.4",
            "Takes over from the partner, so that it can be shut down.",
            &[],
        ),
        command(
            "ha-reset",
            "1.9.4",
            "Has a server begin anew and fetch the leases of its partner.",
            &[SERVER_NAME],
        ),
        command("ha-scopes", "1.4.0", "Sets whose clients a server answers.", &[SCOPES, SERVER_NAME]),
        command("ha-sync", "1.4.0", "Fetches the leases of another server.", &[OTHER, MAX_PERIOD]),
        command(
            "ha-sync-complete-notify",
            "1.9.11",
            "Tells a server that its partner has its leases.",
            &[ORIGIN_ID, ORIGIN, SERVER_NAME],
        ),
        command(
            "ha-sync-follow",
            OURS,
            "Has a server tell its partner of leases that it gives while that fetches all.",
            &[BEGINS, SERVER_NAME],
        ),
        Command {
            access: Access::Read,
            ..command(
                "ha-terms-get",
                OURS,
                "Returns what of the configuration of a server its partner's has to be like.",
                &[SERVER_NAME],
            )
        },
    ];
}

impl<L: Partnered> Companion for Relations<L> {
    fn begin(&self) {
        let hub = self.hub.get_or_init(|| self.start());
        hub.drivers().iter().for_each(|driver| driver.publish());
    }

    fn has_partners_of_before(&self) -> bool {
        self.hub.get().is_some()
    }

    fn end(&self) {
        self.tasks.lock().drain(..).for_each(|task| task.abort());
        if let Some(hub) = self.hub.get() {
            hub.drivers().iter().for_each(|driver| driver.around.leave());
            let drivers = hub.drivers().to_vec();
            let part = async move { _ = join_all(drivers.iter().map(|driver| driver.part())).await };
            // It goes on whether or not somebody waits for it.
            let parting = self.runtime.spawn(part).map(drop).boxed().shared();
            let _ = self.parting.set(parting);
        }
    }

    fn part(&self) -> Doing<'_, ()> {
        let parting = self.parting.get().cloned();
        Box::pin(async move {
            if let Some(parting) = parting {
                parting.await;
            }
        })
    }

    fn report(&self, status: &mut Map<String, Json>) {
        if let Some(hub) = self.hub.get() {
            status.insert("high-availability".into(), hub.report());
        }
    }
}

impl<L: Partnered> Spoke<L> {
    /// A message is the partner's to answer. If the partner is not heard, it may tell that it does not.
    pub(super) fn overhear(&self, client: &Client<'_>) {
        let listens = {
            let machine = self.machine.lock();
            machine.listens(self.moment())
        };
        if listens {
            let (key, tried) = ((client.key)(), client.tried);
            self.tell(|machine, now| machine.overhear(key, client.label, tried, client.overheard, now));
        }
    }
}

const SERVER_NAME: Argument =
    Argument::own("server-name", &ArgumentType::String, "A server of the relationship that is meant.");
const DIFFERS_FROM: Argument =
    Argument::own("server-name", &ArgumentType::String, "The other server; the partner if none is said.");
const LIMIT: Argument = Argument::own(
    "limit",
    &ArgumentType::Integer,
    "How many leases are listed at most; 100 if none is said.",
);
const CANCEL: Argument =
    Argument::own("cancel", &ArgumentType::Boolean, "Whether it does no longer.").required();
const BEGINS: Argument =
    Argument::own("begins", &ArgumentType::Boolean, "Whether the partner begins, or goes on.").required();
const STATE: Argument = Argument::own("state", &ArgumentType::String, "The state of the partner.");
const SCOPES: Argument =
    Argument::own("scopes", &ArgumentType::List, "The names of the servers whose clients are answered.")
        .required();
const OTHER: Argument = Argument::own("server-name", &ArgumentType::String, "The other server.").required();
const MAX_PERIOD: Argument = Argument::own(
    "max-period",
    &ArgumentType::Integer,
    "For how many seconds the other server is silent at most.",
);
const ORIGIN_ID: Argument =
    Argument::own("origin-id", &ArgumentType::Integer, "Whose `dhcp-disable` is over.");
const ORIGIN: Argument =
    Argument::own("origin", &ArgumentType::Integer, "The same, as some versions say it.");

/// A row; what is done is told by its name.
const fn command<L: Partnered>(
    name: &'static str,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
) -> Command<Relations<L>> {
    let run: for<'a> fn(&'a Arc<Relations<L>>, Request) -> Reply<'a> =
        |relations, request| Box::pin(relations.run(request));
    Command { name, access: Access::Write, exclusive: false, since, help, args, run }
}

fn response(answer: Answer) -> Response {
    let Answer { code, text, arguments } = answer;
    let result = u64::try_from(code).ok().and_then(ResultCode::from_number).unwrap_or(ResultCode::Error);
    Response { result, text, arguments, list: None }
}
