//! Hook libraries of the control agent: of ours only `rbac` has a say there.

use std::sync::Arc;

use kotare_config::agent::ConfigAgent;
use kotare_config::json::Diagnostics;
use kotare_config::process::HookLibrary;
use kotare_config::schema::LibrarySchema;
use kotare_control::AccessControl;
use kotare_messages::Message;

use crate::build::{Loaded, failed};
use crate::rbac::{self, Declared, Rbac};
use crate::{LIBRARIES, Library, messages};

const LIBRARY: &Library = &rbac::LIBRARY;

/// The modules of an agent's configuration, in the order of `hooks-libraries`.
#[derive(Debug, Default)]
pub struct ModulesAgent {
    guards: Vec<Arc<Rbac>>,
    paths: Vec<Box<str>>,
    loaded: Vec<Arc<Loaded>>,
}

impl ModulesAgent {
    /// What their parameters may be.
    pub const SCHEMAS: &'static [LibrarySchema] = &[LIBRARY.schema()];

    /// Their tables of log messages.
    pub const MESSAGES: &'static [&'static [Message]] = &[messages::MESSAGES, LIBRARY.messages];

    /// Reads what `config` says to modules in an agent that passes on the commands `declared`, or has them itself. What is
    /// wrong goes to `diagnostics`; the modules are of no use then. Libraries that are not known are passed over.
    #[must_use]
    pub fn read<'a>(
        config: &ConfigAgent,
        declared: impl Iterator<Item = Declared<'a>> + Clone,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut modules = Self::default();
        for written in &config.libraries {
            match LIBRARIES.iter().find(|library| library.name == &*written.name) {
                None => {}
                Some(library) if library.name == LIBRARY.name => {
                    modules.add(written, declared.clone(), diagnostics);
                }
                Some(library) => diagnostics.error(
                    &written.source,
                    format!("the hook library {} is not for the control agent", library.name),
                ),
            }
        }
        modules
    }

    fn add<'a>(
        &mut self,
        written: &HookLibrary,
        declared: impl Iterator<Item = Declared<'a>>,
        diagnostics: &mut Diagnostics,
    ) {
        let before = diagnostics.error_count();
        let rbac = Rbac::read(written.level(LIBRARY.parameters), declared, diagnostics);
        if diagnostics.error_count() != before {
            return failed(LIBRARY, written, before, diagnostics);
        }
        self.guards.push(Arc::new(rbac));
        self.paths.push(written.path.clone());
    }

    /// Tells that these are in use from now on, after `former`.
    pub fn announce(&mut self, former: Option<&Self>) {
        let former = former.map_or(&[][..], |former| &former.loaded);
        self.loaded = self.paths.iter().map(|path| Loaded::again(LIBRARY, path, former)).collect();
        self.guards.iter().for_each(|guard| guard.announce());
    }

    /// Who has a say in which commands are run.
    #[must_use]
    pub fn guards(&self) -> Vec<Arc<dyn AccessControl>> {
        self.guards.iter().map(|guard| guard.clone() as Arc<dyn AccessControl>).collect()
    }
}
