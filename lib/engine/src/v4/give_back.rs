//! Leases that clients give back: DHCPRELEASE and DHCPDECLINE (RFC 2131 §4.3.3, §4.3.4).

use std::net::Ipv4Addr;

use kotare_model::{HwAddr, Lease4, LeaseState, Lifetime, Timestamp};
use kotare_store::{By4, Change, LeaseStore, Put, StoreError};

use super::assign::Changes;
use super::{Declined, Released, Server};
use crate::Leases;
use crate::hooks::v4::Asked4;
use crate::hooks::{Cause, Verdict};

/// Ends the lease of `ciaddr` for its client, unless a module says otherwise. It is kept, so that the client may get the
/// address again, when `hold-reclaimed-time` and `flush-reclaimed-timer-wait-time` are set.
pub(super) async fn release<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    server: &Server,
    asked: Asked4<'_>,
) -> Result<(Released, Changes), StoreError> {
    let Asked4 { message, query, now } = asked;
    let address = message.ciaddr();
    let unchanged = |released| Ok((released, Changes::default()));
    loop {
        let found = leases.get(By4::Address(address)).await?;
        let Some(lease) = found.first() else { return unchanged(Released::NoLease) };
        // The subnet is not selected for a release, so whether identifiers count is not known: they do.
        if !query.client.owns(lease, true) {
            return unchanged(Released::OtherClient);
        }
        if lease.state != LeaseState::Assigned {
            return unchanged(Released::NotAssigned(lease.state));
        }
        let mut modules = server.hooks.lease4_release.iter();
        if modules.any(|module| module.lease4_release(asked, lease) != Verdict::Continue) {
            return unchanged(Released::Refused);
        }
        let kept = server.config.process.expired_leases.keeps() && lease.valid_lifetime != Lifetime::INFINITE;
        let to = kept.then(|| Lease4 {
            valid_lifetime: Lifetime(0),
            state: LeaseState::Released,
            ..lease.clone()
        });
        let change = Change { address, from: Some(lease), to: to.as_ref() };
        if leases.put(change, Cause::Query(query), now).await? == Put::Done {
            let released = if kept { Released::Kept } else { Released::Removed };
            let deleted = to.or_else(|| found.into_iter().next());
            return Ok((released, Changes { lease: None, deleted }));
        }
    }
}

/// Puts an address in probation that its client found in use by somebody else, unless a module says otherwise.
pub(super) async fn decline<S: LeaseStore<Lease4>>(
    leases: &Leases<S>,
    server: &Server,
    asked: Asked4<'_>,
    address: Ipv4Addr,
) -> Result<(Declined, Changes), StoreError> {
    let Asked4 { query, now, .. } = asked;
    let unchanged = |declined| Ok((declined, Changes::default()));
    loop {
        let found = leases.get(By4::Address(address)).await?;
        let Some(lease) = found.first() else { return unchanged(Declined::NoLease) };
        if lease.state != LeaseState::Assigned || lease.expired(now) || !query.client.owns(lease, true) {
            let id = lease.client_id.as_ref().map_or_else(|| "(none)".into(), ToString::to_string);
            return unchanged(Declined::Mismatch(Box::new((lease.hwaddr.to_string(), id))));
        }
        let mut modules = server.hooks.lease4_decline.iter();
        if modules.any(|module| module.lease4_decline(asked, lease) != Verdict::Continue) {
            return unchanged(Declined::Refused);
        }
        let probation = server.config.decline_probation;
        let to = declined(lease, probation, now);
        let change = Change { address, from: Some(lease), to: Some(&to) };
        if leases.put(change, Cause::Query(query), now).await? == Put::Done {
            return Ok((Declined::Done(probation), Changes { lease: Some(to), deleted: None }));
        }
    }
}

/// The lease of an address in probation: nobody's.
pub(super) fn declined(lease: &Lease4, probation: Lifetime, now: Timestamp) -> Lease4 {
    Lease4 {
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
    }
}
