//! What is counted and logged of messages, in Kea's lines.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_engine::Leases6;
use kotare_engine::hooks::v6::Hooks6;
use kotare_engine::v6::messages::MESSAGES;
use kotare_engine::v6::{Outcome, Ports, Sent, Server, report, report_refused};
use kotare_messages::Severity;
use kotare_model::{Duid, Timestamp};
use kotare_stats::{Counters6, Statistics6};
use kotare_testkit::v6::{Associated, Client, configured};
use kotare_testkit::{MemoryStore6, logged, run};
use kotare_wire::v6::{Index, Message, OptionCode};
use serde_json::json;

use crate::world::{SERVER, World, address};

/// A server with leases, whose messages are reported.
struct Reported {
    world: World,
    leases: Leases6<MemoryStore6>,
    statistics: Statistics6,
    counters: Counters6,
}

impl Reported {
    fn new(subnet: serde_json::Value) -> Self {
        let config = configured(&json!({ "subnet6": [subnet] }));
        let statistics = Statistics6::new(TimeZone::UTC, Duration::ZERO);
        let leases = Leases6::new(MemoryStore6::new(), statistics.worker());
        let plan = run(leases.plan(&config, &[])).unwrap();
        let duid = Duid::new(SERVER).unwrap();
        let server = Server::new(Arc::new(config), plan, Ports::default(), Hooks6::default(), duid);
        let world = World { server, ..World::new(configured(&json!({}))) };
        let counters = statistics.worker();
        Self { world, leases, statistics, counters }
    }

    /// Brings a message to the server. The lines above debug levels that it logs.
    fn send(&self, bytes: &[u8]) -> Vec<String> {
        let server = &self.world.server;
        let serve = || {
            let mut index = Index::new();
            let mut query = match server.intake(&self.world.received(bytes), &mut index) {
                Ok(query) => query,
                Err(refused) => return report_refused(server, &refused, &self.counters),
            };
            let (message, mut reply) = (Message::new(bytes, &index).unwrap(), [0; 2000]);
            let now = Timestamp(1_000_000);
            let outcome = run(server.exchange(&self.leases, message, &mut query, now, 1, &mut reply));
            let len = if let Outcome::Reply(reply) = &outcome { reply.len } else { 0 };
            report(server, &query, &outcome, &reply[..len], Sent::Done, &self.counters);
        };
        let ((), lines) = logged(serve);
        let shown =
            |id: &str| MESSAGES.iter().any(|it| it.id == id && !matches!(it.severity, Severity::Debug(_)));
        lines
            .into_iter()
            .filter(|line| shown(line.id))
            .map(|line| format!("{} {}", line.id, line.text))
            .collect()
    }

    fn count(&self, name: &str) -> i64 {
        let found: serde_json::Value =
            serde_json::from_str(&self.statistics.get(name, Duration::ZERO)).unwrap();
        found[name][0][0].as_i64().unwrap_or_else(|| panic!("there is no statistic {name}: {found}"))
    }
}

const WHO: &str = "duid=[00:03:00:01:00:0c:00:00:00:07], [no hwaddr info], tid=0x7";

/// The life of a lease, one line for each step of it.
#[test]
fn what_clients_get_and_give_back_is_logged_and_counted() {
    let reported = Reported::new(json!({
        "id": 1, "subnet": "2001:db8::/64", "interface": "eth0",
        "pools": [{"pool": "2001:db8::10 - 2001:db8::10"}],
        "pd-pools": [{"prefix": "2001:db8:8::", "prefix-len": 56, "delegated-len": 56}],
    }));
    let (client, of, prefix) = (Client::new(7), address("2001:db8::10"), (address("2001:db8:8::"), 56));
    let both = Associated::Prefixes(&[]);
    assert_eq!(
        reported.send(&client.solicit().ia(2, both).bytes()),
        [
            format!("DHCP6_LEASE_ADVERT {WHO}: lease for address 2001:db8::10 and iaid=1 will be advertised"),
            format!(
                "DHCP6_PD_LEASE_ADVERT {WHO}: lease for prefix 2001:db8:8::/56 and iaid=2 will be advertised"
            ),
        ]
    );
    assert_eq!(
        reported.send(&client.request(SERVER, &[of]).ia(2, both).bytes()),
        [
            format!(
                "DHCP6_LEASE_ALLOC {WHO}: lease for address 2001:db8::10 and iaid=1 has been allocated for 7200 seconds"
            ),
            format!(
                "DHCP6_PD_LEASE_ALLOC {WHO}: lease for prefix 2001:db8:8::/56 and iaid=2 has been allocated for 7200 seconds"
            ),
        ]
    );
    // Soon after, a lease need not be written again.
    assert_eq!(
        reported.send(&client.renew(SERVER, &[of]).bytes()),
        [format!(
            "DHCP6_LEASE_REUSE {WHO}: lease for address 2001:db8::10 and iaid=1 has been reused for 7200 seconds"
        )]
    );
    let release = client.release(SERVER, &[of]).ia(2, Associated::Prefixes(&[prefix]));
    assert_eq!(
        reported.send(&release.bytes()),
        [
            format!(
                "DHCP6_RELEASE_NA {WHO}: binding for address 2001:db8::10 and iaid=1 was released properly"
            ),
            format!(
                "DHCP6_RELEASE_NA_EXPIRED {WHO}: binding for address 2001:db8::10 and iaid=1 expired on release"
            ),
            format!("DHCP6_RELEASE_PD {WHO}: prefix 2001:db8:8::/56 for iaid=2 was released properly"),
            format!("DHCP6_RELEASE_PD_EXPIRED {WHO}: prefix 2001:db8:8::/56 for iaid=2 expired on release"),
        ]
    );
    let counted = [
        ("pkt6-received", 4),
        ("pkt6-solicit-received", 1),
        ("pkt6-request-received", 1),
        ("pkt6-renew-received", 1),
        ("pkt6-release-received", 1),
        ("pkt6-sent", 4),
        ("pkt6-advertise-sent", 1),
        ("pkt6-reply-sent", 3),
        ("v6-ia-na-lease-reuses", 1),
        ("pkt6-receive-drop", 0),
    ];
    assert_eq!(counted.map(|(name, _)| (name, reported.count(name))), counted);
}

/// Nothing is free: each reason is counted and said once an association.
#[test]
fn failures_are_logged_and_counted() {
    let reported = Reported::new(json!({"id": 1, "subnet": "2001:db8::/64", "interface": "eth0"}));
    let lines = reported.send(&Client::new(7).solicit().bytes());
    assert_eq!(
        lines,
        [
            format!(
                "ALLOC_ENGINE_V6_ALLOC_FAIL_SUBNET {WHO}: failed to allocate an IPv6 lease in the subnet 2001:db8::/64, subnet-id 1, shared network (none)"
            ),
            format!(
                "ALLOC_ENGINE_V6_ALLOC_FAIL_NO_POOLS {WHO}: no pools were available for the lease allocation"
            ),
            format!(
                "ALLOC_ENGINE_V6_ALLOC_FAIL_CLASSES {WHO}: Failed to allocate an IPv6 address for client with classes: ALL, UNKNOWN"
            ),
        ]
    );
    let names = ["v6-allocation-fail-subnet", "v6-allocation-fail-no-pools", "v6-allocation-fail-classes"];
    assert_eq!(names.map(|name| reported.count(name)), [1; 3]);
}

/// What is dropped is counted by its reason, and logged at debug levels only.
#[test]
fn drops_are_counted_by_their_reason() {
    let client = Client::new(7);
    let dropped = [
        (vec![1, 2, 3], "pkt6-parse-failed"),
        (client.request(&[0, 3, 9], &[]).bytes(), "pkt6-not-for-us"),
        (client.solicit().without(OptionCode::CLIENTID).bytes(), "pkt6-rfc-violation"),
        (client.message(kotare_wire::v6::MessageType(99), None).bytes(), "pkt6-unknown-received"),
    ];
    for (bytes, reason) in dropped {
        let reported = Reported::new(json!({"id": 1, "subnet": "2001:db8::/64", "interface": "eth0"}));
        assert_eq!(reported.send(&bytes), [""; 0]);
        let names = [reason, "pkt6-received", "pkt6-receive-drop", "pkt6-sent"];
        assert_eq!(names.map(|name| reported.count(name)), [1, 1, 1, 0], "{reason}");
    }
}
