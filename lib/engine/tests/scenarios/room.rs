//! Replies for which there is not enough room on their way.

use std::net::Ipv4Addr;

use kotare_config::v4::{Option4, OutboundInterface, SocketType};
use kotare_testkit::{Client, Config, Via, World, address, logged, option, relayed};
use kotare_wire::v4::OptionCode;

/// What fits into a packet of the interface.
const LONGEST: usize = 1500 - 28;

fn big(code: u8, len: usize) -> Option4 {
    option(code, &vec![code; len])
}

/// A client on the link hears what fits into one packet. Left out is first what nobody asked for, then what comes last
/// in the client's own list; never what the server says itself. Each such reply is counted.
#[test]
fn the_least_important_options_are_left_out() {
    let always = |code, len| Option4 { always_send: true, ..big(code, len) };
    let config = || Config::usual().option(always(200, 600)).option(always(240, 300)).option(big(210, 400));
    let told = |wants: &[u8]| {
        let mut world = World::new(config().option(big(220, 300)).build());
        let mut client = Client::new(1).with_id(b"an-identifier");
        client.wants = wants.to_vec();
        let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
        assert!(offer.bytes.len() <= LONGEST && offer.number(OptionCode::LEASE_TIME) == Some(4000));
        assert!(offer.option(OptionCode::CLIENT_IDENTIFIER).is_some());
        let big =
            offer.codes().into_iter().filter(|code| *code >= 200).collect::<std::collections::BTreeSet<_>>();
        (big.into_iter().collect::<Vec<_>>(), world.stat("pkt4-options-left-out"))
    };
    assert_eq!(told(&[]), (vec![200, 240], 0));
    assert_eq!(told(&[210]), (vec![200, 210], 1));
    assert_eq!(told(&[220, 210]), (vec![210, 220, 240], 1));
    assert_eq!(told(&[200, 220, 210]), (vec![200, 220], 1));
    assert_eq!(told(&[240, 220, 210, 200]), (vec![210, 220, 240], 1));
}

/// What all options take together, and no more, fits.
#[test]
fn a_packet_is_filled_to_its_last_byte() {
    let offer = |len| {
        let mut client = Client::new(1);
        client.wants = vec![200];
        let mut world = World::new(Config::usual().option(big(200, len)).build());
        world.send(&client.discover(), Via::BROADCAST).unwrap()
    };
    let rest = offer(1).bytes.len() - 3;
    // Split into five options.
    let fits = LONGEST - rest - 10;
    assert_eq!(offer(fits).bytes.len(), LONGEST);
    assert_eq!(offer(fits + 1).option(OptionCode(200)), None);
}

/// A relay puts fragments together: its client hears more than one packet of the link holds, by way of the system, which
/// makes them; what is short goes back as it came.
#[test]
fn replies_to_relays_may_be_longer() {
    let relay = address("192.0.2.2");
    for socket_type in [SocketType::Raw, SocketType::Udp] {
        let config = Config::usual().option(big(200, 3000)).with(|config| {
            config.interfaces.socket_type = socket_type;
            config.interfaces.outbound = OutboundInterface::SameAsInbound;
        });
        let mut world = World::new(config.build());
        let mut told = |wants: &[u8]| {
            let mut client = Client::new(1);
            client.wants = wants.to_vec();
            world.send(&relayed(client.discover(), relay, &[]), Via::relay(relay)).unwrap()
        };
        let (long, short) = (told(&[200]), told(&[]));
        assert_eq!(long.option(OptionCode(200)).unwrap().len(), 3000);
        assert_eq!((long.departure.ifindex, short.departure.ifindex), (0, 7));
        assert_eq!(
            (*long.departure.destination.ip(), *long.departure.source.ip()),
            (relay, kotare_testkit::SERVER)
        );
        assert_eq!(world.stat("pkt4-options-left-out"), 0);
    }
}

/// Where not even what a reply must have fits, there is none, and the message counts as dropped.
#[test]
fn a_reply_that_says_too_little_is_none() {
    let mut world = World::new(Config::usual().build());
    let client = Client::new(1).with_id(&[7; 200]);
    let agent = [1; 1100];
    let message = relayed(client.discover(), Ipv4Addr::UNSPECIFIED, &agent);
    assert_eq!(world.send(&message, Via::BROADCAST), None);
    assert_eq!((world.stat("pkt4-receive-drop"), world.stat("pkt4-processing-failed")), (1, 1));
}

/// Which options have no room is told once, however many clients it befalls; each reply is counted.
#[test]
fn what_is_left_out_is_told_once() {
    let mut world = World::new(Config::usual().option(big(200, 1000)).option(big(201, 1000)).build());
    let ((), lines) = logged(|| {
        for number in 1..=20 {
            let mut client = Client::new(number);
            client.wants = vec![200, 201];
            world.send(&client.discover(), Via::BROADCAST).unwrap();
        }
    });
    let told: Vec<_> = lines.iter().filter(|line| line.id == "KOTARE_OPTIONS_LEFT_OUT").collect();
    assert_eq!(told.len(), 1, "{lines:?}");
    assert!(told[0].text.contains("201"), "{told:?}");
    assert_eq!(world.stat("pkt4-options-left-out"), 20);
}
