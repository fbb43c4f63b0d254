//! DHCPv6 messages, whole and damaged, through the body of the fuzz target.

#[path = "../../../fuzz/bodies/message6.rs"]
mod message6;

use std::net::Ipv6Addr;

use kotare_wire::v6::{Index, MAX_RELAYS, Malformed, Message, MessageType, OptionCode, Writer};
use proptest::prelude::*;

/// A client's message with an association for addresses and one for prefixes, through so many relay agents.
fn relayed(relays: usize) -> Vec<u8> {
    let mut buffer = vec![0; 3000];
    let mut writer = Writer::new(&mut buffer);
    let room = "the buffer is long enough";
    let mut opened = Vec::new();
    for number in 0..relays {
        let hops = (relays - 1 - number) as u8;
        let (link, peer) = (Ipv6Addr::from([number as u8; 16]), Ipv6Addr::from([0xfe; 16]));
        writer.relay_header(MessageType::RELAY_FORW, hops, link, peer).expect(room);
        writer.option(OptionCode::INTERFACE_ID, format!("port {number}").as_bytes()).expect(room);
        opened.push(writer.open(OptionCode::RELAY_MSG).expect(room));
    }
    writer.header(MessageType::SOLICIT, 0x00c0_ffee).expect(room);
    writer.option(OptionCode::CLIENTID, &[0, 3, 0, 1, 2, 3, 4, 5, 6, 7]).expect(room);
    writer.option(OptionCode::ORO, &[0, 23, 0, 24]).expect(room);
    writer.option(OptionCode::ELAPSED_TIME, &[0, 0]).expect(room);
    for (kind, inner, len) in
        [(OptionCode::IA_NA, OptionCode::IAADDR, 24), (OptionCode::IA_PD, OptionCode::IAPREFIX, 25)]
    {
        let association = writer.open(kind).expect(room);
        writer.bytes(&[0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0]).expect(room);
        writer.option(inner, &vec![0x20; len]).expect(room);
        writer.close(association);
    }
    writer.option(OptionCode::VENDOR_OPTS, &[0, 0, 0x11, 0x8b, 0, 1, 0, 1, 7]).expect(room);
    writer.option(OptionCode(4321), b"of no standard").expect(room);
    opened.into_iter().rev().for_each(|open| writer.close(open));
    writer.as_bytes().to_vec()
}

fn read(bytes: &[u8]) -> Result<(), Malformed> {
    let mut index = Index::new();
    Message::parse(bytes, &mut index).map(drop)
}

/// Changes to a message: bytes set, often to what a length or a code may be, a piece cut out, a piece put in twice.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![any::<u8>(), prop::sample::select(vec![0, 1, 3, 9, 12, 13, 25, 34])];
    let edit = (0..4u8, any::<prop::sample::Index>(), value, any::<prop::sample::Index>());
    (0..4usize, prop::collection::vec(edit, 1..8)).prop_map(|(relays, edits)| {
        let mut bytes = relayed(relays);
        for (kind, at, value, to) in edits {
            if bytes.is_empty() {
                break;
            }
            let (from, to) = (at.index(bytes.len()), to.index(bytes.len()));
            let (from, to) = (from.min(to), from.max(to));
            match kind {
                0 | 1 => bytes[from] = value,
                2 => drop(bytes.drain(from..to)),
                _ => bytes.extend_from_within(from..to),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// Messages damaged on the way uphold what the fuzz target asks.
    #[test]
    fn mutations_pass_the_fuzz_target(bytes in mutated()) {
        message6::check(&bytes);
    }

    /// So do bytes of chance.
    #[test]
    fn any_bytes_pass_the_fuzz_target(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        message6::check(&bytes);
    }
}

/// Each message may end anywhere.
#[test]
fn every_truncation_passes_the_fuzz_target() {
    for sample in [0, 1, 3].map(relayed) {
        for len in 0..=sample.len() {
            message6::check(&sample[..len]);
        }
    }
}

/// What is no message is refused with the reason.
#[test]
fn what_is_no_message_is_refused_with_the_reason() {
    assert_eq!(read(&[]), Err(Malformed::Short { len: 0, relays: 0 }));
    assert_eq!(read(&[1, 2, 3]), Err(Malformed::Short { len: 3, relays: 0 }));
    assert_eq!(read(&[12; 33]), Err(Malformed::ShortRelay { len: 33, relays: 0 }));
    assert_eq!(read(&[&[12; 34][..], &[0, 18, 0, 0]].concat()), Err(Malformed::NothingRelayed { relays: 0 }));
    // The message within is empty, or shorter than it must be.
    assert_eq!(read(&[&[12; 34][..], &[0, 9, 0, 0]].concat()), Err(Malformed::NothingRelayed { relays: 0 }));
    assert_eq!(
        read(&[&[12; 34][..], &[0, 9, 0, 1, 1]].concat()),
        Err(Malformed::Short { len: 1, relays: 1 })
    );
    assert_eq!(
        read(&[&[12; 34][..], &[0, 9, 0, 1, 12]].concat()),
        Err(Malformed::ShortRelay { len: 1, relays: 1 })
    );
    // The option ends behind the message around it.
    assert_eq!(
        read(&[&[12; 34][..], &[0, 9, 0, 5, 1, 0, 0, 1]].concat()),
        Err(Malformed::NothingRelayed { relays: 0 })
    );
    assert_eq!(read(&relayed(MAX_RELAYS)), Ok(()));
    assert_eq!(read(&relayed(MAX_RELAYS + 1)), Err(Malformed::TooManyRelays));
    assert_eq!(read(&vec![1; 65_536]), Err(Malformed::Long { len: 65_536 }));
}

/// An index answers for the message that it was read from, and for none when reading failed.
#[test]
fn a_message_is_looked_at_again() {
    let bytes = relayed(2);
    let mut index = Index::new();
    assert!(Message::new(&bytes, &index).is_none());
    index.read(&bytes).expect("it is a message");
    let again = Message::new(&bytes, &index).expect("it was read");
    assert_eq!((again.relays().len(), again.transaction_id()), (2, 0x00c0_ffee));
    assert!(Message::new(&bytes[1..], &index).is_none());
    assert!(index.read(&[1]).is_err());
    assert!(Message::new(&bytes, &index).is_none());
}
