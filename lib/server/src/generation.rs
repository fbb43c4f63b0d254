//! One configuration in effect: everything a packet is answered from.

use std::sync::Arc;

use kotare_config::json::Value;
use kotare_config::{Process, Written};
use kotare_control::Commands;
use kotare_daemon::Moment;
use kotare_process::configured::InEffect;

use crate::Daemon;
use crate::announce::Remarks;
use crate::config_backend::Backend;
use crate::family::{Family, Flow, LeasesOf};
use crate::host_stores::HostStores;
use crate::stores::Stored;

/// A configuration and what was prepared for it. Immutable; replaced as a whole, and gone when nobody holds it any
/// more: the server, or an exchange that began under it.
#[derive(Debug)]
pub struct Generation<F: Flow> {
    /// What the operator wrote.
    pub(crate) written: Written,
    /// What that means.
    pub(crate) config: Arc<F::Config>,
    /// What packets are answered with.
    pub(crate) engine: F::Engine,
    /// The leases; the same for all generations that keep them in one place.
    pub(crate) stored: Arc<Stored<F>>,
    /// The databases that reservations are looked for in after the configuration.
    pub(crate) hosts: HostStores<F::Reserved>,
    /// What databases have laid over what was written, if it names some.
    pub(crate) backend: Option<Arc<Backend>>,
    /// What can be asked of the server.
    pub(crate) commands: Arc<Commands<Daemon<F>>>,
    /// The modules that have a say in all that. They are dropped after what uses them, so that they tell when they have
    /// really ended.
    pub(crate) modules: Arc<F::Modules>,
    /// How many batches of datagrams are answered together: more than one when every answer waits for the disk.
    pub(crate) rounds: usize,
    /// Whether an exchange may have to wait for something.
    pub(crate) waits: bool,
    /// When it was read.
    pub(crate) since: Moment,
    /// What there was to say of it.
    pub(crate) remarks: Remarks,
}

impl<F: Flow> Generation<F> {
    /// One that reserves something else, as `written` says, which means `config`; it shares the rest with this one.
    pub(crate) fn reserving(&self, written: Value, config: F::Config) -> Self
    where
        F: Family,
    {
        let config = Arc::new(config);
        let engine = F::reserving(&self.engine, config.clone());
        self.sharing(written, config, engine, self.backend.clone())
    }

    /// One of the same modules, leases and statistics.
    pub(crate) fn sharing(
        &self,
        written: Value,
        config: Arc<F::Config>,
        engine: F::Engine,
        backend: Option<Arc<Backend>>,
    ) -> Self {
        Self {
            written: self.written.changed(written),
            engine,
            config,
            stored: self.stored.clone(),
            hosts: self.hosts.clone(),
            backend,
            commands: self.commands.clone(),
            modules: self.modules.clone(),
            rounds: self.rounds,
            waits: self.waits,
            since: self.since,
            remarks: self.remarks.clone(),
        }
    }

    /// What was configured.
    pub fn config(&self) -> &Arc<F::Config> {
        &self.config
    }

    /// What the operator wrote.
    pub fn written(&self) -> &Written {
        &self.written
    }

    /// What was configured for the process.
    pub(crate) fn process(&self) -> &Process {
        (*self.config).as_ref()
    }

    /// Whether several threads may answer messages.
    pub(crate) fn is_threaded(&self) -> bool {
        self.process().multi_threading.enabled
    }

    /// What packets are answered with.
    pub fn engine(&self) -> &F::Engine {
        &self.engine
    }

    /// The modules that have a say.
    pub fn modules(&self) -> &Arc<F::Modules> {
        &self.modules
    }

    /// The leases.
    pub fn leases(&self) -> &LeasesOf<F> {
        &self.stored.leases
    }
}

impl<F: Flow> InEffect for Generation<F> {
    type Config = F::Config;

    fn written(&self) -> &Written {
        &self.written
    }

    fn meaning(&self) -> &F::Config {
        &self.config
    }
}
