//! What the rest of the server knows of a module.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use kotare_config::Process;
use kotare_config::json::Diagnostics;
use kotare_config::schema::{LibrarySchema, Table};
use kotare_control::Facts;
use kotare_engine::hooks::RoundEnd;
use kotare_engine::hooks::v4::Hooks4;
use kotare_engine::hooks::v6::Hooks6;
use kotare_engine::{Leased, v4, v6};
use kotare_messages::Message;
use kotare_model::{Lease4, Lease6};

use crate::Places;
use crate::build::{Around, Entry, Modules};

/// A module: a hook library of Kea's that is part of the server.
#[derive(Debug)]
pub struct Library {
    /// The base name of its file without `libdhcp_` and `.so`.
    pub name: &'static str,
    /// What its `parameters` may be.
    pub parameters: &'static Table,
    /// Its log messages.
    pub messages: &'static [Message],
    /// Logs that it cannot be used as configured.
    pub load_error: fn(&dyn Display),
    /// Logs that there is a configuration with it now, and there was none.
    pub loaded: fn(),
    /// Logs that there is none with it any more.
    pub unloaded: fn(),
    /// What it is for a DHCPv4 server; `None` if it is not for one.
    pub v4: Option<Module4>,
    /// What it is for a DHCPv6 server; `None` if it is not for one.
    pub v6: Option<Module6>,
}

/// What a module does for an entry of the configuration of a server with leases `L`. What is wrong goes to the
/// diagnostics.
pub struct Module<L: Hooked> {
    /// Finds what is wrong with the entry by itself: what its table cannot say. Touches nothing.
    pub judge: fn(&Entry<'_, L>, &mut Diagnostics),
    /// Finds what is wrong with what the entry names on the machine around, if `judge` has nothing to say: files that are not there.
    /// Changes nothing. `build` finds it again.
    pub judge_here: fn(&Entry<'_, L>, &dyn Places, &mut Diagnostics),
    /// Builds the module and registers it. What `judge` finds, it finds again.
    pub build: fn(&Entry<'_, L>, &Around<'_, L>, &mut Modules<L>, &mut Diagnostics),
    /// The commands that are registered then.
    pub commands: fn() -> Vec<Facts>,
}

/// A module of a DHCPv4 server.
pub type Module4 = Module<Lease4>;

/// A module of a DHCPv6 server.
pub type Module6 = Module<Lease6>;

/// A lease of a family, with what modules need to know of its servers. There are two of them.
pub trait Hooked: Leased<Config: AsRef<Process>> {
    /// What a server gives leases with.
    type Engine: 'static;
    /// The points where modules have a say.
    type Hooks: Debug + Default;

    /// What the family is called.
    const PROTOCOL: &str;
    /// The map of a server in what is written.
    const MAP: &str;

    /// Who writes down what exchanges gathered.
    fn round_ends(hooks: &mut Self::Hooks) -> &mut Vec<Arc<dyn RoundEnd>>;

    /// What a library is for servers of the family, if it is for any.
    fn module(library: &'static Library) -> Option<&'static Module<Self>>;
}

impl Hooked for Lease4 {
    type Engine = v4::Server;
    type Hooks = Hooks4;

    const PROTOCOL: &str = "DHCPv4";
    const MAP: &str = "Dhcp4";

    fn round_ends(hooks: &mut Hooks4) -> &mut Vec<Arc<dyn RoundEnd>> {
        &mut hooks.round_ends
    }

    fn module(library: &'static Library) -> Option<&'static Module4> {
        library.v4.as_ref()
    }
}

impl Hooked for Lease6 {
    type Engine = v6::Server;
    type Hooks = Hooks6;

    const PROTOCOL: &str = "DHCPv6";
    const MAP: &str = "Dhcp6";

    fn round_ends(hooks: &mut Hooks6) -> &mut Vec<Arc<dyn RoundEnd>> {
        &mut hooks.round_ends
    }

    fn module(library: &'static Library) -> Option<&'static Module6> {
        library.v6.as_ref()
    }
}

impl<L: Hooked> Module<L> {
    /// One that does nothing.
    pub const NOTHING: Self =
        Self { judge: |_, _| (), judge_here: |_, _, _| (), build: |_, _, _, _| (), commands: Vec::new };
}

impl<L: Hooked> Debug for Module<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("commands", &(self.commands)().len()).finish_non_exhaustive()
    }
}

impl Library {
    /// What the configuration has to know of it.
    #[must_use]
    pub const fn schema(&self) -> LibrarySchema {
        LibrarySchema { name: self.name, parameters: self.parameters }
    }
}

#[cfg(test)]
mod tests {
    use kotare_config::v6::{Config6, FILE};
    use kotare_config::{Input, read};
    use serde_json::json;

    use super::*;
    use crate::Modules6;

    /// A DHCPv6 server takes the libraries that are for it, and is told which are not.
    #[test]
    fn libraries_are_for_families() {
        let entry = |library: &&Library| {
            let parameters = match library.name {
                "flex_option" => json!({"options": []}),
                "ha" => {
                    json!({"high-availability": [{"this-server-name": "a", "mode": "passive-backup", "peers": [
                    {"name": "a", "url": "http://192.0.2.1:8000/", "role": "primary"}]}]})
                }
                "lease_query" => json!({"requesters": ["2001:db8::1"]}),
                "run_script" => json!({"name": "/any/script.sh"}),
                "rbac" => json!({"assign-role-method": "remote-address"}),
                _ => json!({}),
            };
            json!({"library": format!("libdhcp_{}.so", library.name), "parameters": parameters})
        };
        let entries: Vec<_> = crate::LIBRARIES.iter().map(entry).collect();
        let written = json!({"Dhcp6": {"hooks-libraries": entries}});
        let file = FILE.with_libraries(crate::SCHEMAS);
        let candidate = read::<Config6>(Input::Command("config-test", &written), &file);
        let mut diagnostics = Diagnostics::new();
        Modules6::judge(&candidate.expect("a configuration").config, &[], None, &mut diagnostics);
        let said = diagnostics.error_lines().join("\n");
        for library in crate::LIBRARIES {
            let refusal = format!("the hook library {} is not for DHCPv6 servers", library.name);
            assert_eq!(said.contains(&refusal), library.v6.is_none(), "{said}");
        }
        assert!(["bootp", "ping_check"].iter().all(|name| said.contains(name)), "{said}");
    }
}
