//! Any bytes: read as a DHCPv6 message, walk over everything, write what was read, read it again.

use kotare_wire::v6::{
    Association, Duid, IaAddress, IaPrefix, Index, MAX_RELAYS, Message, OptionCode, Options, Relay, Writer,
    vendor_class, vendor_options,
};

/// Panics when a view of `input` contradicts itself or what is written from it.
pub(crate) fn check(input: &[u8]) {
    let mut index = Index::new();
    let Ok(message) = Message::parse(input, &mut index) else { return };
    walk(&message);
    rewrite(&message);
}

fn walk(message: &Message<'_>) {
    assert!(message.relays().len() <= MAX_RELAYS);
    assert!(within(message.as_bytes(), message.inner()));
    assert!(!message.message_type().is_relayed());
    for relay in message.relays() {
        assert!(relay.message_type().is_relayed());
        let relayed =
            relay.options().filter(|&(code, _)| code == OptionCode::RELAY_MSG).last().expect("it was read");
        assert!(within(relayed.1, message.inner()));
    }
    for (code, value) in message.options() {
        assert!(within(message.inner(), value));
        let first = message.options().find(|option| option.0 == code).map(|option| option.1);
        assert_eq!(message.option(code), first);
        assert!(message.has(code));
        let all: Vec<_> =
            message.options().filter(|option| option.0 == code).map(|option| option.1).collect();
        assert_eq!(message.all(code).collect::<Vec<_>>(), all);
        value_of_any_kind(value);
    }
    for code in (0..1000).map(OptionCode) {
        assert_eq!(message.has(code), message.options().any(|option| option.0 == code));
    }
    let _ = format!("{message:?} {:?}", message.relays().collect::<Vec<_>>());
}

/// Whatever its option, a value is read as everything that a value can be.
fn value_of_any_kind(value: &[u8]) {
    let inside = |options: Options<'_>| options.for_each(|(_, inner)| assert!(within(value, inner)));
    assert_eq!(Association::read(value).is_some(), value.len() >= Association::LEN);
    assert_eq!(IaAddress::read(value).is_some(), value.len() >= IaAddress::LEN);
    assert_eq!(IaPrefix::read(value).is_some(), value.len() >= IaPrefix::LEN);
    Association::read(value).into_iter().for_each(|association| inside(association.options));
    IaAddress::read(value).into_iter().for_each(|address| inside(address.options));
    IaPrefix::read(value).into_iter().for_each(|prefix| inside(prefix.options));
    vendor_options(value).into_iter().for_each(|(_, options)| inside(options));
    vendor_class(value)
        .into_iter()
        .for_each(|(_, pieces)| pieces.for_each(|piece| assert!(within(value, piece))));
    if let Some((_, address)) = Duid::new(value).and_then(|duid| duid.hardware()) {
        assert!(within(value, address));
    }
}

/// Writes everything that was read: each relay agent's options but the last message in it, then the message.
fn rewrite(message: &Message<'_>) {
    let mut buffer = vec![0xaa; message.as_bytes().len()];
    let mut writer = Writer::new(&mut buffer);
    let written = "what was read has room where it was read from";
    let mut opened = Vec::new();
    for relay in message.relays() {
        writer
            .relay_header(relay.message_type(), relay.hop_count(), relay.link_address(), relay.peer_address())
            .expect(written);
        for (code, value) in others(relay) {
            writer.option(code, value).expect(written);
        }
        opened.push(writer.open(OptionCode::RELAY_MSG).expect(written));
    }
    writer.header(message.message_type(), message.transaction_id()).expect(written);
    for (code, value) in message.options() {
        writer.option(code, value).expect(written);
    }
    opened.into_iter().rev().for_each(|open| writer.close(open));
    let len = writer.len();
    let mut index = Index::new();
    let again = Message::parse(&buffer[..len], &mut index).expect("what was written can be read");
    assert!(!again.cut_short());
    assert_eq!(again.message_type(), message.message_type());
    assert_eq!(again.transaction_id(), message.transaction_id());
    assert!(again.options().eq(message.options()));
    assert_eq!(again.relays().len(), message.relays().len());
    for (one, other) in again.relays().zip(message.relays()) {
        assert_eq!(one.link_address(), other.link_address());
        assert!(others(one).eq(others(other)));
    }
}

/// The options of a relay agent that are no message.
fn others<'a>(relay: Relay<'a>) -> impl Iterator<Item = (OptionCode, &'a [u8])> {
    relay.options().filter(|&(code, _)| code != OptionCode::RELAY_MSG)
}

fn within(outer: &[u8], inner: &[u8]) -> bool {
    let (outer, inner) = (outer.as_ptr_range(), inner.as_ptr_range());
    outer.start <= inner.start && inner.end <= outer.end
}
