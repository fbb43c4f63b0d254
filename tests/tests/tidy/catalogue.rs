//! All commands of the suite, as the tables of the programs and their modules declare them.

use kotare_control::{Argument, Facts};
use kotare_dhcp4d::{Dhcp4, Kernel4};
use kotare_dhcp6d::{Dhcp6, Kernel6};
use kotare_modules::LIBRARIES;
use kotare_server::commands;
use kotare_store_memfile::{Memfile4, Memfile6};

/// A command, and who has it.
pub(crate) struct Entry {
    /// What it is; where several programs have it, as the first one says.
    pub(crate) facts: Facts,
    /// The hook library whose it is, if it is not of the program itself.
    pub(crate) library: Option<&'static str>,
    /// The programs that have it.
    pub(crate) daemons: Vec<&'static str>,
    /// Its arguments.
    pub(crate) arguments: Vec<Taken>,
}

/// An argument, and the programs that take it.
pub(crate) struct Taken {
    pub(crate) argument: Argument,
    daemons: Vec<&'static str>,
}

impl Entry {
    /// What an argument means, and for which programs where not for all of them.
    pub(crate) fn help(&self, taken: &Taken) -> String {
        let help = taken.argument.help;
        match taken.daemons.len() == self.daemons.len() {
            true => help.to_owned(),
            false => format!("{help} For {}.", taken.daemons.join(", ")),
        }
    }
}

/// All of them: those of the programs first, then library by library, each by name.
pub(crate) fn entries() -> Vec<Entry> {
    let own4 = commands::facts::<Dhcp4<Kernel4, Memfile4>>().expect("names differ");
    let own6 = commands::facts::<Dhcp6<Kernel6, Memfile6>>().expect("names differ");
    let mut tables = vec![("kea-dhcp4", None, own4), ("kea-dhcp6", None, own6)];
    for library in LIBRARIES {
        tables.extend(library.v4.iter().map(|it| ("kea-dhcp4", Some(library.name), (it.commands)())));
        tables.extend(library.v6.iter().map(|it| ("kea-dhcp6", Some(library.name), (it.commands)())));
    }
    let agent = kotare_ctrl_agent::commands::facts().expect("names differ");
    tables.push(("kea-ctrl-agent", None, agent));
    let ddns = kotare_dhcp_ddns::commands::facts().expect("names differ");
    tables.push(("kea-dhcp-ddns", None, ddns));
    let (library, of_library) = kotare_dhcp_ddns::commands::library_facts();
    tables.push(("kea-dhcp-ddns", Some(library), of_library));
    joined(tables)
}

/// The commands of several tables, those that are of several programs as one.
fn joined(tables: Vec<(&'static str, Option<&'static str>, Vec<Facts>)>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (daemon, library, table) in tables {
        for facts in table {
            let same = entries.iter().position(|it| it.facts.name == facts.name && it.library == library);
            let at = same.unwrap_or_else(|| {
                entries.push(Entry { facts, library, daemons: Vec::new(), arguments: Vec::new() });
                entries.len() - 1
            });
            let entry = &mut entries[at];
            entry.daemons.push(daemon);
            for argument in facts.args {
                match entry.arguments.iter_mut().find(|taken| taken.argument.name == argument.name) {
                    Some(taken) => taken.daemons.push(daemon),
                    None => entry.arguments.push(Taken { argument: *argument, daemons: vec![daemon] }),
                }
            }
        }
    }
    entries.sort_by_key(|entry| (entry.library, entry.facts.name));
    entries
}

/// A command of two programs is one, and an argument that one of them takes says so.
#[test]
fn programs_share_commands() {
    let own = || commands::facts::<Dhcp4<Kernel4, Memfile4>>().expect("names differ");
    let without = own().into_iter().map(|facts| Facts { args: &[], ..facts }).collect();
    let entries = joined(vec![("one", None, own()), ("other", None, without)]);
    assert_eq!(entries.len(), own().len());
    let entry = entries.iter().find(|entry| entry.facts.name == "leases-reclaim").expect("it is there");
    assert_eq!(entry.daemons, ["one", "other"]);
    assert!(entry.help(&entry.arguments[0]).ends_with(" For one."));
}
