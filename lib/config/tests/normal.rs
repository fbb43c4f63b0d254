//! The normal form: what `config-get` answers.

use kotare_config::json::Diagnostics;
use kotare_config::json::format::{self, Shape};
use kotare_config::schema::config_hash;
use kotare_config::v4::{Config4, FILE};
use kotare_config::{Input, read};
use serde_json::{Value, json};

/// What `config-get` answers for the map under `Dhcp4`.
fn normal(dhcp4: Value) -> Value {
    let arguments = json!({ "Dhcp4": dhcp4 });
    let read = read::<Config4>(Input::Command("config-set", &arguments), &FILE);
    let candidate = read.unwrap_or_else(|refused| panic!("{refused}"));
    let (written, definitions) = (&candidate.written, &candidate.config.definitions);
    let mut shown = written.shown(definitions);
    assert_eq!(written.hash(definitions), config_hash(&shown));
    // The text is that of the value, however it is made.
    let hashed = format::text(&shown, Shape::Hashed);
    assert_eq!(written.shown_text(definitions, Shape::Hashed, &[]), hashed);
    let mut more = shown.clone();
    more["hash"] = "x".into();
    let line = format::text(&more, Shape::Line);
    assert_eq!(written.shown_text(definitions, Shape::Line, &[("hash", "x")]), line);
    shown["Dhcp4"].take()
}

/// The configuration that says nothing shows every default of Kea 3.3.
#[test]
fn defaults_are_shown() {
    let defaults: Value = serde_json::from_str(include_str!("data/defaults.json")).unwrap();
    assert_eq!(normal(json!({})), defaults);
}

/// Subnets show what they inherit where Kea copies it, in order of their ids, which they are given if they have none.
#[test]
fn subnets_show_what_they_inherit() {
    let dhcp4 = normal(json!({
        "valid-lifetime": 4000, "max-valid-lifetime": 5000, "renew-timer": 900, "authoritative": true,
        "shared-networks": [{"name": "n", "relay": {"ip-addresses": ["10.0.0.5"]}, "valid-lifetime": 3000,
            "subnet4": [{"subnet": "10.1.0.0/16"}, {"subnet": "10.2.0.0 / 16", "id": 1, "min-valid-lifetime": 60}]}],
        "subnet4": [{"subnet": "10.3.0.0/16", "id": 9}, {"subnet": "10.4.0.0/16", "id": 4, "valid-lifetime": 10,
            "pools": [{"pool": "10.4.0.0-10.4.0.255"}, {"pool": "10.4.1.1 - 10.4.1.9", "pool-id": 3}]}],
    }));
    let pick = |subnet: &Value| {
        let get = |keyword: &str| subnet[keyword].clone();
        json!([get("id"), get("min-valid-lifetime"), get("valid-lifetime"), get("max-valid-lifetime")])
    };
    let networks = &dhcp4["shared-networks"][0]["subnet4"];
    assert_eq!(pick(&networks[0]), json!([1, 60, 3000, 5000]));
    assert_eq!(pick(&networks[1]), json!([2, 3000, 3000, 5000]));
    assert_eq!(networks[0]["subnet"], "10.2.0.0/16");
    assert_eq!(networks[1]["relay"], json!({"ip-addresses": ["10.0.0.5"]}));
    assert_eq!(pick(&dhcp4["subnet4"][0]), json!([4, 10, 10, 5000]));
    assert_eq!(
        dhcp4["subnet4"][0]["pools"],
        json!([{"option-data": [], "pool": "10.4.0.0/24"}, {"option-data": [], "pool": "10.4.1.1-10.4.1.9", "pool-id": 3}])
    );
    assert_eq!(
        dhcp4["subnet4"][1],
        json!({"4o6-interface": "", "4o6-interface-id": "", "4o6-subnet": "", "allocator": "iterative",
            "cache-threshold": 0.25, "calculate-tee-times": false, "id": 9, "max-valid-lifetime": 5000,
            "min-valid-lifetime": 4000, "option-data": [], "pools": [], "relay": {"ip-addresses": []},
            "renew-timer": 900, "reservations": [], "store-extended-info": false, "subnet": "10.3.0.0/16",
            "t1-percent": 0.5, "t2-percent": 0.875, "valid-lifetime": 4000})
    );
}

/// Options of a class are read as it defines them.
#[test]
fn options_of_a_class_are_its_own() {
    let dhcp4 = normal(json!({"client-classes": [
        {"name": "a", "option-def": [{"name": "x", "code": 224, "type": "uint16"}],
            "option-data": [{"name": "x", "data": "7"}, {"name": "routers", "data": "10.0.0.1"}]},
        {"name": "b", "option-data": [{"code": 224, "data": "0A"}]},
    ]}));
    let option = |class: usize, at: usize| {
        let option = &dhcp4["client-classes"][class]["option-data"][at];
        json!([option["name"], option["code"], option["csv-format"], option["data"]])
    };
    assert_eq!(option(0, 0), json!(["x", 224, true, "7"]));
    assert_eq!(option(0, 1), json!(["routers", 3, true, "10.0.0.1"]));
    assert_eq!(option(1, 0), json!([null, 224, false, "0A"]));
}

/// Options have name and code; data is text where a definition reads it, else capital hexadecimal digits.
#[test]
fn options_are_named() {
    let dhcp4 = normal(json!({
        "option-def": [{"name": "pair", "code": 230, "type": "record", "record-types": "uint8,  string"}],
        "option-data": [{"code": 3, "data": "10.0.0.1"}, {"name": "pair", "data": "1, a", "always-send": true},
            {"code": 231, "data": "0a:ff", "csv-format": false}, {"name": "routers", "never-send": true}],
    }));
    assert_eq!(
        dhcp4["option-data"],
        json!([
            {"always-send": false, "code": 3, "csv-format": true, "data": "10.0.0.1", "name": "routers",
                "never-send": false, "space": "dhcp4"},
            {"always-send": true, "code": 230, "csv-format": true, "data": "1, a", "name": "pair",
                "never-send": false, "space": "dhcp4"},
            {"always-send": false, "code": 231, "csv-format": false, "data": "0AFF", "never-send": false,
                "space": "dhcp4"},
            {"always-send": false, "code": 3, "name": "routers", "never-send": true, "space": "dhcp4"},
        ])
    );
    assert_eq!(
        dhcp4["option-def"],
        json!([{"array": false, "code": 230, "encapsulate": "", "name": "pair", "record-types": "uint8, string",
            "space": "dhcp4", "type": "record"}])
    );
}

/// Comments, clients, loggers, sockets and databases in the forms that Kea shows.
#[test]
fn the_rest_is_normal_too() {
    let dhcp4 = normal(json!({
        "comment": "all", "user-context": {"a": 1},
        "reservations": [{"hw-address": "1A:2:3:4:5:6"}, {"circuit-id": "'ab'"}, {"client-id": "01:0a"}],
        "client-classes": [{"name": "c", "valid-lifetime": 60, "max-valid-lifetime": 80}],
        "loggers": [{"name": "kea-dhcp4", "severity": "info", "output-options": [{"output": "stdout"}, {"output": "f"}]}],
        "control-sockets": [
            {"socket-type": "http", "authentication": {"clients": []}},
            {"socket-type": "unix", "socket-name": "s"}],
        "lease-database": {"type": "memfile", "name": "", "persist": false},
        "compatibility": {"lenient-option-parsing": true, "exclude-first-last-24": false},
        "interfaces-config": {"interfaces": ["b/1.2.3.4", "b1", "*", "a"], "dhcp-socket-type": "raw",
            "service-sockets-retry-wait-time": 7},
        "dhcp-queue-control": {"enable-queue": true, "own": 1},
        "dhcp-ddns": {"enable-updates": true, "server-ip": "::1"},
    }));
    let boot =
        json!({"boot-file-name": "", "next-server": "0.0.0.0", "server-hostname": "", "option-data": []});
    let with_boot = |mut map: Value| {
        map.as_object_mut().unwrap().extend(boot.as_object().unwrap().clone());
        map
    };
    assert_eq!(dhcp4["user-context"], json!({"a": 1, "comment": "all"}));
    let host =
        |keyword: &str, id: &str| with_boot(json!({keyword: id, "hostname": "", "client-classes": []}));
    assert_eq!(
        dhcp4["reservations"],
        json!([
            host("hw-address", "1a:02:03:04:05:06"),
            host("circuit-id", "6162"),
            host("client-id", "010A")
        ])
    );
    assert_eq!(
        dhcp4["client-classes"],
        json!([with_boot(
            json!({"name": "c", "option-def": [], "valid-lifetime": 60, "max-valid-lifetime": 80})
        )])
    );
    assert_eq!(
        dhcp4["loggers"],
        json!([{"name": "kea-dhcp4", "severity": "INFO", "debuglevel": 0, "output-options": [
            {"output": "stdout", "flush": true, "pattern": ""},
            {"output": "f", "flush": true, "pattern": "", "maxsize": 10240000, "maxver": 1}]}])
    );
    assert_eq!(
        dhcp4["control-sockets"],
        json!([{"socket-type": "unix", "socket-name": "s"},
            {"socket-type": "http", "authentication": {"type": "basic", "realm": "", "clients": []}}])
    );
    assert_eq!(dhcp4["lease-database"], json!({"type": "memfile", "persist": false}));
    assert_eq!(dhcp4["compatibility"], json!({"lenient-option-parsing": true}));
    assert_eq!(
        dhcp4["interfaces-config"],
        json!({"interfaces": ["*", "a", "b1", "b/1.2.3.4"], "re-detect": true})
    );
    assert_eq!(
        dhcp4["dhcp-queue-control"],
        json!({"enable-queue": false, "queue-type": "kea-ring4", "capacity": 64, "own": 1})
    );
    assert_eq!(dhcp4["dhcp-ddns"]["sender-ip"], "::");
}

/// So do very many, a few of which are made at a time.
#[test]
fn many_subnets_are_shown() {
    let subnet = |number: u32| {
        let prefix = format!("10.{}.{}.0/24", number / 256, number % 256);
        json!({"id": 1000 - number, "subnet": prefix, "reservations": [{"hw-address": "02:00:00:00:00:01"}]})
    };
    let subnets: Vec<Value> = (0..300).map(subnet).collect();
    let dhcp4 =
        normal(json!({"valid-lifetime": 77, "authoritative": true, "option-def": [], "subnet4": subnets}));
    let shown = dhcp4["subnet4"].as_array().unwrap();
    assert_eq!((shown.len(), &shown[0]["id"], &shown[299]["id"]), (300, &json!(701), &json!(1000)));
    assert_eq!(shown[150]["valid-lifetime"], 77);
}

/// The normal form is a configuration itself, and its own normal form; so the hash says whether two are the same.
#[test]
fn the_normal_form_is_stable() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/everything.conf");
    let mut diagnostics = Diagnostics::new();
    let written = kotare_config::json::read(path.as_ref(), &mut diagnostics).expect("JSON");
    let once = normal(written.get("Dhcp4").unwrap().to_json());
    let twice = normal(once.clone());
    assert_eq!(once, twice);
    assert_eq!(config_hash(&once), config_hash(&twice));
    assert_eq!(config_hash(&once).len(), 64);
}
