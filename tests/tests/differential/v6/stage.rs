//! Two servers of DHCPv6 under the same configuration, and what they answer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread;

use kotare_tests::tell;
use kotare_tests::world::{Server6, World, eventually, partner, program};
use serde_json::{Value, json};

use super::explained::{EXPLAINED, REWORDED};
use super::link::{Answer, Link};
use super::query::Query;
use super::reply;
use crate::verdict::{Difference, Field, differences_between, judge, statistics};

/// One of the two servers as a script sees it.
pub(crate) struct Side {
    link: Link,
    script: &'static str,
    transcript: Vec<Heard>,
    server: Server6,
}

/// What was answered to one query.
struct Heard {
    script: &'static str,
    step: String,
    answers: Vec<Answer>,
}

/// A story: its name, and what clients and relay agents do in it. Scripts of one configuration share its servers, so each
/// has clients of its own.
pub(crate) type Script = (&'static str, fn(&mut Side));

impl Side {
    /// Sends a query and remembers what comes.
    pub(crate) fn ask(&mut self, step: &str, query: &Query) {
        let answers = self.link.ask(query);
        self.transcript.push(Heard { script: self.script, step: step.to_owned(), answers });
    }

    /// Waits until so many leases have been reclaimed.
    pub(crate) fn until_reclaimed(&self, leases: i64) {
        eventually("leases are reclaimed", || {
            (self.server.statistic("reclaimed-leases") >= leases).then_some(())
        });
    }
}

/// Plays the scripts against both servers under this configuration and compares; not, said aloud, where the real one is not
/// unpacked.
pub(crate) fn compare(world: &World, dhcp6: &Value, scripts: &[Script]) {
    let Some(kea) = partner("kea-dhcp6") else {
        return tell("skipped: KOTARE_PARTNERS has no kea-dhcp6 to compare with");
    };
    let programs = [("kea", kea), ("ours", program("kea-dhcp6"))];
    let [(kea, kea_state), (ours, our_state)] = thread::scope(|scope| {
        let both = programs
            .each_ref()
            .map(|(name, program)| scope.spawn(move || play(world, name, program, dhcp6.clone(), scripts)));
        both.map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let played: BTreeSet<&str> = scripts.iter().map(|(name, _)| *name).collect();
    assert_eq!(played.len(), scripts.len(), "scripts have names of their own");
    assert_eq!(kea.len(), ours.len(), "a script asks both servers the same number of queries");
    let mut differences = Vec::new();
    for (kea, ours) in kea.iter().zip(&ours) {
        assert_eq!(
            (kea.script, &kea.step),
            (ours.script, &ours.step),
            "a script does the same on both sides"
        );
        differences.extend(differences_of(kea, ours));
    }
    // What servers that answered differently know and have counted is not the same either.
    let of_form =
        |difference: &Difference| EXPLAINED.iter().any(|row| row.everywhere && row.explains(difference));
    if differences.iter().all(of_form) {
        let (script, _) = scripts.last().expect("a script");
        // Later versions count more.
        let counted =
            |name: &str| !name.starts_with("statistic ") || kea_state.iter().any(|(other, _)| other == name);
        let our_state = our_state.into_iter().filter(|(name, _)| counted(name)).collect();
        differences.extend(differences_between(script, "at the end", kea_state.clone(), our_state));
    }
    judge(EXPLAINED, &differences, |row| played.contains(row.script));
}

/// What one of the servers answers, and what it knows at the end.
fn play(
    world: &World,
    name: &str,
    program: &Path,
    mut dhcp6: Value,
    scripts: &[Script],
) -> (Vec<Heard>, Vec<Field>) {
    let (host, link) = Link::new(world, name);
    dhcp6["server-id"] = json!({"type": "EN", "enterprise-id": 32473, "identifier": "736572766572",
        "persist": false});
    let server = Server6::start(world, &host, name, program, dhcp6);
    let mut side = Side { link, script: "", transcript: Vec::new(), server };
    assert!(side.link.is_served(), "{name} answers at all; its log:\n{}", side.server.log());
    for (name, play) in scripts {
        side.script = name;
        play(&mut side);
    }
    let state = state(&side.server);
    (side.transcript, state)
}

fn differences_of(kea: &Heard, ours: &Heard) -> Vec<Difference> {
    let kinds = [kea, ours].map(|heard| {
        let kinds: Vec<String> = heard.answers.iter().map(reply::kind).collect();
        if kinds.is_empty() { "silence".to_owned() } else { kinds.join(", ") }
    });
    let between = |kea_says, we_say| differences_between(kea.script, &kea.step, kea_says, we_say);
    if kinds[0] != kinds[1] {
        let [kea_says, we_say] = kinds.map(|kind| vec![("answer".to_owned(), kind)]);
        return between(kea_says, we_say);
    }
    let both = kea.answers.iter().zip(&ours.answers);
    let mut found: Vec<_> = both
        .flat_map(|(theirs, ours)| between(reworded(reply::fields(theirs)), reply::fields(ours)))
        .collect();
    // What follows from another difference is not told again.
    let only_one = |difference: &Difference| difference.kea == "nothing" || difference.ours == "nothing";
    if found.iter().any(only_one) {
        found.retain(|difference| difference.field != "order of options");
    }
    found
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

/// What a server knows at the end: its leases, as they stand in its file, and its statistics.
fn state(server: &Server6) -> Vec<Field> {
    let mut state = BTreeMap::new();
    for row in server.lease_rows() {
        let mut columns: Vec<&str> = row.split(',').collect();
        // Nobody, as whom declined leases have; Kea 3 writes as many bytes as a DUID has at least.
        if columns[1] == "00" {
            columns[1] = "00:00:00";
        }
        let name = format!("lease {}/{}", columns[0], columns[8]);
        let of_time = |at: usize| at == 3;
        // Kea 3 writes 0 for what it does not know of a hardware address that it does not know, and has more columns.
        let last = if columns[12].is_empty() { 15 } else { 17 };
        let lease = columns.iter().enumerate().take(last).filter(|(at, _)| !of_time(*at));
        // A lifetime of zero takes a lease out of the file.
        if columns[2] == "0" {
            state.remove(&name);
        } else {
            state.insert(name, lease.map(|(_, value)| *value).collect::<Vec<_>>().join(","));
        }
    }
    for (name, samples) in statistics(server)["arguments"].as_object().into_iter().flatten() {
        // Which subnet of a shared network counts a failure Kea 3 decides for each length of prefixes that it looks for.
        if !(name.starts_with("subnet[") && name.contains("v6-allocation-fail")) {
            state.insert(format!("statistic {name}"), samples[0][0].to_string());
        }
    }
    state.into_iter().collect()
}
