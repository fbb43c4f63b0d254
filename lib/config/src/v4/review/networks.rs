//! Pools and times.

use super::{Scene4, Written4};
use crate::Level;
use crate::json::Diagnostics;
use crate::review::levels;
use crate::schema::tables::COMPATIBILITY;

/// The first and the last address of a subnet are for no host (RFC 1122 §3.2.1.3), but for links of two (RFC 3021).
pub(super) fn edges(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    let spared = scene.global().section(&COMPATIBILITY).bool("exclude-first-last-24");
    for subnet in Written4::all(scene) {
        let prefix = subnet.prefix;
        if prefix.prefix_len() > 30 || (spared && prefix.prefix_len() == 24) {
            continue;
        }
        for pool in subnet.pools() {
            for (edge, what) in
                [(prefix.network(), "names the subnet itself"), (prefix.last(), "is its broadcast address")]
            {
                if (pool.first..=pool.last).contains(&edge) {
                    let message = format!("the pool has {edge}, which {what}");
                    diagnostics.warning_with_hint(pool.value.source(), message, "leave it out of the pool");
                }
            }
        }
    }
}

/// T1 and T2 that are not before the end of a lease are not sent.
pub(super) fn timers(scene: &Scene4<'_>, diagnostics: &mut Diagnostics) {
    for level in levels(scene) {
        let Some(lifetime) = lifetime(level) else { continue };
        for keyword in ["renew-timer", "rebind-timer"] {
            let is_own = level.own(keyword).or_else(|| level.own("valid-lifetime"));
            if let (Some(timer), Some(place)) = (level.int::<u32>(keyword), is_own)
                && timer >= lifetime
            {
                let message =
                    format!("\"{keyword}\" ({timer}) is not before the end of a lease ({lifetime})");
                diagnostics.warning_with_hint(
                    place.source(),
                    message,
                    "it is not sent then; set it below \"valid-lifetime\"",
                );
            }
        }
    }
}

fn lifetime(level: Level<'_>) -> Option<u32> {
    level.int("valid-lifetime")
}
