//! The lease file under load and on a full disk.
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]

mod common;

use std::fs::read_to_string;
use std::process::Command;
use std::slice::from_ref;
use std::sync::atomic::{AtomicU64, Ordering};

use common::{add, all, flush, open, put};
use kotare_model::{Lease4, Timestamp};
use kotare_store::conformance::{Executor, PollOnce, lease};
use kotare_store::{By4, LeaseStore, Put};
use kotare_store_memfile::{Durability, LfcFiles, Memfile4, Options, Rotation, cleanup};

/// Many threads change the same addresses, flush and clean up: every conflict is told, and what the files say in
/// the end is what was in memory.
#[test]
fn the_files_say_what_many_threads_did() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let options = Options { durability: Durability::System, ..Options::new(Some(path.clone()), 1) };
    let store = Memfile4::open(options).unwrap();
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
                    let base = lease((random >> 60) as u8);
                    let now = PollOnce.run(store.get(By4::Address(base.address))).unwrap().pop();
                    let cltt = Timestamp((random >> 20 & 0xffff) as i64);
                    let to = (random >> 50 & 3 != 0).then(|| Lease4 { cltt, ..base.clone() });
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
                cleanup(&LfcFiles::of(path)).unwrap().1.rotate().unwrap();
            }
        });
    });
    assert_eq!(store.status().rows, done.load(Ordering::Relaxed));
    let in_memory = all(&store);
    for lease in &in_memory {
        assert_eq!(PollOnce.run(store.get(By4::HwAddr(&lease.hwaddr))).unwrap()[..], *from_ref(lease));
    }
    drop(store);
    let store = open(&path);
    assert_eq!(all(&store), in_memory);
    assert_eq!((store.loaded().errors, &store.loaded().torn), (0, &None));
}

/// On a full disk a flush fails and says why, memory goes on, and once there is room every row is written once.
///
/// Needs a small disk: runs itself again with one mounted where nobody else sees it.
#[test]
fn a_full_disk_loses_nothing() {
    const FOLDER: &str = "KOTARE_TEST_SMALL_DISK";
    let Some(folder) = std::env::var_os(FOLDER) else {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "mount -t tmpfs -o size=128k none \"${FOLDER}\" || exit 77; \
             exec \"$0\" --exact a_full_disk_loses_nothing --nocapture"
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
        return;
    };
    let path = std::path::Path::new(&folder).join("leases");
    let ballast = std::path::Path::new(&folder).join("ballast");
    for durability in [Durability::Process, Durability::System] {
        let store = Memfile4::open(Options { durability, ..Options::new(Some(path.clone()), 1) }).unwrap();
        for lease in all(&store) {
            put(&store, Some(&lease), None);
        }
        flush(&store);
        std::fs::write(&ballast, vec![0; 100 << 10]).unwrap();
        let mut failed = 0;
        let mut last: Option<Lease4> = None;
        for round in 0..1500 {
            let next = Lease4 { cltt: Timestamp(round), ..lease(1) };
            assert_eq!(put(&store, last.as_ref(), Some(next.clone())), Put::Done);
            last = Some(next);
            if let Err(error) = PollOnce.run(store.flush()) {
                failed += 1;
                assert!(error.to_string().contains("No space left on device"), "{error}");
                assert!(store.status().failure.is_some());
                assert!(store.rotate().is_err(), "nothing may be rotated away while rows wait");
            }
        }
        assert!(failed > 100);
        assert_eq!(store.status().failed_flushes, failed * 2);
        // A crash now: the copy of the file is torn, and loads.
        let copy = std::env::temp_dir().join(format!("kotare-torn-{}-{durability:?}", std::process::id()));
        std::fs::copy(&path, &copy).unwrap();
        assert!(!read_to_string(&copy).unwrap().ends_with('\n'), "the disk filled up in the middle of a row");
        let crashed = open(&copy);
        assert_eq!((crashed.len(), crashed.loaded().errors), (1, 0));
        assert!(crashed.loaded().torn.is_some());
        drop(crashed);
        for suffix in ["", ".torn"] {
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
        let expires: Vec<&str> = text
            .lines()
            .filter(|row| row.contains(",3600,"))
            .map(|row| row.split(',').nth(4).unwrap())
            .collect();
        let expected: Vec<String> = (0..1500).map(|round| (3600 + round).to_string()).collect();
        assert!(expires.ends_with(&expected.iter().map(String::as_str).collect::<Vec<_>>()));
        drop(store);
        let store = open(&path);
        assert_eq!(all(&store), [last.unwrap()]);
        assert_eq!((store.loaded().errors, &store.loaded().torn), (0, &None));
        drop(store);
        std::fs::remove_file(&path).unwrap();
    }
}

/// Whether this process may mount at all.
fn rights_to_mount() -> bool {
    Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|status| status.success())
}

/// Callers who flush together share the writing, and each finds its row in the file.
#[test]
fn whoever_flushed_finds_its_row_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let store = open(&path);
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let (store, path) = (&store, &path);
            scope.spawn(move || {
                for round in 0..16 {
                    let host = thread * 16 + round;
                    add(store, lease(host));
                    flush(store);
                    assert!(read_to_string(path).unwrap().contains(&format!("\n192.0.2.{host},")));
                }
            });
        }
    });
    assert_eq!(store.status().rows, 128);
}
