//! One command over HTTP or HTTPS: a connection, a POST, an answer.

use std::fmt;
use std::io;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use super::MAX_ANSWER;
use super::tls::Tls;
use crate::http::details::{Answered, Posted};
use crate::messages::*;

/// The bytes of a MiB.
const MEBI: usize = 1 << 20;

/// A connection to a server of HTTP, for one exchange at a time. It ends with this, and what was not sent yet of an exchange that
/// was given up ends with it: by itself it would be sent first.
pub(super) struct Sender {
    requests: http1::SendRequest<Full<Bytes>>,
    connection: AbortHandle,
    is_under_way: bool,
}

impl Sender {
    /// Whether nothing can be sent any more.
    pub(super) fn is_closed(&self) -> bool {
        self.requests.is_closed()
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if self.is_under_way {
            self.connection.abort();
        }
    }
}

async fn sender<S>(stream: S) -> Result<Sender, HttpError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (requests, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broke)?;
    // What goes wrong there, who sends is told.
    let connection = tokio::spawn(connection).abort_handle();
    Ok(Sender { requests, connection, is_under_way: false })
}

fn broke(error: hyper::Error) -> HttpError {
    match error.is_parse() || error.is_incomplete_message() {
        true => HttpError::NotHttp(error),
        false => HttpError::Broke(error),
    }
}

/// A server of HTTP. Shown as its URL.
#[derive(Debug)]
pub struct HttpPeer {
    host: String,
    port: u16,
    path: String,
    agent: HeaderValue,
    authorization: Option<HeaderValue>,
    tls: Option<Tls>,
}

/// Why a server of HTTP gives no answer.
#[derive(Debug)]
pub enum HttpError {
    /// Nobody listens there.
    Connect(io::Error),
    /// It does not prove who it is, or does not accept who asks.
    Secure(String),
    /// What it says is not HTTP.
    NotHttp(hyper::Error),
    /// The connection broke.
    Broke(hyper::Error),
    /// It refuses to look at the command.
    Status(StatusCode),
    /// The answer is longer than this, in bytes, and not read.
    TooLong(usize),
    /// The answer cannot be read.
    Unreadable(String),
    /// Host, port and path make no URL.
    NoUrl(hyper::http::Error),
}

impl HttpPeer {
    /// The server at `port` of `host`, a name or an address; with `tls`, of HTTPS. `agent` is who asks, a program and its
    /// version.
    ///
    /// # Errors
    /// If `agent` cannot be sent in a header.
    pub fn new(host: &str, port: u16, tls: Option<Tls>, agent: &str) -> Result<Self, String> {
        // An IPv6 address is one with and without the brackets of a URL.
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let agent = HeaderValue::try_from(agent).map_err(|error| format!("'{agent}': {error}"))?;
        let host = bare.unwrap_or(host).to_owned();
        Ok(Self { host, port, path: "/".to_owned(), agent, authorization: None, tls })
    }

    /// The same server, asked at this path.
    #[must_use]
    pub fn at_path(self, path: &str) -> Self {
        Self { path: format!("/{}", path.trim_start_matches('/')), ..self }
    }

    /// The same server, asked in the name of `user`.
    ///
    /// # Errors
    /// If name and password cannot be sent in a header.
    pub fn with_user(self, user: &str, password: &str) -> Result<Self, String> {
        let secret = BASE64_STANDARD.encode(format!("{user}:{password}"));
        let mut value = HeaderValue::try_from(format!("Basic {secret}"))
            .map_err(|error| format!("user and password cannot be sent: {error}"))?;
        value.set_sensitive(true);
        Ok(Self { authorization: Some(value), ..self })
    }

    /// Posts `body`; what is answered. It takes as long as the server does.
    ///
    /// # Errors
    /// If there is no answer, or one whose status says that the server refused to look at the command.
    pub async fn send(&self, body: Bytes) -> Result<Vec<u8>, HttpError> {
        let ended = async {
            let mut sender = self.connect().await?;
            self.exchange(&mut sender, body, "close", MAX_ANSWER).await
        }
        .await;
        self.told(ended)
    }

    /// What came of an exchange; that there was no answer is told.
    pub(super) fn told<T>(&self, ended: Result<T, HttpError>) -> Result<T, HttpError> {
        ended.inspect_err(|error| HTTP_BAD_SERVER_RESPONSE_RECEIVED(self, error))
    }

    /// Connects, and proves with TLS who is who.
    ///
    /// What was not sent yet when the connection is given up is not sent any more: the system would go on trying, and a command
    /// that nobody waits for would arrive when the way is open again, perhaps after a newer one.
    pub(super) async fn connect(&self) -> Result<Sender, HttpError> {
        let stream = TcpStream::connect((&*self.host, self.port)).await.map_err(HttpError::Connect)?;
        stream.set_zero_linger().map_err(HttpError::Connect)?;
        match &self.tls {
            None => sender(stream).await,
            Some(tls) => sender(tls.secure(&self.host, stream).await.map_err(HttpError::Secure)?).await,
        }
    }

    /// Posts `body` over a connection, and says what is to become of that afterwards. What is answered, in `longest` bytes at
    /// most.
    pub(super) async fn exchange(
        &self,
        sender: &mut Sender,
        body: Bytes,
        afterwards: &'static str,
        longest: usize,
    ) -> Result<Vec<u8>, HttpError> {
        let request = self.request(body.clone(), afterwards).map_err(HttpError::NoUrl)?;
        HTTP_CLIENT_REQUEST_SEND(format_args!("POST {} HTTP/1.1", self.path), self);
        let posted = Posted { path: &self.path, headers: request.headers(), body: &body };
        HTTP_CLIENT_REQUEST_SEND_DETAILS(self, posted);
        sender.is_under_way = true;
        let response = sender.requests.send_request(request).await.map_err(broke)?;
        let (status, version) = (response.status(), response.version());
        if !status.is_success() {
            return Err(HttpError::Status(status));
        }
        if response.body().size_hint().lower() > longest as u64 {
            return Err(HttpError::TooLong(longest));
        }
        let (head, body) = response.into_parts();
        let body = Limited::new(body, longest).collect().await.map_err(|error| match error {
            long if long.is::<LengthLimitError>() => HttpError::TooLong(longest),
            other => HttpError::Unreadable(other.to_string()),
        })?;
        let body = body.to_bytes();
        sender.is_under_way = false;
        HTTP_SERVER_RESPONSE_RECEIVED(self);
        let answered = Answered { version, status, headers: &head.headers, body: &body };
        HTTP_SERVER_RESPONSE_RECEIVED_DETAILS(self, answered);
        Ok(body.into())
    }

    fn request(
        &self,
        body: Bytes,
        afterwards: &'static str,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let mut request = Request::post(&self.path)
            .header(HOST, self.authority())
            .header(USER_AGENT, self.agent.clone())
            .header(ACCEPT, "*/*")
            .header(CONNECTION, afterwards)
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

impl fmt::Display for HttpPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(f),
            Self::Secure(reason) => f.write_str(reason),
            Self::NotHttp(error) => write!(f, "no HTTP comes back: {error}"),
            Self::Broke(error) => {
                write!(f, "the connection broke: {error}")?;
                // Why is told below: with TLS 1.3 a server that wants a certificate says so only here.
                let mut cause = std::error::Error::source(error);
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                Ok(())
            }
            Self::Status(status) => {
                let said = status.canonical_reason().unwrap_or("unknown");
                write!(f, "HTTP Error {}: {said}", status.as_u16())
            }
            Self::TooLong(longest) => match longest % MEBI {
                0 => write!(f, "the answer is longer than {} MiB", longest / MEBI),
                _ => write!(f, "the answer is longer than {longest} bytes"),
            },
            Self::Unreadable(reason) => write!(f, "the answer cannot be read: {reason}"),
            Self::NoUrl(error) => write!(f, "that is no URL: {error}"),
        }
    }
}

impl std::error::Error for HttpError {}
