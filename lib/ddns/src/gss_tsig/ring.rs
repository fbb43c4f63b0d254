//! The keys that were agreed on with a server, and when there is to be another.
//!
//! A key is good until it expires; when it has become as old as `rekey`, another one is agreed on, and both are good for a
//! while. After a failure the next attempt comes after `retry`. Times are the time since 1970.

use std::sync::Arc;
use std::time::Duration;

use crate::key::Key;
use crate::name::Name;

/// When keys of a server end and others are agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// `tkey-lifetime`: for how long a key is good.
    pub lifetime: Duration,
    /// `rekey-interval`: how old a key becomes before there is another.
    pub rekey: Duration,
    /// `retry-interval`: how long after a failure the next attempt comes.
    pub retry: Duration,
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is being agreed on.
    NotReady,
    /// It signs.
    Usable,
    /// Its time is over, or somebody said so.
    Expired,
    /// It was not agreed on, for this reason.
    InError(Outcome),
}

/// How an exchange ended that made no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No answer came in time.
    Timeout,
    /// The answer was of no use, or a refusal.
    InvalidResponse,
    /// The answer was not signed.
    UnsignedResponse,
    /// There is nothing that proves who we are.
    BadCredentials,
    /// Anything else.
    Other,
}

/// A key of a server.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// Its name.
    pub name: Name,
    /// How it stands.
    pub standing: Standing,
    /// When it was begun.
    pub inception: Duration,
    /// When its time is over.
    pub expire: Duration,
    /// The key, once it was agreed on.
    pub key: Option<Arc<Key>>,
}

/// The keys of a server, in the order in which they were begun.
#[derive(Debug)]
pub struct Ring {
    timing: Timing,
    keys: Vec<Agreed>,
    /// When it is to be looked whether there must be another key; `None` while one is being agreed on.
    due: Option<Duration>,
    /// Whether there is to be another key whatever there is.
    forced: bool,
}

impl Standing {
    /// What commands call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotReady => "not yet ready",
            Self::Usable => "usable",
            Self::Expired => "expired",
            Self::InError(_) => "in error",
        }
    }
}

impl Outcome {
    /// What commands say of it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Timeout => "no response, timeout",
            Self::InvalidResponse => "response received but invalid",
            Self::UnsignedResponse => "response received but not signed",
            Self::BadCredentials => "bad client credentials",
            Self::Other => "other, unclassified error",
        }
    }
}

impl Ring {
    /// Without keys; the first is to be agreed on at once.
    #[must_use]
    pub fn new(timing: Timing) -> Self {
        Self { timing, keys: Vec::new(), due: Some(Duration::ZERO), forced: false }
    }

    /// All keys.
    #[must_use]
    pub fn keys(&self) -> &[Agreed] {
        &self.keys
    }

    /// How long from now until [`Self::is_wanting`] is to be asked again; `None` until an exchange has ended.
    #[must_use]
    pub fn pause(&self, now: Duration) -> Option<Duration> {
        self.due.map(|due| if self.forced { Duration::ZERO } else { due.saturating_sub(now) })
    }

    /// Whether another key is to be begun now. If not, it is looked again later.
    pub fn is_wanting(&mut self, now: Duration) -> bool {
        self.look(now);
        let fresh = self.keys.iter().filter(|key| key.standing == Standing::Usable);
        let ages = fresh.map(|key| key.inception + self.timing.rekey).max();
        match ages {
            _ if self.forced => true,
            Some(due) if due > now => {
                self.due = Some(due);
                false
            }
            _ => true,
        }
    }

    /// A key of this name is being agreed on from now on.
    pub fn begin(&mut self, name: Name, now: Duration) {
        (self.due, self.forced) = (None, false);
        let expire = now + self.timing.lifetime;
        self.keys.push(Agreed { name, standing: Standing::NotReady, inception: now, expire, key: None });
    }

    /// The key that was begun was agreed on; it is good for the server until then. How long until there is to be another.
    pub fn succeeded(&mut self, key: Key, expire: Duration, now: Duration) -> Duration {
        // One that somebody deleted meanwhile is not there.
        if let Some(begun) = self.keys.iter_mut().find(|begun| begun.name == *key.name()) {
            begun.expire = begun.expire.min(expire);
            if begun.standing == Standing::NotReady {
                begun.standing = Standing::Usable;
            }
            begun.key = Some(Arc::new(key));
        }
        self.again_after(self.timing.rekey, now)
    }

    /// The key of this name, which was begun, was not agreed on. How long until the next attempt.
    pub fn failed(&mut self, name: &Name, outcome: Outcome, now: Duration) -> Duration {
        if let Some(begun) = self.keys.iter_mut().find(|begun| begun.name == *name) {
            begun.standing = Standing::InError(outcome);
        }
        self.again_after(self.timing.retry, now)
    }

    fn again_after(&mut self, pause: Duration, now: Duration) -> Duration {
        self.due = Some(now + pause);
        pause
    }

    /// There is to be another key, whatever there is.
    pub fn force(&mut self) {
        self.forced = true;
    }

    /// The newest key that signs now.
    #[must_use]
    pub fn usable(&self, now: Duration) -> Option<&Arc<Key>> {
        let good = |key: &&Agreed| key.standing == Standing::Usable && now < key.expire;
        self.keys.iter().rfind(good).and_then(|key| key.key.as_ref())
    }

    /// The key of this name does not sign any more; whether it could be made so, if it is there.
    pub fn expire(&mut self, name: &Name) -> Option<bool> {
        let key = self.keys.iter_mut().find(|key| key.name == *name)?;
        let may = matches!(key.standing, Standing::NotReady | Standing::Usable);
        if may {
            key.standing = Standing::Expired;
        }
        Some(may)
    }

    /// The server did not prove that it has the key of this name, which had signed for `retry` at least: it signs no more,
    /// and there is to be another. Whether it was so.
    pub fn unproved(&mut self, name: &Name, now: Duration) -> bool {
        let retry = self.timing.retry;
        let Some(key) = self.keys.iter_mut().find(|key| key.name == *name) else { return false };
        let is_so = key.standing == Standing::Usable && key.inception + retry <= now;
        if is_so {
            key.standing = Standing::Expired;
            self.forced = true;
        }
        is_so
    }

    /// Removes the key of this name; whether there was it.
    pub fn delete(&mut self, name: &Name) -> bool {
        let before = self.keys.len();
        self.keys.retain(|key| key.name != *name);
        self.keys.len() < before
    }

    /// Removes the keys that sign no more and will not; their names.
    pub fn purge(&mut self, now: Duration) -> Vec<Name> {
        self.look(now);
        self.remove(|key| matches!(key.standing, Standing::Expired | Standing::InError(_)))
    }

    /// Removes the keys whose time has been over for `age`; their names.
    pub fn forget(&mut self, age: Duration, now: Duration) -> Vec<Name> {
        self.remove(|key| key.standing != Standing::NotReady && key.expire + age < now)
    }

    fn remove(&mut self, which: impl Fn(&Agreed) -> bool) -> Vec<Name> {
        self.keys.extract_if(.., |key| which(key)).map(|key| key.name).collect()
    }

    /// Keys whose time is over have expired.
    fn look(&mut self, now: Duration) {
        for key in &mut self.keys {
            if key.standing == Standing::Usable && key.expire <= now {
                key.standing = Standing::Expired;
            }
        }
    }
}
