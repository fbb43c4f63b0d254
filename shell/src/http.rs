//! One command over HTTP or HTTPS: a connection, a POST, an answer.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use kotare_command_line::shell::Args;
use kotare_daemon::args::KEA_VERSION;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::credentials::credentials;
use crate::tls::Tls;

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 30;

/// A server of HTTP. Shown as its URL.
#[derive(Debug)]
pub(crate) struct Server {
    host: String,
    port: u16,
    path: String,
    authorization: Option<HeaderValue>,
    tls: Option<Tls>,
}

impl Server {
    /// What the command line says.
    ///
    /// # Errors
    /// Files that cannot be read, `--cert` without `--key`, either without `--ca`.
    pub(crate) fn new(args: &Args) -> Result<Self, String> {
        let authorization = match credentials(args)? {
            None => None,
            Some((user, password)) => {
                let secret = BASE64_STANDARD.encode(format!("{user}:{password}"));
                let mut value = HeaderValue::try_from(format!("Basic {secret}"))
                    .map_err(|error| format!("user and password cannot be sent: {error}"))?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        // An IPv6 address is one with and without the brackets of a URL.
        let host = args.host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Ok(Self {
            host: host.unwrap_or(&args.host).to_owned(),
            port: args.port,
            path: format!("/{}", args.path.trim_start_matches('/')),
            authorization,
            tls: Tls::new(args)?,
        })
    }

    /// Posts `body`; what is answered.
    ///
    /// # Errors
    /// If there is no answer, or one whose status says that the server refused to look at the command.
    pub(crate) async fn send(&self, body: String) -> Result<String, String> {
        let stream = TcpStream::connect((&*self.host, self.port)).await;
        let stream = stream.map_err(|error| {
            format!(
                "cannot connect to {self}: {error}; --host and --port say where, --socket uses a UNIX control socket"
            )
        })?;
        match &self.tls {
            None => self.exchange(stream, body).await,
            Some(tls) => {
                let stream = tls.connect(&self.host, stream).await;
                self.exchange(stream.map_err(|error| format!("{self}: {error}"))?, body).await
            }
        }
    }

    async fn exchange<S>(&self, stream: S, body: String) -> Result<String, String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let broke = |error: hyper::Error| match error.is_parse() || error.is_incomplete_message() {
            true => format!("{self} does not answer in HTTP: {error}; if it expects HTTPS, --ca is needed"),
            false => format!("the connection to {self} broke: {error}"),
        };
        let request = self.request(body).map_err(|error| format!("{self} is no URL: {error}"))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broke)?;
        // It ends with the runtime; what goes wrong there, the sender is told.
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(broke)?;
        let status = response.status();
        if !status.is_success() {
            return Err(refusal(status));
        }
        if response.body().size_hint().lower() > MAX_ANSWER as u64 {
            return Err(format!("the answer of {self} is longer than {} MiB", MAX_ANSWER >> 20));
        }
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|error| format!("the answer of {self} cannot be read: {error}"))?;
        String::from_utf8(body.to_bytes().into()).map_err(|_| format!("the answer of {self} is not UTF-8"))
    }

    fn request(&self, body: String) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let mut request = Request::post(&self.path)
            .header(HOST, self.authority())
            .header(USER_AGENT, format!("Kea-shell/{KEA_VERSION}"))
            .header(ACCEPT, "*/*")
            .header(CONNECTION, "close")
            .header(CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        request.body(Full::from(body))
    }

    fn authority(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

/// What to tell of a status that is no success.
fn refusal(status: StatusCode) -> String {
    let hint = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            "; --auth-user and --auth-password-file say who asks"
        }
        StatusCode::NOT_FOUND => "; --path says where the server is",
        _ => "",
    };
    format!("HTTP Error {}: {}{hint}", status.as_u16(), status.canonical_reason().unwrap_or("unknown"))
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}
