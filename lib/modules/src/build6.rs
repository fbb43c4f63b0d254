//! The modules of a DHCPv6 server's configuration.

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::v6::Config6;
use kotare_control::{AccessControl, Bound};
use kotare_engine::hooks::v6::Hooks6;

use crate::LIBRARIES;

/// The modules of a DHCPv6 server's configuration. No library is for such servers yet.
#[derive(Default)]
pub struct Modules6 {
    /// Who is registered at which point.
    pub hooks: Hooks6,
    /// Their commands, each table bound to its module.
    pub commands: Vec<Bound>,
    /// Who has a say in which commands are run.
    pub guards: Vec<Arc<dyn AccessControl>>,
}

impl Modules6 {
    /// Finds what is wrong with what `config` says to modules. Libraries that are not known are passed over.
    pub fn judge(config: &Config6, diagnostics: &mut Diagnostics) {
        for written in &config.process.libraries {
            if let Some(library) = LIBRARIES.iter().find(|library| library.name == &*written.name) {
                let text = format!("the hook library {} is not for DHCPv6 servers", library.name);
                diagnostics.error(&written.source, text);
            }
        }
    }

    /// Builds the modules that `config` names. What is wrong goes to `diagnostics`; the modules are of no use then.
    pub fn build(config: &Config6, diagnostics: &mut Diagnostics) -> Self {
        Self::judge(config, diagnostics);
        Self::default()
    }
}

impl std::fmt::Debug for Modules6 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Modules6").field("commands", &self.commands.len()).finish_non_exhaustive()
    }
}
