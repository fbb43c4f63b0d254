//! Objects of a configuration in each engine: what is set is read back, goes when it is deleted, and the audit tells of it.

use kotare_store_sql::Connection;
use kotare_store_sql::Statement;
use kotare_store_sql::objects::{self, DependsOn, Failed, For, Objects, Place, Protocol, Which};
use kotare_store_sql::schema::{self, Schema};
use serde_json::{Map, Value as Json, json};

use crate::for_each_engine;
use crate::world::Database;

for_each_engine! {
    /// Subnets come back with all that lies in them, for those servers that they are for, and replace each other.
    subnets_come_and_go,
    /// A prefix is found however it is written.
    prefixes_are_found_by_value,
    /// Shared networks keep their subnets, or take them away.
    networks_come_and_go,
    /// Classes stay in order, and go when nobody depends on them.
    classes_come_and_go,
    /// Options are told by code, space and classes, wherever they lie.
    options_come_and_go,
    /// What is for one server is taken rather than what is for all.
    servers_have_their_own,
    /// What cannot be kept, or makes no sense, changes nothing.
    what_is_wrong_changes_nothing,
    /// Names in other letter cases name something else, or nothing: MySQL, which does not tell them apart, is no reason to
    /// write what nobody could read.
    letter_cases_are_told_apart,
}

/// The same with databases that Kea 2.2 made and that were brought to the schema of today.
mod upgraded {
    use kotare_store_sql::Engine;

    use crate::world;

    fn each(engine: Engine) {
        for test in 0..6 {
            let Some(database) = world::of_kea_2_2(engine) else { return };
            world::run(async {
                match test {
                    0 => super::subnets_come_and_go(database).await,
                    1 => super::networks_come_and_go(database).await,
                    2 => super::classes_come_and_go(database).await,
                    3 => super::options_come_and_go(database).await,
                    4 => super::servers_have_their_own(database).await,
                    _ => super::what_is_wrong_changes_nothing(database).await,
                }
            });
        }
    }

    #[test]
    fn mysql() {
        each(Engine::MySql);
    }

    #[test]
    fn postgresql() {
        each(Engine::Postgres);
    }
}

async fn connect(database: &Database) -> Connection {
    let mut connection = database.connect().await;
    for step in Schema::of(&mut connection).await.expect("a look").steps() {
        schema::take(&mut connection, &step, |_| ())
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", step.what));
    }
    drop(connection);
    objects::connect(&database.access).await.expect("a database of today")
}

fn map(json: Json) -> Map<String, Json> {
    json.as_object().expect("a map").clone()
}

fn all() -> Vec<String> {
    vec!["all".to_owned()]
}

fn tags(tags: &[&str]) -> Vec<String> {
    tags.iter().map(|tag| (*tag).to_owned()).collect()
}

fn right<T>(done: Result<T, Failed>) -> T {
    done.unwrap_or_else(|error| panic!("{error}"))
}

/// How often the audit was revised, and the message of the last time.
async fn revised(connection: &mut Connection, protocol: &str) -> (usize, String) {
    let text = format!("SELECT log_message FROM dhcp{protocol}_audit_revision ORDER BY id");
    let rows = connection.rows(Statement::new(connection.engine(), &text)).await.expect("a table");
    (rows.len(), rows.last().and_then(|row| row.text(0)).unwrap_or_default().to_owned())
}

fn option(code: u16, space: &str, data: &str) -> Json {
    json!({"code": code, "space": space, "data": data, "csv-format": true, "always-send": true, "never-send": false})
}

fn subnet4() -> Json {
    let mut subnet = json!({
        "id": 7, "subnet": "192.0.2.0/24", "shared-network-name": null,
        "client-classes": ["gold", "silver"], "evaluate-additional-classes": ["x"], "interface": "eth0",
        "4o6-interface": "eth1", "4o6-interface-id": "i", "4o6-subnet": "2001:db8::/64",
        "relay": {"ip-addresses": ["10.0.0.1", "10.0.0.2"]}, "rebind-timer": 20, "renew-timer": 10,
        "valid-lifetime": 60, "min-valid-lifetime": 30, "max-valid-lifetime": 90, "match-client-id": false,
        "authoritative": true, "boot-file-name": "boot", "next-server": "192.0.2.254", "server-hostname": "host",
        "offer-lifetime": 5
    });
    let more = json!({
        "calculate-tee-times": true, "t1-percent": 0.5, "t2-percent": 0.75,
        "ddns-send-updates": true, "ddns-override-no-update": true, "ddns-override-client-update": false,
        "ddns-replace-client-name": "when-present", "ddns-generated-prefix": "p", "ddns-qualifying-suffix": "s.",
        "ddns-ttl-percent": 0.25, "reservations-global": false, "reservations-in-subnet": true,
        "reservations-out-of-pool": false, "cache-threshold": 0.125, "cache-max-age": 9, "allocator": "random",
        "user-context": {"a": [1, "b"]},
        "option-data": [option(3, "dhcp4", "192.0.2.1, 192.0.2.2")],
        "pools": [
            {"pool": "192.0.2.10-192.0.2.20", "client-classes": ["gold"], "option-data": [option(6, "dhcp4", "192.0.2.3")],
             "user-context": {"p": 1}},
            {"pool": "192.0.2.32-192.0.2.47", "option-data": []}
        ]
    });
    subnet.as_object_mut().expect("a map").extend(map(more));
    subnet
}

fn subnet6() -> Json {
    json!({
        "id": 7, "subnet": "2001:db8:1::/48", "shared-network-name": null, "preferred-lifetime": 50,
        "min-preferred-lifetime": 40, "max-preferred-lifetime": 60, "rapid-commit": true, "interface-id": "port 7",
        "pd-allocator": "random", "valid-lifetime": 100, "option-data": [option(23, "dhcp6", "2001:db8::1")],
        "pools": [{"pool": "2001:db8:1::10-2001:db8:1::1f", "option-data": [option(24, "dhcp6", "example.")]}],
        "pd-pools": [
            {"prefix": "2001:db8:1:8000::", "prefix-len": 49, "delegated-len": 56, "excluded-prefix": "2001:db8:1:80ff::",
             "excluded-prefix-len": 64, "option-data": [option(23, "dhcp6", "2001:db8::2")]},
            {"prefix": "2001:db8:2::", "prefix-len": 48, "delegated-len": 64, "option-data": []}
        ]
    })
}

async fn subnets_come_and_go(database: Database) {
    let mut connection = connect(&database).await;
    for (protocol, digit, subnet) in [(Protocol::V4, "4", subnet4()), (Protocol::V6, "6", subnet6())] {
        let prefix = Which::Prefix(subnet["subnet"].as_str().unwrap().to_owned());
        let mut objects = Objects::of(&mut connection, protocol);
        right(objects.set_server("one", "first").await);
        right(objects.set_subnet(&map(subnet.clone()), &all()).await);
        let mut wanted = subnet.clone();
        wanted["metadata"] = json!({"server-tags": ["all"]});
        assert_eq!(right(objects.subnets(Some(&Which::Id(7)), &For::Anybody).await), [map(wanted.clone())]);
        // Nothing stays of what was there before; what is not written is not there.
        let small = json!({"id": 7, "subnet": subnet["subnet"], "shared-network-name": null});
        right(objects.set_subnet(&map(small), &tags(&["one"])).await);
        let read = right(objects.subnets(Some(&prefix), &For::Anybody).await);
        assert_eq!(read[0].get("valid-lifetime"), None);
        assert_eq!((&read[0]["pools"], &read[0]["option-data"]), (&json!([]), &json!([])));
        assert_eq!(read[0]["metadata"], json!({"server-tags": ["one"]}));
        // Another id for the prefix takes its place.
        let mut other = subnet.clone();
        other["id"] = json!(8);
        right(objects.set_subnet(&map(other), &tags(&["all", "one"])).await);
        assert!(right(objects.subnets(Some(&Which::Id(7)), &For::Anybody).await).is_empty());
        for (servers, count) in [
            (For::Tags(all()), 1),
            (For::Tags(tags(&["one"])), 1),
            (For::Tags(tags(&["other"])), 1),
            (For::Nobody, 0),
        ] {
            assert_eq!(right(objects.subnets(None, &servers).await).len(), count, "{servers:?}");
        }
        // A list has of each what tells it apart, and whom it is for.
        let listed = [json!({"id": 8, "subnet": subnet["subnet"],
            "shared-network-name": subnet.get("shared-network-name"), "metadata": {"server-tags": ["all", "one"]}})];
        assert_eq!(right(objects.list_subnets(&For::Anybody).await), listed.map(map));
        assert!(right(objects.list_subnets(&For::Nobody).await).is_empty());
        assert_eq!(revised(&mut connection, digit).await, (4, "subnet set".to_owned()));
        let mut objects = Objects::of(&mut connection, protocol);
        assert_eq!(right(objects.delete_subnet(&prefix).await), 1);
        assert_eq!(right(objects.delete_subnet(&Which::Id(8)).await), 0);
        assert_eq!(revised(&mut connection, digit).await, (6, "subnet deleted".to_owned()));
        for table in ["pool", "options", "subnet_server"] {
            let text = format!("SELECT count(*) FROM dhcp{digit}_{table}");
            let rows = connection.rows(Statement::new(connection.engine(), &text)).await.unwrap();
            assert_eq!(rows[0].int(0), Some(0), "{table}");
        }
    }
}

/// A prefix is the same one however it is written; it stands in the database as Kea writes it.
async fn prefixes_are_found_by_value(database: Database) {
    let mut connection = connect(&database).await;
    let mut objects = Objects::of(&mut connection, Protocol::V6);
    let subnet = |id: i64, prefix: &str| {
        map(json!({"id": id, "subnet": prefix, "pd-pools": [{"prefix": "2001:DB8:0:8000::", "prefix-len": 49,
            "delegated-len": 56, "excluded-prefix": "2001:0db8:0:80FF::", "excluded-prefix-len": 64}]}))
    };
    right(objects.set_subnet(&subnet(7, "2001:DB8::1/48"), &all()).await);
    right(objects.set_subnet(&subnet(8, "2001:db8:0::/48"), &all()).await);
    let named = Which::Prefix("2001:0DB8:0000::/48".to_owned());
    let read = right(objects.subnets(Some(&named), &For::Anybody).await);
    assert_eq!(read.len(), 1, "one has taken the place of the other: {read:?}");
    assert_eq!((&read[0]["id"], &read[0]["subnet"]), (&json!(8), &json!("2001:db8::/48")));
    let pool = &read[0]["pd-pools"][0];
    assert_eq!(
        (&pool["prefix"], &pool["excluded-prefix"]),
        (&json!("2001:db8:0:8000::"), &json!("2001:db8:0:80ff::"))
    );
    right(objects.pd_pool_of("2001:db8:0000:8000::", 49).await);
    assert_eq!(right(objects.delete_subnet(&named).await), 1);
}

async fn networks_come_and_go(database: Database) {
    let mut connection = connect(&database).await;
    for (protocol, space, prefix) in
        [(Protocol::V4, "dhcp4", "192.0.2.0/24"), (Protocol::V6, "dhcp6", "2001:db8::/48")]
    {
        let mut objects = Objects::of(&mut connection, protocol);
        let network = json!({"name": "floor", "renew-timer": 7, "ddns-replace-client-name": "never",
            "option-data": [option(23, space, "x")]});
        right(objects.set_network(&map(network.clone()), &all()).await);
        let subnet = json!({"id": 1, "subnet": prefix, "shared-network-name": "floor"});
        right(objects.set_subnet(&map(subnet), &all()).await);
        right(objects.set_network(&map(network.clone()), &all()).await);
        let mut wanted = network;
        wanted["metadata"] = json!({"server-tags": ["all"]});
        assert_eq!(right(objects.networks(Some("floor"), &For::Anybody).await), [map(wanted)]);
        right(objects.set_server("one", "first").await);
        right(objects.set_network(&map(json!({"name": "attic"})), &tags(&["one"])).await);
        let listed = [("floor", "all"), ("attic", "one")];
        let listed = listed.map(|(name, tag)| map(json!({"name": name, "metadata": {"server-tags": [tag]}})));
        assert_eq!(right(objects.list_networks(&For::Anybody).await), listed);
        let both = right(objects.networks(None, &For::Anybody).await);
        assert_eq!(
            both.iter().map(|it| &it["metadata"]).collect::<Vec<_>>(),
            listed.iter().map(|it| &it["metadata"]).collect::<Vec<_>>()
        );
        let within = Which::Network("floor".to_owned());
        assert_eq!(right(objects.subnets(Some(&within), &For::Anybody).await).len(), 1);
        assert_eq!(right(objects.delete_network("floor", false).await), 1);
        let left = right(objects.subnets(None, &For::Anybody).await);
        assert_eq!((left.len(), &left[0]["shared-network-name"]), (1, &Json::Null));
        right(objects.set_network(&map(json!({"name": "floor"})), &all()).await);
        let subnet = json!({"id": 1, "subnet": prefix, "shared-network-name": "floor"});
        right(objects.set_subnet(&map(subnet), &all()).await);
        assert_eq!(right(objects.delete_network("floor", true).await), 1);
        assert!(right(objects.subnets(None, &For::Anybody).await).is_empty());
        assert_eq!(right(objects.delete_network("floor", true).await), 0);
    }
}

async fn classes_come_and_go(database: Database) {
    let mut connection = connect(&database).await;
    for protocol in [Protocol::V4, Protocol::V6] {
        let mut objects = Objects::of(&mut connection, protocol);
        let nothing = DependsOn::default();
        let definition = json!({"name": "x", "code": 224, "space": "dhcp4", "type": "record", "array": false,
            "record-types": "uint8, string", "encapsulate": ""});
        let class = json!({"name": "a", "test": "member('KNOWN')", "only-in-additional-list": true, "valid-lifetime": 9,
            "user-context": {"a": 1}, "option-data": [option(6, "dhcp4", "192.0.2.1")], "option-def": [definition]});
        right(
            objects
                .set_class(&map(class.clone()), None, &DependsOn { known: true, classes: vec![] }, &all())
                .await,
        );
        let mut wanted = class;
        wanted["metadata"] = json!({"server-tags": ["all"]});
        assert_eq!(right(objects.classes(Some("a"), &For::Anybody).await), [map(wanted.clone())]);
        let on_a = DependsOn { known: false, classes: vec!["a".to_owned(), "gone".to_owned()] };
        right(
            objects.set_class(&map(json!({"name": "b", "test": "member('a')"})), None, &on_a, &all()).await,
        );
        right(objects.set_class(&map(json!({"name": "c"})), Some("a"), &nothing, &all()).await);
        let order =
            |classes: &[Map<String, Json>]| classes.iter().map(|it| it["name"].clone()).collect::<Vec<_>>();
        assert_eq!(order(&right(objects.classes(None, &For::Tags(all())).await)), ["a", "c", "b"]);
        right(objects.set_class(&map(json!({"name": "c", "test": "1 == 1"})), None, &nothing, &all()).await);
        assert_eq!(order(&right(objects.classes(None, &For::Tags(all())).await)), ["a", "c", "b"]);
        // b depends on a.
        assert!(
            matches!(objects.delete_class("a").await, Err(Failed::Wrong(reason)) if reason.contains("'b'"))
        );
        let before = objects.set_class(&map(json!({"name": "a"})), Some("b"), &nothing, &all()).await;
        assert!(before.is_err());
        assert_eq!(right(objects.classes(Some("a"), &For::Anybody).await), [map(wanted)]);
        for name in ["b", "a", "c"] {
            assert_eq!(right(objects.delete_class(name).await), 1, "{name}");
        }
        assert_eq!(right(objects.delete_class("a").await), 0);
    }
}

async fn options_come_and_go(database: Database) {
    let mut connection = connect(&database).await;
    let mut objects = Objects::of(&mut connection, Protocol::V6);
    right(objects.set_subnet(&map(subnet6()), &all()).await);
    right(objects.set_network(&map(json!({"name": "floor"})), &all()).await);
    let pool = right(objects.pool_of("2001:db8:1::10 - 2001:db8:1::1f").await);
    let pd_pool = right(objects.pd_pool_of("2001:db8:2::", 48).await);
    assert!(objects.pool_of("2001:db8:1::10 - 2001:db8:1::1e").await.is_err());
    for place in [Place::Global, Place::Subnet(7), Place::Network("floor".into()), pool, pd_pool] {
        right(objects.is_there(&place).await);
        let set = |data: &str, classes: Json| {
            map(json!({"code": 31, "space": "dhcp6", "data": data, "client-classes": classes}))
        };
        right(objects.set_option(&place, &set("2001:db8::a", json!([])), &all()).await);
        right(objects.set_option(&place, &set("2001:db8::b", json!(["x", "y"])), &all()).await);
        right(objects.set_option(&place, &set("2001:db8::c", json!(["x", "y"])), &all()).await);
        let classes = [json!("x"), json!("y")];
        assert_eq!(
            right(objects.delete_options(&place, 31, "dhcp6", Some(&classes), &all()).await),
            1,
            "{place:?}"
        );
        assert_eq!(right(objects.delete_options(&place, 31, "other", None, &all()).await), 0);
        right(objects.set_option(&place, &set("2001:db8::c", json!(["x"])), &all()).await);
        assert_eq!(right(objects.delete_options(&place, 31, "dhcp6", None, &all()).await), 2);
    }
    assert!(objects.is_there(&Place::Subnet(9)).await.is_err());
    assert!(objects.is_there(&Place::Network("roof".into())).await.is_err());
    // Bytes are kept as such.
    let bytes = json!({"code": 99, "space": "dhcp6", "data": "01:Fe a0", "csv-format": false});
    right(objects.set_option(&Place::Global, &map(bytes), &all()).await);
    let read = right(objects.global_options(&For::Tags(all())).await);
    assert_eq!((&read[0]["data"], &read[0]["csv-format"]), (&json!("01FEA0"), &json!(false)));
    // The subnet tells of what lies in it.
    assert_eq!(
        right(objects.subnets(None, &For::Anybody).await)[0]["option-data"].as_array().unwrap().len(),
        1
    );
    let (_, message) = revised(&mut connection, "6").await;
    assert_eq!(message, "global option set");
}

async fn servers_have_their_own(database: Database) {
    let mut connection = connect(&database).await;
    let mut objects = Objects::of(&mut connection, Protocol::V4);
    right(objects.set_server("one", "first").await);
    right(objects.set_server("one", "the first").await);
    assert_eq!(
        right(objects.servers(None).await),
        [map(json!({"server-tag": "one", "description": "the first"}))]
    );
    let one = tags(&["one"]);
    for (values, tags) in [
        (
            json!({"renew-timer": 7, "t1-percent": 0.5, "match-client-id": true, "dhcp-ddns.server-ip": "::1"}),
            all(),
        ),
        (json!({"renew-timer": 8}), one.clone()),
        (json!({"renew-timer": 9}), one.clone()),
    ] {
        right(objects.set_globals(&map(values), &tags).await);
    }
    let value = async |objects: &mut Objects<'_>, tags: &[&str], name: &str| {
        let globals = right(objects.globals(&For::Tags(self::tags(tags))).await);
        globals
            .into_iter()
            .find(|(it, _)| it == name)
            .map(|(_, global)| (global[name].clone(), global["metadata"].clone()))
    };
    let is_for = |tag: &str| json!({"server-tags": [tag]});
    assert_eq!(value(&mut objects, &["one"], "renew-timer").await, Some((json!(9), is_for("one"))));
    assert_eq!(value(&mut objects, &["all"], "renew-timer").await, Some((json!(7), is_for("all"))));
    assert_eq!(value(&mut objects, &["one"], "t1-percent").await, Some((json!(0.5), is_for("all"))));
    assert_eq!(value(&mut objects, &["one"], "match-client-id").await, Some((json!(true), is_for("all"))));
    assert_eq!(
        value(&mut objects, &["one"], "dhcp-ddns.server-ip").await,
        Some((json!("::1"), is_for("all")))
    );
    let definition = |name: &str| map(json!({"name": name, "code": 222, "space": "dhcp4", "type": "uint32"}));
    right(objects.set_definition(&definition("common"), &all()).await);
    right(objects.set_definition(&definition("own"), &one).await);
    let name = |definitions: Vec<Map<String, Json>>| {
        definitions.iter().map(|it| it["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(name(right(objects.definitions(&For::Tags(one.clone())).await)), ["own"]);
    assert_eq!(name(right(objects.definitions(&For::Tags(all())).await)), ["common"]);
    let used = |data: &str| map(json!({"code": 222, "space": "dhcp4", "data": data}));
    right(objects.set_option(&Place::Global, &used("1"), &all()).await);
    right(objects.set_option(&Place::Global, &used("2"), &one).await);
    assert_eq!(right(objects.global_options(&For::Tags(one.clone())).await)[0]["data"], "2");
    assert!(objects.delete_definition(222, "dhcp4", false, &all()).await.is_err());
    assert_eq!(right(objects.delete_definition(222, "dhcp4", true, &all()).await), 1);
    assert_eq!(right(objects.delete_definition(222, "dhcp4", true, &all()).await), 0);
    right(objects.set_subnet(&map(json!({"id": 1, "subnet": "192.0.2.0/24"})), &one).await);
    right(objects.set_class(&map(json!({"name": "a"})), None, &DependsOn::default(), &one).await);
    // With a server goes what is for it alone and cannot be for several; the rest is for nobody then.
    assert_eq!(right(objects.delete_server("one").await), 1);
    assert_eq!(right(objects.delete_server("all").await), 0);
    assert_eq!(value(&mut objects, &["one"], "renew-timer").await, Some((json!(7), is_for("all"))));
    assert!(right(objects.definitions(&For::Anybody).await).is_empty());
    assert_eq!(right(objects.global_options(&For::Anybody).await).len(), 1);
    for metadata in [
        right(objects.subnets(None, &For::Nobody).await)[0]["metadata"].clone(),
        right(objects.classes(None, &For::Nobody).await)[0]["metadata"].clone(),
    ] {
        assert_eq!(metadata, json!({"server-tags": [null]}));
    }
    assert_eq!(right(objects.delete_global("renew-timer", &all()).await), 1);
    assert_eq!(right(objects.delete_global("renew-timer", &all()).await), 0);
}

async fn what_is_wrong_changes_nothing(database: Database) {
    let mut connection = connect(&database).await;
    let mut objects = Objects::of(&mut connection, Protocol::V4);
    let subnet = |more: Json| {
        let mut subnet = map(json!({"id": 1, "subnet": "192.0.2.0/24"}));
        subnet.extend(map(more));
        subnet
    };
    for (wrong, tags, why) in [
        (subnet(json!({"reservations": []})), all(), "'reservations' cannot be kept"),
        (subnet(json!({"valid-lifetime": "x"})), all(), "'valid-lifetime' has a wrong value"),
        (subnet(json!({"shared-network-name": "none"})), all(), "'none' is not in the database"),
        (subnet(json!({"pools": [{"pool": "192.0.2.9-192.0.2.1"}]})), all(), "is no range"),
        (
            subnet(json!({"option-data": [{"code": 1, "space": "dhcp4", "data": "0", "csv-format": false}]})),
            all(),
            "pairs",
        ),
        (subnet(json!({})), tags(&["none"]), "unable to find server with tag 'none'"),
    ] {
        let error = objects.set_subnet(&wrong, &tags).await.expect_err(why).to_string();
        assert!(error.contains(why), "{error}");
    }
    assert!(objects.set_globals(&map(json!({"a": []})), &all()).await.is_err());
    assert!(right(objects.subnets(None, &For::Anybody).await).is_empty());
    assert_eq!(revised(&mut connection, "4").await, (0, String::new()));
    let rows =
        connection.rows(Statement::new(connection.engine(), "SELECT id FROM dhcp4_audit")).await.unwrap();
    assert!(rows.is_empty());
}

async fn letter_cases_are_told_apart(database: Database) {
    let mut connection = connect(&database).await;
    let is_mysql = connection.engine() == kotare_store_sql::Engine::MySql;
    let mut objects = Objects::of(&mut connection, Protocol::V4);
    let network = |name: &str| map(json!({ "name": name }));
    right(objects.set_network(&network("floor"), &all()).await);
    right(
        objects
            .set_subnet(
                &map(json!({"id": 1, "subnet": "192.0.2.0/24", "shared-network-name": "floor"})),
                &all(),
            )
            .await,
    );
    let place = Place::Network("Floor".into());
    let subnet = map(json!({"id": 2, "subnet": "10.0.0.0/8", "shared-network-name": "Floor"}));
    for error in [objects.is_there(&place).await, objects.set_subnet(&subnet, &all()).await] {
        let error = error.expect_err("another name").to_string();
        let words =
            if is_mysql { "'Floor' from 'floor', which it has" } else { "'Floor' is not in the database" };
        assert!(error.contains(words), "{error}");
    }
    let class = |name: &str| map(json!({ "name": name }));
    right(objects.set_class(&class("gold"), None, &DependsOn::default(), &all()).await);
    let set = [
        objects.set_network(&network("Floor"), &all()).await,
        objects.set_class(&class("Gold"), None, &DependsOn::default(), &all()).await,
    ];
    for done in set {
        assert_eq!(done.is_err(), is_mysql, "{done:?}");
    }
    let names =
        |objects: Vec<Map<String, Json>>| objects.iter().map(|it| it["name"].clone()).collect::<Vec<_>>();
    let (networks, classes) =
        if is_mysql { (vec!["floor"], vec!["gold"]) } else { (vec!["floor", "Floor"], vec!["gold", "Gold"]) };
    assert_eq!(names(right(objects.networks(None, &For::Anybody).await)), networks);
    assert_eq!(names(right(objects.classes(None, &For::Anybody).await)), classes);
    // These may be there in both in every engine.
    for space in ["one", "One"] {
        let definition = json!({"name": "x", "code": 1, "space": space, "type": "uint32"});
        right(objects.set_definition(&map(definition), &all()).await);
        for class in ["gold", "Gold"] {
            let option = json!({"code": 1, "space": space, "data": "1", "client-classes": [class]});
            right(objects.set_option(&Place::Global, &map(option), &all()).await);
        }
    }
    assert_eq!(right(objects.definitions(&For::Anybody).await).len(), 2);
    assert_eq!(right(objects.global_options(&For::Anybody).await).len(), 4);
    assert_eq!(
        right(objects.delete_options(&Place::Global, 1, "One", Some(&[json!("gold")]), &all()).await),
        1
    );
}
