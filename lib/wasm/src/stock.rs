//! The instances of a module: those that nobody asks at the moment, and how others come to be.

use parking_lot::Mutex;

use crate::failure::Failure;

/// There are so many at most: what asks for more at the same time finds none ready.
const MOST: usize = 1024;

/// Instances of any kind.
pub(crate) struct Stock<I>(Mutex<State<I>>);

struct State<I> {
    idle: Vec<I>,
    /// How many there are, with those that are being asked.
    all: usize,
    /// How many there should be.
    wanted: usize,
    /// Whether somebody makes others.
    is_making: bool,
    /// Why the last one could not be made, until somebody was told.
    failed: Option<Failure>,
}

impl<I> Stock<I> {
    /// One, and no others are wanted.
    pub(crate) fn of(first: I) -> Self {
        Self(Mutex::new(State { idle: vec![first], all: 1, wanted: 1, is_making: false, failed: None }))
    }

    /// How many nobody asks at the moment.
    pub(crate) fn idle(&self) -> usize {
        self.0.lock().idle.len()
    }

    /// So many should be there at least.
    pub(crate) fn want(&self, count: usize) {
        let mut state = self.0.lock();
        state.wanted = state.wanted.max(count.min(MOST));
    }

    /// Takes one that is ready, or tells why there is none.
    pub(crate) fn take(&self) -> Result<I, Failure> {
        let mut state = self.0.lock();
        if let Some(instance) = state.idle.pop() {
            return Ok(instance);
        }
        if state.all >= state.wanted {
            // All are being asked.
            state.wanted = (state.all + 1).min(MOST);
        }
        Err(state.failed.take().unwrap_or(Failure::NotReady))
    }

    /// Gives back one that can be asked again.
    pub(crate) fn put(&self, instance: I) {
        self.0.lock().idle.push(instance);
    }

    /// One is gone.
    pub(crate) fn lost(&self) {
        let mut state = self.0.lock();
        state.all = state.all.saturating_sub(1);
    }

    /// Whether others are to be made and nobody does. Whoever is told so has to [`Self::make`] them.
    pub(crate) fn begin(&self) -> bool {
        let mut state = self.0.lock();
        let begins = !state.is_making && state.all < state.wanted;
        state.is_making |= begins;
        begins
    }

    /// Makes what is missing, until one cannot be made.
    pub(crate) fn make(&self, one: impl Fn() -> Result<I, Failure>) {
        while self.is_short() {
            let made = one();
            let mut state = self.0.lock();
            match made {
                Ok(instance) => {
                    state.idle.push(instance);
                    state.all += 1;
                    state.failed = None;
                }
                Err(failure) => {
                    state.failed = Some(failure);
                    state.is_making = false;
                    return;
                }
            }
        }
    }

    /// Why the last one could not be made, if nobody was told.
    pub(crate) fn failed(&self) -> Option<Failure> {
        self.0.lock().failed.take()
    }

    /// Whether there are too few; if not, nobody makes any more.
    fn is_short(&self) -> bool {
        let mut state = self.0.lock();
        state.is_making = state.all < state.wanted;
        state.is_making
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(stock: &Stock<u32>, one: impl Fn() -> Result<u32, Failure>) {
        if stock.begin() {
            stock.make(one);
        }
    }

    /// What was lost is made again by one at a time; whoever comes meanwhile finds none.
    #[test]
    fn what_is_lost_is_made_again() {
        let stock = Stock::of(1);
        assert!(!stock.begin(), "all that is wanted is there");
        assert_eq!(stock.take(), Ok(1));
        stock.lost();
        assert!(stock.begin() && !stock.begin(), "one makes it");
        assert_eq!(stock.take(), Err(Failure::NotReady));
        stock.make(|| Ok(2));
        assert_eq!((stock.take(), stock.begin()), (Ok(2), false));
        stock.put(2);
        assert_eq!(stock.idle(), 1);
    }

    /// As many are made as are wanted, or were asked at the same time.
    #[test]
    fn there_are_as_many_as_are_asked() {
        let stock = Stock::of(1);
        stock.want(3);
        fill(&stock, || Ok(2));
        assert_eq!(stock.idle(), 3);
        let taken = [(); 3].map(|()| stock.take());
        assert!(taken.iter().all(Result::is_ok) && !stock.begin());
        assert_eq!(stock.take(), Err(Failure::NotReady));
        fill(&stock, || Ok(3));
        assert_eq!(stock.take(), Ok(3));
        stock.want(usize::MAX);
        assert_eq!(stock.0.lock().wanted, MOST);
    }

    /// Why none can be made is told once; then it is tried again.
    #[test]
    fn why_none_can_be_made_is_told() {
        let stock = Stock::of(1);
        stock.take().expect("one");
        stock.lost();
        fill(&stock, || Err(Failure::Fuel));
        assert_eq!(stock.take(), Err(Failure::Fuel));
        assert_eq!(stock.take(), Err(Failure::NotReady));
        fill(&stock, || Ok(2));
        assert_eq!((stock.take(), stock.failed()), (Ok(2), None));
    }
}
