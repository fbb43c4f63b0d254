//! Which classes a message belongs to, stage by stage (manual, "Client Classification", "Classification Steps").
//!
//! Each stage adds to [`Query4::classes`]; what they are called in is the order of the flow:
//!
//! 1. [`first`], when a message was let in: what its vendor class makes, and every test that does not ask whether the
//!    client is known;
//! 2. [`again`], when a reservation gives classes: what tests said before may depend on them;
//! 3. [`known`] and [`second`], when reservations were looked up;
//! 4. [`late`], when it is known what the client gets: the tests that its pool, subnet and network ask for.
//!
//! They decide nothing. Without classes in the configuration they cost a few branches.

use std::fmt;

use kotare_config::v4::{Class4, Classes, Config4, Membership, SPAWN, Stage, VENDOR_CLASS, escaped};
use kotare_expr::{ClassId, ClassSet, EvaluationError, Scratch, Sieve, Test};
use kotare_messages::is_debugged;
use kotare_wire::v4::{Message, OptionCode};
use smallvec::SmallVec;

use super::messages::*;
use super::trace::{Because, Heard, Said, Step, begun};
use super::{Packet, PacketOptions, Query4};
use crate::messages::{DHCP4_ADDITIONAL_CLASS_EVAL_ERROR, DHCPSRV_EVAL_ERROR, DHCPSRV_TEMPLATE_EVAL_ERROR};

/// The classes of a message that was let in.
pub(super) fn first(config: &Config4, message: Message<'_>, query: &mut Query4) {
    if config.classes.any_of_vendors()
        && let Some(class) = vendor(message).and_then(|vendor| config.classes.of_vendor(&vendor))
    {
        join(query, class, Because::VendorClass);
    }
    evaluate(config, Stage::First, false, message, query);
}

/// The same anew, for a client that a reservation puts into further classes.
pub(super) fn again(
    config: &Config4,
    message: Message<'_>,
    query: &mut Query4,
    reserved: impl IntoIterator<Item = ClassId>,
) {
    query.classes.remove_all(config.classes.tested());
    query.trace.note(|| Step::ClassesAnew);
    reserved.into_iter().for_each(|class| join(query, class, Because::Reservation));
    evaluate(config, Stage::First, true, message, query);
}

/// Whether the client has a reservation.
pub(super) fn known(query: &mut Query4, known: bool) {
    let (class, name) = if known { (Classes::KNOWN, "KNOWN") } else { (Classes::UNKNOWN, "UNKNOWN") };
    join(query, class, Because::Known);
    DHCP4_CLASS_ASSIGNED(query, name);
}

/// The classes that depend on that.
pub(super) fn second(config: &Config4, message: Message<'_>, query: &mut Query4) {
    evaluate(config, Stage::Second, true, message, query);
}

/// The classes that a client's pool, subnet and network ask for, in this order; each once, whoever asks.
pub(super) fn late(config: &Config4, message: Message<'_>, query: &mut Query4, asking: [&[ClassId]; 3]) {
    let mut seen = ClassSet::default();
    for &id in asking.into_iter().flatten() {
        let Some(class) = config.classes.get(id).filter(|_| seen.insert(id)) else { continue };
        match &class.membership {
            _ if !class.is_configured => DHCP4_ADDITIONAL_CLASS_UNDEFINED(&class.name),
            Membership::Given => {
                DHCP4_ADDITIONAL_CLASS_NO_TEST(&class.name);
                join(query, id, Because::Additional);
            }
            Membership::Test(test) => {
                let packet = Packet::of_query(PacketOptions::Plain(message), query);
                match ask(test, &packet, &mut Scratch::new(), id, Stage::Late) {
                    Ok(is_member) => {
                        DHCP4_ADDITIONAL_CLASS_EVAL_RESULT(&*query, &class.name, is_member);
                        if is_member {
                            query.classes.insert(id);
                        }
                    }
                    Err(error) => DHCP4_ADDITIONAL_CLASS_EVAL_ERROR(&*query, &class.name, error),
                }
            }
            // Evaluated as a condition, a value is none.
            Membership::Template(_) => {}
        }
    }
}

/// Evaluates the expressions of a stage, in order, so that each finds what it asks for already known. Whether the message
/// was classified before says what is known of its options.
///
/// Who debugs sees each of them evaluated. Else those are passed over that would only be false.
fn evaluate(config: &Config4, stage: Stage, is_classified: bool, message: Message<'_>, query: &mut Query4) {
    let sieve: &Sieve = match stage {
        Stage::First => config.classes.first(),
        _ => config.classes.second(),
    };
    if sieve.all().is_empty() {
        return;
    }
    let mut scratch = Scratch::new();
    let classes = if is_debugged() || query.trace.is_wanted() {
        sieve.whole()
    } else {
        let packet = Packet { is_classified, ..Packet::of_query(PacketOptions::Plain(message), query) };
        sieve.sift(&packet, &mut scratch)
    };
    for id in classes.iter() {
        let Some(class) = config.classes.get(id) else { continue };
        match &class.membership {
            Membership::Given => {}
            Membership::Test(test) => {
                let packet =
                    Packet { is_classified, ..Packet::of_query(PacketOptions::Plain(message), query) };
                match ask(test, &packet, &mut scratch, id, stage) {
                    Ok(is_member) => {
                        DHCPSRV_EVAL_RESULT(&*query, &class.name, is_member);
                        if is_member {
                            query.classes.insert(id);
                        }
                    }
                    Err(error) => DHCPSRV_EVAL_ERROR(&*query, &class.name, error),
                }
            }
            Membership::Template(_) => match make(class, (id, stage), is_classified, message, query) {
                Ok(value) if value.is_empty() => {}
                Ok(value) => {
                    DHCPSRV_TEMPLATE_EVAL_RESULT(&*query, &class.name, Escaped(&value));
                    if let Some(spawned) = config.classes.spawned(id, &value) {
                        join(query, spawned, Because::Template);
                    }
                    query.classes.insert(id);
                }
                Err(error) => DHCPSRV_TEMPLATE_EVAL_ERROR(&*query, &class.name, error),
            },
        }
    }
}

/// Puts a message into a class without asking an expression.
pub(super) fn join(query: &mut Query4, class: ClassId, because: Because) {
    if query.trace.is_wanted() && !query.classes.contains(class) {
        query.trace.note(|| Step::Joined(class, because));
    }
    query.classes.insert(class);
}

/// What a test says, and with what it saw for who wants to know.
#[inline(always)]
fn ask(
    test: &Test,
    packet: &Packet<'_>,
    scratch: &mut Scratch,
    class: ClassId,
    stage: Stage,
) -> Result<bool, EvaluationError> {
    match packet.query.trace.is_wanted() {
        false => test.matches_with(packet, scratch),
        true => ask_and_tell(test, packet, class, stage),
    }
}

#[cold]
#[inline(never)]
fn ask_and_tell(
    test: &Test,
    packet: &Packet<'_>,
    class: ClassId,
    stage: Stage,
) -> Result<bool, EvaluationError> {
    let trace = &packet.query.trace;
    let mut parts = Vec::new();
    let result = test.overheard(packet, |part| Heard::add(&mut parts, part));
    let said = result.as_ref().map_or_else(|error| Said::Failure(error.to_string()), |it| Said::Truth(*it));
    trace.note(|| Step::Evaluated { class, stage, said, parts });
    result
}

/// The value of a template, in the same way.
fn make(
    class: &Class4,
    (id, stage): (ClassId, Stage),
    is_classified: bool,
    message: Message<'_>,
    query: &Query4,
) -> Result<SmallVec<[u8; 64]>, EvaluationError> {
    let Membership::Template(value) = &class.membership else { return Ok(SmallVec::new()) };
    if !query.trace.is_wanted() {
        return template(class, is_classified, message, query);
    }
    let packet = Packet { is_classified, ..Packet::of_query(PacketOptions::Plain(message), query) };
    let mut parts = Vec::new();
    let result = value.overheard(&packet, |part| Heard::add(&mut parts, part));
    let said =
        result.as_ref().map_or_else(|error| Said::Failure(error.to_string()), |it| Said::Value(begun(it)));
    query.trace.note(|| Step::Evaluated { class: id, stage, said, parts });
    result.map(SmallVec::from_vec)
}

/// The value of a template for a message; empty if it makes no class of it.
fn template(
    class: &Class4,
    is_classified: bool,
    message: Message<'_>,
    query: &Query4,
) -> Result<SmallVec<[u8; 64]>, EvaluationError> {
    let Membership::Template(value) = &class.membership else { return Ok(SmallVec::new()) };
    let packet = Packet { is_classified, ..Packet::of_query(PacketOptions::Plain(message), query) };
    let mut scratch = Scratch::new();
    value.evaluate(&packet, &mut scratch).map(SmallVec::from_slice)
}

/// What a client says of its vendor (option 60), without the zeros that some put behind it.
fn vendor(message: Message<'_>) -> Option<SmallVec<[u8; 64]>> {
    let value = message.option(OptionCode::VENDOR_CLASS_IDENTIFIER)?;
    let mut vendor: SmallVec<[u8; 64]> = value.bytes().collect();
    while vendor.last() == Some(&0) {
        vendor.pop();
    }
    (!vendor.is_empty()).then_some(vendor)
}

/// The names of a message's classes for the log, in order. Those that no configuration names are there too: they are
/// found anew.
#[derive(Clone, Copy)]
pub(super) struct ClassesText<'a> {
    pub(super) config: &'a Config4,
    pub(super) message: Message<'a>,
    pub(super) query: &'a Query4,
}

impl fmt::Display for ClassesText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { config, message, query } = *self;
        let mut vendor = vendor(message).filter(|vendor| config.classes.of_vendor(vendor).is_none());
        let mut separator = "";
        for id in query.classes.in_order() {
            let Some(class) = config.classes.get(id) else { continue };
            if let (Membership::Template(_), Ok(value)) =
                (&class.membership, template(class, true, message, query))
                && config.classes.spawned(id, &value).is_none()
            {
                write!(f, "{separator}{SPAWN}{}_{}", class.name, Escaped(&value))?;
                separator = ", ";
            }
            write!(f, "{separator}{}", class.name)?;
            separator = ", ";
            // It comes right behind those that were there before the first test.
            if id == Classes::ALL
                && let Some(vendor) = vendor.take()
            {
                write!(f, "{separator}{VENDOR_CLASS}{}", Escaped(&vendor))?;
            }
        }
        Ok(())
    }
}

/// What a client sent, as part of the name of a class.
struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(self.0))
    }
}
