//! A database with Kea's tables of today.

use std::process::Command;

use kotare_store_sql::{Access, Connection, Engine, SqlError, Statement};
use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::world::{World, program};
use serde_json::{Value, json};

/// The name of databases.
pub(crate) const NAME: &str = "kea";

/// A database with Kea's tables, and what a configuration says of it.
pub(crate) struct Kept {
    pub(crate) server: Option<DatabaseServer>,
    pub(crate) database: Value,
}

impl Kept {
    /// In a file of this path in the world.
    pub(crate) fn in_sqlite(world: &World, path: &str) -> Self {
        let file = world.path(path);
        let mut command = Command::new(program("kea-admin"));
        let output = command.args(["db-init", "sqlite", "-n"]).arg(&file).output().expect("kea-admin starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { server: None, database: json!({"type": "sqlite", "name": file}) }
    }

    /// In a server of its own; none where there is no such server.
    pub(crate) fn in_server(kind: Kind) -> Option<Self> {
        DatabaseServer::start(kind).map(Self::of)
    }

    /// In this server, which runs.
    pub(crate) fn of(server: DatabaseServer) -> Self {
        server.create_whole(NAME);
        let database = server.map(NAME);
        Self { server: Some(server), database }
    }

    pub(crate) fn server(&mut self) -> &mut DatabaseServer {
        self.server.as_mut().expect("it is in a server")
    }

    /// `type` of its configuration.
    pub(crate) fn engine(&self) -> &str {
        self.text("type")
    }

    fn text(&self, keyword: &str) -> &str {
        self.database[keyword].as_str().expect("it is said")
    }

    /// Says something in the database.
    pub(crate) fn say(&self, statement: &str) -> Result<(), String> {
        self.in_connection(async |connection| connection.script(statement).await)
    }

    /// The numbers in a row of the answer to this, or a number in several rows.
    pub(crate) fn numbers(&self, question: &str) -> Vec<Option<i64>> {
        let asked = self.in_connection(async |connection| {
            connection.rows(Statement::new(connection.engine(), question)).await
        });
        let rows = asked.unwrap_or_else(|reason| panic!("{question}: {reason}"));
        rows.iter().flat_map(|row| (0..row.0.len()).map(|at| row.int(at))).collect()
    }

    /// The texts in the first column of the answer to this.
    pub(crate) fn texts(&self, question: &str) -> Vec<String> {
        let asked = self.in_connection(async |connection| {
            connection.rows(Statement::new(connection.engine(), question)).await
        });
        let rows = asked.unwrap_or_else(|reason| panic!("{question}: {reason}"));
        rows.iter().filter_map(|row| row.text(0).map(str::to_owned)).collect()
    }

    /// Does something with a connection to it.
    pub(crate) fn in_connection<T>(
        &self,
        job: impl AsyncFnOnce(&mut Connection) -> Result<T, SqlError>,
    ) -> Result<T, String> {
        let engine = match self.engine() {
            "mysql" => Engine::MySql,
            "postgresql" => Engine::Postgres,
            _ => Engine::Sqlite,
        };
        let word = |keyword: &str| self.database[keyword].as_str().map(str::to_owned);
        let access = Access {
            host: word("host").unwrap_or_default(),
            user: word("user"),
            password: word("password"),
            ..Access::new(engine, self.text("name"))
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let done = runtime.block_on(async { job(&mut Connection::open(&access).await?).await });
        done.map_err(|error| error.to_string())
    }
}

/// Makes tests that run in sandboxes, each of what it does in its world.
#[macro_export]
macro_rules! in_sandboxes {
    ($($(#[$doc:meta])* $name:ident: $body:expr;)+) => {
        $(
            $(#[$doc])*
            #[test]
            fn $name() {
                let path = concat!(module_path!(), "::", stringify!($name));
                let (_, own) = path.split_once("::").expect("a module of this program");
                kotare_tests::world::sandboxed(own, $body);
            }
        )+
    };
}
