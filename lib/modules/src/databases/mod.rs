//! `libdhcp_mysql.so` and `libdhcp_pgsql.so`: the databases that leases can be kept in (manual, "Lease Database
//! Configuration").
//!
//! Kea has a database for whoever loads its library; here both are always there, and an entry for one changes nothing.
//! What the log tells of connections is in the words of these libraries ([`Manager`]).

mod manager;
mod messages;

use kotare_config::schema::Table;
use kotare_model::{Lease4, Lease6};

pub use self::manager::{Keeps, Manager};
use self::messages::*;
use crate::{Hooked, Library, Module};

/// MySQL and MariaDB.
pub const MYSQL: Library = Library {
    loaded: || MYSQL_INIT_OK(),
    unloaded: || MYSQL_DEINIT_OK(),
    messages: MESSAGES,
    ..library("mysql")
};

/// PostgreSQL.
pub const PGSQL: Library =
    Library { loaded: || PGSQL_INIT_OK(), unloaded: || PGSQL_DEINIT_OK(), ..library("pgsql") };

const fn library(name: &'static str) -> Library {
    Library {
        name,
        parameters: &PARAMETERS,
        messages: &[],
        // It has no parameters that could be wrong.
        load_error: |_| {},
        loaded: || {},
        unloaded: || {},
        v4: Some(module::<Lease4>()),
        v6: Some(module::<Lease6>()),
    }
}

/// Kea minds no parameters.
static PARAMETERS: Table = Table { name: "parameters", groups: &[], open: true, ..Table::EMPTY };

const fn module<L: Hooked>() -> Module<L> {
    Module::NOTHING
}

#[cfg(test)]
mod tests {
    use kotare_config::v4::{Config4, FILE};
    use kotare_config::{Input, read};
    use serde_json::json;

    use super::*;
    use crate::Modules4;
    use kotare_config::json::Diagnostics;

    /// A configuration for Kea 3, which loads the libraries of databases wherever they are, is one for us, too.
    #[test]
    fn entries_for_databases_are_taken() {
        let entries = [MYSQL, PGSQL]
            .map(|library| json!({"library": format!("/usr/lib/kea/hooks/libdhcp_{}.so", library.name)}));
        let written = json!({"Dhcp4": {"hooks-libraries": entries}});
        let file = FILE.with_libraries(crate::SCHEMAS);
        let candidate = read::<Config4>(Input::Command("config-test", &written), &file);
        let mut diagnostics = Diagnostics::new();
        Modules4::judge(&candidate.expect("a configuration").config, &[], None, &mut diagnostics);
        assert_eq!(diagnostics.error_lines(), [""; 0]);
    }
}
