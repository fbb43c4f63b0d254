//! Servers, global parameters, shared networks, subnets and classes.

use std::net::IpAddr;

use kotare_config::overlay::LISTS;
use kotare_control::{Request, Response, ResultCode};
use kotare_store_sql::Connection;
use kotare_store_sql::objects::{ALL, For, Which};
use serde_json::{Map, Value as Json, json};

use super::arguments::{self, Asked, complete, number, text};
use super::judged::{Around, Judged, Remoted, is_v4};
use super::{CbCmds, of, shown};
use crate::networked::protocol;
use crate::tree::NETWORKS;

type Done = Result<Response, String>;
type JsonMap = Map<String, Json>;

/// What something in the database says went wrong.
pub(super) fn failed(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Objects under a keyword and how many they are. Without any, there is nothing found.
pub(super) fn found(text: String, keyword: &str, objects: Vec<JsonMap>) -> Response {
    let count = objects.len();
    let arguments = json!({ (keyword): objects, "count": count });
    let code = if count == 0 { ResultCode::Empty } else { ResultCode::Success };
    Response::failed(code, text).with(arguments)
}

/// The one object that was asked for, or none, under a keyword; `what` says which.
pub(super) fn found_one(what: &str, keyword: &str, objects: Vec<JsonMap>) -> Response {
    let is = if objects.is_empty() { "not found" } else { "found" };
    found(format!("{what} {is}."), keyword, objects)
}

/// How many objects went.
pub(super) fn gone(what: &str, count: u64) -> Response {
    let code = if count == 0 { ResultCode::Empty } else { ResultCode::Success };
    Response::failed(code, format!("{count} {what} deleted.")).with(json!({"count": count}))
}

/// What of the database is around what is set for these servers.
pub(super) async fn around<L: Remoted>(connection: &mut Connection, servers: &For) -> Result<Around, String> {
    let mut objects = of::<L>(connection);
    let definitions = objects.definitions(servers).await.map_err(failed)?;
    let classes = objects.classes(None, servers).await.map_err(failed)?;
    Ok(Around { definitions, classes })
}

pub(super) async fn set_server<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["servers"])?;
    let server = asked.one("servers")?;
    let tag = arguments::own_tag(server)?;
    let description = if server.contains_key("description") { text(server, "description")? } else { "" };
    let mut connection = module.connect(asked).await?;
    of::<L>(&mut connection).set_server(&tag, description).await.map_err(failed)?;
    let server = json!({"servers": [{"server-tag": tag, "description": description}]});
    Ok(Response::success(format!("{} server successfully set.", L::PROTOCOL)).with(server))
}

pub(super) async fn delete_server<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["servers"])?;
    let server = asked.one("servers")?;
    if server.get("server-tag").and_then(Json::as_str).is_some_and(|tag| tag.trim().eq_ignore_ascii_case(ALL))
    {
        return Err(
            "'all' is a name reserved for the server tag which associates the configuration elements \
                    with all servers connecting to the database and may not be deleted"
                .to_owned(),
        );
    }
    let tag = arguments::own_tag(server)?;
    let mut connection = module.connect(asked).await?;
    let count = of::<L>(&mut connection).delete_server(&tag).await.map_err(failed)?;
    Ok(gone(&format!("{} server(s)", L::PROTOCOL), count))
}

pub(super) async fn get_server<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["servers"])?;
    let tag = arguments::own_tag(asked.one("servers")?)?;
    let mut connection = module.connect(asked).await?;
    let servers = of::<L>(&mut connection).servers(Some(&tag)).await.map_err(failed)?;
    Ok(found_one(&format!("{} server '{tag}'", L::PROTOCOL), "servers", servers))
}

pub(super) async fn get_servers<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = asked_or_nothing(request)?;
    let mut connection = module.connect(asked).await?;
    let servers = of::<L>(&mut connection).servers(None).await.map_err(failed)?;
    Ok(found(format!("{} {} server(s) found.", servers.len(), L::PROTOCOL), "servers", servers))
}

/// The arguments of a command that needs none.
fn asked_or_nothing(request: &Request) -> Result<Asked<'_>, String> {
    static NONE: std::sync::LazyLock<Request> = std::sync::LazyLock::new(|| Request::new("").with(json!({})));
    match request.arguments {
        None => Asked::of(&NONE, &[]),
        Some(_) => Asked::of(request, &[]),
    }
}

pub(super) async fn set_globals<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["parameters", "server-tags"])?;
    let (parameters, tags) = (asked.map_of("parameters")?, asked.tag()?);
    if parameters.is_empty() {
        return Err("'parameters' must include at least one parameter".to_owned());
    }
    let (mut flat, mut nested, mut told) = (JsonMap::new(), JsonMap::new(), JsonMap::new());
    for (name, value) in parameters {
        nest(&mut told, name, value);
        let value = listed(name, value);
        flatten(name, &value, &mut flat)?;
        nest(&mut nested, name, &value);
    }
    Judged::<L>::of_globals(asked.command, nested)?;
    // What nothing here looks at is open in a file, and known in a database.
    let is_unknown =
        |name: &&String| name.strip_prefix(QUEUE).is_some_and(|inner| !OF_QUEUE.contains(&inner));
    if let Some(name) = flat.keys().find(is_unknown) {
        return Err(format!("unknown parameter '{name}'"));
    }
    let mut connection = module.connect(asked).await?;
    of::<L>(&mut connection).set_globals(&flat, &tags).await.map_err(failed)?;
    let done = json!({"parameters": told, "count": flat.len()});
    Ok(Response::success(format!("{} {} global parameter(s) successfully set.", flat.len(), L::PROTOCOL))
        .with(done))
}

/// What `dhcp-queue-control` has.
const QUEUE: &str = "dhcp-queue-control.";
const OF_QUEUE: [&str; 3] = ["enable-queue", "queue-type", "capacity"];

/// A list that a database has as text is judged as a list.
fn listed(name: &str, value: &Json) -> Json {
    let text = value.as_str().filter(|_| LISTS.contains(&name));
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| value.clone())
}

/// What lies in maps by names with dots.
fn flatten(name: &str, value: &Json, flat: &mut JsonMap) -> Result<(), String> {
    match value {
        Json::Object(map) => {
            map.iter().try_for_each(|(inner, value)| flatten(&format!("{name}.{inner}"), value, flat))
        }
        Json::Array(_) if LISTS.contains(&name) => {
            flat.insert(name.to_owned(), value.to_string().into());
            Ok(())
        }
        Json::Array(_) | Json::Null => Err(format!(
            "'{name}' is not a string, number or truth value, which alone can be global parameters in a database"
        )),
        value => {
            flat.insert(name.to_owned(), value.clone());
            Ok(())
        }
    }
}

/// The other way.
fn nest(map: &mut JsonMap, name: &str, value: &Json) {
    match name.split_once('.') {
        None => _ = map.insert(name.to_owned(), value.clone()),
        Some((outer, inner)) => {
            let outer = map.entry(outer).or_insert_with(|| json!({}));
            if let Some(outer) = outer.as_object_mut() {
                nest(outer, inner, value);
            }
        }
    }
}

pub(super) async fn delete_global<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["parameters", "server-tags"])?;
    let (name, tags) = (asked.one_name("parameters")?, asked.tag()?);
    let mut connection = module.connect(asked).await?;
    let count = of::<L>(&mut connection).delete_global(name, &tags).await.map_err(failed)?;
    Ok(gone(&format!("{} global parameter(s)", L::PROTOCOL), count))
}

pub(super) async fn get_global<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["parameters", "server-tags"])?;
    let (name, tags) = (asked.one_name("parameters")?, asked.tag()?);
    let mut connection = module.connect(asked).await?;
    let globals = of::<L>(&mut connection).globals(&For::Tags(tags)).await.map_err(failed)?;
    let (count, is, parameters) = match globals.into_iter().find(|(it, _)| it == name) {
        Some((_, global)) => (1, "found", global),
        None => (0, "not found", JsonMap::new()),
    };
    let code = if count == 0 { ResultCode::Empty } else { ResultCode::Success };
    let text = format!("'{name}' {} global parameter {is}.", L::PROTOCOL);
    Ok(Response::failed(code, text).with(json!({"parameters": parameters, "count": count})))
}

pub(super) async fn get_globals<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["server-tags"])?;
    let tags = asked.tag()?;
    let mut connection = module.connect(asked).await?;
    let globals = of::<L>(&mut connection).globals(&For::Tags(tags)).await.map_err(failed)?;
    let globals: Vec<_> = globals.into_iter().map(|(_, global)| global).collect();
    Ok(found(format!("{} {} global parameter(s) found.", globals.len(), L::PROTOCOL), "parameters", globals))
}

pub(super) async fn set_network<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &[NETWORKS, "server-tags"])?;
    let (network, tags) = (asked.one(NETWORKS)?, asked.tags()?);
    if network.contains_key(L::SUBNETS) {
        return Err(format!(
            "'{}' parameter must not be specified for the '{}' command",
            L::SUBNETS,
            asked.command
        ));
    }
    complete(network, &["name"])?;
    let name = text(network, "name")?;
    if name.is_empty() {
        return Err("'name' parameter must not be empty".to_owned());
    }
    let mut connection = module.connect(asked).await?;
    let around = around::<L>(&mut connection, &For::Tags(tags.clone())).await?;
    let judged = Judged::<L>::of(asked.command, &around, top(NETWORKS, network))?;
    of::<L>(&mut connection).set_network(&judged.network(network), &tags).await.map_err(failed)?;
    let done = json!({ (NETWORKS): [{"name": name}] });
    Ok(Response::success(format!("{} shared network successfully set.", protocol::<L>())).with(done))
}

/// A list of one map at the top of a configuration.
pub(super) fn top(keyword: &str, map: &JsonMap) -> JsonMap {
    let mut map = map.clone();
    map.remove("metadata");
    [(keyword.to_owned(), json!([map]))].into_iter().collect()
}

pub(super) async fn delete_network<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &[NETWORKS, "subnets-action"])?;
    let name = text(asked.one(NETWORKS)?, "name")?;
    let subnets = asked.word("subnets-action", &["keep", "delete"])? == "delete";
    let mut connection = module.connect(asked).await?;
    let count = of::<L>(&mut connection).delete_network(name, subnets).await.map_err(failed)?;
    Ok(gone(&format!("{} shared network(s)", protocol::<L>()), count))
}

pub(super) async fn get_network<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &[NETWORKS, "subnets-include"])?;
    let name = text(asked.one(NETWORKS)?, "name")?;
    let full = asked.word("subnets-include", &["no", "full"])? == "full";
    let mut connection = module.connect(asked).await?;
    let mut objects = of::<L>(&mut connection);
    let mut networks = objects.networks(Some(name), &For::Anybody).await.map_err(failed)?;
    for network in networks.iter_mut().filter(|_| full) {
        let subnets =
            objects.subnets(Some(&Which::Network(name.to_owned())), &For::Anybody).await.map_err(failed)?;
        let subnets: Vec<_> = subnets.into_iter().map(shown::whole_subnet::<L>).collect();
        network.insert(L::SUBNETS.to_owned(), json!(subnets));
    }
    let networks = networks.into_iter().map(shown::whole).collect();
    let what = format!("{} shared network '{name}'", protocol::<L>());
    Ok(found_one(&what, NETWORKS, named::<L>(module, networks)))
}

pub(super) async fn list_networks<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["server-tags"])?;
    let servers = asked.servers()?;
    let mut connection = module.connect(asked).await?;
    let networks = of::<L>(&mut connection).list_networks(&servers).await.map_err(failed)?;
    Ok(found(format!("{} {} shared network(s) found.", networks.len(), protocol::<L>()), NETWORKS, networks))
}

pub(super) async fn set_subnet<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["subnets", "server-tags"])?;
    let (subnet, tags) = (asked.one("subnets")?, asked.tags()?);
    let prefix = prefix(subnet)?;
    complete(subnet, &["id"])?;
    let id = number(subnet, "id")?;
    let network = match subnet.get("shared-network-name") {
        None => return Err("'shared-network-name' parameter is mandatory for the subnet".to_owned()),
        Some(Json::Null) => None,
        Some(Json::String(none)) if none.is_empty() => None,
        Some(name) => Some(name.as_str().ok_or("'shared-network-name' must be a string or null")?),
    };
    let mut written = subnet.clone();
    written.remove("metadata");
    written.remove("shared-network-name");
    let mut connection = module.connect(asked).await?;
    let around = around::<L>(&mut connection, &For::Tags(tags.clone())).await?;
    let root = match network {
        None => top(L::SUBNETS, &written),
        Some(name) => {
            let network: JsonMap =
                [("name".to_owned(), json!(name)), (L::SUBNETS.to_owned(), json!([written]))]
                    .into_iter()
                    .collect();
            top(NETWORKS, &network)
        }
    };
    let judged = Judged::<L>::of(asked.command, &around, root)?;
    let mut kept = judged.subnet(&written, network.is_some());
    kept.insert("shared-network-name".to_owned(), json!(network));
    of::<L>(&mut connection).set_subnet(&kept, &tags).await.map_err(failed)?;
    let done = json!({"subnets": [{"id": id, "subnet": prefix}]});
    Ok(Response::success(format!("{} subnet successfully set.", protocol::<L>())).with(done))
}

/// The prefix of a subnet that is set.
fn prefix(subnet: &JsonMap) -> Result<&str, String> {
    let wrong = |why: &str| format!("subnet configuration failed: {why}");
    let Some(prefix) = subnet.get("subnet") else {
        return Err(wrong("mandatory 'subnet' parameter is missing for a subnet being configured"));
    };
    let prefix = prefix.as_str().ok_or("'subnet' parameter is not a string")?;
    match prefix.split_once('/') {
        Some((address, length)) if !address.is_empty() && !length.is_empty() => Ok(prefix),
        _ => Err(wrong(&format!("Invalid subnet syntax (prefix/len expected):{prefix}"))),
    }
}

fn by_id(asked: Asked<'_>) -> Result<Which, String> {
    number(asked.one("subnets")?, "id").map(Which::Id)
}

fn by_prefix(asked: Asked<'_>) -> Result<Which, String> {
    Ok(Which::Prefix(text(asked.one("subnets")?, "subnet")?.to_owned()))
}

pub(super) async fn delete_subnet_by_id<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    delete_subnet(module, request, by_id).await
}

pub(super) async fn delete_subnet_by_prefix<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    delete_subnet(module, request, by_prefix).await
}

async fn delete_subnet<L: Remoted>(
    module: &CbCmds<L>,
    request: &Request,
    which: fn(Asked<'_>) -> Result<Which, String>,
) -> Done {
    let asked = Asked::of(request, &["subnets"])?;
    let which = which(asked)?;
    let mut connection = module.connect(asked).await?;
    let count = of::<L>(&mut connection).delete_subnet(&which).await.map_err(failed)?;
    Ok(gone(&format!("{} subnet(s)", protocol::<L>()), count))
}

pub(super) async fn get_subnet_by_id<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    get_subnet(module, request, by_id).await
}

pub(super) async fn get_subnet_by_prefix<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    get_subnet(module, request, |asked| {
        let which = by_prefix(asked)?;
        match &which {
            Which::Prefix(prefix) if !is_prefix::<L>(prefix) => {
                let kind = if is_v4::<L>() { "" } else { "IPv6 " };
                Err(format!("unable to parse invalid {kind}prefix {prefix}"))
            }
            _ => Ok(which),
        }
    })
    .await
}

/// Whether there may be subnets of this prefix.
fn is_prefix<L: Remoted>(prefix: &str) -> bool {
    let Some((address, length)) = prefix.split_once('/') else { return false };
    let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u8>()) else { return false };
    match address {
        IpAddr::V4(_) => is_v4::<L>() && length <= 32,
        IpAddr::V6(address) => !is_v4::<L>() && length <= 128 && !address.is_unspecified(),
    }
}

async fn get_subnet<L: Remoted>(
    module: &CbCmds<L>,
    request: &Request,
    which: fn(Asked<'_>) -> Result<Which, String>,
) -> Done {
    let asked = Asked::of(request, &["subnets"])?;
    let which = which(asked)?;
    let mut connection = module.connect(asked).await?;
    let subnets = of::<L>(&mut connection).subnets(Some(&which), &For::Anybody).await.map_err(failed)?;
    let subnets = subnets.into_iter().map(shown::whole_subnet::<L>).collect();
    let what = match which {
        Which::Id(id) => id.to_string(),
        Which::Prefix(prefix) | Which::Network(prefix) => prefix,
    };
    let what = format!("{} subnet {what}", protocol::<L>());
    Ok(found_one(&what, "subnets", named::<L>(module, subnets)))
}

pub(super) async fn list_subnets<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["server-tags"])?;
    let servers = asked.servers()?;
    let mut connection = module.connect(asked).await?;
    let subnets = of::<L>(&mut connection).list_subnets(&servers).await.map_err(failed)?;
    Ok(found(format!("{} {} subnet(s) found.", subnets.len(), protocol::<L>()), "subnets", subnets))
}

pub(super) async fn set_class<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["client-classes", "follow-class-name", "server-tags"])?;
    let (class, tags) = (asked.one("client-classes")?, asked.tags()?);
    complete(class, &["name"])?;
    let name = text(class, "name")?;
    let follows = match asked.get("follow-class-name") {
        None | Some(Json::Null) => None,
        Some(follows) => Some(follows.as_str().ok_or("'follow-class-name' must be a string or null")?),
    };
    let mut connection = module.connect(asked).await?;
    let around = around::<L>(&mut connection, &For::Tags(tags.clone())).await?;
    // Only what comes before it can be depended on.
    let named = |it: &JsonMap, name: &str| it.get("name").and_then(Json::as_str) == Some(name);
    let place = match follows {
        Some(follows) => match around.classes.iter().position(|it| named(it, follows)) {
            Some(at) => at + 1,
            None => return Err(format!("Class {follows} does not exist.")),
        },
        None => around.classes.iter().position(|it| named(it, name)).unwrap_or(around.classes.len()),
    };
    let earlier: Vec<_> = around.classes[..place].iter().filter(|it| !named(it, name)).cloned().collect();
    let mut root = super::judged::plain(&earlier);
    let mut written = class.clone();
    written.remove("metadata");
    root.push(Json::Object(written.clone()));
    let root = [("client-classes".to_owned(), Json::Array(root))].into_iter().collect();
    let judged = Judged::<L>::of(asked.command, &around, root)?;
    let among: Vec<_> =
        earlier.iter().filter_map(|it| it.get("name").and_then(Json::as_str).map(str::to_owned)).collect();
    let (kept, depends_on) = judged.class(&written, name, &among);
    of::<L>(&mut connection).set_class(&kept, follows, &depends_on, &tags).await.map_err(failed)?;
    let done = json!({"client-classes": [{"name": name}]});
    Ok(Response::success(format!("{} client class successfully set.", L::PROTOCOL)).with(done))
}

pub(super) async fn delete_class<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["client-classes"])?;
    let name = text(asked.one("client-classes")?, "name")?;
    let mut connection = module.connect(asked).await?;
    let count = of::<L>(&mut connection).delete_class(name).await.map_err(failed)?;
    Ok(gone(&format!("{} client class(es)", L::PROTOCOL), count))
}

pub(super) async fn get_class<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["client-classes"])?;
    let name = text(asked.one("client-classes")?, "name")?;
    let mut connection = module.connect(asked).await?;
    let classes = of::<L>(&mut connection).classes(Some(name), &For::Anybody).await.map_err(failed)?;
    let classes = classes.into_iter().map(shown::whole_class::<L>).collect();
    let what = format!("{} client class '{name}'", L::PROTOCOL);
    Ok(found_one(&what, "client-classes", named::<L>(module, classes)))
}

pub(super) async fn get_classes<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["server-tags"])?;
    let servers = asked.servers()?;
    let mut connection = module.connect(asked).await?;
    let classes = of::<L>(&mut connection).classes(None, &servers).await.map_err(failed)?;
    let text = format!("{} {} client class(es) found.", classes.len(), L::PROTOCOL);
    let classes = classes.into_iter().map(shown::whole_class::<L>).collect();
    Ok(found(text, "client-classes", named::<L>(module, classes)))
}

/// Objects whose options have the names that the server knows them by.
pub(super) fn named<L: Remoted>(module: &CbCmds<L>, mut objects: Vec<JsonMap>) -> Vec<JsonMap> {
    if let Some(server) = module.server.get() {
        let serving = server.serving();
        let definitions = L::definitions(serving.config());
        objects.iter_mut().for_each(|object| super::options::name_within::<L>(definitions, object));
    }
    objects
}
