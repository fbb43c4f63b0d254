//! What the server around a relationship does for it: leases that come are kept, and clients are answered or not.

use std::collections::HashSet;
use std::fmt::Display;
use std::net::IpAddr;
use std::sync::Arc;

use kotare_control::behind;
use kotare_engine::hooks::Cause;
use kotare_ha::{Machine, Relationship, Role, Scopes, Stretch, SubnetFilter, Synced, Verdict, decide};
use kotare_model::{SubnetId, Timestamp};
use kotare_store::{Change, Lease, PageFilter, Put};
use kotare_store_memfile::{Sent, each_row};
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use serde_json::Value as Json;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::driver::{Alone, Around, Merged, Page};
use super::family::Partnered;
use super::messages::*;
use super::terms::{Terms, TermsOf};
use super::update::Update;
use crate::arguments::Arguments;
use crate::give_way::give_way;
use crate::{Server, ServerLink, Serving};

/// The number of a server's own order to be silent, to which that of the relationship is added.
const LOCAL_ORIGIN: u32 = 1000;

/// How often a lease is compared anew because a client was faster.
const TRIES: usize = 16;

/// The server around a relationship.
pub(super) struct Surrounding<L: Partnered> {
    server: ServerLink<L, L::Engine>,
    relationship: Relationship,
    origin: u32,
    /// Whether it is the only relationship: only then is the whole service as silent as it is.
    is_alone: bool,
    standing: RwLock<Option<Standing>>,
    /// Whether the relationship has ended: what it still says counts for nothing.
    has_left: Mutex<bool>,
    terms: Arc<TermsOf<L::Config>>,
}

/// Whom a server answers.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) scopes: Scopes,
    /// Whether it answers anybody.
    pub(super) is_serving: bool,
}

impl<L: Partnered> Surrounding<L> {
    /// Up to `limit` leases with an address above `after`, by address.
    async fn leases(&self, after: Option<IpAddr>, limit: u32) -> Result<Vec<L>, String> {
        let serving = self.server.get().ok_or("the server is about to end")?.serving();
        let after = match after {
            None => None,
            Some(after) => {
                let known = after.to_string().parse();
                Some(known.map_err(|_| format!("{after} is no address of this service"))?)
            }
        };
        let runtime = Handle::current();
        let page =
            move || runtime.block_on(serving.leases().page(after, limit as usize, PageFilter::default()));
        behind(page).await.map_err(|error| error.to_string())
    }

    /// That of the relationship of this number.
    pub(super) fn new(
        server: ServerLink<L, L::Engine>,
        relationship: &Relationship,
        number: u32,
        is_alone: bool,
    ) -> Self {
        let (relationship, origin) = (relationship.clone(), LOCAL_ORIGIN + number);
        let (standing, has_left, terms) = (RwLock::default(), Mutex::default(), Arc::default());
        Self { server, relationship, origin, is_alone, standing, has_left, terms }
    }

    /// Whom the server answers; `None` before that is known.
    pub(super) fn standing(&self) -> RwLockReadGuard<'_, Option<Standing>> {
        self.standing.read()
    }

    /// The relationship has ended: nobody is silent because of it from now on.
    pub(super) fn leave(&self) {
        let mut has_left = self.has_left.lock();
        *has_left = true;
        if let Some(server) = self.server.get() {
            server.enable(self.origin);
        }
    }
}

impl<L: Partnered> Around for Surrounding<L> {
    fn clock(&self) -> Timestamp {
        self.server.get().map_or(Timestamp(0), |server| server.now())
    }

    fn publish(&self, machine: &Machine<Update>) {
        let is_serving = machine.is_serving();
        *self.standing.write() = Some(Standing { scopes: machine.scopes().clone(), is_serving });
        let has_left = self.has_left.lock();
        if *has_left {
            return;
        }
        if let Some(server) = self.server.get().filter(|_| self.is_alone) {
            match is_serving {
                true => server.enable(self.origin),
                false => server.disable(self.origin),
            }
        }
    }

    async fn merge(&self, page: Page) -> Result<Merged, String> {
        let server = self.server.get().ok_or("the server is about to end")?;
        let merge = Merge {
            name: self.relationship.this_server.clone(),
            role: self.relationship.role(),
            serving: server.serving(),
            now: server.now(),
            server,
            runtime: Handle::current(),
        };
        let relationship = self.relationship.clone();
        // Leases may be in a database, and there are many. Clients of this server or of others here go first.
        behind(move || merge.all(page, &relationship)).await
    }

    async fn alone(
        &self,
        stretch: Stretch,
        theirs: &Arc<HashSet<IpAddr>>,
        limit: u32,
    ) -> Result<Alone, String> {
        let server = self.server.get().ok_or("the server is about to end")?;
        let page = self.leases(stretch.after, limit).await?;
        let (filter, now) = (self.filter(&self.relationship), server.now());
        let theirs = theirs.clone();
        let is_full = page.len() >= limit as usize;
        let look = move || {
            let mut alone = Alone::default();
            for lease in page {
                let address = Synced::address(&lease);
                if stretch.until.is_some_and(|until| address > until) {
                    return Alone { reached: None, ..alone };
                }
                alone.reached = is_full.then_some(address);
                let is_held = lease.state().is_held() && Lease::expires(&lease) > now;
                if is_held && filter.takes(lease.subnet_id()) && !theirs.contains(&address) {
                    alone.leases.push(Arc::new(lease));
                }
            }
            alone
        };
        Ok(behind(look).await)
    }

    async fn page(&self, after: Option<IpAddr>, limit: u32) -> Result<Vec<Json>, String> {
        Ok(self.leases(after, limit).await?.iter().map(L::shown).collect())
    }

    fn filter(&self, relationship: &Relationship) -> SubnetFilter {
        let serving = self.server.get().map(|server| server.serving());
        serving.map(|serving| filter::<L>(serving.config(), relationship)).unwrap_or_default()
    }

    async fn terms(&self) -> Arc<Terms> {
        let Some(server) = self.server.get() else { return Arc::default() };
        let (kept, relationship) = (self.terms.clone(), self.relationship.clone());
        let config = server.serving().config().clone();
        // There may be very many subnets.
        let made = spawn_blocking(move || {
            kept.of(&config, || {
                let filter = filter::<L>(&config, &relationship);
                Terms::new(&relationship, L::terms(&config, &|subnet| filter.takes(subnet)))
            })
        });
        made.await.unwrap_or_default()
    }
}

/// What leases of the partner's are compared with.
struct Merge<L: Partnered> {
    name: String,
    role: Role,
    server: Arc<dyn Server<L, L::Engine>>,
    serving: Arc<dyn Serving<L, L::Engine>>,
    runtime: Handle,
    now: Timestamp,
}

impl<L: Partnered> Merge<L> {
    /// Keeps those of a page that are newer than those here.
    fn all(&self, page: Page, relationship: &Relationship) -> Result<Merged, String> {
        let filter = filter::<L>(self.serving.config(), relationship);
        let mut merged = Merged::default();
        match page {
            Page::Listed(leases) => leases.iter().for_each(|written| {
                self.keep(&filter, &mut merged, written, self.read(written), || address_of(written));
            }),
            Page::Rows(rows, _) => each_row::<L>(&rows, |row, sent| {
                let place =
                    |sent: Sent<L>| sent.lease.placed(self.serving.config()).map_err(|refused| refused.text);
                let address = || row.split(',').next()?.parse().ok();
                self.keep(&filter, &mut merged, &row, sent.and_then(place), address);
            })?,
        }
        self.server.statistics().tick(self.server.since_epoch());
        self.runtime.block_on(self.serving.leases().flush()).map_err(|error| error.to_string())?;
        Ok(merged)
    }

    /// Keeps one that was `written` so, if it could be `read`; if not, its address is what it has.
    fn keep(
        &self,
        filter: &SubnetFilter,
        merged: &mut Merged,
        written: &dyn Display,
        read: Result<L, String>,
        address: impl FnOnce() -> Option<IpAddr>,
    ) {
        give_way(merged.addresses.len());
        let lease = match read {
            Ok(lease) => lease,
            Err(reason) => {
                HA_LEASE_SYNC_FAILED(&self.name, written, reason);
                // Without its address nobody knows how far the partner's leases are here.
                return merged.addresses.extend(address());
            }
        };
        merged.addresses.push(Synced::address(&lease));
        if filter.takes(lease.subnet_id()) {
            match self.one(&lease) {
                Ok(Kept::Theirs) => merged.applied += 1,
                Ok(Kept::Same) => {}
                Ok(Kept::Ours(newer)) => merged.newer.push(Arc::new(newer)),
                Err(reason) => HA_LEASE_SYNC_FAILED(&self.name, written, reason),
            }
        }
    }

    fn read(&self, written: &Json) -> Result<L, String> {
        let mut written = written.as_object().ok_or("it is no map")?.clone();
        let number = |name: &str| written.get(name).and_then(Json::as_i64);
        if let (Some(cltt), Some(valid)) = (number("cltt"), number("valid-lft")) {
            written.insert("expire".into(), cltt.saturating_add(valid).into());
        }
        let written = Json::Object(written);
        L::given(self.serving.config(), self.now, Arguments::within(&written)?)
            .map_err(|refused| refused.text)
    }

    /// Keeps a lease if it is newer than the one here.
    fn one(&self, theirs: &L) -> Result<Kept<L>, String> {
        let leases = self.serving.leases();
        let address = Lease::address(theirs);
        for _ in 0..TRIES {
            let found = self.runtime.block_on(leases.get(L::by_address(address)));
            let ours = found.map_err(|error| error.to_string())?.pop();
            match decide(ours.as_ref(), theirs, self.role, self.now) {
                Verdict::Add | Verdict::Replace => {}
                Verdict::Same => return Ok(Kept::Same),
                Verdict::Keep => {
                    (L::STALE)(&self.name, Synced::address(theirs), theirs.subnet_id());
                    let Some(ours) = ours else { return Ok(Kept::Same) };
                    self.tell(&ours, theirs);
                    return Ok(Kept::Ours(ours));
                }
                Verdict::Refuse(reason) => return Err(reason),
            }
            let change = Change { address, from: ours.as_ref(), to: Some(theirs) };
            let put = self.runtime.block_on(leases.put(change, Cause::Command, self.now));
            if put.map_err(|error| error.to_string())? == Put::Done {
                if let Some(ours) = &ours {
                    self.tell(theirs, ours);
                }
                return Ok(Kept::Theirs);
            }
        }
        Err("the lease changes all the time".into())
    }

    /// Tells how it was decided between two clients.
    fn tell(&self, kept: &L, dropped: &L) {
        let is_held = |lease: &L| lease.state().is_held() && Lease::expires(lease) > self.now;
        if is_held(kept) && is_held(dropped) && !kept.is_of_client_of(dropped) {
            KOTARE_HA_LEASE_DECIDED(&self.name, kept.shown(), dropped.shown());
        }
    }
}

/// Which of two leases was kept.
enum Kept<L> {
    /// They are the same.
    Same,
    /// The partner's.
    Theirs,
    /// This one.
    Ours(L),
}

/// The subnets of a relationship.
fn filter<L: Partnered>(config: &L::Config, relationship: &Relationship) -> SubnetFilter {
    let is_of = |id: SubnetId| {
        let [own, shared] = L::contexts(config, id).map(|context| context.map(|value| value.to_json()));
        let named = kotare_ha::server_of_subnet(own.as_ref(), shared.as_ref()).ok().flatten();
        named.is_some_and(|name| relationship.peer(name).is_some())
    };
    SubnetFilter::new(L::configured_subnets(config).map(|subnet| subnet.id).filter(|id| is_of(*id)))
}

/// The address of a lease, however wrong the rest of it is.
fn address_of(written: &Json) -> Option<IpAddr> {
    written.get("ip-address")?.as_str()?.parse().ok()
}
