//! Pages that programs look at to see how a server does: `GET` instead of a command.
//!
//! A long page is made part by part, each when the one before has been taken, and aside: neither the event loop nor a
//! thread waits for a client, and there is never more of it than a part and what it is made from.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes, Frame};
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::http::request::Parts as Head;
use hyper::{Method, Response as HttpResponse, StatusCode};
use kotare_config::process::Detail;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use tokio::time::{Sleep, sleep};

use super::Settings;
use super::authentication::Admitted;
use super::exchange::{Answer, Exchange, Refusal};
use crate::Denied;
use crate::room::{Place, Stage};

/// How many pages of a server are made at the same time. Others wait.
pub(super) const AT_ONCE: usize = 2;

/// Makes a page, for whoever may wait for it.
pub type Opening = Pin<Box<dyn Future<Output = Page> + Send>>;

/// How a page is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// How much there shall be on it.
    pub detail: Detail,
    /// Whether OpenMetrics is understood.
    pub open_metrics: bool,
}

/// What is shown.
pub struct Page {
    /// Whether all is well: 200, or else 503.
    pub is_well: bool,
    /// What it is, for `Content-Type`.
    pub kind: &'static str,
    /// How many bytes are kept for it while it is sent.
    pub held: usize,
    /// Its text. A part is made aside when it is wanted.
    pub parts: Box<dyn Iterator<Item = String> + Send>,
}

/// The body of a page.
pub(super) struct Parts {
    next: Next,
    held: usize,
    place: Arc<Place>,
    /// When it has to be taken.
    until: Pin<Box<Sleep>>,
    _turn: Option<OwnedSemaphorePermit>,
}

type Rest = Box<dyn Iterator<Item = String> + Send>;

enum Next {
    Wanted(Rest),
    Making(JoinHandle<(Option<String>, Rest)>),
    Over,
}

impl Exchange {
    /// The page that is asked for; nothing if a command is to be expected.
    pub(super) async fn page(&self, head: &Head, settings: &Settings) -> Option<Result<Answer, Refusal>> {
        let monitoring = settings.monitoring?;
        if ![Method::GET, Method::HEAD].contains(&head.method) {
            return None;
        }
        let asked = Asked { detail: monitoring.detail, open_metrics: takes_open_metrics(&head.headers) };
        let opening = self.shared.executor.page(head.uri.path(), asked)?;
        if monitoring.authentication && settings.admits(&head.headers) == Admitted::No {
            return Some(Err(Refusal::of(Denied::Unauthorized)));
        }
        self.place.moved(Stage::Served, 0);
        let turn = self.shared.pages.clone().acquire_owned().await.ok();
        let Page { is_well, kind, held, parts } = opening.await;
        let body = Parts {
            next: Next::Wanted(parts),
            held,
            place: self.place.clone(),
            until: Box::pin(sleep(self.shared.limits.whole)),
            _turn: turn,
        };
        let mut answer = HttpResponse::new(Either::Right(body));
        if !is_well {
            *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        Some(Ok(answer))
    }
}

/// A body that is there.
pub(super) fn whole(text: impl Into<Bytes>) -> Either<Full<Bytes>, Parts> {
    Either::Left(Full::new(text.into()))
}

/// Whether a client says that it understands OpenMetrics. Who prefers what is not looked at: each dialect says the same.
fn takes_open_metrics(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    kinds.any(|kinds| kinds.split(',').any(|kind| kind.trim().starts_with("application/openmetrics-text")))
}

impl Body for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.until.as_mut().poll(cx).is_ready() {
            self.next = Next::Over;
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        if let Next::Wanted(_) = self.next
            && let Next::Wanted(mut rest) = std::mem::replace(&mut self.next, Next::Over)
        {
            self.place.moved(Stage::Served, self.held);
            self.next = Next::Making(tokio::task::spawn_blocking(move || (rest.next(), rest)));
        }
        let Next::Making(making) = &mut self.next else { return Poll::Ready(None) };
        let made = ready!(Pin::new(making).poll(cx));
        self.place.moved(Stage::Reading, self.held);
        match made {
            Ok((Some(part), rest)) => {
                self.next = Next::Wanted(rest);
                Poll::Ready(Some(Ok(Frame::data(part.into()))))
            }
            Ok((None, _)) => {
                self.next = Next::Over;
                Poll::Ready(None)
            }
            Err(error) => {
                self.next = Next::Over;
                Poll::Ready(Some(Err(io::Error::other(error))))
            }
        }
    }
}

impl Page {
    /// A short text.
    pub fn of(is_well: bool, kind: &'static str, text: String) -> Self {
        Self { is_well, kind, held: text.len(), parts: Box::new(std::iter::once(text)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenMetrics is what Prometheus asks for by its name, among others and with what it thinks of them.
    #[test]
    fn open_metrics_has_a_name() {
        let takes = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            takes_open_metrics(&headers)
        };
        assert!(takes("application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5"));
        assert!(takes("text/plain, application/openmetrics-text; version=0.0.1"));
        assert!(!takes("text/plain;version=0.0.4,*/*;q=0.1"));
        assert!(!takes_open_metrics(&HeaderMap::new()));
    }
}
