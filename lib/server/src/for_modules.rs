//! What modules see of the server.

use std::sync::{Arc, Weak};
use std::time::Duration;

use kotare_config::Written;
use kotare_engine::AnyLeases4;
use kotare_model::Timestamp;
use kotare_modules::{Doing, Edit, Server, Serving};
use kotare_stats::Statistics4;

use crate::Daemon;
use crate::family::{Family, Flow};
use crate::generation::Generation;

impl<F: Family> Daemon<F> {
    /// This server, as its modules know it.
    pub(crate) fn for_modules(self: &Arc<Self>) -> Weak<dyn Server<F::Config, F::Engine>> {
        let server: Arc<dyn Server<F::Config, F::Engine>> = self.clone();
        Arc::downgrade(&server)
    }
}

impl<F: Family> Server<F::Config, F::Engine> for Daemon<F> {
    fn serving(&self) -> Arc<dyn Serving<F::Config, F::Engine>> {
        self.generation()
    }

    fn statistics(&self) -> &Statistics4 {
        &self.statistics
    }

    fn now(&self) -> Timestamp {
        self.surroundings.clock.now()
    }

    fn since_epoch(&self) -> Duration {
        self.surroundings.clock.since_epoch()
    }

    fn edit(&self, edit: Edit) -> Doing<'_, Result<(), String>> {
        Box::pin(Self::edit(self, edit))
    }
}

impl<F: Flow> Serving<F::Config, F::Engine> for Generation<F> {
    fn config(&self) -> &Arc<F::Config> {
        Self::config(self)
    }

    fn written(&self) -> &Written {
        &self.written
    }

    fn engine(&self) -> &F::Engine {
        Self::engine(self)
    }

    fn leases(&self) -> &dyn AnyLeases4 {
        Self::leases(self)
    }
}
