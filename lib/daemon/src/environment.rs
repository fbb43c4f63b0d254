//! What the surroundings of a process tell it, read once.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The environment as a value, its variables and the place of the program: everything that depends on them takes
/// this, so a test says what is set.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    program: Option<PathBuf>,
}

impl Environment {
    /// The process's own, as it is now.
    pub fn of_process() -> Self {
        Self { variables: std::env::vars_os().collect(), program: std::env::current_exe().ok() }
    }

    /// The same environment of a program whose file is `program`.
    pub fn with_program(self, program: impl Into<PathBuf>) -> Self {
        Self { program: Some(program.into()), ..self }
    }

    /// The file of the program that runs, symbolic links followed; `None` where the system does not say.
    pub fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// The value of a variable; empty counts as set.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// The value of a variable if it is set and UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.var(name)?.to_str()
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables, program: None }
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
        assert_eq!(environment.program(), None);
    }

    /// A process knows the file of its program.
    #[test]
    fn a_process_knows_its_program() {
        assert!(Environment::of_process().program().is_some_and(Path::is_file));
    }
}
