//! Cleaning up lease files: what is kept, and that nothing is lost wherever it stops.

mod common;

use std::fs::{copy, read_to_string, remove_file, rename, write};
use std::path::Path;

use common::{HEADER, add, flush, hosts, open, put, row, with};
use kotare_model::{Lease4, Timestamp};
use kotare_store::Put;
use kotare_store::conformance::lease;
use kotare_store_memfile::{Cleaned, LfcFiles, Memfile4, Options, Rotation, cleanup};

/// The arguments are Kea's, in its order.
#[test]
fn the_files_and_arguments_are_keas() {
    let files = LfcFiles::of(Path::new("/var/lib/kea/kea-leases4.csv"));
    assert_eq!(
        files.arguments::<Lease4>().join(std::ffi::OsStr::new(" ")),
        "-4 -x /var/lib/kea/kea-leases4.csv.2 -i /var/lib/kea/kea-leases4.csv.1 \
         -o /var/lib/kea/kea-leases4.csv.output -f /var/lib/kea/kea-leases4.csv.completed \
         -p /var/lib/kea/kea-leases4.csv.pid -c ignored-path"
    );
}

/// One row for each lease, by address; removed leases are gone, expired ones stay, as in Kea.
#[test]
fn a_cleanup_keeps_the_last_row_of_every_address() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let old_header = HEADER.replace(",pool_id", "");
    let old = |row: String| row.replace(",,0\n", ",\n");
    write(&files.previous, format!("{old_header}{}{}{}", old(row(200)), old(row(2)), old(row(3)))).unwrap();
    let removed = row(3).replace(",3600,", ",0,");
    let newer = row(2).replace("host-2", "newer&#x2cn&#xe4me");
    let last = "192.0.1.255,02:00,,1,2,1,0,0,,2,{ \"a\": 1 },7\n";
    write(&files.copy, format!("{HEADER}{}{newer}garbage\n{removed}{last}", row(10))).unwrap();
    let (cleaned, finish) = cleanup::<Lease4>(&files).unwrap();
    assert_eq!(cleaned, Some(Cleaned { read: 7, rows: 8, errors: 1, written: 4 }));
    finish.rotate().unwrap();
    assert_eq!(
        read_to_string(&files.previous).unwrap(),
        format!("{HEADER}{last}{newer}{}{}", row(10), row(200))
    );
    for gone in [&files.copy, &files.output, &files.finish] {
        assert!(!gone.exists());
    }
}

/// More than a hundred bad rows are no lease file: nothing is touched.
#[test]
fn a_cleanup_gives_up_on_garbage() {
    let folder = tempfile::tempdir().unwrap();
    let files = LfcFiles::of(&folder.path().join("leases"));
    let text = |bad: usize| format!("{HEADER}{}{}", "garbage\n".repeat(bad), row(1));
    write(&files.copy, text(100)).unwrap();
    assert_eq!(cleanup::<Lease4>(&files).unwrap().0.unwrap().errors, 100);
    remove_file(&files.finish).unwrap();
    write(&files.copy, text(101)).unwrap();
    let error = cleanup::<Lease4>(&files).unwrap_err().to_string();
    assert!(error.contains("more than 100 rows are bad"), "{error}");
    assert_eq!(read_to_string(&files.copy).unwrap(), text(101));
    assert!(!files.finish.exists());
}

/// Rotation gives the lease file to the cleanup and goes on with a new one, unless the last cleanup is unfinished.
#[test]
fn rotation_begins_a_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let store = open(&path);
    add(&store, lease(1));
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    assert!(read_to_string(&files.copy).unwrap().starts_with(&format!("{HEADER}192.0.2.1,")));
    assert_eq!(read_to_string(&path).unwrap(), HEADER);
    add(&store, lease(2));
    assert_eq!(store.rotate().unwrap(), Rotation::Unfinished);
    flush(&store);
    assert!(read_to_string(&path).unwrap().starts_with(&format!("{HEADER}192.0.2.2,")));
    let (_, finish) = cleanup::<Lease4>(&files).unwrap();
    assert_eq!(store.rotate().unwrap(), Rotation::Unfinished);
    finish.rotate().unwrap();
    assert_eq!(put(&store, Some(&lease(1)), None), Put::Done);
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    drop(store);
    assert_eq!(hosts(&open(&path)), [2]);
    let memory = Memfile4::open(Options::new(None, 1)).unwrap();
    assert!(memory.rotate().unwrap_err().to_string().contains("'persist' of the lease database is false"));
}

/// A rotation that cannot be done leaves the server with the file it had.
#[test]
fn a_failed_rotation_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let store = open(&path);
    add(&store, lease(1));
    // A folder stands where the new file is made.
    std::fs::create_dir(with(&path, ".new")).unwrap();
    store.rotate().unwrap_err();
    add(&store, lease(2));
    flush(&store);
    std::fs::remove_dir(with(&path, ".new")).unwrap();
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    drop(store);
    assert_eq!(hosts(&open(&path)), [1, 2]);
}

/// A copy in the place of the lease file is not taken for it: what is cleaned up is what the server knows.
#[test]
fn a_rotation_does_not_take_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let store = open(&path);
    add(&store, lease(1));
    flush(&store);
    copy(&path, with(&path, ".copy")).unwrap();
    add(&store, lease(2));
    flush(&store);
    rename(with(&path, ".copy"), &path).unwrap();
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    assert_eq!(read_to_string(&files.copy).unwrap().lines().count(), 3);
    drop(store);
    assert_eq!(hosts(&open(&path)), [1, 2]);
}

/// A result that a crash cut off, or made zeros of, costs nothing as long as what it was made from is there; and the next
/// cleanup makes a new one.
#[test]
fn a_damaged_result_is_made_again() {
    for damage in [&b""[..], &[0; 500], &HEADER.as_bytes()[..20], format!("{HEADER}{}", row(1)).as_bytes()] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases");
        let files = LfcFiles::of(&path);
        write(&files.previous, format!("{HEADER}{}{}", row(1), row(2))).unwrap();
        write(&files.copy, format!("{HEADER}{}", row(3))).unwrap();
        drop(cleanup::<Lease4>(&files).unwrap());
        write(&files.finish, damage).unwrap();
        assert_eq!(hosts(&open(&path)), [1, 2, 3]);
        cleanup::<Lease4>(&files).unwrap().1.rotate().unwrap();
        assert_eq!(hosts(&open(&path)), [1, 2, 3]);
        assert!(!files.copy.exists() && !files.finish.exists());
        // Alone it may be all there is, and is not taken for nothing.
        rename(&files.previous, &files.finish).unwrap();
        write(&files.finish, [0; 500]).unwrap();
        assert!(Memfile4::open(Options::new(Some(path.clone()), 1)).is_err());
    }
}

/// A cleanup is due when the file grew beyond its limit and far beyond the result of the last one.
#[test]
fn a_cleanup_is_due_by_growth() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let store = Memfile4::open(Options { file_limit: 4000, ..Options::new(Some(path.clone()), 1) }).unwrap();
    let mut last = None;
    let mut renew = |times: i64| {
        for _ in 0..times {
            let renewed = Lease4 { cltt: Timestamp(times), hostname: "x".repeat(200).into(), ..lease(1) };
            put(&store, last.as_ref(), Some(renewed.clone()));
            last = Some(renewed);
            flush(&store);
        }
    };
    renew(10);
    assert!(!store.cleanup_due());
    renew(10);
    assert!(store.cleanup_due() && std::fs::metadata(&path).unwrap().len() > 4000);
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    assert!(!store.cleanup_due());
    renew(20);
    // The last one is not finished; then the next one finishes it.
    assert!(store.cleanup_due());
    cleanup::<Lease4>(&files).unwrap().1.rotate().unwrap();
    // Many leases may have a large file.
    write(&files.previous, format!("{HEADER}{}", "x".repeat(2000))).unwrap();
    assert!(!store.cleanup_due());
    renew(30);
    assert!(store.cleanup_due());
}

/// Wherever server or cleanup stop, the next start finds every lease, and the next cleanup finishes the work.
#[test]
fn nothing_is_lost_wherever_it_stops() {
    type Step = fn(&LfcFiles);
    let steps: [(&str, Step); 7] = [
        ("before the rotation", |_| {}),
        ("the new file made, not yet in place", |files| {
            write(with(&files.copy.with_extension(""), ".new"), HEADER).unwrap();
        }),
        ("the lease file moved, the new one not yet in place", |files| {
            rename(files.copy.with_extension(""), &files.copy).unwrap();
        }),
        ("a part of the result written", |files| {
            write(files.copy.with_extension(""), HEADER).unwrap();
            write(&files.output, format!("{HEADER}{}", &row(1)[..30])).unwrap();
        }),
        ("the result whole and named so", |files| drop(cleanup::<Lease4>(files).unwrap())),
        ("the previous result removed", |files| remove_file(&files.previous).unwrap()),
        ("the copy removed", |files| remove_file(&files.copy).unwrap()),
    ];
    for stop in 0..=steps.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases");
        let files = LfcFiles::of(&path);
        write(&files.previous, format!("{HEADER}{}{}", row(1), row(2))).unwrap();
        write(&path, format!("{HEADER}{}{}", row(3), row(2).replace(",3600,", ",0,"))).unwrap();
        let mut name = "at once";
        for (what, step) in &steps[..stop] {
            step(&files);
            name = what;
        }
        let store = open(&path);
        assert_eq!(hosts(&store), [1, 3], "{name}");
        add(&store, lease(4));
        flush(&store);
        // What the server does at its next interval.
        store.rotate().unwrap();
        let (_, finish) = cleanup::<Lease4>(&files).unwrap();
        finish.rotate().unwrap();
        add(&store, lease(5));
        drop(store);
        assert!(files.previous.exists() && !files.copy.exists() && !files.finish.exists(), "{name}");
        let store = open(&path);
        assert_eq!(hosts(&store), [1, 3, 4, 5], "{name}");
        assert_eq!(store.loaded().errors, 0, "{name}");
    }
}

/// A result that cannot be written leaves the inputs alone.
#[test]
fn a_result_that_cannot_be_written_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = LfcFiles::of(&folder.path().join("leases"));
    write(&files.copy, format!("{HEADER}{}", row(1))).unwrap();
    let full = LfcFiles { output: "/dev/full".into(), ..files.clone() };
    let error = cleanup::<Lease4>(&full).unwrap_err().to_string();
    assert!(error.contains("write /dev/full: No space left on device"), "{error}");
    assert_eq!(read_to_string(&files.copy).unwrap(), format!("{HEADER}{}", row(1)));
    let copied = with(&files.copy, ".kept");
    copy(&files.copy, &copied).unwrap();
    cleanup::<Lease4>(&files).unwrap().1.rotate().unwrap();
    assert_eq!(read_to_string(&files.previous).unwrap(), read_to_string(&copied).unwrap());
}
