//! The suites of every backend, in memory and with a file.

use std::cell::Cell;

use kotare_store::conformance::{PollOnce, run, run_relayed, run_relayed6, run6};
use kotare_store_memfile::{Kept, Memfile, Memfile4, Memfile6, Options};

/// Leases only in memory keep the promises of a store.
#[test]
fn leases_in_memory_conform() {
    run(|| Memfile4::open(Options::new(None, 1)).unwrap(), &PollOnce);
    run6(|| Memfile6::open(Options::new(None, 1)).unwrap(), &PollOnce);
    run_relayed(|| Memfile4::open(Options::new(None, 1)).unwrap(), &PollOnce);
    run_relayed6(|| Memfile6::open(Options::new(None, 1)).unwrap(), &PollOnce);
}

/// Makes stores with a file each in a temporary folder.
fn with_files<L: Kept>(folder: &tempfile::TempDir) -> impl Fn() -> Memfile<L> {
    let count = Cell::new(0);
    move || {
        count.set(count.get() + 1);
        let path = folder.path().join(format!("leases-{}.csv", count.get()));
        Memfile::open(Options::new(Some(path), 1)).unwrap()
    }
}

/// So do leases with a file.
#[test]
fn leases_with_a_file_conform() {
    run(with_files(&tempfile::tempdir().unwrap()), &PollOnce);
    run6(with_files(&tempfile::tempdir().unwrap()), &PollOnce);
    run_relayed(with_files(&tempfile::tempdir().unwrap()), &PollOnce);
    run_relayed6(with_files(&tempfile::tempdir().unwrap()), &PollOnce);
}
