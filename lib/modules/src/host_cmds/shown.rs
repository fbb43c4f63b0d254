//! The commands that show reservations, as `config-get` does, each with its subnet.

use std::sync::Arc;

use kotare_config::Configuration;
use kotare_config::json::Value;
use kotare_control::{Reply, Request, Response, ResultCode, aside, now};
use kotare_model::SubnetId;
use kotare_store::StoreError;
use serde_json::{Value as Json, json};

use super::HostCmds;
use super::arguments::{self, By, Target};
use super::change::not_configured;
use super::elsewhere::{self, Lookup};
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
        let target = arguments::target(arguments)?;
        let list = list_of::<L>(serving.written().root(), subnet).filter(|_| target.shows_memory());
        let here = list.and_then(|list| list.find::<L>(&by));
        let here = here.and_then(|host| shown(serving, host.list, &[host.index]).pop());
        let elsewhere = here.is_none().then_some(Lookup::One(subnet, by));
        Ok(Found::One(here, elsewhere.filter(|_| target.shows_databases())))
    })
}

/// `reservation-get-all`.
pub(super) fn all<L: Hosted>(module: &HostCmds<L>, request: Request) -> Reply<'static> {
    let told =
        told!(HOST_CMDS_RESERV_GET_ALL, HOST_CMDS_RESERV_GET_ALL_SUCCESS, HOST_CMDS_RESERV_GET_ALL_FAILED);
    show(module, request, told, |serving, request| {
        let arguments = arguments::map(request)?;
        let subnet = arguments::required_subnet(arguments)?;
        let target = arguments::target(arguments)?;
        exists(serving, Some(subnet))?;
        Ok(found(serving, target, Some(subnet), |_| true, Lookup::All(subnet)))
    })
}

/// `reservation-get-page`. The configuration is the source 0, then comes each database.
pub(super) fn page<L: Hosted>(module: &HostCmds<L>, request: Request) -> Reply<'static> {
    let told =
        told!(HOST_CMDS_RESERV_GET_PAGE, HOST_CMDS_RESERV_GET_PAGE_SUCCESS, HOST_CMDS_RESERV_GET_PAGE_FAILED);
    let numbers = module.numbers.clone();
    show(module, request, told, move |serving, request| {
        let arguments = arguments::map(request)?;
        let limit = arguments::required(arguments, "limit", u32::MAX.into())?;
        let subnet = arguments::subnet(arguments)?;
        let source = arguments::number(arguments, "source-index", 10)?.unwrap_or(0) as usize;
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
        if page.is_empty() {
            let from = if source == 0 { (1, 0) } else { (source, from) };
            return Ok(Found::Elsewhere { from, limit: limit as usize, subnet });
        }
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
        Ok(Found::Page(response))
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
        let target = arguments::target(arguments)?;
        exists(serving, subnet)?;
        Ok(found(serving, target, subnet, |host| host.is::<L>(&by), Lookup::Of(by.clone(), subnet)))
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
        let target = arguments::target(arguments)?;
        if name.is_empty() {
            return Err("Empty hostname".to_owned());
        }
        exists(serving, subnet)?;
        let elsewhere = Lookup::Named(name.to_owned(), subnet);
        Ok(found(serving, target, subnet, |host| host.has_name(name), elsewhere))
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
        let target = arguments::target(arguments)?;
        let by = By::Identifier(kind, id);
        Ok(found(serving, target, None, |host| host.is::<L>(&by), Lookup::Of(by.clone(), None)))
    })
}

/// What the configuration has of what is looked for, and what is to be looked for in databases.
enum Found {
    /// The reservation.
    One(Option<Json>, Option<Lookup>),
    /// Reservations.
    Listed(Vec<Json>, Option<Lookup>),
    /// A page of them.
    Page(Response),
    /// The page is one of a database: of which, from where on, and how many of which subnet.
    Elsewhere { from: (usize, u64), limit: usize, subnet: Option<SubnetId> },
}

/// Runs a command: what is configured is looked through aside, as it may be much, and databases are asked after it.
fn show<L: Hosted>(
    module: &HostCmds<L>,
    request: Request,
    told: Told,
    shown: impl FnOnce(&dyn Serving<L, L::Engine>, &Request) -> Result<Found, String> + Send + 'static,
) -> Reply<'static> {
    let Some(server) = module.server.get() else { return now(gone()) };
    Box::pin(async move {
        let serving = server.serving();
        let here = serving.clone();
        let looking = aside(move || {
            let parameters = arguments::told(&request);
            (told.called)(&parameters);
            let found = shown(&*here, &request);
            (parameters, found)
        });
        let (parameters, found) = looking.await;
        let response = match found {
            Ok(found) => complete(&serving, found).await.map_err(|error| error.to_string()),
            Err(reason) => Err(reason),
        };
        match response {
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

/// The answer, with what databases have.
async fn complete<L: Hosted>(
    serving: &Arc<dyn Serving<L, L::Engine>>,
    found: Found,
) -> Result<Response, StoreError> {
    let sources = L::sources(serving.engine());
    let is_unique = L::is_unique(serving.config());
    Ok(match found {
        Found::One(mut here, lookup) => {
            if let Some(lookup) = lookup {
                let hosts = elsewhere::find::<L>(sources, lookup, is_unique).await?;
                here = elsewhere::shown(&**serving, &hosts).into_iter().next();
            }
            match here {
                Some(host) => Response::success("Host found.").with(host),
                None => Response::failed(ResultCode::Empty, "Host not found."),
            }
        }
        Found::Listed(mut here, lookup) => {
            if let Some(lookup) = lookup {
                let hosts = elsewhere::find::<L>(sources, lookup, is_unique).await?;
                here.extend(elsewhere::shown(&**serving, &hosts));
            }
            listed::<L>(here)
        }
        Found::Page(response) => response,
        Found::Elsewhere { from, limit, subnet } => {
            let (hosts, (number, from)) = elsewhere::page::<L>(sources, from, limit, subnet).await?;
            let mut response = listed::<L>(elsewhere::shown(&**serving, &hosts));
            if let Some(Json::Object(arguments)) = &mut response.arguments {
                arguments.insert("count".to_owned(), hosts.len().into());
                if !hosts.is_empty() {
                    arguments.insert("next".to_owned(), json!({"source-index": number, "from": from}));
                }
            }
            response
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

/// Those of a subnet, or of all, that are looked for.
fn found<L: Hosted>(
    serving: &dyn Serving<L, L::Engine>,
    target: Target,
    subnet: Option<SubnetId>,
    is_wanted: impl Fn(Written<'_>) -> bool,
    elsewhere: Lookup,
) -> Found {
    let root: &Value = serving.written().root();
    let lists = lists::<L>(root)
        .filter(|list| target.shows_memory() && subnet.is_none_or(|subnet| list.subnet == subnet));
    let shown = lists.flat_map(|list| {
        let places: Vec<_> = list.hosts().filter(|host| is_wanted(*host)).map(|host| host.index).collect();
        shown(serving, list, &places)
    });
    Found::Listed(shown.collect(), Some(elsewhere).filter(|_| target.shows_databases()))
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
