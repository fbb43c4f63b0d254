//! Where a part of a configuration may be meant to stand.

use kotare_config::json::{Diagnostics, Value, from_json};
use kotare_tests::manual::Block;
use serde_json::{Map, Value as Json, json};

use crate::judge;

/// Makes whole configurations of parts, with what a chapter has defined before.
#[derive(Default)]
pub(crate) struct Places {
    chapter: String,
    /// Options that the chapter has defined, the latest of each code.
    definitions: Vec<Json>,
}

impl Places {
    /// What is wrong with `value`, a block, in the best of all places.
    pub(crate) fn judge(&mut self, block: &Block, value: &Value) -> Result<(), String> {
        if self.chapter != block.chapter {
            *self = Self { chapter: block.chapter.clone(), definitions: Vec::new() };
        }
        let (json, places) = match value.get("Dhcp4") {
            Some(dhcp4) if judge(value.clone()).is_err() => {
                let mut dhcp4 = dhcp4.to_json();
                self.define(&mut dhcp4);
                if block.is_shortened {
                    complete(&mut dhcp4);
                }
                (dhcp4.clone(), vec![("Dhcp4", dhcp4)])
            }
            Some(dhcp4) => {
                self.learn(&dhcp4.to_json());
                return Ok(());
            }
            None => (value.to_json(), self.places(&value.to_json())),
        };
        self.learn(&json);
        let mut reasons = Vec::new();
        for (place, dhcp4) in places {
            match judge(whole(&block.place, dhcp4)) {
                Ok(()) => return Ok(()),
                Err(reason) => reasons.push(format!("{place}: {reason}")),
            }
        }
        // The place where the least is unknown is the one that was meant.
        reasons.sort_by_key(|reason| (reason.matches("unknown keyword").count(), reason.lines().count()));
        Err(reasons.into_iter().next().unwrap_or_else(|| "there is no place for it".into()))
    }

    /// The whole configurations that have `part` somewhere.
    fn places(&self, part: &Json) -> Vec<(&'static str, Json)> {
        let items = match part {
            Json::Array(items) => items.clone(),
            other => vec![other.clone()],
        };
        let maps = |around: &dyn Fn(Vec<Json>) -> Json, needed: Json| {
            let filled = items.iter().enumerate().map(|(at, item)| {
                let mut map = needed.as_object().cloned().unwrap_or_default();
                if map.contains_key("id") {
                    map["id"] = (at + 1).into();
                    map["subnet"] = format!("{}.0.0.0/8", at + 1).into();
                }
                map.extend(item.as_object().cloned().unwrap_or_default());
                Json::Object(map)
            });
            around(filled.collect())
        };
        let any = json!({"id": 1, "subnet": "0.0.0.0/0"});
        let within = |keyword: &str, items: Vec<Json>| {
            let mut subnet = any.clone();
            subnet[keyword] = items.into();
            json!({"subnet4": [subnet]})
        };
        let mut places = Vec::new();
        if part.is_object() {
            places.push(("Dhcp4", part.clone()));
            places.push(("subnet4", maps(&|items| json!({"subnet4": items}), any.clone())));
            places
                .push(("subnet4", maps(&|items| json!({"subnet4": items}), json!({"id": 1, "subnet": ""}))));
        }
        places.extend([
            ("subnet4", json!({"subnet4": items})),
            ("shared-networks", maps(&|items| json!({"shared-networks": items}), json!({"name": "x"}))),
            ("pools", within("pools", items.clone())),
            ("reservations", within("reservations", items.clone())),
            ("option-data", json!({"option-data": items})),
            ("option-def", json!({"option-def": items})),
            ("client-classes", json!({"client-classes": items})),
            ("hooks-libraries", json!({"hooks-libraries": items})),
            ("control-sockets", json!({"control-sockets": items})),
            ("interfaces-config", json!({"interfaces-config": part})),
            ("dhcp-ddns", json!({"dhcp-ddns": part})),
            ("dhcp-queue-control", json!({"dhcp-queue-control": part})),
            ("lease-database", json!({"lease-database": part})),
            (
                "option-data",
                maps(&|items| json!({"option-data": items}), json!({"name": "domain-name", "data": "a"})),
            ),
        ]);
        if part.get("parameters").is_some() && part.get("library").is_none() {
            places.push(("parameters", json!({"hooks-libraries": with_library(&self.chapter, part)})));
        }
        for (_, dhcp4) in &mut places {
            self.define(dhcp4);
        }
        places
    }

    /// Adds what the chapter has defined, but for what is defined again.
    pub(crate) fn define(&self, dhcp4: &mut Json) {
        let Some(map) = dhcp4.as_object_mut() else { return };
        let own = definitions_of(map);
        let code = |definition: &Json| (definition["space"].clone(), definition["code"].clone());
        let name = |definition: &Json| (definition["space"].clone(), definition["name"].clone());
        let others = self
            .definitions
            .iter()
            .filter(|known| own.iter().all(|own| code(own) != code(known) && name(own) != name(known)));
        let all: Vec<Json> = own.iter().chain(others).cloned().collect();
        if !all.is_empty() && map.get("option-def").is_none_or(Json::is_array) {
            map.insert("option-def".to_owned(), all.into());
        }
    }

    /// Keeps the options that `part`, the map of a server, defines.
    pub(crate) fn learn(&mut self, part: &Json) {
        let Some(map) = part.as_object() else { return };
        for new in definitions_of(map) {
            let is_same = |known: &Json, key: &str| known["space"] == new["space"] && known[key] == new[key];
            self.definitions.retain(|known| !is_same(known, "code") && !is_same(known, "name"));
            self.definitions.push(new);
        }
    }
}

/// The entries of `hooks-libraries` for what a chapter shows of its library's: what that needs before it, and it.
fn with_library(chapter: &str, entry: &Json) -> Json {
    let name = chapter.split_once('-').map_or(chapter, |(_, name)| name).replace('-', "_");
    let mut entry = entry.clone();
    entry["library"] = format!("libdhcp_{name}.so").into();
    match &*name {
        "radius" => json!([{"library": "libdhcp_host_cache.so"}, entry]),
        _ => json!([entry]),
    }
}

/// Fills in what a section leaves out because it is about something else.
fn complete(dhcp4: &mut Json) {
    let database = |database: &mut Json| {
        let kind = if database.get("tcp-user-timeout").is_some() { "postgresql" } else { "mysql" };
        fill(database, "type", kind);
    };
    if let Some(leases) = dhcp4.get_mut("lease-database") {
        database(leases);
    }
    items(dhcp4, "hosts-databases").for_each(database);
    if let Some(ddns) = dhcp4.get_mut("dhcp-ddns") {
        fill(ddns, "enable-updates", true);
    }
    for (at, subnet) in items(dhcp4, "subnet4").enumerate() {
        fill(subnet, "subnet", format!("192.{at}.0.0/16"));
        items(subnet, "pools").for_each(|pool| fill(pool, "pool", format!("192.{at}.0.0/24")));
    }
}

fn items<'a>(map: &'a mut Json, keyword: &str) -> impl Iterator<Item = &'a mut Json> {
    map.get_mut(keyword).and_then(Json::as_array_mut).into_iter().flatten()
}

fn fill(map: &mut Json, keyword: &str, value: impl Into<Json>) {
    if let Some(map) = map.as_object_mut() {
        map.entry(keyword).or_insert_with(|| value.into());
    }
}

fn definitions_of(map: &Map<String, Json>) -> Vec<Json> {
    map.get("option-def").and_then(Json::as_array).cloned().unwrap_or_default()
}

fn whole(place: &str, dhcp4: Json) -> Value {
    from_json(place, &json!({"Dhcp4": dhcp4}), &mut Diagnostics::new()).expect("values that were read before")
}
