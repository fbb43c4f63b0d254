//! PostgreSQL.

use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow, PgSslMode};
use sqlx::{Arguments, AssertSqlSafe, Column, ConnectOptions, Row as _, TypeInfo, ValueRef};

use super::alike;
use super::tls::Pems;
use crate::access::{Access, TlsMode};
use crate::engine::Engine;
use crate::error::SqlError;
use crate::value::{Kind, Row, Value};

/// Where the server listens unless said otherwise.
const PORT: u16 = 5432;
/// How many statements are kept prepared.
const STATEMENTS: usize = 256;

pub(crate) async fn open(access: &Access) -> Result<PgConnection, SqlError> {
    let host = if access.host.is_empty() { "localhost" } else { &access.host };
    let tls = &access.tls;
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(host)
        .port(access.port.unwrap_or(PORT))
        .database(&access.name)
        .application_name("kea")
        .statement_cache_capacity(STATEMENTS)
        .ssl_mode(match tls.mode {
            // Nothing is encrypted in a UNIX socket: PostgreSQL's own library does not ask for it either.
            _ if host.starts_with('/') => PgSslMode::Disable,
            TlsMode::Disable => PgSslMode::Disable,
            TlsMode::Prefer => PgSslMode::Prefer,
            TlsMode::Require => PgSslMode::Require,
            TlsMode::VerifyCa => PgSslMode::VerifyCa,
            TlsMode::VerifyFull => PgSslMode::VerifyFull,
        });
    if let Some(user) = &access.user {
        options = options.username(user);
    }
    if let Some(password) = &access.password {
        options = options.password(password);
    }
    let Pems { authorities, identity } = Pems::read(tls)?;
    if let Some(authorities) = authorities {
        options = options.ssl_root_cert_from_pem(authorities);
    }
    if let Some((certificate, key)) = identity {
        options = options.ssl_client_cert_from_pem(certificate).ssl_client_key_from_pem(key);
    }
    options.connect().await.map_err(failed)
}

alike!(Engine::Postgres, PgConnection, PgArguments);

/// A column, by its type. Times and network addresses are asked for as numbers and text.
fn column(row: &PgRow, at: usize) -> Result<Value, SqlError> {
    let kind = match row.columns()[at].type_info().name() {
        "BOOL" => Kind::Bool,
        "INT2" | "INT4" | "INT8" => Kind::Int,
        "BYTEA" => Kind::Bytes,
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "JSON" | "UNKNOWN" => Kind::Text,
        other => return Err(SqlError::refused(format!("column {at} is of the type {other}"))),
    };
    if row.try_get_raw(at).map_err(failed)?.is_null() {
        return Ok(Value::Null(kind));
    }
    Ok(match (kind, row.columns()[at].type_info().name()) {
        (Kind::Bool, _) => Value::Bool(row.try_get_unchecked(at).map_err(failed)?),
        (Kind::Int, "INT2") => Value::Int(row.try_get_unchecked::<i16, _>(at).map_err(failed)?.into()),
        (Kind::Int, "INT4") => Value::Int(row.try_get_unchecked::<i32, _>(at).map_err(failed)?.into()),
        (Kind::Int, _) => Value::Int(row.try_get_unchecked(at).map_err(failed)?),
        (Kind::Bytes, _) => Value::Bytes(row.try_get_unchecked(at).map_err(failed)?),
        (Kind::Text, _) => {
            let raw = row.try_get_raw(at).map_err(failed)?;
            let bytes = raw.as_bytes().map_err(|error| SqlError::refused(error.to_string()))?;
            String::from_utf8(bytes.to_vec())
                .map_or_else(|error| Value::Bytes(error.into_bytes()), Value::Text)
        }
    })
}
