//! What partners have to be configured with alike, and where they are not. Terms are maps of maps by names, as JSON.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::Relationship;

/// Maps may be so deep in each other. Those of ours are not.
const DEPTH: usize = 8;

/// So many differences are known one by one, at most.
const KNOWN: usize = 100;

/// A value of more characters is shown by its beginning.
const SHOWN: usize = 100;

/// Something that is configured otherwise at the partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What it is: the names of the maps around it, and its own.
    pub what: Vec<String>,
    /// What it is here, if it is.
    pub here: Option<Value>,
    /// What it is there.
    pub there: Option<Value>,
}

/// In which terms partners differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differing {
    /// In how many.
    pub count: usize,
    /// The first of them.
    pub terms: Vec<Term>,
}

impl Relationship {
    /// The terms of the relationship itself: what both servers go by. Where another server is reached may be told otherwise
    /// to each of them.
    #[must_use]
    pub fn terms(&self) -> Value {
        let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let peers = self.peers.iter().map(|peer| {
            let terms = json!({"auto-failover": peer.fails_over, "role": peer.role.name()});
            (peer.name.clone(), terms)
        });
        json!({
            "delayed-updates-limit": self.delayed_updates_limit,
            "heartbeat-delay": millis(self.heartbeat_delay),
            "max-ack-delay": millis(self.max_ack_delay),
            "max-rejected-lease-updates": self.max_rejected_updates,
            "max-response-delay": millis(self.max_response_delay),
            "max-unacked-clients": self.max_unacked_clients,
            "mode": self.mode.name(),
            "peers": peers.collect::<Map<_, _>>(),
            "send-lease-updates": self.sends_updates,
            "sync-leases": self.syncs_leases,
            "wait-backup-ack": self.waits_for_backups,
        })
    }
}

impl Differing {
    /// In which terms those here and those there differ, in the order of their names.
    #[must_use]
    pub fn between(here: &Value, there: &Value) -> Self {
        let mut differing = Self::default();
        differing.look(&mut Vec::new(), Some(here), Some(there));
        differing
    }

    fn look(&mut self, path: &mut Vec<String>, here: Option<&Value>, there: Option<&Value>) {
        if here == there {
            return;
        }
        let (Some(Value::Object(ours)), Some(Value::Object(theirs))) = (here, there) else {
            return self.found(path, here, there);
        };
        if path.len() >= DEPTH {
            return self.found(path, here, there);
        }
        let mut names: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
        names.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
        names.dedup();
        for name in names {
            path.push(name.chars().take(SHOWN).collect());
            self.look(path, ours.get(name), theirs.get(name));
            path.pop();
        }
    }

    fn found(&mut self, path: &[String], here: Option<&Value>, there: Option<&Value>) {
        self.count += 1;
        if self.terms.len() < KNOWN {
            let [here, there] = [here, there].map(|value| value.cloned());
            self.terms.push(Term { what: path.to_vec(), here, there });
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what.join(" > "))?;
        let shown = |value: &Value| value.to_string().chars().take(SHOWN).collect::<String>();
        match (&self.here, &self.there) {
            (Some(here), Some(there)) => write!(f, " is {} here and {} there", shown(here), shown(there)),
            (Some(_), None) => f.write_str(" is only here"),
            (None, _) => f.write_str(" is only there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mode, Peer, Role};

    /// What differs is named by where it stands, and what only one has is said to be missing as a whole.
    #[test]
    fn differences_are_named() {
        let here = json!({"subnet4": {"1": {"valid-lifetime": 3600, "pools": {"a": {}, "b": {}}}, "10": {}, "2": {}}});
        let there = json!({"subnet4": {"1": {"valid-lifetime": 7200, "pools": {"a": {}, "c": {}}}, "2": {}}});
        let Differing { count, terms } = Differing::between(&here, &there);
        let said: Vec<_> = terms.iter().map(Term::to_string).collect();
        assert_eq!(
            (count, &said[..]),
            (
                4,
                &[
                    "subnet4 > 1 > pools > b is only here".to_owned(),
                    "subnet4 > 1 > pools > c is only there".into(),
                    "subnet4 > 1 > valid-lifetime is 3600 here and 7200 there".into(),
                    "subnet4 > 10 is only here".into(),
                ][..]
            )
        );
        assert_eq!(Differing::between(&here, &here), Differing::default());
    }

    /// However much a partner says, what is kept of it is bounded.
    #[test]
    fn what_a_partner_says_is_bounded() {
        let many: Map<_, _> = (0..1000).map(|number| (number.to_string(), json!(1))).collect();
        let differing = Differing::between(&json!({}), &Value::Object(many));
        assert_eq!((differing.count, differing.terms.len()), (1000, KNOWN));
        let deep = (0..1000).fold(json!(1), |inner, _| json!({"a": inner}));
        let other = (0..1000).fold(json!(2), |inner, _| json!({"a": inner}));
        let differing = Differing::between(&deep, &other);
        assert_eq!((differing.count, differing.terms[0].what.len()), (1, DEPTH));
        assert!(differing.terms[0].to_string().len() < 1000);
        assert_eq!(Differing::between(&json!({}), &json!(7)).count, 1);
    }

    /// Partners see a relationship from either side, and have the same terms.
    #[test]
    fn the_terms_of_partners_are_the_same() {
        let of = |name: &str| {
            let mut relationship = Relationship::new(name, Mode::HotStandby);
            let peer = |name, role| Peer::new(name, &format!("http://192.0.2.{}/", name.len()), role);
            relationship.peers = vec![peer("one", Role::Primary), peer("other", Role::Standby)];
            relationship
        };
        let (one, mut other) = (of("one"), of("other"));
        assert_eq!(one.terms(), other.terms());
        (other.mode, other.max_response_delay) = (Mode::LoadBalancing, std::time::Duration::from_secs(1));
        other.peers[1].role = Role::Secondary;
        let differing = Differing::between(&one.terms(), &other.terms());
        let said: Vec<_> = differing.terms.iter().map(Term::to_string).collect();
        assert_eq!(
            said,
            [
                "mode is \"hot-standby\" here and \"load-balancing\" there",
                "peers > other > role is \"standby\" here and \"secondary\" there",
                "max-response-delay is 60000 here and 1000 there",
            ]
        );
    }
}
