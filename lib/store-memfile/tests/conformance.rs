//! The suite of every backend, in memory and with a file.

use kotare_store::conformance::{PollOnce, run};
use kotare_store_memfile::{Memfile4, Options};

/// Leases only in memory keep the promises of a store.
#[test]
fn leases_in_memory_conform() {
    run(|| Memfile4::open(Options::new(None, 1)).unwrap(), &PollOnce);
}

/// So do leases with a file.
#[test]
fn leases_with_a_file_conform() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    run(
        || {
            count.set(count.get() + 1);
            let path = folder.path().join(format!("leases-{}.csv", count.get()));
            Memfile4::open(Options::new(Some(path), 1)).unwrap()
        },
        &PollOnce,
    );
}
