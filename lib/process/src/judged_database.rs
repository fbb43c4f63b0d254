//! Databases that a configuration names: how they are reached, with the secrets that stand in files.

use std::path::Path;

use kotare_config::json::Diagnostics;
use kotare_config::process::{Database, DatabaseKind, Given, OnFail, Secret, WrittenPath};
use kotare_daemon::PathKind;
use kotare_store_sql::{Access, Engine, Retry, Timeouts, Tls, TlsMode};

use crate::judge::Judge;
use crate::judged_http::first_line;

/// A database as it is reached, and what is done when it is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseAt {
    /// Where it is and how it is reached.
    pub access: Access,
    /// How it is reached again.
    pub retry: Retry,
    /// What is done meanwhile, and after the last try.
    pub on_fail: OnFail,
    /// Whether the same is done when it is not there at the start.
    pub retry_at_start: bool,
    /// What was given for it, as log lines tell it.
    pub given: Given,
}

impl Judge<'_> {
    /// How a database is reached. What is wrong with its files goes to the diagnostics; there is none then.
    pub fn database(&mut self, written: &Database) -> Option<DatabaseAt> {
        let engine = match written.kind {
            DatabaseKind::Sqlite => Engine::Sqlite,
            DatabaseKind::MySql => Engine::MySql,
            DatabaseKind::Postgres => Engine::Postgres,
        };
        let name = match engine {
            Engine::Sqlite => self.path(PathKind::Data, &written.name)?.to_string_lossy().into_owned(),
            Engine::MySql | Engine::Postgres if written.name.path.is_empty() => {
                let message = format!("\"name\" is missing in a {engine} database");
                self.diagnostics.error_with_hint(&written.source, message, "say which database it is");
                return None;
            }
            Engine::MySql | Engine::Postgres => written.name.path.to_string(),
        };
        let access = Access {
            host: written.host.as_deref().unwrap_or_default().to_owned(),
            port: written.port,
            user: written.user.as_deref().map(str::to_owned),
            password: password(written, self.diagnostics)?,
            readonly: written.readonly,
            timeouts: Timeouts { connect: written.connect_timeout, answer: written.answer_timeout },
            tls: tls(written, self.diagnostics)?,
            ..Access::new(engine, name)
        };
        let reconnect = written.reconnect;
        Some(DatabaseAt {
            access,
            retry: Retry {
                tries: reconnect.tries,
                wait: reconnect.wait,
                for_ever: reconnect.on_fail == OnFail::ServeRetryContinue,
            },
            on_fail: reconnect.on_fail,
            retry_at_start: reconnect.at_start,
            given: written.given.clone(),
        })
    }
}

/// The password, if there is one; none at all if its file cannot be read.
fn password(written: &Database, diagnostics: &mut Diagnostics) -> Option<Option<String>> {
    match &written.password {
        None => Some(None),
        Some(Secret::Clear(text, _)) => Some(Some(text.to_string())),
        Some(Secret::File(file)) => match first_line(Path::new(&*file.path)) {
            Ok(line) => Some(Some(line)),
            Err(reason) => {
                diagnostics.error(&file.source, reason);
                None
            }
        },
    }
}

/// How the connection is kept secret. What certificates or ciphers ask for is secret, whether or not `ssl-mode` says so. A
/// certificate and its key may stand in one file, as for Kea.
fn tls(written: &Database, diagnostics: &mut Diagnostics) -> Option<Tls> {
    let path = |file: &Option<WrittenPath>| file.as_ref().map(|file| file.path.to_string().into());
    let tls = &written.tls;
    let (certificate, key) = (path(&tls.cert_file), path(&tls.key_file));
    let mode = match tls.mode.as_deref() {
        Some("disable") => TlsMode::Disable,
        Some("prefer") => TlsMode::Prefer,
        Some("require") => TlsMode::Require,
        Some("verify-ca") => TlsMode::VerifyCa,
        Some("verify-full") => TlsMode::VerifyFull,
        _ if tls.trust_anchor.is_some() => TlsMode::VerifyCa,
        _ if certificate.is_some() || key.is_some() || tls.ciphers => TlsMode::Require,
        _ => TlsMode::Disable,
    };
    if matches!(mode, TlsMode::VerifyCa | TlsMode::VerifyFull) && tls.trust_anchor.is_none() {
        let hint = "name the file of the authorities that are believed";
        let message = "\"ssl-mode\" wants the database verified, and there is no \"trust-anchor\"";
        diagnostics.error_with_hint(&written.source, message, hint);
        return None;
    }
    let identity = certificate.clone().or_else(|| key.clone()).zip(key.or(certificate));
    Some(Tls { mode, trust_anchor: path(&tls.trust_anchor), identity })
}
