//! A command as its module declares it: a row of a table.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use crate::aside::aside;
use crate::{Request, Response};

/// What a command returns: its answer, when it is done.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

/// What a command does, over the context `C`.
pub type Run<C> = for<'a> fn(&'a Arc<C>, Request) -> Reply<'a>;

/// One row of a command table, over the context `C` it works on.
///
/// ```
/// use kotare_control::{Access, Command, Response, now};
///
/// struct Server { version: &'static str }
///
/// const COMMANDS: &[Command<Server>] = &[Command {
///     name: "version-get",
///     access: Access::Read,
///     exclusive: false,
///     since: "1.2.0",
///     help: "Returns the version of the server.",
///     args: &[],
///     run: |server, _| now(Response::success(server.version)),
/// }];
/// # assert_eq!(COMMANDS[0].name, "version-get");
/// ```
pub struct Command<C: 'static> {
    /// Kea's name.
    pub name: &'static str,
    /// Whether it changes anything.
    pub access: Access,
    /// Whether it waits until no other exclusive command runs: for what reads the configuration, or a file, in order
    /// to change it. Everything else runs at once.
    pub exclusive: bool,
    /// The version of Kea that first had it, or [`OURS`].
    pub since: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// Its arguments. If there are any, they are checked before `run` is called.
    pub args: &'static [Argument],
    /// Does it. [`now`] and [`blocking`] make the reply of what does not wait for anything.
    pub run: Run<C>,
}

/// Since when there is a command that Kea does not have.
pub const OURS: &str = "Kotare";

/// The reply of a command that is done already.
pub fn now(response: Response) -> Reply<'static> {
    Box::pin(std::future::ready(response))
}

/// The reply of a command that takes the processor or the disk for a while: `work` is done on a thread for that, so
/// that nothing else of the process waits for it. Must be awaited within a tokio runtime.
pub fn blocking(work: impl FnOnce() -> Response + Send + 'static) -> Reply<'static> {
    Box::pin(aside(work))
}

/// Whether a command only reads or also changes something; clients may be allowed only the former.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Changes nothing.
    Read,
    /// Changes the server's state, configuration or leases.
    Write,
}

impl Access {
    /// What it is called in configurations and API files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// An entry of a command's `arguments` map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its key.
    pub name: &'static str,
    /// Its type.
    pub kind: ArgumentType,
    /// Whether the command is refused without it.
    pub required: bool,
    /// What it means, in a sentence.
    pub help: &'static str,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentType {
    /// A boolean.
    Boolean,
    /// An integer from 0 to 2⁶³-1.
    Integer,
    /// An integer of which the lowest 32 bits count, as in Kea: -1 is 4 294 967 295.
    Low32,
    /// A string.
    String,
    /// A list.
    List,
    /// A map.
    Map,
    /// Whatever the command itself accepts.
    Any,
    /// One of this type, which the command itself checks: what is wrong is said in words of its own. Whether it is there
    /// it checks, too.
    Own(&'static ArgumentType),
}

/// Checks a request against the arguments of its command, in the order of the table.
///
/// A command that checks all its arguments itself has words of its own for what is wrong, also with the map.
///
/// # Errors
/// What is wrong with them, in the texts that clients of Kea know.
pub(crate) fn check(args: &[Argument], request: &Request) -> Result<(), String> {
    if args.iter().any(|arg| !arg.kind.is_checked_elsewhere()) {
        request.check_map(|| Request::NO_MAP.to_owned())?;
    }
    for arg in args {
        match request.argument(arg.name) {
            None if arg.required && !arg.kind.is_checked_elsewhere() => {
                return Err(format!("Missing mandatory '{}' parameter.", arg.name));
            }
            Some(value) if !arg.kind.fits(value) => return Err(arg.misfit(value)),
            _ => {}
        }
    }
    Ok(())
}

impl Argument {
    /// One that need not be there, and that the command itself checks.
    pub const fn own(name: &'static str, kind: &'static ArgumentType, help: &'static str) -> Self {
        Self { name, kind: ArgumentType::Own(kind), required: false, help }
    }

    /// This argument, which must be there.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// What to say of a value that is not of this kind.
    fn misfit(&self, value: &Value) -> String {
        let Self { name, kind, .. } = self;
        match kind {
            ArgumentType::Integer if value.is_i64() => format!("'{name}' parameter must not be negative."),
            // Kea's code does not look before it takes the number.
            ArgumentType::Integer => {
                "Error during command processing: intValue() called on non-integer Element".to_owned()
            }
            kind => format!("'{name}' parameter expected to be {kind}."),
        }
    }
}

impl ArgumentType {
    /// Whether the command itself looks whether it is there and right.
    fn is_checked_elsewhere(self) -> bool {
        matches!(self, Self::Any | Self::Own(_))
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.as_i64().is_some_and(|number| number >= 0),
            Self::Low32 => value.is_i64(),
            Self::String => value.is_string(),
            Self::List => value.is_array(),
            Self::Map => value.is_object(),
            Self::Any | Self::Own(_) => true,
        }
    }
}

impl fmt::Display for ArgumentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "a boolean",
            Self::Integer | Self::Low32 => "an integer",
            Self::String => "a string",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Any => "a value",
            Self::Own(kind) => return kind.fmt(f),
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
