//! The commands that show reservations, as `config-get` does, each with its subnet.

use kotare_config::Configuration;
use kotare_config::json::Value;
use kotare_control::{Reply, Request, Response, ResultCode, blocking, now};
use kotare_model::SubnetId;
use serde_json::{Value as Json, json};

use super::HostCmds;
use super::arguments::{self, By};
use super::change::not_configured;
use super::family::Hosted;
use super::messages::*;
use super::numbers;
use super::written::{List, RESERVATIONS, Written, list_of, lists};
use crate::Serving;
use crate::edit::gone;
use crate::networked::protocol;
use crate::tree::At;

/// What is said of a command to the log: that it came, that it was done, and why not.
#[derive(Clone, Copy)]
struct Told {
    called: fn(&str),
    done: fn(&str),
    failed: fn(&str, &str),
}

/// Rows of the log for one command.
macro_rules! told {
    ($called:ident, $done:ident, $failed:ident) => {
        Told {
            called: |parameters| $called(parameters),
            done: |parameters| $done(parameters),
            failed: |parameters, reason| $failed(parameters, reason),
        }
    };
}

/// `reservation-get`.
pub(super) fn one<L: Hosted>(module: &HostCmds<L>, request: Request) -> Reply<'static> {
    let told = told!(HOST_CMDS_RESERV_GET, HOST_CMDS_RESERV_GET_SUCCESS, HOST_CMDS_RESERV_GET_FAILED);
    show(module, request, told, |serving, request| {
        let arguments = arguments::map(request)?;
        let (subnet, by) = arguments::one(arguments)?;
        let in_memory = arguments::target(arguments)?.shows_memory();
        let list = list_of::<L>(serving.written().root(), subnet).filter(|_| in_memory);
        Ok(match list.and_then(|list| list.find::<L>(&by)) {
            Some(host) => {
                let shown = shown(serving, host.list, &[host.index]).pop();
                Response::success("Host found.").with(shown.unwrap_or_default())
            }
            None => Response::failed(ResultCode::Empty, "Host not found."),
        })
    })
}

/// `reservation-get-all`.
pub(super) fn all<L: Hosted>(module: &HostCmds<L>, request: Request) -> Reply<'static> {
    let told =
        told!(HOST_CMDS_RESERV_GET_ALL, HOST_CMDS_RESERV_GET_ALL_SUCCESS, HOST_CMDS_RESERV_GET_ALL_FAILED);
    show(module, request, told, |serving, request| {
        let arguments = arguments::map(request)?;
        let subnet = arguments::required_subnet(arguments)?;
        let in_memory = arguments::target(arguments)?.shows_memory();
        exists(serving, Some(subnet))?;
        Ok(found(serving, in_memory, Some(subnet), |_| true))
    })
}

/// `reservation-get-page`. There is one source.
pub(super) fn page<L: Hosted>(module: &HostCmds<L>, request: Request) -> Reply<'static> {
    let told =
        told!(HOST_CMDS_RESERV_GET_PAGE, HOST_CMDS_RESERV_GET_PAGE_SUCCESS, HOST_CMDS_RESERV_GET_PAGE_FAILED);
    let numbers = module.numbers.clone();
    show(module, request, told, move |serving, request| {
        let arguments = arguments::map(request)?;
        let limit = arguments::required(arguments, "limit", u32::MAX.into())?;
        let subnet = arguments::subnet(arguments)?;
        let source = arguments::number(arguments, "source-index", 10)?.unwrap_or(0);
        let from = arguments::number(arguments, "from", i64::MAX)?.unwrap_or(0);
        if limit == 0 {
            return Err("page size of retrieved hosts must not be 0".to_owned());
        }
        exists(serving, subnet)?;
        let root = serving.written().root();
        let numbers = numbers.of::<L>(serving.config(), root);
        let hosts = numbers.iter().copied().zip(numbers::all::<L>(root)).filter(|(number, host)| {
            source == 0 && *number > from && subnet.is_none_or(|subnet| host.list.subnet == subnet)
        });
        let mut page: Vec<(u64, Written<'_>)> = hosts.collect();
        page.sort_unstable_by_key(|(number, _)| *number);
        page.truncate(limit as usize);
        let of_list = page.chunk_by(|(_, one), (_, next)| one.list.subnet == next.list.subnet);
        let shown = of_list.flat_map(|hosts| {
            let places: Vec<_> = hosts.iter().map(|(_, host)| host.index).collect();
            hosts.first().map_or_else(Vec::new, |(_, host)| shown(serving, host.list, &places))
        });
        let mut response = listed::<L>(shown.collect());
        if let Some(Json::Object(arguments)) = &mut response.arguments {
            arguments.insert("count".to_owned(), page.len().into());
            if let Some((last, _)) = page.last() {
                arguments.insert("next".to_owned(), json!({"source-index": source, "from": last}));
            }
        }
        Ok(response)
    })
}

/// `reservation-get-by-address`.
pub(super) fn by_address<L: Hosted>(module: &HostCmds<L>, request: Request) -> Reply<'static> {
    let told = told!(
        HOST_CMDS_RESERV_GET_BY_ADDRESS,
        HOST_CMDS_RESERV_GET_BY_ADDRESS_SUCCESS,
        HOST_CMDS_RESERV_GET_BY_ADDRESS_FAILED
    );
    show(module, request, told, |serving, request| {
        let arguments = arguments::map(request)?;
        let by = By::Address(arguments.ip_address("ip-address")?);
        let subnet = arguments::subnet(arguments)?;
        let in_memory = arguments::target(arguments)?.shows_memory();
        exists(serving, subnet)?;
        Ok(found(serving, in_memory, subnet, |host| host.is::<L>(&by)))
    })
}

/// `reservation-get-by-hostname`.
pub(super) fn by_hostname<L: Hosted>(module: &HostCmds<L>, request: Request) -> Reply<'static> {
    let told = told!(
        HOST_CMDS_RESERV_GET_BY_HOSTNAME,
        HOST_CMDS_RESERV_GET_BY_HOSTNAME_SUCCESS,
        HOST_CMDS_RESERV_GET_BY_HOSTNAME_FAILED
    );
    show(module, request, told, |serving, request| {
        let arguments = arguments::map(request)?;
        let name = arguments.text("hostname")?;
        let subnet = arguments::subnet(arguments)?;
        let in_memory = arguments::target(arguments)?.shows_memory();
        if name.is_empty() {
            return Err("Empty hostname".to_owned());
        }
        exists(serving, subnet)?;
        Ok(found(serving, in_memory, subnet, |host| host.has_name(name)))
    })
}

/// `reservation-get-by-id`.
pub(super) fn by_id<L: Hosted>(module: &HostCmds<L>, request: Request) -> Reply<'static> {
    let told = told!(
        HOST_CMDS_RESERV_GET_BY_ID,
        HOST_CMDS_RESERV_GET_BY_ID_SUCCESS,
        HOST_CMDS_RESERV_GET_BY_ID_FAILED
    );
    show(module, request, told, |serving, request| {
        let arguments = arguments::map(request)?;
        if arguments.get("identifier-type").is_some()
            && arguments.get("identifier").is_some()
            && arguments.get("subnet-id").is_some()
        {
            return Err("'subnet-id' is forbidden in reservation-get-by-id".to_owned());
        }
        let (kind, id, _) = arguments::identifier(arguments, "")?;
        let in_memory = arguments::target(arguments)?.shows_memory();
        let by = By::Identifier(kind, id);
        Ok(found(serving, in_memory, None, |host| host.is::<L>(&by)))
    })
}

/// Runs a command aside: what is configured may be much.
fn show<L: Hosted>(
    module: &HostCmds<L>,
    request: Request,
    told: Told,
    shown: impl FnOnce(&dyn Serving<L, L::Engine>, &Request) -> Result<Response, String> + Send + 'static,
) -> Reply<'static> {
    let Some(server) = module.server.get() else { return now(gone()) };
    blocking(move || {
        let parameters = arguments::told(&request);
        (told.called)(&parameters);
        match shown(&*server.serving(), &request) {
            Ok(response) => {
                (told.done)(&parameters);
                response
            }
            Err(reason) => {
                (told.failed)(&parameters, &reason);
                Response::error(reason)
            }
        }
    })
}

/// A subnet that is asked for is configured.
fn exists<L: Hosted>(serving: &dyn Serving<L, L::Engine>, subnet: Option<SubnetId>) -> Result<(), String> {
    match subnet {
        Some(subnet) if subnet != SubnetId::GLOBAL && L::prefix_of(serving.config(), subnet).is_none() => {
            Err(not_configured::<L>(subnet))
        }
        _ => Ok(()),
    }
}

/// The answer with those of a subnet, or of all, that are looked for.
fn found<L: Hosted>(
    serving: &dyn Serving<L, L::Engine>,
    in_memory: bool,
    subnet: Option<SubnetId>,
    is_wanted: impl Fn(Written<'_>) -> bool,
) -> Response {
    let root: &Value = serving.written().root();
    let lists =
        lists::<L>(root).filter(|list| in_memory && subnet.is_none_or(|subnet| list.subnet == subnet));
    let shown = lists.flat_map(|list| {
        let places: Vec<_> = list.hosts().filter(|host| is_wanted(*host)).map(|host| host.index).collect();
        shown(serving, list, &places)
    });
    listed::<L>(shown.collect())
}

fn listed<L: Hosted>(hosts: Vec<Json>) -> Response {
    let result = if hosts.is_empty() { ResultCode::Empty } else { ResultCode::Success };
    let text = format!("{} {} host(s) found.", hosts.len(), protocol::<L>());
    Response { result, ..Response::success(text) }.with(json!({ "hosts": hosts }))
}

/// Reservations of a list, by their places, as they are shown.
fn shown<L: Hosted>(serving: &dyn Serving<L, L::Engine>, list: List<'_>, places: &[usize]) -> Vec<Json> {
    if places.is_empty() {
        return Vec::new();
    }
    let path = list.at.map(At::path::<L>).unwrap_or_default();
    let definitions = serving.config().definitions();
    let shown = serving.written().shown_items(definitions, &path, RESERVATIONS, places);
    let mut shown = shown.unwrap_or_default();
    for host in &mut shown {
        if let Some(map) = host.as_object_mut() {
            map.insert("subnet-id".to_owned(), list.subnet.0.into());
        }
        host.sort_all_objects();
    }
    shown
}
