//! DHCPv4 over DHCPv6 (RFC 7341): the v4 side, from what the DHCPv6 server passes on to what it gets back.

use std::net::{Ipv4Addr, SocketAddrV4};

use kotare_engine::over6::{NotPassed, Passed};
use kotare_engine::v4::{Outcome, Over6, Received, Sent, report, report_refused};
use kotare_model::Arrival4;
use kotare_testkit::{Client, Message, SERVER, World, address, configured, run};
use kotare_wire::v4::{self, MessageType};
use kotare_wire::v6::{self, OptionCode, Origin, Writer, with_origin};
use serde_json::json;

const CLIENT: &str = "2001:db8:1::9";

/// Subnets for who comes by an address, an interface and a relay agent's word for the link; and one that is for none.
fn world() -> World {
    let pool = |net: u8| json!([{"pool": format!("192.0.{net}.100 - 192.0.{net}.199")}]);
    World::new(configured(&json!({
        "client-classes": [{"name": "six", "test": "pkt.src == 2001:db8:1::9 and pkt.dst == 0.0.0.0"}],
        "option-data": [{"name": "domain-name", "data": "six.example", "always-send": true, "client-classes": ["six"]}],
        "subnet4": [
            {"id": 1, "subnet": "192.0.1.0/24", "pools": pool(1)},
            {"id": 2, "subnet": "192.0.2.0/24", "pools": pool(2), "4o6-subnet": "2001:db8:1::/48"},
            {"id": 3, "subnet": "192.0.3.0/24", "pools": pool(3), "4o6-interface": "eth7"},
            {"id": 4, "subnet": "192.0.4.0/24", "pools": pool(4), "4o6-interface-id": "vlan7"},
        ],
    })))
}

/// What the DHCPv6 server passes on of this message, which came through relay agents that call their links so.
fn passed_on(message: &Message, remote: &str, interface: &str, relays: &[&[u8]]) -> Vec<u8> {
    let (mut buffer, mut index) = ([0; 2000], v6::Index::new());
    let mut writer = Writer::new(&mut buffer);
    let (link, peer) = ("2001:db8:7::1".parse().unwrap(), "fe80::9".parse().unwrap());
    let mut open = Vec::new();
    for (hops, id) in (0..relays.len()).rev().zip(relays) {
        writer.relay_header(v6::MessageType::RELAY_FORW, hops as u8, link, peer).unwrap();
        writer.option(OptionCode::INTERFACE_ID, id).unwrap();
        open.push(writer.open(OptionCode::RELAY_MSG).unwrap());
    }
    writer.header(v6::MessageType::DHCPV4_QUERY, 0x80_0000).unwrap();
    writer.option(OptionCode::DHCPV4_MSG, &message.bytes()).unwrap();
    open.into_iter().rev().for_each(|open| writer.close(open));
    let mut with = [0; 2000];
    let mut told = Writer::new(&mut with);
    let origin = Origin { interface, source: remote.parse().unwrap(), port: 546 };
    with_origin(v6::Message::parse(writer.as_bytes(), &mut index).unwrap(), &origin, &mut told).unwrap();
    told.as_bytes().to_vec()
}

/// What the v4 server makes of something that was passed on: what it passes back.
fn exchange(world: &mut World, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut index6 = v6::Index::new();
    let passed = Passed::read(bytes, &mut index6, v6::MessageType::DHCPV4_QUERY).unwrap();
    let received = Received {
        datagram: passed.within,
        arrival: Arrival4 {
            ifindex: 0,
            local: SERVER,
            destination: Ipv4Addr::UNSPECIFIED,
            source: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, passed.origin.port),
            source_mac: None,
            destination_mac: None,
        },
        interface: passed.origin.interface,
        mtu: u32::MAX,
        listening: &[SERVER],
    };
    let (mut index, over6) = (v4::Index::new(), Over6::of(passed.message, &passed.origin));
    let mut query = match world.server.intake_over6(&received, &over6, &mut index) {
        Ok(query) => query,
        Err(refused) => {
            report_refused(&refused, &world.counters);
            return None;
        }
    };
    let message = v4::Message::new(passed.within, &index).unwrap();
    let mut reply = [0; 1500];
    let outcome = run(world.server.exchange(&world.leases, message, &mut query, world.now, 1, &mut reply));
    let Outcome::Reply(made) = &outcome else {
        report(&world.server, &query, &outcome, &[], Sent::Done, &world.counters);
        return None;
    };
    let bytes = &reply[..made.len];
    report(&world.server, &query, &outcome, bytes, Sent::Done, &world.counters);
    let mut buffer = [0; 2000];
    let mut writer = Writer::new(&mut buffer);
    passed.respond(bytes, &mut writer).unwrap();
    Some(writer.as_bytes().to_vec())
}

/// The DHCPv4 message in what is passed back, with the names of links that it finds its way by, and its flags.
fn within(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>, u32) {
    let mut index = v6::Index::new();
    let passed = Passed::read(bytes, &mut index, v6::MessageType::DHCPV4_RESPONSE).unwrap();
    let ids = passed.message.relays().map(|relay| {
        assert_eq!(relay.message_type(), v6::MessageType::RELAY_REPL);
        relay.option(OptionCode::INTERFACE_ID).unwrap().to_vec()
    });
    (passed.within.to_vec(), ids.collect(), passed.message.transaction_id())
}

fn offered(bytes: &[u8]) -> (MessageType, Ipv4Addr) {
    let (reply, ..) = within(bytes);
    let mut index = v4::Index::new();
    let message = v4::Message::parse(&reply, &mut index).unwrap();
    (message.message_type().unwrap(), message.yiaddr())
}

/// A client gets a lease over DHCPv6, from the first subnet that is for who comes its way.
#[test]
fn a_client_gets_a_lease_over_dhcpv6() {
    let mut world = world();
    let client = Client::new(1);
    let offer = exchange(&mut world, &passed_on(&client.discover(), CLIENT, "eth0", &[])).unwrap();
    assert_eq!(offered(&offer), (MessageType::OFFER, address("192.0.2.100")));
    let (reply, relays, flags) = within(&offer);
    assert!(relays.is_empty());
    assert_eq!(flags, 0x80_0000);
    let mut index = v4::Index::new();
    let name = v4::Message::parse(&reply, &mut index).unwrap().option(v4::OptionCode::DOMAIN_NAME);
    assert_eq!(
        name.and_then(|name| name.as_slice()),
        Some(&b"six.example"[..]),
        "of the class by its address"
    );
    let select = client.request().address(v4::OptionCode::REQUESTED_ADDRESS, address("192.0.2.100"));
    let select = select.address(v4::OptionCode::SERVER_IDENTIFIER, SERVER);
    let ack = exchange(&mut world, &passed_on(&select, CLIENT, "eth0", &[])).unwrap();
    assert_eq!(offered(&ack), (MessageType::ACK, address("192.0.2.100")));
    assert_eq!(world.store.all().len(), 1);
    // As in Kea, they count as queries, and as packets only when they leave.
    for (name, value) in [
        ("pkt4-received", 0),
        ("pkt4-discover-received", 1),
        ("pkt4-request-received", 1),
        ("pkt4-sent", 2),
        ("pkt4-offer-sent", 1),
        ("pkt4-ack-sent", 1),
        ("pkt4-receive-drop", 0),
    ] {
        assert_eq!(world.stat(name), value, "{name}");
    }
}

/// What tells where a client is: its address or its relay agent's, the interface, what the relay agent nearest to it says.
#[test]
fn subnets_are_for_who_comes_their_way() {
    let mut world = world();
    let mut offered = |remote, interface, relays: &[&[u8]]| {
        let offer = exchange(&mut world, &passed_on(&Client::new(2).discover(), remote, interface, relays));
        offer.map(|offer| (offered(&offer).1.octets()[2], within(&offer).1))
    };
    let none = Vec::new();
    assert_eq!(offered(CLIENT, "eth7", &[]), Some((2, none.clone())));
    assert_eq!(offered("fe80::9", "eth7", &[]), Some((3, none)));
    let ids = vec![b"outer".to_vec(), b"vlan7".to_vec()];
    assert_eq!(offered("fe80::9", "eth1", &[b"outer", b"vlan7"]), Some((4, ids)));
    assert_eq!(offered("fe80::9", "eth1", &[b"vlan7", b"inner"]), None);
    assert_eq!(offered("fe80::9", "eth1", &[]), None);
}

/// A DHCPINFORM needs no address to be answered at. What is no message is counted as such.
#[test]
fn the_way_back_needs_no_ipv4() {
    let mut world = world();
    let inform = Client::new(3).inform(Ipv4Addr::UNSPECIFIED);
    let ack = exchange(&mut world, &passed_on(&inform, CLIENT, "eth0", &[])).unwrap();
    assert_eq!(offered(&ack), (MessageType::ACK, Ipv4Addr::UNSPECIFIED));
    let mut odd = passed_on(&inform, CLIENT, "eth0", &[]);
    // The magic cookie of the message within.
    let cookie = odd.windows(4).position(|bytes| bytes == [99, 130, 83, 99]).unwrap();
    odd[cookie] = 0;
    assert_eq!(exchange(&mut world, &odd), None);
    assert_eq!(world.stat("pkt4-parse-failed"), 1);
    assert_eq!(world.stat("pkt4-receive-drop"), 1);
    assert_eq!(world.stat("pkt4-received"), 0);
}

/// What a server would not pass on is not taken for a message.
#[test]
fn what_is_not_passed_on_is_refused() {
    let read = |bytes: &[u8]| {
        let mut index = v6::Index::new();
        Passed::read(bytes, &mut index, v6::MessageType::DHCPV4_QUERY)
            .map(drop)
            .map_err(|why| why.to_string())
    };
    let origin = |writer: &mut Writer<'_>| {
        Origin { interface: "eth0", source: CLIENT.parse().unwrap(), port: 546 }.write(writer).unwrap();
    };
    let made = |kind, parts: &dyn Fn(&mut Writer<'_>)| {
        let mut buffer = [0; 600];
        let mut writer = Writer::new(&mut buffer);
        writer.header(kind, 0).unwrap();
        parts(&mut writer);
        writer.as_bytes().to_vec()
    };
    let message = |writer: &mut Writer<'_>| writer.option(OptionCode::DHCPV4_MSG, &[1]).unwrap();
    let query = v6::MessageType::DHCPV4_QUERY;
    let sound = made(query, &|writer| (message(writer), origin(writer)).0);
    assert_eq!(read(&sound), Ok(()));
    let no_vendor = "malformed packet (no ISC vendor option)";
    assert_eq!(read(&made(query, &message)), Err(no_vendor.into()));
    assert_eq!(read(&made(query, &origin)), Err("DHCPv4 message option not present".into()));
    let twice = made(query, &|writer| (message(writer), message(writer), origin(writer)).0);
    assert_eq!(read(&twice), Err("more than one DHCPv4 message option".into()));
    let other = made(v6::MessageType::SOLICIT, &|writer| (message(writer), origin(writer)).0);
    assert_eq!(read(&other), Err("not of the type that is passed on".into()));
    // Whatever is cut off, nothing is made up.
    for len in 0..sound.len() {
        assert!(read(&sound[..len]).is_err(), "{len}");
    }
    let mut index = v6::Index::new();
    assert!(matches!(Passed::read(&[20], &mut index, query), Err(NotPassed::Malformed(_))));
}
