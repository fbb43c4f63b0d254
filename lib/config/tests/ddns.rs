//! The configuration of the server that updates the DNS: what it means, what is wrong with it, how it is shown.

use std::time::Duration;

use kotare_config::ddns::{ConfigDdns, FILE};
use kotare_config::json::Diagnostics;
use kotare_config::process::Way;
use kotare_config::{Candidate, Configuration, Input};
use serde_json::{Value, json};

fn read(map: Value) -> Result<Candidate<ConfigDdns>, Diagnostics> {
    kotare_config::read(Input::Command("test", &json!({"DhcpDdns": map})), &FILE)
}

fn good(map: Value) -> Candidate<ConfigDdns> {
    read(map).unwrap_or_else(|wrong| panic!("{:?}", wrong.error_lines()))
}

fn key(name: &str) -> Value {
    json!({"name": name, "algorithm": "hmac-sha256", "secret-file": "/k"})
}

fn domain(name: &str) -> Value {
    json!({"name": name, "dns-servers": [{"ip-address": "192.0.2.1"}]})
}

/// Without anything written, the defaults of the manual hold, and `config-get` shows them.
#[test]
fn defaults() {
    let candidate = good(json!({}));
    assert_eq!(candidate.config.at.to_string(), "127.0.0.1:53001");
    assert_eq!(candidate.config.patience, Duration::from_millis(500));
    assert_eq!(candidate.config.changes_per_update, 64);
    assert_eq!(
        candidate.written.shown(candidate.config.definitions())["DhcpDdns"],
        json!({
            "ip-address": "127.0.0.1", "port": 53001, "dns-server-timeout": 500, "ncr-protocol": "UDP", "ncr-format": "JSON",
            "tsig-keys": [], "forward-ddns": {"ddns-domains": []}, "reverse-ddns": {"ddns-domains": []},
            "hooks-libraries": [],
        })
    );
}

/// Keys are those of a server or else of its domain; names are the DNS's, without case and with or without a last dot.
#[test]
fn what_is_written_is_meant() {
    let mut forward = domain("example.com.");
    forward["key-name"] = json!("ONE.");
    forward["comment"] = json!("ours");
    forward["dns-servers"] =
        json!([{"ip-address": "2001:DB8::1", "port": 5353}, {"ip-address": "192.0.2.1", "key-name": "two"}]);
    let candidate = good(json!({
        "ip-address": "::1", "port": 1, "ncr-format": "json", "changes-per-update": 1,
        "tsig-keys": [key("two"), key("one")],
        "forward-ddns": {"ddns-domains": [forward]},
        "reverse-ddns": {"ddns-domains": [domain("z.test"), domain("a.test")]},
        "control-socket": {"socket-type": "unix", "socket-name": "s"},
    }));
    let config = &candidate.config;
    assert_eq!(config.at.to_string(), "[::1]:1");
    let servers: Vec<_> =
        config.forward[0].servers.iter().map(|it| (it.at.to_string(), it.key.as_deref())).collect();
    assert_eq!(
        servers,
        [("[2001:db8::1]:5353".to_owned(), Some("one")), ("192.0.2.1:53".to_owned(), Some("two"))]
    );
    assert_eq!(config.reverse[0].servers[0].key, None);
    assert_eq!(config.keys[0].algorithm.as_ref(), "HMAC-SHA256");
    assert_eq!(config.control_sockets.len(), 1);
    let shown = candidate.written.shown(config.definitions());
    let shown = &shown["DhcpDdns"];
    assert_eq!((&shown["changes-per-update"], config.changes_per_update), (&json!(1), 1));
    assert_eq!(shown["tsig-keys"][0]["name"], "one");
    assert_eq!(shown["reverse-ddns"]["ddns-domains"][0]["name"], "a.test");
    let server = &shown["forward-ddns"]["ddns-domains"][0]["dns-servers"][0];
    assert_eq!(*server, json!({"hostname": "", "ip-address": "2001:db8::1", "port": 5353}));
    assert_eq!(shown["forward-ddns"]["ddns-domains"][0]["user-context"], json!({"comment": "ours"}));
}

/// What is wrong is an error at its place.
#[test]
fn errors_name_their_place() {
    let with = |keyword: &str, value: Value| {
        let mut key = key("k");
        key[keyword] = value;
        json!({"tsig-keys": [key]})
    };
    let zone = |keyword: &str, value: Value| {
        let mut domain = domain("example.com");
        domain[keyword] = value;
        json!({"forward-ddns": {"ddns-domains": [domain]}})
    };
    let server = |server: Value| zone("dns-servers", json!([server]));
    for (map, path) in [
        (json!({"port": 0}), "DhcpDdns/port"),
        (json!({"dns-server-timeout": 0}), "DhcpDdns/dns-server-timeout"),
        (json!({"changes-per-update": 0}), "DhcpDdns/changes-per-update"),
        (json!({"changes-per-update": 65}), "DhcpDdns/changes-per-update"),
        (json!({"ip-address": "here"}), "DhcpDdns/ip-address"),
        (json!({"ncr-protocol": "TCP"}), "DhcpDdns/ncr-protocol"),
        (json!({"ncr-format": "XML"}), "DhcpDdns/ncr-format"),
        (json!({"lease-database": {}}), "DhcpDdns/lease-database"),
        (json!({"tsig-keys": [key("k"), key("K.")]}), "DhcpDdns/tsig-keys[1]/name"),
        (with("name", json!("")), "DhcpDdns/tsig-keys[0]/name"),
        (with("algorithm", json!("HMAC-SHA3")), "DhcpDdns/tsig-keys[0]/algorithm"),
        (with("secret", json!("aaaa")), "DhcpDdns/tsig-keys[0]/secret-file"),
        (with("secret-file", json!("")), "DhcpDdns/tsig-keys[0]/secret-file"),
        (with("digest-bits", json!(120)), "DhcpDdns/tsig-keys[0]/digest-bits"),
        (json!({"tsig-keys": [{"name": "k", "algorithm": "HMAC-MD5"}]}), "DhcpDdns/tsig-keys[0]"),
        (zone("key-name", json!("none")), "DhcpDdns/forward-ddns/ddns-domains[0]/key-name"),
        (zone("name", json!("")), "DhcpDdns/forward-ddns/ddns-domains[0]/name"),
        (zone("dns-servers", json!([])), "DhcpDdns/forward-ddns/ddns-domains[0]/dns-servers"),
        (server(json!({})), "DhcpDdns/forward-ddns/ddns-domains[0]/dns-servers[0]"),
        (
            server(json!({"hostname": "ns", "ip-address": "::1"})),
            "DhcpDdns/forward-ddns/ddns-domains[0]/dns-servers[0]/hostname",
        ),
        (
            server(json!({"ip-address": "x"})),
            "DhcpDdns/forward-ddns/ddns-domains[0]/dns-servers[0]/ip-address",
        ),
        (
            server(json!({"ip-address": "::1", "key-name": "none"})),
            "DhcpDdns/forward-ddns/ddns-domains[0]/dns-servers[0]/key-name",
        ),
        (
            json!({"reverse-ddns": {"ddns-domains": [domain("a.b"), domain("A.b.")]}}),
            "DhcpDdns/reverse-ddns/ddns-domains[1]/name",
        ),
    ] {
        let wrong = read(map.clone()).expect_err(path);
        let paths: Vec<_> = wrong.errors().map(|error| error.path.clone()).collect();
        assert_eq!(paths, [path], "{map}: {:?}", wrong.error_lines());
    }
}

/// Requests are kept in memory unless a file is asked for.
#[test]
fn requests_wait() {
    let queue = |map: Value| good(json!({"request-queue": map})).config.queue;
    let plain = good(json!({})).config.queue;
    assert!(!plain.persist && plain.capacity == 65_536 && plain.name.is_none());
    assert_eq!(queue(json!({})), plain);
    let kept = queue(json!({"persist": true, "name": "q", "durability": "system", "max-queue-size": 128}));
    assert_eq!((kept.durability, kept.capacity), (kotare_model::Durability::System, 128));
    assert_ne!(kept, plain);
    for (map, words) in [
        (json!({"durability": "disk"}), "durability"),
        (json!({"max-queue-size": 127}), "max-queue-size"),
        (json!({"size": 1}), "size"),
    ] {
        let wrong = read(json!({"request-queue": map})).expect_err("it is wrong").error_lines().join("\n");
        assert!(wrong.contains(words), "{wrong}");
    }
}

/// The servers whose leases zones are compared with are named as a control agent names daemons.
#[test]
fn servers_are_named() {
    let servers = |map: Value| good(json!({"dhcp-servers": map})).config.dhcp_servers;
    let found = servers(json!([
        {"socket-name": "kea4"},
        {"socket-type": "http", "socket-port": 8006, "authentication": {"user": "u", "password": "p"}, "timeout": 5},
    ]));
    assert!(
        matches!(&found[0], (Way::Unix(name), patience) if &*name.path == "kea4" && patience.as_secs() == 60)
    );
    let (Way::Http(http), patience) = &found[1] else { panic!("{found:?}") };
    assert_eq!((http.at.to_string().as_str(), patience.as_secs()), ("127.0.0.1:8006", 5));
    assert!(http.user.is_some() && http.trust_anchor.is_none());
    for (server, words) in [
        (json!({}), "socket-name"),
        (json!({"socket-type": "http", "socket-name": "kea4"}), "socket-name"),
        (json!({"socket-type": "https"}), "trust-anchor"),
        (json!({"socket-type": "http", "socket-address": "nowhere"}), "socket-address"),
        (json!({"socket-name": "kea4", "port": 1}), "port"),
    ] {
        let wrong = read(json!({"dhcp-servers": [server]})).expect_err(words).error_lines().join("\n");
        assert!(wrong.contains("dhcp-servers[0]") && wrong.contains(words), "{wrong}");
    }
}
