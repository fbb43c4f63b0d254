//! Keys that are agreed on by Kerberos, with BIND 9 and a KDC of Debian's packages.

use std::process::{Child, Stdio};

use kotare_ddns::Change;
use kotare_tests::tell;
use kotare_tests::world::{Host, World, eventually, partner_or_system};
use serde_json::{Value, json};

use crate::bind::Bind;
use crate::daemon::{Ddns, request};
use crate::kerberos::{CLIENT, Realm, SERVER};
use crate::{CHECK, FORWARD, REVERSE, domain, id, with_bind};

/// BIND, which takes updates of [`CLIENT`] alone.
fn bind(world: &World, host: &Host, realm: &Realm) -> Bind {
    let options = format!("tkey-gssapi-keytab \"{}\";", realm.keytab("dns.keytab"));
    let policy = || format!("update-policy {{ grant \"{CLIENT}\" zonesub any; }};");
    let zones = [(FORWARD, policy()), (REVERSE, policy())];
    Bind::with(world, host, "127.0.0.1", &options, &[], &zones).expect("BIND is unpacked")
}

/// A map whose domains have BIND, with these parameters of the library for it.
fn map(realm: &Realm, parameters: &Value) -> Value {
    let mut entry = json!({
        "server-principal": SERVER,
        "client-principal": CLIENT,
        "client-keytab": format!("FILE:{}", realm.keytab("dhcp.keytab")),
        "retry-interval": 1,
        "exchange-timeout": 20_000,
        "servers": [{"id": "bind", "ip-address": "127.0.0.1"}],
    });
    for (keyword, value) in parameters.as_object().into_iter().flatten() {
        entry[keyword] = value.clone();
    }
    json!({
        "dns-server-timeout": 5000,
        "forward-ddns": {"ddns-domains": [domain(FORWARD, &["127.0.0.1"])]},
        "reverse-ddns": {"ddns-domains": [domain(REVERSE, &["127.0.0.1"])]},
        "hooks-libraries": [{"library": "libddns_gss_tsig.so", "parameters": entry}],
    })
}

/// The keys of the server, once there are at least so many of this status.
fn keys(ddns: &Ddns, count: usize, status: &str) -> Vec<Value> {
    eventually(&format!("at least {count} keys are {status}"), || {
        let answer = ddns.command("gss-tsig-get", json!({"server-id": "bind"}));
        let keys = answer["arguments"]["keys"].as_array().cloned().unwrap_or_default();
        let keys: Vec<_> = keys.into_iter().filter(|key| key["status"] == status).collect();
        (keys.len() >= count).then_some(keys)
    })
}

/// Without a key nothing is sent to the server; the change of this client fails.
fn fails(ddns: &Ddns, client: u8) {
    let name = format!("n{client}.example.com.");
    ddns.ask(&request(Change::Add, client, &name, &format!("192.0.2.{client}"), CHECK));
    ddns.await_log(&["DHCP_DDNS_ADD_FAILED", &id(client, &name)]);
}

/// The change of this client is in the zones.
fn succeeds(ddns: &Ddns, bind: &Bind, client: u8) {
    let name = format!("n{client}.example.com.");
    let address = format!("192.0.2.{client}");
    ddns.ask(&request(Change::Add, client, &name, &address, CHECK));
    bind.await_records(&["-x", &address], &[&format!("1200 PTR {name}")]);
    assert_eq!(bind.dig(&[&name, "A"]), [format!("1200 A {address}")]);
}

/// A key signs, another takes its place, commands make both go; a DNS server that was started anew gets another.
#[test]
fn keys_are_agreed_on() {
    with_bind("gss_tsig::keys_are_agreed_on", |world| {
        let host = world.host("dns");
        let Some(realm) = Realm::start(world, &host) else {
            return tell("skipped: the KDC of Debian's packages is not unpacked");
        };
        let bind_here = bind(world, &host, &realm);
        let ddns = Ddns::kotare(world, &host, map(&realm, &json!({})));
        let first = keys(&ddns, 1, "usable").remove(0);
        let name = first["name"].as_str().expect("a name").to_owned();
        assert!(name.ends_with(".sig-server.example.org."), "{first}");
        succeeds(&ddns, &bind_here, 10);
        assert_eq!(ddns.statistic("update-unsigned"), 0);
        assert_eq!(ddns.statistic(&format!("key[{name}].update-success")), ddns.statistic("update-signed"));
        for count in ["gss-tsig-key-created", "tkey-sent", "tkey-success"] {
            assert_eq!((ddns.statistic(count), ddns.statistic(&format!("server[bind].{count}"))), (1, 1));
        }
        assert_eq!(ddns.command("status-get", json!({}))["arguments"]["gss-tsig"], true);

        let answer = ddns.command("gss-tsig-rekey", json!({"server-id": "bind"}));
        assert_eq!(answer["text"], "GSS-TSIG server[bind] rekeyed");
        let second = keys(&ddns, 2, "usable").remove(1);
        succeeds(&ddns, &bind_here, 11);
        let second = second["name"].as_str().expect("a name");
        assert!(ddns.statistic(&format!("key[{second}].update-success")) > 0);

        for key in [&name, second] {
            let answer = ddns.command("gss-tsig-key-expire", json!({"key-name": key}));
            assert_eq!(answer["text"], format!("GSS-TSIG key '{key}' expired"));
        }
        fails(&ddns, 12);
        let answer = ddns.command("gss-tsig-key-expire", json!({"key-name": name}));
        assert_eq!(
            (&answer["result"], answer["text"].as_str()),
            (&json!(3), Some(&*format!("GSS-TSIG key '{name}' can't be expired")))
        );
        assert_eq!(ddns.command("gss-tsig-purge-all", json!({}))["text"], "2 purged GSS-TSIG keys");
        assert_eq!(ddns.command("gss-tsig-list", json!({}))["text"], "1 GSS-TSIG servers and 0 keys");
        assert_eq!(ddns.command("gss-tsig-get", json!({"server-id": "x"}))["result"], 3);

        ddns.command("gss-tsig-rekey-all", json!({}));
        keys(&ddns, 1, "usable");
        succeeds(&ddns, &bind_here, 13);
        // What BIND forgets is agreed on anew at the first update that it refuses.
        drop(bind_here);
        let bind_anew = bind(world, &host, &realm);
        eventually("the forgotten key is replaced", || {
            fails(&ddns, 14);
            ddns.log().contains("KOTARE_GSS_TSIG_KEY_FORGOTTEN").then_some(())
        });
        keys(&ddns, 1, "usable");
        succeeds(&ddns, &bind_anew, 15);
    });
}

/// What only datagrams reach: with `tkey-protocol` `UDP` a key is agreed on and signs, with `TCP` there is none.
#[test]
fn keys_are_agreed_on_by_datagrams() {
    with_bind("gss_tsig::keys_are_agreed_on_by_datagrams", |world| {
        let host = world.host("dns");
        let Some(realm) = Realm::start(world, &host) else {
            return tell("skipped: the KDC of Debian's packages is not unpacked");
        };
        let bind = bind(world, &host, &realm);
        let _relay = Relay::start(&host, "127.0.0.9", "127.0.0.1");
        let map = |protocol: &str| {
            let servers = json!([{"id": "bind", "ip-address": "127.0.0.9"}]);
            let mut map = map(&realm, &json!({"tkey-protocol": protocol, "servers": servers}));
            map["forward-ddns"]["ddns-domains"] = json!([domain(FORWARD, &["127.0.0.9"])]);
            map["reverse-ddns"]["ddns-domains"] = json!([domain(REVERSE, &["127.0.0.9"])]);
            map
        };
        let ddns = Ddns::kotare(world, &host, map("TCP"));
        ddns.await_log(&["TKEY_EXCHANGE_FAIL_IO_ERROR", "127.0.0.9 port 53"]);
        fails(&ddns, 10);
        assert_eq!((ddns.statistic("tkey-success"), ddns.statistic("update-sent")), (0, 0));
        ddns.write(map("UDP"));
        assert_eq!(ddns.command("config-reload", json!({}))["result"], 0);
        keys(&ddns, 1, "usable");
        succeeds(&ddns, &bind, 11);
        assert_eq!((ddns.statistic("tkey-success"), ddns.statistic("update-unsigned")), (1, 0));
        let shown = ddns.command("gss-tsig-get", json!({"server-id": "bind"}));
        assert_eq!(shown["arguments"]["tkey-protocol"], "UDP");
    });
}

/// What does not fit to the domains is refused, and `config-get` shows what is written.
#[test]
fn parameters_are_judged_and_shown() {
    with_bind("gss_tsig::parameters_are_judged_and_shown", |world| {
        let host = world.host("dns");
        let Some(realm) = Realm::start(world, &host) else {
            return tell("skipped: the KDC of Debian's packages is not unpacked");
        };
        let first = map(&realm, &json!({"user-context": {"a": 1}, "gss-sequence-flag": true}));
        let ddns = Ddns::kotare(world, &host, first.clone());
        let shown = || ddns.command("config-get", json!({}))["arguments"]["DhcpDdns"].clone();
        assert_eq!(shown()["hooks-libraries"], first["hooks-libraries"]);
        let server = |more: Value| {
            let mut server = json!({"id": "bind", "ip-address": "127.0.0.1"});
            for (keyword, value) in more.as_object().expect("a map") {
                server[keyword] = value.clone();
            }
            server
        };
        for (servers, reason) in [
            (json!([server(json!({"ip-address": "127.0.0.2"}))]), "127.0.0.2"),
            (json!([server(json!({"port": 54}))]), "127.0.0.1:54"),
            (json!([server(json!({"domain-names": ["none.example.com"]}))]), "no domain has"),
            (json!([server(json!({"domain-names": [FORWARD, "other.test"]}))]), "other.test"),
            (json!([server(json!({})), server(json!({"id": "again"}))]), "another entry"),
            (json!([server(json!({})), server(json!({"domain-names": [FORWARD]}))]), "bind"),
            (json!([server(json!({"tkey-lifetime": 100}))]), "rekey-interval"),
            (json!([server(json!({"tkey-protocol": "TLS"}))]), "tkey-protocol"),
        ] {
            for command in ["config-test", "config-set"] {
                let map = map(&realm, &json!({"servers": servers}));
                let answer = ddns.command(command, json!({"DhcpDdns": map}));
                let text = answer["text"].as_str().unwrap_or_default();
                assert!(answer["result"] == 1 && text.contains(reason), "{command} {servers}: {answer}");
            }
        }
        assert_eq!(shown()["hooks-libraries"], first["hooks-libraries"]);
        assert_eq!(
            ddns.command("gss-tsig-list", json!({}))["arguments"]["gss-tsig-servers"],
            json!(["bind"])
        );
    });
}

/// Passes datagrams on to a DNS server from an address where nothing else listens.
struct Relay(Child);

impl Relay {
    fn start(host: &Host, at: &str, to: &str) -> Self {
        let mut command = host.command(partner_or_system("socat"));
        command.args([&format!("UDP-LISTEN:53,bind={at},fork,reuseaddr"), &format!("UDP:{to}:53")]);
        let child = command.stdin(Stdio::null()).spawn().expect("socat is installed");
        eventually("the relay listens", || {
            let listening = host.run(partner_or_system("ss"), &["-lun"]);
            listening.contains(&format!("{at}:53")).then_some(())
        });
        Self(child)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Without a KDC, and with the keys of somebody else, there is no key: servers are passed over, or get what is not signed;
/// keys that were there before go on.
#[test]
fn keys_that_cannot_be_had() {
    with_bind("gss_tsig::keys_that_cannot_be_had", |world| {
        let host = world.host("dns");
        let Some(mut realm) = Realm::start(world, &host) else {
            return tell("skipped: the KDC of Debian's packages is not unpacked");
        };
        let bind = bind(world, &host, &realm);
        realm.close();
        let ddns = Ddns::kotare(world, &host, map(&realm, &json!({})));
        ddns.await_log(&["BAD_CLIENT_CREDENTIALS"]);
        assert_eq!(keys(&ddns, 1, "in error")[0]["tkey-status"], "bad client credentials");
        fails(&ddns, 10);
        assert_eq!(ddns.statistic("update-sent"), 0);

        // Another fallback is another server of the library, whose keys begin anew.
        ddns.write(map(&realm, &json!({"fallback": true})));
        assert_eq!(ddns.command("config-reload", json!({}))["result"], 0);
        fails(&ddns, 11);
        ddns.await_log(&["DHCP_DDNS_FORWARD_ADD_REJECTED", "with an RCODE: 5"]);
        assert!(ddns.statistic("update-unsigned") > 0);

        // The KDC comes back.
        realm.open();
        ddns.await_log(&["GSS_TSIG_NEW_KEY_SETUP_SUCCEED"]);
        succeeds(&ddns, &bind, 12);
        // What is said of the server is the same: its key stays.
        let before = keys(&ddns, 1, "usable");
        assert_eq!(ddns.command("config-reload", json!({}))["result"], 0);
        assert_eq!(keys(&ddns, 1, "usable")[0]["name"], before[0]["name"]);

        // The keys of the DNS server are not those of the client.
        let wrong = format!("FILE:{}", realm.keytab("dns.keytab"));
        ddns.write(map(&realm, &json!({"client-keytab": wrong, "credentials-cache": "MEMORY:other"})));
        assert_eq!(ddns.command("config-reload", json!({}))["result"], 0);
        assert!(!keys(&ddns, 1, "in error").is_empty());
        fails(&ddns, 13);
        // Without the library there are neither its commands nor its numbers.
        let mut without = map(&realm, &json!({}));
        without["hooks-libraries"] = json!([]);
        ddns.write(without);
        assert_eq!(ddns.command("config-reload", json!({}))["result"], 0);
        assert_eq!(ddns.command("gss-tsig-list", json!({}))["result"], 2);
        assert_eq!(ddns.command("statistic-get", json!({"name": "tkey-sent"}))["arguments"], json!({}));
    });
}
