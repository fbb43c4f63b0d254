//! Partners that are not what they ought to be: one that lies, one that is no partner at all, one that is configured
//! otherwise. A server stays right, goes on answering its clients, and says what is wrong.

use std::time::SystemTime;

use kotare_ha::http_date;
use kotare_model::Timestamp;
use kotare_tests::world::{
    ClientProgram, FalsePartner, Kind, Lan, Pair, Said, V4, V6, World, eventually, lan_configuration,
    lan6_configuration, sandboxed,
};
use serde_json::{Value, json};

const URLS: [&str; 2] = ["http://192.0.2.11:8005/", "http://192.0.2.12:8005/"];

/// A link, and a hot-standby pair of ours that does not run yet.
fn scene(world: &World) -> (Lan<'_>, Pair<'_, V4>) {
    let lan = world.lan();
    let hosts = ["server1", "server2"].map(|name| lan.host(name));
    hosts[0].address("eth0", "192.0.2.11/24");
    hosts[1].address("eth0", "192.0.2.12/24");
    let relationship = json!({"mode": "hot-standby"});
    let pair = Pair::new(world, hosts, URLS, [Kind::Ours; 2], &lan_configuration(), &relationship);
    (lan, pair.expect("ours are there"))
}

/// The address that a client of this name gets.
fn obtain(lan: &Lan<'_>, name: &str) -> String {
    lan.client(name, ClientProgram::ALL[0]).obtain().address().to_string()
}

/// What the false partner says of itself and its leases.
#[derive(Clone, Copy)]
struct Lie {
    state: &'static str,
    /// By how many seconds its clock is ahead.
    ahead: i64,
    unsent: i64,
    /// Its leases after an address.
    page: fn(&str) -> Value,
    /// Whether it says of leases that it did not take them.
    refuses: bool,
}

#[expect(clippy::disallowed_methods, reason = "a partner says what time it is")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
    since.as_secs().cast_signed()
}

fn lies(lie: Lie) -> impl Fn(&str, &Value) -> Said + Send + 'static {
    move |command, arguments| {
        Said::Answer(match command {
            "ha-heartbeat" => json!({"result": 0, "arguments": {"state": lie.state,
                "date-time": http_date(Timestamp(now() + lie.ahead)), "scopes": ["server1", "server7"],
                "unsent-update-count": lie.unsent}}),
            "lease4-get-page" => {
                let leases = (lie.page)(arguments["from"].as_str().unwrap_or_default());
                json!({"result": 0, "arguments": {"leases": leases, "count": 1}})
            }
            // As Kea says it for DHCPv6, where one lease of several is refused.
            "lease4-update" if lie.refuses => json!({"result": 0, "arguments": {"failed-leases": [
                {"type": "V4", "ip-address": arguments["ip-address"], "error-message": "no more"}, {}]}}),
            _ => json!({"result": 0, "text": "done"}),
        })
    }
}

fn lease(address: &str, subnet: u32, cltt: i64) -> Value {
    json!({"ip-address": address, "hw-address": "02:00:00:00:00:99", "cltt": cltt, "valid-lft": 3600,
        "subnet-id": subnet, "state": 0, "fqdn-fwd": false, "fqdn-rev": false, "hostname": ""})
}

fn nothing(_: &str) -> Value {
    json!([])
}

/// The same full page, whatever comes before it.
fn endless(_: &str) -> Value {
    json!(["192.0.2.150", "192.0.2.151", "192.0.2.152"].map(|address| lease(address, 1, now() - 10)))
}

/// A lease of no subnet, one of tomorrow, one that is right, one outside of its subnet, and what is none.
fn strange(from: &str) -> Value {
    match from {
        "start" => json!([
            lease("192.0.2.140", 77, now()),
            lease("192.0.2.141", 1, now() + 86_400),
            lease("192.0.2.142", 1, now() - 10)
        ]),
        _ => json!([lease("203.0.113.5", 1, now()), 7]),
    }
}

const HONEST: Lie = Lie { state: "hot-standby", ahead: 0, unsent: 0, page: nothing, refuses: false };

/// What is shown of what fails.
fn failures(pair: &Pair<'_, V4>) -> String {
    let status = pair.server(0).command("status-get", None);
    status["arguments"]["high-availability"][0]["failures"].to_string()
}

fn says(pair: &Pair<'_, V4>, words: &[&str]) {
    eventually(&format!("it says {words:?}"), || {
        let said = failures(pair);
        words.iter().all(|word| said.contains(word)).then_some(())
    });
}

/// Whatever a partner says: what cannot be is not believed, clients are answered, and when it comes to its senses both work
/// together.
#[test]
fn partners_lie() {
    sandboxed("partners_lie", |world| {
        let (lan, mut pair) = scene(world);
        let asleep = Lie { state: "asleep", ..HONEST };
        let liar: FalsePartner = pair.host(1).false_partner("192.0.2.12:8005", lies(asleep));
        pair.run(0);
        says(&pair, &["ha-heartbeat", "unsupported HA partner state returned asleep"]);
        pair.awaits_one(0, "partner-down");
        let first = obtain(&lan, "first");

        // It has leases, the same ones over and over.
        let down = Lie { state: "partner-down", unsent: 1, ..HONEST };
        liar.says(lies(Lie { page: endless, ..down }));
        pair.server(0).await_log(&["HA_SYNC_FAILED", "the partner sent leases up to 192.0.2.152 after"]);
        // It has leases that cannot be.
        liar.says(lies(Lie { page: strange, unsent: 2, ..down }));
        pair.awaits_one(0, "ready");
        for wrong in ["192.0.2.140", "192.0.2.141", "203.0.113.5", "it is no map"] {
            pair.server(0).await_log(&["HA_LEASE_SYNC_FAILED", wrong]);
        }
        let known = pair.leases(0);
        assert!(known.contains_key("192.0.2.142") && known.contains_key(&first), "{known:#?}");
        assert!(
            !["192.0.2.140", "192.0.2.141", "203.0.113.5"].iter().any(|wrong| known.contains_key(*wrong))
        );
        let told = liar.heard("lease4-update");
        assert!(
            told.iter().any(|lease| lease["ip-address"] == *first),
            "it is told of what it lacks: {told:?}"
        );
        liar.says(lies(HONEST));
        pair.awaits_one(0, "hot-standby");
        let status = pair.server(0).command("status-get", None);
        let servers = &status["arguments"]["high-availability"][0]["ha-servers"];
        assert_eq!(servers["local"]["scopes"], json!(["server1"]), "whose clients are whose it does not say");
        assert_eq!(servers["remote"]["last-scopes"], json!(["server1", "server7"]));

        // It says that it took what it did not take.
        liar.says(lies(Lie { refuses: true, ..HONEST }));
        let odd = obtain(&lan, "odd");
        let said =
            format!("failed to create or update the lease having type V4 for address {odd}, reason: no more");
        let failed = "HA_LEASE_UPDATE_CREATE_UPDATE_FAILED_ON_PEER";
        pair.server(0).await_log(&[failed, "[hwtype=1 ", "], cid=", "tid=", &said]);
        pair.server(0).await_log(&[failed, "having type (unknown) for address (unknown)"]);
        liar.says(lies(HONEST));

        // Its clock is 70 seconds ahead.
        liar.says(lies(Lie { ahead: 70, ..HONEST }));
        pair.awaits_one(0, "terminated");
        pair.server(0).await_log(&["HA_HIGH_CLOCK_SKEW_CAUSED_TERMINATION", "70"]);
        liar.says(lies(Lie { state: "terminated", ahead: 70, ..HONEST }));
        obtain(&lan, "second");
        assert_eq!(pair.state(0), "terminated");
        // It was restarted, and its clock is right.
        liar.says(lies(Lie { state: "waiting", ..HONEST }));
        pair.server(0).await_log(&["KOTARE_HA_LEAVES_TERMINATED"]);
        pair.awaits_one(0, "ready");
        liar.says(lies(HONEST));
        pair.awaits_one(0, "hot-standby");

        // It works in another mode.
        liar.says(lies(Lie { state: "load-balancing", ..HONEST }));
        pair.awaits_one(0, "waiting");
        pair.server(0).await_log(&["HA_INVALID_PARTNER_STATE_LOAD_BALANCING"]);
        // It is another service.
        liar.says(|_, _| Said::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n"));
        says(&pair, &["ha-heartbeat", "exchange: ", "no other service"]);
        pair.awaits_one(0, "partner-down");
        obtain(&lan, "third");
    });
}

/// A heartbeat that makes no sense is told with what is wrong, whatever it is, and the server goes on with its clients.
#[test]
fn heartbeats_make_no_sense() {
    sandboxed("heartbeats_make_no_sense", |world| {
        let (lan, mut pair) = scene(world);
        let liar = pair.host(1).false_partner("192.0.2.12:8005", lies(HONEST));
        pair.run(0);
        pair.awaits_one(0, "hot-standby");
        let date = "Thu, 07 Nov 2019 08:49:37 GMT";
        for (answer, told) in [
            (json!({"result": 0}), "returned arguments in the response must be a map"),
            (json!({"result": 0, "arguments": [7]}), "returned arguments in the response must be a map"),
            (
                json!({"result": 0, "arguments": {"date-time": date}}),
                "server state not returned in response to a ha-heartbeat command or it is not a string",
            ),
            (
                json!({"result": 0, "arguments": {"state": "ready", "date-time": 7}}),
                "date-time not returned in response to a ha-heartbeat command or it is not a string",
            ),
            (
                json!({"result": 0, "arguments": {"state": "ready", "date-time": "tomorrow"}}),
                "unsupported time format: tomorrow",
            ),
            (
                json!({"result": 0, "arguments":
                    {"state": "ready", "date-time": date, "unsent-update-count": "many"}}),
                "unsent-update-count returned in the ha-heartbeat response is not an integer",
            ),
            (json!({"result": 1, "text": "no"}), "no (error code 1)"),
            (json!({"text": "no result"}), "no result"),
            (json!("a word"), "a response must be a map"),
        ] {
            let text: &'static str = answer.to_string().leak();
            liar.says(move |_, _| Said::Answer(text.parse().expect("JSON")));
            pair.server(0).await_log(&["HA_HEARTBEAT_FAILED server1: heartbeat to server2", told]);
        }
        for (answer, words) in [
            (&b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"[..], ["exchange: ", "404"]),
            (b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", ["exchange: ", "302"]),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", ["answer: ", "no JSON"]),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", ["", "list of responses must not be empty"]),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n", ["answer: ", "longer than"]),
            (b"", ["exchange: ", "no HTTP comes back"]),
        ] {
            liar.says(move |_, _| Said::Bytes(answer));
            says(&pair, &["ha-heartbeat", words[0], words[1]]);
        }
        pair.awaits_one(0, "partner-down");
        obtain(&lan, "client");
        let url = "http://192.0.2.12:8005/";
        pair.server(0).await_log(&["HTTP_SERVER_RESPONSE_RECEIVED", url]);
        pair.server(0).await_log(&["HTTP_BAD_SERVER_RESPONSE_RECEIVED", url]);
        liar.says(lies(Lie { state: "ready", ..HONEST }));
        pair.awaits_one(0, "hot-standby");
        eventually("nothing fails", || (failures(&pair) == "null").then_some(()));
        assert!(pair.stop(), "it ends in order");
    });
}

/// What a false partner of DHCPv6 says of itself, and its leases after an address.
fn lies6(page: fn(&str) -> Value) -> impl Fn(&str, &Value) -> Said + Send {
    move |command, arguments| {
        Said::Answer(match command {
            "ha-heartbeat" => json!({"result": 0, "arguments": {"state": "partner-down",
                "date-time": http_date(Timestamp(now())), "scopes": ["server1", "server2"],
                "unsent-update-count": 0}}),
            "lease6-get-page" => {
                let leases = page(arguments["from"].as_str().unwrap_or_default());
                json!({"result": 0, "arguments": {"leases": leases, "count": 1}})
            }
            _ => json!({"result": 0, "text": "done"}),
        })
    }
}

fn lease6(kind: &str, address: &str, length: u8, subnet: u32, cltt: i64) -> Value {
    json!({"type": kind, "ip-address": address, "prefix-len": length, "duid": "00:03:00:01:02:00",
        "iaid": 7, "cltt": cltt, "valid-lft": 3600, "preferred-lft": 1800, "subnet-id": subnet,
        "state": 0, "fqdn-fwd": false, "fqdn-rev": false, "hostname": ""})
}

/// Leases of DHCPv6 that cannot be are not believed either, nor more of them than were asked for.
#[test]
fn a_partner_of_dhcpv6_lies() {
    sandboxed("a_partner_of_dhcpv6_lies", |world| {
        let lan = world.lan6();
        let hosts = ["server1", "server2"].map(|name| lan.host(name));
        hosts[0].address("eth0", "2001:db8:1::11/64");
        hosts[1].address("eth0", "2001:db8:1::12/64");
        let urls = ["http://[2001:db8:1::11]:8005/", "http://[2001:db8:1::12]:8005/"];
        let relationship = json!({"mode": "hot-standby"});
        let pair = Pair::new(world, hosts, urls, [Kind::Ours; 2], &lan6_configuration(), &relationship);
        let mut pair: Pair<'_, V6> = pair.expect("ours are there");
        let many: fn(&str) -> Value =
            |_| (0..4).map(|number| json!({"ip-address": format!("2001:db8:1::{number}")})).collect();
        let liar = pair.host(1).false_partner("[2001:db8:1::12]:8005", lies6(many));
        pair.run(0);
        pair.server(0).await_log(&["HA_SYNC_FAILED", "the partner sent 4 leases where fewer were asked for"]);
        let pages: fn(&str) -> Value = |from| match from {
            "start" => json!([
                lease6("IA_NA", "2001:db8:1::140", 128, 77, now()),
                lease6("IA_NA", "2001:db8:1::141", 128, 1, now() + 86_400),
                lease6("IA_NA", "2001:db8:1::142", 128, 1, now() - 10)
            ]),
            "2001:db8:1::142" => json!([
                lease6("IA_NA", "2001:db8:7::1", 128, 1, now()),
                lease6("IA_PD", "2001:db8:8000:100::", 129, 1, now() - 10),
                lease6("IA_PD", "2001:db8:8000:200::", 56, 1, now() - 10)
            ]),
            _ => json!([{"type": 7}, [], lease6("IA_XY", "2001:db8:8000:300::", 56, 1, now() - 10)]),
        };
        liar.says(lies6(pages));
        pair.awaits_one(0, "ready");
        let wrong = [
            "2001:db8:1::140",
            "2001:db8:1::141",
            "2001:db8:7::1",
            "2001:db8:8000:100::",
            "2001:db8:8000:300::",
        ];
        for address in wrong {
            pair.server(0).await_log(&["HA_LEASE_SYNC_FAILED", address]);
        }
        let known: Vec<_> = pair.leases(0).into_keys().collect();
        assert_eq!(known, ["2001:db8:1::142", "2001:db8:8000:200::"]);
        assert!(pair.stop(), "it ends in order");
    });
}

/// What the server shows of how its partner is configured otherwise.
fn differences(pair: &Pair<'_, V4>) -> Value {
    let status = pair.server(0).command("status-get", None);
    status["arguments"]["high-availability"][0]["differences"].clone()
}

/// A partner that is configured otherwise is told of once, with all that differs. Without the subnet of a lease it refuses
/// that: this is told once, too, with what is missing there, however often the client asks, and the client is answered as
/// soon as it is mended.
#[test]
fn a_partner_is_configured_otherwise() {
    sandboxed("a_partner_is_configured_otherwise", |world| {
        let (lan, mut pair) = scene(world);
        let right = pair.map(1).clone();
        pair.map(0)["subnet4"].as_array_mut().expect("a list").push(json!({
            "id": 7, "subnet": "198.51.100.0/24",
            "pools": [{"pool": "198.51.100.10-198.51.100.20"}, {"pool": "198.51.100.30-198.51.100.40"}]}));
        let shared = pair.map(0)["subnet4"].clone();
        pair.map(1)["subnet4"] = shared.clone();
        pair.map(1)["subnet4"][0]["id"] = json!(2);
        pair.map(1)["subnet4"][1]["pools"][1]["pool"] = json!("198.51.100.30-198.51.100.50");
        pair.map(1)["subnet4"][1]["valid-lifetime"] = json!(7200);
        pair.map(1)["option-def"] = json!([{"name": "colour", "code": 222, "type": "string"}]);
        pair.relationship(1)["max-response-delay"] = json!(3000);
        [0, 1].into_iter().for_each(|own| pair.run(own));
        pair.awaits(["hot-standby"; 2]);
        let only = |side: &str, what: &str, value: Value| json!({"what": what, side: value});
        let found = eventually("it is shown what differs", || {
            Some(differences(&pair)).filter(|differences| differences.is_array())
        });
        let named: Vec<_> = found.as_array().into_iter().flatten().collect();
        for wanted in [
            only("there", "option-def > dhcp4", json!({"222": "colour string"})),
            only("here", "subnet4 > 7 > pools > 198.51.100.30-198.51.100.40", json!([])),
            only("there", "subnet4 > 7 > pools > 198.51.100.30-198.51.100.50", json!([])),
            json!({"what": "subnet4 > 7 > valid-lifetime", "here": 3600, "there": 7200}),
            json!({"what": "high-availability > max-response-delay", "here": 2000, "there": 3000}),
        ] {
            assert!(named.contains(&&wanted), "{wanted} in {found:#}");
        }
        let whats: Vec<_> = named.iter().filter_map(|term| term["what"].as_str()).collect();
        assert!(
            whats.contains(&"subnet4 > 1") && whats.contains(&"subnet4 > 2") && whats.len() == 7,
            "{whats:?}"
        );
        let told = "KOTARE_HA_TERMS_DIFFER";
        pair.server(0).await_log(&[told, "7 differences", "valid-lifetime is 3600 here and 7200 there"]);
        let mut client = lan.client("client", ClientProgram::ALL[0]);
        client.start();
        let conflict = "HA_LEASE_UPDATE_CONFLICT";
        pair.server(0).await_log(&[conflict, "subnet-id=1"]);
        says(&pair, &["lease-update", "subnet-id=1"]);
        let asked = || pair.server(0).statistic("pkt4-request-received");
        eventually("the client asks again", || (asked() >= 3).then_some(()));
        assert_eq!(pair.server(0).log().lines().filter(|line| line.contains(conflict)).count(), 1);
        assert_eq!(pair.server(0).log().lines().filter(|line| line.contains(told)).count(), 1);
        pair.kill(1);
        *pair.map(1) = right;
        pair.map(1)["subnet4"] = shared;
        pair.run(1);
        client.leased();
        pair.awaits(["hot-standby"; 2]);
        eventually("nothing fails", || (failures(&pair) == "null").then_some(()));
        eventually("nothing differs", || differences(&pair).is_null().then_some(()));
        pair.server(0).await_log(&["KOTARE_HA_TERMS_AGREE"]);
        pair.agree();
        assert!(pair.stop(), "both end in order");
    });
}
