//! `subnet6-explain` of a running kea-dhcp6, and `kea-shell explain`: what is said would happen is what a client then gets.

use std::fs;
use std::process::{Command, Output};

use kotare_tests::capture::{frame6, pcap};
use kotare_tests::world::{Client6Program, Host, Server6, Wish, lan6_configuration, program, sandboxed};
use serde_json::{Value, json};

fn shell(host: &Host, server: &Server6, words: &[&str]) -> Output {
    let socket = server.control_socket().to_str().expect("a test's path");
    let mut command: Command = host.command(program("kea-shell"));
    command.args(["--socket", socket, "explain"]).args(words);
    command.output().expect("kea-shell can be started")
}

fn shown(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("it writes UTF-8")
}

/// The configuration of a link, and a subnet behind relay agents with a class, a reservation and options at every level.
fn configuration() -> Value {
    let mut dhcp6 = lan6_configuration();
    dhcp6["client-classes"] = json!([
        {"name": "gold", "test": "relay6[0].option[37].hex == 0x00000009abcd", "option-data": [
            {"name": "domain-search", "data": "gold.example"},
        ]},
    ]);
    let far = json!({
        "id": 2, "subnet": "2001:db8:2::/64", "interface-id": "vlan7",
        "pools": [
            {"pool": "2001:db8:2::1 - 2001:db8:2::9", "client-classes": ["gold"]},
            {"pool": "2001:db8:2::11 - 2001:db8:2::19"},
        ],
        "pd-pools": [{"prefix": "2001:db8:c000::", "prefix-len": 48, "delegated-len": 56}],
        "reservations": [{"duid": "00:03:00:01:02:00:00:00:00:77", "ip-addresses": ["2001:db8:2::77"]}],
        "option-data": [{"name": "dns-servers", "data": "2001:db8:2::53"}],
    });
    dhcp6["subnet6"].as_array_mut().expect("a list").push(far);
    dhcp6
}

/// Each decision is told with its reason, for descriptions and for messages; nothing changes by it.
#[test]
fn decisions_of_dhcpv6_are_told() {
    sandboxed("decisions_of_dhcpv6_are_told", |world| {
        let lan = world.lan6();
        let server = Server6::kotare(world, &lan.server, "server", configuration());
        let ask = |arguments: Value| {
            let answer = server.command("subnet6-explain", Some(arguments));
            assert_eq!(answer["result"], 0, "{answer}");
            answer
        };
        let client = "00:03:00:01:02:00:00:00:00:09";
        let gold = ask(json!({
            "duid": client,
            "ia-na": [{"iaid": 5}],
            "ia-pd": [{"iaid": 6, "prefixes": ["::/56"]}],
            "requested-options": ["dns-servers", 24],
            "relays": [
                {"link": "2001:db8:9::1", "remote-id": "00:00:00:09:ab:cd"},
                {"interface-id": "'vlan7'", "subscriber-id": "'somebody'"},
            ],
        }));
        let text = gold["text"].as_str().unwrap_or_default();
        assert_eq!(
            text,
            "ADVERTISE of 2001:db8:2::1 for IA_NA 5 from subnet 2001:db8:2::/64 (id 2); \
             2001:db8:c000::/56 for IA_PD 6 from subnet 2001:db8:2::/64 (id 2)"
        );
        let told = &gold["arguments"];
        assert_eq!(told["message"]["relays"][1]["options"][0]["code"], 18);
        assert_eq!(told["subnet"]["selected"]["id"], 2);
        let evaluated = &told["classes"]["evaluated"][0];
        assert_eq!((&evaluated["class"], &evaluated["result"]), (&json!("gold"), &json!(true)));
        assert!(evaluated["values"].to_string().contains("0x00000009abcd"), "{evaluated}");
        let option = |code: u64| {
            let options = told["reply"]["options"].as_array().expect("a list");
            options.iter().find(|option| option["code"] == code).map(|option| option["from"].clone())
        };
        assert_eq!(option(23), Some(json!("subnet")));
        assert_eq!(option(24), Some(json!("class gold")));
        assert_eq!(told["associations"][1]["granted"][0]["because"], "next free");
        assert!(told["path"].to_string().contains("trying 2001:db8:2::1: next free"), "{told:#}");

        // The reply's own bytes are what it says; what was said of the client can be said by its message as well.
        let plain = ask(json!({"hw-address": "02:00:00:00:00:09", "link": "2001:db8:2::1"}));
        let pools = plain["arguments"]["associations"][0]["pools"].to_string();
        assert!(pools.contains("for clients of the class gold"), "{pools}");
        let reserved = ask(json!({"hw-address": "02:00:00:00:00:77", "interface-id": "'vlan7'"}));
        assert_eq!(reserved["arguments"]["associations"][0]["granted"][0]["because"], "reserved");
        assert!(reserved["arguments"]["reservations"]["lookups"].to_string().contains("2001:db8:2::77"));
        let request = ask(json!({"message-type": "renew", "duid": client, "link": "2001:db8:2::1"}));
        assert!(request["text"].as_str().is_some_and(|text| text.starts_with("REPLY of")), "{request}");
        let nowhere = ask(json!({"duid": client, "link": "2001:db8:77::1"}));
        assert_eq!(nowhere["arguments"]["subnet"]["selected"], Value::Null);

        for (wrong, why) in [
            (json!({}), "no client"),
            (json!({"duid": "x"}), "neither hexadecimal digits"),
            (json!({"duid": client, "surprise": 1}), "unknown entry 'surprise'"),
            (json!({"duid": client, "ia-na": [{"addresses": ["192.0.2.1"]}]}), "'192.0.2.1' in 'addresses'"),
            (json!({"duid": client, "relays": [{"link": "x"}]}), "bad 'relays' entry [0]"),
            (json!({"duid": client, "relays": [{}], "link": "2001:db8::1"}), "does not go with 'relays'"),
            (json!({"packet": "ff"}), "bad 'packet' entry"),
            (json!({"packet": "01000000", "duid": client}), "does not go with 'packet'"),
        ] {
            let answer = server.command("subnet6-explain", Some(wrong.clone()));
            let text = answer["text"].as_str().unwrap_or_default();
            assert!(answer["result"] == 1 && text.contains(why), "{wrong}: {answer}");
        }
        assert_eq!(server.statistic("subnet[2].assigned-nas"), 0);
        assert_eq!(server.statistic("pkt6-received"), 0);
    });
}

/// What a real client gets is what was said that one like it would get, by a description and by its message.
#[test]
fn a_client_gets_what_was_explained() {
    sandboxed("a_client_gets_what_was_explained", |world| {
        let lan = world.lan6();
        let server = Server6::kotare(world, &lan.server, "server", configuration());
        let page = shown(&shell(
            &lan.server,
            &server,
            &["--duid", "00030001020000000009", "--ia-na", "1", "--ia-pd", "2"],
        ));
        let (first, rest) = page.split_once('\n').expect("several lines");
        for part in ["Subnets", "Classes", "IA_NA 1", "IA_PD 2", "because: next free", "dns-servers"] {
            assert!(rest.contains(part), "{part}: {page}");
        }
        // A SOLICIT with client identifier and IA_NA.
        let solicit = "01 000001 0001 000a 00030001020000000009 0003 000c 00000001 00000000 00000000";
        let by_message = shown(&shell(&lan.server, &server, &["-6", "--hex", solicit]));
        let digits: String = solicit.split(' ').collect();
        let message: Vec<u8> = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).expect("digits"), 16).expect("digits"))
            .collect();
        let own = "fe80::ff:fe00:9".parse().expect("an address");
        let file = world.path("client.pcap");
        fs::write(&file, pcap(&frame6([2, 0, 0, 0, 0, 9], own, &message))).expect("write the capture");
        let path = file.to_str().expect("a test's path");
        let captured = shown(&shell(&lan.server, &server, &["-6", "--pcap", path]));
        assert!(captured.contains("message 1 of 1") && captured.contains("fe80::ff:fe00:9"), "{captured}");
        let mut client = lan.client("client", Client6Program::ALL[0], Wish::Both);
        let lease = client.obtain();
        let address = lease.address.expect("an address").to_string();
        let prefix = lease.prefix.expect("a prefix");
        assert!(first.starts_with("ADVERTISE of "), "{first}");
        for said in [format!("{address} for IA_NA 1"), format!("{prefix} for IA_PD 2")] {
            assert!(first.contains(&said), "{first}, but {said}");
        }
        for page in [by_message, captured] {
            assert!(page.contains(&format!("ADVERTISE of {address} for IA_NA 1")), "{page}");
        }
        let wrong = shell(&lan.server, &server, &["-6", "--pcap", path, "--packet", "2"]);
        let error = String::from_utf8_lossy(&wrong.stderr);
        assert!(!wrong.status.success() && error.contains("there is no message 2"), "{error}");
        let wrong = shell(&lan.server, &server, &["--duid", "nonsense"]);
        let error = String::from_utf8_lossy(&wrong.stderr);
        assert!(!wrong.status.success() && error.contains("'nonsense' is neither"), "{error}");
    });
}
