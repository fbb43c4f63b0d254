//! Leases that were given are told to the other servers, and their clients wait for that where the mode says so.

use std::fmt::Display;
use std::sync::Arc;

use kotare_ha::{ClientKey, Role, Route, Synced};
use kotare_model::LeaseState;
use kotare_store::Lease;
use serde_json::{Map, Value as Json};

use super::driver::{Around, Driver, Update, Way, commands};
use super::family::Partnered;
use super::gate::Gate;
use super::messages::*;
use super::peer::Failure;

/// That all servers that have to be waited for have the leases.
pub(super) type Told = std::pin::Pin<Box<dyn Future<Output = bool> + Send>>;

impl<L: Partnered> Gate<L> {
    /// Tells the other servers of leases that were given or `deleted`; what of that has to be waited for.
    pub(super) fn share<'a>(
        &self,
        leases: impl IntoIterator<Item = &'a L> + Clone,
        deleted: impl IntoIterator<Item = &'a L> + Clone,
        client: impl FnOnce() -> Option<ClientKey>,
        label: &dyn Display,
    ) -> Option<Told> {
        let first = leases.clone().into_iter().chain(deleted.clone()).next()?;
        let driver = self.of_subnet(first.subnet_id())?;
        if !driver.relationship.sends_updates {
            return None;
        }
        let routes: Vec<_> = {
            let mut machine = driver.machine.lock();
            let others = driver.relationship.others();
            others.map(|peer| (peer, machine.route(peer.role))).collect()
        };
        if routes.iter().all(|(_, route)| *route == Route::Skip) {
            return None;
        }
        let update = |is_deleted: bool| {
            move |lease: &L| {
                // One that was given back and is kept for its client is still there.
                let is_deleted = is_deleted && lease.state() != LeaseState::Released;
                match lease.shown() {
                    Json::Object(lease) => Update { is_deleted, lease },
                    _ => Update { is_deleted, lease: Map::new() },
                }
            }
        };
        let given = |lease: &L| (Synced::address(lease), Lease::expires(lease));
        let given: Vec<_> = leases.clone().into_iter().map(given).collect();
        let updates: Vec<_> =
            deleted.into_iter().map(update(true)).chain(leases.into_iter().map(update(false))).collect();
        let (client, label) = (client(), label.to_string());
        let mut waits = Vec::new();
        for (peer, route) in routes {
            match route {
                Route::Skip => {}
                Route::Queue => {
                    let mut machine = driver.machine.lock();
                    updates.iter().for_each(|update| machine.queue(update.clone()));
                }
                Route::Send | Route::Await => {
                    let telling = Telling {
                        peer: peer.name.clone(),
                        is_backup: peer.role == Role::Backup,
                        updates: updates.clone(),
                        client: client.clone(),
                        label: label.clone(),
                    };
                    let task = self.relations.runtime.spawn(driver.clone().send(telling));
                    if route == Route::Await {
                        waits.push(task);
                    }
                }
            }
        }
        if waits.is_empty() {
            return None;
        }
        let driver = driver.clone();
        Some(Box::pin(async move {
            let mut is_told = true;
            for task in waits {
                is_told &= task.await.unwrap_or(false);
            }
            driver.untold.note(&given, is_told, driver.around.clock());
            is_told
        }))
    }
}

/// What a server is told.
struct Telling {
    peer: String,
    is_backup: bool,
    updates: Vec<Update>,
    client: Option<ClientKey>,
    label: String,
}

impl<W: Way, A: Around> Driver<W, A> {
    /// Tells another server of leases; whether it has them.
    async fn send(self: Arc<Self>, telling: Telling) -> bool {
        let Telling { peer, is_backup, updates, client, label } = telling;
        let Some(way) = self.ways.get(&peer) else { return false };
        let (name, partner) = (&self.relationship.this_server, way.label());
        let failure = match self.send_updates(way, updates).await {
            Ok(()) => {
                self.failures.note(partner, "lease-update", None, |_| {});
                if !is_backup {
                    self.machine.lock().accepted(client.as_ref());
                }
                return true;
            }
            Err(failure) => failure,
        };
        // The same again and again is told once, and shown as long as it lasts.
        let note =
            |tell: &dyn Fn(&Failure)| self.failures.note(partner, "lease-update", Some(&failure), tell);
        match &failure {
            Failure::Refused(refusal) if refusal.is_conflict() => {
                let tell = || HA_LEASE_UPDATE_CONFLICT(name, &label, partner, &refusal.reason);
                match is_backup {
                    true => note(&|_| tell()),
                    false => {
                        note(&|_| {});
                        self.tell(|machine, now| machine.rejected(client, tell, now));
                    }
                }
                return false;
            }
            Failure::Refused(refusal) => {
                note(&|_| HA_LEASE_UPDATE_FAILED(name, &label, partner, &refusal.reason));
            }
            Failure::Unanswered(why) => {
                note(&|_| HA_LEASE_UPDATE_COMMUNICATIONS_FAILED(name, &label, partner, why));
            }
        }
        // What a backup does changes nothing.
        if !is_backup {
            self.tell(|machine, now| machine.lost(now));
        }
        false
    }

    /// Sends these updates, in words that an older server knows if it has to be.
    pub(super) async fn send_updates(&self, way: &W, updates: Vec<Update>) -> Result<(), Failure> {
        match self.send_all(way, updates.clone()).await {
            Err(Failure::Refused(refusal)) if refusal.reason.starts_with(OLDER) => {
                self.send_all(way, updates.into_iter().map(Update::for_older).collect()).await
            }
            answer => answer,
        }
    }

    /// Sends the commands of these updates, one after the other.
    async fn send_all(&self, way: &W, updates: Vec<Update>) -> Result<(), Failure> {
        for command in commands(&self.asker, updates) {
            let arguments = way.ask(&command, None).await?;
            tell_failed(&self.relationship.this_server, arguments.as_ref());
        }
        Ok(())
    }
}

/// How a server refuses a lease that was given back and is kept for its client: versions before 2.7 do not keep any.
const OLDER: &str = "Invalid state value";

impl Update {
    /// The update for such a server.
    fn for_older(self) -> Self {
        let is_released = self.lease.get("state") == Some(&(LeaseState::Released as u8).into());
        Self { is_deleted: self.is_deleted || is_released, ..self }
    }
}

/// Tells which leases of a list were not taken although others were.
fn tell_failed(name: &str, arguments: Option<&Json>) {
    let list =
        |key: &str| arguments.and_then(|it| it.get(key)).and_then(Json::as_array).into_iter().flatten();
    let text = |lease: &Json, key: &str| lease.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    for lease in list("failed-deleted-leases") {
        let [kind, address, why] = ["type", "ip-address", "error-message"].map(|key| text(lease, key));
        HA_LEASE_UPDATE_DELETE_FAILED_ON_PEER(name, kind, address, why);
    }
    for lease in list("failed-leases") {
        let [kind, address, why] = ["type", "ip-address", "error-message"].map(|key| text(lease, key));
        HA_LEASE_UPDATE_CREATE_UPDATE_FAILED_ON_PEER(name, kind, address, why);
    }
}
