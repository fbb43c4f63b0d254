//! What the tabulator completes: names of commands, and of their arguments.

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use crate::catalogue::Catalogue;
use crate::interactive::split;

/// The word that asks for a command to be explained.
pub(crate) const HELP: &str = "help";

/// Helps with typing.
pub(crate) struct Typing<'a> {
    /// What can be typed first, sorted.
    pub(crate) names: Vec<String>,
    /// What arguments commands take.
    pub(crate) catalogue: &'a Catalogue,
}

impl Completer for Typing<'_> {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.candidates(line, at))
    }
}

impl Typing<'_> {
    /// What the word before `at` may become, and where it begins.
    fn candidates(&self, line: &str, at: usize) -> (usize, Vec<String>) {
        let before = line.get(..at).unwrap_or_default();
        let (command, rest) = split(before);
        let start = before.len() - rest.len();
        if rest.is_empty() {
            let mut names = self.beginning_with(command);
            if let [only] = names.as_mut_slice() {
                // Its arguments follow.
                only.push(' ');
            }
            return (start - command.len(), names);
        }
        if command == HELP {
            let word = rest.trim_start();
            return (before.len() - word.len(), self.beginning_with(word));
        }
        let (Some(known), Some(key)) = (self.catalogue.find(command), Key::typed(rest)) else {
            return (at, Vec::new());
        };
        let word = &rest[key.start..];
        let fits = |name: &str| name.starts_with(word.trim_start_matches('"')) && !key.others.contains(&name);
        let names = known.arguments.iter().map(|argument| &*argument.name).filter(|name| fits(name));
        (start + key.start, names.map(|name| format!("\"{name}\": ")).collect())
    }

    fn beginning_with(&self, word: &str) -> Vec<String> {
        self.names.iter().filter(|name| name.starts_with(word)).cloned().collect()
    }
}

/// A key at the end of arguments, as far as it is typed.
struct Key<'a> {
    /// Where it begins, with its quotation mark if it has one.
    start: usize,
    /// The keys that are there already.
    others: Vec<&'a str>,
}

impl<'a> Key<'a> {
    /// The key at the end of `arguments`, if that is where one may stand: of their map, not of a map in it.
    fn typed(arguments: &'a str) -> Option<Self> {
        let own_depth = usize::from(arguments.trim_start().starts_with('{'));
        let mut depth = 0_usize;
        let mut others = Vec::new();
        // Where the string or the bare word that is being typed begins.
        let (mut string, mut bare) = (None, None);
        let (mut is_key, mut escaped) = (true, false);
        for (at, character) in arguments.char_indices() {
            if let Some(start) = string {
                match character {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '"' => {
                        string = None;
                        if is_key && depth == own_depth {
                            others.push(&arguments[start + 1..at]);
                            is_key = false;
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match character {
                '"' => string = Some(at),
                '{' | '[' => depth += 1,
                '}' | ']' => depth = depth.saturating_sub(1),
                ',' if depth == own_depth => is_key = true,
                ':' if depth == own_depth => is_key = false,
                _ => {}
            }
            let is_word = character.is_ascii_alphanumeric() || character == '-';
            bare = if is_word { bare.or(Some(at)) } else { None };
        }
        let start = string.or(bare).unwrap_or(arguments.len());
        (is_key && depth == own_depth).then_some(Self { start, others })
    }
}

impl Validator for Typing<'_> {
    /// A map goes on until it is whole.
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match is_whole(context.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

/// Whether nothing is missing at the end of a line. What is wrong with it is told once it is sent.
fn is_whole(line: &str) -> bool {
    let arguments = split(line).1.trim();
    let whole = serde_json::from_str::<serde_json::Value>(arguments);
    !arguments.starts_with('{') || !whole.is_err_and(|error| error.is_eof())
}

impl Helper for Typing<'_> {}
impl Highlighter for Typing<'_> {}
impl Hinter for Typing<'_> {
    type Hint = String;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(line: &str) -> (usize, Vec<String>) {
        let names = ["config-get", "config-set", "help", "lease4-get-page", "shutdown"].map(str::to_owned);
        Typing { names: names.into(), catalogue: &Catalogue::new() }.candidates(line, line.len())
    }

    /// The first word is a command, and so is what help is asked for.
    #[test]
    fn commands_are_completed() {
        assert_eq!(complete(" config-"), (1, vec!["config-get".to_owned(), "config-set".to_owned()]));
        assert_eq!(complete("").1.len(), 5);
        assert_eq!(complete("shut").1, ["shutdown "]);
        assert_eq!(complete("help sh"), (5, vec!["shutdown".to_owned()]));
    }

    /// Arguments are those of the command that are not there yet, wherever a key may stand.
    #[test]
    fn arguments_are_completed() {
        let [from, limit, rows] = ["from", "limit", "rows"].map(|key| format!("\"{key}\": "));
        assert_eq!(complete("lease4-get-page "), (16, vec![from.clone(), limit.clone(), rows.clone()]));
        assert_eq!(complete("lease4-get-page fr"), (16, vec![from.clone()]));
        assert_eq!(complete("lease4-get-page \"f"), (16, vec![from.clone()]));
        assert_eq!(complete("lease4-get-page { \"f"), (18, vec![from]));
        assert_eq!(complete("lease4-get-page {\"from\": \"a,\\\"\", l"), (33, vec![limit.clone()]));
        assert_eq!(complete("lease4-get-page \"from\": \"start\", "), (33, vec![limit, rows]));
        for nothing in [
            "lease4-get-page \"from\": \"l",
            "lease4-get-page \"from\"",
            "lease4-get-page { \"from\": { \"l",
            "lease4-get-page { \"from\": 1 }",
            "lease4-get-page \"x",
            "no-such-command ",
            "config-get ",
        ] {
            assert_eq!(complete(nothing).1, [""; 0], "{nothing}");
        }
    }

    /// Only a map can go on.
    #[test]
    fn a_map_goes_on_until_it_is_whole() {
        assert!(!is_whole("config-set { \"Dhcp4\": {"));
        assert!(is_whole("config-set { \"Dhcp4\": { } }"));
        assert!(is_whole("config-set } {"));
        assert!(is_whole("lease4-get \"a\": ["));
        assert!(is_whole("config-get"));
    }
}
