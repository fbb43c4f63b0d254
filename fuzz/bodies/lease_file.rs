//! Any bytes as a lease file: refused and left alone, or read, and then every lease is kept by whatever rewrites it.

use std::fs;
use std::path::Path;

use kotare_model::{Lease4, Lease6};
use kotare_store::conformance::{Executor, PollOnce};
use kotare_store::{Change, LeaseStore, PageFilter, Put, StoreError};
use kotare_store_memfile::{Kept, LfcFiles, Memfile, Options, Rotation, cleanup};

/// More bad rows than this, and a cleanup gives up.
const MAX_ROW_ERRORS: u64 = 100;

/// Panics when a lease that was read is lost or changed, of either family.
pub(crate) fn check(input: &[u8]) {
    check_as::<Lease4>(input);
    check_as::<Lease6>(input);
}

fn check_as<L: Kept>(input: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("leases.csv");
    fs::write(&path, input).expect("a file in it");
    let store = match open::<L>(&path) {
        Ok(store) => store,
        Err(refused) => {
            assert!(refused.to_string().contains("leases.csv"), "{refused}");
            assert_eq!(fs::read(&path).expect("the file"), input, "a refused file has changed");
            return;
        }
    };
    let (leases, loaded) = (all(&store), store.loaded().clone());
    assert_eq!(loaded.leases, leases.len() as u64);
    assert!(loaded.errors <= loaded.rows && loaded.leases <= loaded.rows);
    drop(store);

    let store = open::<L>(&path).expect("what was opened before");
    assert_eq!(all(&store), leases);
    assert_eq!(store.loaded().torn, None, "the end of the file was put in order before");
    assert_eq!(store.rotate().expect("a rotation"), Rotation::Rotated);
    drop(store);
    let files = LfcFiles::of(&path);
    match cleanup::<L>(&files) {
        Ok((_, finish)) => finish.rotate().expect("the end of a cleanup"),
        Err(refused) => assert!(loaded.errors > MAX_ROW_ERRORS, "{refused}"),
    }
    assert_eq!(all(&open::<L>(&path).expect("a file cleaned up")), leases);

    let path = folder.path().join("copy.csv");
    let store = open::<L>(&path).expect("a new file");
    for lease in &leases {
        let change = Change { address: lease.address(), from: None, to: Some(lease) };
        assert_eq!(PollOnce.run(store.put(change)).expect("a lease that was read"), Put::Done);
    }
    PollOnce.run(store.flush()).expect("a flush");
    drop(store);
    let store = open::<L>(&path).expect("a file we wrote");
    assert_eq!(all(&store), leases);
    assert_eq!(store.loaded().errors, 0);
}

fn open<L: Kept>(path: &Path) -> Result<Memfile<L>, StoreError> {
    Memfile::open(Options::new(Some(path.into()), 1))
}

fn all<L: Kept>(store: &Memfile<L>) -> Vec<L> {
    PollOnce.run(store.page(None, usize::MAX, PageFilter::default())).expect("a page")
}
