//! What is on real wires is read as what it is.

mod common;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use common::corpus;
use dhcproto::v4::DhcpOption;
use dhcproto::{Decodable, Encodable};
use kotare_wire::frame::Frame;
use kotare_wire::v4::{Index, Message, OptionCode, OptionValue, RelayAgent, SERVER_PORT, SubOptionCode};

/// Every sample is a sound frame with a sound message of the type its name says.
#[test]
fn every_sample_is_read_as_what_it_is() {
    for sample in corpus() {
        let name = &sample.name;
        let frame = Frame::parse(&sample.frame, true).unwrap_or_else(|refused| panic!("{name}: {refused}"));
        assert!([frame.source.port(), frame.destination.port()].contains(&SERVER_PORT), "{name}");
        let mut index = Index::new();
        let message = Message::parse(frame.payload, &mut index)
            .unwrap_or_else(|malformed| panic!("{name}: {malformed}"));
        let message_type = message.message_type().expect("all samples have a type").to_string();
        let expected = name.rsplit('-').next().expect("a name").to_uppercase();
        assert_eq!(message_type, format!("DHCP{expected}"), "{name}");
        assert!(!message.cut_short(), "{name}");
        if name.contains("relayed") {
            let agent = message.option(OptionCode::RELAY_AGENT_INFORMATION).expect("the relay adds it");
            let agent = RelayAgent::new(agent.as_slice().expect("it is short"));
            assert!(agent.circuit_id().is_some() && !agent.cut_short(), "{name}");
            assert!(!message.giaddr().is_unspecified(), "{name}");
        }
    }
}

/// An independent decoder finds the same options with the same bytes in what clients and Kea send.
#[test]
fn an_independent_decoder_reads_the_same() {
    // The other one neither reads overloaded fields nor joins pieces with other options in between.
    let beyond_it = ["overload", "split"];
    for sample in corpus().iter().filter(|sample| !beyond_it.iter().any(|part| sample.name.contains(part))) {
        let name = &sample.name;
        let frame = Frame::parse(&sample.frame, true).expect(name);
        let mut index = Index::new();
        let message = Message::parse(frame.payload, &mut index).expect(name);
        let theirs = dhcproto::v4::Message::from_bytes(frame.payload).expect(name);
        assert_eq!(message.xid(), theirs.xid(), "{name}");
        assert_eq!(message.chaddr(), theirs.chaddr(), "{name}");
        let addresses = [theirs.ciaddr(), theirs.yiaddr(), theirs.siaddr(), theirs.giaddr()];
        assert_eq!(
            [message.ciaddr(), message.yiaddr(), message.siaddr(), message.giaddr()],
            addresses,
            "{name}"
        );
        for (code, theirs) in theirs.opts().iter() {
            let code = OptionCode(u8::from(*code));
            match message.option(code) {
                // Names that it compresses when it writes them back.
                Some(_) if code == OptionCode::DOMAIN_SEARCH => {}
                Some(ours) => assert_eq!(ours, OptionValue::new(&joined(theirs)), "{name}: option {code}"),
                // Passed over here as in Kea.
                None => {
                    assert!(name.contains("infiniband") && code == OptionCode::HOST_NAME, "{name}: {code}")
                }
            }
        }
        let count = message.options().map(|(code, _)| code).collect::<BTreeSet<_>>().len();
        // It stops at a name in ASCII (RFC 4702 §2.3.1, deprecated), which udhcpc sends.
        if !(name.contains("udhcpc") && message.has(OptionCode::FQDN)) {
            assert_eq!(theirs.opts().len() - usize::from(name.contains("infiniband")), count, "{name}");
        }
    }
}

/// The value of an option as the other encoder writes it, pieces joined.
fn joined(option: &DhcpOption) -> Vec<u8> {
    let encoded = option.to_vec().expect("what was decoded can be encoded");
    let mut value = Vec::new();
    let mut rest = &encoded[..];
    while let [_, len, tail @ ..] = rest {
        let (piece, tail) = tail.split_at(usize::from(*len));
        value.extend_from_slice(piece);
        rest = tail;
    }
    value
}

/// Overloaded fields, pieces of one value and sub-options are read to the letter.
#[test]
fn the_hard_samples_are_read_to_the_letter() {
    let samples = corpus();
    let sample = |part: &str| {
        let sample = samples.iter().find(|sample| sample.name.contains(part)).expect(part);
        Frame::parse(&sample.frame, true).expect(part)
    };

    let frame = sample("overload");
    let mut index = Index::new();
    let message = Message::parse(frame.payload, &mut index).expect("overload");
    assert!(message.overload().file && message.overload().sname);
    let search = message.option(OptionCode::DOMAIN_SEARCH).expect("in options and file");
    assert_eq!(search.as_slice(), None);
    assert_eq!(search, *b"\x07example\x03org\x00\x03lab\x00".as_slice());
    assert_eq!(message.option(OptionCode::DOMAIN_NAME), Some(OptionValue::new(b"example.org")));
    let order: Vec<u8> = message.options().map(|(code, _)| code.0).collect();
    assert_eq!(order, [53, 54, 52, 119, 67, 119, 66, 15]);

    let frame = sample("split");
    let mut index = Index::new();
    let message = Message::parse(frame.payload, &mut index).expect("split");
    let value = message.option(OptionCode(224)).expect("three pieces");
    assert_eq!(value.chunks().map(<[u8]>::len).collect::<Vec<_>>(), [255, 255, 6]);
    let mut scratch = [0; 600];
    let whole = value.contiguous(&mut scratch).expect("600 is more than 516");
    assert_eq!((whole.len(), &whole[512..]), (516, b"tail".as_slice()));

    let frame = sample("made-relayed");
    assert_eq!(frame.vlan, Some(42));
    let mut index = Index::new();
    let message = Message::parse(frame.payload, &mut index).expect("relayed");
    let agent = message.option(OptionCode::RELAY_AGENT_INFORMATION).expect("made with it");
    let agent = RelayAgent::new(agent.as_slice().expect("one piece"));
    assert_eq!(agent.link_selection(), Some(Ipv4Addr::new(203, 0, 113, 0)));
    assert_eq!(agent.server_id_override(), Some(Ipv4Addr::new(203, 0, 113, 1)));
    assert_eq!(agent.subscriber_id(), Some(OptionValue::new(b"subscriber 7")));
    assert_eq!(agent.sub_option(SubOptionCode::RELAY_FLAGS).and_then(|flags| flags.u8()), Some(0x80));
    assert!(agent.wants_source_port());
    assert_eq!(agent.sub_options().count(), 12);

    let frame = sample("infiniband");
    let mut index = Index::new();
    let message = Message::parse(frame.payload, &mut index).expect("infiniband");
    assert_eq!((message.hlen(), message.chaddr(), message.htype().0), (0, [].as_slice(), 32));
    assert!(message.broadcast() && !message.has(OptionCode::HOST_NAME));
    assert_eq!(message.option(OptionCode::MAX_MESSAGE_SIZE).and_then(|size| size.u16()), Some(1500));
}
