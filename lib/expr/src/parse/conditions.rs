//! Words that begin a condition.

use regex::bytes::RegexBuilder;

use super::{Fault, Parser};
use crate::{
    ast::{Condition, Pattern},
    lexer::Kind,
};

/// Most bytes a compiled regular expression and its lazily built automaton may take each.
const MAX_REGEX: usize = 1 << 20;

impl<'t> Parser<'t, '_> {
    /// `member('class')`, `match('regex', string)`, `known`, `unknown`; `None` when it is something else.
    pub(super) fn condition_word(&mut self) -> Result<Option<Condition>, Fault> {
        let at = self.at();
        let Kind::Symbol(word) = self.peek() else { return Ok(None) };
        Ok(Some(match word {
            "member" => {
                self.next += 1;
                self.expect("(")?;
                let at = self.at();
                let name = self.quoted("a class name in single quotes")?;
                let member = self.member(name, at)?;
                self.expect(")")?;
                member
            }
            "known" => {
                self.next += 1;
                self.member("KNOWN", at)?
            }
            "unknown" => {
                self.next += 1;
                Condition::Not(Box::new(self.member("KNOWN", at)?))
            }
            "match" => {
                self.next += 1;
                self.expect("(")?;
                let at = self.at();
                let pattern = self.quoted("a regular expression in single quotes")?;
                let pattern = whole_match(pattern).map_err(|why| (at, why))?;
                self.expect(",")?;
                let text = self.text()?;
                self.expect(")")?;
                Condition::Match(Box::new((pattern, text)))
            }
            _ => return Ok(None),
        }))
    }

    fn member(&mut self, name: &str, at: usize) -> Result<Condition, Fault> {
        match (self.class)(name) {
            Some(class) => Ok(Condition::Member(Box::new((class, name.into())))),
            None => Err((
                at,
                format!(
                    "Not defined client class '{name}': a class must be defined before it is referred to"
                ),
            )),
        }
    }

    fn quoted(&mut self, what: &str) -> Result<&'t str, Fault> {
        let Kind::String(text) = self.peek() else { return Err(self.unexpected(what)) };
        self.next += 1;
        Ok(text)
    }
}

/// A regular expression that must match from the first byte to the last.
fn whole_match(pattern: &str) -> Result<Pattern, String> {
    let build = |pattern: &str| {
        RegexBuilder::new(pattern).unicode(false).size_limit(MAX_REGEX).dfa_size_limit(MAX_REGEX).build()
    };
    // On its own first, so that a parenthesis too many cannot end the group around it.
    build(pattern)
        .and_then(|_| build(&format!(r"\A(?:{pattern})\z")))
        .map(|regex| Pattern { written: pattern.into(), regex })
        .map_err(|error| format!("invalid regular expression '{pattern}': {}", in_a_line(&error.to_string())))
}

/// What is wrong with a pattern, without the picture of the place that may come before it.
fn in_a_line(error: &str) -> &str {
    let last = error.trim_end().lines().next_back().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last)
}
