//! The corpus of a fuzz target as one file of text: an input a line, bytes that are no plain text as `\x1f`.
//!
//! `cargo xtask fuzz` makes files of the lines and lines of what it found; ordinary tests give every line to the body of
//! the target.

/// The inputs of a corpus.
///
/// # Panics
/// If a line is not as [`line()`] writes it.
pub(crate) fn inputs(text: &str) -> Vec<Vec<u8>> {
    text.lines().map(|line| input(line).unwrap_or_else(|| panic!("not a line of a corpus: {line}"))).collect()
}

/// Gives every input of a corpus to the body of its target.
///
/// # Panics
/// If `check` does; the message has the input.
#[allow(dead_code, reason = "xtask only reads and writes corpora")]
pub(crate) fn run(text: &str, check: fn(&[u8])) {
    for input in inputs(text) {
        let survived = std::panic::catch_unwind(|| check(&input));
        assert!(survived.is_ok(), "the input was b\"{}\"", input.escape_ascii());
    }
}

/// An input as a line.
#[allow(dead_code, reason = "tests only read corpora")]
pub(crate) fn line(input: &[u8]) -> String {
    input.escape_ascii().to_string()
}

fn input(line: &str) -> Option<Vec<u8>> {
    let mut bytes = line.bytes();
    let mut input = Vec::with_capacity(line.len());
    while let Some(byte) = bytes.next() {
        input.push(match byte {
            b'\\' => match bytes.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [bytes.next()?, bytes.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                }
                escaped @ (b'\\' | b'\'' | b'"') => escaped,
                _ => return None,
            },
            plain => plain,
        });
    }
    Some(input)
}
