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
    kept_with_room(disk, 100)
}

fn kept_with_room(disk: &Disk, capacity: usize) -> Outbox<Disk> {
    Outbox::open(disk.clone(), capacity, 7).expect("a journal").0
}

/// Takes a letter and has it sent; its request.
fn send(outbox: &mut Outbox<Disk>, now: Duration) -> Option<(ChangeRequest, Option<Ask>)> {
    let letter = outbox.next(now)?;
    let ask = Ask::of_datagram(&letter.datagram(None));
    let request = ChangeRequest::clone(&letter.request);
    outbox.sent(letter, now);
    Some((request, ask))
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
    outbox.unsent(letter, at(0));
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
    // Who has given receipts is waited for.
    assert_eq!((2..31).filter(|second| send(&mut outbox, at(*second)).is_some()).count(), 5);
    assert_eq!(outbox.partner(), Partner::GivesReceipts);
    assert_eq!(outbox.len(), 1);
}

/// What could not be sent is not taken for sent where nothing is heard.
#[test]
fn silence_says_nothing_of_what_was_not_sent() {
    let mut outbox = kept(&Disk::default());
    (1..3).for_each(|name| _ = make(&mut outbox, Change::Add, name, 0));
    let mut sent = Vec::new();
    for second in 0..30 {
        while let Some(letter) = outbox.next(at(second)) {
            // The second name finds no room until nothing was heard for long.
            if *letter.request == request(Change::Add, 2, 2) && outbox.partner() == Partner::Unknown {
                outbox.unsent(letter, at(second));
            } else {
                sent.push(letter.request.fqdn.to_string());
                outbox.sent(letter, at(second));
            }
        }
    }
    assert_eq!(outbox.partner(), Partner::IsSilent);
    assert_eq!(sent.iter().filter(|name| *name == "n2.example.com.").count(), 1, "{sent:?}");
    assert!(outbox.is_empty());
}

/// Who hears requests and says nothing gives no receipts; where nobody is, nobody says nothing.
#[test]
fn a_partner_of_kea_gives_no_receipts() {
    let mut outbox = kept(&Disk::default());
    let number = outbox.foretell(request(Change::Add, 1, 1), 0).expect("room");
    outbox.made(number);
    for second in 0..60 {
        while send(&mut outbox, at(second)).is_some() {}
        outbox.refused(at(second));
    }
    assert_eq!((outbox.partner(), outbox.len()), (Partner::Unknown, 1));
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
    assert_eq!(outbox.partner(), Partner::Unknown);
}

fn receipt(outbox: &mut Outbox<Disk>, ask: Ask) {
    Ask::receipts(ask.asker, &[ask.number]).for_each(|datagram| outbox.heard(&datagram));
}

fn make(outbox: &mut Outbox<Disk>, change: Change, name: u8, since: u64) -> u64 {
    let number = outbox.foretell(request(change, name, name), since).expect("room");
    outbox.made(number);
    number
}

/// All that is sent from one second to another one, each tried once a second.
fn sent(outbox: &mut Outbox<Disk>, from: u64, to: u64) -> Vec<(ChangeRequest, Ask)> {
    let each = |second| std::iter::from_fn(|| send(outbox, at(second))).collect::<Vec<_>>();
    (from..to).flat_map(each).map(|(request, ask)| (request, ask.expect("an ask"))).collect()
}

/// Kea's takes the place of ours, and ours that of Kea's: the one gets each request once soon, the other all that it may have missed,
/// in order, but for what leases ask for no more.
#[test]
fn ours_and_keas_take_turns() {
    let disk = Disk::default();
    let mut outbox = kept(&disk);
    make(&mut outbox, Change::Add, 0, 0);
    let [(_, ask)] = sent(&mut outbox, 0, 1)[..] else { panic!("one") };
    receipt(&mut outbox, ask);
    assert!(outbox.is_empty() && outbox.partner() == Partner::GivesReceipts);

    // Kea's. What was sent to it before that is known is sent again for half a minute.
    for name in 1..=3 {
        make(&mut outbox, Change::Add, name, 1);
    }
    make(&mut outbox, Change::Remove, 1, 1);
    let of = |name, sent: &[(ChangeRequest, Ask)]| {
        sent.iter().filter(|(asked, _)| asked.fqdn == request(Change::Add, name, 0).fqdn).count()
    };
    let early = sent(&mut outbox, 1, 31);
    assert_eq!([1, 2, 3].map(|name| of(name, &early)), [6; 3]);
    assert_eq!((outbox.partner(), outbox.len()), (Partner::GivesReceipts, 4));
    let removed = sent(&mut outbox, 31, 32);
    assert_eq!(removed.len(), 1, "{removed:?}");
    assert_eq!((outbox.partner(), outbox.len(), outbox.unheard()), (Partner::IsSilent, 0, 4));
    for name in 4..=5 {
        make(&mut outbox, Change::Add, name, 32);
    }
    assert_eq!(sent(&mut outbox, 32, 33).len(), 2);
    // The last one is repeated now and then, until nobody can have missed it.
    let repeated = sent(&mut outbox, 33, 1800);
    assert!((4..10).contains(&repeated.len()) && of(5, &repeated) == repeated.len(), "{repeated:?}");

    // Ours, which hears the last one and missed the others. What is asked for meanwhile comes after those.
    let again = make(&mut outbox, Change::Add, 1, 1800);
    let repeated = sent(&mut outbox, 1800, 2300);
    let (_, last) = repeated.last().expect("it is repeated");
    assert_eq!(last.number, again);
    make(&mut outbox, Change::Remove, 4, 2300);
    receipt(&mut outbox, *last);
    assert_eq!((outbox.partner(), outbox.unheard(), outbox.len()), (Partner::GivesReceipts, 0, 8));
    let mut came = Vec::new();
    while let Some(kept) = outbox.doubtful() {
        // Only the first name is what it was at first.
        came.push((kept.request.change, kept.request.fqdn.to_string()));
        match kept.request.change == Change::Remove {
            true => outbox.not_made(kept.number),
            false => outbox.made(kept.number),
        }
    }
    let names = [1, 2, 3, 1, 4, 5, 1].map(|name| format!("n{name}.example.com."));
    assert!(came.iter().map(|(_, name)| name).eq(&names), "{came:?}");
    let mut order = Vec::new();
    for second in 2300..2310 {
        for (request, ask) in sent(&mut outbox, second, second + 1) {
            order.push((request.change, request.fqdn.to_string()));
            receipt(&mut outbox, ask);
        }
    }
    let of_one = |name: u8| -> Vec<Change> {
        let name = format!("n{name}.example.com.");
        order.iter().filter(|(_, of)| *of == name).map(|(change, _)| *change).collect()
    };
    assert_eq!([1, 2, 3, 4, 5].map(|name| of_one(name).len()), [2, 1, 1, 2, 1], "{order:?}");
    assert_eq!(of_one(4), [Change::Add, Change::Remove]);
    assert!(outbox.is_empty());
    outbox.keep().expect("a disk");
    assert!(kept(&disk).is_empty());
}

/// What was sent to Kea's does not stay for ever, nor in the way of what waits; where nobody is any more, it waits again.
#[test]
fn what_need_not_be_heard_of_goes() {
    let mut outbox = kept(&Disk::default());
    make(&mut outbox, Change::Add, 0, 0);
    assert_eq!(sent(&mut outbox, 0, 20).len(), 4);
    assert_eq!((outbox.partner(), outbox.unheard()), (Partner::IsSilent, 1));
    (1..100).for_each(|name| _ = make(&mut outbox, Change::Add, name, 20));
    assert_eq!(sent(&mut outbox, 20, 21).len(), 99);
    assert_eq!((outbox.len(), outbox.unheard()), (0, 50));
    (100..200).for_each(|name| _ = make(&mut outbox, Change::Add, name, 21));
    assert_eq!((outbox.len(), outbox.unheard(), outbox.lost()), (100, 0, 0));
    assert_eq!(sent(&mut outbox, 21, 22).len(), 100);
    // Nobody heard those of just now. What was sent before is not sent once more, however often nobody is there, and it is tried with
    // one request whether there is somebody.
    make(&mut outbox, Change::Add, 200, 30);
    assert_eq!(sent(&mut outbox, 30, 31).len(), 1);
    let mut tried = 0;
    for second in 30..60 {
        outbox.refused(at(second));
        while let Some(kept) = outbox.doubtful() {
            assert_eq!(kept.request.fqdn, request(Change::Add, 200, 0).fqdn);
            outbox.made(kept.number);
        }
        tried += sent(&mut outbox, second, second + 1).len();
        assert_eq!((outbox.partner(), outbox.len() + outbox.unheard()), (Partner::IsSilent, 50));
    }
    assert!((4..8).contains(&tried) && outbox.is_away(), "{tried}");
    while let Some(kept) = outbox.doubtful() {
        outbox.made(kept.number);
    }
    // He is back: one is sent, and all that waits when it was heard.
    make(&mut outbox, Change::Add, 201, 60);
    let back = sent(&mut outbox, 60, 75);
    assert!(back.len() >= 2 && outbox.is_empty() && !outbox.is_away(), "{back:?}");
    assert_eq!((outbox.len(), outbox.unheard()), (0, 50));
    assert!(
        outbox.next(at(3620)).is_some_and(|letter| letter.request.fqdn == request(Change::Add, 201, 0).fqdn)
    );
    assert_eq!(outbox.unheard(), 50);
    assert!(outbox.next(at(3621)).is_none());
    assert_eq!(outbox.unheard(), 2, "those that were sent later");
    assert!(outbox.next(at(3700)).is_none());
    assert_eq!((outbox.unheard(), outbox.next_at()), (0, None));
}

/// Ours that takes nothing on, as its queue is full, says that it is there; requests wait, for an hour if need be.
#[test]
fn a_full_queue_is_waited_for() {
    let mut outbox = kept(&Disk::default());
    make(&mut outbox, Change::Add, 1, 0);
    let asker = sent(&mut outbox, 0, 1)[0].1.asker;
    for second in 0..7200 {
        sent(&mut outbox, second, second + 1);
        if second % 8 == 0 {
            outbox.heard(&Ask::presence(asker));
        }
    }
    assert_eq!((outbox.partner(), outbox.len()), (Partner::GivesReceipts, 1));
}

/// Ours of before there were datagrams of several requests gives receipts without the sign that they are taken.
#[test]
fn older_ones_get_one_request_at_a_time() {
    let mut outbox = kept(&Disk::default());
    make(&mut outbox, Change::Add, 1, 0);
    let ask = sent(&mut outbox, 0, 1)[0].1;
    let numbers = [ask.asker, ask.number].map(u64::to_be_bytes);
    outbox.heard(&[*b"kotare!1", numbers[0], numbers[1]].concat());
    assert!(outbox.is_empty() && outbox.partner() == Partner::GivesReceipts);
    let counts = |outbox: &mut Outbox<Disk>, names: [u8; 2]| -> Vec<usize> {
        names.into_iter().for_each(|name| _ = make(outbox, Change::Add, name, 1));
        let letters: Vec<Letter> = std::iter::from_fn(|| outbox.next(at(1))).collect();
        let counts = parcels(&letters, 8192, |_| None).into_iter().map(|(_, count)| count).collect();
        letters.into_iter().for_each(|letter| outbox.sent(letter, at(1)));
        counts
    };
    assert_eq!(counts(&mut outbox, [2, 3]), [1, 1]);
    // The next version takes its place.
    outbox.heard(&Ask::presence(ask.asker));
    assert_eq!(counts(&mut outbox, [4, 5]), [2]);
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
    first.into_iter().for_each(|letter| outbox.sent(letter, at(0)));
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
    let request = last.request.clone();
    outbox.give_back(last);
    let again = letters(&mut outbox, at(1));
    assert_eq!((again.len(), &again[0].request), (1, &request));
    assert_eq!(outbox.len(), 6);
    // That holds for one that was sent before, too: it comes again, by itself.
    outbox.give_back(second.swap_remove(0));
    second.into_iter().chain(again).for_each(|letter| outbox.sent(letter, at(1)));
    let third = letters(&mut outbox, at(1));
    assert_eq!(third.len(), 1);
    (8..10).for_each(|name| add(&mut outbox, name));
    let others = letters(&mut outbox, at(1));
    assert_eq!(counts(&third.into_iter().chain(others).collect::<Vec<_>>(), 8192), [1, 2]);
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
    /// Another one carries requests out: Kea's in the place of ours, which loses nothing and gives no receipts, or ours.
    Exchange,
    /// So many seconds go by without anything.
    Quiet(u8),
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
    let quiet = (10..40_u8).prop_map(Event::Quiet);
    prop_oneof![8 => lease, 6 => mail, 2 => Just(Event::End), 1 => Just(Event::Exchange), 1 => quiet]
}

/// Room for all that is sent to somebody of whom nothing is heard.
const ROOM: usize = 1000;

/// A server with its leases, which are kept, and who carries requests out.
struct World {
    disk: Disk,
    outbox: Outbox<Disk>,
    leases: BTreeMap<u8, u8>,
    zone: BTreeSet<(String, String)>,
    now: u64,
    count: u64,
    is_keas: bool,
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
            .map(|(change, name)| {
                self.outbox.foretell(request(change, name, address), self.now).expect("room")
            })
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
            if !self.is_keas && !self.count.is_multiple_of(letters) {
                continue;
            }
            let what = (request.fqdn.to_string(), request.address.to_string());
            match request.change {
                Change::Add => _ = self.zone.insert(what),
                Change::Remove => _ = self.zone.remove(&what),
            }
            let ask = ask.expect("a receipt is asked for");
            if !self.is_keas && self.count.is_multiple_of(receipts) {
                Ask::receipts(ask.asker, &[ask.number]).for_each(|datagram| self.outbox.heard(&datagram));
            }
        }
        self.outbox.keep().expect("a disk");
    }

    fn end(&mut self) {
        self.outbox = kept_with_room(&self.disk, ROOM);
    }
}

proptest! {
    /// The zone is what the leases are in the end, also where ours is taken for Kea's for a while, or Kea's is there.
    #[test]
    fn the_zone_follows_the_leases(events in prop::collection::vec(event(), 1..60)) {
        let disk = Disk::default();
        let outbox = kept_with_room(&disk, ROOM);
        let mut world = World { disk, outbox, leases: BTreeMap::new(), zone: BTreeSet::new(), now: 0, count: 0, is_keas: false };
        for event in events {
            match event {
                Event::Lease { address, to, ends } => world.lease(address, to, ends),
                Event::Mail { seconds, letters, receipts } => {
                    world.mail(seconds.into(), letters.into(), receipts.into());
                }
                Event::End => world.end(),
                Event::Exchange => world.is_keas = !world.is_keas,
                Event::Quiet(seconds) => world.now += u64::from(seconds),
            }
        }
        world.is_keas = false;
        for _ in 0..100 {
            world.mail(8, 1, 1);
        }
        prop_assert!(world.outbox.is_empty() && world.outbox.unheard() == 0);
        let leases: BTreeSet<(String, String)> = world
            .leases
            .iter()
            .map(|(address, name)| request(Change::Add, *name, *address))
            .map(|request| (request.fqdn.to_string(), request.address.to_string()))
            .collect();
        prop_assert_eq!(world.zone, leases);
    }
}
