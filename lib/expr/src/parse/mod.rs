//! From text to tree.
//!
//! A recursive descent over tokens. Text and conditions share parentheses, so every operand is parsed as
//! either and then asked for what its place needs; a mismatch is an error about the operand.

use std::fmt;

use kotare_options::Definitions;

use crate::{
    ClassId, Test, Value,
    ast::{Condition, Junction, Label, Laziness, Text},
    lexer::{self, Kind, Token},
};

mod conditions;
mod options;
mod text;

/// What the names in an expression mean.
pub struct Names<'a> {
    /// For `option[name]`, and for the layout of options shown as text. They tell which protocol the expression is for.
    pub options: &'a Definitions,
    /// The definitions as classes with their own `option-def` list have them, for options 43 and 224 to 254. If a client
    /// belongs to several that define an option, the first counts.
    pub of_classes: &'a [(ClassId, Definitions)],
    /// For `member('name')`: the index of a class that exists or will (built-in classes, and the classes
    /// templates make, included); `None` refuses the expression. `known` and `unknown` ask for `KNOWN`.
    pub class: &'a mut dyn FnMut(&str) -> Option<ClassId>,
}

/// Why an expression was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line feeds before the fault, plus one.
    pub line: usize,
    /// Characters before the fault in its line, plus one.
    pub column: usize,
    /// What was found and what was expected.
    pub text: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 1 {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "column {}: {}", self.column, self.text)
    }
}

impl std::error::Error for ParseError {}

/// Reads a `test`: an expression that is true or false.
///
/// # Errors
/// Text that is not an expression, is a string rather than a condition, names an unknown option or class,
/// speaks of what only the other protocol has, or is longer (65536 bytes) or deeper (100 levels) than bounds allow.
pub fn parse_test(text: &str, names: &mut Names<'_>) -> Result<Test, ParseError> {
    parse(text, names, |parser| Ok(Test(parser.condition()?)))
}

/// Reads a `template-test` or another expression whose value is a string.
///
/// # Errors
/// As [`parse_test`], with strings and conditions exchanged.
pub fn parse_value(text: &str, names: &mut Names<'_>) -> Result<Value, ParseError> {
    parse(text, names, |parser| Ok(Value(parser.text()?)))
}

/// Longest expression, in bytes.
const MAX_LENGTH: usize = 65_536;
/// Deepest nesting of parentheses, functions and `not`.
const MAX_DEPTH: usize = 100;

/// A fault at a byte of the text.
type Fault = (usize, String);

fn parse<T>(
    text: &str,
    names: &mut Names<'_>,
    read: impl FnOnce(&mut Parser<'_, '_>) -> Result<T, Fault>,
) -> Result<T, ParseError> {
    let result = if text.len() > MAX_LENGTH {
        Err((MAX_LENGTH, format!("an expression of {} bytes is longer than {MAX_LENGTH}", text.len())))
    } else {
        lexer::tokens(text).and_then(|tokens| {
            let mut parser = Parser {
                tokens: &tokens,
                next: 0,
                depth: 0,
                labels: 0,
                options: names.options,
                of_classes: names.of_classes,
                class: &mut *names.class,
            };
            let value = read(&mut parser)?;
            match parser.peek() {
                Kind::End => Ok(value),
                _ => Err(parser.unexpected("the end of the expression")),
            }
        })
    };
    result.map_err(|(at, why)| {
        let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        ParseError {
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: String::from_utf8_lossy(&before[line_start..]).chars().count() + 1,
            text: why,
        }
    })
}

/// Where in the tokens we are.
struct Parser<'t, 'n> {
    tokens: &'t [Token<'t>],
    next: usize,
    depth: usize,
    /// How many labels there are.
    labels: Label,
    options: &'n Definitions,
    of_classes: &'n [(ClassId, Definitions)],
    class: &'n mut dyn FnMut(&str) -> Option<ClassId>,
}

/// What an operand turned out to be.
enum Operand {
    Condition(Condition),
    Text(Text),
}

impl<'t> Parser<'t, '_> {
    /// An expression that must be a condition.
    fn condition(&mut self) -> Result<Condition, Fault> {
        let at = self.at();
        let operand = self.operand()?;
        as_condition(operand, at)
    }

    /// An expression that must be a string.
    fn text(&mut self) -> Result<Text, Fault> {
        let at = self.at();
        match self.operand()? {
            Operand::Text(text) => Ok(text),
            Operand::Condition(_) => Err((at, "this is a condition, but a string is expected".into())),
        }
    }

    /// An expression of either kind.
    fn operand(&mut self) -> Result<Operand, Fault> {
        self.enter()?;
        let operand = self.operators(0)?;
        self.depth -= 1;
        Ok(operand)
    }

    /// Operands joined by operators, from the loosest that may appear here to the tightest.
    fn operators(&mut self, loosest: usize) -> Result<Operand, Fault> {
        let at = self.at();
        let mut left = self.negation()?;
        for (level, operator) in OPERATORS.iter().enumerate().skip(loosest).rev() {
            if self.peek() != Kind::Symbol(operator.word) {
                continue;
            }
            let first = Box::new(as_condition(left, at)?);
            let mut others = Vec::new();
            while self.take(operator.word) {
                let label = self.label(operator.junction.laziness);
                let at = self.at();
                let operand = self.operators(level + 1)?;
                others.push((label, as_condition(operand, at)?));
            }
            left = Operand::Condition(Condition::Joined(operator.junction, first, others.into()));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Operand, Fault> {
        if !self.take("not") {
            return self.comparison();
        }
        let at = self.at();
        self.enter()?;
        let operand = self.negation()?;
        self.depth -= 1;
        Ok(Operand::Condition(Condition::Not(Box::new(as_condition(operand, at)?))))
    }

    /// A primary, and if it is a string, what is added to it and what it is compared with.
    fn comparison(&mut self) -> Result<Operand, Fault> {
        let left = match self.primary()? {
            Operand::Text(text) => self.concatenation(text)?,
            condition => return Ok(condition),
        };
        if !self.take("==") {
            return Ok(Operand::Text(left));
        }
        let at = self.at();
        let right = self.string_operand(at)?;
        let right = self.concatenation(right)?;
        Ok(Operand::Condition(Condition::Equal(Box::new((left, right)))))
    }

    fn concatenation(&mut self, first: Text) -> Result<Text, Fault> {
        if self.peek() != Kind::Symbol("+") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take("+") {
            let at = self.at();
            parts.push(self.string_operand(at)?);
        }
        Ok(Text::Concat(parts))
    }

    fn string_operand(&mut self, at: usize) -> Result<Text, Fault> {
        match self.primary()? {
            Operand::Text(text) => Ok(text),
            Operand::Condition(_) => Err((at, "this is a condition, but a string is expected".into())),
        }
    }

    /// A parenthesis, a literal, or something that starts with a word.
    fn primary(&mut self) -> Result<Operand, Fault> {
        if self.take("(") {
            let inner = self.operand()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if let Some(condition) = self.condition_word()? {
            return Ok(Operand::Condition(condition));
        }
        if let Some(text) = self.text_word()? {
            return Ok(Operand::Text(text));
        }
        if let Some(operand) = self.option_word()? {
            return Ok(operand);
        }
        Err(self.unexpected("a condition or a string"))
    }

    /// Counts a level of nesting.
    fn enter(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err((self.at(), format!("the expression is nested more than {MAX_DEPTH} deep")));
        }
        Ok(())
    }

    fn peek(&self) -> Kind<'t> {
        self.token().kind
    }

    fn at(&self) -> usize {
        self.token().at
    }

    /// The next token; the last, `End`, again and again.
    fn token(&self) -> Token<'t> {
        self.tokens.get(self.next).or(self.tokens.last()).copied().unwrap_or(Token { at: 0, kind: Kind::End })
    }

    /// The next label, where one is needed.
    fn label(&mut self, laziness: Laziness) -> Label {
        self.labels += Label::from(laziness == Laziness::Lazy);
        self.labels
    }

    /// Moves past `symbol` if it is next.
    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Kind::Symbol(next) if next == symbol);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Fault> {
        if self.take(symbol) { Ok(()) } else { Err(self.unexpected(&format!("'{symbol}'"))) }
    }

    /// A decimal number between `least` and `most`.
    fn integer<T: TryFrom<i64>>(&mut self, what: &str, least: i64, most: i64) -> Result<T, Fault> {
        let Kind::Integer(value) = self.peek() else { return Err(self.unexpected(what)) };
        let Some(value) = Some(value).filter(|value| (least..=most).contains(value)) else {
            return Err((
                self.at(),
                format!("{value} cannot be {what}: it is not between {least} and {most}"),
            ));
        };
        let Ok(value) = T::try_from(value) else { return Err(self.unexpected(what)) };
        self.next += 1;
        Ok(value)
    }

    fn unexpected(&self, expected: &str) -> Fault {
        let found = match self.peek() {
            Kind::String(text) => format!("the string '{}'", short(text)),
            Kind::Hex(digits) => format!("0x{}", short(digits)),
            Kind::Integer(value) => value.to_string(),
            Kind::Name(name) => format!("'{}'", short(name)),
            Kind::Address(address) => address.to_string(),
            Kind::Symbol(symbol) => format!("'{symbol}'"),
            Kind::End => "the end of the expression".into(),
        };
        (self.at(), format!("expected {expected}, found {found}"))
    }
}

/// As much of a token as an error needs.
fn short(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn as_condition(operand: Operand, at: usize) -> Result<Condition, Fault> {
    match operand {
        Operand::Condition(condition) => Ok(condition),
        Operand::Text(_) => Err((
            at,
            "this is a string, but a condition is expected; compare it with '==', or ask whether an option \
             exists with '.exists'"
                .into(),
        )),
    }
}

/// A word between two conditions.
struct Operator {
    word: &'static str,
    junction: Junction,
}

const fn operator(word: &'static str, decisive: bool, laziness: Laziness) -> Operator {
    Operator { word, junction: Junction { decisive, laziness } }
}

/// The operators, the loosest first, as Kea has them.
const OPERATORS: [Operator; 4] = [
    operator("sor", true, Laziness::Strict),
    operator("or", true, Laziness::Lazy),
    operator("sand", false, Laziness::Strict),
    operator("and", false, Laziness::Lazy),
];
