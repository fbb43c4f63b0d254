//! MySQL and MariaDB.

use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode};
use sqlx::{Arguments, AssertSqlSafe, Column, ConnectOptions, Row as _, TypeInfo, ValueRef};

use super::alike;
use super::tls::Pems;
use crate::access::{Access, TlsMode};
use crate::engine::Engine;
use crate::error::SqlError;
use crate::value::{Kind, Row, Value};

/// Where the server listens unless said otherwise.
const PORT: u16 = 3306;
/// How many statements are kept prepared.
const STATEMENTS: usize = 256;

/// Whatever the server's defaults are, a statement is a transaction of its own, and silence for less than a month is no
/// reason to end the connection. What a column has no room for is refused, and not kept as something else.
const SESSION: &str = "SET SESSION autocommit = 1, wait_timeout = 2592000, \
                       sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'";

pub(crate) async fn open(access: &Access) -> Result<MySqlConnection, SqlError> {
    let host = if access.host.is_empty() { "localhost" } else { &access.host };
    let tls = &access.tls;
    let mut options = MySqlConnectOptions::new()
        .port(access.port.unwrap_or(PORT))
        .database(&access.name)
        .charset("utf8mb4")
        // What is stored are instants; the columns show them in the time zone of whoever looks.
        .timezone(Some("+00:00".to_owned()))
        .pipes_as_concat(false)
        .statement_cache_capacity(STATEMENTS)
        .ssl_mode(match tls.mode {
            TlsMode::Disable => MySqlSslMode::Disabled,
            TlsMode::Prefer => MySqlSslMode::Preferred,
            TlsMode::Require => MySqlSslMode::Required,
            TlsMode::VerifyCa => MySqlSslMode::VerifyCa,
            TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
        });
    options = match host.starts_with('/') {
        true => options.socket(host),
        false => options.host(host),
    };
    if let Some(user) = &access.user {
        options = options.username(user);
    }
    if let Some(password) = &access.password {
        options = options.password(password);
    }
    let Pems { authorities, identity } = Pems::read(tls)?;
    if let Some(authorities) = authorities {
        options = options.ssl_ca_from_pem(authorities);
    }
    if let Some((certificate, key)) = identity {
        options = options.ssl_client_cert_from_pem(certificate).ssl_client_key_from_pem(key);
    }
    let mut connection = options.connect().await.map_err(failed)?;
    script(&mut connection, SESSION.to_owned()).await?;
    Ok(connection)
}

alike!(Engine::MySql, MySqlConnection, MySqlArguments);

/// A column, by its type.
fn column(row: &MySqlRow, at: usize) -> Result<Value, SqlError> {
    let name = row.columns()[at].type_info().name();
    let kind = match name {
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" | "NULL" | "YEAR" => Kind::Int,
        name if name.ends_with("UNSIGNED") => Kind::Int,
        "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => Kind::Bytes,
        "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "JSON" => Kind::Text,
        other => return Err(SqlError::refused(format!("column {at} is of the type {other}"))),
    };
    if row.try_get_raw(at).map_err(failed)?.is_null() {
        return Ok(Value::Null(kind));
    }
    Ok(match kind {
        Kind::Int | Kind::Bool if name.ends_with("UNSIGNED") => {
            let number: u64 = row.try_get_unchecked(at).map_err(failed)?;
            number.try_into().map_or(Value::Null(Kind::Int), Value::Int)
        }
        Kind::Int | Kind::Bool => Value::Int(row.try_get_unchecked(at).map_err(failed)?),
        Kind::Bytes => Value::Bytes(row.try_get_unchecked(at).map_err(failed)?),
        Kind::Text => {
            let bytes: Vec<u8> = row.try_get_unchecked(at).map_err(failed)?;
            String::from_utf8(bytes).map_or_else(|error| Value::Bytes(error.into_bytes()), Value::Text)
        }
    })
}
