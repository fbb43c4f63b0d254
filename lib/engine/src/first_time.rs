//! What a configuration does to many replies alike, told once.

use parking_lot::Mutex;

/// How many sets are told apart. Clients choose what they ask for, so there could be any number.
const SETS: usize = 16;

/// The sets of options that were told of as left out, for the life of a configuration.
#[derive(Debug)]
pub(crate) struct FirstTime<C>(Mutex<Vec<C>>);

impl<C> Default for FirstTime<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C: Clone + PartialEq> FirstTime<C> {
    /// Whether these were not told of before. Beyond the first few sets, none is.
    pub(crate) fn of(&self, codes: &C) -> bool {
        let mut told = self.0.lock();
        let news = told.len() < SETS && !told.contains(codes);
        if news {
            told.push(codes.clone());
        }
        news
    }
}
