//! Which of two leases of an address counts, when each partner has one.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::net::IpAddr;

use kotare_model::{Lease4, Lease6, LeaseState, SubnetId, Timestamp};

use crate::Role;

/// A clock may be ahead by so many seconds; what was given later than that was not given yet.
pub(crate) const AHEAD: i64 = 60;

/// A lease that partners tell each other of.
pub trait Synced: PartialEq + Debug {
    /// What tells it from others. Two leases of DHCPv6 with one address may be of different kinds.
    type Key: Ord + Copy + Debug;

    /// What tells it from others.
    fn key(&self) -> Self::Key;
    /// The address or prefix.
    fn address(&self) -> IpAddr;
    /// The subnet.
    fn subnet(&self) -> SubnetId;
    /// When the client was last heard.
    fn cltt(&self) -> Timestamp;
    /// When it ends.
    fn expires(&self) -> Timestamp;

    /// Whether it is what became of another one when its client gave that back, which leaves no trace in when the client was
    /// heard.
    fn follows(&self, other: &Self) -> bool;
}

macro_rules! synced {
    ($lease:ident, $key:ty, $of:expr, $client:expr) => {
        impl Synced for $lease {
            type Key = $key;

            fn key(&self) -> $key {
                let of: fn(&Self) -> $key = $of;
                of(self)
            }

            fn address(&self) -> IpAddr {
                self.address.into()
            }

            fn subnet(&self) -> SubnetId {
                self.subnet_id
            }

            fn cltt(&self) -> Timestamp {
                self.cltt
            }

            fn expires(&self) -> Timestamp {
                self.expires()
            }

            fn follows(&self, other: &Self) -> bool {
                let are_one_clients: fn(&Self, &Self) -> bool = $client;
                self.state == LeaseState::Released
                    && other.state != self.state
                    && are_one_clients(self, other)
            }
        }
    };
}

synced!(Lease4, std::net::Ipv4Addr, |lease| lease.address, |one, other| (&one.hwaddr, &one.client_id)
    == (&other.hwaddr, &other.client_id));
synced!(
    Lease6,
    (std::net::Ipv6Addr, kotare_model::LeaseType),
    |lease| (lease.address, lease.lease_type),
    |one, other| (&one.duid, one.iaid) == (&other.duid, other.iaid)
);

/// What becomes of a lease of the partner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There was none here: it is added.
    Add,
    /// It replaces the one here.
    Replace,
    /// The one here is kept.
    Keep,
    /// There is no difference.
    Same,
    /// It cannot be right.
    Refuse(String),
}

/// Decides between the lease that is here, if there is one, and the partner's: the one counts whose client was heard
/// later.
///
/// Of two of the same second the one counts that was given back since, then the one that is held longer, and after that the primary's is as good as any, so
/// that both partners decide alike. `role` is that of this server.
pub fn decide<L: Synced>(ours: Option<&L>, theirs: &L, role: Role, now: Timestamp) -> Verdict {
    if theirs.cltt().0 > now.0.saturating_add(AHEAD) {
        return Verdict::Refuse(format!(
            "its client was heard at {}, {} seconds from now: are the clocks synchronised?",
            theirs.cltt(),
            theirs.cltt().since(now)
        ));
    }
    let Some(ours) = ours else { return Verdict::Add };
    if ours == theirs {
        return Verdict::Same;
    }
    let given_back = theirs.follows(ours).cmp(&ours.follows(theirs));
    let order = theirs.cltt().cmp(&ours.cltt()).then(given_back).then(theirs.expires().cmp(&ours.expires()));
    if order.is_gt() || (order.is_eq() && role != Role::Primary) { Verdict::Replace } else { Verdict::Keep }
}

/// Of which subnets leases are fetched: those of the relationship, or all if none is said to be.
#[derive(Clone, Debug, Default)]
pub struct SubnetFilter(BTreeSet<SubnetId>);

impl SubnetFilter {
    /// The subnets that name a server of the relationship.
    pub fn new(subnets: impl IntoIterator<Item = SubnetId>) -> Self {
        Self(subnets.into_iter().collect())
    }

    /// Whether a lease of a subnet is fetched.
    #[must_use]
    pub fn takes(&self, subnet: SubnetId) -> bool {
        self.0.is_empty() || self.0.contains(&subnet)
    }
}

/// A lease for a line of the log: address, subnet, when its client was heard and until when it lasts.
pub(super) fn shown(lease: &impl Synced) -> impl Display {
    format!(
        "{} (subnet {}, heard {}, until {})",
        lease.address(),
        lease.subnet(),
        lease.cltt(),
        lease.expires()
    )
}

#[cfg(test)]
mod tests {
    use kotare_model::{HostName, HwAddr, Lifetime};

    use super::*;

    fn lease(cltt: i64, valid: u32, client: u8) -> Lease4 {
        Lease4 {
            address: [192, 0, 2, 1].into(),
            hwaddr: HwAddr::new(1, &[client]).unwrap(),
            client_id: None,
            valid_lifetime: Lifetime(valid),
            cltt: Timestamp(cltt),
            subnet_id: SubnetId(1),
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: HostName::from(String::new()),
            state: LeaseState::Assigned,
            user_context: None,
            pool_id: 0,
        }
    }

    /// The later client counts.
    #[test]
    fn the_newer_lease_counts() {
        let decide = |ours: Option<&Lease4>, theirs| decide(ours, &theirs, Role::Primary, Timestamp(100));
        let ours = lease(50, 10, 1);
        assert_eq!(decide(None, lease(50, 10, 1)), Verdict::Add);
        assert_eq!(decide(Some(&ours), lease(50, 10, 1)), Verdict::Same);
        assert_eq!(decide(Some(&ours), lease(51, 10, 2)), Verdict::Replace);
        assert_eq!(decide(Some(&ours), lease(49, 90, 2)), Verdict::Keep);
        assert!(matches!(decide(Some(&ours), lease(161, 10, 2)), Verdict::Refuse(_)));
        assert_eq!(decide(Some(&ours), lease(160, 10, 2)), Verdict::Replace);
    }

    /// What a client gave back stays given back, whoever has heard of that.
    #[test]
    fn what_was_given_back_is_not_taken_again() {
        let decide =
            |ours: &Lease4, theirs: &Lease4| decide(Some(ours), theirs, Role::Primary, Timestamp(100));
        let ours = lease(50, 90, 1);
        let released = |client| Lease4 { state: LeaseState::Released, ..lease(50, 0, client) };
        assert_eq!(decide(&ours, &released(1)), Verdict::Replace);
        assert_eq!(decide(&released(1), &ours), Verdict::Keep);
        // Nor does somebody else lose the address by that.
        assert_eq!(decide(&ours, &released(2)), Verdict::Keep);
        assert_eq!(decide(&lease(51, 90, 1), &released(1)), Verdict::Keep);
    }

    /// Whatever two leases differ in, both partners keep the same one.
    #[test]
    fn partners_decide_alike() {
        for (one, other) in [
            (lease(50, 10, 1), lease(50, 10, 2)),
            (lease(50, 9, 1), lease(50, 10, 2)),
            (lease(1, 9, 1), lease(2, 1, 1)),
            (lease(50, 9, 1), Lease4 { state: LeaseState::Released, ..lease(50, 0, 1) }),
        ] {
            for (primary, secondary) in [(&one, &other), (&other, &one)] {
                let now = Timestamp(100);
                let kept = |verdict, ours, theirs| if verdict == Verdict::Replace { theirs } else { ours };
                let here = kept(decide(Some(primary), secondary, Role::Primary, now), primary, secondary);
                let there = kept(decide(Some(secondary), primary, Role::Standby, now), secondary, primary);
                assert_eq!(here, there);
            }
        }
    }

    /// Without subnets of its own a relationship is about all.
    #[test]
    fn subnets_are_filtered() {
        assert!(SubnetFilter::default().takes(SubnetId(7)));
        let filter = SubnetFilter::new([SubnetId(1)]);
        assert!(filter.takes(SubnetId(1)) && !filter.takes(SubnetId(7)));
    }
}
