//! What is known of a test without evaluating it: answers without which it is false.

use crate::ast::{Condition, Junction, Laziness, OptionPath, Text};

/// A test with this clue is false, and does not fail, unless the clue fits or cannot be evaluated.
#[derive(Debug)]
pub(crate) enum Clue<'t> {
    /// The string is one of these.
    Equal(&'t Text, Vec<&'t [u8]>),
    /// The condition holds.
    Holds(&'t Condition),
}

/// What has to be so for a condition to hold. All of it stays the same while classes are added to a packet.
pub(crate) fn clues(condition: &Condition) -> Vec<Clue<'_>> {
    let Condition::Joined(Junction { decisive: false, laziness }, first, others) = condition else {
        return clue(condition).into_iter().collect();
    };
    let mut found = Vec::new();
    let operands = || std::iter::once(&**first).chain(others.iter().map(|(_, other)| other));
    if *laziness == Laziness::Strict && !operands().all(|operand| Nature::of(operand).is_safe) {
        return found;
    }
    // What comes behind an operand that fails is not looked at.
    for operand in operands() {
        found.extend(clues(operand));
        if !Nature::of(operand).is_safe {
            break;
        }
    }
    found
}

/// The one thing that a condition other than `and` asks for.
fn clue(condition: &Condition) -> Option<Clue<'_>> {
    match condition {
        Condition::Equal(sides) => match &**sides {
            (text, Text::Literal(_, answer)) | (Text::Literal(_, answer), text)
                if Nature::of_text(text).is_steady =>
            {
                Some(Clue::Equal(text, vec![answer]))
            }
            _ => steady(condition),
        },
        Condition::Joined(Junction { decisive: true, .. }, first, others) => {
            alternatives(first, others.iter().map(|(_, other)| other)).or_else(|| steady(condition))
        }
        _ => steady(condition),
    }
}

/// Of several answers to the same question.
fn alternatives<'t>(first: &'t Condition, others: impl Iterator<Item = &'t Condition>) -> Option<Clue<'t>> {
    let Clue::Equal(text, mut answers) = clue(first)? else { return None };
    for other in others {
        match clue(other)? {
            Clue::Equal(same, more) if same == text => answers.extend(more),
            _ => return None,
        }
    }
    Some(Clue::Equal(text, answers))
}

fn steady(condition: &Condition) -> Option<Clue<'_>> {
    Nature::of(condition).is_steady.then_some(Clue::Holds(condition))
}

/// What can be said of an expression for all packets.
#[derive(Clone, Copy, Debug)]
struct Nature {
    /// Its value does not depend on the classes of a packet.
    is_steady: bool,
    /// It always has one.
    is_safe: bool,
}

impl Nature {
    const PLAIN: Self = Self { is_steady: true, is_safe: true };

    fn of(condition: &Condition) -> Self {
        match condition {
            Condition::Not(condition) => Self::of(condition),
            Condition::Joined(_, first, others) => {
                others.iter().fold(Self::of(first), |all, (_, other)| all.and(Self::of(other)))
            }
            Condition::Equal(sides) => Self::of_text(&sides.0).and(Self::of_text(&sides.1)),
            Condition::Match(parts) => Self::of_text(&parts.1),
            Condition::Member(_) => Self { is_steady: false, ..Self::PLAIN },
            Condition::OptionExists(path) => Self::of_path(path),
            Condition::VendorExists(_) | Condition::VendorClassExists(_) => Self::PLAIN,
        }
    }

    fn of_text(text: &Text) -> Self {
        match text {
            Text::Literal(..)
            | Text::Packet(_)
            | Text::VendorEnterprise
            | Text::VendorClassEnterprise
            | Text::VendorClassData(..) => Self::PLAIN,
            Text::Option(path, _) => Self::of_path(path),
            Text::Substring(text, ..) | Text::LowerCase(text) | Text::UpperCase(text) => Self::of_text(text),
            Text::Split(text, delimiters, _) => Self::of_text(text).and(Self::of_text(delimiters)),
            Text::IfElse(parts, _) => {
                Self::of(&parts.0).and(Self::of_text(&parts.1)).and(Self::of_text(&parts.2))
            }
            Text::Concat(parts) => parts.iter().map(Self::of_text).fold(Self::PLAIN, Self::and).fallible(),
            Text::HexString(parts) => Self::of_text(&parts.0).and(Self::of_text(&parts.1)).fallible(),
            Text::FormatAddress(text) | Text::FormatInteger(_, text) => Self::of_text(text).fallible(),
        }
    }

    fn of_path(path: &OptionPath) -> Self {
        Self { is_steady: !path.depends_on_class, ..Self::PLAIN }
    }

    fn and(self, other: Self) -> Self {
        Self { is_steady: self.is_steady && other.is_steady, is_safe: self.is_safe && other.is_safe }
    }

    /// It fails with some values.
    fn fallible(self) -> Self {
        Self { is_safe: false, ..self }
    }
}
