//! DNS servers that are away for an hour and processes that are killed, in virtual time: no change is lost, and those of a
//! name come in order.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use kotare_ddns::{
    Action, Change, ChangeRequest, ConflictResolution, Dhcid, DnsServer, Heard, Journal, Kept, Medium, Name,
    Queue, Rcode, Ticket, Transaction, Zone,
};
use kotare_model::Chance;

/// How long a server is waited for.
const PATIENCE: Duration = Duration::from_millis(500);

const HOUR: Duration = Duration::from_secs(3600);

/// A disk that outlives the processes that use it.
#[derive(Debug, Default)]
struct Disk(Vec<u8>);

impl Medium for &mut Disk {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.0.clone())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend(bytes);
        Ok(())
    }

    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0 = bytes.to_vec();
        Ok(())
    }
}

/// Which change of each name was the last one that the zone saw, and when it is away.
#[derive(Default)]
struct Dns {
    changes: BTreeMap<String, u32>,
    comes_back: Duration,
}

/// A request whose lease length says which change of its name it is.
fn request(name: u64, change: u32) -> ChangeRequest {
    ChangeRequest {
        change: if change.is_multiple_of(2) { Change::Remove } else { Change::Add },
        forward: true,
        reverse: false,
        fqdn: format!("n{name}.example.com").parse().expect("a name"),
        address: [10, 0, 0, name as u8].into(),
        dhcid: Dhcid::of_bytes(&[1]).expect("data"),
        lease_length: change,
        conflict_resolution: ConflictResolution::NoCheckWithDhcid,
    }
}

fn zone() -> Arc<Zone> {
    let name: Name = "example.com".parse().expect("a name");
    let server = |host| DnsServer { at: ([127, 0, 0, host], 53).into(), key: None, agreed: None };
    Arc::new(Zone { name, servers: vec![server(1), server(2)] })
}

/// A process: a journal, a queue, and transactions that wait for an answer until a time.
struct Process<'a> {
    journal: Journal<&'a mut Disk>,
    queue: Queue,
    running: Vec<(Duration, Ticket, Kept, Transaction)>,
    /// Which change of each name comes next.
    next: BTreeMap<String, u32>,
}

impl<'a> Process<'a> {
    fn start(disk: &'a mut Disk) -> Self {
        let (journal, replay) = Journal::open(disk, 10_000).expect("a journal");
        let mut queue = Queue::new(10_000);
        replay.kept.into_iter().for_each(|kept| queue.restore(kept));
        Self { journal, queue, running: Vec::new(), next: BTreeMap::new() }
    }

    fn accept(&mut self, request: ChangeRequest, now: Duration) {
        let since = now.as_secs();
        let request = Arc::new(request);
        let number = self.journal.append(&request, since).expect("room");
        self.journal.flush().expect("a disk");
        self.queue.push(Kept { number, since, request }).expect("room");
    }

    /// All that happens at this time; when something happens next.
    fn turn(&mut self, now: Duration, dns: &mut Dns) -> Option<Duration> {
        let (due, others) = self.running.drain(..).partition(|(at, ..)| *at <= now);
        self.running = others;
        for (_, ticket, kept, mut transaction) in due {
            let heard = match now < dns.comes_back {
                true => Heard::Timeout,
                false => Heard::Answered(Rcode::NOERROR),
            };
            match transaction.heard(heard) {
                Action::Send => self.running.push((now + PATIENCE, ticket, kept, transaction)),
                Action::Succeeded => {
                    let (name, change) = (kept.request.fqdn.to_string(), kept.request.lease_length);
                    let before = dns.changes.insert(name.clone(), change).unwrap_or(0);
                    // After a kill changes may be made once more, from any one on.
                    let expected = self.next.insert(name, change + 1).unwrap_or(change.min(before + 1));
                    assert_eq!(change, expected, "after {before}");
                    let number = self.queue.done(ticket);
                    self.journal.acknowledged(number);
                }
                Action::Failed => {
                    assert!(transaction.may_succeed_later() && !kept.is_too_old(now.as_secs()));
                    self.queue.postpone(ticket, now);
                }
            }
        }
        while self.running.len() < 16 {
            let Some((ticket, kept)) = self.queue.take(now) else { break };
            let mut transaction = Transaction::new(ChangeRequest::clone(&kept.request), Some(zone()), None);
            assert_eq!(transaction.begin(), Action::Send);
            // An answer comes at once, silence takes its time.
            let at = if now < dns.comes_back { now + PATIENCE } else { now };
            self.running.push((at, ticket, kept, transaction));
        }
        let free = self.queue.next_at().filter(|_| self.running.len() < 16);
        self.running.iter().map(|(at, ..)| *at).chain(free).min()
    }
}

/// An hour without DNS servers, with requests all along: every change is made when they are back, in order.
#[test]
fn an_hour_away_loses_nothing() {
    let (mut disk, mut dns) = (Disk::default(), Dns { comes_back: HOUR, ..Dns::default() });
    let mut process = Process::start(&mut disk);
    let mut now = Duration::ZERO;
    for second in 0..3600 {
        process.accept(request(second % 50, (second / 50 + 1) as u32), now);
        let until = Duration::from_secs(second + 1);
        while let Some(next) = process.turn(now, &mut dns).filter(|next| *next < until) {
            now = next.max(now);
        }
        now = until;
    }
    assert!(dns.changes.is_empty() && process.queue.len() + process.queue.under_way() == 3600);
    while let Some(next) = process.turn(now, &mut dns) {
        now = next.max(now);
    }
    assert_eq!(dns.changes.len(), 50);
    assert!(dns.changes.values().all(|change| *change == 72), "{:?}", dns.changes);
    assert!(process.queue.is_empty() && process.journal.is_empty());
    assert!(now < HOUR + Duration::from_secs(70), "{now:?}");
}

/// Killed at any moment, again and again: what was accepted is made, in order.
#[test]
fn kills_lose_nothing() {
    for seed in 0..200 {
        let mut chance = Chance::new(seed);
        let (mut disk, mut dns) = (Disk::default(), Dns::default());
        let mut accepted: BTreeMap<u64, u32> = BTreeMap::new();
        let mut now = Duration::ZERO;
        for _ in 0..5 {
            dns.comes_back = now + Duration::from_secs(chance.number() % 4);
            let mut process = Process::start(&mut disk);
            for _ in 0..chance.below(30) {
                let name = chance.number() % 4;
                let change = accepted.entry(name).or_default();
                *change += 1;
                process.accept(request(name, *change), now);
                for _ in 0..chance.below(3) {
                    now = process.turn(now, &mut dns).map_or(now, |next| next.max(now));
                }
                if chance.below(4) == 0 {
                    process.journal.flush().expect("a disk");
                }
            }
            // Killed: what was not flushed is gone.
        }
        let mut process = Process::start(&mut disk);
        while let Some(next) = process.turn(now, &mut dns) {
            now = next.max(now);
        }
        for (name, changes) in accepted {
            assert_eq!(dns.changes.get(&format!("n{name}.example.com.")), Some(&changes), "seed {seed}");
        }
    }
}
