//! Which subnet a client is on (manual, "Subnet Selection", "DHCPv6 Relays").

use kotare_testkit::v6::{Client, Relay, configured};
use kotare_wire::v6::OptionCode;
use serde_json::json;

use crate::world::{World, address, through};

fn world() -> World {
    World::new(configured(&json!({
        "client-classes": [{"name": "modems", "test": "substring(option[1].hex,0,2) == 0x0004"}],
        "subnet6": [
            {"id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0"},
            {"id": 2, "subnet": "2001:db8:2::/64"},
            {"id": 3, "subnet": "2001:db8:3::/64", "relay": {"ip-addresses": ["2001:db8:9::1"]}},
            {"id": 4, "subnet": "2001:db8:4::/64", "interface-id": "port-4"},
            {"id": 5, "subnet": "2001:db8:5::/64", "client-classes": ["modems"]},
        ],
    })))
}

fn relay(link: &str) -> Relay {
    Relay::new(address(link), address("fe80::7"))
}

/// Who comes without a relay agent is on the subnet of the interface, whatever its address is.
#[test]
fn the_interface_says_where_a_neighbour_is() {
    let solicit = Client::new(7).solicit().bytes();
    assert_eq!(world().subnet(&solicit), Some(1));
    let world = World { source: address("2001:db8:2::9"), ..world() };
    assert_eq!(world.subnet(&solicit), Some(1));
}

/// Where no subnet is bound to the interface, the client's own address says it.
#[test]
fn the_source_says_where_a_neighbour_is_else() {
    let config = configured(&json!({"subnet6": [{"id": 2, "subnet": "2001:db8:2::/64"}]}));
    let world = World { source: address("2001:db8:2::9"), ..World::new(config.clone()) };
    let solicit = Client::new(7).solicit().bytes();
    assert_eq!(world.subnet(&solicit), Some(2));
    assert_eq!(World::new(config).subnet(&solicit), None);
}

/// The relay agent nearest to the client says where that is: its link is within a subnet, or named by one. An agent that
/// names no link, or one that says nothing, leaves it to the next.
#[test]
fn the_nearest_relay_agent_says_where_a_client_is() {
    let (world, solicit) = (world(), Client::new(7).solicit().bytes());
    let subnet = |relays: &[&str]| {
        let relays: Vec<_> = relays.iter().map(|link| relay(link)).collect();
        world.subnet(&through(&solicit, &relays))
    };
    assert_eq!(subnet(&["2001:db8:2::1"]), Some(2));
    assert_eq!(subnet(&["2001:db8:9::1"]), Some(3));
    assert_eq!(subnet(&["2001:db8:2::1", "2001:db8:9::1"]), Some(2));
    assert_eq!(subnet(&["::", "fe80::9", "2001:db8:9::1"]), Some(3));
    assert_eq!(subnet(&["2001:db8:77::1", "2001:db8:2::1"]), None);
    // Without any address it is as if there were no relay agent.
    assert_eq!(subnet(&["::"]), Some(1));
}

/// What the relay agent nearest to the client calls its port goes before its address; other agents' ports say nothing.
#[test]
fn interface_ids_go_before_addresses() {
    let (world, solicit) = (world(), Client::new(7).solicit().bytes());
    let at_port = |link: &str, port: &[u8]| relay(link).option(OptionCode::INTERFACE_ID, port);
    assert_eq!(world.subnet(&through(&solicit, &[at_port("2001:db8:2::1", b"port-4")])), Some(4));
    assert_eq!(world.subnet(&through(&solicit, &[at_port("::", b"port-4")])), Some(4));
    assert_eq!(world.subnet(&through(&solicit, &[at_port("2001:db8:2::1", b"port-5")])), Some(2));
    assert_eq!(world.subnet(&through(&solicit, &[at_port("::", b"port-5")])), None);
    let chain = [relay("2001:db8:2::1"), at_port("2001:db8:9::1", b"port-4")];
    assert_eq!(world.subnet(&through(&solicit, &chain)), Some(2));
}

/// A subnet that is for some classes only is not there for others.
#[test]
fn classes_open_and_close_subnets() {
    let world = world();
    let solicit =
        |duid: &[u8]| through(&Client::new(7).with_duid(duid).solicit().bytes(), &[relay("2001:db8:5::1")]);
    assert_eq!(world.subnet(&solicit(&[0, 4, 1, 2])), Some(5));
    assert_eq!(world.subnet(&solicit(&[0, 3, 1, 2])), None);
}
