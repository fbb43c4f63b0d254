//! The commands that the agent passes on, as far as access to them can be told apart. It does nothing else with them.

use kotare_control::{Access, Facts};
use kotare_modules::rbac::Declared;
use serde::Deserialize;

use crate::commands;

/// All commands of the suite.
#[derive(Debug)]
pub(crate) struct Catalogue {
    own: Vec<Facts>,
    daemons: Vec<Row>,
}

/// A command of the daemons, as their tables declare it.
#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    access: String,
    library: Option<String>,
}

impl Catalogue {
    /// The one that was built in; what is in it of the daemons is written from their tables by `cargo xtask docs`.
    pub(crate) fn new() -> Self {
        let daemons = serde_json::from_str(include_str!("commands.json"));
        let daemons = daemons.expect("what is written from the tables is a list of commands");
        Self { own: commands::facts().unwrap_or_default(), daemons }
    }

    /// All of them. What the agent and a daemon both have is a command of both.
    pub(crate) fn declared(&self) -> impl Iterator<Item = Declared<'_>> + Clone {
        let daemons = self.daemons.iter().map(|row| Declared {
            name: &row.name,
            access: if row.access == Access::Read.name() { Access::Read } else { Access::Write },
            hook: row.library.as_deref().unwrap_or_default(),
        });
        daemons.chain(self.own.iter().map(|facts| Declared::of(facts, "")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commands of daemons, of their hook libraries and of the agent are there, with what they do.
    #[test]
    fn commands_are_declared() {
        let catalogue = Catalogue::new();
        let find = |name| catalogue.declared().find(|it| it.name == name);
        let is = |access, hook| move |it: Declared<'_>| (it.access, it.hook) == (access, hook);
        assert!(find("lease4-get").is_some_and(is(Access::Read, "lease_cmds")));
        assert!(find("lease4-add").is_some_and(is(Access::Write, "lease_cmds")));
        assert!(find("config-get").is_some_and(is(Access::Read, "")));
        assert!(find("shutdown").is_some_and(is(Access::Write, "")));
        assert!(find("made-up").is_none());
    }
}
