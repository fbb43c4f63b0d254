//! What of `high-availability` the other tests leave as it is has effect, too: at a server of ours whose partner says what a
//! test wants.

use std::time::SystemTime;

use kotare_ha::http_date;
use kotare_model::Timestamp;
use kotare_tests::world::{
    ClientProgram, FalsePartner, Kind, Lan, Pair, Said, V4, World, eventually, lan_configuration, sandboxed,
};
use serde_json::{Value, json};

const URLS: [&str; 2] = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];

/// A server, and who is its partner.
struct Scene<'a> {
    lan: Lan<'a>,
    pair: Pair<'a, V4>,
    partner: FalsePartner,
}

impl<'a> Scene<'a> {
    /// One whose relationship is otherwise in this. Its partner answers heartbeats, and says this to all else.
    fn start(world: &'a World, changes: &Value, says: fn(&str, &Value) -> Said) -> Self {
        let lan = world.lan();
        let hosts = ["server1", "server2"].map(|name| lan.host(name));
        hosts[0].address("eth0", "192.0.2.11/24");
        hosts[1].address("eth0", "192.0.2.12/24");
        let mode = changes["mode"].as_str().expect("a mode").to_owned();
        let pair = Pair::new(world, hosts, URLS, [Kind::Ours; 2], &lan_configuration(), changes);
        let mut pair: Pair<'a, V4> = pair.expect("ours are there");
        let partner =
            pair.host(1).false_partner("192.0.2.12:8005", move |command, arguments| match command {
                "ha-heartbeat" => Said::Answer(json!({"result": 0, "arguments": {"state": mode,
                    "date-time": http_date(Timestamp(now())), "scopes": [], "unsent-update-count": 0}})),
                _ => says(command, arguments),
            });
        pair.run(0);
        Self { lan, pair, partner }
    }

    /// The address that a new client of this name gets.
    fn obtain(&self, name: &str) -> String {
        self.lan.client(name, ClientProgram::ALL[0]).obtain().address().to_string()
    }
}

#[expect(clippy::disallowed_methods, reason = "a partner says what time it is")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
    since.as_secs().cast_signed()
}

/// The partner does what it is told, and has no leases.
fn obeys(command: &str, _: &Value) -> Said {
    Said::Answer(match command {
        "lease4-get-page" => json!({"result": 3, "arguments": {"leases": [], "count": 0}}),
        _ => json!({"result": 0, "text": "done"}),
    })
}

/// `send-lease-updates` and `sync-leases`: no leases are told of, and none are fetched. Both are warned of.
#[test]
fn leases_are_not_shared() {
    sandboxed("leases_are_not_shared", |world| {
        let changes = json!({"mode": "hot-standby", "send-lease-updates": false, "sync-leases": false});
        let scene = Scene::start(world, &changes, obeys);
        scene.pair.awaits_one(0, "hot-standby");
        let server = scene.pair.server(0);
        server.await_log(&["HA_CONFIG_LEASE_UPDATES_DISABLED server1: lease updates will not be generated"]);
        server.await_log(&["HA_CONFIG_LEASE_SYNCING_DISABLED server1: "]);
        server.await_log(&["HA_CONFIG_LEASE_SYNCING_DISABLED_REMINDER server1: bypassing SYNCING state"]);
        server.await_log(&["HA_CONFIG_LEASE_UPDATES_DISABLED_REMINDER server1: ", "HOT-STANDBY state"]);
        scene.obtain("client");
        for command in ["dhcp-disable", "lease4-get-page", "lease4-update", "lease4-bulk-apply"] {
            assert_eq!(scene.partner.heard(command), Vec::<Value>::new(), "{command}");
        }
        assert!(scene.pair.stop(), "it ends in order");
    });
}

/// `send-lease-updates` alone: leases are fetched, which is warned of as unusual.
#[test]
fn leases_are_fetched_and_not_told_of() {
    sandboxed("leases_are_fetched_and_not_told_of", |world| {
        let changes = json!({"mode": "hot-standby", "send-lease-updates": false});
        let scene = Scene::start(world, &changes, obeys);
        scene.pair.awaits_one(0, "hot-standby");
        let unusual = "unusual configuration where \"send-lease-updates\": false and \"sync-leases\": true";
        scene.pair.server(0).await_log(&["HA_CONFIG_LEASE_UPDATES_AND_SYNCING_DIFFER server1: ", unusual]);
        scene.obtain("client");
        assert!(!scene.partner.heard("lease4-get-page").is_empty());
        assert_eq!(scene.partner.heard("lease4-update"), Vec::<Value>::new());
        assert!(scene.pair.stop(), "it ends in order");
    });
}

/// The partner contradicts every lease.
fn contradicts(command: &str, arguments: &Value) -> Said {
    match command {
        "lease4-update" => Said::Answer(json!({"result": 4, "text": "no such subnet"})),
        _ => obeys(command, arguments),
    }
}

/// `max-rejected-lease-updates`: so many clients whose lease the partner refuses end the service, and not one less, however
/// often they ask; then all are answered. Nobody counts if it is 0.
fn leases_are_refused(world: &World, limit: usize) {
    let changes = json!({"mode": "hot-standby", "max-rejected-lease-updates": limit});
    let scene = Scene::start(world, &changes, contradicts);
    let server = scene.pair.server(0);
    scene.pair.awaits_one(0, "hot-standby");
    let asks = |name: &str| {
        let mut client = scene.lan.client(name, ClientProgram::ALL[0]);
        client.start();
        client
    };
    let mut first = asks("first");
    let refused = || server.log().matches("HA_LEASE_UPDATE_CONFLICT").count();
    eventually("the first lease is refused", || (refused() == 1).then_some(()));
    let asked = || server.statistic("pkt4-request-received");
    eventually("its client asks again", || (asked() >= 2).then_some(()));
    assert_eq!(scene.pair.state(0), "hot-standby", "one client is not enough");
    let mut second = asks("second");
    if limit == 0 {
        eventually("the second lease is refused", || (refused() == 2).then_some(()));
        assert_eq!(scene.pair.state(0), "hot-standby", "nobody counts");
    } else {
        scene.pair.awaits_one(0, "terminated");
        server.await_log(&["HA_LEASE_UPDATE_REJECTS_CAUSED_TERMINATION server1: "]);
        first.leased();
        second.leased();
    }
    assert!(scene.pair.stop(), "it ends in order");
}

#[test]
fn refused_leases_end_the_service() {
    sandboxed("refused_leases_end_the_service", |world| leases_are_refused(world, 2));
}

#[test]
fn refused_leases_do_not_count() {
    sandboxed("refused_leases_do_not_count", |world| leases_are_refused(world, 0));
}

/// The partner does not answer when it is asked for leases.
fn keeps_its_leases(command: &str, arguments: &Value) -> Said {
    match command {
        "lease4-get-page" => Said::Nothing,
        _ => obeys(command, arguments),
    }
}

/// `sync-timeout`: for so long the partner is silent at most, and so long a page may take.
#[test]
fn a_page_takes_too_long() {
    sandboxed("a_page_takes_too_long", |world| {
        let changes = json!({"mode": "hot-standby", "sync-timeout": 3000});
        let scene = Scene::start(world, &changes, keeps_its_leases);
        let late = ["HA_LEASES_SYNC_COMMUNICATIONS_FAILED server1: ", "wait: no answer within 3 s"];
        scene.pair.server(0).await_log(&late);
        let disabled = scene.partner.heard("dhcp-disable");
        assert_eq!((&disabled[0]["max-period"], &disabled[0]["origin-id"]), (&json!(3), &json!(2000)));
        scene.pair.server(0).await_log(&["HA_SYNC_FAILED server1: "]);
        assert!(scene.pair.stop(), "it ends in order");
    });
}

/// `auto-failover`: the clients of a partner that is down are not answered. `delayed-updates-limit`: without any there is no
/// waiting for the partner.
#[test]
fn a_partner_is_not_replaced() {
    sandboxed("a_partner_is_not_replaced", |world| {
        let peer = |at: usize, role: &str| json!({"name": format!("server{}", at + 1), "url": URLS[at], "role": role, "auto-failover": false});
        let changes = json!({"mode": "load-balancing", "delayed-updates-limit": 0,
            "peers": [peer(0, "primary"), peer(1, "secondary")]});
        let scene = Scene::start(world, &changes, obeys);
        scene.pair.awaits_one(0, "load-balancing");
        scene.pair.server(0).await_log(&["HA_CONFIG_AUTO_FAILOVER_DISABLED server1: auto-failover disabled"]);
        scene.partner.says(|_, _| Said::Bytes(b""));
        scene.pair.awaits_one(0, "partner-down");
        assert!(!scene.pair.server(0).log().contains("COMMUNICATION-RECOVERY"));
        let status = scene.pair.server(0).command("status-get", None);
        let local = &status["arguments"]["high-availability"][0]["ha-servers"]["local"];
        assert_eq!(local["scopes"], json!(["server1"]));
        assert!(scene.pair.stop(), "it ends in order");
    });
}

/// `max-unacked-clients` and `max-ack-delay`: a partner that is not heard is replaced when so many of its clients, and one more,
/// have said that they have been trying for longer than that, and no sooner.
#[test]
fn clients_prove_that_the_partner_is_down() {
    sandboxed("clients_prove_that_the_partner_is_down", |world| {
        let peer = |at: usize, role: &str| json!({"name": format!("server{}", at + 1), "url": URLS[at], "role": role, "auto-failover": true});
        let changes = json!({"mode": "hot-standby", "max-unacked-clients": 2, "max-ack-delay": 1500,
            "peers": [peer(0, "standby"), peer(1, "primary")]});
        let scene = Scene::start(world, &changes, obeys);
        scene.pair.awaits_one(0, "hot-standby");
        scene.partner.says(|_, _| Said::Bytes(b""));
        let server = scene.pair.server(0);
        let remote = || {
            let status = server.command("status-get", None);
            status["arguments"]["high-availability"][0]["ha-servers"]["remote"].clone()
        };
        eventually("nothing is heard of the partner", || {
            (remote()["communication-interrupted"] == true).then_some(())
        });
        let asks = |name: &str| {
            let mut client = scene.lan.client(name, ClientProgram::ALL[0]);
            client.start();
            client
        };
        let mut clients = vec![asks("first"), asks("second")];
        let so_far = eventually("both have been trying for long", || {
            let remote = remote();
            (remote["unacked-clients"] == 2).then_some(remote)
        });
        assert_eq!((&so_far["connecting-clients"], &so_far["unacked-clients-left"]), (&json!(2), &json!(1)));
        assert_eq!(scene.pair.state(0), "hot-standby", "they are not enough");
        clients.push(asks("third"));
        scene.pair.awaits_one(0, "partner-down");
        clients.iter_mut().for_each(|client| _ = client.leased());
        server.await_log(&["HA_COMMUNICATION_INTERRUPTED_CLIENT4_UNACKED server1: "]);
        assert!(scene.pair.stop(), "it ends in order");
    });
}

/// A partner that fetches leases has this server silent for as long as that takes, also when the server is configured anew
/// meanwhile and their relationship stays what it is; not when it has another, or none.
#[test]
fn a_partner_is_silent_for_as_long_as_it_is_asked_to() {
    sandboxed("a_partner_is_silent_for_as_long_as_it_is_asked_to", |world| {
        let scene = Scene::start(world, &json!({"mode": "hot-standby"}), obeys);
        scene.pair.awaits_one(0, "hot-standby");
        let silenced = || {
            let status = scene.pair.server(0).command("status-get", None);
            status["arguments"]["dhcp-state"]["disabled-by-remote-command"].clone()
        };
        let done = |command: &str, arguments: Value| {
            let answer = scene.pair.server(0).command(command, Some(arguments));
            assert_eq!(answer["result"], 0, "{answer}");
        };
        done("dhcp-disable", json!({"origin": "ha-partner", "origin-id": 2000, "max-period": 600}));
        let map = |lifetime: u32| {
            let mut map = scene.pair.server(0).command("config-get", None)["arguments"].take();
            map.as_object_mut().expect("a map").remove("hash");
            map["Dhcp4"]["valid-lifetime"] = json!(lifetime);
            map
        };
        done("config-set", map(1234));
        assert_eq!(silenced(), json!([2000]), "it is still fetching");
        let mut other = map(1235);
        let parameters = &mut other["Dhcp4"]["hooks-libraries"][1]["parameters"];
        parameters["high-availability"][0]["heartbeat-delay"] = json!(300);
        done("config-set", other);
        assert_eq!(silenced(), json!([]), "it is not the relationship any more in which it was asked for");
        scene.pair.awaits_one(0, "hot-standby");
        assert!(scene.pair.stop(), "it ends in order");
    });
}

/// A server that fetches leases and then has another relationship, none, or ends, does not leave its partner silent until
/// `sync-timeout` is over.
#[test]
fn a_partner_is_not_left_silent() {
    sandboxed("a_partner_is_not_left_silent", |world| {
        let changes = json!({"mode": "hot-standby", "sync-timeout": 600_000});
        let scene = Scene::start(world, &changes, keeps_its_leases);
        let heard = |command: &str| scene.partner.heard(command).len();
        let is_silenced = |times: usize| {
            eventually("leases are asked for", || (heard("lease4-get-page") == times).then_some(()));
            assert_eq!((heard("dhcp-disable"), heard("dhcp-enable")), (times, times - 1));
        };
        let speaks = |times: usize| {
            eventually("the partner may speak", || (heard("dhcp-enable") == times).then_some(()));
            let enabled = scene.partner.heard("dhcp-enable").pop();
            assert_eq!(enabled.expect("it was")["origin-id"], 2000);
        };
        let server = scene.pair.server(0);
        let set = |change: &dyn Fn(&mut Vec<Value>)| {
            let mut map = server.command("config-get", None)["arguments"].take();
            map.as_object_mut().expect("a map").remove("hash");
            change(map["Dhcp4"]["hooks-libraries"].as_array_mut().expect("a list"));
            let answer = server.command("config-set", Some(map));
            assert_eq!(answer["result"], 0, "{answer}");
        };
        is_silenced(1);
        set(&|libraries| libraries[1]["parameters"]["high-availability"][0]["heartbeat-delay"] = json!(300));
        speaks(1);
        is_silenced(2);
        let ha = server.command("config-get", None)["arguments"]["Dhcp4"]["hooks-libraries"][1].take();
        set(&|libraries| libraries.truncate(1));
        speaks(2);
        set(&|libraries| libraries.push(ha.clone()));
        is_silenced(3);
        let Scene { pair, partner, .. } = scene;
        assert!(pair.stop(), "it ends in order");
        assert_eq!(partner.heard("dhcp-enable").len(), 3, "it was told before the end");
    });
}

/// `http-client-threads`: over so many connections the partner is told of leases, however many clients ask at once.
#[test]
fn one_connection_is_enough() {
    sandboxed("one_connection_is_enough", |world| {
        let threading = |client: u32| {
            json!({"enable-multi-threading": true, "http-dedicated-listener": true,
                "http-listener-threads": 1, "http-client-threads": client})
        };
        let changes = json!({"mode": "hot-standby", "multi-threading": threading(1)});
        let scene = Scene::start(world, &changes, obeys);
        scene.pair.awaits_one(0, "hot-standby");
        let mut clients: Vec<_> = (0..4)
            .map(|number| scene.lan.client(&format!("client{number}"), ClientProgram::ALL[0]))
            .collect();
        clients.iter_mut().for_each(|client| client.start());
        clients.iter_mut().for_each(|client| _ = client.leased());
        assert!(scene.partner.heard("lease4-update").len() >= 4);
        assert_eq!(scene.partner.most_connections(), 1);
        assert!(scene.pair.stop(), "it ends in order");
    });
}

/// `restrict-commands`: without it partners may send any command.
#[test]
fn any_command_is_taken() {
    sandboxed("any_command_is_taken", |world| {
        let changes = json!({"mode": "hot-standby", "restrict-commands": false});
        let scene = Scene::start(world, &changes, obeys);
        scene.pair.awaits_one(0, "hot-standby");
        let mut curl = scene.pair.host(1).command("curl");
        let command = json!({"command": "version-get", "service": ["dhcp4"]}).to_string();
        let said = curl.args(["--silent", "--json", &command, URLS[0]]).output().expect("curl is installed");
        let said: Value = serde_json::from_slice(&said.stdout).expect("an answer");
        assert_eq!(said[0]["result"], 0, "{said}");
        assert!(scene.pair.stop(), "it ends in order");
    });
}
