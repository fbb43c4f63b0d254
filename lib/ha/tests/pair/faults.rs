//! What goes wrong, and when.

use std::time::Duration;

use proptest::prelude::*;

/// Something that goes wrong, or is mended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// A server dies, its leases with it if `keeps_disk` is false, and is started again after some seconds.
    Crash { node: usize, keeps_disk: bool, seconds: u64 },
    /// Nothing arrives from one at the other for some seconds.
    Cut { from: usize, to: usize, seconds: u64 },
    /// Nothing arrives at all for some seconds.
    Partition { seconds: u64 },
    /// A server does nothing for some seconds.
    Freeze { node: usize, seconds: u64 },
    /// A clock is ahead by so much for some seconds.
    Skew { node: usize, ahead: i64, seconds: u64 },
    /// A server is told to begin anew.
    Reset { node: usize },
}

impl Fault {
    /// For how long it lasts.
    fn lasts(self) -> Duration {
        Duration::from_secs(match self {
            Self::Crash { seconds, .. }
            | Self::Cut { seconds, .. }
            | Self::Partition { seconds }
            | Self::Freeze { seconds, .. }
            | Self::Skew { seconds, .. } => seconds,
            Self::Reset { .. } => 0,
        })
    }
}

/// Faults in their order: each some seconds after the one before has begun.
pub(crate) type Schedule = Vec<(Duration, Fault)>;

fn schedule(
    fault: impl Strategy<Value = Fault>,
    gap: std::ops::Range<u64>,
) -> impl Strategy<Value = Schedule> {
    let times = (gap, fault).prop_map(|(gap, fault)| (Duration::from_secs(gap), fault));
    prop::collection::vec(times, 0..8)
}

/// One server dies at a time, long after the one before came back.
pub(crate) fn crashes() -> impl Strategy<Value = Schedule> {
    let crash = (0..2_usize, any::<bool>(), 0..400_u64)
        .prop_map(|(node, keeps_disk, seconds)| Fault::Crash { node, keeps_disk, seconds });
    schedule(crash, 900..2000)
}

/// The servers do not hear each other, or one does not hear the other; clients hear both. Between that they have time to
/// find back to each other: a server that is silent because it is about to come back takes over without asking clients,
/// as Kea's does.
pub(crate) fn partitions() -> impl Strategy<Value = Schedule> {
    let seconds = || prop_oneof![1..30_u64, 50..1500_u64];
    let cut = (0..2_usize, seconds()).prop_map(|(from, seconds)| Fault::Cut { from, to: 1 - from, seconds });
    let partition = seconds().prop_map(|seconds| Fault::Partition { seconds });
    schedule(prop_oneof![cut, partition], 400..1500).prop_map(|mut schedule| {
        let mut before = Duration::ZERO;
        for (gap, fault) in &mut schedule {
            *gap += before;
            before = fault.lasts();
        }
        schedule
    })
}

/// Whatever there is.
pub(crate) fn anything() -> impl Strategy<Value = Schedule> {
    let node = || 0..2_usize;
    let seconds = || prop_oneof![1..30_u64, 50..1500_u64];
    let crash = (node(), any::<bool>(), seconds()).prop_map(|(node, keeps_disk, seconds)| Fault::Crash {
        node,
        keeps_disk,
        seconds,
    });
    let cut = (node(), seconds()).prop_map(|(from, seconds)| Fault::Cut { from, to: 1 - from, seconds });
    let partition = seconds().prop_map(|seconds| Fault::Partition { seconds });
    let freeze = (node(), seconds()).prop_map(|(node, seconds)| Fault::Freeze { node, seconds });
    let skew = (node(), -200..200_i64, seconds()).prop_map(|(node, ahead, seconds)| Fault::Skew {
        node,
        ahead,
        seconds,
    });
    let reset = node().prop_map(|node| Fault::Reset { node });
    schedule(prop_oneof![crash, cut, partition, freeze, skew, reset], 5..800)
}
