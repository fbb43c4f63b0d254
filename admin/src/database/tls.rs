//! TLS of a connection, told in the way of the clients that Kea's script runs: to MySQL's by arguments (`-x`), to PostgreSQL's
//! by variables of the environment. Where nothing is told they use it if the database can, and so is it here.

use std::path::PathBuf;

use kotare_daemon::Environment;
use kotare_store_sql::{Engine, Tls, TlsMode};

/// What the arguments and the environment say.
pub(super) fn tls(arguments: &[String], engine: Engine, environment: &Environment) -> Result<Tls, String> {
    match engine {
        Engine::MySql => of_arguments(arguments),
        Engine::Postgres => of_variables(|name| environment.text(name)),
        Engine::Sqlite => Ok(Tls::default()),
    }
}

/// What arguments of MySQL's client say; those that are not about TLS mean nothing without that client.
fn of_arguments(arguments: &[String]) -> Result<Tls, String> {
    let (mut mode, mut authority, mut certificate, mut key) = (None, None, None, None);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        let is_off = matches!(value.as_deref(), Some("0" | "off" | "OFF" | "false" | "FALSE"));
        let mut given = || {
            let given = value.clone().or_else(|| words.next().cloned());
            given.ok_or_else(|| format!("{name} requires a value"))
        };
        match name.replace('_', "-").as_str() {
            "--ssl-ca" => authority = Some(PathBuf::from(given()?)),
            "--ssl-cert" => certificate = Some(PathBuf::from(given()?)),
            "--ssl-key" => key = Some(PathBuf::from(given()?)),
            "--ssl-mode" => mode = Some(mode_of_mysql(&given()?)?),
            "--skip-ssl" | "--disable-ssl" => mode = Some(TlsMode::Disable),
            "--ssl" if is_off => mode = Some(TlsMode::Disable),
            "--ssl" => mode = mode.or(Some(TlsMode::Require)),
            "--ssl-verify-server-cert" if !is_off => mode = Some(TlsMode::VerifyFull),
            _ => {}
        }
    }
    let unsaid = match (&authority, &certificate) {
        (Some(_), _) => TlsMode::VerifyCa,
        (None, Some(_)) => TlsMode::Require,
        (None, None) => TlsMode::Prefer,
    };
    together(mode.unwrap_or(unsaid), authority, ("--ssl-cert", certificate), ("--ssl-key", key))
}

fn mode_of_mysql(name: &str) -> Result<TlsMode, String> {
    Ok(match name.to_uppercase().as_str() {
        "DISABLED" => TlsMode::Disable,
        "PREFERRED" => TlsMode::Prefer,
        "REQUIRED" => TlsMode::Require,
        "VERIFY_CA" => TlsMode::VerifyCa,
        "VERIFY_IDENTITY" => TlsMode::VerifyFull,
        _ => return Err(format!("{name} is no --ssl-mode")),
    })
}

/// What variables of PostgreSQL's client say.
fn of_variables<'a>(variable: impl Fn(&str) -> Option<&'a str>) -> Result<Tls, String> {
    let file = |name| variable(name).map(PathBuf::from);
    let authority = file("PGSSLROOTCERT");
    let mode = match (variable("PGSSLMODE").unwrap_or("prefer"), &authority) {
        ("disable", _) => TlsMode::Disable,
        ("allow" | "prefer", _) => TlsMode::Prefer,
        ("require", None) => TlsMode::Require,
        ("require", Some(_)) | ("verify-ca", _) => TlsMode::VerifyCa,
        ("verify-full", _) => TlsMode::VerifyFull,
        (other, _) => return Err(format!("{other} is no PGSSLMODE")),
    };
    together(mode, authority, ("PGSSLCERT", file("PGSSLCERT")), ("PGSSLKEY", file("PGSSLKEY")))
}

/// A certificate is of no use without its key.
fn together(
    mode: TlsMode,
    trust_anchor: Option<PathBuf>,
    (certificate_name, certificate): (&str, Option<PathBuf>),
    (key_name, key): (&str, Option<PathBuf>),
) -> Result<Tls, String> {
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => return Err(format!("{certificate_name} and {key_name} belong together")),
    };
    Ok(Tls { mode, trust_anchor, identity })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_mysql(line: &str) -> Result<Tls, String> {
        of_arguments(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    /// As MySQL's and MariaDB's clients take their arguments; what says nothing of TLS is let alone.
    #[test]
    fn arguments_of_mysql_are_understood() {
        let mode = |line: &str| of_mysql(line).expect("good arguments").mode;
        for (line, wanted) in [
            ("", TlsMode::Prefer),
            ("--protocol=tcp --verbose", TlsMode::Prefer),
            ("--ssl", TlsMode::Require),
            ("--ssl=0", TlsMode::Disable),
            ("--skip-ssl", TlsMode::Disable),
            ("--ssl-ca=/a.pem", TlsMode::VerifyCa),
            ("--ssl_ca /a.pem --ssl-verify-server-cert", TlsMode::VerifyFull),
            ("--ssl-ca /a.pem --ssl-mode=REQUIRED", TlsMode::Require),
            ("--ssl-mode verify_identity", TlsMode::VerifyFull),
        ] {
            assert_eq!(mode(line), wanted, "{line}");
        }
        let whole = of_mysql("--ssl-ca=/a.pem --ssl-cert=/b.pem --ssl-key /c.pem").expect("good arguments");
        let identity = Some(("/b.pem".into(), "/c.pem".into()));
        assert_eq!(whole, Tls { mode: TlsMode::VerifyCa, trust_anchor: Some("/a.pem".into()), identity });
        for (line, reason) in [
            ("--ssl-ca", "--ssl-ca requires a value"),
            ("--ssl-mode=SOME", "SOME is no --ssl-mode"),
            ("--ssl-cert=/b.pem", "--ssl-cert and --ssl-key belong together"),
        ] {
            assert_eq!(of_mysql(line).expect_err(line), reason);
        }
    }

    /// As PostgreSQL's library takes them.
    #[test]
    fn variables_of_postgresql_are_understood() {
        let of = |variables: &[(&str, &'static str)]| {
            of_variables(|name| variables.iter().find(|it| it.0 == name).map(|it| it.1))
        };
        assert_eq!(of(&[]).expect("none").mode, TlsMode::Prefer);
        assert_eq!(of(&[("PGSSLMODE", "require")]).expect("a mode").mode, TlsMode::Require);
        let vouched = of(&[("PGSSLMODE", "require"), ("PGSSLROOTCERT", "/a.pem")]).expect("a mode");
        assert_eq!((vouched.mode, vouched.trust_anchor), (TlsMode::VerifyCa, Some("/a.pem".into())));
        assert_eq!(of(&[("PGSSLMODE", "some")]).expect_err("a mode"), "some is no PGSSLMODE");
        assert!(of(&[("PGSSLKEY", "/c.pem")]).is_err());
    }
}
