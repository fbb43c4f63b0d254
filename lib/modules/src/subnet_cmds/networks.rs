//! The commands that change a shared network.

use kotare_config::Prefix;
use kotare_config::json::Value;
use kotare_config::schema::Inherits;
use kotare_control::{Request, Response};
use serde_json::{Value as Json, json};

use super::family::Changed;
use super::messages::*;
use super::subnets::refuse_doubles;
use super::{SubnetCmds, arguments};
use crate::edit::{Refused, answer, edit, not_found, value};
use crate::networked::protocol;
use crate::tree::{self, NETWORKS};

/// `network4-add`.
pub(super) async fn add<L: Changed>(module: &SubnetCmds<L>, request: Request) -> Response {
    let protocol = protocol::<L>();
    let name = edit(&module.server, move |root| {
        let network = arguments::one(&request, NETWORKS, "network")?;
        let name = network.get("name").and_then(Json::as_str).unwrap_or_default();
        if tree::find_network::<L>(root, name).is_some() {
            return Err(format!("duplicate network '{name}' found in the configuration").into());
        }
        let subnets = network.get(L::SUBNETS).and_then(Json::as_array);
        for subnet in subnets.into_iter().flatten().filter_map(Json::as_object) {
            refuse_doubles::<L>(root, subnet)?;
        }
        let written = value(&request.command, name, network)?;
        Ok((tree::with_networks::<L>(root, |networks| networks.push(written)), name.to_owned()))
    });
    answer(name.await, L::FAILED.network_add, |name| {
        SUBNET_CMDS_NETWORK_ADD(&name);
        Response::success(format!("A new {protocol} shared network '{name}' added")).with(told(&name))
    })
}

/// `network4-del`.
pub(super) async fn delete<L: Changed>(module: &SubnetCmds<L>, request: Request) -> Response {
    let protocol = protocol::<L>();
    let name = edit(&module.server, move |root| {
        let (name, keeps_subnets) = deleted(&request)?;
        let found = tree::find_network::<L>(root, &name);
        let index = found.ok_or_else(|| not_found(format!("no shared network with name '{name}' found")))?;
        let network = &tree::networks::<L>(root)[index];
        let edited = tree::with_networks::<L>(root, |networks| _ = networks.remove(index));
        let kept = match keeps_subnets {
            true => network.list(L::SUBNETS).iter().map(|subnet| alone::<L>(subnet, network)).collect(),
            false => Vec::new(),
        };
        Ok((tree::with_subnets::<L>(&edited, None, |subnets| subnets.extend(kept)), name))
    });
    answer(name.await, L::FAILED.network_del, |name| {
        SUBNET_CMDS_NETWORK_DEL(&name);
        Response::success(format!("{protocol} shared network '{name}' deleted")).with(told(&name))
    })
}

/// The name of the network, and whether its subnets stay.
fn deleted(request: &Request) -> Result<(String, bool), String> {
    let command = &request.command;
    let arguments = arguments::map(request)?;
    let name = arguments.get("name");
    let name =
        name.ok_or_else(|| format!("network name ('name') is required for the '{command}' command"))?;
    let name = name.as_str();
    let name =
        name.ok_or_else(|| format!("network name ('name') specified for the '{command}' is not a string"))?;
    let keeps = match arguments.get("subnets-action").map(Json::as_str) {
        None | Some(Some("keep")) => true,
        Some(Some("delete")) => false,
        Some(Some(other)) => {
            return Err(format!(
                "Invalid value for subnets-action parameter: {other}, Supported values: 'keep' and 'delete'."
            ));
        }
        Some(None) => {
            return Err(format!(
                "subnets-action parameter for {command} command must be a string. Supported values are: 'keep' and \
                 'delete'."
            ));
        }
    };
    Ok((name.to_owned(), keeps))
}

/// A subnet and a shared network that it came to or left.
struct Moved {
    id: u32,
    prefix: String,
    network: String,
}

impl Moved {
    fn of<L: Changed>(subnet: &Value, id: u32, network: String) -> Self {
        let text = subnet.get("subnet").and_then(Value::as_str).unwrap_or_default();
        let prefix =
            text.parse::<Prefix<L::Address>>().map_or_else(|_| text.to_owned(), |prefix| prefix.to_string());
        Self { id, prefix, network }
    }
}

/// `network4-subnet-add`.
pub(super) async fn subnet_add<L: Changed>(module: &SubnetCmds<L>, request: Request) -> Response {
    let protocol = protocol::<L>();
    let moved = edit(&module.server, move |root| {
        let (name, id) = arguments::network_and_subnet(&request)?;
        let network = find_network::<L>(root, &name)?;
        let found = tree::find::<L>(root, id);
        let (at, subnet) =
            found.ok_or_else(|| not_found(format!("no {protocol} subnet with id '{id}' found")))?;
        match at.network {
            None => {}
            Some(index) if index == network => {
                return Err(
                    format!("attempted to add subnet with a duplicated subnet identifier {id}").into()
                );
            }
            Some(_) => {
                return Err(format!(
                    "subnet {id} being added to a shared network already belongs to a shared network"
                )
                .into());
            }
        }
        let edited = tree::with_subnets::<L>(root, None, |subnets| _ = subnets.remove(at.index));
        let edited = tree::with_subnets::<L>(&edited, Some(network), |subnets| subnets.push(subnet.clone()));
        Ok((edited, Moved::of::<L>(subnet, id, name)))
    });
    let failed = L::FAILED.network_subnet_add;
    answer(moved.await, failed, |Moved { id, prefix, network }| {
        SUBNET_CMDS_NETWORK_SUBNET_ADD(protocol, &prefix, id, &network);
        Response::success(format!(
            "{protocol} subnet {prefix} (id {id}) is now part of shared network '{network}'"
        ))
    })
}

/// `network4-subnet-del`.
pub(super) async fn subnet_del<L: Changed>(module: &SubnetCmds<L>, request: Request) -> Response {
    let protocol = protocol::<L>();
    let moved = edit(&module.server, move |root| {
        let (name, id) = arguments::network_and_subnet(&request)?;
        let network = find_network::<L>(root, &name)?;
        let found = tree::find::<L>(root, id).filter(|(at, _)| at.network == Some(network));
        let (at, subnet) = found.ok_or_else(|| {
            not_found(format!(
                "The {protocol} subnet with id {id} is not part of the shared network with name '{name}' found"
            ))
        })?;
        let kept = alone::<L>(subnet, &tree::networks::<L>(root)[network]);
        let edited = tree::with_subnets::<L>(root, at.network, |subnets| _ = subnets.remove(at.index));
        Ok((
            tree::with_subnets::<L>(&edited, None, |subnets| subnets.push(kept)),
            Moved::of::<L>(subnet, id, name),
        ))
    });
    let failed = L::FAILED.network_subnet_del;
    answer(moved.await, failed, |Moved { id, prefix, network }| {
        SUBNET_CMDS_NETWORK_SUBNET_DEL(protocol, &prefix, id, &network);
        Response::success(format!(
            "{protocol} subnet {prefix} (id {id}) is now removed from shared network '{network}'"
        ))
    })
}

fn find_network<L: Changed>(root: &Value, name: &str) -> Result<usize, Refused> {
    let protocol = protocol::<L>();
    tree::find_network::<L>(root, name)
        .ok_or_else(|| not_found(format!("no {protocol} shared network with name '{name}' found")))
}

/// A subnet that leaves its shared network. As in Kea it keeps what `config-get` showed of the network in it.
fn alone<L: Changed>(subnet: &Value, network: &Value) -> Value {
    let inherited = network.entries().iter().filter(|entry| {
        let openly = L::SUBNET.param(&entry.key).is_some_and(|param| param.inherits == Inherits::Openly);
        openly && subnet.get(&entry.key).is_none()
    });
    inherited.fold(subnet.clone(), |subnet, entry| subnet.with(entry.clone()))
}

/// A shared network in answers.
fn told(name: &str) -> Json {
    json!({NETWORKS: [{"name": name}]})
}
