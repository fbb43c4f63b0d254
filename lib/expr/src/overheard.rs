//! Hearing what the parts of an expression are while it is evaluated.

use std::{cell::RefCell, fmt, net::Ipv4Addr};

use kotare_wire::v4::OptionValue;

use crate::ast::{Condition, Text};
use crate::{ClassId, EvaluationError, Packet4, Scratch, Test, Value};

/// A part of an expression, and what it is for a packet. It displays as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    expression: Expression<'a>,
    /// What it is.
    pub value: PartValue<'a>,
}

/// What a part of an expression is for a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartValue<'a> {
    /// True or false.
    Truth(bool),
    /// A string of bytes.
    Bytes(&'a [u8]),
}

#[derive(Clone, Copy, Debug)]
enum Expression<'a> {
    Condition(&'a Condition),
    Text(&'a Text),
}

impl<'a> Part<'a> {
    pub(crate) fn condition(condition: &'a Condition, holds: bool) -> Self {
        Self { expression: Expression::Condition(condition), value: PartValue::Truth(holds) }
    }

    pub(crate) fn text(text: &'a Text, value: &'a [u8]) -> Self {
        Self { expression: Expression::Text(text), value: PartValue::Bytes(value) }
    }
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expression {
            Expression::Condition(condition) => condition.fmt(f),
            Expression::Text(text) => text.fmt(f),
        }
    }
}

impl Test {
    /// As [`Test::matches`], which tells `hear` of each part that was looked at, once it is known: what is inside comes
    /// before what is around it.
    ///
    /// # Errors
    /// As [`Test::matches`].
    pub fn overheard(
        &self,
        packet: &impl Packet4,
        hear: impl FnMut(Part<'_>),
    ) -> Result<bool, EvaluationError> {
        self.matches(&Overheard { packet, hear: RefCell::new(hear) })
    }
}

impl Value {
    /// As [`Value::evaluate`], in the same way.
    ///
    /// # Errors
    /// As [`Test::matches`].
    pub fn overheard(
        &self,
        packet: &impl Packet4,
        hear: impl FnMut(Part<'_>),
    ) -> Result<Vec<u8>, EvaluationError> {
        let packet = Overheard { packet, hear: RefCell::new(hear) };
        self.evaluate(&packet, &mut Scratch::new()).map(<[u8]>::to_vec)
    }
}

/// A packet that passes on what expressions come to.
struct Overheard<'p, P, H> {
    packet: &'p P,
    hear: RefCell<H>,
}

impl<P: Packet4, H: FnMut(Part<'_>)> Packet4 for Overheard<'_, P, H> {
    fn listens(&self) -> bool {
        true
    }

    fn hear(&self, part: Part<'_>) {
        (self.hear.borrow_mut())(part);
    }

    fn label(&self) -> &dyn fmt::Display {
        self.packet.label()
    }

    fn option(&self, code: u8) -> Option<OptionValue<'_>> {
        self.packet.option(code)
    }

    fn is_classified(&self) -> bool {
        self.packet.is_classified()
    }

    fn is_member(&self, class: ClassId) -> bool {
        self.packet.is_member(class)
    }

    fn interface(&self) -> &str {
        self.packet.interface()
    }

    fn source(&self) -> Ipv4Addr {
        self.packet.source()
    }

    fn destination(&self) -> Ipv4Addr {
        self.packet.destination()
    }

    fn length(&self) -> u32 {
        self.packet.length()
    }

    fn hardware_address(&self) -> &[u8] {
        self.packet.hardware_address()
    }

    fn hardware_length(&self) -> u8 {
        self.packet.hardware_length()
    }

    fn hardware_type(&self) -> u8 {
        self.packet.hardware_type()
    }

    fn ciaddr(&self) -> Ipv4Addr {
        self.packet.ciaddr()
    }

    fn yiaddr(&self) -> Ipv4Addr {
        self.packet.yiaddr()
    }

    fn siaddr(&self) -> Ipv4Addr {
        self.packet.siaddr()
    }

    fn giaddr(&self) -> Ipv4Addr {
        self.packet.giaddr()
    }

    fn message_type(&self) -> u8 {
        self.packet.message_type()
    }

    fn transaction_id(&self) -> u32 {
        self.packet.transaction_id()
    }
}
