//! The engines, and how the texts of statements differ between them.

use std::fmt;

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// SQLite, in a file.
    Sqlite,
    /// MySQL or MariaDB.
    MySql,
    /// PostgreSQL.
    Postgres,
}

impl Engine {
    /// The engine that `type` of a configuration names.
    pub fn of_type(name: &str) -> Option<Self> {
        Some(match name {
            "sqlite" => Self::Sqlite,
            "mysql" => Self::MySql,
            "postgresql" => Self::Postgres,
            _ => return None,
        })
    }

    /// Its name in a configuration: `sqlite`, `mysql`, `postgresql`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::MySql => "mysql",
            Self::Postgres => "postgresql",
        }
    }

    /// What it calls itself.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::MySql => "MySQL",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// An expression for the seconds since 1970 of a column with a time, as a whole number; NULL for what is before or after
    /// all times, which PostgreSQL can say.
    pub fn seconds(self, column: &str) -> String {
        match self {
            Self::Sqlite => column.to_owned(),
            Self::MySql => format!("UNIX_TIMESTAMP({column})"),
            Self::Postgres => {
                format!("CASE WHEN isfinite({column}) THEN EXTRACT(EPOCH FROM {column})::int8 END")
            }
        }
    }

    /// What stands before and after the placeholder of seconds since 1970 that are compared with or put into a column with
    /// a time.
    pub fn time(self) -> (&'static str, &'static str) {
        match self {
            Self::Sqlite => ("", ""),
            Self::MySql => ("FROM_UNIXTIME(", ")"),
            Self::Postgres => ("to_timestamp(", ")"),
        }
    }

    /// The latest time that a column with a time can have. Kea's columns in MySQL end in 2038.
    pub fn latest(self) -> i64 {
        match self {
            Self::Sqlite => i64::MAX,
            Self::MySql => i32::MAX.into(),
            Self::Postgres => 9_224_318_015_999,
        }
    }

    /// A time to compare with: no later than the latest.
    pub fn at_most(self, seconds: i64) -> i64 {
        seconds.min(self.latest())
    }

    /// The operator that compares two values of which both may be NULL, and then are equal.
    pub fn same(self) -> &'static str {
        match self {
            Self::Sqlite => "IS",
            Self::MySql => "<=>",
            Self::Postgres => "IS NOT DISTINCT FROM",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
