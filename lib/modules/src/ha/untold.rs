//! Leases that were given here, and of which another server that had to be waited for is not known to have heard: their
//! clients were not answered. When such a client asks again, its lease is told of again, however new it is.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use kotare_model::Timestamp;
use parking_lot::RwLock;

/// So many are remembered. Beyond that every lease is told of again.
const MANY: usize = 65_536;

/// So much time lies between two looks for such that have ended, where there are more: workers wait meanwhile.
const APART: Duration = Duration::from_secs(60);

/// Such leases.
#[derive(Debug, Default)]
pub(super) struct Untold(RwLock<Leases>);

#[derive(Debug, Default)]
struct Leases {
    /// By address, when they end.
    ends: HashMap<IpAddr, Timestamp>,
    /// When it was last looked for such that have ended.
    looked: Option<Timestamp>,
}

impl Untold {
    /// Takes down whether leases, each with its end, were told of.
    pub(super) fn note(
        &self,
        leases: &[(IpAddr, Timestamp)],
        is_told: bool,
        now: impl FnOnce() -> Timestamp,
    ) {
        if is_told && self.0.read().ends.is_empty() {
            return;
        }
        let mut untold = self.0.write();
        let Leases { ends, looked } = &mut *untold;
        for (address, expires) in leases {
            match is_told {
                true => _ = ends.remove(address),
                false => _ = ends.insert(*address, *expires),
            }
        }
        if ends.len() > MANY {
            let now = now();
            // A clock that goes back does not keep it from looking.
            if looked.is_none_or(|looked| now >= looked + APART || now < looked) {
                ends.retain(|_, expires| *expires > now);
                *looked = Some(now);
            }
        }
    }

    /// Whether the lease of an address may be one of them.
    pub(super) fn may_hold(&self, address: IpAddr) -> bool {
        let untold = self.0.read();
        untold.ends.len() > MANY || untold.ends.contains_key(&address)
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
        untold.note(&lease(one), false, || Timestamp(60));
        assert!(untold.may_hold(other));
        // Within a minute it is not looked again.
        untold.note(&[(one, Timestamp(20))], false, || Timestamp(30));
        assert_eq!(untold.0.read().ends[&one], Timestamp(20));
        untold.note(&lease(one), false, || Timestamp(100));
        assert!(!untold.may_hold(other) && untold.0.read().ends.is_empty());
    }
}
