//! How many packets there were of late.

use std::collections::VecDeque;
use std::time::Duration;

/// So many parts of the time are told apart at most, so that a window needs a bounded memory whatever the limit is.
const PARTS: u32 = 4096;

/// The packets of the last second, minute, hour… There are never more than are allowed, wherever it begins; a packet counts
/// up to a 4096th of the time too long.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// When the parts began in which there were packets, and how many.
    parts: VecDeque<(Duration, u32)>,
    count: u32,
}

impl Window {
    /// Whether one more packet can be answered now if `allowed` can be in a `unit` of time.
    pub(super) fn admits(&mut self, allowed: u32, unit: Duration, now: Duration) -> bool {
        let width = unit / PARTS;
        while let Some((begun, count)) = self.parts.front() {
            if *begun + width + unit > now && *begun <= now {
                break;
            }
            self.count -= count;
            self.parts.pop_front();
        }
        self.count < allowed
    }

    /// One was answered.
    pub(super) fn add(&mut self, unit: Duration, now: Duration) {
        self.count += 1;
        match self.parts.back_mut() {
            Some((begun, count)) if now < *begun + unit / PARTS => *count += 1,
            _ => self.parts.push_back((now, 1)),
        }
    }

    /// Whether it remembers nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ask(window: &mut Window, allowed: u32, now: Duration) -> bool {
        let admits = window.admits(allowed, SECOND, now);
        if admits {
            window.add(SECOND, now);
        }
        admits
    }

    /// Within any second there are so many and no more.
    #[test]
    fn a_second_has_so_many() {
        let mut window = Window::default();
        let at = Duration::from_millis;
        let admitted: Vec<_> = [0, 100, 600, 700, 999].map(|ms| ask(&mut window, 3, at(ms))).to_vec();
        assert_eq!(admitted, [true, true, true, false, false]);
        let later: Vec<_> = [1000, 1001, 1050, 1101, 1102].map(|ms| ask(&mut window, 3, at(ms))).to_vec();
        assert_eq!(later, [false, true, false, true, false]);
        assert!((0..3).all(|_| ask(&mut window, 3, at(60_000))));
        assert!(!ask(&mut window, 3, at(60_000)));
        assert!(!ask(&mut window, 0, at(90_000)), "none at all");
    }

    /// However many are allowed, memory has a bound; a clock that is put back begins anew.
    #[test]
    fn memory_is_bounded() {
        let mut window = Window::default();
        for packet in 0..100_000 {
            assert!(ask(&mut window, u32::MAX, Duration::from_micros(packet * 17)));
        }
        assert!(window.parts.len() <= PARTS as usize + 2, "{}", window.parts.len());
        assert!(window.admits(1, SECOND, Duration::ZERO) && window.is_empty());
    }
}
