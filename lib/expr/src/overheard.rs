//! Hearing what the parts of an expression are while it is evaluated.

use std::fmt;

use crate::ast::{Condition, Text};
use crate::{EvaluationError, Packet, Scratch, Test, Value};

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

/// Who may want to hear what the parts of an expression come to.
pub(crate) trait Hear {
    /// Whether it wants to.
    const LISTENS: bool;
    /// Hears it.
    fn hear(&mut self, part: Part<'_>);
}

/// Who does not.
pub(crate) struct Nobody;

impl Hear for Nobody {
    const LISTENS: bool = false;

    fn hear(&mut self, _: Part<'_>) {}
}

impl<F: FnMut(Part<'_>)> Hear for F {
    const LISTENS: bool = true;

    fn hear(&mut self, part: Part<'_>) {
        self(part);
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
        packet: &impl Packet,
        mut hear: impl FnMut(Part<'_>),
    ) -> Result<bool, EvaluationError> {
        self.heard(packet, &mut Scratch::new(), &mut hear)
    }
}

impl Value {
    /// As [`Value::evaluate`], in the same way.
    ///
    /// # Errors
    /// As [`Test::matches`].
    pub fn overheard(
        &self,
        packet: &impl Packet,
        mut hear: impl FnMut(Part<'_>),
    ) -> Result<Vec<u8>, EvaluationError> {
        self.heard(packet, &mut Scratch::new(), &mut hear).map(<[u8]>::to_vec)
    }
}
