//! Taking turns: of changes that have something in common one goes on at a time.

use std::future::poll_fn;
use std::hash::{BuildHasher, Hash};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use foldhash::fast::FixedState;
use parking_lot::{Mutex, MutexGuard};

/// The first and the last of what a change is about.
type Span<B> = (B, B);

/// So many lanes are there for what nothing else overlaps.
const LANES: usize = 64;

/// Lets changes go on that have nothing in common, and has the others wait for each other: so what follows from a change
/// (marks, counts, what observers are told) is done before the next one of the same address is made.
///
/// A change that is ready when it is polled first has its turn while it is polled, with the lock of its lane held, and leaves
/// no trace: with leases in memory nobody ever waits here but for a lock. One that has to wait for the store keeps what it is
/// about until it has ended or is given up, and whoever wants something of that waits without asking the store.
#[derive(Debug)]
pub(super) struct Turns<B>(Box<[Lane<B>]>);

/// What takes turns with each other, on cache lines of its own.
#[derive(Debug)]
#[repr(align(64))]
struct Lane<B>(Mutex<State<B>>);

#[derive(Debug)]
struct State<B> {
    /// What the changes are about that wait for the store. They are few, and no two have something in common.
    under_way: Vec<Span<B>>,
    /// Who waits for one of them.
    waiting: Vec<(Span<B>, Waker)>,
}

impl<B> Default for Turns<B> {
    fn default() -> Self {
        let lane = || Lane(Mutex::new(State { under_way: Vec::new(), waiting: Vec::new() }));
        // One more, for all that can overlap something else.
        Self((0..=LANES).map(|_| lane()).collect())
    }
}

impl<B: Copy + Ord> Turns<B> {
    /// A turn with all that can overlap something else.
    pub(super) fn among_all(&self, span: Span<B>) -> Turn<'_, B> {
        Turn { lane: &self.0[LANES], span, is_under_way: false }
    }

    /// A turn with what has the same address, which nothing else overlaps.
    pub(super) fn of(&self, address: impl Hash, span: Span<B>) -> Turn<'_, B> {
        let at = FixedState::default().hash_one(address) as usize % LANES;
        Turn { lane: &self.0[at], span, is_under_way: false }
    }

    /// Does something that takes no time with nothing else going on that can overlap something.
    pub(super) fn alone<T>(&self, doing: impl FnOnce() -> T) -> T {
        let _state = self.0[LANES].0.lock();
        doing()
    }
}

/// A change that has its turn or waits for it. The turn ends when this is dropped.
pub(super) struct Turn<'a, B: Copy + Ord> {
    lane: &'a Lane<B>,
    span: Span<B>,
    /// Whether it waits for the store.
    is_under_way: bool,
}

impl<'a, B: Copy + Ord> Turn<'a, B> {
    /// Makes the change when nothing else goes on with what it is about. Of one whose store is `far` no lock is held while it
    /// is polled.
    pub(super) async fn make<T>(&mut self, far: bool, mut change: Pin<&mut impl Future<Output = T>>) -> T {
        poll_fn(|context| match self.poll(far, change.as_mut(), context) {
            Ok(polled) => polled,
            Err(mut state) => {
                state.waiting.push((self.span, context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }

    /// The same, unless something else goes on with what it is about.
    pub(super) async fn make_now<T>(
        &mut self,
        far: bool,
        mut change: Pin<&mut impl Future<Output = T>>,
    ) -> Option<T> {
        poll_fn(|context| match self.poll(far, change.as_mut(), context) {
            Ok(polled) => polled.map(Some),
            Err(_) => Poll::Ready(None),
        })
        .await
    }

    /// Polls a change that has its turn; what says who is before it, if it has not.
    fn poll<T>(
        &mut self,
        far: bool,
        change: Pin<&mut impl Future<Output = T>>,
        context: &mut Context<'_>,
    ) -> Result<Poll<T>, MutexGuard<'a, State<B>>> {
        if self.is_under_way {
            return Ok(change.poll(context));
        }
        let mut state = self.lane.0.lock();
        if state.under_way.iter().any(|other| meet(*other, self.span)) {
            return Err(state);
        }
        if far {
            self.is_under_way = true;
            state.under_way.push(self.span);
            drop(state);
            return Ok(change.poll(context));
        }
        // The lock is held meanwhile.
        let polled = change.poll(context);
        if polled.is_pending() {
            self.is_under_way = true;
            state.under_way.push(self.span);
        }
        Ok(polled)
    }
}

impl<B: Copy + Ord> Drop for Turn<'_, B> {
    fn drop(&mut self) {
        if !self.is_under_way {
            return;
        }
        let mut state = self.lane.0.lock();
        if let Some(at) = state.under_way.iter().position(|span| *span == self.span) {
            state.under_way.swap_remove(at);
        }
        // Of those that wait for the same all are woken: the first goes on, the others wait for that one.
        let woken: Vec<_> = state.waiting.extract_if(.., |(span, _)| meet(*span, self.span)).collect();
        drop(state);
        woken.into_iter().for_each(|(_, waker)| waker.wake());
    }
}

/// Whether two have something in common.
fn meet<B: Ord>(one: Span<B>, other: Span<B>) -> bool {
    one.0 <= other.1 && other.0 <= one.1
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::pending;
    use std::pin::pin;

    use kotare_testkit::Task;

    use super::*;

    /// Makes a change of what can overlap something else.
    async fn within<T>(turns: &Turns<u8>, far: bool, span: Span<u8>, change: impl Future<Output = T>) -> T {
        let mut turn = turns.among_all(span);
        turn.make(far, pin!(change)).await
    }

    /// A change that is ready once it was opened.
    async fn gate(open: &RefCell<Option<Waker>>, name: u8) -> u8 {
        let mut is_noted = false;
        poll_fn(|context| match std::mem::replace(&mut is_noted, true) {
            true => Poll::Ready(name),
            false => {
                *open.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }

    fn open(gate: &RefCell<Option<Waker>>) {
        gate.borrow_mut().take().expect("it has begun").wake();
    }

    /// What has nothing in common goes on at once, what has waits, and is woken, and those that waited wait for each other.
    #[test]
    fn who_wants_the_same_waits() {
        for far in [false, true] {
            who_wants_the_same(far);
        }
    }

    fn who_wants_the_same(far: bool) {
        let (turns, gates) = (Turns::default(), [const { RefCell::new(None) }; 3]);
        let mut first = Task::start(within(&turns, far, (0, 9), gate(&gates[0], 1)));
        let mut apart = Task::start(within(&turns, far, (10, 19), async { 2 }));
        assert_eq!(apart.go_on(), Some(2));
        let mut inside = Task::start(within(&turns, far, (3, 4), gate(&gates[1], 3)));
        let mut around = Task::start(within(&turns, far, (4, 30), gate(&gates[2], 4)));
        assert!(gates[1].borrow().is_none() && gates[2].borrow().is_none(), "they have not begun");
        open(&gates[0]);
        assert_eq!((first.go_on(), inside.go_on(), around.go_on()), (Some(1), None, None));
        assert!(gates[1].borrow().is_some() && gates[2].borrow().is_none(), "one has");
        open(&gates[1]);
        assert_eq!((inside.go_on(), around.go_on()), (Some(3), None));
        open(&gates[2]);
        assert_eq!(around.go_on(), Some(4));
        let state = turns.0[LANES].0.lock();
        assert!(state.under_way.is_empty() && state.waiting.is_empty());
    }

    /// Who is given up is in nobody's way: neither while it has its turn nor while it waits for it.
    #[test]
    fn who_is_given_up_is_in_nobodys_way() {
        let turns = Turns::default();
        let first = Task::start(within(&turns, false, (0, 9), pending::<()>()));
        let second = Task::start(within(&turns, false, (0, 9), pending::<()>()));
        let mut third = Task::start(within(&turns, false, (5, 5), async {}));
        drop(second);
        assert!(!third.has_ended());
        drop(first);
        assert_eq!(third.go_on(), Some(()));
        assert!(turns.0[LANES].0.lock().under_way.is_empty());
    }

    /// Who does not want to wait is told at once that somebody is before it, and has its turn otherwise.
    #[test]
    fn who_does_not_wait_is_told() {
        let (turns, open_it) = (Turns::default(), RefCell::new(None));
        let now = |far| {
            let turns = &turns;
            Task::start(async move { turns.among_all((5, 5)).make_now(far, pin!(async { 1 })).await })
        };
        for far in [false, true] {
            let mut first = Task::start(within(&turns, far, (0, 9), gate(&open_it, 1)));
            assert_eq!(now(far).go_on(), Some(None));
            open(&open_it);
            assert_eq!((first.go_on(), now(far).go_on()), (Some(1), Some(Some(1))));
        }
    }

    /// The lock of a lane is free while a store that is far away is asked.
    #[test]
    fn no_lock_is_held_for_a_store_that_is_far_away() {
        for far in [false, true] {
            let turns = Turns::default();
            let is_free = async { turns.0[LANES].0.try_lock().is_some() };
            assert_eq!(Task::start(within(&turns, far, (0, 9), is_free)).go_on(), Some(far));
        }
    }
}
