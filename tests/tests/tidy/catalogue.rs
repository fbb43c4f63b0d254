//! All commands of the suite, as the tables of the programs and their modules declare them.

use kotare_control::Facts;
use kotare_dhcp4d::{Dhcp4, Kernel4};
use kotare_modules::LIBRARIES;
use kotare_server::commands;
use kotare_store_memfile::Memfile4;

/// A command, and who has it.
pub(crate) struct Entry {
    pub(crate) facts: Facts,
    /// The hook library whose it is, if it is not of the program itself.
    pub(crate) library: Option<&'static str>,
    /// The programs that have it.
    pub(crate) daemons: Vec<&'static str>,
}

/// All of them: those of the programs first, then library by library, each by name.
pub(crate) fn entries() -> Vec<Entry> {
    let own = commands::facts::<Dhcp4<Kernel4, Memfile4>>().expect("names differ");
    let own = own.into_iter().map(|facts| (None, facts));
    let of_libraries = LIBRARIES.iter().flat_map(|library| {
        let commands = library.v4.iter().flat_map(|module| (module.commands)());
        commands.map(|facts| (Some(library.name), facts))
    });
    let mut entries: Vec<_> = own
        .chain(of_libraries)
        .map(|(library, facts)| Entry { facts, library, daemons: vec!["kea-dhcp4"] })
        .collect();
    entries.sort_by_key(|entry| (entry.library, entry.facts.name));
    entries
}
