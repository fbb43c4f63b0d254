//! The ways by which partners of DHCPv4 reach each other: certificates and passwords, control sockets, the control agent.

use std::fs;

use kotare_tests::world::{
    Agent, Authority, ClientProgram, Kind, Lan, Pair, Server, V4, World, eventually, lan_configuration,
    program, sandboxed,
};
use serde_json::{Value, json};

const URLS: [&str; 2] = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];
const NORMAL: [&str; 2] = ["hot-standby"; 2];

/// Runs `body` with a pair of ours that does not run yet, and the link that it is on.
fn with_pair(
    world: &World,
    urls: [&str; 2],
    relationship: &Value,
    body: impl FnOnce(&mut Pair<'_, V4>, &Lan<'_>),
) {
    let lan = world.lan();
    let hosts = ["server1", "server2"].map(|name| lan.host(name));
    hosts[0].address("eth0", "192.0.2.11/24");
    hosts[1].address("eth0", "192.0.2.12/24");
    let pair = Pair::new(world, hosts, urls, [Kind::Ours; 2], &lan_configuration(), relationship);
    body(&mut pair.expect("ours are there"), &lan);
}

/// Sets what `changes` has.
fn put(relationship: &mut Value, changes: Value) {
    let Value::Object(changes) = changes else { return };
    changes.into_iter().for_each(|(key, value)| relationship[key] = value);
}

/// The address that a client of this name gets.
fn obtain(lan: &Lan<'_>, name: &str) -> String {
    lan.client(name, ClientProgram::ALL[0]).obtain().address().to_string()
}

/// What a server says that fails between it and its partner.
fn failure(server: &Server) -> String {
    let status = server.command("status-get", None);
    status["arguments"]["high-availability"][0]["failures"].to_string()
}

fn peers(urls: [&str; 2], password: &str) -> Value {
    let peer = |at: usize| {
        let (name, role) = [("server1", "primary"), ("server2", "standby")][at];
        json!({"name": name, "url": urls[at], "role": role, "auto-failover": true,
            "basic-auth-user": name, "basic-auth-password": password})
    };
    json!([peer(0), peer(1)])
}

/// Partners prove by certificates and passwords who they are; a wrong one is told with the step, the reason and what to do,
/// and when it is right again the pair is whole.
#[test]
fn certificates_and_passwords_are_asked_for() {
    sandboxed("certificates_and_passwords_are_asked_for", |world| {
        world.make_certificates();
        let urls = ["https://192.0.2.11:8005/", "https://192.0.2.12:8005/"];
        let mut relationship = json!({"mode": "hot-standby", "peers": peers(urls, "secret"),
            "max-unacked-clients": 10, "require-client-certs": true});
        put(&mut relationship, world.certificate(Authority::Right));
        with_pair(world, urls, &relationship, |pair, lan| {
            pair.run(0);
            pair.run(1);
            pair.awaits(NORMAL);
            let address = obtain(lan, "first");
            assert!(pair.leases(1).contains_key(&address));
            let right = pair.map(1).clone();
            let with = |pair: &mut Pair<'_, V4>, changes: Value| {
                pair.kill(1);
                pair.map(1).clone_from(&right);
                put(pair.relationship(1), changes);
                pair.run(1);
            };
            let says = |pair: &Pair<'_, V4>, own: usize, words: &[&str]| {
                eventually(&format!("it says {words:?}"), || {
                    let said = failure(pair.server(own));
                    words.iter().all(|word| said.contains(word)).then_some(())
                });
                pair.server(own).await_log(&[&["HA_HEARTBEAT_COMMUNICATIONS_FAILED"][..], words].concat());
            };
            // A certificate of another authority.
            with(pair, world.certificate(Authority::Wrong));
            says(pair, 0, &["https://192.0.2.12:8005/", "handshake", "name in", "trust-anchor"]);
            says(pair, 1, &["https://192.0.2.11:8005/", "handshake", "name in", "trust-anchor"]);
            // Another password.
            with(pair, json!({"peers": peers(urls, "guessed")}));
            says(pair, 0, &["authentication: ", "401", "basic-auth-password"]);
            // No certificates where they are asked for.
            let plain = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];
            with(
                pair,
                json!({"peers": peers(plain, "secret"), "trust-anchor": "", "cert-file": "", "key-file": ""}),
            );
            says(pair, 0, &["handshake", "that server speaks no TLS"]);
            // Users and passwords in files are the same.
            let [user, password] = [("user", "server2"), ("password", "secret")].map(|(name, text)| {
                fs::write(world.path(name), format!("{text}\n")).expect("write a file");
                world.path(name)
            });
            let mut all = peers(urls, "secret");
            all[1] = json!({"name": "server2", "url": urls[1], "role": "standby",
                "basic-auth-user-file": user, "basic-auth-password-file": password});
            // Somebody without a certificate may ask there.
            with(pair, json!({"peers": all, "require-client-certs": false}));
            pair.awaits(NORMAL);
            let beats = |own: usize| {
                let mut curl = pair.host(0).command("curl");
                curl.args([
                    "--silent",
                    "--insecure",
                    "--user",
                    &format!("server{}:secret", own + 1),
                    "--json",
                ]);
                let command = json!({"command": "ha-heartbeat", "service": ["dhcp4"]}).to_string();
                let output = curl.args([&command, urls[own]]).output().expect("curl is installed");
                String::from_utf8_lossy(&output.stdout).contains("HA peer status returned.")
            };
            assert_eq!([beats(0), beats(1)], [false, true]);
            eventually("nothing fails", || (failure(pair.server(0)) == "null").then_some(()));
            pair.agree();
            assert!(pair.leases(1).contains_key(&address));
        });
    });
}

/// Without a listener of its own a partner comes through the HTTP control socket of the server.
#[test]
fn partners_come_through_control_sockets() {
    sandboxed("partners_come_through_control_sockets", |world| {
        let relationship = json!({"mode": "hot-standby",
            "multi-threading": {"enable-multi-threading": true, "http-dedicated-listener": false}});
        with_pair(world, URLS, &relationship, |pair, lan| {
            for own in [0, 1] {
                let control = world.path(&format!("server{}", own + 1)).join("control");
                pair.map(own)["control-sockets"] = json!([{"socket-type": "unix", "socket-name": control},
                    {"socket-type": "http", "socket-address": format!("192.0.2.1{}", own + 1), "socket-port": 8005}]);
                pair.run(own);
            }
            a_standby_is_told_and_takes_over(pair, lan);
        });
    });
}

/// The same through the control agent, as with Kea up to 2.7.
#[test]
fn partners_come_through_the_agent() {
    sandboxed("partners_come_through_the_agent", |world| {
        let relationship = json!({"mode": "hot-standby",
            "multi-threading": {"enable-multi-threading": true, "http-dedicated-listener": false}});
        with_pair(world, URLS, &relationship, |pair, lan| {
            let agents = [0, 1].map(|own| {
                let control = world.path(&format!("server{}", own + 1)).join("control");
                let map = json!({"http-host": format!("192.0.2.1{}", own + 1), "http-port": 8005,
                    "control-sockets": {"dhcp4": {"socket-type": "unix", "socket-name": control}}});
                let (name, file) = (format!("agent{}", own + 1), program("kea-ctrl-agent"));
                let agent = Agent::start(world, pair.host(own), &name, &file, map);
                pair.run(own);
                agent
            });
            a_standby_is_told_and_takes_over(pair, lan);
            assert!(agents.into_iter().all(Agent::stop));
        });
    });
}

fn a_standby_is_told_and_takes_over(pair: &mut Pair<'_, V4>, lan: &Lan<'_>) {
    pair.awaits(NORMAL);
    let first = obtain(lan, "first");
    assert!(pair.leases(1).contains_key(&first), "it was told before the client");
    pair.kill(0);
    pair.awaits_one(1, "partner-down");
    let late = obtain(lan, "late");
    pair.run(0);
    pair.awaits(NORMAL);
    pair.agree();
    assert!([first, late].iter().all(|address| pair.leases(0).contains_key(address)));
}

/// A pair with an authenticated backup: that has every lease, and answers nobody.
fn a_backup_stands_beside(world: &World, mode: &str) {
    let mut all = peers(URLS, "secret");
    if mode == "load-balancing" {
        all[1]["role"] = json!("secondary");
    }
    let backup = json!({"name": "server3", "url": "http://192.0.2.13:8005/", "role": "backup",
        "basic-auth-user": "server3", "basic-auth-password": "1234"});
    all.as_array_mut().expect("a list").push(backup);
    let relationship = json!({"mode": mode, "peers": all});
    with_pair(world, URLS, &relationship, |pair, lan| {
        pair.run(0);
        pair.run(1);
        pair.awaits([mode; 2]);
        // While there is no backup, nobody waits for it, and that is shown.
        let early = obtain(lan, "early");
        let failures = |pair: &Pair<'_, V4>| failure(pair.server(0)) + &failure(pair.server(1));
        eventually("the backup is missed", || {
            failures(pair).contains("server3 (http://192.0.2.13:8005/)").then_some(())
        });
        let mut map = pair.map(0).clone();
        map["hooks-libraries"][1]["parameters"]["high-availability"][0]["this-server-name"] =
            json!("server3");
        let host = lan.host("server3");
        host.address("eth0", "192.0.2.13/24");
        let third = Server::kotare(world, &host, "server3", map);
        let known = || third.command("lease4-get-all", None)["arguments"]["leases"].to_string();
        let mut late = Vec::new();
        // Whoever has missed it finds out when it gives another lease.
        while late.is_empty() || failures(pair) != "nullnull" {
            assert!(late.len() < 24, "all is well again: {}", failures(pair));
            let address = obtain(lan, &format!("late{}", late.len()));
            eventually("the backup is told", || known().contains(&address).then_some(()));
            late.push(address);
        }
        assert!(!known().contains(&early));
        for server in ["server1", "server2"] {
            let synced = third.command("ha-sync", Some(json!({"server-name": server})));
            assert_eq!(synced["result"], 0, "{synced}");
        }
        assert!(known().contains(&early));
        let diff = pair.server(0).command("ha-diff", Some(json!({"server-name": "server3"})));
        let (count, compared) = (&diff["arguments"]["count"], &diff["arguments"]["compared"]);
        assert_eq!((count, compared), (&json!(0), &json!(late.len() + 1)), "{diff}");
    });
}

#[test]
fn a_backup_stands_beside_a_pair() {
    sandboxed("a_backup_stands_beside_a_pair", |world| a_backup_stands_beside(world, "hot-standby"));
}

#[test]
fn a_backup_stands_beside_two_that_share() {
    sandboxed("a_backup_stands_beside_two_that_share", |world| {
        a_backup_stands_beside(world, "load-balancing");
    });
}
