//! A packet to ask, and the names that expressions may use of it.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, Ipv4Addr},
};

use kotare_expr::{ClassId, Names, Packet4, ParseError, Test, V4, Value, parse_test, parse_value};
use kotare_options::{Definition, DefinitionText, Definitions, Universe};
use kotare_wire::v4::OptionValue;

/// A packet whose every answer is written down.
#[derive(Debug, Default)]
pub(crate) struct Packet {
    pub(crate) options: BTreeMap<u8, Vec<u8>>,
    pub(crate) classes: Vec<u32>,
    pub(crate) hardware: Vec<u8>,
    /// Nothing depends on its classes yet.
    pub(crate) unclassified: bool,
}

impl kotare_expr::Packet for Packet {
    type Protocol = V4;
    fn label(&self) -> &dyn fmt::Display {
        &"a client"
    }
    fn is_member(&self, class: ClassId) -> bool {
        self.classes.contains(&class.0)
    }
    fn interface(&self) -> &str {
        "eth0"
    }
    fn length(&self) -> u32 {
        300
    }
}

impl Packet4 for Packet {
    fn option(&self, code: u8) -> Option<OptionValue<'_>> {
        self.options.get(&code).map(|data| OptionValue::new(data))
    }
    fn is_classified(&self) -> bool {
        !self.unclassified
    }
    fn source(&self) -> IpAddr {
        Ipv4Addr::new(10, 0, 0, 1).into()
    }
    fn destination(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 0, 2)
    }
    fn hardware_address(&self) -> &[u8] {
        &self.hardware
    }
    fn hardware_length(&self) -> u8 {
        6
    }
    fn hardware_type(&self) -> u8 {
        1
    }
    fn ciaddr(&self) -> Ipv4Addr {
        Ipv4Addr::new(192, 0, 2, 1)
    }
    fn yiaddr(&self) -> Ipv4Addr {
        Ipv4Addr::new(192, 0, 2, 2)
    }
    fn siaddr(&self) -> Ipv4Addr {
        Ipv4Addr::new(192, 0, 2, 3)
    }
    fn giaddr(&self) -> Ipv4Addr {
        Ipv4Addr::new(192, 0, 2, 4)
    }
    fn message_type(&self) -> u8 {
        1
    }
    fn transaction_id(&self) -> u32 {
        12345
    }
}

/// A DISCOVER through a relay, with vendor options of two enterprises.
pub(crate) fn packet() -> Packet {
    let option = |(code, data): (u8, &[u8])| (code, data.to_vec());
    Packet {
        options: [
            (12, &b"host\0"[..]),
            (15, b"\0\0"),
            (43, b"\x01\x03foo\x00\x02\x01\x07\xff"),
            (53, &[1]),
            (55, &[1, 3]),
            (60, b"MSFT 5.0"),
            (82, b"\x01\x04\x00\x11\x22\x33\x02\x03abc\x05\x04\x0a\x00\x00\x00"),
            (100, b"hundred4"),
            (124, b"\x00\x00\x23\x28\x01x\x00\x00\x11\x8b\x03abc\x00\x00\x11\x8b\x02de"),
            (125, b"\x00\x00\x23\x28\x03\x01\x01\x2a\x00\x00\x11\x8b\x06\x02\x04\x0a\x00\x00\x01"),
            (250, b"\x01\x02\x03"),
        ]
        .map(option)
        .into(),
        classes: vec![1],
        hardware: vec![1, 2, 3, 4, 5, 6],
        unclassified: false,
    }
}

pub(crate) fn definitions() -> Definitions {
    let mut definitions = Definitions::v4();
    definitions.add(definition("custom", 250, "uint8", "")).unwrap();
    definitions
}

fn definition(name: &str, code: i64, data_type: &str, encapsulate: &str) -> Definition {
    let space = "dhcp4";
    let array = false;
    Definition::from_text(&DefinitionText {
        universe: Universe::V4,
        name,
        code,
        data_type,
        space,
        array,
        record_types: "",
        encapsulate,
    })
    .unwrap()
}

/// What two classes define.
pub(crate) fn of_classes() -> [(ClassId, Definitions); 2] {
    let class = |own: [Definition; 2]| {
        let mut definitions = definitions();
        own.into_iter().for_each(|own| definitions.add_of_class(own).unwrap());
        definitions
    };
    let inside = "vendor-encapsulated-options-space";
    [
        (ClassId(1), class([definition("a", 230, "empty", inside), definition("b", 43, "empty", inside)])),
        (ClassId(2), class([definition("c", 231, "string", ""), definition("d", 43, "binary", "")])),
    ]
}

fn class(name: &str) -> Option<ClassId> {
    ["KNOWN", "foo", "bar"]
        .iter()
        .zip(0..)
        .find(|(known, _)| **known == name)
        .map(|(_, index)| ClassId(index))
}

pub(crate) fn test(text: &str) -> Result<Test, ParseError> {
    test_with(text, &[])
}

pub(crate) fn test_with(text: &str, of_classes: &[(ClassId, Definitions)]) -> Result<Test, ParseError> {
    parse_test(text, &mut Names { options: &definitions(), of_classes, class: &mut class })
}

/// The tests of one configuration.
pub(crate) fn tests(texts: &[impl AsRef<str>]) -> Vec<Test> {
    let (options, of_classes) = (definitions(), of_classes());
    let mut names = Names { options: &options, of_classes: &of_classes, class: &mut class };
    let parsed = texts.iter().map(|text| (text.as_ref(), parse_test(text.as_ref(), &mut names)));
    parsed.map(|(text, test)| test.unwrap_or_else(|error| panic!("{text}: {error}"))).collect()
}

pub(crate) fn value(text: &str) -> Result<Value, ParseError> {
    parse_value(text, &mut Names { options: &definitions(), of_classes: &[], class: &mut class })
}
