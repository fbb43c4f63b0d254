//! The tree an expression becomes: conditions and strings, each only where it makes sense.

use kotare_options::{Definition, Definitions};
use regex::bytes::Regex;

use crate::ClassId;

/// An expression that is true or false: the `test` of a client class.
#[derive(Clone, Debug)]
pub struct Test(pub(crate) Condition);

/// An expression that is a string of bytes: `template-test`, and identifiers computed from packets.
#[derive(Clone, Debug)]
pub struct Value(pub(crate) Text);

/// True or false.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Not(Box<Condition>),
    /// `and`, and `sand` that looks at every operand.
    All(Vec<Condition>, Laziness),
    /// `or`, and `sor` that looks at every operand.
    Any(Vec<Condition>, Laziness),
    Equal(Box<(Text, Text)>),
    Match(Box<(Regex, Text)>),
    Member(ClassId),
    OptionExists(Box<OptionPath>),
    /// `vendor[enterprise].exists`
    VendorExists(Enterprise),
    /// `vendor-class[enterprise].exists`
    VendorClassExists(Enterprise),
}

/// A string of bytes.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    /// A literal: text, hexadecimal, an address, or an integer in four bytes.
    Literal(Box<[u8]>),
    Option(Box<OptionPath>, Form),
    Packet(Field),
    VendorEnterprise,
    VendorClassEnterprise,
    /// `vendor-class[enterprise].data[index]`
    VendorClassData(Enterprise, u8),
    Concat(Vec<Text>),
    /// Start and length; no length means all that follows.
    Substring(Box<Text>, i64, Option<i64>),
    /// String, delimiters, field counted from one.
    Split(Box<Text>, Box<Text>, i64),
    IfElse(Box<(Condition, Text, Text)>, Laziness),
    /// Bytes, separator.
    HexString(Box<(Text, Text)>),
    LowerCase(Box<Text>),
    UpperCase(Box<Text>),
    /// `addrtotext`
    FormatAddress(Box<Text>),
    /// `int8totext` and its like
    FormatInteger(Integer, Box<Text>),
}

/// Whether operands that cannot change the result are looked at. They can fail, so it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Laziness {
    Lazy,
    Strict,
}

/// What of an option is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `.hex`: the payload.
    Bytes,
    /// `.text`: the payload in words.
    Words,
}

/// An option of the packet, or a sub-option inside it.
#[derive(Clone, Debug)]
pub(crate) struct OptionPath {
    pub(crate) within: Within,
    /// From the outside in; never empty.
    pub(crate) steps: Box<[Step]>,
    /// For what only the packet decides: layouts of vendors, and text.
    pub(crate) definitions: Definitions,
}

/// Where the first step of a path is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    /// `option[…]`
    Message,
    /// `relay4[…]`
    Agent,
    /// `vendor[enterprise].option[…]`
    Vendor(Enterprise),
}

/// One option of a path, with its definition when it is known without the packet.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) code: u8,
    pub(crate) definition: Option<Definition>,
}

/// An enterprise number; `None` stands for any (`*` or `0`).
pub(crate) type Enterprise = Option<std::num::NonZeroU32>;

/// Something about the packet that is not an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Interface,
    Source,
    Destination,
    Length,
    HardwareAddress,
    HardwareLength,
    HardwareType,
    Ciaddr,
    Yiaddr,
    Siaddr,
    Giaddr,
    MessageType,
    TransactionId,
}

/// The integers `…totext` functions read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Integer {
    Int8,
    Int16,
    Int32,
    Uint8,
    Uint16,
    Uint32,
}

impl Integer {
    /// The function that converts it.
    pub(crate) fn function(self) -> &'static str {
        match self {
            Self::Int8 => "int8totext",
            Self::Int16 => "int16totext",
            Self::Int32 => "int32totext",
            Self::Uint8 => "uint8totext",
            Self::Uint16 => "uint16totext",
            Self::Uint32 => "uint32totext",
        }
    }
}
