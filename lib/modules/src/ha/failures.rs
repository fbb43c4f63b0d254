//! What fails again and again is told once.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::peer::Failure;

/// What failed last, by what was tried.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<HashMap<&'static str, String>>);

impl Failures {
    /// Takes down what came of something that is tried, and tells of a failure that is another than last time.
    pub(super) fn note(&self, tried: &'static str, failure: Option<&Failure>, tell: impl FnOnce(&Failure)) {
        let mut last = self.0.lock();
        match failure {
            None => drop(last.remove(tried)),
            Some(failure) => {
                let reason = failure.to_string();
                if last.insert(tried, reason.clone()).is_none_or(|before| before != reason) {
                    drop(last);
                    tell(failure);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kotare_ha::Refusal;

    use super::*;

    /// The same failure is told again only after it was over, or another came between.
    #[test]
    fn failures_are_told_once() {
        let failures = Failures::default();
        let refused = |reason: &str| Failure::Refused(Refusal { code: 1, reason: reason.into() });
        let mut told = Vec::new();
        for (tried, failure) in [
            ("a", Some(refused("x"))),
            ("a", Some(refused("x"))),
            ("b", Some(refused("x"))),
            ("a", Some(refused("y"))),
            ("a", None),
            ("a", Some(refused("y"))),
        ] {
            failures.note(tried, failure.as_ref(), |failure| told.push(format!("{tried} {failure}")));
        }
        assert_eq!(told, ["a x", "b x", "a y", "a y"]);
    }
}
