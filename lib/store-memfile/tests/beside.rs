//! Lease files looked at and repaired by programs that are no server: what they find, and that they disturb nobody.

mod common;

use std::fs::{read_to_string, write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{HEADER, add, all, flush, hosts, open, put, row, with};
use kotare_model::{Lease4, Timestamp};
use kotare_pid_file::{PidFile, Wait};
use kotare_store::conformance::lease;
use kotare_store::{Failure, Put};
use kotare_store_memfile::{FileSet, LfcFiles, PROGRAM, Rotation, Snapshot, cleanup, repair};

fn snapshot(set: &FileSet) -> Snapshot {
    let mut snapshot = Snapshot::default();
    set.rows(|row| snapshot.take(row)).unwrap();
    snapshot
}

fn sorted(snapshot: &Snapshot) -> Vec<Lease4> {
    let mut leases: Vec<_> = snapshot.leases().collect();
    leases.sort_by_key(|lease| lease.address);
    leases
}

/// What is read beside is what a server would load, whatever a cleanup left, and the dump is a lease file of it.
#[test]
fn a_snapshot_is_what_a_server_loads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let old = HEADER.replace(",pool_id", "");
    let of_old = |row: String| row.replace(",,0\n", ",\n");
    let newer = |host: u8| row(host).replace("4600", "9999");
    let removed = |host: u8| row(host).replace(",3600,", ",0,");
    for (finish, inputs) in [(true, true), (false, true), (true, false)] {
        write(&path, format!("{HEADER}{}{}garbage\n{}", row(1), newer(5), removed(3))).unwrap();
        if inputs {
            write(&files.previous, format!("{old}{}{}", of_old(row(2)), of_old(row(3)))).unwrap();
            write(&files.copy, format!("{HEADER}{}{}", row(4), row(5))).unwrap();
        }
        if finish {
            write(&files.finish, format!("{HEADER}{}{}{}", newer(4), row(2), row(5))).unwrap();
        }
        let snapshot = snapshot(&FileSet::<Lease4>::open(&path).unwrap());
        let dumped = folder.path().join("dumped");
        assert_eq!(snapshot.write_to(&dumped).unwrap(), snapshot.len());
        let store = open(&path);
        assert_eq!(sorted(&snapshot), all(&store));
        assert_eq!(all(&open(&dumped)), all(&store));
        drop(store);
        for file in [&files.previous, &files.copy, &files.finish] {
            drop(std::fs::remove_file(file));
        }
    }
    // A result that was cut off is nothing beside what it is made from.
    write(&files.copy, format!("{HEADER}{}", row(7))).unwrap();
    write(&files.finish, "\0\0\0\0").unwrap();
    write(&path, HEADER).unwrap();
    assert_eq!(sorted(&snapshot(&FileSet::<Lease4>::open(&path).unwrap())).len(), 1);
}

/// Rows are told with their file, line and bytes; blank lines count as lines.
#[test]
fn rows_are_told_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let long = "x".repeat(2 << 20);
    let text = format!("\n{HEADER}{}\r\n{long}\n192.0.2.999,,,,\n{}", row(1), row(2).trim_end());
    write(&path, &text).unwrap();
    let mut told = Vec::new();
    FileSet::<Lease4>::open(&path)
        .unwrap()
        .rows(|row| {
            let bytes = text[row.bytes.start as usize..row.bytes.end as usize].trim_end();
            told.push((row.line, bytes.len(), row.lease().map(|lease| lease.address.octets()[3])));
        })
        .unwrap();
    let long = (5, 2 << 20, Err("longer than 1048576 bytes".to_owned()));
    let few = (6, 15, Err("5 columns where the header of the file has 12".to_owned()));
    let length = row(1).trim_end().len();
    assert_eq!(told, [(3, length, Ok(1)), long, few, (7, length, Ok(2))]);
    assert!(
        FileSet::<Lease4>::open(&folder.path().join("none"))
            .unwrap_err()
            .to_string()
            .contains("no such file")
    );
    write(&path, "address,duid\n").unwrap();
    let error = FileSet::<Lease4>::open(&path).unwrap().rows(|_| {}).unwrap_err();
    assert_eq!(error.failure, Failure::Refused);
}

/// While a server writes and cleanups follow each other, whoever reads beside finds every lease each time.
#[test]
fn reading_beside_a_server_and_cleanups_misses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let store = open(&path);
    for host in 0..200 {
        add(&store, lease(host));
    }
    flush(&store);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let files = LfcFiles::of(&path);
            for round in 0..100 {
                for host in 0..200_u8 {
                    let at = |round: i64| Lease4 { cltt: Timestamp(1000 + round), ..lease(host) };
                    assert_eq!(put(&store, Some(&at(round)), Some(at(round + 1))), Put::Done);
                }
                flush(&store);
                assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
                cleanup::<Lease4>(&files).unwrap().1.rotate().unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
        let mut last = 0;
        while !done.load(Ordering::Relaxed) {
            let leases = sorted(&snapshot(&FileSet::<Lease4>::open(&path).unwrap()));
            assert_eq!(leases.len(), 200);
            let oldest = leases.iter().map(|lease| lease.cltt.0).min().unwrap();
            assert!(oldest >= last, "what was read once is not forgotten");
            last = oldest;
        }
    });
}

/// Damaged rows are set aside byte by byte, everything else stays as it is, in every file, and a second repair finds
/// nothing.
#[test]
fn a_repair_sets_damaged_rows_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let sound = format!("{HEADER}{}", row(9));
    write(&files.copy, &sound).unwrap();
    let old = HEADER.replace(",pool_id", "");
    let of_old = row(8).replace(",,0\n", ",\n");
    write(&files.previous, format!("{old}\0\0\0\n{of_old}")).unwrap();
    let long = "x".repeat(2 << 20);
    write(&path, format!("{HEADER}{}one\n{long}\n{}{}192.0.2.4,02:0", row(1), row(2), row(3))).unwrap();
    let mut lines = Vec::new();
    let repaired = repair::<Lease4>(&path, |row| lines.push((row.file.to_owned(), row.line))).unwrap();
    assert_eq!(lines, [(files.previous.clone(), 2), (path.clone(), 3), (path.clone(), 4), (path.clone(), 7)]);
    let counts: Vec<_> = repaired.iter().map(|it| (&it.file, it.kept, it.damaged)).collect();
    assert_eq!(counts, [(&files.previous, 1, 1), (&path, 3, 3)]);
    assert_eq!(read_to_string(&path).unwrap(), format!("{HEADER}{}{}{}", row(1), row(2), row(3)));
    assert_eq!(read_to_string(with(&path, ".damaged")).unwrap(), format!("one\n{long}\n192.0.2.4,02:0\n"));
    assert_eq!(read_to_string(&files.previous).unwrap(), format!("{old}{of_old}"));
    assert_eq!(read_to_string(&files.copy).unwrap(), sound);
    assert_eq!(repair::<Lease4>(&path, |_| panic!("nothing is damaged")).unwrap(), []);
    assert_eq!(hosts(&open(&path)), [1, 2, 3, 8, 9]);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".repaired")), "{left:?}");
}

/// Files in use are left alone: those of a server, and those of a cleanup.
#[test]
fn a_repair_waits_for_nobody_and_disturbs_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let text = format!("{HEADER}{}garbage\n", row(1));
    write(&path, &text).unwrap();
    let refusal = |path: &Path| repair::<Lease4>(path, |_| {}).unwrap_err().to_string();
    let store = open(&path);
    assert!(refusal(&path).contains("a server is using it"), "{}", refusal(&path));
    drop(store);
    let held = PidFile::lock(&LfcFiles::of(&path).pid, Wait::Yes).unwrap().unwrap();
    assert!(refusal(&path).contains("is cleaning up its files"), "{PROGRAM}: {}", refusal(&path));
    drop(held);
    assert_eq!(read_to_string(&path).unwrap(), text);
    assert_eq!(repair::<Lease4>(&path, |_| {}).unwrap().len(), 1);
}
