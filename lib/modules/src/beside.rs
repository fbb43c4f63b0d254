//! What modules do beside the messages: what goes on for as long as a configuration is in effect.

use std::fmt;
use std::sync::Arc;

use kotare_control::http::ListenerConfig;
use serde_json::{Map, Value as Json};

/// What goes on beside the messages for as long as a configuration is in effect. It may be of several configurations, one
/// after the other.
pub trait Companion: Send + Sync {
    /// A configuration that has it takes effect. What goes on already goes on.
    fn begin(&self);

    /// No configuration that has it is in effect any more.
    fn end(&self);

    /// Adds to what `status-get` says.
    fn report(&self, status: &mut Map<String, Json>);
}

/// All that the modules of a configuration do beside the messages.
#[derive(Default)]
pub struct Beside {
    /// What goes on.
    pub companions: Vec<Arc<dyn Companion>>,
    /// Where partners send their commands.
    pub listeners: Vec<ListenerConfig>,
}

impl Beside {
    /// This takes effect; what of the one `before` is not in it ends.
    pub fn begin(&self, before: Option<&Self>) {
        let stays = |other: &Arc<dyn Companion>| self.companions.iter().any(|own| Arc::ptr_eq(own, other));
        if let Some(before) = before {
            before.companions.iter().filter(|other| !stays(other)).for_each(|other| other.end());
        }
        self.companions.iter().for_each(|companion| companion.begin());
    }

    /// Nothing is in effect any more.
    pub fn end(&self) {
        self.companions.iter().for_each(|companion| companion.end());
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
            .finish()
    }
}
