//! Leases that only this server has: its partner is told of them when they synchronise, as of leases that were just given.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use kotare_ha::Stretch;
use serde_json::Value as Json;
use smallvec::smallvec;

use super::driver::{Alone, Around, Driver, Way};
use super::messages::*;
use super::peer::Failure;
use super::update::{Tellable, Update};

/// So many of them are looked for before the partner's silence is asked for anew.
const AT_ONCE: u32 = 1000;
/// And so many where it is only to be known whether there are some.
const AT_A_GLANCE: u32 = 10_000;

/// So many are on their way to the partner together.
const TOGETHER: usize = 16;

/// Whether the partner lacks leases that are here.
pub(super) enum Lacks {
    /// It does.
    Some,
    /// It does not, of the leases up to an address if not of all.
    None { reached: Option<IpAddr> },
}

impl<W: Way, A: Around> Driver<W, A> {
    /// Whether the partner lacks any of the leases that [`Self::tell_alone`] would tell it of.
    ///
    /// # Errors
    /// If leases here cannot be read.
    pub(super) async fn lacks(
        &self,
        stretch: Option<Stretch>,
        theirs: &Arc<HashSet<IpAddr>>,
        is_any_newer: bool,
    ) -> Result<Lacks, String> {
        let alone = self.alone(stretch, theirs, AT_A_GLANCE).await?;
        Ok(match !is_any_newer && alone.leases.is_empty() {
            true => Lacks::None { reached: alone.reached },
            false => Lacks::Some,
        })
    }

    async fn alone(
        &self,
        stretch: Option<Stretch>,
        theirs: &Arc<HashSet<IpAddr>>,
        limit: u32,
    ) -> Result<Alone, String> {
        match stretch {
            Some(stretch) => self.around.alone(stretch, theirs, limit).await,
            None => Ok(Alone::default()),
        }
    }

    /// Tells the partner of the leases here that it lacks in a stretch where `theirs` are all that it has, and of those that
    /// are `newer` than its own. How many it took, and up to which address it was told, if not of all.
    ///
    /// # Errors
    /// If it does not answer, or leases here cannot be read. What it refuses is logged.
    pub(super) async fn tell_alone(
        &self,
        way: &W,
        stretch: Option<Stretch>,
        theirs: &Arc<HashSet<IpAddr>>,
        newer: Vec<Arc<dyn Tellable>>,
    ) -> Result<(u64, Option<IpAddr>), String> {
        let alone = self.alone(stretch, theirs, AT_ONCE).await?;
        let (mut told, mut asked) = (0, FuturesUnordered::new());
        for lease in newer.into_iter().chain(alone.leases) {
            if asked.len() == TOGETHER
                && let Some(is_taken) = asked.next().await
            {
                told += u64::from(is_taken?);
            }
            asked.push(self.tell_of(way, lease));
        }
        while let Some(is_taken) = asked.next().await {
            told += u64::from(is_taken?);
        }
        Ok((told, alone.reached))
    }

    /// Tells the partner of a lease; whether it took it. Each goes by itself: that one is refused says nothing of others.
    async fn tell_of(&self, way: &W, lease: Arc<dyn Tellable>) -> Result<bool, String> {
        let (name, label) = (&self.relationship.this_server, way.label());
        let update = Update { is_deleted: false, lease };
        let shown = Json::Object(update.lease.told());
        match self.send_updates(way, name, smallvec![update]).await {
            Ok(()) => {
                KOTARE_HA_LEASE_TOLD(name, label, &shown);
                Ok(true)
            }
            Err(Failure::Refused(why)) => {
                KOTARE_HA_LEASE_NOT_TOLD(name, label, &shown, why.reason);
                Ok(false)
            }
            Err(failure) => Err(failure.to_string()),
        }
    }
}
