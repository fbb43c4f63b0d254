//! The update of a lease, as servers tell each other of it.

use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;

use kotare_ha::Synced;
use kotare_model::LeaseState;
use kotare_store_memfile::{append_row, header};
use serde_json::{Map, Value as Json};
use smallvec::SmallVec;

use super::family::Partnered;

/// A lease that another server is told of, of whichever family.
pub trait Tellable: Debug + Send + Sync {
    /// Its address or prefix.
    fn place(&self) -> IpAddr;

    /// What became of it.
    fn condition(&self) -> LeaseState;

    /// The lease as commands show it, with `cltt` and `valid-lft`.
    fn told(&self) -> Map<String, Json>;

    /// Appends its row of a lease file, which says of one that `is_gone` so; before the first one the file's header.
    fn append_row(&self, is_gone: bool, rows: &mut Vec<u8>);
}

/// The update of a lease.
#[derive(Clone, Debug)]
pub struct Update {
    /// Whether the lease is no more.
    pub is_deleted: bool,
    /// The lease.
    pub lease: Arc<dyn Tellable>,
}

/// Those that come of one message.
pub(super) type Updates = SmallVec<[Update; 2]>;

impl<L: Partnered> Tellable for L {
    fn place(&self) -> IpAddr {
        Synced::address(self)
    }

    fn condition(&self) -> LeaseState {
        self.state()
    }

    fn told(&self) -> Map<String, Json> {
        match self.shown() {
            Json::Object(lease) => lease,
            _ => Map::new(),
        }
    }

    fn append_row(&self, is_gone: bool, rows: &mut Vec<u8>) {
        if rows.is_empty() {
            rows.extend_from_slice(header::<L>());
        }
        append_row(self, is_gone, rows);
    }
}

impl Update {
    /// What it is about.
    pub(super) fn address(&self) -> IpAddr {
        self.lease.place()
    }

    /// Whether it is of a lease that was given back.
    pub(super) fn is_released(&self) -> bool {
        self.lease.condition() == LeaseState::Released
    }

    /// The update for a server that does not keep such leases.
    pub(super) fn for_older(self) -> Self {
        Self { is_deleted: self.is_deleted || self.is_released(), ..self }
    }
}

/// Updates as a lease file, in their order.
pub(super) fn rows<'a>(updates: impl IntoIterator<Item = &'a Update>) -> Option<String> {
    let mut rows = Vec::new();
    updates.into_iter().for_each(|update| update.lease.append_row(update.is_deleted, &mut rows));
    String::from_utf8(rows).ok()
}
