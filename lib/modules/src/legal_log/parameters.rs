//! What is configured.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use kotare_config::json::{self, Diagnostics, Source};
use kotare_config::process::{Database, HookLibrary, OnFail, Reconnect};
use kotare_config::schema::tables::CONNECTION;
use kotare_config::schema::{Table, Type, param};
use kotare_config::{Level, check_database};
use kotare_expr::{Value, parse_value};
use kotare_store_sql::Access;

use super::messages::LEGAL_LOG_PATH_SECURITY_WARNING;
use super::stamp::stamp;
use crate::spoken::Spoken;
use crate::{Entry, Place, Places};

/// The `parameters` of the library. Kea minds no others.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[
        &[
            param("type", Type::Text).or_text(FILES),
            param("path", Type::Text).or_text(""),
            param("base-name", Type::Text).or_text("kea-legal"),
            param("time-unit", Type::OneOf(&["second", "day", "month", "year"])).or_text("day"),
            param("count", Type::Int(0, u32::MAX as i64)).or_int(1),
            param("prerotate", Type::Text).or_text(""),
            param("postrotate", Type::Text).or_text(""),
            param("mark-continuation-lines", Type::Bool).or_bool(true),
            param("request-parser-format", Type::Expression).or_text(""),
            param("response-parser-format", Type::Expression).or_text(""),
            param("timestamp-format", Type::Text).or_text(TIMESTAMP),
            param("pattern", Type::Text).or_text(""),
            param("facility", Type::Text).or_text("local0"),
        ],
        CONNECTION,
    ],
    open: true,
    ..Table::EMPTY
};

/// The `type` of files.
pub(super) const FILES: &str = "logfile";
/// The `type` of the syslog daemon.
const SYSLOG: &str = "syslog";
/// Those of databases.
const DATABASES: [&str; 3] = ["mysql", "postgresql", "sqlite"];
/// How the time is written unless it is said.
const TIMESTAMP: &str = "%Y-%m-%d %H:%M:%S %Z";

/// What the log tells of what was given for files.
const GIVEN_FOR_FILES: &[&str] =
    &["path", "base-name", "time-unit", "prerotate", "postrotate", "count", "mark-continuation-lines"];
/// The same for the syslog daemon.
const GIVEN_FOR_SYSLOG: &[&str] = &["pattern", "facility"];
/// The same for a database.
const GIVEN_FOR_DATABASES: &[&str] = &[
    "user",
    "password",
    "password-file",
    "host",
    "name",
    "trust-anchor",
    "cert-file",
    "key-file",
    "ssl-mode",
    "cipher-list",
    "connect-timeout",
    "reconnect-wait-time",
    "max-reconnect-tries",
    "read-timeout",
    "write-timeout",
    "tcp-user-timeout",
    "on-fail",
    "retry-on-startup",
    "port",
];

/// The unit in which it is counted when a file gives way to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Day,
    Month,
    Year,
}

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StoreConfig {
    /// Into files.
    Files(Settings),
    /// Into a table of a database.
    Database(Access, Reconnect),
    /// To the syslog daemon.
    Syslog { pattern: String, facility: String },
}

/// What the files are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) directory: PathBuf,
    pub(super) base: String,
    pub(super) unit: Unit,
    /// So many units go into a file; 0: all.
    pub(super) count: u32,
    pub(super) prerotate: Option<PathBuf>,
    pub(super) postrotate: Option<PathBuf>,
    pub(super) marks: bool,
    pub(super) timestamp: String,
    pub(super) zone: TimeZone,
}

/// What is written of a message instead of the usual.
#[derive(Debug)]
pub(super) struct Formats {
    pub(super) request: Option<Value>,
    pub(super) response: Option<Value>,
}

/// Finds what is wrong with the parameters by themselves.
pub(super) fn check(parameters: Level<'_>, entry: &Source, diagnostics: &mut Diagnostics) {
    let at = |keyword| parameters.own(keyword).map_or(entry, |written| written.source());
    let kind = parameters.text("type");
    if kind != FILES && kind != SYSLOG && !DATABASES.contains(&kind) {
        let kinds = format!("there are {FILES}, {SYSLOG}, {}", DATABASES.join(", "));
        diagnostics.error_with_hint(at("type"), format!("\"{kind}\" is no type of a legal log"), kinds);
    }
    if let (true, Some(map)) = (DATABASES.contains(&kind), parameters.map()) {
        check_database(map, diagnostics);
    }
    if parameters.text("base-name").is_empty() || parameters.text("base-name").contains('/') {
        diagnostics.error(at("base-name"), "\"base-name\" is what names of files begin with");
    }
    if let Err(reason) = stamp(timestamp(parameters), &TimeZone::UTC, Duration::ZERO) {
        diagnostics.error(at("timestamp-format"), format!("\"timestamp-format\" makes no time: {reason}"));
    }
}

/// The database of an entry, if its lines go to one.
pub(super) fn database(entry: &HookLibrary) -> Option<Database> {
    let parameters = entry.level(&PARAMETERS);
    DATABASES.contains(&parameters.text("type")).then(|| Database::resolve(parameters)).flatten()
}

/// What a log is opened with, as Kea tells it: what was given for its type, by name, and what goes without saying there.
pub(super) fn given<L: Spoken>(entry: &Entry<'_, L>, config: &StoreConfig) -> String {
    let parameters = entry.parameters();
    let mut given = BTreeMap::from([("type", parameters.text("type").to_owned())]);
    let keywords = match config {
        StoreConfig::Files(_) => GIVEN_FOR_FILES,
        StoreConfig::Database(..) => GIVEN_FOR_DATABASES,
        StoreConfig::Syslog { .. } => GIVEN_FOR_SYSLOG,
    };
    for keyword in keywords {
        let value = parameters.own(keyword).and_then(told);
        given.extend(value.map(|value| (*keyword, value)));
    }
    for keyword in ["request-parser-format", "response-parser-format", "timestamp-format"] {
        let value = Some(parameters.text(keyword)).filter(|_| parameters.own(keyword).is_some());
        given.extend(value.filter(|value| !value.is_empty()).map(|value| (keyword, value.to_owned())));
    }
    match config {
        StoreConfig::Files(settings) => {
            given.entry("path").and_modify(|path| *path = settings.directory.display().to_string());
        }
        StoreConfig::Database(..) => {
            given.entry("on-fail").or_insert_with(|| "serve-retry-continue".into());
            given.entry("password").and_modify(|password| *password = "*****".into());
        }
        StoreConfig::Syslog { .. } => {}
    }
    let given: Vec<_> = given.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    given.join(" ")
}

/// A value as a text.
fn told(value: &json::Value) -> Option<String> {
    let text = value.as_str().map(str::to_owned);
    text.or_else(|| value.as_bool().map(|it| it.to_string()))
        .or_else(|| value.as_int().map(|it| it.to_string()))
}

/// An empty one counts as none, as in Kea.
fn timestamp(parameters: Level<'_>) -> &str {
    Some(parameters.text("timestamp-format")).filter(|format| !format.is_empty()).unwrap_or(TIMESTAMP)
}

impl Formats {
    /// Whether what is usual is written.
    pub(super) fn are_none(&self) -> bool {
        self.request.is_none() && self.response.is_none()
    }

    /// Those of an entry.
    pub(super) fn read<L: Spoken>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) -> Self {
        let mut read = |keyword| {
            let parameters = entry.parameters();
            let text = parameters.text(keyword);
            if text.is_empty() {
                return None;
            }
            match L::parsed(entry.config, text, parse_value) {
                Ok((expression, _)) => Some(expression),
                Err(error) => {
                    let written = parameters.own(keyword);
                    let source = written.map_or(&entry.written.source, |written| written.source());
                    diagnostics.error(source, format!("\"{keyword}\" has no value: {error}"));
                    None
                }
            }
        };
        Self { request: read("request-parser-format"), response: read("response-parser-format") }
    }
}

impl StoreConfig {
    /// That of an entry; what is not allowed in this installation goes to `diagnostics`.
    pub(super) fn read<L: Spoken>(
        entry: &Entry<'_, L>,
        places: &dyn Places,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let parameters = entry.parameters();
        Some(match parameters.text("type") {
            FILES => Self::Files(Settings::read(entry, places, diagnostics)?),
            SYSLOG => Self::Syslog {
                pattern: parameters.text("pattern").to_owned(),
                facility: parameters.text("facility").to_owned(),
            },
            _ => {
                let written = Database::resolve(parameters)?;
                let on_fail = parameters
                    .own("on-fail")
                    .map_or(OnFail::ServeRetryContinue, |_| written.reconnect.on_fail);
                let reconnect = Reconnect { on_fail, ..written.reconnect };
                Self::Database(places.database(&written, diagnostics)?, reconnect)
            }
        })
    }
}

impl Settings {
    /// Those of an entry; what is not allowed in this installation goes to `diagnostics`.
    pub(super) fn read<L: Spoken>(
        entry: &Entry<'_, L>,
        places: &dyn Places,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let parameters = entry.parameters();
        let at = |keyword| parameters.own(keyword).map_or(&entry.written.source, |written| written.source());
        let mut allowed = |keyword, place: Result<Place, String>| match place {
            Ok(Place { path, warning }) => {
                warning.inspect(|warning| LEGAL_LOG_PATH_SECURITY_WARNING(warning));
                Some(path)
            }
            Err(reason) => {
                diagnostics.error(at(keyword), format!("Invalid '{keyword}' parameter: {reason}"));
                None
            }
        };
        let directory = allowed("path", places.legal_logs(parameters.text("path")))?;
        let mut script = |keyword| match parameters.text(keyword) {
            "" => Some(None),
            written => allowed(keyword, places.script(written).and_then(Place::executable)).map(Some),
        };
        Some(Self {
            directory,
            base: parameters.text("base-name").to_owned(),
            unit: match parameters.text("time-unit").to_ascii_lowercase().as_str() {
                "second" => Unit::Second,
                "month" => Unit::Month,
                "year" => Unit::Year,
                _ => Unit::Day,
            },
            count: parameters.count("count"),
            prerotate: script("prerotate")?,
            postrotate: script("postrotate")?,
            marks: parameters.bool("mark-continuation-lines"),
            timestamp: timestamp(parameters).to_owned(),
            zone: places.zone(),
        })
    }
}
