//! The packet loop of one thread: receive, run the exchanges, keep their leases, send the replies.
//!
//! An exchange is a future that owns all it needs. Where nothing can have to be waited for it is polled on the stack,
//! once, and is ready. Where something can, it is polled in a slot of its own ([`slots`]), and the worker goes on with
//! other messages until it is woken. Nobody but the worker polls, and there is no runtime.

mod backlog;
mod mail;
mod place;
mod round;
mod rush;
mod shares;
mod slots;
mod told;

use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use kotare_daemon::{Moment, Stop};
use kotare_engine::{Admission, Pass};
use kotare_model::{Chance, Timestamp};
use kotare_net::{BATCH, Tally, Waker};
use kotare_stats::{Sampler, Statistic};
use kotare_store::ring_together;

pub use backlog::Urgency;
pub use place::{Parts, Place};
pub use round::Fate;

pub(crate) use mail::{Letterbox, Mail};

use self::place::Watched;
use self::round::{Round, block_on};
use self::rush::Rush;
use self::slots::Slots;
use crate::family::{AddressOf, ArrivalOf, Begin, CountersOf, Ended, Family, Flow, Held, PortOf, StatOf};
use crate::network::Port;
use crate::shared::{Listening, Shared};

/// The most batches that are answered together when keeping leases is slow, so that one wait for the disk serves them.
pub(crate) const ROUNDS: usize = 4;

/// How many exchanges of one worker may wait at the same time. When there is no room for a batch, nothing is received:
/// messages gather in the kernel's queue, as they do when a worker is slow.
const SLOTS: u16 = 1024;

/// How long exchanges that wait get to end when the server stops.
const DRAIN: Duration = Duration::from_secs(1);

/// The longest a worker sleeps. It only guards against a wake-up that got lost; nothing depends on it.
const NAP: Duration = Duration::from_secs(1);

/// One worker's own things.
#[derive(Debug)]
pub(crate) struct Worker<F: Flow> {
    pub(crate) port: PortOf<F>,
    pub(crate) mail: mpsc::Receiver<Mail<F>>,
    pub(crate) shared: Arc<Shared<F>>,
    pub(crate) counters: CountersOf<F>,
    pub(crate) sampler: Sampler<StatOf<F>>,
    /// What addresses are chosen with.
    pub(crate) chance: Chance,
}

/// Serves until told to stop, or to hand over and until the last exchange has ended.
pub(crate) fn serve<F: Family>(worker: Worker<F>, stop: &Stop) {
    let Worker { mut port, mail, shared, counters, sampler, chance } = worker;
    let bell = port.waker();
    let desk = Desk {
        slots: Slots::new(F::exchange, SLOTS, bell.clone()),
        exchange: F::exchange,
        generation: Rc::new(shared.generation.load_full()),
        listening: shared.listening.load_full(),
        round: Round::new(),
        rush: Rush::new(),
        places: Vec::new(),
        returned: VecDeque::new(),
        at: shared.clock.since_epoch(),
        now: shared.clock.now(),
        moment: shared.clock.moment(),
        tally: Tally::default(),
        chance,
        counters,
        sampler,
        shared,
    };
    desk.serve(&mut port, &mail, &bell, stop);
}

/// What a worker has on its desk: the messages under way, and what it works with.
struct Desk<F: Flow, E, X> {
    shared: Arc<Shared<F>>,
    counters: CountersOf<F>,
    sampler: Sampler<StatOf<F>>,
    chance: Chance,
    generation: Held<F>,
    listening: Arc<Listening<AddressOf<F>>>,
    /// The time of this round, and the same in seconds and on the monotonic clock.
    at: Duration,
    now: Timestamp,
    moment: Moment,
    /// What was counted of the packets so far.
    tally: Tally,
    /// Places without a message.
    places: Vec<Box<Place<F>>>,
    /// Messages that waited for another one of their client, which has ended.
    returned: VecDeque<Box<Place<F>>>,
    /// Makes the future of an exchange, whose type has no name.
    exchange: E,
    slots: Slots<X>,
    /// What has ended in this round.
    round: Round<F>,
    /// What waits when more comes than can be answered.
    rush: Rush<F>,
}

impl<F, E, X> Desk<F, E, X>
where
    F: Family,
    E: Fn(Begin<F>) -> X,
    X: Future<Output = Ended<F>>,
{
    fn serve(mut self, port: &mut PortOf<F>, mail: &mpsc::Receiver<Mail<F>>, bell: &Waker, stop: &Stop) {
        let mut leaving = false;
        port.stamp(self.is_watched());
        while !(stop.is_set() || leaving && self.slots.is_empty() && self.rush.is_over()) {
            let room = self.has_room();
            let woken = match room {
                true => port.wait(Some(self.rush.nap())).map(|ready| ready.woken),
                false => bell.wait(Some(NAP)),
            };
            match woken {
                Ok(true) => leaving |= read_mail(mail, port),
                Ok(false) => {}
                Err(error) => {
                    F::WORDS.buffer_receive_fail(format_args!("cannot wait for packets: {error}"));
                }
            }
            self.begin_round(port);
            // Whom several exchanges ask something hears of it when all have asked, and sees to it while replies are sent.
            ring_together(|| {
                self.resume();
                // A new configuration may have given back what waited.
                if room && self.has_room() {
                    self.receive(port);
                }
            });
            self.conclude(port);
        }
        self.drain(port, bell);
    }

    /// Whether a batch of messages can be taken in, even if all of them have to wait.
    fn has_room(&self) -> bool {
        !self.generation.waits || self.slots.room() >= BATCH + self.returned.len()
    }

    /// Looks at the clock, and takes up the configuration and the sockets that are current.
    fn begin_round(&mut self, port: &mut PortOf<F>) {
        let clock = &self.shared.clock;
        (self.at, self.moment) = (clock.since_epoch(), clock.moment());
        let now = Timestamp::of(self.at);
        if std::mem::replace(&mut self.now, now) != now {
            self.count_lost(port);
            self.round.tell(now);
            self.tell_dropped();
        }
        let current = self.shared.generation.load();
        if !Arc::ptr_eq(&current, &self.generation) {
            self.generation = Rc::new(current.clone());
            port.stamp(self.is_watched());
            // What was read under the former configuration is judged anew, as if it came now.
            self.returned.extend(self.rush.take_all());
        }
        let listening = self.shared.listening.load();
        if !Arc::ptr_eq(&listening, &self.listening) {
            self.listening = listening.clone();
        }
    }

    /// Counts the packets that were lost before anybody could read a message in them. Asks the system, so it is done once
    /// a second, and oftener only in a rush.
    fn count_lost(&mut self, port: &mut PortOf<F>) {
        let tally = port.tally();
        let malformed = tally.malformed - self.tally.malformed;
        let overflowed = tally.overflowed - self.tally.overflowed;
        self.tally = tally;
        if malformed + overflowed == 0 {
            return;
        }
        if overflowed > 0 {
            self.rush.note_overflow(self.now);
        }
        self.counters.add(StatOf::<F>::RECEIVED, malformed as i64);
        self.counters.add(StatOf::<F>::PARSE_FAILED, malformed as i64);
        self.counters.add(StatOf::<F>::RECEIVE_DROP, (malformed + overflowed) as i64);
        self.shared.lost.add(malformed, overflowed);
    }

    /// Goes on with the exchanges that were woken.
    fn resume(&mut self) {
        let Self { shared, slots, round, returned, .. } = self;
        slots.resume(|ended| end(ended, shared, round, returned));
        self.take_back();
    }

    /// Receives as many full batches as are there and may be answered together.
    fn receive(&mut self, port: &mut PortOf<F>) {
        if self.rush.is_on() {
            return self.receive_in_rush(port);
        }
        for _ in 0..self.generation.rounds {
            match port.receive(|arrival, datagram, came| self.take(arrival, datagram, came)) {
                Ok(true) if self.has_room() => {}
                Ok(more) => return self.rush.note(more, || port.is_crowded()),
                Err(error) => return F::WORDS.buffer_receive_fail(error),
            }
        }
        self.rush.note(true, || port.is_crowded());
    }

    /// Takes a message in.
    fn take(&mut self, arrival: ArrivalOf<F>, datagram: &[u8], came: Option<Duration>) {
        let place = self.place(arrival, datagram, came);
        self.admit(place);
        self.take_back();
    }

    fn place(&mut self, arrival: ArrivalOf<F>, datagram: &[u8], came: Option<Duration>) -> Box<Place<F>> {
        let mut place = match self.places.pop() {
            Some(mut place) => {
                place.take(arrival, datagram, self.moment);
                place
            }
            None => Place::new(arrival, datagram, self.moment),
        };
        if self.is_watched() {
            let clock = &self.shared.clock;
            let waited = came.map(|came| clock.since_epoch().saturating_sub(came));
            place.watched = Some(Watched { waited, read: clock.moment(), ..Watched::default() });
        }
        place
    }

    /// Whether somebody watches how long messages take.
    fn is_watched(&self) -> bool {
        F::monitor(&self.generation.engine).is_some()
    }

    /// Takes the messages in again that waited for another one of their client, as if they came now.
    fn take_back(&mut self) {
        while (!self.generation.waits || self.slots.room() > 0)
            && let Some(place) = self.returned.pop_front()
        {
            self.admit(place);
        }
    }

    /// Reads a message and begins its exchange.
    fn admit(&mut self, place: Box<Place<F>>) {
        if let Some(place) = self.read(place) {
            self.begin(place);
        }
    }

    /// Reads a message, if it is one to be answered.
    fn read(&mut self, mut place: Box<Place<F>>) -> Option<Box<Place<F>>> {
        if self.shared.is_enabled() {
            let engine = &self.generation.engine;
            place.query = F::intake(engine, place.parts(), &self.listening, &self.counters);
        } else {
            F::report_disabled(place.parts().arrival, &self.listening, &self.counters);
        }
        if place.query.is_none() {
            self.places.push(place);
            return None;
        }
        if let Some(watched) = &mut place.watched
            && watched.queued.is_none()
            && self.generation.is_threaded()
        {
            watched.queued = Some(self.shared.clock.moment());
        }
        Some(place)
    }

    /// Begins the exchange of a message that was read, if there is none of its client under way.
    fn begin(&mut self, place: Box<Place<F>>) {
        let client = place.query.as_ref().and_then(F::client).filter(|_| self.shared.is_guarded());
        let key = client.map(|client| self.shared.in_flight.key(&client));
        let Some(key) = key else { return self.start(place, None) };
        match self.shared.in_flight.enter(key, place) {
            Admission::Go(pass, place) => self.start(place, Some(pass)),
            Admission::Waits(None) => {}
            Admission::Waits(Some(replaced)) => {
                self.give_up(replaced, Fate::Replaced);
            }
        }
    }

    /// A message is not answered.
    fn give_up(&mut self, place: Box<Place<F>>, fate: Fate<'_, F::Outcome>) {
        if let Some(query) = &place.query {
            F::report(&self.generation.engine, query, fate, &[], &self.counters);
        }
        self.places.push(place);
    }

    fn start(&mut self, mut place: Box<Place<F>>, pass: Option<Pass>) {
        if let Some(watched) = &mut place.watched {
            watched.started = self.shared.clock.moment();
        }
        let (generation, now, seed) = (self.generation.clone(), self.now, self.chance.number());
        let begin = Begin { generation, place, pass, now, seed };
        // The future is big and mostly empty: made where it stays, it is not copied.
        let ended = match self.generation.waits {
            true => self.slots.start((self.exchange)(begin)),
            false => Some(block_on(pin!((self.exchange)(begin)))),
        };
        if let Some(ended) = ended {
            end(ended, &self.shared, &mut self.round, &mut self.returned);
        }
    }

    fn conclude(&mut self, port: &mut PortOf<F>) {
        self.round.conclude(port, &self.shared, &self.counters, &mut self.places, self.now);
        self.sampler.sample(self.at);
    }

    /// Gives the exchanges that wait a last chance; what has not ended by then is not answered, and its client asks
    /// again.
    fn drain(mut self, port: &mut PortOf<F>, bell: &Waker) {
        let clock = self.shared.clock.clone();
        let deadline = clock.moment() + DRAIN;
        while !self.slots.is_empty() && clock.moment() < deadline {
            // A wait that fails would be asked again at once.
            if bell.wait(Some(DRAIN / 10)).is_err() {
                return;
            }
            self.begin_round(port);
            let Self { shared, slots, round, returned, .. } = &mut self;
            slots.resume(|ended| end(ended, shared, round, returned));
            self.conclude(port);
        }
    }
}

/// An exchange has ended: its client's next message may begin.
fn end<F: Family>(
    mut ended: Ended<F>,
    shared: &Shared<F>,
    round: &mut Round<F>,
    returned: &mut VecDeque<Box<Place<F>>>,
) {
    if let Some(watched) = &mut ended.place.watched {
        watched.completed = shared.clock.moment();
    }
    if let Some(pass) = ended.pass.take() {
        returned.extend(shared.in_flight.leave(pass).into_iter().flatten());
    }
    round.push(ended);
}

/// Does what was asked; whether the worker shall leave.
fn read_mail<F: Family>(mail: &mpsc::Receiver<Mail<F>>, port: &mut PortOf<F>) -> bool {
    let mut leaves = false;
    for mail in mail.try_iter() {
        match mail {
            Mail::Open(sockets) => {
                for socket in sockets {
                    if let Err(error) = port.add(socket) {
                        F::WORDS.buffer_receive_fail(error);
                    }
                }
            }
            Mail::Keep(specs, done) => {
                port.retain(|spec| specs.contains(spec));
                let _ = done.send(());
            }
            Mail::Send(departure, message, done) => {
                let mut sent = Ok(());
                port.send([(departure, &*message)], |_, error| sent = Err(error));
                let _ = done.send(sent);
            }
            Mail::HandOver(sockets) => {
                let _ = sockets.send(port.hand_over());
                leaves = true;
            }
        }
    }
    leaves
}
