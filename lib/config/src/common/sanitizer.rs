//! Characters that do not belong into names (`hostname-char-set`), and what stands in their place.
//!
//! The set is a POSIX extended regular expression, as `regcomp(3)` reads it. Nearly always it is one bracket expression,
//! which becomes a table; any other is matched.

use std::iter::Peekable;
use std::str::Chars;
use std::sync::Arc;

use kotare_model::HostName;
use regex::bytes::{Regex, RegexBuilder};

/// The longest expression, and the longest replacement, as in Kea.
const MAX_TEXT: usize = 4096;
/// How large a compiled expression may be, in bytes.
const MAX_REGEX: usize = 1 << 20;

/// Replaces what does not belong into a name.
#[derive(Clone, Debug)]
pub struct Sanitizer(Arc<Rules>);

#[derive(Debug)]
struct Rules {
    /// `hostname-char-set`, as written.
    set: Box<str>,
    /// `hostname-char-replacement`.
    replacement: Box<[u8]>,
    unwanted: Unwanted,
}

#[derive(Debug)]
enum Unwanted {
    /// Of an expression that is one bracket expression: whether each byte is in it.
    Bytes(Box<[bool; 256]>),
    Matches(Box<Regex>),
}

impl Sanitizer {
    /// Replaces what matches `set`, a POSIX extended regular expression, by `replacement`.
    ///
    /// # Errors
    /// When the expression is none, or too long: why.
    pub fn new(set: &str, replacement: &str) -> Result<Self, String> {
        for (keyword, text) in [("hostname-char-set", set), ("hostname-char-replacement", replacement)] {
            if text.len() > MAX_TEXT {
                return Err(format!("\"{keyword}\" has more than {MAX_TEXT} characters"));
            }
        }
        let (expression, is_bracket) = translated(set)?;
        let regex = RegexBuilder::new(&expression)
            .unicode(false)
            .dot_matches_new_line(true)
            .size_limit(MAX_REGEX)
            .dfa_size_limit(MAX_REGEX)
            .build()
            .map_err(|_| format!("'{set}' is not a regular expression"))?;
        let unwanted = match is_bracket {
            true => Unwanted::Bytes(Box::new(std::array::from_fn(|byte| regex.is_match(&[byte as u8])))),
            false => Unwanted::Matches(Box::new(regex)),
        };
        Ok(Self(Arc::new(Rules { set: set.into(), replacement: replacement.as_bytes().into(), unwanted })))
    }

    /// Appends a text without what does not belong into names.
    pub fn append(&self, text: &[u8], to: &mut HostName) {
        let Rules { replacement, unwanted, .. } = &*self.0;
        match unwanted {
            Unwanted::Bytes(table) => {
                for &byte in text {
                    match table[usize::from(byte)] {
                        true => to.extend(replacement.iter().copied()),
                        false => to.push(byte),
                    }
                }
            }
            Unwanted::Matches(regex) => {
                let mut done = 0;
                for found in regex.find_iter(text) {
                    to.extend(text[done..found.start()].iter().chain(&**replacement).copied());
                    done = found.end();
                }
                to.extend(text[done..].iter().copied());
            }
        }
    }
}

impl PartialEq for Sanitizer {
    fn eq(&self, other: &Self) -> bool {
        self.0.set == other.0.set && self.0.replacement == other.0.replacement
    }
}

/// The expression in the syntax of the library, which reads bracket expressions differently; whether it is one of these
/// and nothing else.
fn translated(posix: &str) -> Result<(String, bool), String> {
    let mut text = String::with_capacity(posix.len() + 8);
    let mut chars = posix.chars().peekable();
    let (mut brackets, mut others) = (0, 0);
    while let Some(char) = chars.next() {
        if char == '[' {
            brackets += 1;
            bracket(&mut chars, &mut text)
                .ok_or_else(|| format!("'{posix}' has a bracket that is not closed"))?;
            continue;
        }
        others += 1;
        text.push(char);
        // What follows a backslash is meant as it is, a bracket too.
        if char == '\\' {
            text.extend(chars.next());
        }
    }
    Ok((text, brackets == 1 && others == 0))
}

/// A bracket expression from behind its `[`; `None` if it does not end.
fn bracket(chars: &mut Peekable<Chars<'_>>, text: &mut String) -> Option<()> {
    text.push('[');
    text.extend(chars.next_if_eq(&'^'));
    // A `]` that comes first is a member.
    if chars.next_if_eq(&']').is_some() {
        text.push_str("\\]");
    }
    loop {
        match chars.next()? {
            ']' => {
                text.push(']');
                return Some(());
            }
            '[' if chars.peek() == Some(&':') => {
                text.push('[');
                loop {
                    let char = chars.next()?;
                    text.push(char);
                    if char == ':' && text.len() > 2 && chars.next_if_eq(&']').is_some() {
                        text.push(']');
                        break;
                    }
                }
            }
            // These mean nothing within brackets in POSIX, but do to the library.
            char @ ('[' | '\\' | '&' | '~') => text.extend(['\\', char]),
            char => text.push(char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(set: &str, replacement: &str, text: &[u8]) -> String {
        let mut name = HostName::EMPTY;
        Sanitizer::new(set, replacement).unwrap().append(text, &mut name);
        name.to_string()
    }

    /// The example of Kea's manual, the default, and a byte that is no character.
    #[test]
    fn what_does_not_belong_into_names_is_replaced() {
        assert_eq!(clean("[^A-Za-z0-9.-]", "x", b"myhost-$[123.org"), "myhost-xx123.org");
        assert_eq!(clean("[^A-Za-z0-9.-]", "", b"my host\0\xff.org"), "myhost.org");
        assert_eq!(clean("[_ ]", "--", b"a_b c"), "a--b--c");
        assert_eq!(clean("[_]", "$&", b"a_b"), "a$&b");
    }

    /// Brackets as POSIX reads them: `]` first, classes, and nothing escaped in them.
    #[test]
    fn brackets_are_read_as_posix_does() {
        assert_eq!(clean("[]a]", "", b"]ab"), "b");
        assert_eq!(clean("[^]a]", "", b"]ab"), "]a");
        assert_eq!(clean(r"[\.]", "", br"a\.b"), "ab");
        assert_eq!(clean("[[:punct:][:space:]]", "-", b"a_b c!"), "a-b-c-");
        assert_eq!(clean("[^[:alnum:]-]", "", b"a_b-c"), "ab-c");
        assert_eq!(clean("[a&&b~~c]", "", b"a&b~c-d"), "-d");
        assert_eq!(clean("[[]", "", b"a[b"), "ab");
    }

    /// Expressions that are more than a set.
    #[test]
    fn any_expression_is_matched() {
        assert_eq!(clean("android-[0-9a-f]+", "phone", b"android-07ab.lan"), "phone.lan");
        assert_eq!(clean("_|\\.", "-", b"a_b.c"), "a-b-c");
        assert_eq!(clean("^pc", "", b"pcpc"), "pc");
        assert_eq!(clean(".", "x", b"a\n\xff"), "xxx");
        assert_eq!(clean(r"\[", "", b"a[b"), "ab");
        for wrong in ["[a", "[[:alpha", "(a", "a**{", "*"] {
            assert!(Sanitizer::new(wrong, "").is_err(), "{wrong}");
        }
        assert!(Sanitizer::new(&"a".repeat(4097), "").is_err());
    }
}
