//! All commands of a server in one configuration: its own and those of its modules.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::command::{Reply, Run, check};
use crate::messages::{COMMAND_DEREGISTERED, COMMAND_EXTENDED_REGISTERED};
use crate::request::shortened;
use crate::{Access, AccessControl, Argument, Command, Denied, Peer, Request, Response, ResultCode, Watcher};

/// The commands of a server `C`: its own tables and those of its modules joined, and `list-commands`.
///
/// Modules come and go with the configuration, so a joined table is made for each and goes with it; whoever runs a
/// command takes the table that is current then.
pub struct Commands<C: 'static> {
    by_name: BTreeMap<&'static str, Row<C>>,
    /// All must let a request through.
    guards: Vec<Arc<dyn AccessControl>>,
    /// Hear of what was run.
    watchers: Vec<Arc<dyn Watcher>>,
}

/// A module's table, bound to the module; what the module is means nothing to who runs the commands.
///
/// ```
/// use std::sync::Arc;
/// use kotare_control::{Access, Bound, Command, Commands, Response, now};
///
/// struct Cache { size: u32 }
///
/// const COMMANDS: &[Command<Cache>] = &[Command {
///     name: "cache-size",
///     access: Access::Read,
///     exclusive: false,
///     since: "1.4.0",
///     help: "Returns the number of entries of the cache.",
///     args: &[],
///     run: |cache, _| now(Response::data(cache.size)),
/// }];
///
/// struct Server;
/// let cache = Arc::new(Cache { size: 7 });
/// let commands = Commands::<Server>::new().join(Bound::new(COMMANDS, &cache)).unwrap();
/// # assert!(commands.find("cache-size").is_some());
/// ```
pub struct Bound(Vec<(Facts, BoundRun)>);

/// Two tables have a command of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate(pub &'static str);

/// What there is to know about a command of a joined table; the fields are those of [`Command`].
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Kea's name.
    pub name: &'static str,
    /// Whether it changes anything.
    pub access: Access,
    /// Whether it waits until no other exclusive command runs.
    pub exclusive: bool,
    /// The version of Kea that first had it, or [`OURS`](crate::OURS).
    pub since: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// Its arguments.
    pub args: &'static [Argument],
}

struct Row<C: 'static> {
    facts: Facts,
    run: Action<C>,
}

type BoundRun = Box<dyn Fn(Request) -> Reply<'static> + Send + Sync>;

/// What runs a command.
enum Action<C: 'static> {
    /// The server's own, over the server.
    Own(Run<C>),
    /// A module's.
    Bound(BoundRun),
    /// `list-commands`, answered by [`Commands::run`], which alone knows all the tables.
    List,
}

const LIST_COMMANDS: Facts = Facts {
    name: "list-commands",
    access: Access::Read,
    exclusive: false,
    since: "1.0.0",
    help: "Returns the names of all commands that the server has.",
    args: &[],
};

impl Facts {
    /// Those of a table.
    pub fn of<C>(table: &[Command<C>]) -> Vec<Self> {
        table.iter().map(Self::of_one).collect()
    }

    fn of_one<C>(command: &Command<C>) -> Self {
        let &Command { name, access, exclusive, since, help, args, run: _ } = command;
        Self { name, access, exclusive, since, help, args }
    }
}

impl<C: Send + Sync> Commands<C> {
    /// Only `list-commands`.
    pub fn new() -> Self {
        let list = Row { facts: LIST_COMMANDS, run: Action::List };
        Self {
            by_name: BTreeMap::from([(LIST_COMMANDS.name, list)]),
            guards: Vec::new(),
            watchers: Vec::new(),
        }
    }

    /// Adds a table of the server's own commands.
    ///
    /// # Errors
    /// If a command of one of its names is there already.
    pub fn own(self, table: impl IntoIterator<Item = Command<C>>) -> Result<Self, Duplicate> {
        let row = |command: Command<C>| Row { facts: Facts::of_one(&command), run: Action::Own(command.run) };
        self.add(table.into_iter().map(row))
    }

    /// Adds a module's commands.
    ///
    /// # Errors
    /// If a command of one of its names is there already.
    pub fn join(self, module: Bound) -> Result<Self, Duplicate> {
        self.add(module.0.into_iter().map(|(facts, run)| Row { facts, run: Action::Bound(run) }))
    }

    fn add(mut self, rows: impl Iterator<Item = Row<C>>) -> Result<Self, Duplicate> {
        for row in rows {
            let name = row.facts.name;
            if self.by_name.insert(name, row).is_some() {
                return Err(Duplicate(name));
            }
        }
        Ok(self)
    }

    /// Lets these judge requests that come through a network.
    #[must_use]
    pub fn guarded(self, guards: Vec<Arc<dyn AccessControl>>) -> Self {
        Self { guards, ..self }
    }

    /// Lets these hear of commands that were run.
    #[must_use]
    pub fn watched(self, watchers: Vec<Arc<dyn Watcher>>) -> Self {
        Self { watchers, ..self }
    }

    /// Judges a request before it is run; a front does so for whoever comes through a network.
    ///
    /// # Errors
    /// If it must not be run.
    pub fn judge(&self, request: &Request) -> Result<(), Denied> {
        let Some(peer) = &request.peer else { return Ok(()) };
        self.guards.iter().try_for_each(|guard| guard.judge(peer, &request.command))
    }

    /// What is told of the answer to `command`.
    fn filtered(&self, peer: Option<&Peer>, command: &str, response: Response) -> Response {
        let Some(peer) = peer else { return response };
        self.guards.iter().fold(response, |response, guard| guard.filter(peer, command, response))
    }

    /// What is told of the answer to a request that somebody else answered with this text.
    pub fn told(&self, request: &Request, answer: String) -> String {
        let is_filtered = self.guards.iter().any(|guard| guard.filters(&request.command));
        match &request.peer {
            Some(peer) if is_filtered => match Response::read(&answer) {
                Some(response) => self.filtered(Some(peer), &request.command, response).into_text(),
                None => answer,
            },
            _ => answer,
        }
    }

    /// What the command of this name is, if there is one.
    pub fn find(&self, name: &str) -> Option<&Facts> {
        self.by_name.get(name).map(|row| &row.facts)
    }

    /// What all commands are, by name.
    pub fn facts(&self) -> impl Iterator<Item = &Facts> {
        self.by_name.values().map(|row| &row.facts)
    }

    /// Tells the log which commands there are that `former` had not, and which are gone.
    pub fn announce(&self, former: &Self) {
        for name in former.names().filter(|name| !self.by_name.contains_key(name)) {
            COMMAND_DEREGISTERED(name);
        }
        for name in self.names().filter(|name| !former.by_name.contains_key(name)) {
            COMMAND_EXTENDED_REGISTERED(name);
        }
    }

    /// Runs the command that `request` names, if there is one and its arguments are right. Turns are the business of
    /// the [`Dispatcher`](crate::Dispatcher).
    pub async fn run(&self, server: &Arc<C>, request: Request) -> Response {
        let Some(row) = self.by_name.get(&*request.command) else {
            let text = format!("'{}' command not supported.", shortened(&request.command));
            return Response::failed(ResultCode::Unsupported, text);
        };
        if let Err(text) = check(row.facts.args, &request) {
            return Response::error(text);
        }
        let peer = request.peer.clone();
        let name = row.facts.name;
        let is_watched = self.watchers.iter().any(|watcher| watcher.hears_of(name));
        let arguments = if is_watched { request.arguments.clone() } else { None };
        let response = match &row.run {
            Action::Own(run) => run(server, request).await,
            Action::Bound(run) => run(request).await,
            Action::List => Response::data(self.names().map(Value::from).collect::<Value>()),
        };
        let hear = self.watchers.iter().filter(|watcher| watcher.hears_of(name));
        hear.for_each(|watcher| watcher.heard(name, arguments.as_ref(), &response));
        self.filtered(peer.as_deref(), name, response)
    }

    /// The names of all commands, sorted.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.by_name.keys().copied()
    }
}

impl Bound {
    /// Binds `table` to the module its commands work on.
    pub fn new<M: Send + Sync>(table: &'static [Command<M>], module: &Arc<M>) -> Self {
        let bind = |command: &Command<M>| {
            let (run, module) = (command.run, module.clone());
            let bound: BoundRun = Box::new(move |request| {
                let module = module.clone();
                Box::pin(async move { run(&module, request).await })
            });
            (Facts::of_one(command), bound)
        };
        Self(table.iter().map(bind).collect())
    }
}

impl<C> fmt::Debug for Commands<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(facts, _)| facts.name)).finish()
    }
}

impl<C: Send + Sync> Default for Commands<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Duplicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "two modules both provide the command '{}'; remove one of them from the configuration",
            self.0
        )
    }
}

impl std::error::Error for Duplicate {}
