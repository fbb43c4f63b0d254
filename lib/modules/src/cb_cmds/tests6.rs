//! The commands of a DHCPv6 server with a database of SQLite.

use kotare_store_sql::{Access, Engine};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::COMMANDS6;
use crate::test_server6::TestServer6;

struct World {
    server: TestServer6,
    _folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("config.sqlite");
        let access = Access::new(Engine::Sqlite, file.to_str().expect("UTF-8"));
        let dhcp6 = json!({"hooks-libraries": [{"library": "libdhcp_cb_cmds.so"}]});
        let server = TestServer6::beside(&dhcp6, vec![access]).unwrap_or_else(|errors| panic!("{errors:?}"));
        Self { server, _folder: folder }
    }

    fn ask(&self, command: &str, arguments: Json) -> Json {
        self.server.answer(command, Some(arguments))
    }

    /// What a command says, with its code.
    fn said(&self, command: &str, arguments: Json) -> (i64, String) {
        let answer = self.ask(command, arguments);
        (answer["result"].as_i64().unwrap(), answer["text"].as_str().unwrap_or_default().to_owned())
    }

    /// What a command says that succeeds, and its arguments.
    fn done(&self, command: &str, arguments: Json) -> (String, Json) {
        let answer = self.ask(command, arguments);
        assert_eq!(answer["result"], 0, "{command}: {answer}");
        (answer["text"].as_str().unwrap_or_default().to_owned(), answer["arguments"].clone())
    }
}

fn all(mut arguments: Json) -> Json {
    arguments["server-tags"] = json!(["all"]);
    arguments
}

/// Every object is set, shown, listed and deleted, in Kea's words.
#[test]
fn objects_are_set_shown_and_deleted() {
    let world = World::new();
    let told = |command: &str, arguments: Json, text: &str| {
        let (said, arguments) = world.done(command, arguments);
        assert_eq!(said, text, "{command}");
        arguments
    };
    let server = json!({"servers": [{"server-tag": "One", "description": "first"}]});
    let set = told("remote-server6-set", server, "DHCPv6 server successfully set.");
    let is = json!({"server-tag": "one", "description": "first"});
    assert_eq!(set, json!({"servers": [is]}));
    let got =
        told("remote-server6-get", json!({"servers": [{"server-tag": "ONE"}]}), "DHCPv6 server 'one' found.");
    assert_eq!(got, json!({"servers": [is], "count": 1}));
    told("remote-server6-get-all", json!({}), "1 DHCPv6 server(s) found.");

    let parameters = json!({"parameters": {"renew-timer": 5, "dhcp-ddns": {"enable-updates": false}}});
    told("remote-global-parameter6-set", all(parameters), "2 DHCPv6 global parameter(s) successfully set.");
    let asked = json!({"parameters": ["dhcp-ddns.enable-updates"], "server-tags": ["one"]});
    let got = told(
        "remote-global-parameter6-get",
        asked,
        "'dhcp-ddns.enable-updates' DHCPv6 global parameter found.",
    );
    let metadata = json!({"server-tags": ["all"]});
    assert_eq!(got["parameters"], json!({"dhcp-ddns.enable-updates": false, "metadata": metadata}));
    told("remote-global-parameter6-get-all", all(json!({})), "2 DHCPv6 global parameter(s) found.");
    told(
        "remote-global-parameter6-del",
        all(json!({"parameters": ["renew-timer"]})),
        "1 DHCPv6 global parameter(s) deleted.",
    );

    let definition = json!({"option-defs": [{"name": "bar", "code": 1012, "type": "record", "array": true,
        "record-types": "ipv6-address, uint16"}]});
    told("remote-option-def6-set", all(definition), "DHCPv6 option definition successfully set.");
    let key = json!({"option-defs": [{"code": 1012, "space": "dhcp6"}]});
    let got =
        told("remote-option-def6-get", all(key.clone()), "DHCPv6 option definition 1012 in 'dhcp6' found.");
    assert_eq!(got["option-defs"][0]["record-types"], "ipv6-address, uint16");
    told("remote-option-def6-get-all", all(json!({})), "1 DHCPv6 option definition(s) found.");

    let network = json!({"shared-networks": [{"name": "level3", "interface": "eth0",
        "option-data": [{"name": "sntp-servers", "data": "2001:db8:1::1"}]}]});
    told("remote-network6-set", all(network), "IPv6 shared network successfully set.");
    // An option that is defined in the database, by name, and one of the protocol.
    let subnet = json!({"subnets": [{"id": 5, "subnet": "2001:db8:1::/48", "shared-network-name": "level3",
        "pools": [{"pool": "2001:db8:1::10 - 2001:db8:1::1f"}],
        "pd-pools": [{"prefix": "2001:db8:1:8000::", "prefix-len": 49, "delegated-len": 56}],
        "option-data": [{"name": "bar", "data": "2001:db8::1, 7"}, {"name": "dns-servers", "data": "2001:db8::2"}]}]});
    let set = told("remote-subnet6-set", all(subnet), "IPv6 subnet successfully set.");
    assert_eq!(set, json!({"subnets": [{"id": 5, "subnet": "2001:db8:1::/48"}]}));
    let got = told("remote-subnet6-get-by-id", json!({"subnets": [{"id": 5}]}), "IPv6 subnet 5 found.");
    let subnet = &got["subnets"][0];
    assert_eq!((&subnet["shared-network-name"], &subnet["metadata"]), (&json!("level3"), &metadata));
    assert_eq!(
        (&subnet["option-data"][0]["code"], &subnet["option-data"][0]["data"]),
        (&json!(1012), &json!("2001:db8::1, 7"))
    );
    assert_eq!(subnet["option-data"][1]["name"], "dns-servers");
    let prefix = json!({"subnets": [{"subnet": "2001:db8:1::/48"}]});
    assert_eq!(
        told("remote-subnet6-get-by-prefix", prefix.clone(), "IPv6 subnet 2001:db8:1::/48 found."),
        got
    );
    let list = told("remote-subnet6-list", all(json!({})), "1 IPv6 subnet(s) found.");
    let row =
        json!({"id": 5, "subnet": "2001:db8:1::/48", "shared-network-name": "level3", "metadata": metadata});
    assert_eq!(list, json!({"subnets": [row], "count": 1}));
    let network = json!({"shared-networks": [{"name": "level3"}]});
    let mut full = network.clone();
    full["subnets-include"] = json!("full");
    let got = told("remote-network6-get", full, "IPv6 shared network 'level3' found.");
    assert_eq!(got["shared-networks"][0]["subnet6"][0]["id"], 5);
    let list = told("remote-network6-list", all(json!({})), "1 IPv6 shared network(s) found.");
    assert_eq!(list["shared-networks"], json!([{"name": "level3", "metadata": metadata}]));
    // What is in use is not undefined, unless by force.
    assert_eq!(world.said("remote-option-def6-del", all(key.clone())).0, 1);
    let mut forced = key;
    forced["option-defs"][0]["force"] = json!(true);
    told("remote-option-def6-del", all(forced), "1 DHCPv6 option definition(s) deleted.");

    let option = json!({"options": [{"name": "dns-servers", "data": "2001:db8::3"}]});
    let key = json!({"options": [{"code": 23, "space": "dhcp6"}]});
    let set = told("remote-option6-global-set", all(option.clone()), "DHCPv6 option successfully set.");
    assert_eq!(set["options"], json!([{"code": 23, "space": "dhcp6", "client-classes": []}]));
    let got = told("remote-option6-global-get", all(key.clone()), "DHCPv6 option 23 in 'dhcp6' found.");
    assert_eq!(
        (&got["options"][0]["name"], &got["options"][0]["data"]),
        (&json!("dns-servers"), &json!("2001:db8::3"))
    );
    told("remote-option6-global-get-all", all(json!({})), "1 DHCPv6 option(s) found.");
    told("remote-option6-global-del", all(key.clone()), "1 DHCPv6 option(s) deleted.");
    for (place, list, which) in [
        ("network", "shared-networks", json!({"name": "level3"})),
        ("subnet", "subnets", json!({"id": 5})),
        ("pool", "pools", json!({"pool": "2001:db8:1::10-2001:db8:1::1f"})),
        ("pd-pool", "pd-pools", json!({"prefix": "2001:db8:1:8000::", "prefix-len": 49})),
    ] {
        let mut arguments = option.clone();
        arguments[list] = json!([which]);
        told(&format!("remote-option6-{place}-set"), arguments, "DHCPv6 option successfully set.");
        let mut arguments = key.clone();
        arguments[list] = json!([which]);
        told(&format!("remote-option6-{place}-del"), arguments, "1 DHCPv6 option(s) deleted.");
        let mut arguments = key.clone();
        arguments[list] = json!([which]);
        assert_eq!(
            world.said(&format!("remote-option6-{place}-del"), arguments),
            (3, "0 DHCPv6 option(s) deleted.".into())
        );
    }

    let class = |class: Json| all(json!({"client-classes": [class]}));
    told(
        "remote-class6-set",
        class(json!({"name": "foo", "test": "member('KNOWN')"})),
        "DHCPv6 client class successfully set.",
    );
    told(
        "remote-class6-set",
        class(json!({"name": "bar", "test": "member('foo')"})),
        "DHCPv6 client class successfully set.",
    );
    let mut third = class(json!({"name": "baz", "test": "member('foo')"}));
    third["follow-class-name"] = json!("foo");
    told("remote-class6-set", third, "DHCPv6 client class successfully set.");
    let got = told("remote-class6-get-all", all(json!({})), "3 DHCPv6 client class(es) found.");
    let names: Vec<_> =
        got["client-classes"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["foo", "baz", "bar"]);
    let foo = json!({"client-classes": [{"name": "foo"}]});
    told("remote-class6-get", foo.clone(), "DHCPv6 client class 'foo' found.");
    let (code, why) = world.said("remote-class6-del", foo);
    assert_eq!((code, why.contains("is used by class")), (1, true), "{why}");
    told(
        "remote-class6-del",
        json!({"client-classes": [{"name": "bar"}]}),
        "1 DHCPv6 client class(es) deleted.",
    );

    told("remote-subnet6-del-by-prefix", prefix, "1 IPv6 subnet(s) deleted.");
    assert_eq!(
        world.said("remote-subnet6-del-by-id", json!({"subnets": [{"id": 5}]})),
        (3, "0 IPv6 subnet(s) deleted.".into())
    );
    told("remote-network6-del", network, "1 IPv6 shared network(s) deleted.");
    told("remote-server6-del", json!({"servers": [{"server-tag": "one"}]}), "1 DHCPv6 server(s) deleted.");
}

/// What is wrong with arguments is said, and what is wrong with what is set, as of a file; nothing is set then.
#[test]
fn what_is_wrong_is_said() {
    let world = World::new();
    let good = json!({"id": 5, "subnet": "2001:db8::/48", "shared-network-name": null});
    let subnet = |more: Json| {
        let mut subnet = good.clone();
        subnet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all(json!({"subnets": [subnet]}))
    };
    let with = |name: &str, value: Json| {
        let mut arguments = all(json!({"subnets": [good]}));
        arguments[name] = value;
        arguments
    };
    for (command, arguments, why) in [
        ("remote-subnet6-set", json!({"subnets": [good]}), "'server-tags' parameter is mandatory"),
        ("remote-subnet6-set", with("server-tags", json!([])), "must not be empty"),
        ("remote-subnet6-set", with("server-tags", json!([null])), "must not include a null value"),
        ("remote-subnet6-set", with("server-tags", json!(["none"])), "unable to find server with tag 'none'"),
        ("remote-subnet6-set", with("server-tags", json!([7])), "'server-tag' parameter is not a string"),
        (
            "remote-subnet6-set",
            with("subnets", json!([good, good])),
            "'subnets' list must include exactly one element",
        ),
        (
            "remote-subnet6-set",
            with("subnets", json!(7)),
            "'subnets' parameter must be specified and must be a list",
        ),
        ("remote-subnet6-set", with("other", json!(7)), "unknown argument 'other'"),
        (
            "remote-subnet6-set",
            with("remote", json!({"type": "mysql"})),
            "no such database found for selector: type=mysql",
        ),
        ("remote-subnet6-set", with("remote", json!({"port": 7})), "together with 'host'"),
        (
            "remote-subnet6-set",
            all(json!({"subnets": [{"id": 5, "subnet": "2001:db8::/48"}]})),
            "'shared-network-name' parameter is mandatory",
        ),
        (
            "remote-subnet6-set",
            subnet(json!({"shared-network-name": "none"})),
            "'none' is not in the database",
        ),
        ("remote-subnet6-set", subnet(json!({"renew-timr": 1})), "renew-timr"),
        ("remote-subnet6-set", subnet(json!({"pools": [{"pool": "2001:db9::/64"}]})), "2001:db9::"),
        (
            "remote-subnet6-set",
            subnet(json!({"option-data": [{"name": "dns-servers", "data": "x"}]})),
            "dns-servers",
        ),
        (
            "remote-subnet6-set",
            subnet(json!({"option-data": [{"name": "unheard-of", "data": "x"}]})),
            "unheard-of",
        ),
        ("remote-subnet6-set", subnet(json!({"reservations": []})), "'reservations' cannot be kept"),
        (
            "remote-subnet6-set",
            subnet(json!({"hostname-char-set": "[a]"})),
            "'hostname-char-set' cannot be kept",
        ),
        (
            "remote-network6-set",
            all(json!({"shared-networks": [{"name": "x", "hostname-char-replacement": "a"}]})),
            "'hostname-char-replacement' cannot be kept",
        ),
        (
            "remote-global-parameter6-set",
            all(json!({"parameters": {"rapid-commit": true}})),
            "unknown parameter 'rapid-commit'",
        ),
        ("remote-subnet6-list", json!({}), "'server-tags' parameter is mandatory"),
        (
            "remote-subnet6-get-by-id",
            all(json!({"subnets": [{"id": 5}]})),
            "'server-tags' parameter is forbidden",
        ),
        ("remote-subnet6-get-by-id", json!({"subnets": [{}]}), "missing 'id' parameter"),
        (
            "remote-network6-set",
            all(json!({"shared-networks": [{"name": "x", "subnet6": []}]})),
            "'subnet6' parameter must not",
        ),
        (
            "remote-network6-del",
            json!({"shared-networks": [{"name": "x"}], "subnets-action": "burn"}),
            "keep, delete",
        ),
        ("remote-global-parameter6-set", all(json!({"parameters": {"renew-timer": "x"}})), "renew-timer"),
        ("remote-global-parameter6-set", all(json!({"parameters": {"unheard-of": 1}})), "unheard-of"),
        (
            "remote-global-parameter6-set",
            all(json!({"parameters": {"loggers": []}})),
            "which alone can be global parameters",
        ),
        (
            "remote-class6-set",
            all(json!({"client-classes": [{"name": "x", "test": "member('later')"}]})),
            "later",
        ),
        (
            "remote-class6-set",
            all(json!({"client-classes": [{"name": "x"}], "follow-class-name": "y"})),
            "Class y does not exist",
        ),
        ("remote-server6-set", json!({"servers": [{"server-tag": "all"}]}), "reserved"),
        ("remote-server6-set", json!({"servers": [{"server-tag": "any"}]}), "reserved"),
        (
            "remote-option6-subnet-set",
            json!({"subnets": [{"id": 9}], "options": [{"name": "dns-servers", "data": "::1"}]}),
            "not in the database",
        ),
    ] {
        let (code, said) = world.said(command, arguments);
        assert_eq!((code, said.contains(why)), (1, true), "{command}: {said}");
    }
    let none = (3, "0 IPv6 subnet(s) found.".to_owned());
    assert_eq!(world.said("remote-subnet6-list", all(json!({}))), none);
    assert_eq!(world.said("remote-subnet6-list", json!({"server-tags": [null]})), none);
    // Without a database there is nothing to ask.
    let alone = TestServer6::new(json!({}), &["cb_cmds"]);
    assert_eq!(alone.answer("remote-server6-get-all", None)["text"], "no configuration backends");
}

/// All commands of the manual are there, and a message of the log for each that fails.
#[test]
fn commands_are_those_of_the_manual() {
    assert_eq!((super::COMMANDS4.len(), COMMANDS6.len()), (36, 38));
    let mut commands: Vec<_> = super::COMMANDS4.iter().map(|command| command.name).collect();
    commands.extend(COMMANDS6.iter().map(|command| command.name));
    commands.sort_unstable();
    let mut told: Vec<_> = super::failed::FAILED.iter().map(|(command, _)| *command).collect();
    told.sort_unstable();
    assert_eq!(commands, told);
}

/// What each command says of arguments that are missing or make no sense, in Kea's words, and of what there is not.
#[test]
fn what_is_missing_is_said_alike() {
    let world = World::new();
    // The list of each command, and the parameter that says what is meant.
    let keyed = [
        ("remote-server6-del", "servers", "server-tag", false),
        ("remote-server6-get", "servers", "server-tag", false),
        ("remote-network6-del", "shared-networks", "name", false),
        ("remote-network6-get", "shared-networks", "name", false),
        ("remote-subnet6-del-by-id", "subnets", "id", false),
        ("remote-subnet6-del-by-prefix", "subnets", "subnet", false),
        ("remote-subnet6-get-by-id", "subnets", "id", false),
        ("remote-subnet6-get-by-prefix", "subnets", "subnet", false),
        ("remote-class6-del", "client-classes", "name", false),
        ("remote-class6-get", "client-classes", "name", false),
        ("remote-option-def6-del", "option-defs", "code", true),
        ("remote-option-def6-get", "option-defs", "code", true),
        ("remote-option6-global-del", "options", "code", true),
        ("remote-option6-global-get", "options", "code", true),
    ];
    for (command, list, key, tagged) in keyed {
        let said = |value: Option<Json>| {
            let mut arguments = if tagged { all(json!({})) } else { json!({}) };
            if let Some(value) = value {
                arguments[list] = value;
            }
            let (code, said) = world.said(command, arguments);
            assert_eq!(code, 1, "{command}: {said}");
            said
        };
        let no_list = format!("'{list}' parameter must be specified and must be a list");
        assert_eq!((said(None), said(Some(json!({})))), (no_list.clone(), no_list), "{command}");
        let not_one = format!("'{list}' list must include exactly one element");
        assert_eq!((said(Some(json!([]))), said(Some(json!([{}, {}])))), (not_one.clone(), not_one));
        assert_eq!(said(Some(json!([{}]))), format!("missing '{key}' parameter"), "{command}");
        let (kind, wrong) =
            if matches!(key, "id" | "code") { ("an integer", json!("7")) } else { ("a string", json!(7)) };
        assert_eq!(
            said(Some(json!([{ (key): wrong }]))),
            format!("'{key}' parameter is not {kind}"),
            "{command}"
        );
        if !tagged {
            let arguments = all(json!({ (list): [{ (key): "x" }] }));
            assert_eq!(world.said(command, arguments), (1, "'server-tags' parameter is forbidden".into()));
        }
    }
    // What there is not.
    let tag = json!({"servers": [{"server-tag": "none"}]});
    let code = |list: &str| all(json!({ (list): [{"code": 222}] }));
    for (command, arguments, said) in [
        ("remote-server6-del", tag.clone(), "0 DHCPv6 server(s) deleted."),
        ("remote-server6-get", tag, "DHCPv6 server 'none' not found."),
        ("remote-server6-get-all", json!({}), "0 DHCPv6 server(s) found."),
        (
            "remote-global-parameter6-del",
            all(json!({"parameters": ["x"]})),
            "0 DHCPv6 global parameter(s) deleted.",
        ),
        (
            "remote-global-parameter6-get",
            all(json!({"parameters": ["x"]})),
            "'x' DHCPv6 global parameter not found.",
        ),
        ("remote-global-parameter6-get-all", all(json!({})), "0 DHCPv6 global parameter(s) found."),
        (
            "remote-network6-del",
            json!({"shared-networks": [{"name": "x"}]}),
            "0 IPv6 shared network(s) deleted.",
        ),
        (
            "remote-network6-get",
            json!({"shared-networks": [{"name": "x"}]}),
            "IPv6 shared network 'x' not found.",
        ),
        ("remote-network6-list", all(json!({})), "0 IPv6 shared network(s) found."),
        ("remote-subnet6-del-by-id", json!({"subnets": [{"id": 3}]}), "0 IPv6 subnet(s) deleted."),
        ("remote-subnet6-get-by-id", json!({"subnets": [{"id": 3}]}), "IPv6 subnet 3 not found."),
        (
            "remote-subnet6-get-by-prefix",
            json!({"subnets": [{"subnet": "2001:db8:2::/63"}]}),
            "IPv6 subnet 2001:db8:2::/63 not found.",
        ),
        ("remote-subnet6-list", all(json!({})), "0 IPv6 subnet(s) found."),
        (
            "remote-class6-del",
            json!({"client-classes": [{"name": "x"}]}),
            "0 DHCPv6 client class(es) deleted.",
        ),
        (
            "remote-class6-get",
            json!({"client-classes": [{"name": "x"}]}),
            "DHCPv6 client class 'x' not found.",
        ),
        ("remote-class6-get-all", all(json!({})), "0 DHCPv6 client class(es) found."),
        ("remote-option-def6-del", code("option-defs"), "0 DHCPv6 option definition(s) deleted."),
        ("remote-option-def6-get", code("option-defs"), "DHCPv6 option definition 222 in 'dhcp6' not found."),
        ("remote-option-def6-get-all", all(json!({})), "0 DHCPv6 option definition(s) found."),
        ("remote-option6-global-del", code("options"), "0 DHCPv6 option(s) deleted."),
        ("remote-option6-global-get", code("options"), "DHCPv6 option 222 in 'dhcp6' not found."),
        ("remote-option6-global-get-all", all(json!({})), "0 DHCPv6 option(s) found."),
    ] {
        assert_eq!(world.said(command, arguments.clone()), (3, said.to_owned()), "{command}");
        let answer = world.ask(command, arguments);
        assert_eq!(answer["arguments"]["count"], 0, "{command}: {answer}");
    }
}

/// What cannot be set is said in Kea's words where it has some of its own for the commands.
#[test]
fn what_cannot_be_set_is_said_alike() {
    let world = World::new();
    let list = |list: &str, map: Json| all(json!({ (list): [map] }));
    let subnet = |prefix: Json| {
        let mut subnet = json!({"id": 5, "shared-network-name": null});
        if !prefix.is_null() {
            subnet["subnet"] = prefix;
        }
        list("subnets", subnet)
    };
    for (command, arguments, said) in [
        ("remote-server6-set", json!({"servers": [{}]}), "missing 'server-tag' parameter"),
        ("remote-server6-set", json!({"servers": [{"server-tag": ""}]}), "server-tag must not be empty"),
        (
            "remote-server6-set",
            json!({"servers": [{"server-tag": 1}]}),
            "'server-tag' parameter is not a string",
        ),
        (
            "remote-server6-set",
            json!({"servers": [{"server-tag": "any"}]}),
            "'any' is reserved and must not be used as a server-tag",
        ),
        (
            "remote-server6-del",
            json!({"servers": [{"server-tag": "all"}]}),
            "'all' is a name reserved for the server tag which associates the configuration elements with all servers \
             connecting to the database and may not be deleted",
        ),
        (
            "remote-subnet6-set",
            subnet(json!(null)),
            "subnet configuration failed: mandatory 'subnet' parameter is missing for a subnet being configured",
        ),
        (
            "remote-subnet6-set",
            subnet(json!("")),
            "subnet configuration failed: Invalid subnet syntax (prefix/len expected):",
        ),
        (
            "remote-subnet6-get-by-prefix",
            json!({"subnets": [{"subnet": "::/64"}]}),
            "unable to parse invalid IPv6 prefix ::/64",
        ),
        ("remote-network6-set", list("shared-networks", json!({})), "missing parameter 'name'"),
        (
            "remote-network6-set",
            list("shared-networks", json!({"name": ""})),
            "'name' parameter must not be empty",
        ),
        ("remote-class6-set", list("client-classes", json!({})), "missing parameter 'name'"),
        (
            "remote-global-parameter6-set",
            all(json!({"parameters": {"decline-aaa-period": 7}})),
            "unknown parameter 'decline-aaa-period'",
        ),
        (
            "remote-global-parameter6-set",
            all(json!({"parameters": {"sanity-checks.unknown-parameter": 7}})),
            "unknown parameter 'sanity-checks.unknown-parameter'",
        ),
        (
            "remote-global-parameter6-set",
            all(json!({"parameters": {"dhcp-queue-control.unknown-parameter": 7}})),
            "unknown parameter 'dhcp-queue-control.unknown-parameter'",
        ),
        (
            "remote-option-def6-set",
            list("option-defs", json!({"name": "foo", "code": 24, "type": "uint32"})),
            "an option with code 24 already exists in space 'dhcp6'",
        ),
        (
            "remote-option-def6-set",
            list("option-defs", json!({"name": "foo", "type": "uint32"})),
            "missing parameter 'code'",
        ),
        ("remote-option-def6-del", list("option-defs", json!({"name": 22})), "spurious 'name' parameter"),
        (
            "remote-option6-global-set",
            list("options", json!({"code": "7", "data": "1"})),
            "'code' parameter is not an integer",
        ),
        (
            "remote-option6-global-set",
            list("options", json!({"name": 7, "data": "1"})),
            "'name' parameter is not a string",
        ),
        (
            "remote-option6-global-set",
            list("options", json!({"data": "1"})),
            "option data configuration requires one of 'code' or 'name' parameters to be specified",
        ),
    ] {
        assert_eq!(world.said(command, arguments), (1, said.to_owned()), "{command}");
    }
}

/// What is shown of an object that was asked for by itself is whole, as Kea shows it: bounds of lifetimes, relay agents, nobody's
/// tags, and global parameters in their maps.
#[test]
fn what_is_shown_is_whole() {
    let world = World::new();
    let server = json!({"servers": [{"server-tag": "abc"}]});
    world.done("remote-server6-set", server.clone());
    let parameters = json!({"parameters": {"sanity-checks.lease-checks": "fix-del", "renew-timer": 5},
        "server-tags": ["abc"]});
    let (_, set) = world.done("remote-global-parameter6-set", parameters);
    let told = json!({"sanity-checks": {"lease-checks": "fix-del"}, "renew-timer": 5});
    assert_eq!(set, json!({"parameters": told, "count": 2}));
    let network =
        json!({"shared-networks": [{"name": "net1", "valid-lifetime": 300}], "server-tags": ["abc"]});
    world.done("remote-network6-set", network);
    // An empty name is none.
    let subnet = json!({"subnets": [{"id": 2, "subnet": "2001:db8:1::/64", "shared-network-name": "",
        "preferred-lifetime": 700, "max-preferred-lifetime": 800}], "server-tags": ["abc"]});
    world.done("remote-subnet6-set", subnet);
    let network = json!({"shared-networks": [{"name": "net1"}]});
    let (_, got) = world.done("remote-network6-get", network.clone());
    let whole = json!({"name": "net1", "valid-lifetime": 300, "min-valid-lifetime": 300, "max-valid-lifetime": 300,
        "option-data": [], "relay": {"ip-addresses": []}, "metadata": {"server-tags": ["abc"]}});
    assert_eq!(got["shared-networks"][0], whole);
    // What is shown can be set.
    world.done("remote-network6-set", json!({"shared-networks": [whole], "server-tags": ["abc"]}));
    let (_, got) = world.done("remote-subnet6-get-by-id", json!({"subnets": [{"id": 2}]}));
    let subnet = &got["subnets"][0];
    assert_eq!(
        (
            &subnet["min-preferred-lifetime"],
            &subnet["max-preferred-lifetime"],
            &subnet["shared-network-name"]
        ),
        (&json!(700), &json!(800), &Json::Null)
    );
    world.done("remote-subnet6-set", json!({"subnets": [subnet], "server-tags": ["abc"]}));
    world.done("remote-class6-set", all(json!({"client-classes": [{"name": "foo"}]})));
    let (_, got) = world.done("remote-class6-get", json!({"client-classes": [{"name": "foo"}]}));
    let foo = json!({"name": "foo", "option-data": [], "metadata": {"server-tags": ["all"]}});
    assert_eq!(got["client-classes"][0], foo);
    // Of two definitions of a code, that of the space that comes first is shown first.
    for space in ["dhcp6", "abc"] {
        let definition = json!({"name": "foo", "code": 222, "type": "uint32", "space": space});
        world.done("remote-option-def6-set", all(json!({"option-defs": [definition]})));
    }
    let (_, got) = world.done("remote-option-def6-get-all", all(json!({})));
    assert_eq!(
        (&got["option-defs"][0]["space"], &got["option-defs"][1]["space"]),
        (&json!("abc"), &json!("dhcp6"))
    );
    // Whose server went is nobody's.
    world.done("remote-server6-del", server);
    let (_, got) = world.done("remote-network6-get", network);
    assert_eq!(got["shared-networks"][0]["metadata"], json!({"server-tags": []}));
    let (_, got) = world.done("remote-network6-list", json!({"server-tags": [null]}));
    assert_eq!(got["shared-networks"][0]["metadata"], json!({"server-tags": [null]}));
}

/// What an option is called is what the servers call it that it is for: others may call another one so.
#[test]
fn options_are_of_whom_they_are_for() {
    let world = World::new();
    for (tag, code, subnet) in [("one", 1012, 5), ("two", 1013, 6)] {
        let tags = json!([tag]);
        world.done("remote-server6-set", json!({"servers": [{"server-tag": tag}]}));
        let definition = json!([{"name": "bar", "code": code, "type": "uint16"}]);
        world.done("remote-option-def6-set", json!({"option-defs": definition, "server-tags": tags}));
        let network = json!([{"name": format!("level-{tag}")}]);
        world.done("remote-network6-set", json!({"shared-networks": network, "server-tags": tags}));
        let subnet = json!([{"id": subnet, "subnet": format!("2001:db8:{subnet}::/48"), "shared-network-name": null,
            "pools": [{"pool": format!("2001:db8:{subnet}::10 - 2001:db8:{subnet}::1f")}],
            "pd-pools": [{"prefix": format!("2001:db8:{subnet}:8000::"), "prefix-len": 49, "delegated-len": 56}]}]);
        world.done("remote-subnet6-set", json!({"subnets": subnet, "server-tags": tags}));
    }
    for (tag, code, subnet) in [("one", 1012, 5), ("two", 1013, 6)] {
        let pool = format!("2001:db8:{subnet}::10 - 2001:db8:{subnet}::1f");
        let prefix = format!("2001:db8:{subnet}:8000::");
        for (place, keyword, within) in [
            ("network", "shared-networks", json!({"name": format!("level-{tag}")})),
            ("subnet", "subnets", json!({ "id": subnet })),
            ("pool", "pools", json!({ "pool": pool })),
            ("pd-pool", "pd-pools", json!({"prefix": prefix, "prefix-len": 49})),
        ] {
            let arguments = json!({(keyword): [within], "options": [{"name": "bar", "data": "7"}]});
            let (_, set) = world.done(&format!("remote-option6-{place}-set"), arguments);
            assert_eq!(set["options"][0]["code"], code, "{place} {tag}");
        }
    }
}
