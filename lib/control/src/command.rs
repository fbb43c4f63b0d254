//! Commands, declared in tables.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;

use serde_json::Value;

use crate::messages::COMMAND_EXTENDED_REGISTERED;
use crate::{Request, Response, ResultCode};

/// What a command returns: its answer, when it is done.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

/// One row of a command table, over the context `C` it works on.
///
/// ```
/// use kotare_control::{Access, Command, Response};
///
/// struct Server { version: &'static str }
///
/// const COMMANDS: &[Command<Server>] = &[Command {
///     name: "version-get",
///     access: Access::Read,
///     since: "1.2.0",
///     help: "Returns the version of the server.",
///     args: &[],
///     run: |server, _| Box::pin(async move { Response::success(server.version) }),
/// }];
/// # assert_eq!(COMMANDS[0].name, "version-get");
/// ```
pub struct Command<C: 'static> {
    /// Kea's name.
    pub name: &'static str,
    /// Whether it changes anything.
    pub access: Access,
    /// The version of Kea that first had it.
    pub since: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// Its arguments. If there are any, they are checked before `run` is called.
    pub args: &'static [Argument],
    /// Does it.
    pub run: for<'a> fn(&'a C, Request) -> Reply<'a>,
}

/// Whether a command only reads or also changes something; clients may be allowed only the former.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Changes nothing.
    Read,
    /// Changes the server's state, configuration or leases.
    Write,
}

/// An entry of a command's `arguments` map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its key.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether the command is refused without it.
    pub required: bool,
    /// What it means, in a sentence.
    pub help: &'static str,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A boolean.
    Boolean,
    /// An integer from 0 to 2⁶³-1.
    Integer,
    /// A string.
    String,
    /// A list.
    List,
    /// A map.
    Map,
    /// Whatever the command itself accepts.
    Any,
}

/// All commands of a server: the tables of its modules joined, and `list-commands`.
pub struct Commands<C: 'static> {
    by_name: BTreeMap<&'static str, Command<C>>,
}

/// Two tables have a command of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate(pub &'static str);

impl<C> Commands<C> {
    /// Only `list-commands`.
    pub fn new() -> Self {
        let list = Command {
            name: LIST_COMMANDS,
            access: Access::Read,
            since: "1.0.0",
            help: "Returns the names of all commands that the server has.",
            args: &[],
            // Answered by `Commands::run`, which alone knows all the tables.
            run: |_, _| Box::pin(std::future::ready(Response::data(Value::Array(Vec::new())))),
        };
        Self { by_name: BTreeMap::from([(LIST_COMMANDS, list)]) }
    }

    /// Adds a module's table.
    ///
    /// # Errors
    /// If a command of one of its names is there already.
    pub fn join(mut self, table: impl IntoIterator<Item = Command<C>>) -> Result<Self, Duplicate> {
        for command in table {
            let name = command.name;
            if self.by_name.insert(name, command).is_some() {
                return Err(Duplicate(name));
            }
            COMMAND_EXTENDED_REGISTERED(name);
        }
        Ok(self)
    }

    /// The command of this name.
    pub fn find(&self, name: &str) -> Option<&Command<C>> {
        self.by_name.get(name)
    }

    /// All commands, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Command<C>> {
        self.by_name.values()
    }

    /// Runs the command that `request` names, if there is one and its arguments are right.
    pub async fn run(&self, context: &C, request: Request) -> Response {
        let Some(command) = self.find(&request.command) else {
            return Response::failed(
                ResultCode::Unsupported,
                format!("'{}' command not supported.", request.command),
            );
        };
        if command.name == LIST_COMMANDS {
            return Response::data(self.by_name.keys().map(|&name| Value::from(name)).collect::<Value>());
        }
        match check(command.args, &request) {
            Ok(()) => (command.run)(context, request).await,
            Err(text) => Response::error(text),
        }
    }
}

const LIST_COMMANDS: &str = "list-commands";

/// Checks a request's arguments; the texts are those clients of Kea know.
fn check(args: &[Argument], request: &Request) -> Result<(), String> {
    if args.is_empty() {
        return Ok(());
    }
    if let Some(other) = request.arguments.as_ref().filter(|arguments| !arguments.is_object()) {
        return Err(format!(
            "invalid command '{}': expected 'arguments' to be a map, got {} instead",
            request.command,
            crate::request::type_name(other)
        ));
    }
    for arg in args {
        match request.argument(arg.name) {
            None if arg.required => return Err(format!("Missing mandatory '{}' parameter.", arg.name)),
            Some(value) if !arg.kind.fits(value) => {
                return Err(format!("'{}' parameter expected to be {}.", arg.name, arg.kind));
            }
            _ => {}
        }
    }
    Ok(())
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.as_u64().is_some_and(|number| i64::try_from(number).is_ok()),
            Self::String => value.is_string(),
            Self::List => value.is_array(),
            Self::Map => value.is_object(),
            Self::Any => true,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::String => "a string",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Any => "a value",
        })
    }
}

impl<C> Clone for Command<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Command<C> {}

impl<C> fmt::Debug for Command<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("name", &self.name)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for Commands<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

impl<C> Default for Commands<C> {
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
