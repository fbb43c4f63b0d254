//! `config-diff`: what another configuration would change. `config-lint`: what is perhaps not meant in it.

use std::marker::PhantomData;

use kotare_config::diff::{Change, diff};
use kotare_config::review::review;
use kotare_config::{Candidate, Configuration, Input};
use kotare_control::{
    Access, Argument, ArgumentType, Command, Items, OURS, Request, Response, blocking, shortened,
};
use kotare_process::config_file;
use serde_json::{Value as Json, json};

use super::config::sent;
use crate::Daemon;
use crate::family::Family;

/// How many changes are listed where the request does not say.
const LISTED: u64 = 1000;
/// How many are listed at most.
const MOST: u64 = 10_000;

const FILE: Argument = Argument::own(
    "file",
    &ArgumentType::String,
    "A file with a configuration, in the directory of the one that the server was started with.",
);
const LIMIT: Argument = Argument::own(
    "limit",
    &ArgumentType::Integer,
    "How many changes to list, 1000 without it and 10000 at most; all are counted.",
);

/// The arguments, one of which is called as the server is.
struct Args<F>(PhantomData<F>);

impl<F: Family> Args<F> {
    const SENT: Argument = Argument::own(
        F::FILE.global.name,
        &ArgumentType::Map,
        "The configuration to look at, as in a file; not beside `file`.",
    );
    const OF_DIFF: &[Argument] = &[Self::SENT, FILE, LIMIT];
    const OF_LINT: &[Argument] = &[Self::SENT, FILE];
}

/// The commands that look at configurations and change nothing.
pub(super) const fn table<F: Family>() -> [Command<Daemon<F>>; 2] {
    [diff_row(), lint_row()]
}

const fn diff_row<F: Family>() -> Command<Daemon<F>> {
    Command {
        name: "config-diff",
        access: Access::Read,
        exclusive: false,
        since: OURS,
        help: "Returns what would change if the server went to another configuration, without arguments to that of its file.",
        args: Args::<F>::OF_DIFF,
        run: |daemon, request| {
            let daemon = daemon.clone();
            blocking(move || compared(&daemon, request).unwrap_or_else(Response::error))
        },
    }
}

const fn lint_row<F: Family>() -> Command<Daemon<F>> {
    Command {
        name: "config-lint",
        access: Access::Read,
        exclusive: false,
        since: OURS,
        help: "Returns what is valid and perhaps not meant in a configuration, without arguments in the one in effect.",
        args: Args::<F>::OF_LINT,
        run: |daemon, request| {
            let daemon = daemon.clone();
            blocking(move || linted(&daemon, request).unwrap_or_else(Response::error))
        },
    }
}

fn linted<F: Family>(daemon: &Daemon<F>, request: Request) -> Result<Response, String> {
    check("config-lint", Args::<F>::OF_LINT, &request)?;
    let findings = match request.arguments.as_ref().is_none_or(|it| *it == json!({})) {
        true => {
            let running = daemon.generation();
            review(&*running.config, &running.written)
        }
        false => {
            let other = other("config-lint", daemon, request)?;
            review(&other.config, &other.written)
        }
    };
    let mut list = Items::of("findings");
    findings.iter().for_each(|finding| list.push(&finding.to_json()));
    Ok(Response { list: Some(list.into()), ..Response::success(findings.to_string()) })
}

fn compared<F: Family>(daemon: &Daemon<F>, request: Request) -> Result<Response, String> {
    check("config-diff", Args::<F>::OF_DIFF, &request)?;
    let limit = limit(&request)?;
    let other = other("config-diff", daemon, request)?;
    let running = daemon.generation();
    let changes =
        diff((&running.written, running.config.definitions()), (&other.written, other.config.definitions()));
    let mut list = Items::of("changes");
    changes.iter().take(limit).map(Change::to_json).for_each(|change| list.push(&change));
    let text = match (changes.len(), list.len()) {
        (0, _) => "There is no difference.".to_owned(),
        (1, _) => "1 change".to_owned(),
        (count, listed) if listed < count => format!("{count} changes, {listed} of them listed"),
        (count, _) => format!("{count} changes"),
    };
    let arguments = json!({"count": changes.len()});
    Ok(Response { list: Some(list.into()), ..Response::success(text).with(arguments) })
}

/// Whether a request has arguments of its command only: what is misspelt is not left out of account.
fn check(command: &str, args: &[Argument], request: &Request) -> Result<(), String> {
    request.check_map(|| format!("'arguments' parameter of {command} expected to be a map."))?;
    let mut names = request.arguments.iter().filter_map(Json::as_object).flat_map(|map| map.keys());
    // What `config-get` returned can be sent back as it is, with its hash.
    let known = |name: &str| name == "hash" || args.iter().any(|arg| arg.name == name);
    match names.find(|name| !known(name)) {
        None => Ok(()),
        Some(name) => {
            let known: Vec<String> = args.iter().map(|arg| format!("'{}'", arg.name)).collect();
            Err(format!("'{}' is no parameter of {command}: it has {}.", shortened(name), known.join(", ")))
        }
    }
}

/// How many changes a request wants to be listed.
fn limit(request: &Request) -> Result<usize, String> {
    let number = match request.argument(LIMIT.name) {
        None => Some(LISTED),
        Some(value) => value.as_u64(),
    };
    let number = number.map(|number| number.min(MOST)).and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| format!("'limit' parameter expected to be an integer from 0 to {MOST}."))
}

/// The configuration in the arguments of a command or in the file that they name, which may be left out.
fn other<F: Family>(
    command: &str,
    daemon: &Daemon<F>,
    mut request: Request,
) -> Result<Candidate<F::Config>, String> {
    let root = F::FILE.global.name;
    let is_sent = request.argument(root).is_some();
    let own = &daemon.surroundings.args.config;
    let file = match request.argument(FILE.name) {
        Some(_) if is_sent => return Err(format!("'file' parameter cannot stand beside '{root}'.")),
        None if is_sent => {
            if let Some(arguments) = request.arguments.as_mut().and_then(Json::as_object_mut) {
                arguments.shift_remove(LIMIT.name);
            }
            return sent::<F>(command, request);
        }
        None => own.clone(),
        Some(Json::String(name)) => config_file::readable(own, name)
            .map_err(|reason| format!("not allowed to read config from {name}: {reason}"))?,
        Some(_) => return Err("'file' parameter expected to be a string.".to_owned()),
    };
    let read = kotare_config::read(Input::File(&file), F::FILE);
    read.map_err(|refused| refused.error_lines().join("\n"))
}
