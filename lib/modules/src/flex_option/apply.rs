//! Doing what the rules say.

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv4Addr;

use kotare_engine::v4::{Edited4, Packet, PacketOptions, Query4};
use kotare_expr::{EvaluationError, Scratch, Value};
use kotare_options::{Definitions, OptionError, OptionText};
use kotare_wire::NoRoom;
use kotare_wire::v4::{Message, OptionCode};

use super::container::{Bytes, Container, Layout, TooLong};
use super::messages::{
    FLEX_OPTION_PROCESS_ADD, FLEX_OPTION_PROCESS_CLIENT_CLASS, FLEX_OPTION_PROCESS_REMOVE,
    FLEX_OPTION_PROCESS_SUB_ADD, FLEX_OPTION_PROCESS_SUB_CLIENT_CLASS, FLEX_OPTION_PROCESS_SUB_REMOVE,
    FLEX_OPTION_PROCESS_SUB_SUPERSEDE, FLEX_OPTION_PROCESS_SUPERSEDE, FLEX_OPTION_PROCESS_VENDOR_ID_MISMATCH,
};
use super::rules::{Action, Guard, OptionRule, Rules, Side, Sides, SubOptionRule};

/// What rules look at beside the message that they change.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// The message that is changed: the query before it is answered, or the response.
    pub(super) destination: Side,
    /// The query.
    pub(super) message: Message<'a>,
    /// Its facts.
    pub(super) query: &'a Query4,
    /// Where the response goes.
    pub(super) client: Ipv4Addr,
    pub(super) definitions: &'a Definitions,
}

/// Why the rules were not followed to the end. What was changed until then stays changed.
#[derive(Debug)]
pub(super) enum Failure {
    /// An expression has no value.
    Expression(EvaluationError),
    /// The value of an expression is none of the option's.
    Value(OptionError),
    /// The message would become too long.
    NoRoom(OptionCode, NoRoom),
    /// The sub-options of a vendor would become too long.
    TooLong(TooLong),
}

impl Rules {
    /// Changes `message` by the rules about messages of its kind.
    pub(super) fn apply(&self, scene: Scene<'_>, message: &mut Edited4<'_>) -> Result<(), Failure> {
        let ours = |sides: Sides| sides.destination == scene.destination;
        for rule in self.options.iter().filter(|rule| ours(rule.sides)) {
            option(rule, scene, message)?;
        }
        for rule in self.sub_options.iter().filter(|rule| ours(rule.sides)) {
            sub_option(rule, scene, message)?;
        }
        Ok(())
    }
}

fn option(rule: &OptionRule, scene: Scene<'_>, message: &mut Edited4<'_>) -> Result<(), Failure> {
    let code = rule.code;
    if let Some(guard) = scene.keeps_out(rule.guard.as_ref()) {
        FLEX_OPTION_PROCESS_CLIENT_CLASS(code.0, &guard.name);
        return Ok(());
    }
    let there = message.has(code);
    match &rule.action {
        Action::Add(_) if there => {}
        Action::Add(value) | Action::Supersede(value) => {
            let Some(text) = scene.value(value, rule.sides, message)? else { return Ok(()) };
            let bytes = scene.encoded(&text, rule.written_in.as_deref(), code.0)?;
            message.set(code, &bytes).map_err(|no_room| Failure::NoRoom(code, no_room))?;
            match rule.action {
                Action::Add(_) => FLEX_OPTION_PROCESS_ADD(code.0, Shown(&text)),
                _ => FLEX_OPTION_PROCESS_SUPERSEDE(code.0, Shown(&text)),
            }
        }
        Action::Remove(test) => {
            if there && test.matches(&scene.packet(rule.sides, message)).map_err(Failure::Expression)? {
                message.remove(code);
                FLEX_OPTION_PROCESS_REMOVE(code.0);
            }
        }
    }
    Ok(())
}

fn sub_option(rule: &SubOptionRule, scene: Scene<'_>, message: &mut Edited4<'_>) -> Result<(), Failure> {
    let (code, container) = (rule.code, rule.container);
    if let Some(guard) = scene.keeps_out(rule.container_guard.as_ref()) {
        FLEX_OPTION_PROCESS_CLIENT_CLASS(container.0, &guard.name);
        return Ok(());
    }
    if let Some(guard) = scene.keeps_out(rule.guard.as_ref()) {
        FLEX_OPTION_PROCESS_SUB_CLIENT_CLASS(code, container.0, &guard.name);
        return Ok(());
    }
    // A copy: the message is changed while it is looked at.
    let former: Option<Bytes> = message.option(container).map(|value| value.bytes().collect());
    let layout = match container {
        OptionCode::VIVSO => Layout::Vendors,
        _ => Layout::Fields(rule.definition.as_ref()),
    };
    let parts = former.as_deref().map(|value| Container::of(value, layout));
    let there = parts.as_ref().is_some_and(|parts| parts.has(code));
    match &rule.action {
        Action::Add(value) | Action::Supersede(value) => {
            if parts.is_none() && !rule.with_container {
                return Ok(());
            }
            let Some(text) = scene.value(value, rule.sides, message)? else { return Ok(()) };
            let adds = matches!(rule.action, Action::Add(_));
            if !is_of_vendor(rule, parts.as_ref()) || (adds && there) {
                return Ok(());
            }
            let bytes = scene.encoded(&text, rule.written_in.as_deref(), code)?;
            let mut whole = former
                .as_deref()
                .map_or_else(|| Container::new(rule.vendor), |value| Container::of(value, layout));
            whole.remove(code);
            whole.add(code, &bytes);
            replace(message, container, whole)?;
            if former.is_none() {
                match rule.vendor {
                    Some(vendor) => FLEX_OPTION_PROCESS_ADD(container.0, vendor),
                    None => FLEX_OPTION_PROCESS_ADD(container.0, Shown(&[])),
                }
            }
            if adds {
                FLEX_OPTION_PROCESS_SUB_ADD(code, container.0, Shown(&text));
            } else {
                FLEX_OPTION_PROCESS_SUB_SUPERSEDE(code, container.0, Shown(&text));
            }
        }
        Action::Remove(test) => {
            let Some(mut parts) = parts.filter(|_| there) else { return Ok(()) };
            let holds = test.matches(&scene.packet(rule.sides, message)).map_err(Failure::Expression)?;
            if !holds || !is_of_vendor(rule, Some(&parts)) {
                return Ok(());
            }
            parts.remove(code);
            FLEX_OPTION_PROCESS_SUB_REMOVE(code, container.0);
            if !(rule.with_container && parts.is_empty()) {
                return replace(message, container, parts);
            }
            FLEX_OPTION_PROCESS_REMOVE(container.0);
            // Another vendor's part stays.
            let others = parts.behind();
            if others.is_empty() {
                message.remove(container);
            } else {
                message.set(container, others).map_err(|no_room| Failure::NoRoom(container, no_room))?;
            }
        }
    }
    Ok(())
}

fn replace(message: &mut Edited4<'_>, code: OptionCode, value: Container<'_>) -> Result<(), Failure> {
    let value = value.value().map_err(Failure::TooLong)?;
    message.set(code, &value).map_err(|no_room| Failure::NoRoom(code, no_room))
}

/// Whether the option that is there is of the vendor a rule is about.
fn is_of_vendor(rule: &SubOptionRule, parts: Option<&Container<'_>>) -> bool {
    match (rule.vendor, parts.and_then(Container::vendor)) {
        (Some(wanted), Some(vendor)) if wanted != vendor => {
            FLEX_OPTION_PROCESS_VENDOR_ID_MISMATCH(rule.container.0, vendor, wanted);
            false
        }
        _ => true,
    }
}

impl<'a> Scene<'a> {
    /// The guard, if the query is not of its class.
    fn keeps_out<'g>(&self, guard: Option<&'g Guard>) -> Option<&'g Guard> {
        guard.filter(|guard| !self.query.classes.contains(guard.class))
    }

    /// What an expression says of the message that it speaks of; `None` if nothing.
    fn value(&self, value: &Value, sides: Sides, message: &Edited4<'_>) -> Result<Option<Bytes>, Failure> {
        let packet = self.packet(sides, message);
        let mut scratch = Scratch::new();
        let value = value.evaluate(&packet, &mut scratch).map_err(Failure::Expression)?;
        Ok((!value.is_empty()).then(|| Bytes::from_slice(value)))
    }

    /// The message that expressions speak of. `message` is the one that is changed.
    fn packet<'p>(&self, sides: Sides, message: &'p Edited4<'p>) -> Packet<'p>
    where
        'a: 'p,
    {
        let Self { message: query_message, query, client, .. } = *self;
        match (sides.source, self.destination) {
            (Side::Query, Side::Query) => Packet::of_query(PacketOptions::Edited(message), query),
            (Side::Query, Side::Response) => Packet::of_query(PacketOptions::Plain(query_message), query),
            (Side::Response, _) => Packet::of_response(message, query, client),
        }
    }

    /// The bytes of an option: the value itself, or as the definition of `code` in this space reads it.
    fn encoded<'t>(&self, text: &'t [u8], space: Option<&str>, code: u8) -> Result<Cow<'t, [u8]>, Failure> {
        let Some(space) = space else { return Ok(Cow::Borrowed(text)) };
        let data = String::from_utf8_lossy(text);
        let entry = OptionText {
            space,
            code: Some(code.into()),
            data: Some(&data),
            csv_format: Some(true),
            ..OptionText::default()
        };
        self.definitions.encode(&entry).map(|encoded| Cow::Owned(encoded.data)).map_err(Failure::Value)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(error) => error.fmt(f),
            Self::Value(error) => error.fmt(f),
            Self::NoRoom(code, NoRoom { needed, left }) => {
                write!(f, "option {} would take {needed} bytes and {left} are left", code.0)
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
