//! Splitting the text of lists.

use std::borrow::Cow;

/// Splits a list. Separators in a row count once. With `escapes`, a backslash makes the separator or a
/// backslash after it part of the value, and is itself a character before anything else.
pub(crate) fn split(text: &str, separator: char, escapes: bool) -> Vec<Cow<'_, str>> {
    if !escapes || !text.contains('\\') {
        return text.split(separator).filter(|part| !part.is_empty()).map(Cow::Borrowed).collect();
    }
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    let mut part = String::new();
    let mut escaped = false;
    for character in text.chars() {
        if character == separator && !escaped {
            parts.push(Cow::Owned(std::mem::take(&mut part)));
        } else if character == '\\' && !escaped {
            escaped = true;
        } else {
            if escaped && character != separator && character != '\\' {
                part.push('\\');
            }
            escaped = false;
            part.push(character);
        }
    }
    if escaped {
        part.push('\\');
    }
    parts.push(Cow::Owned(part));
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commas and backslashes are part of a value when escaped.
    #[test]
    fn lists_are_split() {
        for (text, parts) in [
            ("a,b,,c,", &["a", "b", "c"][..]),
            (r"a\,b,c", &["a,b", "c"]),
            (r"a\\,b", &[r"a\", "b"]),
            (r"a\b\", &[r"a\b\"]),
            ("", &[]),
        ] {
            assert_eq!(split(text, ',', true), parts, "{text}");
        }
        assert_eq!(split(r"a\,b", ',', false), [r"a\", "b"]);
    }
}
