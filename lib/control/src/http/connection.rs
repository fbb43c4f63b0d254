//! One client of an HTTP listener.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::certificate;
use super::exchange::Exchange;
use super::heard::Heard;
use super::watched::Watched;
use super::{Quick, Settings, Shared, retired, tls};
use crate::access::Peer;
use crate::messages::*;
use crate::room::{Place, Stage};

/// How long the line and the headers of a request may be, in bytes, and how much of a body is read at once.
const BUFFER: usize = 64 << 10;

/// Serves the client of `stream` to the end, or until others need its `place`.
pub(super) async fn serve(
    stream: TcpStream,
    remote: SocketAddr,
    shared: Arc<Shared>,
    place: Place,
    settings: watch::Receiver<Arc<Settings>>,
    quick: Option<Quick>,
) {
    let mut peer = Peer { address: remote.ip().to_canonical(), tls: None, user: None };
    let client: Arc<str> = peer.address.to_string().into();
    // An answer is written whole.
    let _ = stream.set_nodelay(true);
    let place = Arc::new(place);
    let patience = shared.limits.idle.as_secs();
    let acceptor = settings.borrow().tls.as_ref().map(tls::Tls::acceptor);
    match acceptor {
        None => {
            HTTP_REQUEST_RECEIVE_START(&client, patience);
            converse(stream, peer, &client, &shared, &place, settings, quick).await;
        }
        Some(acceptor) => {
            HTTP_CONNECTION_HANDSHAKE_START(&client, patience);
            let mut others = settings.clone();
            let accepted = tokio::select! {
                accepted = timeout(shared.limits.idle, acceptor.accept(stream)) => Some(accepted),
                () = place.asked_to_leave() => None,
                () = retired(&mut others) => None,
            };
            match accepted.map(|accepted| accepted.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))) {
                Some(Ok(stream)) => {
                    HTTPS_REQUEST_RECEIVE_START(&client);
                    peer.tls = Some(certificate::client(stream.get_ref().1));
                    converse(stream, peer, &client, &shared, &place, settings, quick).await;
                }
                Some(Err(error)) => HTTP_CONNECTION_HANDSHAKE_FAILED(&client, tls::explained(&error)),
                None => HTTP_CONNECTION_SHUTDOWN(&client),
            }
        }
    }
    HTTP_CONNECTION_STOP(&client);
}

/// Answers one request after the other.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    peer: Peer,
    client: &Arc<str>,
    shared: &Arc<Shared>,
    place: &Arc<Place>,
    mut settings: watch::Receiver<Arc<Settings>>,
    quick: Option<Quick>,
) {
    let exchange = Exchange {
        shared: shared.clone(),
        place: place.clone(),
        client: client.clone(),
        peer: peer.into(),
        settings: settings.clone(),
        quick,
    };
    let service = service_fn(move |request| exchange.clone().answer(request));
    let heard = Arc::<Heard>::default();
    let stream = Watched::new(stream, place.clone(), client.clone(), heard.clone(), shared.limits);
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            // Also how long a connection is kept without a request.
            .header_read_timeout(shared.limits.whole)
            .max_buf_size(BUFFER)
            .half_close(true)
            .title_case_headers(true)
            .serve_connection(TokioIo::new(stream), service)
    );
    let done = tokio::select! {
        // What can be done at once is done even when the place is needed.
        biased;
        done = connection.as_mut() => done,
        () = place.asked_to_leave() => return HTTP_CONNECTION_SHUTDOWN(client),
        () = retired(&mut settings) => {
            HTTP_CONNECTION_SHUTDOWN(client);
            if place.stage() == Stage::Sending {
                return;
            }
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                done = connection => done,
                () = place.asked_to_leave() => return,
            }
        }
    };
    match done {
        Err(error) if error.is_timeout() => HTTP_IDLE_CONNECTION_TIMEOUT_OCCURRED(client),
        Err(error) if error.is_parse() => {
            HTTP_BAD_CLIENT_REQUEST_RECEIVED(client, format_args!("{error}{}", heard.advice()));
            HTTP_BAD_CLIENT_REQUEST_RECEIVED_DETAILS(client, &*heard);
        }
        Err(error) if is_overdue(&error) => HTTP_CLIENT_REQUEST_TIMEOUT_OCCURRED(client),
        // The client is gone.
        _ => {}
    }
}

/// Whether the client did not take its answer in time.
fn is_overdue(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut)
}
