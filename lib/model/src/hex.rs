//! Bytes written in hexadecimal.

use std::fmt;

/// Bytes to be written in hexadecimal: `{}` puts colons between them, as lease files and logs write identifiers
/// (`00:0c:ff`), `{:x}` and `{:X}` write them in one run (`000cff`, `000CFF`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hex<'a>(pub &'a [u8]);

impl Hex<'_> {
    /// The two digits of a byte, in small letters.
    pub const fn digits(byte: u8) -> [u8; 2] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        [DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]
    }
}

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02x}", if at > 0 { ":" } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::LowerHex for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::UpperHex for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte has two digits, whatever stands between them.
    #[test]
    fn bytes_are_pairs_of_digits() {
        let bytes = Hex(&[0, 0x0c, 0xff]);
        assert_eq!(format!("{bytes} {bytes:x} {bytes:X}"), "00:0c:ff 000cff 000CFF");
        assert_eq!(format!("{}{:x}{:X}", Hex(&[]), Hex(&[]), Hex(&[])), "");
        for byte in 0..=u8::MAX {
            assert_eq!(Hex::digits(byte), *format!("{byte:02x}").as_bytes());
        }
    }
}
