//! How many messages wait for modules.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The points where a message can be stopped by a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Before anything is decided about a message that was let in (Kea's `buffer4_receive`).
    Receive4,
    /// A query for leases (in Kea a part of `buffer4_receive`).
    LeaseQuery4,
    /// `pkt4_receive`
    Pkt4Receive,
    /// `subnet4_select`
    Subnet4Select,
    /// `lease4_select`
    Lease4Select,
    /// `lease4_offer`
    Lease4Offer,
    /// `leases4_committed`
    Leases4Committed,
}

/// A point where messages can wait.
pub(crate) trait Waits: Copy {
    /// The number of its room, below [`ROOMS`]. Where nobody can wait it is any.
    fn room(self) -> usize;
}

/// At so many points of a family messages can wait, at most.
const ROOMS: usize = 3;

impl Waits for Point {
    fn room(self) -> usize {
        match self {
            Self::Receive4
            | Self::LeaseQuery4
            | Self::Pkt4Receive
            | Self::Subnet4Select
            | Self::Lease4Select => 0,
            Self::Lease4Offer => 1,
            Self::Leases4Committed => 2,
        }
    }
}

/// How many messages may wait at a point, and how many do (`parked-packet-limit`; Kea counts each point on its own).
#[derive(Debug)]
pub(crate) struct Parking {
    /// 0: no limit.
    limit: u32,
    parked: [AtomicU32; ROOMS],
}

/// Room for one waiting message, until it is dropped.
#[must_use]
pub(crate) struct Space<'a>(&'a AtomicU32);

impl Parking {
    pub(crate) fn new(limit: u32) -> Self {
        Self { limit, parked: [const { AtomicU32::new(0) }; ROOMS] }
    }

    /// How many may wait at each point; 0 for any number.
    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    /// Takes room for a message that is going to wait at a point; `None` when the point is full.
    pub(crate) fn enter(&self, point: impl Waits) -> Option<Space<'_>> {
        let space = Space(&self.parked[point.room()]);
        let before = space.0.fetch_add(1, Relaxed);
        (self.limit == 0 || before < self.limit).then_some(space)
    }
}

impl Drop for Space<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl fmt::Display for Point {
    /// Kea's name of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Receive4 | Self::LeaseQuery4 => "buffer4_receive",
            Self::Pkt4Receive => "pkt4_receive",
            Self::Subnet4Select => "subnet4_select",
            Self::Lease4Select => "lease4_select",
            Self::Lease4Offer => "lease4_offer",
            Self::Leases4Committed => "leases4_committed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every point has its own room, and who leaves makes room.
    #[test]
    fn a_full_point_takes_nobody_until_somebody_leaves() {
        let parking = Parking::new(2);
        let one = parking.enter(Point::Lease4Offer).unwrap();
        let _two = parking.enter(Point::Lease4Offer).unwrap();
        assert!(parking.enter(Point::Lease4Offer).is_none());
        assert!(parking.enter(Point::Leases4Committed).is_some());
        drop(one);
        let _three = parking.enter(Point::Lease4Offer).unwrap();
        assert!(parking.enter(Point::Lease4Offer).is_none());
    }

    /// 0 is no limit.
    #[test]
    fn zero_lets_everybody_wait() {
        let parking = Parking::new(0);
        let all: Vec<_> = (0..1000).map(|_| parking.enter(Point::Subnet4Select)).collect();
        assert!(all.iter().all(Option::is_some));
    }
}
