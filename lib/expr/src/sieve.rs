//! Many tests at once: which of them need to be evaluated for a packet.
//!
//! Most tests of a configuration ask the same few things and expect different answers: the vendor class, the circuit, the
//! first bytes of the hardware address. A sieve asks each of these once and looks up whose answer it is, instead of asking
//! it for every test. It never decides that a test holds: it leaves out tests that would be false, and whatever may be true
//! or may fail is evaluated as written.

use std::cmp::Ordering;

use crate::{
    ClassId, Packet, Scratch, Test,
    ast::{Condition, Text},
    bits::Bits,
    clues::{Clue, clues},
    evaluate::Evaluation,
    overheard::Nobody,
};

/// The classes that are evaluated together, in their order, and what tells early that a packet is in none of some of them.
#[derive(Clone, Debug, Default)]
pub struct Sieve {
    order: Vec<ClassId>,
    /// All their places in the order. They stand for the classes in here.
    all: Bits,
    questions: Vec<Question>,
}

/// What a sieve leaves.
#[derive(Clone, Debug)]
pub struct Sifted<'s> {
    order: &'s [ClassId],
    left: Bits,
}

impl Sifted<'_> {
    /// The classes, in order.
    pub fn iter(&self) -> impl Iterator<Item = ClassId> {
        self.left.iter().filter_map(|place| self.order.get(place as usize).copied())
    }
}

/// Something that several tests ask of a packet.
#[derive(Clone, Debug)]
struct Question {
    asked: Asked,
    /// Whose tests are false with another answer.
    of: Bits,
    /// The answers that are expected, in [`order`], and whose they are; of a condition none, it has to hold.
    expected: Vec<(Box<[u8]>, Vec<u32>)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Asked {
    Text(Text),
    Condition(Condition),
}

/// How many questions are told apart. Each is asked of every packet, so with more of them there is nothing to win.
const MAX_QUESTIONS: usize = 256;

impl Sieve {
    /// That of these classes in this order. Those without a test here are always evaluated.
    pub fn new<'t>(classes: impl IntoIterator<Item = (ClassId, Option<&'t Test>)>) -> Self {
        let mut sieve = Self::default();
        for (place, (class, test)) in (0..).zip(classes) {
            sieve.order.push(class);
            sieve.all.insert(place);
            let clues = test.map(|test| clues(&test.0)).unwrap_or_default();
            clues.into_iter().for_each(|clue| sieve.note(place, clue));
        }
        // Who asks alone is as quickly evaluated.
        sieve.questions.retain(|question| question.of.iter().nth(1).is_some());
        sieve
    }

    fn note(&mut self, place: u32, clue: Clue<'_>) {
        let (asked, answers) = match clue {
            Clue::Equal(text, answers) => (Asked::Text(text.clone()), answers),
            Clue::Holds(condition) => (Asked::Condition(condition.clone()), Vec::new()),
        };
        let at = match self.questions.iter().position(|question| question.asked == asked) {
            Some(at) => at,
            None if self.questions.len() == MAX_QUESTIONS => return,
            None => {
                self.questions.push(Question { asked, of: Bits::EMPTY, expected: Vec::new() });
                self.questions.len() - 1
            }
        };
        let question = &mut self.questions[at];
        question.of.insert(place);
        for answer in answers {
            match question.expected.binary_search_by(|(expected, _)| order(expected, answer)) {
                Ok(at) => question.expected[at].1.push(place),
                Err(at) => question.expected.insert(at, (answer.into(), vec![place])),
            }
        }
    }

    /// All the classes, in order.
    pub fn all(&self) -> &[ClassId] {
        &self.order
    }

    /// The classes that need to be evaluated for this packet, in order, whatever classes it comes to belong to meanwhile:
    /// the tests of the others are false.
    pub fn sift(&self, packet: &impl Packet, scratch: &mut Scratch) -> Sifted<'_> {
        let mut left = self.all.clone();
        for question in &self.questions {
            if !left.intersects(&question.of) {
                continue;
            }
            scratch.truncate(0);
            let mut evaluation = Evaluation { packet, scratch, hear: &mut Nobody };
            let fitting = match &question.asked {
                Asked::Text(text) => evaluation.bytes(text).map(|answer| question.of(scratch.view(answer))),
                Asked::Condition(condition) => match evaluation.holds(condition) {
                    Ok(false) => Ok(&[][..]),
                    _ => continue,
                },
            };
            // Who asks for something that cannot be evaluated has to say so.
            let Ok(fitting) = fitting else { continue };
            let kept: Bits = fitting.iter().copied().filter(|place| left.contains(*place)).collect();
            left.remove_all(&question.of);
            kept.iter().for_each(|place| _ = left.insert(place));
        }
        Sifted { order: &self.order, left }
    }

    /// As [`Sieve::sift`], where none is to be left out.
    pub fn whole(&self) -> Sifted<'_> {
        Sifted { order: &self.order, left: self.all.clone() }
    }
}

impl Question {
    /// Whose answer it is.
    fn of(&self, answer: &[u8]) -> &[u32] {
        let found = self.expected.binary_search_by(|(expected, _)| order(expected, answer));
        found.map_or(&[], |at| &self.expected[at].1)
    }
}

/// The order of answers: most differ in length, which is quickly seen.
fn order(one: &[u8], other: &[u8]) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}
