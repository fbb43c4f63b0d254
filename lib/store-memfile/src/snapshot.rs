//! The leases that lease files have at one moment, apart from any store.

use std::path::Path;

use kotare_model::{Lease4, Lifetime};
use kotare_store::StoreError;

use crate::draft::Draft;
use crate::kept::Kept;
use crate::lfc::write_rows;
use crate::rows::Row;
use crate::table::{SHARDS, Shard};
use crate::view::View;

/// The leases of the rows it [took](Snapshot::take).
#[derive(Debug)]
pub struct Snapshot<L: Kept = Lease4> {
    shards: [Shard<L>; SHARDS],
}

impl<L: Kept> Default for Snapshot<L> {
    fn default() -> Self {
        Self { shards: Default::default() }
    }
}

impl<L: Kept> Snapshot<L> {
    /// Takes a row, which counts more than what was taken before of its address. One that is damaged says nothing.
    pub fn take(&mut self, row: &Row<'_, L>) {
        let Ok(lease) = &row.read else { return };
        let shard = &mut self.shards[L::shard_of(lease.address)];
        match lease.valid_lifetime {
            Lifetime(0) => shard.take(lease.address),
            _ => shard.set_unsettled(lease),
        }
    }

    /// How many leases there are.
    pub fn len(&self) -> u64 {
        self.leases().count() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.leases().next().is_none()
    }

    /// All leases, in no order.
    pub fn leases(&self) -> impl Iterator<Item = L> {
        self.shards.iter().flat_map(Shard::iter).map(View::to_lease)
    }

    /// The lease of an address.
    pub fn lease(&self, address: L::Address) -> Option<L> {
        self.shards[L::shard_of(address)].find(address).map(View::to_lease)
    }

    /// Writes a row of every lease, by address, to the file `path`, which appears whole or not at all; says how many.
    ///
    /// # Errors
    /// Why not; what was called so before is called so still.
    pub fn write_to(&self, path: &Path) -> Result<u64, StoreError> {
        let mut draft = Draft::new(path)?;
        let (count, _) = write_rows(&self.shards, &mut draft.file).map_err(|error| draft.failed(error))?;
        draft.publish()?;
        Ok(count)
    }
}
