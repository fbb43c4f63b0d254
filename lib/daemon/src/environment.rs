//! The environment variables a daemon honours, read once.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// The environment as a value: everything that depends on it takes this, so a test says what is set.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The process's own, as it is now.
    pub fn of_process() -> Self {
        std::env::vars_os().collect()
    }

    /// The value of a variable; empty counts as set.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The value of a variable if it is set and UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.var(name)?.to_str()
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was put in is found, nothing else.
    #[test]
    fn variables_are_found_by_name() {
        let environment = Environment::from_iter([("KEA_PIDFILE_DIR", "/tmp")]);
        assert_eq!(environment.text("KEA_PIDFILE_DIR"), Some("/tmp"));
        assert_eq!(environment.text("KEA_LOCKFILE_DIR"), None);
    }
}
