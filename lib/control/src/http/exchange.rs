//! From one request to its answer.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, TRANSFER_ENCODING, WWW_AUTHENTICATE,
};
use hyper::http::request::Parts;
use hyper::{Request as HttpRequest, Response as HttpResponse, StatusCode};
use kotare_config::json::format::{self, Shape};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::timeout;

use super::authentication::Admitted;
use super::details::{Answered, Asked};
use super::pages::{self, whole};
use super::{Quick, Settings, Shared};
use crate::aside::{LONG, aside};
use crate::feed::{Feed, Step};
use crate::messages::*;
use crate::room::{Place, Stage};
use crate::{Denied, Peer, Request, Response, shortened};

const JSON: &str = "application/json";

/// What is needed to answer the requests of one client.
#[derive(Clone)]
pub(super) struct Exchange {
    pub(super) shared: Arc<Shared>,
    pub(super) place: Arc<Place>,
    /// The address of the client.
    pub(super) client: Arc<str>,
    /// What is known of the client before it names a user.
    pub(super) peer: Arc<Peer>,
    pub(super) settings: watch::Receiver<Arc<Settings>>,
    /// Where this runs, if not where all else does.
    pub(super) quick: Option<Quick>,
}

pub(super) type Answer = HttpResponse<Either<Full<Bytes>, pages::Parts>>;

/// Why a request is not answered by a command.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// For the log; empty if it was told already.
    pub(super) reason: String,
}

impl Exchange {
    /// Answers a request.
    pub(super) async fn answer(self, request: HttpRequest<Incoming>) -> Result<Answer, Infallible> {
        let (head, body) = request.into_parts();
        let settings = self.settings.borrow().clone();
        let said = match self.page(&head, &settings).await {
            Some(page) => page.map(|page| (page, Bytes::new())),
            None => self.result(&head, body, &settings).await.map(|text| complete(StatusCode::OK, text)),
        };
        let (mut answer, body) = said.unwrap_or_else(|Refusal { status, reason }| {
            if !reason.is_empty() {
                HTTP_BAD_CLIENT_REQUEST_RECEIVED(&self.client, reason);
                HTTP_BAD_CLIENT_REQUEST_RECEIVED_DETAILS(&self.client, Asked(&head, None));
            }
            complete(status, refusal(status))
        });
        let status = answer.status();
        let headers = answer.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                if let Some(authentication) = &settings.authentication {
                    headers.insert(WWW_AUTHENTICATE, authentication.challenge());
                }
            }
            // A page that says that all is not well is an answer like others; what is forbidden was read to its end.
            StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE | StatusCode::FORBIDDEN => {}
            // What of the body is still to come is not waited for, and nothing that follows is taken for a request: whoever
            // relayed this one may have understood its end differently.
            _ => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
        }
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(JSON));
        for header in settings.headers.iter().filter(|header| !header.is_the_servers()) {
            headers.insert(header.name.clone(), header.value.clone());
        }
        let version = head.version;
        HTTP_SERVER_RESPONSE_SEND(format_args!("{version:?} {status}"), &self.client);
        let answered = Answered { version, status, headers: answer.headers(), body: &body };
        HTTP_SERVER_RESPONSE_SEND_DETAILS(&self.client, answered);
        Ok(answer)
    }

    /// What the command says, as it is sent.
    async fn result(&self, head: &Parts, body: Incoming, settings: &Settings) -> Result<String, Refusal> {
        let length = judge(head).map_err(|reason| Refusal { status: StatusCode::BAD_REQUEST, reason })?;
        // Before anything of the body is kept.
        let peer = match settings.admits(&head.headers) {
            Admitted::No => return Err(Refusal::of(Denied::Unauthorized)),
            Admitted::Anybody => self.peer.clone(),
            Admitted::User(user) => Arc::new(Peer { user: Some(user.to_owned()), ..Peer::clone(&self.peer) }),
        };
        if length > self.shared.limits.size as u64 {
            let reason = format!("the command is longer than {} bytes", self.shared.limits.size);
            return Err(Refusal { status: StatusCode::PAYLOAD_TOO_LARGE, reason });
        }
        let text = match timeout(self.shared.limits.whole, self.body(body)).await {
            Ok(Some(Ok(text))) => text,
            Ok(Some(Err(reason))) => return Err(Refusal { status: StatusCode::BAD_REQUEST, reason }),
            Ok(None) | Err(_) => {
                HTTP_CLIENT_REQUEST_TIMEOUT_OCCURRED(&self.client);
                let reason = "the request was not complete in time".to_owned();
                return Err(Refusal { status: StatusCode::REQUEST_TIMEOUT, reason });
            }
        };
        self.place.moved(Stage::Served, text.len());
        let value = match parsed(text).await {
            Ok(value) => value,
            Err(reason) => {
                self.place.moved(Stage::Sending, 0);
                return Err(Refusal { status: StatusCode::BAD_REQUEST, reason });
            }
        };
        HTTP_CLIENT_REQUEST_RECEIVED(&self.client);
        HTTP_CLIENT_REQUEST_RECEIVED_DETAILS(&self.client, Asked(head, Some(&value)));
        let text = match self.execute(value, peer, settings).await {
            Ok(text) => text,
            Err(denied) => {
                self.place.moved(Stage::Sending, 0);
                return Err(Refusal::of(denied));
            }
        };
        self.place.moved(Stage::Reading, text.len());
        Ok(text)
    }

    /// Reads the command of a request: its text, or why it cannot be one; nothing if the client is silent for too long.
    async fn body(&self, mut body: Incoming) -> Option<Result<Vec<u8>, String>> {
        let limits = &self.shared.limits;
        let mut feed = Feed::new(limits.size, limits.values);
        let mut complete: Option<Vec<u8>> = None;
        loop {
            let bytes = match timeout(limits.idle, body.frame()).await.ok()? {
                None if complete.is_none() && feed.len() > 0 => {
                    return Some(Err("the command is not complete".to_owned()));
                }
                None => return Some(Ok(complete.unwrap_or_default())),
                Some(Err(error)) => return Some(Err(error.to_string())),
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
            };
            let before = feed.len();
            let rest = match complete {
                Some(_) => &bytes[..],
                None => match feed.push(&bytes) {
                    Step::More => &[],
                    Step::Refused(reason) => return Some(Err(reason)),
                    Step::Complete(text) => {
                        let rest = &bytes[text.len() - before..];
                        complete = Some(text);
                        rest
                    }
                },
            };
            if !rest.trim_ascii().is_empty() {
                return Some(Err("there is more after the command".to_owned()));
            }
            self.place.moved(Stage::Sending, complete.as_ref().map_or(feed.len(), Vec::len));
        }
    }

    /// The list of answers to a command, if the client may send it and it is one of those that are taken.
    async fn execute(&self, value: Value, peer: Arc<Peer>, settings: &Settings) -> Result<String, Denied> {
        // Whoever may not send a command learns no more of it.
        let service = self.shared.service.as_ref().and_then(|own| wrong_service(&value, own));
        let request = match value {
            Value::Null => Err("invalid command: no command specified".to_owned()),
            value => Request::from_json(value),
        };
        let request = match request {
            Ok(request) => {
                let remote = Some((*self.client).to_owned());
                let is_quick = self.quick.is_some();
                let request = Request { remote, peer: Some(peer), is_quick, ..request };
                if settings.accepts.is_some_and(|accepts| !accepts.contains(&&*request.command)) {
                    COMMAND_HTTP_LISTENER_COMMAND_REJECTED(shortened(&request.command), &self.client);
                    return Err(Denied::Forbidden);
                }
                self.shared.executor.judge(&request)?;
                Ok(request)
            }
            Err(reason) => Err(reason),
        };
        match (service, request) {
            (Some(refusal), _) => Ok(refusal.into_listed_text()),
            (None, Ok(request)) => {
                let _turn = match &settings.turns {
                    None => None,
                    Some(turns) => turns.free.acquire().await.ok(),
                };
                let is_elsewhere = |quick: &&Quick| !quick.commands.contains(&&*request.command);
                let quick = self.quick.as_ref().filter(is_elsewhere);
                let answer = self.shared.executor.clone().answer(request);
                Ok(match quick {
                    None => answer.await,
                    Some(quick) => quick.apart.elsewhere(answer).await,
                })
            }
            (None, Err(reason)) => {
                let reason = format!("Error during command processing: {reason}");
                COMMAND_PROCESS_ERROR1(&reason);
                Ok(Response::error(reason).into_listed_text())
            }
        }
    }
}

impl Refusal {
    /// One that is told of elsewhere.
    pub(super) fn of(denied: Denied) -> Self {
        let status = match denied {
            Denied::Unauthorized => StatusCode::UNAUTHORIZED,
            Denied::Forbidden => StatusCode::FORBIDDEN,
        };
        Self { status, reason: String::new() }
    }
}

/// Whether a request may bring a command, by its line and its headers: the length of its body, or what is wrong.
fn judge(head: &Parts) -> Result<u64, String> {
    let method = head.method.as_str();
    if !method.eq_ignore_ascii_case("POST") {
        return Err(format!("use of HTTP {method} not allowed"));
    }
    let headers = &head.headers;
    // Whoever relays requests could understand the length differently, if it is said twice.
    if headers.contains_key(TRANSFER_ENCODING) {
        return Err("a body in parts, Transfer-Encoding, is not taken; send Content-Length".to_owned());
    }
    let length = text_of(headers, CONTENT_LENGTH.as_str())?;
    let kind = text_of(headers, CONTENT_TYPE.as_str())?;
    if !kind.eq_ignore_ascii_case(JSON) {
        return Err(format!("required header's content-type value is {JSON}, but {kind} was found"));
    }
    length.parse().map_err(|_| format!("Content-Length is '{length}', which is no length"))
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, String> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.map(str::trim).ok_or_else(|| format!("required header {name} not found in the HTTP request"))
}

async fn parsed(text: Vec<u8>) -> Result<Value, String> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let is_long = text.len() >= LONG;
    let parse = move || {
        serde_json::from_slice(&text).map_err(|error| format!("the command is not valid JSON: {error}"))
    };
    if is_long { aside(parse).await } else { parse() }
}

/// The answer to a command that is meant for another server than `own`.
fn wrong_service(value: &Value, own: &str) -> Option<Response> {
    let services = match value.get("service")? {
        Value::Array(services) => services,
        _ => return Some(Response::error("service value must be a list")),
    };
    match &services[..] {
        [] => None,
        [Value::String(name)] if name.is_empty() || name == own => None,
        [Value::String(name)] => {
            Some(Response::error(format!("unsupported service '{name}', expected '{own}'")))
        }
        [_] => Some(Response::error("service name must be a string")),
        _ => Some(Response::error("service value has more than one item")),
    }
}

/// An answer that is there, and its text for the log.
fn complete(status: StatusCode, text: String) -> (Answer, Bytes) {
    let body = Bytes::from(text);
    let mut answer = HttpResponse::new(whole(body.clone()));
    *answer.status_mut() = status;
    (answer, body)
}

/// What is said to a request that brings no command.
fn refusal(status: StatusCode) -> String {
    let said = status.canonical_reason().unwrap_or_default();
    format::text(&json!({"result": status.as_u16(), "text": said}), Shape::Line)
}
