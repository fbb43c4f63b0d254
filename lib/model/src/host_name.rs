//! Names of clients.

use std::borrow::Cow;
use std::fmt;

use smallvec::SmallVec;

/// A client's name as leases keep it and replies carry it: lower case, empty if there is none.
///
/// Clients may send any bytes, and lease files have them. The longest name of DNS (255 bytes, RFC 1035 §2.3.4)
/// takes no memory of its own, so that a lease with any name can be read, compared and written for every packet.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HostName(SmallVec<[u8; 256]>);

impl HostName {
    /// No name.
    pub const EMPTY: Self = Self(SmallVec::new_const());

    /// The name of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(SmallVec::from_slice(bytes))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As text; what is no UTF-8 is replaced.
    pub fn to_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Shortens it to `len` bytes, if it is longer.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// Makes capitals small.
    pub fn make_lowercase(&mut self) {
        self.0.make_ascii_lowercase();
    }

    /// Appends a byte.
    pub fn push(&mut self, byte: u8) {
        self.0.push(byte);
    }
}

impl Default for HostName {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Extend<u8> for HostName {
    fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
        self.0.extend(bytes);
    }
}

impl From<&str> for HostName {
    fn from(text: &str) -> Self {
        Self::new(text.as_bytes())
    }
}

impl From<String> for HostName {
    fn from(text: String) -> Self {
        Self::new(text.as_bytes())
    }
}

impl PartialEq<str> for HostName {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for HostName {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl fmt::Write for HostName {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_str().fmt(f)
    }
}

impl fmt::Debug for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// Names compare with text, whatever their length, and show what is no text.
    #[test]
    fn names_read_like_text() {
        let long = "n".repeat(300);
        let mut name = HostName::from(long.as_str());
        assert!(name == *long && name != "n" && name.len() == 300);
        name = HostName::EMPTY;
        write!(name, "host-{}", 7).unwrap();
        name.push(b'.');
        name.extend(*b"Org.");
        name.truncate(10);
        name.make_lowercase();
        assert_eq!(name, "host-7.org");
        assert_eq!(format!("{name} {name:?}"), "host-7.org \"host-7.org\"");
        assert_eq!(HostName::new(b"b\xfcro").to_string(), "b\u{fffd}ro");
    }
}
