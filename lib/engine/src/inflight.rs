//! One message of a client at a time.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::{fast, quality};
use kotare_model::HwAddr;
use parking_lot::{Mutex, MutexGuard};

/// How many locks the table has, so that workers rarely meet.
const SHARDS: usize = 32;

/// Who sent a message: its hardware address and its client identifier, as far as it has them.
#[derive(Clone, Copy, Debug)]
pub struct ClientKey<'a> {
    /// `htype` and `chaddr`; `None` if empty.
    pub hwaddr: Option<HwAddr>,
    /// Option 61.
    pub client_id: Option<&'a [u8]>,
}

/// The clients with a message under way, shared by all workers.
///
/// A second message of a client (same client identifier or same hardware address) waits in a place behind the first,
/// in which a newer message replaces an older one. `T` is what waits: the worker's handle of a message.
///
/// Clients are told apart by keyed 64-bit hashes; two clients that collide would wait for each other, no more.
#[derive(Debug)]
pub struct InFlight<T> {
    hasher: quality::FixedState,
    shards: [Mutex<Shard<T>>; SHARDS],
}

/// By hash: the place behind the message under way.
type Shard<T> = HashMap<u64, Option<T>, fast::FixedState>;

/// What [`InFlight::enter`] says.
#[derive(Debug, PartialEq, Eq)]
pub enum Admission<T> {
    /// Go ahead with the message; call [`InFlight::leave`] with the pass when done.
    Go(Pass, T),
    /// Another message of this client is under way. This one waits; the one that waited before, if any, is dropped.
    Waits(Option<T>),
}

/// A client as one table knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    client_id: Option<u64>,
    hwaddr: Option<u64>,
}

impl Key {
    /// Its names, hashed; equal only for the same name of a client.
    pub fn names(self) -> [Option<u64>; 2] {
        [self.client_id, self.hwaddr]
    }
}

/// Permission to work on a client's message.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "without `leave` the client would be locked out"]
pub struct Pass(Key);

impl<T> InFlight<T> {
    /// A table without anybody in it. `seed` is a random number that clients do not know.
    pub fn new(seed: u64) -> Self {
        Self {
            hasher: quality::FixedState::with_seed(seed),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// What the table knows this client by. It is asked for before [`InFlight::enter`] because the client's names are
    /// part of the message, which moves.
    pub fn key(&self, client: &ClientKey<'_>) -> Key {
        Key {
            client_id: client.client_id.map(|id| self.hash(0, id)),
            hwaddr: client.hwaddr.map(|hwaddr| self.hash(1 + u32::from(hwaddr.htype()), hwaddr.as_bytes())),
        }
    }

    /// Asks to work on a message of `client`: it is given back if it may go ahead, and kept if it has to wait.
    pub fn enter(&self, client: Key, message: T) -> Admission<T> {
        self.with(client, |shards| {
            // Like Kea, behind the message with the same identifier first.
            for key in [client.client_id, client.hwaddr].into_iter().flatten() {
                if let Some(place) = shards.of(key).get_mut(&key) {
                    return Admission::Waits(place.replace(message));
                }
            }
            for key in [client.client_id, client.hwaddr].into_iter().flatten() {
                shards.of(key).insert(key, None);
            }
            Admission::Go(Pass(client), message)
        })
    }

    /// The message is done. Returns the messages that waited for it: call [`InFlight::enter`] for each again.
    pub fn leave(&self, pass: Pass) -> [Option<T>; 2] {
        let Pass(client) = pass;
        self.with(client, |shards| {
            [client.client_id, client.hwaddr]
                .map(|key| key.and_then(|key| shards.of(key).remove(&key)).flatten())
        })
    }

    fn hash(&self, kind: u32, bytes: &[u8]) -> u64 {
        self.hasher.hash_one((kind, bytes))
    }

    /// Runs `work` with the shards of both keys locked, always in the same order.
    fn with<R>(&self, client: Key, work: impl FnOnce(&mut Locked<'_, T>) -> R) -> R {
        let mut indexes = [client.client_id, client.hwaddr].map(|key| key.map(shard_of));
        if indexes[0] > indexes[1] {
            indexes.swap(0, 1);
        }
        if indexes[0] == indexes[1] {
            indexes[1] = None;
        }
        let lock = |index: usize| (index, self.shards[index].lock());
        work(&mut Locked(indexes.map(|index| index.map(lock))))
    }
}

/// The shards of one client's keys.
struct Locked<'a, T>([Option<(usize, MutexGuard<'a, Shard<T>>)>; 2]);

impl<T> Locked<'_, T> {
    fn of(&mut self, key: u64) -> &mut Shard<T> {
        let mut held = self.0.iter_mut().flatten();
        let (_, shard) =
            held.find(|(index, _)| *index == shard_of(key)).expect("the shards of both keys are locked");
        shard
    }
}

fn shard_of(key: u64) -> usize {
    key as usize % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: Option<&'static [u8]>, hwaddr: &[u8]) -> ClientKey<'static> {
        ClientKey { hwaddr: (!hwaddr.is_empty()).then(|| HwAddr::new(1, hwaddr).unwrap()), client_id: id }
    }

    fn go<T: std::fmt::Debug>(admission: Admission<T>) -> Pass {
        match admission {
            Admission::Go(pass, _) => pass,
            waits => panic!("expected to go, but {waits:?}"),
        }
    }

    /// A client's second message waits, whichever of its two names it shows; a third takes the second's place.
    #[test]
    fn a_newer_message_takes_the_place_of_one_that_waits() {
        let table = InFlight::new(7);
        let pass = go(table.enter(table.key(&key(Some(b"id"), b"mac")), 1));
        assert_eq!(table.enter(table.key(&key(Some(b"id"), b"mac")), 2), Admission::Waits(None));
        assert_eq!(table.enter(table.key(&key(Some(b"id"), b"other")), 3), Admission::Waits(Some(2)));
        assert_eq!(table.enter(table.key(&key(None, b"mac")), 4), Admission::Waits(None));
        assert_eq!(table.leave(pass), [Some(3), Some(4)]);
        let pass = go(table.enter(table.key(&key(Some(b"id"), b"other")), 3));
        assert_eq!(table.leave(pass), [None, None]);
    }

    /// Different clients do not wait for each other, and a client without any name never waits.
    #[test]
    fn strangers_do_not_wait() {
        let table = InFlight::new(7);
        let passes = [
            go(table.enter(table.key(&key(Some(b"a"), b"1")), 1)),
            go(table.enter(table.key(&key(Some(b"b"), b"2")), 2)),
            // The bytes of a client identifier are not those of a hardware address.
            go(table.enter(table.key(&key(Some(b"1"), b"a")), 3)),
            go(table.enter(table.key(&key(None, b"")), 4)),
            go(table.enter(table.key(&key(None, b"")), 5)),
        ];
        for pass in passes {
            assert_eq!(table.leave(pass), [None, None]);
        }
    }

    /// Workers that meet: one of a client is under way at any time, and none is forgotten.
    #[test]
    fn one_at_a_time_on_several_threads() {
        use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
        let table = InFlight::new(7);
        let (inside, done, dropped) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let worker = |id: usize| {
            for round in 0..2000 {
                let mut todo = vec![id * 10_000 + round];
                while let Some(message) = todo.pop() {
                    match table.enter(table.key(&key(Some(b"client"), b"mac")), message) {
                        Admission::Go(pass, given_back) => {
                            assert_eq!(given_back, message);
                            assert_eq!(inside.fetch_add(1, SeqCst), 0);
                            inside.fetch_sub(1, SeqCst);
                            done.fetch_add(1, SeqCst);
                            todo.extend(table.leave(pass).into_iter().flatten());
                        }
                        Admission::Waits(replaced) => {
                            dropped.fetch_add(usize::from(replaced.is_some()), SeqCst);
                        }
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for id in 0..3 {
                let worker = &worker;
                scope.spawn(move || worker(id));
            }
        });
        assert_eq!(done.load(SeqCst) + dropped.load(SeqCst), 3 * 2000);
    }
}
