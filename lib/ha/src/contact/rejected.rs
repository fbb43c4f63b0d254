//! Clients whose leases the partner refused: too many of them mean that the partners are configured differently.

use std::collections::BTreeMap;
use std::time::Duration;

use super::ClientKey;

/// For how long a refusal counts if nothing else is heard of the client.
const LIFETIME: Duration = Duration::from_secs(86_400);

/// So many are remembered; more than anybody would let pass.
const MANY: usize = 65_536;

/// Clients whose last update was refused, and until when that counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rejected(BTreeMap<ClientKey, Duration>);

impl Rejected {
    /// The partner refused a client's lease. Whether that is news.
    pub(crate) fn add(&mut self, client: Option<ClientKey>, uptime: Duration) -> bool {
        let Some(client) = client else { return true };
        let has_room = self.0.len() < MANY || self.0.contains_key(&client);
        has_room && self.0.insert(client, uptime + LIFETIME).is_none()
    }

    /// The partner took a client's lease.
    pub(crate) fn remove(&mut self, client: impl FnOnce() -> Option<ClientKey>) {
        if !self.0.is_empty()
            && let Some(client) = client()
        {
            self.0.remove(&client);
        }
    }

    /// How many there are.
    pub(crate) fn count(&mut self, uptime: Duration) -> usize {
        self.0.retain(|_, until| *until > uptime);
        self.0.len()
    }

    /// Forgets them all.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
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
}
