//! What has a say in a configuration: hook libraries, and the server's own parts.

use std::sync::Arc;

use kotare_config::v6::Config6;
use kotare_modules::Modules6;

use crate::learned::Learned;
use crate::routes::{Changes, Stamp};

/// The modules of a configuration, what keeps the routes of its prefixes, and the prefixes that it follows itself.
#[derive(Debug)]
pub struct Modules {
    pub(crate) libraries: Modules6,
    /// What changed of prefixes, where routes are kept.
    routes: Option<Arc<Changes>>,
    /// What is known of prefixes that subnets follow.
    learned: Arc<Learned>,
}

impl Modules {
    /// Those of `config`, with `libraries`; `former` are those of the configuration it is going to replace.
    pub(crate) fn new(config: &Config6, mut libraries: Modules6, former: Option<&Self>) -> Self {
        let learned = former.map(|former| former.learned.clone()).unwrap_or_default();
        let former = former.and_then(|former| former.routes.clone());
        let routes = config.prefix_routes.as_ref().map(|_| former.unwrap_or_default());
        if let Some(changes) = &routes {
            // Whatever modules decide, the lease remembers where its client is.
            libraries.hooks.lease6_select.insert(0, Arc::new(Stamp));
            libraries.hooks.observers.push(changes.clone());
        }
        Self { libraries, routes, learned }
    }

    pub(crate) fn routes(&self) -> Option<&Arc<Changes>> {
        self.routes.as_ref()
    }

    pub(crate) fn learned(&self) -> &Arc<Learned> {
        &self.learned
    }
}
