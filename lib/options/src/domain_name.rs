//! Domain names between text and DNS wire format (RFC 1035 §3.1, §4.1.4).

/// Most bytes a name takes on the wire, the root label included.
const MAX_NAME: usize = 255;
/// Most bytes of one label.
const MAX_LABEL: usize = 63;

/// A name in wire format. With or without a final dot it ends at the root; `.` and `@` are the root itself.
/// A backslash takes the next character, or three decimal digits, literally.
pub(crate) fn to_wire(text: &str) -> Result<Vec<u8>, &'static str> {
    if text == "." || text == "@" {
        return Ok(vec![0]);
    }
    let mut wire = Vec::with_capacity(text.len() + 2);
    let mut label = Vec::new();
    let mut bytes = text.bytes();
    let mut ends_with_dot = false;
    while let Some(byte) = bytes.next() {
        ends_with_dot = false;
        match byte {
            b'.' if label.is_empty() => return Err("an empty label"),
            b'.' => {
                close_label(&mut wire, &mut label)?;
                ends_with_dot = true;
            }
            b'\\' => label.push(escaped(&mut bytes, label.is_empty())?),
            byte => label.push(byte),
        }
        if label.len() > MAX_LABEL {
            return Err("a label longer than 63 bytes");
        }
    }
    if !ends_with_dot {
        if label.is_empty() {
            return Err("an empty name");
        }
        close_label(&mut wire, &mut label)?;
    }
    wire.push(0);
    Ok(wire)
}

fn close_label(wire: &mut Vec<u8>, label: &mut Vec<u8>) -> Result<(), &'static str> {
    // The root label still has to fit.
    if wire.len() + 1 + label.len() + 1 > MAX_NAME {
        return Err("a name longer than 255 bytes");
    }
    wire.push(label.len() as u8);
    wire.append(label);
    Ok(())
}

fn escaped(bytes: &mut std::str::Bytes<'_>, first: bool) -> Result<u8, &'static str> {
    let digit = |byte: Option<u8>| byte.filter(u8::is_ascii_digit).map(|byte| u32::from(byte - b'0'));
    match bytes.next() {
        None => Err("a backslash at the end"),
        Some(b'[') if first => Err("a bit string label"),
        Some(byte) if byte.is_ascii_digit() => {
            let (tens, ones) = (digit(bytes.next()), digit(bytes.next()));
            let value = tens.zip(ones).map(|(tens, ones)| u32::from(byte - b'0') * 100 + tens * 10 + ones);
            value
                .and_then(|value| u8::try_from(value).ok())
                .ok_or("an escape that is not three digits up to 255")
        }
        Some(byte) => Ok(byte),
    }
}

/// How many bytes the name at the start of `data` takes; compression pointers are not accepted.
pub(crate) fn wire_len(data: &[u8]) -> Result<usize, &'static str> {
    let mut at = 0;
    loop {
        match data.get(at) {
            None => return Err("a domain name cut short"),
            Some(0) if at < MAX_NAME => return Ok(at + 1),
            Some(&length) if usize::from(length) <= MAX_LABEL && at < MAX_NAME => {
                at += 1 + usize::from(length)
            }
            Some(_) => return Err("an invalid domain name"),
        }
    }
}

/// The names of a list, one after the other, with pointers into the list (RFC 3397 §2) resolved.
pub(crate) fn decompress(list: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut names = Vec::with_capacity(list.len());
    let mut next = 0;
    while next < list.len() {
        next = decompress_name(list, next, &mut names)?;
        // Pointers let a short list stand for a long one; what no message could carry is not expanded.
        if names.len() > usize::from(u16::MAX) {
            return Err("a list of domain names longer than 65535 bytes");
        }
    }
    Ok(names)
}

/// Appends the name at `start` and returns where the next begins.
fn decompress_name(list: &[u8], start: usize, names: &mut Vec<u8>) -> Result<usize, &'static str> {
    const CUT: &str = "a domain name cut short";
    let first = names.len();
    let (mut at, mut lowest, mut after) = (start, start, None);
    loop {
        let length = *list.get(at).ok_or(CUT)?;
        match length {
            0 => {
                names.push(0);
                return Ok(after.unwrap_or(at + 1));
            }
            1..=63 => {
                let label = list.get(at..=at + usize::from(length)).ok_or(CUT)?;
                if names.len() - first + label.len() + 1 > MAX_NAME {
                    return Err("a domain name longer than 255 bytes");
                }
                names.extend_from_slice(label);
                at += label.len();
            }
            0xc0.. => {
                let low = *list.get(at + 1).ok_or(CUT)?;
                let target = usize::from(length & 0x3f) << 8 | usize::from(low);
                // Each hop goes further back, so hops end.
                if target >= lowest {
                    return Err("a compression pointer that does not point back");
                }
                after.get_or_insert(at + 2);
                (at, lowest) = (target, target);
            }
            _ => return Err("an invalid domain name"),
        }
    }
}

/// A name in wire format as text, with a final dot, in the notation [`to_wire`] reads.
pub(crate) fn to_text(wire: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = wire;
    while let Some((&length, tail)) = rest.split_first().filter(|(length, _)| **length != 0) {
        let (label, tail) = tail.split_at(usize::from(length).min(tail.len()));
        for &byte in label {
            match byte {
                b'"' | b'(' | b')' | b'.' | b';' | b'\\' | b'@' | b'$' => {
                    text.push('\\');
                    text.push(char::from(byte));
                }
                0x21..=0x7e => text.push(char::from(byte)),
                _ => text.push_str(&format!("\\{byte:03}")),
            }
        }
        text.push('.');
        rest = tail;
    }
    if text.is_empty() { ".".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names end at the root whether or not the final dot is written, and escapes are literal.
    #[test]
    fn text_becomes_labels() {
        assert_eq!(to_wire("a.bc").unwrap(), b"\x01a\x02bc\0");
        assert_eq!(to_wire("a.bc.").unwrap(), b"\x01a\x02bc\0");
        assert_eq!(to_wire(".").unwrap(), b"\0");
        assert_eq!(to_wire(r"a\.b\065").unwrap(), b"\x04a.bA\0");
        assert_eq!(to_text(b"\x04a.bA\0"), r"a\.bA.");
        assert_eq!(to_text(b"\0"), ".");
    }

    /// What RFC 1035 does not allow is refused.
    #[test]
    fn impossible_names_are_refused() {
        let long_label = "x".repeat(64);
        let long_name = "x.".repeat(128);
        for text in ["", "..", ".a", "a..b", r"a\", r"\[x", r"a\1x", r"a\256", &long_label, &long_name] {
            assert!(to_wire(text).is_err(), "{text}");
        }
        assert_eq!(to_wire(&"x.".repeat(127)).unwrap().len(), 255);
    }

    /// Pointers of a search list are followed back, and only back (RFC 3397 §2).
    #[test]
    fn compressed_lists_are_expanded() {
        assert_eq!(decompress(b"\x01a\x02bc\0\x01d\xc0\x02").unwrap(), b"\x01a\x02bc\0\x01d\x02bc\0");
        assert!(decompress(b"\x01a\xc0\x00").is_err());
        assert!(decompress(b"\xc0\x00").is_err());
        assert!(decompress(b"\x01a\0\xc0\x00\xc0\x05").is_err());
        assert!(decompress(b"\x05abc").is_err());
    }
}
