//! What the log tells of the connection to a database, in the words of the library that manages it in Kea.

use std::fmt::{self, Display};
use std::time::Duration;

use kotare_store_sql::Engine;
use kotare_store_sql::config::Protocol;

use super::messages::*;

/// What manages the connection to a database: which library, and what for. It displays as what it is for.
///
/// Kea has no SQLite: nothing is told of what is kept there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manager {
    /// What the database is.
    pub engine: Engine,
    /// What is kept there.
    pub keeps: Keeps,
}

/// What is kept in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Leases.
    Leases,
    /// Reservations.
    Hosts,
    /// What is configured for servers of a protocol.
    Configuration(Protocol),
    /// The legal log.
    LegalLog,
}

/// What is said of tries to connect again.
struct Words {
    failed: fn(&dyn Display),
    /// Which of how many is next, and in how many milliseconds.
    scheduled: fn(u32, u32, u128),
    exhausted: fn(u32),
}

/// Those with these messages.
macro_rules! words {
    ($failed:ident, $scheduled:ident, $exhausted:ident) => {
        Words {
            failed: |reason| $failed(reason),
            scheduled: |next, most, wait| $scheduled(next, most, wait),
            exhausted: |most| $exhausted(most),
        }
    };
}

impl Keeps {
    /// Who manages it in a database of this engine.
    pub fn in_a(self, engine: Engine) -> Manager {
        Manager { engine, keeps: self }
    }
}

impl Manager {
    /// The database is about to be opened, for which this was `given`. Of that of a configuration others tell, whatever it is.
    pub fn opens(self, given: &dyn Display) {
        match (self.engine, self.keeps) {
            (Engine::MySql, Keeps::Leases) => MYSQL_LB_DB(given),
            (Engine::MySql, Keeps::Hosts) => MYSQL_HB_DB(given),
            (Engine::MySql, Keeps::LegalLog) => MYSQL_FB_DB(given),
            (Engine::Postgres, Keeps::Leases) => PGSQL_LB_DB(given),
            (Engine::Postgres, Keeps::Hosts) => PGSQL_HB_DB(given),
            (Engine::Postgres, Keeps::LegalLog) => PGSQL_FB_DB(given),
            (Engine::MySql | Engine::Postgres, Keeps::Configuration(_)) | (Engine::Sqlite, _) => {}
        }
    }

    /// It is open, and nothing is written there. Of other databases than those of reservations Kea does not say so.
    pub fn opened_readonly(self) {
        match (self.engine, self.keeps) {
            (Engine::MySql, Keeps::Hosts) => MYSQL_HB_DB_READONLY(),
            (Engine::Postgres, Keeps::Hosts) => PGSQL_HB_DB_READONLY(),
            _ => {}
        }
    }

    /// A try to connect again failed.
    pub fn try_failed(self, reason: &dyn Display) {
        if let Some(words) = self.words() {
            (words.failed)(reason);
        }
    }

    /// The `next` of `most` tries is made after this wait.
    pub fn tries_again(self, next: u32, most: u32, wait: Duration) {
        if let Some(words) = self.words() {
            (words.scheduled)(next, most, wait.as_millis());
        }
    }

    /// That was the last of so many tries.
    pub fn tried_enough(self, most: u32) {
        if let Some(words) = self.words() {
            (words.exhausted)(most);
        }
    }

    fn words(self) -> Option<Words> {
        use Keeps::{Configuration, Hosts, Leases, LegalLog};
        Some(match (self.engine, self.keeps) {
            (Engine::MySql, Leases) => words!(
                MYSQL_LB_DB_RECONNECT_ATTEMPT_FAILED,
                MYSQL_LB_DB_RECONNECT_ATTEMPT_SCHEDULE,
                MYSQL_LB_DB_RECONNECT_FAILED
            ),
            (Engine::MySql, Hosts) => words!(
                MYSQL_HB_DB_RECONNECT_ATTEMPT_FAILED,
                MYSQL_HB_DB_RECONNECT_ATTEMPT_SCHEDULE,
                MYSQL_HB_DB_RECONNECT_FAILED
            ),
            (Engine::MySql, Configuration(Protocol::V4)) => words!(
                MYSQL_CB_RECONNECT_ATTEMPT_FAILED4,
                MYSQL_CB_RECONNECT_ATTEMPT_SCHEDULE4,
                MYSQL_CB_RECONNECT_FAILED4
            ),
            (Engine::MySql, Configuration(Protocol::V6)) => words!(
                MYSQL_CB_RECONNECT_ATTEMPT_FAILED6,
                MYSQL_CB_RECONNECT_ATTEMPT_SCHEDULE6,
                MYSQL_CB_RECONNECT_FAILED6
            ),
            (Engine::MySql, LegalLog) => words!(
                LEGAL_LOG_MYSQL_DB_RECONNECT_ATTEMPT_FAILED,
                LEGAL_LOG_MYSQL_DB_RECONNECT_ATTEMPT_SCHEDULE,
                LEGAL_LOG_MYSQL_DB_RECONNECT_FAILED
            ),
            (Engine::Postgres, Leases) => words!(
                PGSQL_LB_DB_RECONNECT_ATTEMPT_FAILED,
                PGSQL_LB_DB_RECONNECT_ATTEMPT_SCHEDULE,
                PGSQL_LB_DB_RECONNECT_FAILED
            ),
            (Engine::Postgres, Hosts) => words!(
                PGSQL_HB_DB_RECONNECT_ATTEMPT_FAILED,
                PGSQL_HB_DB_RECONNECT_ATTEMPT_SCHEDULE,
                PGSQL_HB_DB_RECONNECT_FAILED
            ),
            (Engine::Postgres, Configuration(Protocol::V4)) => words!(
                PGSQL_CB_RECONNECT_ATTEMPT_FAILED4,
                PGSQL_CB_RECONNECT_ATTEMPT_SCHEDULE4,
                PGSQL_CB_RECONNECT_FAILED4
            ),
            (Engine::Postgres, Configuration(Protocol::V6)) => words!(
                PGSQL_CB_RECONNECT_ATTEMPT_FAILED6,
                PGSQL_CB_RECONNECT_ATTEMPT_SCHEDULE6,
                PGSQL_CB_RECONNECT_FAILED6
            ),
            (Engine::Postgres, LegalLog) => words!(
                LEGAL_LOG_PGSQL_DB_RECONNECT_ATTEMPT_FAILED,
                LEGAL_LOG_PGSQL_DB_RECONNECT_ATTEMPT_SCHEDULE,
                LEGAL_LOG_PGSQL_DB_RECONNECT_FAILED
            ),
            (Engine::Sqlite, _) => return None,
        })
    }
}

impl Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.keeps {
            Keeps::Leases => "lease database",
            Keeps::Hosts => "hosts database",
            Keeps::Configuration(_) => "config database",
            Keeps::LegalLog => "legal log database",
        })
    }
}

#[cfg(test)]
mod tests {
    use kotare_testkit::{Logged, logged};

    use super::*;

    const ENGINES: [Engine; 3] = [Engine::Sqlite, Engine::MySql, Engine::Postgres];
    const KEPT: [Keeps; 5] = [
        Keeps::Leases,
        Keeps::Hosts,
        Keeps::Configuration(Protocol::V4),
        Keeps::Configuration(Protocol::V6),
        Keeps::LegalLog,
    ];

    /// Each database has a message of its own for each moment, whose logger is that of its library; SQLite has none.
    #[test]
    fn each_library_has_its_words() {
        for (engine, library) in ENGINES.into_iter().zip(["", "mysql", "pgsql"]) {
            for keeps in KEPT {
                let manager = keeps.in_a(engine);
                let ((), told) = logged(|| {
                    manager.opens(&"name=kea");
                    manager.opened_readonly();
                    manager.try_failed(&"refused");
                    manager.tries_again(2, 5, Duration::from_secs(3));
                    manager.tried_enough(5);
                });
                let (number, logger) = match keeps {
                    _ if engine == Engine::Sqlite => (0, ""),
                    Keeps::Leases => (4, "lb"),
                    Keeps::Hosts => (5, "hb"),
                    Keeps::Configuration(_) => (3, "cb"),
                    Keeps::LegalLog => (4, "fb"),
                };
                assert_eq!(told.len(), number, "{manager:?}: {told:?}");
                let logger = format!("{library}-{logger}-hooks");
                let of_kept = |line: &Logged| match keeps {
                    Keeps::Configuration(Protocol::V4) => line.id.ends_with('4'),
                    Keeps::Configuration(Protocol::V6) => line.id.ends_with('6'),
                    _ => true,
                };
                for line in &told {
                    let row = MESSAGES.iter().find(|row| row.id == line.id).expect("a row");
                    assert!(row.logger == logger && of_kept(line), "{manager:?}: {line:?}");
                }
                let texts: Vec<_> = told.iter().rev().take(3).map(|line| &*line.text).collect();
                let last = [
                    "maximum number of database reconnect attempts: 5, has been exhausted without success",
                    "scheduling attempt 2 of 5 in 3000 milliseconds",
                    "database reconnect failed: refused",
                ];
                assert!(texts == last || number == 0, "{manager:?}: {texts:?}");
            }
        }
    }
}
