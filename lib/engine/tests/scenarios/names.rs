//! How clients are called: which level says how, what their leases say, and what they are told.

use std::net::Ipv4Addr;

use kotare_model::{Lease4, LeaseState};
use kotare_store::{By4, LeaseStore};
use kotare_testkit::{Client, SERVER, Via, World, address, configured, run};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

fn lease(world: &World, at: Ipv4Addr) -> Lease4 {
    run(world.store.get(By4::Address(at))).unwrap().first().cloned().expect("a lease")
}

/// A client gets a lease of this address, and says this name; the name it is told, and the one in the lease.
fn named(world: &mut World, number: u32, wish: &str, name: Option<&[u8]>) -> (String, String) {
    let client = Client::new(number);
    let wish = address(wish);
    let request = client.request().address(OptionCode::SERVER_IDENTIFIER, SERVER);
    let mut request = request.address(OptionCode::REQUESTED_ADDRESS, wish);
    if let Some(name) = name {
        request = request.option(OptionCode::HOST_NAME, name);
    }
    let answer = world.send(&request, Via::BROADCAST).expect("an answer");
    assert_eq!(answer.yiaddr(), wish);
    let told = answer.option(OptionCode::HOST_NAME).unwrap_or_default();
    (String::from_utf8(told).unwrap(), lease(world, wish).hostname.to_string())
}

fn both(name: &str) -> (String, String) {
    (name.to_owned(), name.to_owned())
}

/// The innermost of pool, subnet, shared network and global scope that says anything holds, also when a client gets its
/// address in another subnet of the network than the one that was selected first.
#[test]
fn every_level_may_say_how_names_are_made() {
    let mut world = World::new(configured(&json!({
        "ddns-qualifying-suffix": "global",
        "subnet4": [{"id": 9, "subnet": "10.0.0.0/8", "pools": [{"pool": "10.0.0.0/24"}]}],
        "shared-networks": [{
            "name": "floor", "ddns-qualifying-suffix": "network",
            "subnet4": [
                {"id": 1, "subnet": "192.0.2.0/24", "pools": [
                    {"pool": "192.0.2.100 - 192.0.2.109"},
                    {"pool": "192.0.2.110 - 192.0.2.119", "ddns-generated-prefix": "pool",
                     "ddns-replace-client-name": "always"},
                ]},
                {"id": 2, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.0/24"}],
                 "ddns-qualifying-suffix": "subnet", "hostname-char-set": "[0-9]",
                 "hostname-char-replacement": "n"},
            ],
        }],
    })));
    assert_eq!(named(&mut world, 1, "192.0.2.100", Some(b"one")), both("one.network"));
    assert_eq!(named(&mut world, 2, "192.0.2.110", Some(b"two")), both("pool-192-0-2-110.network"));
    assert_eq!(named(&mut world, 3, "192.0.2.111", None), both("pool-192-0-2-111.network"));
    assert_eq!(named(&mut world, 4, "198.51.100.7", Some(b"pc4")), both("pcn.subnet"));
    assert_eq!(named(&mut world, 5, "192.0.2.101", None), both(""));
}

/// A renewal under another name writes the lease, also where leases are cached.
#[test]
fn a_new_name_is_kept() {
    let mut world = World::new(configured(&json!({
        "cache-max-age": 1000,
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]}],
    })));
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.pass(1);
    let renew = |name: &[u8]| client.renew(leased).option(OptionCode::HOST_NAME, name);
    world.send(&renew(b"first"), Via::unicast(leased)).unwrap();
    assert_eq!(
        (lease(&world, leased).hostname.to_string(), lease(&world, leased).cltt),
        ("first".into(), world.now)
    );
    world.pass(1);
    world.send(&renew(b"first"), Via::unicast(leased)).unwrap();
    assert_ne!(lease(&world, leased).cltt, world.now);
}

fn updating(more: Value) -> World {
    let mut dhcp4 = json!({
        "dhcp-ddns": {"enable-updates": true},
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]}],
    });
    dhcp4.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    World::new(configured(&dhcp4))
}

/// What the lease says of DNS is what the client is told: the entries of its name and of its address, none for an offer
/// that is kept.
#[test]
fn leases_say_what_is_updated() {
    let flags = |world: &World, at: Ipv4Addr| (lease(world, at).fqdn_fwd, lease(world, at).fqdn_rev);
    let mut world = updating(json!({"offer-lifetime": 60}));
    let client = Client::new(1);
    let dress = |message: kotare_testkit::Message| message.option(OptionCode::FQDN, b"\x01\0\0pc");
    let offer = world.send(&dress(client.discover()), Via::BROADCAST).unwrap();
    assert_eq!(offer.option(OptionCode::FQDN).unwrap(), b"\x01\0\0pc.");
    assert_eq!(flags(&world, offer.yiaddr()), (false, false));
    world.send(&dress(client.select(&offer)), Via::BROADCAST).unwrap();
    assert_eq!(flags(&world, offer.yiaddr()), (true, true));
    // The client updates its name itself.
    let renewal = client.renew(offer.yiaddr()).option(OptionCode::FQDN, b"\0\0\0pc");
    world.send(&renewal, Via::unicast(offer.yiaddr())).unwrap();
    assert_eq!(flags(&world, offer.yiaddr()), (false, true));
    // Reclaimed, it has no name any more.
    world.pass(100_000);
    world.reclaim();
    let reclaimed = lease(&world, offer.yiaddr());
    assert_eq!((reclaimed.state, reclaimed.hostname.len()), (LeaseState::ExpiredReclaimed, 0));
    assert_eq!(flags(&world, offer.yiaddr()), (false, false));

    let mut world = updating(json!({"ddns-send-updates": false}));
    let leased = world.lease(&client).unwrap();
    world.send(&dress(client.renew(leased)), Via::unicast(leased)).unwrap();
    assert_eq!(flags(&world, leased), (false, false));
}
