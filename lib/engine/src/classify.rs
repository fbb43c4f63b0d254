//! Finding out which classes a message belongs to, alike for both protocols (manual, "Client Classification").
//!
//! What a stage is of, and what a message looks like to expressions, is each protocol's own: `v4::classify`,
//! `v6::classify`.

use std::fmt;

use kotare_config::common::{Class, Classes, Membership, SPAWN, Stage, VENDOR_CLASS, escaped};
use kotare_expr::{ClassId, ClassSet, EvaluationError, Memberships, Packet, Scratch, Sieve, Test};
use kotare_messages::is_debugged;
use smallvec::SmallVec;

use crate::messages::{
    DHCPSRV_EVAL_ERROR, DHCPSRV_EVAL_RESULT, DHCPSRV_TEMPLATE_EVAL_ERROR, DHCPSRV_TEMPLATE_EVAL_RESULT,
};
use crate::trace::{Because, Heard, Said, begun};

/// A value that makes a class, or a vendor's.
pub(crate) type Bytes = SmallVec<[u8; 64]>;

/// A message whose classes are found out.
pub(crate) trait Subject {
    /// What it belongs to so far.
    fn classes(&self) -> &Memberships;

    /// Puts it into a class.
    fn insert(&mut self, class: ClassId);

    /// The message as expressions see it. `is_classified` says whether it is known what it belongs to, but for what depends
    /// on a reservation.
    fn packet(&self, is_classified: bool) -> impl Packet;

    /// How the log names it.
    fn label(&self) -> &dyn fmt::Display;

    /// Whether somebody wants to know how it is decided.
    fn is_traced(&self) -> bool;

    /// It is put into a class without asking an expression.
    fn note_joined(&self, class: ClassId, because: Because);

    /// An expression was evaluated.
    fn note_evaluated(&self, class: ClassId, stage: Stage, said: Said, parts: Vec<Heard>);

    /// Tells of a class that a network, subnet or pool asks for.
    fn tell_late(&self, class: &str, came: Late<'_>);
}

/// What came of a class that a network, subnet or pool asks for.
pub(crate) enum Late<'a> {
    /// It is only named.
    Undefined,
    /// It has no expression: every client is of it.
    NoTest,
    /// What its expression says.
    Result(bool),
    /// Its expression cannot be evaluated.
    Error(&'a EvaluationError),
}

/// The classes that a client's pools, subnet and network ask for, in this order; each once, whoever asks.
pub(crate) fn late<O, P, S: Subject>(
    classes: &Classes<O, P>,
    subject: &mut S,
    asking: impl IntoIterator<Item = ClassId>,
) where
    O: Default + PartialEq,
    P: Default + PartialEq,
{
    let mut seen = ClassSet::default();
    for id in asking {
        let Some(class) = classes.get(id).filter(|_| seen.insert(id)) else { continue };
        match &class.membership {
            _ if !class.is_configured => subject.tell_late(&class.name, Late::Undefined),
            Membership::Given => {
                subject.tell_late(&class.name, Late::NoTest);
                join(subject, id, Because::Additional);
            }
            Membership::Test(test) => {
                let result = ask(test, subject, true, &mut Scratch::new(), id, Stage::Late);
                match &result {
                    Ok(is_member) => subject.tell_late(&class.name, Late::Result(*is_member)),
                    Err(error) => subject.tell_late(&class.name, Late::Error(error)),
                }
                if result == Ok(true) {
                    subject.insert(id);
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
pub(crate) fn evaluate<O, P, S: Subject>(
    classes: &Classes<O, P>,
    stage: Stage,
    is_classified: bool,
    subject: &mut S,
) where
    O: Default + PartialEq,
    P: Default + PartialEq,
{
    let sieve: &Sieve = match stage {
        Stage::First => classes.first(),
        _ => classes.second(),
    };
    if sieve.all().is_empty() {
        return;
    }
    let mut scratch = Scratch::new();
    let sifted = if is_debugged() || subject.is_traced() {
        sieve.whole()
    } else {
        sieve.sift(&subject.packet(is_classified), &mut scratch)
    };
    for id in sifted.iter() {
        let Some(class) = classes.get(id) else { continue };
        match &class.membership {
            Membership::Given => {}
            Membership::Test(test) => match ask(test, subject, is_classified, &mut scratch, id, stage) {
                Ok(is_member) => {
                    DHCPSRV_EVAL_RESULT(subject.label(), &class.name, is_member);
                    if is_member {
                        subject.insert(id);
                    }
                }
                Err(error) => DHCPSRV_EVAL_ERROR(subject.label(), &class.name, error),
            },
            Membership::Template(_) => match make(class, (id, stage), is_classified, subject) {
                Ok(value) if value.is_empty() => {}
                Ok(value) => {
                    DHCPSRV_TEMPLATE_EVAL_RESULT(subject.label(), &class.name, Escaped(&value));
                    if let Some(spawned) = classes.spawned(id, &value) {
                        join(subject, spawned, Because::Template);
                    }
                    subject.insert(id);
                }
                Err(error) => DHCPSRV_TEMPLATE_EVAL_ERROR(subject.label(), &class.name, error),
            },
        }
    }
}

/// Puts a message into a class without asking an expression.
pub(crate) fn join(subject: &mut impl Subject, class: ClassId, because: Because) {
    if subject.is_traced() && !subject.classes().contains(class) {
        subject.note_joined(class, because);
    }
    subject.insert(class);
}

/// What a test says, and with what it saw for who wants to know.
#[inline(always)]
fn ask(
    test: &Test,
    subject: &impl Subject,
    is_classified: bool,
    scratch: &mut Scratch,
    class: ClassId,
    stage: Stage,
) -> Result<bool, EvaluationError> {
    match subject.is_traced() {
        false => test.matches_with(&subject.packet(is_classified), scratch),
        true => ask_and_tell(test, subject, is_classified, class, stage),
    }
}

#[cold]
#[inline(never)]
fn ask_and_tell(
    test: &Test,
    subject: &impl Subject,
    is_classified: bool,
    class: ClassId,
    stage: Stage,
) -> Result<bool, EvaluationError> {
    let mut parts = Vec::new();
    let result = test.overheard(&subject.packet(is_classified), |part| Heard::add(&mut parts, part));
    let said = result.as_ref().map_or_else(|error| Said::Failure(error.to_string()), |it| Said::Truth(*it));
    subject.note_evaluated(class, stage, said, parts);
    result
}

/// The value of a template, in the same way.
fn make<O, P>(
    class: &Class<O, P>,
    (id, stage): (ClassId, Stage),
    is_classified: bool,
    subject: &impl Subject,
) -> Result<Bytes, EvaluationError> {
    let packet = subject.packet(is_classified);
    if !subject.is_traced() {
        return template(class, &packet);
    }
    let Membership::Template(value) = &class.membership else { return Ok(Bytes::new()) };
    let mut parts = Vec::new();
    let result = value.overheard(&packet, |part| Heard::add(&mut parts, part));
    let said =
        result.as_ref().map_or_else(|error| Said::Failure(error.to_string()), |it| Said::Value(begun(it)));
    subject.note_evaluated(id, stage, said, parts);
    result.map(SmallVec::from_vec)
}

/// The value of a template for a message; empty if it makes no class of it.
fn template<O, P>(class: &Class<O, P>, packet: &impl Packet) -> Result<Bytes, EvaluationError> {
    let Membership::Template(value) = &class.membership else { return Ok(Bytes::new()) };
    let mut scratch = Scratch::new();
    value.evaluate(packet, &mut scratch).map(SmallVec::from_slice)
}

/// Writes the names of a message's classes, in order. Those that no configuration names are there too: they are found anew,
/// those of `vendors` among them.
pub(crate) fn write_names<O, P>(
    f: &mut fmt::Formatter<'_>,
    classes: &Classes<O, P>,
    of: &Memberships,
    packet: &impl Packet,
    vendors: impl IntoIterator<Item = Bytes>,
) -> fmt::Result
where
    O: Default + PartialEq,
    P: Default + PartialEq,
{
    let mut vendors = Some(vendors);
    let mut separator = "";
    for id in of.in_order() {
        let Some(class) = classes.get(id) else { continue };
        if let (Membership::Template(_), Ok(value)) = (&class.membership, template(class, packet))
            && classes.spawned(id, &value).is_none()
        {
            write!(f, "{separator}{SPAWN}{}_{}", class.name, Escaped(&value))?;
            separator = ", ";
        }
        write!(f, "{separator}{}", class.name)?;
        separator = ", ";
        // They come right behind those that were there before the first test.
        if id == Classes::<O, P>::ALL
            && let Some(vendors) = vendors.take()
        {
            for vendor in vendors.into_iter().filter(|vendor| classes.of_vendor(vendor).is_none()) {
                write!(f, "{separator}{VENDOR_CLASS}{}", Escaped(&vendor))?;
            }
        }
    }
    Ok(())
}

/// What a client sent, as part of the name of a class.
struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(self.0))
    }
}
