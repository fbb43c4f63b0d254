//! `status-get`: what it says of a relationship.

use serde_json::{Map, Value, json};

use super::Machine;
use crate::contact::shown;
use crate::{Moment, Role};

impl<U> Machine<U> {
    /// An entry of `high-availability`.
    #[must_use]
    pub fn report(&self, now: Moment) -> Value {
        let mut servers = Map::new();
        servers.insert("local".into(), self.local());
        if self.relationship.is_paired()
            && let Some(partner) = self.relationship.partner()
        {
            servers.insert("remote".into(), self.remote(&partner.name, partner.role, now));
        }
        json!({"ha-mode": self.relationship.mode.name(), "ha-servers": servers})
    }

    fn local(&self) -> Value {
        json!({
            "role": self.relationship.role().name(),
            "scopes": self.scopes.served(),
            "server-name": self.relationship.this_server,
            "state": self.state.name(),
            "system-time": self.contact.skew.clocks().map(|(_, ours)| shown(ours)),
        })
    }

    fn remote(&self, name: &str, role: Role, now: Moment) -> Value {
        let contact = &self.contact;
        let is_interrupted = contact.is_interrupted(&self.relationship, now);
        let age = if contact.was_heard() { contact.silence(now).as_secs() } else { 0 };
        json!({
            "age": age,
            "analyzed-packets": contact.waiting.analyzed(),
            "clock-skew": contact.skew.seconds(),
            "communication-interrupted": is_interrupted,
            "connecting-clients": contact.waiting.connecting(),
            "in-touch": contact.was_heard(),
            "last-scopes": contact.scopes(),
            "last-state": contact.partner().name(),
            "role": role.name(),
            "server-name": name,
            "system-time": contact.skew.clocks().map(|(theirs, _)| shown(theirs)),
            "unacked-clients": contact.waiting.unacked(),
            "unacked-clients-left": if is_interrupted { contact.waiting.left() } else { 0 },
        })
    }
}
