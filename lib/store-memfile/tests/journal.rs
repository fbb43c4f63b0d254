//! The lease file under load and on a full disk.
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

#[macro_use]
mod common;

use std::fs::read_to_string;
use std::path::Path;
use std::process::Command;
use std::slice::from_ref;
use std::sync::atomic::{AtomicU64, Ordering};

use common::{Rowed, add, all, flush, hosts, lease, open_of as open, put};
use kotare_model::{Lease4, Lease6, Timestamp};
use kotare_store::conformance::{Executor, PollOnce};
use kotare_store::{LeaseStore, Put};
use kotare_store_memfile::{Durability, LfcFiles, Memfile, Options, Rotation, cleanup};

/// Many threads change the same addresses, flush and clean up: every conflict is told, and what the files say in
/// the end is what was in memory.
fn the_files_say_what_many_threads_did<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let options = Options { durability: Durability::System, ..Options::new(Some(path.clone()), 1) };
    let store = Memfile::<L>::open(options).unwrap();
    let done = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let (store, done) = (&store, &done);
            scope.spawn(move || {
                let mut random = thread + 1;
                for round in 0..3000 {
                    random = random
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    let base: L = lease((random >> 60) as u8);
                    let now = PollOnce.run(store.get(L::by_address(base.address()))).unwrap().pop();
                    let cltt = Timestamp((random >> 20 & 0xffff) as i64);
                    let to = (random >> 50 & 3 != 0).then(|| base.clone().with(|parts| *parts.cltt = cltt));
                    if now.is_none() && to.is_none() {
                        continue;
                    }
                    match put(store, now.as_ref(), to) {
                        Put::Done => {
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                        Put::Conflict(other) => assert_ne!(now, other.map(|lease| *lease)),
                    }
                    if round % 16 == 0 {
                        flush(store);
                    }
                }
            });
        }
        let (store, path) = (&store, &path);
        scope.spawn(move || {
            for _ in 0..20 {
                assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
                cleanup::<L>(&LfcFiles::of(path)).unwrap().1.rotate().unwrap();
            }
        });
    });
    assert_eq!(store.status().rows, done.load(Ordering::Relaxed));
    let in_memory = all(&store);
    for lease in &in_memory {
        for by in lease.questions() {
            assert_eq!(PollOnce.run(store.get(by)).unwrap()[..], *from_ref(lease));
        }
    }
    drop(store);
    let store = open::<L>(&path);
    assert_eq!(all(&store), in_memory);
    assert_eq!((store.loaded().errors, &store.loaded().torn), (0, &None));
}

/// On a full disk a flush fails and says why, memory goes on, and once there is room every row is written once.
fn a_full_disk_loses_nothing<L: Rowed>() {
    on_a_small_disk::<L>("a_full_disk_loses_nothing", "128k", |folder| {
        let path = folder.join("leases");
        let ballast = folder.join("ballast");
        // As many rows as there is room for without the ballast, and not with it.
        let rounds = 90_000 / L::row(1).len() as i64;
        for durability in [Durability::Process, Durability::System] {
            let store =
                Memfile::<L>::open(Options { durability, ..Options::new(Some(path.clone()), 1) }).unwrap();
            for lease in all(&store) {
                put(&store, Some(&lease), None);
            }
            flush(&store);
            std::fs::write(&ballast, vec![0; 100 << 10]).unwrap();
            let mut failed = 0;
            let mut last: Option<L> = None;
            for round in 0..rounds {
                let next = lease::<L>(1).with(|parts| *parts.cltt = Timestamp(round));
                assert_eq!(put(&store, last.as_ref(), Some(next.clone())), Put::Done);
                last = Some(next);
                if let Err(error) = PollOnce.run(store.flush()) {
                    failed += 1;
                    assert!(error.to_string().contains("No space left on device"), "{error}");
                    assert!(store.status().failure.is_some());
                }
            }
            assert!(failed > 100);
            assert_eq!(store.status().failed_flushes, failed);
            // A crash now: the copy of the file is torn, and loads.
            let copy =
                std::env::temp_dir().join(format!("kotare-torn-{}-{durability:?}", std::process::id()));
            std::fs::copy(&path, &copy).unwrap();
            assert!(
                !read_to_string(&copy).unwrap().ends_with('\n'),
                "the disk filled up in the middle of a row"
            );
            let crashed = open::<L>(&copy);
            assert_eq!((crashed.len(), crashed.loaded().errors), (1, 0));
            assert!(crashed.loaded().torn.is_some());
            drop(crashed);
            for suffix in ["", ".torn", ".reserve"] {
                std::fs::remove_file(common::with(&copy, suffix)).unwrap();
            }
            // Room again.
            std::fs::remove_file(&ballast).unwrap();
            let before = read_to_string(&path).unwrap();
            match PollOnce.run(store.flush()) {
                Ok(()) => {}
                Err(error) => panic!("{error}; {} bytes wait", store.status().pending_bytes),
            }
            assert_eq!(store.status().failure, None);
            let text = read_to_string(&path).unwrap();
            assert!(text.starts_with(&before));
            let column = L::HEADER.split(',').position(|name| name == "expire").unwrap();
            let expires: Vec<&str> = text
                .lines()
                .filter(|row| row.contains(",3600,"))
                .map(|row| row.split(',').nth(column).unwrap())
                .collect();
            let expected: Vec<String> = (0..rounds).map(|round| (3600 + round).to_string()).collect();
            assert!(expires.ends_with(&expected.iter().map(String::as_str).collect::<Vec<_>>()));
            drop(store);
            let store = open::<L>(&path);
            assert_eq!(all(&store), [last.unwrap()]);
            assert_eq!((store.loaded().errors, &store.loaded().torn), (0, &None));
            drop(store);
            std::fs::remove_file(&path).unwrap();
        }
    });
}

/// A disk that one client filled: a cleanup is due, has room to work in, and makes room; then everything that waited is
/// written, and the store opens again.
fn a_cleanup_makes_room_on_a_full_disk<L: Rowed>() {
    on_a_small_disk::<L>("a_cleanup_makes_room_on_a_full_disk", "4m", |folder| {
        let path = folder.join("leases");
        let files = LfcFiles::of(&path);
        let store = open::<L>(&path);
        (1..=200).for_each(|host| add(&store, lease::<L>(host)));
        flush(&store);
        let mut held: L = lease(1);
        let mut churn = || loop {
            for _ in 0..50 {
                assert_eq!(put(&store, Some(&held), None), Put::Done);
                held = held.clone().with(|parts| {
                    parts.cltt.0 += 1;
                    *parts.hostname = "n".repeat(250).into();
                });
                add(&store, held.clone());
            }
            if PollOnce.run(store.flush()).is_err() {
                break;
            }
        };
        for _ in 0..3 {
            churn();
            // Whoever has nothing to tell the disk is full.
            std::fs::write(folder.join("ballast"), vec![0; 4 << 20]).unwrap_err();
            assert!(store.cleanup_due());
            assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
            assert!(store.cleanup_due(), "as long as it is not done");
            cleanup::<L>(&files).unwrap().1.rotate().unwrap();
            store.settle();
            assert!(!store.cleanup_due());
            let status = store.status();
            assert_eq!((status.failure, status.pending_bytes), (None, 0));
            assert!(std::fs::metadata(&files.previous).unwrap().len() < 100 << 10);
            std::fs::remove_file(folder.join("ballast")).unwrap();
        }
        churn();
        let expected = all(&store);
        drop(store);
        // Filled up, and stopped.
        let store = open::<L>(&path);
        assert!(all(&store).ends_with(&expected[1..]), "but what the client did last was not confirmed");
        assert!(store.cleanup_due() || store.status().failure.is_none());
        assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
        cleanup::<L>(&files).unwrap().1.rotate().unwrap();
        store.settle();
        assert_eq!(store.status().failure, None);
        drop(store);
        assert!(all(&open::<L>(&path)).ends_with(&expected[1..]));
    });
}

/// With no room at all, a file that ends in the middle of a row, an empty one and a missing one are opened, what there
/// is is served, and what is new is kept as soon as there is room.
fn a_store_opens_on_a_full_disk<L: Rowed>() {
    on_a_small_disk::<L>("a_store_opens_on_a_full_disk", "128k", |folder| {
        let path = folder.join("leases");
        let ballast = folder.join("ballast");
        let torn = format!("{}{}{}", L::HEADER, L::row(1), &L::row(2)[..20]);
        let unended = format!("{}{}", L::HEADER, L::row(1).trim_end());
        for text in [None, Some(""), Some("addr"), Some(&*torn), Some(&*unended)] {
            // As full as it can be, and the rest of a block that `text` is in, too.
            let pad =
                |text: &str| format!("{text}{}", "\0".repeat(4096usize.saturating_sub(text.len()) % 4096));
            for left in std::fs::read_dir(folder).unwrap() {
                std::fs::remove_file(left.unwrap().path()).unwrap();
            }
            if let Some(text) = text {
                let text = if text == torn { pad(text) } else { text.into() };
                std::fs::write(&path, text).unwrap();
            }
            std::fs::write(&ballast, vec![0; 1 << 20]).unwrap_err();
            let store = open::<L>(&path);
            assert_eq!(
                hosts(&store),
                if text.is_some_and(|text| text.len() > 100) { vec![1] } else { vec![] }
            );
            add(&store, lease::<L>(7).with(|parts| *parts.hostname = "n".repeat(5000).into()));
            PollOnce.run(store.flush()).unwrap_err();
            assert!(store.status().failure.unwrap().contains("No space left"));
            std::fs::remove_file(&ballast).unwrap();
            flush(&store);
            assert_eq!(store.status().failure, None);
            let expected = all(&store);
            drop(store);
            let store = open::<L>(&path);
            assert_eq!(all(&store), expected);
            assert_eq!((store.loaded().errors, &store.loaded().torn), (0, &None));
        }
    });
}

/// Runs a test again in a process with a disk of this size mounted where nobody else sees it.
fn on_a_small_disk<L: Rowed>(test: &str, size: &str, body: impl FnOnce(&Path)) {
    const FOLDER: &str = "KOTARE_TEST_SMALL_DISK";
    if let Some(folder) = std::env::var_os(FOLDER) {
        return body(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs -o size={size} none \"${FOLDER}\" || exit 77; exec \"$0\" --exact v{}::{test} --nocapture",
        L::UNIVERSE
    );
    let status = Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, folder.path())
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) if matches!(status.code(), Some(1 | 77)) && !rights_to_mount() => {
            println!("skipped: mounting a small disk needs more rights");
        }
        other => panic!("on the small disk: {other:?}"),
    }
}

/// Whether this process may mount at all.
fn rights_to_mount() -> bool {
    Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|status| status.success())
}

/// Callers who flush together share the writing, and each finds its row in the file.
fn whoever_flushed_finds_its_row_in_the_file<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let store = open::<L>(&path);
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let (store, path) = (&store, &path);
            scope.spawn(move || {
                for round in 0..16 {
                    let host = thread * 16 + round;
                    add(store, lease::<L>(host));
                    flush(store);
                    assert!(read_to_string(path).unwrap().contains(&format!("\n{},", L::at(host))));
                }
            });
        }
    });
    assert_eq!(store.status().rows, 128);
}

both! {
    the_files_say_what_many_threads_did,
    a_full_disk_loses_nothing,
    a_cleanup_makes_room_on_a_full_disk,
    a_store_opens_on_a_full_disk,
    whoever_flushed_finds_its_row_in_the_file,
}
