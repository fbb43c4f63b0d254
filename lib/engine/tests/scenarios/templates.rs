//! What the manual promises of its configuration templates, told by a network of our own (chapter "Configuration
//! Templates").

use kotare_testkit::{Client, Via, World, address, configured};
use kotare_wire::v4::OptionCode;
use serde_json::json;

const HOME: &str = "10.11.12.";

/// A small network at home: what is new gets an address of the pool, what is known the one reserved for it outside of the
/// pool; everybody learns of the router and the resolvers, and comes back after half the time.
fn home() -> World {
    World::new(configured(&json!({
        "valid-lifetime": 43_200, "renew-timer": 21_600, "rebind-timer": 32_400,
        "expired-leases-processing": {
            "reclaim-timer-wait-time": 3600, "hold-reclaimed-time": 172_800,
            "max-reclaim-leases": 0, "max-reclaim-time": 0
        },
        "multi-threading": {"enable-multi-threading": false},
        "hooks-libraries": [{"library": "libdhcp_lease_cmds.so"}],
        "subnet4": [{
            "id": 1, "subnet": format!("{HOME}0/24"),
            "pools": [{"pool": format!("{HOME}100 - {HOME}199")}],
            "option-data": [
                {"name": "routers", "data": format!("{HOME}1")},
                {"name": "domain-name-servers", "data": format!("{HOME}2, {HOME}3")}
            ],
            "reservations": [
                {"hw-address": "02:00:00:00:00:09", "ip-address": format!("{HOME}10")},
                {"client-id": "01:11:22:33", "ip-address": format!("{HOME}11")}
            ]
        }]
    })))
}

/// A device on the network.
fn here() -> Via {
    Via::relay(address(&format!("{HOME}1")))
}

#[test]
fn a_home_network_gives_what_was_planned() {
    let mut world = home();
    let client = Client::new(1);
    let offer = world.send(&client.discover(), here()).expect("an offer");
    let ack = world.send(&client.select(&offer), here()).expect("an acknowledgement");
    let host = ack.yiaddr().octets()[3];
    assert!((100..=199).contains(&host), "{}", ack.yiaddr());
    assert_eq!(ack.option(OptionCode::ROUTERS), Some(vec![10, 11, 12, 1]));
    assert_eq!(ack.option(OptionCode::DOMAIN_NAME_SERVERS), Some(vec![10, 11, 12, 2, 10, 11, 12, 3]));
    let times = [OptionCode::LEASE_TIME, OptionCode::RENEWAL_TIME, OptionCode::REBINDING_TIME];
    assert_eq!(times.map(|code| ack.number(code)), [Some(43_200), Some(21_600), Some(32_400)]);
    // Whoever comes back within the two days that an expired lease is kept gets the same again.
    world.pass(43_200 + 3600);
    world.reclaim();
    let again = world.send(&client.discover(), here()).expect("an offer");
    assert_eq!(again.yiaddr(), ack.yiaddr());
}

#[test]
fn a_home_network_knows_its_devices() {
    let mut world = home();
    for (client, host) in [(Client::new(9), 10), (Client::new(7).with_id(&[1, 0x11, 0x22, 0x33]), 11)] {
        let offer = world.send(&client.discover(), here()).expect("an offer");
        assert_eq!(offer.yiaddr().octets()[3], host);
        let ack = world.send(&client.select(&offer), here()).expect("an acknowledgement");
        assert_eq!(ack.yiaddr(), offer.yiaddr());
    }
}
