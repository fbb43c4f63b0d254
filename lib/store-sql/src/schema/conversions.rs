//! What an upgrade has to do beside adding what is missing: columns that are called otherwise now, values that are
//! written otherwise. Each is left out where it was done already.

use super::plan::{Action, BATCH, NAMED, Step};
use super::present::Present;
use super::table::InFile;
use super::tables::tables;
use super::write::{self, quoted};
use crate::engine::Engine;

/// Columns that have other names now, with those of the configuration for either protocol.
const RENAMED: &[(&str, &str, &str)] = &[
    ("dhcp#_client_class", "only_if_required", "only_in_additional_list"),
    ("dhcp#_shared_network", "require_client_classes", "evaluate_additional_classes"),
    ("dhcp#_subnet", "require_client_classes", "evaluate_additional_classes"),
    ("dhcp#_pool", "require_client_classes", "evaluate_additional_classes"),
    ("dhcp#_pd_pool", "require_client_classes", "evaluate_additional_classes"),
];

/// Tables of which `client_class`, one name, became `client_classes`, a list.
const CLASSES: &[&str] = &["dhcp#_shared_network", "dhcp#_subnet", "dhcp#_pool", "dhcp#_pd_pool"];

/// Bytes that may be more now; PostgreSQL has no limit.
const LONGER: &[(&str, &str, &str)] = &[
    ("lease4", "client_id", "VARBINARY(255) NULL"),
    ("lease4", "relay_id", "VARBINARY(255) NULL"),
    ("lease4", "remote_id", "VARBINARY(255) NULL"),
    ("lease6", "duid", "VARBINARY(130) NULL"),
    ("hosts", "dhcp_identifier", "VARBINARY(255) NOT NULL"),
];

/// Tables with addresses that were text, and what is in an index or key with the address.
const ADDRESSES: &[(&str, Option<&str>)] =
    &[("lease6", None), ("ipv6_reservations", Some("key_dhcp6_address_prefix_len"))];

/// What finds leases of DHCPv6 by what relay agents said. PostgreSQL had addresses there as bytes once.
const RELAYED: &[&str] = &["lease6_relay_id", "lease6_remote_id"];

/// Global parameters that have other names now: protocol-free, by name and value, to name, value and type.
const PARAMETERS: &[(&str, &str, &str, &str, u8)] = &[
    ("ddns-use-conflict-resolution", "1", "ddns-conflict-resolution-mode", "check-with-dhcid", 4),
    ("ddns-use-conflict-resolution", "0", "ddns-conflict-resolution-mode", "no-check-with-dhcid", 4),
    ("reservation-mode", "global", "reservations-global", "1", 2),
    ("reservation-mode", "all", "reservations-in-subnet", "1", 2),
    ("reservation-mode", "disabled", "reservations-in-subnet", "0", 2),
    ("reservation-mode", "off", "reservations-in-subnet", "0", 2),
    ("reservation-mode", "out-of-pool", "reservations-out-of-pool", "1", 2),
];

/// Global parameters that there are no more.
const GONE: &[&str] = &[
    "dhcp-ddns.override-no-update",
    "dhcp-ddns.override-client-update",
    "dhcp-ddns.replace-client-name",
    "dhcp-ddns.generated-prefix",
    "dhcp-ddns.qualifying-suffix",
    "dhcp-ddns.hostname-char-set",
    "dhcp-ddns.hostname-char-replacement",
    "control-socket.socket-name",
    "control-socket.socket-type",
];

/// The column that addresses as bytes are gathered in meanwhile.
const GATHERED: &str = "address_as_bytes";
/// What the addresses before are called until they go.
const AS_TEXT: &str = "address_as_text";

/// Whether a missing column comes by another's new name.
pub(super) fn will_be(table: &str, column: &str, present: &Present) -> bool {
    let renamed = RENAMED
        .iter()
        .any(|(of, from, to)| is(of, table) && *to == column && present.column(table, from).is_some());
    renamed
        || (column == "client_classes"
            && CLASSES.iter().any(|of| is(of, table))
            && present.column(table, "client_class").is_some())
}

/// Whether a table is meant by a name with `#`.
fn is(named: &str, table: &str) -> bool {
    ["4", "6"].iter().any(|protocol| named.replace('#', protocol) == table)
}

/// The server that stands for all.
pub(super) fn all_servers(table: &str) -> Option<String> {
    let server = ["dhcp4_server", "dhcp6_server"].contains(&table);
    server.then(|| {
        format!("INSERT INTO {table} (tag, description) VALUES ('all', 'special type: all servers')")
    })
}

/// Indexes that a file of SQLite once had whole.
fn indexes_of_files(present: &Present) -> Vec<Step> {
    let mut statements = Vec::new();
    for table in tables(Engine::Sqlite) {
        for index in table.table.indexes.iter().filter(|index| index.in_file != InFile::Whole) {
            let name = table.named(index.name);
            if present.indexes.contains(&(table.name(), name.clone())) {
                statements.push(format!("DROP INDEX {}", quoted(Engine::Sqlite, &name)));
                if index.is_of(Engine::Sqlite) {
                    statements.push(write::index(&table, index, Engine::Sqlite));
                }
            }
        }
    }
    let step = Step::new("indexes of leases", statements);
    if step.actions.is_empty() { Vec::new() } else { vec![step] }
}

/// What comes before columns are added.
pub(super) fn before(engine: Engine, present: &Present) -> Vec<Step> {
    let mut steps = Vec::new();
    if engine == Engine::Sqlite {
        steps.extend(indexes_of_files(present));
    }
    let cast = if engine == Engine::MySql { "LONGTEXT" } else { "TEXT" };
    for protocol in ["4", "6"] {
        for (table, from, to) in RENAMED {
            let table = table.replace('#', protocol);
            if present.column(&table, from).is_some() {
                let statement = format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}");
                steps.push(Step::new(format!("column {to} of {table}"), vec![statement]));
            }
        }
        for table in CLASSES {
            let table = table.replace('#', protocol);
            let mut statements = Vec::new();
            if present.column(&table, "client_class").is_some() {
                statements.extend(match engine {
                    Engine::Postgres => vec![
                        format!("ALTER TABLE {table} RENAME COLUMN client_class TO client_classes"),
                        format!("ALTER TABLE {table} ALTER COLUMN client_classes TYPE {cast}"),
                    ],
                    _ => vec![format!(
                        "ALTER TABLE {table} CHANGE client_class client_classes {cast} DEFAULT NULL"
                    )],
                });
            }
            if present.tables.contains_key(&table) {
                statements
                    .push(format!("UPDATE {table} SET client_classes = NULL WHERE client_classes = ''"));
                statements.push(format!(
                    "UPDATE {table} SET client_classes = CONCAT('[ \"', client_classes, '\" ]') \
                     WHERE client_classes NOT LIKE '[ \"%'"
                ));
            }
            if !statements.is_empty() {
                steps.push(Step::new(format!("classes of {table}"), quietly(engine, statements)));
            }
        }
    }
    for (table, column, form) in LONGER {
        let form_there = present.column(table, column).map(|has| has.form.as_str());
        if engine == Engine::MySql && form_there == Some("varbinary(128)") {
            let statement = format!("ALTER TABLE {table} MODIFY COLUMN {column} {form}");
            steps.push(Step::new(format!("longer {column} of {table}"), vec![statement]));
        }
    }
    for (table, with) in ADDRESSES {
        if present.column(table, AS_TEXT).is_some() {
            steps.push(Step::new(format!("addresses of {table}"), vec![drop_text(table)]));
        }
        if present.column(table, "address").is_some_and(|has| has.form.contains("char")) {
            let actions = match engine {
                Engine::MySql => addresses_mysql(table, *with, present),
                _ => vec![Action::Run(format!(
                    "ALTER TABLE {table} ALTER COLUMN address TYPE INET USING address::inet"
                ))],
            };
            steps.push(Step { actions, ..Step::new(format!("addresses of {table}"), Vec::new()) });
        }
    }
    // Addresses as bytes beside those as text, which were there for two versions.
    if present.column("lease6", "binaddr").is_some() {
        let drop = "ALTER TABLE lease6 DROP COLUMN binaddr".to_owned();
        steps.push(Step::new("second addresses of lease6", vec![drop]));
    }
    for table in RELAYED {
        let form = present.column(table, "lease_addr").map(|has| has.form.as_str());
        if engine == Engine::Postgres && form == Some("bytea") {
            // As upstream does; Kea makes the rows anew of the leases.
            let empty = format!("DELETE FROM {table}");
            let inet = format!("ALTER TABLE {table} ALTER COLUMN lease_addr TYPE INET USING '::'::inet");
            steps.push(Step::new(format!("addresses of {table}"), vec![empty, inet]));
        }
    }
    steps
}

/// Gathers addresses as bytes in a column of their own, some at a time, and puts it in the place of the text in one
/// statement.
fn addresses_mysql(table: &str, with: Option<&str>, present: &Present) -> Vec<Action> {
    let mut actions = Vec::new();
    if present.column(table, GATHERED).is_none() {
        actions.push(Action::Run(format!("ALTER TABLE {table} ADD COLUMN {GATHERED} BINARY(16) NULL")));
    }
    actions.push(Action::Repeat(format!(
        "UPDATE {table} SET {GATHERED} = INET6_ATON(address) \
         WHERE {GATHERED} IS NULL AND IS_IPV6(address) LIMIT {BATCH}"
    )));
    actions.push(Action::Unless {
        rows: format!("SELECT address FROM {table} WHERE NOT IS_IPV6(address) ORDER BY address LIMIT {NAMED}"),
        because: format!(
            "the table {table} has rows whose address is none of IPv6, so that they cannot be kept as they are from now on; \
             correct or delete them, and upgrade again; of at most {NAMED} the address is"
        ),
    });
    let with_address = match with {
        None => "DROP PRIMARY KEY, ADD PRIMARY KEY (address)".to_owned(),
        Some(index) => format!("DROP INDEX {index}, ADD INDEX {index} (address, prefix_len)"),
    };
    let after = if with.is_some() { "AFTER reservation_id" } else { "FIRST" };
    actions.push(Action::Run(format!(
        "ALTER TABLE {table} CHANGE address {AS_TEXT} VARCHAR(39) NULL, \
         CHANGE {GATHERED} address BINARY(16) NOT NULL {after}, {with_address}"
    )));
    actions.push(Action::Run(drop_text(table)));
    actions
}

/// Drops the addresses that are bytes now.
fn drop_text(table: &str) -> String {
    format!("ALTER TABLE {table} DROP COLUMN {AS_TEXT}")
}

/// What comes when all columns are there.
pub(super) fn after(engine: Engine, present: &Present) -> Vec<Step> {
    let mut statements = Vec::new();
    for protocol in ["4", "6"] {
        let table = format!("dhcp{protocol}_global_parameter");
        if !present.tables.contains_key(&table) {
            continue;
        }
        for (name, value, new, becomes, kind) in PARAMETERS {
            statements.push(format!(
                "UPDATE {table} SET name = '{new}', value = '{becomes}', parameter_type = {kind} \
                 WHERE name = '{name}' AND value = '{value}'"
            ));
        }
        let gone: Vec<String> = GONE.iter().map(|name| format!("'{name}'")).collect();
        statements.push(format!("DELETE FROM {table} WHERE name IN ({})", gone.join(", ")));
    }
    let mut steps = vec![Step::new("global parameters", quietly(engine, statements))];
    let leases = quoted(engine, "lease6");
    let nobody = match engine {
        Engine::Postgres => ("'\\x000000'::bytea", "'\\x00'::bytea"),
        _ => ("X'000000'", "X'00'"),
    };
    steps.push(Step::new(
        "leases of nobody",
        vec![
            format!("UPDATE {leases} SET duid = {} WHERE duid = {}", nobody.0, nobody.1),
            // Temporary addresses (IA_TA) were never leased.
            format!("DELETE FROM lease6_types WHERE lease_type = 1 AND NOT EXISTS (SELECT 1 FROM {leases} WHERE lease_type = 1)"),
        ],
    ));
    steps
}

/// What is no change of a configuration by an operator is not to be told to servers.
fn quietly(engine: Engine, mut statements: Vec<String>) -> Vec<String> {
    let (off, on) = match engine {
        Engine::MySql => ("SET @disable_audit = 1", "SET @disable_audit = 0"),
        Engine::Postgres => (
            "SELECT set_config('kea.disable_audit', 'true', false)",
            "SELECT set_config('kea.disable_audit', 'false', false)",
        ),
        Engine::Sqlite => return statements,
    };
    statements.insert(0, off.to_owned());
    statements.push(on.to_owned());
    statements
}
