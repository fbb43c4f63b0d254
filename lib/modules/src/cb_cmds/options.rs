//! Options and their definitions.

use kotare_control::{Request, Response};
use kotare_options::Definitions;
use kotare_store_sql::Connection;
use kotare_store_sql::objects::{For, Place};
use serde_json::{Map, Value as Json, json};

use super::arguments::{Asked, complete, number, text};
use super::judged::{Judged, Remoted};
use super::objects::{around, failed, found, found_one, gone, named, top};
use super::{CbCmds, of};
use crate::tree::NETWORKS;

type Done = Result<Response, String>;
type JsonMap = Map<String, Json>;

const DEFINITIONS: &str = "option-defs";

/// `code` and `space` of what is meant.
fn key<L: Remoted>(map: &JsonMap) -> Result<(i64, &str), String> {
    let space = if map.contains_key("space") { text(map, "space")? } else { L::SPACE };
    Ok((number(map, "code")?, space))
}

pub(super) async fn set_definition<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &[DEFINITIONS, "server-tags"])?;
    let (definition, tags) = (asked.one(DEFINITIONS)?, asked.tag()?);
    complete(definition, &["name", "code", "type"])?;
    let mut connection = module.connect(asked).await?;
    let around = around::<L>(&mut connection, &For::Tags(tags.clone())).await?;
    let judged = Judged::<L>::of(asked.command, &around, top("option-def", definition));
    let judged = judged.map_err(|reason| standard(definition, L::SPACE, reason))?.definition();
    of::<L>(&mut connection).set_definition(&judged, &tags).await.map_err(failed)?;
    let done = json!({ (DEFINITIONS): [{"code": judged["code"], "space": judged["space"]}] });
    Ok(Response::success(format!("{} option definition successfully set.", L::PROTOCOL)).with(done))
}

/// Why there can be no such definition: in a word, where the protocol has it.
fn standard(definition: &JsonMap, space: &str, reason: String) -> String {
    match reason.contains("unable to override the standard option") {
        true => format!("an option with code {} already exists in space '{space}'", definition["code"]),
        false => reason,
    }
}

pub(super) async fn delete_definition<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &[DEFINITIONS, "server-tags"])?;
    let (definition, tags) = (asked.one(DEFINITIONS)?, asked.tag()?);
    if definition.contains_key("name") {
        return Err("spurious 'name' parameter".to_owned());
    }
    let (code, space) = key::<L>(definition)?;
    let force = match definition.get("force") {
        None => false,
        Some(force) => force.as_bool().ok_or("invalid type specified for parameter 'force'")?,
    };
    let mut connection = module.connect(asked).await?;
    let count =
        of::<L>(&mut connection).delete_definition(code, space, force, &tags).await.map_err(failed)?;
    Ok(gone(&format!("{} option definition(s)", L::PROTOCOL), count))
}

pub(super) async fn get_definition<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &[DEFINITIONS, "server-tags"])?;
    let (definition, tags) = (asked.one(DEFINITIONS)?, asked.tag()?);
    let (code, space) = key::<L>(definition)?;
    let mut connection = module.connect(asked).await?;
    let mut definitions = of::<L>(&mut connection).definitions(&For::Tags(tags)).await.map_err(failed)?;
    definitions.retain(|it| it["code"] == code && it["space"] == space);
    let what = format!("{} option definition {code} in '{space}'", L::PROTOCOL);
    Ok(found_one(&what, DEFINITIONS, definitions))
}

pub(super) async fn get_definitions<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["server-tags"])?;
    let tags = asked.tag()?;
    let mut connection = module.connect(asked).await?;
    let mut definitions = of::<L>(&mut connection).definitions(&For::Tags(tags)).await.map_err(failed)?;
    let space = |it: &JsonMap| it.get("space").and_then(Json::as_str).map(str::to_owned);
    definitions.sort_by_key(space);
    let text = format!("{} {} option definition(s) found.", definitions.len(), L::PROTOCOL);
    Ok(found(text, DEFINITIONS, definitions))
}

pub(super) async fn set_global<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["options", "server-tags"])?;
    let (option, tags) = (to_set(asked)?, asked.tag()?);
    let mut connection = module.connect(asked).await?;
    let around = around::<L>(&mut connection, &For::Tags(tags.clone())).await?;
    let judged = Judged::<L>::of(asked.command, &around, top("option-data", option))?.global_option();
    of::<L>(&mut connection).set_option(&Place::Global, &judged, &tags).await.map_err(failed)?;
    Ok(set::<L>(&judged))
}

/// The option that is to be set, which says what it is.
fn to_set(asked: Asked<'_>) -> Result<&JsonMap, String> {
    let option = asked.one("options")?;
    match (option.get("code"), option.get("name")) {
        (Some(code), _) if !code.is_i64() => Err("'code' parameter is not an integer".to_owned()),
        (_, Some(name)) if !name.is_string() => Err("'name' parameter is not a string".to_owned()),
        (None, None) => {
            Err("option data configuration requires one of 'code' or 'name' parameters to be specified"
                .to_owned())
        }
        _ => Ok(option),
    }
}

/// The answer when an option was set.
fn set<L: Remoted>(option: &JsonMap) -> Response {
    let classes = option.get("client-classes").cloned().unwrap_or_else(|| json!([]));
    let done =
        json!({"options": [{"code": option["code"], "space": option["space"], "client-classes": classes}]});
    Response::success(format!("{} option successfully set.", L::PROTOCOL)).with(done)
}

pub(super) async fn delete_global<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["options", "server-tags"])?;
    let tags = asked.tag()?;
    let mut connection = module.connect(asked).await?;
    delete::<L>(&mut connection, asked, &Place::Global, &tags).await
}

async fn delete<L: Remoted>(
    connection: &mut Connection,
    asked: Asked<'_>,
    place: &Place,
    tags: &[String],
) -> Done {
    let option = asked.one("options")?;
    let (code, space) = key::<L>(option)?;
    let classes = classes(option)?;
    let count =
        of::<L>(connection).delete_options(place, code, space, classes, tags).await.map_err(failed)?;
    Ok(gone(&format!("{} option(s)", L::PROTOCOL), count))
}

/// The classes that an option is told by, if it is.
fn classes(option: &JsonMap) -> Result<Option<&[Json]>, String> {
    match option.get("client-classes") {
        None => Ok(None),
        Some(Json::Array(classes)) if classes.iter().all(Json::is_string) => Ok(Some(classes)),
        Some(_) => Err("'client-classes' must be a list of strings".to_owned()),
    }
}

pub(super) async fn get_global<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["options", "server-tags"])?;
    let (option, tags) = (asked.one("options")?, asked.tag()?);
    let (code, space) = key::<L>(option)?;
    let classes = classes(option)?;
    let mut connection = module.connect(asked).await?;
    let mut options = of::<L>(&mut connection).global_options(&For::Tags(tags)).await.map_err(failed)?;
    options.retain(|it| {
        let own = it.get("client-classes").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        it["code"] == code && it["space"] == space && classes.is_none_or(|classes| classes == own)
    });
    options.truncate(1);
    let what = format!("{} option {code} in '{space}'", L::PROTOCOL);
    Ok(found_one(&what, "options", named::<L>(module, options)))
}

pub(super) async fn get_globals<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    let asked = Asked::of(request, &["server-tags"])?;
    let tags = asked.tag()?;
    let mut connection = module.connect(asked).await?;
    let options = of::<L>(&mut connection).global_options(&For::Tags(tags)).await.map_err(failed)?;
    let text = format!("{} {} option(s) found.", options.len(), L::PROTOCOL);
    Ok(found(text, "options", named::<L>(module, options)))
}

/// Where an option of a command is to lie.
#[derive(Clone, Copy)]
enum In {
    Network,
    Subnet,
    Pool,
    PdPool,
}

impl In {
    fn keyword(self) -> &'static str {
        match self {
            Self::Network => NETWORKS,
            Self::Subnet => "subnets",
            Self::Pool => "pools",
            Self::PdPool => "pd-pools",
        }
    }

    /// The place, if it is in the database.
    async fn find<L: Remoted>(self, connection: &mut Connection, asked: Asked<'_>) -> Result<Place, String> {
        let map = asked.one(self.keyword())?;
        let mut objects = of::<L>(connection);
        let place = match self {
            Self::Network => Place::Network(text(map, "name")?.to_owned()),
            Self::Subnet => Place::Subnet(number(map, "id")?),
            Self::Pool => objects.pool_of(text(map, "pool")?).await.map_err(failed)?,
            Self::PdPool => {
                let length = if map.contains_key("length") { "length" } else { "prefix-len" };
                objects.pd_pool_of(text(map, "prefix")?, number(map, length)?).await.map_err(failed)?
            }
        };
        objects.is_there(&place).await.map_err(failed)?;
        Ok(place)
    }
}

async fn set_in<L: Remoted>(module: &CbCmds<L>, request: &Request, within: In) -> Done {
    let asked = Asked::of(request, &[within.keyword(), "options"])?;
    let option = to_set(asked)?;
    let mut connection = module.connect(asked).await?;
    let place = within.find::<L>(&mut connection, asked).await?;
    // Other servers may define otherwise what the option is called.
    let tags = of::<L>(&mut connection).tags_around(&place).await.map_err(failed)?;
    let around = around::<L>(&mut connection, &For::Tags(tags)).await?;
    let network = json!({"name": "of the command", "option-data": [option]});
    let network = network.as_object().cloned().unwrap_or_default();
    let judged = Judged::<L>::of(asked.command, &around, top(NETWORKS, &network))?.option();
    of::<L>(&mut connection).set_option(&place, &judged, &[]).await.map_err(failed)?;
    Ok(set::<L>(&judged))
}

async fn delete_in<L: Remoted>(module: &CbCmds<L>, request: &Request, within: In) -> Done {
    let asked = Asked::of(request, &[within.keyword(), "options"])?;
    let mut connection = module.connect(asked).await?;
    let place = within.find::<L>(&mut connection, asked).await?;
    delete::<L>(&mut connection, asked, &place, &[]).await
}

pub(super) async fn set_in_network<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    set_in(module, request, In::Network).await
}

pub(super) async fn delete_in_network<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    delete_in(module, request, In::Network).await
}

pub(super) async fn set_in_subnet<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    set_in(module, request, In::Subnet).await
}

pub(super) async fn delete_in_subnet<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    delete_in(module, request, In::Subnet).await
}

pub(super) async fn set_in_pool<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    set_in(module, request, In::Pool).await
}

pub(super) async fn delete_in_pool<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    delete_in(module, request, In::Pool).await
}

pub(super) async fn set_in_pd_pool<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    set_in(module, request, In::PdPool).await
}

pub(super) async fn delete_in_pd_pool<L: Remoted>(module: &CbCmds<L>, request: &Request) -> Done {
    delete_in(module, request, In::PdPool).await
}

/// Gives options of an object, and of what lies in it, the names that they are known by.
pub(super) fn name_within<L: Remoted>(definitions: &Definitions, object: &mut JsonMap) {
    let code = object.get("code").and_then(Json::as_u64).and_then(|code| u16::try_from(code).ok());
    if let (Some(code), Some(space), true) =
        (code, object.get("space").and_then(Json::as_str), object.contains_key("data"))
        && let Some(definition) = definitions.by_code(space, code)
    {
        object.insert("name".to_owned(), json!(definition.name));
    }
    for keyword in ["option-data", "pools", "pd-pools", L::SUBNETS] {
        let lists = object.get_mut(keyword).and_then(Json::as_array_mut);
        for inner in lists.into_iter().flatten().filter_map(Json::as_object_mut) {
            name_within::<L>(definitions, inner);
        }
    }
}
