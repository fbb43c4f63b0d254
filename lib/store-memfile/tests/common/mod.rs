//! What the tests of this crate share.
#![allow(dead_code, reason = "every test program uses a part of it")]

use std::path::{Path, PathBuf};

use kotare_model::{Lease4, Lease6};
use kotare_store::conformance::{Executor, PollOnce, Specimen, lease as lease4};
use kotare_store::{Change, LeaseStore, PageFilter, Put};
use kotare_store_memfile::{Kept, Memfile, Memfile4, Options};

/// Makes a test of each protocol out of each.
#[allow(unused_macros, reason = "every test program uses a part of it")]
macro_rules! both {
    ($($test:ident),* $(,)?) => {
        mod v4 {
            $(#[test]
            fn $test() {
                super::$test::<super::Lease4>();
            })*
        }

        mod v6 {
            $(#[test]
            fn $test() {
                super::$test::<super::Lease6>();
            })*
        }
    };
}

/// Kea 3.3's header.
pub(crate) const HEADER: &str = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,\
    user_context,pool_id\n";

/// A lease of which a test knows the row.
pub(crate) trait Rowed: Kept + Specimen {
    /// Kea 3.3's header.
    const HEADER: &'static str;
    /// The digit of its protocol.
    const UNIVERSE: u8;
    /// How many columns the oldest files have.
    const OLDEST: usize;

    /// A row of the address [`Specimen::at`] this host.
    fn row(host: u8) -> String;

    /// The lease of that row.
    fn of_row(host: u8) -> Self;
}

impl Rowed for Lease4 {
    const HEADER: &'static str = HEADER;
    const UNIVERSE: u8 = 4;
    const OLDEST: usize = 9;

    fn row(host: u8) -> String {
        row(host)
    }

    fn of_row(host: u8) -> Self {
        Self { client_id: None, ..lease4(host) }
    }
}

impl Rowed for Lease6 {
    const HEADER: &'static str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,\
        fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n";
    const UNIVERSE: u8 = 6;
    const OLDEST: usize = 12;

    fn row(host: u8) -> String {
        let mac = format!("02:00:00:00:00:{host:02x}");
        let address = Self::at(host);
        format!("{address},00:03:00:01:{mac},3600,4600,1,1800,0,1,128,0,0,host-{host},{mac},0,,1,2,0\n")
    }

    fn of_row(host: u8) -> Self {
        <Self as Specimen>::of(host)
    }
}

/// The lease of this host.
pub(crate) fn lease<L: Specimen>(host: u8) -> L {
    L::of(host)
}

/// The store of `path`.
pub(crate) fn open(path: &Path) -> Memfile4 {
    open_of(path)
}

/// That of either protocol.
pub(crate) fn open_of<L: Kept>(path: &Path) -> Memfile<L> {
    Memfile::open(Options::new(Some(path.into()), 1)).unwrap()
}

/// Why `path` cannot be opened.
pub(crate) fn refusal(path: &Path) -> String {
    Memfile4::open(Options::new(Some(path.into()), 1)).unwrap_err().to_string()
}

/// Puts `to` where `from` is.
pub(crate) fn put<L: Kept>(store: &Memfile<L>, from: Option<&L>, to: Option<L>) -> Put<L> {
    let address = from.or(to.as_ref()).unwrap().address();
    PollOnce.run(store.put(Change { address, from, to: to.as_ref() })).unwrap()
}

/// Adds a lease.
pub(crate) fn add<L: Kept>(store: &Memfile<L>, lease: L) {
    assert_eq!(put(store, None, Some(lease)), Put::Done);
}

/// Writes what was put.
pub(crate) fn flush<L: Kept>(store: &Memfile<L>) {
    PollOnce.run(store.flush()).unwrap();
}

/// All leases, by address.
pub(crate) fn all<L: Kept>(store: &Memfile<L>) -> Vec<L> {
    PollOnce.run(store.page(None, usize::MAX, PageFilter::default())).unwrap()
}

/// The last octets of all leases.
pub(crate) fn hosts<L: Specimen + Kept>(store: &Memfile<L>) -> Vec<u8> {
    let host = |lease: &L| (0..=u8::MAX).find(|host| L::at(*host) == lease.address());
    all(store).iter().map(|lease| host(lease).expect("it is of a host")).collect()
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
