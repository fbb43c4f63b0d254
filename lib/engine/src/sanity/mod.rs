//! Whether stored leases fit the configuration (Kea's manual, "Sanity Checks in DHCPv4" and "… in DHCPv6").

pub(crate) mod context;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use kotare_config::process::{ExtendedInfoChecks, LeaseChecks, SanityChecks};
use kotare_model::{LeaseType, SubnetId, Timestamp};
use kotare_store::{Change, LeaseStore, Put, StoreError};

pub use context::hex_bytes;

use crate::hooks::Cause;
use crate::messages::*;
use crate::{Leased, Leases};

/// How often what was corrected is written.
const BATCH: usize = 1024;

/// What the checks of leases have to know of their family.
pub trait Sane: Leased {
    /// What a configuration asks for.
    fn checks(config: &Self::Config) -> SanityChecks;

    /// Tells that the checks begin.
    fn begun(level: ExtendedInfoChecks);

    /// Tells that so many leases were seen, what relays said of so many of them was `modified`, and so many are `marked` with
    /// an identifier of a relay, or of a client as its relay knows it.
    fn done(among: u64, modified: u64, marked: u64);

    /// Whether leases of this type must be in their subnet. A prefix that is delegated need not be.
    fn is_at_home(lease_type: LeaseType) -> bool;

    /// Whether a subnet is configured and has this address.
    fn fits(config: &Self::Config, address: Self::Address, subnet: SubnetId) -> bool;

    /// The subnet that has this address.
    fn home(config: &Self::Config, address: Self::Address) -> Option<SubnetId>;

    /// Gives it to another subnet.
    fn move_to(&mut self, subnet: SubnetId);

    /// Whether a user context may have to be corrected: quickly, and never no where it has to.
    fn suspects_context(context: &str, level: ExtendedInfoChecks) -> bool;

    /// Corrects what is kept with the lease of what relays said, as `extended-info-checks` says; whether there was anything
    /// to correct. It is told here.
    fn correct_extended_info(&mut self, level: ExtendedInfoChecks) -> bool;
}

/// Corrects what is kept with a lease of what relays said; see [`Sane::correct_extended_info`].
pub fn correct_extended_info<L: Sane>(lease: &mut L, level: ExtendedInfoChecks) -> bool {
    lease.correct_extended_info(level)
}

/// The checks of one configuration: first it is looked which leases are suspect, which is fast, then those are judged and
/// corrected one by one.
#[derive(Debug)]
pub struct Sanity<'a, L: Sane> {
    config: &'a L::Config,
    checks: SanityChecks,
    /// Leases of which an identifier of a relay, or of the client as its relay knows it, is kept.
    marked: AtomicU64,
}

impl<'a, L: Sane> Sanity<'a, L> {
    /// The checks that `config` asks for.
    pub fn new(config: &'a L::Config) -> Self {
        let checks = L::checks(config);
        L::begun(checks.extended_info);
        Self { config, checks, marked: AtomicU64::new(0) }
    }

    /// Whether a lease has to be looked at more closely.
    pub fn suspects(
        &self,
        address: L::Address,
        lease_type: LeaseType,
        subnet: SubnetId,
        user_context: Option<&[u8]>,
    ) -> bool {
        let unsound = user_context.is_some_and(|context| self.suspects_context(context));
        unsound || !self.is_where_it_should_be(address, lease_type, subnet)
    }

    fn suspects_context(&self, context: &[u8]) -> bool {
        let text = String::from_utf8_lossy(context);
        if ["\"relay-id\"", "\"remote-id\""].iter().any(|key| text.contains(key)) {
            self.marked.fetch_add(1, Ordering::Relaxed);
        }
        L::suspects_context(&text, self.checks.extended_info)
    }

    /// Judges the `suspects` among so many leases, and corrects what is to be corrected.
    ///
    /// # Errors
    /// When the store fails; what was corrected before stays so.
    // `Send` is said where the compiler can prove it for every store: at a call for one store it cannot (rust#100013).
    pub fn correct<S: LeaseStore<L>>(
        &self,
        leases: &Leases<S, L>,
        suspects: &[L::Address],
        among: u64,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send {
        self.correct_all(leases, suspects, among, now)
    }

    async fn correct_all<S: LeaseStore<L>>(
        &self,
        leases: &Leases<S, L>,
        suspects: &[L::Address],
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
        L::done(among, modified, self.marked.load(Ordering::Relaxed));
        Ok(())
    }

    /// Judges one lease; says whether what its relay said was modified.
    async fn correct_one<S: LeaseStore<L>>(
        &self,
        leases: &Leases<S, L>,
        address: L::Address,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        loop {
            let Some(lease) = leases.get(L::by_address(address)).await?.pop() else { return Ok(false) };
            let subnet = self.judge_subnet(&lease);
            let mut to = lease.clone();
            if let Verdict::Move(right) = subnet {
                to.move_to(right);
            }
            let modified = subnet != Verdict::Remove && to.correct_extended_info(self.checks.extended_info);
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

    /// Whether nothing is wrong with the subnet of a lease, or nobody wants to know.
    fn is_where_it_should_be(&self, address: L::Address, lease_type: LeaseType, subnet: SubnetId) -> bool {
        self.checks.leases == LeaseChecks::None
            || !L::is_at_home(lease_type)
            || L::fits(self.config, address, subnet)
    }

    /// What is to become of a lease because of its subnet; it is told here.
    fn judge_subnet(&self, lease: &L) -> Verdict {
        let (address, subnet) = (lease.address(), lease.subnet_id());
        if self.is_where_it_should_be(address, lease.lease_type(), subnet) {
            return Verdict::Keep;
        }
        let right = L::home(self.config, address);
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
