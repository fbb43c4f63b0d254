//! What the tests of this crate share.
#![allow(dead_code, reason = "every test program uses a part of it")]

use std::path::{Path, PathBuf};

use kotare_model::Lease4;
use kotare_store::conformance::{Executor, PollOnce};
use kotare_store::{Change, LeaseStore, PageFilter, Put};
use kotare_store_memfile::{Memfile4, Options};

/// Kea 3.3's header.
pub(crate) const HEADER: &str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,\
    user_context,pool_id\n";

/// The store of `path`.
pub(crate) fn open(path: &Path) -> Memfile4 {
    Memfile4::open(Options::new(Some(path.into()), 1)).unwrap()
}

/// Why `path` cannot be opened.
pub(crate) fn refusal(path: &Path) -> String {
    Memfile4::open(Options::new(Some(path.into()), 1)).unwrap_err().to_string()
}

/// Puts `to` where `from` is.
pub(crate) fn put(store: &Memfile4, from: Option<&Lease4>, to: Option<Lease4>) -> Put<Lease4> {
    let address = from.or(to.as_ref()).unwrap().address;
    PollOnce.run(store.put(Change { address, from, to: to.as_ref() })).unwrap()
}

/// Adds a lease.
pub(crate) fn add(store: &Memfile4, lease: Lease4) {
    assert_eq!(put(store, None, Some(lease)), Put::Done);
}

/// Writes what was put.
pub(crate) fn flush(store: &Memfile4) {
    PollOnce.run(store.flush()).unwrap();
}

/// All leases, by address.
pub(crate) fn all(store: &Memfile4) -> Vec<Lease4> {
    PollOnce.run(store.page(None, usize::MAX, PageFilter::default())).unwrap()
}

/// The last octets of all leases.
pub(crate) fn hosts(store: &Memfile4) -> Vec<u8> {
    all(store).iter().map(|lease| lease.address.octets()[3]).collect()
}

/// A row of 192.0.2.`host`.
pub(crate) fn row(host: u8) -> String {
    format!("192.0.2.{host},02:00:00:00:00:{host:02x},,3600,4600,1,0,0,host-{host},0,,0\n")
}

/// `path` with `suffix` after it.
pub(crate) fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
