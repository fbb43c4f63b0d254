//! Finds the end of the JSON value a client sends, as it comes in.
//!
//! Like Kea, a command is a map or a list, may have comments (`#`, `//`, `/* */`) and a comma after the last
//! element of a list, and is complete with its last bracket: no newline and no end of the connection is needed.
//! Every byte is looked at once, however the bytes arrive.

/// How deep maps and lists of a command may be nested; the same as Kea's.
pub(crate) const MAX_DEPTH: usize = 100;

/// The value so far. Comments are blanked out, so that places in it are places in what the client sent.
#[derive(Debug)]
pub(crate) struct Feed {
    text: Vec<u8>,
    state: State,
    depth: usize,
    /// Where the last comma is, if only blanks followed it.
    comma: Option<usize>,
    /// How many values there are at most: each begins after a bracket or a comma.
    values: usize,
    max_size: usize,
    max_values: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Outside strings and comments.
    Plain,
    String,
    /// After a backslash in a string.
    Escape,
    /// After a slash that must begin a comment.
    Slash,
    LineComment,
    BlockComment,
    /// After an asterisk in a block comment.
    Asterisk,
}

/// What [`Feed::push`] found.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    /// The value is not complete.
    More,
    /// The value, without its comments. What followed it is ignored.
    Complete(Vec<u8>),
    /// This cannot become a command; why.
    Refused(String),
}

impl Feed {
    pub(crate) fn new(max_size: usize, max_values: usize) -> Self {
        Self { text: Vec::new(), state: State::Plain, depth: 0, comma: None, values: 0, max_size, max_values }
    }

    /// How many bytes were taken.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Takes what arrived. Must not be called again after anything but [`Step::More`].
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Step {
        let room = self.max_size - self.text.len();
        let start = self.text.len();
        self.text.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let mut place = start;
        while place < self.text.len() {
            if self.state == State::String {
                // Most of a long string says nothing of where it ends.
                match memchr::memchr2(b'"', b'\\', &self.text[place..]) {
                    Some(plain) => place += plain,
                    None => break,
                }
            }
            match self.step(place) {
                Ok(false) => place += 1,
                Ok(true) => {
                    self.text.truncate(place + 1);
                    return Step::Complete(std::mem::take(&mut self.text));
                }
                Err(reason) => return Step::Refused(reason),
            }
        }
        if bytes.len() > room {
            return Step::Refused(format!("the command is longer than {} bytes", self.max_size));
        }
        Step::More
    }

    /// Whether the byte at `place` completes the value.
    fn step(&mut self, place: usize) -> Result<bool, String> {
        let byte = self.text[place];
        let was = self.state;
        self.state = match (was, byte) {
            (State::Plain, b'"') if self.depth > 0 => {
                self.comma = None;
                State::String
            }
            (State::Plain, b'#') => State::LineComment,
            (State::Plain, b'/') => State::Slash,
            (State::Plain, _) => return self.plain(place),
            (State::String, b'\\') => State::Escape,
            (State::String, b'"') => State::Plain,
            (State::String | State::Escape, _) => State::String,
            (State::Slash, b'/') => State::LineComment,
            (State::Slash, b'*') => State::BlockComment,
            (State::Slash, _) => return Err(format!("invalid characters /{}", byte.escape_ascii())),
            (State::LineComment, b'\n') => State::Plain,
            (State::LineComment, _) => State::LineComment,
            (State::BlockComment | State::Asterisk, b'*') => State::Asterisk,
            (State::Asterisk, b'/') => State::Plain,
            (State::BlockComment | State::Asterisk, _) => State::BlockComment,
        };
        if (was.is_comment() || self.state.is_comment()) && byte != b'\n' {
            self.text[place] = b' ';
        }
        Ok(false)
    }

    /// The same for a byte outside strings and comments.
    fn plain(&mut self, place: usize) -> Result<bool, String> {
        match self.text[place] {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'{' | b'[' => {
                self.comma = None;
                self.begin_value()?;
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(format!("the command is nested more than {MAX_DEPTH} levels deep"));
                }
            }
            byte if self.depth == 0 => {
                // A quote is shown as it came, in Kea's words; what cannot be shown is escaped.
                return Err(if byte.is_ascii_graphic() {
                    format!("invalid first character {}", char::from(byte))
                } else {
                    format!("invalid first character {}", byte.escape_ascii())
                });
            }
            byte @ (b']' | b'}') => {
                if let Some(comma) = self.comma.take().filter(|_| byte == b']') {
                    self.text[comma] = b' ';
                }
                self.depth -= 1;
                return Ok(self.depth == 0);
            }
            b',' => {
                self.comma = Some(place);
                self.begin_value()?;
            }
            _ => self.comma = None,
        }
        Ok(false)
    }

    fn begin_value(&mut self) -> Result<(), String> {
        self.values += 1;
        match self.values > self.max_values {
            true => Err(format!("the command has more than {} values", self.max_values)),
            false => Ok(()),
        }
    }
}

impl State {
    /// Whether the byte that led here is a comment's.
    fn is_comment(self) -> bool {
        matches!(self, Self::Slash | Self::LineComment | Self::BlockComment | Self::Asterisk)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &[u8]) -> Step {
        Feed::new(1000, 200).push(text)
    }

    fn value(text: &str) -> Value {
        match read(text.as_bytes()) {
            Step::Complete(text) => serde_json::from_slice(&text).unwrap(),
            other => panic!("{text}: {other:?}"),
        }
    }

    /// A value is complete with its last bracket, wherever the bytes are cut.
    #[test]
    fn the_end_is_found_however_the_bytes_arrive() {
        let text = br#" {"a]}": ["\"}", {"b": [] }], /* }" ** / */ "c": 1 # ]
            } "#;
        for cut in 0..text.len() - 2 {
            let mut feed = Feed::new(1000, 200);
            assert_eq!(feed.push(&text[..cut]), Step::More);
            let Step::Complete(found) = feed.push(&text[cut..]) else { panic!("cut at {cut}") };
            let found: Value = serde_json::from_slice(&found).unwrap();
            assert_eq!(found, json!({"a]}": ["\"}", {"b": []}], "c": 1}));
        }
    }

    /// What follows the value is not looked at.
    #[test]
    fn the_rest_is_ignored() {
        assert_eq!(read(b"{}{\"x\"").complete(), b"{}");
        assert_eq!(read(b"[ ]\n").complete(), b"[ ]");
    }

    /// Kea allows comments anywhere and a comma at the end of a list, not of a map.
    #[test]
    fn keas_dialect_is_read() {
        assert_eq!(value("# one\n// two\n/* three */ [1, [2,], 3 , /* x */ ]"), json!([1, [2], 3]));
        let Step::Complete(map) = read(b"{\"a\": 1,}") else { panic!() };
        assert!(serde_json::from_slice::<Value>(&map).is_err());
        assert_eq!(value(r#"{"a": "//x#y/*", "b": ",]"}"#), json!({"a": "//x#y/*", "b": ",]"}));
    }

    /// Blanked comments leave everything in its place, so that the parser's errors name the client's places.
    #[test]
    fn places_stay_what_they_are() {
        let Step::Complete(text) = read(b"{ /* \n */ # x\n \"a\" }") else { panic!() };
        assert_eq!(text, b"{    \n       \n \"a\" }");
    }

    /// What cannot become a command is refused at once.
    #[test]
    fn garbage_is_refused_at_its_first_byte() {
        assert_eq!(read(b"  x"), Step::Refused("invalid first character x".into()));
        assert_eq!(read(b"\"text\""), Step::Refused("invalid first character \"".into()));
        assert_eq!(read(b"\xff"), Step::Refused("invalid first character \\xff".into()));
        assert_eq!(read(b"]"), Step::Refused("invalid first character ]".into()));
        assert_eq!(read(b"{/x"), Step::Refused("invalid characters /x".into()));
    }

    /// Depth, size and number are bounded before anything is parsed.
    #[test]
    fn depth_size_and_number_are_bounded() {
        let deepest = [b"[".repeat(MAX_DEPTH), b"]".repeat(MAX_DEPTH)].concat();
        assert!(
            matches!(read(&deepest), Step::Complete(text) if serde_json::from_slice::<Value>(&text).is_ok())
        );
        assert!(
            matches!(read(&b"[".repeat(MAX_DEPTH + 1)), Step::Refused(reason) if reason.contains("100 levels"))
        );
        assert!(matches!(read(&b" ".repeat(1001)), Step::Refused(reason) if reason.contains("1000 bytes")));
        let values = [b"[".as_slice(), &b"{},".repeat(99), b"7]"].concat();
        assert!(matches!(read(&values), Step::Complete(_)));
        let more = [b"[".as_slice(), &b"{},".repeat(99), b"7,8,9]"].concat();
        assert_eq!(read(&more), Step::Refused("the command has more than 200 values".into()));
    }

    proptest! {
        /// Whatever comes in, and however it is cut, the outcome is the same, and nothing panics.
        #[test]
        fn cuts_make_no_difference(
            text in proptest::collection::vec(prop::sample::select(b"{}[]\",/*#\\\n 1".as_slice()), 0..60),
            cut in 0usize..60,
        ) {
            let (first, second) = text.split_at(cut.min(text.len()));
            let mut feed = Feed::new(50, 50);
            let step = match feed.push(first) {
                Step::More => feed.push(second),
                other => other,
            };
            prop_assert_eq!(step, Feed::new(50, 50).push(&text));
        }
    }

    impl Step {
        fn complete(self) -> Vec<u8> {
            match self {
                Self::Complete(text) => text,
                other => panic!("{other:?}"),
            }
        }
    }
}
