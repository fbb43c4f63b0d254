//! What is different with DHCPv6: two kinds of pools, leases that are registered, and very many addresses.

use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_model::{LeaseType, SubnetId, Tally};
use kotare_stats::{PoolKind, PoolLayout, Stat6, Statistics6, SubnetLayout, SubnetStats};
use serde_json::{Value, json};

const START: Duration = Duration::from_secs(1_795_285_902);

fn counted(lease_type: LeaseType, pool_id: u32, [assigned, declined, registered]: [u64; 3]) -> Tally {
    Tally { subnet: SubnetId(7), lease_type, pool_id, assigned, declined, registered }
}

fn layout(pools: &[PoolLayout]) -> [SubnetLayout; 1] {
    [SubnetLayout { id: SubnetId(7), pools: pools.to_vec() }]
}

/// A server with subnet 7, which has a pool of each kind, and some leases.
fn serving(pools: &[PoolLayout], leases: &[Tally]) -> (Statistics6, SubnetStats<Stat6>) {
    let statistics = Statistics6::new(TimeZone::UTC, START);
    let prepared = statistics.prepare(&layout(pools));
    let subnet = prepared.subnet(SubnetId(7)).unwrap().clone();
    statistics.publish(prepared, leases, START);
    (statistics, subnet)
}

fn pools() -> [PoolLayout; 2] {
    [PoolLayout::of_addresses(0, 16u8), PoolLayout::of_prefixes(0, 256u16)]
}

fn all(statistics: &Statistics6) -> serde_json::Map<String, Value> {
    serde_json::from_str(&statistics.all(START)).unwrap()
}

/// Kea's 39 statistics of packets and allocations, before there is a subnet, and the two that Kea has from the first such
/// packet on (CONFIRM, RECONFIGURE), which its manual does not list; and ours of replies that had no room for options.
#[test]
fn a_new_server_shows_zeros() {
    let all = all(&Statistics6::new(TimeZone::UTC, START));
    for (name, samples) in &all {
        assert_eq!(samples[0][0], json!(0), "{name}");
    }
    let names: Vec<_> = all.keys().collect();
    assert_eq!(
        format!("{names:#?}").replace(['"', ','], ""),
        "[
    pkt6-addr-reg-inform-received
    pkt6-addr-reg-reply-received
    pkt6-addr-reg-reply-sent
    pkt6-admin-filtered
    pkt6-advertise-received
    pkt6-advertise-sent
    pkt6-confirm-received
    pkt6-decline-received
    pkt6-dhcpv4-query-received
    pkt6-dhcpv4-response-received
    pkt6-dhcpv4-response-sent
    pkt6-duplicate
    pkt6-infrequest-received
    pkt6-lease-query-received
    pkt6-lease-query-reply-sent
    pkt6-limit-exceeded
    pkt6-not-for-us
    pkt6-options-left-out
    pkt6-parse-failed
    pkt6-processing-failed
    pkt6-queue-full
    pkt6-rebind-received
    pkt6-receive-drop
    pkt6-received
    pkt6-reconfigure-received
    pkt6-release-received
    pkt6-renew-received
    pkt6-reply-received
    pkt6-reply-sent
    pkt6-request-received
    pkt6-rfc-violation
    pkt6-sent
    pkt6-service-disabled
    pkt6-solicit-received
    pkt6-unknown-received
    v6-allocation-fail
    v6-allocation-fail-classes
    v6-allocation-fail-no-pools
    v6-allocation-fail-shared-network
    v6-allocation-fail-subnet
    v6-ia-na-lease-reuses
    v6-ia-pd-lease-reuses
]"
    );
}

/// The names Kea 3.3 has for the server's leases, and for a subnet with pools of both kinds, from the beginning.
#[test]
fn a_subnet_brings_keas_names() {
    let all = all(&serving(&pools(), &[]).0);
    let is_of_leases = |name: &&str| !name.starts_with("pkt6") && !name.starts_with("v6-");
    let names: Vec<_> = all.keys().map(String::as_str).filter(is_of_leases).collect();
    assert_eq!(
        format!("{names:#?}").replace(['"', ','], ""),
        "[
    assigned-nas
    assigned-pds
    cumulative-assigned-nas
    cumulative-assigned-pds
    cumulative-registered-nas
    declined-addresses
    reclaimed-declined-addresses
    reclaimed-leases
    subnet[7].assigned-nas
    subnet[7].assigned-pds
    subnet[7].cumulative-assigned-nas
    subnet[7].cumulative-assigned-pds
    subnet[7].cumulative-registered-nas
    subnet[7].declined-addresses
    subnet[7].pd-pool[0].assigned-pds
    subnet[7].pd-pool[0].cumulative-assigned-pds
    subnet[7].pd-pool[0].reclaimed-leases
    subnet[7].pd-pool[0].total-pds
    subnet[7].pool[0].assigned-nas
    subnet[7].pool[0].cumulative-assigned-nas
    subnet[7].pool[0].declined-addresses
    subnet[7].pool[0].reclaimed-declined-addresses
    subnet[7].pool[0].reclaimed-leases
    subnet[7].pool[0].total-nas
    subnet[7].reclaimed-declined-addresses
    subnet[7].reclaimed-leases
    subnet[7].registered-nas
    subnet[7].total-nas
    subnet[7].total-pds
    subnet[7].v6-ia-na-lease-reuses
    subnet[7].v6-ia-pd-lease-reuses
]"
    );
}

/// Leases of addresses and of prefixes are counted apart, also where their pools have one number; registered addresses are
/// not assigned ones; those that are temporary are nobody's.
#[test]
fn leases_of_both_kinds_are_counted_apart() {
    let leases = [
        counted(LeaseType::Na, 0, [3, 1, 2]),
        counted(LeaseType::Pd, 0, [5, 0, 0]),
        counted(LeaseType::Ta, 0, [9, 9, 9]),
    ];
    let (statistics, subnet) = serving(&pools(), &leases);
    let values = |names: &[&str]| names.iter().map(|name| statistics.value(name, START)).collect::<Vec<_>>();
    assert_eq!(values(&["assigned-nas", "assigned-pds", "declined-addresses"]), [4, 5, 1]);
    let of_subnet = ["subnet[7].assigned-nas", "subnet[7].assigned-pds", "subnet[7].registered-nas"];
    assert_eq!(values(&of_subnet), [4, 5, 2]);
    let of_pools = ["subnet[7].pool[0].assigned-nas", "subnet[7].pd-pool[0].assigned-pds"];
    assert_eq!(values(&of_pools), [4, 5]);

    let worker = statistics.worker();
    let marks = statistics.marks();
    let pd_pool = subnet.pool_of(PoolKind::Prefixes, 0);
    worker.add_in(Stat6::AssignedPds, 1, Some(&subnet), pd_pool);
    worker.add_in(Stat6::ReclaimedLeases, 1, Some(&subnet), pd_pool);
    worker.add_in(Stat6::AssignedNas, 1, Some(&subnet), pd_pool);
    assert_eq!(values(&["assigned-pds", of_subnet[1], of_pools[1]]), [6, 6, 6]);
    assert_eq!(values(&[of_pools[0], "subnet[7].pool[0].reclaimed-leases"]), [4, 0]);

    statistics.recount(&marks, &[counted(LeaseType::Na, 0, [1, 0, 4])], START);
    assert_eq!(values(&["assigned-nas", "assigned-pds", "declined-addresses"]), [2, 1, 0]);
    assert_eq!(values(&of_subnet), [2, 1, 4]);
}

/// A pool may have more addresses than 64 bits count: they are shown as Kea shows them, up to what 127 bits count.
#[test]
fn totals_are_as_big_as_pools() {
    let pools = [
        PoolLayout::of_addresses(0, 1u128 << 64),
        PoolLayout::of_addresses(3, 1u8),
        PoolLayout::of_prefixes(0, u128::MAX),
        PoolLayout::of_prefixes(1, 5u8),
    ];
    let (statistics, _) = serving(&pools, &[]);
    let first = |name: &str| {
        let text = statistics.get(name, START);
        text[text.find("[ [ ").unwrap() + 4..].split(',').next().unwrap().to_owned()
    };
    assert_eq!(first("subnet[7].total-nas"), "18446744073709551617");
    assert_eq!(first("subnet[7].pool[0].total-nas"), "18446744073709551616");
    assert_eq!(first("subnet[7].total-pds"), i128::MAX.to_string());
    let values = statistics.values();
    assert_eq!(values.subnets[0].of(Stat6::TotalNas), (1 << 64) + 1);
    assert_eq!(values.subnets[0].pools[3].of(Stat6::TotalPds), Some(5));
    assert_eq!(values.subnets[0].pools[3].of(Stat6::TotalNas), None);
    assert!(statistics.reset("subnet[7].total-nas", START));
    assert_eq!(first("subnet[7].total-nas"), "0");
    statistics.publish(statistics.prepare(&layout(&pools[..1])), &[], START);
    assert_eq!(first("subnet[7].total-nas"), "18446744073709551616");
}
