//! The threads that answer packets.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use kotare_daemon::{Clock, Workers};
use kotare_model::Chance;
use kotare_stats::Statistics;
use tokio::sync::oneshot;

use crate::family::{DepartureOf, Family, Flow, SocketOf, SpecOf, StatOf};
use crate::network::{Network, Port};
use crate::shared::Shared;
use crate::surroundings::Seed;
use crate::worker::{self, Letterbox, Mail, Worker};

/// How long workers get to finish what they are at and stop.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// The threads that answer packets. Dropping it asks them to stop; [`Crew::stop`] also waits for them.
#[derive(Debug)]
pub(crate) struct Crew<F: Flow> {
    workers: Option<Workers>,
    post: Vec<Letterbox<F>>,
}

impl<F: Family> Crew<F> {
    /// Starts `count` workers without sockets.
    ///
    /// # Errors
    /// When the system has no room for them; none is left behind.
    pub(crate) fn start(
        count: usize,
        network: &F::Network,
        shared: &Arc<Shared<F>>,
        statistics: &Statistics<StatOf<F>>,
        seed: &Seed,
    ) -> io::Result<Self> {
        let mut crew = Self { workers: None, post: Vec::new() };
        let mut parts = Vec::new();
        for _ in 0..count {
            let port = network.port()?;
            let (letterbox, mail) = Letterbox::new(port.waker());
            crew.post.push(letterbox);
            let (shared, counters) = (shared.clone(), statistics.worker());
            let sampler = statistics.sampler(&counters);
            parts.push(Worker { port, mail, shared, counters, sampler, chance: Chance::new(seed()?) });
        }
        if count > 1 {
            shared.guard();
        }
        crew.workers = Some(Workers::spawn("worker", parts, worker::serve)?);
        Ok(crew)
    }

    /// How many workers there are.
    pub(crate) fn size(&self) -> usize {
        self.post.len()
    }

    /// Gives the sockets of one address to the workers, in turn.
    pub(crate) fn open(&self, sockets: Vec<SocketOf<F>>) {
        for (at, socket) in sockets.into_iter().enumerate() {
            self.post[at % self.post.len()].put(Mail::Open(vec![socket]));
        }
    }

    /// Closes all sockets but these.
    pub(crate) async fn keep_only(&self, specs: &Arc<[SpecOf<F>]>) {
        self.ask_all(|done| Mail::Keep(specs.clone(), done)).await;
    }

    /// Takes the sockets from the workers. They end when the last of their exchanges does.
    pub(crate) async fn hand_over(&self) -> Vec<SocketOf<F>> {
        self.ask_all(Mail::HandOver).await.into_iter().flatten().collect()
    }

    /// Lets a worker send a message.
    ///
    /// # Errors
    /// What the network says; or that the worker has ended.
    pub(crate) async fn send(&self, departure: DepartureOf<F>, message: Box<[u8]>) -> io::Result<()> {
        let (done, answer) = oneshot::channel();
        let ended = || io::Error::from(io::ErrorKind::NotConnected);
        self.post.first().ok_or_else(ended)?.put(Mail::Send(departure, message, done));
        answer.await.map_err(|_| ended())?
    }

    /// Lets idle workers see that there is another configuration.
    pub(crate) fn nudge(&self) {
        self.post.iter().for_each(Letterbox::nudge);
    }

    /// Asks every worker and waits for all answers, which they give between two rounds.
    async fn ask_all<T>(&self, mail: impl Fn(oneshot::Sender<T>) -> Mail<F>) -> Vec<T> {
        let ask = |letterbox: &Letterbox<F>| {
            let (done, answer) = oneshot::channel();
            letterbox.put(mail(done));
            answer
        };
        let asked: Vec<_> = self.post.iter().map(ask).collect();
        let mut answers = Vec::with_capacity(asked.len());
        for answer in asked {
            // A worker that has ended does not answer.
            answers.extend(answer.await);
        }
        answers
    }

    /// Which worker failed, and how; the others have stopped with it.
    pub(crate) fn failure(&mut self) -> Option<String> {
        self.workers.as_mut()?.failure()
    }

    /// Whether all workers have ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.workers.as_ref().is_none_or(Workers::have_ended)
    }

    /// Stops the workers, which closes their sockets; names those that did not stop in time.
    pub(crate) async fn stop(mut self, clock: &Clock) -> Vec<String> {
        self.ask_to_stop();
        match self.workers.take() {
            Some(workers) => workers.join(clock, STOP_LIMIT).await.stuck,
            None => Vec::new(),
        }
    }
}

impl<F: Flow> Crew<F> {
    /// Asks the workers to stop, without waiting for them.
    pub(crate) fn ask_to_stop(&self) {
        self.workers.iter().for_each(Workers::stop);
        self.post.iter().for_each(Letterbox::nudge);
    }
}

impl<F: Flow> Drop for Crew<F> {
    fn drop(&mut self) {
        self.ask_to_stop();
    }
}
