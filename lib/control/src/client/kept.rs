//! Many commands for one server: over connections that stay open, several at a time.

use std::fmt;
use std::sync::Arc;

use hyper::body::Bytes;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::http::{HttpError, HttpPeer, Sender};
use crate::Apart;

/// A server of HTTP that is asked again and again. Shown as its URL.
pub struct KeptPeer {
    peer: Arc<HttpPeer>,
    /// Where the connections are, if not with who asks.
    apart: Option<Arc<Apart>>,
    /// Connections that nobody uses at the moment, the one that was used last behind the others.
    idle: Mutex<Vec<Sender>>,
    /// How many exchanges may go on at once: no more connections are ever open.
    room: Semaphore,
}

impl KeptPeer {
    /// The server, asked over at most so many connections; at least one.
    #[must_use]
    pub fn new(peer: HttpPeer, connections: usize) -> Self {
        let connections = connections.clamp(1, Semaphore::MAX_PERMITS);
        Self { peer: Arc::new(peer), apart: None, idle: Mutex::default(), room: Semaphore::new(connections) }
    }

    /// The same server, with all connections in an event loop of their own: whoever asks from there is answered soonest.
    #[must_use]
    pub fn apart(self, apart: Arc<Apart>) -> Self {
        Self { apart: Some(apart), ..self }
    }

    /// Posts `body`; what is answered, in `longest` bytes at most. It takes as long as the server does, and until a connection
    /// is free.
    ///
    /// A connection that the server closed meanwhile is replaced, and the command sent again over the new one: it may be
    /// run twice if the server closes a connection instead of answering, so it has to be one that may.
    ///
    /// # Errors
    /// If there is no answer, or one whose status says that the server refused to look at the command.
    pub async fn send(&self, body: Bytes, longest: usize) -> Result<Vec<u8>, HttpError> {
        let _place = self.room.acquire().await;
        self.peer.told(self.exchange(body, longest).await)
    }

    /// Over a connection that was kept, or a new one.
    async fn exchange(&self, body: Bytes, longest: usize) -> Result<Vec<u8>, HttpError> {
        while let Some(mut kept) = self.take() {
            match self.peer.exchange(&mut kept, body.clone(), "keep-alive", longest).await {
                Err(HttpError::Broke(_) | HttpError::NotHttp(_)) => {}
                ended => return self.keep(kept, ended),
            }
        }
        let mut fresh = self.connect().await?;
        let ended = self.peer.exchange(&mut fresh, body, "keep-alive", longest).await;
        self.keep(fresh, ended)
    }

    async fn connect(&self) -> Result<Sender, HttpError> {
        let Some(apart) = &self.apart else { return self.peer.connect().await };
        let peer = self.peer.clone();
        apart.within(async move { peer.connect().await }).await
    }

    /// A connection that is open as far as is known.
    fn take(&self) -> Option<Sender> {
        let mut idle = self.idle.lock();
        idle.retain(|sender| !sender.is_closed());
        idle.pop()
    }

    /// Keeps a connection over which a whole answer came. One with the rest of an answer in it is of no use.
    fn keep(&self, sender: Sender, ended: Result<Vec<u8>, HttpError>) -> Result<Vec<u8>, HttpError> {
        if ended.is_ok() && !sender.is_closed() {
            self.idle.lock().push(sender);
        }
        ended
    }
}

impl fmt::Debug for KeptPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptPeer").field("peer", &self.peer).field("idle", &self.idle.lock().len()).finish()
    }
}

impl fmt::Display for KeptPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.peer.fmt(f)
    }
}
