//! A database of each engine.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use kotare_store_sql::{Access, Connection, Engine};
use kotare_tests::database::{DatabaseServer, Kind, PASSWORD, USER};
use kotare_tests::world::partner_file;
use tempfile::TempDir;

static MARIADB: LazyLock<Option<DatabaseServer>> = LazyLock::new(|| DatabaseServer::start(Kind::MariaDb));
static POSTGRES: LazyLock<Option<DatabaseServer>> = LazyLock::new(|| DatabaseServer::start(Kind::Postgres));
/// Databases made so far: each test has its own.
static MADE: AtomicUsize = AtomicUsize::new(0);

/// An empty database of a test's own.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) access: Access,
    _folder: Option<TempDir>,
}

impl Database {
    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(&self.access).await.expect("a connection")
    }
}

/// An empty database; none where its server is not installed.
pub(crate) fn database(engine: Engine) -> Option<Database> {
    let name = format!("kea{}", MADE.fetch_add(1, Relaxed));
    let server = match engine {
        Engine::Sqlite => {
            let folder = TempDir::new().expect("a temporary folder");
            let file = folder.path().join("kea.sqlite");
            let access = Access::new(engine, file.to_str().expect("UTF-8"));
            return Some(Database { access, _folder: Some(folder) });
        }
        Engine::MySql => MARIADB.as_ref()?,
        Engine::Postgres => POSTGRES.as_ref()?,
    };
    server.create(&name);
    Some(accessed(server, engine, name))
}

/// A database that Debian's Kea 2.2 initialized, which the administrator owns; none where that is not there.
pub(crate) fn of_kea_2_2(engine: Engine) -> Option<Database> {
    let (server, read, user) = match engine {
        Engine::MySql => (MARIADB.as_ref()?, "source", USER),
        _ => (POSTGRES.as_ref()?, "\\i", "postgres"),
    };
    let kind = if engine == Engine::MySql { "mysql" } else { "pgsql" };
    let script = partner_file(&format!("usr/share/kea/scripts/{kind}/dhcpdb_create.{kind}"))?;
    let mut database = database(engine)?;
    server.administer(&database.access.name, &format!("{read} {}", script.display()));
    database.access.user = Some(user.into());
    Some(database)
}

/// Runs a test in a runtime of its own.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(test);
}

/// Runs a test with an empty database.
pub(crate) fn with(engine: Engine, test: impl AsyncFnOnce(Database)) {
    let Some(database) = database(engine) else { return };
    run(test(database));
}

/// The same test for each engine.
#[macro_export]
macro_rules! for_each_engine {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $(
            mod $name {
                use kotare_store_sql::Engine;

                $(#[$doc])*
                #[test]
                fn sqlite() {
                    $crate::world::with(Engine::Sqlite, super::$name);
                }

                $(#[$doc])*
                #[test]
                fn mysql() {
                    $crate::world::with(Engine::MySql, super::$name);
                }

                $(#[$doc])*
                #[test]
                fn postgresql() {
                    $crate::world::with(Engine::Postgres, super::$name);
                }
            }
        )+
    };
}

/// How a database of a server is reached.
pub(crate) fn accessed(server: &DatabaseServer, engine: Engine, name: String) -> Database {
    let access = Access {
        host: server.host().to_str().expect("UTF-8").to_owned(),
        user: Some(USER.into()),
        password: Some(PASSWORD.into()),
        ..Access::new(engine, name)
    };
    Database { access, _folder: None }
}
