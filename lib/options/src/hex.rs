//! Bytes written in hexadecimal.

/// Reads the `data` of an option whose `csv-format` is false: text in single quotes stands for its own
/// bytes; otherwise hexadecimal digits, in one run with or without `0x`, or one or two at a time between
/// colons or spaces.
pub(crate) fn data_bytes(text: &str) -> Option<Vec<u8>> {
    const BLANKS: [char; 3] = [' ', '\t', '\n'];
    let trimmed = text.trim_matches(BLANKS);
    if let Some(quoted) = trimmed.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        // Empty quotes mean nothing, as they do for Kea: the entry is then not hexadecimal either.
        return Some(quoted.trim_matches(BLANKS)).filter(|inner| !inner.is_empty()).map(|inner| inner.into());
    }
    if let Some(separator) = [':', ' '].into_iter().find(|separator| text.contains(*separator)) {
        return text.split(separator).map(octet).collect();
    }
    let digits = text.strip_prefix("0x").filter(|digits| !digits.is_empty()).unwrap_or(text);
    if digits.len().is_multiple_of(2) { run(digits) } else { run(&format!("0{digits}")) }
}

/// Reads a run of pairs of digits; blanks between them do not count.
pub(crate) fn run(text: &str) -> Option<Vec<u8>> {
    let digits = text
        .bytes()
        .filter(|byte| !matches!(byte, b' ' | 0x09..=0x0d))
        .map(digit)
        .collect::<Option<Vec<u8>>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// One byte of one or two digits.
fn octet(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [low] => digit(*low),
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All the notations of the manual for the same bytes.
    #[test]
    fn notations_agree() {
        for text in ["0a0B0c", "0x0A0b0c", "a0b0c", "0xa0b0c", "0a:0b:0c", "a:b:c", "0a 0b 0c", "a b 0C"] {
            assert_eq!(data_bytes(text).as_deref(), Some(&[10, 11, 12][..]), "{text}");
        }
        assert_eq!(data_bytes("' hello '").as_deref(), Some(&b"hello"[..]));
        assert_eq!(data_bytes("").as_deref(), Some(&[][..]));
    }

    /// What is not hexadecimal is refused rather than guessed at.
    #[test]
    fn other_text_is_refused() {
        for text in ["0g", "0a::0b", ":0a", "0a:", "00a:0b", "0x0a:0b", "''", "'abc", "0a  0b", "0X0a"] {
            assert_eq!(data_bytes(text), None, "{text}");
        }
    }
}
