//! A connection that tells the room and the log how its client gets on, and that does not wait for ever for one who reads
//! nothing, or next to nothing.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::heard::Heard;
use crate::messages::HTTP_DATA_RECEIVED;
use crate::room::{LINGER, Limits, Place, Stage};

/// How many bytes of an answer a client takes in a second at least, once it has had the time for a whole short one.
const PACE: u32 = 64 << 10;

/// The stream of a client. How long a client may be silent while it sends is for who reads the request.
pub(super) struct Watched<S> {
    stream: S,
    place: Arc<Place>,
    client: Arc<str>,
    heard: Arc<Heard>,
    limits: Limits,
    /// When the client has taken no byte for too long, while nothing is taken.
    silent: Option<Pin<Box<Sleep>>>,
    /// When the client has taken too little of the answer, since it kept us waiting. What it takes buys it time.
    slow: Option<Pin<Box<Sleep>>>,
    /// When the client, to whom nothing more is said, has had the time to read what was.
    parting: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Watched<S> {
    pub(super) fn new(
        stream: S,
        place: Arc<Place>,
        client: Arc<str>,
        heard: Arc<Heard>,
        limits: Limits,
    ) -> Self {
        Self { stream, place, client, heard, limits, silent: None, slow: None, parting: None }
    }

    /// What came of writing, or an error once the client takes nothing, or too little, for too long.
    fn watch<T>(&mut self, cx: &mut Context<'_>, wrote: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.silent = None;
            self.place.touched();
            return wrote;
        }
        let is_over = |timer: &mut Option<Pin<Box<Sleep>>>, patience, cx: &mut Context<'_>| {
            timer.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(cx).is_ready()
        };
        // Both are asked, so that either wakes us.
        let is_silent = is_over(&mut self.silent, self.limits.idle, cx);
        match is_over(&mut self.slow, self.limits.whole, cx) | is_silent {
            true => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            false => Poll::Pending,
        }
    }

    /// The same, and the client has taken so many bytes.
    fn watch_taking(
        &mut self,
        cx: &mut Context<'_>,
        wrote: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let (Some(slow), Poll::Ready(Ok(count))) = (&mut self.slow, &wrote) {
            let bought = Duration::from_secs(1) * u32::try_from(*count).unwrap_or(u32::MAX) / PACE;
            let until = slow.deadline() + bought;
            slow.as_mut().reset(until);
        }
        self.watch(cx, wrote)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        let bytes = &buffer.filled()[before..];
        if !bytes.is_empty() {
            HTTP_DATA_RECEIVED(bytes.len(), &self.client);
            self.heard.add(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch_taking(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.watch_taking(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        let flushed = self.watch(cx, flushed);
        if flushed.is_ready() && self.place.stage() == Stage::Reading {
            // The client has its answer, and may send the next command.
            self.place.moved(Stage::Sending, 0);
            self.slow = None;
            self.heard.forget();
        }
        flushed
    }

    /// What the client goes on to send is taken and forgotten for a moment: a connection that is closed with something
    /// unread is reset, and the client would not come to read the answer.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let timer = match &mut this.parting {
            Some(timer) => timer,
            None => {
                let shut = Pin::new(&mut this.stream).poll_shutdown(cx);
                ready!(this.watch(cx, shut))?;
                this.parting.insert(Box::pin(sleep(LINGER)))
            }
        };
        let mut buffer = [0; 8 << 10];
        while timer.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut buffer);
            match ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    use super::*;
    use crate::room::Room;

    const LENGTH: usize = 16 << 20;

    /// How much of an answer comes to a client that reads so much at a time with this pause between, and in what time.
    async fn read(piece: usize, pause: Duration) -> (usize, Duration) {
        let limits = Limits::default();
        let place = Arc::new(Room::new(&limits).enter().await);
        place.moved(Stage::Reading, LENGTH);
        let (mut client, server) = duplex(64 << 10);
        let mut server = Watched::new(server, place, "client".into(), Arc::default(), limits);
        let begin = Instant::now();
        let answer = async {
            let sent = server.write_all(&vec![0; LENGTH]).await;
            drop(server);
            sent
        };
        let reading = async {
            let (mut bytes, mut total) = (vec![0; piece], 0);
            loop {
                tokio::time::sleep(pause).await;
                let mut left = piece;
                while left > 0 {
                    match client.read(&mut bytes[..left]).await {
                        Ok(count) if count > 0 => (left, total) = (left - count, total + count),
                        _ => return total,
                    }
                }
            }
        };
        let (sent, total) = tokio::join!(answer, reading);
        assert_eq!(sent.is_ok(), total == LENGTH);
        (total, begin.elapsed())
    }

    /// Who takes nothing of a long answer, or next to nothing, is let go; who takes it at a bearable pace gets all of it.
    #[tokio::test(start_paused = true)]
    async fn readers_are_bounded() {
        let (total, took) = read(LENGTH, Duration::from_secs(60)).await;
        assert!(total < LENGTH && took < Duration::from_secs(61), "{total} bytes in {took:?}");
        let (total, took) = read(4 << 10, Duration::from_secs(5)).await;
        assert!(total < LENGTH && took < Duration::from_secs(150), "{total} bytes in {took:?}");
        let (total, took) = read(1 << 20, Duration::from_secs(9)).await;
        assert!(total == LENGTH && took > Duration::from_secs(100), "{total} bytes in {took:?}");
    }

    /// What a client goes on to send while it is told goodbye is taken, but not for ever.
    #[tokio::test(start_paused = true)]
    async fn the_parting_is_short() {
        let limits = Limits::default();
        let place = Arc::new(Room::new(&limits).enter().await);
        let (mut client, server) = duplex(64 << 10);
        let mut server = Watched::new(server, place, "client".into(), Arc::default(), limits);
        let begin = Instant::now();
        let sending = async {
            while client.write_all(&[0; 1000]).await.is_ok() && begin.elapsed() < 10 * LINGER {
                tokio::time::sleep(LINGER / 10).await;
            }
        };
        let parting = async {
            server.shutdown().await.unwrap();
            drop(server);
            begin.elapsed()
        };
        let (took, ()) = tokio::join!(parting, sending);
        assert!((LINGER..2 * LINGER).contains(&took), "{took:?}");
    }
}
