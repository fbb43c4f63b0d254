//! What every packet costs: no allocation, in any of the common exchanges.

use std::net::SocketAddrV4;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use kotare_engine::v4::{Outcome, Received, ReplyKind, Sent, report};
use kotare_model::Arrival4;
use kotare_testkit::{Client, Config, Message, SERVER, Subnet, Via, World, relayed};
use kotare_wire::v4::{Index, Message as View, OptionCode};

/// How many allocations intake, exchange and report of a message make. The exchange is ready at the first poll.
fn allocations(world: &World, message: &Message, via: Via, expected: Option<ReplyKind>) -> u64 {
    let bytes = message.bytes();
    let received = Received {
        datagram: &bytes,
        arrival: Arrival4 {
            ifindex: 7,
            local: via.local,
            destination: via.destination,
            source: SocketAddrV4::new(via.source, via.port),
            source_mac: via.mac,
        },
        interface: "eth0",
        listening: &[SERVER],
    };
    let mut reply = [0; 1500];
    let mut index = Index::new();
    let mut kind = None;
    let counted = allocation_counter::measure(|| {
        let mut query = world.server.intake(&received, &mut index).unwrap();
        let message = View::new(&bytes, &index).unwrap();
        let exchange = world.server.exchange(&world.leases, message, &mut query, world.now, 1, &mut reply);
        let Poll::Ready(outcome) = pin!(exchange).poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a store in memory makes nobody wait");
        };
        report(&world.server, &query, &outcome, Sent::Done, &world.counters);
        if let Outcome::Reply(reply) = outcome {
            kind = Some(reply.kind);
        }
    });
    assert_eq!(kind, expected);
    counted.count_total
}

/// DISCOVER, REQUEST in all its states, INFORM, RELEASE and DECLINE, straight and relayed, named and identified:
/// nothing is allocated.
#[test]
fn the_common_exchanges_allocate_nothing() {
    let subnet = Subnet::new(1, "192.0.2.0/24")
        .pool("192.0.2.100", "192.0.2.199")
        .option(kotare_testkit::option(3, &[192, 0, 2, 1]))
        .with(|params| params.tee_times.calculate = true);
    let mut world = World::new(Config::new().subnet(subnet).build());
    let client = |number: u32| Client::new(number).with_id(&[1, 2, 0, 0, 0, 0, number as u8]);
    let named = |message: Message| message.option(OptionCode::HOST_NAME, b"a-usual-host-name");
    let leased = world.lease(&client(1)).unwrap();
    let offer = world.send(&client(2).discover(), Via::BROADCAST).unwrap();
    world.pass(100);
    use ReplyKind::{Ack, Nak, Offer};
    let agent = [1, 4, 1, 2, 3, 4, 2, 6, 1, 2, 3, 4, 5, 6];
    let script = [
        (named(client(3).discover()), Via::BROADCAST, Some(Offer)),
        (relayed(client(4).discover(), SERVER, &agent), Via::relay(SERVER), Some(Offer)),
        (named(client(2).select(&offer)), Via::BROADCAST, Some(Ack)),
        (named(client(1).renew(leased)), Via::unicast(leased), Some(Ack)),
        (client(1).renew(leased), Via::broadcast(leased), Some(Ack)),
        (client(1).reboot(leased), Via::BROADCAST, Some(Ack)),
        (client(5).renew(leased), Via::unicast(leased), Some(Nak)),
        (client(1).inform(leased), Via::unicast(leased), Some(Ack)),
        (client(1).discover(), Via::BROADCAST, Some(Offer)),
        (client(2).release(offer.yiaddr(), SERVER), Via::unicast(offer.yiaddr()), None),
        (client(1).decline(leased, SERVER), Via::BROADCAST, None),
    ];
    for (message, via, expected) in script {
        assert_eq!(allocations(&world, &message, via, expected), 0, "{message:?}");
    }
}
