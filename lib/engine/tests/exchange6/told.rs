//! Messages as tests write them, and replies as they read them.

use std::fmt::Write;
use std::net::Ipv6Addr;

use kotare_wire::v6::{
    Association, IaAddress, IaPrefix, Index, Message, MessageType, OptionCode, Options, StatusCode, Writer,
};

/// The server's DUID in tests.
pub(crate) const SERVER_ID: [u8; 6] = [0, 3, 0, 1, 0xaa, 0xbb];

/// Options as they are written.
type Written = Vec<(OptionCode, Vec<u8>)>;

/// A message of a client, whose DUID ends with a number.
#[derive(Clone)]
pub(crate) struct Ask {
    kind: MessageType,
    options: Written,
    relays: Vec<(Ipv6Addr, Written)>,
}

/// A message of this type from the client of this number; it names the server where it must.
pub(crate) fn ask(kind: MessageType, client: u8) -> Ask {
    let mut ask = Ask { kind, options: Vec::new(), relays: Vec::new() };
    ask = ask.option(OptionCode::CLIENTID, &[0, 3, 0, 1, 2, 0, 0, 0, 0, client]);
    let names_server = [MessageType::REQUEST, MessageType::RENEW, MessageType::RELEASE, MessageType::DECLINE];
    if names_server.contains(&kind) { ask.option(OptionCode::SERVERID, &SERVER_ID) } else { ask }
}

fn address(text: &str) -> Ipv6Addr {
    text.parse().unwrap_or_else(|_| panic!("{text} is no address"))
}

impl Ask {
    /// With an option.
    pub(crate) fn option(mut self, code: OptionCode, value: &[u8]) -> Self {
        self.options.push((code, value.to_vec()));
        self
    }

    /// With an IA_NA of these addresses: `2001:db8::1`, or with lifetimes `2001:db8::1 30/40`.
    pub(crate) fn na(self, iaid: u32, addresses: &[&str]) -> Self {
        let mut value = association(iaid);
        for text in addresses {
            let (place, preferred, valid) = timed(text);
            let mut inner = address(place).octets().to_vec();
            inner.extend([preferred.to_be_bytes(), valid.to_be_bytes()].concat());
            push(&mut value, OptionCode::IAADDR, &inner);
        }
        self.option(OptionCode::IA_NA, &value)
    }

    /// With an IA_PD of these prefixes: `2001:db8::/56`, `::/56` for a length alone, with lifetimes as of addresses.
    pub(crate) fn pd(self, iaid: u32, prefixes: &[&str]) -> Self {
        let mut value = association(iaid);
        for text in prefixes {
            let (place, preferred, valid) = timed(text);
            let (network, len) = place.split_once('/').expect("a prefix has a length");
            let mut inner = [preferred.to_be_bytes(), valid.to_be_bytes()].concat();
            inner.push(len.parse().unwrap());
            inner.extend(address(network).octets());
            push(&mut value, OptionCode::IAPREFIX, &inner);
        }
        self.option(OptionCode::IA_PD, &value)
    }

    /// That asks for options.
    pub(crate) fn oro(self, codes: &[u16]) -> Self {
        let value: Vec<u8> = codes.iter().flat_map(|code| code.to_be_bytes()).collect();
        self.option(OptionCode::ORO, &value)
    }

    /// That another relay agent passed on, with these options of its own.
    pub(crate) fn via(mut self, link: &str, options: &[(OptionCode, &[u8])]) -> Self {
        let options = options.iter().map(|(code, value)| (*code, value.to_vec())).collect();
        self.relays.push((address(link), options));
        self
    }

    /// Its bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut buffer = vec![0; 65_000];
        let mut writer = Writer::new(&mut buffer);
        let mut open = Vec::new();
        for (hops, (link, options)) in self.relays.iter().enumerate().rev() {
            let peer = address("fe80::c1");
            writer.relay_header(MessageType::RELAY_FORW, hops as u8, *link, peer).unwrap();
            options.iter().for_each(|(code, value)| writer.option(*code, value).unwrap());
            open.push(writer.open(OptionCode::RELAY_MSG).unwrap());
        }
        writer.header(self.kind, 0x00c0_ffee).unwrap();
        self.options.iter().for_each(|(code, value)| writer.option(*code, value).unwrap());
        open.into_iter().rev().for_each(|open| writer.close(open));
        let len = writer.len();
        buffer.truncate(len);
        buffer
    }
}

fn association(iaid: u32) -> Vec<u8> {
    [iaid.to_be_bytes(), [0; 4], [0; 4]].concat()
}

fn push(value: &mut Vec<u8>, code: OptionCode, inner: &[u8]) {
    value.extend([code.0.to_be_bytes(), (inner.len() as u16).to_be_bytes()].concat());
    value.extend(inner);
}

fn timed(text: &str) -> (&str, u32, u32) {
    let Some((place, times)) = text.split_once(' ') else { return (text, 0, 0) };
    let (preferred, valid) = times.split_once('/').expect("two lifetimes");
    (place, preferred.parse().unwrap(), valid.parse().unwrap())
}

/// A reply in words: its type, then its options but for identifiers and what relay agents get, with associations spelled
/// out: `REPLY na 1 t1=10 t2=20 [2001:db8::1 30/40]`.
pub(crate) fn told(bytes: &[u8]) -> String {
    let mut index = Index::new();
    let message = Message::parse(bytes, &mut index).expect("a reply is a message");
    assert!(!message.cut_short(), "a reply is sound");
    assert_eq!(message.transaction_id(), 0x00c0_ffee);
    assert_eq!(message.option(OptionCode::SERVERID), Some(&SERVER_ID[..]));
    let codes: Vec<_> = message.options().map(|(code, _)| code).collect();
    assert!(codes.is_sorted(), "options stand by code");
    let mut text = message.message_type().to_string();
    for (code, value) in message.options() {
        text.push_str(&option(code, value));
    }
    text
}

fn option(code: OptionCode, value: &[u8]) -> String {
    let mut text = String::new();
    match code {
        OptionCode::CLIENTID | OptionCode::SERVERID => {}
        OptionCode::IA_NA | OptionCode::IA_PD => {
            let Association { iaid, t1, t2, options } = Association::read(value).expect("an association");
            let name = if code == OptionCode::IA_NA { "na" } else { "pd" };
            let _ = write!(text, " {name} {iaid} t1={t1} t2={t2} [");
            let inner: Vec<_> = options.map(|(code, value)| inner(code, value)).collect();
            text.push_str(&inner.join(", "));
            text.push(']');
        }
        OptionCode::STATUS_CODE => {
            let _ = write!(text, " {}", status(value));
        }
        code => {
            let _ = write!(
                text,
                " {code}={}",
                value.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
            );
        }
    }
    text
}

fn inner(code: OptionCode, value: &[u8]) -> String {
    match code {
        OptionCode::IAADDR => {
            let IaAddress { address, preferred, valid, .. } = IaAddress::read(value).expect("an address");
            format!("{address} {preferred}/{valid}")
        }
        OptionCode::IAPREFIX => {
            let prefix = IaPrefix::read(value).expect("a prefix");
            let IaPrefix { preferred, valid, length, prefix, options } = prefix;
            let excluded = options.find_code(OptionCode::PD_EXCLUDE);
            let excluded = excluded.map_or(String::new(), |value| format!(" but {value:02x?}"));
            format!("{prefix}/{length} {preferred}/{valid}{excluded}")
        }
        OptionCode::STATUS_CODE => status(value),
        code => panic!("{code} in an association"),
    }
}

fn status(value: &[u8]) -> String {
    let (code, text) = value.split_first_chunk::<2>().expect("a status has a code");
    format!("{}: {}", StatusCode(u16::from_be_bytes(*code)), String::from_utf8_lossy(text))
}

/// The options of a message within relay agents' messages, and what each of these agents gets.
pub(crate) fn relayed(bytes: &[u8]) -> Vec<Vec<(u16, Vec<u8>)>> {
    let mut index = Index::new();
    let message = Message::parse(bytes, &mut index).unwrap();
    message
        .relays()
        .inspect(|relay| assert_eq!(relay.message_type(), MessageType::RELAY_REPL))
        .map(|relay| own(relay.options()))
        .collect()
}

/// The options of a relay agent's message without the message within.
fn own(options: Options<'_>) -> Vec<(u16, Vec<u8>)> {
    let own = options.filter(|(code, _)| *code != OptionCode::RELAY_MSG);
    own.map(|(code, value)| (code.0, value.to_vec())).collect()
}
