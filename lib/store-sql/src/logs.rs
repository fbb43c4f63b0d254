//! Lines of the legal log in the table `logs`.
//!
//! Each row has the time at which something happened, not that at which it was written: lines may have waited for the
//! database.

use tokio::sync::{oneshot, watch};

use crate::access::Access;
use crate::column::{columns_of, require};
use crate::connection::Connection;
use crate::engine::Engine;
use crate::error::{SqlError, Trouble};
use crate::link::{Link, Reach, Retry, Work};
use crate::schema;
use crate::statement::Statement;
use crate::value::Value;

const TABLE: &str = "logs";
const COLUMNS: [&str; 3] = ["timestamp", "address", "log"];

/// As many rows go into one statement at most.
const ROWS: usize = 256;
/// As many bytes of text as go into one statement, but for a single row.
const BYTES: usize = 256 << 10;
/// As many bytes of text as the column of MySQL has.
const LONGEST: usize = 65_535;
/// As many characters as the column of addresses has.
const ADDRESS: usize = 43;

/// A row of `logs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    at: i64,
    address: Option<String>,
    text: String,
}

/// What became of rows that the database answered about.
#[derive(Debug, Default)]
pub struct Logged {
    /// How many it refused.
    pub refused: u64,
    /// Why it refused the last of them.
    pub reason: Option<String>,
}

/// The table `logs` of a database.
#[derive(Debug)]
pub struct SqlLog {
    link: Link<Writer>,
}

/// What is done with the connection.
#[derive(Debug)]
struct Writer(Engine);

#[derive(Debug)]
struct Ask {
    rows: Vec<LogRow>,
    waiting: oneshot::Sender<Result<Logged, SqlError>>,
}

impl LogRow {
    /// What happened at a second since 1970, to an address or a prefix. What no column can have of it is replaced: what is
    /// no UTF-8, zero bytes, and what is beyond its length.
    pub fn new(at: i64, address: Option<&str>, text: &[u8]) -> Self {
        let mut text = String::from_utf8_lossy(text).replace('\0', "\u{fffd}");
        text.truncate(text.floor_char_boundary(LONGEST));
        Self { at, address: address.map(|address| address.chars().take(ADDRESS).collect()), text }
    }

    /// The same in ASCII, which a table in any character set can have.
    fn plain(&self) -> Self {
        let mut text = String::with_capacity(self.text.len());
        for char in self.text.chars() {
            match char.is_ascii() {
                true => text.push(char),
                false => text.extend(char.escape_default()),
            }
        }
        text.truncate(LONGEST);
        Self { text, ..self.clone() }
    }
}

impl SqlLog {
    /// Connects to a database that has Kea's tables (in a file of SQLite they are made), and stays connected to it in a task of
    /// this runtime.
    ///
    /// # Errors
    /// When the database cannot be reached, does not let us in, or has no such table.
    pub async fn open(access: Access, retry: Retry) -> Result<Self, SqlError> {
        let mut first = Link::<Writer>::first(&access).await?;
        if !access.readonly {
            schema::make_if_own(&mut first, &access).await?;
        }
        schema::check(&mut first).await?;
        check(&mut first).await?;
        let writer = Writer(access.engine);
        Ok(Self { link: Link::new(first, access, retry, 1, writer) })
    }

    /// The same of a database that was not there just now, for this reason: it is looked for from now on.
    pub fn later(reason: String, access: Access, retry: Retry) -> Self {
        let writer = Writer(access.engine);
        Self { link: Link::later(reason, access, retry, 1, writer) }
    }

    /// How the database can be reached, now and whenever that changes.
    pub fn reach(&self) -> watch::Receiver<Reach> {
        self.link.reach()
    }

    /// How many of these rows are written together: as many of the first as are good for one statement.
    pub fn together(rows: &[LogRow]) -> usize {
        let mut bytes = 0;
        let fit = rows.iter().take(ROWS).take_while(|row| {
            bytes += row.text.len();
            bytes <= BYTES
        });
        // There are few different lengths: a database prepares each statement that it has not met.
        let fit = fit.count().max(1).min(rows.len());
        if fit == 0 { 0 } else { 1 << fit.ilog2() }
    }

    /// Adds rows, all of them or, after an error, none that anybody knows of: if the connection is lost before the answer, they
    /// may be there. The answer is waited for by whoever has it.
    pub fn add(&self, rows: Vec<LogRow>) -> oneshot::Receiver<Result<Logged, SqlError>> {
        let (waiting, answer) = oneshot::channel();
        self.link.ask(Ask { rows, waiting });
        answer
    }
}

impl Work for Writer {
    type Ask = Ask;

    async fn run(&self, connection: &mut Connection, asks: Vec<Ask>) -> Result<(), SqlError> {
        let mut lost: Option<SqlError> = None;
        for ask in asks {
            if let Some(error) = &lost {
                Self::fail(ask, error);
                continue;
            }
            let outcome = self.add(connection, &ask.rows).await;
            if let Err(error) = &outcome
                && error.trouble == Trouble::Lost
            {
                lost = Some(error.again());
            }
            drop(ask.waiting.send(outcome));
        }
        lost.map_or(Ok(()), Err)
    }

    fn fail(ask: Ask, error: &SqlError) {
        drop(ask.waiting.send(Err(error.again())));
    }

    async fn suits(&self, connection: &mut Connection) -> Result<(), SqlError> {
        schema::check(connection).await?;
        check(connection).await
    }
}

impl Writer {
    async fn add(&self, connection: &mut Connection, rows: &[LogRow]) -> Result<Logged, SqlError> {
        match connection.execute(self.insert(rows)).await {
            Err(error) if error.trouble == Trouble::Refused => {}
            outcome => return outcome.map(|_| Logged::default()),
        }
        // The others shall not be missing because of one.
        let mut logged = Logged::default();
        for row in rows {
            let mut outcome = connection.execute(self.insert(std::slice::from_ref(row))).await;
            if matches!(&outcome, Err(error) if error.trouble == Trouble::Refused) && !row.text.is_ascii() {
                outcome = connection.execute(self.insert(&[row.plain()])).await;
            }
            match outcome {
                Ok(_) => {}
                Err(error) if error.trouble == Trouble::Refused => {
                    logged.refused += 1;
                    logged.reason = Some(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(logged)
    }

    fn insert(&self, rows: &[LogRow]) -> Statement {
        let mut statement =
            Statement::new(self.0, &format!("INSERT INTO {TABLE} ({}) VALUES ", COLUMNS.join(", ")));
        statement.list(rows, |statement, row| {
            statement.push("(");
            // MySQL has no second 0.
            statement.bind_time(self.0.at_most(row.at.max(1)));
            statement.push(", ");
            statement.bind(Value::text(row.address.as_deref()));
            statement.push(", ");
            statement.bind(&*row.text);
            statement.push(")");
        });
        statement
    }
}

/// Looks whether the table is there.
async fn check(connection: &mut Connection) -> Result<(), SqlError> {
    require(TABLE, &columns_of(connection, TABLE).await?, COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> LogRow {
        LogRow::new(0, None, text.as_bytes())
    }

    /// As many as make a power of two, of which the texts are not too long together.
    #[test]
    fn rows_go_together() {
        assert_eq!(SqlLog::together(&[]), 0);
        for (count, together) in [(1, 1), (2, 2), (3, 2), (255, 128), (5000, 256)] {
            assert_eq!(SqlLog::together(&vec![row("x"); count]), together);
        }
        let long = row(&"x".repeat(60_000));
        assert_eq!(SqlLog::together(&vec![long.clone(); 7]), 4);
    }

    /// What no column has is replaced.
    #[test]
    fn texts_are_fitted() {
        let row = LogRow::new(7, Some(&"1".repeat(50)), b"a\0b\xff\xc3\xbc");
        assert_eq!(
            (row.text.as_str(), row.address.as_deref()),
            ("a\u{fffd}b\u{fffd}\u{fc}", Some("1".repeat(43).as_str()))
        );
        assert_eq!(row.plain().text, "a\\u{fffd}b\\u{fffd}\\u{fc}");
        let row = self::row(&format!("x{}", "\u{fc}".repeat(40_000)));
        assert_eq!(row.text.len(), 65_535);
        assert_eq!(self::row(&"\u{fc}".repeat(40_000)).text.len(), 65_534);
    }
}
