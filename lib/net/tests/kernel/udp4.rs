//! UDP sockets against a real kernel, and the plain batch socket.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::thread;
use std::time::Duration;

use kotare_model::{Arrival4, Departure4};
use kotare_net::udp::{Address, Batch, BatchSocket};
use kotare_net::{Mode4, Port4, Ready, Socket4, SocketOptions4, Spec4, open4};

use crate::support::{CLIENT, Cable, PATIENCE, SERVER, SERVER_PORT, message, receive, steering, with_cable};

const CHADDR: [u8; 6] = [2, 0, 0, 0, 0, 7];

/// Opens the sockets, if need be again: a program that another test starts at this moment has all sockets of this
/// process until it runs, also one that was just closed here.
fn open(cable: &Cable, spec: &Spec4, workers: usize) -> Vec<Socket4> {
    cable.server.run(|| {
        let mut attempts = 100_000;
        loop {
            match open4(spec, &SocketOptions4::default(), workers) {
                Err(error) if error.source.kind() == ErrorKind::AddrInUse && attempts > 0 => {
                    attempts -= 1;
                    thread::yield_now();
                }
                opened => return opened.expect("UDP sockets open"),
            }
        }
    })
}

fn port(cable: &Cable, spec: &Spec4) -> Port4 {
    let mut port = Port4::new().expect("a port");
    for socket in open(cable, spec, 1) {
        port.add(socket).expect("a socket is added");
    }
    port
}

fn client(cable: &Cable) -> UdpSocket {
    let socket = cable.client.run(|| UdpSocket::bind((CLIENT, 0))).expect("a port is free");
    socket.set_broadcast(true).expect("a socket may broadcast");
    socket.set_read_timeout(Some(PATIENCE)).expect("not zero");
    socket
}

fn source(socket: &UdpSocket) -> SocketAddrV4 {
    match socket.local_addr() {
        Ok(std::net::SocketAddr::V4(address)) => address,
        other => panic!("an IPv4 socket has an IPv4 address, not {other:?}"),
    }
}

fn all_sent(place: usize, error: std::io::Error) {
    panic!("datagram {place} was not sent: {error}");
}

/// A relayed (unicast) query is received and answered from the address that it was sent to, not another one of the
/// interface.
#[test]
fn a_relayed_query_is_answered_from_the_address_it_was_sent_to() {
    with_cable(|cable| {
        cable.server.ip("address add 192.0.2.9/24 dev wire");
        let local = Ipv4Addr::new(192, 0, 2, 9);
        let spec = Spec4 { broadcast: false, local, ..cable.spec(Mode4::Udp) };
        let mut port = port(&cable, &spec);
        let relay = client(&cable);
        relay.send_to(&message(CHADDR), (local, SERVER_PORT)).expect("the server is reachable");
        let (arrival, payload) = receive(&mut port, 1).remove(0);
        assert_eq!(payload, message(CHADDR));
        let expected = Arrival4 {
            ifindex: spec.ifindex,
            local,
            destination: local,
            source: source(&relay),
            source_mac: None,
            destination_mac: None,
        };
        assert_eq!(arrival, expected);

        for ifindex in [arrival.ifindex, 0] {
            let to = Departure4 {
                ifindex,
                source: SocketAddrV4::new(local, SERVER_PORT),
                destination: arrival.source,
                destination_mac: None,
            };
            assert_eq!(port.send([(to, &b"reply"[..])], all_sent), 1);
            let mut buffer = [0; 64];
            let (length, from) = relay.recv_from(&mut buffer).expect("the reply arrives");
            assert_eq!(
                (&buffer[..length], from),
                (&b"reply"[..], SocketAddrV4::new(local, SERVER_PORT).into())
            );
        }
    });
}

/// Where broadcasts are wanted, they are received with unicast ones on one socket, and on this interface only.
#[test]
fn broadcasts_are_received_where_wanted() {
    with_cable(|cable| {
        let spec = cable.spec(Mode4::Udp);
        let mut port = port(&cable, &spec);
        let client = client(&cable);
        cable.client.ip("route add 255.255.255.255/32 dev wire");
        cable.server.ip("address add 127.0.0.2/8 dev lo");
        let elsewhere =
            cable.server.run(|| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port is free");
        elsewhere.send_to(&message([1; 6]), (Ipv4Addr::LOCALHOST, SERVER_PORT)).expect("the kernel takes it");
        client.send_to(&message(CHADDR), (Ipv4Addr::BROADCAST, SERVER_PORT)).expect("the cable takes it");
        client.send_to(&message(CHADDR), (SERVER, SERVER_PORT)).expect("the server is reachable");
        let destinations: Vec<_> = receive(&mut port, 2)
            .into_iter()
            .map(|(arrival, _)| (arrival.destination, arrival.local))
            .collect();
        assert_eq!(destinations, [(Ipv4Addr::BROADCAST, SERVER), (SERVER, SERVER)]);

        let to_all = Departure4 {
            ifindex: spec.ifindex,
            source: SocketAddrV4::new(SERVER, SERVER_PORT),
            destination: SocketAddrV4::new(Ipv4Addr::BROADCAST, source(&client).port()),
            destination_mac: None,
        };
        // A socket that hears broadcasts is bound to every address.
        let hearer =
            cable.client.run(|| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 4068))).expect("the port is free");
        hearer.set_read_timeout(Some(PATIENCE)).expect("not zero");
        let to_all = Departure4 { destination: SocketAddrV4::new(Ipv4Addr::BROADCAST, 4068), ..to_all };
        assert_eq!(port.send([(to_all, &b"offer"[..])], all_sent), 1);
        let (_, from) = hearer.recv_from(&mut [0; 64]).expect("the broadcast arrives");
        assert_eq!(from, SocketAddrV4::new(SERVER, SERVER_PORT).into());
    });
}

/// Every datagram of a client reaches the same worker, whichever relay sends it; the clients are spread.
#[test]
fn a_client_is_always_served_by_one_worker() {
    with_cable(|cable| {
        let relays: Vec<_> = (0..3).map(|_| client(&cable)).collect();
        let spec = Spec4 { broadcast: false, ..cable.spec(Mode4::Udp) };
        steering::check(open(&cable, &spec, 4), |chaddr, round| {
            let sent = relays[usize::from(round)].send_to(&message(chaddr), (SERVER, SERVER_PORT));
            sent.expect("the server is reachable");
        });
    });
}

/// A second server is noticed whatever the number of workers.
#[test]
fn a_port_that_is_taken_is_not_shared() {
    with_cable(|cable| {
        let spec = cable.spec(Mode4::Udp);
        for workers in [1, 2] {
            let _first = open(&cable, &spec, workers);
            for others in [1, 2] {
                let error = cable
                    .server
                    .run(|| open4(&spec, &SocketOptions4::default(), others))
                    .expect_err("it is taken");
                assert_eq!(error.source.kind(), ErrorKind::AddrInUse);
            }
        }
        // And free again.
        open(&cable, &spec, 2);
    });
}

/// Sockets opened later join a port, and others leave it; replies find theirs.
#[test]
fn sockets_join_and_leave_a_port() {
    with_cable(|cable| {
        let first = Spec4 { broadcast: false, ..cable.spec(Mode4::Udp) };
        let second = Spec4 { local: Ipv4Addr::new(192, 0, 2, 9), ..first.clone() };
        cable.server.ip("address add 192.0.2.9/24 dev wire");
        let relay = client(&cable);
        let mut port = port(&cable, &first);
        relay.send_to(&message(CHADDR), (SERVER, SERVER_PORT)).expect("the server is reachable");
        receive(&mut port, 1);
        for socket in open(&cable, &second, 1) {
            port.add(socket).expect("a socket is added");
        }
        port.retain(|spec| spec.local == second.local);
        assert_eq!(port.specs().collect::<Vec<_>>(), [&second]);
        relay.send_to(&message(CHADDR), (second.local, SERVER_PORT)).expect("the server is reachable");
        let (arrival, _) = receive(&mut port, 1).remove(0);
        assert_eq!(arrival.local, second.local);
        // The address that left the port is free for another server.
        open(&cable, &first, 1);
    });
}

/// A waiting worker is woken from another thread, a busy one hears it, and many wakes are one.
#[test]
fn a_worker_can_be_woken() {
    let mut port = Port4::new().expect("a port");
    let waker = port.waker();
    let woken = Ready { packets: false, woken: true };
    thread::scope(|scope| {
        scope.spawn(|| waker.wake());
        assert_eq!(port.wait(Some(PATIENCE)).expect("a port can wait"), woken);
    });
    waker.wake();
    waker.clone().wake();
    assert_eq!(port.wait(Some(PATIENCE)).expect("a port can wait"), woken);
    assert_eq!(port.wait(Some(Duration::from_millis(1))).expect("a port can wait"), Ready::default());
}

/// The batch socket moves more than a batch with one call to send, and tells who sent.
#[test]
fn a_batch_socket_sends_and_receives_many() {
    exchange_many(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));
    exchange_many(SocketAddrV6::new(Ipv6Addr::LOCALHOST, 0, 0, 0));
}

fn exchange_many<A: Address + PartialEq>(any: A) {
    let mut one = BatchSocket::bind(any, 1 << 20).expect("a port is free");
    let other = BatchSocket::bind(any, 1 << 20).expect("a port is free");
    let messages: Vec<Vec<u8>> = (0..100_u8).map(|n| vec![n; usize::from(n)]).collect();
    let sent = one.send(messages.iter().map(|message| (other.local(), &message[..])), all_sent);
    assert_eq!(sent, 100);
    let mut batch = Batch::new();
    let mut received = Vec::new();
    while received.len() < 100 {
        assert!(other.wait(Some(PATIENCE)).expect("a socket can wait"), "{} came", received.len());
        other.recv(&mut batch).expect("a socket can receive");
        received.extend(batch.iter().map(|(from, payload)| {
            assert_eq!(from, one.local());
            payload.to_vec()
        }));
    }
    assert_eq!(received, messages);
    assert_eq!(other.recv(&mut batch).expect("nothing is no error"), 0);
    assert_eq!(other.overflowed().expect("the kernel counts"), 0);

    // A datagram that cannot be sent does not keep others from it.
    let huge = vec![0; 70_000];
    let mut unsent = Vec::new();
    let datagrams = [(other.local(), &huge[..]), (other.local(), b"small")];
    assert_eq!(one.send(datagrams, |place, error| unsent.push((place, error.raw_os_error()))), 1);
    assert_eq!(unsent, [(0, Some(90))], "EMSGSIZE");
}

/// Messages that nobody reads pile up, and whoever reads them ends that.
#[test]
fn it_shows_when_messages_pile_up() {
    for mode in [Mode4::Raw, Mode4::Udp] {
        with_cable(|cable| {
            let mut port = port(&cable, &cable.spec(mode));
            let client = client(&cable);
            let mut sent = 0;
            while !port.is_crowded() {
                client.send_to(&message(CHADDR), (SERVER, SERVER_PORT)).expect("the server is reachable");
                sent += 1;
            }
            assert!(sent > 1, "one message is no pile");
            while port.is_crowded() {
                receive(&mut port, 1);
            }
        });
    }
}
