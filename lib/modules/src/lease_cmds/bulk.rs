//! `lease6-bulk-apply`, and `lease4-bulk-apply`, which is ours: removes some leases and writes others, as one server tells
//! another what became of clients.
//!
//! If one of them is malformed, nothing is done. What cannot be done for another reason is told of each, and the others
//! are done.

use std::fmt::Display;

use kotare_control::{Reply, Request, Response, ResultCode};
use kotare_model::{Duid, Hex, LeaseType};
use serde_json::{Map, Value as Json};

use super::change::{wipe_out, write};
use super::family::{Commanded, Doing};
use super::find::{By, Identifier, Named, named_by, parameters};
use super::scene::{Done, Scene, command};
use super::{LeaseCmds, rows};
use crate::arguments::{Arguments, Refused};

/// What goes and what comes.
struct Work<L: Commanded> {
    deleted: Vec<(Named<L::Address>, Option<L>)>,
    leases: Vec<L>,
}

/// `lease4-bulk-apply`, `lease6-bulk-apply`.
pub(super) fn reply<L: Commanded>(module: &LeaseCmds<L>, request: Request) -> Reply<'static> {
    match rows::are_in(&request) {
        true => rows::reply(module, request),
        false => command(module, request, apply),
    }
}

fn apply<L: Commanded>(scene: &Scene<L>, request: &Request) -> Done {
    let applied = work(scene, request).and_then(|work| {
        let mut count = 0;
        let deleted = delete(scene, work.deleted, &mut count);
        let written = put(scene, &work.leases, &mut count);
        scene.flush().map(|()| answer::<L>(count, deleted, written))
    });
    applied.inspect_err(|refused| (L::LOG.apply_failed)(&parameters(request), &refused.text))
}

fn work<L: Commanded>(scene: &Scene<L>, request: &Request) -> Result<Work<L>, Refused> {
    let arguments = Arguments::if_any(request).ok().flatten();
    let arguments = arguments.ok_or("Command arguments missing or a not a map.")?;
    let (deleted, leases) = (arguments.get("deleted-leases"), arguments.get("leases"));
    if deleted.is_none() && leases.is_none() {
        return Err("neither 'deleted-leases' nor 'leases' parameter specified".into());
    }
    let (deleted, leases) = (list(deleted, "deleted-leases")?, list(leases, "leases")?);
    let delete = |value| {
        let named = named_by::<L>(Arguments::within(value).ok())?;
        let lease = named.find(scene, Doing::Delete)?;
        Ok((named, lease))
    };
    Ok(Work {
        deleted: deleted.iter().map(delete).collect::<Result<_, Refused>>()?,
        leases: leases
            .iter()
            .map(|value| {
                let arguments = Arguments::within(value)?;
                let lease = L::given(scene.config(), scene.now, arguments)?;
                // It is made where there is none whatever that says, but it must be well-formed.
                arguments.truth("force-create")?;
                Ok(lease)
            })
            .collect::<Result<_, Refused>>()?,
    })
}

fn list<'a>(value: Option<&'a Json>, name: &str) -> Result<&'a [Json], String> {
    match value {
        None => Ok(&[]),
        Some(Json::Array(list)) => Ok(list),
        Some(_) => Err(format!("the '{name}' parameter must be a list")),
    }
}

/// Removes leases; those that could not be.
fn delete<L: Commanded>(
    scene: &Scene<L>,
    deleted: Vec<(Named<L::Address>, Option<L>)>,
    count: &mut usize,
) -> Vec<Json> {
    let mut failed = Vec::new();
    for (named, lease) in deleted {
        let gone = match (lease, &named.by) {
            (Some(lease), _) => wipe_out(scene, lease),
            (None, By::Address(_)) => Ok(false),
            // As in Kea nothing is said of a client that has none.
            (None, By::Client(_)) => continue,
        };
        match gone {
            Ok(true) => *count += 1,
            Ok(false) => failed.push(of_named(&named, &Refused::empty("lease not found"))),
            Err(refused) => failed.push(of_named(&named, &refused)),
        }
    }
    failed
}

/// Writes leases; those that could not be.
fn put<L: Commanded>(scene: &Scene<L>, leases: &[L], count: &mut usize) -> Vec<Json> {
    let mut failed = Vec::new();
    for lease in leases {
        match write(scene, lease, true) {
            Ok(_) => *count += 1,
            Err(refused) => {
                let place = ("ip-address", lease.address().to_string());
                failed.push(failure(lease.lease_type().name(), Some(place), &refused));
            }
        }
    }
    failed
}

fn of_named<A: Display>(named: &Named<A>, refused: &Refused) -> Json {
    let place = match &named.by {
        By::Address(address) => Some(("ip-address", address.to_string())),
        By::Client(client) => match &client.id {
            Identifier::Duid(duid) => Some(("duid", Duid::to_string(duid))),
            Identifier::HwAddr(address) => Some(("hw-address", address.to_string())),
            Identifier::ClientId(id) => Some(("client-id", Hex(id.as_bytes()).to_string())),
        },
    };
    failure(named.lease_type.map_or("V4", LeaseType::name), place, refused)
}

/// What could not be done, its keys in the order of Kea's.
pub(super) fn failure(lease_type: &str, place: Option<(&str, String)>, refused: &Refused) -> Json {
    let mut map = Map::new();
    map.extend(place.map(|(key, value)| (key.to_owned(), value.into())));
    map.insert("error-message".into(), refused.text.clone().into());
    map.insert("result".into(), (refused.result as i64).into());
    map.insert("type".into(), lease_type.into());
    map.sort_keys();
    Json::Object(map)
}

pub(super) fn answer<L: Commanded>(count: usize, deleted: Vec<Json>, written: Vec<Json>) -> Response {
    (L::LOG.applied)(&count);
    let result = if count > 0 { ResultCode::Success } else { ResultCode::Empty };
    let text = format!("Bulk apply of {count} {} leases completed.", L::WORDS.ip);
    let response = Response { result, ..Response::success(text) };
    let mut failed = Map::new();
    for (name, list) in [("failed-deleted-leases", deleted), ("failed-leases", written)] {
        if !list.is_empty() {
            failed.insert(name.to_owned(), list.into());
        }
    }
    if failed.is_empty() { response } else { response.with(Json::Object(failed)) }
}
