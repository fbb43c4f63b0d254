//! `ha-continue` and `ha-scopes` at running servers of DHCPv4 with real clients; the other commands are in `netns_ha.rs`.

use kotare_tests::world::{ClientProgram, Kind, Pair, V4, lan_configuration, sandboxed};
use serde_json::{Value, json};

const URLS: [&str; 2] = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];
const NORMAL: [&str; 2] = ["hot-standby"; 2];

/// What a server says to a command.
fn said(pair: &Pair<'_, V4>, own: usize, command: &str, arguments: Option<Value>) -> (u64, String) {
    let answer = pair.server(own).command(command, arguments);
    (answer["result"].as_u64().unwrap_or(99), answer["text"].as_str().unwrap_or_default().to_owned())
}

/// A server pauses in a state until it is told to go on, and answers for whom it is told to.
#[test]
fn servers_are_told_to_go_on_and_whom_to_answer() {
    sandboxed("servers_are_told_to_go_on_and_whom_to_answer", |world| {
        let lan = world.lan();
        let hosts = ["server1", "server2"].map(|name| lan.host(name));
        hosts[0].address("eth0", "192.0.2.11/24");
        hosts[1].address("eth0", "192.0.2.12/24");
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
