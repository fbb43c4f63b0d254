//! A server of HTTP or HTTPS as the command line describes it, with what to do when it does not answer.

use std::fmt;
use std::path::{Path, PathBuf};

use hyper::StatusCode;
use kotare_command_line::shell::Args;
use kotare_control::client::{HttpError, HttpPeer, Tls};
use kotare_daemon::args::KEA_VERSION;

use crate::credentials::credentials;

/// A server of HTTP. Shown as its URL.
#[derive(Debug)]
pub(crate) struct Server(HttpPeer);

impl Server {
    /// What the command line says.
    ///
    /// # Errors
    /// Files that cannot be read, `--cert` without `--key`, either without `--ca`.
    pub(crate) fn new(args: &Args) -> Result<Self, String> {
        let agent = format!("Kea-shell/{KEA_VERSION}");
        let peer = HttpPeer::new(&args.host, args.port, tls(args)?, &agent)?.at_path(&args.path);
        Ok(Self(match credentials(args)? {
            None => peer,
            Some((user, password)) => peer.with_user(&user, &password)?,
        }))
    }

    /// Posts `body`; what is answered.
    ///
    /// # Errors
    /// If there is no answer, or one whose status says that the server refused to look at the command.
    pub(crate) async fn send(&self, body: String) -> Result<String, String> {
        let answer = self.0.send(body.into()).await.map_err(|error| self.advice(&error))?;
        String::from_utf8(answer).map_err(|_| format!("the answer of {self} is not UTF-8"))
    }

    /// What went wrong, and which option is about it.
    fn advice(&self, error: &HttpError) -> String {
        match error {
            HttpError::Connect(error) => format!(
                "cannot connect to {self}: {error}; --host and --port say where, --socket uses a UNIX control socket"
            ),
            HttpError::Secure(reason) => {
                format!("{self}: {reason}; --ca must be that of the server's certificate")
            }
            HttpError::NotHttp(error) => {
                format!("{self} does not answer in HTTP: {error}; if it expects HTTPS, --ca is needed")
            }
            HttpError::Status(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                format!("{error}; --auth-user and --auth-password-file say who asks")
            }
            HttpError::Status(StatusCode::NOT_FOUND) => format!("{error}; --path says where the server is"),
            HttpError::Status(_) => error.to_string(),
            other => format!("{self}: {other}"),
        }
    }
}

/// What `--ca`, `--cert` and `--key` say; `None` for HTTP.
fn tls(args: &Args) -> Result<Option<Tls>, String> {
    fn named(path: &Option<PathBuf>) -> Option<&Path> {
        path.as_deref().filter(|path| !path.as_os_str().is_empty())
    }
    let own = match (named(&args.cert), named(&args.key)) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some((certificate, key)),
        _ => return Err("--cert and --key must be used together".to_owned()),
    };
    match (named(&args.ca), own) {
        (Some(ca), own) => Tls::read(ca, own).map(Some),
        (None, None) => Ok(None),
        (None, Some(_)) => Err("--cert and --key with HTTPS disabled (no --ca)".to_owned()),
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
