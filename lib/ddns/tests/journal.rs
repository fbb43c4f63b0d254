//! The journal: nothing that was kept is lost, wherever the process ends, and what is no journal is left alone.

use std::fs;
use std::io::{self, Error, ErrorKind};
use std::time::Duration;

use kotare_ddns::{
    Change, ChangeRequest, ConflictResolution, Copied, Dhcid, Full, Journal, JournalFile, Medium, Outbox,
};
use proptest::prelude::*;

/// A medium in memory that is full after so many bytes; what does not fit is cut.
#[derive(Clone, Debug, Default)]
struct Memory {
    bytes: Vec<u8>,
    room: Option<usize>,
}

impl Memory {
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), room: None }
    }

    fn take(&mut self, bytes: usize) -> usize {
        let taken = self.room.map_or(bytes, |room| room.min(bytes));
        self.room = self.room.map(|room| room - taken);
        taken
    }
}

impl Medium for &mut Memory {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.bytes.clone())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let taken = self.take(bytes.len());
        self.bytes.extend(&bytes[..taken]);
        if taken == bytes.len() { Ok(()) } else { Err(Error::from(ErrorKind::StorageFull)) }
    }

    fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.take(bytes.len()) < bytes.len() {
            return Err(Error::from(ErrorKind::StorageFull));
        }
        self.bytes = bytes.to_vec();
        Ok(())
    }
}

fn request(number: u32) -> ChangeRequest {
    ChangeRequest {
        change: if number.is_multiple_of(2) { Change::Add } else { Change::Remove },
        forward: true,
        reverse: number.is_multiple_of(3),
        fqdn: format!("n{number}.Example.com").parse().expect("a name"),
        address: [10, 0, 0, number as u8].into(),
        dhcid: Dhcid::of_bytes(&number.to_be_bytes()).expect("data"),
        lease_length: number,
        conflict_resolution: ConflictResolution::ALL[number as usize % 4].0,
    }
}

/// What a process finds that opens a copy of it.
fn found(bytes: &[u8]) -> (Vec<u64>, usize) {
    let mut memory = Memory::of(bytes);
    let (_, replay) = Journal::open(&mut memory, 100).expect("a journal");
    for kept in &replay.kept {
        assert_eq!((&*kept.request, kept.since), (&request(kept.number as u32), 1000 + kept.number));
    }
    (replay.kept.iter().map(|kept| kept.number).collect(), replay.unreadable)
}

#[test]
fn requests_are_kept_until_they_are_acknowledged() {
    let mut memory = Memory::default();
    let (mut journal, replay) = Journal::open(&mut memory, 3).expect("a new journal");
    assert!(replay.kept.is_empty() && journal.is_empty());
    for number in 1..=3 {
        assert_eq!(journal.append(&request(number).into(), 1000 + u64::from(number)), Ok(number.into()));
    }
    assert_eq!(journal.append(&request(4).into(), 1004), Err(Full));
    journal.acknowledged(2);
    journal.acknowledged(2);
    journal.acknowledged(77);
    assert_eq!(journal.append(&request(4).into(), 1004), Ok(4));
    journal.flush().expect("room");
    assert_eq!((journal.len(), journal.is_full()), (3, true));
    assert_eq!(found(&memory.bytes), (vec![1, 3, 4], 0));
    // A smaller capacity throws nothing away, and numbers go on.
    let (mut journal, replay) = Journal::open(&mut memory, 2).expect("a journal");
    assert_eq!((replay.kept.len(), journal.append(&request(5).into(), 0)), (3, Err(Full)));
    journal.acknowledged(1);
    journal.acknowledged(4);
    assert_eq!(journal.append(&request(5).into(), 1005), Ok(5));
    journal.flush().expect("room");
    assert_eq!(found(&memory.bytes), (vec![3, 5], 0));
}

/// It does not grow with what was done.
#[test]
fn what_is_past_is_forgotten() {
    let mut memory = Memory::default();
    let (mut journal, _) = Journal::open(&mut memory, 3).expect("a new journal");
    for number in 1..=100_000 {
        journal.append(&request(number).into(), 1000 + u64::from(number)).expect("room");
        if number != 7 {
            journal.acknowledged(number.into());
        }
        journal.flush().expect("room");
    }
    assert!(memory.bytes.len() < 20_000_000, "{}", memory.bytes.len());
    assert_eq!(found(&memory.bytes), (vec![7], 0));
}

/// A file is written anew while the journal goes on in it: wherever the process ends, what is not done is found.
#[test]
fn a_file_is_copied_while_it_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("requests");
    let file = JournalFile::open(&path, false).expect("a file");
    let (mut journal, _) = Journal::open(file, 100).expect("a new journal");
    let bytes = || fs::read(&path).expect("the file");
    for number in 1..=2 {
        journal.append(&request(number).into(), 1000 + u64::from(number)).expect("room");
    }
    next_after(&mut journal, 3, 1000);
    assert!(journal.copy().is_none(), "it is short");
    next_after(&mut journal, 1003, 68_998);
    let before = bytes().len();
    let copy = journal.copy().expect("it is long");
    // While it is written things go on, and are in the file.
    journal.append(&request(70_001).into(), 71_001).expect("room");
    journal.acknowledged(1);
    journal.write().expect("room");
    assert!(journal.copy().is_none(), "there is one");
    assert_eq!(found(&bytes()), (vec![2, 70_001], 0));
    let written = copy.write();
    assert_eq!(found(&bytes()), (vec![2, 70_001], 0));
    journal.append(&request(70_002).into(), 71_002).expect("room");
    adopt(&mut journal, written).expect("it was written");
    assert!(bytes().len() < before / 1000);
    assert_eq!(found(&bytes()), (vec![2, 70_001], 0));
    journal.write().expect("room");
    assert_eq!(found(&bytes()), (vec![2, 70_001, 70_002], 0));
    assert!(journal.copy().is_none(), "it is short again");

    // One that could not be written is not tried again at once, and nothing is lost.
    next_after(&mut journal, 70_003, 70_000);
    let copy = journal.copy().expect("it is long");
    drop(copy);
    journal.adopt(Err(ErrorKind::StorageFull.into())).expect_err("it was not");
    assert!(journal.copy().is_none(), "there is no room");
    next_after(&mut journal, 140_003, 1);
    assert_eq!(found(&bytes()), (vec![2, 70_001, 70_002], 0));
    next_after(&mut journal, 140_004, 70_000);
    let copy = journal.copy().expect("it is much longer").write();
    adopt(&mut journal, copy).expect("it was written");
    assert_eq!(found(&bytes()), (vec![2, 70_001, 70_002], 0));
}

/// While lines are written others come, and a new file may take the place of the one that they are written to; of those that
/// cannot be written nothing is lost.
#[test]
fn requests_come_while_others_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("queue");
    let file = JournalFile::open(&path, false).expect("a file");
    let (mut journal, _) = Journal::open(file, 200_000).expect("a new journal");
    let bytes = || fs::read(&path).expect("the file");
    let append = |journal: &mut Journal, number: u32| {
        journal.append(&request(number).into(), 1000 + u64::from(number)).expect("room");
    };
    assert!(journal.take_unwritten().expect("nothing to do").is_none());
    append(&mut journal, 1);
    let lines = journal.take_unwritten().expect("a file").expect("a line");
    append(&mut journal, 2);
    assert!(found(&bytes()).0.is_empty());
    let written = lines.write();
    assert_eq!(found(&bytes()).0, [1]);
    journal.appended(lines, written).expect("it was written");
    journal.write().expect("room");
    assert_eq!(found(&bytes()).0, [1, 2]);

    // The file is written anew between.
    next_after(&mut journal, 3, 70_000);
    append(&mut journal, 70_003);
    let lines = journal.take_unwritten().expect("a file").expect("a line");
    let copied = journal.copy().expect("it is long").write();
    journal.acknowledged(1);
    let written = lines.write();
    adopt(&mut journal, copied).expect("it was written");
    journal.appended(lines, written).expect("it was written");
    journal.write().expect("room");
    assert_eq!(found(&bytes()).0, [2, 70_003]);

    // Lines that were not written, for all the journal knows, are once more with all others.
    append(&mut journal, 70_004);
    let lines = journal.take_unwritten().expect("a file").expect("a line");
    append(&mut journal, 70_005);
    journal.appended(lines, Err(ErrorKind::StorageFull.into())).expect_err("it was not");
    assert_eq!(found(&bytes()).0, [2, 70_003]);
    journal.write().expect("room");
    assert_eq!(found(&bytes()).0, [2, 70_003, 70_004, 70_005]);
}

/// Goes on in a copy.
fn adopt(journal: &mut Journal, copied: io::Result<Copied>) -> io::Result<()> {
    let meanwhile = journal.meanwhile();
    let placed = copied.and_then(|copied| copied.take_place(meanwhile.as_deref()));
    journal.adopt(placed)
}

/// A copy that is not wanted any more, because the file was written anew in another way, leaves nothing behind.
#[test]
fn a_copy_may_come_too_late() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("queue");
    let (mut journal, _) =
        Journal::open(JournalFile::open(&path, false).expect("a file"), 10).expect("a new journal");
    journal.append(&request(1).into(), 1001).expect("room");
    let lines = journal.take_unwritten().expect("a file").expect("a line");
    journal.appended(lines, Err(ErrorKind::StorageFull.into())).expect_err("it was not");
    let copied = journal.copy().expect("it is torn").write();
    journal.write().expect("room");
    adopt(&mut journal, copied).expect("it need not be");
    assert!(!journal.is_torn());
    assert_eq!(found(&fs::read(&path).expect("the file")).0, [1]);
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

/// Writes the file of an outbox anew, if it is time for that; whether it could be. Before it is there this happens.
fn write_anew(outbox: &mut Outbox, now: Duration, happens: impl FnOnce(&mut Outbox)) -> Option<bool> {
    let copied = outbox.copy(now)?.write();
    happens(outbox);
    let meanwhile = outbox.meanwhile();
    let placed = copied.and_then(|copied| copied.take_place(meanwhile.as_deref()));
    Some(outbox.adopt(placed).is_ok())
}

fn write(outbox: &mut Outbox) -> io::Result<()> {
    let Some(lines) = outbox.take_unwritten()? else { return Ok(()) };
    let written = lines.write();
    outbox.kept(lines, written)
}

/// A file that cannot be written is left alone: all of it is written anew aside, a second later at the earliest, and then all that
/// came meanwhile is kept.
#[test]
fn a_file_that_cannot_be_written_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("queue");
    let (mut outbox, _) =
        Outbox::open(JournalFile::open(&path, true).expect("a file"), 100, 7).expect("a new outbox");
    let foretell = |outbox: &mut Outbox, number: u32| {
        outbox.foretell(request(number), 1000 + u64::from(number)).expect("room");
    };
    let at = Duration::from_millis;
    foretell(&mut outbox, 1);
    let lines = outbox.take_unwritten().expect("a file").expect("a line");
    outbox.kept(lines, Err(ErrorKind::StorageFull.into())).expect_err("it was not");
    foretell(&mut outbox, 2);
    outbox.take_unwritten().expect_err("it is to be written anew before");
    assert!(!outbox.waits_for_disk());
    // Something else is in the way.
    let hindrance = path.with_extension("copy");
    fs::create_dir(&hindrance).expect("a folder");
    assert_eq!(write_anew(&mut outbox, at(0), |_| {}), Some(false));
    assert_eq!(outbox.next_at(), Some(at(1000)));
    fs::remove_dir(&hindrance).expect("it is empty");
    assert_eq!(write_anew(&mut outbox, at(999), |_| {}), None);
    let written = write_anew(&mut outbox, at(1000), |outbox| {
        foretell(outbox, 3);
        write(outbox).expect_err("it is not yet written anew");
    });
    assert_eq!(written, Some(true));
    assert_eq!(outbox.next_at(), None);
    assert_eq!(found(&fs::read(&path).expect("the file")).0, [1, 2]);
    write(&mut outbox).expect("there is room");
    assert_eq!(found(&fs::read(&path).expect("the file")).0, [1, 2, 3]);
}

/// So many requests that come and are done.
fn next_after(journal: &mut Journal, first: u32, count: u32) {
    for number in first..first + count {
        journal.append(&request(number).into(), 1000 + u64::from(number)).expect("room");
        journal.acknowledged(number.into());
    }
    journal.write().expect("room");
}

/// With a full disk nothing is kept that is not there already; as soon as there is room, all is. It keeps nobody from starting.
#[test]
fn a_full_disk_is_made_up_for() {
    for room in 0..400 {
        let mut memory = Memory::default();
        let (mut journal, _) = Journal::open(&mut memory, 10).expect("a new journal");
        journal.append(&request(1).into(), 1001).expect("room");
        journal.flush().expect("room");
        drop(journal);
        memory.room = Some(room + 200);
        let (mut journal, replay) = Journal::open(&mut memory, 10).expect("what is there is read");
        assert_eq!(replay.kept.len(), 1);
        journal.append(&request(2).into(), 1002).expect("room");
        let kept = journal.flush().is_ok();
        let mut copy = memory.clone();
        assert_eq!(found(&copy.bytes).0, if kept { vec![1, 2] } else { vec![1] }, "{room}");
        copy.room = None;
        let mut memory = Memory { room: Some(room), ..Memory::default() };
        let (mut journal, _) = Journal::open(&mut memory, 10).expect("there is nothing to read");
        journal.append(&request(1).into(), 1001).expect("room");
        let first = journal.flush();
        journal.append(&request(2).into(), 1002).expect("room");
        let second = journal.flush();
        let now = found(&memory.bytes).0;
        assert!(second.is_err() || now == [1, 2], "{room}: {now:?}");
        assert!(first.is_err() || now.contains(&1), "{room}: {now:?}");
    }
}

#[test]
fn what_is_no_journal_is_left_alone() {
    let good = "kotare name change requests 1\n";
    for wrong in ["{\"Dhcp4\": {}}", "kotare name change requests 2\n", "address,hwaddr\n"] {
        let mut memory = Memory::of(wrong.as_bytes());
        assert!(Journal::open(&mut memory, 10).is_err(), "{wrong}");
        assert_eq!(memory.bytes, wrong.as_bytes());
    }
    for (line, unreadable) in [
        ("", 0),
        ("+1 5", 0),
        ("\n", 1),
        ("+1 5 {}\n", 1),
        ("-x\n", 1),
        ("-18446744073709551615\n", 1),
        ("\u{0}\u{0}\n-5\n?\n", 2),
    ] {
        assert_eq!(found(format!("{good}{line}").as_bytes()), (vec![], unreadable), "{line:?}");
    }
    let mut memory = Memory::of(&[good.as_bytes(), b"\xff\xfe\n"].concat());
    assert_eq!(Journal::open(&mut memory, 1).expect("a journal").1.unreadable, 1);
}

/// In a file: one process has it; what was flushed is there for the next one.
#[test]
fn a_file_has_one_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("requests");
    for (survives, kept) in [(false, vec![]), (true, vec![1])] {
        let file = JournalFile::open(&path, survives).expect("a file");
        let (mut journal, replay) = Journal::open(file, 10).expect("a journal");
        assert_eq!(replay.kept.iter().map(|kept| kept.number).collect::<Vec<_>>(), kept);
        assert!(JournalFile::open(&path, false).is_err(), "another process");
        let number = journal.append(&request(1).into(), 1001).expect("room");
        journal.flush().expect("room");
        if number > 1 {
            journal.acknowledged(number);
            journal.flush().expect("room");
        }
    }
    assert_eq!(found(&fs::read(&path).expect("the file")).0, vec![1]);
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

/// Whether what is written next waits for the disk is known before: where what is written survives power cuts, if there is
/// something to be written.
#[test]
fn it_is_known_whether_a_disk_is_waited_for() {
    for survives in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = JournalFile::open(&folder.path().join("requests"), survives).expect("a file");
        let (mut journal, _) = Journal::open(file, 10).expect("a journal");
        assert!(!journal.waits_for_disk(), "there is nothing to write");
        journal.append(&request(1).into(), 1001).expect("room");
        assert_eq!(journal.waits_for_disk(), survives);
        journal.write().expect("room");
        assert!(!journal.waits_for_disk());
    }
}

/// Whether a request comes (or else which of those that are kept is done), and whether it is flushed then.
type Happens = (bool, prop::sample::Index, bool);

/// The journal after all of this, flushed at the end, what is kept, and the number of the next request.
fn after(steps: &[Happens]) -> (Vec<u8>, Vec<u64>, u32) {
    let mut memory = Memory::default();
    let (mut journal, _) = Journal::open(&mut memory, 100).expect("a new journal");
    let mut kept = Vec::new();
    let mut next = 1;
    for (comes, which, flushes) in steps {
        if *comes || kept.is_empty() {
            let number = journal.append(&request(next).into(), 1000 + u64::from(next)).expect("room");
            assert_eq!(number, u64::from(next));
            kept.push(number);
            next += 1;
        } else {
            journal.acknowledged(kept.remove(which.index(kept.len())));
        }
        if *flushes {
            journal.flush().expect("room");
        }
    }
    journal.flush().expect("room");
    (memory.bytes, kept, next)
}

proptest! {
    /// Killed at any byte: all that was flushed and not acknowledged is there, in order, and nothing that never came.
    #[test]
    fn nothing_is_lost_at_any_byte(
        steps in prop::collection::vec(any::<Happens>(), 1..40),
        killed in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let killed = killed.index(steps.len());
        let next = (killed + 1..=steps.len()).find(|end| steps[end - 1].2).unwrap_or(steps.len());
        let (flushed, kept, coming) = after(&steps[..killed]);
        let (whole, later, _) = after(&steps[..next]);
        prop_assert!(whole.starts_with(&flushed));
        let at = flushed.len() + cut.index(whole.len() - flushed.len() + 1);
        let (numbers, unreadable) = found(&whole[..at]);
        prop_assert!(unreadable == 0 && numbers.is_sorted());
        prop_assert!(kept.iter().all(|number| numbers.contains(number) || !later.contains(number)));
        prop_assert!(numbers.iter().all(|number| kept.contains(number) || *number >= u64::from(coming)));
        if at == whole.len() {
            prop_assert_eq!(numbers, later);
        }
    }
}
