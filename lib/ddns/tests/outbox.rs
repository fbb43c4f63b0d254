//! The outbox: whatever is lost on the way and wherever the process ends, the DNS is told in the end what the leases say.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use kotare_ddns::{
    Ask, Change, ChangeRequest, ConflictResolution, Dhcid, Full, Letter, Medium, Outbox, Partner, parcels,
    unpack,
};
use proptest::prelude::*;

/// A file that outlives the outbox.
#[derive(Clone, Debug, Default)]
struct Disk(Rc<RefCell<Vec<u8>>>);

impl Medium for Disk {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.0.borrow().clone())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().extend(bytes);
        Ok(())
    }

    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        *self.0.borrow_mut() = bytes.to_vec();
        Ok(())
    }
}

fn request(change: Change, name: u8, address: u8) -> ChangeRequest {
    ChangeRequest {
        change,
        forward: true,
        reverse: true,
        fqdn: format!("n{name}.example.com").parse().expect("a name"),
        address: [192, 0, 2, address].into(),
        dhcid: Dhcid::of_bytes(&[name]).expect("data"),
        lease_length: 600,
        conflict_resolution: ConflictResolution::default(),
    }
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn kept(disk: &Disk) -> Outbox<Disk> {
    Outbox::open(disk.clone(), 100, 7).expect("a journal").0
}

/// Takes a letter and has it sent; its request.
fn send(outbox: &mut Outbox<Disk>, now: Duration) -> Option<(ChangeRequest, Option<Ask>)> {
    let letter = outbox.next(now)?;
    let ask = Ask::of_datagram(&letter.datagram(None));
    outbox.sent(letter.ticket, now);
    Some((ChangeRequest::clone(&letter.request), ask))
}

/// Without a file a request is done when it was sent; the datagram is Kea's.
#[test]
fn what_is_not_kept_is_sent_once() {
    let mut outbox = Outbox::<Disk>::new(2);
    let numbers = [1, 2].map(|name| outbox.foretell(request(Change::Add, name, name), 0).expect("room"));
    assert_eq!(outbox.foretell(request(Change::Add, 3, 3), 0), Err(Full));
    assert_eq!((outbox.len(), outbox.lost()), (2, 1));
    assert!(outbox.next(at(0)).is_none(), "it is not known what becomes of the leases");
    outbox.made(numbers[0]);
    outbox.not_made(numbers[1]);
    let letter = outbox.next(at(0)).expect("one that was made");
    assert_eq!(letter.datagram(None), request(Change::Add, 1, 1).to_datagram());
    outbox.unsent(letter.ticket, at(0));
    assert_eq!(outbox.next_at(), Some(at(1)));
    assert!(outbox.next(at(0)).is_none());
    assert_eq!(send(&mut outbox, at(1)), Some((request(Change::Add, 1, 1), None)));
    assert!(outbox.is_empty());
}

/// With a file it is sent until there is a receipt, and what follows of its name waits for that.
#[test]
fn what_is_kept_is_sent_until_there_is_a_receipt() {
    let mut outbox = kept(&Disk::default());
    for change in [Change::Add, Change::Remove] {
        let number = outbox.foretell(request(change, 1, 1), 0).expect("room");
        outbox.made(number);
    }
    let (_, ask) = send(&mut outbox, at(0)).expect("the first");
    let ask = ask.expect("a receipt is asked for");
    assert!(outbox.next(at(0)).is_none(), "the second waits");
    assert_eq!(send(&mut outbox, at(1)), Some((request(Change::Add, 1, 1), Some(ask))));
    // Not everybody's receipt is one.
    for asker in [6, 7] {
        assert!(outbox.next(at(1)).is_none());
        Ask::receipts(asker, &[ask.number, 77]).for_each(|datagram| outbox.heard(&datagram));
    }
    assert_eq!(outbox.partner(), Partner::GivesReceipts);
    let (second, _) = send(&mut outbox, at(1)).expect("the second");
    assert_eq!(second, request(Change::Remove, 1, 1));
    // Who gives receipts is waited for, however long.
    assert!((1..100).filter(|minute| send(&mut outbox, at(60 * minute)).is_some()).count() == 99);
    assert_eq!(outbox.len(), 1);
}

/// Who hears requests and says nothing gives no receipts; where nobody is, nobody says nothing.
#[test]
fn a_partner_of_kea_gives_no_receipts() {
    let mut outbox = kept(&Disk::default());
    let number = outbox.foretell(request(Change::Add, 1, 1), 0).expect("room");
    outbox.made(number);
    for second in 0..60 {
        while send(&mut outbox, at(second)).is_some() {}
        outbox.refused();
    }
    assert_eq!((outbox.partner(), outbox.len()), (Partner::Unknown(None), 1));
    for second in 60..80 {
        while send(&mut outbox, at(second)).is_some() {}
    }
    assert_eq!((outbox.partner(), outbox.len()), (Partner::IsSilent, 0));
    let number = outbox.foretell(request(Change::Remove, 1, 1), 0).expect("room");
    outbox.made(number);
    assert!(send(&mut outbox, at(80)).is_some());
    assert!(outbox.is_empty());
    // Ours takes its place.
    outbox.meets_another();
    assert_eq!(outbox.partner(), Partner::Unknown(None));
}

/// Requests share a datagram where that is known to be understood, as far as there is room; what comes again goes by itself.
#[test]
fn letters_go_together() {
    let mut outbox = kept(&Disk::default());
    let add = |outbox: &mut Outbox<Disk>, name| {
        let number = outbox.foretell(request(Change::Add, name, name), 0).expect("room");
        outbox.made(number);
    };
    let letters =
        |outbox: &mut Outbox<Disk>, now| std::iter::from_fn(|| outbox.next(now)).collect::<Vec<_>>();
    let counts = |letters: &[Letter], longest| -> Vec<usize> {
        parcels(letters, longest, |_| None).into_iter().map(|(_, count)| count).collect()
    };
    (0..3).for_each(|name| add(&mut outbox, name));
    let first = letters(&mut outbox, at(0));
    assert_eq!(counts(&first, 8192), [1; 3], "nothing is known of who hears them");
    let asks: Vec<Ask> = first.iter().filter_map(|letter| Ask::of_datagram(&letter.datagram(None))).collect();
    let length = first[0].datagram(None).len();
    first.into_iter().for_each(|letter| outbox.sent(letter.ticket, at(0)));
    for ask in &asks[..2] {
        Ask::receipts(ask.asker, &[ask.number]).for_each(|datagram| outbox.heard(&datagram));
    }
    (3..8).for_each(|name| add(&mut outbox, name));
    let mut second = letters(&mut outbox, at(1));
    assert_eq!(counts(&second, 8192), [1, 5], "one comes again");
    assert_eq!(counts(&second, 2 * length), [1, 2, 2, 1]);
    assert_eq!(counts(&second, 0), [1; 6]);
    let (datagram, _) = parcels(&second, 8192, |_| None).pop().expect("the last");
    let read =
        unpack(&datagram).map(|(request, ask)| (request.expect("a request"), ask.expect("an ask").number));
    let written = second[1..].iter().map(|letter| {
        let ask = Ask::of_datagram(&letter.datagram(None)).expect("an ask");
        (ChangeRequest::clone(&letter.request), ask.number)
    });
    assert!(read.eq(written));
    // One that nobody tried to send is sent as if nothing had been.
    let last = second.pop().expect("one");
    outbox.give_back(last.ticket);
    let again = letters(&mut outbox, at(1));
    assert_eq!((again.len(), &again[0].request), (1, &last.request));
    assert_eq!(outbox.len(), 6);
}

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    /// The lease of an address is changed, up to this point of it; then the process ends, unless it is the last one.
    Lease { address: u8, to: Option<u8>, ends: Point },
    /// Time goes on and letters are sent, of which one in so many arrives, and of whose receipts one in so many.
    Mail { seconds: u8, letters: u8, receipts: u8 },
    /// The process ends.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Point {
    Foretold,
    Kept,
    Written,
    Conflict,
    Doubtful,
    Done,
}

fn event() -> impl Strategy<Value = Event> {
    let point = prop_oneof![
        Just(Point::Foretold),
        Just(Point::Kept),
        Just(Point::Written),
        Just(Point::Conflict),
        Just(Point::Doubtful),
        Just(Point::Done),
        Just(Point::Done),
        Just(Point::Done),
    ];
    let lease = (0..3_u8, prop::option::of(0..3_u8), point).prop_map(|(address, to, ends)| Event::Lease {
        address,
        to,
        ends,
    });
    let mail = (0..10_u8, 1..4_u8, 1..4_u8).prop_map(|(seconds, letters, receipts)| Event::Mail {
        seconds,
        letters,
        receipts,
    });
    prop_oneof![4 => lease, 3 => mail, 1 => Just(Event::End)]
}

/// A server with its leases, which are kept, and who carries requests out.
struct World {
    disk: Disk,
    outbox: Outbox<Disk>,
    leases: BTreeMap<u8, u8>,
    zone: BTreeSet<(String, String)>,
    now: u64,
    count: u64,
}

impl World {
    fn lease(&mut self, address: u8, to: Option<u8>, ends: Point) {
        let from = self.leases.get(&address).copied();
        if from == to {
            return;
        }
        let asked = [from.map(|name| (Change::Remove, name)), to.map(|name| (Change::Add, name))];
        let asked = asked.into_iter().flatten();
        let numbers: Vec<u64> = asked
            .map(|(change, name)| self.outbox.foretell(request(change, name, address), 0).expect("room"))
            .collect();
        if ends == Point::Foretold {
            return self.end();
        }
        self.outbox.keep().expect("a disk");
        if ends == Point::Kept {
            return self.end();
        }
        if ends == Point::Conflict {
            return numbers.into_iter().for_each(|number| self.outbox.not_made(number));
        }
        match to {
            Some(name) => _ = self.leases.insert(address, name),
            None => _ = self.leases.remove(&address),
        }
        for number in numbers {
            match ends {
                Point::Written => return self.end(),
                Point::Doubtful => self.outbox.doubt(number),
                _ => self.outbox.made(number),
            }
        }
    }

    fn mail(&mut self, seconds: u64, letters: u64, receipts: u64) {
        self.now += seconds;
        while let Some(doubtful) = self.outbox.doubtful() {
            let there = self.leases.iter().any(|(address, name)| {
                request(doubtful.request.change, *name, *address) == *doubtful.request
            });
            match there == (doubtful.request.change == Change::Add) {
                true => self.outbox.made(doubtful.number),
                false => self.outbox.not_made(doubtful.number),
            }
        }
        while let Some((request, ask)) = send(&mut self.outbox, at(self.now)) {
            self.count += 1;
            if !self.count.is_multiple_of(letters) {
                continue;
            }
            let what = (request.fqdn.to_string(), request.address.to_string());
            match request.change {
                Change::Add => _ = self.zone.insert(what),
                Change::Remove => _ = self.zone.remove(&what),
            }
            let ask = ask.expect("a receipt is asked for");
            if self.count.is_multiple_of(receipts) {
                Ask::receipts(ask.asker, &[ask.number]).for_each(|datagram| self.outbox.heard(&datagram));
            }
        }
        self.outbox.keep().expect("a disk");
    }

    fn end(&mut self) {
        self.outbox = kept(&self.disk);
        // Nobody is away so long that he is taken for Kea's: that is another test.
        self.outbox.refused();
    }
}

proptest! {
    /// The zone is what the leases are in the end.
    #[test]
    fn the_zone_follows_the_leases(events in prop::collection::vec(event(), 1..60)) {
        let disk = Disk::default();
        let outbox = kept(&disk);
        let mut world = World { disk, outbox, leases: BTreeMap::new(), zone: BTreeSet::new(), now: 0, count: 0 };
        for event in events {
            match event {
                Event::Lease { address, to, ends } => world.lease(address, to, ends),
                Event::Mail { seconds, letters, receipts } => {
                    world.mail(seconds.into(), letters.into(), receipts.into());
                    world.outbox.refused();
                }
                Event::End => world.end(),
            }
        }
        for _ in 0..100 {
            world.mail(8, 1, 1);
        }
        prop_assert!(world.outbox.is_empty());
        let leases: BTreeSet<(String, String)> = world
            .leases
            .iter()
            .map(|(address, name)| request(Change::Add, *name, *address))
            .map(|request| (request.fqdn.to_string(), request.address.to_string()))
            .collect();
        prop_assert_eq!(world.zone, leases);
    }
}
