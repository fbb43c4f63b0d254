//! Whose turn it is to act on what is told of leases.
//!
//! From before a configuration takes effect until nobody uses the one before any more, what both have their modules told of is
//! told to both. Where being told twice would be two scripts or two accounts, the module of one configuration acts alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The number of nobody.
const NOBODY: u64 = u64::MAX;

/// The turn of a module of one configuration, among those of its library.
#[derive(Debug)]
pub(crate) struct Turn {
    own: u64,
    all: Arc<Turns>,
}

#[derive(Debug, Default)]
struct Turns {
    /// The last one that was made.
    last: AtomicU64,
    /// The one whose turn it is.
    current: AtomicU64,
}

impl Turn {
    /// That of the module after the `former` one, which begins with [`Turn::take`]; of the first one it is at once.
    pub(crate) fn after(former: Option<&Self>) -> Self {
        match former {
            Some(former) => {
                let all = former.all.clone();
                Self { own: all.last.fetch_add(1, Relaxed) + 1, all }
            }
            None => Self { own: 0, all: Arc::default() },
        }
    }

    /// The configuration of this one takes effect: the turn of the one before is over.
    pub(crate) fn take(&self) {
        self.all.current.store(self.own, Relaxed);
    }

    /// The configuration of this one is over: it is nobody's turn, unless another one has taken it, which is said.
    pub(crate) fn leave(&self) -> bool {
        self.all.current.compare_exchange(self.own, NOBODY, Relaxed, Relaxed).is_err()
    }

    /// Whether it is this one's.
    pub(crate) fn is_now(&self) -> bool {
        self.all.current.load(Relaxed) == self.own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At any time it is the turn of one, also when configurations are made that never take effect.
    #[test]
    fn it_is_the_turn_of_one() {
        let first = Turn::after(None);
        let refused = Turn::after(Some(&first));
        let next = Turn::after(Some(&first));
        assert_eq!([&first, &refused, &next].map(Turn::is_now), [true, false, false]);
        next.take();
        assert_eq!([&first, &refused, &next].map(Turn::is_now), [false, false, true]);
        let last = Turn::after(Some(&next));
        last.take();
        assert_eq!([&next, &last].map(Turn::is_now), [false, true]);
        assert!(next.leave(), "the last one has it");
        assert!(!last.leave());
        assert_eq!([&next, &last].map(Turn::is_now), [false, false]);
    }
}
