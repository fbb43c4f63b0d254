//! The whole table of transitions, and what is asked at each step, beside what stands in `transitions.txt`.
//!
//! With `KOTARE_BLESS` set, the file is written anew, to be read by whoever changed something.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use domain::base::iana::Rtype;
use domain::base::message::{Message, RecordSection};
use kotare_ddns::{
    Action, Change, ChangeRequest, ConflictResolution, Dhcid, DnsServer, Heard, MAX_TRIES, Move, Plan, Rcode,
    Step, Transaction, Zone, next,
};

fn request(change: Change, way: ConflictResolution) -> ChangeRequest {
    ChangeRequest {
        change,
        forward: true,
        reverse: true,
        fqdn: "host.example.com".parse().expect("a name"),
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10)),
        dhcid: Dhcid::of_bytes(&[0, 1, 1, 0xaa]).expect("data"),
        lease_length: 1200,
        conflict_resolution: way,
    }
}

fn zone(name: &str, servers: u16) -> Arc<Zone> {
    let server = |port| DnsServer { at: (Ipv4Addr::LOCALHOST, port).into(), key: None, agreed: None };
    Arc::new(Zone { name: name.parse().expect("a name"), servers: (1..=servers).map(server).collect() })
}

fn transaction(change: Change, way: ConflictResolution) -> Transaction {
    let reverse = zone("2.0.192.in-addr.arpa", 2);
    Transaction::new(request(change, way), Some(zone("example.com", 2)), Some(reverse))
}

const ANSWERS: [Heard; 14] = {
    let mut answers = [Heard::Timeout; 14];
    let mut code = 0;
    while code < 11 {
        answers[code as usize] = Heard::Answered(Rcode::new(code));
        code += 1;
    }
    answers[12] = Heard::Failed;
    answers[13] = Heard::Corrupt;
    answers
};

/// Every step of every plan: what is asked, and what follows which answer.
#[test]
fn every_step_and_every_answer() {
    let mut table = String::new();
    for change in [Change::Add, Change::Remove] {
        for (way, name) in ConflictResolution::ALL {
            let plan = Plan { change, way };
            let mut steps = vec![plan.first_forward()];
            let mut index = 0;
            while let Some(&step) = steps.get(index) {
                for heard in ANSWERS {
                    if let Move::Turn(other) = next(plan, step, heard, 1, 1)
                        && !steps.contains(&other)
                    {
                        steps.push(other);
                    }
                }
                index += 1;
            }
            steps.push(Step::Reverse);
            for step in steps {
                writeln!(table, "{change:?} {name} {step:?}").expect("text");
                asked(&mut table, change, way, step);
                let mut rejected = Vec::new();
                for heard in ANSWERS {
                    let answer = match heard {
                        Heard::Answered(rcode) => rcode.to_string(),
                        other => format!("{other:?}"),
                    };
                    let (first, last) =
                        (next(plan, step, heard, 1, 1), next(plan, step, heard, MAX_TRIES, 4));
                    match (first, last) {
                        (Move::Rejected, Move::Rejected) => rejected.push(answer),
                        (first, last) if first == last => {
                            writeln!(table, "  {answer}: {first:?}").expect("text");
                        }
                        (first, last) => {
                            writeln!(table, "  {answer}: {first:?}, at last {last:?}").expect("text")
                        }
                    }
                }
                writeln!(table, "  Rejected: {}", rejected.join(" ")).expect("text");
            }
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transitions.txt");
    if std::env::var_os("KOTARE_BLESS").is_some() {
        std::fs::write(path, &table).expect("the file can be written");
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    for (line, (is, should)) in table.lines().zip(expected.lines()).enumerate() {
        assert_eq!(is, should, "line {}", line + 1);
    }
    assert_eq!(table.lines().count(), expected.lines().count());
}

/// The records of the message of a step, to which the transaction is led.
fn asked(table: &mut String, change: Change, way: ConflictResolution, step: Step) {
    let mut transaction = transaction(change, way);
    assert_eq!(transaction.begin(), Action::Send);
    let plan = Plan { change, way };
    let path: &[Heard] = match step {
        step if step == plan.first_forward() => &[],
        Step::ReplaceForward => &[Heard::Answered(Rcode::YXDOMAIN)],
        Step::RemoveName => &[Heard::Answered(Rcode::NOERROR)],
        Step::Reverse if plan.first_forward() == Step::RemoveAddress => &[Heard::Answered(Rcode::NOERROR); 2],
        _ => &[Heard::Answered(Rcode::NOERROR)],
    };
    for heard in path {
        assert_eq!(transaction.heard(*heard), Action::Send);
    }
    let attempt = transaction.attempt(7, 0).expect("a message");
    let message = Message::from_slice(&attempt.message).expect("a head");
    let zone = message.sole_question().expect("a zone");
    assert_eq!((message.header().id(), zone.qtype()), (7, Rtype::SOA));
    records(table, "needs", message.prerequisite().expect("a section"));
    records(table, "does", message.update().expect("a section"));
}

fn records(table: &mut String, verb: &str, section: RecordSection<'_, [u8]>) {
    for record in section {
        let record = record.expect("a record");
        let (name, class, kind) = (record.owner(), record.class(), record.rtype());
        let length = record.rdlen();
        writeln!(table, "  {verb} {name} {class} {kind} ttl {} of {length} bytes", record.ttl().as_secs())
            .expect("text");
    }
}

/// A server that does not answer is asked three times, then the next from the first step on.
#[test]
fn servers_are_tried_in_turn() {
    let mut transaction = transaction(Change::Add, ConflictResolution::CheckWithDhcid);
    assert_eq!(transaction.begin(), Action::Send);
    let port = |transaction: &Transaction| transaction.server().map(|server| server.at.port());
    assert_eq!(transaction.heard(Heard::Answered(Rcode::YXDOMAIN)), Action::Send);
    for heard in [Heard::Timeout, Heard::Corrupt] {
        assert_eq!((transaction.heard(heard), port(&transaction)), (Action::Send, Some(1)));
    }
    assert_eq!((transaction.heard(Heard::Failed), port(&transaction)), (Action::Send, Some(2)));
    assert_eq!(transaction.heard(Heard::Answered(Rcode::NOERROR)), Action::Send);
    // The reverse zone has servers of its own.
    assert_eq!(port(&transaction), Some(1));
    for _ in 0..5 {
        assert_eq!(transaction.heard(Heard::Timeout), Action::Send);
    }
    assert_eq!(transaction.heard(Heard::Timeout), Action::Failed);
    assert!(transaction.attempt(1, 0).is_err());
}

/// A server that says of a name in turn that it is in use and that it is not is not asked for ever.
#[test]
fn a_server_that_contradicts_itself_is_given_up() {
    let mut transaction = transaction(Change::Add, ConflictResolution::CheckWithDhcid);
    let mut action = transaction.begin();
    let mut asked = 0;
    while action == Action::Send {
        asked += 1;
        let code = if asked % 2 == 1 { Rcode::YXDOMAIN } else { Rcode::NXDOMAIN };
        action = transaction.heard(Heard::Answered(code));
    }
    assert_eq!((action, asked), (Action::Failed, 4));
}

#[test]
fn a_zone_without_servers_fails() {
    let mut transaction =
        Transaction::new(request(Change::Add, ConflictResolution::default()), Some(zone("com", 0)), None);
    assert_eq!(transaction.begin(), Action::Failed);
}
