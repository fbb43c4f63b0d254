//! A reply taken apart for comparison.

use kotare_wire::v4::{Index, Message, MessageType, OptionCode};

use crate::packets::Answer;
use crate::verdict::Field;

/// The fields of a reply.
pub(crate) fn fields(answer: &Answer) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut add = |name: &str, value: String| fields.push((name.to_owned(), value));
    add("to mac", hex(&answer.destination_mac));
    add("from", answer.source.to_string());
    add("to", answer.destination.to_string());
    let mut index = Index::new();
    let message = match Message::parse(&answer.payload, &mut index) {
        Ok(message) => message,
        Err(malformed) => {
            add("message", malformed.to_string());
            return fields;
        }
    };
    add("op", format!("{:?}", message.op()));
    add("htype", message.htype().0.to_string());
    add("hlen", message.hlen().to_string());
    add("hops", message.hops().to_string());
    add("xid", format!("{:08x}", message.xid()));
    add("secs", message.secs().to_string());
    let refusal = message.message_type() == Some(MessageType::NAK);
    add(if refusal { "flags of a refusal" } else { "flags" }, format!("{:04x}", message.flags()));
    add("ciaddr", message.ciaddr().to_string());
    add("yiaddr", message.yiaddr().to_string());
    add("siaddr", message.siaddr().to_string());
    add("giaddr", message.giaddr().to_string());
    add("chaddr", hex(&answer.payload[28..44]));
    add("sname", text(message.sname()));
    add("file", text(message.file()));
    let mut seen = Vec::new();
    for (code, _) in message.options() {
        if !seen.contains(&code) {
            seen.push(code);
            let value: Vec<u8> = message.option(code).map_or_else(Vec::new, |value| value.bytes().collect());
            add(&option_name(code), hex(&value));
        }
    }
    add("order of options", seen.iter().map(|code| code.0.to_string()).collect::<Vec<_>>().join(" "));
    add("length", answer.payload.len().to_string());
    fields
}

/// `option 51 LEASE_TIME`
fn option_name(code: OptionCode) -> String {
    format!("option {} {}", code.0, code.name().unwrap_or_default()).trim_end().to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A field of the header: its text, or its bytes.
fn text(field: &[u8]) -> String {
    let end = field.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    field[..end].escape_ascii().to_string()
}
