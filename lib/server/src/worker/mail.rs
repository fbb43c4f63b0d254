//! What the rest of the server asks of a worker, between two rounds.

use std::io;
use std::sync::{Arc, mpsc};

use kotare_net::Waker;
use tokio::sync::oneshot;

use crate::family::{DepartureOf, Flow, SocketOf, SpecOf};

/// What is asked of a worker. Each is done at once, whatever exchanges wait.
#[derive(Debug)]
pub(crate) enum Mail<F: Flow> {
    /// Serve these sockets, too.
    Open(Vec<SocketOf<F>>),
    /// Close all sockets but these.
    Keep(Arc<[SpecOf<F>]>, oneshot::Sender<()>),
    /// Send this message; how that went.
    Send(DepartureOf<F>, Box<[u8]>, oneshot::Sender<io::Result<()>>),
    /// Let others receive from your sockets, and end with your last exchange.
    HandOver(oneshot::Sender<Vec<SocketOf<F>>>),
}

/// Where a worker gets its mail.
#[derive(Debug)]
pub(crate) struct Letterbox<F: Flow> {
    sender: mpsc::Sender<Mail<F>>,
    waker: Waker,
}

impl<F: Flow> Letterbox<F> {
    /// The letter box of the worker that reads the receiver, and whom `waker` wakes.
    pub(crate) fn new(waker: Waker) -> (Self, mpsc::Receiver<Mail<F>>) {
        let (sender, receiver) = mpsc::channel();
        (Self { sender, waker }, receiver)
    }

    /// Puts mail in. If the worker has ended, it is dropped, and an answer that is waited for does not come.
    pub(crate) fn put(&self, mail: Mail<F>) {
        let _ = self.sender.send(mail);
        self.waker.wake();
    }

    /// Lets the worker look what is new, so that it lets go of what is old.
    pub(crate) fn nudge(&self) {
        self.waker.wake();
    }
}
