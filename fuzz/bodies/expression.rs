//! Any text as a class expression of either protocol, asked of any message, which stands behind the first zero byte.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_expr::{
    ClassId, Names, Packet, Packet4, Packet6, ParseError, Scratch, V4, V6, parse_test, parse_value,
};
use kotare_options::Definitions;
use kotare_wire::{v4, v6};

/// The longest string an expression may make.
const MAX_TEXT: usize = 1 << 16;

/// Panics when an expression is both or neither of what it may be, or its value is out of bounds.
pub(crate) fn check(input: &[u8]) {
    let mut parts = input.splitn(2, |&byte| byte == 0);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let bytes = parts.next().unwrap_or_default();

    let mut nothing = [0; v4::OPTIONS_AT];
    nothing[v4::OPTIONS_AT - 4..].copy_from_slice(&v4::MAGIC_COOKIE);
    let mut index = v4::Index::new();
    let message = if index.read(bytes).is_ok() { bytes } else { &nothing };
    if let Ok(message) = v4::Message::parse(message, &mut index) {
        ask(&text, &Definitions::v4(), &Message4(message));
    }

    let mut index = v6::Index::new();
    let message = if index.read(bytes).is_ok() { bytes } else { &[1, 0, 0, 0] };
    if let Ok(message) = v6::Message::parse(message, &mut index) {
        ask(&text, &Definitions::v6(), &Message6(message));
    }
}

/// The same, read for the protocol of these definitions.
fn ask(text: &str, options: &Definitions, packet: &impl Packet) {
    let class = &mut |name: &str| name.starts_with(char::is_alphabetic).then_some(ClassId(name.len() as u32));
    let mut names = Names { options, of_classes: &[], class };
    match (parse_test(text, &mut names), parse_value(text, &mut names)) {
        (Ok(test), Err(refused)) => {
            placed(text, &refused);
            if let Err(failed) = test.matches(packet) {
                assert!(!failed.to_string().is_empty());
            }
        }
        (Err(refused), Ok(value)) => {
            placed(text, &refused);
            match value.evaluate(packet, &mut Scratch::new()) {
                Ok(bytes) => assert!(bytes.len() <= MAX_TEXT),
                Err(failed) => assert!(!failed.to_string().is_empty()),
            }
        }
        (Err(one), Err(other)) => {
            placed(text, &one);
            placed(text, &other);
        }
        (Ok(_), Ok(_)) => panic!("'{text}' is true or false, and a string"),
    }
}

/// A fault is in the text, or right behind it.
fn placed(text: &str, fault: &ParseError) {
    let line = text.split('\n').nth(fault.line - 1).expect("a line of the text");
    assert!((1..=line.chars().count() + 1).contains(&fault.column), "{fault}");
}

/// A message of DHCPv4 as it came.
struct Message4<'a>(v4::Message<'a>);

impl Packet for Message4<'_> {
    type Protocol = V4;

    fn label(&self) -> &dyn fmt::Display {
        &"a client"
    }

    fn is_member(&self, class: ClassId) -> bool {
        class.0.is_multiple_of(2)
    }

    fn interface(&self) -> &str {
        "eth0"
    }

    fn length(&self) -> u32 {
        self.0.as_bytes().len() as u32
    }
}

impl Packet4 for Message4<'_> {
    fn option(&self, code: u8) -> Option<v4::OptionValue<'_>> {
        self.0.option(v4::OptionCode(code))
    }

    fn is_classified(&self) -> bool {
        self.0.xid().is_multiple_of(2)
    }

    fn source(&self) -> std::net::IpAddr {
        Ipv4Addr::UNSPECIFIED.into()
    }

    fn destination(&self) -> Ipv4Addr {
        Ipv4Addr::BROADCAST
    }

    fn hardware_address(&self) -> &[u8] {
        self.0.chaddr()
    }

    fn hardware_length(&self) -> u8 {
        self.0.chaddr().len() as u8
    }

    fn hardware_type(&self) -> u8 {
        self.0.htype().0 as u8
    }

    fn ciaddr(&self) -> Ipv4Addr {
        self.0.ciaddr()
    }

    fn yiaddr(&self) -> Ipv4Addr {
        self.0.yiaddr()
    }

    fn siaddr(&self) -> Ipv4Addr {
        self.0.siaddr()
    }

    fn giaddr(&self) -> Ipv4Addr {
        self.0.giaddr()
    }

    fn message_type(&self) -> u8 {
        self.0.message_type().map_or(0, |kind| kind.0)
    }

    fn transaction_id(&self) -> u32 {
        self.0.xid()
    }
}

/// A message of DHCPv6 as it came.
struct Message6<'a>(v6::Message<'a>);

impl Packet for Message6<'_> {
    type Protocol = V6;

    fn label(&self) -> &dyn fmt::Display {
        &"a client"
    }

    fn is_member(&self, class: ClassId) -> bool {
        class.0.is_multiple_of(2)
    }

    fn interface(&self) -> &str {
        "eth0"
    }

    fn length(&self) -> u32 {
        self.0.as_bytes().len() as u32
    }
}

impl Packet6 for Message6<'_> {
    fn options(&self, code: v6::OptionCode) -> impl Iterator<Item = &[u8]> {
        self.0.all(code)
    }

    fn source(&self) -> Ipv6Addr {
        Ipv6Addr::UNSPECIFIED
    }

    fn destination(&self) -> Ipv6Addr {
        Ipv6Addr::LOCALHOST
    }

    fn message_type(&self) -> u8 {
        self.0.message_type().0
    }

    fn transaction_id(&self) -> u32 {
        self.0.transaction_id()
    }

    fn relays(&self) -> usize {
        self.0.relays().len()
    }

    fn relay(&self, number: usize) -> Option<v6::Relay<'_>> {
        self.0.relay(number)
    }
}
