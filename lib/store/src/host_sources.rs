//! Several places where reservations are kept besides the configuration, asked in an order.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use kotare_model::{HostId, Reservation, SubnetId};
use smallvec::SmallVec;

use crate::{Edited, HostCursor, HostKey, HostPage, HostQuery, HostStore, Reserved, StoreError};

/// What an [`AnyHostStore`] answers some time.
pub type HostAnswer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A [`HostStore`], whichever it is: its answers are boxed, which is nothing beside what it takes to wait for them.
pub trait AnyHostStore<R: Reserved>: fmt::Debug + Send + Sync {
    /// See [`HostSource::get`](crate::HostSource::get).
    fn get<'a>(&'a self, query: HostQuery<'a, R::Address>) -> HostAnswer<'a, Vec<Reservation<R>>>;

    /// See [`HostSource::page`](crate::HostSource::page).
    fn page<'a>(
        &'a self,
        after: Option<HostCursor>,
        limit: usize,
        subnet: Option<SubnetId>,
    ) -> HostAnswer<'a, HostPage<R>>;

    /// See [`HostStore::may_change`].
    ///
    /// # Errors
    /// As there.
    fn may_change(&self) -> Result<(), StoreError>;

    /// See [`HostStore::add`].
    fn add<'a>(&'a self, host: &'a Reservation<R>, unique: bool) -> HostAnswer<'a, Edited>;

    /// See [`HostStore::update`].
    fn update<'a>(&'a self, host: &'a Reservation<R>, unique: bool) -> HostAnswer<'a, Edited>;

    /// See [`HostStore::delete`].
    fn delete<'a>(&'a self, query: HostQuery<'a, R::Address>) -> HostAnswer<'a, usize>;
}

impl<R: Reserved, S: HostStore<R> + fmt::Debug> AnyHostStore<R> for S {
    fn get<'a>(&'a self, query: HostQuery<'a, R::Address>) -> HostAnswer<'a, Vec<Reservation<R>>> {
        Box::pin(self.get(query))
    }

    fn page<'a>(
        &'a self,
        after: Option<HostCursor>,
        limit: usize,
        subnet: Option<SubnetId>,
    ) -> HostAnswer<'a, HostPage<R>> {
        Box::pin(self.page(after, limit, subnet))
    }

    fn may_change(&self) -> Result<(), StoreError> {
        self.may_change()
    }

    fn add<'a>(&'a self, host: &'a Reservation<R>, unique: bool) -> HostAnswer<'a, Edited> {
        Box::pin(self.add(host, unique))
    }

    fn update<'a>(&'a self, host: &'a Reservation<R>, unique: bool) -> HostAnswer<'a, Edited> {
        Box::pin(self.update(host, unique))
    }

    fn delete<'a>(&'a self, query: HostQuery<'a, R::Address>) -> HostAnswer<'a, usize> {
        Box::pin(self.delete(query))
    }
}

/// What is reserved for a client, each with where it was found.
pub type FoundHosts<R> = SmallVec<[(Arc<Reservation<R>>, &'static str); 2]>;

/// Where what was known before is found.
const CACHE: &str = "cache";

/// What a [`HostCache`] knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Cached<R> {
    /// Nothing: the sources have to be asked.
    Unknown,
    /// There is none.
    None,
    /// This one.
    Host(Arc<Reservation<R>>),
}

/// Reservations that sources were asked for before.
pub trait HostCache<R: Reserved>: fmt::Debug + Send + Sync {
    /// The reservation of a client in a subnet, or the global one.
    fn of_client(&self, id: HostId<'_>, subnet: SubnetId) -> Cached<R>;

    /// The reservation of an address in a subnet; of a prefix, by its first address.
    fn of_address(&self, address: R::Address, subnet: SubnetId) -> Cached<R>;

    /// How many edits of sources it was told of so far.
    fn edits(&self) -> u64;

    /// A source has this one, as it said when it was asked after so many edits. After another edit that counts no more.
    fn learn(&self, host: &Reservation<R>, edits: u64);

    /// No source has one of that client in that subnet, in the same way.
    fn learn_none(&self, id: HostId<'_>, subnet: SubnetId, edits: u64);

    /// An edit: the sources have this one from now on.
    fn edited(&self, host: &Reservation<R>);

    /// An edit: those that are meant are in no source any more.
    fn forget(&self, query: HostQuery<'_, R::Address>);

    /// What is known of a client in a subnet, also if it is that there is no reservation: what is said of that may be in its
    /// user context.
    fn recall(&self, id: HostId<'_>, subnet: SubnetId) -> Option<Arc<Reservation<R>>>;

    /// Somebody else than a source says that there is this reservation, or that there is none (`is_negative`) and what else
    /// is to be said of that client.
    fn remember(&self, host: Reservation<R>, is_negative: bool);
}

/// Places where reservations are kept besides the configuration, in the order in which they are asked, and what is known
/// of what they would say.
#[derive(Clone, Debug)]
pub struct HostSources<R: Reserved> {
    sources: Arc<[HostPlace<R>]>,
    cache: Option<Arc<dyn HostCache<R>>>,
}

/// One of the places.
#[derive(Clone, Debug)]
pub struct HostPlace<R: Reserved> {
    /// What it is: `mysql`, `postgresql`, `sqlite`.
    pub kind: &'static str,
    /// The reservations in it.
    pub hosts: Arc<dyn AnyHostStore<R>>,
}

/// Where a client is looked for, and by how many of the identifiers that name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The subnet, or [`SubnetId::GLOBAL`].
    pub subnet: SubnetId,
    /// So many of the identifiers, the first ones. A reservation of a later one does not count there.
    pub ids: usize,
}

impl<R: Reserved> Default for HostSources<R> {
    fn default() -> Self {
        Self { sources: Arc::default(), cache: None }
    }
}

impl<R: Reserved> HostSources<R> {
    /// These places.
    pub fn new(sources: impl IntoIterator<Item = HostPlace<R>>) -> Self {
        Self { sources: sources.into_iter().collect(), cache: None }
    }

    /// The same with something that knows what they said before.
    #[must_use]
    pub fn with_cache(self, cache: Option<Arc<dyn HostCache<R>>>) -> Self {
        Self { cache, ..self }
    }

    /// Whether there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.cache.is_none()
    }

    /// The places.
    pub fn places(&self) -> &[HostPlace<R>] {
        &self.sources
    }

    /// What knows what they said before, if anything.
    pub fn cache(&self) -> Option<&Arc<dyn HostCache<R>>> {
        self.cache.as_ref()
    }

    /// What is reserved for a client that `ids` name: in each wanted subnet one reservation at most, that of the first
    /// identifier by which there is one; of several of that, the one of the first place. The subnets are ascending.
    ///
    /// # Errors
    /// As those of the first place that cannot be read.
    pub async fn of_client(
        &self,
        ids: &[HostId<'_>],
        wanted: &[Wanted],
    ) -> Result<FoundHosts<R>, StoreError> {
        let mut search = Search::new(ids, wanted);
        let cache = self.cache.as_ref().map(|cache| (cache, cache.edits()));
        if let Some((cache, _)) = cache {
            search.remember(&**cache);
        }
        for place in &*self.sources {
            let (names, subnets) = search.open();
            if names.is_empty() {
                break;
            }
            let query = HostQuery { key: HostKey::Ids(&names), subnets: Some(&subnets) };
            for host in place.hosts.get(query).await? {
                search.take(host, place.kind);
            }
        }
        if let Some((cache, edits)) = cache {
            search.teach(&**cache, edits);
        }
        Ok(search.best.into_iter().flatten().map(|(_, host, from)| (host, from)).collect())
    }

    /// The reservations of an address in a subnet, or of a prefix that begins with it: those of the first place that has
    /// some, if it is reserved once at most (`unique`), or else those of all.
    ///
    /// # Errors
    /// As those of the first place that cannot be read.
    pub async fn of_address(
        &self,
        address: R::Address,
        subnet: SubnetId,
        unique: bool,
    ) -> Result<SmallVec<[Arc<Reservation<R>>; 2]>, StoreError> {
        let mut found = SmallVec::new();
        let cache = self.cache.as_ref().map(|cache| (cache, cache.edits()));
        if let Some((cache, _)) = cache
            && unique
            && let Cached::Host(host) = cache.of_address(address, subnet)
        {
            found.push(host);
            return Ok(found);
        }
        for place in &*self.sources {
            let query = HostQuery { key: HostKey::Addresses(&[address]), subnets: Some(&[subnet]) };
            for host in place.hosts.get(query).await? {
                if let Some((cache, edits)) = cache {
                    cache.learn(&host, edits);
                }
                found.push(Arc::new(host));
            }
            if unique && !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// Whether an address is reserved in one of these subnets, which are ascending, or a prefix that begins with it.
    ///
    /// # Errors
    /// As those of the first place that cannot be read.
    pub async fn is_reserved(&self, address: R::Address, subnets: &[SubnetId]) -> Result<bool, StoreError> {
        for place in &*self.sources {
            let query = HostQuery { key: HostKey::Addresses(&[address]), subnets: Some(subnets) };
            if !place.hosts.get(query).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A search for the reservations of a client.
struct Search<'a, R> {
    ids: &'a [HostId<'a>],
    wanted: SmallVec<[Wanted; 2]>,
    /// Where and by which identifier it is known that there is none.
    none: SmallVec<[(usize, usize); 4]>,
    /// What was found so far in each subnet.
    best: SmallVec<[Option<Best<R>>; 2]>,
}

/// A reservation, by which identifier it was found and where.
type Best<R> = (usize, Arc<Reservation<R>>, &'static str);

impl<'a, R: Reserved> Search<'a, R> {
    fn new(ids: &'a [HostId<'a>], wanted: &[Wanted]) -> Self {
        let limit = |it: &Wanted| Wanted { ids: it.ids.min(ids.len()), ..*it };
        let wanted: SmallVec<[Wanted; 2]> = wanted.iter().map(limit).collect();
        let best = wanted.iter().map(|_| None).collect();
        Self { ids, wanted, none: SmallVec::new(), best }
    }

    /// What was known before. What is after a reservation that is known is not asked for.
    fn remember(&mut self, cache: &dyn HostCache<R>) {
        for (at, wanted) in self.wanted.iter_mut().enumerate() {
            for nth in 0..wanted.ids {
                match cache.of_client(self.ids[nth], wanted.subnet) {
                    Cached::Unknown => {}
                    Cached::None => self.none.push((at, nth)),
                    Cached::Host(host) => {
                        self.best[at] = Some((nth, host, CACHE));
                        wanted.ids = nth;
                        break;
                    }
                }
            }
        }
    }

    fn is_open(&self, at: usize, nth: usize) -> bool {
        nth < self.wanted[at].ids && !self.none.contains(&(at, nth))
    }

    /// What is still to be asked for.
    fn open(&self) -> (SmallVec<[HostId<'a>; 5]>, SmallVec<[SubnetId; 4]>) {
        let all = 0..self.wanted.len();
        let is_open = |nth: usize| all.clone().any(|at| self.is_open(at, nth));
        let ids = self.ids.iter().enumerate().filter(|(nth, _)| is_open(*nth)).map(|(_, id)| *id).collect();
        let subnets = all.clone().filter(|at| (0..self.wanted[*at].ids).any(|nth| self.is_open(*at, nth)));
        (ids, subnets.map(|at| self.wanted[at].subnet).collect())
    }

    /// A source has one.
    fn take(&mut self, host: Reservation<R>, from: &'static str) {
        let nth = self.ids.iter().position(|id| *id == host.id());
        let at = self.wanted.iter().position(|wanted| wanted.subnet == host.subnet);
        let (Some(nth), Some(at)) = (nth, at) else { return };
        // Of the same identifier the first one counts, as they stand in the source.
        if self.is_open(at, nth) {
            self.wanted[at].ids = nth;
            self.best[at] = Some((nth, Arc::new(host), from));
        }
    }

    /// Tells a cache what the sources said, which were asked after so many edits.
    fn teach(&self, cache: &dyn HostCache<R>, edits: u64) {
        for (at, best) in self.best.iter().enumerate() {
            if let Some((_, host, from)) = best
                && *from != CACHE
            {
                cache.learn(host, edits);
            }
            let unanswered = (0..self.wanted[at].ids).filter(|nth| self.is_open(at, *nth));
            unanswered.for_each(|nth| cache.learn_none(self.ids[nth], self.wanted[at].subnet, edits));
        }
    }
}
