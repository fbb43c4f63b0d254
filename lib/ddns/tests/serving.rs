//! The queue and the zones: which request comes when, and who is asked for it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use kotare_ddns::{
    Change, ChangeRequest, ConflictResolution, Dhcid, Full, Kept, Name, Queue, Ticket, Zone, Zones,
};
use proptest::prelude::*;

fn request(name: &str, address: &str) -> ChangeRequest {
    ChangeRequest {
        change: Change::Add,
        forward: true,
        reverse: true,
        fqdn: name.parse().expect("a name"),
        address: address.parse().expect("an address"),
        dhcid: Dhcid::of_bytes(&[1]).expect("data"),
        lease_length: 1,
        conflict_resolution: ConflictResolution::default(),
    }
}

fn kept(number: u64, request: ChangeRequest) -> Kept {
    Kept { number, since: 0, request: request.into() }
}

fn take(queue: &mut Queue) -> Option<(Ticket, ChangeRequest)> {
    queue.take(Duration::ZERO).map(|(ticket, kept)| (ticket, Arc::unwrap_or_clone(kept.request)))
}

#[test]
fn a_name_and_an_address_change_in_order() {
    let mut queue = Queue::new(5);
    let asked =
        [("a.b", "10.0.0.1"), ("A.B", "10.0.0.2"), ("c.b", "10.0.0.2"), ("d.b", "10.0.0.3"), ("a.b", "::1")];
    for ((name, address), number) in asked.into_iter().zip(1..) {
        queue.push(kept(number, request(name, address))).expect("room");
    }
    assert_eq!(queue.push(kept(6, request("e.b", "::2"))), Err(Full));
    let (first, taken) = take(&mut queue).expect("the first");
    assert_eq!(taken.address.to_string(), "10.0.0.1");
    // The second waits for its name, the third behind it for its address.
    let (fourth, taken) = take(&mut queue).expect("the fourth");
    assert_eq!(taken.fqdn.to_string(), "d.b.");
    assert!(take(&mut queue).is_none());
    queue.done(first);
    let (second, taken) = take(&mut queue).expect("the second");
    assert_eq!(taken.address.to_string(), "10.0.0.2");
    assert!(take(&mut queue).is_none());
    queue.done(second);
    assert_eq!(take(&mut queue).expect("the third").1.fqdn.to_string(), "c.b.");
    assert_eq!(take(&mut queue).expect("the fifth").1.address.to_string(), "::1");
    queue.done(fourth);
    assert_eq!((queue.len(), queue.under_way()), (0, 2));
}

/// What is postponed holds up its name and its address and nothing else, is tried again after pauses that grow, and comes
/// in turn with what is new.
#[test]
fn what_is_postponed_comes_again() {
    let mut queue = Queue::new(9);
    let requests = [("a.b", "10.0.0.1"), ("a.b", "10.0.0.2"), ("c.b", "10.0.0.3"), ("d.b", "10.0.0.4")];
    for ((name, address), number) in requests.into_iter().zip(1..) {
        queue.push(kept(number, request(name, address))).expect("room");
    }
    let mut now = Duration::from_secs(1000);
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        let (ticket, first) = queue.take(now).expect("the first");
        assert_eq!(first.number, 1);
        assert_eq!(queue.postpone(ticket, now), Duration::from_secs(pause));
        now += Duration::from_secs(pause);
        assert_eq!(queue.next_at(), Some(now));
        if pause == 1 {
            let (third, kept) = queue.take(now - Duration::from_millis(1)).expect("the third");
            assert_eq!((kept.number, queue.done(third)), (3, 3));
        }
        if pause == 2 {
            // One that was postponed came last.
            let (fourth, kept) = queue.take(now).expect("the fourth");
            assert_eq!((kept.number, queue.done(fourth)), (4, 4));
        }
    }
    assert!(!queue.is_ready() && queue.len() == 2);
    let (first, _) = queue.take(now).expect("the first");
    queue.done(first);
    assert_eq!(queue.take(now).expect("the second").1.number, 2);
    assert_eq!(queue.next_at(), None);
}

proptest! {
    /// Whatever is asked for and however long it takes: all of it comes, and of one name or one address in order.
    #[test]
    fn order_is_kept_and_nothing_lost(
        asked in prop::collection::vec((0u8..4, 0u8..4), 0..30),
        ends in prop::collection::vec(any::<prop::sample::Index>(), 30),
    ) {
        let mut queue = Queue::new(30);
        for (number, (name, address)) in asked.iter().enumerate() {
            let mut request = request(&format!("n{name}.x"), &format!("10.0.0.{address}"));
            request.lease_length = number as u32;
            queue.push(kept(number as u64, request)).expect("room");
        }
        let mut under_way = Vec::new();
        let mut came = Vec::new();
        let mut ends = ends.into_iter();
        while !queue.is_empty() || !under_way.is_empty() {
            while let Some((ticket, request)) = take(&mut queue) {
                came.push(request);
                under_way.push(ticket);
            }
            prop_assert!(!under_way.is_empty());
            let end = ends.next().map_or(0, |end| end.index(under_way.len()));
            queue.done(under_way.swap_remove(end));
        }
        prop_assert_eq!(came.len(), asked.len());
        for (index, later) in came.iter().enumerate() {
            for earlier in &came[..index] {
                let related = earlier.fqdn == later.fqdn || earlier.address == later.address;
                prop_assert!(!related || earlier.lease_length < later.lease_length);
            }
        }
    }

    /// The zone that is found is the longest that the name is in.
    #[test]
    fn the_longest_zone_is_found(
        zones in prop::collection::btree_set(prop::collection::vec("[ab]", 1..4), 0..6),
        name in prop::collection::vec("[abAB]", 1..6),
    ) {
        let all: Vec<Name> = zones.iter().map(|labels| labels.join(".").parse().expect("a name")).collect();
        let name: Name = name.join(".").parse().expect("a name");
        let zone = |name: &Name| Zone { name: name.clone(), servers: Vec::new() };
        let zones = Zones::new(all.iter().map(zone), []);
        let longest = all.iter().filter(|zone| name.is_in(zone)).max_by_key(|zone| zone.labels());
        prop_assert_eq!(zones.forward(&name).map(|zone| &zone.name), longest);
    }
}

#[test]
fn requests_go_to_their_zones() {
    let zone = |name: &str| Zone { name: name.parse().expect("a name"), servers: Vec::new() };
    let zones = Zones::new([zone("example.com"), zone("sample.example.com.")], [zone("16.172.in-addr.arpa")]);
    let found = |name: &str| zones.forward(&name.parse().expect("a name")).map(|zone| zone.name.to_string());
    assert_eq!(found("myhost.SAMPLE.example.com").as_deref(), Some("sample.example.com."));
    assert_eq!(found("my-sample.example.com").as_deref(), Some("example.com."));
    assert_eq!(found("bogus.net"), None);
    assert!(zones.place(request("a.example.com", "172.16.1.40")).is_ok());
    assert!(zones.place(request("a.example.com", "192.168.1.50")).is_err());
    assert!(zones.place(request("bogus.net", "172.16.1.40")).is_err());
    // A direction without any zone is left out, and nothing is left without both.
    let forward = Zones::new([zone("*"), zone("org")], []);
    let placed = forward.place(request("bogus.net", "::1")).expect("the zone of all others");
    assert!(placed.request().forward && !placed.request().reverse);
    assert!(Zones::default().place(request("bogus.net", "::1")).is_err());
    let address: IpAddr = "172.16.1.40".parse().expect("an address");
    assert!(zones.reverse(&Name::reverse(address)).is_some());
}
