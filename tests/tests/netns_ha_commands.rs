//! The commands at running servers: those that Kea's manual shows, of both families, and `ha-continue` and `ha-scopes` with
//! real clients. What the other commands do is in `netns_ha.rs`.

use kotare_tests::world::{
    ClientProgram, Family, Host, Kind, Pair, V4, V6, World, lan_configuration, lan6_configuration, sandboxed,
};
use serde_json::{Value, json};

const URLS: [&str; 2] = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];
const NORMAL: [&str; 2] = ["hot-standby"; 2];

/// What a server says to a command.
fn said<F: Family>(pair: &Pair<'_, F>, own: usize, command: &str, arguments: Option<Value>) -> (u64, String) {
    let answer = pair.server(own).command(command, arguments);
    (answer["result"].as_u64().unwrap_or(99), answer["text"].as_str().unwrap_or_default().to_owned())
}

/// The hosts of both servers with their addresses.
fn hosts(host: impl Fn(&str) -> Host, addresses: [&str; 2]) -> [Host; 2] {
    [0, 1].map(|own| {
        let host = host(&format!("server{}", own + 1));
        host.address("eth0", addresses[own]);
        host
    })
}

/// A server pauses in a state until it is told to go on, and answers for whom it is told to.
#[test]
fn servers_are_told_to_go_on_and_whom_to_answer() {
    sandboxed("servers_are_told_to_go_on_and_whom_to_answer", |world| {
        let lan = world.lan();
        let hosts = hosts(|name| lan.host(name), ["192.0.2.11/24", "192.0.2.12/24"]);
        let relationship = json!({"mode": "hot-standby"});
        let pair = Pair::new(world, hosts, URLS, [Kind::Ours; 2], &lan_configuration(), &relationship);
        let mut pair: Pair<'_, V4> = pair.expect("ours are there");
        pair.relationship(1)["state-machine"] = json!({"states": [{"state": "ready", "pause": "once"}]});
        [0, 1].into_iter().for_each(|own| pair.run(own));
        pair.awaits_one(1, "ready");
        pair.server(1).await_log(&["HA_STATE_MACHINE_PAUSED", "READY"]);
        pair.awaits_one(0, "hot-standby");
        assert_eq!(pair.state(1), "ready", "it waits for the operator");
        assert_eq!(said(&pair, 0, "ha-continue", None), (0, "HA state machine is not paused.".into()));
        assert_eq!(said(&pair, 1, "ha-continue", None), (0, "HA state machine continues.".into()));
        pair.awaits(NORMAL);
        // The standby answers instead of the primary.
        let scopes =
            |own: usize, scopes: &[&str]| said(&pair, own, "ha-scopes", Some(json!({"scopes": scopes})));
        assert_eq!(scopes(0, &[]), (0, "New HA scopes configured.".into()));
        assert_eq!(scopes(1, &["server1"]), (0, "New HA scopes configured.".into()));
        assert_eq!(scopes(1, &["server7"]).0, 1);
        for (own, served) in [(0, json!([])), (1, json!(["server1"]))] {
            let status = pair.server(own).command("status-get", None);
            let local = &status["arguments"]["high-availability"][0]["ha-servers"]["local"];
            assert_eq!(local["scopes"], served);
        }
        let gave = |name: &str| lan.client(name, ClientProgram::ALL[0]).obtain().server().to_string();
        assert_eq!(gave("first"), "192.0.2.12");
        assert_eq!([scopes(0, &["server1"]).0, scopes(1, &[]).0], [0; 2]);
        assert_eq!(gave("second"), "192.0.2.11");
        pair.agree();
        assert!(pair.stop(), "both end in order");
    });
}

/// The commands that the manual shows, one after the other, and all that `status-get` says.
fn the_manuals_commands<F: Family>(world: &World, hosts: [Host; 2], urls: [&str; 2], map: &Value) {
    let pair = Pair::start(world, hosts, urls, [Kind::Ours; 2], map, &json!({"mode": "hot-standby"}));
    let pair: Pair<'_, F> = pair.expect("ours are there");
    pair.awaits(NORMAL);
    let idle = json!({"scopes": [], "server-name": "server2"});
    for (command, arguments, result, text) in [
        (
            "ha-sync",
            json!({"server-name": "server2", "max-period": 60}),
            0,
            "Lease database synchronization complete.",
        ),
        // The manual names classes here; Kea, too, takes names of servers.
        (
            "ha-scopes",
            json!({"scopes": ["HA_server1", "HA_server2"], "server-name": "server2"}),
            1,
            "invalid server name specified 'HA_server1' while enabling/disabling HA scopes",
        ),
        ("ha-scopes", idle.clone(), 0, "New HA scopes configured."),
        ("ha-continue", idle.clone(), 0, "HA state machine is not paused."),
        ("ha-heartbeat", idle, 0, "HA peer status returned."),
        (
            "ha-sync-complete-notify",
            json!({"origin-id": 2000, "server-name": "server2"}),
            0,
            "Server successfully notified about the synchronization completion.",
        ),
        ("ha-reset", json!({"server-name": "server2"}), 0, "HA state machine reset."),
    ] {
        assert_eq!(said(&pair, 0, command, Some(arguments)), (result, text.to_owned()), "{command}");
    }
    pair.awaits(NORMAL);
    let notify = json!({"cancel": false, "state": "ready", "server-name": "server2"});
    let notified = said(&pair, 0, "ha-maintenance-notify", Some(notify));
    assert_eq!(notified, (0, "Server is in-maintenance state.".to_owned()));
    pair.awaits(["in-maintenance", "partner-in-maintenance"]);
    let again = said(&pair, 1, "ha-maintenance-notify", Some(json!({"cancel": false})));
    let refused = "Unable to transition the server from the partner-in-maintenance to in-maintenance state.";
    assert_eq!(again, (1001, refused.to_owned()));
    let cancelled = (0, "Server maintenance successfully canceled.".to_owned());
    assert_eq!(said(&pair, 1, "ha-maintenance-cancel", None), cancelled);
    pair.awaits(NORMAL);
    assert_eq!(said(&pair, 0, "ha-maintenance-start", None).0, 0);
    pair.awaits(["partner-in-maintenance", "in-maintenance"]);
    assert_eq!(said(&pair, 0, "ha-maintenance-cancel", None), cancelled);
    pair.awaits(NORMAL);

    let keys = |map: &Value| -> Vec<String> {
        let mut keys: Vec<_> = map.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
        keys.sort();
        keys
    };
    let status = pair.server(0).command("status-get", None)["arguments"]["high-availability"][0].clone();
    assert_eq!(keys(&status), ["ha-mode", "ha-servers"]);
    let servers = &status["ha-servers"];
    assert_eq!(keys(&servers["local"]), ["role", "scopes", "server-name", "state", "system-time"]);
    assert_eq!(
        keys(&servers["remote"]),
        [
            "age",
            "analyzed-packets",
            "clock-skew",
            "communication-interrupted",
            "connecting-clients",
            "in-touch",
            "last-scopes",
            "last-state",
            "role",
            "server-name",
            "system-time",
            "unacked-clients",
            "unacked-clients-left"
        ]
    );
    assert!(pair.stop(), "both end in order");
}

#[test]
fn the_manuals_commands_are_answered_by_dhcpv4() {
    sandboxed("the_manuals_commands_are_answered_by_dhcpv4", |world| {
        let lan = world.lan();
        let hosts = hosts(|name| lan.host(name), ["192.0.2.11/24", "192.0.2.12/24"]);
        the_manuals_commands::<V4>(world, hosts, URLS, &lan_configuration());
    });
}

#[test]
fn the_manuals_commands_are_answered_by_dhcpv6() {
    sandboxed("the_manuals_commands_are_answered_by_dhcpv6", |world| {
        let lan = world.lan6();
        let hosts = hosts(|name| lan.host(name), ["2001:db8:1::11/64", "2001:db8:1::12/64"]);
        let urls = ["http://[2001:db8:1::11]:8005/", "http://[2001:db8:1::12]:8005/"];
        the_manuals_commands::<V6>(world, hosts, urls, &lan6_configuration());
    });
}
