//! The commands: what keys there are, and changing that.

use std::sync::Arc;

use kotare_control::{
    Access, Argument, ArgumentType, Command, Facts, Request, Response, ResultCode, Run, now,
};
use kotare_ddns::Name;
use serde_json::{Value as Json, json};

use super::GssTsig;
use super::server::Server;
use crate::daemon::Daemon;

/// What they are.
pub(crate) fn facts() -> Vec<Facts> {
    Facts::of(COMMANDS)
}

const SERVER_ID: Argument =
    Argument::own("server-id", &ArgumentType::String, "The `id` of the server.").required();
const KEY_NAME: Argument =
    Argument::own("key-name", &ArgumentType::String, "The name of the key.").required();

pub(crate) const COMMANDS: &[Command<Daemon>] = {
    use Access::{Read, Write};
    &[
        command("gss-tsig-get-all", Read, "Returns all servers and their keys.", &[], |daemon, _| {
            now(with(daemon, |library| get_all(daemon, library)))
        }),
        command("gss-tsig-get", Read, "Returns a server and its keys.", &[SERVER_ID], |daemon, request| {
            now(of_server(daemon, &request, |server| {
                let text = format!("GSS-TSIG server[{}] found", server.settings.id);
                Response::success(text).with(server.shown(daemon.statistics()))
            }))
        }),
        command(
            "gss-tsig-list",
            Read,
            "Returns the ids of all servers and the names of all keys.",
            &[],
            |daemon, _| now(with(daemon, list)),
        ),
        command("gss-tsig-key-get", Read, "Returns a key.", &[KEY_NAME], |daemon, request| {
            now(of_key(daemon, &request, |server, name| {
                let ring = server.ring.lock();
                let key = ring.keys().iter().find(|key| key.name == *name)?;
                let shown = server.shown_key(key, daemon.statistics());
                Some(Response::success(key_text(name, "found")).with(shown))
            }))
        }),
        command("gss-tsig-key-expire", Write, "Lets a key sign no more.", &[KEY_NAME], |daemon, request| {
            now(of_key(daemon, &request, |server, name| {
                Some(match server.ring.lock().expire(name)? {
                    true => Response::success(key_text(name, "expired")),
                    false => empty(key_text(name, "can't be expired")),
                })
            }))
        }),
        command("gss-tsig-key-del", Write, "Removes a key.", &[KEY_NAME], |daemon, request| {
            now(of_key(daemon, &request, |server, name| {
                server.ring.lock().delete(name).then(|| {
                    daemon.statistics().remove_keys(std::slice::from_ref(name));
                    Response::success(key_text(name, "deleted"))
                })
            }))
        }),
        command(
            "gss-tsig-purge-all",
            Write,
            "Removes the keys of all servers that sign no more.",
            &[],
            |daemon, _| {
                now(with(daemon, |library| {
                    let count: usize = library.servers().map(|server| purge(daemon, server)).sum();
                    done_or_empty(count, format!("{count} purged GSS-TSIG keys"))
                }))
            },
        ),
        command(
            "gss-tsig-purge",
            Write,
            "Removes the keys of a server that sign no more.",
            &[SERVER_ID],
            |daemon, request| {
                now(of_server(daemon, &request, |server| {
                    let count = purge(daemon, server);
                    let id = &server.settings.id;
                    done_or_empty(count, format!("{count} purged keys for GSS-TSIG server[{id}]"))
                }))
            },
        ),
        command("gss-tsig-rekey-all", Write, "Agrees on another key with every server.", &[], |daemon, _| {
            now(with(daemon, |library| {
                library.servers().for_each(|server| server.rekey());
                Response::success("rekeyed")
            }))
        }),
        command(
            "gss-tsig-rekey",
            Write,
            "Agrees on another key with a server.",
            &[SERVER_ID],
            |daemon, request| {
                now(of_server(daemon, &request, |server| {
                    server.rekey();
                    Response::success(format!("GSS-TSIG server[{}] rekeyed", server.settings.id))
                }))
            },
        ),
    ]
};

const fn command(
    name: &'static str,
    access: Access,
    help: &'static str,
    args: &'static [Argument],
    run: Run<Daemon>,
) -> Command<Daemon> {
    Command { name, access, exclusive: false, since: "2.0.0", help, args, run }
}

/// What the library in effect answers.
fn with(daemon: &Daemon, answer: impl FnOnce(&GssTsig) -> Response) -> Response {
    match &daemon.generation().gss_tsig {
        Some(library) => answer(library),
        // The configuration that had it went while the command waited for its turn.
        None => Response::error("the GSS-TSIG hooks library is not loaded any more"),
    }
}

fn of_server(daemon: &Daemon, request: &Request, answer: impl FnOnce(&Arc<Server>) -> Response) -> Response {
    let id = match argument(request, &SERVER_ID) {
        Ok(id) => id,
        Err(reason) => return Response::error(reason),
    };
    with(daemon, |library| match library.server(id) {
        Some(server) => answer(server),
        None => empty(format!("GSS-TSIG server[{id}] not found")),
    })
}

/// What a server answers that has the key; no other has it.
fn of_key(
    daemon: &Daemon,
    request: &Request,
    answer: impl Fn(&Server, &Name) -> Option<Response>,
) -> Response {
    let text = match argument(request, &KEY_NAME) {
        Ok(text) => text,
        Err(reason) => return Response::error(reason),
    };
    with(daemon, |library| {
        let name: Option<Name> = text.parse().ok();
        let found = name.and_then(|name| library.servers().find_map(|server| answer(server, &name)));
        found.unwrap_or_else(|| empty(format!("GSS-TSIG key '{text}' not found")))
    })
}

fn argument<'a>(request: &'a Request, argument: &Argument) -> Result<&'a str, String> {
    let (name, command) = (argument.name, &request.command);
    match (&request.arguments, request.argument(name)) {
        (None, _) => Err(format!("arguments not found in the '{command}' command")),
        (Some(arguments), _) if !arguments.is_object() => {
            Err(format!("arguments in the '{command}' command are not a map"))
        }
        (_, None) => Err(format!("'{name}' is mandatory for the '{command}' command")),
        (_, Some(value)) => {
            value.as_str().ok_or_else(|| format!("'{name}' must be a string in the '{command}' command"))
        }
    }
}

fn get_all(daemon: &Daemon, library: &GssTsig) -> Response {
    let servers: Vec<Json> = library.servers().map(|server| server.shown(daemon.statistics())).collect();
    let keys: usize = servers.iter().map(|server| server["keys"].as_array().map_or(0, Vec::len)).sum();
    let count = servers.len();
    let arguments = json!({"gss-tsig-servers": servers});
    match count {
        0 => empty("0 GSS-TSIG servers").with(arguments),
        _ => Response::success(format!("{count} GSS-TSIG servers and {keys} keys")).with(arguments),
    }
}

fn list(library: &GssTsig) -> Response {
    let servers: Vec<Json> = library.servers().map(|server| json!(server.settings.id)).collect();
    let mut keys: Vec<Json> = Vec::new();
    for server in library.servers() {
        keys.extend(server.ring.lock().keys().iter().map(|key| json!(key.name.to_string())));
    }
    let text = format!("{} GSS-TSIG servers and {} keys", servers.len(), keys.len());
    let count = servers.len() + keys.len();
    done_or_empty(count, text).with(json!({"gss-tsig-servers": servers, "gss-tsig-keys": keys}))
}

fn purge(daemon: &Daemon, server: &Server) -> usize {
    let gone = server.ring.lock().purge(daemon.clock().since_epoch());
    daemon.statistics().remove_keys(&gone);
    gone.len()
}

fn key_text(name: &Name, what: &str) -> String {
    format!("GSS-TSIG key '{name}' {what}")
}

fn empty(text: impl Into<String>) -> Response {
    Response::failed(ResultCode::Empty, text)
}

fn done_or_empty(count: usize, text: String) -> Response {
    if count == 0 { empty(text) } else { Response::success(text) }
}
