//! Where the server listens, what it calls itself, and what it believes relays.

use std::time::Duration;

use kotare_config::Process;
use kotare_config::process::{LocalZone, ServiceSockets};
use kotare_config::v6::{DuidType, InterfaceChoice6, KernelRoutes, PrefixRoutes, ServerId};
use kotare_model::{HwAddrSource, Lifetime};
use serde_json::{Value as Json, json};

use crate::{config, said};

/// Interfaces, with and without an address of their own, or both: one is served whole anyway.
#[test]
fn interfaces_are_read() {
    let config = config(json!({"interfaces-config": {
        "interfaces": ["*", "eth0", "eth1/2001:db8::1", "eth1", "eth1/2001:db8::2"], "service-sockets-require-all": true,
        "service-sockets-max-retries": 3, "service-sockets-retry-wait-time": 700}}));
    let choices = [
        InterfaceChoice6::All,
        InterfaceChoice6::Named("eth0".into()),
        InterfaceChoice6::Address("eth1".into(), "2001:db8::1".parse().expect("an address")),
        InterfaceChoice6::Named("eth1".into()),
        InterfaceChoice6::Address("eth1".into(), "2001:db8::2".parse().expect("an address")),
    ];
    assert_eq!(config.interfaces.choices, choices);
    let sockets =
        ServiceSockets { require_all: true, max_retries: 3, retry_wait: Duration::from_millis(700) };
    assert_eq!(config.interfaces.sockets, sockets);
}

/// HTTP sockets are on this machine alone unless they are written to be elsewhere.
#[test]
fn sockets_are_on_loopback() {
    let sockets = json!([{"socket-type": "http"}, {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 80}]);
    let config = config(json!({ "control-sockets": sockets }));
    let process: &Process = config.as_ref();
    let at: Vec<_> = process.http_sockets.iter().map(|socket| socket.at.to_string()).collect();
    assert_eq!(at, ["[::1]:8000", "127.0.0.1:80"]);
}

/// The server's DUID, as written and without a word.
#[test]
fn the_server_has_an_identity() {
    assert_eq!(config(json!({})).server_id, ServerId::default());
    let written = json!({"server-id": {"type": "EN", "enterprise-id": 2495, "identifier": "0123456789ABCDEF", "persist": false}});
    let server_id = config(written).server_id;
    assert_eq!((server_id.duid_type, server_id.enterprise, server_id.persist), (DuidType::En, 2495, false));
    assert_eq!(*server_id.identifier, [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    let written =
        json!({"server-id": {"type": "LLT", "htype": 8, "identifier": "A6:5F:C0:8F:04", "time": 36165}});
    let server_id = config(written).server_id;
    assert_eq!((server_id.htype, server_id.time, server_id.persist), (8, 36165, true));
    assert_eq!(*server_id.identifier, [0xa6, 0x5f, 0xc0, 0x8f, 0x04]);
}

/// Hardware addresses are looked for in the order written, and in each place once.
#[test]
fn sources_of_hardware_addresses_have_an_order() {
    use HwAddrSource::{ClientAddrRelayOption, Duid, Ipv6LinkLocal, Raw, RemoteId, SubscriberId};
    let sources = |list: &[&str]| config(json!({ "mac-sources": list })).mac_sources;
    assert_eq!(sources(&["duid", "rfc6939"]), [Duid, ClientAddrRelayOption]);
    assert_eq!(
        sources(&["rfc4580", "remote-id", "ipv6-link-local"]),
        [SubscriberId, RemoteId, Ipv6LinkLocal]
    );
    let anywhere = config(json!({})).mac_sources;
    assert_eq!(anywhere[..4], [Raw, ClientAddrRelayOption, Duid, Ipv6LinkLocal]);
    assert_eq!((anywhere.len(), sources(&["any"]) == anywhere), (7, true));
    assert_eq!(sources(&["ipv6-link-local", "any"])[..2], [Ipv6LinkLocal, Raw]);
}

/// Options that relays may supply are codes or names; 65 is always one of them.
#[test]
fn relays_may_supply_options() {
    let codes =
        |list: &[&str]| config(json!({ "relay-supplied-options": list })).relay_supplied_options.to_string();
    assert_eq!(config(json!({})).relay_supplied_options.to_string(), "65");
    assert_eq!(codes(&["110", "bootfile-url", "1000", "112"]), "59, 65, 110, 112, 1000");
    for wrong in ["no-such-option", "65536", "0", ""] {
        let said = said(json!({ "relay-supplied-options": ["23", wrong] }));
        assert!(said.contains(&format!("\"{wrong}\" is neither the code nor the name")), "{wrong}: {said}");
        assert!(said.contains("relay-supplied-options"), "{said}");
    }
}

/// What is said once for the whole server.
#[test]
fn the_server_has_its_own_parameters() {
    let written = config(json!({
        "decline-probation-period": 60, "dhcp4o6-port": 6767, "allow-address-registration": false,
        "early-global-reservations-lookup": true, "ip-reservations-unique": false, "server-tag": "a"}));
    assert_eq!((written.decline_probation, written.process.dhcp4o6_port), (Lifetime(60), 6767));
    assert!(!written.address_registration && written.early_global_hosts && !written.unique_reservations);
    let process: &Process = written.as_ref();
    assert_eq!(&*process.server_tag, "a");
    let usual = config(json!({}));
    assert_eq!((usual.decline_probation, usual.process.dhcp4o6_port), (Lifetime(86_400), 0));
    assert!(usual.address_registration && !usual.early_global_hosts && usual.unique_reservations);
}

/// Routes for delegated prefixes are there where they are asked for, and only then.
#[test]
fn routes_for_prefixes_are_asked_for() {
    let routes = |written| config(json!({ "delegated-prefix-routes": written })).prefix_routes;
    assert_eq!(config(json!({})).prefix_routes, None);
    let usual = KernelRoutes { table: 254, protocol: 147, metric: 1024 };
    assert_eq!(routes(json!({})), Some(PrefixRoutes::Kernel(usual)));
    let written = json!({"mode": "kernel", "table": 100_000, "protocol": 99, "metric": 5});
    let other = KernelRoutes { table: 100_000, protocol: 99, metric: 5 };
    assert_eq!(routes(written), Some(PrefixRoutes::Kernel(other)));
    match routes(json!({"mode": "script", "script": "routes.sh"})) {
        Some(PrefixRoutes::Script(script)) => {
            assert_eq!((&*script.path.path, script.timeout), ("routes.sh", Duration::from_secs(30)));
        }
        other => panic!("{other:?}"),
    }
    for (wrong, words) in [
        (json!({"mode": "script"}), "there is no \"script\" to run"),
        (json!({"protocol": 4}), "must lie between 5 and 255"),
        (json!({"table": 0}), "must lie between 1 and 4294967295"),
    ] {
        let said = said(json!({ "delegated-prefix-routes": wrong }));
        assert!(said.contains(words) && said.contains("delegated-prefix-routes"), "{said}");
    }
}

/// Names are told where that is asked for; what is wrong is said where it stands.
#[test]
fn names_are_told_where_that_is_asked_for() {
    let names = |written: Json| config(json!({ "local-names": written })).process.local_names;
    assert_eq!(config(json!({})).process.local_names, None);
    let file = names(json!({"hosts-file": "hosts"})).expect("one line");
    assert_eq!(file.hosts_file.map(|file| file.path), Some("hosts".into()));
    assert_eq!((file.domain, file.ttl, file.listen, file.zones), (None, 60, vec![], None));
    let dns = names(json!({"domain": "Home.Arpa", "listen": ["::1", "192.0.2.1"], "port": 5353,
        "zones": ["home.arpa", "192.0.2.0/24"]}))
    .expect("a server");
    assert_eq!(dns.listen, ["[::1]:5353".parse().expect("one"), "192.0.2.1:5353".parse().expect("one")]);
    let network = LocalZone::Addresses("192.0.2.0".parse().expect("an address"), 24);
    assert_eq!(dns.zones, Some(vec![LocalZone::Named("home.arpa".parse().expect("a name")), network]));
    for (wrong, words) in [
        (json!({}), "names are told to nobody"),
        (json!({"hosts-file": ""}), "the name of a file is not empty"),
        (json!({"hosts-file": "a", "other-hosts-files": ["a"]}), "'a' is named already"),
        (json!({"hosts-file": "a", "domain": "a..b"}), "'a..b' is not a name of the DNS"),
        (json!({"hosts-file": "a", "domain": "."}), "the root of all names is nobody's"),
        (json!({"listen": ["router"]}), "\"listen\" is 'router', not an IP address"),
        (json!({"listen": ["ff02::1"]}), "'ff02::1' is not an address of one host"),
        (json!({"listen": ["::1", "::1"]}), "'::1' is already listened at"),
        (json!({"listen": ["::1"], "zones": []}), "there are no zones to answer for"),
        (json!({"listen": ["::1"], "zones": ["192.0.2.1/24"]}), "has bits set behind the first 24"),
        (json!({"listen": ["::1"], "zones": ["2001:db8::/200"]}), "is not a network such as"),
        (json!({"listen": ["::1"], "port": 0}), "must lie between 1 and 65535"),
    ] {
        let said = said(json!({ "local-names": wrong }));
        assert!(said.contains(words) && said.contains("local-names"), "{said}");
    }
}
