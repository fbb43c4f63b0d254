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
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Not(Box<Condition>),
    /// `and`, `or`, `sand`, `sor`: what comes first, and what is joined to it.
    Joined(Junction, Box<Condition>, Box<[(Label, Condition)]>),
    Equal(Box<(Text, Text)>),
    Match(Box<(Pattern, Text)>),
    Member(Box<(ClassId, Box<str>)>),
    OptionExists(Box<OptionPath>),
    /// `vendor[enterprise].exists`
    VendorExists(Enterprise),
    /// `vendor-class[enterprise].exists`
    VendorClassExists(Enterprise),
}

/// A string of bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Text {
    /// A literal: text, hexadecimal, an address, or an integer in four bytes.
    Literal(Notation, Box<[u8]>),
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
    IfElse(Box<(Condition, Text, Text)>, Branching),
    /// Bytes, separator.
    HexString(Box<(Text, Text)>),
    LowerCase(Box<Text>),
    UpperCase(Box<Text>),
    /// `addrtotext`
    FormatAddress(Box<Text>),
    /// `int8totext` and its like
    FormatInteger(Integer, Box<Text>),
}

/// How a literal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// Text in quotes, and integers.
    Plain,
    Hexadecimal,
    Address,
}

/// How conditions are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Junction {
    /// What one operand must be for the whole to be it: true for `or`, false for `and`.
    pub(crate) decisive: bool,
    pub(crate) laziness: Laziness,
}

/// Whether operands that cannot change the result are looked at. They can fail, so it makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Laziness {
    Lazy,
    Strict,
}

/// How `ifelse` chooses, and `sifelse`, which looks at both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Branching {
    /// The labels before the second string and behind it.
    Lazy(Label, Label),
    Strict,
}

/// Where evaluation goes on when it leaves something out. Kea numbers these places as they are read, and names them in
/// its log.
pub(crate) type Label = u32;

/// A regular expression.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// As it was written.
    pub(crate) written: Box<str>,
    /// Matches the whole of a string.
    pub(crate) regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
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
    /// Whether what the first step leads to may depend on the class of the client.
    pub(crate) depends_on_class: bool,
    /// The steps as the definition of a class has them, for clients that belong to it; the first such class counts.
    pub(crate) of_classes: Box<[(ClassId, Box<[Step]>)]>,
    /// For what only the packet decides: layouts of vendors, and text.
    pub(crate) definitions: Definitions,
}

impl PartialEq for OptionPath {
    /// Whether they lead to the same for every packet, as far as that is told at once.
    fn eq(&self, other: &Self) -> bool {
        let Self { within, steps, depends_on_class: _, of_classes, definitions } = self;
        *within == other.within
            && *steps == other.steps
            && *of_classes == other.of_classes
            && definitions.is(&other.definitions)
    }
}

/// Where the first step of a path is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// `option[…]`
    Message,
    /// `relay4[…]`
    Agent,
    /// `relay6[nest].option[…]`: counted from the server, or below zero from the client.
    Relay(i8),
    /// `vendor[enterprise].option[…]`
    Vendor(Enterprise),
}

/// One option of a path, with its definition when it is known without the packet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) code: u16,
    pub(crate) definition: Option<Definition>,
}

/// An enterprise number; `None` stands for any (`*` or `0`).
pub(crate) type Enterprise = Option<std::num::NonZeroU32>;

/// Something about the packet that is not an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `pkt.…`
    Any(Meta),
    /// `pkt4.…`
    Of4(Field4),
    /// `pkt6.…`
    Of6(Field6),
    /// `relay6[nest].…`
    OfRelay(i8, RelayField),
}

/// What is known of any packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meta {
    Interface,
    Source,
    Destination,
    Length,
}

/// What a DHCPv4 message says outside its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field4 {
    HardwareAddress,
    HardwareLength,
    HardwareType,
    Ciaddr,
    Giaddr,
    Yiaddr,
    Siaddr,
    MessageType,
    TransactionId,
}

/// What a DHCPv6 message says outside its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field6 {
    MessageType,
    TransactionId,
}

/// What a DHCPv6 relay agent says outside its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayField {
    PeerAddress,
    LinkAddress,
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

impl Field {
    /// What comes after the dot.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any(Meta::Interface) => "iface",
            Self::Any(Meta::Source) => "src",
            Self::Any(Meta::Destination) => "dst",
            Self::Any(Meta::Length) => "len",
            Self::Of4(Field4::HardwareAddress) => "mac",
            Self::Of4(Field4::HardwareLength) => "hlen",
            Self::Of4(Field4::HardwareType) => "htype",
            Self::Of4(Field4::Ciaddr) => "ciaddr",
            Self::Of4(Field4::Giaddr) => "giaddr",
            Self::Of4(Field4::Yiaddr) => "yiaddr",
            Self::Of4(Field4::Siaddr) => "siaddr",
            Self::Of4(Field4::MessageType) | Self::Of6(Field6::MessageType) => "msgtype",
            Self::Of4(Field4::TransactionId) | Self::Of6(Field6::TransactionId) => "transid",
            Self::OfRelay(_, RelayField::PeerAddress) => "peeraddr",
            Self::OfRelay(_, RelayField::LinkAddress) => "linkaddr",
        }
    }
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
