//! Updates of leases on their way to another server. What comes while others are on their way waits and goes together
//! with what else has come, in one command where the server takes many leases in one.

use std::collections::{HashSet, VecDeque};
use std::fmt::Display;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kotare_ha::Machine;
use kotare_store::ring_together;
use parking_lot::Mutex;
use serde_json::Value as Json;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use tokio::task::yield_now;
use tokio::time::Instant;

use super::driver::{Around, Driver, Way};
use super::gather::Gathering;
use super::messages::*;
use super::origin::Origin;
use super::peer::{Failure, Step, Unanswered};
use super::refused::{address, refusal, tell_failed};
use super::update::{Update, Updates, rows};

/// So many leases go together, at most.
const TOGETHER: usize = 256;
/// So many commands with many leases are on their way at once: while one is, others gather for the next.
const OF_MANY: usize = 2;
/// And so many with rows, which take little: two at a time are more work than one with what both have.
const OF_ROWS: usize = 1;
/// And so many with one lease, or one client's. As many connections as are configured take them.
const OF_ONE: usize = 64;
/// So many parcels wait, at most: whoever does not take any for so long is not told of more.
const WAITING: usize = 65_536;
/// Where more wait than this, and ever more, that is told, as Kea does.
const MANY: usize = 2048;
/// And told again after so long, at the earliest.
const AGAIN: Duration = Duration::from_secs(60);

/// What a server is that is told of leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addressee {
    /// The partner, whose word counts.
    Partner,
    /// The same, as long as it fetches all leases.
    Follower,
    /// A backup.
    Backup,
}

/// What a client's leases have become, for another server.
pub(super) struct Parcel {
    pub(super) updates: Updates,
    /// The message that they come of.
    pub(super) origin: Arc<dyn Origin>,
    /// What the server is for this one.
    pub(super) to: Addressee,
    /// Who waits is told whether the server has them.
    pub(super) told: oneshot::Sender<bool>,
}

/// The updates for one server.
#[derive(Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    takes_many: AtomicBool,
    takes_rows: AtomicBool,
    /// Nothing is on its way any more.
    emptied: Notify,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Parcel>,
    /// The addresses that updates are on their way about.
    busy: HashSet<IpAddr>,
    /// How many tasks send.
    senders: usize,
    /// How many of them have begun and not looked yet what there is.
    beginning: usize,
    /// How many waited when there was one more.
    length: usize,
    /// When it was told that there are many.
    told: Option<Instant>,
}

/// What follows when a parcel was added.
struct Added {
    /// There has to be one more sender.
    is_needed: bool,
    /// So many wait, which is to be told.
    grows: Option<usize>,
}

impl Outbox {
    /// That for a server of DHCPv6, or of DHCPv4.
    pub(super) fn new(service: &str) -> Self {
        Self { takes_many: AtomicBool::new(service == "dhcp6"), ..Self::default() }
    }

    /// Takes down whether the server takes many leases in one command: every one of DHCPv6 does, of DHCPv4 ours. And whether
    /// it takes them as rows, as ours do.
    pub(super) fn learn(&self, takes_many: bool, takes_rows: bool) {
        self.takes_many.store(takes_many, Ordering::Relaxed);
        self.takes_rows.store(takes_rows, Ordering::Relaxed);
    }

    /// Whether it takes many.
    pub(super) fn takes_many(&self) -> bool {
        self.takes_many.load(Ordering::Relaxed)
    }

    /// Whether it takes rows, and sends them.
    pub(super) fn takes_rows(&self) -> bool {
        self.takes_rows.load(Ordering::Relaxed)
    }

    /// Whether more waits than goes together.
    fn is_full(&self) -> bool {
        self.queue.lock().waiting.len() >= TOGETHER
    }

    /// Adds a parcel, if there is room for it.
    fn add(&self, parcel: Parcel, now: Instant) -> Result<Added, Parcel> {
        let takes_many = self.takes_many();
        let of_many = if self.takes_rows() { OF_ROWS } else { OF_MANY };
        let mut queue = self.queue.lock();
        if queue.waiting.len() >= WAITING {
            return Err(parcel);
        }
        queue.waiting.push_back(parcel);
        let length = queue.waiting.len();
        let grows = length > MANY.max(queue.length) && queue.told.is_none_or(|told| now - told > AGAIN);
        queue.length = length;
        if grows {
            queue.told = Some(now);
        }
        // One that takes many takes this one, too, if it has not looked yet.
        let is_needed = match takes_many {
            true => queue.senders < of_many && queue.beginning == 0,
            false => queue.senders < OF_ONE,
        };
        if is_needed {
            (queue.senders, queue.beginning) = (queue.senders + 1, queue.beginning + 1);
        }
        Ok(Added { is_needed, grows: grows.then_some(length) })
    }

    /// What goes next, after what went before; nothing ends a sender.
    fn next(&self, before: &[IpAddr], is_first: bool) -> Vec<Parcel> {
        let most = if self.takes_many() { TOGETHER } else { 1 };
        let mut queue = self.queue.lock();
        let Queue { waiting, busy, .. } = &mut *queue;
        before.iter().for_each(|address| _ = busy.remove(address));
        let (mut parcels, mut count) = (Vec::new(), 0);
        // Of two that are about one address the second comes after the first. Whoever sends that goes on with it.
        while count < most
            && let Some(next) =
                waiting.pop_front_if(|next| next.addresses().all(|address| !busy.contains(&address)))
        {
            count += next.updates.len().max(1);
            busy.extend(next.addresses());
            parcels.push(next);
        }
        queue.beginning -= usize::from(is_first);
        queue.senders -= usize::from(parcels.is_empty());
        if queue.senders == 0 {
            self.emptied.notify_waiters();
        }
        parcels
    }

    /// Waits until nothing is on its way.
    pub(super) async fn emptied(&self) {
        let emptied = self.emptied.notified();
        if self.queue.lock().senders > 0 {
            emptied.await;
        }
    }
}

impl<W: Way, A: Around> Driver<W, A> {
    /// Has a server told of what is in a parcel. Nobody waits here.
    pub(super) fn post(self: &Arc<Self>, runtime: &Handle, peer: &str, parcel: Parcel) {
        let (Some(outbox), Some(way)) = (self.outboxes.get(peer), self.ways.get(peer)) else { return };
        let added = match outbox.add(parcel, Instant::now()) {
            Ok(added) => added,
            Err(parcel) => {
                let reason = format!("{WAITING} updates wait for it already");
                let full = Failure::Unanswered(Unanswered { step: Step::Wait, reason });
                return self.conclude(way, parcel, Err(full));
            }
        };
        if let Some(length) = added.grows {
            HTTP_CLIENT_QUEUE_SIZE_GROWING(self.relationship.peer(peer).map_or("", |it| &it.url), length);
        }
        if !added.is_needed {
            return;
        }
        let (own, peer) = (self.clone(), peer.to_owned());
        runtime.spawn(async move {
            // Whoever has posted this is about to post more.
            yield_now().await;
            own.empty(&peer).await;
        });
    }

    /// Sends until there is nothing more to send.
    async fn empty(&self, peer: &str) {
        let (Some(outbox), Some(way)) = (self.outboxes.get(peer), self.ways.get(peer)) else { return };
        let (mut addresses, mut is_first, mut gathering) = (Vec::new(), true, Gathering::default());
        loop {
            if !outbox.is_full() {
                gathering.wait().await;
            }
            let parcels = outbox.next(&addresses, is_first);
            gathering.goes(if outbox.takes_rows() { parcels.len() } else { 0 });
            is_first = false;
            addresses.clear();
            addresses.extend(parcels.iter().flat_map(Parcel::addresses));
            let silence = match parcels.len() {
                0 => return,
                1 => self.send_each(way, parcels).await,
                _ => self.send_together(way, parcels, outbox.takes_rows()).await,
            };
            // What has waited for that is not sent into the same silence, one after the other.
            if let Some(failure) = silence {
                let waiting = std::mem::take(&mut outbox.queue.lock().waiting);
                waiting.into_iter().for_each(|parcel| self.conclude(way, parcel, Err(failure.clone())));
            }
        }
    }

    /// Sends some, one after the other. That one was not answered in time, if so: the others are not sent then.
    async fn send_each(&self, way: &W, parcels: Vec<Parcel>) -> Option<Failure> {
        let mut silence = None;
        for mut parcel in parcels {
            let updates = std::mem::take(&mut parcel.updates);
            let answer = match &silence {
                None => self.send_updates(way, &*parcel.origin, updates).await,
                Some(failure) => Err(Failure::clone(failure)),
            };
            silence = answer.as_ref().err().filter(|failure| failure.is_silence()).cloned();
            self.conclude(way, parcel, answer);
        }
        silence
    }

    /// Sends many in one command. If that is refused as a whole, each goes by itself: one may be what the others suffer for.
    async fn send_together(&self, way: &W, parcels: Vec<Parcel>, in_rows: bool) -> Option<Failure> {
        let updates = || parcels.iter().flat_map(|parcel| &parcel.updates);
        let rows = in_rows.then(|| rows(updates())).flatten();
        let command = match rows {
            Some(rows) => self.asker.apply_rows(rows),
            None => {
                let leases = |gone: bool| {
                    updates()
                        .filter(move |update| update.is_deleted == gone)
                        .map(|update| update.lease.told())
                };
                self.asker.bulk_apply(leases(true), leases(false))
            }
        };
        match way.ask(&command, None).await {
            Ok(arguments) => {
                tell_failed(arguments.as_ref(), |failed| {
                    Some(&*of(&parcels, failed)?.origin as &dyn Display)
                });
                let (mut taken, mut refused) = (Vec::with_capacity(parcels.len()), Vec::new());
                for parcel in parcels {
                    match refusal(&parcel.updates, arguments.as_ref()) {
                        Some(why) => refused.push((parcel, why)),
                        None => taken.push(parcel),
                    }
                }
                // Of a client with several that counts which was refused.
                self.take_down(way, taken);
                for (parcel, why) in refused {
                    self.conclude(way, parcel, Err(Failure::Refused(why)));
                }
                None
            }
            Err(Failure::Refused(_)) => self.send_each(way, parcels).await,
            Err(failure) => {
                parcels.into_iter().for_each(|parcel| self.conclude(way, parcel, Err(failure.clone())));
                Some(failure).filter(Failure::is_silence)
            }
        }
    }

    /// These were taken. Who waits is told last, and a worker is rung once for all of its clients.
    fn take_down(&self, way: &W, parcels: impl IntoIterator<Item = Parcel> + AsRef<[Parcel]>) {
        self.failures.note(way.label(), "lease-update", None, |_| {});
        {
            let mut machine = self.machine.lock();
            let of_partner = parcels.as_ref().iter().filter(|parcel| parcel.to == Addressee::Partner);
            of_partner.for_each(|parcel| machine.accepted(|| parcel.origin.client()));
        }
        ring_together(|| parcels.into_iter().for_each(|parcel| _ = parcel.told.send(true)));
    }

    /// What came of a parcel.
    fn conclude(&self, way: &W, parcel: Parcel, answer: Result<(), Failure>) {
        let Err(failure) = answer else { return self.take_down(way, [parcel]) };
        let Parcel { origin: label, to, told, .. } = parcel;
        let (name, partner) = (&self.relationship.this_server, way.label());
        // Whether anybody waits is nothing to who sends.
        let _ = told.send(false);
        // The same again and again is told once, and shown as long as it lasts.
        let note =
            |tell: &dyn Fn(&Failure)| self.failures.note(partner, "lease-update", Some(&failure), tell);
        match &failure {
            Failure::Refused(refusal) if refusal.is_conflict() => {
                let tell = || HA_LEASE_UPDATE_CONFLICT(name, &label, partner, &refusal.reason);
                match to {
                    Addressee::Follower | Addressee::Backup => note(&|_| tell()),
                    Addressee::Partner => {
                        note(&|_| {});
                        self.tell(|machine, now| machine.rejected(label.client(), tell, now));
                    }
                }
                return;
            }
            Failure::Refused(refusal) => {
                note(&|_| HA_LEASE_UPDATE_FAILED(name, &label, partner, &refusal.reason));
            }
            Failure::Unanswered(why) => {
                note(&|_| HA_LEASE_UPDATE_COMMUNICATIONS_FAILED(name, &label, partner, why));
            }
        }
        match (to, &failure) {
            // What a backup does changes nothing. What somebody who fetches refuses, he refuses there, too.
            (Addressee::Backup, _) | (Addressee::Follower, Failure::Refused(_)) => {}
            (Addressee::Follower, Failure::Unanswered(_)) => self.tell(Machine::missed),
            (Addressee::Partner, _) => self.tell(Machine::lost),
        }
    }
}

impl Parcel {
    /// What it is about.
    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.updates.iter().map(Update::address)
    }
}

/// The parcel that an entry of a list of leases is about.
fn of<'a>(parcels: &'a [Parcel], failed: &Json) -> Option<&'a Parcel> {
    let is_of = |update: &Update| address(failed) == Some(update.address());
    parcels.iter().find(|parcel| parcel.updates.iter().any(is_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel() -> Parcel {
        Parcel {
            updates: Updates::new(),
            origin: Arc::new("a message".to_owned()),
            to: Addressee::Backup,
            told: oneshot::channel().0,
        }
    }

    /// That ever more parcels wait is told, once a minute; and no more wait than there is room for.
    #[tokio::test]
    async fn queues_are_watched_and_have_an_end() {
        let outbox = Outbox::new("dhcp6");
        let grows = |at: Instant| outbox.add(parcel(), at).ok().and_then(|added| added.grows);
        let now = Instant::now();
        let told: Vec<_> = (0..WAITING).filter_map(|_| grows(now)).collect();
        assert_eq!(told, [MANY + 1]);
        assert!(outbox.add(parcel(), now).is_err());
        let taken = outbox.next(&[], true).len();
        let later = now + AGAIN + Duration::from_secs(1);
        assert_eq!(grows(later), None, "there are fewer than before");
        assert_eq!(grows(later), Some(WAITING - taken + 2));
    }
}
