//! Values come back from each engine as they were put there.

use kotare_store_sql::{Engine, Kind, Row, Statement, Trouble, Value};
use kotare_tests::database::DatabaseServer;

use crate::for_each_engine;
use crate::world::{self, Database};

for_each_engine! {
    /// Numbers, bytes, text with quotes and beyond ASCII, times, and nothing of each kind.
    values_come_back,
    /// What a database refuses is told from a lost connection, and the connection goes on.
    errors_are_told_apart,
}

const TIME: i64 = 1_700_000_000;

async fn values_come_back(database: Database) {
    let mut connection = database.connect().await;
    let engine = connection.engine();
    let (bytes, time) = match engine {
        kotare_store_sql::Engine::Postgres => ("BYTEA", "TIMESTAMP WITH TIME ZONE"),
        kotare_store_sql::Engine::MySql => ("VARBINARY(300)", "TIMESTAMP NULL"),
        kotare_store_sql::Engine::Sqlite => ("BLOB", "INTEGER"),
    };
    let table = format!(
        "CREATE TABLE t (a BIGINT, b {bytes}, c VARCHAR(255), d BOOLEAN, e {time}, f SMALLINT, g {bytes}, h VARCHAR(9))"
    );
    connection.script(&table).await.unwrap();
    let text = "it's \"Größe\" \\ % \u{1f980}";
    let every: Vec<u8> = (0..=255).collect();
    let insert = Statement::new(engine, "INSERT INTO t VALUES (")
        .value(4_294_967_295_i64)
        .text(", ")
        .value(&every[..])
        .text(", ")
        .value(text)
        .text(", ")
        .value(true)
        .text(", ")
        .time(TIME)
        .text(", ")
        .value(-3_i64)
        .text(", ")
        .value(Value::Null(Kind::Bytes))
        .text(", ")
        .value(Value::Null(Kind::Text))
        .text(")");
    assert_eq!(connection.execute(insert).await.unwrap(), 1);
    let all = format!("SELECT a, b, c, d, {}, f, g, h FROM t WHERE e = ", engine.seconds("e"));
    let rows = connection.rows(Statement::new(engine, &all).time(TIME)).await.unwrap();
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(row.int(0), Some(4_294_967_295));
    assert_eq!(row.bytes(1), Some(&every[..]));
    assert_eq!(row.text(2), Some(text));
    assert_eq!(row.bool(3), Some(true));
    assert_eq!(row.int(4), Some(TIME));
    assert_eq!(row.number::<i8>(5), Some(-3));
    assert!(row.is_null(6) && row.is_null(7));
    assert_eq!(Row(Vec::new()).int(0), None);
}

async fn errors_are_told_apart(database: Database) {
    let mut connection = database.connect().await;
    let engine = connection.engine();
    connection.script("CREATE TABLE t (a BIGINT PRIMARY KEY)").await.unwrap();
    let missing = connection.rows(Statement::new(engine, "SELECT * FROM nothing")).await.unwrap_err();
    assert_eq!(missing.trouble, Trouble::Refused, "{missing}");
    let insert = || Statement::new(engine, "INSERT INTO t VALUES (").value(1_i64).text(")");
    assert_eq!(connection.execute(insert()).await.unwrap(), 1);
    let twice = connection.execute(insert()).await.unwrap_err();
    assert_eq!(twice.trouble, Trouble::Refused, "{twice}");
    assert_eq!(connection.rows(Statement::new(engine, "SELECT a FROM t")).await.unwrap().len(), 1);
}

/// What a column has no room for is refused, and not cut, also where the server of MySQL would by default.
#[test]
fn nothing_is_cut() {
    let Some(server) = DatabaseServer::start(kotare_tests::database::Kind::MariaDb) else { return };
    server.administer("mysql", "SET GLOBAL sql_mode = ''");
    server.create("kea");
    let database = world::accessed(&server, Engine::MySql, "kea".into());
    world::run(async {
        let mut connection = database.connect().await;
        connection.script("CREATE TABLE t (a VARCHAR(3), b TINYINT)").await.expect("a table");
        for values in ["'four', 1", "'one', 1000"] {
            let insert = format!("INSERT INTO t VALUES ({values})");
            let error = connection.script(&insert).await.expect_err(values);
            assert_eq!(error.trouble, Trouble::Refused, "{error}");
        }
        let rows = connection.rows(Statement::new(Engine::MySql, "SELECT a FROM t")).await.expect("rows");
        assert!(rows.is_empty(), "{rows:?}");
    });
}
