//! A reply of DHCPv6 taken apart for comparison.

use std::fmt::Write;
use std::net::Ipv6Addr;

use kotare_wire::v6::{MessageType, OptionCode, StatusCode};

use super::link::Answer;
use crate::verdict::Field;

/// What kind of reply it is, within what is for relay agents.
pub(crate) fn kind(answer: &Answer) -> String {
    let mut message = &answer.payload[..];
    let mut relays = String::new();
    while let Some((_, options)) = relayed(message) {
        relays.push_str("relayed ");
        match Walk(options).find(|(code, _)| *code == OptionCode::RELAY_MSG) {
            Some((_, inner)) => message = inner,
            None => return relays + "nothing",
        }
    }
    relays + &message.first().map_or("nothing".to_owned(), |kind| MessageType(*kind).to_string())
}

/// The fields of a reply.
pub(crate) fn fields(answer: &Answer) -> Vec<Field> {
    let mut fields = vec![
        ("from".to_owned(), answer.source.to_string()),
        ("to".to_owned(), format!("{} port {}", answer.destination, answer.port)),
    ];
    let mut message = &answer.payload[..];
    let mut level = 0;
    while let Some((head, options)) = relayed(message) {
        level += 1;
        fields.push((format!("relay {level}"), head));
        let mut inner: &[u8] = &[];
        let mut shown = Vec::new();
        for (code, value) in Walk(options) {
            if code == OptionCode::RELAY_MSG {
                inner = value;
                shown.push(named(code));
            } else {
                shown.push(option(code, value));
            }
        }
        // The order in which a relay agent gets its own options back says nothing.
        shown.sort();
        fields.push((format!("relay {level} options"), shown.join(", ")));
        message = inner;
    }
    let (head, options) = message.split_at(message.len().min(4));
    fields.push(("head".to_owned(), hex(head)));
    fields.push((
        "order of options".to_owned(),
        Walk(options).map(|(code, _)| code.0.to_string()).collect::<Vec<_>>().join(" "),
    ));
    let mut again = 0;
    for (code, value) in Walk(options) {
        let mut name = named(code);
        if [OptionCode::IA_NA, OptionCode::IA_PD, OptionCode::IA_TA].contains(&code) {
            name += &format!(" {}", hex(value.get(..4).unwrap_or(value)));
        }
        if fields.iter().any(|(other, _)| *other == name) {
            again += 1;
            name += &format!(" again {again}");
        }
        fields.push((name, content(code, value)));
    }
    fields
}

/// The header of a message for a relay agent, and its options.
fn relayed(message: &[u8]) -> Option<(String, &[u8])> {
    let (head, options) = message.split_at_checked(34)?;
    if head[0] != MessageType::RELAY_REPL.0 {
        return None;
    }
    let address = |at: usize| {
        let octets: [u8; 16] = head[at..at + 16].try_into().expect("sixteen bytes");
        Ipv6Addr::from(octets)
    };
    Some((format!("hops {} link {} peer {}", head[1], address(2), address(18)), options))
}

/// `IAADDR {2001:db8::1 preferred 1 valid 2}`
fn option(code: OptionCode, value: &[u8]) -> String {
    format!("{} {{{}}}", named(code), content(code, value))
}

fn options(bytes: &[u8]) -> String {
    Walk(bytes).map(|(code, value)| option(code, value)).collect::<Vec<_>>().join(", ")
}

/// What is in an option, to be read by people.
fn content(code: OptionCode, value: &[u8]) -> String {
    let number = |at: usize| value.get(at..at + 4).map(|it| u32::from_be_bytes([it[0], it[1], it[2], it[3]]));
    let address = |at: usize| {
        let octets: Option<[u8; 16]> = value.get(at..at + 16)?.try_into().ok();
        octets.map(Ipv6Addr::from)
    };
    let told = || match code {
        OptionCode::IA_NA | OptionCode::IA_PD => {
            Some(format!("T1 {} T2 {} {}", number(4)?, number(8)?, options(&value[12..])))
        }
        OptionCode::IAADDR => Some(format!(
            "{} preferred {} valid {} {}",
            address(0)?,
            number(16)?,
            number(20)?,
            options(&value[24..])
        )),
        OptionCode::IAPREFIX => Some(format!(
            "{}/{} preferred {} valid {} {}",
            address(9)?,
            value[8],
            number(0)?,
            number(4)?,
            options(&value[25..])
        )),
        OptionCode::STATUS_CODE => {
            let status = StatusCode(u16::from_be_bytes([*value.first()?, *value.get(1)?]));
            Some(format!("{status} {}", value[2..].escape_ascii()))
        }
        OptionCode::VENDOR_OPTS => Some(format!("of {} {}", number(0)?, options(&value[4..]))),
        _ => None,
    };
    told().map_or_else(|| hex(value), |text| text.trim_end().to_owned())
}

/// `23 DNS_SERVERS`
fn named(code: OptionCode) -> String {
    format!("{} {}", code.0, code.name().unwrap_or_default()).trim_end().to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Options one after the other; what is cut off at the end is one of code 65535.
struct Walk<'a>(&'a [u8]);

impl<'a> Iterator for Walk<'a> {
    type Item = (OptionCode, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let whole = || {
            let (head, rest) = self.0.split_at_checked(4)?;
            let (value, rest) = rest.split_at_checked(u16::from_be_bytes([head[2], head[3]]).into())?;
            Some((OptionCode(u16::from_be_bytes([head[0], head[1]])), value, rest))
        };
        let (code, value, rest) = whole().unwrap_or((OptionCode(u16::MAX), self.0, &[]));
        self.0 = rest;
        Some((code, value))
    }
}
