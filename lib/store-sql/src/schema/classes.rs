//! The counts of leases by the classes of their clients, which a lease has in its user context (`ISC`,
//! `client-classes`). Only who limits leases by class (`limits`) writes them there.

use crate::engine::Engine;

/// Where a user context has them.
const PATH: &str = "$.\"ISC\".\"client-classes\"";

/// The table of the counts of a family.
pub(super) fn table(leases: &str) -> String {
    format!("{leases}_stat_by_client_class")
}

/// What is the same of a family: its table of counts, and what leases are told apart by beside their classes.
fn by(leases: &str) -> (String, &'static [&'static str]) {
    (table(leases), if leases == "lease6" { &["lease_type"] } else { &[] })
}

/// The name of the procedure that counts.
fn procedure(leases: &str) -> String {
    format!("{leases}_count_classes")
}

/// What has to be there before the triggers: a procedure where one statement cannot do it.
pub(super) fn before(leases: &str, engine: Engine) -> Vec<String> {
    let (table, others) = by(leases);
    let name = procedure(leases);
    let (columns, values, same) = match others {
        [] => ("", "", ""),
        _ => ("lease_type, ", "of_type, ", "lease_type = of_type AND "),
    };
    match engine {
        Engine::Sqlite => Vec::new(),
        Engine::MySql => {
            let of_type = if others.is_empty() { "" } else { "of_type TINYINT, " };
            vec![
                format!("DROP PROCEDURE IF EXISTS {name}"),
                format!(
                    "CREATE PROCEDURE {name} (context TEXT, {of_type}more BOOL) MODIFIES SQL DATA BEGIN \
                     DECLARE classes TEXT; DECLARE class VARCHAR(128); DECLARE place INT DEFAULT 0; \
                     DECLARE places INT DEFAULT 0; \
                     IF context LIKE '%client-classes%' AND JSON_VALID(context) THEN \
                     SET classes = JSON_EXTRACT(context, '{PATH}'); SET places = COALESCE(JSON_LENGTH(classes), 0); \
                     END IF; \
                     WHILE place < places DO \
                     SET class = LEFT(JSON_UNQUOTE(JSON_EXTRACT(classes, CONCAT('$[', place, ']'))), 128); \
                     IF more THEN INSERT INTO {table} (client_class, {columns}leases) VALUES (class, {values}1) \
                     ON DUPLICATE KEY UPDATE leases = leases + 1; \
                     ELSE UPDATE {table} SET leases = leases - 1 WHERE client_class = class AND {same}leases > 0; \
                     END IF; SET place = place + 1; END WHILE; END"
                ),
            ]
        }
        Engine::Postgres => {
            let of_type = if others.is_empty() { "" } else { "of_type SMALLINT, " };
            let key = if others.is_empty() { "client_class" } else { "client_class, lease_type" };
            vec![format!(
                "CREATE OR REPLACE FUNCTION {name}(context TEXT, {of_type}more BOOLEAN) RETURNS VOID AS $$ \
                 DECLARE class VARCHAR(128); BEGIN \
                 IF context IS NULL OR context NOT LIKE '%client-classes%' THEN RETURN; END IF; \
                 BEGIN FOR class IN SELECT left(json_array_elements_text(context::json->'ISC'->'client-classes'), 128) \
                 LOOP IF more THEN INSERT INTO {table} (client_class, {columns}leases) VALUES (class, {values}1) \
                 ON CONFLICT ({key}) DO UPDATE SET leases = {table}.leases + 1; \
                 ELSE UPDATE {table} SET leases = leases - 1 WHERE client_class = class AND {same}leases > 0; \
                 END IF; END LOOP; EXCEPTION WHEN data_exception THEN NULL; END; END $$ LANGUAGE plpgsql"
            )]
        }
    }
}

/// Counts anew, in one transaction. What is no JSON has no classes.
pub(super) fn recount(leases: &str, engine: Engine) -> Vec<String> {
    let (table, others) = by(leases);
    let columns: String = others.iter().map(|column| format!("{column}, ")).collect();
    let written = "CASE WHEN JSON_VALID(user_context) THEN user_context ELSE '{}' END";
    let (name, of_each) = match engine {
        Engine::Sqlite => ("value".to_owned(), format!(", json_each({written}, '{PATH}')")),
        Engine::Postgres => ("name".to_owned(), ", pg_temp.classes_of(user_context) AS name".to_owned()),
        Engine::MySql => {
            let digits =
                (0..16).map(|digit| format!("SELECT {digit} AS n")).collect::<Vec<_>>().join(" UNION ALL ");
            let places =
                format!("SELECT 16 * high.n + low.n AS n FROM ({digits}) AS low, ({digits}) AS high");
            let classes = format!("JSON_EXTRACT({written}, '{PATH}')");
            (
                format!("LEFT(JSON_UNQUOTE(JSON_EXTRACT({classes}, CONCAT('$[', place.n, ']'))), 128)"),
                format!(" JOIN ({places}) AS place ON place.n < COALESCE(JSON_LENGTH({classes}), 0)"),
            )
        }
    };
    let or = match engine {
        // Names that only differ in case are one there.
        Engine::MySql => " ON DUPLICATE KEY UPDATE leases = leases + VALUES(leases)",
        Engine::Postgres | Engine::Sqlite => "",
    };
    let classes_of = "CREATE OR REPLACE FUNCTION pg_temp.classes_of(context TEXT) RETURNS SETOF TEXT AS $$ BEGIN \
        RETURN QUERY SELECT left(json_array_elements_text(context::json->'ISC'->'client-classes'), 128); \
        EXCEPTION WHEN data_exception THEN NULL; END $$ LANGUAGE plpgsql";
    let mut statements = vec![
        format!("DELETE FROM {table}"),
        format!(
            "INSERT INTO {table} (client_class, {columns}leases) SELECT class, {columns}count(*) FROM \
             (SELECT {name} AS class, {leases}.* FROM {leases}{of_each} \
             WHERE {leases}.state = 0 AND {leases}.user_context LIKE '%client-classes%') AS counted \
             GROUP BY {columns}class{or}"
        ),
    ];
    if engine == Engine::Postgres {
        statements.insert(0, classes_of.to_owned());
    }
    statements
}

/// What lets a trigger of SQLite begin.
pub(super) fn when(event: &str) -> String {
    let has = |row: &str| format!("{row}.user_context LIKE '%client-classes%'");
    match event {
        "INSERT" => format!("WHEN {} ", has("NEW")),
        "DELETE" => format!("WHEN {} ", has("OLD")),
        _ => format!("WHEN {} OR {} ", has("NEW"), has("OLD")),
    }
}

/// What a trigger does after an event.
pub(super) fn body(leases: &str, event: &str, engine: Engine) -> String {
    let (table, others) = by(leases);
    let call = |row: &str, more: bool| {
        let of_type: String = others.iter().map(|column| format!("{row}.{column}, ")).collect();
        let more = if more { "TRUE" } else { "FALSE" };
        let (call, name) = (if engine == Engine::MySql { "CALL" } else { "PERFORM" }, procedure(leases));
        format!("IF {row}.state = 0 THEN {call} {name}({row}.user_context, {of_type}{more}); END IF;")
    };
    // SQLite reads JSON where it stands.
    let classes = |row: &str| {
        format!(
            "json_each(CASE WHEN json_valid({row}.user_context) THEN {row}.user_context ELSE '{{}}' END, '{PATH}')"
        )
    };
    let differs = match engine {
        Engine::MySql => "NOT (NEW.state <=> OLD.state AND NEW.user_context <=> OLD.user_context)",
        Engine::Postgres => "(NEW.state, NEW.user_context) IS DISTINCT FROM (OLD.state, OLD.user_context)",
        Engine::Sqlite => "(NEW.state IS NOT OLD.state OR NEW.user_context IS NOT OLD.user_context)",
    };
    let when = |event: &str| if event == "UPDATE" { format!(" AND {differs}") } else { String::new() };
    let more = || {
        let columns: String = others.iter().map(|column| format!("{column}, ")).collect();
        let values: String = others.iter().map(|column| format!("NEW.{column}, ")).collect();
        let key: Vec<&str> = std::iter::once("client_class").chain(others.iter().copied()).collect();
        format!(
            "INSERT INTO {table} (client_class, {columns}leases) SELECT value, {values}1 FROM {} \
             WHERE NEW.state = 0{} ON CONFLICT ({}) DO UPDATE SET leases = leases + 1;",
            classes("NEW"),
            when(event),
            key.join(", ")
        )
    };
    let less = || {
        let same: String = others.iter().map(|column| format!(" AND {column} = OLD.{column}")).collect();
        format!(
            "UPDATE {table} SET leases = leases - 1 WHERE leases > 0 AND OLD.state = 0{}{same} \
             AND client_class IN (SELECT value FROM {});",
            when(event),
            classes("OLD")
        )
    };
    match (engine, event) {
        (Engine::Sqlite, "INSERT") => more(),
        (Engine::Sqlite, "DELETE") => less(),
        (Engine::Sqlite, _) => format!("{} {}", less(), more()),
        (_, "INSERT") => call("NEW", true),
        (_, "DELETE") => call("OLD", false),
        (_, _) => format!("IF {differs} THEN {} {} END IF;", call("OLD", false), call("NEW", true)),
    }
}
