//! Binding variables of DHCPv6: what expressions say of a query and its response is kept with its leases.

use std::net::Ipv6Addr;

use kotare_testkit::logged;
use kotare_testkit::v6::{Associated, Client, Message, Relay, relayed};
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

const SERVER: &[u8] = &[0, 3, 0, 1, 2, 3];
const SERIAL: OptionCode = OptionCode(222);
const ADDRESS: &str = "2001:db8:1::10";
const PREFIX: &str = "2001:db8:f000::";

/// A server with these variables. `more` is put into `Dhcp6`.
fn configured(variables: &Json, more: &Json) -> Result<TestServer6, Vec<String>> {
    let mut dhcp6 = json!({
        "cache-threshold": 0.0,
        "option-data": [{"name": "dns-servers", "data": "2001:db8::53"}],
        "subnet6": [{
            "id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0", "rapid-commit": true,
            "pools": [{"pool": "2001:db8:1::10 - 2001:db8:1::1f"}],
            "pd-pools": [{"prefix": PREFIX, "prefix-len": 40, "delegated-len": 56}],
        }],
        "hooks-libraries": [
            {"library": "libdhcp_lease_cmds.so", "parameters": {"binding-variables": variables}},
        ],
    });
    dhcp6.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    TestServer6::configured(&dhcp6)
}

/// One that keeps option 222 of the query and the name servers and the type of the response.
fn server() -> TestServer6 {
    let variables = json!([
        {"name": "opt-222", "expression": "hexstring(option[222].hex, ':')", "source": "query"},
        {"name": "name-server", "expression": "addrtotext(option[23].hex)", "source": "response"},
        {"name": "kind", "expression": "hexstring(pkt6.msgtype, '')", "source": "response"},
    ]);
    configured(&variables, &json!({})).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn variables(serial: &str) -> Json {
    json!({"ISC": {"binding-variables": {"kind": "00000007", "name-server": "2001:db8::53", "opt-222": serial}}})
}

fn ask(server: &TestServer6, message: &Message) -> Vec<u8> {
    server.send(&message.bytes()).expect("a reply")
}

/// What is kept with the lease of an address or a prefix.
fn context(server: &TestServer6, place: &str) -> Json {
    let kind = if place == PREFIX { "IA_PD" } else { "IA_NA" };
    let answer = server.answer("lease6-get", Some(json!({"ip-address": place, "type": kind})));
    assert_eq!(answer["result"], 0, "{answer}");
    answer["arguments"]["user-context"].clone()
}

/// They are evaluated when leases are given and each time they are extended, and written if they are others, beside what is
/// kept there anyway.
#[test]
fn values_are_kept_with_leases() {
    let server = server();
    let client = Client::new(1);
    let extend = |serial: &[u8]| {
        // Those before are not counted.
        server.store.calls();
        let request = client.message(MessageType::REQUEST, Some(SERVER));
        let request = request.ia(1, Associated::Addresses(&[])).ia(2, Associated::Prefixes(&[]));
        ask(&server, &request.option(SERIAL, serial));
        server.store.calls().puts
    };
    let duid: Vec<_> = client.duid.iter().map(|byte| format!("{byte:02x}")).collect();
    let mine = json!({"ip-address": ADDRESS, "duid": duid.join(":"), "iaid": 1, "user-context": {"mine": 1}});
    assert_eq!(server.answer("lease6-add", Some(mine))["result"], 0);
    assert_eq!(extend(&[1, 2]), 4, "two leases, and what is kept with each");
    let both = json!({"mine": 1, "ISC": variables("01:02")["ISC"]});
    assert_eq!((context(&server, ADDRESS), context(&server, PREFIX)), (both.clone(), variables("01:02")));
    assert_eq!(extend(&[1, 2]), 2, "the same values are not written again");
    assert_eq!((context(&server, ADDRESS), context(&server, PREFIX)), (both, variables("01:02")));
    assert_eq!(extend(&[3]), 4);
    let renewed = client.renew(SERVER, &[ADDRESS.parse().unwrap()]).option(SERIAL, &[4]);
    ask(&server, &renewed);
    let other = json!({"mine": 1, "ISC": variables("04")["ISC"]});
    assert_eq!((context(&server, ADDRESS), context(&server, PREFIX)), (other, variables("03")));
}

/// Nothing is kept of what is only offered; two messages are enough if the client says so.
#[test]
fn offers_promise_nothing() {
    let server = server();
    let solicit = Client::new(1).solicit().option(SERIAL, &[7]);
    ask(&server, &solicit);
    assert!(server.store.all().is_empty());
    ask(&server, &solicit.option(OptionCode::RAPID_COMMIT, &[]));
    let leases = server.store.all();
    assert_eq!(context(&server, &leases[0].address.to_string()), variables("07"));
}

/// What a client has given back says what it said when it had it.
#[test]
fn values_stay_with_what_was_given_back() {
    let server = server();
    let client = Client::new(1);
    let address: Ipv6Addr = ADDRESS.parse().unwrap();
    ask(&server, &client.request(SERVER, &[address]).option(SERIAL, &[1]));
    ask(&server, &client.release(SERVER, &[address]).option(SERIAL, &[2]));
    let lease = server.store.lease(address).unwrap();
    assert_eq!(serde_json::from_str::<Json>(&lease.user_context.unwrap()).unwrap(), variables("01"));
}

/// RFC 9686: an address that a client made itself has them, too.
#[test]
fn registered_addresses_have_values() {
    let server = server();
    let address: Ipv6Addr = "2001:db8:1::abc".parse().unwrap();
    let relay = Relay::new("2001:db8:1::1".parse().unwrap(), address);
    let message = Client::new(1).register(address, 1000, 2000).option(SERIAL, &[9]);
    server.send(&relayed(&message.bytes(), &relay)).expect("a reply");
    let kept = context(&server, "2001:db8:1::abc");
    let values = &kept["ISC"]["binding-variables"];
    // The reply is an ADDR-REG-REPLY without options of the configuration.
    assert_eq!(values, &json!({"kind": "00000025", "name-server": "", "opt-222": "09"}));
}

/// Without a value of one, none is kept; the client gets its lease all the same.
#[test]
fn a_variable_without_a_value_spoils_them_all() {
    let variables = json!([
        {"name": "a", "expression": "'a'", "source": "query"},
        {"name": "b", "expression": "uint32totext(option[222].hex)", "source": "query"},
    ]);
    let server = configured(&variables, &json!({})).unwrap_or_else(|errors| panic!("{errors:?}"));
    let request = || Client::new(1).request(SERVER, &[ADDRESS.parse().unwrap()]);
    ask(&server, &request().option(SERIAL, b"of no number"));
    assert_eq!(context(&server, ADDRESS), Json::Null);
    ask(&server, &request().option(SERIAL, &[0, 0, 1, 0]));
    assert_eq!(context(&server, ADDRESS)["ISC"]["binding-variables"], json!({"a": "a", "b": "256"}));
}

/// With a lease that somebody removes just then nothing is kept, and that is told; with the others it is.
#[test]
fn what_changes_meanwhile_is_told() {
    let server = server();
    let address: Ipv6Addr = ADDRESS.parse().unwrap();
    let request = Client::new(1).request(SERVER, &[address]).ia(2, Associated::Prefixes(&[]));
    server.store.slow(true);
    let remove = || drop(server.store.uproot(address));
    let (reply, lines) = logged(|| server.send_while(&request.option(SERIAL, &[1]).bytes(), remove));
    assert!(reply.is_some());
    assert_eq!((server.store.lease(address), context(&server, PREFIX)), (None, variables("01")));
    let told: Vec<_> = lines.iter().filter(|line| line.id.starts_with("LEASE_CMDS")).collect();
    let [conflict, failed] = &told[..] else { panic!("{told:?}") };
    assert_eq!(
        (conflict.id, failed.id),
        ("LEASE_CMDS_LEASES6_COMMITTED_CONFLICT", "LEASE_CMDS_LEASES6_COMMITTED_FAILED")
    );
    let client = "duid=[00:03:00:01:00:0c:00:00:00:01]";
    let begins = format!("could not updating lease: {ADDRESS} for: {client}");
    assert!(conflict.text.starts_with(&begins), "{}", conflict.text);
    let begins = format!("reason: 1 out of 2 leases failed to update for {client}");
    assert!(failed.text.starts_with(&begins), "{}", failed.text);
}

/// Expressions can ask for classes, and what other modules make of the reply is seen.
#[test]
fn values_are_of_what_is_sent() {
    let variables = json!([
        {"name": "class", "expression": "ifelse(member('phones'), 'phone', 'other')", "source": "query"},
        {"name": "edited", "expression": "option[224].hex", "source": "response"},
    ]);
    let edits = json!({"options": [{"code": 224, "add": "'edited'"}]});
    let libraries = json!([
        {"library": "libdhcp_lease_cmds.so", "parameters": {"binding-variables": variables}},
        {"library": "libdhcp_flex_option.so", "parameters": edits},
    ]);
    let more = json!({
        "client-classes": [{"name": "phones", "test": "option[222].exists"}],
        "hooks-libraries": libraries,
    });
    let server = configured(&json!([]), &more).unwrap_or_else(|errors| panic!("{errors:?}"));
    ask(&server, &Client::new(1).request(SERVER, &[ADDRESS.parse().unwrap()]).option(SERIAL, &[1]));
    let kept = context(&server, ADDRESS);
    assert_eq!(kept["ISC"]["binding-variables"], json!({"class": "phone", "edited": "edited"}));
}

/// What is wrong with a variable is told; of two with one name the first one counts.
#[test]
fn wrong_variables_are_refused() {
    let variable =
        |name: &str, expression: &str| json!({"name": name, "expression": expression, "source": "query"});
    for (variables, told) in [
        (json!([variable("", "'a'")]), "the name of a binding variable cannot be empty"),
        (json!([variable("a", "")]), "the expression of the binding variable 'a' cannot be empty"),
        (json!([variable("a", "pkt4.mac")]), "the expression 'pkt4.mac' of the binding variable 'a'"),
        (json!([{"name": "a", "expression": "'a'"}]), "source"),
        (json!([{"name": "a", "expression": "'a'", "source": "reply"}]), "source"),
        (json!({}), "binding-variables"),
    ] {
        let errors = configured(&variables, &json!({})).err().expect("errors").join("\n");
        assert!(errors.contains(told), "{told} in {errors}");
    }
    let twice = configured(&json!([variable("a", "'a'"), variable("a", "'b'")]), &json!({}));
    let server = twice.unwrap_or_else(|errors| panic!("{errors:?}"));
    ask(&server, &Client::new(1).request(SERVER, &[ADDRESS.parse().unwrap()]));
    assert_eq!(context(&server, ADDRESS)["ISC"]["binding-variables"], json!({"a": "a"}));
}
