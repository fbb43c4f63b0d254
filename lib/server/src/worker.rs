//! The packet loop: receive a batch, run the exchanges, keep their leases, send the replies.

use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker as TaskWaker};
use std::thread::{self, Thread};
use std::time::Duration;

use kotare_daemon::Stop;
use kotare_engine::Admission;
use kotare_engine::v4::{self, Outcome, Query4, Received, Sent};
use kotare_model::{Chance, Timestamp};
use kotare_net::{Arrivals4, BATCH, Port4, Socket4, Spec4};
use kotare_stats::{Counters4, Stat4};
use kotare_store::{LeaseStore, StoreError};
use kotare_wire::v4::{Index, Message};
use smallvec::SmallVec;
use tokio::sync::oneshot;

use crate::generation::{Generation, Listening, Shared};
use crate::messages::{
    DHCP4_BUFFER_RECEIVE_FAIL, DHCP4_LEASES_KEPT_AGAIN, DHCP4_LEASES_NOT_KEPT, DHCP4_PACKET_DROP_0008,
};

/// The most batches that are answered together when keeping leases is slow, so that one wait for the disk serves them.
pub(crate) const ROUNDS: usize = 4;

/// Room for one reply; more than any path carries unfragmented.
const REPLY: usize = 2048;

/// What the main thread asks of a worker, between two batches.
#[derive(Debug)]
pub(crate) enum Mail {
    /// Serve these sockets, too.
    Open(Vec<Socket4>),
    /// Close all sockets but these.
    Keep(Arc<[Spec4]>, oneshot::Sender<()>),
}

/// One worker's own things.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) port: Port4,
    pub(crate) mail: mpsc::Receiver<Mail>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) counters: Counters4,
    /// What addresses are chosen with.
    pub(crate) chance: Chance,
    /// Whether there is no other worker.
    pub(crate) alone: bool,
}

/// Serves until told to stop.
pub(crate) fn serve(worker: Worker, stop: &Stop) {
    let Worker { mut port, mail, shared, counters, mut chance, alone } = worker;
    let mut arrivals: [Arrivals4; ROUNDS] = std::array::from_fn(|_| Arrivals4::new());
    let mut rooms = vec![Room { index: Index::new(), reply: [0; REPLY] }; ROUNDS * BATCH];
    while !stop.is_set() {
        // The timeout only guards against a wake that got lost; nothing depends on it.
        match port.wait(Some(Duration::from_secs(1))) {
            Ok(ready) if ready.woken => read_mail(&mail, &mut port),
            Ok(_) => {}
            Err(error) => DHCP4_BUFFER_RECEIVE_FAIL(format_args!("cannot wait for packets: {error}")),
        }
        let generation = shared.generation.load();
        let rounds = receive(&mut port, &mut arrivals[..generation.rounds]);
        if rounds == 0 {
            continue;
        }
        let listening = shared.listening.load();
        let batch = Batch {
            shared: &shared,
            generation: &generation,
            listening: &listening,
            counters: &counters,
            alone,
        };
        batch.answer(&arrivals[..rounds], &mut rooms, &mut port, &mut chance);
    }
}

/// Receives as many full batches as are waiting, into `arrivals`; how many of them were used.
fn receive(port: &mut Port4, arrivals: &mut [Arrivals4]) -> usize {
    for (round, batch) in arrivals.iter_mut().enumerate() {
        match port.recv(batch) {
            Ok(0) => return round,
            Ok(BATCH) => {}
            Ok(_) => return round + 1,
            Err(error) => {
                DHCP4_BUFFER_RECEIVE_FAIL(error);
                return round;
            }
        }
    }
    arrivals.len()
}

fn read_mail(mail: &mpsc::Receiver<Mail>, port: &mut Port4) {
    for mail in mail.try_iter() {
        match mail {
            Mail::Open(sockets) => {
                for socket in sockets {
                    if let Err(error) = port.add(socket) {
                        DHCP4_BUFFER_RECEIVE_FAIL(error);
                    }
                }
            }
            Mail::Keep(specs, done) => {
                port.retain(|spec| specs.contains(spec));
                let _ = done.send(());
            }
        }
    }
}

/// What one batch of datagrams is answered with.
struct Batch<'a> {
    shared: &'a Shared,
    generation: &'a Generation,
    listening: &'a Listening,
    counters: &'a Counters4,
    alone: bool,
}

/// What is kept for a datagram of a batch while it is answered.
#[derive(Clone, Debug)]
struct Room {
    index: Index,
    reply: [u8; REPLY],
}

/// A message that was let in; it may have to wait until another worker is done with its client.
struct Waiting<'a> {
    query: Query4,
    message: Message<'a>,
    reply: &'a mut [u8; REPLY],
}

/// An exchange that has ended.
struct Ended<'a> {
    query: Query4,
    outcome: Outcome,
    reply: &'a [u8; REPLY],
}

impl<'a> Waiting<'a> {
    fn end(self, outcome: Outcome) -> Ended<'a> {
        Ended { query: self.query, outcome, reply: self.reply }
    }
}

impl Batch<'_> {
    fn answer(&self, arrivals: &[Arrivals4], rooms: &mut [Room], port: &mut Port4, chance: &mut Chance) {
        let Generation { server, leases, .. } = self.generation;
        let now = self.shared.clock.now();
        let enabled = self.shared.is_enabled();
        let mut ended: SmallVec<[Ended<'_>; BATCH]> = SmallVec::new();
        let mut later: SmallVec<[Waiting<'_>; 4]> = SmallVec::new();
        for ((arrival, datagram), room) in arrivals.iter().flat_map(Arrivals4::iter).zip(rooms) {
            let interface = self.listening.name(arrival.ifindex);
            let received = Received { datagram, arrival, interface, listening: &self.listening.addresses };
            if !enabled {
                self.refuse_disabled(&received);
                continue;
            }
            let Room { index, reply } = room;
            let query = match server.intake(&received, index) {
                Ok(query) => query,
                Err(refused) => {
                    v4::report_refused(&refused, self.counters);
                    continue;
                }
            };
            // It was just read.
            let Some(message) = Message::new(datagram, index) else { continue };
            let mut waiting = Waiting { query, message, reply };
            match self.exchange(&mut waiting, now, chance.number()) {
                Some(outcome) => ended.push(waiting.end(outcome)),
                None => later.push(waiting),
            }
        }
        // Another worker is at an earlier message of these clients; it takes microseconds.
        while let Some(mut waiting) = later.pop() {
            match self.exchange(&mut waiting, now, chance.number()) {
                Some(outcome) => ended.push(waiting.end(outcome)),
                None => {
                    later.push(waiting);
                    thread::yield_now();
                }
            }
        }
        if ended.is_empty() {
            return;
        }
        match run(pin!(leases.store().flush())) {
            Ok(()) => self.send(&ended, port),
            Err(error) => self.withhold(&ended, &error),
        }
    }

    /// Runs the exchange; `None` if another worker is at a message of the same client, which could otherwise get two
    /// leases: one for each.
    fn exchange(&self, waiting: &mut Waiting<'_>, now: Timestamp, seed: u64) -> Option<Outcome> {
        let Generation { server, leases, .. } = self.generation;
        let Waiting { query, message, reply } = waiting;
        let client = if self.alone { None } else { query.client_key() };
        let pass = match client.map(|client| self.shared.in_flight.enter(&client, ())) {
            None => None,
            Some(Admission::Go(pass, ())) => Some(pass),
            Some(Admission::Waits(_)) => return None,
        };
        let outcome = run(pin!(server.exchange(leases, *message, query, now, seed, *reply)));
        if let Some(pass) = pass {
            self.shared.in_flight.leave(pass);
        }
        Some(outcome)
    }

    fn send(&self, ended: &[Ended<'_>], port: &mut Port4) {
        if self.shared.failing.load(Ordering::Relaxed) && self.shared.failing.swap(false, Ordering::Relaxed) {
            DHCP4_LEASES_KEPT_AGAIN("the lease file");
        }
        // Where in `ended` the replies stand: the port counts replies.
        let mut replied: SmallVec<[usize; BATCH]> = SmallVec::new();
        let mut unsent: SmallVec<[(usize, io::Error); 4]> = SmallVec::new();
        let outcomes = ended.iter().enumerate();
        replied.extend(outcomes.filter(|(_, it)| matches!(it.outcome, Outcome::Reply(_))).map(|(at, _)| at));
        let replies = ended.iter().filter_map(|Ended { outcome, reply: bytes, .. }| match outcome {
            Outcome::Reply(reply) => Some((reply.departure, &bytes[..reply.len])),
            _ => None,
        });
        port.send(replies, |nth, error| unsent.push((replied[nth], error)));
        for (at, Ended { query, outcome, .. }) in ended.iter().enumerate() {
            let failure = unsent.iter().find(|(of, _)| *of == at);
            let sent = failure.map_or(Sent::Done, |(_, error)| Sent::Failed(error));
            v4::report(&self.generation.server, query, outcome, sent, self.counters);
        }
    }

    /// Nothing is answered that was not kept: clients ask again.
    fn withhold(&self, ended: &[Ended<'_>], error: &StoreError) {
        let count = ended.iter().filter(|ended| matches!(ended.outcome, Outcome::Reply(_))).count();
        if !self.shared.failing.swap(true, Ordering::Relaxed) {
            DHCP4_LEASES_NOT_KEPT(count, error);
        }
        for Ended { query, outcome, .. } in ended {
            v4::report(&self.generation.server, query, outcome, Sent::Withheld, self.counters);
        }
    }

    fn refuse_disabled(&self, received: &Received<'_>) {
        self.counters.count(Stat4::Received);
        self.counters.count(Stat4::ServiceDisabled);
        self.counters.count(Stat4::ReceiveDrop);
        DHCP4_PACKET_DROP_0008(format_args!("{} on {}", received.arrival.source, received.interface));
    }
}

/// Runs a future to its end on this thread. Those of a store in memory are ready at the first poll.
pub(crate) fn run<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(TaskWaker::noop())) {
        return output;
    }
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        thread::park();
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
