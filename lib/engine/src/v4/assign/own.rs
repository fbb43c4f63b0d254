//! The leases a client has.

use kotare_model::Lease4;
use kotare_store::{By4, Found, LeaseStore, StoreError};

use super::{Assignment, siblings};

impl<S: LeaseStore<Lease4>> Assignment<'_, S> {
    /// The lease this client has on this link, and the subnet to serve it from.
    pub(super) async fn own_lease(&self) -> Result<(Option<Lease4>, usize), StoreError> {
        let client = &self.query.client;
        let config = &self.server.config;
        let matched = |subnet: usize| config.subnets[subnet].params.match_client_id;
        if let Some(id) = &client.id
            && siblings(config, self.selected).any(matched)
        {
            let found = self.leases.get(By4::ClientId(id.as_bytes())).await?;
            if let Some(own) = self.on_link(found, |subnet, _| matched(subnet)) {
                return Ok((Some(own.0), own.1));
            }
        }
        if !client.hwaddr.is_empty() {
            let found = self.leases.get(By4::HwAddr(&client.hwaddr)).await?;
            if let Some(own) = self.on_link(found, |subnet, lease| client.owns(lease, matched(subnet))) {
                return Ok((Some(own.0), own.1));
            }
        }
        Ok((None, self.selected))
    }

    /// The lease that a rebooting client has on this link, by identifier or by hardware address, whoever owns it.
    pub(in super::super) async fn rebooting_lease(&self) -> Result<Option<Lease4>, StoreError> {
        let client = &self.query.client;
        if let Some(id) = &client.id {
            let found = self.leases.get(By4::ClientId(id.as_bytes())).await?;
            if let Some((lease, _)) = self.on_link(found, |_, _| true) {
                return Ok(Some(lease));
            }
        }
        if client.hwaddr.is_empty() {
            return Ok(None);
        }
        let found = self.leases.get(By4::HwAddr(&client.hwaddr)).await?;
        Ok(self.on_link(found, |_, _| true).map(|(lease, _)| lease))
    }

    /// The first of the leases that is of a subnet on this link.
    fn on_link(
        &self,
        found: Found<Lease4>,
        fits: impl Fn(usize, &Lease4) -> bool,
    ) -> Option<(Lease4, usize)> {
        if found.is_empty() {
            return None;
        }
        let config = &self.server.config;
        let (at, subnet) = siblings(config, self.selected).find_map(|subnet| {
            let id = config.subnets[subnet].id;
            let at = found.iter().position(|lease| lease.subnet_id == id && fits(subnet, lease))?;
            Some((at, subnet))
        })?;
        found.into_iter().nth(at).map(|lease| (lease, subnet))
    }
}
