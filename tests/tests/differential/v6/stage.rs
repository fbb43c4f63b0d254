//! Two servers of DHCPv6 under the same configuration, and what they answer.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, mem, thread};

use kotare_tests::tell;
use kotare_tests::world::{Server6, World, eventually, partner, program};
use serde_json::{Value, json};

use super::explained::EXPLAINED;
use super::heard::{Heard, differences_of};
use super::link::Link;
use super::query::Query;
use super::rows::{GONE, Known, first_column, leases, lifeless, lifetimes_kept, nameless};
use crate::verdict::{Difference, Field, differences_between, judge, statistics, unexplained};

/// How many differences of an act are told where many are played.
const FIRST: usize = 6;

/// One of the two servers as a script sees it.
pub(crate) struct Side {
    link: Link,
    script: &'static str,
    transcript: Vec<Heard>,
    server: Server6,
    seed: u64,
    /// The lease file, read up to a row that was not whole, and the beginning of that.
    rows: (Option<File>, String),
}

/// What both servers start with, and how what they say is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Act {
    /// The configuration.
    pub(crate) dhcp6: Value,
    /// The lease file that they find; none if it is empty.
    pub(crate) leases: String,
    /// What scripts draw at random begins with this number.
    pub(crate) seed: u64,
    /// Lifetimes are compared in steps of so many seconds: what is left of a lease depends on when it is asked for. 0 for
    /// exactly.
    pub(crate) grain: u32,
    /// Whether all is played once more when each server has been replaced by the other, which finds its lease file.
    pub(crate) swapped: bool,
}

/// A story: its name, and what clients and relay agents do in it. Scripts of one configuration share its servers, so each
/// has clients of its own.
pub(crate) type Script = (&'static str, fn(&mut Side));

impl Act {
    /// With this configuration and nothing more.
    pub(crate) fn of(dhcp6: Value) -> Self {
        Self { dhcp6, ..Self::default() }
    }
}

/// With which numbers walks begin instead of their own (`KOTARE_WALK_SEEDS=100-199`): to look for what few of them show.
/// Only what is not explained counts then, not what is explained and does not occur.
pub(crate) fn chosen_seeds() -> Option<Vec<u64>> {
    let text = env::var("KOTARE_WALK_SEEDS").ok()?;
    let (first, last) = text.split_once('-').unwrap_or((&text, &text));
    let number = |text: &str| text.parse::<u64>().expect("KOTARE_WALK_SEEDS is a number, or two with a dash");
    Some((number(first)..=number(last)).collect())
}

impl Side {
    /// What is drawn at random begins with this number.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Sends a query and remembers what comes.
    pub(crate) fn ask(&mut self, step: &str, query: &Query) {
        let answers = self.link.ask(query);
        let rows = self.new_rows();
        let kind = query.kind();
        self.transcript.push(Heard { script: self.script, step: step.to_owned(), kind, answers, rows });
    }

    /// The rows that were written to the lease file since it was read last: before a reply leaves, in both servers.
    fn new_rows(&mut self) -> Vec<String> {
        let path = self.server.folder().join("leases.csv");
        let (file, text) = &mut self.rows;
        loop {
            if let Some(file) = file {
                file.read_to_string(text).expect("a lease file is UTF-8");
            }
            // A cleanup begins another file; what was still written to the former has been read.
            let inode = |file: &File| file.metadata().ok().map(|about| about.ino());
            match File::open(&path) {
                Ok(now) if file.as_ref().and_then(inode) != inode(&now) => *file = Some(now),
                _ => break,
            }
        }
        let rest = text.split_off(text.rfind('\n').map_or(0, |end| end + 1));
        let whole = mem::replace(text, rest);
        whole.lines().filter(|line| !line.starts_with("address,")).map(str::to_owned).collect()
    }

    /// Waits until so many leases have been reclaimed.
    pub(crate) fn until_reclaimed(&self, leases: i64) {
        eventually("leases are reclaimed", || {
            (self.server.statistic("reclaimed-leases") >= leases).then_some(())
        });
        // They are counted before they are in the file; the answer to this comes when all are that were counted.
        let answer = self.server.command("leases-reclaim", Some(json!({"remove": false})));
        assert_eq!(answer["result"], 0, "{answer}");
    }
}

/// Plays the scripts against both servers under this configuration and compares; not, said aloud, where the real one is not
/// unpacked.
pub(crate) fn compare(world: &World, dhcp6: &Value, scripts: &[Script]) {
    compare_acts(world, [Act::of(dhcp6.clone())], scripts);
}

/// Plays the scripts once for each of these acts, and compares.
pub(crate) fn compare_acts(world: &World, acts: impl IntoIterator<Item = Act>, scripts: &[Script]) {
    let Some(kea) = partner("kea-dhcp6") else {
        return tell("skipped: KOTARE_PARTNERS has no kea-dhcp6 to compare with");
    };
    let programs = [("kea", kea), ("ours", program("kea-dhcp6"))];
    let played: BTreeSet<&str> = scripts.iter().map(|(name, _)| *name).collect();
    assert_eq!(played.len(), scripts.len(), "scripts have names of their own");
    let is_search = chosen_seeds().is_some();
    let mut differences = Vec::new();
    for (nth, act) in acts.into_iter().enumerate() {
        let found = play_both(world, nth, &programs, &act, scripts);
        let complaints = unexplained(EXPLAINED, &found);
        if is_search && !complaints.is_empty() {
            let first = complaints.iter().take(FIRST).map(String::as_str).collect::<Vec<_>>().join("\n");
            tell(&format!("seed {}: {} differences\n{first}", act.seed, complaints.len()));
        }
        differences.extend(found);
    }
    judge(EXPLAINED, &differences, |row| !is_search && played.contains(row.script));
}

/// Plays the scripts against both servers in this act; where they differ.
fn play_both(
    world: &World,
    nth: usize,
    programs: &[(&str, PathBuf); 2],
    act: &Act,
    scripts: &[Script],
) -> Vec<Difference> {
    let base = unix_seconds();
    let [(mut kea, kea_state), (mut ours, our_state)] = thread::scope(|scope| {
        let both = programs.each_ref().map(|(name, program)| {
            let other = programs.iter().find(|(other, _)| other != name).filter(|_| act.swapped);
            let programs = [Some(program), other.map(|(_, program)| program)].into_iter().flatten();
            scope.spawn(move || play(world, &format!("{name}{nth}"), programs, act, base, scripts))
        });
        both.map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    assert_eq!(kea.len(), ours.len(), "a script asks both servers the same number of queries");
    if act.swapped {
        let second = kea.len() / 2;
        kea[second..].swap_with_slice(&mut ours[second..]);
    }
    let mut differences = Vec::new();
    let mut known: Known = act.leases.lines().map(|row| (first_column(row), row.to_owned())).collect();
    // Leases that Kea wrote with the lifetimes they had, and those of clients that were called otherwise: ours may have
    // written other ones.
    let (mut kept, mut renamed) = (BTreeSet::new(), BTreeSet::new());
    for (kea, ours) in kea.iter().zip(&ours) {
        assert_eq!(
            (kea.script, &kea.step),
            (ours.script, &ours.step),
            "a script does the same on both sides"
        );
        let found = differences_of(kea, ours, &known, base, act.grain);
        for row in &kea.rows {
            kept.extend(lifetimes_kept(row, &known));
            known.insert(first_column(row), row.clone());
        }
        if found.iter().any(|difference| difference.field == "39 CLIENT_FQDN") {
            renamed.extend(ours.rows.iter().map(|row| first_column(row)));
        }
        let parts = |difference| EXPLAINED.iter().any(|row| row.parts && row.explains(difference));
        let go_other_ways = found.iter().any(parts);
        differences.extend(found);
        if go_other_ways {
            return differences;
        }
    }
    // What servers that answered differently know and have counted is not the same either.
    let of_form =
        |difference: &Difference| EXPLAINED.iter().any(|row| row.everywhere && row.explains(difference));
    if differences.iter().all(of_form) && !act.swapped {
        let (script, _) = scripts.last().expect("a script");
        // Later versions count more.
        let counted =
            |name: &str| !name.starts_with("statistic ") || kea_state.iter().any(|(other, _)| other == name);
        // Where there was a lease file before, rows that nobody touched may stand in it or in the new one.
        let is_lasting = |name: &str| act.leases.is_empty() || !name.starts_with("lease ");
        let ends = [kea_state.clone(), our_state].map(|state| -> Vec<Field> {
            let state = state.into_iter().filter(|(name, _)| counted(name) && is_lasting(name));
            let address = |name: &str| {
                let place = name.strip_prefix("lease ").and_then(|it| it.split_once('/'));
                place.map_or_else(String::new, |(address, _)| address.to_owned())
            };
            let comparable = |name: &str, mut value: String| {
                if kept.contains(&address(name)) {
                    value = lifeless(&value);
                }
                if renamed.contains(&address(name)) { nameless(&value) } else { value }
            };
            state.map(|(name, value)| (name.clone(), comparable(&name, value))).collect()
        });
        let [kea_state, our_state] = ends;
        differences.extend(differences_between(script, "at the end", kea_state, our_state));
    }
    differences
}

/// What one of the servers answers and, if there are several, the next that finds what it left; and what the last knows at the
/// end.
fn play<'p>(
    world: &World,
    name: &str,
    programs: impl Iterator<Item = &'p PathBuf>,
    act: &Act,
    base: u64,
    scripts: &[Script],
) -> (Vec<Heard>, Vec<Field>) {
    let (host, mut link) = Link::new(world, name);
    let mut dhcp6 = act.dhcp6.clone();
    dhcp6["server-id"] = json!({"type": "EN", "enterprise-id": 32473, "identifier": "736572766572",
        "persist": false});
    if !act.leases.is_empty() {
        fs::create_dir_all(world.path(name)).expect("make the server's folder");
        fs::write(world.path(name).join("leases.csv"), &act.leases).expect("write a lease file");
    }
    let (mut transcript, mut known) = (Vec::new(), Vec::new());
    for (turn, program) in (0..).zip(programs) {
        let server = Server6::start(world, &host, name, program, dhcp6.clone());
        let mut side =
            Side { link, script: "", transcript, server, seed: act.seed + turn, rows: (None, String::new()) };
        side.new_rows();
        assert!(side.link.is_served(), "{name} answers at all; its log:\n{}", side.server.log());
        for (name, play) in scripts {
            side.script = name;
            play(&mut side);
        }
        known = state(&side.server, base, act.grain);
        (link, transcript) = (side.link, side.transcript);
        assert!(side.server.stop(), "{name} ends as it is told to");
    }
    (transcript, known)
}

/// What a server knows at the end: its leases, as they stand in its file, and its statistics. When leases end is told in
/// steps of `grain` seconds since `base`.
fn state(server: &Server6, base: u64, grain: u32) -> Vec<Field> {
    let mut state = leases(&server.lease_rows(), base, grain);
    // A lifetime of zero takes a lease out of the file.
    state.retain(|(_, lease)| lease != GONE);
    for (name, samples) in statistics(server)["arguments"].as_object().into_iter().flatten() {
        // Which subnet of a shared network counts a failure Kea 3 decides for each length of prefixes that it looks for.
        if !(name.starts_with("subnet[") && name.contains("v6-allocation-fail")) {
            state.push((format!("statistic {name}"), samples[0][0].to_string()));
        }
    }
    state
}

/// What time it is.
#[expect(clippy::disallowed_methods, reason = "servers read the clock of the machine")]
pub(crate) fn unix_seconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("the clock is after 1970").as_secs()
}
