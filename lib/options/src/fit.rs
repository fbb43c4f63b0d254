//! Bringing bytes into the form an option has on the wire.

use crate::error::Why;
use crate::{DataType, Definition, Universe, domain_name, special};

/// Bytes in the form an option has on the wire.
pub(crate) struct Fitted {
    pub(crate) bytes: Vec<u8>,
    /// How many of them come before the sub-options.
    pub(crate) fields_len: usize,
    /// How many more there were.
    pub(crate) left_over: usize,
}

impl Fitted {
    /// Bytes that are all fields of the option.
    pub(crate) fn whole(bytes: Vec<u8>) -> Self {
        Self { fields_len: bytes.len(), bytes, left_over: 0 }
    }

    /// The first `len` of these bytes, which are fields of the option.
    pub(crate) fn cut(mut bytes: Vec<u8>, len: usize) -> Self {
        let left_over = bytes.len() - len;
        bytes.truncate(len);
        Self { left_over, ..Self::whole(bytes) }
    }
}

impl Definition {
    /// Brings bytes into the form this option has on the wire.
    pub(crate) fn fit(&self, mut bytes: Vec<u8>) -> Result<Fitted, Why> {
        if let Some(fitted) = special::fit(self, &bytes) {
            return fitted;
        }
        match self.data_type {
            // Of an option without content and sub-options, Kea sends none whatever its data says.
            DataType::Empty if self.encapsulates.is_empty() => return Ok(Fitted::cut(bytes, 0)),
            DataType::String => {
                bytes.truncate(without_nul(&bytes).len());
                if bytes.is_empty() {
                    return Err("a string must not be empty or only NUL characters".into());
                }
            }
            DataType::Fqdn if self.array && self.universe == Universe::V4 => {
                bytes = domain_name::decompress(&bytes)?;
            }
            DataType::Fqdn if bytes.first() == Some(&0) => {
                return Err("the root is no domain name for it".into());
            }
            _ => {}
        }
        let (mut fields_len, mut count) = (0, 0);
        let mut visit = |_, field: &[u8]| {
            fields_len += field.len();
            count += 1;
        };
        match self.fields_of(&bytes, &mut visit) {
            Ok(_) if !self.encapsulates.is_empty() => Ok(Fitted { bytes, fields_len, left_over: 0 }),
            Ok(_) => Ok(Fitted::cut(bytes, fields_len)),
            // What makes no further value of an array at the end of a record does not count either.
            Err(_) if self.ends_in_array_of_fixed_len() && count >= self.fields.len() => {
                Ok(Fitted::cut(bytes, fields_len))
            }
            Err(misfit) => Err(misfit.to_string().into()),
        }
    }
}

/// Text without the NUL bytes some clients and servers end it with (RFC 2132 §2).
pub(crate) fn without_nul(data: &[u8]) -> &[u8] {
    let end = data.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &data[..end]
}
