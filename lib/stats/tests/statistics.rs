//! What clients and workers may rely on, through the public interface only.

use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use kotare_model::{SubnetId, Tally};
use kotare_stats::{Limit, PoolLayout, Stat4, Statistics4, SubnetLayout};
use serde_json::{Value, json};

/// 2026-11-21 18:31:42.141368 UTC.
const START: Duration = Duration::from_micros(1_795_285_902_141_368);
const START_TEXT: &str = "2026-11-21 18:31:42.141368";

fn after(seconds: u64) -> Duration {
    START + Duration::from_secs(seconds)
}

fn new() -> Statistics4 {
    Statistics4::new(TimeZone::UTC, START)
}

fn layout(id: u32, pools: &[(u32, u64)]) -> SubnetLayout {
    let pools = pools.iter().map(|&(id, total)| PoolLayout::of_addresses(id, total)).collect();
    SubnetLayout { id: SubnetId(id), pools }
}

fn counted(subnet: u32, pool_id: u32, assigned: u64, declined: u64) -> Tally {
    Tally { subnet: SubnetId(subnet), pool_id, assigned, declined, ..Tally::default() }
}

/// A server with subnet 7 and its only pool of 10 addresses, as Kea was asked with.
fn with_subnet() -> Statistics4 {
    let statistics = new();
    statistics.publish(statistics.prepare(&[layout(7, &[(0, 10)])]), &[], START);
    statistics
}

/// What is said of all statistics.
fn all(statistics: &Statistics4, now: Duration) -> Value {
    read(&statistics.all(now))
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn get(statistics: &Statistics4, name: &str, now: Duration) -> Value {
    read(&statistics.get(name, now))
}

fn latest(statistics: &Statistics4, name: &str) -> Value {
    get(statistics, name, START)[name][0][0].clone()
}

/// Statistics of packets and allocations: Kea's 35, and how many replies had no room for all their options.
const OF_PACKETS: usize = 36;

/// Before anything happens, every packet and allocation statistic is 0; those of leases come with subnets.
#[test]
fn a_new_server_shows_zeros() {
    let all = all(&new(), START);
    let all = all.as_object().unwrap();
    assert_eq!(all.len(), OF_PACKETS);
    for (name, samples) in all {
        assert!(name.starts_with("pkt4-") || name.starts_with("v4-"), "{name}");
        assert_eq!(samples, &json!([[0, START_TEXT]]), "{name}");
    }
}

/// The names Kea 3.3 has for a subnet with a pool, from the beginning, sorted.
#[test]
fn a_subnet_brings_keas_names() {
    let all = all(&with_subnet(), START);
    let names: Vec<_> = all.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(names.is_sorted());
    let of_subnets: Vec<_> = names.iter().filter(|name| name.starts_with("subnet")).collect();
    assert_eq!(
        format!("{of_subnets:#?}").replace(['"', ','], ""),
        "[
    subnet[7].assigned-addresses
    subnet[7].cumulative-assigned-addresses
    subnet[7].declined-addresses
    subnet[7].pool[0].assigned-addresses
    subnet[7].pool[0].cumulative-assigned-addresses
    subnet[7].pool[0].declined-addresses
    subnet[7].pool[0].reclaimed-declined-addresses
    subnet[7].pool[0].reclaimed-leases
    subnet[7].pool[0].total-addresses
    subnet[7].reclaimed-declined-addresses
    subnet[7].reclaimed-leases
    subnet[7].total-addresses
    subnet[7].v4-lease-reuses
    subnet[7].v4-reservation-conflicts
]"
    );
    assert_eq!(names.len(), OF_PACKETS + 5 + of_subnets.len());
}

/// `statistic-global-get-all` leaves out what begins with `subnet`.
#[test]
fn global_statistics_are_those_of_no_subnet() {
    let all = read(&with_subnet().all_global(START));
    assert_eq!(all.as_object().unwrap().len(), OF_PACKETS + 5);
    assert!(all.as_object().unwrap().keys().all(|name| !name.starts_with("subnet")));
}

/// Kea's answer for an unknown name is an empty map.
#[test]
fn an_unknown_name_is_an_empty_map() {
    for name in
        ["nope", "", "total-addresses", "subnet[8].total-addresses", "subnet[7].pool[1].total-addresses"]
    {
        assert_eq!(get(&with_subnet(), name, START), json!({}), "{name}");
    }
}

/// Workers' counters are summed; what an ended worker counted stays counted, and its place is used again.
#[test]
fn workers_are_summed() {
    let statistics = new();
    let (one, two) = (statistics.worker(), statistics.worker());
    one.count(Stat4::Received);
    two.add(Stat4::Received, 2);
    drop(one);
    statistics.worker().count(Stat4::Received);
    assert_eq!(latest(&statistics, "pkt4-received"), 4);
}

/// Counting from several threads loses nothing, also while somebody reads.
#[test]
fn nothing_is_lost_between_threads() {
    let statistics = new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let worker = statistics.worker();
            scope.spawn(move || (0..10_000).for_each(|_| worker.count(Stat4::Received)));
        }
        for _ in 0..100 {
            all(&statistics, START);
        }
    });
    assert_eq!(latest(&statistics, "pkt4-received"), 40_000);
}

/// What modules count does not go back when threads count at the same time, and begins anew when it is reset.
#[test]
fn what_modules_count_only_grows() {
    let statistics = new();
    let name = "wasm[libdhcp_any.wasm].failures";
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).for_each(|_| statistics.add_reported(name, 1, after(1))));
        }
    });
    assert_eq!(statistics.value(name, after(2)), 400);
    assert!(statistics.reset(name, after(3)));
    statistics.add_reported(name, 2, after(4));
    assert_eq!(statistics.value(name, after(4)), 2);
}

/// An addition reaches every level that has the statistic, and only those.
#[test]
fn additions_reach_every_level() {
    let statistics = with_subnet();
    let worker = statistics.worker();
    let prepared = statistics.prepare(&[layout(7, &[(0, 10)])]);
    let subnet = prepared.subnet(SubnetId(7)).unwrap();
    let pool = subnet.pool(0);
    worker.add_in(Stat4::AssignedAddresses, 1, Some(subnet), pool);
    worker.add_in(Stat4::AllocationFail, 1, Some(subnet), pool);
    worker.add_in(Stat4::Sent, 1, Some(subnet), pool);
    for name in [
        "assigned-addresses",
        "subnet[7].assigned-addresses",
        "subnet[7].pool[0].assigned-addresses",
        "v4-allocation-fail",
        "subnet[7].v4-allocation-fail",
        "pkt4-sent",
    ] {
        assert_eq!(latest(&statistics, name), 1, "{name}");
    }
}

/// Samples are newest first, taken when the value changed, at most 20 by default.
#[test]
fn samples_are_taken_when_values_change() {
    let statistics = new();
    let worker = statistics.worker();
    for second in 1..=3 {
        worker.count(Stat4::Received);
        statistics.tick(after(second));
        statistics.tick(after(second) + Duration::from_millis(500));
    }
    assert_eq!(
        get(&statistics, "pkt4-received", after(9)),
        json!({"pkt4-received": [
            [3, "2026-11-21 18:31:45.141368"],
            [2, "2026-11-21 18:31:44.141368"],
            [1, "2026-11-21 18:31:43.141368"],
            [0, START_TEXT],
        ]})
    );
    for second in 4..=100 {
        worker.count(Stat4::Received);
        statistics.tick(after(second));
    }
    let samples = get(&statistics, "pkt4-received", after(100));
    let samples = samples["pkt4-received"].as_array().unwrap();
    assert_eq!((samples.len(), &samples[0][0], &samples[19][0]), (20, &json!(100), &json!(81)));
}

/// Times are shown in the server's zone, as Kea's are.
#[test]
fn times_are_local() {
    let statistics = Statistics4::new(TimeZone::fixed(Offset::constant(-5)), START);
    assert_eq!(
        get(&statistics, "pkt4-sent", START),
        json!({"pkt4-sent": [[0, "2026-11-21 13:31:42.141368"]]})
    );
}

/// A limit by count or age holds for the samples there are and for those to come; one sample always stays.
#[test]
fn limits_hold_at_once_and_later() {
    let statistics = new();
    let worker = statistics.worker();
    let count = |statistics: &Statistics4| {
        get(statistics, "pkt4-received", after(10))["pkt4-received"].as_array().unwrap().len()
    };
    for second in 1..=10 {
        worker.count(Stat4::Received);
        statistics.tick(after(second));
    }
    assert!(statistics.set_limit("pkt4-received", Limit::Age(Duration::from_secs(4)), after(10)));
    assert_eq!(count(&statistics), 5);
    worker.count(Stat4::Received);
    statistics.tick(after(12));
    assert_eq!(count(&statistics), 4);
    assert!(statistics.set_limit("pkt4-received", Limit::Count(2), after(12)));
    assert_eq!(count(&statistics), 2);
    assert!(statistics.set_limit("pkt4-received", Limit::Count(0), after(12)));
    assert_eq!(count(&statistics), 1);
    assert!(!statistics.set_limit("nope", Limit::Count(1), after(12)));
}

/// A limit for all is also that of statistics to come.
#[test]
fn a_limit_for_all_is_the_default() {
    let statistics = new();
    statistics.set_limit_all(Limit::Count(2));
    assert_eq!(statistics.default_limit(), Limit::Count(2));
    let prepared = statistics.prepare(&[layout(1, &[])]);
    let subnet = prepared.subnet(SubnetId(1)).unwrap().clone();
    statistics.publish(prepared, &[], START);
    for second in 1..=5 {
        subnet.add(Stat4::LeaseReuses, 1);
        statistics.tick(after(second));
    }
    let samples = get(&statistics, "subnet[1].v4-lease-reuses", after(5));
    assert_eq!(samples["subnet[1].v4-lease-reuses"].as_array().unwrap().len(), 2);
}

/// A reset leaves one sample of 0, and counting goes on from there, on every level.
#[test]
fn a_reset_starts_from_zero() {
    let statistics = with_subnet();
    let worker = statistics.worker();
    worker.add(Stat4::Received, 5);
    statistics.tick(after(1));
    assert!(statistics.reset("pkt4-received", after(2)));
    assert!(statistics.reset("subnet[7].pool[0].total-addresses", after(2)));
    assert_eq!(
        get(&statistics, "pkt4-received", after(2)),
        json!({"pkt4-received": [[0, "2026-11-21 18:31:44.141368"]]})
    );
    worker.count(Stat4::Received);
    assert_eq!(latest(&statistics, "pkt4-received"), 1);
    assert_eq!(latest(&statistics, "subnet[7].pool[0].total-addresses"), 0);
    assert!(!statistics.reset("nope", after(2)));
    statistics.reset_all(after(3));
    assert_eq!(latest(&statistics, "subnet[7].total-addresses"), 0);
    assert_eq!(all(&statistics, after(3)).as_object().unwrap().len(), OF_PACKETS + 5 + 14);
}

/// What was removed is not there until it is counted again, from 0.
#[test]
fn a_removed_statistic_comes_back_when_counted() {
    let statistics = with_subnet();
    let worker = statistics.worker();
    worker.add(Stat4::Received, 5);
    assert!(statistics.remove("pkt4-received", START));
    assert!(!statistics.remove("pkt4-received", START));
    assert!(!statistics.reset("pkt4-received", START));
    assert_eq!(get(&statistics, "pkt4-received", START), json!({}));
    worker.count(Stat4::Received);
    assert_eq!(latest(&statistics, "pkt4-received"), 1);
    statistics.remove_all();
    assert_eq!(all(&statistics, START), json!({}));
}

/// How many leases there are is not forgotten with a reset or a removal: it is never less than none, and the next
/// configuration shows it again on all levels, with the counters that were removed.
#[test]
fn the_next_configuration_counts_leases_anew() {
    let statistics = new();
    let layout = [layout(7, &[(0, 10)])];
    let prepared = statistics.prepare(&layout);
    let subnet = prepared.subnet(SubnetId(7)).unwrap().clone();
    statistics.publish(prepared, &[counted(7, 0, 2, 1), counted(9, 0, 4, 0)], START);
    let worker = statistics.worker();
    let change = |stat, delta| worker.add_in(stat, delta, Some(&subnet), subnet.pool(0));
    let levels = ["", "subnet[7].", "subnet[7].pool[0]."];
    let are = |name: &str, values: [i64; 3]| {
        for (level, value) in levels.iter().zip(values) {
            assert_eq!(latest(&statistics, &format!("{level}{name}")), value, "{level}{name}");
        }
    };
    change(Stat4::AssignedAddresses, 1);
    change(Stat4::ReclaimedLeases, 5);
    are("assigned-addresses", [8, 4, 4]);
    let forgets: [&dyn Fn(); 3] = [&|| statistics.reset_all(after(1)), &|| statistics.remove_all(), &|| {
        for (level, name) in
            levels.iter().flat_map(|level| ["assigned-", "declined-"].map(|name| (level, name)))
        {
            assert!(statistics.remove(&format!("{level}{name}addresses"), after(1)));
        }
    }];
    for forget in forgets {
        forget();
        change(Stat4::AssignedAddresses, -1);
        change(Stat4::DeclinedAddresses, -1);
        for (name, value) in all(&statistics, after(2)).as_object().unwrap() {
            assert!(value[0][0].as_i64().unwrap() >= 0, "{name}");
        }
        change(Stat4::AssignedAddresses, 1);
        change(Stat4::DeclinedAddresses, 1);
        statistics.publish(statistics.prepare(&layout), &[], after(3));
        are("assigned-addresses", [8, 4, 4]);
        are("declined-addresses", [1, 1, 1]);
        // What only grows begins again.
        are("reclaimed-leases", [0, 0, 0]);
    }
}

/// Failures of a subnet appear with the first one.
#[test]
fn a_subnets_failures_appear_when_there_are_some() {
    let statistics = new();
    let prepared = statistics.prepare(&[layout(7, &[])]);
    let subnet = prepared.subnet(SubnetId(7)).unwrap().clone();
    statistics.publish(prepared, &[], START);
    assert_eq!(get(&statistics, "subnet[7].v4-allocation-fail", START), json!({}));
    subnet.add(Stat4::AllocationFail, 1);
    assert_eq!(latest(&statistics, "subnet[7].v4-allocation-fail"), 1);
}

/// At the first configuration, lease statistics are what the store has: declined leases count as assigned, and
/// the server's own include leases of subnets that are not configured.
#[test]
fn lease_statistics_begin_with_a_count() {
    let statistics = new();
    let prepared = statistics.prepare(&[layout(1, &[(0, 10), (5, 20), (0, 1)]), layout(2, &[(0, 10)])]);
    let counts = [counted(1, 0, 3, 1), counted(1, 5, 2, 0), counted(1, 9, 1, 0), counted(3, 0, 4, 4)];
    statistics.publish(prepared, &counts, START);
    for (name, value) in [
        ("assigned-addresses", 15),
        ("declined-addresses", 5),
        ("cumulative-assigned-addresses", 0),
        ("subnet[1].assigned-addresses", 7),
        ("subnet[1].declined-addresses", 1),
        ("subnet[1].total-addresses", 31),
        ("subnet[1].pool[0].assigned-addresses", 4),
        ("subnet[1].pool[0].total-addresses", 11),
        ("subnet[1].pool[5].assigned-addresses", 2),
        ("subnet[1].pool[5].declined-addresses", 0),
        ("subnet[2].assigned-addresses", 0),
    ] {
        assert_eq!(latest(&statistics, name), value, "{name}");
    }
}

/// A subnet id that stays keeps its values and samples, also in the hands of workers that serve the old
/// configuration; what is new is counted, what is gone is not shown.
#[test]
fn a_subnet_that_stays_keeps_counting() {
    let statistics = new();
    let prepared = statistics.prepare(&[layout(1, &[(0, 10), (4, 4)]), layout(2, &[])]);
    let old = prepared.subnet(SubnetId(1)).unwrap().clone();
    statistics.publish(prepared, &[], START);
    let worker = statistics.worker();
    worker.add_in(Stat4::AssignedAddresses, 2, Some(&old), old.pool(0));
    statistics.tick(after(1));

    let prepared = statistics.prepare(&[layout(1, &[(0, 12), (6, 1)]), layout(3, &[])]);
    statistics.publish(prepared, &[counted(1, 0, 99, 0), counted(1, 6, 1, 0), counted(3, 0, 5, 0)], after(2));
    worker.add_in(Stat4::AssignedAddresses, 1, Some(&old), old.pool(0));

    assert_eq!(
        get(&statistics, "subnet[1].assigned-addresses", after(3)),
        json!({"subnet[1].assigned-addresses": [
            [3, "2026-11-21 18:31:45.141368"], [2, "2026-11-21 18:31:43.141368"], [0, START_TEXT],
        ]})
    );
    for (name, value) in [
        ("assigned-addresses", json!(3)),
        ("subnet[1].total-addresses", json!(13)),
        ("subnet[1].pool[0].assigned-addresses", json!(3)),
        ("subnet[1].pool[4].assigned-addresses", Value::Null),
        ("subnet[1].pool[6].assigned-addresses", json!(1)),
        ("subnet[2].assigned-addresses", Value::Null),
        ("subnet[3].assigned-addresses", json!(5)),
    ] {
        assert_eq!(latest(&statistics, name), value, "{name}");
    }
}

/// What was prepared and not published leaves no trace.
#[test]
fn an_abandoned_configuration_changes_nothing() {
    let statistics = with_subnet();
    let before = all(&statistics, START);
    drop(statistics.prepare(&[layout(8, &[(0, 1)])]));
    assert_eq!(all(&statistics, START), before);
}

/// A worker's samples show each batch with its time, on every level; nothing is sampled twice, nor without news.
#[test]
fn a_worker_samples_what_it_counts() {
    let statistics = new();
    let prepared = statistics.prepare(&[layout(7, &[(0, 10)]), layout(8, &[(0, 10)])]);
    let subnet = prepared.subnet(SubnetId(7)).unwrap().clone();
    statistics.publish(prepared, &[], START);
    let (worker, other) = (statistics.worker(), statistics.worker());
    let mut sampler = statistics.sampler(&worker);
    for second in 1..=3 {
        worker.count(Stat4::Received);
        // Leases are counted by somebody else.
        other.add_in(Stat4::AssignedAddresses, 1, Some(&subnet), subnet.pool(0));
        sampler.sample(after(second));
        sampler.sample(after(second) + Duration::from_millis(500));
    }
    for name in [
        "pkt4-received",
        "assigned-addresses",
        "subnet[7].assigned-addresses",
        "subnet[7].pool[0].assigned-addresses",
    ] {
        let expected = json!({name: [
            [3, "2026-11-21 18:31:45.141368"],
            [2, "2026-11-21 18:31:44.141368"],
            [1, "2026-11-21 18:31:43.141368"],
            [0, START_TEXT],
        ]});
        assert_eq!(get(&statistics, name, after(9)), expected);
    }
    let idle = "subnet[8].assigned-addresses";
    assert_eq!(get(&statistics, idle, after(9)), json!({idle: [[0, START_TEXT]]}));
}

/// Samples are kept by count or by age, a reset leaves one, and what was removed is sampled again when it is counted.
#[test]
fn a_worker_s_samples_follow_limits_resets_and_removals() {
    let statistics = new();
    let worker = statistics.worker();
    let mut sampler = statistics.sampler(&worker);
    let mut count = |second| {
        worker.count(Stat4::Received);
        sampler.sample(after(second));
    };
    let values = |second| {
        let samples = get(&statistics, "pkt4-received", after(second));
        let samples = samples["pkt4-received"].as_array().cloned().unwrap_or_default();
        samples.iter().map(|sample| sample[0].as_i64().unwrap()).collect::<Vec<_>>()
    };
    (1..=30).for_each(&mut count);
    assert_eq!(values(30), (11..=30).rev().collect::<Vec<_>>());
    statistics.set_limit_all(Limit::Age(Duration::from_secs(2)));
    count(31);
    assert_eq!(values(31), [31, 30, 29]);
    assert!(statistics.reset("pkt4-received", after(32)));
    count(33);
    assert_eq!(values(33), [1, 0]);
    assert!(statistics.remove("pkt4-received", after(34)));
    assert_eq!(values(34), [0; 0]);
    count(35);
    assert_eq!(values(35), [1]);
}

/// What is counted while a sample is taken, or for a subnet that does not serve yet, is sampled the next time.
#[test]
fn no_change_escapes_the_samples() {
    let statistics = new();
    let prepared = statistics.prepare(&[layout(7, &[(0, 10)])]);
    let subnet = prepared.subnet(SubnetId(7)).unwrap().clone();
    subnet.add(Stat4::LeaseReuses, 1);
    statistics.tick(after(1));
    statistics.publish(prepared, &[], after(2));
    subnet.add(Stat4::LeaseReuses, 1);
    statistics.tick(after(3));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10_000).for_each(|_| subnet.add(Stat4::LeaseReuses, 1)));
        }
        (0..1000).for_each(|_| statistics.tick(after(4)));
    });
    statistics.tick(after(5));
    let name = "subnet[7].v4-lease-reuses";
    let before_reading = get(&statistics, name, after(6));
    assert_eq!(before_reading[name][0][0], 40_002);
    assert!(before_reading[name][0][1].as_str().unwrap() < "2026-11-21 18:31:48", "{before_reading}");
}
