//! Lists, and subnets and shared networks as `config-get` shows them.

use kotare_config::Configuration;
use kotare_control::{Request, Response, ResultCode};
use serde_json::{Value as Json, json};

use super::arguments;
use super::family::Changed;
use super::messages::*;
use crate::Serving;
use crate::networked::{Subnet, protocol};
use crate::tree::{self, NETWORKS, Path};

/// `subnet4-list`.
pub(super) fn subnet_list<L: Changed>(serving: &dyn Serving<L, L::Engine>) -> Response {
    let subnets = L::configured_subnets(serving.config()).map(|Subnet { id, prefix, network, .. }| {
        json!({"id": id.0, "shared-network-name": network, "subnet": prefix.to_string()})
    });
    let subnets: Vec<_> = subnets.collect();
    match subnets.len() {
        0 => SUBNET_CMDS_SUBNET_LIST_EMPTY(protocol::<L>()),
        count => SUBNET_CMDS_SUBNET_LIST(count, protocol::<L>()),
    }
    list::<L>("subnet", "subnets", subnets)
}

/// `network4-list`.
pub(super) fn network_list<L: Changed>(serving: &dyn Serving<L, L::Engine>) -> Response {
    let networks: Vec<_> =
        L::configured_networks(serving.config()).map(|name| json!({"name": name})).collect();
    match networks.len() {
        0 => SUBNET_CMDS_NETWORK_LIST_EMPTY(protocol::<L>()),
        count => SUBNET_CMDS_NETWORK_LIST(count, protocol::<L>()),
    }
    list::<L>("network", NETWORKS, networks)
}

/// What is found, under `keyword`.
fn list<L: Changed>(what: &str, keyword: &str, found: Vec<Json>) -> Response {
    let protocol = protocol::<L>();
    let plural = if found.len() == 1 { "" } else { "s" };
    let result = if found.is_empty() { ResultCode::Empty } else { ResultCode::Success };
    let text = format!("{} {protocol} {what}{plural} found", found.len());
    Response { result, ..Response::success(text) }.with(json!({keyword: found}))
}

/// `subnet4-get`.
pub(super) fn subnet<L: Changed>(
    serving: &dyn Serving<L, L::Engine>,
    request: &Request,
) -> Result<Response, Response> {
    let protocol = protocol::<L>();
    let failed = |reason: String| {
        (L::FAILED.subnet_get)(&reason);
        Response::error(reason)
    };
    let (wanted, not_found) = wanted_subnet(request).map_err(failed)?;
    let subnet = L::configured_subnets(serving.config()).find(|subnet| match &wanted {
        Wanted::Id(id) => subnet.id.0 == *id,
        Wanted::Prefix(prefix) => subnet.prefix.to_string() == *prefix,
    });
    let root = serving.written().root();
    let Some(subnet) = subnet else {
        SUBNET_CMDS_SUBNET_GET_EMPTY(&not_found);
        return Err(Response::failed(ResultCode::Empty, not_found));
    };
    let path = tree::find::<L>(root, subnet.id.0).map(|(at, _)| at.path::<L>());
    let (prefix, id) = (subnet.prefix, subnet.id);
    SUBNET_CMDS_SUBNET_GET(prefix, id);
    let text = format!("Info about {protocol} subnet {prefix} (id {id}) returned");
    Ok(Response::success(text).with(json!({L::SUBNETS: [item::<L>(serving, path)]})))
}

/// How a subnet is looked for.
enum Wanted {
    Id(u32),
    /// As Kea, by its text.
    Prefix(String),
}

/// Which subnet is wanted, and what to say if there is none.
fn wanted_subnet(request: &Request) -> Result<(Wanted, String), String> {
    let arguments = arguments::map(request)?;
    if arguments.len() != 1 {
        return Err(format!(
            "invalid number of arguments {} for the '{}' command. Expecting 'id' or 'subnet'",
            arguments.len(),
            request.command
        ));
    }
    if let Some(subnet) = arguments.get("subnet") {
        let prefix = subnet.as_str().ok_or("'subnet' parameter must be a string")?;
        return Ok((Wanted::Prefix(prefix.to_owned()), format!("No {prefix} subnet found")));
    }
    let id = arguments.get("id").ok_or("'id' or 'subnet' parameter required")?;
    let id = id.as_i64().ok_or("'id' parameter must be an integer")?;
    Ok((Wanted::Id(id as u32), format!("No subnet with id {id} found")))
}

/// `network4-get`.
pub(super) fn network<L: Changed>(
    serving: &dyn Serving<L, L::Engine>,
    request: &Request,
) -> Result<Response, Response> {
    let protocol = protocol::<L>();
    let failed = |reason: String| {
        (L::FAILED.network_get)(&reason);
        Response::error(reason)
    };
    let name = wanted_network(request).map_err(failed)?;
    let root = serving.written().root();
    let Some(index) = tree::find_network::<L>(root, name) else {
        let text = format!("No '{name}' shared network found");
        SUBNET_CMDS_NETWORK_GET_EMPTY(&text);
        return Err(Response::failed(ResultCode::Empty, text));
    };
    SUBNET_CMDS_NETWORK_GET(name);
    let text = format!("Info about {protocol} shared network '{name}' returned");
    Ok(Response::success(text).with(json!({NETWORKS: [item::<L>(serving, Some(vec![(NETWORKS, index)]))]})))
}

fn wanted_network(request: &Request) -> Result<&str, String> {
    let name = arguments::map(request)?.get("name");
    let name =
        name.ok_or_else(|| format!("invalid '{}': missing mandatory 'name' parameter", request.command))?;
    Ok(name.as_str().ok_or("'name' parameter must be a string")?)
}

/// A subnet or shared network as `config-get` shows it, but for its reservations, which have commands of their own.
fn item<L: Changed>(serving: &dyn Serving<L, L::Engine>, path: Option<Path>) -> Json {
    let definitions = serving.config().definitions();
    let mut shown =
        path.and_then(|path| serving.written().shown_item(definitions, &path)).unwrap_or_default();
    without_reservations::<L>(&mut shown);
    shown
}

fn without_reservations<L: Changed>(map: &mut Json) {
    if let Some(map) = map.as_object_mut() {
        map.shift_remove("reservations");
        let subnets = map.get_mut(L::SUBNETS).and_then(Json::as_array_mut);
        subnets.into_iter().flatten().for_each(without_reservations::<L>);
    }
}
