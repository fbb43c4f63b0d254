//! The rows of all tables of log messages, read as text: those of programs too, which no test can link.

use std::sync::LazyLock;

use crate::sources::rust;

/// A row `Severity "logger" IDENTIFIER(arguments) = "sentence";`.
pub(crate) struct Row {
    /// Where it stands, `file:line`.
    pub(crate) place: String,
    /// `Info`, or `Debug(40)`.
    pub(crate) severity: String,
    pub(crate) logger: String,
    pub(crate) id: String,
    /// How many arguments it has.
    pub(crate) args: usize,
    /// The sentence as Kea's catalogues write it: the first argument is `%1`.
    pub(crate) format: String,
}

/// The rows of every `messages.rs`; other files only have examples of the macro.
pub(crate) fn rows() -> &'static [Row] {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
        let mut rows = Vec::new();
        for source in rust().iter().filter(|source| source.path.ends_with("/messages.rs")) {
            let mut begun = None;
            for (place, line) in source.lines() {
                if begun.is_none() && begins(line) {
                    begun = Some((place.to_string(), String::new()));
                }
                let Some((place, text)) = &mut begun else { continue };
                text.push_str(line.trim_start());
                if line.ends_with("\";") {
                    let row = Row::read(place, text).unwrap_or_else(|| panic!("{place}: no row: {text}"));
                    rows.push(row);
                    begun = None;
                }
            }
        }
        assert!(
            rows.len() > 150,
            "only {} rows are recognised; has the form of the tables changed?",
            rows.len()
        );
        rows
    });
    &ROWS
}

fn begins(line: &str) -> bool {
    ["Debug(", "Info ", "Warn ", "Error ", "Fatal "].iter().any(|word| line.trim_start().starts_with(word))
}

impl Row {
    fn read(place: &str, text: &str) -> Option<Self> {
        let (head, sentence) = text.split_once('=')?;
        let sentence = sentence.trim().strip_prefix('"')?.strip_suffix("\";")?;
        let (severity, rest) = head.split_once(" \"")?;
        let (logger, rest) = rest.split_once("\" ")?;
        let (id, args) = rest.trim_end().strip_suffix(')')?.split_once('(')?;
        let args: Vec<_> = args.split(',').map(str::trim).filter(|arg| !arg.is_empty()).collect();
        let mut format = sentence.replace("\\\"", "\"").replace("\\\\", "\\");
        for (index, arg) in args.iter().enumerate() {
            format = format.replace(&format!("{{{arg}}}"), &format!("%{}", index + 1));
        }
        Some(Self {
            place: place.to_owned(),
            severity: severity.to_owned(),
            logger: logger.to_owned(),
            id: id.to_owned(),
            args: args.len(),
            format: format.replace("{{", "{").replace("}}", "}"),
        })
    }
}
