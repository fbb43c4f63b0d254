//! `hooks-libraries`.

use super::WrittenPath;
use crate::Level;
use crate::json::{Diagnostics, Kind, Map, Source, Value};
use crate::schema::tables::HOOKS_LIBRARY;
use crate::schema::{self, File, Table};

/// A `hooks-libraries` entry.
#[derive(Clone, Debug)]
pub struct HookLibrary {
    /// What it is called ([`schema::library_name`]), whether or not it is known.
    pub name: Box<str>,
    /// `library` as written. There need not be such a file.
    pub path: Box<str>,
    /// Where `library` is written.
    pub source: Source,
    /// `parameters`, if they are written. Those of a known library are right by its table and in its keywords of today.
    pub parameters: Option<Value>,
}

impl HookLibrary {
    /// The parameters with the defaults of `table`, which is that of the library.
    pub fn level(&self, table: &'static Table) -> Level<'_> {
        Level::of_optional(table, self.parameters.as_ref())
    }
}

/// All libraries. What is wrong with the parameters of a known one goes to `diagnostics`.
pub(crate) fn resolve(global: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Vec<HookLibrary> {
    global.list(&HOOKS_LIBRARY).filter_map(|entry| library(entry, file, diagnostics)).collect()
}

/// `None` without `library`, which the schema reports.
fn library(entry: Level<'_>, file: &File, diagnostics: &mut Diagnostics) -> Option<HookLibrary> {
    let WrittenPath { path, source } = WrittenPath::of(entry.own("library")?)?;
    let written = entry.own("parameters").filter(|parameters| parameters.is_map()).cloned();
    let parameters = match file.library(&path) {
        None => written,
        Some(library) => {
            // Without parameters, those that are required are missing.
            let parameters = written.or_else(|| Some(empty(entry.map()?.source())))?;
            Some(schema::checked_map(parameters, library.parameters, diagnostics))
        }
    };
    Some(HookLibrary { name: schema::library_name(&path).into(), path, source, parameters })
}

/// A map without entries at `source`.
fn empty(source: &Source) -> Value {
    Value::new(source.clone(), Kind::Map(Map::default()))
}
