//! What an allocator promises besides a free address (Kea's manual, "Address Allocation Strategies in DHCPv4").

use std::net::Ipv4Addr;

use kotare_testkit::{Client, Via, World, configured};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

fn server(more: Value) -> World {
    let mut dhcp4 = json!({"cache-threshold": 0.0, "valid-lifetime": 4000, "min-valid-lifetime": 100});
    dhcp4.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    World::new(configured(&dhcp4))
}

fn pool(size: u8) -> Value {
    json!([{"pool": format!("192.0.2.1 - 192.0.2.{size}")}])
}

/// The addresses that new clients get, in this order.
fn given(world: &mut World, clients: std::ops::Range<u32>) -> Vec<u8> {
    clients.map(|number| world.lease(&Client::new(number)).unwrap().octets()[3]).collect()
}

/// The allocator is that of the innermost level that names one. One that is `iterative` gives neighbours to neighbours,
/// the others do not.
#[test]
fn every_level_may_choose_the_allocator() {
    let order = |global: &str, network: Value, subnet: Value| {
        let mut member = json!({"id": 1, "subnet": "192.0.2.0/24", "pools": pool(200)});
        member.as_object_mut().unwrap().extend(subnet.as_object().unwrap().clone());
        let mut around = json!({"name": "floor", "subnet4": [member]});
        around.as_object_mut().unwrap().extend(network.as_object().unwrap().clone());
        given(&mut server(json!({"allocator": global, "shared-networks": [around]})), 0..40)
    };
    let sorted: Vec<u8> = (1..=40).collect();
    assert_eq!(order("iterative", json!({}), json!({})), sorted);
    assert_eq!(order("random", json!({"allocator": "flq"}), json!({"allocator": "iterative"})), sorted);
    for other in ["random", "flq"] {
        assert_ne!(order(other, json!({}), json!({})), sorted);
        assert_ne!(order("iterative", json!({"allocator": other}), json!({})), sorted);
        assert_ne!(order("iterative", json!({}), json!({"allocator": other})), sorted);
    }
}

fn told(world: &mut World, number: u32) -> (Ipv4Addr, u32) {
    let client = Client::new(number);
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    let ack = world.send(&client.select(&offer), Via::BROADCAST).unwrap();
    let times = [&offer, &ack].map(|answer| answer.number(OptionCode::LEASE_TIME).unwrap());
    assert_eq!(times[0], times[1], "an offer promises what is given");
    (ack.yiaddr(), times[1])
}

/// `adaptive-lease-time-threshold`: from there on, the address in question included, new leases are as short as may be,
/// and those that are renewed are not longer than they were.
#[test]
fn leases_are_short_where_addresses_are_scarce() {
    let mut world = server(json!({"adaptive-lease-time-threshold": 0.5, "subnet4": [
        {"id": 1, "subnet": "192.0.2.0/24", "pools": pool(10), "allocator": "flq"},
    ]}));
    let first = told(&mut world, 0);
    assert_eq!((1..4).map(|number| told(&mut world, number).1).collect::<Vec<_>>(), [4000; 3]);
    assert_eq!((4..10).map(|number| told(&mut world, number).1).collect::<Vec<_>>(), [100; 6]);
    let renew = |world: &mut World| {
        let answer = world.send(&Client::new(0).renew(first.0), Via::unicast(first.0)).unwrap();
        answer.number(OptionCode::LEASE_TIME).unwrap()
    };
    // What is left is more than the least.
    world.pass(60);
    assert_eq!(renew(&mut world), 3940);
    world.pass(3900);
    assert_eq!(renew(&mut world), 100);
    // There is room again.
    world.reclaim();
    assert_eq!(renew(&mut world), 4000);
}

/// The threshold of the innermost level holds; 1.0 is none, and allocators without a queue know none.
#[test]
fn scarcity_is_judged_by_queues_alone() {
    for (allocator, threshold, lifetime) in
        [("flq", 0.1, 100), ("flq", 1.0, 4000), ("iterative", 0.1, 4000), ("random", 0.1, 4000)]
    {
        let mut world = server(json!({"adaptive-lease-time-threshold": 0.01, "subnet4": [
            {"id": 1, "subnet": "192.0.2.0/24", "pools": pool(2), "allocator": allocator,
             "adaptive-lease-time-threshold": threshold},
        ]}));
        assert_eq!(told(&mut world, 1).1, lifetime, "{allocator} {threshold}");
    }
    // An offer that is kept promises the usual time; the lease that follows need not.
    let mut world = server(json!({"adaptive-lease-time-threshold": 0.1, "offer-lifetime": 60, "subnet4": [
        {"id": 1, "subnet": "192.0.2.0/24", "pools": pool(2), "allocator": "flq"},
    ]}));
    let client = Client::new(1);
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.number(OptionCode::LEASE_TIME), Some(4000));
    let ack = world.send(&client.select(&offer), Via::BROADCAST).unwrap();
    assert_eq!(ack.number(OptionCode::LEASE_TIME), Some(100));
}

/// A freed address is the last to be given again by a queue, whoever asks.
#[test]
fn a_queue_gives_what_was_freed_last_of_all() {
    let mut world = server(json!({"expired-leases-processing": {"hold-reclaimed-time": 0}, "subnet4": [
        {"id": 1, "subnet": "192.0.2.0/24", "pools": pool(20), "allocator": "flq"},
    ]}));
    let client = Client::new(1);
    let freed = world.lease(&client).unwrap();
    world.send(&client.release(freed, kotare_testkit::SERVER), Via::unicast(freed));
    let others = given(&mut world, 100..120);
    assert_eq!(others.last(), Some(&freed.octets()[3]));
}
