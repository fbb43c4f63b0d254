//! Cleaning up lease files: what is kept, and that nothing is lost wherever it stops.

#[macro_use]
mod common;

use std::fs::{copy, read_to_string, remove_file, rename, write};
use std::path::Path;

use common::{Rowed, add, flush, hosts, lease, open_of as open, put, with};
use kotare_model::{Lease4, Lease6, Timestamp};
use kotare_store::Put;
use kotare_store_memfile::{Cleaned, LfcFiles, Memfile, Options, Rotation, cleanup};

/// The arguments are Kea's, in its order.
fn the_files_and_arguments_are_keas<L: Rowed>() {
    let files = LfcFiles::of(Path::new("/var/lib/kea/kea-leases.csv"));
    assert_eq!(
        files.arguments::<L>().join(std::ffi::OsStr::new(" ")).into_string().unwrap(),
        format!(
            "-{} -x /var/lib/kea/kea-leases.csv.2 -i /var/lib/kea/kea-leases.csv.1 \
         -o /var/lib/kea/kea-leases.csv.output -f /var/lib/kea/kea-leases.csv.completed \
         -p /var/lib/kea/kea-leases.csv.pid -c ignored-path",
            L::UNIVERSE
        )
    );
}

/// One row for each lease, by address; removed leases are gone, expired ones stay, as in Kea.
fn a_cleanup_keeps_the_last_row_of_every_address<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let old_header = L::HEADER.replace(",pool_id", "");
    let old = |row: String| format!("{}\n", row.strip_suffix(",0\n").unwrap());
    write(&files.previous, format!("{old_header}{}{}{}", old(L::row(200)), old(L::row(2)), old(L::row(3))))
        .unwrap();
    let removed = L::row(3).replace(",3600,", ",0,");
    let newer = L::row(2).replace("host-2", "newer&#x2cn&#xe4me");
    let last = L::row(1).replace(",4600,", ",2,");
    write(&files.copy, format!("{}{}{newer}garbage\n{removed}{last}", L::HEADER, L::row(10))).unwrap();
    let (cleaned, finish) = cleanup::<L>(&files).unwrap();
    assert_eq!(cleaned, Some(Cleaned { read: 7, rows: 8, errors: 1, written: 4 }));
    finish.rotate().unwrap();
    assert_eq!(
        read_to_string(&files.previous).unwrap(),
        format!("{}{last}{newer}{}{}", L::HEADER, L::row(10), L::row(200))
    );
    for gone in [&files.copy, &files.output, &files.finish] {
        assert!(!gone.exists());
    }
}

/// More than a hundred bad rows are no lease file: nothing is touched.
fn a_cleanup_gives_up_on_garbage<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let files = LfcFiles::of(&folder.path().join("leases"));
    let text = |bad: usize| format!("{}{}{}", L::HEADER, "garbage\n".repeat(bad), L::row(1));
    write(&files.copy, text(100)).unwrap();
    assert_eq!(cleanup::<L>(&files).unwrap().0.unwrap().errors, 100);
    remove_file(&files.finish).unwrap();
    write(&files.copy, text(101)).unwrap();
    let error = cleanup::<L>(&files).unwrap_err().to_string();
    assert!(error.contains("more than 100 rows are bad"), "{error}");
    assert_eq!(read_to_string(&files.copy).unwrap(), text(101));
    assert!(!files.finish.exists());
}

/// Rotation gives the lease file to the cleanup and goes on with a new one, unless the last cleanup is unfinished.
fn rotation_begins_a_new_file<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let store = open::<L>(&path);
    add(&store, lease::<L>(1));
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    assert!(read_to_string(&files.copy).unwrap().starts_with(&format!("{}{},", L::HEADER, L::at(1))));
    assert_eq!(read_to_string(&path).unwrap(), L::HEADER);
    add(&store, lease::<L>(2));
    assert_eq!(store.rotate().unwrap(), Rotation::Unfinished);
    flush(&store);
    assert!(read_to_string(&path).unwrap().starts_with(&format!("{}{},", L::HEADER, L::at(2))));
    let (_, finish) = cleanup::<L>(&files).unwrap();
    assert_eq!(store.rotate().unwrap(), Rotation::Unfinished);
    finish.rotate().unwrap();
    assert_eq!(put(&store, Some(&lease::<L>(1)), None), Put::Done);
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    drop(store);
    assert_eq!(hosts(&open::<L>(&path)), [2]);
    let memory = Memfile::<L>::open(Options::new(None, 1)).unwrap();
    assert!(memory.rotate().unwrap_err().to_string().contains("'persist' of the lease database is false"));
}

/// A rotation that cannot be done leaves the server with the file it had.
fn a_failed_rotation_changes_nothing<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let store = open::<L>(&path);
    add(&store, lease::<L>(1));
    // A folder stands where the new file is made.
    std::fs::create_dir(with(&path, ".new")).unwrap();
    store.rotate().unwrap_err();
    add(&store, lease::<L>(2));
    flush(&store);
    std::fs::remove_dir(with(&path, ".new")).unwrap();
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    drop(store);
    assert_eq!(hosts(&open::<L>(&path)), [1, 2]);
}

/// A copy in the place of the lease file is not taken for it: what is cleaned up is what the server knows.
fn a_rotation_does_not_take_another_file<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let store = open::<L>(&path);
    add(&store, lease::<L>(1));
    flush(&store);
    copy(&path, with(&path, ".copy")).unwrap();
    add(&store, lease::<L>(2));
    flush(&store);
    rename(with(&path, ".copy"), &path).unwrap();
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    assert_eq!(read_to_string(&files.copy).unwrap().lines().count(), 3);
    drop(store);
    assert_eq!(hosts(&open::<L>(&path)), [1, 2]);
}

/// A result that a crash cut off, or made zeros of, costs nothing as long as what it was made from is there; and the next
/// cleanup makes a new one.
fn a_damaged_result_is_made_again<L: Rowed>() {
    for damage in
        [&b""[..], &[0; 500], &L::HEADER.as_bytes()[..20], format!("{}{}", L::HEADER, L::row(1)).as_bytes()]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases");
        let files = LfcFiles::of(&path);
        write(&files.previous, format!("{}{}{}", L::HEADER, L::row(1), L::row(2))).unwrap();
        write(&files.copy, format!("{}{}", L::HEADER, L::row(3))).unwrap();
        drop(cleanup::<L>(&files).unwrap());
        write(&files.finish, damage).unwrap();
        assert_eq!(hosts(&open::<L>(&path)), [1, 2, 3]);
        cleanup::<L>(&files).unwrap().1.rotate().unwrap();
        assert_eq!(hosts(&open::<L>(&path)), [1, 2, 3]);
        assert!(!files.copy.exists() && !files.finish.exists());
        // Alone it may be all there is, and is not taken for nothing.
        rename(&files.previous, &files.finish).unwrap();
        write(&files.finish, [0; 500]).unwrap();
        assert!(Memfile::<L>::open(Options::new(Some(path.clone()), 1)).is_err());
    }
}

/// A cleanup is due when the file grew beyond its limit and far beyond the result of the last one.
fn a_cleanup_is_due_by_growth<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let store =
        Memfile::<L>::open(Options { file_limit: 4000, ..Options::new(Some(path.clone()), 1) }).unwrap();
    let mut last = None;
    let mut renew = |times: i64| {
        for _ in 0..times {
            let renewed = lease::<L>(1).with(|parts| {
                *parts.cltt = Timestamp(times);
                *parts.hostname = "x".repeat(200).into();
            });
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
    cleanup::<L>(&files).unwrap().1.rotate().unwrap();
    // Many leases may have a large file.
    write(&files.previous, format!("{}{}", L::HEADER, "x".repeat(2000))).unwrap();
    assert!(!store.cleanup_due());
    renew(30);
    assert!(store.cleanup_due());
}

/// Wherever server or cleanup stop, the next start finds every lease, and the next cleanup finishes the work.
fn nothing_is_lost_wherever_it_stops<L: Rowed>() {
    type Step = fn(&LfcFiles);
    let steps: [(&str, Step); 7] = [
        ("before the rotation", |_| {}),
        ("the new file made, not yet in place", |files| {
            write(with(&files.copy.with_extension(""), ".new"), L::HEADER).unwrap();
        }),
        ("the lease file moved, the new one not yet in place", |files| {
            rename(files.copy.with_extension(""), &files.copy).unwrap();
        }),
        ("a part of the result written", |files| {
            write(files.copy.with_extension(""), L::HEADER).unwrap();
            write(&files.output, format!("{}{}", L::HEADER, &L::row(1)[..30])).unwrap();
        }),
        ("the result whole and named so", |files| drop(cleanup::<L>(files).unwrap())),
        ("the previous result removed", |files| remove_file(&files.previous).unwrap()),
        ("the copy removed", |files| remove_file(&files.copy).unwrap()),
    ];
    for stop in 0..=steps.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leases");
        let files = LfcFiles::of(&path);
        write(&files.previous, format!("{}{}{}", L::HEADER, L::row(1), L::row(2))).unwrap();
        write(&path, format!("{}{}{}", L::HEADER, L::row(3), L::row(2).replace(",3600,", ",0,"))).unwrap();
        let mut name = "at once";
        for (what, step) in &steps[..stop] {
            step(&files);
            name = what;
        }
        let store = open::<L>(&path);
        assert_eq!(hosts(&store), [1, 3], "{name}");
        add(&store, lease::<L>(4));
        flush(&store);
        // What the server does at its next interval.
        store.rotate().unwrap();
        let (_, finish) = cleanup::<L>(&files).unwrap();
        finish.rotate().unwrap();
        add(&store, lease::<L>(5));
        drop(store);
        assert!(files.previous.exists() && !files.copy.exists() && !files.finish.exists(), "{name}");
        let store = open::<L>(&path);
        assert_eq!(hosts(&store), [1, 3, 4, 5], "{name}");
        assert_eq!(store.loaded().errors, 0, "{name}");
    }
}

/// A result that cannot be written leaves the inputs alone.
fn a_result_that_cannot_be_written_costs_nothing<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let files = LfcFiles::of(&folder.path().join("leases"));
    write(&files.copy, format!("{}{}", L::HEADER, L::row(1))).unwrap();
    let full = LfcFiles { output: "/dev/full".into(), ..files.clone() };
    let error = cleanup::<L>(&full).unwrap_err().to_string();
    assert!(error.contains("write /dev/full: No space left on device"), "{error}");
    assert_eq!(read_to_string(&files.copy).unwrap(), format!("{}{}", L::HEADER, L::row(1)));
    let copied = with(&files.copy, ".kept");
    copy(&files.copy, &copied).unwrap();
    cleanup::<L>(&files).unwrap().1.rotate().unwrap();
    assert_eq!(read_to_string(&files.previous).unwrap(), read_to_string(&copied).unwrap());
}

both! {
    the_files_and_arguments_are_keas,
    a_cleanup_keeps_the_last_row_of_every_address,
    a_cleanup_gives_up_on_garbage,
    rotation_begins_a_new_file,
    a_failed_rotation_changes_nothing,
    a_rotation_does_not_take_another_file,
    a_damaged_result_is_made_again,
    a_cleanup_is_due_by_growth,
    nothing_is_lost_wherever_it_stops,
    a_result_that_cannot_be_written_costs_nothing,
}
