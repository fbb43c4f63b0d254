//! What one round of a worker has come to: leases are kept, modules write down what they gathered, then replies leave, then
//! everything is told.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker as TaskWaker};
use std::thread::{self, Thread};

use kotare_daemon::Moment;
use kotare_engine::hooks::Times;
use kotare_model::Timestamp;
use kotare_stats::{Counters, Statistic};
use kotare_store::{LeaseStore, StoreError};
use smallvec::SmallVec;

use super::Place;
use super::told::Repeated;
use crate::family::{CountersOf, Ended, Family, Flow, PortOf};
use crate::generation::Generation;
use crate::messages::KOTARE_PACKETS_NOT_SENT;
use crate::messages::{KOTARE_LEASES_KEPT_AGAIN, KOTARE_LEASES_NOT_KEPT};
use crate::network::Port;
use crate::shared::Shared;

/// How an exchange ended, for [`Flow::report`].
#[derive(Debug)]
pub enum Fate<'a, O> {
    /// It came to this, and its reply, if there is one, was sent.
    Done(&'a O),
    /// The reply could not be sent; without the reason if that was told just before.
    Unsent(&'a O, Option<&'a io::Error>),
    /// The lease could not be kept, so the reply was not sent: nothing is answered that was not kept, and clients ask
    /// again.
    Withheld(&'a O, &'a StoreError),
    /// It did not begin: a newer message of the client took its place.
    Replaced,
    /// It did not begin: more messages came than could be answered.
    Dropped {
        /// Whether the client had sent more than its share.
        excess: bool,
    },
}

/// The exchanges that ended in a round. Made once; it keeps its room.
#[derive(Debug)]
pub(super) struct Round<F: Flow> {
    ended: Vec<Ended<F>>,
    /// Which of them have a reply that may be sent.
    replies: Vec<usize>,
    /// Which of the replies could not be sent.
    unsent: Vec<(usize, io::Error)>,
    /// Replies that could not be sent.
    failures: Repeated,
}

impl<F: Family> Round<F> {
    pub(super) fn new() -> Self {
        Self { ended: Vec::new(), replies: Vec::new(), unsent: Vec::new(), failures: Repeated::new() }
    }

    /// An exchange has ended.
    pub(super) fn push(&mut self, ended: Ended<F>) {
        self.ended.push(ended);
    }

    /// Keeps the leases, sends the replies, counts and logs, and gives the places back.
    pub(super) fn conclude(
        &mut self,
        port: &mut PortOf<F>,
        shared: &Shared<F>,
        counters: &CountersOf<F>,
        places: &mut Vec<Box<Place<F>>>,
        now: Timestamp,
    ) {
        if self.ended.is_empty() {
            return;
        }
        let kept = self.keep(shared);
        self.write_down();
        self.send(port, &kept);
        // One look at the clock for all of them; when none is sent, none.
        let mut took = Took::new((!self.replies.is_empty()).then(|| shared.clock.moment()));
        let mut unsent = self.unsent.drain(..).peekable();
        for (at, ended) in self.ended.drain(..).enumerate() {
            let failed = unsent.next_if(|(unsent, _)| *unsent == at);
            let Ended { generation, place, outcome, .. } = ended;
            let fate = match (kept.failure(&generation), &failed) {
                (Some(error), _) => Fate::Withheld(&outcome, error),
                (None, Some((_, error))) => {
                    Fate::Unsent(&outcome, self.failures.is_news(now).then_some(error))
                }
                (None, None) => Fate::Done(&outcome),
            };
            let reply = F::reply(&outcome);
            if let Some(len) = F::passed_on(&outcome) {
                shared.over6.pass_on(place.reply(len));
            }
            if reply.is_some() && matches!(fate, Fate::Done(_)) {
                took.count(place.received, counters);
                tell_monitor::<F>(&generation.engine, &place, &outcome, shared);
            }
            if let Some(query) = &place.query {
                let len = reply.map_or(0, |(_, len)| len);
                F::report(&generation.engine, query, fate, place.reply(len), counters);
            }
            places.push(place);
        }
        took.tell(counters);
    }

    /// Tells of the replies that could not be sent and were not told of, when their second is over.
    pub(super) fn tell(&mut self, now: Timestamp) {
        if let Some(count) = self.failures.sum(now) {
            KOTARE_PACKETS_NOT_SENT(count);
        }
    }

    /// Makes sure of the leases that the exchanges changed.
    fn keep(&self, shared: &Shared<F>) -> Kept {
        let mut kept = Kept::default();
        for ended in &self.ended {
            let store = Kept::name(&ended.generation);
            if !kept.0.iter().any(|(other, _)| *other == store) {
                let flushed = block_on(pin!(ended.generation.leases().store().flush()));
                kept.0.push((store, flushed.err()));
            }
        }
        // Told when it begins and when it ends, not for every round.
        let failure = kept.0.iter().find_map(|(_, failure)| failure.as_ref());
        if shared.failing.load(Ordering::Relaxed) != failure.is_some()
            && shared.failing.swap(failure.is_some(), Ordering::Relaxed) != failure.is_some()
        {
            let withheld = || self.ended.iter().filter(|it| F::reply(&it.outcome).is_some()).count();
            match failure {
                None => KOTARE_LEASES_KEPT_AGAIN("the lease file"),
                Some(error) => KOTARE_LEASES_NOT_KEPT(withheld(), error),
            }
        }
        kept
    }

    /// Has modules write down what the exchanges gathered.
    fn write_down(&self) {
        let mut before: Option<&Generation<F>> = None;
        for Ended { generation, .. } in &self.ended {
            // Those of one generation come together, but for a few when another takes its place.
            let generation: &Generation<F> = generation;
            if before.is_none_or(|before| !std::ptr::eq(before, generation)) {
                F::round_ends(&generation.engine).iter().for_each(|it| it.round_ends());
                before = Some(generation);
            }
        }
    }

    /// Sends the replies of leases that were kept.
    fn send(&mut self, port: &mut PortOf<F>, kept: &Kept) {
        let Self { ended, replies, unsent, .. } = self;
        let reply = |at: usize| Some((F::reply(&ended[at].outcome)?, &ended[at].place));
        replies.clear();
        replies.extend(
            (0..ended.len())
                .filter(|&at| reply(at).is_some() && kept.failure(&ended[at].generation).is_none()),
        );
        let ready = replies.iter().filter_map(|&at| reply(at));
        let ready = ready.map(|((departure, len), place)| (departure, place.reply(len)));
        port.send(ready, |nth, error| unsent.push((replies[nth], error)));
        // A port sends by socket, so it need not tell failures in order.
        unsent.sort_by_key(|(at, _)| *at);
    }
}

/// Tells who watches how long messages take of one that was answered.
fn tell_monitor<F: Family>(engine: &F::Engine, place: &Place<F>, outcome: &F::Outcome, shared: &Shared<F>) {
    let (Some(query), Some(watched)) = (&place.query, &place.watched) else { return };
    let ago = shared.clock.moment().since(watched.read);
    let times = Times {
        waited: watched.waited,
        read: shared.clock.since_epoch().saturating_sub(ago),
        queued: watched.queued.map(|queued| queued.since(watched.read)),
        started: watched.started.since(watched.read),
        completed: watched.completed.since(watched.read),
    };
    F::timed(engine, query, outcome, times);
}

/// How long exchanges took. Those that were received together are counted together.
struct Took {
    /// When their replies were sent.
    sent: Option<Moment>,
    received: Moment,
    count: u64,
}

impl Took {
    fn new(sent: Option<Moment>) -> Self {
        Self { sent, received: Moment::default(), count: 0 }
    }

    /// One more, received then.
    fn count(&mut self, received: Moment, counters: &Counters<impl Statistic>) {
        if received != self.received {
            self.tell(counters);
            self.received = received;
        }
        self.count += 1;
    }

    /// Counts those that were received together.
    fn tell(&mut self, counters: &Counters<impl Statistic>) {
        if let Some(sent) = self.sent
            && self.count > 0
        {
            counters.exchanged(sent.since(self.received), std::mem::take(&mut self.count));
        }
    }
}

/// Which stores kept what was put into them, each known by its address. There is one, but while a configuration with
/// another lease file comes into effect.
#[derive(Default)]
struct Kept(SmallVec<[(usize, Option<StoreError>); 2]>);

impl Kept {
    fn name<F: Flow>(generation: &Generation<F>) -> usize {
        Arc::as_ptr(&generation.stored).addr()
    }

    /// Why the leases of this generation could not be kept.
    fn failure<F: Flow>(&self, generation: &Generation<F>) -> Option<&StoreError> {
        let name = Self::name(generation);
        self.0.iter().find(|(store, _)| *store == name)?.1.as_ref()
    }
}

/// Runs a future to its end on this thread. Those of a store in memory are ready when they are polled first.
pub(super) fn block_on<F: Future>(mut future: Pin<&mut F>) -> F::Output {
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
