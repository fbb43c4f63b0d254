//! Who asks for receipts.

use std::collections::VecDeque;
use std::net::SocketAddr;

/// How many are remembered: more than there are servers of DHCP that share a `kea-dhcp-ddns`.
const MOST: usize = 64;

/// Those who asked last, each where it asks from and as whom.
#[derive(Debug, Default)]
pub(crate) struct Askers(VecDeque<(SocketAddr, u64)>);

impl Askers {
    /// One asked. What it was or where it was before is forgotten, and who asked longest ago if there are too many.
    pub(crate) fn note(&mut self, from: SocketAddr, asker: u64) {
        if self.0.back() == Some(&(from, asker)) {
            return;
        }
        self.0.retain(|(place, name)| *place != from && *name != asker);
        self.0.push_back((from, asker));
        if self.0.len() > MOST {
            self.0.pop_front();
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = (SocketAddr, u64)> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each is remembered once, as what it was last, and those of last time if there are many.
    #[test]
    fn those_who_asked_last_are_remembered() {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let mut askers = Askers::default();
        for (port, asker) in [(1, 1), (2, 2), (1, 1), (1, 3), (4, 2)] {
            askers.note(at(port), asker);
        }
        assert!(askers.all().eq([(at(1), 3), (at(4), 2)]));
        (11..=74).for_each(|port| askers.note(at(port), port.into()));
        assert_eq!(askers.all().count(), MOST);
        assert!(askers.all().all(|(from, _)| from.port() > 10));
    }
}
