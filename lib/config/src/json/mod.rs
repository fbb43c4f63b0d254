//! Kea's dialect of JSON, with the place of every value.
//!
//! Beyond RFC 8259 it knows comments (`#`, `//`, `/* */`), `<?include "file"?>`, and, with a warning, a comma
//! after the last item and leading zeros. Duplicate keys are refused. Manual: "JSON Syntax" and "Configuration
//! Files Inclusion".

mod convert;
mod diagnostics;
mod edit;
pub mod format;
mod include;
mod lexer;
mod parser;
mod source;
mod value;

pub use convert::from_json;
pub use diagnostics::{Diagnostic, Diagnostics, Severity, Topic};
pub use parser::{parse, read};
pub use source::{FileName, Source};
pub use value::{Entry, Key, Kind, Map, Value};

/// How deep lists and maps may nest, from a file or a socket (Kea's `Element::MAX_NESTING_LEVEL`).
pub const MAX_DEPTH: usize = 100;

/// What is wrong with what nests deeper.
pub(crate) fn too_deep() -> String {
    format!("lists and maps nest more than {MAX_DEPTH} levels deep")
}
