//! Any bytes: read as a message, walk over everything, write what was read, read it again.

use kotare_wire::v4::{Index, Message, OPTIONS_AT, OptionCode, OptionValue, Writer};

/// Panics when a view of `input` contradicts itself or what is written from it.
pub(crate) fn check(input: &[u8]) {
    let mut index = Index::new();
    let Ok(message) = Message::parse(input, &mut index) else { return };
    walk(&message);
    rewrite(&message);
}

fn walk(message: &Message<'_>) {
    let input = message.as_bytes();
    assert!(message.chaddr().len() <= 16);
    for field in [message.chaddr(), message.sname(), message.file()] {
        assert!(within(input, field));
    }
    let mut values = vec![Vec::new(); 256];
    let mut seen = [0; 256];
    for (code, value) in message.options() {
        assert!(within(input, value), "option {code} is elsewhere");
        values[usize::from(code.0)].extend_from_slice(value);
        seen[usize::from(code.0)] += 1;
    }
    for code in 0..=255 {
        let (value, expected) = (message.option(OptionCode(code)), &values[usize::from(code)]);
        assert_eq!(value.is_some(), seen[usize::from(code)] > 0, "option {code}");
        assert_eq!(value.is_some(), message.has(OptionCode(code)), "option {code}");
        let Some(value) = value else { continue };
        assert_eq!(value.len(), expected.len());
        assert_eq!(value.is_empty(), expected.is_empty());
        assert_eq!(value, OptionValue::new(expected));
        assert_eq!(value.as_slice().is_some(), seen[usize::from(code)] == 1);
        let mut scratch = vec![0; input.len()];
        assert_eq!(value.contiguous(&mut scratch), Ok(&expected[..]));
        assert_eq!(value.ipv4().is_some(), value.len() == 4);
    }
    assert_eq!([seen[0], seen[255]], [0, 0], "padding and end are no options");
    assert_eq!(message.message_type().is_some(), !values[53].is_empty());
    let _ = format!("{message:?} {:?} {:?}", message.overload(), message.cut_short());
}

/// Writes every option once, as one value: the overloaded fields move to the options field.
fn rewrite(message: &Message<'_>) {
    let mut buffer = vec![0xaa; message.as_bytes().len() + 256];
    let mut writer = Writer::new(&mut buffer).expect("the buffer is longer than any message read from it");
    writer
        .op(message.op())
        .hops(message.hops())
        .xid(message.xid())
        .secs(message.secs())
        .flags(message.flags());
    writer.chaddr(message.htype(), message.chaddr()).ciaddr(message.ciaddr()).yiaddr(message.yiaddr());
    writer.siaddr(message.siaddr()).giaddr(message.giaddr());
    writer.sname(message.sname()).expect("the field is as long as the field");
    writer.file(message.file()).expect("the field is as long as the field");
    let mut written = [false; 256];
    for (code, _) in message.options() {
        let value = message.option(code).expect("what stands there is found");
        if std::mem::replace(&mut written[usize::from(code.0)], true) || code == OptionCode::OVERLOAD {
            continue;
        }
        let outcome = match code {
            OptionCode::RELAY_AGENT_INFORMATION => writer.relay_agent(value),
            _ => writer.option_value(code, value),
        };
        outcome.expect("joined options take no more room than they took");
    }
    let len = writer.finish();
    assert!(len > OPTIONS_AT);
    let mut index = Index::new();
    let Ok(again) = Message::parse(&buffer[..len], &mut index) else {
        assert!(len > 65535, "what was written cannot be read");
        return;
    };
    assert!(!again.cut_short());
    assert_eq!(again.as_bytes().last(), Some(&OptionCode::END.0));
    assert_eq!(header(&again), header(message));
    for code in (0..=255).map(OptionCode).filter(|&code| code != OptionCode::OVERLOAD) {
        assert_eq!(again.option(code), message.option(code), "option {code}");
    }
    if message.has(OptionCode::RELAY_AGENT_INFORMATION) {
        assert_eq!(again.options().last().map(|(code, _)| code), Some(OptionCode::RELAY_AGENT_INFORMATION));
    }
}

/// The fixed fields but for chaddr's unused bytes.
fn header<'a>(message: &Message<'a>) -> (&'a [u8], &'a [u8], &'a [u8]) {
    (&message.as_bytes()[..28], message.chaddr(), &message.as_bytes()[44..OPTIONS_AT])
}

fn within(outer: &[u8], inner: &[u8]) -> bool {
    let (outer, inner) = (outer.as_ptr_range(), inner.as_ptr_range());
    outer.start <= inner.start && inner.end <= outer.end
}
