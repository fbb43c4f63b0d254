//! Doing what the rules say.

use std::borrow::Cow;
use std::fmt::{self, Write};

use kotare_expr::{ClassId, EvaluationError, Packet, Scratch, Test, Value};
use kotare_options::{Definitions, OptionError, OptionText};
use kotare_wire::NoRoom;

use super::container::{Bytes, Container, Layout, TooLong};
use super::messages::{
    FLEX_OPTION_PROCESS_ADD, FLEX_OPTION_PROCESS_CLIENT_CLASS, FLEX_OPTION_PROCESS_REMOVE,
    FLEX_OPTION_PROCESS_SUB_ADD, FLEX_OPTION_PROCESS_SUB_CLIENT_CLASS, FLEX_OPTION_PROCESS_SUB_REMOVE,
    FLEX_OPTION_PROCESS_SUB_SUPERSEDE, FLEX_OPTION_PROCESS_SUPERSEDE, FLEX_OPTION_PROCESS_VENDOR_ID_MISMATCH,
};
use super::rules::{Action, Guard, OptionRule, Rules, Side, SubOptionRule};

/// A message that rules change, with what they look at beside it.
pub(super) trait Subject {
    /// Which message it is: the query before it is answered, or the response.
    fn side(&self) -> Side;
    /// The definitions of the configuration.
    fn definitions(&self) -> &Definitions;
    /// Whether the query is of a class.
    fn is_of(&self, class: ClassId) -> bool;
    /// What an expression says of the message that it speaks of; `None` if nothing.
    fn text(&self, value: &Value, of: Side) -> Result<Option<Bytes>, EvaluationError>;
    /// Whether an expression holds for the message that it speaks of.
    fn holds(&self, test: &Test, of: Side) -> Result<bool, EvaluationError>;

    /// The value of an option; the first one of a code. A copy: the message is changed while it is looked at.
    fn value(&self, code: u16) -> Option<Bytes>;
    /// Whether there is an option of a code.
    fn has(&self, code: u16) -> bool;
    /// Puts an option in place of all of its code.
    fn set(&mut self, code: u16, value: &[u8]) -> Result<(), NoRoom>;
    /// Takes all options of a code out.
    fn remove(&mut self, code: u16);
    /// Puts an option in place of the first of its code.
    fn set_first(&mut self, code: u16, value: &[u8]) -> Result<(), NoRoom>;
    /// Takes the first option of a code out.
    fn remove_first(&mut self, code: u16);
}

/// What an expression says of a message; `None` if nothing.
pub(super) fn said_of(packet: &impl Packet, value: &Value) -> Result<Option<Bytes>, EvaluationError> {
    let mut scratch = Scratch::new();
    let value = value.evaluate(packet, &mut scratch)?;
    Ok((!value.is_empty()).then(|| Bytes::from_slice(value)))
}

/// Why the rules were not followed to the end. What was changed until then stays changed.
#[derive(Debug)]
pub(super) enum Failure {
    /// An expression has no value.
    Expression(EvaluationError),
    /// The value of an expression is none of the option's.
    Value(OptionError),
    /// The message would become too long.
    NoRoom(u16, NoRoom),
    /// The sub-options of a vendor would become too long.
    TooLong(TooLong),
}

impl Rules {
    /// Changes a message by the rules about messages of its kind.
    pub(super) fn apply(&self, subject: &mut impl Subject) -> Result<(), Failure> {
        let side = subject.side();
        for rule in self.options.iter().filter(|rule| rule.sides.destination == side) {
            option(rule, subject)?;
        }
        for rule in self.sub_options.iter().filter(|rule| rule.sides.destination == side) {
            sub_option(rule, subject)?;
        }
        Ok(())
    }
}

fn option(rule: &OptionRule, subject: &mut impl Subject) -> Result<(), Failure> {
    let code = rule.code;
    if let Some(guard) = keeping_out(rule.guard.as_ref(), subject) {
        FLEX_OPTION_PROCESS_CLIENT_CLASS(code, &guard.name);
        return Ok(());
    }
    let there = subject.has(code);
    match &rule.action {
        Action::Add(_) if there => {}
        Action::Add(value) | Action::Supersede(value) => {
            let Some(text) = subject.text(value, rule.sides.source)? else {
                return Ok(());
            };
            let bytes = encoded(&text, rule.written_in.as_deref(), code, subject.definitions())?;
            subject.set(code, &bytes).map_err(|no_room| Failure::NoRoom(code, no_room))?;
            match rule.action {
                Action::Add(_) => FLEX_OPTION_PROCESS_ADD(code, Shown(&text)),
                _ => FLEX_OPTION_PROCESS_SUPERSEDE(code, Shown(&text)),
            }
        }
        Action::Remove(test) => {
            if there && subject.holds(test, rule.sides.source)? {
                subject.remove(code);
                FLEX_OPTION_PROCESS_REMOVE(code);
            }
        }
    }
    Ok(())
}

fn sub_option(rule: &SubOptionRule, subject: &mut impl Subject) -> Result<(), Failure> {
    let (code, container) = (rule.code, rule.container);
    if let Some(guard) = keeping_out(rule.container_guard.as_ref(), subject) {
        FLEX_OPTION_PROCESS_CLIENT_CLASS(container, &guard.name);
        return Ok(());
    }
    if let Some(guard) = keeping_out(rule.guard.as_ref(), subject) {
        FLEX_OPTION_PROCESS_SUB_CLIENT_CLASS(code, container, &guard.name);
        return Ok(());
    }
    let universe = subject.definitions().universe();
    let former = subject.value(container);
    let layout = match rule.of_vendors {
        true => Layout::Vendors,
        false => Layout::Fields(rule.definition.as_ref()),
    };
    let parts = former.as_deref().map(|value| Container::of(universe, value, layout));
    let there = parts.as_ref().is_some_and(|parts| parts.has(code));
    match &rule.action {
        Action::Add(value) | Action::Supersede(value) => {
            if parts.is_none() && !rule.with_container {
                return Ok(());
            }
            let Some(text) = subject.text(value, rule.sides.source)? else {
                return Ok(());
            };
            let adds = matches!(rule.action, Action::Add(_));
            if !is_of_vendor(rule, parts.as_ref()) || (adds && there) {
                return Ok(());
            }
            let bytes = encoded(&text, rule.written_in.as_deref(), code, subject.definitions())?;
            let mut whole = former.as_deref().map_or_else(
                || Container::new(universe, rule.vendor),
                |value| Container::of(universe, value, layout),
            );
            whole.remove(code);
            whole.add(code, &bytes);
            replace(subject, container, whole)?;
            if former.is_none() {
                match rule.vendor {
                    Some(vendor) => FLEX_OPTION_PROCESS_ADD(container, vendor),
                    None => FLEX_OPTION_PROCESS_ADD(container, Shown(&[])),
                }
            }
            if adds {
                FLEX_OPTION_PROCESS_SUB_ADD(code, container, Shown(&text));
            } else {
                FLEX_OPTION_PROCESS_SUB_SUPERSEDE(code, container, Shown(&text));
            }
        }
        Action::Remove(test) => {
            let Some(mut parts) = parts.filter(|_| there) else { return Ok(()) };
            let holds = subject.holds(test, rule.sides.source)?;
            if !holds || !is_of_vendor(rule, Some(&parts)) {
                return Ok(());
            }
            parts.remove(code);
            FLEX_OPTION_PROCESS_SUB_REMOVE(code, container);
            if !(rule.with_container && parts.is_empty()) {
                return replace(subject, container, parts);
            }
            FLEX_OPTION_PROCESS_REMOVE(container);
            // Another vendor's part stays.
            let others = parts.behind();
            if others.is_empty() {
                subject.remove_first(container);
            } else {
                subject
                    .set_first(container, others)
                    .map_err(|no_room| Failure::NoRoom(container, no_room))?;
            }
        }
    }
    Ok(())
}

fn replace(subject: &mut impl Subject, code: u16, value: Container<'_>) -> Result<(), Failure> {
    let value = value.value().map_err(Failure::TooLong)?;
    subject.set_first(code, &value).map_err(|no_room| Failure::NoRoom(code, no_room))
}

/// Whether the option that is there is of the vendor a rule is about.
fn is_of_vendor(rule: &SubOptionRule, parts: Option<&Container<'_>>) -> bool {
    match (rule.vendor, parts.and_then(Container::vendor)) {
        (Some(wanted), Some(vendor)) if wanted != vendor => {
            FLEX_OPTION_PROCESS_VENDOR_ID_MISMATCH(rule.container, vendor, wanted);
            false
        }
        _ => true,
    }
}

/// The guard, if the query is not of its class.
fn keeping_out<'g>(guard: Option<&'g Guard>, subject: &impl Subject) -> Option<&'g Guard> {
    guard.filter(|guard| !subject.is_of(guard.class))
}

/// The bytes of an option: the value itself, or as the definition of `code` in this space reads it.
fn encoded<'t>(
    text: &'t [u8],
    space: Option<&str>,
    code: u16,
    definitions: &Definitions,
) -> Result<Cow<'t, [u8]>, Failure> {
    let Some(space) = space else { return Ok(Cow::Borrowed(text)) };
    let data = String::from_utf8_lossy(text);
    let entry = OptionText {
        space,
        code: Some(code.into()),
        data: Some(&data),
        csv_format: Some(true),
        ..OptionText::default()
    };
    definitions.encode(&entry).map(|encoded| Cow::Owned(encoded.data)).map_err(Failure::Value)
}

impl From<EvaluationError> for Failure {
    fn from(error: EvaluationError) -> Self {
        Self::Expression(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(error) => error.fmt(f),
            // Clients may have put anything into it.
            Self::Value(error) => error.text.chars().try_for_each(|char| match char.is_control() {
                true => write!(f, "{}", char.escape_default()),
                false => f.write_char(char),
            }),
            Self::NoRoom(code, NoRoom { needed, left }) => {
                write!(f, "option {code} would take {needed} bytes and {left} are left")
            }
            Self::TooLong(TooLong { vendor, len }) => {
                write!(f, "the sub-options of vendor {vendor} would take {len} bytes, 255 is the most")
            }
        }
    }
}

/// A value as log messages have it: between quotes if it can be printed, else in hexadecimal.
struct Shown<'a>(&'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(self.0) {
            Ok(text) if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => write!(f, "'{text}'"),
            _ => {
                f.write_str("0x")?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}
