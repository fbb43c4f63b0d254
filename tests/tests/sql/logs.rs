//! The legal log in the table `logs`.

use std::time::Duration;

use kotare_store_sql::schema::{self, Schema};
use kotare_store_sql::{Engine, LogRow, Row, SqlLog, Statement};

use crate::for_each_engine;
use crate::leases::RETRY;
use crate::world::{self, Database};

for_each_engine! {
    /// Rows have the time at which something happened, and the text, whatever it is.
    rows_are_added,
    /// A row that the database refuses does not take the others with it.
    a_refused_row_is_missing_alone,
    /// Without its table there is no log.
    a_missing_table_is_told,
}

async fn with_tables(database: &Database) {
    let mut connection = database.connect().await;
    for step in Schema::of(&mut connection).await.expect("a look").steps() {
        schema::take(&mut connection, &step, |_| ()).await.expect("a step");
    }
}

async fn opened(database: &Database) -> SqlLog {
    SqlLog::open(database.access.clone(), RETRY).await.expect("a log")
}

async fn rows(database: &Database) -> Vec<Row> {
    let mut connection = database.connect().await;
    let engine = connection.engine();
    let order = if engine == Engine::Postgres { "ctid" } else { "id" };
    let select = format!("SELECT {}, address, log FROM logs ORDER BY {order}", engine.seconds("timestamp"));
    connection.rows(Statement::new(engine, &select)).await.expect("rows")
}

const NASTY: &[u8] = b"o'neil\"s\\ `ls` -- ; drop table logs %s ?1 $1\n\xff\xfe \0 \xf0\x9f\xa6\x86 \xc3\xa4";

async fn rows_are_added(database: Database) {
    with_tables(&database).await;
    let log = opened(&database).await;
    let mut all = vec![
        LogRow::new(1_700_000_000, Some("192.0.2.7"), b"one"),
        LogRow::new(1_700_000_001, Some("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128"), NASTY),
        LogRow::new(1_700_000_001, None, &b"\xc3\xa4".repeat(50_000)),
    ];
    all.extend((1..601).map(|number| LogRow::new(number, None, number.to_string().as_bytes())));
    let mut rest = &all[..];
    while !rest.is_empty() {
        let (together, later) = rest.split_at(SqlLog::together(rest));
        let logged = log.add(together.to_vec()).await.expect("an answer").expect("rows are added");
        assert_eq!((logged.refused, logged.reason), (0, None));
        rest = later;
    }
    let rows = rows(&database).await;
    assert_eq!(rows.len(), all.len());
    assert_eq!(
        (rows[0].int(0), rows[0].text(1), rows[0].text(2)),
        (Some(1_700_000_000), Some("192.0.2.7"), Some("one"))
    );
    assert_eq!(rows[1].text(1), Some("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128"));
    let nasty = "o'neil\"s\\ `ls` -- ; drop table logs %s ?1 $1\n\u{fffd}\u{fffd} \u{fffd} \u{1f986} \u{e4}";
    assert_eq!(rows[1].text(2), Some(nasty));
    assert!(rows[2].is_null(1) && rows[2].text(2).is_some_and(|text| text.len() == 65_534));
    assert!(
        rows[3..]
            .iter()
            .zip(1..)
            .all(|(row, number)| row.text(2) == Some(&number.to_string()) && row.int(0) == Some(number))
    );
}

async fn a_refused_row_is_missing_alone(database: Database) {
    with_tables(&database).await;
    let mut connection = database.connect().await;
    // A table that somebody made narrower, and in another character set.
    let narrow = match database.access.engine {
        Engine::Sqlite => return,
        Engine::MySql => "ALTER TABLE logs MODIFY log VARCHAR(20) CHARACTER SET latin1 NOT NULL",
        Engine::Postgres => "ALTER TABLE logs ALTER COLUMN log TYPE VARCHAR(20)",
    };
    connection.script(narrow).await.expect("another column");
    let log = opened(&database).await;
    let texts = ["one", "a text of more than twenty", "duck \u{1f986}"];
    let added = log.add(texts.map(|text| LogRow::new(7, None, text.as_bytes())).to_vec());
    let logged = added.await.expect("an answer").expect("some are added");
    assert!(logged.refused == 1 && logged.reason.is_some(), "{logged:?}");
    let rows = rows(&database).await;
    let duck = if database.access.engine == Engine::MySql { "duck \\u{1f986}" } else { texts[2] };
    assert_eq!(rows.iter().filter_map(|row| row.text(2)).collect::<Vec<_>>(), ["one", duck]);
}

async fn a_missing_table_is_told(database: Database) {
    with_tables(&database).await;
    let mut connection = database.connect().await;
    connection.script("DROP TABLE logs").await.expect("no table");
    let opened = SqlLog::open(database.access.clone(), RETRY).await;
    // A file is the server's own, which makes what is missing of it.
    if database.access.engine == Engine::Sqlite {
        return drop(opened.expect("a log"));
    }
    let error = opened.expect_err("no log").to_string();
    assert!(error.contains("there is no table logs"), "{error}");
}

/// The database of Debian's Kea 2.2 has the table.
fn of_kea_2_2(engine: Engine) {
    world::run(async {
        let Some(database) = world::of_kea_2_2(engine) else { return };
        let log = opened(&database).await;
        let row = LogRow::new(1_700_000_000, Some("192.0.2.7"), b"one");
        let added = tokio::time::timeout(Duration::from_secs(60), log.add(vec![row])).await;
        added.expect("in time").expect("an answer").expect("a row");
        let mut connection = database.connect().await;
        let select = Statement::new(engine, "SELECT address, log FROM logs");
        let rows = connection.rows(select).await.expect("rows");
        assert_eq!((rows[0].text(0), rows[0].text(1)), (Some("192.0.2.7"), Some("one")));
    });
}

#[test]
fn the_table_of_kea_2_2_is_written_mysql() {
    of_kea_2_2(Engine::MySql);
}

#[test]
fn the_table_of_kea_2_2_is_written_postgresql() {
    of_kea_2_2(Engine::Postgres);
}
