//! The agent's configuration: what is good, what is not, and how another one takes its place.

use kotare_control::Request;
use serde_json::{Value, json};

use crate::{Scene, answered, candidate};

/// What Kea's manual has in its example, and what this agent has beyond.
fn everything(scene: &Scene) -> Value {
    json!({
        "http-host": "127.0.0.1", "http-port": 0, "comment": "in front",
        "http-headers": [{"name": "Strict-Transport-Security", "value": "max-age=31536000"}],
        "authentication": {"type": "basic", "realm": "here", "clients": [{"user": "admin", "password": "x"}]},
        "control-sockets": {
            "dhcp4": {"comment": "main server", "socket-type": "unix", "socket-name": scene.path("v4")},
            "dhcp6": {"socket-name": scene.path("v6"), "user-context": {"version": 3}},
            "d2": {"socket-type": "http", "socket-address": "::1", "socket-port": 8003, "timeout": 7,
                "authentication": {"type": "basic", "user": "agent", "password": "y"}},
        },
        "hooks-libraries": [{"library": "/opt/local/custom.so", "parameters": {"param1": "foo"}}],
        "loggers": [{"name": "kea-ctrl-agent", "severity": "INFO"}],
    })
}

/// Kea's manual, "Configuration": all of it is taken, and shown with what holds where nothing is written.
#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_is_shown_as_kea_shows_it() {
    let scene = Scene::new();
    let agent = scene.start(everything(&scene)).await.unwrap();
    let mut shown = answered(&agent, Request::new("config-get")).await[0]["arguments"].take();
    let hash = answered(&agent, Request::new("config-hash-get")).await[0]["arguments"]["hash"].take();
    assert_eq!((shown["hash"].take(), hash.as_str().map(str::len)), (hash, Some(64)));
    let shown = &shown["Control-agent"];
    assert_eq!(shown["user-context"], json!({"comment": "in front"}));
    assert_eq!(shown["authentication"]["directory"], "");
    let dhcp6 =
        json!({"socket-type": "unix", "socket-name": scene.path("v6"), "user-context": {"version": 3}});
    assert_eq!(shown["control-sockets"]["dhcp6"], dhcp6);
    assert_eq!(shown["control-sockets"]["dhcp4"]["user-context"], json!({"comment": "main server"}));
    assert_eq!(shown["hooks-libraries"][0]["library"], "/opt/local/custom.so");
    assert!(shown.get("cert-required").is_none(), "without TLS it means nothing: {shown}");

    let agent = scene.start(json!({"http-port": 0})).await.unwrap();
    let shown = answered(&agent, Request::new("config-get")).await[0]["arguments"]["Control-agent"].take();
    let least =
        json!({"control-sockets": {}, "hooks-libraries": [], "http-host": "127.0.0.1", "http-port": 0});
    assert_eq!(shown, least);
}

/// Each thing that is wrong is named with its place.
#[test]
fn what_is_wrong_is_named() {
    let sockets = |entry: Value| json!({"control-sockets": {"dhcp4": entry}});
    for (map, told) in [
        (
            json!({"http-host": "localhost"}),
            "Control-agent/http-host: \"http-host\" is 'localhost', not an IP address",
        ),
        (json!({"http-port": 65536}), "Control-agent/http-port: \"http-port\" is 65536"),
        (json!({"http-prot": 1}), "did you mean \"http-port\"?"),
        (json!({"cert-file": "x"}), "TLS needs \"trust-anchor\", \"cert-file\" and \"key-file\""),
        (json!({"authentication": {"clients": [{"password": "x"}]}}), "\"user\" is missing in clients"),
        (json!({"control-sockets": {"dhcp5": {}}}), "unknown keyword \"dhcp5\" in control-sockets"),
        (json!({"control-sockets": []}), "control-sockets must be a map"),
        (sockets(json!({})), "Control-agent/control-sockets/dhcp4: \"socket-name\" is missing"),
        (sockets(json!({"socket-name": ""})), "\"socket-name\" is empty"),
        (
            sockets(json!({"socket-name": "a", "socket-port": 1})),
            "\"socket-port\" means nothing for a socket of type \"unix\"",
        ),
        (sockets(json!({"socket-type": "http", "socket-name": "a"})), "\"socket-name\" means nothing"),
        (sockets(json!({"socket-type": "http", "cert-file": "a"})), "\"cert-file\" means nothing"),
        (
            sockets(json!({"socket-type": "https"})),
            "\"trust-anchor\" is missing for a socket of type \"https\"",
        ),
        (sockets(json!({"socket-type": "http"})), "this is the agent itself"),
        (
            sockets(json!({"socket-type": "http", "socket-port": 1, "authentication": {"password": "x"}})),
            "\"user\" is missing",
        ),
        (
            sockets(json!({"socket-name": "a", "timeout": 0})),
            "\"timeout\" is 0, it must lie between 1 and 3600",
        ),
    ] {
        let lines = candidate(map.clone()).map(|_| ()).unwrap_err();
        assert!(lines.iter().any(|line| line.contains(told)), "{map}: {lines:?}");
    }
    let any_address = json!({"http-host": "0.0.0.0", "http-port": 8000,
        "control-sockets": {"dhcp4": {"socket-type": "http", "socket-port": 8000}}});
    assert!(candidate(any_address).is_err(), "the agent is at every address");
}

/// Another configuration takes the place of the one before as a whole, and one that cannot be used changes nothing; the
/// file is read again when asked, and written.
#[tokio::test(flavor = "multi_thread")]
async fn another_configuration_takes_its_place_whole_or_not_at_all() {
    let scene = Scene::new();
    let agent = scene.agent(json!({"dhcp4": scene.unix("four")})).await;
    let with = |command: &str, map: Value| Request::new(command).with(json!({"Control-agent": map}));
    let good = json!({"http-port": 0, "control-sockets": {"dhcp6": scene.unix("six")}});
    let hash = || async { answered(&agent, Request::new("config-hash-get")).await };
    let before = hash().await;
    let tested = answered(&agent, with("config-test", good.clone())).await;
    assert_eq!(tested, json!([{"result": 0, "text": "Configuration check successful"}]));
    for command in ["config-test", "config-set"] {
        for bad in [
            json!({"http-port": -1}),
            json!({"http-port": 0, "loggers": [{"name": "a", "output-options": [{"output": "/nowhere/a"}]}]}),
        ] {
            let is_found_by_a_test = bad.get("loggers").is_none();
            let answers = answered(&agent, with(command, bad)).await;
            let expected = i32::from(is_found_by_a_test || command == "config-set");
            assert_eq!(answers[0]["result"], expected, "{command}: {answers}");
        }
        let answers =
            answered(&agent, Request::new(command).with(json!({"Control-agent": good, "Dhcp4": {}}))).await;
        let text = "'arguments' parameter contains unsupported 'Dhcp4' parameter";
        assert_eq!(answers, json!([{"result": 1, "text": text}]));
        let answers = answered(&agent, Request::new(command)).await;
        assert_eq!(answers, json!([{"result": 1, "text": "Missing mandatory 'arguments' parameter."}]));
    }
    assert_eq!(hash().await, before);

    let set = answered(&agent, with("config-set", good)).await;
    assert_eq!(set, json!([{"result": 0, "text": "Configuration applied successfully."}]));
    let after = hash().await;
    assert_ne!(after, before);
    let reloaded = answered(&agent, Request::new("config-reload")).await;
    assert_eq!(reloaded, json!([{"result": 0, "text": "Configuration applied successfully."}]));
    assert_eq!(hash().await, before, "the file is as it was");
    std::fs::write(scene.path("agent.conf"), "{ \"Control-agent\": { \"http-port\": } }").unwrap();
    let refused = answered(&agent, Request::new("config-reload")).await;
    let text = refused[0]["text"].as_str().unwrap();
    assert!(refused[0]["result"] == 1 && text.contains("agent.conf:1:35: "), "{text}");
    assert_eq!(hash().await, before);
    let written = answered(&agent, Request::new("config-write")).await;
    assert_eq!(written[0]["result"], 0, "{written}");
    assert_eq!(answered(&agent, Request::new("config-reload")).await[0]["result"], 0);
    assert_eq!(hash().await, before);
}

/// What the agent can be asked.
#[tokio::test(flavor = "multi_thread")]
async fn the_agent_has_keas_commands() {
    let scene = Scene::new();
    let agent = scene.agent(json!({})).await;
    let names = json!([
        "build-report",
        "config-get",
        "config-hash-get",
        "config-reload",
        "config-set",
        "config-test",
        "config-write",
        "list-commands",
        "shutdown",
        "status-get",
        "version-get",
    ]);
    assert_eq!(
        answered(&agent, Request::new("list-commands")).await,
        json!([{"arguments": names, "result": 0}])
    );
    let status = answered(&agent, Request::new("status-get")).await;
    assert_eq!(status[0]["arguments"]["pid"], std::process::id());
    let refused = answered(&agent, Request::new("shutdown").with(json!({"exit-value": "x"}))).await;
    assert_eq!(refused, json!([{"result": 1, "text": "parameter 'exit-value' is not an integer"}]));
    let told = answered(&agent, Request::new("shutdown").with(json!({"exit-value": 3}))).await;
    assert_eq!(told, json!([{"result": 0, "text": "Control Agent is shutting down"}]));
    assert_eq!(agent.ended().await, 3);
}
