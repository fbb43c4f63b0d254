//! What modules see of the server.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use kotare_config::Written;
use kotare_daemon::{PathKind, Validated};
use kotare_engine::AnyLeases;
use kotare_model::Timestamp;
use kotare_modules::{Doing, Edit, Server, Serving, WrittenLeases};
use kotare_stats::Statistics;

use crate::Daemon;
use crate::family::{Family, Flow, StatOf};
use crate::generation::Generation;
use crate::stores::Store;

impl<F: Family> Daemon<F> {
    /// This server, as its modules know it.
    pub(crate) fn for_modules(self: &Arc<Self>) -> Weak<dyn Server<F::Lease, F::Engine>> {
        let server: Arc<dyn Server<F::Lease, F::Engine>> = self.clone();
        Arc::downgrade(&server)
    }
}

impl<F: Family> Server<F::Lease, F::Engine> for Daemon<F> {
    fn serving(&self) -> Arc<dyn Serving<F::Lease, F::Engine>> {
        self.generation()
    }

    fn statistics(&self) -> &Statistics<StatOf<F>> {
        &self.statistics
    }

    fn now(&self) -> Timestamp {
        self.surroundings.clock.now()
    }

    fn since_epoch(&self) -> Duration {
        self.surroundings.clock.since_epoch()
    }

    fn write_leases(&self, name: &str) -> Result<WrittenLeases, String> {
        let invalid = |reason: &dyn Display| format!("'filename' parameter is invalid: {reason}");
        let Validated { path, warning } =
            self.surroundings.paths.file(PathKind::Data, name).map_err(|error| invalid(&error))?;
        let generation = self.generation();
        let Some(memfile) = generation.leases().store().memfile() else {
            return Err("leases are not in memory: there is no lease file to write them to".into());
        };
        if let Some(own) = memfile.path().map(|own| own.display().to_string())
            && path.strip_prefix(&own).is_some_and(|rest| rest.starts_with('.'))
        {
            return Err(invalid(&format_args!("'{path}' belongs to the lease file in use, '{own}'")));
        }
        let path = PathBuf::from(path);
        memfile.write_to(&path).map_err(|error| error.to_string())?;
        Ok(WrittenLeases { path, warning })
    }

    fn disable(&self, origin: u32) {
        self.service.disable(origin, None);
    }

    fn enable(&self, origin: u32) {
        self.service.enable(origin);
    }

    fn data_file(&self, name: &str) -> Result<(PathBuf, Option<String>), String> {
        let file = self.surroundings.paths.file(PathKind::Data, name).map_err(|error| error.to_string())?;
        Ok((PathBuf::from(file.path), file.warning))
    }

    fn edit(&self, edit: Edit<F::Config>) -> Doing<'_, Result<(), String>> {
        Box::pin(Self::edit(self, edit))
    }
}

impl<F: Flow> Serving<F::Lease, F::Engine> for Generation<F> {
    fn config(&self) -> &Arc<F::Config> {
        Self::config(self)
    }

    fn written(&self) -> &Written {
        &self.written
    }

    fn engine(&self) -> &F::Engine {
        Self::engine(self)
    }

    fn leases(&self) -> &dyn AnyLeases<F::Lease> {
        Self::leases(self)
    }
}
