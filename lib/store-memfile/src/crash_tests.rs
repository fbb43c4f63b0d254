//! A store on a disk that fails, with files that others delete and replace, cut off at any moment: what a flush
//! confirmed is found again, and nothing else.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, Metadata};
use std::io::{Error, Result, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::SystemTime;

use kotare_model::{Chance, Durability, Lease4, Lease6, Timestamp};
use kotare_store::conformance::{Executor, PollOnce, Specimen};
use kotare_store::{Change, Lease, LeaseStore, PageFilter, Put};
use parking_lot::Mutex;

use crate::disk::Disk;
use crate::files::with_suffix;
use crate::{Kept, LfcFiles, Memfile, Options, cleanup};

/// How many addresses there are.
const ADDRESSES: u64 = 12;

/// A disk that does what it is told, less, or nothing, as chance will have it.
#[derive(Debug)]
struct Faulty {
    chance: Mutex<Chance>,
    failing: AtomicBool,
    /// How many bytes of a file a power cut leaves. What is not in here was not written by a journal.
    synced: Mutex<HashMap<Id, u64>>,
}

/// Which file it is: numbers are given again, but not at the same time.
type Id = (u64, Option<SystemTime>);

fn id(file: &Metadata) -> Id {
    (file.ino(), file.created().ok())
}

impl Faulty {
    fn fails(&self, of: u64) -> Option<u64> {
        let number = self.chance.lock().number() % of;
        self.failing.load(SeqCst).then_some(number)
    }
}

impl Disk for Faulty {
    fn append(&self, mut file: &File, bytes: &[u8]) -> Result<usize> {
        const NO_SPACE: i32 = 28;
        const TOO_LARGE: i32 = 27;
        const INTERRUPTED: i32 = 4;
        const IO: i32 = 5;
        self.synced.lock().entry(id(&file.metadata()?)).or_default();
        match self.fails(8) {
            Some(at @ 0..4) => {
                Err(Error::from_raw_os_error([NO_SPACE, TOO_LARGE, INTERRUPTED, IO][at as usize]))
            }
            Some(4 | 5) => {
                let part = 1 + self.chance.lock().number() as usize % bytes.len();
                file.write(&bytes[..part])
            }
            _ => file.write(bytes),
        }
    }

    fn sync(&self, file: &File) -> Result<()> {
        if self.fails(4) == Some(0) {
            return Err(Error::from_raw_os_error(5));
        }
        let file = file.metadata()?;
        self.synced.lock().insert(id(&file), file.len());
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        if self.fails(4) == Some(0) {
            return Err(Error::from_raw_os_error(5));
        }
        fs::rename(from, to)
    }
}

type State<L> = BTreeMap<<L as Lease>::Address, L>;

/// A store, and what is known of it.
struct Scene<L: Kept> {
    store: Memfile<L>,
    disk: Arc<Faulty>,
    options: Options,
    chance: Chance,
    now: State<L>,
    /// What it may be found to be after a crash: as it was confirmed last, or as it became since.
    possible: Vec<State<L>>,
    /// A file was damaged, and nothing was confirmed since.
    damaged: bool,
    crashes: u32,
}

impl<L: Kept + Specimen> Scene<L> {
    fn new(seed: u64, path: &Path, durability: Durability) -> Self {
        let options = Options { durability, file_limit: 2000, ..Options::new(Some(path.into()), seed) };
        let disk = Arc::new(Faulty {
            chance: Mutex::new(Chance::new(seed + 1)),
            failing: AtomicBool::new(false),
            synced: Mutex::default(),
        });
        let store = Memfile::open_on(options.clone(), disk.clone()).unwrap();
        Self {
            store,
            disk,
            options,
            chance: Chance::new(seed),
            now: BTreeMap::new(),
            possible: vec![BTreeMap::new()],
            damaged: false,
            crashes: 0,
        }
    }

    fn path(&self) -> &Path {
        self.store.path().unwrap()
    }

    fn step(&mut self) {
        match self.chance.number() % 16 {
            0..7 => self.change(),
            7..11 => self.flush(),
            11 => drop(self.store.rotate()),
            12 => self.clean_up(),
            13 => self.damage(),
            14 => self.crash(),
            _ => drop(self.disk.failing.fetch_xor(true, SeqCst)),
        }
    }

    fn change(&mut self) {
        let host = (self.chance.number() % ADDRESSES) as u8;
        let address = L::at(host);
        let from = self.now.get(&address).cloned();
        let to = (!self.chance.number().is_multiple_of(4)).then(|| {
            let cltt = Timestamp((self.chance.number() % 100_000) as i64);
            <L as Specimen>::of(host).with(|parts| *parts.cltt = cltt)
        });
        let change = Change { address, from: from.as_ref(), to: to.as_ref() };
        assert_eq!(PollOnce.run(self.store.put(change)).unwrap(), Put::Done);
        match to {
            Some(lease) => self.now.insert(address, lease),
            None => self.now.remove(&address),
        };
        self.possible.push(self.now.clone());
    }

    fn flush(&mut self) {
        let waits = self.store.status().pending_bytes > 0;
        if PollOnce.run(self.store.flush()).is_ok() {
            self.possible = vec![self.now.clone()];
            self.damaged &= !waits;
        }
    }

    /// Cleans up, and stops anywhere.
    fn clean_up(&mut self) {
        let files = LfcFiles::of(self.path());
        if self.store.cleanup_due() || self.chance.number().is_multiple_of(2) {
            drop(self.store.rotate());
        }
        let stop = self.chance.number() % 6;
        let (_, finish) = cleanup::<L>(&files).unwrap();
        match stop {
            0 => {}
            1 => drop(fs::remove_file(&files.previous)),
            2 => {
                drop(fs::remove_file(&files.previous));
                drop(fs::remove_file(&files.copy));
            }
            // A system that stopped before the result was on the disk.
            3 if files.copy.exists() => {
                let length = fs::metadata(&files.finish).unwrap().len();
                let cut = self.chance.number() % length;
                File::options().write(true).open(&files.finish).unwrap().set_len(cut).unwrap();
            }
            4 if files.copy.exists() => fs::write(&files.finish, [0; 500]).unwrap(),
            _ => {
                finish.rotate().unwrap();
                self.store.settle();
            }
        }
    }

    /// What others do to the lease file.
    fn damage(&mut self) {
        self.damaged = true;
        let how = self.chance.number() % 6;
        let path = self.path();
        let copy = with_suffix(path, ".copy");
        match how {
            0 => drop(fs::remove_file(path)),
            1 => drop(fs::rename(path, &copy)),
            2 if fs::copy(path, &copy).is_ok() => fs::rename(&copy, path).unwrap(),
            3 => fs::write(path, "").unwrap(),
            4 => {
                let file = File::options().write(true).create(true).truncate(false).open(path).unwrap();
                file.set_len(file.metadata().unwrap().len() / 2).unwrap();
            }
            _ => {
                let mut file = File::options().append(true).create(true).open(path).unwrap();
                file.write_all(b"garbage").unwrap();
            }
        }
    }

    /// What a crash leaves, or with `system` durability a power cut, is what was confirmed or what became of it since.
    fn crash(&mut self) {
        if self.damaged {
            return;
        }
        let left = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(self.path().parent().unwrap()).unwrap() {
            let entry = entry.unwrap();
            let mut text = fs::read(entry.path()).unwrap();
            if self.options.durability == Durability::System
                && let Some(&synced) = self.disk.synced.lock().get(&id(&entry.metadata().unwrap()))
            {
                text.truncate(synced as usize);
            }
            fs::write(left.path().join(entry.file_name()), text).unwrap();
        }
        let path = left.path().join(self.path().file_name().unwrap());
        let found = Memfile::open(Options { path: Some(path), ..self.options.clone() }).unwrap();
        let found = all(&found);
        assert!(self.possible.contains(&found), "found {found:?}\nof {:?}", self.possible);
        self.crashes += 1;
    }
}

fn all<L: Kept>(store: &Memfile<L>) -> State<L> {
    let leases = PollOnce.run(store.page(None, usize::MAX, PageFilter::default())).unwrap();
    leases.into_iter().map(|lease| (lease.address(), lease)).collect()
}

/// Whatever fails, whatever others do to the lease file, whenever it ends: every lease that was confirmed is found, as
/// it was or as it became; and memory goes on all the while.
fn crash_anywhere<L: Kept + Specimen>() {
    let mut crashes = 0;
    for seed in 0..120 {
        let folder = tempfile::tempdir().unwrap();
        let durability = if seed % 2 == 0 { Durability::Process } else { Durability::System };
        let mut scene = Scene::<L>::new(seed, &folder.path().join("leases"), durability);
        for _ in 0..120 {
            scene.step();
            assert!(all(&scene.store) == scene.now);
        }
        // Once nothing fails any more, everything is in the files again.
        scene.disk.failing.store(false, SeqCst);
        while scene.store.status().pending_bytes == 0 {
            scene.change();
        }
        scene.flush();
        assert!(!scene.damaged && scene.store.status().failure.is_none());
        scene.crash();
        crashes += scene.crashes;
    }
    assert!(crashes > 500, "{crashes}");
}

#[test]
fn what_was_confirmed_is_found_after_any_crash() {
    crash_anywhere::<Lease4>();
}

#[test]
fn what_was_confirmed_of_dhcpv6_is_found_after_any_crash() {
    crash_anywhere::<Lease6>();
}
