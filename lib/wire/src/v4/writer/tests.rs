//! What a written message looks like, and what does not fit.

use super::super::{BOOTP_MIN_LEN, Index, Message};
use super::*;

const PRIVATE: OptionCode = OptionCode(224);

/// Values of every length up to four options are split at 255 bytes, and take what was announced.
#[test]
fn long_values_are_split() {
    let value: Vec<u8> = (0..1000).map(|i| i as u8).collect();
    let mut buffer = [0; 2048];
    for len in 0..=value.len() {
        let value = &value[..len];
        let mut writer = Writer::new(&mut buffer).expect("room");
        let before = writer.room();
        writer.option(PRIVATE, value).expect("room");
        assert_eq!(before - writer.room(), encoded_len(len));
        let end = writer.finish();
        let mut index = Index::new();
        let message = Message::parse(&buffer[..end], &mut index).expect("what was written");
        let pieces: Vec<usize> = message.options().map(|(_, value)| value.len()).collect();
        assert!(pieces[..pieces.len() - 1].iter().all(|&piece| piece == 255), "{pieces:?}");
        assert_eq!(message.option(PRIVATE), Some(OptionValue::new(value)));
        assert_eq!(end, OPTIONS_AT + encoded_len(len) + 1);
    }
}

/// A value in pieces is written in new ones.
#[test]
fn pieces_are_joined() {
    let mut first = [0; 1024];
    let mut writer = Writer::new(&mut first).expect("room");
    for len in [3, 0, 254, 255, 1] {
        writer.option(PRIVATE, &vec![len as u8; len]).expect("room");
    }
    let len = writer.finish();
    let mut index = Index::new();
    let value =
        Message::parse(&first[..len], &mut index).expect("a message").option(PRIVATE).expect("written");
    let mut second = [0; 1024];
    let mut writer = Writer::new(&mut second).expect("room");
    writer.option_value(PRIVATE, value).expect("room");
    let len = writer.finish();
    let mut index = Index::new();
    let message = Message::parse(&second[..len], &mut index).expect("a message");
    assert_eq!(message.option(PRIVATE), Some(value));
    assert_eq!(message.options().map(|(_, piece)| piece.len()).collect::<Vec<_>>(), [255, 255, 3]);
}

/// What does not fit is refused with the numbers, nothing of it is written, and less still fits.
#[test]
fn what_does_not_fit_is_refused_whole() {
    for room in 0..600 {
        let mut buffer = vec![0x55; OPTIONS_AT + room + 1];
        let mut writer = Writer::new(&mut buffer).expect("the header and END fit");
        assert_eq!(writer.room(), room);
        let value = [7; 300];
        match writer.option(PRIVATE, &value) {
            Ok(()) => assert!(room >= 304),
            Err(no_room) => {
                assert_eq!(no_room, NoRoom { needed: 304, left: room });
                assert_eq!(writer.len(), OPTIONS_AT);
            }
        }
        let left = writer.room();
        if left >= 2 {
            writer.option(PRIVATE, &value[..(left - 2).min(255)]).expect("less fits");
        }
        let len = writer.finish();
        assert_eq!(buffer[len - 1], OptionCode::END.0);
        assert!(!Message::parse(&buffer[..len], &mut Index::new()).expect("a message").cut_short());
    }
    assert_eq!(Writer::new(&mut [0; 240]).unwrap_err(), NoRoom { needed: 241, left: 240 });
}

/// Relay Agent Information has its room from when it is named, and stands last.
#[test]
fn relay_agent_information_is_last() {
    let mut buffer = [0; OPTIONS_AT + 20];
    let mut writer = Writer::new(&mut buffer).expect("room");
    assert!(writer.relay_agent(OptionValue::new(&[1; 18])).is_err());
    writer.relay_agent(OptionValue::new(&[2; 10])).expect("room for 12");
    writer.relay_agent(OptionValue::new(&[1, 3, 9, 9, 9])).expect("room for 7 instead");
    assert_eq!(writer.room(), 12);
    assert!(writer.option(PRIVATE, &[1; 11]).is_err());
    writer.option(PRIVATE, &[1; 10]).expect("just fits");
    assert_eq!((writer.room(), writer.finish()), (0, OPTIONS_AT + 20));
    assert_eq!(buffer[OPTIONS_AT + 12..], [82, 5, 1, 3, 9, 9, 9, 255]);
}

/// A packet holds a message besides IP and UDP headers.
#[test]
fn a_limit_is_kept() {
    assert_eq!([0, 576, 1500, 65535].map(payload_limit), [0, 548, 1472, 65507]);
    let mut buffer = [0; 1500];
    let mut writer = Writer::new(&mut buffer).expect("room");
    writer.limit(payload_limit(576)).limit(9999);
    assert_eq!(writer.room(), 548 - 241);
    assert!(writer.option(PRIVATE, &[0; 304]).is_err());
    writer.option(PRIVATE, &[0; 303]).expect("with two headers");
    assert_eq!(writer.finish(), 548);
    let mut writer = Writer::new(&mut buffer).expect("room");
    writer.message_type(MessageType::ACK).expect("room");
    writer.limit(0);
    assert_eq!((writer.room(), writer.finish()), (0, OPTIONS_AT + 4));
}

/// Padding fills up to what BOOTP wants, within buffer and limit, and never shortens.
#[test]
fn padding_goes_as_far_as_asked_and_no_further() {
    for (size, limit, expected) in [(400, 400, 300), (280, 400, 280), (400, 290, 290), (400, 200, 244)] {
        let mut buffer = vec![0xaa; size];
        let mut writer = Writer::new(&mut buffer).expect("room");
        writer.message_type(MessageType::ACK).expect("room");
        writer.limit(limit);
        assert_eq!(writer.finish_padded(BOOTP_MIN_LEN), expected);
        assert_eq!(buffer[OPTIONS_AT..OPTIONS_AT + 4], [53, 1, 5, 255]);
        assert!(buffer[OPTIONS_AT + 4..expected].iter().all(|&byte| byte == 0));
        assert!(buffer[expected..].iter().all(|&byte| byte == 0xaa));
    }
}

/// Fields are where RFC 2131 puts them; what was set before in a field is gone.
#[test]
fn fields_are_set_anew() {
    let mut buffer = [0xaa; 300];
    let mut writer = Writer::new(&mut buffer).expect("room");
    writer.chaddr(HardwareType(32), &[9; 20]).chaddr(HardwareType::ETHERNET, &[1, 2, 3, 4, 5, 6]);
    writer.sname(&[b'x'; 64]).expect("just fits");
    writer.sname(b"boot").expect("fits");
    assert_eq!(writer.sname(&[0; 65]), Err(NoRoom { needed: 65, left: 64 }));
    assert_eq!(writer.file(&[0; 129]), Err(NoRoom { needed: 129, left: 128 }));
    writer.op(Op::REPLY).hops(2).xid(0x01020304).secs(5).flags(0x8000).yiaddr(Ipv4Addr::new(192, 0, 2, 1));
    let len = writer.finish();
    assert_eq!(buffer[..12], [2, 1, 6, 2, 1, 2, 3, 4, 0, 5, 0x80, 0]);
    assert_eq!(buffer[12..28], [0, 0, 0, 0, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(buffer[28..50], *b"\x01\x02\x03\x04\x05\x06\0\0\0\0\0\0\0\0\0\0boot\0\0");
    assert!(buffer[50..236].iter().all(|&byte| byte == 0));
    assert_eq!((len, &buffer[236..241]), (241, [0x63, 0x82, 0x53, 0x63, 255].as_slice()));
}
