//! A written configuration against the tables.

use super::File;
use super::suggest::suggest;
use super::table::{Table, Type};
use crate::json::{Diagnostics, Entry, Value};

/// Compares `root`, a whole configuration in the keywords of today, with the tables of `file`.
///
/// All that is wrong is reported: keywords that are none, values of the wrong type or out of range, and what is
/// missing.
pub fn validate(root: &Value, file: &File, diagnostics: &mut Diagnostics) {
    Validation { top: file.top, diagnostics }.map(file.top, root);
}

/// Compares `map`, which stands for itself, with its table: the parameters of a hook library.
pub(crate) fn validate_map(map: &Value, table: &'static Table, diagnostics: &mut Diagnostics) {
    Validation { top: table, diagnostics }.map(table, map);
}

struct Validation<'a> {
    /// Where further tables are found, to tell where a keyword belongs.
    top: &'static Table,
    diagnostics: &'a mut Diagnostics,
}

impl Validation<'_> {
    fn map(&mut self, table: &'static Table, value: &Value) {
        if !value.is_map() {
            let message = format!("{} must be a map, this is {}", table.name, value.kind_name());
            self.diagnostics.malformed(value.source(), message, "");
            return;
        }
        for entry in value.entries() {
            match table.param(&entry.key) {
                Some(param) => self.value(entry, param.is),
                None if table.open => {}
                None => {
                    let message = format!("unknown keyword \"{}\" in {}", entry.key.as_str(), table.name);
                    let hint = match self.diagnostics.is_full() {
                        true => String::new(),
                        false => suggest(self.top, table, &entry.key),
                    };
                    self.diagnostics.malformed(entry.key.source(), message, hint);
                }
            }
        }
        if let (Some(comment), Some(_)) = (value.get("comment"), value.at(&["user-context", "comment"])) {
            let message = "\"comment\" is part of \"user-context\", which has one already";
            self.diagnostics.warning_with_hint(
                comment.source(),
                message,
                "keep one of the two; this one wins",
            );
        }
        for param in table.params().filter(|param| param.required && value.get(param.keyword).is_none()) {
            self.diagnostics
                .error(value.source(), format!("\"{}\" is missing in {}", param.keyword, table.name));
        }
    }

    fn value(&mut self, entry: &Entry, is: Type) {
        let Entry { key, value } = entry;
        let keyword = key.as_str();
        let wrong = match is {
            Type::Bool => value.as_bool().is_none().then(|| "true or false".to_owned()),
            Type::Int(low, high) => match value.as_int() {
                Some(number) if (low..=high).contains(&number) => None,
                Some(number) => {
                    let message = format!("\"{keyword}\" is {number}, it must lie between {low} and {high}");
                    self.diagnostics.error(value.source(), message);
                    None
                }
                None => Some("an integer".to_owned()),
            },
            Type::Real if value.as_int().is_some() => {
                let message = format!("\"{keyword}\" must be a real number, this is an integer");
                self.diagnostics.malformed(value.source(), message, "write it with a decimal point");
                None
            }
            Type::Real => value.as_real().is_none().then(|| "a real number".to_owned()),
            Type::Text | Type::Class | Type::Expression => {
                value.as_str().is_none().then(|| "a string".to_owned())
            }
            Type::OneOf(words) => {
                self.word(keyword, value, words);
                None
            }
            Type::Texts => match value.is_list() {
                true => {
                    for item in value.items().iter().filter(|item| item.as_str().is_none()) {
                        let message =
                            format!("\"{keyword}\" must have strings, this is {}", item.kind_name());
                        self.diagnostics.malformed(item.source(), message, "");
                    }
                    None
                }
                false => Some("a list of strings".to_owned()),
            },
            Type::SomeOf(words) => match value.is_list() {
                true => {
                    value.items().iter().for_each(|item| self.word(keyword, item, words));
                    None
                }
                false => Some("a list of strings".to_owned()),
            },
            Type::Map(table) => {
                self.map(table, value);
                None
            }
            Type::Maps(table) => match value.is_list() {
                true => {
                    value.items().iter().for_each(|item| self.map(table, item));
                    None
                }
                false => Some("a list of maps".to_owned()),
            },
            Type::Any => None,
            Type::Free | Type::Library => (!value.is_map()).then(|| "a map".to_owned()),
        };
        if let Some(expected) = wrong {
            let message = format!("\"{keyword}\" must be {expected}, this is {}", value.kind_name());
            self.diagnostics.malformed(value.source(), message, "");
        }
    }

    fn word(&mut self, keyword: &str, value: &Value, words: &[&str]) {
        let expected = || words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        match value.as_str() {
            Some(text) if words.iter().any(|word| word.eq_ignore_ascii_case(text)) => {}
            Some(text) => {
                let message = format!("\"{keyword}\" is \"{text}\", it must be one of {}", expected());
                self.diagnostics.error(value.source(), message);
            }
            None => {
                let message =
                    format!("\"{keyword}\" must be one of {}, this is {}", expected(), value.kind_name());
                self.diagnostics.malformed(value.source(), message, "");
            }
        }
    }
}
