//! Our server and Debian's kea-dhcp-ddns 2.2 get the same requests; the zones are compared record by record after each.
//!
//! Kea 2.2 knows two of the four ways to resolve conflicts. Where a name keeps an address, it fails before it has taken the
//! name from the address that goes, which later versions and ours do: that one record is not compared then.

use std::collections::{BTreeMap, BTreeSet};

use kotare_ddns::{Change, ChangeRequest, ConflictResolution};
use kotare_tests::tell;
use kotare_tests::world::{Host, World, eventually};

use crate::bind::Bind;
use crate::daemon::{Ddns, request};
use crate::{CHECK, OPEN, open, with_bind};

/// What the zones have of a name or an address: a question and the records of its answer.
type Records = BTreeMap<String, Vec<String>>;

const NAMES: [&str; 3] = ["host.example.com.", "Other.example.com.", "fixed.example.com."];

const ADDRESSES: [&str; 5] = ["192.0.2.10", "192.0.2.11", "192.0.2.12", "192.0.2.13", "2001:db8::10"];

/// A client with both families that moves; another one that wants its name and takes away what is not its own; a name that
/// the administrator gave.
fn requests(way: ConflictResolution) -> Vec<ChangeRequest> {
    use Change::{Add, Remove};
    let [host, other, fixed] = NAMES;
    let steps = [
        (Add, 1, host, "192.0.2.10"),
        (Add, 1, host, "2001:db8::10"),
        (Add, 1, host, "192.0.2.10"),
        (Add, 2, host, "192.0.2.11"),
        (Add, 1, host, "192.0.2.12"),
        (Remove, 2, host, "192.0.2.12"),
        (Add, 3, other, "192.0.2.13"),
        (Add, 3, fixed, "192.0.2.13"),
        (Remove, 3, fixed, "192.0.2.13"),
        (Remove, 3, other, "192.0.2.13"),
        (Remove, 1, host, "192.0.2.10"),
        (Remove, 1, host, "2001:db8::10"),
        (Remove, 1, host, "2001:db8::10"),
    ];
    steps.map(|(change, client, name, address)| request(change, client, name, address, way)).into()
}

/// The zones after each of the requests.
fn zones(bind: &Bind, ddns: &Ddns, way: ConflictResolution) -> Vec<Records> {
    let asked = requests(way).into_iter().map(|request| {
        let before = ddns.ended();
        ddns.ask(&request);
        eventually("the request is carried out", || (ddns.ended() > before).then_some(()));
        let of_names = NAMES.into_iter().flat_map(|name| {
            ["A", "AAAA", "DHCID"].map(|kind| (format!("{name} {kind}"), bind.dig(&[name, kind])))
        });
        let of_addresses = ADDRESSES.map(|address| (address.to_owned(), bind.dig(&["-x", address])));
        of_names.chain(of_addresses).collect()
    });
    asked.collect()
}

fn with_each(world: &World, host: &Host, way: ConflictResolution) -> Option<[Vec<Records>; 2]> {
    let bind = Bind::start(world, host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
    let ours = zones(&bind, &Ddns::kotare(world, host, open()), way);
    drop(bind);
    let _ = std::fs::remove_dir_all(world.path("ddns"));
    let bind = Bind::start(world, host, "127.0.0.1", &[], &OPEN).expect("BIND is unpacked");
    let theirs = zones(&bind, &Ddns::kea(world, host, open())?, way);
    let _ = std::fs::remove_dir_all(world.path("ddns"));
    Some([ours, theirs])
}

#[test]
fn the_same_requests_make_the_same_zones() {
    with_bind("differential::the_same_requests_make_the_same_zones", |world| {
        let host = world.host("dns");
        for way in [CHECK, ConflictResolution::NoCheckWithDhcid] {
            let Some([ours, theirs]) = with_each(world, &host, way) else {
                return tell("skipped: Debian's kea-dhcp-ddns is not unpacked");
            };
            let mut left = BTreeSet::new();
            for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
                let request = &requests(way)[index];
                let kept = ["A", "AAAA"].map(|kind| ours[&format!("{} {kind}", request.fqdn)].len());
                let address = request.address.to_string();
                if request.change == Change::Remove && way == CHECK && kept != [0, 0] {
                    left.insert(address);
                } else {
                    left.remove(&address);
                }
                for (question, records) in ours.iter().filter(|(question, _)| !left.contains(*question)) {
                    assert_eq!(Some(records), theirs.get(question), "{question} after {index}: {request}");
                }
            }
        }
    });
}
