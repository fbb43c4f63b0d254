//! Walking over options in the order in which they stand.

use std::num::NonZeroU32;

use super::{FILE_LEN, OPTIONS_AT, OptionCode, SNAME_LEN, at};

/// Which header fields hold options besides the options field (RFC 2132 §9.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overload {
    /// `file` holds options.
    pub file: bool,
    /// `sname` holds options.
    pub sname: bool,
}

impl Overload {
    /// What the value of the option says; values that RFC 2132 does not define say nothing.
    pub(super) fn of(value: &[u8]) -> Self {
        match value {
            [bits @ 1..=3] => Self { file: bits & 1 != 0, sname: bits & 2 != 0 },
            _ => Self::default(),
        }
    }
}

/// One option as it stands in a message, with the position of its code.
pub(super) struct Standing<'a> {
    pub(super) at: usize,
    pub(super) code: u8,
    pub(super) value: &'a [u8],
}

/// A walk over codes, lengths and values: the options of one field after the other (RFC 3396 §5: options field,
/// `file`, `sname`), or the sub-options of one value.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    /// Where the last option stands that says it is longer than what is left of its field, plus one.
    cut_at: Option<NonZeroU32>,
    /// The fields still to come.
    then: Overload,
    of: Of,
}

/// What is walked over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Options: PAD and END mean padding and end.
    Message,
    /// Sub-options among which they do, too (option 43, RFC 2132 §8.4).
    Padded,
    /// Sub-options among which they are codes like any other.
    Value,
}

impl<'a> Walk<'a> {
    /// A walk over the options of a message, of which the constructor of the view proved the length.
    pub(super) fn of_message(bytes: &'a [u8], overload: Overload) -> Self {
        Self { bytes, at: OPTIONS_AT, end: bytes.len(), cut_at: None, then: overload, of: Of::Message }
    }

    /// A walk over the sub-options of a value, with padding and end among them or not.
    pub(super) fn of_value(bytes: &'a [u8], padded: bool) -> Self {
        let (then, of) = (Overload::default(), if padded { Of::Padded } else { Of::Value });
        Self { bytes, at: 0, end: bytes.len(), cut_at: None, then, of }
    }

    /// Makes the fields that an overload option names the next ones. Has effect in the options field only.
    pub(super) fn overload(&mut self, overload: Overload) {
        self.then = overload;
    }

    /// Whether the walk met an option that says it is longer than what is left of its field. It is passed over
    /// with the rest of the field.
    pub(super) fn cut_short(&self) -> bool {
        self.cut_at.is_some()
    }

    /// What the walk has not reached yet, or what it passed over because it is cut short. Of a value.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.cut_at.map_or(self.at, |at| at.get() as usize - 1)..).unwrap_or_default()
    }

    /// Whether the walk is in the options field.
    pub(super) fn in_options_field(&self) -> bool {
        self.end == self.bytes.len()
    }

    pub(super) fn next(&mut self) -> Option<Standing<'a>> {
        loop {
            let field = self.bytes.get(..self.end)?;
            let Some(&code) = field.get(self.at) else {
                self.enter_next_field()?;
                continue;
            };
            if self.of != Of::Value && code == OptionCode::PAD.0 {
                self.at += 1;
                continue;
            }
            if self.of != Of::Value && code == OptionCode::END.0 {
                self.at = self.end;
                continue;
            }
            let start = self.at + 2;
            let value = field.get(self.at + 1).and_then(|&len| field.get(start..start + usize::from(len)));
            let Some(value) = value else {
                // Nothing that is walked over is that long.
                self.cut_at =
                    Some(NonZeroU32::MIN.saturating_add(u32::try_from(self.at).unwrap_or(u32::MAX)));
                self.at = self.end;
                continue;
            };
            let standing = Standing { at: self.at, code, value };
            self.at = start + value.len();
            // Some clients send a Host Name of no bytes; Kea passes over it, and so do we.
            if self.of == Of::Message && value.is_empty() && code == OptionCode::HOST_NAME.0 {
                continue;
            }
            return Some(standing);
        }
    }

    fn enter_next_field(&mut self) -> Option<()> {
        let (at, len) = if std::mem::take(&mut self.then.file) {
            (at::FILE, FILE_LEN)
        } else if std::mem::take(&mut self.then.sname) {
            (at::SNAME, SNAME_LEN)
        } else {
            return None;
        };
        (self.at, self.end) = (at, at + len);
        Some(())
    }
}

/// The options of a message in the order in which they stand, each instance on its own.
#[derive(Clone)]
pub struct Options<'a>(pub(super) Walk<'a>);

impl<'a> Iterator for Options<'a> {
    type Item = (OptionCode, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|option| (OptionCode(option.code), option.value))
    }
}
