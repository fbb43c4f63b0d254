//! Letting leases of prefixes remember where their clients are.

use kotare_engine::hooks::v6::{Asked6, Lease6Select, LeaseDraft6};
use kotare_engine::hooks::{Verdict, Verdict6};
use kotare_model::LeaseType;

use super::hop::NextHop;

/// Writes into each lease of a prefix that is given or extended where its client is.
#[derive(Debug)]
pub(crate) struct Stamp;

impl Lease6Select for Stamp {
    fn lease6_select(&self, asked: Asked6<'_>, draft: &mut LeaseDraft6<'_>) -> Verdict6 {
        if !draft.offer
            && draft.lease.lease_type == LeaseType::Pd
            && let Some(hop) = NextHop::of(asked.query)
        {
            hop.keep(draft.lease);
        }
        Verdict::Continue
    }
}
