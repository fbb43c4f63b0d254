//! A server that keys are agreed on with, and its keys.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kotare_ddns::Key;
use kotare_ddns::gss_tsig::{Choice, KeySource, Ring, Standing};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::messages::*;
use super::parameters::Settings;
use crate::stats::Statistics;

/// A server. Its keys outlive a configuration that says the same of it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) settings: Settings,
    pub(super) ring: Mutex<Ring>,
    /// Wakes the task that agrees on keys.
    pub(super) changed: Arc<Notify>,
    /// That task, once there is it.
    pub(super) task: OnceLock<AbortHandle>,
}

impl Server {
    pub(super) fn new(settings: Settings) -> Self {
        let ring = Mutex::new(Ring::new(settings.timing));
        Self { settings, ring, changed: Arc::default(), task: OnceLock::new() }
    }

    /// Another key is agreed on, whatever there is.
    pub(super) fn rekey(&self) {
        self.ring.lock().force();
        self.changed.notify_one();
    }

    /// As commands show it, with its keys.
    pub(super) fn shown(&self, statistics: &Statistics) -> Json {
        let Settings { id, domains, at, server_principal, suffix, timing, .. } = &self.settings;
        let mut shown = json!({
            "id": id,
            "ip-address": at.ip().to_string(),
            "port": at.port(),
            "server-principal": server_principal,
            "key-name-suffix": suffix.to_string(),
            "gss-replay-flag": self.settings.replay,
            "gss-sequence-flag": self.settings.sequence,
            "tkey-lifetime": timing.lifetime.as_secs(),
            "rekey-interval": timing.rekey.as_secs(),
            "retry-interval": timing.retry.as_secs(),
            "tkey-protocol": if self.settings.is_tcp { "TCP" } else { "UDP" },
            "fallback": self.settings.fallback,
            "exchange-timeout": self.settings.patience.as_millis() as u64,
        });
        if !domains.is_empty() {
            shown["domain-names"] = domains.iter().map(|domain| Json::from(domain.to_string())).collect();
        }
        if let Some(principal) = &self.settings.client_principal {
            shown["client-principal"] = json!(principal);
        }
        let ring = self.ring.lock();
        shown["keys"] = ring.keys().iter().map(|key| self.shown_key(key, statistics)).collect();
        shown
    }

    /// One of its keys as commands show it.
    pub(super) fn shown_key(&self, key: &kotare_ddns::gss_tsig::Agreed, statistics: &Statistics) -> Json {
        let mut shown = json!({
            "name": key.name.to_string(),
            "server-id": self.settings.id,
            "status": key.standing.name(),
            "inception-date": statistics.time(key.inception),
            "expire-date": statistics.time(key.expire),
        });
        match key.standing {
            Standing::NotReady => shown["tkey-exchange"] = json!(true),
            Standing::InError(outcome) => shown["tkey-status"] = json!(outcome.text()),
            Standing::Usable | Standing::Expired => {
                if let Some(lifetime) = key.key.as_ref().and_then(|key| key.lifetime()) {
                    shown["security-context-lifetime"] = json!(lifetime.as_secs());
                }
            }
        }
        shown
    }
}

impl KeySource for Server {
    fn choose(&self, now: u64) -> Choice {
        match self.ring.lock().usable(Duration::from_secs(now)) {
            Some(key) => {
                KEY_LOOKUP_FOUND(key.name());
                Choice::Key(key.clone())
            }
            None => {
                KEY_LOOKUP_NONE();
                if self.settings.fallback { Choice::Fallback } else { Choice::Nothing }
            }
        }
    }

    fn unproved(&self, key: &Key, now: u64) {
        let is_so = self.ring.lock().unproved(key.name(), Duration::from_secs(now));
        if is_so {
            KOTARE_GSS_TSIG_KEY_FORGOTTEN(&self.settings.id, key.name());
            self.changed.notify_one();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}
