//! The triggers of the configuration's tables: each change is told of in the audit, what lies in something goes with it,
//! and classes keep their order.
//!
//! MySQL and PostgreSQL have procedures for that. SQLite has triggers alone and nothing that a session keeps: a row belongs
//! to the revision that was made last, which is that of the one who writes, as only one can; and what lies in an object
//! that the revision tells of already is not told of again, which is what the others keep `cascade_transaction` for.

use crate::engine::Engine;

/// What happens to a row, with the end of the names of triggers and what the audit calls it.
const EVENTS: [(&str, &str, &str); 3] =
    [("INSERT", "AINS", "create"), ("UPDATE", "AUPD", "update"), ("DELETE", "ADEL", "delete")];

/// A table whose changes are told of, with the column of its key, and whether it is told of before a row goes, as what
/// lies in it goes then.
const AUDITED: [(&str, &str, bool); 6] = [
    ("global_parameter", "id", false),
    ("option_def", "id", false),
    ("server", "id", false),
    ("client_class", "id", false),
    ("subnet", "subnet_id", true),
    ("shared_network", "id", true),
];

/// All triggers of a protocol.
pub(super) fn all(engine: Engine, protocol: &str) -> Vec<String> {
    let writer = Writer { engine, protocol };
    let mut statements = Vec::new();
    for (table, key, before) in AUDITED {
        for (event, end, change) in EVENTS {
            let row = if event == "DELETE" { "OLD" } else { "NEW" };
            let mut body = String::new();
            if table == "client_class" && event != "DELETE" {
                body += &writer.order(event);
            }
            body += &writer.audit(table, &format!("{row}.{key}"), change);
            let first = before && event == "DELETE";
            if first {
                body += &writer.empty(table);
            }
            let end = if first { "BDEL" } else { end };
            let time = if first { "BEFORE" } else { "AFTER" };
            statements.extend(writer.trigger(table, end, time, event, &body));
        }
    }
    for (event, end, change) in EVENTS {
        statements.extend(writer.trigger("options", end, "AFTER", event, &writer.option(event, change)));
    }
    let pools: &[(&str, &str)] =
        if protocol == "6" { &[("pool", "5"), ("pd_pool", "6")] } else { &[("pool", "5")] };
    for (pool, scope) in pools {
        let body = format!("DELETE FROM dhcp#_options WHERE scope_id = {scope} AND {pool}_id = OLD.id;");
        statements.extend(writer.trigger(pool, "BDEL", "BEFORE", "DELETE", &body));
    }
    let (check, known) = writer.dependency();
    statements.extend(writer.named(
        "client_class_check_dependency_BINS",
        "client_class_dependency",
        "BEFORE",
        "INSERT",
        &check,
    ));
    statements.extend(writer.trigger("client_class_dependency", "AINS", "AFTER", "INSERT", &known));
    statements
}

/// What writes triggers of an engine and a protocol.
struct Writer<'a> {
    engine: Engine,
    protocol: &'a str,
}

impl Writer<'_> {
    fn trigger(&self, table: &str, end: &str, time: &str, event: &str, body: &str) -> Vec<String> {
        self.named(&format!("{table}_{end}"), table, time, event, body)
    }

    /// Makes a trigger, in the place of one that may be there.
    fn named(&self, name: &str, table: &str, time: &str, event: &str, body: &str) -> Vec<String> {
        let (name, table) = (format!("dhcp#_{name}"), format!("dhcp#_{table}"));
        let statements = match self.engine {
            Engine::MySql | Engine::Sqlite => vec![
                format!("DROP TRIGGER IF EXISTS {name}"),
                format!("CREATE TRIGGER {name} {time} {event} ON {table} FOR EACH ROW BEGIN {body} END"),
            ],
            Engine::Postgres => {
                let name = name.to_lowercase();
                let row = match (time, event) {
                    ("AFTER", _) => "NULL",
                    (_, "DELETE") => "OLD",
                    _ => "NEW",
                };
                vec![
                    format!(
                        "CREATE OR REPLACE FUNCTION func_{name}() RETURNS trigger AS $$ BEGIN {body} RETURN {row}; END $$ \
                         LANGUAGE plpgsql"
                    ),
                    format!("DROP TRIGGER IF EXISTS {name} ON {table}"),
                    format!(
                        "CREATE TRIGGER {name} {time} {event} ON {table} FOR EACH ROW EXECUTE PROCEDURE func_{name}()"
                    ),
                ]
            }
        };
        statements.into_iter().map(|statement| statement.replace('#', self.protocol)).collect()
    }

    /// Calls a procedure.
    fn call(&self, procedure: &str, arguments: &str) -> String {
        match self.engine {
            Engine::Postgres => format!("PERFORM {procedure}({arguments}); "),
            Engine::MySql | Engine::Sqlite => format!("CALL {procedure}({arguments}); "),
        }
    }

    /// Tells of a change of an object of a table.
    fn audit(&self, table: &str, id: &str, change: &str) -> String {
        match self.engine {
            Engine::Sqlite => {
                let number = EVENTS.iter().position(|event| event.2 == change).unwrap_or_default();
                format!(
                    "INSERT INTO dhcp#_audit (object_type, object_id, modification_type, revision_id) \
                     SELECT 'dhcp#_{table}', {id}, {number}, (SELECT max(id) FROM dhcp#_audit_revision); "
                )
            }
            _ => self.call("createAuditEntryDHCP#", &format!("'dhcp#_{table}', {id}, '{change}'")),
        }
    }

    /// Takes away what lies in a row of a table that goes.
    fn empty(&self, table: &str) -> String {
        match (table, self.protocol) {
            ("subnet", protocol) => {
                let prefixes = "DELETE FROM dhcp#_pd_pool WHERE subnet_id = OLD.subnet_id; ";
                format!(
                    "DELETE FROM dhcp#_pool WHERE subnet_id = OLD.subnet_id; {}\
                     DELETE FROM dhcp#_options WHERE dhcp#_subnet_id = OLD.subnet_id;",
                    if protocol == "6" { prefixes } else { "" }
                )
            }
            _ => "UPDATE dhcp#_subnet SET shared_network_name = NULL WHERE shared_network_name = OLD.name; \
                  DELETE FROM dhcp#_options WHERE shared_network_name = OLD.name;"
                .to_owned(),
        }
    }

    /// Tells of a change of an option.
    fn option(&self, event: &str, change: &str) -> String {
        let row = if event == "DELETE" { "OLD" } else { "NEW" };
        if self.engine == Engine::Sqlite {
            return self.option_of_sqlite(row, change);
        }
        let (scope, id, when) = match (self.engine, event) {
            (Engine::Postgres, "DELETE") => ("::SMALLINT", "::INT", "CURRENT_TIMESTAMP".to_owned()),
            (Engine::Postgres, _) => ("::SMALLINT", "::INT", "NEW.modification_ts".to_owned()),
            (_, "DELETE") => ("", "", "NOW()".to_owned()),
            _ => ("", "", "NEW.modification_ts".to_owned()),
        };
        let prefixes = if self.protocol == "6" { format!("{row}.pd_pool_id, ") } else { String::new() };
        let arguments = format!(
            "'{change}', {row}.scope_id{scope}, {row}.option_id{id}, {row}.dhcp#_subnet_id, {row}.host_id{id}, \
             {row}.shared_network_name, {row}.pool_id, {prefixes}{when}"
        );
        self.call("createOptionAuditDHCP#", &arguments)
    }

    fn option_of_sqlite(&self, row: &str, change: &str) -> String {
        let when =
            if row == "OLD" { "CAST(strftime('%s', 'now') AS INTEGER)" } else { "NEW.modification_ts" };
        // What the revision tells of already.
        let told = |table: &str, id: &str| {
            format!(
                "NOT EXISTS (SELECT 1 FROM dhcp#_audit a WHERE a.revision_id = (SELECT max(id) FROM dhcp#_audit_revision) \
                 AND a.object_type = 'dhcp#_{table}' AND a.object_id = dhcp#_{table}.{id})"
            )
        };
        let mut body = self.audit("options", &format!("{row}.option_id"), change);
        body = body.replace("; ", &format!(" WHERE {row}.scope_id = 0; "));
        let mut touch = |scope: u8, table: &str, id: &str, which: String| {
            body += &format!(
                "UPDATE dhcp#_{table} SET modification_ts = {when} WHERE {row}.scope_id = {scope} AND {which} AND {}; ",
                told(table, id)
            );
        };
        touch(1, "subnet", "subnet_id", format!("subnet_id = {row}.dhcp#_subnet_id"));
        touch(4, "shared_network", "id", format!("name = {row}.shared_network_name"));
        let of_pool = |pool: &str| {
            format!("subnet_id = (SELECT p.subnet_id FROM dhcp#_{pool} p WHERE p.id = {row}.{pool}_id)")
        };
        touch(5, "subnet", "subnet_id", of_pool("pool"));
        if self.protocol == "6" {
            touch(6, "subnet", "subnet_id", of_pool("pd_pool"));
        }
        body
    }

    /// Puts a class into the order of all.
    fn order(&self, event: &str) -> String {
        let former = if event == "UPDATE" { "OLD.follow_class_name" } else { "NULL" };
        let set = match (self.engine, event) {
            (Engine::Sqlite, _) => return Self::order_of_sqlite(event),
            (_, "INSERT") => String::new(),
            (Engine::MySql, _) => {
                "SET @depend_on_known_directly = OLD.depend_on_known_directly, @client_class_id = NEW.id; "
                    .to_owned()
            }
            (Engine::Postgres, _) => {
                self.call("set_session_value", "'kea.depend_on_known_directly', OLD.depend_on_known_directly")
                    + &self.call("set_session_value", "'kea.client_class_id', NEW.id")
            }
        };
        set + &self.call("setClientClass#Order", &format!("NEW.id, NEW.follow_class_name, {former}"))
    }

    fn order_of_sqlite(event: &str) -> String {
        let moves = match event {
            "UPDATE" => "NEW.follow_class_name IS NOT OLD.follow_class_name",
            _ => "1",
        };
        let place = "(SELECT CASE WHEN NEW.follow_class_name IS NULL \
                     THEN (SELECT COALESCE(max(order_index), 0) + 1 FROM dhcp#_client_class_order WHERE class_id <> NEW.id) \
                     ELSE (SELECT o.order_index + 1 FROM dhcp#_client_class_order o JOIN dhcp#_client_class c \
                     ON c.id = o.class_id WHERE c.name = NEW.follow_class_name) END)";
        format!(
            "SELECT RAISE(ABORT, 'The class to follow does not exist.') WHERE {moves} AND {place} IS NULL; \
             SELECT RAISE(ABORT, 'Unable to move the class because it would break its dependencies') WHERE {moves} \
             AND EXISTS (SELECT 1 FROM dhcp#_client_class_dependency d JOIN dhcp#_client_class_order o \
             ON o.class_id = d.class_id WHERE d.dependency_id = NEW.id AND o.order_index < {place}); \
             UPDATE dhcp#_client_class_order SET order_index = order_index + 1 WHERE {moves} AND class_id <> NEW.id \
             AND NEW.follow_class_name IS NOT NULL AND order_index >= {place}; \
             UPDATE dhcp#_client_class_order SET depend_on_known_indirectly = 0, \
             order_index = CASE WHEN {moves} THEN {place} ELSE order_index END WHERE class_id = NEW.id; \
             INSERT OR IGNORE INTO dhcp#_client_class_order (class_id, order_index, depend_on_known_indirectly) \
             VALUES (NEW.id, {place}, 0); "
        )
    }

    /// What is looked at before a class depends on another, and what becomes of it.
    fn dependency(&self) -> (String, String) {
        if self.engine != Engine::Sqlite {
            let arguments = "NEW.class_id, NEW.dependency_id";
            return (
                self.call("checkDHCPv#ClientClassDependency", arguments),
                self.call("updateDHCPv#ClientClassKnownDependency", arguments),
            );
        }
        let place =
            |row: &str| format!("(SELECT order_index FROM dhcp#_client_class_order WHERE class_id = {row})");
        let (own, other) = (place("NEW.class_id"), place("NEW.dependency_id"));
        let check = format!(
            "SELECT RAISE(ABORT, 'Client class must not have dependency on self.') WHERE NEW.class_id = NEW.dependency_id; \
             SELECT RAISE(ABORT, 'Client class does not exist.') WHERE {own} IS NULL OR {other} IS NULL; \
             SELECT RAISE(ABORT, 'Client class must not depend on class defined later') WHERE {other} > {own}; \
             SELECT RAISE(ABORT, 'Unmet dependencies for client class') WHERE EXISTS \
             (SELECT 1 FROM dhcp#_client_class_server mine WHERE mine.class_id = NEW.class_id AND NOT EXISTS \
             (SELECT 1 FROM dhcp#_client_class_server its WHERE its.class_id = NEW.dependency_id \
             AND its.server_id IN (1, mine.server_id))); "
        );
        let known = "UPDATE dhcp#_client_class_order SET depend_on_known_indirectly = 1 WHERE class_id = NEW.class_id \
                     AND EXISTS (SELECT 1 FROM dhcp#_client_class c LEFT JOIN dhcp#_client_class_order o \
                     ON o.class_id = c.id WHERE c.id = NEW.dependency_id \
                     AND (c.depend_on_known_directly OR o.depend_on_known_indirectly)); ";
        (check, known.to_owned())
    }
}
