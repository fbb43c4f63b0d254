//! A database that is connected to: what `lease-database`, `hosts-databases` and `config-databases` say of one (manual,
//! "Lease Database Configuration").

use std::time::Duration;

use super::WrittenPath;
use super::control::Secret;
use super::given::Given;
use crate::Level;
use crate::json::Source;
use crate::schema::tables::{CONFIG_CONTROL, CONFIG_DATABASE, HOSTS_DATABASE};

/// How long a connection is waited for unless said otherwise.
const CONNECT: Duration = Duration::from_secs(5);

/// How long after one look at the configuration in databases comes the next unless said otherwise.
const FETCH_WAIT: Duration = Duration::from_secs(30);

/// A database that is connected to.
#[derive(Clone, Debug)]
pub struct Database {
    /// `type`: `sqlite`, `mysql` or `postgresql`.
    pub kind: DatabaseKind,
    /// `name`; of SQLite its file.
    pub name: WrittenPath,
    /// `host`, if written.
    pub host: Option<Box<str>>,
    /// `port`, if written and not 0.
    pub port: Option<u16>,
    /// `user`, if written.
    pub user: Option<Box<str>>,
    /// `password` or `password-file`, if written.
    pub password: Option<Secret>,
    /// `readonly`.
    pub readonly: bool,
    /// `connect-timeout`.
    pub connect_timeout: Duration,
    /// The longest of `read-timeout`, `write-timeout` and `tcp-user-timeout`: how long an answer may take.
    pub answer_timeout: Option<Duration>,
    /// What is done when it is lost.
    pub reconnect: Reconnect,
    /// How the connection is kept secret.
    pub tls: DatabaseTls,
    /// What was given for it, as log lines tell it.
    pub given: Given,
    /// Where it is written.
    pub source: Source,
}

/// A kind of database that is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    /// `sqlite`: in a file; Kotare's own.
    Sqlite,
    /// `mysql`: MySQL or MariaDB.
    MySql,
    /// `postgresql`.
    Postgres,
}

/// What is done when a database is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconnect {
    /// `max-reconnect-tries`.
    pub tries: u32,
    /// `reconnect-wait-time`: between two tries.
    pub wait: Duration,
    /// `on-fail`.
    pub on_fail: OnFail,
    /// `retry-on-startup`: whether the same is done when it is not there at the start.
    pub at_start: bool,
}

/// `on-fail`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFail {
    /// `stop-retry-exit`: nobody is served until it is there again, and after the last try the server ends.
    #[default]
    StopRetryExit,
    /// `serve-retry-exit`: the server goes on as well as it can, and ends after the last try.
    ServeRetryExit,
    /// `serve-retry-continue`: the server goes on as well as it can.
    ServeRetryContinue,
}

/// How a connection to a database is kept secret.
#[derive(Clone, Debug, Default)]
pub struct DatabaseTls {
    /// `ssl-mode`, if written.
    pub mode: Option<Box<str>>,
    /// `trust-anchor`, if written.
    pub trust_anchor: Option<WrittenPath>,
    /// `cert-file`, if written.
    pub cert_file: Option<WrittenPath>,
    /// `key-file`, if written.
    pub key_file: Option<WrittenPath>,
    /// Whether there is a `cipher-list`, which asks for TLS where `ssl-mode` does not say.
    pub ciphers: bool,
}

/// `hosts-databases`.
pub(super) fn of_hosts(global: Level<'_>) -> Vec<Database> {
    let written = global.items("hosts-databases").iter();
    written.filter_map(|it| Database::resolve(Level::of(&HOSTS_DATABASE, it))).collect()
}

/// `config-databases` of `config-control`.
pub(super) fn of_config(global: Level<'_>) -> Vec<Database> {
    let written = global.section(&CONFIG_CONTROL).items("config-databases").iter();
    written.filter_map(|it| Database::resolve(Level::of(&CONFIG_DATABASE, it))).collect()
}

/// `config-fetch-wait-time` of `config-control`.
pub(super) fn config_fetch_wait(global: Level<'_>) -> Duration {
    let written = global.section(&CONFIG_CONTROL).int::<u16>("config-fetch-wait-time");
    written.map_or(FETCH_WAIT, |seconds| Duration::from_secs(seconds.into()))
}

impl DatabaseKind {
    /// That of a `type`, if it is connected to.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "sqlite" => Self::Sqlite,
            "mysql" => Self::MySql,
            "postgresql" => Self::Postgres,
            _ => return None,
        })
    }
}

impl Database {
    /// The database of a map whose table has a `type` and the parameters of a connection; none if it is no database.
    pub fn resolve(level: Level<'_>) -> Option<Self> {
        let kind = DatabaseKind::of(level.text("type"))?;
        let map = level.map()?;
        let text = |keyword| level.own(keyword)?.as_str().filter(|text| !text.is_empty()).map(Box::from);
        let path =
            |keyword| level.own(keyword).and_then(WrittenPath::of).filter(|path| !path.path.is_empty());
        let seconds =
            |keyword| level.int::<u32>(keyword).filter(|it| *it > 0).map(u64::from).map(Duration::from_secs);
        let millis = |keyword| {
            level.int::<u32>(keyword).filter(|it| *it > 0).map(u64::from).map(Duration::from_millis)
        };
        let password = match level.own("password") {
            Some(clear) => clear.as_str().map(|text| Secret::Clear(text.into(), clear.source().clone())),
            None => path("password-file").map(Secret::File),
        };
        let answer = [seconds("read-timeout"), seconds("write-timeout"), seconds("tcp-user-timeout")];
        Some(Self {
            kind,
            name: path("name")
                .unwrap_or_else(|| WrittenPath { path: "".into(), source: map.source().clone() }),
            host: text("host"),
            port: level.int("port").filter(|port| *port > 0),
            user: text("user"),
            password,
            readonly: level.own("readonly").is_some_and(|it| it.as_bool() == Some(true)),
            connect_timeout: seconds("connect-timeout").unwrap_or(CONNECT),
            answer_timeout: answer.into_iter().flatten().max(),
            reconnect: Reconnect {
                tries: level.int("max-reconnect-tries").unwrap_or_default(),
                wait: millis("reconnect-wait-time").unwrap_or_default(),
                on_fail: match level.own("on-fail").and_then(|it| it.as_str()) {
                    Some("serve-retry-exit") => OnFail::ServeRetryExit,
                    Some("serve-retry-continue") => OnFail::ServeRetryContinue,
                    _ => OnFail::StopRetryExit,
                },
                at_start: level.own("retry-on-startup").is_some_and(|it| it.as_bool() == Some(true)),
            },
            tls: DatabaseTls {
                mode: text("ssl-mode"),
                trust_anchor: path("trust-anchor"),
                cert_file: path("cert-file"),
                key_file: path("key-file"),
                ciphers: text("cipher-list").is_some(),
            },
            given: Given::of(level),
            source: map.source().clone(),
        })
    }
}
