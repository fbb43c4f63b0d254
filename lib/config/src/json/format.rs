//! From values to text, in the three shapes that Kea gives it.

use std::fmt::Write;

use serde_json::Value as Json;

/// How a value is laid out. Keys stay in the order they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `{ "a": [ 1, 2 ], "b": {  } }` on one line, UTF-8: answers of commands, which scripts compare as text.
    Line,
    /// The line whose SHA-256 is `hash` of `config-get`. As Kea writes it, every byte beyond ASCII is an escape and a
    /// real number has six digits, so it is no text to read values back from.
    Hashed,
    /// Indented by two spaces, UTF-8: the file of `config-write`. Lists of what is neither list nor map stay on one
    /// line.
    Indented,
}

/// `value` in this shape. From [`Shape::Line`] and [`Shape::Indented`] the same value can be read back.
pub fn text(value: &Json, shape: Shape) -> String {
    appended(String::new(), value, shape)
}

/// The same behind `text`.
pub fn appended(text: String, value: &Json, shape: Shape) -> String {
    let mut writer = Writer { text, shape };
    writer.value(value, 0);
    writer.text
}

/// Appends what stands between the quotes of a string that has these words, for who writes a long one piece by piece.
pub fn append_words(text: &mut String, words: &str) {
    let mut writer = Writer { text: std::mem::take(text), shape: Shape::Line };
    writer.words(words);
    *text = writer.text;
}

struct Writer {
    text: String,
    shape: Shape,
}

impl Writer {
    fn value(&mut self, value: &Json, depth: usize) {
        match value {
            Json::String(string) => self.string(string),
            Json::Number(number) => match number.as_f64() {
                Some(real) if self.shape == Shape::Hashed && number.is_f64() => {
                    self.text.push_str(&six_digits(real));
                }
                _ => self.display(number),
            },
            Json::Array(items) => {
                let is_spread = items.first().is_some_and(|first| first.is_array() || first.is_object());
                self.list('[', ']', is_spread, items, depth, |writer, item, depth| writer.value(item, depth));
            }
            Json::Object(object) => {
                self.list('{', '}', true, object, depth, |writer, (key, value), depth| {
                    writer.key(key);
                    writer.text.push_str(": ");
                    writer.value(value, depth);
                })
            }
            Json::Null => self.text.push_str("null"),
            Json::Bool(truth) => self.display(truth),
        }
    }

    /// What stands in brackets. `is_spread` gives each item a line of its own where lines are indented.
    fn list<I: IntoIterator<IntoIter: ExactSizeIterator>>(
        &mut self,
        open: char,
        close: char,
        is_spread: bool,
        items: I,
        depth: usize,
        write: impl Fn(&mut Self, I::Item, usize),
    ) {
        let items = items.into_iter();
        let is_empty = items.len() == 0;
        let indent = (self.shape == Shape::Indented && is_spread && !is_empty).then_some(depth);
        self.text.push(open);
        for (index, item) in items.enumerate() {
            self.text.push_str(if index > 0 { "," } else { "" });
            self.gap(indent.map(|depth| depth + 1));
            write(self, item, depth + 1);
        }
        self.gap(indent);
        if is_empty && self.shape != Shape::Indented {
            self.text.push(' ');
        }
        self.text.push(close);
    }

    /// A space, or the start of a line `depth` steps in.
    fn gap(&mut self, depth: Option<usize>) {
        match depth {
            None => self.text.push(' '),
            Some(depth) => {
                self.text.push('\n');
                (0..depth).for_each(|_| self.text.push_str("  "));
            }
        }
    }

    /// Kea takes keys for its own and hashes them without escapes.
    fn key(&mut self, key: &str) {
        match self.shape {
            Shape::Hashed => {
                self.text.push('"');
                self.text.push_str(key);
                self.text.push('"');
            }
            Shape::Line | Shape::Indented => self.string(key),
        }
    }

    fn string(&mut self, string: &str) {
        self.text.push('"');
        self.words(string);
        self.text.push('"');
    }

    fn words(&mut self, string: &str) {
        let is_hashed = self.shape == Shape::Hashed;
        // Nearly all bytes are plain, and texts may be long.
        let is_plain = |byte: &u8| match byte {
            0x80.. => !is_hashed,
            0x20..=0x7e => !matches!(byte, b'"' | b'\\'),
            _ => false,
        };
        let (bytes, mut plain) = (string.as_bytes(), 0);
        while let Some(many) = bytes[plain..].iter().position(|byte| !is_plain(byte)) {
            // Bytes below are ASCII, or all bytes of their character are escaped: what is plain is whole.
            let at = plain + many;
            self.text.push_str(string.get(plain..at).unwrap_or_default());
            plain = at + 1;
            match bytes[at] {
                b'"' => self.text.push_str("\\\""),
                b'\\' => self.text.push_str("\\\\"),
                0x08 => self.text.push_str("\\b"),
                0x0c => self.text.push_str("\\f"),
                b'\n' => self.text.push_str("\\n"),
                b'\r' => self.text.push_str("\\r"),
                b'\t' => self.text.push_str("\\t"),
                byte => self.display(format_args!("\\u{byte:04x}")),
            }
        }
        self.text.push_str(&string[plain..]);
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        write!(self.text, "{value}").expect("memory takes any text");
    }
}

/// A real number as C++ streams write it by default, and never without a point or an exponent.
fn six_digits(real: f64) -> String {
    let scientific = format!("{real:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    if (-4..6).contains(&exponent) {
        let fixed = trim(&format!("{real:.*}", (5 - exponent) as usize));
        return if fixed.contains('.') { fixed } else { format!("{fixed}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Answers have Kea's spaces, also around what is empty, and say the same as the value.
    #[test]
    fn a_line_has_keas_spaces() {
        let value = json!({"a": [1, -2.5, true, null], "b": {}, "c": [], "d": "x\"\\/\n\u{1}é", "\"": 0});
        let expected =
            r#"{ "a": [ 1, -2.5, true, null ], "b": {  }, "c": [  ], "d": "x\"\\/\n\u0001é", "\"": 0 }"#;
        assert_eq!(text(&value, Shape::Line), expected);
        assert_eq!(serde_json::from_str::<Json>(expected).unwrap(), value);
    }

    /// The hashed text has Kea's spaces, escapes and digits, so that equal configurations have equal hashes.
    #[test]
    fn the_hashed_text_is_keas() {
        let json = json!({"a": [1, true, null, "é\"\u{7f}"], "b": {}, "c": [], "d": 0.5, "e": 0.875, "f": 2.0,
            "g": 1.0 / 3.0, "h": 1e-7, "i": 12345678.0});
        assert_eq!(
            text(&json, Shape::Hashed),
            "{ \"a\": [ 1, true, null, \"\\u00c3\\u00a9\\\"\\u007f\" ], \"b\": {  }, \"c\": [  ], \"d\": 0.5, \
             \"e\": 0.875, \"f\": 2.0, \"g\": 0.333333, \"h\": 1e-07, \"i\": 1.23457e+07 }"
        );
    }

    /// A file has a line for each keyword and for each item of a list of lists or maps, as the real Kea writes it.
    #[test]
    fn a_file_is_indented_like_keas() {
        let json =
            json!({"a": [], "b": {}, "c": ["x", 1], "d": [{"e": 0.5}, {}], "f": [[], [1]], "é": "日本"});
        let expected = "{\n  \"a\": [ ],\n  \"b\": { },\n  \"c\": [ \"x\", 1 ],\n  \"d\": [\n    {\n      \
             \"e\": 0.5\n    },\n    { }\n  ],\n  \"f\": [\n    [ ],\n    [ 1 ]\n  ],\n  \"é\": \"日本\"\n}";
        assert_eq!(text(&json, Shape::Indented), expected);
    }
}
