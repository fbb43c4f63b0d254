//! Commands about the configuration in effect that every daemon with one has.

use std::path::Path;
use std::sync::Arc;

use kotare_config::json::format::Shape;
use kotare_config::{Configuration, Written};
use kotare_control::{Access, Argument, ArgumentType, Command, Request, Response, ResultCode, blocking};
use serde_json::{Value as Json, json};

use crate::config_file;

/// A configuration in effect: what was written, and what that means.
pub trait InEffect: Send + Sync + 'static {
    /// Of which kind.
    type Config: Configuration;

    /// What the operator wrote.
    fn written(&self) -> &Written;

    /// What that means.
    fn meaning(&self) -> &Self::Config;

    /// What `config-get` shows of it, without its hash.
    fn shown(&self) -> Json {
        self.written().shown(self.meaning().definitions())
    }

    /// The hash of what `config-get` shows.
    fn hash(&self) -> &str {
        self.written().hash(self.meaning().definitions())
    }
}

/// A daemon whose configuration can be asked for.
pub trait Configured: Send + Sync + 'static {
    /// What it runs by.
    type InEffect: InEffect;

    /// The argument that is a configuration; its name is that of the daemon.
    const CONFIGURATION: &'static Argument;

    /// The configuration in effect.
    fn in_effect(&self) -> Arc<Self::InEffect>;

    /// The file it was started with.
    fn file(&self) -> &Path;

    /// The answer to `config-test`.
    fn test(&self, request: Request) -> Response;

    /// Whether the configuration in effect may be written to a file.
    ///
    /// # Errors
    /// Why not.
    fn check_writable(&self) -> Result<(), String> {
        Ok(())
    }
}

const FILENAME: Argument = Argument::own(
    "filename",
    &ArgumentType::String,
    "The file; without it, the one that was named when the program was started.",
);

/// The commands that show, check and write configurations, and put none into effect.
pub const fn commands<C: Configured>() -> [Command<C>; 4] {
    [
        Command {
            name: "config-get",
            access: Access::Read,
            exclusive: false,
            since: "1.2.0",
            help: "Returns the configuration in effect, defaults included, and its hash.",
            args: &[],
            run: |daemon, _| {
                let config = daemon.in_effect();
                blocking(move || {
                    let more = [("hash", config.hash())];
                    let definitions = config.meaning().definitions();
                    Response::written(config.written().shown_text(definitions, Shape::Line, &more))
                })
            },
        },
        Command {
            name: "config-hash-get",
            access: Access::Read,
            exclusive: false,
            since: "2.4.0",
            help: "Returns the hash of the configuration in effect.",
            args: &[],
            run: |daemon, _| {
                let config = daemon.in_effect();
                blocking(move || Response::data(json!({"hash": config.hash()})))
            },
        },
        Command {
            name: "config-test",
            // As in Kea: what is refused tells something of the machine.
            access: Access::Write,
            exclusive: false,
            since: "1.2.0",
            help: "Checks a configuration without using it.",
            args: std::slice::from_ref(C::CONFIGURATION),
            run: |daemon, request| {
                let daemon = daemon.clone();
                blocking(move || daemon.test(request))
            },
        },
        Command {
            name: "config-write",
            access: Access::Write,
            exclusive: true,
            since: "1.2.0",
            help: "Writes the configuration in effect to a file beside the configuration file.",
            args: &[FILENAME],
            run: |daemon, request| {
                let daemon = daemon.clone();
                blocking(move || match daemon.check_writable() {
                    Ok(()) => config_file::answer(daemon.file(), &request, &daemon.in_effect().shown()),
                    Err(reason) => {
                        let text = format!("Error during config-write: {reason}");
                        Response::failed(ResultCode::Conflict, text)
                    }
                })
            },
        },
    ]
}
