//! Asking a packet.

use std::fmt;

use kotare_model::Hex;

use crate::{
    Packet, Part, Scratch, Test, Value,
    ast::{Branching, Condition, Field, Junction, Label, Laziness, Meta, Notation, Text},
    messages::*,
    overheard::{Hear, Nobody},
    protocol::Protocol,
    scratch::Bytes,
    shown::{InHex, Plain, Quoted},
};

/// A value that a function cannot convert, met while evaluating. Kea then leaves the class unassigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationError {
    /// The function, as written in expressions.
    pub function: &'static str,
    /// How many bytes it was given.
    pub given: usize,
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was given {} bytes, which it cannot convert", self.function, self.given)
    }
}

impl std::error::Error for EvaluationError {}

/// Most bytes a string may grow to: more than a message has.
const MAX_TEXT: usize = 1 << 16;

impl Test {
    /// Whether the packet satisfies the test. Options a packet does not have are empty strings.
    ///
    /// # Errors
    /// When a conversion function meets bytes of a length it cannot convert, or a string grows out of all
    /// proportion (64 KiB).
    pub fn matches(&self, packet: &impl Packet) -> Result<bool, EvaluationError> {
        self.matches_with(packet, &mut Scratch::new())
    }

    /// The same for who asks many: what has to be made is put into `scratch`, whatever that had before.
    ///
    /// # Errors
    /// As [`Test::matches`].
    pub fn matches_with(&self, packet: &impl Packet, scratch: &mut Scratch) -> Result<bool, EvaluationError> {
        self.heard(packet, scratch, &mut Nobody)
    }

    pub(crate) fn heard(
        &self,
        packet: &impl Packet,
        scratch: &mut Scratch,
        hear: &mut impl Hear,
    ) -> Result<bool, EvaluationError> {
        scratch.truncate(0);
        Evaluation { packet, scratch, hear }.holds(&self.0)
    }
}

impl Value {
    /// The value for this packet; empty when what it speaks of is absent. What has to be made for it is put into
    /// `scratch`, whatever that had before.
    ///
    /// # Errors
    /// As [`Test::matches`].
    pub fn evaluate<'a>(
        &'a self,
        packet: &'a impl Packet,
        scratch: &'a mut Scratch,
    ) -> Result<&'a [u8], EvaluationError> {
        self.heard(packet, scratch, &mut Nobody)
    }

    pub(crate) fn heard<'a>(
        &'a self,
        packet: &'a impl Packet,
        scratch: &'a mut Scratch,
        hear: &mut impl Hear,
    ) -> Result<&'a [u8], EvaluationError> {
        scratch.truncate(0);
        let value = Evaluation { packet, scratch: &mut *scratch, hear }.bytes(&self.0)?;
        Ok(scratch.view(value))
    }
}

/// An expression being evaluated for a packet.
pub(crate) struct Evaluation<'a, 's, P, H> {
    pub(crate) packet: &'a P,
    pub(crate) scratch: &'s mut Scratch,
    /// Who wants to hear what the parts come to.
    pub(crate) hear: &'s mut H,
}

impl<'a, P: Packet, H: Hear> Evaluation<'a, '_, P, H> {
    pub(crate) fn label(&self) -> &'a dyn fmt::Display {
        self.packet.label()
    }

    pub(crate) fn holds(&mut self, condition: &'a Condition) -> Result<bool, EvaluationError> {
        let before = self.scratch.len();
        let result = match condition {
            Condition::Not(condition) => {
                let value = self.holds(condition)?;
                EVAL_DEBUG_NOT(self.label(), Quoted(value), Quoted(!value));
                !value
            }
            Condition::Joined(junction, first, others) => self.joined(*junction, first, others)?,
            Condition::Equal(sides) => {
                let (left, right) = (self.bytes(&sides.0)?, self.bytes(&sides.1)?);
                let (left, right) = (self.scratch.view(left), self.scratch.view(right));
                EVAL_DEBUG_EQUAL(self.label(), InHex(right), InHex(left), Quoted(left == right));
                left == right
            }
            Condition::Match(parts) => {
                let (pattern, text) = &**parts;
                let text = self.bytes(text)?;
                let text = self.scratch.view(text);
                let matches = pattern.regex.is_match(text);
                EVAL_DEBUG_MATCH(&pattern.written, Plain(text), matches);
                matches
            }
            Condition::Member(class) => {
                let (class, name) = &**class;
                let member = self.packet.is_member(*class);
                EVAL_DEBUG_MEMBER(self.label(), name, Quoted(member));
                member
            }
            Condition::OptionExists(path) => self.option_exists(path),
            Condition::VendorExists(enterprise) => self.vendor_exists(*enterprise),
            Condition::VendorClassExists(enterprise) => self.vendor_class_exists(*enterprise),
        };
        self.scratch.truncate(before);
        if H::LISTENS {
            self.hear.hear(Part::condition(condition, result));
        }
        Ok(result)
    }

    fn joined(
        &mut self,
        junction: Junction,
        first: &'a Condition,
        others: &'a [(Label, Condition)],
    ) -> Result<bool, EvaluationError> {
        let Junction { decisive, laziness } = junction;
        let mut result = self.holds(first)?;
        for (label, other) in others {
            match laziness {
                Laziness::Lazy if result == decisive && decisive => EVAL_DEBUG_POP_OR_BRANCH_TRUE(label),
                Laziness::Lazy if result == decisive => EVAL_DEBUG_POP_OR_BRANCH_FALSE(label),
                Laziness::Lazy => result = self.holds(other)?,
                Laziness::Strict => {
                    let (left, right) = (result, self.holds(other)?);
                    let log = if decisive { EVAL_DEBUG_OR } else { EVAL_DEBUG_AND };
                    result = if decisive { left | right } else { left & right };
                    log(self.label(), Quoted(right), Quoted(left), Quoted(result));
                }
            }
        }
        Ok(result)
    }

    pub(crate) fn bytes(&mut self, text: &'a Text) -> Result<Bytes<'a>, EvaluationError> {
        let bytes = self.made_of(text)?;
        if H::LISTENS && !matches!(text, Text::Literal(..)) {
            self.hear.hear(Part::text(text, self.scratch.view(bytes)));
        }
        Ok(bytes)
    }

    #[inline]
    fn made_of(&mut self, text: &'a Text) -> Result<Bytes<'a>, EvaluationError> {
        Ok(match text {
            Text::Literal(notation, literal) => {
                match notation {
                    Notation::Plain => EVAL_DEBUG_STRING(self.label(), Quoted(Plain(literal))),
                    Notation::Hexadecimal => EVAL_DEBUG_HEXSTRING(self.label(), InHex(literal)),
                    Notation::Address => EVAL_DEBUG_IPADDRESS(self.label(), InHex(literal)),
                }
                Bytes::Borrowed(literal)
            }
            Text::Option(path, form) => self.option_value(path, *form),
            Text::Packet(field) => self.field(*field),
            Text::VendorEnterprise => self.vendor_enterprise(),
            Text::VendorClassEnterprise => self.vendor_class_enterprise(),
            Text::VendorClassData(enterprise, index) => self.vendor_class_data(*enterprise, *index),
            Text::Concat(parts) => self.concat(parts)?,
            Text::Substring(text, start, length) => {
                let text = self.bytes(text)?;
                self.substring(text, *start, *length)
            }
            Text::Split(text, delimiters, field) => {
                let (text, delimiters) = (self.bytes(text)?, self.bytes(delimiters)?);
                self.split(text, delimiters, *field)
            }
            Text::IfElse(parts, branching) => {
                let (condition, then, otherwise) = &**parts;
                self.if_else(condition, then, otherwise, *branching)?
            }
            Text::HexString(parts) => {
                let (data, separator) = (self.bytes(&parts.0)?, self.bytes(&parts.1)?);
                bounded("hexstring", data.len().saturating_mul(2 + separator.len()))?;
                self.hex_string(data, separator)
            }
            Text::LowerCase(text) => {
                let text = self.bytes(text)?;
                self.lower_case(text)
            }
            Text::UpperCase(text) => {
                let text = self.bytes(text)?;
                self.upper_case(text)
            }
            Text::FormatAddress(text) => {
                let address = self.bytes(text)?;
                self.address_to_text(address)?
            }
            Text::FormatInteger(integer, text) => {
                let number = self.bytes(text)?;
                self.integer_to_text(*integer, number)?
            }
        })
    }

    /// The parts lie one behind the other as they come, each in the place of what it was made of.
    fn concat(&mut self, parts: &'a [Text]) -> Result<Bytes<'a>, EvaluationError> {
        let from = self.scratch.len();
        for (at, part) in parts.iter().enumerate() {
            let end = self.scratch.len();
            let part = self.bytes(part)?;
            bounded("concat", end - from + part.len())?;
            if at > 0 {
                let (left, right) =
                    (self.scratch.view(Bytes::Made { from, to: end }), self.scratch.view(part));
                let whole = format_args!("0x{:X}{:X}", Hex(left), Hex(right));
                EVAL_DEBUG_CONCAT(self.label(), InHex(right), InHex(left), whole);
            }
            self.scratch.settle(part, end);
        }
        Ok(self.scratch.since(from))
    }

    fn if_else(
        &mut self,
        condition: &'a Condition,
        then: &'a Text,
        otherwise: &'a Text,
        branching: Branching,
    ) -> Result<Bytes<'a>, EvaluationError> {
        let holds = self.holds(condition)?;
        match branching {
            Branching::Lazy(_, end) if holds => {
                let then = self.bytes(then)?;
                EVAL_DEBUG_BRANCH(end);
                Ok(then)
            }
            Branching::Lazy(other, _) => {
                EVAL_DEBUG_POP_AND_BRANCH_FALSE(other);
                self.bytes(otherwise)
            }
            Branching::Strict => {
                let (then, otherwise) = (self.bytes(then)?, self.bytes(otherwise)?);
                let (chosen, other) = if holds { (then, otherwise) } else { (otherwise, then) };
                let log = if holds { EVAL_DEBUG_IFELSE_TRUE } else { EVAL_DEBUG_IFELSE_FALSE };
                let (kept, left_out) = (self.scratch.view(chosen), self.scratch.view(other));
                log(self.label(), Quoted(holds), InHex(left_out), InHex(kept));
                Ok(chosen)
            }
        }
    }

    /// A field as expressions see it: addresses as their bytes, numbers in four bytes.
    fn field(&mut self, field: Field) -> Bytes<'a> {
        let packet = self.packet;
        let found = match field {
            Field::Any(Meta::Interface) => {
                EVAL_DEBUG_PKT(self.label(), field.name(), packet.interface());
                return Bytes::Borrowed(packet.interface().as_bytes());
            }
            Field::Any(Meta::Length) => Some(self.scratch.number(packet.length())),
            _ => P::Protocol::field(packet, field, self.scratch),
        };
        let bytes = found.unwrap_or(Bytes::EMPTY);
        let (label, name, value) = (self.label(), field.name(), InHex(self.scratch.view(bytes)));
        match field {
            Field::Any(_) => EVAL_DEBUG_PKT(label, name, value),
            Field::Of4(_) => EVAL_DEBUG_PKT4(label, name, value),
            Field::Of6(_) => EVAL_DEBUG_PKT6(label, name, value),
            Field::OfRelay(nest, _) if found.is_some() => EVAL_DEBUG_RELAY6(label, name, nest, value),
            Field::OfRelay(nest, _) => EVAL_DEBUG_RELAY6_RANGE(label, name, nest, value),
        }
        bytes
    }
}

pub(crate) fn bounded(function: &'static str, length: usize) -> Result<(), EvaluationError> {
    if length > MAX_TEXT { Err(EvaluationError { function, given: length }) } else { Ok(()) }
}
