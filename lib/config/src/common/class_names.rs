//! The names of client classes: those that mean something, and how what clients send stands in them.

/// Classes that every configuration has and that the server itself puts clients into, in the order of their ids.
pub(super) const BUILT_IN: [&str; 4] = ["ALL", "KNOWN", "UNKNOWN", "BOOTP"];
/// How the names of further built-in classes begin.
const BUILT_IN_PREFIXES: [&str; 4] = [VENDOR_CLASS, "HA_", "AFTER_", "EXTERNAL_"];
/// How the name of the class begins that is made of a client's vendor class (option 60).
pub const VENDOR_CLASS: &str = "VENDOR_CLASS_";
/// How the name of the class begins that a template class makes of its value.
pub const SPAWN: &str = "SPAWN_";

/// Whether the server itself puts clients into the class, so that it cannot have a test.
pub(crate) fn has_fixed_members(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

/// Whether the server or a module may put clients into the class although nobody configured it.
pub(crate) fn is_built_in(name: &str) -> bool {
    has_fixed_members(name)
        || BUILT_IN_PREFIXES.iter().any(|prefix| name.len() > prefix.len() && name.starts_with(prefix))
}

/// Whether a byte stands for itself in the name of a class.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'\''
                | b'('
                | b')'
                | b','
                | b';'
                | b'<'
                | b'='
                | b'>'
                | b'['
                | b'\\'
                | b']'
                | b'`'
                | b'{'
                | b'}'
        )
}

/// What a client sent, as part of the name of a class: what may not stand there is `%` with two digits, and `%` is two of
/// them.
pub fn escaped(bytes: &[u8]) -> String {
    with_escapes(bytes, "%%")
}

/// The name that a class should have: that part of it which may not stand in names is escaped.
pub(crate) fn class_name(name: &str) -> String {
    with_escapes(name.as_bytes(), "%")
}

fn with_escapes(bytes: &[u8], escape: &str) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'%' => text.push_str(escape),
            _ if is_plain(byte) => text.push(byte.into()),
            _ => text.push_str(&format!("%{byte:02x}")),
        }
    }
    text
}

/// What a client has to send for this part of a name, and whether that is how the part is written. Up to Kea 3.2 names had
/// what clients sent as it came.
pub(super) fn sent(part: &str) -> (Box<[u8]>, bool) {
    match unescaped(part) {
        Some(bytes) => (bytes, true),
        None => (part.as_bytes().into(), false),
    }
}

fn unescaped(text: &str) -> Option<Box<[u8]>> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&byte, others)) = rest.split_first() {
        rest = others;
        if byte != b'%' {
            bytes.push(byte);
        } else if let Some(others) = rest.strip_prefix(b"%") {
            bytes.push(b'%');
            rest = others;
        } else {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        }
    }
    (escaped(&bytes) == text).then_some(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part of a name stands for what is escaped to it and for nothing else.
    #[test]
    fn names_are_escaped() {
        assert_eq!(escaped(b"PXEClient:Arch:00007 (x)%\xff\0"), "PXEClient:Arch:00007%20%28x%29%%%ff%00");
        for bytes in [&b"a b"[..], b"%", b"%%41", b"", b"\0\xff~|"] {
            assert_eq!(unescaped(&escaped(bytes)).as_deref(), Some(bytes));
        }
        for text in ["a b", "%", "%4", "%41", "%C3%A9", "%+f", "ä"] {
            assert_eq!(unescaped(text), None, "{text}");
        }
    }
}
