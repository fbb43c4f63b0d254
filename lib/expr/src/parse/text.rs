//! Literals, functions and fields: what begins a string.

use std::net::IpAddr;

use kotare_options::Universe;

use super::{Fault, Parser};
use crate::{
    ast::{Branching, Field, Field4, Field6, Integer, Laziness, Meta, Notation, Text},
    lexer::Kind,
};

impl Parser<'_, '_> {
    /// A literal, a function or a field of the packet; `None` when it is something else.
    pub(super) fn text_word(&mut self) -> Result<Option<Text>, Fault> {
        let (notation, literal): (_, Box<[u8]>) = match self.peek() {
            Kind::String(text) => (Notation::Plain, text.as_bytes().into()),
            Kind::Hex(digits) => (Notation::Hexadecimal, hex(digits).into()),
            Kind::Address(IpAddr::V4(address)) => (Notation::Address, address.octets().into()),
            Kind::Address(IpAddr::V6(address)) => (Notation::Address, address.octets().into()),
            Kind::Integer(_) => {
                let value: u32 = self.integer("an integer", 0, u32::MAX.into())?;
                return Ok(Some(Text::Literal(Notation::Plain, value.to_be_bytes().into())));
            }
            Kind::Symbol(word) => return self.function_or_field(word),
            Kind::Name(_) | Kind::End => return Ok(None),
        };
        self.next += 1;
        Ok(Some(Text::Literal(notation, literal)))
    }

    fn function_or_field(&mut self, word: &'static str) -> Result<Option<Text>, Fault> {
        let unary: fn(Box<Text>) -> Text = match word {
            "pkt" => return self.field(META_FIELDS).map(Some),
            "pkt4" => {
                self.only_in(Universe::V4, word)?;
                return self.field(FIELDS4).map(Some);
            }
            "pkt6" => {
                self.only_in(Universe::V6, word)?;
                return self.field(FIELDS6).map(Some);
            }
            "substring" => return self.call(Self::substring).map(Some),
            "split" => return self.call(Self::split).map(Some),
            "concat" => {
                return self.call(|parser| Ok(Text::Concat(parser.pair()?.into()))).map(Some);
            }
            "hexstring" => {
                return self.call(|parser| Ok(Text::HexString(Box::new(parser.pair()?.into())))).map(Some);
            }
            "ifelse" => return self.call(|parser| parser.if_else(Laziness::Lazy)).map(Some),
            "sifelse" => return self.call(|parser| parser.if_else(Laziness::Strict)).map(Some),
            "lcase" => Text::LowerCase,
            "ucase" => Text::UpperCase,
            "addrtotext" => Text::FormatAddress,
            "int8totext" => |text| Text::FormatInteger(Integer::Int8, text),
            "int16totext" => |text| Text::FormatInteger(Integer::Int16, text),
            "int32totext" => |text| Text::FormatInteger(Integer::Int32, text),
            "uint8totext" => |text| Text::FormatInteger(Integer::Uint8, text),
            "uint16totext" => |text| Text::FormatInteger(Integer::Uint16, text),
            "uint32totext" => |text| Text::FormatInteger(Integer::Uint32, text),
            _ => return Ok(None),
        };
        self.call(|parser| Ok(unary(Box::new(parser.text()?)))).map(Some)
    }

    /// The word just seen, and its arguments in parentheses.
    fn call(&mut self, arguments: impl FnOnce(&mut Self) -> Result<Text, Fault>) -> Result<Text, Fault> {
        self.next += 1;
        self.expect("(")?;
        let text = arguments(self)?;
        self.expect(")")?;
        Ok(text)
    }

    fn pair(&mut self) -> Result<[Text; 2], Fault> {
        let first = self.text()?;
        self.expect(",")?;
        Ok([first, self.text()?])
    }

    fn substring(&mut self) -> Result<Text, Fault> {
        let text = self.text()?;
        self.expect(",")?;
        let start = self.integer("the start of a substring", i64::MIN, i64::MAX)?;
        self.expect(",")?;
        let length = match self.take("all") {
            true => None,
            false => Some(self.integer("the length of a substring, or 'all'", i64::MIN, i64::MAX)?),
        };
        Ok(Text::Substring(Box::new(text), start, length))
    }

    fn split(&mut self) -> Result<Text, Fault> {
        let [text, delimiters] = self.pair()?;
        self.expect(",")?;
        let field = self.integer("the number of a field", i64::MIN, i64::MAX)?;
        Ok(Text::Split(Box::new(text), Box::new(delimiters), field))
    }

    fn if_else(&mut self, laziness: Laziness) -> Result<Text, Fault> {
        let condition = self.condition()?;
        self.expect(",")?;
        // In the order in which Kea counts.
        let other = self.label(laziness);
        let then = self.text()?;
        self.expect(",")?;
        let end = self.label(laziness);
        let otherwise = self.text()?;
        let branching = match laziness {
            Laziness::Lazy => Branching::Lazy(other, end),
            Laziness::Strict => Branching::Strict,
        };
        Ok(Text::IfElse(Box::new((condition, then, otherwise)), branching))
    }

    /// The field after `pkt`, `pkt4` or `pkt6`.
    fn field(&mut self, fields: &[Field]) -> Result<Text, Fault> {
        self.next += 1;
        self.expect(".")?;
        self.field_of(fields)
    }

    /// One of these fields.
    pub(super) fn field_of(&mut self, fields: &[Field]) -> Result<Text, Fault> {
        let found = match self.peek() {
            Kind::Symbol(word) => fields.iter().find(|field| field.name() == word),
            _ => None,
        };
        let Some(field) = found else {
            let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
            return Err(self.unexpected(&format!("one of {}", names.join(", "))));
        };
        self.next += 1;
        Ok(Text::Packet(*field))
    }
}

/// What is known of any packet.
const META_FIELDS: &[Field] = &[
    Field::Any(Meta::Interface),
    Field::Any(Meta::Source),
    Field::Any(Meta::Destination),
    Field::Any(Meta::Length),
];

/// What a DHCPv4 message says outside its options.
const FIELDS4: &[Field] = &[
    Field::Of4(Field4::HardwareAddress),
    Field::Of4(Field4::HardwareLength),
    Field::Of4(Field4::HardwareType),
    Field::Of4(Field4::Ciaddr),
    Field::Of4(Field4::Giaddr),
    Field::Of4(Field4::Yiaddr),
    Field::Of4(Field4::Siaddr),
    Field::Of4(Field4::MessageType),
    Field::Of4(Field4::TransactionId),
];

/// What a DHCPv6 message says outside its options.
const FIELDS6: &[Field] = &[Field::Of6(Field6::MessageType), Field::Of6(Field6::TransactionId)];

/// Hexadecimal digits, a zero before them when their number is odd.
fn hex(digits: &str) -> Vec<u8> {
    let values: Vec<u8> =
        digits.bytes().filter_map(|byte| char::from(byte).to_digit(16)).map(|value| value as u8).collect();
    // In pairs from the right: the odd one, if any, is the first.
    values.rchunks(2).rev().map(|pair| pair.iter().fold(0, |byte, value| byte << 4 | value)).collect()
}
