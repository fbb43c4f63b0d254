//! What was fetched from databases, as rows of the tables that it stands in.

use std::sync::Arc;

use kotare_config::overlay::{Row, Rows};
use kotare_store_sql::config::{Fetched, Kept, Protocol};

/// The names of the tables.
pub(super) struct Tables {
    globals: String,
    definitions: String,
    options: String,
    classes: String,
    networks: String,
    subnets: String,
}

impl Tables {
    /// Those of a protocol.
    pub(super) fn of(protocol: Protocol) -> Self {
        Self {
            globals: protocol.named(protocol.globals().table),
            definitions: protocol.named(protocol.definitions().table),
            options: protocol.named(protocol.options().table),
            classes: protocol.named(protocol.classes().table),
            networks: protocol.named(protocol.networks().table),
            subnets: protocol.named(protocol.subnets().table),
        }
    }

    /// What databases have together: of each kind what the first has that has any.
    pub(super) fn rows<'a>(&'a self, fetched: &'a [Option<Arc<Fetched>>]) -> Rows<'a> {
        let first = |list: fn(&Fetched) -> &Vec<Arc<Kept>>, table: &'a str| {
            let lists = fetched.iter().flatten().map(|fetched| list(fetched));
            let list = lists.into_iter().find(|list| !list.is_empty()).map_or(&[][..], Vec::as_slice);
            list.iter().map(|kept| Row { table, number: kept.key, map: &kept.map }).collect()
        };
        Rows {
            globals: first(|it| &it.configuration.globals, &self.globals),
            definitions: first(|it| &it.configuration.definitions, &self.definitions),
            options: first(|it| &it.configuration.options, &self.options),
            classes: first(|it| &it.configuration.classes, &self.classes),
            networks: first(|it| &it.configuration.networks, &self.networks),
            subnets: first(|it| &it.configuration.subnets, &self.subnets),
        }
    }
}
