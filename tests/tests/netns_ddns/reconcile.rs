//! `ddns-reconcile`: what was done to zones by hand is listed and mended, and what others put there stays.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use kotare_ddns::Change;
use kotare_tests::world::{
    Host, Server, Server6, eventually, lan_configuration, lan6_configuration, partner,
};
use serde_json::{Value, json};

use crate::bind::{Bind, SECRET};
use crate::daemon::{Ddns, request};
use crate::{CHECK, FORWARD, REVERSE, REVERSE6, domain, with_bind};

const KEY: &str = "hmac-sha256:key";

/// So many names are somebody else's: more than there is room for in one message of a zone.
const FOREIGN: usize = 6000;

/// Changes zones by hand.
fn nsupdate(host: &Host, lines: &[String]) {
    let mut command = host.command(partner("nsupdate").expect("it is unpacked with dig"));
    command.args(["-v", "-y", &format!("{KEY}:{SECRET}")]).stdin(Stdio::piped());
    let mut child = command.spawn().expect("nsupdate can be started");
    let text = format!("server 127.0.0.1\n{}\nsend\n", lines.join("\n"));
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("nsupdate reads");
    assert!(child.wait().expect("nsupdate ends").success(), "{lines:?}");
}

/// All records of the three zones but those that say where a zone begins, which change with every update.
fn records(bind: &Bind) -> BTreeSet<String> {
    let all = [FORWARD, REVERSE, REVERSE6].into_iter().flat_map(|zone| bind.transfer(zone));
    all.filter(|record| !record.contains(" SOA ")).collect()
}

/// The changes that an answer lists: what is done, with which name and address, in which directions.
fn listed(answer: &Value) -> Vec<String> {
    let changes = answer["arguments"]["changes"].as_array().unwrap_or_else(|| panic!("changes in {answer}"));
    let line = |change: &Value| {
        let sign = if change["change-type"] == 0 { "+" } else { "-" };
        let direction = |key: &str, word| if change[key] == true { word } else { "" };
        let text = |key: &str| change[key].as_str().expect("a text").to_owned();
        let (forward, reverse) =
            (direction("forward-change", " forward"), direction("reverse-change", " reverse"));
        format!("{sign} {} {}{forward}{reverse}", text("fqdn"), text("ip-address"))
    };
    changes.iter().map(line).collect()
}

fn counts(answer: &Value) -> [u64; 4] {
    ["missing", "stale", "conflicts", "queued"].map(|key| answer["arguments"][key].as_u64().expect("a count"))
}

/// Leases of both protocols, of which one server is asked at its UNIX socket and one over HTTP; zones with a key, which are
/// longer than a message.
#[test]
fn what_was_done_by_hand_is_mended() {
    with_bind("reconcile::what_was_done_by_hand_is_mended", |world| {
        let lan = world.lan();
        let host = &lan.server;
        let keys = [("key", "hmac-sha256")];
        let zones = [FORWARD, REVERSE, REVERSE6].map(|zone| (zone, "key \"key\""));
        let bind = Bind::start(world, host, "127.0.0.1", &keys, &zones).expect("BIND is unpacked");

        let mut dhcp4 = lan_configuration();
        dhcp4["dhcp-ddns"] = json!({"enable-updates": true});
        dhcp4["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
        let server4 = Server::kotare(world, host, "server4", dhcp4);
        let mut dhcp6 = lan6_configuration();
        dhcp6["dhcp-ddns"] = json!({"enable-updates": true});
        dhcp6["hooks-libraries"] = json!([{"library": "libdhcp_lease_cmds.so"}]);
        dhcp6["control-sockets"] = json!([
            {"socket-type": "unix", "socket-name": world.path("server6").join("control")},
            {"socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8006,
                "authentication": {"type": "basic", "realm": "r", "clients": [{"user": "ddns", "password": "p"}]}},
        ]);
        let server6 = Server6::kotare(world, host, "server6", dhcp6);

        let of = |zone: &str| {
            let mut domain = domain(zone, &["127.0.0.1"]);
            domain["key-name"] = json!("key");
            domain
        };
        let map = json!({
            "tsig-keys": [{"name": "key", "algorithm": "HMAC-SHA256", "secret": SECRET}],
            "forward-ddns": {"ddns-domains": [of(FORWARD)]},
            "reverse-ddns": {"ddns-domains": [of(REVERSE), of(REVERSE6)]},
            "dhcp-servers": [
                {"socket-name": server4.control_socket()},
                {"socket-type": "http", "socket-port": 8006, "authentication": {"user": "ddns", "password": "p"}},
            ],
        });
        let ddns = Ddns::kotare(world, host, map);
        let config = ddns.command("config-get", json!({}));
        assert_eq!(config["arguments"]["DhcpDdns"]["dhcp-servers"][1]["socket-port"], 8006, "{config}");

        // Leases that nobody asked anything for, of which some are in the DNS.
        for client in 1..=4_u8 {
            let lease = json!({"ip-address": format!("192.0.2.{}", 100 + client), "subnet-id": 1,
                "hw-address": format!("02:00:00:00:00:{client:02}"), "hostname": format!("n{client}.example.com."),
                "fqdn-fwd": true, "fqdn-rev": true, "valid-lft": 3600});
            assert_eq!(server4.command("lease4-add", Some(lease))["result"], 0);
        }
        let lease = json!({"ip-address": "2001:db8:1::10", "subnet-id": 1, "duid": "01:02:03:04", "iaid": 1,
            "hostname": "six.example.com.", "fqdn-fwd": true, "fqdn-rev": true, "valid-lft": 3600});
        assert_eq!(server6.command("lease6-add", Some(lease))["result"], 0);
        for (client, name) in [(1, "n1"), (2, "n2"), (3, "n3"), (9, "gone")] {
            let (name, address) = (format!("{name}.example.com."), format!("192.0.2.{}", 100 + client));
            ddns.ask(&request(Change::Add, client, &name, &address, CHECK));
            bind.await_records(&["-x", &address], &[&format!("1200 PTR {name}")]);
        }

        let foreign: Vec<String> =
            (0..FOREIGN).map(|at| format!("update add x{at}.example.com. 300 A 198.51.100.1")).collect();
        foreign.chunks(1000).for_each(|lines| nsupdate(host, lines));
        let by_hand = [
            // One moved, one without the name of its address, and one whose name is somebody's.
            "update delete n2.example.com. A",
            "update add n2.example.com. 300 A 192.0.2.150",
            "send",
            "update delete 103.2.0.192.in-addr.arpa. PTR",
            "update add 160.2.0.192.in-addr.arpa. 300 PTR printer.example.com.",
            "send",
            "update add n4.example.com. 300 TXT mine",
            "update add printer.example.com. 300 A 192.0.2.160",
        ];
        nsupdate(host, &by_hand.map(str::to_owned));

        let before = records(&bind);
        let dry = ddns.command("ddns-reconcile", json!({"dry-run": true}));
        let expected = [
            "- n2.example.com. 192.0.2.150 forward",
            "- gone.example.com. 192.0.2.109 forward reverse",
            "+ n2.example.com. 192.0.2.102 forward",
            "+ n3.example.com. 192.0.2.103 reverse",
            "+ six.example.com. 2001:db8:1::10 forward reverse",
        ];
        assert_eq!(listed(&dry), expected, "{dry}");
        assert_eq!(counts(&dry), [3, 2, 1, 0], "{dry}");
        assert_eq!(dry["arguments"]["conflicting"][0]["fqdn"], "n4.example.com.", "{dry}");
        assert_eq!(dry["arguments"]["leases"], 5, "{dry}");
        assert_eq!(records(&bind), before);

        let run = ddns.command("ddns-reconcile", json!({}));
        assert_eq!(
            (listed(&run), counts(&run)),
            (expected.map(str::to_owned).to_vec(), [3, 2, 1, 5]),
            "{run}"
        );
        eventually("nothing is found any more", || {
            let again = ddns.command("ddns-reconcile", json!({"dry-run": true}));
            (counts(&again)[..2] == [0, 0] && again["arguments"]["under-way"] == 0).then_some(())
        });
        bind.await_records(&["n2.example.com.", "A"], &["1200 A 192.0.2.102"]);
        bind.await_records(&["-x", "192.0.2.103"], &["1200 PTR n3.example.com."]);
        bind.await_records(&["six.example.com.", "AAAA"], &["1200 AAAA 2001:db8:1::10"]);
        bind.await_records(&["-x", "2001:db8:1::10"], &["1200 PTR six.example.com."]);
        bind.await_records(&["gone.example.com.", "ANY"], &[]);
        bind.await_records(&["-x", "192.0.2.109"], &[]);
        bind.await_records(&["-x", "192.0.2.160"], &["300 PTR printer.example.com."]);
        bind.await_records(&["n4.example.com.", "TXT"], &["300 TXT \"mine\""]);
        // Nothing else has changed.
        let of_clients = ["n2.", "103.", "six.", "gone.", "109.", "0.1.0.0."];
        let others = |records: BTreeSet<String>| -> BTreeSet<String> {
            records.into_iter().filter(|record| !of_clients.iter().any(|it| record.starts_with(it))).collect()
        };
        assert_eq!(others(records(&bind)), others(before));

        // A server that does not answer would make all of its leases look gone.
        assert!(server6.stop());
        let refused = ddns.command("ddns-reconcile", json!({}));
        let text = refused["text"].as_str().unwrap_or_default();
        assert!(refused["result"] == 1 && text.contains("http://127.0.0.1:8006/"), "{refused}");
        assert!(server4.stop());
    });
}
