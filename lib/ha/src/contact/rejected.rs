//! Clients whose leases the partner refused: too many of them mean that the partners are configured differently.

use std::collections::BTreeMap;
use std::time::Duration;

use super::ClientKey;

/// For how long a refusal counts if nothing else is heard of the client.
const LIFETIME: Duration = Duration::from_secs(86_400);

/// So many are remembered; more than anybody would let pass.
const MANY: usize = 65_536;

/// So often those that do not count any more are looked for: there may be many, and workers wait meanwhile.
const LOOKED_FOR: Duration = Duration::from_secs(60);

/// Clients whose last update was refused.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rejected {
    /// Until when that counts, but for the time until it is next looked for.
    clients: BTreeMap<ClientKey, Duration>,
    /// When it was last.
    looked: Duration,
}

impl Rejected {
    /// The partner refused a client's lease. Whether that is news.
    pub(crate) fn add(&mut self, client: Option<ClientKey>, uptime: Duration) -> bool {
        let Some(client) = client else { return true };
        let has_room = self.clients.len() < MANY || self.clients.contains_key(&client);
        has_room && self.clients.insert(client, uptime + LIFETIME).is_none()
    }

    /// The partner took a client's lease.
    pub(crate) fn remove(&mut self, client: impl FnOnce() -> Option<ClientKey>) {
        if !self.clients.is_empty()
            && let Some(client) = client()
        {
            self.clients.remove(&client);
        }
    }

    /// How many there are.
    pub(crate) fn count(&mut self, uptime: Duration) -> usize {
        if uptime.saturating_sub(self.looked) >= LOOKED_FOR {
            self.clients.retain(|_, until| *until > uptime);
            self.looked = uptime;
        }
        self.clients.len()
    }

    /// Forgets them all.
    pub(crate) fn clear(&mut self) {
        self.clients.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client counts once, until an update of it is taken or a day has passed.
    #[test]
    fn refusals_are_counted_by_client() {
        let client = |number: u8| Some(ClientKey([number].into()));
        let hour = Duration::from_secs(3600);
        let mut rejected = Rejected::default();
        assert!(rejected.add(client(1), Duration::ZERO) && !rejected.add(client(1), hour));
        rejected.add(client(2), Duration::ZERO);
        rejected.add(client(3), Duration::ZERO);
        rejected.add(None, Duration::ZERO);
        rejected.remove(|| client(3));
        assert_eq!(rejected.count(hour), 2);
        assert_eq!(rejected.count(hour * 24), 1);
        assert_eq!(rejected.count(hour * 25), 0);
    }

    /// That something does not count any more is looked for once a minute, whatever happens meanwhile.
    #[test]
    fn all_are_looked_at_now_and_then() {
        let client = |number: u8| Some(ClientKey([number].into()));
        let mut rejected = Rejected::default();
        let seconds = Duration::from_secs;
        rejected.add(client(1), seconds(0));
        rejected.add(client(2), seconds(30));
        let counted = [0, 31, 59, 60].map(|past| rejected.count(LIFETIME + seconds(past)));
        assert_eq!(counted, [1, 1, 1, 0]);
    }
}
