//! The commands that change reservations.

use std::sync::Arc;

use kotare_config::json::Value;
use kotare_config::v6::{HostId, HostIdType};
use kotare_control::{Request, Response, ResultCode, aside};
use kotare_model::{Hex, Reservation, SubnetId};
use serde_json::{Map, Value as Json};

use super::arguments::{self, By, Target};
use super::family::Hosted;
use super::messages::*;
use super::written::{List, list_of};
use super::{HostCmds, elsewhere};
use crate::arguments::Arguments;
use crate::edit::{Refused, edit_knowing, gone, not_found, value};
use crate::networked::{Subnet, protocol};
use crate::reserving::{exchanged, judged};
use crate::{Edited, Serving};

/// What is said where no database is configured.
const NO_DATABASE: &str = "there is no hosts-databases configured.";

/// `reservation-add`.
pub(super) async fn add<L: Hosted>(module: &HostCmds<L>, request: Request) -> Response {
    let told = arguments::told(&request);
    HOST_CMDS_RESERV_ADD(&told);
    let done = try_add(module, request).await;
    answer(
        done,
        &told,
        |told| HOST_CMDS_RESERV_ADD_SUCCESS(told),
        |told, why| HOST_CMDS_RESERV_ADD_FAILED(told, why),
    )
}

async fn try_add<L: Hosted>(module: &HostCmds<L>, request: Request) -> Result<Response, Refused> {
    let arguments = Arguments::of(&request, "no parameters specified for the command")?;
    let target = arguments::target(arguments)?;
    let given = arguments.get("reservation").ok_or("reservation must be specified")?;
    let (given, subnet) = arguments::reservation(given.as_object().ok_or("reservation must be a map")?)?;
    let Some(server) = module.server.get() else { return Err(Refused(gone())) };
    let config = server.serving().config().clone();
    let is_global = subnet.is_none();
    let subnet = subnet.unwrap_or(SubnetId::GLOBAL);
    let written = host(&request.command, subnet, &given)?;
    if is_global {
        refuse_of_subnet::<L>(&config, &written)?;
    }
    let serving = server.serving();
    let sources = L::sources(serving.engine());
    if !target.changes_memory() && sources.is_empty() {
        return Err("Host database not available, cannot add host.".into());
    }
    fits::<L>(&config, subnet, &written)?;
    let is_unique = L::is_unique(&config);
    let kept = kept::<L>(&serving, target, (&request.command, subnet, &given)).await?;
    if kept.is_some() {
        elsewhere::may_change::<L>(sources)?;
    }
    if target.changes_memory() {
        edit_knowing(&module.server, move |before, config| {
            let root = before.root();
            let list = list_of::<L>(root, subnet).ok_or_else(|| not_configured::<L>(subnet))?;
            refuse_doubles::<L>(config, list, &written, None)?;
            let meaning = exchanged::<L>((before, config), subnet, &[], Some(&written));
            let written = list.changed::<L>(root, |hosts| hosts.push(written));
            Ok((Edited { written, meaning }, ()))
        })
        .await?;
    }
    if let Some(kept) = kept {
        elsewhere::add::<L>(sources, &kept, is_unique).await?;
    }
    let hint = if is_global { " subnet-id not specified, assumed global (subnet-id 0)." } else { "" };
    Ok(Response::success(format!("Host added.{hint}")))
}

/// `reservation-update`.
pub(super) async fn update<L: Hosted>(module: &HostCmds<L>, request: Request) -> Response {
    let told = arguments::told(&request);
    HOST_CMDS_RESERV_UPDATE(&told);
    let done = try_update(module, request).await;
    answer(
        done,
        &told,
        |told| HOST_CMDS_RESERV_UPDATE_SUCCESS(told),
        |told, why| HOST_CMDS_RESERV_UPDATE_FAILED(told, why),
    )
}

async fn try_update<L: Hosted>(module: &HostCmds<L>, request: Request) -> Result<Response, Refused> {
    let arguments = match &request.arguments {
        None => return Err("invalid command: does not contain mandatory 'arguments'".into()),
        Some(Json::Object(_)) => Arguments::of(&request, "")?,
        Some(other) => {
            let kind = kind(other);
            return Err(
                format!("invalid command: expected 'arguments' to be a map, got {kind} instead").into()
            );
        }
    };
    let given = arguments.get("reservation").ok_or(
        "invalid command: expected 'reservation' as the sole parameter inside the 'arguments' map, didn't get it \
         instead",
    )?;
    let given = given.as_object().ok_or_else(|| {
        format!("invalid command: expected 'reservation' to be a map, got {} instead", kind(given))
    })?;
    let target = arguments::target(arguments)?;
    let (given, subnet) = arguments::reservation(given)?;
    let subnet = subnet.ok_or(
        "Mandatory 'subnet-id' parameter missing. Use `reservation-get-by-id' or 'reservation-get-by-address' to get \
         the list of reservations with given identifier or address.",
    )?;
    let Some(server) = module.server.get() else { return Err(Refused(gone())) };
    let serving = server.serving();
    let sources = L::sources(serving.engine());
    if !target.changes_memory() && sources.is_empty() {
        return Err("host database not available, cannot update host".into());
    }
    let config = serving.config().clone();
    let written = host(&request.command, subnet, &given)?;
    fits::<L>(&config, subnet, &written)?;
    let is_unique = L::is_unique(&config);
    let kept = kept::<L>(&serving, target, (&request.command, subnet, &given)).await?;
    if kept.is_some() {
        elsewhere::may_change::<L>(sources)?;
    }
    if target.changes_memory() {
        edit_knowing(&module.server, move |before, config| {
            let root = before.root();
            let list = list_of::<L>(root, subnet).ok_or_else(|| not_configured::<L>(subnet))?;
            let own = L::identifier(&written).map(|(kind, id)| By::Identifier(kind, id));
            let former =
                own.and_then(|own| list.find::<L>(&own)).ok_or("Host not updated (not found).")?.index;
            refuse_doubles::<L>(config, list, &written, Some(former))?;
            let taken = [&list.items[former]];
            let meaning = exchanged::<L>((before, config), subnet, &taken, Some(&written));
            let written = list.changed::<L>(root, |hosts| hosts[former] = written);
            Ok((Edited { written, meaning }, ()))
        })
        .await?;
    }
    if let Some(kept) = kept {
        elsewhere::update::<L>(sources, &kept, is_unique).await?;
    }
    Ok(Response::success("Host updated."))
}

/// `reservation-del`.
pub(super) async fn delete<L: Hosted>(module: &HostCmds<L>, request: Request) -> Response {
    let told = arguments::told(&request);
    HOST_CMDS_RESERV_DEL(&told);
    let done = try_delete(module, request).await;
    answer(
        done,
        &told,
        |told| HOST_CMDS_RESERV_DEL_SUCCESS(told),
        |told, why| HOST_CMDS_RESERV_DEL_FAILED(told, why),
    )
}

async fn try_delete<L: Hosted>(module: &HostCmds<L>, request: Request) -> Result<Response, Refused> {
    let arguments = arguments::map(&request)?;
    let (subnet, by) = arguments::one(arguments)?;
    let target = arguments::target(arguments)?;
    let Some(server) = module.server.get() else { return Err(Refused(gone())) };
    let serving = server.serving();
    let sources = L::sources(serving.engine());
    if !target.changes_memory() && sources.is_empty() {
        return Err(format!("Unable to delete a host because {NO_DATABASE}").into());
    }
    if target.changes_databases() {
        elsewhere::may_change::<L>(sources)?;
    }
    let mut deleted = target.changes_memory() && delete_here(module, subnet, by.clone()).await?;
    if target.changes_databases() && !sources.is_empty() {
        deleted |= elsewhere::delete::<L>(sources, subnet, &by).await?;
    }
    match deleted {
        true => Ok(Response::success("Host deleted.")),
        false => Err(not_found("Host not deleted (not found).".to_owned())),
    }
}

/// Removes reservations of the configuration; whether there were any.
async fn delete_here<L: Hosted>(module: &HostCmds<L>, subnet: SubnetId, by: By) -> Result<bool, Refused> {
    let done = edit_knowing(&module.server, move |before, config| {
        let root = before.root();
        let list = list_of::<L>(root, subnet);
        let found = list.and_then(|list| Some((list, list.find::<L>(&by)?.index)));
        let (list, _) = found.ok_or_else(|| not_found(String::new()))?;
        // Several clients may have the same address.
        let (taken, kept): (Vec<_>, Vec<_>) = list.hosts().partition(|host| host.is::<L>(&by));
        let taken: Vec<_> = taken.iter().map(|host| host.value).collect();
        let meaning = exchanged::<L>((before, config), subnet, &taken, None);
        let kept = kept.iter().map(|host| host.value.clone()).collect();
        let written = list.changed::<L>(root, |hosts| *hosts = kept);
        Ok((Edited { written, meaning }, ()))
    });
    match done.await {
        Ok(()) => Ok(true),
        Err(Refused(response)) if response.result == ResultCode::Empty => Ok(false),
        Err(refused) => Err(refused),
    }
}

/// What a command brings as it is kept in databases, if it is to be: judged as what is written, aside.
async fn kept<L: Hosted>(
    serving: &Arc<dyn Serving<L, L::Engine>>,
    target: Target,
    (command, subnet, given): (&str, SubnetId, &Map<String, Json>),
) -> Result<Option<Reservation<L::Reserved>>, Refused> {
    if !target.changes_databases() || L::sources(serving.engine()).is_empty() {
        return Ok(None);
    }
    let (serving, command, given) = (serving.clone(), command.to_owned(), given.clone());
    let judged = aside(move || judged::<L>((serving.written(), serving.config()), &command, subnet, &given));
    Ok(Some(judged.await?.kept))
}

/// The answer of a command, told to the log. That there was nothing to do is no failure.
fn answer(
    done: Result<Response, Refused>,
    told: &str,
    success: fn(&str),
    failed: fn(&str, &str),
) -> Response {
    match done {
        Err(Refused(response)) if response.result == ResultCode::Error => {
            failed(told, &response.text);
            response
        }
        Ok(response) | Err(Refused(response)) => {
            success(told);
            response
        }
    }
}

/// A reservation as it is written from now on.
fn host(command: &str, subnet: SubnetId, written: &Map<String, Json>) -> Result<Value, String> {
    value(command, format!("in subnet {subnet}"), written)
}

/// The subnet is there, and the addresses belong to it. Prefixes need not.
fn fits<L: Hosted>(config: &L::Config, subnet: SubnetId, written: &Value) -> Result<(), String> {
    if subnet == SubnetId::GLOBAL {
        return Ok(());
    }
    let prefix = L::prefix_of(config, subnet).ok_or_else(|| not_configured::<L>(subnet))?;
    match L::addresses(written).into_iter().find(|address| !prefix.contains(*address)) {
        Some(address) => Err(format!(
            "specified reservation '{address}' is not matching the {} subnet prefix '{prefix}'",
            protocol::<L>()
        )),
        None => Ok(()),
    }
}

pub(super) fn not_configured<L: Hosted>(subnet: SubnetId) -> String {
    format!("{} subnet with ID of '{subnet}' is not configured", protocol::<L>())
}

/// A reservation without a subnet is a global one, unless its addresses or prefixes show that a subnet is meant.
fn refuse_of_subnet<L: Hosted>(config: &L::Config, written: &Value) -> Result<(), String> {
    let missing = |what: &str| format!("Mandatory 'subnet-id' parameter missing. {what}");
    let addresses = L::addresses(written);
    if addresses.is_empty() {
        return match L::prefixes(written).is_empty() {
            true => Ok(()),
            false => Err(missing("Prefixes are not attached to subnets so no hint is available.")),
        };
    }
    let holds_all =
        |subnet: &Subnet<'_, L::Address>| addresses.iter().all(|address| subnet.prefix.contains(*address));
    let homes: Vec<_> = L::configured_subnets(config).filter(holds_all).collect();
    let (belongs, nowhere) = L::belonging(&addresses);
    let open = homes.iter().find(|subnet| subnet.is_open);
    let Some(home) = open.or(homes.first()) else { return Err(missing(&nowhere)) };
    let guarded = if open.is_some() { "" } else { "guarded " };
    let others = if homes.len() > 1 { " and others." } else { "." };
    Err(missing(&format!("{belongs} {guarded}subnet '{}' id {}{others}", home.prefix, home.id)))
}

/// Refuses a reservation for a client that has one in the subnet, or for an address that is reserved there; `former` is
/// the one that it takes the place of.
fn refuse_doubles<L: Hosted>(
    config: &L::Config,
    list: List<'_>,
    written: &Value,
    former: Option<usize>,
) -> Result<(), String> {
    let protocol = protocol::<L>();
    let (subnet, own) = (list.subnet, L::identifier(written));
    let text = |kind| {
        let own = own.as_ref().filter(|(own, _)| *own == kind);
        own.map_or_else(|| "(null)".to_owned(), |(_, id)| Hex(id).to_string())
    };
    let others = || list.hosts().filter(|host| Some(host.index) != former);
    if let Some((kind, id)) = &own
        && others().any(|host| host.is::<L>(&By::Identifier(*kind, id.clone())))
    {
        let known = format!("to the {protocol} subnet id '{subnet}' as this host has already been added");
        return Err(match kind {
            HostIdType::HwAddress => {
                format!("failed to add new host using the HW address '{}' {known}", text(*kind))
            }
            HostIdType::Duid => format!("failed to add new host using the DUID '{}' {known}", text(*kind)),
            _ => {
                let id = HostId { kind: *kind, bytes: id };
                format!("failed to add duplicate {protocol} host using identifier: {id}")
            }
        });
    }
    if L::is_unique(config) {
        let reserved = L::addresses(written).into_iter().chain(L::prefixes(written));
        let is_taken = |address: L::Address| {
            let by = By::Address(address.into());
            others().any(|host| host.is::<L>(&by))
        };
        if let Some(address) = reserved.into_iter().find(|address| is_taken(*address)) {
            let (hw_address, duid) = (text(HostIdType::HwAddress), text(HostIdType::Duid));
            return Err(L::taken(&hw_address, &duid, subnet, address));
        }
    }
    Ok(())
}

/// What Kea calls a kind of value.
fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(number) if number.is_f64() => "real",
        Json::Number(_) => "integer",
        Json::String(_) => "string",
        Json::Array(_) => "list",
        Json::Object(_) => "map",
    }
}
