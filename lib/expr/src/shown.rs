//! Values as log messages about expressions have them.

use std::fmt::{self, Display, Write as _};

use kotare_model::Hex;

use crate::ast::OptionPath;

/// Bytes in hexadecimal: `0x666F6F`.
pub(crate) struct InHex<'a>(pub(crate) &'a [u8]);

impl Display for InHex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:X}", Hex(self.0))
    }
}

/// Bytes as characters. What cannot be printed is escaped: what a client sends cannot forge a line.
pub(crate) struct Plain<'a>(pub(crate) &'a [u8]);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| match byte {
            b' '..=b'~' => f.write_char(char::from(*byte)),
            _ => write!(f, "\\x{byte:02x}"),
        })
    }
}

/// Something between quotes.
pub(crate) struct Quoted<T>(pub(crate) T);

impl<T: Display> Display for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0)
    }
}

/// The length of a substring.
pub(crate) struct Length(pub(crate) Option<i64>);

impl Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(length) => length.fmt(f),
            None => f.write_str("all"),
        }
    }
}

impl Display for OptionPath {
    /// `option[82].option[1]`; of `relay4` and `vendor` what is inside.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            write!(f, "{}option[{}]", if at > 0 { "." } else { "" }, step.code)?;
        }
        Ok(())
    }
}
