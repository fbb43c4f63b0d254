//! The journal while a disk takes its time, and after it was closed.

use std::fs::File;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel};

use kotare_model::Lease4;
use kotare_store::conformance::{Executor, PollOnce, lease};
use kotare_store::{Change, LeaseStore};

use super::*;
use crate::{Memfile4, Options};

/// A lease file that was closed can be opened again at once, even if a process that was being forked meanwhile has
/// a copy of the descriptor until it runs its own program.
#[test]
fn a_closed_file_is_free_whoever_has_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases.csv");
    let file = open_locked(&path).unwrap();
    let copy = file.try_clone().unwrap();
    let writer = Writer::new(file, 0, b"", b"header\n").unwrap();
    assert!(open_locked(&path).is_err(), "it is locked");
    drop(writer);
    open_locked(&path).unwrap();
    drop(copy);
}

/// A disk that tells when it is asked to write, and waits to be let go on.
#[derive(Debug)]
struct Waiting {
    asked: Sender<()>,
    go_on: Mutex<Receiver<()>>,
}

impl Disk for Waiting {
    fn append(&self, mut file: &File, bytes: &[u8]) -> std::io::Result<usize> {
        self.asked.send(()).unwrap();
        self.go_on.lock().recv().unwrap();
        file.write(bytes)
    }
}

/// While rows are being written, or all leases anew, the store answers how it is doing, and leases change.
#[test]
fn a_slow_disk_stops_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases.csv");
    let ((asked, was_asked), (let_go_on, go_on)) = (channel(), channel());
    let disk = Arc::new(Waiting { asked, go_on: Mutex::new(go_on) });
    let add = |store: &Memfile4, host| {
        let lease = lease(host);
        PollOnce.run(store.put(Change { address: lease.address, from: None, to: Some(&lease) })).unwrap();
    };
    // The header.
    let_go_on.send(()).unwrap();
    let store = Memfile4::open_on(Options::new(Some(path.clone()), 1), disk).unwrap();
    was_asked.recv().unwrap();
    add(&store, 1);
    std::fs::remove_file(&path).unwrap();
    std::thread::scope(|scope| {
        let flush = scope.spawn(|| PollOnce.run(store.flush()));
        // The row, and then a header and the leases of one shard, all others being empty.
        for host in 2..=4 {
            was_asked.recv().unwrap();
            add(&store, host);
            let status = store.status();
            assert!(status.leases == u64::from(host) && status.pending_bytes > 0);
            let_go_on.send(()).unwrap();
        }
        flush.join().unwrap().unwrap();
    });
    let_go_on.send(()).unwrap();
    PollOnce.run(store.flush()).unwrap();
    assert_eq!((store.status().pending_bytes, store.status().failure), (0, None));
}

/// Who must not be held up is not: neither by somebody who writes, be it all leases anew, nor by having to do that, nor by a disk.
/// What was put waits for a flush then. Where nothing has to be waited for it is written.
#[test]
fn who_must_not_wait_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases.csv");
    let ((asked, was_asked), (let_go_on, go_on)) = (channel(), channel());
    let disk = Arc::new(Waiting { asked, go_on: Mutex::new(go_on) });
    let_go_on.send(()).unwrap();
    let store = Memfile4::open_on(Options::new(Some(path.clone()), 1), disk).unwrap();
    was_asked.recv().unwrap();
    let add = |host| {
        let lease = lease(host);
        PollOnce.run(store.put(Change { address: lease.address, from: None, to: Some(&lease) })).unwrap();
    };
    let at_once = || PollOnce.run(store.flush_at_once()).unwrap();
    let flush = || PollOnce.run(store.flush()).unwrap();
    assert!(at_once(), "there is nothing to write");
    add(1);
    let_go_on.send(()).unwrap();
    assert!(at_once(), "a row is written");
    assert_eq!((was_asked.try_iter().count(), store.status().pending_bytes), (1, 0));
    add(2);
    std::fs::remove_file(&path).unwrap();
    // The row, into the file that is not there any more.
    let_go_on.send(()).unwrap();
    assert!(!at_once() && !at_once());
    assert!(was_asked.try_iter().count() == 1 && store.status().pending_bytes > 0 && !path.exists());
    std::thread::scope(|scope| {
        let flush = scope.spawn(flush);
        was_asked.recv().unwrap();
        assert!(!at_once());
        // The header, and the leases, which are in one shard.
        (0..2).for_each(|_| let_go_on.send(()).unwrap());
        flush.join().unwrap();
    });
    assert_eq!((at_once(), store.status().pending_bytes), (true, 0));
    store.set_durability(Durability::System);
    add(3);
    assert!(!at_once());
    let_go_on.send(()).unwrap();
    flush();
    assert!(at_once());
}

/// A disk with so much room.
#[derive(Debug)]
struct Small(AtomicU64);

impl Disk for Small {
    fn append(&self, mut file: &File, bytes: &[u8]) -> std::io::Result<usize> {
        let room = self.0.load(Ordering::Relaxed).min(bytes.len() as u64);
        if room == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.fetch_sub(room, Ordering::Relaxed);
        file.write(&bytes[..room as usize])
    }
}

/// A disk that others filled is not cleaned up over and over: rows that were begun and wait for room are no reason.
#[test]
fn rows_that_wait_are_not_cleaned_up() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(Small(AtomicU64::new(2 * SMALL)));
    let store =
        Memfile4::open_on(Options::new(Some(folder.path().join("leases.csv")), 1), disk.clone()).unwrap();
    for host in 0..=255 {
        let lease = Lease4 { hostname: "n".repeat(1000).into(), ..lease(host) };
        PollOnce.run(store.put(Change { address: lease.address, from: None, to: Some(&lease) })).unwrap();
    }
    PollOnce.run(store.flush()).unwrap_err();
    assert!(store.status().failure.is_some() && !store.cleanup_due());
    disk.0.store(u64::MAX, Ordering::Relaxed);
    PollOnce.run(store.flush()).unwrap();
    assert!(!store.cleanup_due(), "there is room");
    disk.0.store(0, Ordering::Relaxed);
    let to = Lease4 { address: [10, 0, 0, 1].into(), ..lease(1) };
    PollOnce.run(store.put(Change { address: to.address, from: None, to: Some(&to) })).unwrap();
    PollOnce.run(store.flush()).unwrap_err();
    assert!(store.cleanup_due());
}

/// What was done, in order, by a disk and by who writes ahead.
#[derive(Debug, Default)]
struct Noting(Mutex<Vec<&'static str>>, AtomicBool);

impl Noting {
    fn take(&self) -> Vec<&'static str> {
        let mut noted = std::mem::take(&mut *self.0.lock());
        noted.dedup();
        noted
    }
}

#[derive(Debug)]
struct NotingDisk(Arc<Noting>);

impl Disk for NotingDisk {
    fn append(&self, mut file: &File, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.0.lock().push("rows");
        file.write(bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.0.0.lock().push("rename");
        std::fs::rename(from, to)
    }
}

impl Ahead for Noting {
    fn write(&self) {
        self.0.lock().push("ahead");
    }

    /// Unless it is busy.
    fn write_at_once(&self) -> bool {
        let is_idle = !self.1.load(Ordering::Relaxed);
        if is_idle {
            self.write();
        }
        is_idle
    }
}

/// Who is to write ahead of rows does so before the lease file has them, also where all leases are written anew, once for all
/// rows, and for as long as there is anybody.
#[test]
fn what_is_to_be_written_ahead_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases.csv");
    let (noted, other) = (Arc::new(Noting::default()), Arc::new(Noting::default()));
    let disk = Arc::new(NotingDisk(noted.clone()));
    let store = Memfile4::open_on(Options::new(Some(path.clone()), 1), disk).unwrap();
    let add = |host| {
        let lease = lease(host);
        PollOnce.run(store.put(Change { address: lease.address, from: None, to: Some(&lease) })).unwrap();
    };
    let flush = || PollOnce.run(store.flush()).unwrap();
    add(1);
    noted.take();
    flush();
    assert_eq!(noted.take(), ["rows"]);
    let ahead: Arc<dyn Ahead> = noted.clone();
    for host in 2..=4 {
        assert!(store.precede(&ahead));
        add(host);
    }
    flush();
    assert_eq!(noted.take(), ["ahead", "rows"]);
    flush();
    assert_eq!(noted.take(), [""; 0], "nothing was put");
    // While somebody who comes before is busy, who must not wait writes nothing.
    add(7);
    noted.1.store(true, Ordering::Relaxed);
    let at_once = || PollOnce.run(store.flush_at_once()).unwrap();
    assert_eq!((at_once(), noted.take()), (false, vec![]));
    noted.1.store(false, Ordering::Relaxed);
    assert_eq!((at_once(), noted.take()), (true, vec!["ahead", "rows"]));
    // Another one, who does not last.
    let another: Arc<dyn Ahead> = other.clone();
    assert!(store.precede(&another));
    add(5);
    flush();
    assert_eq!((noted.take(), other.take()), (vec!["ahead", "rows"], vec!["ahead"]));
    drop((another, other));
    std::fs::remove_file(&path).unwrap();
    add(6);
    flush();
    let anew = noted.take();
    assert!(anew.starts_with(&["ahead"]) && anew.ends_with(&["ahead", "rename"]), "{anew:?}");
    let nowhere = Memfile4::open_on(Options::new(None, 1), Arc::new(crate::disk::System)).unwrap();
    assert!(!nowhere.precede(&ahead), "nothing is kept");
}
