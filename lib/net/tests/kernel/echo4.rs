//! Asking over a cable who is there.

use std::io;
use std::net::Ipv4Addr;

use kotare_net::{EchoError, EchoSocket4};
use kotare_wire::icmp::{Answer, Echo};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::support::{CLIENT, Cable, PATIENCE, SERVER, with_cable};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime can be made")
}

/// The next answer that `wanted` takes.
async fn answer(socket: &mut EchoSocket4, wanted: impl Fn(&Answer) -> bool) -> Answer {
    let found = async {
        loop {
            socket.receive().await.expect("an open socket receives");
            if let Some(found) = socket.answers().flatten().find(&wanted) {
                return found;
            }
        }
    };
    timeout(PATIENCE, found).await.expect("an answer comes")
}

fn echo(sequence: u16) -> Echo {
    Echo { id: 0x4b6f, sequence }
}

/// Who is there answers each request with its numbers; more than a batch of requests are all answered.
#[test]
fn a_host_answers_every_request() {
    with_cable(|cable: Cable| {
        cable.client.run(|| {
            runtime().block_on(async {
                let mut socket = EchoSocket4::open().expect("root may open it");
                for sequence in 0..200 {
                    socket.request(SERVER, echo(sequence)).expect("the server is reachable");
                    let expected = Answer::Reply { from: SERVER, echo: echo(sequence) };
                    assert_eq!(answer(&mut socket, |_| true).await, expected);
                }
                for sequence in 0..100 {
                    socket.request(SERVER, echo(sequence)).expect("the server is reachable");
                }
                for sequence in 0..100 {
                    let expected = Answer::Reply { from: SERVER, echo: echo(sequence) };
                    if !socket.answers().any(|answer| answer == Ok(expected)) {
                        answer(&mut socket, |answer| *answer == expected).await;
                    }
                }
            });
        });
    });
}

/// A router that knows no way says so, and the answer names whom was asked for.
#[test]
fn a_router_without_a_way_says_so() {
    with_cable(|cable: Cable| {
        let nowhere = Ipv4Addr::new(198, 51, 100, 7);
        cable.server.run(|| std::fs::write("/proc/sys/net/ipv4/ip_forward", "1").expect("root may forward"));
        cable.client.ip(&format!("route add 198.51.100.0/24 via {SERVER}"));
        cable.client.run(|| {
            runtime().block_on(async {
                let mut socket = EchoSocket4::open().expect("root may open it");
                socket.request(nowhere, echo(7)).expect("there is a route");
                let unreachable = Answer::Unreachable { target: nowhere, echo: echo(7) };
                assert_eq!(answer(&mut socket, |_| true).await, unreachable);
            });
        });
    });
}

/// A target that cannot be asked is refused at once, and the socket is good for others afterwards.
#[test]
fn a_target_that_cannot_be_asked_is_refused() {
    with_cable(|cable: Cable| {
        cable.server.run(|| {
            runtime().block_on(async {
                let mut socket = EchoSocket4::open().expect("root may open it");
                let refused = |target| match socket.request(target, echo(1)) {
                    Err(EchoError::Target(error)) => error,
                    other => panic!("{target} cannot be asked, but: {other:?}"),
                };
                let no_route = refused(Ipv4Addr::new(203, 0, 113, 1));
                assert_eq!(no_route.kind(), io::ErrorKind::NetworkUnreachable);
                let broadcast = refused(Ipv4Addr::new(192, 0, 2, 255));
                assert_eq!(broadcast.kind(), io::ErrorKind::PermissionDenied);
                socket.request(CLIENT, echo(2)).expect("the client is reachable");
                let reply = Answer::Reply { from: CLIENT, echo: echo(2) };
                assert_eq!(answer(&mut socket, |_| true).await, reply);
            });
        });
    });
}
