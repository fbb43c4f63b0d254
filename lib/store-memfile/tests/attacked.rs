//! What others do to the lease file while it is in use, and that no lease is lost by it.

#[macro_use]
mod common;

use std::fs::{self, File, read_to_string, write};
use std::io::Write;
use std::path::Path;

use common::{Rowed, add, all, flush, hosts, open_of as open, put, with};
use kotare_model::{Lease4, Lease6};
use kotare_store::LeaseStore;
use kotare_store::conformance::{Executor, PollOnce, Specimen};
use kotare_store_memfile::{Durability, LfcFiles, Memfile, Options, Rotation, cleanup};

/// Something done to the lease file.
type Attack = fn(&Path);

const ATTACKS: [(&str, Attack); 8] = [
    ("deleted", |path| fs::remove_file(path).unwrap()),
    ("moved away, as an editor does", |path| fs::rename(path, with(path, "~")).unwrap()),
    ("replaced by a copy", |path| {
        fs::copy(path, with(path, ".copy")).unwrap();
        fs::rename(with(path, ".copy"), path).unwrap();
    }),
    ("emptied", |path| write(path, "").unwrap()),
    ("cut", |path| {
        let file = File::options().write(true).open(path).unwrap();
        file.set_len(file.metadata().unwrap().len() - 10).unwrap();
    }),
    ("made longer", |path| {
        File::options().append(true).open(path).unwrap().write_all(b"more\n").unwrap();
    }),
    ("written over", |path| write(path, "x".repeat(5000)).unwrap()),
    ("replaced by a folder", |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }),
];

/// Whatever was done to the file, the next lease that is confirmed is in it, and all before; what was deleted stays
/// deleted, whatever earlier cleanups left.
fn a_lost_file_is_written_anew_before_anything_is_confirmed<L: Rowed>() {
    for (name, attack) in ATTACKS {
        for durability in [Durability::Process, Durability::System] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("leases");
            let files = LfcFiles::of(&path);
            write(&files.previous, format!("{}{}{}", L::HEADER, L::row(8), L::row(9))).unwrap();
            let options = Options { durability, ..Options::new(Some(path.clone()), 1) };
            let store = Memfile::<L>::open(options).unwrap();
            let removed = PollOnce.run(store.get(L::by_address(L::at(9)))).unwrap().pop();
            put(&store, removed.as_ref(), None);
            (1..=3).for_each(|host| add(&store, <L as Specimen>::of(host)));
            flush(&store);
            attack(&path);
            add(&store, <L as Specimen>::of(4));
            if name == "replaced by a folder" {
                // That is for somebody to look at; until then nothing is confirmed.
                PollOnce.run(store.flush()).unwrap_err();
                fs::remove_dir(&path).unwrap();
            }
            flush(&store);
            let text = read_to_string(&path).unwrap();
            assert!(text.starts_with(L::HEADER) && text.lines().count() == 6, "{name}: {text}");
            assert_eq!(store.status().file_bytes, text.len() as u64);
            // Attacked again.
            attack(&path);
            drop(fs::remove_dir(&path));
            add(&store, <L as Specimen>::of(5));
            flush(&store);
            let expected = all(&store);
            assert_eq!(expected.len(), 6);
            // A crash now.
            fs::copy(&path, with(&path, ".after")).unwrap();
            drop(store);
            fs::rename(with(&path, ".after"), &path).unwrap();
            let store = open::<L>(&path);
            assert_eq!(all(&store), expected, "{name}");
            assert_eq!((store.loaded().errors, &store.loaded().torn), (0, &None));
        }
    }
}

/// What stood in the place of the lease file may be all that somebody has: it is kept.
fn what_stood_in_its_place_is_kept<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let store = open::<L>(&path);
    write(with(&path, ".backup"), format!("{}{}", L::HEADER, L::row(77))).unwrap();
    fs::rename(with(&path, ".backup"), &path).unwrap();
    add(&store, <L as Specimen>::of(1));
    flush(&store);
    assert_eq!(read_to_string(with(&path, ".replaced")).unwrap(), format!("{}{}", L::HEADER, L::row(77)));
    assert_eq!(read_to_string(&path).unwrap().lines().count(), 2);
}

/// A file written anew during a cleanup does not bring back what was deleted: what that cleanup made is out of date.
fn a_cleanup_under_way_brings_nothing_back<L: Rowed>() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leases");
    let files = LfcFiles::of(&path);
    let store = open::<L>(&path);
    add(&store, <L as Specimen>::of(1));
    add(&store, <L as Specimen>::of(2));
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    let program = folder.path().join("kea-lfc");
    fs::copy("/bin/sleep", &program).unwrap();
    let mut running = std::process::Command::new(&program).arg("1000").spawn().unwrap();
    write(&files.pid, format!("{}\n", running.id())).unwrap();
    while !files.in_use() {
        std::thread::yield_now();
    }
    put(&store, Some(&<L as Specimen>::of(2)), None);
    fs::remove_file(&path).unwrap();
    flush(&store);
    assert!(files.copy.exists(), "the cleanup's files are its own");
    cleanup::<L>(&files).unwrap().1.rotate().unwrap();
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(store.rotate().unwrap(), Rotation::Rotated);
    cleanup::<L>(&files).unwrap().1.rotate().unwrap();
    drop(store);
    assert_eq!(hosts(&open::<L>(&path)), [1]);
}

both! {
    a_lost_file_is_written_anew_before_anything_is_confirmed,
    what_stood_in_its_place_is_kept,
    a_cleanup_under_way_brings_nothing_back,
}
