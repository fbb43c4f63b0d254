//! What fails again and again is told once, and shown for as long as it fails.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde_json::{Map, Value as Json};

use super::peer::Failure;

/// What failed last, by what was tried, and at which server.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<BTreeMap<&'static str, BTreeMap<String, String>>>);

impl Failures {
    /// Takes down what came of something that is tried at a server, and tells of a failure that is another than last time.
    pub(super) fn note(
        &self,
        server: &str,
        tried: &'static str,
        failure: Option<&Failure>,
        tell: impl FnOnce(&Failure),
    ) {
        let mut last = self.0.lock();
        match failure {
            None => {
                if let Some(servers) = last.get_mut(tried) {
                    servers.remove(server);
                }
            }
            Some(failure) => {
                let reason = failure.to_string();
                let before = last.entry(tried).or_default().insert(server.to_owned(), reason.clone());
                if before.is_none_or(|before| before != reason) {
                    drop(last);
                    tell(failure);
                }
            }
        }
    }

    /// What fails: by server, what is tried and why it fails.
    pub(super) fn shown(&self) -> Map<String, Json> {
        let mut shown = Map::new();
        for (tried, servers) in &*self.0.lock() {
            for (server, reason) in servers {
                let of_server = shown.entry(server.clone()).or_insert_with(|| Json::Object(Map::new()));
                of_server[*tried] = reason.clone().into();
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use kotare_ha::Refusal;
    use serde_json::json;

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
            failures.note("b", tried, failure.as_ref(), |failure| told.push(format!("{tried} {failure}")));
        }
        assert_eq!(told, ["a x", "b x", "a y", "a y"]);
        assert_eq!(Json::Object(failures.shown()), json!({"b": {"a": "y", "b": "x"}}));
        ["a", "b"].into_iter().for_each(|tried| failures.note("b", tried, None, |_| unreachable!()));
        assert!(failures.shown().is_empty());
    }
}
