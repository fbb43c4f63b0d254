//! `libdhcp_subnet_cmds.so`: what its commands answer, and what they change.

use kotare_config::json::{Diagnostics, parse};
use serde_json::{Value, json};

use crate::link::LinkOf;
use crate::protocol::{Protocol, Reply};
use crate::retold;
use crate::server::ServerOf;
use crate::store::DatabaseOf;

/// A server with the library, a subnet that the link is in, and what else is said.
fn server<P: Protocol>(link: &LinkOf<P>, more: &Value) -> ServerOf<P> {
    let mut written = retold::configuration::<P>(&["subnet_cmds"]);
    let map = written[P::MAP].as_object_mut().expect("a map");
    for (keyword, value) in P::retell(more.clone()).as_object().expect("a map") {
        match map.get_mut(keyword).and_then(Value::as_array_mut) {
            Some(list) => list.extend(value.as_array().expect("a list").iter().cloned()),
            None => _ = map.insert(keyword.clone(), value.clone()),
        }
    }
    ServerOf::with_database(link, written, &DatabaseOf::<P>::new())
}

fn ok(text: &str) -> (i64, String) {
    (0, text.to_owned())
}

/// A subnet as `config-get` shows it.
fn shown<P: Protocol>(server: &ServerOf<P>, id: u32) -> Value {
    let mut config = server.told("config-get", json!({}));
    let mut subnets = config["Dhcp4"]["subnet4"].as_array_mut().expect("a list").clone();
    for network in config["Dhcp4"]["shared-networks"].as_array_mut().expect("a list") {
        subnets.append(network["subnet4"].as_array_mut().expect("a list"));
    }
    subnets.into_iter().find(|subnet| subnet["id"] == id).unwrap_or_default()
}

fn with_two<P: Protocol>(link: &LinkOf<P>) -> ServerOf<P> {
    server(
        link,
        &json!({
            "subnet4": [{"id": 5, "subnet": "10.0.0.0/8", "reservations": [{"hw-address": "2:0:0:0:0:9", "ip-address": "10.0.0.9"}]}],
            "shared-networks": [{"name": "floor1", "valid-lifetime": 77, "interface": "eth9",
                "subnet4": [{"id": 7, "subnet": "10.7.0.0/16"}]}],
        }),
    )
}

/// Lists tell what is configured, in the words of Kea; also that there is nothing.
fn what_is_configured_is_listed<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = with_two::<P>(&link);
    assert_eq!(
        server.retold("subnet4-list", None),
        json!({"result": 0, "text": "3 IPv4 subnets found", "arguments": {"subnets": [
            {"id": 1, "shared-network-name": null, "subnet": "192.0.0.0/16"},
            {"id": 5, "shared-network-name": null, "subnet": "10.0.0.0/8"},
            {"id": 7, "shared-network-name": "floor1", "subnet": "10.7.0.0/16"},
        ]}})
    );
    assert_eq!(
        server.retold("network4-list", None),
        json!({"result": 0, "text": "1 IPv4 network found", "arguments": {"shared-networks": [{"name": "floor1"}]}})
    );
    for id in [1, 5] {
        server.told("subnet4-del", json!({"id": id}));
    }
    server.told("network4-del", json!({"name": "floor1", "subnets-action": "delete"}));
    assert_eq!(
        server.retold("subnet4-list", None),
        json!({"result": 3, "text": "0 IPv4 subnets found", "arguments": {"subnets": []}})
    );
    assert_eq!(
        server.retold("network4-list", None),
        json!({"result": 3, "text": "0 IPv4 networks found", "arguments": {"shared-networks": []}})
    );
}

/// A subnet or shared network is shown as `config-get` shows it, without its reservations.
fn one_is_shown<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = with_two::<P>(&link);
    let mut whole = shown(&server, 5);
    whole.as_object_mut().expect("a map").shift_remove("reservations");
    for by in [json!({"id": 5}), json!({"subnet": "10.0.0.0/8"})] {
        let answer = server.retold("subnet4-get", Some(by));
        assert_eq!(answer["text"], "Info about IPv4 subnet 10.0.0.0/8 (id 5) returned");
        assert_eq!(answer["arguments"], json!({"subnet4": [whole]}));
    }
    assert_eq!(whole["valid-lifetime"], 4000, "inherited");
    let inside = server.told("subnet4-get", json!({"id": 7}))["subnet4"][0].take();
    assert_eq!(inside["valid-lifetime"], 77, "inherited from the shared network");
    let network = server.retold("network4-get", Some(json!({"name": "floor1"})));
    assert_eq!(network["text"], "Info about IPv4 shared network 'floor1' returned");
    let network = &network["arguments"]["shared-networks"][0];
    assert_eq!((&network["interface"], &network["subnet4"][0]["id"]), (&json!("eth9"), &json!(7)));
    for (command, by, text) in [
        ("subnet4-get", json!({"id": 9}), "No subnet with id 9 found"),
        ("subnet4-get", json!({"subnet": "10.0.0.0/9"}), "No 10.0.0.0/9 subnet found"),
        ("network4-get", json!({"name": "x"}), "No 'x' shared network found"),
    ] {
        assert_eq!(server.said(command, by), (3, text.to_owned()));
    }
}

/// A subnet that is added serves clients; one that is deleted does not. Leases and statistics of others stay.
fn subnets_come_and_go<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link, &json!({}));
    let mut client = P::client(1);
    let first = server.lease(&link, &mut client);
    let hash = server.told("config-hash-get", json!({}))["hash"].take();
    let added = server.retold(
        "subnet4-add",
        Some(json!({"subnet4": [{"id": 2, "subnet": "10.2.0.0/16", "pools": [{"pool": "10.2.0.1-10.2.0.9"}]}]})),
    );
    assert_eq!(
        added,
        json!({"result": 0, "text": "IPv4 subnet added", "arguments": {"subnets": [{"id": 2, "subnet": "10.2.0.0/16"}]}})
    );
    assert_ne!(server.told("config-hash-get", json!({}))["hash"], hash);
    assert_eq!(server.told_statistic("subnet[2].total-addresses"), 9);
    assert_eq!(server.told_statistic("subnet[1].assigned-addresses"), 1);
    assert_eq!(server.statistic(P::GIVEN), 1);
    assert_eq!(server.lease(&link, &mut client).given(), first.given());
    let written = server.told("config-write", json!({"filename": "new.conf"}));
    let text = std::fs::read_to_string(written["filename"].as_str().expect("a name")).expect("a file");
    assert!(text.contains(&retold::text::<P>("10.2.0.0/16")));
    let relayed = |server: &ServerOf<P>| server.said("subnet4-select-test", json!({"relay": "10.2.0.1"})).0;
    assert_eq!(relayed(&server), 0);
    let deleted = server.retold("subnet4-del", Some(json!({"id": 2})));
    assert_eq!(
        deleted,
        json!({"result": 0, "text": "IPv4 subnet 10.2.0.0/16 (id 2) deleted",
            "arguments": {"subnets": [{"id": 2, "subnet": "10.2.0.0/16"}]}})
    );
    assert_eq!(relayed(&server), 3);
    assert_eq!(server.said("subnet4-del", json!({"id": 2})), (3, "no subnet with id 2 found".into()));
    assert_eq!(server.lease(&link, &mut client).given(), first.given());
}

/// An update puts another subnet in the place of one: what it does not say is gone, but for the reservations, and it
/// stays in its shared network.
fn a_subnet_is_replaced<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = with_two::<P>(&link);
    for update in [
        json!({"id": 5, "subnet": "10.0.0.0/9", "renew-timer": 5, "option-data": [{"name": "routers", "data": "10.0.0.1"}]}),
        json!({"id": 5, "subnet": "10.0.0.0/10", "rebind-timer": 7}),
    ] {
        let prefix = update["subnet"].clone();
        let answer = server.retold("subnet4-update", Some(json!({"subnet4": [update]})));
        assert_eq!(
            answer,
            json!({"result": 0, "text": "IPv4 subnet updated", "arguments": {"subnets": [{"id": 5, "subnet": prefix}]}})
        );
    }
    let updated = shown(&server, 5);
    assert_eq!((&updated["rebind-timer"], updated.get("renew-timer")), (&json!(7), None));
    assert_eq!(
        (&updated["option-data"], updated["reservations"][0]["ip-address"].as_str()),
        (&json!([]), Some("10.0.0.9"))
    );
    let inside = json!({"subnet4": [{"id": 7, "subnet": "10.7.0.0/16", "comment": "new"}]});
    assert_eq!(server.said("subnet4-update", inside).0, 0);
    let network = server.told("network4-get", json!({"name": "floor1"}));
    assert_eq!(network["shared-networks"][0]["subnet4"][0]["user-context"], json!({"comment": "new"}));
}

/// Parts of a subnet are added, changed and removed; whatever notation names them.
fn parts_of_a_subnet_are_changed<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link, &json!({"option-def": [{"name": "foo", "code": 254, "type": "string"}]}));
    let mut all = json!({"id": 2, "subnet": "10.2.0.0/16", "renew-timer": 9, "comment": "c",
        "relay": {"ip-addresses": ["10.2.0.1"]}, "user-context": {"a": 1, "list": [1, 2]},
        "option-data": [{"name": "routers", "data": "10.2.0.1"}, {"code": 254, "data": "x", "always-send": true}],
        "pools": [{"pool": "10.2.1.0/24", "pool-id": 4, "option-data": [{"code": 4, "data": "10.2.0.4"}]},
            {"pool": "10.2.2.10 - 10.2.2.20"}]});
    all["user-context"]["x"] = json!({"y": 1});
    assert_eq!(server.said("subnet4-add", json!({"subnet4": [all]})), ok("IPv4 subnet added"));
    let change = |command: &str, mut parts: Value| {
        parts["id"] = 2.into();
        parts["subnet"] = "10.2.0.0/16".into();
        let answer = server.retold(command, Some(json!({"subnet4": [parts]})));
        assert_eq!(answer["text"], "IPv4 subnet updated", "{answer}");
        assert_eq!(answer["arguments"], json!({"subnets": [{"id": 2, "subnet": "10.2.0.0/16"}]}));
        shown(&server, 2)
    };
    let now = change(
        "subnet4-delta-add",
        json!({
        "rebind-timer": 11, "renew-timer": 10, "relay": {"ip-address": "10.2.0.2"}, "comment": "d",
        "user-context": {"b": 2, "list": [3], "x": {"z": 2}},
        "option-data": [{"name": "foo", "data": "y"}, {"name": "domain-name", "data": "a.org"}],
        "pools": [{"pool": "10.2.2.10-10.2.2.20", "option-data": [{"name": "time-servers", "data": "10.2.0.5"}]},
            {"pool": "10.2.3.1-10.2.3.9"}]}),
    );
    assert_eq!((&now["renew-timer"], &now["rebind-timer"]), (&json!(10), &json!(11)));
    assert_eq!(now["relay"]["ip-addresses"], json!(["10.2.0.1", "10.2.0.2"]));
    assert_eq!(
        now["user-context"],
        json!({"a": 1, "b": 2, "comment": "d", "list": [1, 2, 3], "x": {"y": 1, "z": 2}})
    );
    let options: Vec<_> = now["option-data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| (&it["code"], &it["data"], &it["always-send"]))
        .collect();
    let expected = [(3, "10.2.0.1", false), (254, "y", false), (15, "a.org", false)]
        .map(|(a, b, c)| (json!(a), json!(b), json!(c)));
    assert_eq!(options, expected.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());
    let pools: Vec<_> = now["pools"].as_array().expect("a list").iter().map(|it| &it["pool"]).collect();
    assert_eq!(pools, ["10.2.1.0/24", "10.2.2.10-10.2.2.20", "10.2.3.1-10.2.3.9"]);
    assert_eq!(now["pools"][1]["option-data"][0]["data"], "10.2.0.5");
    assert_eq!(server.told_statistic("subnet[2].total-addresses"), 256 + 11 + 9);

    let now = change(
        "subnet4-delta-del",
        json!({
        "renew-timer": 0, "valid-lifetime": 1, "relay": {"ip-addresses": ["10.2.0.1"]},
        "user-context": {"a": 7, "list": [2], "x": {"y": 0, "z": 0}},
        "option-data": [{"code": 254}, {"name": "routers", "data": "10.9.9.9"}],
        "pools": [{"pool": "10.2.1.0 - 10.2.1.255", "option-data": [{"name": "time-servers"}]},
            {"pool": "10.2.2.10-10.2.2.20"}, {"pool": "10.2.4.1-10.2.4.2"}]}),
    );
    assert_eq!(
        (now.get("renew-timer"), &now["rebind-timer"], &now["valid-lifetime"]),
        (None, &json!(11), &json!(4000))
    );
    assert_eq!(now["relay"]["ip-addresses"], json!(["10.2.0.2"]));
    assert_eq!(now["user-context"], json!({"b": 2, "comment": "d", "list": [1, 3]}));
    assert_eq!(now["option-data"].as_array().map(Vec::len), Some(1));
    assert_eq!((&now["pools"][0]["pool-id"], &now["pools"][0]["option-data"]), (&json!(4), &json!([])));
    assert_eq!(now["pools"][1]["pool"], "10.2.3.1-10.2.3.9");
    assert_eq!(server.told_statistic("subnet[2].total-addresses"), 256 + 9);
}

/// Shared networks come with their subnets and go without them, unless told; subnets that leave keep what `config-get`
/// showed of the network in them.
fn shared_networks_come_and_go<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = with_two::<P>(&link);
    let floor = json!({"name": "floor2", "option-data": [{"name": "routers", "data": "10.8.0.1"}], "subnet4": [
        {"id": 8, "subnet": "10.8.0.0/16", "pools": [{"pool": "10.8.0.9-10.8.0.9"}]}, {"id": 9, "subnet": "10.9.0.0/16"}]});
    assert_eq!(
        server.retold("network4-add", Some(json!({"shared-networks": [floor]}))),
        json!({"result": 0, "text": "A new IPv4 shared network 'floor2' added",
            "arguments": {"shared-networks": [{"name": "floor2"}]}})
    );
    assert_eq!(server.told_statistic("subnet[8].total-addresses"), 1);
    assert_eq!(
        server.said("network4-subnet-add", json!({"name": "floor2", "id": 5})),
        ok("IPv4 subnet 10.0.0.0/8 (id 5) is now part of shared network 'floor2'")
    );
    let selected = (0, "selected shared network 'floor2' starting with subnet '10.0.0.0/8' id 5".to_owned());
    assert_eq!(server.said("subnet4-select-test", json!({"relay": "10.1.1.1"})), selected);
    assert_eq!(
        server.said("network4-subnet-del", json!({"name": "floor2", "id": 5})),
        ok("IPv4 subnet 10.0.0.0/8 (id 5) is now removed from shared network 'floor2'")
    );
    assert_eq!(shown(&server, 5)["reservations"][0]["ip-address"], "10.0.0.9");
    assert_eq!(
        server.retold("network4-del", Some(json!({"name": "floor1"}))),
        json!({"result": 0, "text": "IPv4 shared network 'floor1' deleted",
            "arguments": {"shared-networks": [{"name": "floor1"}]}})
    );
    let alone = shown(&server, 7);
    assert_eq!((&alone["valid-lifetime"], alone.get("interface")), (&json!(77), None));
    let gone = json!({"name": "floor2", "subnets-action": "delete"});
    assert_eq!(server.said("network4-del", gone), ok("IPv4 shared network 'floor2' deleted"));
    let left = server.told("subnet4-list", json!({}));
    let ids: Vec<_> = left["subnets"].as_array().expect("a list").iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [1, 5, 7]);
}

/// What is wrong is told in the words of Kea, and nothing changes.
fn wrong_commands_change_nothing<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = with_two::<P>(&link);
    let before = server.told("config-get", json!({}));
    let reserved = json!({"id": 9, "subnet": "10.9.0.0/16", "reservations": []});
    let subnet = |subnet: Value| json!({"subnet4": [subnet]});
    let network = |network: Value| json!({"shared-networks": [network]});
    for command in ["subnet4-add", "subnet4-update", "subnet4-delta-add", "subnet4-delta-del"] {
        let list = format!("'{command}' command. Expecting 'subnet4' list");
        for (arguments, text) in [
            (json!([]), format!("arguments specified for the '{command}' command are not a map")),
            (json!({}), format!("invalid number of arguments 0 for the {list}")),
            (json!({"subnet4": [], "foo": 1}), format!("invalid number of arguments 2 for the {list}")),
            (json!({"x": "foo"}), format!("missing 'subnet4' argument for the '{command}' command")),
            (
                json!({"subnet4": 1}),
                format!("'subnet4' argument specified for the '{command}' command is not a list"),
            ),
            (
                json!({"subnet4": []}),
                format!(
                    "invalid number of subnets specified for the '{command}' command. Expected one subnet"
                ),
            ),
            (
                json!({"subnet4": [1]}),
                format!("invalid subnet information specified for the'{command}' command. Expected a map"),
            ),
        ] {
            assert_eq!(server.said(command, arguments), (1, text));
        }
        let none = server.retold(command, None);
        assert_eq!(none["text"], format!("no arguments specified for the '{command}' command"));
    }
    for command in ["subnet4-update", "subnet4-delta-add", "subnet4-delta-del"] {
        for (given, text) in [
            (json!({"subnet": "10.1.0.0/29"}), format!("must specify subnet id with '{command}' command.")),
            (json!({"id": 0}), "The 'id' value (0) is not within expected range: (1 - 4294967294)".into()),
            (
                json!({"id": u32::MAX}),
                "The 'id' value (4294967295) is not within expected range: (1 - 4294967294)".into(),
            ),
            (json!({"id": 123, "subnet": "10.1.0.0/29"}), "Can't find subnet '123' to update".into()),
            (reserved.clone(), format!("must not specify host reservations with '{command}'.")),
        ] {
            assert_eq!(server.said(command, subnet(given)), (1, text));
        }
    }
    for command in ["subnet4-update", "subnet4-delta-add"] {
        let taken = subnet(json!({"id": 5, "subnet": "192.0.0.0/16"}));
        assert_eq!(
            server.said(command, taken),
            (1, "Unable to update subnet '5' in the configuration".into())
        );
    }
    for (command, arguments, text) in [
        (
            "subnet4-add",
            subnet(reserved),
            "must not specify host reservations with 'subnet4-add'. Use 'reservation-add' to add a reservation to a subnet",
        ),
        (
            "subnet4-add",
            subnet(json!({"subnet": "10.9.0.0/16"})),
            "subnet configuration failed: missing parameter 'id'",
        ),
        (
            "subnet4-add",
            subnet(json!({"id": 5, "subnet": "10.9.0.0/16"})),
            "ID of the new IPv4 subnet '5' is already in use",
        ),
        (
            "subnet4-add",
            subnet(json!({"id": 9, "subnet": "10.0.0.0/8"})),
            "subnet with the prefix of '10.0.0.0/8' already exists",
        ),
        (
            "subnet4-get",
            json!({}),
            "invalid number of arguments 0 for the 'subnet4-get' command. Expecting 'id' or 'subnet'",
        ),
        ("subnet4-get", json!({"x": 1}), "'id' or 'subnet' parameter required"),
        ("subnet4-get", json!({"id": "x"}), "'id' parameter must be an integer"),
        ("subnet4-get", json!({"subnet": 1}), "'subnet' parameter must be a string"),
        ("subnet4-get", json!([]), "arguments specified for the 'subnet4-get' command are not a map"),
        (
            "subnet4-del",
            json!({}),
            "invalid number of arguments specified for the 'subnet4-del command. Expected subnet identifier",
        ),
        ("subnet4-del", json!({"bar": 1}), "subnet identifier is required for the 'subnet4-del' command"),
        (
            "subnet4-del",
            json!({"id": "x"}),
            "subnet identifier specified for the 'subnet4-del' is not a number",
        ),
        ("network4-get", json!({}), "invalid 'network4-get': missing mandatory 'name' parameter"),
        ("network4-get", json!({"name": 1}), "'name' parameter must be a string"),
        ("network4-add", json!({}), "missing 'shared-networks' argument for the 'network4-add' command"),
        (
            "network4-add",
            json!({"shared-networks": []}),
            "invalid number of networks specified for the 'network4-add' command. Expected one network",
        ),
        (
            "network4-add",
            network(json!(1)),
            "invalid network information specified for the'network4-add' command. Expected a map",
        ),
        (
            "network4-add",
            network(json!({"name": "floor1"})),
            "duplicate network 'floor1' found in the configuration",
        ),
        (
            "network4-add",
            network(json!({"name": "x", "subnet4": [{"id": 5, "subnet": "10.9.0.0/16"}]})),
            "ID of the new IPv4 subnet '5' is already in use",
        ),
        ("network4-del", json!({}), "network name ('name') is required for the 'network4-del' command"),
        (
            "network4-del",
            json!({"name": 1}),
            "network name ('name') specified for the 'network4-del' is not a string",
        ),
        (
            "network4-del",
            json!({"name": "floor1", "subnets-action": "x"}),
            "Invalid value for subnets-action parameter: x, Supported values: 'keep' and 'delete'.",
        ),
        (
            "network4-del",
            json!({"name": "floor1", "subnets-action": 1}),
            "subnets-action parameter for network4-del command must be a string. Supported values are: 'keep' and 'delete'.",
        ),
        (
            "network4-subnet-add",
            json!({"id": 5}),
            "missing 'name' argument for the 'network4-subnet-add' command",
        ),
        (
            "network4-subnet-add",
            json!({"name": "floor1", "id": "x"}),
            "'name' argument specified for the 'network4-subnet-add' command is not an integer",
        ),
        (
            "network4-subnet-add",
            json!({"name": "floor1", "id": 7}),
            "attempted to add subnet with a duplicated subnet identifier 7",
        ),
        (
            "network4-subnet-del",
            json!({"name": 1, "id": 7}),
            "'name' argument specified for the 'network4-subnet-del' command is not a string",
        ),
    ] {
        assert_eq!(server.said(command, arguments.clone()), (1, text.to_owned()), "{command} {arguments}");
    }
    for (command, arguments, text) in [
        ("network4-del", json!({"name": "x"}), "no shared network with name 'x' found"),
        ("network4-subnet-add", json!({"name": "x", "id": 5}), "no IPv4 shared network with name 'x' found"),
        ("network4-subnet-add", json!({"name": "floor1", "id": 99}), "no IPv4 subnet with id '99' found"),
        ("network4-subnet-del", json!({"name": "x", "id": 5}), "no IPv4 shared network with name 'x' found"),
        (
            "network4-subnet-del",
            json!({"name": "floor1", "id": 5}),
            "The IPv4 subnet with id 5 is not part of the shared network with name 'floor1' found",
        ),
    ] {
        assert_eq!(server.said(command, arguments), (3, text.to_owned()));
    }
    // What only the whole configuration shows to be wrong, with its place.
    for (command, arguments, told) in [
        (
            "subnet4-add",
            subnet(json!({"id": 9, "subnet": "10.9.0.0/16", "pools": [{"pool": "10.8.0.1-10.8.0.2"}]})),
            "<subnet4-add 9>: Dhcp4/subnet4[2]/pools[0]/pool: ",
        ),
        (
            "subnet4-add",
            subnet(json!({"id": 9, "subnet": "10.9.0.0/16", "x": 1})),
            "unknown keyword \"x\" in subnet4",
        ),
        (
            "subnet4-delta-add",
            subnet(json!({"id": 5, "subnet": "10.0.0.0/8", "pools": 1})),
            "\"pools\" must be a list of maps",
        ),
        ("subnet4-delta-del", subnet(json!({"id": 5})), "\"subnet\" is missing"),
        ("network4-add", network(json!({"name": "", "subnet4": []})), "a shared network must have a name"),
    ] {
        let (result, text) = server.said(command, arguments);
        assert!(result == 1 && text.contains(told), "{text}");
    }
    assert_eq!(server.told("config-get", json!({})), before);
}

/// Of two commands at the same time neither undoes the other.
fn commands_wait_for_each_other<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link, &json!({}));
    let add = |id: u32| {
        let subnet = json!({"id": id, "subnet": format!("10.{id}.0.0/16")});
        assert_eq!(server.said("subnet4-add", json!({"subnet4": [subnet]})), ok("IPv4 subnet added"));
    };
    std::thread::scope(|scope| {
        for id in 2..10 {
            scope.spawn(move || add(id));
        }
    });
    assert_eq!(server.said("subnet4-list", json!({})), ok("9 IPv4 subnets found"));
}

/// Subnets that were configured without ids keep those they were given.
fn given_ids_stay<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server =
        server::<P>(&link, &json!({"subnet4": [{"subnet": "10.2.0.0/16"}, {"subnet": "10.3.0.0/16"}]}));
    let taken = json!({"subnet4": [{"id": 2, "subnet": "10.4.0.0/16"}]});
    assert_eq!(
        server.said("subnet4-add", taken),
        (1, "ID of the new IPv4 subnet '2' is already in use".into())
    );
    let free = json!({"subnet4": [{"id": 4, "subnet": "10.4.0.0/16"}]});
    assert_eq!(server.said("subnet4-add", free), ok("IPv4 subnet added"));
    assert_eq!(server.said("subnet4-del", json!({"id": 2})), ok("IPv4 subnet 10.2.0.0/16 (id 2) deleted"));
    assert_eq!(shown(&server, 3)["subnet"], "10.3.0.0/16");
}

/// A client of a subnet that is added is served at once, by its options.
fn what_is_changed_is_served<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link, &json!({}));
    let resolvers = |server: &ServerOf<P>| server.lease(&link, &mut P::client(1)).number();
    assert_eq!(resolvers(&server), Some(1));
    let part = json!({"id": 1, "subnet": "192.0.0.0/16", "option-data": [{"code": 6, "data": "192.0.2.77"}]});
    assert_eq!(server.said("subnet4-delta-add", json!({"subnet4": [part]})), ok("IPv4 subnet updated"));
    assert_eq!(resolvers(&server), Some(77));
}

/// A command that changes a part begins nothing else anew: what other commands have set lasts.
fn the_rest_goes_on<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link, &json!({}));
    server.told("dhcp-disable", json!({"origin-id": 2001}));
    server.told("statistic-sample-count-set-all", json!({"max-samples": 1}));
    server.hands.advance(std::time::Duration::from_secs(60));
    let added = json!({"subnet4": [{"id": 2, "subnet": "10.2.0.0/16"}]});
    assert_eq!(server.said("subnet4-add", added), ok("IPv4 subnet added"));
    let status = server.told("status-get", json!({}));
    assert_eq!(status["dhcp-state"]["disabled-by-remote-command"], json!([2001]));
    assert_eq!(status["reload"], 60);
    server.told("statistic-reset", json!({"name": "pkt4-received"}));
    let samples = server.told("statistic-get", json!({"name": "pkt4-received"}));
    assert_eq!(samples["pkt4-received"].as_array().map(Vec::len), Some(1));
}

/// What a command returns can be sent back: then it is as it was.
fn what_is_shown_can_be_sent_back<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = with_two::<P>(&link);
    let full = json!({"id": 2, "subnet": "10.2.0.0/16", "comment": "c", "client-classes": ["a"],
        "option-data": [{"name": "routers", "data": "10.2.0.1", "client-classes": ["b"]}],
        "pools": [{"pool": "10.2.1.0/24", "pool-id": 4, "user-context": {"x": [1]}}]});
    assert_eq!(server.said("subnet4-add", json!({"subnet4": [full]})), ok("IPv4 subnet added"));
    let before = server.told("config-get", json!({}));
    for id in [1, 2, 5, 7] {
        let subnet = server.told("subnet4-get", json!({"id": id}))["subnet4"].take();
        assert_eq!(server.said("subnet4-update", json!({"subnet4": subnet})), ok("IPv4 subnet updated"));
    }
    assert_eq!(server.told("config-get", json!({})), before);
    let network = server.told("network4-get", json!({"name": "floor1"}));
    server.told("network4-del", json!({"name": "floor1", "subnets-action": "delete"}));
    assert_eq!(server.said("network4-add", network).0, 0);
    assert_eq!(server.told("config-get", json!({})), before);
}

/// No command makes a configuration that nests deeper than one can be read.
fn what_is_written_can_be_read<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = with_two::<P>(&link);
    // The map of the subnet is inside three others.
    let subnet = |levels| {
        let context = (1..levels).fold(json!({}), |inside, _| json!({"a": inside}));
        json!({"subnet4": [{"id": 9, "subnet": "10.9.0.0/16", "user-context": context}]})
    };
    assert_eq!(server.said("subnet4-add", subnet(96)).0, 0);
    let written = json!({"Dhcp4": server.told("config-get", json!({}))["Dhcp4"]}).to_string();
    let mut diagnostics = Diagnostics::new();
    assert!(parse("kea-dhcp4.conf", written.as_bytes(), &mut diagnostics).is_some(), "{diagnostics}");
    let too_deep = |(result, text): (i64, String)| {
        assert_eq!(result, 1, "{text}");
        assert!(text.ends_with("lists and maps nest more than 100 levels deep"), "{text}");
        text
    };
    let text = too_deep(server.said("network4-subnet-add", json!({"name": "floor1", "id": 9})));
    assert!(text.contains("Dhcp4/shared-networks[0]/subnet4[1]/user-context/a/a"), "{text}");
    server.said("subnet4-del", json!({"id": 9}));
    too_deep(server.said("subnet4-add", subnet(97)));
}

both! {
    what_is_configured_is_listed,
    one_is_shown,
    subnets_come_and_go,
    a_subnet_is_replaced,
    parts_of_a_subnet_are_changed,
    shared_networks_come_and_go,
    wrong_commands_change_nothing,
    commands_wait_for_each_other,
    given_ids_stay,
    what_is_changed_is_served,
    the_rest_goes_on,
    what_is_shown_can_be_sent_back,
    what_is_written_can_be_read,
}
