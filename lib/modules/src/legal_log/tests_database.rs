//! What is written of leases to a table of a database, and to the syslog daemon.

use std::path::Path;

use kotare_store_sql::{Access, Connection, Engine, Row, Statement};
use serde_json::{Map, Value as Json, json};
use tempfile::tempdir;
use tokio::runtime::Runtime;

use super::tests::told;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

fn rows(runtime: &Runtime, file: &Path) -> Vec<Row> {
    runtime.block_on(async {
        let access = Access::new(Engine::Sqlite, file.to_str().expect("UTF-8"));
        let mut connection = Connection::open(&access).await.expect("a connection");
        let select = "SELECT timestamp, address, log FROM logs ORDER BY id";
        connection.rows(Statement::new(Engine::Sqlite, select)).await.expect("rows")
    })
}

/// A row for each line, without the time at its beginning, with the address it is about; all of them are there when the
/// server ends, and it is said where they are.
#[test]
fn lines_are_rows() {
    let (folder, runtime) = (tempdir().unwrap(), runtime());
    let file = folder.path().join("logs.sqlite");
    let parameters = json!({"type": "sqlite", "name": file, "request-parser-format": "'a' + 0x0a + 'b'"});
    let modules = told(&parameters, &json!({}), |modules| {
        runtime.block_on(modules.beside.prepare()).expect("a database");
        let connection = modules.beside.connections().next().expect("a connection");
        assert_eq!(connection.manager.to_string(), "legal log database");
    })
    .unwrap();
    let mut status = Map::new();
    modules.beside.report(&mut status);
    assert_eq!(status["legal-log"]["status"], "ready");
    modules.beside.end();
    let rows = rows(&runtime, &file);
    let addresses: Vec<_> = rows.iter().filter_map(|row| row.text(1)).collect();
    assert_eq!(addresses, ["192.0.2.100", "192.0.2.100", "192.0.2.100", "192.0.2.101", "192.0.2.101"]);
    assert!(rows.iter().all(|row| row.text(2) == Some("a\nb") && row.int(0).is_some_and(|at| at > 0)));
}

/// A database that is not there is an error, which says which one.
#[test]
fn a_database_has_to_be_there() {
    let runtime = runtime();
    let mut outcome = Ok(());
    let modules = told(&json!({"type": "sqlite", "name": "/nowhere/at/all"}), &json!({}), |modules| {
        outcome = runtime.block_on(modules.beside.prepare());
    });
    drop(modules.unwrap());
    let refused = outcome.expect_err("no database");
    assert!(refused.starts_with("open the database of the legal log (name=/nowhere/at/all"), "{refused}");
}

/// Lines for the syslog daemon are messages of a logger that has it for its output.
#[test]
fn the_syslog_daemon_has_a_logger() {
    let logger = |parameters: Json| {
        let modules = told(&parameters, &json!({}), |_| ()).unwrap();
        assert!(modules.beside.companions.is_empty());
        let [logger] = &modules.beside.loggers[..] else { panic!("{:?}", modules.beside) };
        (logger.name, logger.pattern.clone(), logger.facility.clone())
    };
    let said = logger(json!({"type": "syslog"}));
    assert_eq!(said, ("legal-log-syslog", String::new(), "local0".into()));
    let said = logger(json!({"type": "syslog", "pattern": "%m", "facility": "AUTHPRIV"}));
    assert_eq!(said, ("legal-log-syslog", "%m".into(), "AUTHPRIV".into()));
}
