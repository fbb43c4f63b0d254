//! What parameters mean, and what is wrong with them; the manual's "Using GSS-TSIG".

use std::time::Duration;

use kotare_config::Input;
use kotare_config::ddns::ConfigDdns;
use serde_json::{Value as Json, json};

use super::parameters::{self, PARAMETERS, Settings};
use crate::FILE;

/// A configuration with these parameters.
fn written(parameters: &Json) -> Json {
    json!({"DhcpDdns": {"hooks-libraries": [{"library": "libddns_gss_tsig.so", "parameters": parameters}]}})
}

/// What is said of servers, or where something is wrong, below the library's parameters.
fn read(parameters: &Json) -> Result<Vec<Settings>, Vec<String>> {
    let read = kotare_config::read::<ConfigDdns>(Input::Command("test", &written(parameters)), FILE);
    let judged = read.and_then(|mut candidate| {
        candidate.judge(|config, diagnostics| {
            parameters::read(config.libraries[0].level(&PARAMETERS), diagnostics)
        })
    });
    let place = "DhcpDdns/hooks-libraries[0]/parameters";
    judged.map(|servers| servers.into_iter().map(|(settings, _)| settings).collect()).map_err(|wrong| {
        let paths = wrong.errors().map(|error| error.path.strip_prefix(place).expect("a parameter"));
        paths.map(|path| path.trim_start_matches('/').to_owned()).collect()
    })
}

/// The smallest entry.
fn entry() -> Json {
    json!({"id": "one", "ip-address": "192.0.2.1", "server-principal": "DNS/server.example.org@EXAMPLE.ORG"})
}

fn with(keyword: &str, value: Json) -> Json {
    let mut entry = entry();
    entry[keyword] = value;
    json!({"servers": [entry]})
}

fn without(keyword: &str) -> Json {
    let mut entry = entry();
    entry.as_object_mut().expect("a map").remove(keyword);
    json!({"servers": [entry]})
}

/// What is not written is what the manual says.
#[test]
fn defaults() {
    let one = &read(&json!({"servers": [entry()]})).expect("it is right")[0];
    assert_eq!((&*one.id, one.at.to_string().as_str(), one.domains.len()), ("one", "192.0.2.1:53", 0));
    assert_eq!(one.suffix.to_string(), "sig-server.example.org.");
    assert_eq!((&one.client_principal, &one.client_keytab, &one.credentials_cache), (&None, &None, &None));
    assert_eq!((one.replay, one.sequence, one.is_tcp), (true, false, true));
    assert_eq!((one.fallback, one.ignores_direction), (false, false));
    let seconds = [one.timing.lifetime, one.timing.rekey, one.timing.retry].map(|time| time.as_secs());
    assert_eq!((seconds, one.patience), ([3600, 2700, 120], Duration::from_secs(3)));
    assert_eq!(read(&json!({})), Ok(vec![]));
    assert_eq!(read(&json!({"servers": []})), Ok(vec![]));
}

/// After a failure nothing is tried again at once, and keys that were not had do not heap up.
#[test]
fn there_is_a_pause_after_a_failure() {
    for (written, pause) in [(0, 1), (1, 1), (2, 2)] {
        let servers = read(&with("retry-interval", json!(written))).expect("it is right");
        assert_eq!(servers[0].timing.retry, Duration::from_secs(pause), "{written}");
    }
}

/// What is said for all holds for those that say nothing else; an empty text is none.
#[test]
fn what_is_said_for_all_is_inherited() {
    let mut other = json!({
        "id": "two", "ip-address": "2001:db8::2", "port": 5300, "domain-names": ["example.org.", "a.test"],
        "server-principal": "DNS/two.example.org", "client-principal": "DHCP/two", "gss-replay-flag": true,
        "gss-sequence-flag": false, "tkey-lifetime": 7200, "rekey-interval": 5400, "retry-interval": 240,
        "tkey-protocol": "TCP", "fallback": false, "exchange-timeout": 7,
        "user-context": {"a": 1}, "comment": "second",
    });
    let all = json!({
        "server-principal": "DNS/all.example.org@EXAMPLE.ORG", "client-principal": "DHCP/all",
        "client-keytab": "FILE:/k", "credentials-cache": "", "gss-replay-flag": false, "gss-sequence-flag": true,
        "tkey-lifetime": 100, "rekey-interval": 50, "retry-interval": 10, "tkey-protocol": "UDP",
        "fallback": true, "exchange-timeout": 500, "ignore-bad-direction": true,
        "servers": [{"id": "one", "ip-address": "192.0.2.1"}, other],
    });
    let servers = read(&all).expect("it is right");
    let said = |one: &Settings| {
        let seconds = [one.timing.lifetime, one.timing.rekey, one.timing.retry].map(|time| time.as_secs());
        (
            one.suffix.to_string(),
            one.client_principal.clone(),
            one.replay,
            one.sequence,
            one.is_tcp,
            one.fallback,
            seconds,
        )
    };
    assert_eq!(
        said(&servers[0]),
        ("sig-all.example.org.".into(), Some("DHCP/all".into()), false, true, false, true, [100, 50, 10])
    );
    assert_eq!(
        said(&servers[1]),
        ("sig-two.example.org.".into(), Some("DHCP/two".into()), true, false, true, false, [7200, 5400, 240])
    );
    assert_eq!(servers[1].at.to_string(), "[2001:db8::2]:5300");
    assert_eq!(
        servers[1].domains.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["example.org.", "a.test."]
    );
    assert_eq!(servers.iter().map(|one| one.patience.as_millis()).collect::<Vec<_>>(), [500, 7]);
    for one in &servers {
        assert!(one.ignores_direction && one.credentials_cache.is_none());
        assert_eq!(one.client_keytab.as_deref(), Some("FILE:/k"));
    }
    other["id"] = json!("three");
    other["retry-interval"] = json!(5400);
    let mut wrong = all;
    wrong["servers"].as_array_mut().expect("a list").push(other);
    assert_eq!(read(&wrong), Err(vec!["servers[2]/retry-interval".to_owned()]));
}

/// What is wrong is an error at its place, whether it is said for all or of a server; what Kea refuses is refused.
#[test]
fn errors_name_their_place() {
    let mut cases = vec![
        (json!({"dns-servers": []}), "dns-servers"),
        (
            json!({"servers": [{"address": 1, "id": "a", "ip-address": "::1", "server-principal": "a"}]}),
            "servers[0]/address",
        ),
        (json!({"client-keytab": 1}), "client-keytab"),
        (json!({"credentials-cache": true}), "credentials-cache"),
        (json!({"ignore-bad-direction": "true"}), "ignore-bad-direction"),
        (json!({"servers": {}}), "servers"),
        (json!({"servers": [1]}), "servers[0]"),
        (with("client-keytab", json!("FILE:/k")), "servers[0]/client-keytab"),
        (with("credentials-cache", json!("FILE:/c")), "servers[0]/credentials-cache"),
        (with("ignore-bad-direction", json!(true)), "servers[0]/ignore-bad-direction"),
        (without("id"), "servers[0]"),
        (without("ip-address"), "servers[0]"),
        (without("server-principal"), "servers[0]"),
        (with("id", json!("")), "servers[0]/id"),
        (with("id", json!(1)), "servers[0]/id"),
        (with("domain-names", json!("example.org")), "servers[0]/domain-names"),
        (with("domain-names", json!([1])), "servers[0]/domain-names[0]"),
        (with("domain-names", json!(["a..b"])), "servers[0]/domain-names[0]"),
        (with("ip-address", json!("foobar")), "servers[0]/ip-address"),
        (with("ip-address", json!(1)), "servers[0]/ip-address"),
        (with("port", json!(-1)), "servers[0]/port"),
        (with("port", json!(65_536)), "servers[0]/port"),
        (with("port", json!("53")), "servers[0]/port"),
        (with("server-principal", json!("DNS/@REALM")), "servers[0]/server-principal"),
        (
            with("server-principal", json!(format!("DNS/{}@REALM", "0123456789".repeat(9)))),
            "servers[0]/server-principal",
        ),
        (json!({"servers": [entry(), entry()]}), "servers[1]"),
        (
            json!({"server-principal": "DNS/@R", "servers": [{"id": "a", "ip-address": "::1"}]}),
            "server-principal",
        ),
        (json!({"rekey-interval": 120}), "rekey-interval"),
        (json!({"retry-interval": 2700}), "retry-interval"),
        (json!({"rekey-interval": 3600}), "rekey-interval"),
        (json!({"tkey-lifetime": 2700}), "tkey-lifetime"),
        (with("retry-interval", json!(2700)), "servers[0]/retry-interval"),
        (with("tkey-lifetime", json!(2700)), "servers[0]/tkey-lifetime"),
    ];
    // Those that there are for all and for each server.
    let shared = [
        ("server-principal", json!(1)),
        ("client-principal", json!([])),
        ("gss-replay-flag", json!("true")),
        ("gss-sequence-flag", json!(1)),
        ("tkey-lifetime", json!("3600")),
        ("tkey-lifetime", json!(-1)),
        ("tkey-lifetime", json!(4_294_967_296_u64)),
        ("rekey-interval", json!(true)),
        ("rekey-interval", json!(-1)),
        ("rekey-interval", json!(4_294_967_296_u64)),
        ("retry-interval", json!(1.5)),
        ("retry-interval", json!(-1)),
        ("retry-interval", json!(4_294_967_296_u64)),
        ("tkey-protocol", json!(17)),
        ("tkey-protocol", json!("SCTP")),
        ("fallback", json!(0)),
        ("exchange-timeout", json!("3000")),
        ("exchange-timeout", json!(-1)),
        ("exchange-timeout", json!(4_294_967_296_u64)),
        ("user-context", json!("text")),
        ("comment", json!(1)),
    ];
    for (keyword, value) in &shared {
        cases.push((json!({*keyword: value}), keyword));
    }
    let places: Vec<String> = shared.iter().map(|(keyword, _)| format!("servers[0]/{keyword}")).collect();
    for ((keyword, value), place) in shared.iter().zip(&places) {
        cases.push((with(keyword, value.clone()), place));
    }
    for (parameters, place) in cases {
        let places = read(&parameters).expect_err(place);
        assert_eq!(places, [place], "{parameters}");
    }
}

/// `config-get` shows parameters as they are written, with no defaults.
#[test]
fn parameters_are_shown() {
    let parameters = json!({
        "client-keytab": "FILE:/k", "tkey-lifetime": 7200, "user-context": {"a": 1},
        "servers": [entry(), {"id": "two", "ip-address": "::1", "server-principal": "DNS/x", "tkey-protocol": "UDP"}],
    });
    let candidate = kotare_config::read::<ConfigDdns>(Input::Command("test", &written(&parameters)), FILE)
        .expect("it is right");
    let shown = candidate.written.shown(kotare_config::Configuration::definitions(&candidate.config));
    assert_eq!(
        shown["DhcpDdns"]["hooks-libraries"],
        json!([{"library": "libddns_gss_tsig.so", "parameters": parameters}])
    );
}
