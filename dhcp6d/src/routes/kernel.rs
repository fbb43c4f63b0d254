//! Routes in a routing table of the kernel.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use kotare_config::v6::{KernelRoutes, Prefix6};
use kotare_control::aside;
use kotare_net::{Route6, RouteTable6};

use super::changes::Wish;
use super::hop::{NextHop, Route};
use super::plan::{Change, LATER};
use super::target::Target;

/// Routes in a routing table of the kernel.
#[derive(Clone, Debug)]
pub(super) struct Kernel(Arc<Open>);

#[derive(Debug)]
struct Open {
    table: RouteTable6,
    metric: u32,
}

impl Kernel {
    pub(super) fn open(settings: KernelRoutes) -> io::Result<Self> {
        let table = RouteTable6::open(settings.table, settings.protocol)?;
        Ok(Self(Arc::new(Open { table, metric: settings.metric })))
    }
}

impl Target for Kernel {
    fn batch(&self) -> usize {
        1024
    }

    async fn apply(&self, changes: Vec<Change>) -> Vec<(Change, Result<(), String>)> {
        let open = self.0.clone();
        let apply = move |change: Change| {
            let done = match &change.wish {
                Wish::Set(hop) => open.set(change.prefix, hop),
                Wish::Withdrawn(_) => open.withdraw(change.prefix),
            };
            (change, done)
        };
        aside(move || changes.into_iter().map(apply).collect()).await
    }

    async fn sync(&self, routes: Vec<Route>) -> Result<Vec<(Change, String)>, String> {
        let open = self.0.clone();
        aside(move || open.sync(routes)).await
    }
}

impl Open {
    fn set(&self, prefix: Prefix6, hop: &NextHop) -> Result<(), String> {
        let route = self.route(prefix, hop).map_err(|error| {
            format!("the interface '{}', where the client was, is not there: {error}", hop.interface)
        })?;
        self.table.set(&route).map_err(|error| advice(&error, Some(hop)))
    }

    fn withdraw(&self, prefix: Prefix6) -> Result<(), String> {
        let removed = self.table.remove(prefix.network(), prefix.prefix_len());
        removed.map(drop).map_err(|error| advice(&error, None))
    }

    fn route(&self, prefix: Prefix6, hop: &NextHop) -> io::Result<Route6> {
        let ifindex = self.table.index_of(&hop.interface)?;
        let (prefix, prefix_len) = (prefix.network(), prefix.prefix_len());
        Ok(Route6 { prefix, prefix_len, via: hop.via, ifindex, metric: self.metric })
    }

    fn sync(&self, routes: Vec<Route>) -> Result<Vec<(Change, String)>, String> {
        let mut there = HashMap::<_, Vec<Route6>>::new();
        for route in self.table.list().map_err(|error| advice(&error, None))? {
            if let Some(prefix) = Prefix6::new(route.prefix, route.prefix_len) {
                there.entry(prefix).or_default().push(route);
            }
        }
        let mut failed = Vec::new();
        let mut note = |prefix, wish, done: Result<(), String>| {
            if let Err(reason) = done {
                failed.push((Change { prefix, wish, failures: LATER }, reason));
            }
        };
        for Route { prefix, hop } in routes {
            let found = there.remove(&prefix).unwrap_or_default();
            let right = self.route(prefix, &hop).is_ok_and(|route| found == [route]);
            if right {
                continue;
            }
            // One of another metric would not be replaced.
            let others = found.iter().any(|route| route.metric != self.metric);
            let cleared = if others { self.withdraw(prefix) } else { Ok(()) };
            let done = cleared.and_then(|()| self.set(prefix, &hop));
            note(prefix, Wish::Set(hop), done);
        }
        for prefix in there.into_keys() {
            note(prefix, Wish::Withdrawn(None), self.withdraw(prefix));
        }
        Ok(failed)
    }
}

/// What the kernel says against a route, and what to do about it.
fn advice(error: &io::Error, hop: Option<&NextHop>) -> String {
    match (error.kind(), hop) {
        (ErrorKind::PermissionDenied, _) => format!(
            "{error}; the server needs the capability CAP_NET_ADMIN, such as by AmbientCapabilities= and \
             CapabilityBoundingSet= of its systemd unit"
        ),
        (ErrorKind::InvalidInput | ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable, Some(hop)) => {
            format!(
                "the kernel does not take {} on '{}' as next hop ({error}); if that is a relay agent which is not on \
             this link, let a script tell those routers that are on the way (\"mode\": \"script\")",
                hop.via, hop.interface
            )
        }
        _ => error.to_string(),
    }
}
