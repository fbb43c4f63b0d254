//! What differs between the families when leases are reclaimed.

use std::time::Duration;

use kotare_config::process::ExpiredLeases;
use kotare_model::{Lease4, Lease6, LeaseState};
use kotare_store::StoreError;

use crate::Leased;
use crate::hooks::Expiry;
use crate::hooks::v4::Lease4Expire;
use crate::hooks::v6::Lease6Expire;
use crate::messages::*;
use crate::{v4, v6};

/// A lease that can be reclaimed.
pub trait Reclaimable: Leased {
    /// Who may want it to be left alone.
    type Expire: ?Sized + Send + Sync;

    /// What is to become of it, as a module says.
    fn ends(module: &Self::Expire, lease: &Self) -> Expiry;

    /// What is kept of it for its client.
    fn reclaimed(&self) -> Self;

    /// Logs what happens.
    fn tell_of(told: Told<'_, Self>);
}

/// What is told of reclamation.
#[derive(Debug)]
pub enum Told<'a, L> {
    /// It begins, within these limits.
    Begins(&'a ExpiredLeases),
    /// A lease is going to be reclaimed.
    Reclaims(&'a L),
    /// It was.
    Reclaimed(&'a L),
    /// Its probation is over.
    Recovered(&'a L),
    /// It cannot be.
    FailsWith(&'a L, &'a StoreError),
    /// No expired leases are left.
    NoneLeft,
    /// Time is up.
    TimedOut(&'a ExpiredLeases),
    /// So many were reclaimed, and it took so long.
    Ends(usize, Duration),
    /// It failed.
    Fails(&'a StoreError),
    /// Leases were left after so many reclamations in a row (`unwarned-reclaim-cycles`).
    Behind(u32),
    /// Leases that were reclaimed long ago are going to be removed.
    Removes(&'a ExpiredLeases),
    /// So many were.
    Removed(usize),
    /// They cannot be.
    RemovalFails(&'a StoreError),
}

impl Reclaimable for Lease4 {
    type Expire = dyn Lease4Expire;

    fn ends(module: &(dyn Lease4Expire + 'static), lease: &Self) -> Expiry {
        module.lease4_expire(lease)
    }

    fn reclaimed(&self) -> Self {
        Self {
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: "".into(),
            state: LeaseState::ExpiredReclaimed,
            user_context: None,
            ..self.clone()
        }
    }

    fn tell_of(told: Told<'_, Self>) {
        match told {
            Told::Begins(settings) => {
                ALLOC_ENGINE_V4_LEASES_RECLAMATION_START(settings.max_leases, settings.max_time.as_millis());
            }
            Told::Reclaims(lease) => {
                let (hwaddr, id) = (&lease.hwaddr, lease.client_id.as_ref());
                ALLOC_ENGINE_V4_LEASE_RECLAIM(v4::Label { hwaddr, id, transaction: None }, lease.address);
            }
            Told::Reclaimed(lease) => ALLOC_ENGINE_LEASE_RECLAIMED(lease.address),
            Told::Recovered(lease) => ALLOC_ENGINE_V4_DECLINED_RECOVERED(lease.address, lease.valid_lifetime),
            Told::FailsWith(lease, error) => ALLOC_ENGINE_V4_LEASE_RECLAMATION_FAILED(lease.address, error),
            Told::NoneLeft => ALLOC_ENGINE_V4_NO_MORE_EXPIRED_LEASES(),
            Told::TimedOut(settings) => {
                ALLOC_ENGINE_V4_LEASES_RECLAMATION_TIMEOUT(settings.max_time.as_millis());
            }
            Told::Ends(leases, took) => {
                ALLOC_ENGINE_V4_LEASES_RECLAMATION_COMPLETE(leases, format_args!("{took:?}"));
            }
            Told::Fails(error) => ALLOC_ENGINE_V4_LEASES_RECLAMATION_FAILED(error),
            Told::Behind(times) => ALLOC_ENGINE_V4_LEASES_RECLAMATION_SLOW(times),
            Told::Removes(settings) => ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE(settings.hold.as_secs()),
            Told::Removed(leases) => ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE_COMPLETE(leases),
            Told::RemovalFails(error) => ALLOC_ENGINE_V4_RECLAIMED_LEASES_DELETE_FAILED(error),
        }
    }
}

impl Reclaimable for Lease6 {
    type Expire = dyn Lease6Expire;

    fn ends(module: &(dyn Lease6Expire + 'static), lease: &Self) -> Expiry {
        module.lease6_expire(lease)
    }

    fn reclaimed(&self) -> Self {
        Self {
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: "".into(),
            state: LeaseState::ExpiredReclaimed,
            user_context: None,
            ..self.clone()
        }
    }

    fn tell_of(told: Told<'_, Self>) {
        match told {
            Told::Begins(settings) => {
                ALLOC_ENGINE_V6_LEASES_RECLAMATION_START(settings.max_leases, settings.max_time.as_millis());
            }
            Told::Reclaims(lease) => {
                let client = v6::Label { duid: Some(&lease.duid), transaction: None };
                ALLOC_ENGINE_V6_LEASE_RECLAIM(client, lease.address, lease.prefix_len);
            }
            Told::Reclaimed(lease) => ALLOC_ENGINE_LEASE_RECLAIMED(lease.address),
            Told::Recovered(lease) => ALLOC_ENGINE_V6_DECLINED_RECOVERED(lease.address, lease.valid_lifetime),
            Told::FailsWith(lease, error) => ALLOC_ENGINE_V6_LEASE_RECLAMATION_FAILED(lease.address, error),
            Told::NoneLeft => ALLOC_ENGINE_V6_NO_MORE_EXPIRED_LEASES(),
            Told::TimedOut(settings) => {
                ALLOC_ENGINE_V6_LEASES_RECLAMATION_TIMEOUT(settings.max_time.as_millis());
            }
            Told::Ends(leases, took) => {
                ALLOC_ENGINE_V6_LEASES_RECLAMATION_COMPLETE(leases, format_args!("{took:?}"));
            }
            Told::Fails(error) => ALLOC_ENGINE_V6_LEASES_RECLAMATION_FAILED(error),
            Told::Behind(times) => ALLOC_ENGINE_V6_LEASES_RECLAMATION_SLOW(times),
            Told::Removes(settings) => ALLOC_ENGINE_V6_RECLAIMED_LEASES_DELETE(settings.hold.as_secs()),
            Told::Removed(leases) => ALLOC_ENGINE_V6_RECLAIMED_LEASES_DELETE_COMPLETE(leases),
            Told::RemovalFails(error) => ALLOC_ENGINE_V6_RECLAIMED_LEASES_DELETE_FAILED(error),
        }
    }
}
