//! Events that are told once and then summed up.

use kotare_model::Timestamp;

/// Events of one cause: the first of a second is told, those that follow are counted.
#[derive(Debug)]
pub(super) struct Repeated {
    second: Timestamp,
    /// What was counted since the last telling.
    more: u64,
}

impl Repeated {
    pub(super) fn new() -> Self {
        Self { second: Timestamp(i64::MIN), more: 0 }
    }

    /// It happened; whether it is to be told now.
    pub(super) fn is_news(&mut self, now: Timestamp) -> bool {
        if self.second == now {
            self.more += 1;
            return false;
        }
        self.second = now;
        true
    }

    /// How many events were not told, once their second is over.
    pub(super) fn sum(&mut self, now: Timestamp) -> Option<u64> {
        (self.more > 0 && self.second != now).then(|| std::mem::take(&mut self.more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However often it happens, it is told once a second, and what was not told is summed up when the second is over.
    #[test]
    fn a_flood_is_one_line_and_a_sum() {
        let mut repeated = Repeated::new();
        let told =
            |repeated: &mut Repeated, now| (0..9000).filter(|_| repeated.is_news(Timestamp(now))).count();
        assert_eq!(told(&mut repeated, 1), 1);
        assert_eq!(repeated.sum(Timestamp(1)), None);
        assert_eq!((repeated.sum(Timestamp(2)), repeated.sum(Timestamp(2))), (Some(8999), None));
        assert!(repeated.is_news(Timestamp(3)));
        assert_eq!(repeated.sum(Timestamp(4)), None);
    }
}
