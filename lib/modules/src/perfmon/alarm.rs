//! Alarms: told of when a mean is above one mark, again as long as it is above another, and when it is not any more.

use std::time::Duration;

/// The marks of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) low: Duration,
    pub(super) high: Duration,
}

/// Since when an alarm is triggered, and when that was told; times are since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Triggered {
    since: Duration,
    told: Duration,
}

/// An alarm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alarm {
    pub(super) marks: Marks,
    triggered: Option<Triggered>,
}

/// What is to be told of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It is triggered, since then.
    Triggered(Duration),
    /// It is not any more.
    Cleared,
}

impl Alarm {
    /// One that is not triggered.
    pub(super) fn new(marks: Marks) -> Self {
        Self { marks, triggered: None }
    }

    /// Looks at a mean; what is to be told of it, at most once in the time `again`.
    pub(super) fn look(&mut self, mean: Duration, now: Duration, again: Duration) -> Option<Told> {
        match &mut self.triggered {
            triggered @ Some(_) if mean < self.marks.low => {
                *triggered = None;
                Some(Told::Cleared)
            }
            // A clock may have been put back.
            Some(triggered) if now < triggered.told || now - triggered.told > again => {
                triggered.told = now;
                Some(Told::Triggered(triggered.since))
            }
            Some(_) => None,
            None if mean > self.marks.high => {
                self.triggered = Some(Triggered { since: now, told: now });
                Some(Told::Triggered(now))
            }
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two marks, and how often it is told.
    #[test]
    fn alarms_go_on_and_off() {
        let (ms, at) = (Duration::from_millis, Duration::from_secs);
        let mut alarm = Alarm::new(Marks { low: ms(25), high: ms(500) });
        let mut look = |mean, now| alarm.look(ms(mean), at(now), at(60));
        assert_eq!((look(500, 0), look(501, 1)), (None, Some(Told::Triggered(at(1)))));
        assert_eq!((look(900, 5), look(30, 61), look(30, 62)), (None, None, Some(Told::Triggered(at(1)))));
        assert_eq!((look(25, 63), look(24, 64), look(24, 65)), (None, Some(Told::Cleared), None));
        assert_eq!((look(400, 66), look(600, 67)), (None, Some(Told::Triggered(at(67)))));
        let put_back = (look(600, 5), look(600, 6), look(600, 66));
        assert_eq!(put_back, (Some(Told::Triggered(at(67))), None, Some(Told::Triggered(at(67)))));
    }
}
