//! What two servers answered to a query and wrote of it, and where that is not the same.

use std::mem;

use kotare_wire::v6::MessageType;

use super::explained::REWORDED;
use super::link::Answer;
use super::reply;
use super::rows::{Known, first_column, leases, lifeless, lifetimes_kept, nameless, nearest};
use crate::verdict::{Difference, Field, differences_between};

/// What was answered to one query.
pub(crate) struct Heard {
    pub(super) script: &'static str,
    pub(super) step: String,
    pub(super) kind: MessageType,
    pub(super) answers: Vec<Answer>,
    /// What was written to the lease file.
    pub(super) rows: Vec<String>,
}

/// Where they differ. What Kea knew of leases before counts, lifetimes in steps of `grain` seconds, ends of leases since `base`.
pub(super) fn differences_of(
    kea: &Heard,
    ours: &Heard,
    known: &Known,
    base: u64,
    grain: u32,
) -> Vec<Difference> {
    let kinds = [kea, ours].map(|heard| {
        let kinds: Vec<String> = heard.answers.iter().map(reply::kind).collect();
        if kinds.is_empty() { "silence".to_owned() } else { kinds.join(", ") }
    });
    let begins = [MessageType::SOLICIT, MessageType::REQUEST].contains(&kea.kind);
    let between = |kea_says, we_say| differences_between(kea.script, &kea.step, kea_says, we_say);
    let kept: Vec<String> = if begins {
        kea.rows.iter().filter_map(|row| lifetimes_kept(row, known)).collect()
    } else {
        Vec::new()
    };
    let leases = |is_named: bool| {
        let rows = |heard: &Heard| -> Vec<Field> {
            let rows = heard.rows.iter().map(|row| if is_named { row.clone() } else { nameless(row) });
            let rows = rows.map(|row| if kept.contains(&first_column(&row)) { lifeless(&row) } else { row });
            let rows = leases(&rows.collect::<Vec<_>>(), base, grain).into_iter();
            rows.map(|(name, lease)| (format!("{} {name}", kea.kind), lease)).collect()
        };
        between(rows(kea), rows(ours))
    };
    if kinds[0] != kinds[1] {
        let [kea_says, we_say] = kinds.map(|kind| vec![("answer".to_owned(), kind)]);
        return between(kea_says, we_say);
    }
    let both = kea.answers.iter().zip(&ours.answers);
    let mut found = Vec::new();
    for (theirs, ours) in both {
        let mut theirs = rounded(reworded(reply::fields(theirs)), grain);
        let mut ours = rounded(reply::fields(ours), grain);
        theirs.iter_mut().for_each(|(_, value)| *value = told_once(value));
        for (name, value) in theirs.iter_mut().filter(|(_, value)| begins && tells_kept(value, known)) {
            let same = ours.iter_mut().find(|(other, ours)| other == name && ours != value);
            if let Some((_, ours)) = same {
                (*value, *ours) = (timeless(value), timeless(ours));
            }
        }
        found.extend(between(theirs, ours));
    }
    // What follows from another difference is not told again.
    let only_one = |difference: &Difference| difference.kea == "nothing" || difference.ours == "nothing";
    if found.iter().any(only_one) {
        found.retain(|difference| difference.field != "order of options");
    }
    // A name stands in the lease, too.
    let is_named = found.iter().all(|difference| difference.field != "39 CLIENT_FQDN");
    found.extend(leases(is_named));
    found
}

/// The text of an association without an end of what the client gets in it: Kea 2.2 tells that, too, when the lease was somebody
/// else's and had ended, Kea 3 does not.
fn told_once(value: &str) -> String {
    let mut parts: Vec<&str> = value.split(", ").collect();
    let place = |part: &str| {
        part.split_once('{').and_then(|(_, it)| it.split_once(' ')).map(|(place, _)| place.to_owned())
    };
    let ends = |part: &str| part.ends_with("preferred 0 valid 0}");
    let given: Vec<_> = parts.iter().filter(|part| !ends(part)).map(|part| place(part)).collect();
    parts.retain(|part| !(ends(part) && place(part).is_some() && given.contains(&place(part))));
    parts.join(", ")
}

/// What Kea 2.2 says, in the words of Kea 3.
fn reworded(mut fields: Vec<Field>) -> Vec<Field> {
    for (name, value) in &mut fields {
        for reworded in REWORDED.iter().filter(|it| name.starts_with(it.field)) {
            if value.contains(reworded.before) {
                *value = value.replace(reworded.before, reworded.since);
            }
        }
    }
    fields
}

/// What Kea tells who asks with SOLICIT or REQUEST for the lease that it has are the lifetimes that this began with, ours
/// are those that it has from now on (docs/differences.md). Whether this is told of the first lease in a field.
fn tells_kept(value: &str, known: &Known) -> bool {
    let told = |place: &str, times: &str| {
        let row = known.get(place.split('/').next()?)?;
        let columns: Vec<&str> = row.split(',').collect();
        Some(times.starts_with(&format!("preferred {} valid {}", columns[5], columns[2])))
    };
    let first = ["IAADDR {", "IAPREFIX {"].iter().find_map(|mark| value.split_once(mark));
    let first = first.and_then(|(_, lease)| lease.split_once(' '));
    first.and_then(|(place, times)| told(place, times)).unwrap_or(false)
}

/// The text of a field without its lifetimes.
fn timeless(value: &str) -> String {
    with_lifetimes(value, |_| "-".to_owned())
}

/// These fields with their lifetimes in steps of so many seconds.
fn rounded(mut fields: Vec<Field>, grain: u32) -> Vec<Field> {
    if grain > 0 {
        for (_, value) in &mut fields {
            *value = with_lifetimes(value, |time| nearest(time.into(), grain).to_string());
        }
    }
    fields
}

/// The text of a field with other words for its lifetimes, but for endless ones.
fn with_lifetimes(value: &str, said: impl Fn(u32) -> String) -> String {
    let mut is_time = false;
    let words = value.split(' ').map(|word| {
        let was_time = mem::replace(&mut is_time, ["T1", "T2", "preferred", "valid"].contains(&word));
        let digits = word.trim_end_matches(|it: char| !it.is_ascii_digit());
        match digits.parse::<u32>() {
            Ok(time) if was_time && time != u32::MAX => format!("{}{}", said(time), &word[digits.len()..]),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}
