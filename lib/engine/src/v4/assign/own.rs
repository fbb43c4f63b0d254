//! The leases a client has.

use std::net::Ipv4Addr;

use futures_util::future::{OptionFuture, join3};
use kotare_config::v4::SubnetAt;
use kotare_model::Lease4;
use kotare_store::{By4, Found, LeaseStore, StoreError};

use super::{Assignment, siblings};

/// Answers to what is asked one after the other where answers come at once, and all together where each takes its time.
#[derive(Default)]
pub(super) struct Ahead {
    /// Leases with the client's identifier.
    by_id: Option<Found<Lease4>>,
    /// Leases with its hardware address.
    by_hwaddr: Option<Found<Lease4>>,
    /// The address that it asks for, and the lease of that.
    wish: Option<(Ipv4Addr, Found<Lease4>)>,
}

impl Ahead {
    /// The lease of this address, if that was asked.
    pub(super) fn at(&mut self, address: Ipv4Addr) -> Option<Option<Lease4>> {
        let (_, found) = self.wish.take_if(|(asked, _)| *asked == address)?;
        Some(found.into_iter().next())
    }
}

impl<S: LeaseStore<Lease4>> Assignment<'_, S> {
    /// Asks for whatever may be needed of a client that may be new, of a store that is far away; nothing of another. Who
    /// renews has a lease, which is found first.
    pub(super) async fn ask_ahead(&self, wish: Option<Ipv4Addr>) -> Result<Option<Box<Ahead>>, StoreError> {
        if !self.leases.store().is_far() || self.query.ciaddr.is_some() {
            return Ok(None);
        }
        // Apart, so that those who do not ask are not larger.
        Box::pin(async move {
            let get = |by: Option<_>| OptionFuture::from(by.map(|by| self.leases.get(by)));
            let wished = get(wish.map(By4::Address));
            let (by_id, by_hwaddr, there) = join3(get(self.by_id()), get(self.by_hwaddr()), wished).await;
            let (by_id, by_hwaddr) = (by_id.transpose()?, by_hwaddr.transpose()?);
            Ok(Some(Box::new(Ahead { by_id, by_hwaddr, wish: wish.zip(there.transpose()?) })))
        })
        .await
    }

    /// Finds the lease this client has on this link; `own` is that or empty. The subnet to serve it from.
    pub(super) async fn own_lease(
        &self,
        own: &mut Found<Lease4>,
        mut ahead: Option<&mut Ahead>,
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
