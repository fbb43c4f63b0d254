//! PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::folder::Folder;
use super::{PASSWORD, USER, quoted};

/// Where Debian has the programs of each version.
const VERSIONS: &str = "usr/lib/postgresql";

pub(super) fn programs() -> [PathBuf; 3] {
    ["postgres", "initdb", "psql"].map(|name| {
        let at = |root: &Path| {
            let versions = fs::read_dir(root.join(VERSIONS)).ok()?;
            versions
                .filter_map(|version| Some(version.ok()?.path().join("bin").join(name)))
                .find(|it| it.exists())
        };
        crate::world::partners()
            .and_then(|root| at(&root))
            .or_else(|| at(Path::new("/")))
            .unwrap_or_else(|| name.into())
    })
}

/// Makes the files of an empty server, whose administrator is `postgres`.
pub(super) fn make(folder: &Folder) {
    let [_, initdb, _] = programs();
    let mut command = folder.as_nobody(&initdb);
    command.args([
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--pgdata",
    ]);
    let output = command.arg(data(folder)).output().expect("initdb starts");
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
}

/// Durable against a crash of the process; what a power cut would do is no test's business.
pub(super) fn server(folder: &Folder) -> String {
    let [server, ..] = programs();
    format!(
        "{} -D {} -k {} -c listen_addresses= -c fsync=off -c max_connections=100",
        quoted(&server),
        quoted(&data(folder)),
        quoted(folder.path()),
    )
}

pub(super) fn client(folder: &Folder, database: &str, statement: &str) -> Command {
    let [_, _, client] = programs();
    let mut command = Command::new(client);
    crate::world::with_libraries(&mut command);
    let database = if database.is_empty() { "postgres" } else { database };
    command.args(["--no-psqlrc", "--username=postgres", "--tuples-only", "--no-align", "--quiet"]);
    command.args(["--set=ON_ERROR_STOP=1", "--host"]).arg(folder.path());
    command.args(["--dbname", database, "--command", statement]);
    command
}

/// A client of the owner of a database, which reads statements.
pub(super) fn as_owner(folder: &Folder, database: &str) -> Command {
    let [_, _, client] = programs();
    let mut command = Command::new(client);
    crate::world::with_libraries(&mut command);
    command.args([
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--username",
        USER,
        "--dbname",
        database,
    ]);
    command.env("PGPASSWORD", PASSWORD).arg("--host").arg(folder.path());
    command
}

pub(super) fn create(name: &str) -> Vec<(String, String)> {
    let user = format!(
        "DO $$ BEGIN CREATE USER {USER} PASSWORD '{PASSWORD}'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    );
    let in_postgres = [user, format!("CREATE DATABASE {name} OWNER {USER}")];
    in_postgres.into_iter().map(|statement| (String::new(), statement)).collect()
}

/// Where its files are.
pub(super) fn data(folder: &Folder) -> PathBuf {
    folder.path().join("data")
}
