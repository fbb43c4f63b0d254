//! The commands that change a subnet.

use kotare_config::Configuration;
use kotare_config::Prefix;
use kotare_config::json::{Diagnostics, Value};
use kotare_config::schema::checked_map;
use kotare_control::{Request, Response};
use kotare_options::Definitions;
use serde_json::{Map, Value as Json};

use super::family::Changed;
use super::messages::*;
use super::{SubnetCmds, arguments, delta, told};
use crate::edit::{Refused, answer, edit, not_found, value};
use crate::networked::protocol;
use crate::tree::{self, At};

/// What a command did to which subnet.
struct Done {
    id: u32,
    prefix: String,
}

impl Done {
    /// What was done to `subnet`.
    fn to<L: Changed>(id: u32, subnet: Option<&str>) -> Self {
        let text = subnet.unwrap_or_default();
        Self {
            id,
            prefix: text.parse::<Prefix<L::Address>>().map_or_else(|_| text.to_owned(), |it| it.to_string()),
        }
    }
}

/// `subnet4-add`.
pub(super) async fn add<L: Changed>(module: &SubnetCmds<L>, request: Request) -> Response {
    let protocol = protocol::<L>();
    let done = edit(&module.server, move |root| {
        let command = &request.command;
        let subnet = arguments::subnet::<L>(&request)?;
        refuse_reservations(subnet, || {
            format!(
                "must not specify host reservations with '{command}'. Use 'reservation-add' to add a reservation to a \
                 subnet"
            )
        })?;
        let id = arguments::new_id(subnet)?;
        refuse_doubles::<L>(root, subnet)?;
        let written = value(command, id, subnet)?;
        let edited = tree::with_subnets::<L>(root, None, |subnets| subnets.push(written));
        Ok((edited, Done::to::<L>(id, subnet.get("subnet").and_then(Json::as_str))))
    });
    answer(done.await, L::FAILED.subnet_add, |Done { id, prefix }| {
        SUBNET_CMDS_SUBNET_ADD(&prefix, id);
        Response::success(format!("{protocol} subnet added")).with(told(id, prefix))
    })
}

/// `subnet4-update`.
pub(super) async fn update<L: Changed>(module: &SubnetCmds<L>, request: Request) -> Response {
    let done = edit(&module.server, move |root| {
        let Updated { id, at, former, given } = updated::<L>(root, &request)?;
        let mut written = value(&request.command, id, given)?;
        // They are not the subnet's but beside it, and have commands of their own.
        if let Some(reservations) = former.entry("reservations") {
            written = written.with(reservations.clone());
        }
        put::<L>(root, at, id, written)
    });
    answer(done.await, L::FAILED.subnet_update, updated_answer::<L>)
}

/// What becomes of the parts that a command names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Added,
    Removed,
}

/// `subnet4-delta-add` and `subnet4-delta-del`.
pub(super) async fn update_parts<L: Changed>(
    module: &SubnetCmds<L>,
    request: Request,
    part: Part,
) -> Response {
    let serving = module.server.get().map(|server| server.serving());
    let definitions = serving.map(|serving| serving.config().definitions().clone()).unwrap_or_default();
    let done = edit(&module.server, move |root| edit_parts::<L>(root, &request, part, &definitions));
    let failed = match part {
        Part::Added => L::FAILED.subnet_delta_add,
        Part::Removed => L::FAILED.subnet_delta_del,
    };
    answer(done.await, failed, updated_answer::<L>)
}

fn edit_parts<L: Changed>(
    root: &Value,
    request: &Request,
    part: Part,
    definitions: &Definitions,
) -> Result<(Value, Done), Refused> {
    let Updated { id, at, former, given } = updated::<L>(root, request)?;
    let given = value(&request.command, id, given)?;
    let mut diagnostics = Diagnostics::new();
    let given = checked_map(given, L::SUBNET, &mut diagnostics);
    if diagnostics.has_errors() {
        diagnostics.locate(&given);
        return Err(diagnostics.error_lines().join("\n").into());
    }
    let edited = match (former.to_json(), given.to_json()) {
        (Json::Object(former), Json::Object(given)) => match part {
            Part::Added => delta::with::<L>(former, given, definitions),
            Part::Removed => delta::without::<L>(former, given, definitions),
        },
        _ => return Err("a subnet must be a map".into()),
    };
    put::<L>(root, at, id, value(&request.command, id, &edited)?)
}

fn updated_answer<L: Changed>(Done { id, prefix }: Done) -> Response {
    let protocol = protocol::<L>();
    SUBNET_CMDS_SUBNET_UPDATE(&prefix, id);
    Response::success(format!("{protocol} subnet updated")).with(told(id, prefix))
}

/// A subnet that a command is for.
struct Updated<'a> {
    id: u32,
    at: At,
    /// How it is written until now.
    former: &'a Value,
    /// What the command brings.
    given: &'a Map<String, Json>,
}

/// The subnet that a command updates.
fn updated<'a, L: Changed>(root: &'a Value, request: &'a Request) -> Result<Updated<'a>, Refused> {
    let command = &request.command;
    let given = arguments::subnet::<L>(request)?;
    refuse_reservations(given, || format!("must not specify host reservations with '{command}'."))?;
    let id = arguments::updated_id(given, command)?;
    let found = tree::find::<L>(root, id);
    let (at, former) = found.ok_or_else(|| format!("Can't find subnet '{id}' to update"))?;
    Ok(Updated { id, at, former, given })
}

/// Puts `written` in the place of the subnet `id`.
fn put<L: Changed>(root: &Value, at: At, id: u32, written: Value) -> Result<(Value, Done), Refused> {
    let prefix = written.get("subnet").and_then(Value::as_str);
    let parsed = prefix_of::<L>(&written);
    let others = tree::all::<L>(root).filter(|(other, _)| *other != at);
    if parsed.is_some() && others.map(|(_, other)| prefix_of::<L>(other)).any(|other| other == parsed) {
        return Err(format!("Unable to update subnet '{id}' in the configuration").into());
    }
    let done = Done::to::<L>(id, prefix);
    let edited = tree::with_subnets::<L>(root, at.network, |subnets| subnets[at.index] = written);
    Ok((edited, done))
}

/// `subnet4-del`. Reservations that are written in the subnet go with it.
pub(super) async fn delete<L: Changed>(module: &SubnetCmds<L>, request: Request) -> Response {
    let protocol = protocol::<L>();
    let done = edit(&module.server, move |root| {
        let id = deleted_id(&request)?;
        let found = tree::find::<L>(root, id);
        let (at, subnet) = found.ok_or_else(|| not_found(format!("no subnet with id {id} found")))?;
        let done = Done::to::<L>(id, subnet.get("subnet").and_then(Value::as_str));
        Ok((tree::with_subnets::<L>(root, at.network, |subnets| _ = subnets.remove(at.index)), done))
    });
    answer(done.await, L::FAILED.subnet_del, |Done { id, prefix }| {
        SUBNET_CMDS_SUBNET_DEL(&prefix, id);
        Response::success(format!("{protocol} subnet {prefix} (id {id}) deleted")).with(told(id, prefix))
    })
}

fn deleted_id(request: &Request) -> Result<u32, String> {
    let command = &request.command;
    let arguments = arguments::map(request)?;
    if arguments.len() != 1 {
        // Kea forgot a quotation mark, too.
        return Err(format!(
            "invalid number of arguments specified for the '{command} command. Expected subnet identifier"
        ));
    }
    let id = arguments.get("id");
    let id = id.ok_or_else(|| format!("subnet identifier is required for the '{command}' command"))?;
    let id = id.as_i64();
    Ok(id.ok_or_else(|| format!("subnet identifier specified for the '{command}' is not a number"))? as u32)
}

fn refuse_reservations(subnet: &Map<String, Json>, words: impl FnOnce() -> String) -> Result<(), String> {
    if subnet.contains_key("reservations") { Err(words()) } else { Ok(()) }
}

/// Refuses a new subnet with the id or prefix of one that is there.
pub(super) fn refuse_doubles<L: Changed>(root: &Value, subnet: &Map<String, Json>) -> Result<(), String> {
    let protocol = protocol::<L>();
    let id = arguments::new_id(subnet)?;
    if tree::find::<L>(root, id).is_some() {
        return Err(format!("ID of the new {protocol} subnet '{id}' is already in use"));
    }
    if subnet.contains_key("prefix-from") {
        return Ok(());
    }
    let prefix = subnet.get("subnet").and_then(Json::as_str);
    let prefix = prefix.and_then(|text| text.parse::<Prefix<L::Address>>().ok());
    match prefix {
        Some(prefix) if tree::all::<L>(root).any(|(_, other)| prefix_of::<L>(other) == Some(prefix)) => {
            Err(format!("subnet with the prefix of '{prefix}' already exists"))
        }
        _ => Ok(()),
    }
}

fn prefix_of<L: Changed>(subnet: &Value) -> Option<Prefix<L::Address>> {
    // What lies behind a prefix that is learned stands apart from others whatever is written.
    if subnet.get("prefix-from").is_some() {
        return None;
    }
    subnet.get("subnet")?.as_str()?.parse().ok()
}
