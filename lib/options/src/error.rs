//! What is wrong with an option or a definition, and which parameter says it.

use std::borrow::Cow;
use std::fmt;

/// The parameter of an `option-def` or `option-data` entry that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// The entry as a whole.
    Entry,
    /// `name`
    Name,
    /// `code`
    Code,
    /// `type`
    Type,
    /// `space`
    Space,
    /// `array`
    Array,
    /// `encapsulate`
    Encapsulate,
    /// `record-types`
    RecordTypes,
    /// `data`
    Data,
    /// `csv-format`
    CsvFormat,
}

impl Parameter {
    /// The parameter's keyword, or `None` for the whole entry.
    pub fn keyword(self) -> Option<&'static str> {
        match self {
            Self::Entry => None,
            Self::Name => Some("name"),
            Self::Code => Some("code"),
            Self::Type => Some("type"),
            Self::Space => Some("space"),
            Self::Array => Some("array"),
            Self::Encapsulate => Some("encapsulate"),
            Self::RecordTypes => Some("record-types"),
            Self::Data => Some("data"),
            Self::CsvFormat => Some("csv-format"),
        }
    }
}

/// A definition or an option value that cannot be: which parameter is at fault, and a sentence for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// Where the fault is, so that a configuration can add file, line and column.
    pub parameter: Parameter,
    /// What was attempted, with which value, and what was expected.
    pub text: String,
}

impl OptionError {
    /// An error about `parameter`.
    pub(crate) fn new(parameter: Parameter, text: impl Into<String>) -> Self {
        Self { parameter, text: text.into() }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for OptionError {}

/// Why text or bytes are no value of an option, or what they should have been: a part of a sentence for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Why(Cow<'static, str>);

impl From<&'static str> for Why {
    fn from(text: &'static str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Why {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
