//! The leases a client has.

use std::net::Ipv4Addr;

use futures_util::future::{OptionFuture, join3};
use kotare_config::v4::SubnetAt;
use kotare_model::{Chance, Lease4};
use kotare_store::{By4, Found, LeaseStore, StoreError};

use super::rights::Reserved;
use super::{Assignment, siblings};
use crate::alloc::{Proposal, SubnetAllocator};

/// Answers to what is asked one after the other where answers come at once, and all together where each takes its time.
#[derive(Default)]
pub(super) struct Ahead<'e> {
    /// Leases with the client's identifier.
    by_id: Option<Found<Lease4>>,
    /// Leases with its hardware address.
    by_hwaddr: Option<Found<Lease4>>,
    /// The address that it asks for, or is offered if it gets no other, and the lease of that.
    there: Option<(Ipv4Addr, Found<Lease4>)>,
    /// What it is offered if it gets no other address.
    proposed: Option<Proposed<'e>>,
}

/// A free address of a subnet. If it is not used it is withdrawn.
struct Proposed<'e> {
    subnet: SubnetAt,
    allocator: &'e SubnetAllocator,
    /// Until it is used.
    proposal: Option<Proposal>,
}

/// What a client may be given that has no lease.
#[derive(Clone, Copy)]
pub(super) enum Prospect {
    /// The address it asks for.
    Wish(Ipv4Addr),
    /// Any.
    Any,
    /// Nothing that could be said now.
    Unknown,
}

impl Ahead<'_> {
    /// The lease of this address, if that was asked.
    fn at(&mut self, address: Ipv4Addr) -> Option<Option<Lease4>> {
        let (_, found) = self.there.take_if(|(asked, _)| *asked == address)?;
        Some(found.into_iter().next())
    }

    /// The address of this subnet that was proposed, once.
    pub(super) fn proposed(&mut self, subnet: SubnetAt) -> Option<Ipv4Addr> {
        let proposed = self.proposed.as_mut().filter(|proposed| proposed.subnet == subnet)?;
        Some(proposed.proposal.take()?.place)
    }
}

impl Drop for Proposed<'_> {
    fn drop(&mut self) {
        if let Some(proposal) = &self.proposal {
            self.allocator.withdraw(proposal);
        }
    }
}

impl<S: LeaseStore<Lease4>> Assignment<'_, S> {
    /// Asks for whatever may be needed of a client that may be new, of a store that is far away; nothing of another. Who
    /// renews has a lease, which is found first.
    pub(super) async fn ask_ahead(&self, prospect: Prospect) -> Result<Option<Box<Ahead<'_>>>, StoreError> {
        if !self.leases.store().is_far() || self.query.ciaddr.is_some() {
            return Ok(None);
        }
        // Apart, so that those who do not ask are not larger.
        Box::pin(async move {
            let (address, proposed) = match prospect {
                Prospect::Wish(wish) => (Some(wish), None),
                Prospect::Any => self.propose_ahead().unzip(),
                Prospect::Unknown => (None, None),
            };
            let get = |by: Option<_>| OptionFuture::from(by.map(|by| self.leases.get(by)));
            let there = get(address.map(By4::Address));
            let (by_id, by_hwaddr, there) = join3(get(self.by_id()), get(self.by_hwaddr()), there).await;
            let (by_id, by_hwaddr) = (by_id.transpose()?, by_hwaddr.transpose()?);
            let there = address.zip(there.transpose()?);
            Ok(Some(Box::new(Ahead { by_id, by_hwaddr, there, proposed })))
        })
        .await
    }

    /// What a client without a lease and without a reservation would be offered.
    fn propose_ahead(&self) -> Option<(Ipv4Addr, Proposed<'_>)> {
        if self.rights.found.is_known() {
            return None;
        }
        let subnet = self.start(self.selected, Reserved::Nothing);
        let pools = &self.server.config[subnet].pools;
        let allocator = self.server.plan.allocator(subnet);
        let seed = Chance::new(self.seed).number();
        let proposal = allocator.propose_ahead(seed, |pool| pools[pool].fits(&self.query.classes))?;
        Some((proposal.place, Proposed { subnet, allocator, proposal: Some(proposal) }))
    }

    /// The lease of an address, which may have been asked for.
    pub(super) async fn there(
        &self,
        address: Ipv4Addr,
        ahead: Option<&mut Ahead<'_>>,
    ) -> Result<Option<Lease4>, StoreError> {
        match ahead.and_then(|ahead| ahead.at(address)) {
            Some(there) => Ok(there),
            None => self.at(address).await,
        }
    }

    /// Finds the lease this client has on this link; `own` is that or empty. The subnet to serve it from.
    pub(super) async fn own_lease(
        &self,
        own: &mut Found<Lease4>,
        mut ahead: Option<&mut Ahead<'_>>,
    ) -> Result<SubnetAt, StoreError> {
        let client = &self.query.client;
        let config = &self.server.config;
        let matched = |subnet: SubnetAt| config[subnet].params.match_client_id;
        if let Some(by) = self.by_id() {
            *own = match ahead.as_mut().and_then(|ahead| ahead.by_id.take()) {
                Some(found) => found,
                None => self.leases.get(by).await?,
            };
            if let Some(subnet) = self.keep_on_link(own, |subnet, _| matched(subnet)) {
                return Ok(subnet);
            }
        }
        if let Some(by) = self.by_hwaddr() {
            *own = match ahead.and_then(|ahead| ahead.by_hwaddr.take()) {
                Some(found) => found,
                None => self.leases.get(by).await?,
            };
            if let Some(subnet) = self.keep_on_link(own, |subnet, lease| client.owns(lease, matched(subnet)))
            {
                return Ok(subnet);
            }
        }
        Ok(self.selected)
    }

    /// The question for its lease by identifier, where that matters.
    fn by_id(&self) -> Option<By4<'_>> {
        let config = &self.server.config;
        let id = self.query.client.id.as_ref()?;
        let matters = siblings(config, self.selected, &self.query.classes)
            .any(|subnet| config[subnet].params.match_client_id);
        matters.then(|| By4::ClientIdOn(id.as_bytes(), config.link(self.selected)))
    }

    /// The question for its lease by hardware address.
    fn by_hwaddr(&self) -> Option<By4<'_>> {
        let (client, config) = (&self.query.client, &self.server.config);
        if client.hwaddr.is_empty() {
            return None;
        }
        let matched = |subnet: SubnetAt| config[subnet].params.match_client_id;
        // What else has the hardware address of a client with an identifier is another client's.
        let others = client.id.is_some() && siblings(config, self.selected, &self.query.classes).all(matched);
        let by = if others { By4::NamelessOn } else { By4::HwAddrOn };
        Some(by(&client.hwaddr, config.link(self.selected)))
    }

    /// The lease that a rebooting client has on this link, by identifier or by hardware address, whoever owns it:
    /// one or none.
    pub(in super::super) async fn rebooting_lease(&self) -> Result<Found<Lease4>, StoreError> {
        let client = &self.query.client;
        let link = self.server.config.link(self.selected);
        if let Some(id) = &client.id {
            let mut found = self.leases.get(By4::ClientIdOn(id.as_bytes(), link)).await?;
            if self.keep_on_link(&mut found, |_, _| true).is_some() {
                return Ok(found);
            }
        }
        if client.hwaddr.is_empty() {
            return Ok(Found::new());
        }
        let mut found = self.leases.get(By4::HwAddrOn(&client.hwaddr, link)).await?;
        self.keep_on_link(&mut found, |_, _| true);
        Ok(found)
    }

    /// Keeps one of the leases, and none of the others: of the first subnet on this link with any that fit, the most
    /// recent one, as Kea does. Its subnet. A lease is large, so it stays where the store put it.
    fn keep_on_link(
        &self,
        found: &mut Found<Lease4>,
        fits: impl Fn(SubnetAt, &Lease4) -> bool,
    ) -> Option<SubnetAt> {
        if found.is_empty() {
            return None;
        }
        let config = &self.server.config;
        let kept = siblings(config, self.selected, &self.query.classes).find_map(|subnet| {
            let id = config[subnet].id;
            let here = found.iter().enumerate().filter(|(_, it)| it.subnet_id == id && fits(subnet, it));
            let (at, _) = here.max_by_key(|(_, lease)| (lease.cltt, lease.address))?;
            Some((at, subnet))
        });
        let Some((at, subnet)) = kept else {
            found.clear();
            return None;
        };
        if at > 0 {
            found.swap(0, at);
        }
        found.truncate(1);
        Some(subnet)
    }
}
