//! Raw sockets against a real kernel: a client behind a virtual cable.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};

use crate::support::{
    self, CLIENT, CLIENT_PORT, Cable, PATIENCE, SERVER, SERVER_PORT, Tap, message, receive, with_cable,
};
use kotare_model::{Arrival4, Departure4};
use kotare_net::{Arrivals4, Mode4, PAYLOAD, Port4, Socket4, SocketOptions4, Spec4, open4};
use kotare_wire::frame::{BROADCAST_MAC, Frame};

const CHADDR: [u8; 6] = [2, 0, 0, 0, 0, 7];
/// The address that the client is to get; nobody has it.
const OFFERED: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 77);

fn open(cable: &Cable, spec: &Spec4, workers: usize) -> Vec<Socket4> {
    cable.server.run(|| open4(spec, &SocketOptions4::default(), workers)).expect("raw sockets open")
}

fn port(cable: &Cable, spec: &Spec4) -> Port4 {
    let mut port = Port4::new().expect("a port");
    for socket in open(cable, spec, 1) {
        port.add(socket).expect("a socket is added");
    }
    port
}

fn reply_to(arrival: &Arrival4, destination: Ipv4Addr) -> Departure4 {
    Departure4 {
        ifindex: arrival.ifindex,
        source: SocketAddrV4::new(arrival.local, SERVER_PORT),
        destination: SocketAddrV4::new(destination, CLIENT_PORT),
        destination_mac: arrival.source_mac,
    }
}

fn all_sent(place: usize, error: std::io::Error) {
    panic!("reply {place} was not sent: {error}");
}

/// A client without an address is heard, and answered by unicast to an address that it does not have yet: no ARP.
#[test]
fn a_client_without_an_address_is_answered_by_unicast_without_arp() {
    with_cable(|cable| {
        let spec = cable.spec(Mode4::Raw);
        let mut port = port(&cable, &spec);
        let tap = Tap::new(&cable.client);
        tap.broadcast(&message(CHADDR));

        let (arrival, payload) = receive(&mut port, 1).remove(0);
        assert_eq!(payload, message(CHADDR));
        let expected = Arrival4 {
            ifindex: spec.ifindex,
            local: SERVER,
            destination: Ipv4Addr::BROADCAST,
            source: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, CLIENT_PORT),
            source_mac: Some(tap.mac),
            destination_mac: Some([0xff; 6]),
        };
        assert_eq!(arrival, expected);

        assert_eq!(port.send([(reply_to(&arrival, OFFERED), &b"offer"[..])], all_sent), 1);
        let from_server =
            |frame: &[u8]| Frame::parse(frame, true).is_ok_and(|frame| frame.source.port() == SERVER_PORT);
        let reply = tap.receive(from_server, |other| {
            assert!(!(other[6..12] == spec.mac && other[12..14] == [0x08, 0x06]), "the server asked ARP");
        });
        let reply = Frame::parse(&reply, true).expect("a valid frame with right checksums");
        assert_eq!((reply.source_mac, reply.destination_mac), (spec.mac, tap.mac));
        assert_eq!(reply.destination, SocketAddrV4::new(OFFERED, CLIENT_PORT));
        assert_eq!(reply.source, SocketAddrV4::new(SERVER, SERVER_PORT));
        assert_eq!(reply.payload, b"offer");

        // Without a link-layer destination everybody is told; and our own packets never come back.
        let to_all = Departure4 { destination_mac: None, ..reply_to(&arrival, Ipv4Addr::BROADCAST) };
        assert_eq!(port.send([(to_all, &b"nak"[..])], all_sent), 1);
        let reply = tap.receive(from_server, |_| {});
        assert_eq!(reply[..6], BROADCAST_MAC);
        tap.broadcast(&message(CHADDR));
        receive(&mut port, 1);
        assert_eq!(port.tally().received, 2);
    });
}

/// When a datagram came is told from when that is asked until it is no longer, of sockets of both kinds, whenever they were
/// added.
#[test]
fn it_is_told_when_datagrams_came() {
    with_cable(|cable| {
        let tap = Tap::new(&cable.client);
        for mode in [Mode4::Raw, Mode4::Udp] {
            let mut port = port(&cable, &cable.spec(mode));
            let mut arrivals = Arrivals4::new();
            let mut came = |port: &mut Port4| {
                tap.broadcast(&message(CHADDR));
                assert!(port.wait(Some(PATIENCE)).expect("a port can wait").packets, "it comes");
                assert_eq!(port.recv(&mut arrivals).expect("a port can receive"), 1);
                let mut all = arrivals.stamped();
                all.next().and_then(|(_, _, came)| came)
            };
            assert_eq!(came(&mut port), None, "{mode:?}");
            port.stamp(true);
            for _ in 0..2 {
                let before = support::now();
                let told = came(&mut port).expect("the kernel tells");
                assert!(before <= told && told <= support::now(), "{mode:?}: {before:?} {told:?}");
                let sockets = port.hand_over();
                let mut next = Port4::new().expect("a port");
                next.stamp(true);
                sockets.into_iter().for_each(|socket| next.add(socket).expect("a socket is added"));
                port = next;
            }
            port.stamp(false);
            assert_eq!(came(&mut port), None, "{mode:?}");
        }
    });
}

/// A datagram whose checksum the client's kernel left to hardware that a virtual cable does not have is accepted,
/// and the kernel does not answer "port unreachable" to it although no socket there reads.
#[test]
fn a_datagram_without_checksum_is_accepted_and_not_called_unreachable() {
    with_cable(|cable| {
        let mut port = port(&cable, &cable.spec(Mode4::Raw));
        let tap = Tap::new(&cable.client);
        let client = cable.client.run(|| UdpSocket::bind((CLIENT, CLIENT_PORT))).expect("the port is free");
        let other = cable.client.run(|| UdpSocket::bind((CLIENT, 0))).expect("a port is free");
        client.send_to(&message(CHADDR), (SERVER, SERVER_PORT)).expect("the server is reachable");
        let (arrival, payload) = receive(&mut port, 1).remove(0);
        assert_eq!((arrival.destination, payload), (SERVER, message(CHADDR)));
        assert_eq!(port.tally().malformed, 0);

        // The kernel does call another port unreachable: had it done so for ours, that came first.
        other.send_to(b"?", (SERVER, 9)).expect("the server is reachable");
        let unreachable_port = |frame: &[u8]| {
            // ICMP type 3, code 3; the datagram it is about follows after its own eight bytes.
            (frame.len() >= 66 && frame[23] == 1 && frame[34..36] == [3, 3])
                .then(|| u16::from_be_bytes([frame[64], frame[65]]))
        };
        tap.receive(
            |frame| unreachable_port(frame) == Some(9),
            |frame| assert_ne!(unreachable_port(frame), Some(SERVER_PORT)),
        );
    });
}

/// The filter lets in what a server is to see, and nothing else.
#[test]
fn only_whole_untagged_datagrams_for_the_server_are_received() {
    with_cable(|cable| {
        let spec = cable.spec(Mode4::Raw);
        let mut port = port(&cable, &spec);
        let mut unicast_only = Port4::new().expect("a port");
        let quiet = Spec4 { broadcast: false, local: Ipv4Addr::new(192, 0, 2, 3), ..spec };
        cable.server.ip("address add 192.0.2.3/24 dev wire");
        for socket in open(&cable, &quiet, 1) {
            unicast_only.add(socket).expect("a socket is added");
        }
        let tap = Tap::new(&cable.client);
        let send_tagged = |tag: [u8; 2], chaddr: [u8; 6]| {
            let mut frame = tap.frame(CLIENT, Ipv4Addr::BROADCAST, SERVER_PORT, &message(chaddr));
            frame.splice(12..12, [0x81, 0x00, tag[0], tag[1]]);
            tap.send(&frame);
        };
        tap.send(&tap.frame(CLIENT, Ipv4Addr::BROADCAST, 69, &message([1; 6])));
        tap.send(&tap.frame(CLIENT, Ipv4Addr::new(192, 0, 2, 200), SERVER_PORT, &message([1; 6])));
        let mut fragment = tap.frame(CLIENT, Ipv4Addr::BROADCAST, SERVER_PORT, &message([1; 6]));
        fragment[20] |= 0x20; // more fragments
        tap.send(&fragment);
        send_tagged([0x00, 0x05], [1; 6]);
        // Not for the server's filter to find: a wrong checksum is counted.
        let mut damaged = tap.frame(CLIENT, Ipv4Addr::BROADCAST, SERVER_PORT, &message([1; 6]));
        damaged[100] ^= 1;
        tap.send(&damaged);
        // VLAN 0 is a priority, no VLAN.
        send_tagged([0xe0, 0x00], [3; 6]);
        tap.send(&tap.frame(CLIENT, SERVER, SERVER_PORT, &message([4; 6])));
        tap.send(&tap.frame(CLIENT, quiet.local, SERVER_PORT, &message([5; 6])));

        let clients = |received: Vec<(Arrival4, Vec<u8>)>| -> Vec<u8> {
            received.into_iter().map(|(_, payload)| payload[28]).collect()
        };
        assert_eq!(clients(receive(&mut port, 2)), [3, 4]);
        assert_eq!((port.tally().received, port.tally().malformed), (3, 1));
        assert_eq!(clients(receive(&mut unicast_only, 1)), [5]);
        assert_eq!(unicast_only.tally().received, 1);
    });
}

/// Every datagram of a client reaches the same worker, also with IP options; the clients are spread.
#[test]
fn a_client_is_always_served_by_one_worker() {
    with_cable(|cable| {
        let tap = Tap::new(&cable.client);
        support::steering::check(open(&cable, &cable.spec(Mode4::Raw), 4), |chaddr, round| {
            let mut frame = tap.frame(CLIENT, Ipv4Addr::BROADCAST, SERVER_PORT, &message(chaddr));
            if round == 2 {
                support::steering::add_ip_option(&mut frame);
            }
            tap.send(&frame);
        });
    });
}

/// With `ifindex` 0 routing chooses the way, and a reply may take several packets; the source address and port stay the
/// server's.
#[test]
fn routing_may_choose_the_way() {
    with_cable(|cable| {
        let mut port = port(&cable, &cable.spec(Mode4::Raw));
        let relay = cable.client.run(|| UdpSocket::bind((CLIENT, SERVER_PORT))).expect("the port is free");
        relay.set_read_timeout(Some(PATIENCE)).expect("not zero");
        let to = Departure4 {
            ifindex: 0,
            source: SocketAddrV4::new(SERVER, SERVER_PORT),
            destination: SocketAddrV4::new(CLIENT, SERVER_PORT),
            destination_mac: None,
        };
        for reply in [&b"routed"[..], &[7; PAYLOAD]] {
            assert_eq!(port.send([(to, reply)], all_sent), 1);
            let mut buffer = [0; PAYLOAD];
            let (length, from) = relay.recv_from(&mut buffer).expect("the reply arrives");
            assert_eq!((&buffer[..length], from), (reply, SocketAddrV4::new(SERVER, SERVER_PORT).into()));
        }
    });
}

/// Replies that cannot be sent are told one by one and harm nothing else; an interface that went down serves again
/// once it is up.
#[test]
fn a_failed_reply_is_told_and_the_rest_goes_on() {
    with_cable(|cable| {
        let mut port = port(&cable, &cable.spec(Mode4::Raw));
        let tap = Tap::new(&cable.client);
        tap.broadcast(&message(CHADDR));
        let (arrival, _) = receive(&mut port, 1).remove(0);
        let good = reply_to(&arrival, OFFERED);
        let nowhere = Departure4 { ifindex: 4711, ..good };
        let huge = vec![0; 3000];

        let mut unsent = Vec::new();
        let replies = [(nowhere, &b"1"[..]), (good, b"2"), (good, &huge), (good, b"4")];
        assert_eq!(port.send(replies, |place, error| unsent.push((place, error.raw_os_error()))), 2);
        assert_eq!(unsent, [(0, Some(19)), (2, Some(90))], "ENODEV, EMSGSIZE");
        for expected in [b"2", b"4"] {
            let from_server =
                |frame: &[u8]| Frame::parse(frame, true).is_ok_and(|frame| frame.payload == expected);
            tap.receive(from_server, |_| {});
        }

        cable.server.ip("link set wire down");
        let mut places = Vec::new();
        assert_eq!(port.send([(good, &b"a"[..]), (good, b"b")], |place, _| places.push(place)), 0);
        assert_eq!(places, [0, 1]);
        // The socket tells once that its interface went down.
        assert!(port.wait(Some(PATIENCE)).expect("a port can wait").packets);
        let error = port.recv(&mut kotare_net::Arrivals4::new()).expect_err("the interface is down");
        assert_eq!(error.source.raw_os_error(), Some(100), "ENETDOWN");
        assert_eq!(error.interface, "wire");

        cable.server.ip("link set wire up");
        cable.await_carrier();
        tap.broadcast(&message(CHADDR));
        receive(&mut port, 1);
        assert_eq!(port.send([(good, &b"again"[..])], all_sent), 1);
    });
}

/// A second server is noticed whatever the number of workers, and told what is wrong.
#[test]
fn a_port_that_is_taken_is_not_shared() {
    with_cable(|cable| {
        let spec = cable.spec(Mode4::Raw);
        let _first = open(&cable, &spec, 2);
        let error =
            cable.server.run(|| open4(&spec, &SocketOptions4::default(), 2)).expect_err("the port is taken");
        assert_eq!(
            error.to_string(),
            "cannot bind the fallback UDP socket for address 192.0.2.1 on interface wire: \
             Address already in use (os error 98); is another DHCP server running?"
        );
    });
}

/// What the server was too slow for is counted.
#[test]
fn packets_lost_to_a_full_buffer_are_counted() {
    with_cable(|cable| {
        let spec = cable.spec(Mode4::Raw);
        let options = SocketOptions4 { receive_buffer: 4096, ..SocketOptions4::default() };
        let mut port = Port4::new().expect("a port");
        for socket in cable.server.run(|| open4(&spec, &options, 1)).expect("raw sockets open") {
            port.add(socket).expect("a socket is added");
        }
        let tap = Tap::new(&cable.client);
        for _ in 0..200 {
            tap.broadcast(&message(CHADDR));
        }
        // The cable delivers later than it takes; a datagram that was received makes room for the next.
        let mut lost = 0;
        while lost == 0 {
            receive(&mut port, 1);
            lost = port.tally().overflowed;
        }
        port.retain(|_| false);
        assert!(port.tally().overflowed >= lost, "the count survives the socket");
        assert_eq!(port.specs().count(), 0);
    });
}
