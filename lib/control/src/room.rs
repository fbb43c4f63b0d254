//! Who may stay: the clients of all sockets share a number of places and an amount of memory.
//!
//! When either is used up, whoever has not moved for longest makes room: first of those that have not sent a whole
//! command, then of those that do not take their answer. So clients that say nothing, or a byte now and then, or read
//! slowly, however many there are, keep no newcomer waiting. A command under way is never given up.

use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

/// How long a client that is to read why it was refused may go on sending.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// What clients may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a client may neither send nor read anything before it is let go.
    pub idle: Duration,
    /// How long a client may take to send its command, and as long again to read the answer.
    pub whole: Duration,
    /// The longest command, in bytes.
    pub size: usize,
    /// How many values a command may have: each takes many times the memory of its text.
    pub values: usize,
    /// How many clients there are at the same time, of all sockets.
    pub connections: usize,
    /// How many bytes are kept for all clients together: of commands that are not complete and of answers that were not
    /// read. One client alone may take more.
    pub memory: usize,
}

impl Default for Limits {
    /// Kea's 10 seconds of idleness, 30 altogether; 64 MiB, twice the configuration of a hundred thousand reservations,
    /// and four times its values; 256 clients, and memory for several of the longest commands or answers.
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(10),
            whole: Duration::from_secs(30),
            size: 64 << 20,
            values: 2 << 20,
            connections: 256,
            memory: 192 << 20,
        }
    }
}

/// The places, and who is in them.
#[derive(Debug)]
pub(crate) struct Room {
    places: usize,
    memory: usize,
    state: Mutex<State>,
    /// Told when somebody left, or may be asked to leave from now on.
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    guests: BTreeMap<u64, Guest>,
    /// Counts guests and what they do: a later move has a higher number.
    moves: u64,
    /// What all guests hold that were not asked to leave.
    held: usize,
}

#[derive(Debug)]
struct Guest {
    stage: Stage,
    /// When this guest did something last, in moves.
    moved: u64,
    /// The bytes that are kept for this guest.
    held: usize,
    /// Whether this guest must leave.
    leave: watch::Sender<bool>,
}

/// What a client is at. They leave in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// It has not sent a whole command.
    Sending,
    /// It has not read the whole answer.
    Reading,
    /// Its command is under way: it stays.
    Served,
}

/// A client's place. Dropping it gives it to another.
#[derive(Debug)]
pub(crate) struct Place {
    room: Arc<Room>,
    guest: u64,
    leave: watch::Receiver<bool>,
}

impl Room {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            places: limits.connections.max(1),
            memory: limits.memory,
            state: Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// A place for a newcomer. If all are taken somebody is asked to leave, and is waited for; that takes no time unless
    /// every client's command is under way.
    pub(crate) async fn enter(self: &Arc<Self>) -> Place {
        loop {
            let changed = self.changed.notified();
            if let Some(place) = self.place() {
                return place;
            }
            changed.await;
        }
    }

    fn place(self: &Arc<Self>) -> Option<Place> {
        let mut state = self.state.lock();
        if state.guests.len() >= self.places {
            if state.guests.values().all(|guest| !guest.is_leaving()) {
                state.ask_one_to_leave(None);
            }
            return None;
        }
        let number = state.next_move();
        let (leave, told) = watch::channel(false);
        state.guests.insert(number, Guest { stage: Stage::Sending, moved: number, held: 0, leave });
        Some(Place { room: self.clone(), guest: number, leave: told })
    }

    /// Returns once nobody is left.
    pub(crate) async fn emptied(&self) {
        loop {
            let changed = self.changed.notified();
            if self.state.lock().guests.is_empty() {
                return;
            }
            changed.await;
        }
    }
}

impl State {
    fn next_move(&mut self) -> u64 {
        self.moves += 1;
        self.moves
    }

    /// Asks one to leave, not `except`; false if nobody may be asked.
    fn ask_one_to_leave(&mut self, except: Option<u64>) -> bool {
        let guests = self.guests.iter_mut().filter(|(number, guest)| {
            Some(**number) != except && !guest.is_leaving() && guest.stage != Stage::Served
        });
        let Some((_, guest)) = guests.min_by_key(|(_, guest)| (guest.stage, guest.moved)) else {
            return false;
        };
        guest.leave.send_replace(true);
        self.held -= guest.held;
        true
    }
}

impl Guest {
    fn is_leaving(&self) -> bool {
        *self.leave.borrow()
    }
}

impl Place {
    /// The client did something: it is at `stage` now, and `held` bytes are kept for it. If that is more than there is
    /// memory for, others leave, or if all of them are served, this one.
    pub(crate) fn moved(&self, stage: Stage, held: usize) {
        let mut state = self.room.state.lock();
        let moved = state.next_move();
        let Some(guest) = state.guests.get_mut(&self.guest) else { return };
        // Who sent the rest of the command after all is served; another is asked then.
        let was_leaving = guest.leave.send_if_modified(|leave| stage == Stage::Served && mem::take(leave));
        let is_counted = !guest.is_leaving();
        let was_held = if was_leaving { 0 } else { guest.held };
        (guest.moved, guest.stage, guest.held) = (moved, stage, held);
        if is_counted {
            state.held = state.held - was_held + held;
            let memory = self.room.memory;
            while state.held > memory && state.ask_one_to_leave(Some(self.guest)) {}
            // Nobody but this one is left to ask; only who is alone may have more.
            if state.held > memory && state.held > held && stage == Stage::Sending {
                state.ask_one_to_leave(None);
            }
        }
        drop(state);
        self.room.changed.notify_waiters();
    }

    /// The client goes on with what it is at.
    pub(crate) fn touched(&self) {
        let mut state = self.room.state.lock();
        let moved = state.next_move();
        if let Some(guest) = state.guests.get_mut(&self.guest) {
            guest.moved = moved;
        }
    }

    /// What the client is at.
    pub(crate) fn stage(&self) -> Stage {
        // A place is among the guests until it is dropped.
        self.room.state.lock().guests.get(&self.guest).map_or(Stage::Sending, |guest| guest.stage)
    }

    /// Returns when the client has to make room.
    pub(crate) async fn asked_to_leave(&self) {
        // The room has the other end as long as there is this one.
        let _ = self.leave.clone().wait_for(|leave| *leave).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.room.state.lock();
        if let Some(guest) = state.guests.remove(&self.guest)
            && !guest.is_leaving()
        {
            state.held -= guest.held;
        }
        drop(state);
        self.room.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(connections: usize, memory: usize) -> Arc<Room> {
        Room::new(&Limits { connections, memory, ..Limits::default() })
    }

    async fn entered<const N: usize>(room: &Arc<Room>) -> [Place; N] {
        let mut places = Vec::new();
        for _ in 0..N {
            places.push(room.enter().await);
        }
        places.try_into().unwrap()
    }

    fn leaving(places: &[Place]) -> Vec<bool> {
        let state = places[0].room.state.lock();
        places.iter().map(|place| state.guests[&place.guest].is_leaving()).collect()
    }

    /// Who has sent no command goes first, of those whoever has not moved for longest; who is served stays.
    #[tokio::test]
    async fn the_idle_make_room() {
        let room = room(4, 1000);
        let places: [Place; 4] = entered(&room).await;
        places[0].moved(Stage::Served, 0);
        places[1].moved(Stage::Reading, 10);
        places[2].moved(Stage::Sending, 10);
        for (leaver, all) in [(3, [0, 0, 0, 1]), (2, [0, 0, 1, 1]), (1, [0, 1, 1, 1]), (0, [0, 1, 1, 1])] {
            let asked = room.state.lock().ask_one_to_leave(None);
            assert_eq!(asked, leaver != 0);
            assert_eq!(leaving(&places), all.map(|one| one == 1));
        }
    }

    /// A newcomer waits only as long as it takes the one who was asked to leave, and only one is asked for each.
    #[tokio::test]
    async fn one_leaves_for_one_newcomer() {
        let room = room(2, 1000);
        let places: [Place; 2] = entered(&room).await;
        for _ in 0..3 {
            assert!(room.place().is_none());
            assert_eq!(leaving(&places), [true, false]);
        }
        let [first, second] = places;
        first.asked_to_leave().await;
        drop(first);
        let newcomer = room.enter().await;
        assert_eq!(leaving(&[second, newcomer]), [false, false]);
        room.emptied().await;
    }

    /// When all are served a newcomer waits until one is not; then that one leaves.
    #[tokio::test]
    async fn who_is_served_is_waited_for() {
        let room = room(1, 1000);
        let place = room.enter().await;
        place.moved(Stage::Served, 5);
        let newcomer = room.enter();
        tokio::pin!(newcomer);
        let left = async {
            place.moved(Stage::Reading, 5);
            place.asked_to_leave().await;
            drop(place);
        };
        let (_newcomer, ()) = tokio::join!(newcomer, left);
    }

    /// Who was asked to leave and then sends the whole command is served, and another leaves instead.
    #[tokio::test]
    async fn a_command_in_time_counts() {
        let room = room(2, 1000);
        let places: [Place; 2] = entered(&room).await;
        places[0].moved(Stage::Sending, 10);
        places[1].moved(Stage::Sending, 20);
        assert!(room.place().is_none());
        assert_eq!((leaving(&places), room.state.lock().held), (vec![true, false], 20));
        places[0].moved(Stage::Served, 15);
        assert_eq!((leaving(&places), room.state.lock().held), (vec![false, false], 35));
        assert!(room.place().is_none());
        assert_eq!((leaving(&places), room.state.lock().held), (vec![false, true], 15));
    }

    /// More memory than there is makes others leave; who is alone may have more than that.
    #[tokio::test]
    async fn memory_is_shared() {
        let room = room(4, 100);
        let places: [Place; 3] = entered(&room).await;
        places[0].moved(Stage::Reading, 60);
        places[1].moved(Stage::Sending, 40);
        assert_eq!(leaving(&places), [false, false, false]);
        // The 40 of the one who sends are not enough.
        places[2].moved(Stage::Reading, 50);
        assert_eq!(leaving(&places), [true, true, false]);
        places[2].moved(Stage::Reading, 500);
        assert_eq!(leaving(&places), [true, true, false]);
        // Commands under way stay, and so does who sent them.
        places[2].moved(Stage::Served, 70);
        let newcomer = room.enter().await;
        newcomer.moved(Stage::Sending, 30);
        newcomer.moved(Stage::Sending, 31);
        newcomer.asked_to_leave().await;
        assert_eq!(leaving(&places), [true, true, false]);
        drop((places, newcomer));
        assert_eq!(room.state.lock().held, 0);
    }
}
