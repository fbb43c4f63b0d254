//! What modules do beside the messages: what goes on for as long as a configuration is in effect.

use std::fmt;
use std::sync::Arc;

use kotare_config::process::Reconnect;
use kotare_control::http::ListenerConfig;
use kotare_store_sql::Reach;
use serde_json::{Map, Value as Json};
use tokio::sync::watch;

use crate::Doing;
use crate::aside::aside;
use crate::databases::Manager;

/// What goes on beside the messages for as long as a configuration is in effect. It may be of several configurations, one
/// after the other.
pub trait Companion: Send + Sync {
    /// Does what takes long and may fail, before a configuration that has it takes effect. What was done is done.
    ///
    /// An error says why there can be no such configuration.
    fn prepare(&self) -> Doing<'_, Result<(), String>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// The database that it is connected to, once it is prepared.
    fn connection(&self) -> Option<ModuleConnection> {
        None
    }

    /// A configuration that has it takes effect, and what does the same for the one before has not ended yet: what may not stop in
    /// between goes on here from now on.
    fn take_over(&self) {}

    /// A configuration that has it takes effect. What goes on already goes on. This may go through all leases.
    fn begin(&self);

    /// Whether it has partners and goes on already: what they asked for still holds.
    fn has_partners_of_before(&self) -> bool {
        false
    }

    /// No configuration that has it is in effect any more. This may wait for what is still to be written or run.
    fn end(&self);

    /// It has ended with the program: waits until others were told of that, for a short time at most.
    fn part(&self) -> Doing<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Adds to what `status-get` says.
    fn report(&self, status: &mut Map<String, Json>);
}

/// The connection of a module to a database.
#[derive(Debug)]
pub struct ModuleConnection {
    /// Whose it is.
    pub manager: Manager,
    /// How the database can be reached.
    pub reach: watch::Receiver<Reach>,
    /// What is done when it is lost.
    pub reconnect: Reconnect,
}

/// Messages of a module that go to the syslog daemon and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemLogger {
    /// The logger of the messages.
    pub name: &'static str,
    /// `pattern`: what a line looks like; as Kea's do, if it is empty.
    pub pattern: String,
    /// `facility`.
    pub facility: String,
}

/// All that the modules of a configuration do beside the messages.
#[derive(Default)]
pub struct Beside {
    /// What goes on.
    pub companions: Vec<Arc<dyn Companion>>,
    /// Where partners send their commands.
    pub listeners: Vec<ListenerConfig>,
    /// How the log says that they cannot be opened.
    pub unheard: Option<fn(&dyn fmt::Display)>,
    /// What goes to the syslog daemon.
    pub loggers: Vec<SystemLogger>,
}

impl Beside {
    /// Does what takes long and may fail.
    ///
    /// # Errors
    /// Why this cannot take effect.
    pub async fn prepare(&self) -> Result<(), String> {
        for companion in &self.companions {
            companion.prepare().await?;
        }
        Ok(())
    }

    /// Says that the listeners for partners cannot be opened.
    pub fn tell_unheard(&self, reason: &dyn fmt::Display) {
        if let Some(tell) = self.unheard {
            tell(reason);
        }
    }

    /// The databases that modules are connected to.
    pub fn connections(&self) -> impl Iterator<Item = ModuleConnection> {
        self.companions.iter().filter_map(|companion| companion.connection())
    }

    /// Whether partners are those of the configuration before. It is to be asked before this takes effect.
    #[must_use]
    pub fn has_partners_of_before(&self) -> bool {
        self.companions.iter().any(|companion| companion.has_partners_of_before())
    }

    /// This takes effect; what of the one `before` is not in it ends.
    pub fn begin(&self, before: Option<&Self>) {
        self.companions.iter().for_each(|companion| companion.take_over());
        let stays = |other: &Arc<dyn Companion>| self.companions.iter().any(|own| Arc::ptr_eq(own, other));
        if let Some(before) = before {
            aside(|| before.companions.iter().filter(|other| !stays(other)).for_each(|other| other.end()));
        }
        aside(|| self.companions.iter().for_each(|companion| companion.begin()));
    }

    /// Nothing is in effect any more.
    pub fn end(&self) {
        aside(|| self.companions.iter().for_each(|companion| companion.end()));
    }

    /// All has ended: waits until others were told, for a short time at most.
    pub async fn part(&self) {
        for companion in &self.companions {
            companion.part().await;
        }
    }

    /// What all of them add to what `status-get` says.
    pub fn report(&self, status: &mut Map<String, Json>) {
        self.companions.iter().for_each(|companion| companion.report(status));
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside")
            .field("companions", &self.companions.len())
            .field("listeners", &self.listeners.len())
            .field("loggers", &self.loggers)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use parking_lot::Mutex;

    use super::*;

    /// What ends when it hears of that, from a task.
    struct Patient(Mutex<Receiver<()>>);

    impl Companion for Patient {
        fn begin(&self) {}

        fn end(&self) {
            let heard = self.0.lock().recv_timeout(Duration::from_secs(60));
            assert!(heard.is_ok(), "other tasks go on meanwhile");
        }

        fn report(&self, _: &mut Map<String, Json>) {}
    }

    /// Other tasks go on while modules end, though there is one thread for all of them.
    #[test]
    fn nobody_waits_for_what_ends() {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
        for is_replaced in [true, false] {
            let (sender, heard) = channel();
            let beside =
                Beside { companions: vec![Arc::new(Patient(Mutex::new(heard)))], ..Beside::default() };
            let ending = runtime.spawn(async move {
                tokio::spawn(async move { sender.send(()) });
                match is_replaced {
                    true => Beside::default().begin(Some(&beside)),
                    false => beside.end(),
                }
            });
            runtime.block_on(ending).expect("it ended");
        }
    }
}
