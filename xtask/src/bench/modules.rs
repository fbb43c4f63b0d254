//! What each hook library costs an exchange.

use kotare_tests::libraries;
use kotare_tests::world::{V4, V6};

use super::figures::Readings;
use super::load::{Steps, loaded};
use super::measures::{Measure, Turns};
use super::protocol::Protocol;
use super::stage::Act;
use crate::run::Done;

/// A row for a library of a protocol.
macro_rules! library {
    ($family:ty, $label:literal, $name:literal, $kea:ident) => {
        Measure {
            name: concat!($label, "the hook library ", $name, ", 256 in flight"),
            kea: Turns::$kea,
            aims: &[],
            take: |act| with::<$family>(act, &[$name]),
        }
    };
}

/// All of them, after the same without any. Debian's Kea has few.
pub(super) const MEASURES_OF_MODULES: &[Measure] = &[
    Measure {
        name: "no hook library, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| with::<V4>(act, &[]),
    },
    library!(V4, "", "bootp", All),
    library!(V4, "", "ddns_tuning", None),
    library!(V4, "", "flex_id", None),
    library!(V4, "", "flex_option", All),
    library!(V4, "", "legal_log", None),
    library!(V4, "", "limits", None),
    library!(V4, "", "perfmon", None),
    library!(V4, "", "run_script", All),
    library!(V4, "", "user_chk", None),
    Measure {
        name: "DHCPv6: no hook library, 256 in flight",
        kea: Turns::All,
        aims: &[],
        take: |act| with::<V6>(act, &[]),
    },
    library!(V6, "DHCPv6: ", "ddns_tuning", None),
    library!(V6, "DHCPv6: ", "flex_id", None),
    library!(V6, "DHCPv6: ", "flex_option", All),
    library!(V6, "DHCPv6: ", "legal_log", None),
    library!(V6, "DHCPv6: ", "limits", None),
    library!(V6, "DHCPv6: ", "perfmon", None),
    library!(V6, "DHCPv6: ", "run_script", All),
    library!(V6, "DHCPv6: ", "user_chk", None),
];

/// Whole exchanges with some libraries, set as a server that does all they can would be.
fn with<P: Protocol>(act: &Act<'_>, names: &[&'static str]) -> Done<Readings> {
    let steps = Steps { in_flight: 256, ..Steps::DEFAULT };
    let files: Vec<_> =
        names.iter().map(|name| (*name, act.library(&format!("libdhcp_{name}.so")))).collect();
    let map = libraries::with::<P>(P::with_pool(act, &steps), act.world.folder(), &files)?;
    loaded::<P>(act, &steps, map)
}
