//! Leases as JSON, as commands show and take them, and as servers tell each other of them.

use kotare_model::Timestamp;
use kotare_store_memfile::Kept;
use serde_json::Value as Json;

use crate::Hooked;
use crate::arguments::{Arguments, Refused};

/// A lease that is shown. There are two of them.
pub(crate) trait Shown: Hooked + Kept {
    /// The lease as answers show it, its keys in the order of Kea's.
    fn shown(&self) -> Json;

    /// The lease that `arguments` give, with its end as `expire`. What they leave out is as its subnet would have it.
    fn given(config: &Self::Config, now: Timestamp, arguments: Arguments<'_>) -> Result<Self, Refused>;

    /// The lease, which a server of ours has sent in a row, if the configuration has a place for it.
    fn placed(self, config: &Self::Config) -> Result<Self, Refused>;
}
