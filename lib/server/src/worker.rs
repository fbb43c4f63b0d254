//! The packet loop: receive a batch, run the exchanges, keep their leases, send the replies.

use std::pin::{Pin, pin};
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker as TaskWaker};
use std::thread::{self, Thread};
use std::time::Duration;

use kotare_daemon::Stop;
use kotare_engine::Admission;
use kotare_engine::v4::{self, Intake, Outcome, Received};
use kotare_model::Timestamp;
use kotare_net::{Arrivals4, BATCH, Port4, Socket4, Spec4};
use kotare_stats::{Counters4, Stat4};
use kotare_store::{LeaseStore, StoreError};
use smallvec::SmallVec;
use tokio::sync::oneshot;

use crate::generation::{Generation, Listening, Shared};
use crate::messages::{
    DHCP4_BUFFER_RECEIVE_FAIL, DHCP4_LEASES_KEPT_AGAIN, DHCP4_LEASES_NOT_KEPT, DHCP4_PACKET_DROP_0008,
    DHCP4_PACKET_SEND_FAIL,
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
    pub(crate) seed: u64,
    /// Whether there is no other worker.
    pub(crate) alone: bool,
}

/// Serves until told to stop.
pub(crate) fn serve(worker: Worker, stop: &Stop) {
    let Worker { mut port, mail, shared, counters, mut seed, alone } = worker;
    let mut arrivals: [Arrivals4; ROUNDS] = std::array::from_fn(|_| Arrivals4::new());
    let mut replies = vec![[0; REPLY]; ROUNDS * BATCH];
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
        batch.answer(&arrivals[..rounds], &mut replies, &mut port, &mut seed);
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

/// An exchange of the batch that has ended: its query, its outcome, and which reply buffer it used.
type Done<'a> = (Intake<'a>, Outcome, usize);

impl Batch<'_> {
    fn answer(&self, arrivals: &[Arrivals4], replies: &mut [[u8; REPLY]], port: &mut Port4, seed: &mut u64) {
        let Generation { server, leases, .. } = self.generation;
        let now = self.shared.clock.now();
        let enabled = self.shared.is_enabled();
        let mut done: SmallVec<[Done<'_>; BATCH]> = SmallVec::new();
        let mut later: SmallVec<[(Intake<'_>, usize); 4]> = SmallVec::new();
        for (place, (arrival, datagram)) in arrivals.iter().flat_map(Arrivals4::iter).enumerate() {
            let interface = self.listening.name(arrival.ifindex);
            let received = Received { datagram, arrival, interface, listening: &self.listening.addresses };
            if !enabled {
                self.refuse_disabled(&received);
                continue;
            }
            match server.intake(received) {
                Err(refused) => v4::report_refused(&refused, self.counters),
                Ok(intake) => match self.exchange(&intake, now, next(seed), &mut replies[place]) {
                    Some(outcome) => done.push((intake, outcome, place)),
                    None => later.push((intake, place)),
                },
            }
        }
        // Another worker is at an earlier message of these clients; it takes microseconds.
        while let Some((intake, place)) = later.pop() {
            match self.exchange(&intake, now, next(seed), &mut replies[place]) {
                Some(outcome) => done.push((intake, outcome, place)),
                None => {
                    later.push((intake, place));
                    thread::yield_now();
                }
            }
        }
        if done.is_empty() {
            return;
        }
        match run(pin!(leases.store().flush())) {
            Ok(()) => self.send(&done, replies, port),
            Err(error) => self.withhold(&done, &error),
        }
    }

    /// Runs the exchange; `None` if another worker is at a message of the same client, which could otherwise get two
    /// leases: one for each.
    fn exchange(&self, intake: &Intake<'_>, now: Timestamp, seed: u64, reply: &mut [u8]) -> Option<Outcome> {
        let Generation { server, leases, .. } = self.generation;
        let client = if self.alone { None } else { intake.client_key() };
        let pass = match client.map(|client| self.shared.in_flight.enter(&client, ())) {
            None => None,
            Some(Admission::Go(pass, ())) => Some(pass),
            Some(Admission::Waits(_)) => return None,
        };
        let outcome = run(pin!(server.exchange(leases, intake, now, seed, reply)));
        if let Some(pass) = pass {
            self.shared.in_flight.leave(pass);
        }
        Some(outcome)
    }

    fn send(&self, done: &[Done<'_>], replies: &[[u8; REPLY]], port: &mut Port4) {
        if self.shared.failing.load(Ordering::Relaxed) && self.shared.failing.swap(false, Ordering::Relaxed) {
            DHCP4_LEASES_KEPT_AGAIN("the lease file");
        }
        let mut failed: SmallVec<[usize; 4]> = SmallVec::new();
        let ready = done.iter().filter_map(|(_, outcome, place)| match outcome {
            Outcome::Reply(reply) => Some((reply.departure, &replies[*place][..reply.len])),
            _ => None,
        });
        port.send(ready, |nth, error| {
            failed.push(nth);
            let queries = done.iter().filter(|(_, outcome, _)| matches!(outcome, Outcome::Reply(_)));
            if let Some((intake, ..)) = queries.clone().nth(nth) {
                DHCP4_PACKET_SEND_FAIL(intake, error);
            }
        });
        let mut nth = 0;
        for (intake, outcome, _) in done {
            if matches!(outcome, Outcome::Reply(_)) {
                nth += 1;
                if failed.contains(&(nth - 1)) {
                    continue;
                }
            }
            v4::report(&self.generation.server, intake, outcome, self.counters);
        }
    }

    /// Nothing is answered that was not kept: clients ask again.
    fn withhold(&self, done: &[Done<'_>], error: &StoreError) {
        let count = done.iter().filter(|(_, outcome, _)| matches!(outcome, Outcome::Reply(_))).count();
        self.counters.add(Stat4::Received, done.len() as i64);
        self.counters.add(Stat4::ProcessingFailed, done.len() as i64);
        self.counters.add(Stat4::ReceiveDrop, done.len() as i64);
        if !self.shared.failing.swap(true, Ordering::Relaxed) {
            DHCP4_LEASES_NOT_KEPT(count, error);
        }
    }

    fn refuse_disabled(&self, received: &Received<'_>) {
        self.counters.count(Stat4::Received);
        self.counters.count(Stat4::ServiceDisabled);
        self.counters.count(Stat4::ReceiveDrop);
        DHCP4_PACKET_DROP_0008(format_args!("{} on {}", received.arrival.source, received.interface));
    }
}

/// A step of xorshift64*: any number will do to choose an address at random.
fn next(seed: &mut u64) -> u64 {
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    seed.wrapping_mul(0x2545_f491_4f6c_dd1d)
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
