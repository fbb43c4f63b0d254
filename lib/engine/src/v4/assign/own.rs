//! The leases a client has.

use kotare_config::v4::SubnetAt;
use kotare_model::Lease4;
use kotare_store::{By4, Found, LeaseStore, StoreError};

use super::{Assignment, siblings};

impl<S: LeaseStore<Lease4>> Assignment<'_, S> {
    /// Finds the lease this client has on this link; `own` is that or empty. The subnet to serve it from.
    pub(super) async fn own_lease(&self, own: &mut Found<Lease4>) -> Result<SubnetAt, StoreError> {
        let client = &self.query.client;
        let config = &self.server.config;
        let link = config.link(self.selected);
        let matched = |subnet: SubnetAt| config[subnet].params.match_client_id;
        if let Some(id) = &client.id
            && siblings(config, self.selected, &self.query.classes).any(matched)
        {
            *own = self.leases.get(By4::ClientIdOn(id.as_bytes(), link)).await?;
            if let Some(subnet) = self.keep_on_link(own, |subnet, _| matched(subnet)) {
                return Ok(subnet);
            }
        }
        if !client.hwaddr.is_empty() {
            // What else has the hardware address of a client with an identifier is another client's.
            let others =
                client.id.is_some() && siblings(config, self.selected, &self.query.classes).all(matched);
            let by = if others { By4::NamelessOn } else { By4::HwAddrOn };
            *own = self.leases.get(by(&client.hwaddr, link)).await?;
            if let Some(subnet) = self.keep_on_link(own, |subnet, lease| client.owns(lease, matched(subnet)))
            {
                return Ok(subnet);
            }
        }
        Ok(self.selected)
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
