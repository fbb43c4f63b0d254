//! The whole table of states: what a server does in each, whatever happens, compared with a file that people read.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use kotare_ha::{Input, Mode, Next, Partner, Role, Seen, State, Task, next};

/// The table.
const TABLE: &str = include_str!("transitions.txt");

/// Servers, by what they are.
const SERVERS: [(Mode, Role); 7] = [
    (Mode::LoadBalancing, Role::Primary),
    (Mode::LoadBalancing, Role::Secondary),
    (Mode::LoadBalancing, Role::Backup),
    (Mode::HotStandby, Role::Primary),
    (Mode::HotStandby, Role::Standby),
    (Mode::PassiveBackup, Role::Primary),
    (Mode::PassiveBackup, Role::Backup),
];

/// Something that may be seen: what it is called, and what it changes.
type Sight = (&'static str, fn(&mut Seen));

/// What may be seen besides the partner's state.
const SIGHTS: [Sight; 10] = [
    ("the partner was not heard for too long", |seen| seen.interrupted = true),
    ("... and answers no clients", |seen| (seen.interrupted, seen.down) = (true, true)),
    ("the clocks differ too much, or too many updates were rejected", |seen| seen.hopeless = true),
    ("updates found no room in the queue", |seen| seen.overflown = true),
    ("the partner kept leases to itself", |seen| seen.missed = true),
    ("the partner lacks leases of this server", |seen| seen.lacks = true),
    ("the partner has been terminated for ten minutes", |seen| seen.abandoned = true),
    ("the service may go on", |seen| seen.healed = true),
    ("leases are not synchronised", |seen| seen.syncs = false),
    ("updates are not queued", |seen| seen.recovers = false),
];

fn seen(mode: Mode, role: Role) -> Seen {
    Seen {
        mode,
        role,
        partner: Partner::Unknown,
        syncs: true,
        recovers: mode == Mode::LoadBalancing,
        interrupted: false,
        down: false,
        hopeless: false,
        overflown: false,
        missed: false,
        lacks: false,
        abandoned: false,
        healed: false,
    }
}

fn partners() -> impl Iterator<Item = Partner> {
    [Partner::Unknown, Partner::Unavailable].into_iter().chain(State::ALL.map(Partner::In))
}

fn named(next: Next) -> String {
    match next {
        Next::Stay => "stays".into(),
        Next::Enter(state) => format!("-> {state}"),
        Next::Return => "-> the state before".into(),
        Next::Begin(Task::Synchronize) => "synchronises".into(),
        Next::Begin(Task::SendBacklog) => "sends what is queued".into(),
        Next::Begin(Task::SendReset) => "has the partner synchronise".into(),
        Next::Refuse => "refuses".into(),
        Next::Ask => "asks the partner".into(),
    }
}

/// What a server does in a state by that of its partner: a line for each thing that it may do.
fn lines(state: State, with: &Seen) -> Vec<String> {
    let mut done: Vec<(String, Vec<&str>)> = Vec::new();
    for partner in partners() {
        let name = if partner == Partner::Unknown { "unknown" } else { partner.name() };
        let what = named(next(state, Input::Look, &Seen { partner, ..*with }));
        match done.iter_mut().find(|(other, _)| *other == what) {
            Some((_, names)) => names.push(name),
            None => done.push((what, vec![name])),
        }
    }
    let all = partners().count();
    done.into_iter()
        .map(|(what, names)| {
            let names = if names.len() == all { "whatever it is in".into() } else { names.join(", ") };
            format!("{:<22} | {what:<27} | {names}", state.name())
        })
        .collect()
}

fn table() -> String {
    let mut table = String::from(
        "What a server does in a state, by the state of its partner. Lines under \"if\" are those that are different then.\n",
    );
    for (mode, role) in SERVERS {
        let base = seen(mode, role);
        writeln!(table, "\n== {mode}, {role} ==").unwrap();
        let usual: Vec<Vec<String>> = State::ALL.map(|state| lines(state, &base)).into();
        usual.iter().flatten().for_each(|line| writeln!(table, "{line}").unwrap());
        for (called, change) in SIGHTS {
            let mut other = base;
            change(&mut other);
            let differing = State::ALL.into_iter().zip(&usual).filter_map(|(state, usual)| {
                let lines = lines(state, &other);
                (lines != *usual).then_some(lines)
            });
            let differing: Vec<String> = differing.flatten().collect();
            if !differing.is_empty() {
                writeln!(table, "-- if {called}").unwrap();
                differing.iter().for_each(|line| writeln!(table, "{line}").unwrap());
            }
        }
    }
    writeln!(table, "\n== what else happens, to the primary of a load-balancing pair ==").unwrap();
    for input in Input::ALL.into_iter().filter(|input| *input != Input::Look) {
        for state in State::ALL {
            let what = named(next(state, input, &seen(Mode::LoadBalancing, Role::Primary)));
            writeln!(table, "{:<22} | {:<20} | {what}", state.name(), format!("{input:?}")).unwrap();
        }
    }
    table
}

/// A change of the table is a change of the file, for everybody to see.
#[test]
fn the_table_is_that_of_the_file() {
    let table = table();
    if table != TABLE {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transitions.txt");
        fs::write(&place, &table).expect("the table can be written");
        let first = table.lines().zip(TABLE.lines()).find(|(now, before)| now != before);
        panic!(
            "the table has changed, first at {first:?}; if that is right, copy {} to lib/ha/tests",
            place.display()
        );
    }
}

/// Kea's own table, as its unit tests have it for the primary of a load-balancing pair in touch with its partner.
#[test]
fn transitions_are_keas() {
    use State::*;
    let base = seen(Mode::LoadBalancing, Role::Primary);
    let after = |state, partner| next(state, Input::Look, &Seen { partner, ..base });
    let go = Next::Enter;
    for (state, partner, expected) in [
        (CommunicationRecovery, CommunicationRecovery, Next::Begin(Task::SendBacklog)),
        (CommunicationRecovery, HotStandby, go(Waiting)),
        (CommunicationRecovery, InMaintenance, go(PartnerInMaintenance)),
        (CommunicationRecovery, PartnerDown, go(Waiting)),
        (CommunicationRecovery, PartnerInMaintenance, go(InMaintenance)),
        (CommunicationRecovery, Ready, Next::Stay),
        (CommunicationRecovery, Terminated, go(Terminated)),
        (LoadBalancing, CommunicationRecovery, Next::Stay),
        (LoadBalancing, HotStandby, go(Waiting)),
        (LoadBalancing, PartnerDown, go(Waiting)),
        (LoadBalancing, Syncing, Next::Stay),
        (InMaintenance, PartnerDown, Next::Stay),
        (PartnerDown, CommunicationRecovery, go(Waiting)),
        (PartnerDown, LoadBalancing, Next::Stay),
        (PartnerDown, PartnerDown, go(Waiting)),
        (PartnerDown, Ready, go(LoadBalancing)),
        (PartnerInMaintenance, Terminated, Next::Stay),
        (Ready, CommunicationRecovery, go(LoadBalancing)),
        (Ready, PartnerDown, Next::Stay),
        (Ready, Ready, go(LoadBalancing)),
        (Waiting, InMaintenance, go(Syncing)),
        (Waiting, Terminated, Next::Stay),
        (Waiting, Syncing, Next::Stay),
        (Waiting, Waiting, go(Syncing)),
        (Waiting, HotStandby, Next::Stay),
    ] {
        assert_eq!(after(state, Partner::In(partner)), expected, "{state}, partner {partner}");
    }
    assert_eq!(after(LoadBalancing, Partner::Unavailable), go(CommunicationRecovery));
    assert_eq!(after(PartnerInMaintenance, Partner::Unavailable), go(PartnerDown));
}
