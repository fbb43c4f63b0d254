//! Leases that were given are told to the other servers, and their clients wait for that where the mode says so.

use std::fmt::Display;
use std::mem::take;
use std::net::IpAddr;
use std::sync::Arc;

use kotare_ha::{Role, Route, Synced};
use kotare_model::{LeaseState, Timestamp};
use kotare_store::Lease;
use smallvec::SmallVec;
use tokio::sync::oneshot;

use super::driver::{Around, Driver, Way, commands};
use super::family::Partnered;
use super::gate::Gate;
use super::origin::Origin;
use super::outbox::{Addressee, Outbox, Parcel};
use super::peer::Failure;
use super::refused::{refusal, tell_failed};
use super::relations::Spoke;
use super::update::{Update, Updates, rows};

/// What has to be waited for, of each relationship: until all of its servers that matter have the leases.
pub(super) struct Waits<L: Partnered>(SmallVec<[Wait<L>; 1]>);

/// The same of one relationship.
struct Wait<L: Partnered> {
    spoke: Arc<Spoke<L>>,
    /// The leases that were given, each with its end.
    given: SmallVec<[(IpAddr, Timestamp); 1]>,
    /// Each tells whether a server has them.
    outcomes: SmallVec<[oneshot::Receiver<bool>; 1]>,
}

impl<L: Partnered> Waits<L> {
    /// Whether all of them have the leases, when that is known.
    pub(super) async fn told(self) -> bool {
        let mut are_told = true;
        for wait in self.0 {
            are_told &= wait.told().await;
        }
        are_told
    }
}

impl<L: Partnered> Wait<L> {
    async fn told(self) -> bool {
        let mut is_told = true;
        for outcome in self.outcomes {
            is_told &= outcome.await.unwrap_or(false);
        }
        self.spoke.untold.note(&self.given, is_told, || self.spoke.around.clock());
        is_told
    }
}

impl<L: Partnered> Gate<L> {
    /// Tells the other servers of leases that were given or `deleted`; what of that has to be waited for. In a hub the leases of
    /// one message may be of several relationships: those of subnets of a shared network, an address and a prefix, one that a
    /// client has left for another.
    pub(super) fn share<'a>(
        &self,
        leases: impl IntoIterator<Item = &'a L> + Clone,
        deleted: impl IntoIterator<Item = &'a L> + Clone,
        origin: impl Fn() -> Arc<dyn Origin>,
    ) -> Option<Waits<L>> {
        let mut drivers = SmallVec::<[&Arc<Spoke<L>>; 2]>::new();
        for lease in leases.clone().into_iter().chain(deleted.clone()) {
            if let Some(driver) = self.of_subnet(lease.subnet_id())
                && !drivers.iter().any(|known| Arc::ptr_eq(known, driver))
            {
                drivers.push(driver);
            }
        }
        let mut waits = SmallVec::new();
        for driver in drivers {
            let is_of =
                |lease: &&L| self.of_subnet(lease.subnet_id()).is_some_and(|of| Arc::ptr_eq(of, driver));
            let [leases, deleted] = [
                leases.clone().into_iter().filter(is_of).collect::<SmallVec<[_; 2]>>(),
                deleted.clone().into_iter().filter(is_of).collect(),
            ];
            waits.extend(self.share_within(driver, &leases, &deleted, &origin));
        }
        (!waits.is_empty()).then_some(Waits(waits))
    }

    /// The same of leases of one relationship.
    fn share_within(
        &self,
        driver: &Arc<Spoke<L>>,
        leases: &[&L],
        deleted: &[&L],
        origin: impl FnOnce() -> Arc<dyn Origin>,
    ) -> Option<Wait<L>> {
        if !driver.relationship.sends_updates {
            return None;
        }
        let routes: SmallVec<[_; 2]> = {
            let mut machine = driver.machine.lock();
            let others = driver.relationship.others();
            others.map(|peer| (peer, machine.route(peer.role))).collect()
        };
        if routes.iter().all(|(_, route)| *route == Route::Skip) {
            return None;
        }
        let update = |is_deleted: bool| {
            // One that was given back and is kept for its client is still there.
            move |lease: &&L| Update {
                is_deleted: is_deleted && lease.state() != LeaseState::Released,
                lease: Arc::new(L::clone(lease)),
            }
        };
        let given = |lease: &&L| (Synced::address(*lease), Lease::expires(*lease));
        let given = leases.iter().map(given).collect();
        let mut updates: Updates =
            deleted.iter().map(update(true)).chain(leases.iter().map(update(false))).collect();
        let origin = origin();
        let mut outcomes = SmallVec::new();
        let last = routes.iter().rposition(|(_, route)| *route != Route::Skip);
        for (at, (peer, mut route)) in routes.into_iter().enumerate() {
            if route == Route::Queue {
                let mut machine = driver.machine.lock();
                if !machine.queue(updates.iter().cloned()) {
                    route = machine.route(peer.role);
                }
            }
            match route {
                Route::Skip | Route::Queue => {}
                Route::Send | Route::Await | Route::Follow => {
                    let (told, outcome) = oneshot::channel();
                    let is_last = Some(at) == last;
                    let parcel = Parcel {
                        updates: if is_last { take(&mut updates) } else { updates.clone() },
                        origin: origin.clone(),
                        to: match (peer.role, route) {
                            (Role::Backup, _) => Addressee::Backup,
                            (_, Route::Follow) => Addressee::Follower,
                            _ => Addressee::Partner,
                        },
                        told,
                    };
                    driver.post(self.relations.apart.handle(), &peer.name, parcel);
                    if route == Route::Await {
                        outcomes.push(outcome);
                    }
                }
            }
        }
        (!outcomes.is_empty()).then(|| Wait { spoke: driver.clone(), given, outcomes })
    }
}

impl<W: Way, A: Around> Driver<W, A> {
    /// Whether the server there takes rows.
    pub(super) fn takes_rows(&self, way: &W) -> bool {
        self.name_of(way).and_then(|name| self.outboxes.get(name)).is_some_and(Outbox::takes_rows)
    }

    /// Sends the updates that come of one message, in words that an older server knows if it has to be.
    pub(super) async fn send_updates(
        &self,
        way: &W,
        query: &dyn Origin,
        updates: Updates,
    ) -> Result<(), Failure> {
        let older = updates.iter().any(Update::is_released).then(|| updates.clone());
        match (self.send_all(way, query, updates).await, older) {
            (Err(Failure::Refused(refusal)), Some(updates)) if refusal.reason.starts_with(OLDER) => {
                self.send_all(way, query, updates.into_iter().map(Update::for_older).collect()).await
            }
            (answer, _) => answer,
        }
    }

    /// Sends the commands of these updates, one after the other; in rows there is one.
    async fn send_all(&self, way: &W, query: &dyn Origin, updates: Updates) -> Result<(), Failure> {
        if let Some(rows) = self.takes_rows(way).then(|| rows(&updates)).flatten() {
            match way.ask(&self.asker.apply_rows(rows), None).await {
                Ok(arguments) => {
                    tell_failed(arguments.as_ref(), |_| Some(query as &dyn Display));
                    return match refusal(&updates, arguments.as_ref()) {
                        Some(why) => Err(Failure::Refused(why)),
                        None => Ok(()),
                    };
                }
                // It may be another server since the last heartbeat: it is told in words that every one knows.
                Err(Failure::Refused(why)) if !why.is_conflict() => {}
                Err(failure) => return Err(failure),
            }
        }
        for command in commands(&self.asker, updates, false) {
            let arguments = way.ask(&command, None).await?;
            tell_failed(arguments.as_ref(), |_| Some(query as &dyn Display));
        }
        Ok(())
    }
}

/// How a server refuses a lease that was given back and is kept for its client: versions before 2.7 do not keep any.
const OLDER: &str = "Invalid state value";
