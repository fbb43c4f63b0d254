//! What commands there are, what they do and which arguments they take: known without asking a server.

use std::fmt::Write;

use serde::Deserialize;

use crate::table::Table;

/// The commands of the suite, sorted by name. A server may have others; it has the last word.
#[derive(Debug)]
pub(crate) struct Catalogue(Vec<Command>);

/// A command, as the table of the program or module whose it is declares it.
#[derive(Debug, Deserialize)]
pub(crate) struct Command {
    pub(crate) name: String,
    help: String,
    since: String,
    access: String,
    library: Option<String>,
    daemons: Vec<String>,
    pub(crate) arguments: Vec<Argument>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Argument {
    pub(crate) name: String,
    r#type: String,
    required: bool,
    help: String,
}

impl Catalogue {
    /// The one that was built in; it is written from the tables by `cargo xtask docs`.
    pub(crate) fn new() -> Self {
        let commands = serde_json::from_str(include_str!("commands.json"));
        Self(commands.expect("what is written from the tables is a list of commands"))
    }

    /// The command of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Command> {
        self.0.iter().find(|command| command.name == name)
    }

    /// The names of all.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|command| &*command.name)
    }

    /// What the command `name` does and takes.
    ///
    /// # Errors
    /// If there is none, with those that begin so.
    pub(crate) fn help(&self, name: &str) -> Result<String, String> {
        if let Some(command) = self.find(name) {
            return Ok(command.help());
        }
        let similar: Vec<_> = self.names().filter(|known| known.starts_with(name)).collect();
        let more = match similar.as_slice() {
            [] => "list-commands shows those that a server has".to_owned(),
            similar => format!("there are {}", similar.join(", ")),
        };
        Err(format!("nothing is known here of a command {name:?}; {more}"))
    }
}

impl Command {
    fn help(&self) -> String {
        let mut text = format!("{}: {}\n\n", self.name, self.help);
        if self.arguments.is_empty() {
            text.push_str("It takes no arguments.\n");
        } else {
            let row = |argument: &Argument| {
                let required = if argument.required { "required" } else { "" };
                [&argument.name, &argument.r#type, required, &argument.help].map(str::to_owned).to_vec()
            };
            let arguments =
                Table::new(["ARGUMENT", "TYPE", "", ""], self.arguments.iter().map(row).collect());
            text.push_str(&arguments.to_text());
        }
        let whose = match &self.library {
            Some(library) => format!("Of the hook library libdhcp_{library}.so"),
            None => "Of the server".to_owned(),
        };
        let daemons = self.daemons.join(", ");
        // Writing to a string does not fail.
        let _ = write!(text, "\n{whose} ({daemons}). Since: {}. Access: {}.", self.since, self.access);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A command is told with its arguments, in columns; a beginning leads to what there is.
    #[test]
    fn commands_are_told() {
        let catalogue = Catalogue::new();
        let help = catalogue.help("leases-reclaim").unwrap();
        assert!(help.starts_with("leases-reclaim: "), "{help}");
        assert!(help.contains("\nremove    a boolean  required  Whether "), "{help}");
        assert!(
            help.ends_with("Of the server (kea-dhcp4, kea-dhcp6). Since: 1.0.0. Access: write."),
            "{help}"
        );
        assert!(catalogue.help("version-get").unwrap().contains("no arguments"));
        assert!(catalogue.help("lease4-get").unwrap().contains("libdhcp_lease_cmds.so"));
        let error = catalogue.help("subnet4-delta").unwrap_err();
        assert!(error.ends_with("there are subnet4-delta-add, subnet4-delta-del"), "{error}");
        assert!(catalogue.help("foo").unwrap_err().contains("list-commands"));
    }
}
