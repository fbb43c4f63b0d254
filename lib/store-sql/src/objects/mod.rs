//! Objects of a configuration in a database, each by itself, as commands show and change them: subnets, shared networks,
//! classes, options and their definitions, global parameters, and the servers that they are for.
//!
//! An object is a JSON map as it stands in a configuration; options have `code`, `space`, and `data` that `csv-format`
//! says how to read, so that no definitions are needed here. What is read has `metadata` with the tags of its servers.
//! Every change is one transaction with one revision of the audit; who fetches a configuration sees it whole or not at all.
//!
//! Which keyword stands in which column, and how, is declared in [`config`](crate::config).
//!
//! - `subnets`, `networks`, `classes`, `options`, `definitions`, `globals`, `servers`: what can be done with each.
//! - `prefix`: how prefixes are written, so that each is found however it is named; `name`: names that differ in case.

mod classes;
mod definitions;
mod globals;
mod name;
mod networks;
mod options;
mod pools;
mod prefix;
mod servers;
mod subnets;

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};

use crate::access::Access;
use crate::config::Field;
use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::{SqlError, Trouble};
use crate::link::ANSWER;
use crate::schema;
use crate::statement::Statement;
use crate::value::{Row, Value};

pub use crate::config::{ALL, Protocol};
pub use classes::DependsOn;
pub use options::Place;
pub use subnets::Which;

/// The objects that are meant, by the servers that they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum For {
    /// For one of the servers of these tags, or for all servers.
    Tags(Vec<String>),
    /// For no server.
    Nobody,
    /// Whomever they are for.
    Anybody,
}

/// Connects to a database with a configuration. A file of SQLite that is not there is made. Somebody waits for what is done
/// with it, as with that of a server.
///
/// # Errors
/// Whatever the database says, and when its tables are of no version that can be worked with.
pub async fn connect(access: &Access) -> Result<Connection, SqlError> {
    let mut connection = Connection::open(&access.bounded(ANSWER)).await?;
    schema::make_if_own(&mut connection, access).await?;
    schema::check(&mut connection).await?;
    Ok(connection)
}

/// Why something was not done.
#[derive(Debug)]
pub enum Failed {
    /// The database did not.
    Sql(SqlError),
    /// It makes no sense with what is in the database, or cannot be kept there.
    Wrong(String),
}

impl From<SqlError> for Failed {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql(error) => error.fmt(f),
            Self::Wrong(reason) => f.write_str(reason),
        }
    }
}

/// The configuration of one protocol in a database.
#[derive(Debug)]
pub struct Objects<'a> {
    connection: &'a mut Connection,
    protocol: Protocol,
}

impl<'a> Objects<'a> {
    /// What a database has for this protocol.
    pub fn of(connection: &'a mut Connection, protocol: Protocol) -> Self {
        Self { connection, protocol }
    }

    fn engine(&self) -> Engine {
        self.connection.engine()
    }

    /// A statement, in whose text `#` is the protocol.
    fn statement(&self, text: &str) -> Statement {
        Statement::new(self.engine(), &self.named(text))
    }

    fn named(&self, text: &str) -> String {
        self.protocol.named(text)
    }

    /// The present time of the database.
    fn now(&self) -> &'static str {
        match self.engine() {
            Engine::Sqlite => "CAST(strftime('%s', 'now') AS INTEGER)",
            Engine::MySql | Engine::Postgres => "CURRENT_TIMESTAMP",
        }
    }

    async fn rows(&mut self, statement: Statement) -> Result<Vec<Row>, Failed> {
        Ok(self.connection.rows(statement).await?)
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64, Failed> {
        Ok(self.connection.execute(statement).await?)
    }

    /// The first column of the first row.
    async fn number(&mut self, statement: Statement) -> Result<Option<i64>, Failed> {
        Ok(self.rows(statement).await?.first().and_then(|row| row.int(0)))
    }

    /// Begins one change, of which the audit tells with this message. `whole`: an object with all that lies in it is changed,
    /// and nothing of that is told of by itself.
    async fn begin(&mut self, tags: &[String], message: &str, whole: bool) -> Result<(), Failed> {
        self.connection
            .script(if self.engine() == Engine::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" })
            .await?;
        let tag = if let [tag] = tags { tag } else { ALL };
        match self.revise(tag, message, whole).await {
            Ok(()) => Ok(()),
            Err(error) => self.end(Err(error)).await,
        }
    }

    /// Ends a change: it is made, or nothing has happened.
    async fn end<T>(&mut self, done: Result<T, Failed>) -> Result<T, Failed> {
        match &done {
            Ok(_) => self.connection.script("COMMIT").await?,
            // Of a lost connection the database ends it itself.
            Err(Failed::Sql(error)) if error.trouble == Trouble::Lost => {}
            Err(_) => drop(self.connection.script("ROLLBACK").await),
        }
        done
    }

    /// Begins a revision of the audit.
    async fn revise(&mut self, tag: &str, message: &str, whole: bool) -> Result<(), Failed> {
        match self.engine() {
            Engine::Sqlite => {
                let statement = self
                    .statement("INSERT INTO dhcp#_audit_revision (server_id, log_message) VALUES ((SELECT id FROM dhcp#_server WHERE tag = ")
                    .value(tag)
                    .text("), ")
                    .value(message)
                    .text(")");
                self.execute(statement).await?;
            }
            Engine::MySql => {
                let statement = self.statement("CALL createAuditRevisionDHCP#(CURRENT_TIMESTAMP, ");
                self.execute(
                    statement.value(tag).text(", ").value(message).text(", ").value(whole).text(")"),
                )
                .await?;
            }
            Engine::Postgres => {
                let statement =
                    self.statement("SELECT 1 FROM (SELECT createAuditRevisionDHCP#(CURRENT_TIMESTAMP, ");
                let statement =
                    statement.value(tag).text("::varchar, ").value(message).text(", ").value(whole);
                self.rows(statement.text(")) revision")).await?;
            }
        }
        Ok(())
    }

    /// The numbers of servers.
    ///
    /// # Errors
    /// When there is no server of one of the tags.
    async fn servers_of(&mut self, tags: &[String]) -> Result<Vec<i64>, Failed> {
        let mut numbers = Vec::new();
        for tag in tags {
            let statement = self.statement("SELECT id FROM dhcp#_server WHERE tag = ").value(&**tag);
            let number = self.number(statement).await?;
            numbers.push(number.ok_or_else(|| {
                Failed::Wrong(format!(
                    "unable to find server with tag '{tag}' in the database, it must be set first"
                ))
            })?);
        }
        Ok(numbers)
    }

    /// Makes an object be for these servers and no others.
    async fn assign(
        &mut self,
        table: &str,
        column: &str,
        object: i64,
        tags: &[String],
    ) -> Result<(), Failed> {
        let servers = self.servers_of(tags).await?;
        let statement = self.statement(&format!("DELETE FROM {table} WHERE {column} = ")).value(object);
        self.execute(statement).await?;
        for server in servers {
            let statement = self.inserting(table, &[column, "server_id"]);
            let statement = statement.text(", ").value(object).text(", ").value(server);
            self.execute(statement.text(")")).await?;
        }
        Ok(())
    }

    /// The tags of the servers that objects are for, whose numbers are the first column of these rows.
    async fn tags_of(&mut self, table: &str, column: &str, rows: &[Row]) -> Result<Tags, Failed> {
        let mut statement = self.statement(&format!(
            "SELECT o.{column}, s.tag FROM dhcp#_server s JOIN {table} o ON o.server_id = s.id"
        ));
        // Of many objects one statement asks, whichever they are.
        match rows {
            [] => return Ok(Tags::default()),
            [row] => {
                statement = statement.text(&format!(" WHERE o.{column} = "));
                statement.bind(row.int(0).unwrap_or_default());
            }
            _ => {}
        }
        let mut tags = Tags::default();
        for row in self.rows(statement.text(" ORDER BY s.id")).await? {
            if let (Some(object), Some(tag)) = (row.int(0), row.text(1)) {
                tags.0.entry(object).or_default().push(tag.to_owned());
            }
        }
        Ok(tags)
    }

    /// Of the objects of a table that are meant these keywords alone, and whom they are for: for long lists.
    async fn brief(
        &mut self,
        (table, key): (&str, &str),
        (servers_table, column): (&str, &str),
        fields: &[Field],
        servers: &For,
    ) -> Result<Vec<Map<String, Json>>, Failed> {
        let mut statement = self.select(table, key, fields);
        self.only(&mut statement, servers, key, servers_table, column);
        let rows = self.rows(statement.text(&format!(" ORDER BY o.{key}"))).await?;
        let tags = self.tags_of(servers_table, column, &rows).await?;
        let maps = rows.iter().map(|row| {
            let (number, mut map) = map_of(row, fields);
            with_tags(&mut map, tags.of(number));
            map
        });
        Ok(maps.collect())
    }

    /// Adds ` WHERE …` of the objects that are meant, from a table `o` with this key.
    fn only(&self, statement: &mut Statement, objects: &For, key: &str, table: &str, column: &str) {
        match objects {
            For::Anybody => statement.push(" WHERE 1 = 1"),
            For::Nobody => {
                statement.push(&self.named(&format!(
                    " WHERE NOT EXISTS (SELECT 1 FROM {table} a WHERE a.{column} = o.{key})"
                )))
            }
            // Counted, as MariaDB 10.11 gives a row twice that EXISTS finds two of.
            For::Tags(tags) => {
                statement.push(&self.named(&format!(
                    " WHERE 0 < (SELECT count(*) FROM {table} a JOIN dhcp#_server s ON s.id = a.server_id \
                     WHERE a.{column} = o.{key} AND s.tag IN ('all'"
                )));
                for tag in tags {
                    statement.push(", ");
                    statement.bind(&**tag);
                }
                statement.push("))");
            }
        }
    }

    /// Adds a row with the fields of a map and what else there is; the number that it got in the column `key`.
    async fn insert(
        &mut self,
        table: &str,
        key: &str,
        fields: &[Field],
        map: &Map<String, Json>,
        more: &[(&str, Value)],
    ) -> Result<i64, Failed> {
        let engine = self.engine();
        let columns: Vec<_> = fields
            .iter()
            .map(|field| field.quoted(engine))
            .chain(more.iter().map(|(name, _)| (*name).to_owned()))
            .collect();
        let columns: Vec<_> = columns.iter().map(String::as_str).collect();
        let mut statement = self.inserting(table, &columns);
        for field in fields {
            statement.push(", ");
            field.bind(&mut statement, map).map_err(Failed::Wrong)?;
        }
        for (_, value) in more {
            statement.push(", ");
            statement.bind(value.clone());
        }
        statement.push(")");
        self.added(statement, key).await
    }

    /// Begins a statement that adds a row changed now, each value of these columns behind a `, `. The time is said because
    /// databases that Kea made have no default for it.
    fn inserting(&self, table: &str, columns: &[&str]) -> Statement {
        let (columns, now) = (columns.join(", "), self.now());
        self.statement(&format!("INSERT INTO {table} (modification_ts, {columns}) VALUES ({now}"))
    }

    /// Adds a row; the number that it got in the column `key`.
    async fn added(&mut self, statement: Statement, key: &str) -> Result<i64, Failed> {
        let last = match self.engine() {
            Engine::Postgres => {
                let number = self.number(statement.text(&format!(" RETURNING {key}"))).await?;
                return number.ok_or_else(|| Failed::Wrong("no row was added".to_owned()));
            }
            Engine::MySql => "SELECT LAST_INSERT_ID()",
            Engine::Sqlite => "SELECT last_insert_rowid()",
        };
        self.execute(statement).await?;
        let number = self.number(self.statement(last)).await?;
        number.ok_or_else(|| Failed::Wrong("no row was added".to_owned()))
    }

    /// Writes the fields of a map into the row with this key.
    async fn update(
        &mut self,
        table: &str,
        key: &str,
        number: i64,
        fields: &[Field],
        map: &Map<String, Json>,
    ) -> Result<(), Failed> {
        let mut statement = self.statement(&format!("UPDATE {table} SET modification_ts = {}", self.now()));
        for field in fields {
            statement.push(&format!(", {} = ", field.quoted(self.engine())));
            field.bind(&mut statement, map).map_err(Failed::Wrong)?;
        }
        self.execute(statement.text(&format!(" WHERE {key} = ")).value(number)).await?;
        Ok(())
    }

    /// `SELECT` of a key and the fields of a table `o`.
    fn select(&self, table: &str, key: &str, fields: &[Field]) -> Statement {
        let columns: Vec<_> = fields.iter().map(|field| field.read_as(self.engine())).collect();
        self.statement(&format!("SELECT o.{key}, {} FROM {table} o", columns.join(", ")))
    }

    async fn delete(&mut self, table: &str, column: &str, number: i64) -> Result<u64, Failed> {
        self.execute(self.statement(&format!("DELETE FROM {table} WHERE {column} = ")).value(number)).await
    }
}

/// The tags of the servers that objects are for, in order, by the numbers of the objects.
#[derive(Debug, Default)]
struct Tags(HashMap<i64, Vec<String>>);

impl Tags {
    fn of(&self, object: i64) -> &[String] {
        self.0.get(&object).map_or(&[], Vec::as_slice)
    }
}

/// A change under way.
async fn doing<T>(change: impl Future<Output = Result<T, Failed>> + Send) -> Result<T, Failed> {
    change.await
}

/// What a row of a [`Objects::select`] says: its key, and a map.
fn map_of(row: &Row, fields: &[Field]) -> (i64, Map<String, Json>) {
    let mut map = Map::new();
    for (at, field) in fields.iter().enumerate() {
        // What makes no sense is shown as if it were not there.
        if let Ok(Some(json)) = field.json(row, at + 1) {
            map.insert(field.keyword.to_owned(), json);
        }
    }
    (row.int(0).unwrap_or_default(), map)
}

/// Adds for whom an object is; `null` for nobody.
fn with_tags(map: &mut Map<String, Json>, tags: &[String]) {
    let tags = if tags.is_empty() { json!([null]) } else { json!(tags) };
    map.insert("metadata".to_owned(), json!({"server-tags": tags}));
}

/// That a map has nothing that cannot be kept.
fn only_kept(map: &Map<String, Json>, fields: &[Field], lists: &[&str]) -> Result<(), Failed> {
    let keeps = |keyword: &str| {
        keyword == "metadata"
            || lists.contains(&keyword)
            || fields.iter().any(|field| field.keyword == keyword)
    };
    match map.keys().find(|keyword| !keeps(keyword)) {
        Some(keyword) => {
            Err(Failed::Wrong(format!("'{keyword}' cannot be kept in a configuration database")))
        }
        None => Ok(()),
    }
}

/// A list of maps under a keyword.
fn maps<'m>(
    map: &'m Map<String, Json>,
    keyword: &str,
) -> impl Iterator<Item = &'m Map<String, Json>> + use<'m> {
    map.get(keyword).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object)
}

fn text<'m>(map: &'m Map<String, Json>, keyword: &str) -> Result<&'m str, Failed> {
    let text = map.get(keyword).and_then(Json::as_str);
    text.ok_or_else(|| Failed::Wrong(format!("'{keyword}' is missing, or is no string")))
}

fn number(map: &Map<String, Json>, keyword: &str) -> Result<i64, Failed> {
    let number = map.get(keyword).and_then(Json::as_i64);
    number.ok_or_else(|| Failed::Wrong(format!("'{keyword}' is missing, or is no integer")))
}
