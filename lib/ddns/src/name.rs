//! Names of the DNS.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use domain::base::name::{Name as Inner, ToName};

/// A fully qualified name (RFC 1035, section 3.1): at most 255 bytes, labels of at most 63. Compared without case.
///
/// It is read with and without the final dot and always shown with it, in the case that it was written in.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name(Inner<Vec<u8>>);

/// A text that is no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError(String);

impl Name {
    /// The name under which the DNS keeps who has `address`: below `in-addr.arpa.` or `ip6.arpa.`.
    #[must_use]
    pub fn reverse(address: IpAddr) -> Self {
        // Neither can be too long: at most 34 labels.
        Self(Inner::reverse_from_addr(address).unwrap_or_else(|_| Inner::root_vec()))
    }

    /// The address that a name is of which [`Self::reverse`] makes; `None` if it is another.
    #[must_use]
    pub fn reversed(&self) -> Option<IpAddr> {
        let text = self.0.to_string().to_ascii_lowercase();
        let address: IpAddr = if let Some(digits) = text.strip_suffix(".in-addr.arpa") {
            let mut parts: Vec<&str> = digits.split('.').collect();
            parts.reverse();
            parts.join(".").parse::<Ipv4Addr>().ok()?.into()
        } else {
            let digits: String = text.strip_suffix(".ip6.arpa")?.split('.').rev().collect();
            let bits = (digits.len() == 32).then(|| u128::from_str_radix(&digits, 16).ok())??;
            Ipv6Addr::from_bits(bits).into()
        };
        // Other ways to write it are other names.
        (Self::reverse(address) == *self).then_some(address)
    }

    /// The root of all names.
    #[must_use]
    pub fn root() -> Self {
        Self(Inner::root_vec())
    }

    /// The name of these bytes in a message, not compressed; `None` if they are none.
    #[must_use]
    pub fn from_wire(bytes: &[u8]) -> Option<Self> {
        Inner::from_octets(bytes.to_vec()).ok().map(Self)
    }

    /// Whether it is `zone` or below it.
    #[must_use]
    pub fn is_in(&self, zone: &Self) -> bool {
        self.0.ends_with(&zone.0)
    }

    /// How many labels it has, that of the root among them.
    #[must_use]
    pub fn labels(&self) -> usize {
        self.0.label_count()
    }

    /// Its bytes in a message, not compressed, in the case that it was written in.
    #[must_use]
    pub fn as_wire(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Its bytes in canonical form (RFC 4034, section 6.2): not compressed, in lower case.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        self.0.as_slice().to_ascii_lowercase()
    }

    /// Does something with the same bytes, for which nothing is allocated.
    pub(crate) fn with_canonical<T>(&self, act: impl FnOnce(&[u8]) -> T) -> T {
        let mut bytes = [0; 255];
        let wire = self.as_wire();
        // No name is longer.
        let length = wire.len().min(bytes.len());
        bytes[..length].copy_from_slice(&wire[..length]);
        bytes[..length].make_ascii_lowercase();
        act(&bytes[..length])
    }

    pub(crate) fn inner(&self) -> &Inner<Vec<u8>> {
        &self.0
    }

    pub(crate) fn is(&self, other: &impl ToName) -> bool {
        self.0.name_eq(other)
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError("a name is not empty".into()));
        }
        if let Some(name) = plain(text).and_then(|wire| Inner::from_octets(wire).ok()) {
            return Ok(Self(name));
        }
        Inner::vec_from_str(text).map(Self).map_err(|error| NameError(error.to_string()))
    }
}

/// The bytes of a name of letters, digits and hyphens, as nearly all are, with less work; `None` if it is another, or none.
fn plain(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_suffix('.').unwrap_or(text).as_bytes();
    let mut wire = Vec::with_capacity(text.len() + 2);
    for label in text.split(|byte| *byte == b'.') {
        if !(1..=63).contains(&label.len()) || !label.iter().all(is_plain) {
            return None;
        }
        wire.push(label.len() as u8);
        wire.extend(label);
    }
    wire.push(0);
    Some(wire)
}

/// Whether a byte of a name stands for itself, wherever it is written.
pub(crate) fn is_plain(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_with_dot().fmt(f)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NameError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    /// Names that are read with less work are the same names.
    #[test]
    fn plain_names_are_names() {
        let long = format!("{}.{}", "a".repeat(63), "b-_9.".repeat(38));
        for text in ["Host.Example.COM", "a.", "a", "_a-.9", &long, &long[1..]] {
            let read = plain(text).expect("a plain one");
            assert_eq!(read, Inner::vec_from_str(text).expect("a name").as_slice(), "{text}");
        }
        for text in [".", "", "a..", ".a", "a..b", "*.a", "a\\.b", "\u{e9}.a", "a b", &"a".repeat(64)] {
            assert_eq!(plain(text), None, "{text}");
        }
        // What is too long is no name either way.
        assert!("abc.".repeat(64).parse::<Name>().is_err());
    }

    #[test]
    fn names_are_read_with_and_without_the_last_dot() {
        assert_eq!(name("Host.Example.COM").to_string(), "Host.Example.COM.");
        assert_eq!(name("host.example.com."), name("HOST.example.com"));
        name("Host.Example").with_canonical(|bytes| assert_eq!(bytes, name("Host.Example").canonical()));
        assert_eq!(name("Host.Example.").canonical(), b"\x04host\x07example\0");
        assert_eq!(name("*").to_string(), "*.");
        for wrong in ["", "a..b", ".a", &"a".repeat(64), &"abc.".repeat(64), "a\\"] {
            assert!(wrong.parse::<Name>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_name_is_in_a_zone_by_whole_labels() {
        assert!(name("a.example.com").is_in(&name("EXAMPLE.com.")));
        assert!(name("example.com").is_in(&name("example.com")));
        assert!(!name("an-example.com").is_in(&name("example.com")));
        assert!(!name("com").is_in(&name("example.com")));
    }

    #[test]
    fn addresses_have_names() {
        let reverse = |text: &str| Name::reverse(text.parse().expect("an address")).to_string();
        assert_eq!(reverse("192.0.2.10"), "10.2.0.192.in-addr.arpa.");
        assert_eq!(
            reverse("2001:db8:1::ab"),
            "B.A.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.B.D.0.1.0.0.2.ip6.arpa."
        );
        for address in ["192.0.2.10", "0.0.0.0", "2001:db8:1::ab", "::"] {
            assert_eq!(name(&reverse(address)).reversed(), address.parse().ok());
        }
        for other in
            ["2.0.192.in-addr.arpa", "010.2.0.192.in-addr.arpa", "1.10.2.0.192.in-addr.arpa", "a.ip6.arpa"]
        {
            assert_eq!(name(other).reversed(), None, "{other}");
        }
    }
}
