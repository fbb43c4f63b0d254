//! Which messages are let in (RFC 9915 §16), and what is known of them.

use kotare_engine::v6::{Dropped, QueryKind, Violation};
use kotare_model::HwAddrSource;
use kotare_testkit::v6::{Client, Message, Relay, configured};
use kotare_wire::v6::{MessageType, OptionCode};
use serde_json::json;

use crate::world::{SERVER, World, address, through};

fn usual() -> World {
    World::new(configured(&json!({})))
}

/// Each message that is as its client would send it is let in, with what it is.
#[test]
fn sound_messages_are_let_in() {
    let (world, client) = (usual(), Client::new(7));
    let of = address("2001:db8::1");
    let messages = [
        (client.solicit(), QueryKind::Solicit),
        (client.request(SERVER, &[of]), QueryKind::Request),
        (client.confirm(&[of]), QueryKind::Confirm),
        (client.renew(SERVER, &[of]), QueryKind::Renew),
        (client.rebind(&[of]), QueryKind::Rebind),
        (client.information_request(), QueryKind::InformationRequest),
        (client.release(SERVER, &[of]), QueryKind::Release),
        (client.decline(SERVER, &[of]), QueryKind::Decline),
        (client.register(of, 100, 200), QueryKind::AddrRegInform),
    ];
    for (message, kind) in messages {
        let query = world.intake(&message.bytes()).unwrap();
        assert_eq!((query.kind, query.transaction), (kind, 7));
        assert_eq!(query.duid().unwrap().as_bytes(), client.duid);
        assert_eq!(query.client_key().is_some(), kind.changes_leases());
        assert_eq!(query.to_string(), "duid=[00:03:00:01:00:0c:00:00:00:07], [no hwaddr info], tid=0x7");
    }
    // Only who asks for configuration alone need not say who it is.
    let nameless = client.information_request().without(OptionCode::CLIENTID);
    assert_eq!(world.intake(&nameless.bytes()).unwrap().duid(), None);
}

/// §16: client and server are named where they must be, once, and where they must not be they are not.
#[test]
fn identifiers_are_where_they_must_be() {
    let (world, client) = (usual(), Client::new(7));
    let violation = |message: Message| match world.refusal(&message.bytes()) {
        Dropped::Violation(violation) => violation,
        other => panic!("{other:?}"),
    };
    let without = |code| client.request(SERVER, &[]).without(code);
    assert_eq!(violation(without(OptionCode::CLIENTID)), Violation::ClientIds(0));
    assert_eq!(violation(without(OptionCode::SERVERID)), Violation::ServerIds(0));
    let twice = client.solicit().option(OptionCode::CLIENTID, &client.duid);
    assert_eq!(violation(twice), Violation::ClientIds(2));
    let twice = client.renew(SERVER, &[]).option(OptionCode::SERVERID, SERVER);
    assert_eq!(violation(twice), Violation::ServerIds(2));
    let twice = client
        .information_request()
        .option(OptionCode::CLIENTID, &[1, 2, 3])
        .option(OptionCode::CLIENTID, &[1, 2, 3]);
    assert_eq!(violation(twice), Violation::ClientIds(3));
    for message in [client.solicit(), client.confirm(&[]), client.rebind(&[])] {
        assert_eq!(violation(message.option(OptionCode::SERVERID, SERVER)), Violation::NamesServer);
    }
}

/// A message that names another server is that one's, whatever else is wrong with it.
#[test]
fn other_servers_are_left_theirs() {
    let (world, client) = (usual(), Client::new(7));
    let other = client.request(&[0, 3, 0, 1, 9], &[]).without(OptionCode::CLIENTID);
    match world.refusal(&other.bytes()) {
        Dropped::OtherServer(Some(named)) => assert_eq!(named.as_bytes(), [0, 3, 0, 1, 9]),
        reason => panic!("{reason:?}"),
    }
    // What is no DUID is not this server's either.
    assert!(matches!(world.refusal(&client.request(&[9], &[]).bytes()), Dropped::OtherServer(None)));
}

/// §16: clients send to all servers; relay agents may send to one.
#[test]
fn clients_send_to_all_servers() {
    let world = World { destination: address("2001:db8::ffff"), ..usual() };
    let solicit = Client::new(7).solicit().bytes();
    assert!(matches!(world.refusal(&solicit), Dropped::Unicast));
    let relay = Relay::new(address("2001:db8::1"), address("fe80::7"));
    assert!(world.intake(&through(&solicit, &[relay])).unwrap().is_relayed());
    // RFC 7341 §8: option 88 names servers.
    let query = Client::new(7).message(MessageType::DHCPV4_QUERY, None).bytes();
    assert_eq!(world.intake(&query).unwrap().kind, QueryKind::Dhcpv4Query);
}

/// What servers say, what nobody says, and what a server answers a relay agent is not answered.
#[test]
fn messages_of_servers_are_not_answered() {
    let (world, client) = (usual(), Client::new(7));
    let kinds = [0, 2, 7, 10, 14, 15, 18, 21, 37, 38, 255].map(MessageType);
    for kind in kinds {
        let refused = world.intake(&client.message(kind, None).bytes()).unwrap_err();
        assert!(matches!(refused.reason, Dropped::UnknownMessageType(it) if it == kind), "{refused:?}");
        let sender = refused.sender.unwrap();
        assert_eq!((sender.message_type, sender.transaction), (kind, 7));
    }
    let relay = Relay::new(address("2001:db8::1"), address("fe80::7"));
    let mut answer = through(&client.solicit().bytes(), &[relay]);
    answer[0] = MessageType::RELAY_REPL.0;
    assert!(matches!(world.refusal(&answer), Dropped::Violation(Violation::ToRelay)));
}

/// Each of `mac-sources` finds the hardware address where it is, in the order written.
#[test]
fn hardware_addresses_are_found_where_they_are() {
    let client = Client::new(7);
    let mac = [0x00, 0x0c, 0, 0, 0, 7];
    let relay = |options: &[(OptionCode, &[u8])]| {
        let relay = Relay::new(address("2001:db8::1"), client.address);
        options.iter().fold(relay, |relay, (code, value)| relay.option(*code, value))
    };
    let cable_labs = |code: u8, high: u8| [&[0, 0, 0x11, 0x8b, high, code, 0, 6][..], &mac].concat();
    let (device, cmts) = (cable_labs(36, 0), cable_labs(2, 4));
    let solicit = client.solicit().option(OptionCode::VENDOR_OPTS, &device).bytes();
    let nearest = relay(&[
        (OptionCode::CLIENT_LINKLAYER_ADDR, &[&[0, 1][..], &mac].concat()),
        (OptionCode::REMOTE_ID, &[&[0, 0, 0, 9][..], &mac].concat()),
        (OptionCode::VENDOR_OPTS, &cmts),
    ]);
    let message = through(&solicit, &[nearest, Relay::new(address("2001:db8:1::1"), address("2001:db8::1"))]);
    let found = |sources: &[&str], message: &[u8]| {
        let world = World::new(configured(&json!({ "mac-sources": sources })));
        world.intake(message).unwrap().client.hwaddr
    };
    for (name, source) in [
        ("duid", HwAddrSource::Duid),
        ("ipv6-link-local", HwAddrSource::Ipv6LinkLocal),
        ("client-link-addr-option", HwAddrSource::ClientAddrRelayOption),
        ("remote-id", HwAddrSource::RemoteId),
        ("docsis-cmts", HwAddrSource::DocsisCmts),
        ("docsis-modem", HwAddrSource::DocsisModem),
    ] {
        let hwaddr = found(&["raw", "subscriber-id", name], &message).unwrap();
        assert_eq!((hwaddr.address.as_bytes(), hwaddr.address.htype(), hwaddr.source), (&mac[..], 1, source));
        let other = if name == "duid" { "remote-id" } else { "duid" };
        assert_eq!(found(&[name, other], &message).unwrap().source, source);
    }
    // Of those none is in a message that came as it was sent, from an address that was not made of a hardware address.
    let bare = client.clone().with_duid(&[0, 4, 1, 2, 3]).solicit().bytes();
    let sources = [
        "raw",
        "duid",
        "ipv6-link-local",
        "client-link-addr-option",
        "remote-id",
        "docsis-cmts",
        "docsis-modem",
    ];
    assert_eq!(found(&sources, &bare), None);
}
