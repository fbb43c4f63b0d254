//! How long addresses are preferred, and when clients renew them.

use super::Scene6;
use crate::Level;
use crate::json::{Diagnostics, Value};
use crate::review::levels;

/// What a preferred lifetime may be written as.
const KEYWORDS: [&str; 2] = ["preferred-lifetime", "valid-lifetime"];

/// How long addresses of a level are preferred; `None` if for ever.
fn preferred(level: Level<'_>) -> Option<u32> {
    let valid: u32 = level.int("valid-lifetime")?;
    let default = (valid != u32::MAX).then(|| (u64::from(valid) * 5 / 8) as u32);
    level.int("preferred-lifetime").or(default).filter(|lifetime| *lifetime != u32::MAX)
}

/// A client that renews when its addresses are not preferred any more has no address for new connections until then
/// (RFC 9915 §21.4).
pub(super) fn timers(scene: &Scene6<'_>, diagnostics: &mut Diagnostics) {
    for level in levels(scene) {
        let Some(lifetime) = preferred(level) else { continue };
        for keyword in ["renew-timer", "rebind-timer"] {
            let place = [keyword].iter().chain(&KEYWORDS).find_map(|keyword| level.own(keyword));
            if let (Some(timer), Some(place)) = (level.int::<u32>(keyword), place)
                && timer >= lifetime
            {
                let message = format!(
                    "\"{keyword}\" ({timer}) is not before addresses end to be preferred ({lifetime})"
                );
                let hint =
                    "clients make new connections without them then; set it below \"preferred-lifetime\"";
                diagnostics.warning_with_hint(place.source(), message, hint);
            }
        }
    }
}

/// Addresses that are never preferred are used for answers alone (RFC 4862 §5.5.4).
pub(super) fn never_preferred(scene: &Scene6<'_>, diagnostics: &mut Diagnostics) {
    let classes = scene.global().items("client-classes").iter().map(|class| class.get(KEYWORDS[0]));
    let levels = levels(scene).into_iter().map(|level| level.own(KEYWORDS[0]));
    for place in levels.chain(classes).flatten().filter(|value| value.as_int() == Some(0)) {
        let message = "clients are told not to use their addresses for new connections";
        let hint = "set it above 0, unless the addresses are to go out of use";
        diagnostics.warning_with_hint(Value::source(place), message, hint);
    }
}
