//! What a configuration does to many replies alike, told once.

use kotare_wire::v4::Codes;
use parking_lot::Mutex;

/// How many sets are told apart. Clients choose what they ask for, so there could be any number.
const SETS: usize = 16;

/// The sets of options that were told of as left out, for the life of a configuration.
#[derive(Debug, Default)]
pub(super) struct FirstTime(Mutex<Vec<Codes>>);

impl FirstTime {
    /// Whether these were not told of before. Beyond the first few sets, none is.
    pub(super) fn of(&self, codes: Codes) -> bool {
        let mut told = self.0.lock();
        let news = told.len() < SETS && !told.contains(&codes);
        if news {
            told.push(codes);
        }
        news
    }
}
