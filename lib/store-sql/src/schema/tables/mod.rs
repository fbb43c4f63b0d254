//! The tables that a database has, in the version of the schema that is written today: what, not how it came about.

mod config;
mod config4;
mod config6;
mod hosts;
mod leases;
mod words;

use super::table::Table;
use crate::engine::Engine;
pub(crate) use words::DATA_TYPES;

/// A table with the protocol that `#` in its names stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared {
    pub(super) table: &'static Table,
    protocol: &'static str,
}

impl Declared {
    /// A name that is declared with the table, or several.
    pub(super) fn named(&self, name: &str) -> String {
        name.replace('#', self.protocol)
    }

    /// Its own name.
    pub(super) fn name(&self) -> String {
        self.named(self.table.name)
    }
}

/// All tables of an engine: dictionaries first.
pub(super) fn tables(engine: Engine) -> Vec<Declared> {
    let of =
        |tables: &'static [Table], protocol| tables.iter().map(move |table| Declared { table, protocol });
    let own = if engine == Engine::Postgres { words::POSTGRES } else { &[] };
    of(words::WORDS, "")
        .chain(of(own, ""))
        .chain(of(leases::LEASES, ""))
        .chain(of(hosts::HOSTS, ""))
        .chain(of(config::CONFIG, "4"))
        .chain(of(config4::CONFIG4, "4"))
        .chain(of(config::CONFIG, "6"))
        .chain(of(config6::CONFIG6, "6"))
        .collect()
}
