//! Bells that are rung once for many.
//!
//! A store is asked by many at a time, and answers as many. Rung for each of them, who hears of it would begin with the first one
//! while the second is asked or answered: as many statements, rounds, replies sent on their own and naps as there are of
//! them.

use std::cell::RefCell;
use std::task::Waker;

thread_local! {
    /// The bells that ring at the end; none while nothing is held back.
    static HELD: RefCell<Option<Vec<Waker>>> = const { RefCell::new(None) };
}

/// Asks or answers many: the bells that [`ring`] meanwhile ring at the end of it, each once.
pub fn ring_together<T>(act: impl FnOnce() -> T) -> T {
    let outermost = HELD.with_borrow_mut(|held| {
        let none = held.is_none();
        held.get_or_insert_default();
        none
    });
    // Also if it panics.
    let _ring = if outermost { Some(RingAtTheEnd) } else { None };
    act()
}

struct RingAtTheEnd;

impl Drop for RingAtTheEnd {
    fn drop(&mut self) {
        let held = HELD.with_borrow_mut(Option::take);
        held.into_iter().flatten().for_each(Waker::wake);
    }
}

/// Rings a bell now, or at the end of what [rings together](ring_together).
pub fn ring(bell: &Waker) {
    let held = HELD.with_borrow_mut(|held| {
        let Some(held) = held else { return false };
        if !held.iter().any(|other| other.will_wake(bell)) {
            held.push(bell.clone());
        }
        true
    });
    if !held {
        bell.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Rung(AtomicUsize);

    impl Wake for Rung {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Rung {
        fn times(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn each_bell_rings_once_at_the_end() {
        let rung: [Arc<Rung>; 2] = Default::default();
        let bells = rung.clone().map(Waker::from);
        ring(&bells[0]);
        assert_eq!(rung[0].times(), 1);
        ring_together(|| {
            for _ in 0..3 {
                bells.iter().for_each(ring);
                ring_together(|| ring(&bells[0]));
            }
            assert_eq!([rung[0].times(), rung[1].times()], [1, 0], "they ring at the end of the outermost");
        });
        assert_eq!([rung[0].times(), rung[1].times()], [2, 1]);
        ring(&bells[1]);
        assert_eq!(rung[1].times(), 2, "nothing is held back any more");
    }

    #[test]
    fn bells_ring_after_a_panic() {
        let rung = Arc::<Rung>::default();
        let bell = Waker::from(rung.clone());
        let panicked = std::panic::catch_unwind(|| {
            ring_together(|| {
                ring(&bell);
                panic!("while it answers");
            });
        });
        assert!(panicked.is_err());
        assert_eq!(rung.times(), 1);
    }
}
