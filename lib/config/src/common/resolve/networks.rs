//! Which subnets a shared network joins.

use std::sync::Arc;

use kotare_model::SubnetId;

use crate::common::{NetworkAt, SubnetAt};

/// A subnet, which may be in a shared network.
pub(crate) trait Member {
    /// Its id.
    fn id(&self) -> SubnetId;

    /// The shared network that it is in.
    fn network(&self) -> Option<NetworkAt>;
}

/// A shared network.
pub(crate) trait Joining {
    /// Takes a subnet in; those with a lower id came before.
    fn join(&mut self, at: SubnetAt, id: SubnetId);

    /// Lets all of them go.
    fn empty(&mut self);
}

/// Puts subnets in order of their ids, and gives each shared network those that are in it.
pub(crate) fn join<S: Member, N: Joining>(subnets: &mut [Arc<S>], networks: &mut [N]) {
    subnets.sort_by_key(|subnet| subnet.id());
    for (at, subnet) in subnets.iter().enumerate() {
        if let Some(network) = subnet.network() {
            networks[network.index()].join(SubnetAt::new(at), subnet.id());
        }
    }
}
