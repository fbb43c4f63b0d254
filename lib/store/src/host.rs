//! The seam between whoever asks for reservations and what keeps them outside the configuration.

use std::fmt;
use std::future::Future;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use kotare_model::{HostId, Reservation, Reserved4, Reserved6, SubnetId};

use crate::StoreError;

/// What reservations of one protocol reserve: addresses, and of DHCPv6 prefixes, which are found by their first address,
/// whatever their length.
pub trait Reserved: Clone + Default + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// What is reserved is found by this.
    type Address: Copy + Ord + Hash + Into<IpAddr> + fmt::Display + fmt::Debug + Send + Sync + 'static;

    /// What is reserved.
    fn addresses(&self) -> impl Iterator<Item = Self::Address>;
}

impl Reserved for Reserved4 {
    type Address = Ipv4Addr;

    fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.address.into_iter()
    }
}

impl Reserved for Reserved6 {
    type Address = Ipv6Addr;

    fn addresses(&self) -> impl Iterator<Item = Ipv6Addr> {
        self.addresses.iter().copied().chain(self.prefixes.iter().map(|prefix| prefix.address))
    }
}

/// Which reservations are meant.
#[derive(Clone, Copy, Debug)]
pub struct HostQuery<'a, A> {
    /// What they have.
    pub key: HostKey<'a, A>,
    /// The subnets that they are for, ascending, [`SubnetId::GLOBAL`] of global ones among them; `None` for any.
    pub subnets: Option<&'a [SubnetId]>,
}

/// What reservations are asked for by.
#[derive(Clone, Copy, Debug)]
pub enum HostKey<'a, A> {
    /// Their client is named by one of these.
    Ids(&'a [HostId<'a>]),
    /// They reserve one of these addresses, or prefixes that begin with one of these.
    Addresses(&'a [A]),
    /// They reserve this name, whose letters may be large or small. Nothing that a client waits for asks this.
    Hostname(&'a str),
}

impl<A: PartialEq> HostQuery<'_, A> {
    /// Whether nothing can be meant.
    pub fn is_empty(&self) -> bool {
        let no_key = match self.key {
            HostKey::Ids(ids) => ids.is_empty(),
            HostKey::Addresses(addresses) => addresses.is_empty(),
            HostKey::Hostname(name) => name.is_empty(),
        };
        no_key || self.subnets.is_some_and(<[_]>::is_empty)
    }

    /// Whether a reservation is meant.
    pub fn means<R: Reserved<Address = A>>(&self, host: &Reservation<R>) -> bool {
        let has_key = match self.key {
            HostKey::Ids(ids) => ids.contains(&host.id()),
            HostKey::Addresses(addresses) => host.reserved.addresses().any(|it| addresses.contains(&it)),
            HostKey::Hostname(name) => !name.is_empty() && host.hostname.eq_ignore_ascii_case(name),
        };
        has_key && self.subnets.is_none_or(|subnets| subnets.binary_search(&host.subnet).is_ok())
    }
}

/// Where a page of reservations ends. It means something to the source that said it, and is shown as a number in commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCursor(pub u64);

/// Some of the reservations of a source.
#[derive(Clone, Debug, PartialEq)]
pub struct HostPage<R> {
    /// In the order in which they were added.
    pub hosts: Vec<Reservation<R>>,
    /// Where to go on, if there may be more.
    pub next: Option<HostCursor>,
}

/// Where reservations are looked up.
///
/// Reading changes nothing, so a read that failed may simply be repeated.
pub trait HostSource<R: Reserved>: Send + Sync {
    /// The reservations that are meant, in the order in which they were added. One whose kept form makes no sense is none.
    ///
    /// # Errors
    /// Unavailable, when the source cannot be read. No reservation is no error.
    fn get(
        &self,
        query: HostQuery<'_, R::Address>,
    ) -> impl Future<Output = Result<Vec<Reservation<R>>, StoreError>> + Send;

    /// Up to `limit` reservations of one subnet or of all, from the beginning or from where a page ended.
    ///
    /// # Errors
    /// Unavailable, when the source cannot be read.
    fn page(
        &self,
        after: Option<HostCursor>,
        limit: usize,
        subnet: Option<SubnetId>,
    ) -> impl Future<Output = Result<HostPage<R>, StoreError>> + Send;
}

/// What became of adding or changing a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// It was done.
    Done,
    /// There is one of that client in that subnet, or one of an address that may be reserved once only: nothing was done.
    Duplicate,
    /// There is none of that client in that subnet: nothing was done.
    Missing,
}

/// A [`HostSource`] that can be changed.
///
/// A call changes all it should or nothing. Of one that failed as unavailable it is unknown which.
pub trait HostStore<R: Reserved>: HostSource<R> {
    /// Whether anything can be changed, as far as that is known without trying. Who changes several stores asks all
    /// before.
    ///
    /// # Errors
    /// Refused, when nothing is ever changed here. Unavailable, while it cannot be reached.
    fn may_change(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Adds a reservation. In a subnet there is one at most of a client, and of an address, too, if these are `unique`
    /// (`ip-reservations-unique`); what is reserved in different subnets need not differ, but may have to.
    ///
    /// # Errors
    /// Refused, when such a reservation cannot be kept: nothing was done. Unavailable, when the store cannot be written.
    fn add(
        &self,
        host: &Reservation<R>,
        unique: bool,
    ) -> impl Future<Output = Result<Edited, StoreError>> + Send;

    /// Puts a reservation in the place of that of the same client in the same subnet.
    ///
    /// # Errors
    /// As [`add`](HostStore::add).
    fn update(
        &self,
        host: &Reservation<R>,
        unique: bool,
    ) -> impl Future<Output = Result<Edited, StoreError>> + Send;

    /// Removes the reservations that are meant; says how many.
    ///
    /// # Errors
    /// Unavailable, when the store cannot be written.
    fn delete(
        &self,
        query: HostQuery<'_, R::Address>,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

/// A source that several share.
impl<R: Reserved, S: HostSource<R>> HostSource<R> for Arc<S> {
    fn get(
        &self,
        query: HostQuery<'_, R::Address>,
    ) -> impl Future<Output = Result<Vec<Reservation<R>>, StoreError>> + Send {
        (**self).get(query)
    }

    fn page(
        &self,
        after: Option<HostCursor>,
        limit: usize,
        subnet: Option<SubnetId>,
    ) -> impl Future<Output = Result<HostPage<R>, StoreError>> + Send {
        (**self).page(after, limit, subnet)
    }
}
