//! A word that shells complete and manual pages list, and that the program judges itself.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};

/// A word, and what it is for.
pub type Word = (&'static str, &'static str);

/// Takes any text, and suggests these words: what is wrong is told in the program's words, which scripts know.
#[derive(Clone, Copy, Debug)]
pub struct Suggested(pub &'static [Word]);

impl TypedValueParser for Suggested {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(|&(word, help)| PossibleValue::new(word).help(help))))
    }
}
