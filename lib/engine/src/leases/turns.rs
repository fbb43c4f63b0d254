//! Taking turns: of changes that have something in common one goes on at a time.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

/// The first and the last of what a change is about.
type Span<B> = (B, B);

/// Lets changes go on that have nothing in common, and has the others wait for each other.
///
/// A change that is ready when it is polled first has its turn while it is polled, with the lock held, and leaves no trace:
/// with leases in memory nobody ever waits here but for the lock. One that has to wait for the store keeps what it is
/// about until it has ended or is given up, and whoever wants something of that waits without asking the store.
#[derive(Debug)]
pub(super) struct Turns<B>(Mutex<State<B>>);

#[derive(Debug)]
struct State<B> {
    /// What the changes are about that wait for the store. They are few, and no two have something in common.
    under_way: Vec<Span<B>>,
    /// Who waits for one of them.
    waiting: Vec<(Span<B>, Waker)>,
}

impl<B> Default for Turns<B> {
    fn default() -> Self {
        Self(Mutex::new(State { under_way: Vec::new(), waiting: Vec::new() }))
    }
}

impl<B: Copy + Ord> Turns<B> {
    /// Makes a change when nothing else goes on with what it is about.
    pub(super) async fn within<T>(&self, span: Span<B>, change: impl Future<Output = T>) -> T {
        // If both are given up the turn ends after the change.
        let mut turn = Turn { turns: self, span, is_under_way: false };
        let mut change = pin!(change);
        poll_fn(|context| turn.poll(change.as_mut(), context)).await
    }

    /// Does something that takes no time with nothing else going on.
    pub(super) fn alone<T>(&self, doing: impl FnOnce() -> T) -> T {
        let _state = self.0.lock();
        doing()
    }
}

/// A change that has its turn or waits for it.
struct Turn<'a, B: Copy + Ord> {
    turns: &'a Turns<B>,
    span: Span<B>,
    /// Whether it waits for the store.
    is_under_way: bool,
}

impl<B: Copy + Ord> Turn<'_, B> {
    fn poll<T>(&mut self, change: Pin<&mut impl Future<Output = T>>, context: &mut Context<'_>) -> Poll<T> {
        let mut state = self.turns.0.lock();
        if !self.is_under_way && state.under_way.iter().any(|other| meet(*other, self.span)) {
            state.waiting.push((self.span, context.waker().clone()));
            return Poll::Pending;
        }
        // The lock is held meanwhile.
        let polled = change.poll(context);
        if polled.is_pending() && !self.is_under_way {
            self.is_under_way = true;
            state.under_way.push(self.span);
        }
        polled
    }
}

impl<B: Copy + Ord> Drop for Turn<'_, B> {
    fn drop(&mut self) {
        if !self.is_under_way {
            return;
        }
        let mut state = self.turns.0.lock();
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

    use kotare_testkit::Task;

    use super::*;

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
        let (turns, gates) = (Turns::default(), [const { RefCell::new(None) }; 3]);
        let mut first = Task::start(turns.within((0, 9), gate(&gates[0], 1)));
        let mut apart = Task::start(turns.within((10, 19), async { 2 }));
        assert_eq!(apart.go_on(), Some(2));
        let mut inside = Task::start(turns.within((3, 4), gate(&gates[1], 3)));
        let mut around = Task::start(turns.within((4, 30), gate(&gates[2], 4)));
        assert!(gates[1].borrow().is_none() && gates[2].borrow().is_none(), "they have not begun");
        open(&gates[0]);
        assert_eq!((first.go_on(), inside.go_on(), around.go_on()), (Some(1), None, None));
        assert!(gates[1].borrow().is_some() && gates[2].borrow().is_none(), "one has");
        open(&gates[1]);
        assert_eq!((inside.go_on(), around.go_on()), (Some(3), None));
        open(&gates[2]);
        assert_eq!(around.go_on(), Some(4));
        assert!(turns.0.lock().under_way.is_empty() && turns.0.lock().waiting.is_empty());
    }

    /// Who is given up is in nobody's way: neither while it has its turn nor while it waits for it.
    #[test]
    fn who_is_given_up_is_in_nobodys_way() {
        let turns = Turns::default();
        let first = Task::start(turns.within((0, 9), pending::<()>()));
        let second = Task::start(turns.within((0, 9), pending::<()>()));
        let mut third = Task::start(turns.within((5, 5), async {}));
        drop(second);
        assert!(!third.has_ended());
        drop(first);
        assert_eq!(third.go_on(), Some(()));
        assert!(turns.0.lock().under_way.is_empty());
    }
}
