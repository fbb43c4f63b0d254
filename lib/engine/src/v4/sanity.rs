//! Whether stored leases fit the configuration (Kea's manual, "Sanity Checks in DHCPv4").

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};

use kotare_config::process::{ExtendedInfoChecks, LeaseChecks, SanityChecks};
use kotare_config::v4::Config4;
use kotare_model::{Lease4, SubnetId, Timestamp};
use kotare_store::{By4, Change, LeaseStore, Put, StoreError};

use super::info_checks::{Checked, checked, is_ours};
use crate::Leases;
use crate::hooks::Cause;
use crate::messages::*;

/// How often what was corrected is written.
const BATCH: usize = 1024;

/// The checks of one configuration: first it is looked which leases are suspect, which is fast, then those are judged and
/// corrected one by one.
#[derive(Debug)]
pub struct Sanity<'a> {
    config: &'a Config4,
    checks: SanityChecks,
    /// Leases of which the relay's identifier or the client's, as the relay knows it, is kept.
    marked: AtomicU64,
}

impl<'a> Sanity<'a> {
    /// The checks that `config` asks for.
    pub fn new(config: &'a Config4) -> Self {
        let checks = config.process.sanity_checks;
        DHCPSRV_MEMFILE_BEGIN_EXTRACT_EXTENDED_INFO4(checks.extended_info.name(), " updating in file");
        Self { config, checks, marked: AtomicU64::new(0) }
    }

    /// Whether a lease has to be looked at more closely.
    pub fn suspects(&self, address: Ipv4Addr, subnet: SubnetId, user_context: Option<&[u8]>) -> bool {
        let unsound = user_context.is_some_and(|context| self.suspects_context(context));
        unsound || self.checks.leases != LeaseChecks::None && !self.fits(address, subnet)
    }

    fn suspects_context(&self, context: &[u8]) -> bool {
        let text = String::from_utf8_lossy(context);
        if ["\"relay-id\"", "\"remote-id\""].iter().any(|key| text.contains(key)) {
            self.marked.fetch_add(1, Ordering::Relaxed);
        }
        match self.checks.extended_info {
            ExtendedInfoChecks::None => false,
            ExtendedInfoChecks::Fix => !is_ours(&text),
            ExtendedInfoChecks::Strict | ExtendedInfoChecks::Pedantic => true,
        }
    }

    /// Judges the `suspects` among so many leases, and corrects what is to be corrected.
    ///
    /// # Errors
    /// When the store fails; what was corrected before stays so.
    // `Send` is said where the compiler can prove it for every store: at a call for one store it cannot (rust#100013).
    pub fn correct<S: LeaseStore<Lease4>>(
        &self,
        leases: &Leases<S>,
        suspects: &[Ipv4Addr],
        among: u64,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.correct_all(leases, suspects, among, now)
    }

    async fn correct_all<S: LeaseStore<Lease4>>(
        &self,
        leases: &Leases<S>,
        suspects: &[Ipv4Addr],
        among: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut modified = 0;
        for batch in suspects.chunks(BATCH) {
            for &address in batch {
                modified += u64::from(self.correct_one(leases, address, now).await?);
            }
            // What cannot be written waits, as leases of clients do.
            drop(leases.store().flush().await);
        }
        let marked = self.marked.load(Ordering::Relaxed);
        DHCPSRV_MEMFILE_EXTRACT_EXTENDED_INFO4(among, modified, modified, marked);
        Ok(())
    }

    /// Judges one lease; says whether what its relay said was modified.
    async fn correct_one<S: LeaseStore<Lease4>>(
        &self,
        leases: &Leases<S>,
        address: Ipv4Addr,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        loop {
            let Some(lease) = leases.get(By4::Address(address)).await?.pop() else { return Ok(false) };
            let subnet = self.judge_subnet(&lease);
            let mut to = lease.clone();
            if let Verdict::Move(right) = subnet {
                to.subnet_id = right;
            }
            let modified =
                subnet != Verdict::Remove && correct_extended_info(&mut to, self.checks.extended_info);
            if subnet == Verdict::Keep && !modified {
                return Ok(false);
            }
            let to = (subnet != Verdict::Remove).then_some(&to);
            match leases.put(Change { address, from: Some(&lease), to }, Cause::Command, now).await? {
                Put::Done => return Ok(modified),
                // Its client was faster.
                Put::Conflict(_) => {}
            }
        }
    }

    fn fits(&self, address: Ipv4Addr, subnet: SubnetId) -> bool {
        self.config.subnet(subnet).is_some_and(|subnet| subnet.prefix.contains(address))
    }

    /// What is to become of a lease because of its subnet; it is told here.
    fn judge_subnet(&self, lease: &Lease4) -> Verdict {
        let (address, subnet) = (lease.address, lease.subnet_id);
        if self.checks.leases == LeaseChecks::None || self.fits(address, subnet) {
            return Verdict::Keep;
        }
        let right = self.config.lookup.containing(address, |_| true).map(|at| self.config[at].id);
        match (self.checks.leases, right) {
            (LeaseChecks::Fix | LeaseChecks::FixDel, Some(right)) => {
                DHCPSRV_LEASE_SANITY_FIXED(address, subnet, right);
                Verdict::Move(right)
            }
            (LeaseChecks::FixDel | LeaseChecks::Del, right) => {
                DHCPSRV_LEASE_SANITY_FAIL_DISCARD(address, subnet, Reason(right));
                Verdict::Remove
            }
            (_, right) => {
                DHCPSRV_LEASE_SANITY_FAIL(address, subnet, Reason(right));
                Verdict::Keep
            }
        }
    }
}

/// Corrects what is kept with a lease of what its relay said, as `extended-info-checks` says; whether there was anything
/// to correct. It is told here.
pub fn correct_extended_info(lease: &mut Lease4, level: ExtendedInfoChecks) -> bool {
    let Some(context) = &lease.user_context else { return false };
    match checked(context, level) {
        Checked::Sound => return false,
        Checked::Upgraded(context) => {
            DHCPSRV_LEASE4_EXTENDED_INFO_UPGRADED(lease.address);
            lease.user_context = Some(context);
        }
        Checked::Unsound { problem, rest } => {
            if let Some(problem) = problem {
                DHCPSRV_LEASE4_EXTENDED_INFO_SANITY_FAIL(lease.address, problem);
            }
            lease.user_context = rest;
        }
    }
    true
}

/// What becomes of a lease.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Keep,
    Move(SubnetId),
    Remove,
}

/// What is wrong with the subnet of a lease, in Kea's words.
struct Reason(Option<SubnetId>);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(right) => write!(f, "the lease should have subnet-id {right}"),
            None => f.write_str("the lease IP address did not belong to a configured subnet"),
        }
    }
}
