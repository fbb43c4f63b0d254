//! Leases that clients give back: DHCPRELEASE and DHCPDECLINE (RFC 2131 §4.3.3, §4.3.4).

use std::net::Ipv4Addr;

use kotare_config::process::ExpiredLeases;
use kotare_model::{HwAddr, Lease4, LeaseState, Lifetime, Timestamp};
use kotare_store::{By4, Change, LeaseStore, Put, StoreError};

use super::client::Client;
use super::{Declined, Released};
use crate::Leases;

/// Ends the lease of `address` for its client. It is kept, so that the client may get the address again, when
/// `hold-reclaimed-time` and `flush-reclaimed-timer-wait-time` are set.
pub(super) async fn release<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    settings: &ExpiredLeases,
    client: &Client,
    address: Ipv4Addr,
    now: Timestamp,
) -> Result<Released, StoreError> {
    loop {
        let found = leases.get(By4::Address(address)).await?;
        let Some(lease) = found.first() else { return Ok(Released::NoLease) };
        // The subnet is not selected for a release, so whether identifiers count is not known: they do.
        if !client.owns(lease, true) {
            return Ok(Released::OtherClient);
        }
        if lease.state != LeaseState::Assigned {
            return Ok(Released::NotAssigned(lease.state));
        }
        let kept = !settings.hold.is_zero()
            && !settings.flush_wait.is_zero()
            && lease.valid_lifetime != Lifetime::INFINITE;
        let to = kept.then(|| Lease4 {
            valid_lifetime: Lifetime(0),
            state: LeaseState::Released,
            ..lease.clone()
        });
        if leases.put(Change { address, from: Some(lease), to: to.as_ref() }, now).await? == Put::Done {
            return Ok(if kept { Released::Kept } else { Released::Removed });
        }
    }
}

/// Puts an address in probation that its client found in use by somebody else.
pub(super) async fn decline<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    probation: Lifetime,
    client: &Client,
    address: Ipv4Addr,
    now: Timestamp,
) -> Result<Declined, StoreError> {
    loop {
        let found = leases.get(By4::Address(address)).await?;
        let Some(lease) = found.first() else { return Ok(Declined::NoLease) };
        if lease.state != LeaseState::Assigned || lease.expired(now) || !client.owns(lease, true) {
            let id = lease.client_id.as_ref().map_or_else(|| "(none)".into(), ToString::to_string);
            return Ok(Declined::Mismatch(Box::new((lease.hwaddr.to_string(), id))));
        }
        // Nobody's from now on.
        let to = Lease4 {
            hwaddr: HwAddr::empty(lease.hwaddr.htype()),
            client_id: None,
            valid_lifetime: probation,
            cltt: now,
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: "".into(),
            state: LeaseState::Declined,
            user_context: None,
            ..lease.clone()
        };
        if leases.put(Change { address, from: Some(lease), to: Some(&to) }, now).await? == Put::Done {
            return Ok(Declined::Done(probation));
        }
    }
}
