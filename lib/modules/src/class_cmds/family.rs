//! What there is to know of the classes of each family.

use kotare_config::common::Classes;
use kotare_config::schema::Table;
use kotare_config::schema::tables::{CLIENT_CLASS, CLIENT_CLASS6};
use kotare_config::v4::Config4;
use kotare_config::v6::Config6;
use kotare_control::Command;
use kotare_model::{Lease4, Lease6};
use kotare_options::Definitions;

use super::{COMMANDS4, COMMANDS6, ClassCmds};
use crate::Hooked;

/// A family with its classes. There are two of them.
pub(super) trait Classed: Hooked<Config: 'static> {
    /// The commands of its servers.
    const COMMANDS: &[Command<ClassCmds<Self>>];
    /// What may be written of a class.
    const CLASS: &Table;

    /// The options that a configuration knows.
    fn definitions(config: &Self::Config) -> &Definitions;

    /// The first class whose expression asks for the class `name`.
    fn user_of<'a>(config: &'a Self::Config, name: &str) -> Option<&'a str>;
}

impl Classed for Lease4 {
    const COMMANDS: &[Command<ClassCmds<Self>>] = COMMANDS4;
    const CLASS: &Table = &CLIENT_CLASS;

    fn definitions(config: &Config4) -> &Definitions {
        &config.definitions
    }

    fn user_of<'a>(config: &'a Config4, name: &str) -> Option<&'a str> {
        user_of(&config.classes, name)
    }
}

impl Classed for Lease6 {
    const COMMANDS: &[Command<ClassCmds<Self>>] = COMMANDS6;
    const CLASS: &Table = &CLIENT_CLASS6;

    fn definitions(config: &Config6) -> &Definitions {
        &config.definitions
    }

    fn user_of<'a>(config: &'a Config6, name: &str) -> Option<&'a str> {
        user_of(&config.classes, name)
    }
}

fn user_of<'a, O, P>(classes: &'a Classes<O, P>, name: &str) -> Option<&'a str>
where
    O: Default + PartialEq,
    P: Default + PartialEq,
{
    let id = classes.id(name)?;
    let mut classes = classes.iter().map(|(_, class)| class);
    classes.find(|class| class.depends_on.contains(&id)).map(|class| &*class.name)
}
