//! Leases that were given here, and of which another server that had to be waited for is not known to have heard: their
//! clients were not answered. When such a client asks again, its lease is told of again, however new it is.

use std::collections::HashMap;
use std::net::IpAddr;

use kotare_model::Timestamp;
use parking_lot::RwLock;

/// So many are remembered. Beyond that every lease is told of again.
const MANY: usize = 65_536;

/// The addresses of such leases, and when these end.
#[derive(Debug, Default)]
pub(super) struct Untold(RwLock<HashMap<IpAddr, Timestamp>>);

impl Untold {
    /// Takes down whether leases, each with its end, were told of.
    pub(super) fn note(
        &self,
        leases: &[(IpAddr, Timestamp)],
        is_told: bool,
        now: impl FnOnce() -> Timestamp,
    ) {
        if is_told && self.0.read().is_empty() {
            return;
        }
        let mut untold = self.0.write();
        for (address, expires) in leases {
            match is_told {
                true => _ = untold.remove(address),
                false => _ = untold.insert(*address, *expires),
            }
        }
        if untold.len() > MANY {
            let now = now();
            untold.retain(|_, expires| *expires > now);
        }
    }

    /// Whether the lease of an address may be one of them.
    pub(super) fn may_hold(&self, address: IpAddr) -> bool {
        let untold = self.0.read();
        untold.len() > MANY || untold.contains_key(&address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lease is remembered until it was told of; too many are not remembered but told of, until they have ended.
    #[test]
    fn leases_are_remembered_until_they_are_told_of() {
        let untold = Untold::default();
        let [one, other] = [[192, 0, 2, 1], [192, 0, 2, 2]].map(IpAddr::from);
        let lease = |address| [(address, Timestamp(100))];
        untold.note(&lease(one), true, || Timestamp(1));
        untold.note(&lease(one), false, || Timestamp(1));
        assert!(untold.may_hold(one) && !untold.may_hold(other));
        untold.note(&lease(one), true, || Timestamp(2));
        assert!(!untold.may_hold(one));
        let many: Vec<_> = (0..=MANY as u32)
            .map(|number| (IpAddr::from((0x0a00_0000 + number).to_be_bytes()), Timestamp(100)))
            .collect();
        untold.note(&many, false, || Timestamp(1));
        assert!(untold.may_hold(other));
        untold.note(&lease(one), false, || Timestamp(100));
        assert!(!untold.may_hold(other) && untold.0.read().is_empty());
    }
}
