//! The configuration as `config-get` shows it: what is written, with what follows from it.

use std::collections::BTreeSet;

use kotare_model::Hex;
use kotare_options::{DHCP4_SPACE, DataType, Definitions};
use serde_json::{Map, Value as Json, json};

use super::normal_text::{bytes, pool_text};
use super::table::{Inherits, Scalar, Shown, Table, Type};
use super::tables;
use crate::json::Value;

/// What `config-get` answers for the configuration `root`, without `hash`.
///
/// `root` is valid and in the keywords of today; `definitions` are those of its options. Defaults are filled in and
/// parameters inherited to the places where Kea 3.3 shows them, comments go into user contexts, keys are sorted.
pub fn config_get(root: &Value, definitions: &Definitions) -> Json {
    let normal = Normal { definitions };
    let mut filled = Json::Object(normal.fill(&tables::TOP, Some(root), None));
    filled.sort_all_objects();
    filled
}

struct Normal<'a> {
    definitions: &'a Definitions,
}

impl Normal<'_> {
    /// The map `value` of `table` with all that is shown; `outer` is the map from which it inherits.
    fn fill(
        &self,
        table: &Table,
        value: Option<&Value>,
        outer: Option<&Map<String, Json>>,
    ) -> Map<String, Json> {
        let mut map = Map::new();
        let is_global = table.name == tables::DHCP4.name;
        for param in table.params().filter(|param| !matches!(param.is, Type::Map(_) | Type::Maps(_))) {
            let written = value.and_then(|value| value.get(param.keyword));
            let inherited = || match param.inherits {
                Inherits::Openly => outer.and_then(|outer| outer.get(param.keyword)).cloned(),
                _ => None,
            };
            let default = match param.inherits {
                Inherits::No => param.default,
                _ if is_global => param.default,
                _ => None,
            };
            let is_different =
                |json: &Json| !is_empty(json) && default.is_none_or(|default| default.json() != *json);
            let shown = match (written.map(Value::to_json).or_else(inherited), param.shown) {
                (Some(json), Shown::Different) => is_different(&json).then_some(json),
                (Some(json), _) => Some(json),
                (None, Shown::Different | Shown::Written) => None,
                (None, Shown::Always) if default.is_none() => Some(json!([])),
                (None, _) => default.map(Scalar::json),
            };
            if let Some(json) = shown {
                map.insert(param.keyword.to_owned(), json);
            }
        }
        if table.open {
            for entry in
                value.into_iter().flat_map(Value::entries).filter(|entry| table.param(&entry.key).is_none())
            {
                map.insert(entry.key.as_str().to_owned(), entry.value.to_json());
            }
        }
        // Lists of maps come last: their items inherit from the rest.
        let maps = table.params().filter(|param| matches!(param.is, Type::Map(_)));
        let lists = table.params().filter(|param| matches!(param.is, Type::Maps(_)));
        for param in maps.chain(lists) {
            let written = value.and_then(|value| value.get(param.keyword));
            let inherited = || outer.and_then(|outer| outer.get(param.keyword)).cloned();
            let json = match (param.is, written) {
                (_, None) if param.inherits == Inherits::Openly && inherited().is_some() => inherited(),
                (_, None) if param.shown != Shown::Always => None,
                (Type::Map(inner), written) => Some(Json::Object(self.fill(inner, written, None))),
                (Type::Maps(inner), Some(list)) => Some(
                    list.items()
                        .iter()
                        .map(|item| Json::Object(self.fill(inner, Some(item), Some(&map))))
                        .collect(),
                ),
                _ => Some(json!([])),
            };
            if let Some(json) = json.filter(|json| param.shown != Shown::Different || !is_empty(json)) {
                map.insert(param.keyword.to_owned(), json);
            }
        }
        self.finish(table, &mut map);
        map
    }

    /// What the rows of the tables do not say.
    fn finish(&self, table: &Table, map: &mut Map<String, Json>) {
        comment_into_context(map);
        match table.name {
            "Dhcp4" => finish_global(map),
            "shared-networks" | "subnet4" => finish_network(map),
            "pools" => map_text(map, "pool", pool_text),
            "client-classes" => finish_class(map),
            "reservations" => finish_reservation(map),
            "option-data" => self.finish_option(map),
            "option-def" => map_text(map, "record-types", |types| {
                Some(
                    types
                        .split(',')
                        .map(str::trim)
                        .filter(|name| !name.is_empty())
                        .collect::<Vec<_>>()
                        .join(", "),
                )
            }),
            "interfaces-config" => finish_interfaces(map),
            "lease-database" | "hosts-databases" | "config-databases" => {
                map.retain(|_, value| value.as_str() != Some(""));
            }
            "dhcp-ddns" => {
                let is_v6 =
                    map.get("server-ip").and_then(Json::as_str).is_some_and(|address| address.contains(':'));
                if map.get("sender-ip").is_none_or(is_empty) {
                    map.insert("sender-ip".to_owned(), if is_v6 { "::" } else { "0.0.0.0" }.into());
                }
            }
            "output-options" => {
                let output = map.get("output").and_then(Json::as_str).unwrap_or_default();
                if ["stdout", "stderr", "syslog"].contains(&output) || output.starts_with("syslog:") {
                    map.remove("maxsize");
                    map.remove("maxver");
                }
            }
            _ => {}
        }
    }

    /// Name and code of an option, and its data as text or in hexadecimal.
    fn finish_option(&self, map: &mut Map<String, Json>) {
        let text = |keyword| map.get(keyword).and_then(Json::as_str);
        let space = text("space").unwrap_or(DHCP4_SPACE);
        let code = map.get("code").and_then(Json::as_u64).and_then(|code| u16::try_from(code).ok());
        let definition = match (code, text("name")) {
            (Some(code), _) => self.definitions.by_code(space, code),
            (None, Some(name)) => self.definitions.by_name(space, name),
            (None, None) => None,
        };
        let has_data = map.contains_key("data");
        let is_cancelled = map.get("never-send") == Some(&Json::Bool(true)) && !has_data;
        let is_text = definition.is_some() && map.get("csv-format") != Some(&Json::Bool(false));
        let data = match definition {
            Some(definition) if definition.data_type == DataType::Empty => Some(String::new()),
            _ if is_text => text("data").map(str::to_owned),
            _ => text("data").and_then(bytes).map(|bytes| format!("{:X}", Hex(&bytes))),
        };
        if let Some(definition) = definition {
            map.insert("name".to_owned(), definition.name.as_ref().into());
            map.insert("code".to_owned(), definition.code.into());
        }
        if is_cancelled {
            map.remove("csv-format");
            return;
        }
        // An option without data has nothing that could be text.
        let is_text = is_text && data.as_deref().is_some_and(|data| !data.is_empty());
        map.insert("csv-format".to_owned(), is_text.into());
        map.insert("data".to_owned(), data.unwrap_or_default().into());
    }
}

impl Scalar {
    fn json(self) -> Json {
        match self {
            Self::Bool(truth) => truth.into(),
            Self::Int(number) => number.into(),
            Self::Real(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::Texts(texts) => texts.into(),
        }
    }
}

fn finish_global(map: &mut Map<String, Json>) {
    // A queue of packets before the threads' own ones would serve nothing: Kea shows it as off.
    if map.get("multi-threading").and_then(|it| it.get("enable-multi-threading")) != Some(&Json::Bool(false))
        && let Some(Json::Object(queue)) = map.get_mut("dhcp-queue-control")
    {
        queue.insert("enable-queue".to_owned(), false.into());
    }
    if let Some(Json::Array(sockets)) = map.get_mut("control-sockets") {
        sockets.sort_by_key(|socket| socket.get("socket-type").and_then(Json::as_str) != Some("unix"));
    }
    number_subnets(map);
}

/// Gives subnets without id the lowest free ones, those in shared networks first, as they are resolved; sorts all.
fn number_subnets(map: &mut Map<String, Json>) {
    let mut used = BTreeSet::new();
    let mut collect = |subnet: &mut Map<String, Json>| {
        used.extend(id(subnet));
    };
    each_subnet(map, &mut collect);
    let mut free = (1..=u32::MAX).filter(|id| !used.contains(id));
    each_subnet(map, &mut |subnet| {
        if id(subnet).is_none() {
            subnet.insert("id".to_owned(), free.next().into());
        }
    });
    if let Some(Json::Array(networks)) = map.get_mut("shared-networks") {
        networks.iter_mut().filter_map(Json::as_object_mut).for_each(sort_subnets);
    }
    sort_subnets(map);
}

fn each_subnet(map: &mut Map<String, Json>, visit: &mut dyn FnMut(&mut Map<String, Json>)) {
    if let Some(Json::Array(networks)) = map.get_mut("shared-networks") {
        networks.iter_mut().filter_map(Json::as_object_mut).for_each(|network| each_subnet(network, visit));
    }
    if let Some(Json::Array(subnets)) = map.get_mut("subnet4") {
        subnets.iter_mut().filter_map(Json::as_object_mut).for_each(visit);
    }
}

/// The written id of a subnet; 0 is none.
fn id(subnet: &Map<String, Json>) -> Option<u32> {
    subnet.get("id")?.as_u64().and_then(|id| u32::try_from(id).ok()).filter(|id| *id != 0)
}

fn finish_network(map: &mut Map<String, Json>) {
    if let Some([min, default, max]) = lifetimes(map) {
        map.insert("min-valid-lifetime".to_owned(), min);
        map.insert("valid-lifetime".to_owned(), default);
        map.insert("max-valid-lifetime".to_owned(), max);
    }
    map_text(map, "subnet", |text| Some(text.replace([' ', '\t'], "")));
}

fn finish_class(map: &mut Map<String, Json>) {
    if let Some([min, default, max]) = lifetimes(map) {
        for (keyword, value, shown) in [
            ("min-valid-lifetime", &min, min.as_i64() < default.as_i64()),
            ("valid-lifetime", &default, true),
            ("max-valid-lifetime", &max, max.as_i64() > default.as_i64()),
        ] {
            map.remove(keyword);
            if shown {
                map.insert(keyword.to_owned(), value.clone());
            }
        }
    }
}

fn finish_reservation(map: &mut Map<String, Json>) {
    for keyword in ["hw-address", "duid"] {
        map_text(map, keyword, |text| bytes(text).map(|bytes| Hex(&bytes).to_string()));
    }
    for keyword in ["client-id", "circuit-id", "flex-id"] {
        map_text(map, keyword, |text| bytes(text).map(|bytes| format!("{:X}", Hex(&bytes))));
    }
}

fn finish_interfaces(map: &mut Map<String, Json>) {
    if let Some(Json::Array(interfaces)) = map.get_mut("interfaces") {
        interfaces.sort_by_key(|interface| {
            let name = interface.as_str().unwrap_or_default();
            (name != "*", name.contains('/'), name.to_owned())
        });
    }
    if !map.contains_key("service-sockets-max-retries") {
        map.remove("service-sockets-retry-wait-time");
    }
}

/// The shortest, usual and longest lifetime when one of them is known: what is missing is as the others.
fn lifetimes(map: &Map<String, Json>) -> Option<[Json; 3]> {
    let get = |keyword| map.get(keyword).cloned();
    let (min, default, max) = (get("min-valid-lifetime"), get("valid-lifetime"), get("max-valid-lifetime"));
    let default = default.or_else(|| min.clone()).or_else(|| max.clone())?;
    Some([min.unwrap_or_else(|| default.clone()), default.clone(), max.unwrap_or(default)])
}

fn sort_subnets(map: &mut Map<String, Json>) {
    if let Some(Json::Array(subnets)) = map.get_mut("subnet4") {
        subnets.sort_by_key(|subnet| subnet.get("id").and_then(Json::as_i64));
    }
}

/// A `comment` is part of the user context.
fn comment_into_context(map: &mut Map<String, Json>) {
    if let Some(comment) = map.remove("comment") {
        let context = map.entry("user-context").or_insert_with(|| json!({}));
        if let Json::Object(context) = context {
            context.insert("comment".to_owned(), comment);
        }
    }
}

/// Gives the string of `keyword` the form that `normal` finds for it.
fn map_text(map: &mut Map<String, Json>, keyword: &str, normal: impl Fn(&str) -> Option<String>) {
    if let Some(value) = map.get_mut(keyword)
        && let Some(text) = value.as_str().and_then(normal)
    {
        *value = text.into();
    }
}

fn is_empty(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.is_empty(),
        Json::Object(object) => object.is_empty(),
        Json::String(text) => text.is_empty(),
        _ => false,
    }
}
