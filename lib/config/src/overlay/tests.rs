//! What databases lay over a configuration, and what is left of it when they no longer say it.

use kotare_options::Definitions;
use serde_json::{Value as Json, json};

use super::{Overlay, Row, Rows};
use crate::json::{Diagnostics, Value, from_json};
use crate::schema::File;
use crate::{v4, v6};

fn value(json: Json) -> Value {
    from_json("file", &json, &mut Diagnostics::new()).expect("a value")
}

/// What databases have, by kind.
#[derive(Clone, Debug, Default)]
struct Database(Json);

impl Database {
    fn of(json: Json) -> Self {
        Self(json)
    }

    fn rows(&self) -> Rows<'_> {
        let of = |kind: &'static str| -> Vec<Row<'_>> {
            let list = self.0.get(kind).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
            let maps = list.iter().map(|json| json.as_object().expect("a map"));
            // The number is the id, or the place.
            let number = |map: &serde_json::Map<_, _>| map.get("id").and_then(Json::as_i64);
            (1..)
                .zip(maps)
                .map(|(at, map)| Row { table: kind, number: number(map).unwrap_or(at), map })
                .collect()
        };
        Rows {
            globals: of("globals"),
            definitions: of("definitions"),
            options: of("options"),
            classes: of("classes"),
            networks: of("networks"),
            subnets: of("subnets"),
        }
    }
}

/// A configuration file, and the same with what databases have had, one after the other.
struct World {
    file: &'static File,
    definitions: Definitions,
    base: Value,
    tree: Value,
    database: Database,
}

impl World {
    fn new(dhcp4: Json) -> Self {
        Self::of(&v4::FILE, Definitions::v4(), dhcp4)
    }

    fn new6(dhcp6: Json) -> Self {
        Self::of(&v6::FILE, Definitions::v6(), dhcp6)
    }

    fn of(file: &'static File, definitions: Definitions, map: Json) -> Self {
        let base = value(Json::Object([(file.global.name.to_owned(), map)].into_iter().collect()));
        Self { file, definitions, tree: base.clone(), base, database: Database::default() }
    }

    /// The map of the server when the databases have this.
    fn with(&mut self, now: Json) -> Result<Json, Vec<String>> {
        let now = Database::of(now);
        let (former, rows) = (self.database.rows(), now.rows());
        let overlay = Overlay {
            file: self.file,
            definitions: &self.definitions,
            base: &self.base,
            former: &former,
            now: &rows,
            origin: "the database",
        };
        let tree = overlay.over(&self.tree).map_err(|wrong| wrong.error_lines())?;
        drop((former, rows));
        (self.tree, self.database) = (tree, now);
        Ok(self.tree.to_json()[self.file.global.name].clone())
    }
}

fn good(told: Result<Json, Vec<String>>) -> Json {
    told.unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

/// Those of the database count, one at a time; without them, those that are written. What is in a map is set alone.
#[test]
fn globals_are_set_and_go_back() {
    let written =
        json!({"valid-lifetime": 1, "renew-timer": 2, "dhcp-ddns": {"enable-updates": false, "x": 1}});
    let mut world = World::new(written.clone());
    let now = json!({"globals": [
        {"name": "valid-lifetime", "value": 10}, {"name": "dhcp-ddns.enable-updates", "value": true},
        {"name": "rebind-timer", "value": 30}, {"name": "multi-threading.enable-multi-threading", "value": true},
        {"name": "host-reservation-identifiers", "value": "[ \"duid\", \"hw-address\" ]"}]});
    assert_eq!(
        good(world.with(now)),
        json!({"valid-lifetime": 10, "renew-timer": 2, "dhcp-ddns": {"enable-updates": true, "x": 1},
               "rebind-timer": 30, "multi-threading": {"enable-multi-threading": true},
               "host-reservation-identifiers": ["duid", "hw-address"]})
    );
    let told = good(world.with(json!({"globals": [{"name": "rebind-timer", "value": 31}]})));
    assert_eq!(
        told,
        json!({"valid-lifetime": 1, "renew-timer": 2, "dhcp-ddns": {"enable-updates": false, "x": 1},
               "rebind-timer": 31})
    );
    assert_eq!(good(world.with(json!({}))), written);
}

/// What cannot stand in a configuration is told with its row, and nothing is changed.
#[test]
fn rows_are_named() {
    let mut world = World::new(json!({"subnet4": []}));
    let told = world.with(json!({"globals": [{"name": "host-reservation-identifiers", "value": "duid"}]}));
    assert_eq!(
        told.expect_err("no list"),
        ["globals 1 'host-reservation-identifiers' of the database: 'duid' is no JSON list of strings"]
    );
    let lost = json!({"subnets": [{"id": 7, "subnet": "10.0.0.0/8", "shared-network-name": "floor"}]});
    assert_eq!(
        world.with(lost).expect_err("no network"),
        [
            "subnets 7 '10.0.0.0/8' of the database: there is no shared network 'floor' for the subnet to be in"
        ]
    );
    assert_eq!(good(world.with(json!({}))), json!({"subnet4": []}));
}

/// By code or by name, an option of the database takes the place of all of its code in its space.
#[test]
fn options_are_the_same_by_code() {
    let written = json!({"option-data": [
        {"name": "domain-name-servers", "data": "192.0.2.1"}, {"code": 3, "data": "192.0.2.2"},
        {"code": 3, "space": "mine", "data": "x"}, {"code": 6, "data": "192.0.2.9", "client-classes": ["a"]}]});
    let mut world = World::new(written.clone());
    let six = json!({"code": 6, "space": "dhcp4", "data": "192.0.2.3"});
    let told = good(world.with(json!({"options": [six]})));
    let kept = [json!({"code": 3, "data": "192.0.2.2"}), json!({"code": 3, "space": "mine", "data": "x"})];
    assert_eq!(told["option-data"], json!([six, kept[0], kept[1]]));
    // Another entry of it for a class leaves the first one where it is.
    let of_class = json!({"code": 6, "space": "dhcp4", "data": "192.0.2.4", "client-classes": ["b"]});
    let told = good(world.with(json!({"options": [six, of_class]})));
    assert_eq!(told["option-data"], json!([six, kept[0], kept[1], of_class]));
    let told = good(world.with(json!({})));
    let mut list = told["option-data"].as_array().expect("a list").clone();
    assert_eq!(list.len(), 4);
    list.sort_by_key(Json::to_string);
    let mut before = written["option-data"].as_array().expect("a list").clone();
    before.sort_by_key(Json::to_string);
    assert_eq!(list, before);
}

#[test]
fn definitions_are_the_same_by_code_or_name() {
    let one = json!({"code": 200, "name": "one", "space": "dhcp4", "type": "string"});
    let two = json!({"code": 201, "name": "two", "type": "string"});
    let mut world = World::new(json!({"option-def": [one, two]}));
    let other = json!({"code": 202, "name": "two", "space": "dhcp4", "type": "uint8"});
    let told = good(world.with(json!({"definitions": [other]})));
    assert_eq!(told["option-def"], json!([one, other]));
    assert_eq!(good(world.with(json!({})))["option-def"], json!([one, two]));
}

/// They are taken whole or not at all, in the order of the database.
#[test]
fn classes_are_replaced_together() {
    let mut world = World::new(json!({"client-classes": [{"name": "old"}]}));
    let [a, b] = [json!({"name": "a"}), json!({"name": "b", "test": "member('a')"})];
    assert_eq!(good(world.with(json!({"classes": [a, b]})))["client-classes"], json!([a, b]));
    assert_eq!(good(world.with(json!({"classes": [b]})))["client-classes"], json!([b]));
    assert_eq!(good(world.with(json!({})))["client-classes"], json!([{"name": "old"}]));
}

/// A subnet of the database takes the place of that with its id and of that with its prefix.
#[test]
fn subnets_are_the_same_by_id_or_prefix() {
    let subnet = |id: i64, net: i64| json!({"id": id, "subnet": format!("10.{net}.0.0/16")});
    let mut world = World::new(json!({"subnet4": [subnet(1, 1), subnet(2, 2), subnet(3, 3)]}));
    let told = good(world.with(json!({"subnets": [subnet(1, 2), subnet(9, 9)]})));
    assert_eq!(told["subnet4"], json!([subnet(1, 2), subnet(3, 3), subnet(9, 9)]));
    // What it hides no longer is there again.
    let told = good(world.with(json!({"subnets": [subnet(1, 1), subnet(9, 9)]})));
    assert_eq!(told["subnet4"], json!([subnet(1, 1), subnet(3, 3), subnet(9, 9), subnet(2, 2)]));
    assert_eq!(good(world.with(json!({})))["subnet4"], json!([subnet(3, 3), subnet(2, 2), subnet(1, 1)]));
}

/// The same prefix may be written in many ways, which stay as they are.
#[test]
fn prefixes_are_the_same_however_they_are_written() {
    let subnet = |id: i64, prefix: &str| json!({"id": id, "subnet": prefix});
    let written = [subnet(1, "2001:DB8::/32"), subnet(2, "2001:db8:0:1::1/64"), subnet(3, "2001:db8::/48")];
    let inside = json!({"name": "floor", "subnet6": [subnet(4, "fd00:0:0::/48")]});
    let mut world = World::new6(json!({"subnet6": written, "shared-networks": [inside]}));
    let rows = [subnet(7, "2001:db8:0::/32"), subnet(8, "2001:0DB8:0000:0001::/64"), subnet(9, "fd00::/48")];
    let told = good(world.with(json!({ "subnets": rows })));
    assert_eq!(told["subnet6"], json!([rows[0], rows[1], written[2], rows[2]]));
    assert_eq!(told["shared-networks"], json!([{"name": "floor"}]));
    // Another way of writing it changes the text alone.
    let told = good(world.with(json!({"subnets": [subnet(7, "2001:DB8::/32"), rows[1], rows[2]]})));
    assert_eq!(told["subnet6"], json!([subnet(7, "2001:DB8::/32"), rows[1], written[2], rows[2]]));
    let told = good(world.with(json!({})));
    assert_eq!(sorted(told["subnet6"].clone()), sorted(json!(written)));
    assert_eq!(told["shared-networks"], json!([inside]));
    let mut world = World::new(json!({"subnet4": [subnet(1, "192.0.2.7/24"), subnet(2, "no prefix")]}));
    let rows = [subnet(5, "192.0.2.0/24"), subnet(6, "no prefix")];
    assert_eq!(good(world.with(json!({ "subnets": rows })))["subnet4"], json!(rows));
}

/// What a command did meanwhile stays, as far as rows do not say otherwise.
#[test]
fn edits_stay() {
    let subnet = |id: i64| json!({"id": id, "subnet": format!("10.{id}.0.0/16")});
    let mut world = World::new(json!({"subnet4": [subnet(1)], "renew-timer": 5}));
    good(world.with(json!({"subnets": [subnet(2)]})));
    world.tree = value(json!({"Dhcp4": {"subnet4": [subnet(1), subnet(2), subnet(3)], "renew-timer": 6}}));
    let told = good(world.with(json!({"subnets": [subnet(4)]})));
    assert_eq!(told, json!({"subnet4": [subnet(1), subnet(3), subnet(4)], "renew-timer": 6}));
}

/// Subnets stay in their network when another of its name comes, and lie alone when it goes; what was written of it
/// comes again.
#[test]
fn networks_keep_their_subnets() {
    let subnet = |id: i64| json!({"id": id, "subnet": format!("10.{id}.0.0/16")});
    let floor = json!({"name": "floor", "renew-timer": 1, "subnet4": [subnet(1)]});
    let mut world = World::new(json!({"shared-networks": [floor], "subnet4": [subnet(2)]}));
    let inside = |id: i64| {
        let mut subnet = subnet(id);
        subnet["shared-network-name"] = json!("floor");
        subnet
    };
    let told = good(world.with(json!({"networks": [{"name": "floor", "renew-timer": 9}, {"name": "hall"}],
                                      "subnets": [inside(3), subnet(4)]})));
    let floor9 = json!({"name": "floor", "renew-timer": 9, "subnet4": [subnet(1), subnet(3)]});
    assert_eq!(
        told,
        json!({"shared-networks": [floor9, {"name": "hall"}], "subnet4": [subnet(2), subnet(4)]})
    );
    // A subnet that moves.
    let told = good(world.with(json!({"networks": [{"name": "floor", "renew-timer": 9}, {"name": "hall"}],
                                      "subnets": [subnet(3), inside(4)]})));
    let floor9 = json!({"name": "floor", "renew-timer": 9, "subnet4": [subnet(1), subnet(4)]});
    assert_eq!(
        told,
        json!({"shared-networks": [floor9, {"name": "hall"}], "subnet4": [subnet(2), subnet(3)]})
    );
    let told = good(world.with(json!({"subnets": [inside(4)]})));
    let floor1 = json!({"name": "floor", "renew-timer": 1, "subnet4": [subnet(1), subnet(4)]});
    assert_eq!(told, json!({"shared-networks": [floor1], "subnet4": [subnet(2)]}));
    assert_eq!(good(world.with(json!({}))), json!({"shared-networks": [floor], "subnet4": [subnet(2)]}));
}

/// Whatever databases had in between, a configuration is the one that it would be at once.
#[test]
fn the_way_does_not_matter() {
    use proptest::prelude::*;
    let subnet = |(id, net, network): (u8, u8, u8)| {
        let mut map = json!({"id": id, "subnet": format!("10.{net}.0.0/16")});
        if network > 0 {
            map["shared-network-name"] = json!(format!("n{network}"));
        }
        map
    };
    let subnets = prop::collection::vec((1..5u8, 1..5u8, 0..3u8), 0..4).prop_map(move |list| {
        let mut kept: Vec<(u8, u8, u8)> = Vec::new();
        for it in list {
            if !kept.iter().any(|other| other.0 == it.0 || other.1 == it.1) {
                kept.push(it);
            }
        }
        kept.into_iter().map(subnet).collect::<Vec<_>>()
    });
    // The file has the networks, so that every subnet has one.
    let written = json!({"shared-networks": [{"name": "n1", "subnet4": [{"id": 1, "subnet": "10.1.0.0/16"}]}, {"name": "n2"}],
                         "subnet4": [{"id": 2, "subnet": "10.2.0.0/16"}], "renew-timer": 1});
    let states = prop::collection::vec((subnets, 0..3i64, 0..2usize), 1..5);
    proptest!(ProptestConfig::with_cases(300), |(states in states)| {
        let state = |(subnets, timer, networks): &(Vec<Json>, i64, usize)| {
            let globals = if *timer > 0 { json!([{"name": "renew-timer", "value": timer}]) } else { json!([]) };
            let networks = if *networks > 0 { json!([{"name": "n1", "renew-timer": 7}]) } else { json!([]) };
            json!({"subnets": subnets, "globals": globals, "networks": networks})
        };
        let mut stepwise = World::new(written.clone());
        let mut last = Json::Null;
        for it in &states {
            last = good(stepwise.with(state(it)));
        }
        let mut at_once = World::new(written.clone());
        let told = good(at_once.with(state(states.last().expect("a state"))));
        prop_assert_eq!(sorted(last), sorted(told));
    });
}

/// With lists in one order, and without empty ones.
fn sorted(mut json: Json) -> Json {
    match &mut json {
        Json::Array(items) => {
            for item in items.iter_mut() {
                *item = sorted(item.take());
            }
            items.sort_by_key(Json::to_string);
        }
        Json::Object(map) => {
            map.values_mut().for_each(|value| *value = sorted(value.take()));
            map.retain(|_, value| *value != json!([]));
            map.sort_keys();
        }
        _ => {}
    }
    json
}
