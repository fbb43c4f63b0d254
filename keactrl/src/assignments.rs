//! `keactrl.conf`: assignments as a shell has them, with quotes and `${name}`. Nothing in it is run.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// The variables that a file sets.
#[derive(Debug, Default)]
pub(crate) struct Assignments(BTreeMap<String, String>);

impl Assignments {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or has anything but assignments and comments, with the place.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let name = path.display();
        if !path.is_file() {
            return Err(format!("keactrl configuration file doesn't exist in {name}."));
        }
        let mut text = String::new();
        let read = File::open(path).and_then(|file| file.take(MAX_FILE).read_to_string(&mut text));
        read.map_err(|error| format!("cannot read {name}: {error}"))?;
        Self::parse(&text).map_err(|(line, error)| format!("{name}:{line}: {error}"))
    }

    /// The value of a variable, if it is set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether a variable is `yes`, in capitals or not.
    pub(crate) fn is_yes(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("yes"))
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut assignments = Self::default();
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((name, value)) = line.split_once('=').filter(|(name, _)| is_name(name)) else {
                return Err((number, "is no assignment; NAME=VALUE is expected".to_owned()));
            };
            let value = assignments.value(value).map_err(|error| (number, error))?;
            assignments.0.insert(name.to_owned(), value);
        }
        Ok(assignments)
    }

    /// The word that `text` begins with. Behind it there may be a comment.
    fn value(&self, text: &str) -> Result<String, String> {
        let mut value = String::new();
        let mut quote = None;
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            match (character, quote) {
                ('\'' | '"', None) => quote = Some(character),
                (_, Some(open)) if character == open => quote = None,
                (_, Some('\'')) => value.push(character),
                ('\\', _) => value.push(rest.next().ok_or("a line cannot go on in the next one")?),
                ('$', _) => value.push_str(self.variable(&mut rest)?),
                ('`', _) => return Err("commands are not run; write what they give".to_owned()),
                (';' | '&' | '|' | '<' | '>' | '(' | ')', None) => {
                    return Err(format!(
                        "'{character}' has to be in quotes; only assignments are understood"
                    ));
                }
                (_, None) if character.is_whitespace() => {
                    let behind = rest.as_str().trim_start();
                    if behind.is_empty() || behind.starts_with('#') {
                        return Ok(value);
                    }
                    return Err("a value with spaces has to be in quotes".to_owned());
                }
                _ => value.push(character),
            }
        }
        match quote {
            Some(open) => Err(format!("a quote {open} has no end on this line")),
            None => Ok(value),
        }
    }

    /// The value of the variable whose name follows a `$`.
    fn variable(&self, rest: &mut std::str::Chars<'_>) -> Result<&str, String> {
        let text = rest.as_str();
        let (name, behind) = match text.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or("${ has no }")?,
            None => text.split_at(text.find(|c: char| !is_part(c)).unwrap_or(text.len())),
        };
        if !is_name(name) {
            return Err(format!(
                "${text} is no variable; only ${{NAME}} is understood, commands are not run"
            ));
        }
        *rest = behind.chars();
        self.get(name).ok_or_else(|| format!("${name} is not set before"))
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_part) && !text.starts_with(|c: char| c.is_ascii_digit())
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a shell reads them.
    #[test]
    fn assignments_are_read_as_a_shell_does() {
        let text = "# comment\n\nprefix=/opt/kea\n exec_prefix=${prefix} # behind\n\
            a=\"$exec_prefix/sbin/x y\"\nb='$a'\"-\"c\\ d\ne=\"\"\ndhcp4=YES\na1=$prefix/b";
        let read = Assignments::parse(text).unwrap();
        let get = |name| read.get(name).unwrap();
        assert_eq!(get("a"), "/opt/kea/sbin/x y");
        assert_eq!(get("b"), "$a-c d");
        assert_eq!((get("e"), get("a1")), ("", "/opt/kea/b"));
        assert!(read.is_yes("dhcp4") && !read.is_yes("e") && !read.is_yes("dhcp6"));
    }

    /// Anything else is refused, with its line; nothing is run.
    #[test]
    fn anything_else_is_refused() {
        for line in [
            "echo hello",
            "a=b c",
            "a=$(id)",
            "a=`id`",
            "a=\"`id`\"",
            "a=\"$(id)\"",
            "a=b;id",
            "a='b",
            "a=\"b",
            "a=${b",
            "a=$unset",
            "a=${x:-y}",
            "1a=b",
            "=b",
            "a=b\\",
            "a=b|c",
            ". /etc/profile",
        ] {
            let (number, _) = Assignments::parse(&format!("# first\n{line}\n")).unwrap_err();
            assert_eq!(number, 2, "{line}");
        }
    }
}
