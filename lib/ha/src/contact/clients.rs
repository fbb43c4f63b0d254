//! Clients that wait for the partner while it cannot be heard: enough of them prove that it is down.

use std::collections::BTreeMap;
use std::time::Duration;

use super::ClientKey;
use crate::Relationship;

/// So many clients are told apart, or as many as the failure of the partner takes: a flood of made-up clients takes no
/// more room.
const MANY: usize = 65_536;

/// Clients of the partner's that were heard since it was not.
#[derive(Clone, Debug)]
pub struct Waiting {
    max_ack_delay: Duration,
    max_unacked: usize,
    /// Whether each has waited for longer than `max-ack-delay`.
    clients: BTreeMap<ClientKey, bool>,
    unacked: usize,
    analyzed: u64,
}

/// What a message of a client was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noticed {
    /// Nothing new.
    Nothing,
    /// A client that was not heard before, and has not waited for long.
    New,
    /// A client that has waited for too long, and was not known to.
    Unacked,
}

impl Waiting {
    pub(super) fn new(relationship: &Relationship) -> Self {
        Self {
            max_ack_delay: relationship.max_ack_delay,
            max_unacked: relationship.max_unacked_clients as usize,
            clients: BTreeMap::new(),
            unacked: 0,
            analyzed: 0,
        }
    }

    /// A client sent a message that is the partner's to answer, and said for how long it has been trying. `None` for a
    /// client that cannot be told from others.
    pub(crate) fn hear(&mut self, client: Option<ClientKey>, tried: Duration) -> Noticed {
        self.analyzed += 1;
        let Some(client) = client else { return Noticed::Nothing };
        let is_unacked = tried > self.max_ack_delay;
        let room = MANY.max(self.max_unacked.saturating_add(1));
        let has_room = self.clients.len() < room;
        match self.clients.get_mut(&client) {
            Some(known) if *known || !is_unacked => Noticed::Nothing,
            Some(known) => {
                *known = true;
                self.unacked += 1;
                Noticed::Unacked
            }
            // Those that prove something are worth more room than those that do not.
            None if is_unacked && self.unacked < room => {
                self.clients.insert(client, true);
                self.unacked += 1;
                Noticed::Unacked
            }
            None if !is_unacked && has_room => {
                self.clients.insert(client, false);
                Noticed::New
            }
            None => Noticed::Nothing,
        }
    }

    /// Forgets them all: the partner was heard.
    pub(super) fn clear(&mut self) {
        self.clients = BTreeMap::new();
        (self.unacked, self.analyzed) = (0, 0);
    }

    /// Whether so many clients were not answered that the partner must be down, or nobody looks.
    #[must_use]
    pub const fn is_failure_detected(&self) -> bool {
        self.max_unacked == 0 || self.unacked > self.max_unacked
    }

    /// `connecting-clients`: how many clients were heard.
    #[must_use]
    pub fn connecting(&self) -> usize {
        self.clients.len()
    }

    /// `unacked-clients`: how many of them have waited for too long.
    #[must_use]
    pub const fn unacked(&self) -> usize {
        self.unacked
    }

    /// How many more may do so before the partner is down.
    #[must_use]
    pub const fn left(&self) -> usize {
        if self.max_unacked >= self.unacked { self.max_unacked - self.unacked + 1 } else { 0 }
    }

    /// `analyzed-packets`: how many messages were looked at.
    #[must_use]
    pub const fn analyzed(&self) -> u64 {
        self.analyzed
    }
}

/// For how long a client of DHCPv4 says that it has been trying: `secs` (RFC 2131 §2), in which some Windows clients swap
/// the bytes.
#[must_use]
pub fn tried4(secs: u16) -> Duration {
    let is_swapped = secs > 0xff && secs & 0xff == 0;
    Duration::from_secs(u64::from(if is_swapped { secs.swap_bytes() } else { secs }))
}

/// For how long a client of DHCPv6 says that it has been trying: the Elapsed Time option (RFC 9915 §21.9), in hundredths
/// of a second; none if it has none.
#[must_use]
pub fn tried6(elapsed: Option<u16>) -> Duration {
    Duration::from_millis(u64::from(elapsed.unwrap_or(0)) * 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mode;

    fn waiting(max_unacked: u32) -> Waiting {
        let mut relationship = Relationship::new("a", Mode::LoadBalancing);
        relationship.max_unacked_clients = max_unacked;
        Waiting::new(&relationship)
    }

    fn client(number: u32) -> Option<ClientKey> {
        Some(ClientKey(number.to_be_bytes().into()))
    }

    const LONG: Duration = Duration::from_secs(11);

    /// Clients count once, retransmissions and those without a name count as messages only.
    #[test]
    fn clients_are_counted_once() {
        let mut waiting = waiting(2);
        assert_eq!(waiting.hear(client(1), Duration::from_secs(10)), Noticed::New);
        assert_eq!(waiting.hear(client(1), Duration::from_secs(10)), Noticed::Nothing);
        assert_eq!(waiting.hear(client(1), LONG), Noticed::Unacked);
        assert_eq!(waiting.hear(client(1), LONG), Noticed::Nothing);
        assert_eq!(waiting.hear(client(2), LONG), Noticed::Unacked);
        assert_eq!(waiting.hear(None, LONG), Noticed::Nothing);
        assert_eq!((waiting.connecting(), waiting.unacked(), waiting.left()), (2, 2, 1));
        assert_eq!(waiting.analyzed(), 6);
        assert!(!waiting.is_failure_detected());
        waiting.hear(client(3), LONG);
        assert!(waiting.is_failure_detected() && waiting.left() == 0);
        waiting.clear();
        assert_eq!((waiting.connecting(), waiting.unacked(), waiting.analyzed()), (0, 0, 0));
    }

    /// Without a number of clients the partner's silence is enough.
    #[test]
    fn nobody_has_to_look() {
        assert!(waiting(0).is_failure_detected());
    }

    /// A flood of clients that have only begun neither takes more room nor hides those that wait.
    #[test]
    fn a_flood_hides_nobody() {
        let mut waiting = waiting(10);
        for number in 0..MANY as u32 + 1000 {
            waiting.hear(client(number), Duration::ZERO);
        }
        assert_eq!(waiting.connecting(), MANY);
        for number in 0..11 {
            assert_eq!(waiting.hear(client(1_000_000 + number), LONG), Noticed::Unacked);
        }
        assert!(waiting.is_failure_detected());
    }

    /// `secs` may be swapped; elapsed time is in hundredths.
    #[test]
    fn clients_say_for_how_long() {
        assert_eq!(tried4(11), Duration::from_secs(11));
        assert_eq!(tried4(0x0b00), Duration::from_secs(11));
        assert_eq!(tried4(0x0101), Duration::from_secs(257));
        assert_eq!(tried6(Some(1100)), Duration::from_secs(11));
        assert_eq!(tried6(None), Duration::ZERO);
    }
}
