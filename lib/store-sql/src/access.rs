//! Where a database is and how it is reached: the parameters of `lease-database`, `hosts-databases` and
//! `config-databases` (manual, "Lease Database Configuration"), as they are understood.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::engine::Engine;

/// Where a database is and how it is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    /// What it is.
    pub engine: Engine,
    /// `name`: of the database; of SQLite its file.
    pub name: String,
    /// `host`: a name, an address, or the folder (PostgreSQL) or path (MySQL) of a UNIX socket; `localhost` if empty.
    pub host: String,
    /// `port`; none is the engine's own.
    pub port: Option<u16>,
    /// `user`.
    pub user: Option<String>,
    /// `password`.
    pub password: Option<String>,
    /// `readonly`: nothing is written.
    pub readonly: bool,
    /// How long is waited.
    pub timeouts: Timeouts,
    /// Whether and how the connection is kept secret.
    pub tls: Tls,
}

/// How long is waited for a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// `connect-timeout`: for a connection.
    pub connect: Duration,
    /// `read-timeout` and `write-timeout` of MySQL, `tcp-user-timeout` of PostgreSQL: for the answer to a statement.
    /// None waits as long as the connection holds; where clients wait there is a bound nevertheless.
    pub answer: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), answer: None }
    }
}

/// How a connection is kept secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// `ssl-mode`, and what certificates ask for.
    pub mode: TlsMode,
    /// `trust-anchor`: the certificates that are believed.
    pub trust_anchor: Option<PathBuf>,
    /// `cert-file` and `key-file`: what we show of ourselves.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// `ssl-mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// In the open.
    #[default]
    Disable,
    /// Secret where the other side can.
    Prefer,
    /// Secret, with whoever it is.
    Require,
    /// Secret, with one whom a trusted authority vouches for.
    VerifyCa,
    /// And whose name is `host`.
    VerifyFull,
}

impl Access {
    /// A database of this engine and name, on this machine.
    pub fn new(engine: Engine, name: impl Into<String>) -> Self {
        Self {
            engine,
            name: name.into(),
            host: String::new(),
            port: None,
            user: None,
            password: None,
            readonly: false,
            timeouts: Timeouts::default(),
            tls: Tls::default(),
        }
    }
}

impl Access {
    /// The same; an answer is waited for so long at most where no time is configured.
    pub(crate) fn bounded(&self, limit: Duration) -> Self {
        let answer = Some(self.timeouts.answer.unwrap_or(limit));
        Self { timeouts: Timeouts { answer, ..self.timeouts }, ..self.clone() }
    }
}

/// As Kea's log lines tell of one: without the password.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.engine == Engine::Sqlite {
            return write!(f, "name={} type={}", self.name, self.engine);
        }
        let host = if self.host.is_empty() { "localhost" } else { &self.host };
        write!(f, "host={host} name={}", self.name)?;
        if self.password.is_some() {
            f.write_str(" password=*****")?;
        }
        if let Some(port) = self.port {
            write!(f, " port={port}")?;
        }
        write!(f, " type={}", self.engine)?;
        match &self.user {
            Some(user) => write!(f, " user={user}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No log line shows a password.
    #[test]
    fn passwords_are_not_shown() {
        let access = Access {
            user: Some("kea".into()),
            password: Some("secret".into()),
            port: Some(3306),
            ..Access::new(Engine::MySql, "leases")
        };
        let shown = format!("{access} {access:?}");
        assert!(!shown.contains("secret"), "{shown}");
        assert!(shown.starts_with("host=localhost name=leases password=***** port=3306 type=mysql user=kea"));
    }
}
