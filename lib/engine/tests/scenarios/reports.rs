//! Every message that comes is counted, whatever becomes of it.

use kotare_testkit::{Client, Config, Replies, SERVER, Via, World, logged};
use kotare_wire::v4::OptionCode;

/// Messages and what became of them, as statistics have it: received, of them DISCOVER, REQUEST and RELEASE; dropped,
/// of them because processing failed; sent, of them OFFER and ACK.
fn books(world: &World) -> [i64; 9] {
    [
        "pkt4-received",
        "pkt4-discover-received",
        "pkt4-request-received",
        "pkt4-release-received",
        "pkt4-receive-drop",
        "pkt4-processing-failed",
        "pkt4-sent",
        "pkt4-offer-sent",
        "pkt4-ack-sent",
    ]
    .map(|name| world.stat(name))
}

/// A reply that the network does not take was not sent, but its message was received and its lease is kept.
#[test]
fn a_reply_that_cannot_be_sent_stays_in_the_books() {
    let mut world = World::new(Config::usual().build());
    world.replies = Replies::Fail;
    assert_eq!(world.send(&Client::new(1).request(), Via::BROADCAST), None);
    assert_eq!(books(&world), [1, 0, 1, 0, 0, 0, 0, 0, 0]);
    assert_eq!((world.store.all().len(), world.stat("assigned-addresses")), (1, 1));
    world.replies = Replies::Leave;
    assert!(world.send(&Client::new(1).request(), Via::BROADCAST).is_some());
    assert_eq!(books(&world), [2, 0, 2, 0, 0, 0, 1, 0, 1]);
}

/// What is withheld because leases cannot be kept was received and of its type, and counts as failed; also a release,
/// which asks for no reply. What was dropped anyway is dropped once.
#[test]
fn withheld_replies_are_counted_by_type() {
    let mut world = World::new(Config::usual().build());
    let leased = world.lease(&Client::new(1)).unwrap();
    assert_eq!(books(&world), [2, 1, 1, 0, 0, 0, 2, 1, 1]);
    world.replies = Replies::Withheld;
    assert_eq!(world.send(&Client::new(2).discover(), Via::BROADCAST), None);
    assert_eq!(world.send(&Client::new(2).request(), Via::BROADCAST), None);
    assert_eq!(
        world.send(&Client::new(1).release(leased, kotare_testkit::SERVER), Via::unicast(leased)),
        None
    );
    assert_eq!(books(&world), [5, 2, 2, 1, 3, 3, 2, 1, 1]);
    world.store.fail(true);
    assert_eq!(world.send(&Client::new(3).discover(), Via::BROADCAST), None);
    assert_eq!(books(&world), [6, 3, 2, 1, 4, 4, 2, 1, 1]);
}

/// Bad messages are counted as Kea counts them: an identifier that is none cannot be processed, whatever RFC says so;
/// an empty option 53 makes a message unreadable, so that it is of no type at all.
#[test]
fn bad_messages_are_counted_by_what_is_bad() {
    let mut world = World::new(Config::usual().build());
    let dropped = |world: &World| {
        [
            "pkt4-received",
            "pkt4-unknown-received",
            "pkt4-discover-received",
            "pkt4-parse-failed",
            "pkt4-rfc-violation",
            "pkt4-processing-failed",
            "pkt4-receive-drop",
        ]
        .map(|name| world.stat(name))
    };
    for id in [&b""[..], b"1"] {
        world.send(&Client::new(1).with_id(id).discover(), Via::BROADCAST);
    }
    assert_eq!(dropped(&world), [2, 0, 2, 0, 0, 2, 2]);
    let typeless = Client::new(1).discover().without(OptionCode::MESSAGE_TYPE);
    world.send(&typeless.clone().option(OptionCode::MESSAGE_TYPE, b""), Via::BROADCAST);
    assert_eq!(dropped(&world), [3, 0, 2, 1, 0, 2, 3]);
    world.send(&typeless, Via::BROADCAST);
    assert_eq!(dropped(&world), [4, 1, 2, 1, 1, 2, 4]);
    // Kea knows nothing of what is shorter than a BOOTP message.
    world.send_bytes(&[1; 100], Via::BROADCAST);
    assert_eq!(dropped(&world), [5, 1, 2, 2, 1, 2, 5]);
}

/// A store that fails is told as what it kept from being done.
#[test]
fn a_failing_store_is_told_by_what_was_asked() {
    let mut world = World::new(Config::usual().build());
    let client = Client::new(1);
    let leased = world.lease(&client).unwrap();
    world.store.fail(true);
    for (message, via, told) in [
        (client.discover(), Via::BROADCAST, "ALLOC_ENGINE_V4_ALLOC_ERROR"),
        (client.renew(leased), Via::unicast(leased), "ALLOC_ENGINE_V4_ALLOC_ERROR"),
        (client.release(leased, SERVER), Via::unicast(leased), "DHCP4_RELEASE_EXCEPTION"),
        (client.decline(leased, SERVER), Via::BROADCAST, "DHCP4_DECLINE_FAIL"),
    ] {
        let (reply, lines) = logged(|| world.send(&message, via));
        assert_eq!(reply, None, "{told}");
        assert!(lines.iter().any(|line| line.id == told), "{told} is not in {lines:#?}");
    }
}
