//! Lifetimes, timers and their percentages, on every level that may set them.

use crate::Level;
use crate::json::{Diagnostics, Topic, Value};

/// The keywords of the shortest, the usual and the longest lifetime of one kind.
pub(super) type Lifetimes = [&'static str; 3];

/// How long leases are good.
pub(super) const VALID: Lifetimes = ["min-valid-lifetime", "valid-lifetime", "max-valid-lifetime"];
/// How long addresses are used for new connections.
pub(super) const PREFERRED: Lifetimes =
    ["min-preferred-lifetime", "preferred-lifetime", "max-preferred-lifetime"];

/// Checks what `level` itself sets, together with what it inherits.
pub(super) fn check(level: Level<'_>, diagnostics: &mut Diagnostics) {
    lifetimes(level, VALID, diagnostics);
    timers(level, diagnostics);
    tee_times(level, diagnostics);
    cache(level, diagnostics);
    adaptive(level, diagnostics);
}

/// The same of DHCPv6, where addresses are preferred for a part of their lifetime.
pub(super) fn check6(level: Level<'_>, diagnostics: &mut Diagnostics) {
    check(level, diagnostics);
    preferred(level, diagnostics);
}

/// The shortest lifetime is not above the usual one, and that is not above the longest.
pub(super) fn lifetimes(level: Level<'_>, keywords: Lifetimes, diagnostics: &mut Diagnostics) {
    let values = keywords.map(|keyword| level.int::<i64>(keyword));
    for (low, high) in [(0, 1), (1, 2)] {
        // What is inherited as a whole has been judged where it is written.
        if let (Some(lower), Some(higher)) = (values[low], values[high])
            && lower > higher
            && let Some(at) = own(level, keywords[low], keywords[high])
        {
            let message = format!(
                "\"{}\" ({lower}) must not be above \"{}\" ({higher})",
                keywords[low], keywords[high]
            );
            diagnostics.error(at.source(), message);
        }
    }
}

/// The preferred lifetimes are in order, and not above the valid ones (RFC 8415 §21.6). Kea lets the latter pass and then
/// prefers addresses for 0.625 of their valid lifetime.
pub(super) fn preferred(level: Level<'_>, diagnostics: &mut Diagnostics) {
    lifetimes(level, PREFERRED, diagnostics);
    for (preferred, valid) in PREFERRED.into_iter().zip(VALID) {
        if let (Some(shorter), Some(longer), Some(at)) =
            (level.int::<i64>(preferred), level.int::<i64>(valid), own(level, preferred, valid))
            && shorter > longer
        {
            let message = format!("\"{preferred}\" ({shorter}) is above \"{valid}\" ({longer})");
            let hint = "addresses will be preferred for 0.625 of the time that they are valid";
            diagnostics.warning_with_hint(at.source(), message, hint);
        }
    }
}

/// T1 comes before T2 (RFC 2131 §4.4.5). Kea lets the contrary pass and then sends no T1.
fn timers(level: Level<'_>, diagnostics: &mut Diagnostics) {
    if !level.has_any(&["renew-timer", "rebind-timer"]) {
        return;
    }
    let [renew, rebind] = ["renew-timer", "rebind-timer"].map(|keyword| level.int::<i64>(keyword));
    if let (Some(renew), Some(rebind), Some(at)) = (renew, rebind, own(level, "renew-timer", "rebind-timer"))
        && renew > rebind
    {
        let message = format!("\"renew-timer\" ({renew}) is above \"rebind-timer\" ({rebind})");
        let topic = Topic::RenewAfterRebind { place: place(level), renew, rebind };
        let hint = "clients will not be told when to renew";
        diagnostics.warning_about(topic, at.source(), message, hint);
    }
}

/// What Kea calls a level in its log.
fn place(level: Level<'_>) -> String {
    if level.own("subnet").is_some() {
        format!("subnet-id {}", level.own("id").and_then(Value::as_int).unwrap_or_default())
    } else if let Some(name) = level.own("name").and_then(Value::as_str) {
        format!("shared-network {name}")
    } else {
        "base-network".to_owned()
    }
}

/// Percentages lie between 0 and 1, T1 below T2; they matter only when they are used.
fn tee_times(level: Level<'_>, diagnostics: &mut Diagnostics) {
    let keywords = ["calculate-tee-times", "t1-percent", "t2-percent"];
    if !level.has_any(&keywords) || !level.bool("calculate-tee-times") {
        return;
    }
    let mut are_fractions = true;
    for keyword in ["t1-percent", "t2-percent"] {
        if let Some(value) = level.get(keyword)
            && let Some(part) = value.as_real()
            && !(part > 0.0 && part < 1.0)
        {
            are_fractions = false;
            diagnostics.error(
                value.source(),
                format!("\"{keyword}\" is {part}, it must be above 0.0 and below 1.0"),
            );
        }
    }
    if are_fractions
        && let (Some(t1), Some(t2)) = (level.real("t1-percent"), level.real("t2-percent"))
        && t1 >= t2
        && let Some(at) = own(level, "t1-percent", "t2-percent").or_else(|| level.get("t1-percent"))
    {
        diagnostics.error(at.source(), format!("\"t1-percent\" ({t1}) must be below \"t2-percent\" ({t2})"));
    }
}

fn cache(level: Level<'_>, diagnostics: &mut Diagnostics) {
    if let Some(value) = level.own("cache-threshold")
        && let Some(part) = value.as_real()
        && !(0.0..1.0).contains(&part)
    {
        diagnostics.error(
            value.source(),
            format!("\"cache-threshold\" is {part}, it must be at least 0.0 and below 1.0"),
        );
    }
}

fn adaptive(level: Level<'_>, diagnostics: &mut Diagnostics) {
    if let Some(value) = level.own("adaptive-lease-time-threshold")
        && let Some(part) = value.as_real()
        && !(part > 0.0 && part <= 1.0)
    {
        let message =
            format!("\"adaptive-lease-time-threshold\" is {part}, it must be above 0.0 and at most 1.0");
        diagnostics.error(value.source(), message);
    }
}

/// TTLs of DNS entries: one way to say them, and a range the right way round.
pub(super) fn ddns_ttl(map: &Value, diagnostics: &mut Diagnostics) {
    if map.get("ddns-ttl").is_some() {
        for keyword in ["ddns-ttl-percent", "ddns-ttl-min", "ddns-ttl-max"] {
            if let Some(value) = map.get(keyword) {
                let message = format!("\"{keyword}\" cannot stand beside \"ddns-ttl\"");
                diagnostics.error_with_hint(value.source(), message, "keep one of the two");
            }
        }
    }
    let [min, max] = ["ddns-ttl-min", "ddns-ttl-max"].map(|keyword| map.get(keyword));
    if let (Some(min), Some(max)) = (min, max)
        && let (Some(low), Some(high)) = (min.as_int(), max.as_int())
        && low > high
    {
        diagnostics.error(
            min.source(),
            format!("\"ddns-ttl-min\" ({low}) must not be above \"ddns-ttl-max\" ({high})"),
        );
    }
}

/// The value of `one` or else of `other` in the innermost map.
fn own<'a>(level: Level<'a>, one: &str, other: &str) -> Option<&'a Value> {
    level.own(one).or_else(|| level.own(other))
}
