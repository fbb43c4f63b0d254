//! Sockets that change hands while packets come.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use kotare_net::{Arrivals4, Mode4, Port4, Socket4, SocketOptions4, Spec4, extend4, open4};

use crate::support::{CLIENT, Cable, PATIENCE, SERVER, SERVER_PORT, Tap, message, steering, with_cable};

const OPTIONS: SocketOptions4 = SocketOptions4 { server_port: SERVER_PORT, receive_buffer: 4 << 20 };

/// Does it again while a program that another test starts still has a socket of this port.
fn patiently<T>(mut attempt: impl FnMut() -> Result<T, kotare_net::SocketError>) -> T {
    for _ in 0..100_000 {
        match attempt() {
            Err(error) if error.source.kind() == ErrorKind::AddrInUse => thread::yield_now(),
            done => return done.expect("sockets open"),
        }
    }
    panic!("the port is never free");
}

fn port(sockets: impl IntoIterator<Item = Socket4>) -> Port4 {
    let mut port = Port4::new().expect("a port");
    for socket in sockets {
        port.add(socket).expect("a socket is added");
    }
    port
}

/// One worker's socket goes to three, and from them to two, while a client sends: each message is received once. Whoever
/// gave a socket away receives nothing more.
fn nothing_is_lost(cable: &Cable, spec: &Spec4, send: impl Fn([u8; 6]) + Sync) {
    let mut former = vec![port(cable.server.run(|| patiently(|| open4(spec, &OPTIONS, 1))))];
    let (done, taken) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut received = Vec::new();
    let mut arrivals = Arrivals4::new();
    let sent = thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let mut sent = Vec::new();
            while !done.load(Ordering::Acquire) || sent.len() < 600 {
                let number = u16::try_from(sent.len()).expect("it does not take so long").to_be_bytes();
                sent.push(number);
                send([2, 1, 1, 1, number[0], number[1]]);
                if sent.len() % 32 == 0 {
                    thread::park_timeout(Duration::from_millis(1));
                }
                // No more wait than a buffer holds, however long nobody reads.
                let mut patience = 60_000;
                while sent.len() > taken.load(Ordering::Acquire) + 128 && patience > 0 {
                    thread::park_timeout(Duration::from_millis(1));
                    patience -= 1;
                }
            }
            sent
        });
        for workers in [1, 3, 2] {
            let mut sockets: Vec<Socket4> = former.iter_mut().flat_map(Port4::hand_over).collect();
            cable.server.run(|| patiently(|| extend4(&mut sockets, &OPTIONS, workers)));
            let mut ports: Vec<Port4> = (0..workers).map(|_| port([])).collect();
            for (at, socket) in sockets.into_iter().enumerate() {
                ports[at % workers].add(socket).expect("a socket is added");
            }
            let enough = received.len() + 150;
            while received.len() < enough {
                read(&mut ports, &mut arrivals, &mut received);
                taken.store(received.len(), Ordering::Release);
            }
            for port in &mut former {
                assert!(!port.wait(Some(Duration::ZERO)).expect("a port can wait").packets);
                assert_eq!(port.recv(&mut arrivals).expect("a port can be asked"), 0);
            }
            former = ports;
        }
        done.store(true, Ordering::Release);
        taken.store(usize::MAX / 2, Ordering::Release);
        sender.join().expect("the sender does not panic")
    });
    let mut idle = Duration::ZERO;
    while received.len() < sent.len() && idle < PATIENCE {
        let before = received.len();
        read(&mut former, &mut arrivals, &mut received);
        idle = if received.len() == before { idle + Duration::from_millis(10) } else { Duration::ZERO };
    }
    received.sort_unstable();
    assert_eq!(received, sent);
    drop(former);
    // The same sockets serve clients of which each has a worker of its own.
    let mut sockets = cable.server.run(|| patiently(|| open4(spec, &OPTIONS, 1)));
    cable.server.run(|| patiently(|| extend4(&mut sockets, &OPTIONS, 3)));
    steering::check(sockets, |chaddr, _| send(chaddr));
}

fn read(ports: &mut [Port4], arrivals: &mut Arrivals4, received: &mut Vec<[u8; 2]>) {
    for port in ports {
        if port.wait(Some(Duration::from_millis(5))).expect("a port can wait").packets {
            port.recv(arrivals).expect("a port can receive");
            received.extend(arrivals.iter().map(|(_, payload)| [payload[32], payload[33]]));
        }
    }
}

/// Raw sockets: from one that is alone to a group, and back to fewer ports than sockets.
#[test]
fn raw_sockets_change_hands_and_lose_nothing() {
    with_cable(|cable| {
        let tap = Tap::new(&cable.client);
        nothing_is_lost(&cable, &cable.spec(Mode4::Raw), |chaddr| tap.broadcast(&message(chaddr)));
    });
}

/// UDP sockets: from one that has the port alone to several that share it, and back to fewer ports than sockets.
#[test]
fn udp_sockets_change_hands_and_lose_nothing() {
    with_cable(|cable| {
        let client = cable.client.run(|| UdpSocket::bind((CLIENT, 0))).expect("a port is free");
        let spec = Spec4 { broadcast: false, ..cable.spec(Mode4::Udp) };
        nothing_is_lost(&cable, &spec, |chaddr| {
            client.send_to(&message(chaddr), (SERVER, SERVER_PORT)).expect("the server is reachable");
        });
    });
}
