//! Expressions as they are written, in full and in numbers where names may stand: `option[60].text`.

use std::fmt::{self, Display};
use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_model::Hex;

use crate::ast::{
    Branching, Condition, Enterprise, Field, Form, Integer, Junction, Laziness, Notation, OptionPath, Text,
    Within,
};
use crate::shown::{Length, Plain};

impl Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Not(condition) => write!(f, "not ({condition})"),
            Self::Joined(Junction { decisive, laziness }, first, others) => {
                let word = match (decisive, laziness) {
                    (true, Laziness::Lazy) => "or",
                    (false, Laziness::Lazy) => "and",
                    (true, Laziness::Strict) => "sor",
                    (false, Laziness::Strict) => "sand",
                };
                write!(f, "({first})")?;
                others.iter().try_for_each(|(_, other)| write!(f, " {word} ({other})"))
            }
            Self::Equal(sides) => write!(f, "{} == {}", sides.0, sides.1),
            Self::Match(parts) => write!(f, "match('{}', {})", parts.0.written, parts.1),
            Self::Member(class) => write!(f, "member('{}')", class.1),
            Self::OptionExists(path) => write!(f, "{}.exists", Whole(path)),
            Self::VendorExists(enterprise) => write!(f, "vendor[{}].exists", Any(*enterprise)),
            Self::VendorClassExists(enterprise) => write!(f, "vendor-class[{}].exists", Any(*enterprise)),
        }
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(notation, literal) => match (notation, &**literal) {
                (Notation::Address, &[a, b, c, d]) => write!(f, "{}", Ipv4Addr::new(a, b, c, d)),
                (Notation::Address, address) => match <[u8; 16]>::try_from(address) {
                    Ok(octets) => write!(f, "{}", Ipv6Addr::from(octets)),
                    Err(_) => write!(f, "0x{:x}", Hex(literal)),
                },
                // An integer is four bytes, too, and one of them may be a quote, which no text has.
                (Notation::Plain, _)
                    if literal.iter().all(|byte| matches!(byte, b' '..=b'&' | b'('..=b'~')) =>
                {
                    write!(f, "'{}'", Plain(literal))
                }
                _ => write!(f, "0x{:x}", Hex(literal)),
            },
            Self::Option(path, Form::Bytes) => write!(f, "{}.hex", Whole(path)),
            Self::Option(path, Form::Words) => write!(f, "{}.text", Whole(path)),
            Self::Packet(field) => match field {
                Field::Any(_) => write!(f, "pkt.{}", field.name()),
                Field::Of4(_) => write!(f, "pkt4.{}", field.name()),
                Field::Of6(_) => write!(f, "pkt6.{}", field.name()),
                Field::OfRelay(nest, _) => write!(f, "relay6[{nest}].{}", field.name()),
            },
            Self::VendorEnterprise => f.write_str("vendor.enterprise"),
            Self::VendorClassEnterprise => f.write_str("vendor-class.enterprise"),
            Self::VendorClassData(enterprise, index) => {
                write!(f, "vendor-class[{}].data[{index}]", Any(*enterprise))
            }
            Self::Concat(parts) => {
                f.write_str("concat(")?;
                for (at, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
            Self::Substring(text, start, length) => {
                write!(f, "substring({text}, {start}, {})", Length(*length))
            }
            Self::Split(text, delimiters, field) => write!(f, "split({text}, {delimiters}, {field})"),
            Self::IfElse(parts, branching) => {
                let word = if matches!(branching, Branching::Strict) { "sifelse" } else { "ifelse" };
                write!(f, "{word}({}, {}, {})", parts.0, parts.1, parts.2)
            }
            Self::HexString(parts) => write!(f, "hexstring({}, {})", parts.0, parts.1),
            Self::LowerCase(text) => write!(f, "lcase({text})"),
            Self::UpperCase(text) => write!(f, "ucase({text})"),
            Self::FormatAddress(text) => write!(f, "addrtotext({text})"),
            Self::FormatInteger(integer, text) => write!(f, "{}({text})", Integer::function(*integer)),
        }
    }
}

/// A path with what it is within.
struct Whole<'a>(&'a OptionPath);

impl Display for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.0;
        match path.within {
            Within::Message => write!(f, "{path}"),
            Within::Agent => {
                let mut steps = path.steps.iter();
                if let Some(step) = steps.next() {
                    write!(f, "relay4[{}]", step.code)?;
                }
                steps.try_for_each(|step| write!(f, ".option[{}]", step.code))
            }
            Within::Relay(nest) => write!(f, "relay6[{nest}].{path}"),
            Within::Vendor(enterprise) => write!(f, "vendor[{}].{path}", Any(enterprise)),
        }
    }
}

/// A vendor, or whichever there is.
struct Any(Enterprise);

impl Display for Any {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(enterprise) => enterprise.fmt(f),
            None => f.write_str("*"),
        }
    }
}
