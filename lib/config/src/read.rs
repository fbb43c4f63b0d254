//! The one door: from a file or the arguments of a command to a configuration that could be served.

use std::path::Path;

use kotare_options::Definitions;
use serde_json::Value as Json;

use crate::json::{self, Diagnostics, Kind, MAX_DEPTH, Map, Value};
use crate::process::{self, Logger};
use crate::review::Review;
use crate::schema::{self, File};
use crate::{Candidate, Level};

/// Where a configuration comes from.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// This file, and those it includes.
    File(&'a Path),
    /// The arguments of the command of this name.
    Command(&'a str, &'a Json),
}

/// What a server of one kind makes of its configuration.
pub trait Configuration: Sized {
    /// Judges what the tables cannot say, and resolves inheritance, options and names.
    ///
    /// `global` is the map of the server in a file of the form `file`, in the keywords of today. Errors and warnings
    /// go to `diagnostics`; with errors the result serves nobody.
    fn resolve(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Self;

    /// The definitions of its options, standard ones and its own.
    fn definitions(&self) -> &Definitions;

    /// What somebody with experience would look for in it.
    fn reviews() -> Vec<Review<Self>> {
        Vec::new()
    }
}

/// Reads a configuration of the form `file`.
///
/// # Errors
/// Everything that is wrong with it, each with its source and path. There are warnings among it; those of a good
/// configuration are in the [`Candidate`].
pub fn read<C: Configuration>(input: Input<'_>, file: &File) -> Result<Candidate<C>, Diagnostics> {
    Document::open(input, file)?.judge()
}

/// A configuration that is JSON; what it says is not judged yet.
#[derive(Debug)]
pub struct Document {
    root: Value,
    file: File,
    diagnostics: Diagnostics,
}

impl Document {
    /// Reads what should be a configuration of the form `file`.
    ///
    /// # Errors
    /// Why it is no JSON.
    pub fn open(input: Input<'_>, file: &File) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let root = match input {
            Input::File(path) => json::read(path, &mut diagnostics),
            Input::Command(name, arguments) => {
                json::from_json(&format!("<{name}>"), arguments, &mut diagnostics)
            }
        };
        match root {
            Some(root) if !diagnostics.has_errors() => Ok(Self { root, file: *file, diagnostics }),
            _ => Err(diagnostics),
        }
    }

    /// A configuration of the form `file` that was made of another one.
    pub fn of(root: Value, file: &File) -> Self {
        Self { root, file: *file, diagnostics: Diagnostics::new() }
    }

    /// Its loggers, if nothing is wrong with them. What is wrong elsewhere does not matter: it can be logged by them.
    pub fn loggers(&self) -> Option<Vec<Logger>> {
        let table = self.file.global;
        let global = self.root.get(table.name)?;
        let loggers = Map::new(vec![global.entry("loggers")?.clone()]).ok()?;
        let alone = Value::new(global.source().clone(), Kind::Map(loggers));
        let mut diagnostics = Diagnostics::new();
        let alone = schema::checked_map(alone, table, &mut diagnostics);
        (!diagnostics.has_errors()).then(|| process::loggers(Level::of(table, &alone)))
    }

    /// Judges what it says.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its source and path. There are warnings among it.
    pub fn judge<C: Configuration>(self) -> Result<Candidate<C>, Diagnostics> {
        let Self { root, file, mut diagnostics } = self;
        match judge::<C>(root, &file, &mut diagnostics) {
            (root, Some(config)) if !diagnostics.has_errors() => {
                Ok(Candidate::new(root, config, file, diagnostics))
            }
            _ => Err(diagnostics),
        }
    }
}

/// The configuration `root` in the keywords of today, and what the server makes of it: all that [`read`] does to what
/// is JSON. Errors and warnings go to `diagnostics`; with errors the result serves nobody.
pub fn judge<C: Configuration>(
    root: Value,
    file: &File,
    diagnostics: &mut Diagnostics,
) -> (Value, Option<C>) {
    let root = schema::modern(root, file, diagnostics);
    let root = schema::numbered(root, file, diagnostics);
    // What a command brought may have come to stand deeper than where it was read; what is written has to be readable.
    if let Some(deep) = root.nested_in(MAX_DEPTH) {
        diagnostics.malformed(deep.source(), json::too_deep(), "");
    }
    schema::validate(&root, file, diagnostics);
    let global = root.get(file.global.name).filter(|global| global.is_map());
    let config = global.map(|global| C::resolve(Level::of(file.global, global), file, diagnostics));
    diagnostics.locate(&root);
    (root, config)
}
