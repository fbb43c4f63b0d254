//! A server: a machine, and the leases that it keeps.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use kotare_ha::{Machine, Moment, Relationship, Role, SyncPlan, Synced, Ticket, Verdict, decide, hash};
use kotare_model::{SubnetId, Timestamp};

use crate::client::LIFETIME;

/// What the clock says when everything begins.
const EPOCH: i64 = 1_700_000_000;

/// Addresses are numbers; each of two pools has so many.
const POOL: u8 = 100;

/// A lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) address: u8,
    pub(crate) client: u8,
    pub(crate) cltt: i64,
}

impl Synced for Lease {
    type Key = u8;

    fn key(&self) -> u8 {
        self.address
    }

    fn address(&self) -> IpAddr {
        [192, 0, 2, self.address].into()
    }

    fn subnet(&self) -> SubnetId {
        SubnetId(1)
    }

    fn cltt(&self) -> Timestamp {
        Timestamp(self.cltt)
    }

    fn expires(&self) -> Timestamp {
        Timestamp(self.cltt) + LIFETIME
    }

    fn follows(&self, _: &Self) -> bool {
        false
    }
}

/// An exchange with a client that waits for partners.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) lease: Lease,
    pub(crate) given: Duration,
    pub(crate) waits_for: usize,
    pub(crate) is_lost: bool,
}

/// A synchronisation on its way.
#[derive(Debug)]
pub(crate) struct Sync {
    pub(crate) ticket: Ticket,
    pub(crate) plan: SyncPlan,
    /// The last page of the partner's leases.
    pub(crate) page: Vec<Lease>,
}

/// A server.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) relationship: Arc<Relationship>,
    /// Nothing while it is down.
    pub(crate) machine: Option<Machine<Lease>>,
    pub(crate) leases: BTreeMap<u8, Lease>,
    /// How often it was started.
    pub(crate) life: u64,
    /// By how many seconds its clock is ahead.
    pub(crate) ahead: i64,
    /// Until when its partner has silenced it.
    pub(crate) disabled: Option<Duration>,
    /// Until when it does nothing at all.
    pub(crate) frozen: Duration,
    pub(crate) sync: Option<Sync>,
    pub(crate) exchanges: BTreeMap<u64, Exchange>,
    /// How many updates are on their way to a partner that fetches leases.
    pub(crate) following: usize,
    /// Clients whose leases it refuses to take from its partner.
    pub(crate) refuses: Vec<u8>,
}

impl Node {
    pub(crate) fn new(relationship: Relationship) -> Self {
        Self {
            relationship: Arc::new(relationship),
            machine: None,
            leases: BTreeMap::new(),
            life: 0,
            ahead: 0,
            disabled: None,
            frozen: Duration::ZERO,
            sync: None,
            exchanges: BTreeMap::new(),
            following: 0,
            refuses: Vec::new(),
        }
    }

    /// What its clocks say.
    pub(crate) fn moment(&self, now: Duration) -> Moment {
        let seconds = i64::try_from(now.as_secs()).unwrap();
        Moment { uptime: now, clock: Timestamp(EPOCH + seconds + self.ahead) }
    }

    /// When a clock that is right says so.
    pub(crate) fn second(clock: i64) -> Duration {
        Duration::from_secs(u64::try_from(clock - EPOCH).unwrap_or(0))
    }

    pub(crate) fn start(&mut self, now: Duration) {
        self.life += 1;
        self.machine = Some(Machine::new(Arc::clone(&self.relationship), self.moment(now)));
    }

    /// It dies, and its disk with it if it is not kept.
    pub(crate) fn crash(&mut self, keeps_disk: bool) {
        self.machine = None;
        (self.disabled, self.sync) = (None, None);
        self.exchanges.clear();
        self.following = 0;
        if !keeps_disk {
            self.leases.clear();
        }
    }

    /// Whether it answers anybody.
    pub(crate) fn is_serving(&self, now: Duration) -> bool {
        let is_disabled = self.disabled.is_some_and(|until| until > now);
        self.machine.as_ref().is_some_and(|machine| machine.is_serving() && !is_disabled)
    }

    /// Gives a client of the server of this number its lease, or the first that is free in the pool of that server.
    pub(crate) fn give(&mut self, client: u8, pool: u8, now: Duration) -> Option<Lease> {
        let clock = self.moment(now).clock;
        let held = |lease: &&Lease| lease.expires() > clock;
        let own = self.leases.values().filter(held).find(|lease| lease.client == client);
        let mut free = (pool * POOL..(pool + 1) * POOL)
            .filter(|address| !self.leases.get(address).is_some_and(|lease| held(&lease)));
        let address = own.map(|lease| lease.address).or_else(|| free.next())?;
        let lease = Lease { address, client, cltt: clock.0 };
        self.leases.insert(address, lease);
        Some(lease)
    }

    /// Takes a lease that the partner tells of, unless it knows of a later one.
    pub(crate) fn update(&mut self, lease: Lease) -> bool {
        if self.refuses.contains(&lease.client) {
            return false;
        }
        if self.leases.get(&lease.address).is_none_or(|known| known.cltt <= lease.cltt) {
            self.leases.insert(lease.address, lease);
        }
        true
    }

    /// Takes leases of a page.
    pub(crate) fn merge(&mut self, page: &[Lease], now: Duration) {
        let (clock, role) = (self.moment(now).clock, self.role());
        for lease in page {
            if let Verdict::Add | Verdict::Replace =
                decide(self.leases.get(&lease.address), lease, role, clock)
            {
                self.leases.insert(lease.address, *lease);
            }
        }
    }

    /// The leases with addresses in a stretch that a partner lacks who has a page of them.
    pub(crate) fn lacking(
        &self,
        page: &[Lease],
        after: Option<u8>,
        until: Option<u8>,
        now: Duration,
    ) -> Vec<Lease> {
        let clock = self.moment(now).clock;
        let is_in = |address: u8| {
            after.is_none_or(|after| address > after) && until.is_none_or(|until| address <= until)
        };
        let is_newer = |lease: &Lease| {
            let theirs = page.iter().find(|theirs| theirs.address == lease.address);
            theirs.is_none_or(|theirs| theirs.cltt < lease.cltt)
        };
        let held = self.leases.values().filter(|lease| lease.expires() > clock && is_in(lease.address));
        held.filter(|lease| is_newer(lease)).copied().collect()
    }

    pub(crate) fn role(&self) -> Role {
        self.relationship.role()
    }

    /// A page of its leases.
    pub(crate) fn page(&self, from: Option<u8>) -> Vec<Lease> {
        let from = from.map_or(0, |from| from + 1);
        self.leases
            .range(from..)
            .take(self.relationship.sync_page_limit as usize)
            .map(|(_, it)| *it)
            .collect()
    }
}

/// The hash of a client.
pub(crate) fn hash_of(client: u8) -> Option<u8> {
    Some(hash(&[2, 0, 0, 0, 0, client]))
}
