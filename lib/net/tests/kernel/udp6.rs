//! UDP sockets of DHCPv6: addresses and groups of an interface.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddrV6, UdpSocket};
use std::time::Duration;

use kotare_model::{Arrival6, Departure6};
use kotare_net::{Arrivals6, Interface, Port6, Socket6, SocketOptions6, Spec6, open6};
use kotare_wire::v6::{MessageType, OptionCode, Writer};

use crate::support::{Cable, Namespace, PATIENCE, now, with_cable};

/// All relay agents and servers.
const GROUP: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);
const SERVER_PORT: u16 = 547;

/// Addresses that the kernel gave, and ones of ours that are usable at once.
fn prepare(cable: &Cable) {
    for (namespace, address) in [(&cable.server, "fe80::1"), (&cable.client, "fe80::2")] {
        namespace.ip(&format!("-6 address add {address}/64 dev wire nodad"));
    }
}

fn spec(interface: &Interface, local: &str, group: Option<Ipv6Addr>) -> Spec6 {
    let local = local.parse().expect("an address");
    Spec6 { ifindex: interface.index, interface: interface.name.clone(), local, group }
}

fn open(cable: &Cable, spec: &Spec6, workers: usize) -> Vec<Socket6> {
    cable
        .server
        .run(|| open6(spec, &SocketOptions6::default(), workers))
        .unwrap_or_else(|error| panic!("{error}"))
}

fn port(sockets: Vec<Socket6>) -> Port6 {
    let mut port = Port6::new().expect("a port");
    sockets.into_iter().for_each(|socket| port.add(socket).expect("a socket is added"));
    port
}

/// A client's socket at its link-local address, and the scope that destinations have there.
fn client(namespace: &Namespace) -> (UdpSocket, u32) {
    let scope = namespace.interface("wire").index;
    let at = SocketAddrV6::new("fe80::2".parse().expect("an address"), 0, 0, scope);
    let socket = namespace.run(|| UdpSocket::bind(at).expect("the address is there"));
    socket.set_read_timeout(Some(PATIENCE)).expect("not zero");
    (socket, scope)
}

/// A message of the client with this DUID, after so many other bytes of options.
fn message(duid: &[u8], before: Option<&[u8]>) -> Vec<u8> {
    let mut buffer = [0; 200];
    let mut writer = Writer::new(&mut buffer);
    writer.header(MessageType::SOLICIT, 7).expect("it fits");
    if let Some(value) = before {
        writer.option(OptionCode::ELAPSED_TIME, value).expect("it fits");
    }
    writer.option(OptionCode::CLIENTID, duid).expect("it fits");
    writer.as_bytes().to_vec()
}

fn receive(port: &mut Port6, count: usize) -> Vec<(Arrival6, Vec<u8>)> {
    let mut arrivals = Arrivals6::new();
    let mut received = Vec::new();
    while received.len() < count {
        assert!(port.wait(Some(PATIENCE)).expect("a port can wait").packets, "more packets come");
        port.recv(&mut arrivals).expect("a port can receive");
        received.extend(arrivals.iter().map(|(arrival, payload)| (arrival, payload.to_vec())));
    }
    received
}

/// What is sent to the group and what is sent to an address of ours reach their sockets, each once, and are answered from
/// the link-local address.
#[test]
fn addresses_and_groups_are_served() {
    with_cable(|cable| {
        prepare(&cable);
        let interface = cable.server.interface("wire");
        let (unicast, group) = (spec(&interface, "fe80::1", None), spec(&interface, "fe80::1", Some(GROUP)));
        let mut port = port([open(&cable, &unicast, 1), open(&cable, &group, 1)].concat());
        let (client, scope) = client(&cable.client);
        for (to, length) in [(GROUP, 1), (unicast.local, 2)] {
            let sent = client.send_to(&vec![1; length], SocketAddrV6::new(to, SERVER_PORT, 0, scope));
            sent.expect("the cable takes it");
            let (arrival, payload) = receive(&mut port, 1).remove(0);
            assert_eq!((arrival.local, arrival.destination), (unicast.local, to));
            assert_eq!((arrival.ifindex, payload.len()), (interface.index, length));
            assert_eq!(arrival.source.ip(), &"fe80::2".parse::<Ipv6Addr>().expect("an address"));
            let reply =
                Departure6 { ifindex: arrival.ifindex, source: arrival.local, destination: arrival.source };
            let sent = port.send([(reply, &b"reply"[..])], |_, error| panic!("{error}"));
            assert_eq!(sent, 1);
            let (_, from) = client.recv_from(&mut [0; 64]).expect("the reply arrives");
            let from_server = SocketAddrV6::new(unicast.local, SERVER_PORT, 0, scope);
            assert_eq!(from, from_server.into());
        }
        assert_eq!(port.tally().received, 2);
    });
}

/// When a message came is told if that is asked.
#[test]
fn it_is_told_when_messages_came() {
    with_cable(|cable| {
        prepare(&cable);
        let unicast = spec(&cable.server.interface("wire"), "fe80::1", None);
        let mut port = port(open(&cable, &unicast, 1));
        let (client, scope) = client(&cable.client);
        let mut arrivals = Arrivals6::new();
        for tells in [true, false] {
            port.stamp(tells);
            let before = now();
            let sent = client.send_to(&[1], SocketAddrV6::new(unicast.local, SERVER_PORT, 0, scope));
            sent.expect("the cable takes it");
            assert!(port.wait(Some(PATIENCE)).expect("a port can wait").packets, "it comes");
            assert_eq!(port.recv(&mut arrivals).expect("a port can receive"), 1);
            let (arrival, _, came) = arrivals.stamped().next().expect("a message");
            assert_eq!(arrival.destination, unicast.local);
            assert_eq!(came.is_some_and(|came| before <= came && came <= now()), tells, "{came:?}");
        }
    });
}

/// Replies of one length to one relay agent leave together, and arrive each by itself, as those of other lengths do.
#[test]
fn many_replies_arrive() {
    with_cable(|cable| {
        prepare(&cable);
        let unicast = spec(&cable.server.interface("wire"), "fe80::1", None);
        let mut port = port(open(&cable, &unicast, 1));
        let (client, scope) = client(&cable.client);
        let at = client.local_addr().expect("it is bound").port();
        let destination = SocketAddrV6::new("fe80::2".parse().expect("an address"), at, 0, unicast.ifindex);
        let to = Departure6 { ifindex: unicast.ifindex, source: unicast.local, destination };
        let replies: Vec<_> = (0..60_u8).map(|n| vec![n; if n % 5 == 0 { 100 } else { 1232 }]).collect();
        let taken = port.send(replies.iter().map(|reply| (to, &reply[..])), |_, error| panic!("{error}"));
        assert_eq!(taken, replies.len());
        let mut received: Vec<_> = replies
            .iter()
            .map(|_| {
                let mut bytes = [0; 2000];
                let (length, from) = client.recv_from(&mut bytes).expect("a reply arrives");
                assert_eq!(from, SocketAddrV6::new(unicast.local, SERVER_PORT, 0, scope).into());
                bytes[..length].to_vec()
            })
            .collect();
        received.sort();
        assert_eq!(received, replies);
    });
}

/// Every message of a client reaches one worker and always the same, wherever it is sent to; the clients are spread.
#[test]
fn a_client_is_always_served_by_one_worker() {
    for group in [None, Some(GROUP)] {
        with_cable(|cable| {
            prepare(&cable);
            let interface = cable.server.interface("wire");
            let sockets = open(&cable, &spec(&interface, "fe80::1", group), 4);
            let mut ports: Vec<_> = sockets.into_iter().map(|socket| port(vec![socket])).collect();
            let (client, scope) = client(&cable.client);
            let to = SocketAddrV6::new(
                group.unwrap_or(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1)),
                SERVER_PORT,
                0,
                scope,
            );
            let mut workers: HashMap<u8, usize> = HashMap::new();
            for number in 0..60 {
                for _ in 0..3 {
                    let duid = [0, 3, 0, 1, 2, 0, 0, 0, 0, number];
                    client.send_to(&message(&duid, None), to).expect("the cable takes it");
                    let worker = only_receiver(&mut ports);
                    assert_eq!(*workers.entry(number).or_insert(worker), worker, "client {number}");
                }
            }
            for worker in 0..4 {
                assert!(workers.values().any(|&other| other == worker), "worker {worker} has nothing to do");
            }
            // What is short, relayed, or has other options first, is somebody's as well.
            let relayed = [&[12, 0][..], &[0x20; 32], &[0, 9, 0, 4, 1, 2, 3, 4]].concat();
            let other_first = message(&[0, 2, 3], Some(&[0, 0]));
            let cut = vec![1, 0, 0, 0, 0, 1, 0, 50, 9];
            for odd in [vec![1], vec![], other_first, relayed, cut, vec![1; 8], vec![12; 20]] {
                client.send_to(&odd, to).expect("the cable takes it");
                only_receiver(&mut ports);
            }
        });
    }
}

/// The worker that receives what was sent; the others receive nothing.
fn only_receiver(ports: &mut [Port6]) -> usize {
    let mut arrivals = Arrivals6::new();
    let mut received = |port: &mut Port6, patience| {
        port.wait(Some(patience)).expect("a port can wait");
        port.recv(&mut arrivals).expect("a port can receive")
    };
    // A virtual cable delivers while it is sent, or soon.
    let short = PATIENCE / 6000;
    let mut found = (0..6000).filter_map(|_| ports.iter_mut().position(|port| received(port, short) == 1));
    let worker = found.next().expect("something arrives");
    for (other, port) in ports.iter_mut().enumerate() {
        assert_eq!(received(port, Duration::ZERO), 0, "worker {other} receives what is worker {worker}'s");
    }
    worker
}

/// A second server is noticed whatever the number of workers, and its address is free again when the first one ends.
#[test]
fn a_port_that_is_taken_is_not_shared() {
    with_cable(|cable| {
        prepare(&cable);
        let interface = cable.server.interface("wire");
        for group in [None, Some(GROUP)] {
            let spec = spec(&interface, "fe80::1", group);
            for workers in [1, 2] {
                let _first = open(&cable, &spec, workers);
                for others in [1, 2] {
                    let again = cable.server.run(|| open6(&spec, &SocketOptions6::default(), others));
                    let error = again.expect_err("it is taken");
                    assert_eq!(error.source.kind(), ErrorKind::AddrInUse);
                }
            }
            open(&cable, &spec, 2);
        }
    });
}
