//! Which options a client gets.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{Option4, Options4};
use kotare_engine::v4::ReplyKind::{Ack, Offer};
use kotare_testkit::{Client, Config, Subnet, Via, World, address, option};
use kotare_wire::v4::OptionCode;

fn offer(config: Config, wants: &[u8]) -> kotare_testkit::Answer {
    let mut client = Client::new(1);
    client.wants = wants.to_vec();
    World::new(config.build()).send(&client.discover(), Via::BROADCAST).unwrap()
}

/// Options of pool over subnet over global; by code on the wire; only what is asked for, and what Kea always sends
/// (routers, DNS servers, domain name).
#[test]
fn the_most_specific_level_wins() {
    let config = || {
        let subnet = Subnet::new(1, "192.0.2.0/24")
            .option(option(42, b"subn"))
            .option(option(44, b"subn"))
            .pool_with("192.0.2.100", "192.0.2.199", 5, vec![option(44, b"pool")]);
        Config::new()
            .subnet(subnet)
            .option(option(42, b"glob"))
            .option(option(3, b"glob"))
            .option(option(69, b"glob"))
    };
    let all = offer(config(), &[69, 44, 42]);
    assert_eq!(all.codes(), [53, 1, 3, 42, 44, 51, 54, 69]);
    assert_eq!(all.option(OptionCode::NTP_SERVERS).unwrap(), b"subn");
    assert_eq!(all.option(OptionCode(44)).unwrap(), b"pool");
    assert_eq!(offer(config(), &[]).codes(), [53, 1, 3, 51, 54]);
}

/// Between subnet and server stands the shared network, for those of its subnets that do not have the option; the
/// flags of every level hold, wherever the value comes from.
#[test]
fn a_shared_network_is_a_level() {
    let always = Option4 { always_send: true, ..option(42, b"netw") };
    let never = Option4 { never_send: true, ..option(69, b"netw") };
    let network = Options4::new(vec![always, never, option(44, b"netw"), option(45, b"netw")]);
    let config = |subnet: Subnet| {
        let config = Config::new().subnet(subnet.network("floor"));
        let config = config.with(|config| Arc::make_mut(&mut config.networks)[0].options = network.clone());
        config.option(option(45, b"glob")).option(option(69, b"glob")).option(option(70, b"glob"))
    };
    let subnet = || Subnet::new(1, "192.0.2.0/24").option(option(44, b"subn"));
    let in_pool = config(subnet().pool_with("192.0.2.100", "192.0.2.199", 5, vec![option(42, b"pool")]));
    let with_pool = offer(in_pool, &[44, 45, 69, 70]);
    assert_eq!(with_pool.codes(), [53, 1, 42, 44, 45, 51, 54, 70]);
    let values = [42, 44, 45, 70].map(|code| with_pool.option(OptionCode(code)).unwrap());
    assert_eq!(values, [*b"pool", *b"subn", *b"netw", *b"glob"]);
    // A client that gets no address gets the subnet's options.
    let mut client = Client::new(1);
    client.wants = vec![42, 44];
    let mut world = World::new(config(subnet()).build());
    let told = world.send(&client.inform(address("192.0.2.7")), Via::unicast(address("192.0.2.7"))).unwrap();
    assert_eq!((told.kind, told.codes()), (Ack, vec![53, 42, 44, 54]));
    assert_eq!(told.option(OptionCode(42)).unwrap(), b"netw");
}

/// `always-send` and `never-send`.
#[test]
fn flags_send_and_withhold() {
    let always = Option4 { always_send: true, ..option(42, b"addr") };
    let never = Option4 { never_send: true, ..option(6, b"addr") };
    let codes = offer(Config::usual().option(always).option(never), &[6]).codes();
    assert_eq!(codes, [53, 1, 3, 15, 42, 51, 54]);
}

/// A configured server identifier is the one sent, and the one that clients may name.
#[test]
fn a_configured_server_identifier_is_used() {
    let name = address("203.0.113.53");
    let mut world = World::new(Config::usual().option(option(54, &name.octets())).build());
    let offer = world.send(&Client::new(1).discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.option(OptionCode::SERVER_IDENTIFIER).unwrap(), name.octets());
    assert_eq!(world.send(&Client::new(1).select(&offer), Via::BROADCAST).unwrap().kind, Ack);
}

/// RFC 6842: the client identifier is given back, unless `echo-client-id` is off.
#[test]
fn the_client_identifier_is_given_back() {
    for echo in [true, false] {
        let mut world = World::new(Config::usual().with(|config| config.echo_client_id = echo).build());
        let client = Client::new(1).with_id(b"\x01abc");
        let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
        assert_eq!(offer.option(OptionCode::CLIENT_IDENTIFIER), echo.then(|| b"\x01abc".to_vec()));
    }
}

/// `next-server`, `server-hostname` and `boot-file-name` fill `siaddr`, `sname` and `file`.
#[test]
fn boot_fields_are_filled() {
    let subnet = Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.199").with(|params| {
        params.next_server = address("192.0.2.44");
        params.server_hostname = "boot.example.org".into();
        params.boot_file_name = "/pxe/0".into();
    });
    let offer = offer(Config::new().subnet(subnet), &[]);
    let view = offer.view();
    assert_eq!(view.siaddr(), address("192.0.2.44"));
    assert!(view.sname().starts_with(b"boot.example.org\0") && view.file().starts_with(b"/pxe/0\0"));
}

/// RFC 8925 §3.3: a client that can do without IPv4 gets option 108 and no address, where the subnet has it.
#[test]
fn ipv6_only_clients_get_no_address() {
    let config = || {
        let subnet = Subnet::new(1, "192.0.2.0/24")
            .pool("192.0.2.100", "192.0.2.199")
            .option(option(108, &[0, 0, 7, 8]));
        Config::new().subnet(subnet)
    };
    let mut world = World::new(config().build());
    let mut client = Client::new(1);
    client.wants.push(108);
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!((offer.kind, offer.yiaddr()), (Offer, Ipv4Addr::UNSPECIFIED));
    assert_eq!(offer.number(OptionCode::V6_ONLY_PREFERRED), Some(1800));
    assert_eq!(*offer.departure.destination.ip(), Ipv4Addr::BROADCAST);
    assert_eq!(offer.option(OptionCode::LEASE_TIME), None);
    assert!(world.store.all().is_empty());
    client.wants.pop();
    assert!(world.lease(&client).is_some());
    // Configured for everybody, it is an option like any other.
    let mut world = World::new(Config::usual().option(option(108, &[0, 0, 7, 8])).build());
    client.wants.push(108);
    assert!(!world.send(&client.discover(), Via::BROADCAST).unwrap().yiaddr().is_unspecified());
}

/// RFC 8925 §3.3 on a link of several subnets: any of them says it for all, the network when none does, and a subnet can
/// say no to that.
#[test]
fn ipv6_only_holds_for_the_whole_link() {
    let subnet = |id: u32, prefix: &str, value: Option<Option4>| {
        let subnet = Subnet::new(id, prefix)
            .network("lan")
            .pool(&prefix.replace("0/24", "100"), &prefix.replace("0/24", "109"));
        value.into_iter().fold(subnet, Subnet::option)
    };
    let seconds = |value: u8| option(108, &[0, 0, 7, value]);
    let never = || Option4 { never_send: true, ..seconds(1) };
    // Of the first subnet, its siblings and the network; what the client is told, or else it gets an address.
    for (own, sibling, network, told) in [
        (None, Some(seconds(2)), None, Some(0x702)),
        (Some(seconds(1)), Some(seconds(2)), Some(seconds(3)), Some(0x701)),
        (None, None, Some(seconds(3)), Some(0x703)),
        (None, None, None, None),
        (Some(never()), None, Some(seconds(3)), None),
        (None, Some(never()), None, None),
        (Some(never()), Some(seconds(2)), None, Some(0x702)),
    ] {
        let config = Config::new()
            .subnet(subnet(1, "192.0.2.0/24", own.clone()))
            .subnet(subnet(2, "198.51.100.0/24", None))
            .subnet(subnet(3, "203.0.113.0/24", sibling.clone()))
            .with(|config| {
                Arc::make_mut(&mut config.networks)[0].options =
                    Options4::new(network.clone().into_iter().collect())
            });
        let mut world = World::new(config.build());
        let mut client = Client::new(1);
        client.wants.push(108);
        for message in [client.discover(), client.request()] {
            let reply = world.send(&message, Via::BROADCAST).unwrap();
            assert_eq!(reply.yiaddr().is_unspecified(), told.is_some(), "{own:?} {sibling:?} {network:?}");
            assert_eq!(reply.number(OptionCode::V6_ONLY_PREFERRED), told);
        }
    }
}

/// An option over 255 bytes is split (RFC 3396).
#[test]
fn big_options_are_split() {
    let big = vec![7; 600];
    let offer = offer(Config::usual().option(option(43, &big)), &[43]);
    assert_eq!(offer.option(OptionCode(43)).unwrap(), big);
}
