//! What changes while zones are compared with leases.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use kotare_ddns::ChangeRequest;
use tokio::sync::oneshot;

use crate::daemon::Daemon;
use crate::updates::Order;

/// So many names that change meanwhile are known; of more, everything has changed.
const MOST: usize = 1 << 20;

/// The names and addresses that were asked for since a moment, or waited then.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    names: HashSet<Vec<u8>>,
    addresses: HashSet<IpAddr>,
}

/// What became of requests, the first ones of those that were handed over.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    /// So many are queued, or would be.
    pub(crate) queued: usize,
    /// So many are about what changed meanwhile.
    pub(crate) passed_over: usize,
}

impl Watched {
    /// Something was asked for.
    pub(crate) fn note(&mut self, request: &ChangeRequest) {
        if self.names.len() < MOST && self.addresses.len() < MOST {
            self.names.insert(request.fqdn.canonical());
            self.addresses.insert(request.address);
        }
    }

    /// Whether the name or the address of a request has changed.
    pub(crate) fn knows(&self, request: &ChangeRequest) -> bool {
        self.names.len() >= MOST
            || self.addresses.len() >= MOST
            || self.names.contains(&request.fqdn.canonical())
            || self.addresses.contains(&request.address)
    }
}

/// What changes is noted for as long as there is this.
pub(super) struct Watching<'a>(&'a Arc<Daemon>);

impl<'a> Watching<'a> {
    pub(super) async fn begin(daemon: &'a Arc<Daemon>) -> Result<Self, String> {
        let watching = Self(daemon);
        watching.order(Order::Watch).await?;
        Ok(watching)
    }

    /// Has the first ones of these requests queued, as far as there is room.
    pub(super) async fn hand_over(
        &self,
        requests: Vec<ChangeRequest>,
        is_dry: bool,
    ) -> Result<Taken, String> {
        self.order(|reply| Order::Take { requests, is_dry, reply }).await
    }

    pub(super) async fn pause(&self, pause: Duration) {
        self.0.clock().sleep(pause).await;
    }

    async fn order<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Result<T, String> {
        let (reply, answer) = oneshot::channel();
        self.0.order(order(reply));
        answer.await.map_err(|_| "the server is being shut down".to_owned())
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.0.order(Order::Unwatch);
    }
}
