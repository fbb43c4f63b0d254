//! Who is let in.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio::time::sleep;

use super::{Bulked, Scene, serve};
use crate::lease_query::messages::{
    BULK_LEASE_QUERY_LISTENER_START_FAILED, BULK_LEASE_QUERY_REJECTED_CONNECTION,
};
use crate::lease_query::parameters::{Bulk, Settings};
use crate::{Companion, Environment};

/// How long it is tried to listen before that is told: a listener of the configuration before may be about to end.
const PATIENCE: u32 = 20;
/// How long is waited between two attempts at first.
const SOON: Duration = Duration::from_millis(50);
/// And when it has been told.
const LATER: Duration = Duration::from_secs(5);

/// Listens for those who ask, for as long as a configuration says so.
pub(in crate::lease_query) struct Listener<L: Bulked> {
    runtime: Handle,
    settings: Arc<Settings<L::Address>>,
    scene: Arc<Scene<L>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl<L: Bulked> Listener<L> {
    /// One that has not begun.
    pub(in crate::lease_query) fn new(
        bulk: Bulk,
        settings: Settings<L::Address>,
        environment: &Environment<L, L::Engine>,
    ) -> Self {
        let prefix_lengths = settings.prefix_lengths.clone();
        let scene = Scene { server: environment.server.clone(), bulk, prefix_lengths };
        let runtime = environment.runtime.clone();
        Self { runtime, settings: Arc::new(settings), scene: Arc::new(scene), task: Mutex::default() }
    }
}

impl<L: Bulked> Companion for Listener<L> {
    fn begin(&self) {
        let mut task = self.task.lock();
        if task.is_none() {
            let (settings, scene) = (self.settings.clone(), self.scene.clone());
            *task = Some(self.runtime.spawn(async move { listen::<L>(&settings, &scene).await }));
        }
    }

    fn end(&self) {
        // With it end the connections.
        if let Some(task) = self.task.lock().take() {
            task.abort();
        }
    }

    fn report(&self, _: &mut Map<String, Json>) {}
}

impl<L: Bulked> Drop for Listener<L> {
    fn drop(&mut self) {
        self.end();
    }
}

async fn listen<L: Bulked>(settings: &Settings<L::Address>, scene: &Arc<Scene<L>>) {
    let listener = opened(scene.bulk.listen).await;
    let mut connections = JoinSet::new();
    let mut peers: HashMap<Id, IpAddr> = HashMap::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => match admits::<L>(settings, &scene.bulk, peer.ip(), &peers) {
                    Ok(()) => {
                        let served = serve::<L>(stream, peer.ip(), scene.clone());
                        peers.insert(connections.spawn(served).id(), peer.ip());
                    }
                    Err(reason) => BULK_LEASE_QUERY_REJECTED_CONNECTION(peer.ip(), reason),
                },
                // Of who came and went, or there are too many open files: others may come later.
                Err(_) => sleep(SOON).await,
            },
            Some(ended) = connections.join_next_with_id() => {
                let id = ended.map_or_else(|failed| failed.id(), |(id, ())| id);
                peers.remove(&id);
            }
        }
    }
}

/// A socket that listens there, as soon as there is one.
async fn opened(at: SocketAddr) -> TcpListener {
    for attempt in 1_u32.. {
        match TcpListener::bind(at).await {
            Ok(listener) => return listener,
            Err(error) if attempt == PATIENCE => {
                BULK_LEASE_QUERY_LISTENER_START_FAILED(format_args!("cannot listen at {at}: {error}"));
            }
            Err(_) => {}
        }
        sleep(if attempt < PATIENCE { SOON } else { LATER }).await;
    }
    std::future::pending().await
}

/// Whether somebody is let in beside the `peers` that are.
fn admits<L: Bulked>(
    settings: &Settings<L::Address>,
    bulk: &Bulk,
    peer: IpAddr,
    peers: &HashMap<Id, IpAddr>,
) -> Result<(), &'static str> {
    if !L::requester(peer).is_some_and(|peer| settings.requesters.contain(peer)) {
        return Err("not a valid requester");
    }
    if peers.len() >= bulk.connections {
        return Err("too many connections");
    }
    // The last place is not for who has all the others.
    let is_last = bulk.connections > 1 && peers.len() + 1 == bulk.connections;
    if is_last && settings.requesters.are_several() && peers.values().all(|other| *other == peer) {
        return Err("last free slot reserved for another requester");
    }
    Ok(())
}
