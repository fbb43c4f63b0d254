//! Which subnet a client is on, and which way the answer goes.

use std::net::Ipv4Addr;

use kotare_config::v4::{OutboundInterface, SocketType};
use kotare_engine::v4::ReplyKind::Ack;
use kotare_engine::v4::select::{NoSubnet, Selector, select};
use kotare_engine::v4::{Ports, Server};
use kotare_testkit::{Client, Config, SERVER, Subnet, Via, World, address, relayed};
use kotare_wire::v4::OptionCode;

fn three() -> Config {
    Config::new()
        .subnet(Subnet::new(1, "192.0.2.0/24").pool("192.0.2.100", "192.0.2.199"))
        .subnet(Subnet::new(2, "10.1.0.0/16").pool("10.1.0.10", "10.1.0.99").relay("192.0.2.77"))
        .subnet(Subnet::new(3, "10.2.0.0/16").pool("10.2.0.10", "10.2.0.99").interface("eth3"))
}

/// The order of Kea's manual, "How the DHCPv4 Server Selects a Subnet for the Client": link selection, the relay's
/// address as configured, the relay's address in a prefix, `ciaddr`, the source, the interface, its address.
#[test]
fn the_first_thing_known_selects() {
    let config = three().build();
    let select = |by: Selector<'_>| select(&config, &by).map(|at| config[at].id.0);
    let (one, two, three) = (address("192.0.2.5"), address("10.1.0.5"), address("10.2.0.5"));
    let all = Selector {
        link: one,
        relay: two,
        client: three,
        source: three,
        broadcast: false,
        interface: "eth3",
        local: three,
        ..Selector::UNKNOWN
    };
    assert_eq!(select(all), Ok(1));
    assert_eq!(
        select(Selector { link: address("203.0.113.1"), ..all }),
        Err(NoSubnet::ForAddress(address("203.0.113.1")))
    );
    let all = Selector { link: Ipv4Addr::UNSPECIFIED, ..all };
    assert_eq!(select(all), Ok(2));
    // The address named as relay of subnet 2 lies in subnet 1.
    assert_eq!(select(Selector { relay: address("192.0.2.77"), ..all }), Ok(2));
    assert_eq!(
        select(Selector { relay: address("203.0.113.1"), ..all }),
        Err(NoSubnet::ForAddress(address("203.0.113.1")))
    );
    let direct = Selector { relay: Ipv4Addr::UNSPECIFIED, client: two, ..all };
    assert_eq!(select(direct), Ok(2));
    assert_eq!(select(Selector { client: Ipv4Addr::UNSPECIFIED, source: one, ..direct }), Ok(1));
    // A broadcast message is from the link it came in on, whatever it says of addresses.
    let broadcast = Selector { broadcast: true, ..direct };
    assert_eq!(select(broadcast), Ok(3));
    assert_eq!(select(Selector { interface: "eth0", local: one, ..broadcast }), Ok(1));
    assert_eq!(
        select(Selector { interface: "eth0", local: address("203.0.113.1"), ..broadcast }),
        Err(NoSubnet::ForAddress(address("203.0.113.1")))
    );
    assert_eq!(select(Selector::UNKNOWN), Err(NoSubnet::NothingToGoBy));
}

/// Relay agent link selection (RFC 3527) and the subnet selection option (RFC 3011, given back) choose the subnet.
#[test]
fn a_link_can_be_named() {
    let mut world = World::new(three().build());
    let relay = address("192.0.2.1");
    let agent = [5, 4, 10, 2, 0, 0];
    let offer = world.send(&relayed(Client::new(1).discover(), relay, &agent), Via::relay(relay)).unwrap();
    assert_eq!(offer.yiaddr(), address("10.2.0.10"));
    let named = Client::new(2).discover().address(OptionCode::SUBNET_SELECTION, address("10.1.0.0"));
    let offer = world.send(&named, Via::BROADCAST).unwrap();
    assert_eq!(offer.yiaddr(), address("10.1.0.10"));
    assert_eq!(offer.option(OptionCode::SUBNET_SELECTION), Some(vec![10, 1, 0, 0]));
    // `ignore-rai-link-selection`
    let config = three().with(|config| config.compatibility.ignore_rai_link_selection = true);
    let mut world = World::new(config.build());
    let offer = world.send(&relayed(Client::new(1).discover(), relay, &agent), Via::relay(relay)).unwrap();
    assert_eq!(offer.yiaddr(), address("192.0.2.100"));
}

/// RFC 2131 §4.1: where offers and acknowledgements go to clients on the link.
#[test]
fn clients_on_the_link_are_reached() {
    let mut world = World::new(Config::usual().build());
    let mut client = Client::new(1);
    // No broadcast flag: unicast to the new address, with the client's hardware address, as nobody answers ARP for it.
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.departure.destination.to_string(), format!("{}:68", offer.yiaddr()));
    assert_eq!(offer.departure.destination_mac.unwrap()[..], client.hwaddr);
    assert_eq!((offer.departure.ifindex, offer.departure.source.to_string()), (7, format!("{SERVER}:67")));
    client.broadcast = true;
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!(offer.departure.destination.to_string(), "255.255.255.255:68");
    assert_eq!(offer.departure.destination_mac, None);
    // UDP sockets cannot reach a client without an address.
    let mut world =
        World::new(Config::usual().with(|config| config.interfaces.socket_type = SocketType::Udp).build());
    let offer = world.send(&Client::new(2).discover(), Via::BROADCAST).unwrap();
    assert_eq!(*offer.departure.destination.ip(), Ipv4Addr::BROADCAST);
}

/// A client whose hardware address is not of the kind of its link's, or who sends none, is reached as what sent its frame.
#[test]
fn clients_without_an_address_of_the_link_are_reached_as_they_sent() {
    let mut world = World::new(Config::usual().build());
    let via = Via { mac: Some([2, 0, 0, 0, 0, 0xdd]), ..Via::BROADCAST };
    for (number, (htype, chaddr)) in
        [(6, &[2, 0, 0, 0, 0, 1][..]), (32, &[7; 16]), (1, &[7; 8]), (1, &[])].into_iter().enumerate()
    {
        let mut discover = Client::new(1).with_id(&[0, number as u8]).discover();
        (discover.htype, discover.chaddr) = (htype, chaddr.to_vec());
        let offer = world.send(&discover, via).unwrap();
        assert_eq!(*offer.departure.destination.ip(), offer.yiaddr());
        assert_eq!(offer.departure.destination_mac, via.mac, "{htype} {chaddr:?}");
    }
}

/// A client that renews through a router is answered through that router, not at its own hardware address.
#[test]
fn renewals_go_back_the_way_they_came() {
    let mut world = World::new(Config::usual().build());
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    let router = [2, 0, 0, 0, 0, 0xaa];
    let ack = world.send(&client.renew(leased), Via { mac: Some(router), ..Via::unicast(leased) }).unwrap();
    assert_eq!((ack.kind, ack.departure.destination_mac), (Ack, Some(router)));
}

/// RFC 2131 §4.1 and RFC 3046 §2.1: what came through a relay goes back to it at port 67, hops and giaddr as they
/// were, relay agent information last; RFC 8357 §5.1: at another port if the relay says so.
#[test]
fn relayed_messages_go_back_to_the_relay() {
    let mut world = World::new(Config::usual().build());
    let relay = address("192.0.2.1");
    let offer =
        world.send(&relayed(Client::new(1).discover(), relay, &[1, 2, 9, 9]), Via::relay(relay)).unwrap();
    assert_eq!(offer.departure.destination.to_string(), "192.0.2.1:67");
    assert_eq!(offer.departure.destination_mac, Via::BROADCAST.mac);
    assert_eq!((offer.view().giaddr(), offer.view().hops()), (relay, 1));
    assert_eq!(*offer.codes().last().unwrap(), 82);
    let via = Via { port: 4011, ..Via::relay(relay) };
    let offer = world.send(&relayed(Client::new(1).discover(), relay, &[19, 0]), via).unwrap();
    assert_eq!(offer.departure.destination.to_string(), "192.0.2.1:4011");
}

/// RFC 5107: a relay that calls itself the server is believed when the client asks for it by that name.
#[test]
fn a_relay_may_stand_in_for_the_server() {
    let mut world = World::new(Config::usual().build());
    let relay = address("192.0.2.1");
    let request = Client::new(1)
        .request()
        .address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.120"))
        .address(OptionCode::SERVER_IDENTIFIER, relay);
    let agent = [11, 4, 192, 0, 2, 1];
    assert_eq!(world.send(&relayed(request.clone(), relay, &agent), Via::relay(relay)).unwrap().kind, Ack);
    assert_eq!(world.send(&relayed(request.clone(), relay, &[1, 1, 1]), Via::relay(relay)), None);
    // `ignore-dhcp-server-identifier`
    world.reconfigure(
        Config::usual().with(|config| config.compatibility.ignore_server_identifier = true).build(),
    );
    assert_eq!(world.send(&relayed(request, relay, &[1, 1, 1]), Via::relay(relay)).unwrap().kind, Ack);
}

/// `outbound-interface`: `use-routing` leaves the way back to the routing table, for relayed messages over UDP sockets.
#[test]
fn routing_may_choose_the_way_back() {
    let config = Config::usual().with(|config| {
        config.interfaces.socket_type = SocketType::Udp;
        config.interfaces.outbound = OutboundInterface::UseRouting;
    });
    let mut world = World::new(config.build());
    let relay = address("192.0.2.1");
    let offer = world.send(&relayed(Client::new(1).discover(), relay, &[]), Via::relay(relay)).unwrap();
    assert_eq!((offer.departure.ifindex, offer.departure.source.to_string()), (0, "0.0.0.0:67".into()));
    let offer = world.send(&Client::new(2).discover(), Via::BROADCAST).unwrap();
    assert_eq!((offer.departure.ifindex, *offer.departure.source.ip()), (7, SERVER));
}

/// Ports given on the command line (`-p`, `-P`) are for every reply.
#[test]
fn ports_can_be_chosen_for_tests() {
    let mut world = World::new(Config::usual().build());
    let ports = Ports { server: Some(10067), client: Some(10068) };
    world.server =
        Server::new(world.server.config().clone(), world.server.plan().clone(), ports, Default::default());
    let relay = address("192.0.2.1");
    for (message, via) in [
        (Client::new(1).discover(), Via::BROADCAST),
        (relayed(Client::new(2).discover(), relay, &[19, 0]), Via::relay(relay)),
    ] {
        let departure = world.send(&message, via).unwrap().departure;
        assert_eq!((departure.source.port(), departure.destination.port()), (10067, 10068));
    }
}
