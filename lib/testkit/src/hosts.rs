//! Reservations outside the configuration, whose every call waits if the test wants it to.

use std::sync::Arc;

use kotare_model::{Reservation, SubnetId};
use kotare_store::{
    Edited, HostCursor, HostPage, HostPlace, HostQuery, HostSource, HostSources, HostStore, Reserved,
    StoreError,
};
use parking_lot::Mutex;

use crate::suspending::{Call, CallId, Gate};

/// Keeps reservations in memory. Clones are the same store.
#[derive(Clone, Debug)]
pub struct MemoryHosts<R> {
    hosts: Arc<Mutex<Vec<Reservation<R>>>>,
    gate: Gate,
}

impl<R: Reserved> MemoryHosts<R> {
    /// These reservations.
    pub fn new(hosts: impl IntoIterator<Item = Reservation<R>>) -> Self {
        Self { hosts: Arc::new(Mutex::new(hosts.into_iter().collect())), gate: Gate::default() }
    }

    /// The only place that reservations are looked for in after the configuration.
    pub fn alone(&self) -> HostSources<R> {
        HostSources::new([self.place()])
    }

    /// One of the places that reservations are looked for in.
    pub fn place(&self) -> HostPlace<R> {
        HostPlace { kind: "memory", hosts: Arc::new(self.clone()) }
    }

    /// Whether calls that come from now on wait.
    pub fn suspend(&self, suspend: bool) {
        self.gate.suspend(suspend);
    }

    /// The calls that wait, in the order they came.
    pub fn waiting(&self) -> Vec<(CallId, Call)> {
        self.gate.waiting()
    }

    /// Lets a call go on.
    ///
    /// # Panics
    /// If no such call waits.
    pub fn resume(&self, call: CallId) {
        self.gate.resume(call);
    }

    /// Lets a call fail.
    ///
    /// # Panics
    /// If no such call waits.
    pub fn fail(&self, call: CallId) {
        self.gate.fail(call);
    }

    /// Whether another reservation is in the way of one.
    fn is_double(hosts: &[Reservation<R>], host: &Reservation<R>, unique: bool, own: Option<usize>) -> bool {
        let reserves = |address| host.reserved.addresses().any(|it| it == address);
        let others = hosts.iter().enumerate().filter(|(at, _)| Some(*at) != own).map(|(_, other)| other);
        let mut others = others.filter(|other| other.subnet == host.subnet);
        others.any(|other| other.id() == host.id() || unique && other.reserved.addresses().any(reserves))
    }
}

impl<R: Reserved> HostSource<R> for MemoryHosts<R> {
    async fn get(&self, query: HostQuery<'_, R::Address>) -> Result<Vec<Reservation<R>>, StoreError> {
        self.gate.pass(Call::GetHosts).await?;
        let hosts = self.hosts.lock();
        let is_meant = |host: &&Reservation<R>| !query.is_empty() && query.means(host);
        Ok(hosts.iter().filter(is_meant).cloned().collect())
    }

    async fn page(
        &self,
        after: Option<HostCursor>,
        limit: usize,
        subnet: Option<SubnetId>,
    ) -> Result<HostPage<R>, StoreError> {
        self.gate.pass(Call::Page).await?;
        let hosts = self.hosts.lock();
        let start = after.map_or(0, |cursor| cursor.0 as usize);
        let of_subnet = |host: &Reservation<R>| subnet.is_none_or(|subnet| host.subnet == subnet);
        let rest = hosts.iter().enumerate().skip(start).filter(|(_, host)| of_subnet(host));
        let page: Vec<_> = rest.take(limit).collect();
        let next = page.last().filter(|_| page.len() == limit).map(|(at, _)| HostCursor(*at as u64 + 1));
        Ok(HostPage { hosts: page.into_iter().map(|(_, host)| host.clone()).collect(), next })
    }
}

impl<R: Reserved> HostStore<R> for MemoryHosts<R> {
    async fn add(&self, host: &Reservation<R>, unique: bool) -> Result<Edited, StoreError> {
        self.gate.pass(Call::ChangeHosts).await?;
        let mut hosts = self.hosts.lock();
        if Self::is_double(&hosts, host, unique, None) {
            return Ok(Edited::Duplicate);
        }
        hosts.push(host.clone());
        Ok(Edited::Done)
    }

    async fn update(&self, host: &Reservation<R>, unique: bool) -> Result<Edited, StoreError> {
        self.gate.pass(Call::ChangeHosts).await?;
        let mut hosts = self.hosts.lock();
        let own = hosts.iter().position(|own| own.id() == host.id() && own.subnet == host.subnet);
        let Some(at) = own else { return Ok(Edited::Missing) };
        if Self::is_double(&hosts, host, unique, own) {
            return Ok(Edited::Duplicate);
        }
        hosts[at] = host.clone();
        Ok(Edited::Done)
    }

    async fn delete(&self, query: HostQuery<'_, R::Address>) -> Result<usize, StoreError> {
        self.gate.pass(Call::ChangeHosts).await?;
        let mut hosts = self.hosts.lock();
        let before = hosts.len();
        hosts.retain(|host| query.is_empty() || !query.means(host));
        Ok(before - hosts.len())
    }
}

#[cfg(test)]
mod tests {
    use kotare_model::{Reserved4, Reserved6};
    use kotare_store::conformance::{self, PollOnce};

    use super::*;

    /// It keeps the promises of every store of reservations.
    #[test]
    fn it_conforms() {
        conformance::run_hosts::<Reserved4, _>(|| MemoryHosts::new([]), &PollOnce);
        conformance::run_hosts::<Reserved6, _>(|| MemoryHosts::new([]), &PollOnce);
    }
}
