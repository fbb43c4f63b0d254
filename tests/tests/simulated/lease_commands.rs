//! The commands of `lease_cmds` and `stat_cmds`, asked of a whole server.

use serde_json::{Value, json};

use crate::link::{Link, LinkOf};
use crate::protocol::{Protocol, Reply};
use crate::protocol4::V4;
use crate::retold::{self, outcome, told_address};
use crate::server::{Server, ServerOf};
use crate::store::DatabaseOf;

/// What the clock says.
const NOW: i64 = 1_700_000_000;

/// A server with three subnets: 1 with a pool of 2048 addresses, 2 with the pools 7 and 8, and 3 for some clients only.
pub(crate) fn configuration<P: Protocol>() -> Value {
    let mut config = retold::configuration::<P>(&["lease_cmds", "stat_cmds"]);
    let more = P::retell(json!([
        {"id": 2, "subnet": "198.51.100.0/24", "valid-lifetime": 600, "pools": [
            {"pool": "198.51.100.10 - 198.51.100.19", "pool-id": 7},
            {"pool": "198.51.100.20/30", "pool-id": 8}]},
        {"id": 3, "subnet": "203.0.113.0/24", "client-classes": ["phones"]},
    ]));
    let subnets = config[P::MAP][P::SUBNETS].as_array_mut().expect("subnets");
    subnets.extend(more.as_array().expect("subnets").iter().cloned());
    config[P::MAP]["client-classes"] = json!([{"name": "phones"}]);
    config
}

fn server<P: Protocol>(link: &LinkOf<P>) -> ServerOf<P> {
    ServerOf::with_database(link, configuration::<P>(), &DatabaseOf::<P>::new())
}

/// Asks for something that is done.
fn done<P: Protocol>(server: &ServerOf<P>, command: &str, arguments: Value) -> Value {
    let answer = server.retold(command, Some(arguments));
    assert_eq!(answer["result"], 0, "{command}: {answer}");
    answer
}

/// The addresses in an answer.
fn addresses(answer: &Value) -> Vec<&str> {
    let leases = answer["arguments"]["leases"].as_array().expect("leases");
    leases.iter().map(|lease| lease["ip-address"].as_str().expect("an address")).collect()
}

fn given<P: Protocol>(reply: &P::Reply) -> String {
    told_address::<P>(reply.given().expect("an address"))
}

fn statistics<P: Protocol, const N: usize>(server: &ServerOf<P>, names: [&str; N]) -> [i64; N] {
    names.map(|name| server.told_statistic(name))
}

/// What is not said of a lease is as its subnet has it; all that is said of it is shown.
#[test]
fn leases_are_added_and_shown() {
    let link = Link::default();
    let server = server::<V4>(&link);
    let plain = json!({"ip-address": "192.0.2.202", "hw-address": "1A:1b:1c:1d:1e:1f"});
    let answer = done(&server, "lease4-add", plain.clone());
    assert_eq!(outcome(&answer), (0, "Lease for address 192.0.2.202, subnet-id 1 added."));
    let shown = server.answer("lease4-get", Some(json!({"ip-address": "192.0.2.202"})));
    assert_eq!(
        shown,
        json!({
            "arguments": {
                "cltt": NOW, "fqdn-fwd": false, "fqdn-rev": false, "hostname": "",
                "hw-address": "1a:1b:1c:1d:1e:1f", "ip-address": "192.0.2.202", "state": 0, "subnet-id": 1,
                "valid-lft": 4000
            },
            "result": 0,
            "text": "IPv4 lease found."
        })
    );
    assert_eq!(
        outcome(&server.answer("lease4-add", Some(plain))),
        (4, "IPv4 lease already exists."),
        "a second one"
    );
    let full = json!({
        "ip-address": "198.51.100.21", "hw-address": "1a:1b", "subnet-id": 2, "client-id": "0x010203",
        "valid-lft": 1000, "expire": NOW + 500, "fqdn-fwd": true, "fqdn-rev": true, "hostname": "Urania.Example.ORG",
        "state": 1, "user-context": {"version": 1}, "comment": "by hand"
    });
    done(&server, "lease4-add", full);
    let shown = server.ask("lease4-get", json!({"ip-address": "198.51.100.21"}));
    assert_eq!(
        shown,
        json!({
            "client-id": "01:02:03", "cltt": NOW - 500, "fqdn-fwd": true, "fqdn-rev": true,
            "hostname": "urania.example.org", "hw-address": "1a:1b", "ip-address": "198.51.100.21", "pool-id": 8,
            "state": 1, "subnet-id": 2, "user-context": {"version": 1, "comment": "by hand"}, "valid-lft": 1000
        })
    );
    let keys: Vec<_> = shown.as_object().expect("a map").keys().collect();
    assert!(keys.is_sorted(), "{keys:?}");
}

/// What a relay said is brought into today's form, as in leases that are read from a file.
#[test]
fn what_a_relay_said_is_brought_into_form() {
    let link = Link::default();
    let server = server::<V4>(&link);
    done(
        &server,
        "lease4-add",
        json!({"ip-address": "192.0.2.9", "hw-address": "1a:1b", "user-context":
            {"ISC": {"relay-agent-info": "0x0C0107"}}}),
    );
    let lease = server.ask("lease4-get", json!({"ip-address": "192.0.2.9"}));
    let info = json!({"relay-id": "07", "sub-options": "0x0C0107"});
    assert_eq!(lease["user-context"], json!({"ISC": {"relay-agent-info": info}}));
}

/// What leases keep in a form of before, or what is no form once more is asked for, is corrected by command; the rest
/// stays.
#[test]
fn what_relays_said_is_upgraded_on_demand() {
    let link = Link::default();
    let mut config = configuration::<V4>();
    config["Dhcp4"]["sanity-checks"] = json!({"extended-info-checks": "none"});
    let queries = json!({"library": "libdhcp_lease_query.so", "parameters": {"requesters": ["192.0.2.250"]}});
    config["Dhcp4"]["hooks-libraries"].as_array_mut().expect("libraries").push(queries);
    let server = Server::with_database(&link, config.clone(), &DatabaseOf::<V4>::new());
    let upgrade = || outcome(&server.answer("extended-info4-upgrade", None)).1.to_owned();
    let info = |info: Value| json!({"ISC": {"relay-agent-info": info}});
    let today = info(json!({"sub-options": "0x0C0107", "relay-id": "07"}));
    let contexts = [
        info(json!("0x0C0107")),
        today.clone(),
        json!({"mine": true, "ISC": {"relay-agent-info": 7}}),
        info(json!({"relay-id": ""})),
        json!({"mine": true}),
    ];
    for (at, context) in (0..).zip(&contexts) {
        let lease = json!({"ip-address": format!("192.0.2.{at}"), "hw-address": format!("0{at}:01")});
        done(&server, "lease4-add", merged(lease, &json!({"user-context": context})));
    }
    // More than are asked for at once, which have nothing to correct.
    for at in 0..600 {
        let address = format!("192.0.{}.{}", 4 + at / 200, at % 200);
        done(
            &server,
            "lease4-add",
            json!({"ip-address": address, "hw-address": format!("{:02x}:{:02x}", at / 200, at % 200)}),
        );
    }
    done(
        &server,
        "lease4-add",
        json!({"ip-address": "192.0.7.0", "hw-address": "ff:ff", "user-context": {}}),
    );
    assert_eq!(upgrade(), "Upgraded 0 leases", "nothing is to be checked");
    let contexts_now = || {
        let leases = server.ask("lease4-get-all", json!({"subnets": [1]}));
        let leases = leases["leases"].as_array().cloned().unwrap_or_default();
        leases.iter().take(5).map(|lease| lease["user-context"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(contexts_now(), contexts);
    let mut asked = |level: &str| {
        config["Dhcp4"]["sanity-checks"] = json!({"extended-info-checks": level});
        done(&server, "config-set", config.clone());
    };
    asked("fix");
    assert_eq!(upgrade(), "Upgraded 3 leases");
    let mine = json!({"mine": true});
    assert_eq!(contexts_now(), [&today, &today, &mine, &contexts[3], &mine].map(Clone::clone));
    asked("strict");
    assert_eq!(upgrade(), "Upgraded 1 lease");
    assert_eq!(contexts_now(), [today.clone(), today, mine.clone(), Value::Null, mine]);
    assert_eq!(upgrade(), "Upgraded 0 leases");
}

/// A map with the entries of another.
fn merged(mut map: Value, more: &Value) -> Value {
    map.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
    map
}

/// A lease with these changes, one of which is wrong.
fn wrong_lease(changes: Value) -> Option<Value> {
    let mut lease = merged(json!({"ip-address": "192.0.2.2", "hw-address": "02:02"}), &changes);
    lease.as_object_mut().expect("a map").retain(|_, value| !value.is_null());
    Some(lease)
}

/// What is wrong is said in Kea's words, with its result.
fn wrong_requests_are_refused_in_keas_words<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    done(&server, "lease4-add", json!({"ip-address": "192.0.2.1", "hw-address": "01:01"}));
    let lease = wrong_lease;
    let no_map = "get(string) called on a non-map Element";
    for (command, arguments, result, told) in [
        ("lease4-add", None, 1, "no parameters specified for the command"),
        ("lease4-add", Some(json!([])), 1, no_map),
        ("lease4-add", lease(json!({"ip-address": null})), 1, "missing parameter 'ip-address'"),
        (
            "lease4-add",
            lease(json!({"ip-address": "x"})),
            1,
            "Failed to convert 'x' to address: Failed to convert string to address 'x': Invalid argument",
        ),
        (
            "lease4-add",
            lease(json!({"subnet-id": -1})),
            1,
            "out of range value (-1) specified for parameter 'subnet-id'",
        ),
        (
            "lease4-add",
            lease(json!({"subnet-id": 9})),
            4,
            "Invalid subnet-id: No IPv4 subnet with subnet-id=9 currently configured.",
        ),
        (
            "lease4-add",
            lease(json!({"subnet-id": 2})),
            4,
            "The address 192.0.2.2 does not belong to subnet 198.51.100.0/24, subnet-id=2",
        ),
        (
            "lease4-add",
            lease(json!({"ip-address": "10.0.0.1"})),
            4,
            "subnet-id not specified and failed to find a subnet for address 10.0.0.1",
        ),
        (
            "lease4-add",
            lease(json!({"ip-address": "203.0.113.1"})),
            4,
            "subnet-id not specified and failed to find a subnet for address 203.0.113.1",
        ),
        (
            "lease4-add",
            lease(json!({"expire": 0})),
            1,
            "expiration time must be positive for address 192.0.2.2",
        ),
        (
            "lease4-add",
            lease(json!({"expire": 3999})),
            1,
            "expiration time must be greater than valid lifetime for address 192.0.2.2",
        ),
        (
            "lease4-add",
            lease(json!({"fqdn-fwd": true})),
            1,
            "No hostname specified and either forward or reverse fqdn was set to true.",
        ),
        (
            "lease4-add",
            lease(json!({"state": 256})),
            1,
            "out of range value (256) specified for parameter 'state'",
        ),
        (
            "lease4-add",
            lease(json!({"state": 5})),
            1,
            "Invalid state value: 5, supported values are: 0 (default), 1 (declined), 2 (expired-reclaimed), 3 \
             (released) and 4 (registered)",
        ),
        (
            "lease4-add",
            lease(json!({"user-context": [1]})),
            1,
            "Invalid user context '[ 1 ]' is not a JSON map.",
        ),
        (
            "lease4-add",
            lease(json!({"user-context": {"comment": "a"}, "comment": "b"})),
            1,
            "Duplicated comment entry '\"b\"' in user context '{ \"comment\": \"a\" }'",
        ),
        ("lease4-update", None, 1, "no parameters specified for lease4-update command"),
        (
            "lease4-update",
            lease(json!({})),
            4,
            "failed to update the lease with address 192.0.2.2 either because the lease has been deleted or it has \
             changed in the database, in both cases a retry might succeed",
        ),
        ("lease4-get", None, 1, "Parameters missing or are not a map."),
        ("lease4-get", Some(json!({"ip-address": 5})), 1, "'ip-address' is not a string."),
        ("lease4-get", Some(json!({})), 1, "Mandatory 'subnet-id' parameter missing."),
        ("lease4-get", Some(json!({"subnet-id": "1"})), 1, "'subnet-id' parameter is not integer."),
        ("lease4-get", Some(json!({"ip-address": "192.0.2.3"})), 3, "Lease not found."),
        ("lease4-del", Some(json!({"ip-address": "192.0.2.3"})), 3, "IPv4 lease not found."),
        ("lease4-get-all", Some(json!({})), 1, "'subnets' parameter not specified"),
        ("lease4-get-all", Some(json!({"subnets": 1})), 1, "'subnets' parameter must be a list"),
        ("lease4-get-all", Some(json!({"subnets": ["1"]})), 1, "listed subnet identifiers must be numbers"),
        ("lease4-get-all", Some(json!({"subnets": [-1]})), 1, "out of range subnet identifier -1"),
        ("lease4-get-all", Some(json!({"subnets": [2]})), 3, "0 IPv4 lease(s) found."),
        ("lease4-get-page", None, 1, "no parameters specified for the lease4-get-page command"),
        ("lease4-get-page", Some(json!({})), 1, "'from' parameter not specified"),
        ("lease4-get-page", Some(json!({"from": 1})), 1, "'from' parameter must be a string"),
        (
            "lease4-get-page",
            Some(json!({"from": "x"})),
            1,
            "'from' parameter value is neither 'start' keyword nor a valid IPv4 address",
        ),
        ("lease4-get-page", Some(json!({"from": "start"})), 1, "'limit' parameter not specified"),
        (
            "lease4-get-page",
            Some(json!({"from": "start", "limit": "1"})),
            1,
            "'limit' parameter must be a number",
        ),
        (
            "lease4-get-page",
            Some(json!({"from": "start", "limit": 0})),
            1,
            "'limit' parameter must not be 0.",
        ),
        (
            "lease4-get-page",
            Some(json!({"from": "start", "limit": 1_u64 << 32})),
            1,
            "'limit' parameter is not a 32 bit unsigned integer.",
        ),
        ("lease4-get-page", Some(json!({"from": "192.0.2.1", "limit": 1})), 3, "0 IPv4 lease(s) found."),
        ("lease4-get-by-hw-address", None, 1, "Command arguments missing or a not a map."),
        ("lease4-get-by-hw-address", Some(json!({})), 1, "'hw-address' parameter not specified"),
        (
            "lease4-get-by-hw-address",
            Some(json!({"hw-address": 1})),
            1,
            "'hw-address' parameter must be a string",
        ),
        (
            "lease4-get-by-hw-address",
            Some(json!({"hw-address": ""})),
            1,
            "'hw-address' parameter must not be empty",
        ),
        (
            "lease4-get-by-hw-address",
            Some(json!({"hw-address": "0102"})),
            1,
            "bad 'hw-address' parameter: invalid format of the decoded string '0102'",
        ),
        ("lease4-get-by-hw-address", Some(json!({"hw-address": "09:09"})), 3, "0 IPv4 lease(s) found."),
        ("lease4-get-by-hostname", Some(json!({"hostname": ""})), 1, "'hostname' parameter is empty"),
        ("lease4-get-by-state", Some(json!({})), 1, "'state' parameter not specified"),
        ("lease4-get-by-state", Some(json!({"state": ""})), 1, "'state' parameter is empty"),
        (
            "lease4-get-by-state",
            Some(json!({"state": "lost"})),
            1,
            "'state' parameter value (lost) is not recognized",
        ),
        (
            "lease4-get-by-state",
            Some(json!({"state": true})),
            1,
            "'state' parameter must be a number or a string",
        ),
        (
            "lease4-get-by-state",
            Some(json!({"state": 0, "subnet-id": "1"})),
            1,
            "'subnet-id' parameter must be a number",
        ),
        ("lease4-get-by-state", Some(json!({"state": 9})), 3, "0 IPv4 lease(s) found with state 9."),
        (
            "lease4-get-by-state",
            Some(json!({"state": "declined", "subnet-id": 1})),
            3,
            "0 IPv4 lease(s) found with state declined (1) in subnet 1.",
        ),
        ("lease4-wipe", Some(json!([])), 1, "contains(string) called on a non-map Element"),
        (
            "lease4-wipe",
            Some(json!({"subnet-id": "1"})),
            1,
            "invalid type specified for parameter 'subnet-id'",
        ),
        ("lease4-wipe", Some(json!({"subnet-id": 2})), 3, "Deleted 0 IPv4 lease(s) from subnet(s) 2"),
        ("stat-lease4-get", Some(json!([])), 1, "'arguments' parameter is not a map"),
        ("stat-lease4-get", Some(json!({"subnet-id": "1"})), 1, "'subnet-id' parameter is not integer"),
        ("stat-lease4-get", Some(json!({"subnet-id": 0})), 1, "'subnet-id' parameter must be > 0"),
        (
            "stat-lease4-get",
            Some(json!({"subnet-id": 1, "subnet-range": {}})),
            1,
            "cannot specify both subnet-id and subnet-range",
        ),
        ("stat-lease4-get", Some(json!({"subnet-range": 1})), 1, "subnet-range parameter is not a map"),
        (
            "stat-lease4-get",
            Some(json!({"subnet-range": {}})),
            1,
            "'first-subnet-id' parameter missing or not an integer",
        ),
        (
            "stat-lease4-get",
            Some(json!({"subnet-range": {"first-subnet-id": 2, "last-subnet-id": 1}})),
            1,
            "'last-subnet-id' must be greater than 'first-subnet-id'",
        ),
        (
            "stat-lease4-get",
            Some(json!({"subnet-id": 9})),
            3,
            "stat-lease4-get[subnet-id=9]: no matching data, subnet-id: 9 does not exist",
        ),
        (
            "stat-lease4-get",
            Some(json!({"subnet-range": {"first-subnet-id": 4, "last-subnet-id": 7}})),
            3,
            "stat-lease4-get[subnets 4 through 7]: no matching data, selected ID range: 4 through 7 includes no known \
             subnets",
        ),
    ] {
        let answer = server.retold(command, arguments.clone());
        assert_eq!(outcome(&answer), (result, told), "{command} {arguments:?}");
    }
    assert_eq!(addresses(&server.retold("lease4-get-all", None)), ["192.0.2.1"], "nothing was added");
}

/// The same of what DHCPv4 alone has.
#[test]
fn wrong_requests_of_dhcpv4_are_refused_in_keas_words() {
    let link = Link::default();
    let server = server::<V4>(&link);
    done(&server, "lease4-add", json!({"ip-address": "192.0.2.1", "hw-address": "01:01"}));
    let lease = wrong_lease;
    for (command, arguments, result, told) in [
        ("lease4-add", lease(json!({"hw-address": null})), 1, "missing parameter 'hw-address'"),
        (
            "lease4-add",
            lease(json!({"hw-address": 5})),
            1,
            "invalid type specified for parameter 'hw-address'",
        ),
        (
            "lease4-add",
            lease(json!({"ip-address": "2001:db8::1"})),
            1,
            "Non-IPv4 address specified: 2001:db8::1",
        ),
        ("lease4-update", lease(json!({"state": 4})), 1, "DHCPv4 leases do not support registered state"),
        ("lease4-get", Some(json!({"ip-address": "::1"})), 1, "Invalid IPv4 address specified: ::1"),
        (
            "lease4-get",
            Some(json!({"type": "V6"})),
            1,
            "Invalid lease type specified: V6, only supported values are: IA_NA, IA_PD and V4",
        ),
        (
            "lease4-get",
            Some(json!({"subnet-id": 1})),
            1,
            "No 'ip-address' provided and 'identifier-type' is either missing or not a string.",
        ),
        (
            "lease4-get",
            Some(json!({"subnet-id": 1, "identifier-type": "flex-id", "identifier": "01"})),
            1,
            "Incorrect identifier type: flex-id, the only supported values are: hw-address, duid, client-id",
        ),
        (
            "lease4-get",
            Some(json!({"subnet-id": 1, "identifier-type": "duid", "identifier": "01:02:03"})),
            1,
            "Query by duid is not allowed in v4.",
        ),
        (
            "lease4-get",
            Some(json!({"subnet-id": 1, "identifier-type": "duid", "identifier": "01:02"})),
            1,
            "Bad 'duid' identifier: identifier is too short (2), at least 3 is required",
        ),
        (
            "lease4-get",
            Some(json!({"subnet-id": 1, "identifier-type": "hw-address", "identifier": "x"})),
            1,
            "Bad 'hw-address' identifier: 'x' is not a valid hexadecimal digit in decoded string 'x'",
        ),
        ("lease4-del", Some(json!({"update-ddns": 1})), 1, "'update-ddns' is not a boolean"),
        (
            "lease4-get-page",
            Some(json!({"from": "2001:db8::1"})),
            1,
            "'from' parameter value 2001:db8::1 is not an IPv4 address",
        ),
        (
            "lease4-get-by-client-id",
            Some(json!({"client-id": ""})),
            1,
            "bad 'client-id' parameter: identifier is too short (0), at least 2 is required",
        ),
        ("lease4-resend-ddns", Some(json!({})), 1, "'ip-address' parameter is missing."),
        ("lease4-resend-ddns", Some(json!({"ip-address": 1})), 1, "'ip-address' is not a string."),
        ("lease4-resend-ddns", Some(json!({"ip-address": "x"})), 1, "'x' is not a valid IP address."),
        ("lease4-resend-ddns", Some(json!({"ip-address": "::1"})), 1, "Invalid IPv4 address specified: ::1"),
        ("lease4-resend-ddns", Some(json!({"ip-address": "192.0.2.1"})), 4, "DDNS updating is not enabled"),
        ("sflq-pool4-get-all", None, 1, "LeaseMgr::sflqPool4GetAll() called"),
        ("sflq-pool4-get-all", Some(json!({"a": 1})), 1, "command does not take any arguments"),
        ("sflq-pool4-get-by-subnet", None, 1, "no parameters specified for the command"),
        ("sflq-pool4-get-by-subnet", Some(json!({})), 1, "missing 'subnet-id' parameter"),
        (
            "sflq-pool4-get-by-subnet",
            Some(json!({"subnet-id": "1"})),
            1,
            "'subnet-id' parameter is not an integer",
        ),
        (
            "sflq-pool4-get-by-subnet",
            Some(json!({"subnet-id": 0})),
            1,
            "'subnet-id' 0 is invalid, must be greater than zero and less than 4294967295",
        ),
        (
            "sflq-pool4-get-by-subnet",
            Some(json!({"subnet-id": 1})),
            1,
            "LeaseMgr::sflqPool4Get(SubnetID) called",
        ),
        (
            "sflq-pool4-rebuild",
            Some(json!({"start-address": "192.0.2.2", "end-address": "192.0.2.1"})),
            1,
            "invalid V4 range - start_address 192.0.2.2, end_address 192.0.2.1, must be V4 addresses where \
             start_address <= end_address",
        ),
        (
            "sflq-pool4-get-by-range",
            Some(json!({"start-address": "192.0.2.1", "end-address": "192.0.2.1", "a": 1})),
            1,
            "spurious 'a' parameter",
        ),
        (
            "sflq-pool4-del",
            Some(json!({"start-address": "192.0.2.1", "end-address": "192.0.2.2", "force": true})),
            1,
            "LeaseMgr::sflqPool4Del() called",
        ),
    ] {
        let answer = server.answer(command, arguments.clone());
        assert_eq!(outcome(&answer), (result, told), "{command} {arguments:?}");
    }
    assert_eq!(addresses(&server.answer("lease4-get-all", None)), ["192.0.2.1"], "nothing was added");
}

/// A server with leases of two clients in two subnets.
fn with_leases<P: Protocol>(link: &LinkOf<P>) -> ServerOf<P> {
    let server = server::<P>(link);
    for (address, more) in [
        ("192.0.2.1", json!({"client-id": "01:02:03", "hostname": "One.Example.org"})),
        ("192.0.2.2", json!({"client-id": "01:02:03", "state": 1})),
        ("192.0.2.200", json!({"hw-address": "03:03", "state": 2})),
        ("198.51.100.10", json!({"hw-address": "03:03", "hostname": "one.example.org"})),
    ] {
        let lease = json!({"ip-address": address, "hw-address": "01:01"});
        done(&server, "lease4-add", merged(lease, &more));
    }
    server
}

/// Of several leases of a client in a subnet the most recent one is shown.
#[test]
fn the_latest_lease_is_shown() {
    let link = Link::default();
    let server = with_leases::<V4>(&link);
    for (kind, identifier, subnet, found) in [
        ("client-id", "01:02:03", 1, Some("192.0.2.2")),
        ("client-id", "01:02:03", 2, None),
        ("hw-address", "03:03", 1, Some("192.0.2.200")),
        ("hw-address", "03:03", 2, Some("198.51.100.10")),
    ] {
        let by = json!({"identifier-type": kind, "identifier": identifier, "subnet-id": subnet});
        let answer = server.answer("lease4-get", Some(by));
        assert_eq!(answer["arguments"]["ip-address"].as_str(), found, "{kind} {identifier} {subnet}");
    }
}

/// Leases are found by what is known of them, all or page by page, in the order of their addresses.
fn leases_are_listed<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = with_leases::<P>(&link);
    let find = |command: &str, arguments: Value| {
        let answer = done(&server, command, arguments);
        let found: Vec<_> = addresses(&answer).into_iter().map(str::to_owned).collect();
        let text = outcome(&answer).1.to_owned();
        assert!(text.starts_with(&format!("{} IPv4 lease(s) found", found.len())), "{text}");
        found
    };
    let all = ["192.0.2.1", "192.0.2.2", "192.0.2.200", "198.51.100.10"];
    assert_eq!(addresses(&server.retold("lease4-get-all", None)), all);
    assert_eq!(find("lease4-get-all", json!({"subnets": [2, 1]})), [all[3], all[0], all[1], all[2]]);
    assert_eq!(find("lease4-get-by-client-id", json!({"client-id": "010203"})), all[..2]);
    assert_eq!(find("lease4-get-by-hw-address", json!({"hw-address": "3:3"})), all[2..]);
    assert_eq!(find("lease4-get-by-hostname", json!({"hostname": "ONE.example.org"})), [all[0], all[3]]);
    assert_eq!(find("lease4-get-by-state", json!({"state": "assigned"})), [all[0], all[3]]);
    assert_eq!(find("lease4-get-by-state", json!({"state": 0, "subnet-id": 2})), [all[3]]);
    assert_eq!(find("lease4-get-by-state", json!({"state": "expired-reclaimed"})), [all[2]]);
    let mut from = "start".to_owned();
    let mut pages = Vec::new();
    loop {
        let answer = server.retold("lease4-get-page", Some(json!({"from": from, "limit": 3})));
        let page: Vec<_> = addresses(&answer).into_iter().map(str::to_owned).collect();
        assert_eq!(answer["arguments"]["count"], page.len());
        let Some(last) = page.last() else { break };
        from.clone_from(last);
        pages.push(page);
    }
    assert_eq!(pages, [all[..3].to_vec(), all[3..].to_vec()]);
}

/// An address with a lease that was added is offered to nobody else; one whose lease was removed is free.
fn addresses_are_taken_and_freed<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    done(&server, "lease4-add", json!({"ip-address": "192.0.8.0", "hw-address": "0a:0a"}));
    let mut client = P::client(1);
    let leased = |client: &mut P::Client| given::<P>(&server.lease(&link, client));
    assert_eq!(leased(&mut client), "192.0.8.1");
    // The same lease of another address.
    let mut lease =
        server.answer(&retold::text::<P>("lease4-get-all"), None)["arguments"]["leases"][1].take();
    done(&server, "lease4-del", json!({"ip-address": "192.0.8.1"}));
    lease["ip-address"] = retold::text::<P>("192.0.8.5").into();
    lease["force-create"] = true.into();
    assert_eq!(server.answer(&retold::text::<P>("lease4-update"), Some(lease))["result"], 0);
    assert_eq!(leased(&mut client), "192.0.8.5", "its own");
    let wished = |client: &P::Client| {
        let wish = P::wish(client, retold::address::<P>("192.0.8.0"));
        link.broadcast(&wish);
        given::<P>(&link.reply_to(&wish))
    };
    assert_ne!(wished(&P::client(3)), "192.0.8.0", "taken");
    done(&server, "lease4-del", json!({"ip-address": "192.0.8.0"}));
    assert_eq!(wished(&P::client(4)), "192.0.8.0", "free");
}

/// Statistics follow what commands do, also from subnet to subnet; nothing was given to a client.
fn statistics_follow_commands<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    let names = [
        "assigned-addresses",
        "declined-addresses",
        "subnet[1].assigned-addresses",
        "subnet[2].assigned-addresses",
        "subnet[2].declined-addresses",
        "subnet[2].pool[7].assigned-addresses",
        "subnet[2].pool[8].assigned-addresses",
        "subnet[2].pool[8].declined-addresses",
        "cumulative-assigned-addresses",
        "reclaimed-leases",
    ];
    // Each of another client.
    let lease = |address: &str, state| {
        let (_, last) = address.rsplit_once('.').expect("an address");
        json!({"ip-address": address, "hw-address": "01:01", "client-id": format!("0102{last:0>4}"), "state": state})
    };
    done(&server, "lease4-add", lease("192.0.2.1", 0));
    done(&server, "lease4-add", lease("198.51.100.10", 0));
    done(&server, "lease4-add", lease("198.51.100.21", 1));
    done(&server, "lease4-add", lease("198.51.100.22", 2));
    assert_eq!(statistics(&server, names), [3, 1, 1, 2, 1, 1, 1, 1, 0, 0], "added");
    for (state, expected) in [
        (1, [4, 2, 1, 3, 2, 1, 2, 2, 0, 0]),
        (0, [4, 1, 1, 3, 1, 1, 2, 1, 0, 0]),
        (3, [3, 1, 1, 2, 1, 1, 1, 1, 0, 0]),
        (0, [4, 1, 1, 3, 1, 1, 2, 1, 0, 0]),
    ] {
        assert_eq!(
            outcome(&done(&server, "lease4-update", lease("198.51.100.22", state))).1,
            "IPv4 lease updated."
        );
        assert_eq!(statistics(&server, names), expected, "updated to {state}");
    }
    let mut created = lease("192.0.2.2", 0);
    created["force-create"] = true.into();
    assert_eq!(outcome(&done(&server, "lease4-update", created)).1, "IPv4 lease added.");
    assert_eq!(statistics(&server, names), [5, 1, 2, 3, 1, 1, 2, 1, 0, 0], "created");
    let deleted = done(&server, "lease4-del", json!({"ip-address": "198.51.100.21"}));
    assert_eq!(outcome(&deleted).1, "IPv4 lease deleted.");
    assert_eq!(statistics(&server, names), [4, 0, 2, 2, 0, 1, 1, 0, 0, 0], "deleted");
    let by_client = json!({"identifier-type": "client-id", "identifier": "01020022", "subnet-id": 2});
    done(&server, "lease4-del", by_client);
    assert_eq!(statistics(&server, names)[3], 1, "deleted by client");
    let wiped = done(&server, "lease4-wipe", json!({"subnet-id": 1}));
    assert_eq!(outcome(&wiped).1, "Deleted 2 IPv4 lease(s) from subnet(s) 1");
    assert_eq!(statistics(&server, names)[..4], [1, 0, 0, 1], "one subnet");
    let wiped = server.retold("lease4-wipe", None);
    assert_eq!(outcome(&wiped), (0, "Deleted 1 IPv4 lease(s) from subnet(s) 1 2 3"));
    assert_eq!(statistics(&server, names), [0; 10], "all");
    assert_eq!(outcome(&server.retold("lease4-wipe", None)).0, 3);
}

/// `stat-lease4-get` counts what is in the store, of every subnet that is configured.
fn leases_are_counted_by_subnet<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    server.lease(&link, &mut P::client(1));
    for (address, state) in [("198.51.100.10", 0), ("198.51.100.11", 1), ("198.51.100.12", 2)] {
        done(&server, "lease4-add", json!({"ip-address": address, "hw-address": "01:01", "state": state}));
    }
    let one = json!([1, 2048, 1, 1, 0]);
    let two = json!([2, 14, 0, 2, 1]);
    let three = json!([3, 0, 0, 0, 0]);
    for (arguments, told, rows) in [
        (None, "stat-lease4-get[all subnets]: 3 rows found", json!([one, two, three])),
        (Some(json!({"subnet-id": 2})), "stat-lease4-get[subnet-id=2]: 1 rows found", json!([two])),
        (
            Some(json!({"subnet-range": {"first-subnet-id": 2, "last-subnet-id": 9}})),
            "stat-lease4-get[subnets 2 through 9]: 2 rows found",
            json!([two, three]),
        ),
    ] {
        let answer = server.retold("stat-lease4-get", arguments);
        assert_eq!(outcome(&answer), (0, told));
        let set = &answer["arguments"]["result-set"];
        // Those of prefixes come behind.
        let of_addresses = |row: &Value| row.as_array().expect("a row")[..5].to_vec();
        let columns = [
            "subnet-id",
            "total-addresses",
            "cumulative-assigned-addresses",
            "assigned-addresses",
            "declined-addresses",
        ];
        assert_eq!(of_addresses(&set["columns"]), columns);
        let found: Vec<_> = set["rows"].as_array().expect("rows").iter().map(of_addresses).collect();
        assert_eq!(json!(found), rows);
        let time = set["timestamp"].as_str().expect("a time");
        assert!(time.starts_with("2023-11-14 22:13:2") && time.len() == 26, "{time}");
    }
    let unknown = server.retold("stat-lease4-get", Some(json!({"subnet-id": 9})));
    assert_eq!(unknown["arguments"], json!({}));
}

/// A memfile has no queues that servers share: wrong arguments are refused in the words of Kea, and all the rest is, too.
fn there_are_no_shared_queues<P: Protocol>() {
    let link = LinkOf::<P>::default();
    let server = server::<P>(&link);
    let refused = |command: &str, arguments: Option<Value>, text: &str| {
        let answer = server.retold(&format!("sflq-pool4-{command}"), arguments);
        assert_eq!(outcome(&answer), (1, text), "{command}");
    };
    let range = json!({"start-address": "192.0.2.0", "end-address": "192.0.2.9"});
    refused("get-all", None, "LeaseMgr::sflqPool4GetAll() called");
    refused("get-all", Some(json!({})), "LeaseMgr::sflqPool4GetAll() called");
    refused("get-all", Some(json!({"a": 1})), "command does not take any arguments");
    refused("get-by-subnet", Some(json!({"subnet-id": 1})), "LeaseMgr::sflqPool4Get(SubnetID) called");
    refused("get-by-subnet", Some(json!({"subnet-id": "1"})), "'subnet-id' parameter is not an integer");
    refused("get-by-subnet", Some(json!({"subnet-id": 1, "x": 1})), "spurious 'x' parameter");
    refused(
        "get-by-subnet",
        Some(json!({"subnet-id": 0})),
        "'subnet-id' 0 is invalid, must be greater than zero and less than 4294967295",
    );
    refused("del", Some(range.clone()), "LeaseMgr::sflqPool4Del() called");
    for command in ["get-by-range", "rebuild"] {
        refused(command, Some(range.clone()), "LeaseMgr::sflqPool4Get(IOAddress,IOAddress) called");
    }
    for command in ["get-by-range", "rebuild", "del"] {
        refused(command, None, "no parameters specified for the command");
        refused(command, Some(json!({})), "missing 'start-address' parameter");
        refused(command, Some(json!({"start-address": "192.0.2.0"})), "missing 'end-address' parameter");
        refused(
            command,
            Some(json!({"start-address": "192.0.2.9", "end-address": "192.0.2.0"})),
            "invalid V4 range - start_address 192.0.2.9, end_address 192.0.2.0, must be V4 addresses where \
             start_address <= end_address",
        );
    }
    let forced = json!({"start-address": "192.0.2.0", "end-address": "192.0.2.9", "force": 1});
    refused("del", Some(forced), "'force' parameter is not a boolean");
}

both! {
    wrong_requests_are_refused_in_keas_words,
    leases_are_listed,
    addresses_are_taken_and_freed,
    statistics_follow_commands,
    leases_are_counted_by_subnet,
    there_are_no_shared_queues,
}
