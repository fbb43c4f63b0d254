//! What is asked of `kea-dhcp-ddns` when leases change ("When Does the … Server Generate a DDNS Request?" in Kea's manual).
//!
//! Pure: from what an observer is told of a lease and the configuration come [`ChangeRequest`]s, in their order. They
//! are sent aside: an exchange whose lease has a name pays for their making alone, others for nothing. What differs between the protocols is [`Named`].

mod v4;
mod v6;

use std::net::IpAddr;

use kotare_config::common::{Names, Part, Ttl, UpdateTerms};
use kotare_ddns::{Change, ChangeRequest, Dhcid, Name};
use kotare_model::{HostName, LeaseState, Lifetime};

use crate::Leased;
use crate::hooks::LeaseChange;
use crate::messages::{DHCPSRV_DDNS_TTL_TOO_LARGE, DHCPSRV_DDNS_TTL_TOO_SMALL};

/// A lease whose client may have a name in the DNS.
pub trait Named: Leased {
    /// What concerns the name, if it can have one.
    fn named(&self) -> Option<InDns<'_>>;

    /// Who the client is to the DNS.
    fn dhcid(&self, fqdn: &Name) -> Option<Dhcid>;

    /// What names are made by where the lease is; nothing if its subnet is not configured any more.
    fn names<'c>(&self, config: &'c Self::Config) -> Option<&'c Names>;
}

/// What a lease says of the DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InDns<'a> {
    /// The name.
    pub name: &'a HostName,
    /// The address.
    pub address: IpAddr,
    /// Whether the server looks after the address of the name.
    pub forward: bool,
    /// Whether it looks after the name of the address.
    pub reverse: bool,
    /// For how long the lease is valid.
    pub lifetime: Lifetime,
}

impl InDns<'_> {
    /// Whether the server put anything into the DNS.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !self.name.is_empty() && (self.forward || self.reverse)
    }
}

/// A lease that cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unasked {
    /// Its address.
    pub address: IpAddr,
    /// What was to be asked for.
    pub change: Change,
    /// Why it cannot be.
    pub reason: String,
}

/// Whether an observer that is told of this change of a lease has anything to ask for: cheap, and never so where nothing is
/// put into the DNS.
pub fn concerns<L: Named>(before: Option<&L>, after: Option<&L>) -> bool {
    let is_there = |lease: Option<&L>| lease.and_then(L::named).is_some_and(|it| it.is_there());
    is_there(before) || is_there(after)
}

/// What is asked for when a lease was changed: by a client if `by_client`, or because its time was up. What operators and
/// partners change asks for nothing of itself.
pub fn requests<L: Named>(
    config: &L::Config,
    change: LeaseChange,
    by_client: bool,
    before: Option<&L>,
    after: Option<&L>,
) -> Vec<Result<ChangeRequest, Unasked>> {
    let remove = || before.and_then(|lease| request(config, Change::Remove, lease));
    let add = || {
        let sends = |lease: &&L| lease.names(config).is_some_and(|names| names.updates);
        after.filter(sends).and_then(|lease| request(config, Change::Add, lease))
    };
    let asked = match change {
        LeaseChange::Expired | LeaseChange::Recovered => [remove(), None],
        LeaseChange::Forgotten => [None, None],
        _ if !by_client => [None, None],
        // Kept for its client, it stays in the DNS until it is reclaimed or somebody else's.
        LeaseChange::Released if after.is_some() => [None, None],
        LeaseChange::Released
        | LeaseChange::Declined
        | LeaseChange::ServerDeclined
        | LeaseChange::Removed => [remove(), None],
        LeaseChange::Assigned | LeaseChange::Registered => [remove(), add()],
        LeaseChange::Renewed if goes_on(config, before, after) => [None, None],
        LeaseChange::Renewed => [remove(), add()],
        // The address is not the client's yet, and nobody else's any more. The lease does not say any longer what is in the DNS, even
        // if it was of the same client: who takes the offer is added again, and of who does not nothing is left.
        LeaseChange::Offered => [remove(), None],
    };
    asked.into_iter().flatten().collect()
}

/// What is asked for to have a lease in the DNS, or out of it, whatever became of it: for commands. `None` if it says that
/// nothing of it is there.
pub fn request<L: Named>(
    config: &L::Config,
    change: Change,
    lease: &L,
) -> Option<Result<ChangeRequest, Unasked>> {
    let named = lease.named().filter(InDns::is_there)?;
    let terms = lease.names(config).map_or_else(UpdateTerms::default, |names| names.terms);
    let made = named.name.to_str().parse::<Name>().map_err(|error| error.to_string()).and_then(|fqdn| {
        let dhcid = lease.dhcid(&fqdn).ok_or("the lease does not say whose it is")?;
        Ok(ChangeRequest {
            change,
            forward: named.forward,
            reverse: named.reverse,
            fqdn,
            address: named.address,
            dhcid,
            lease_length: ttl(terms, named.lifetime),
            conflict_resolution: terms.conflict_resolution,
        })
    });
    Some(made.map_err(|reason| Unasked { address: named.address, change, reason }))
}

/// For how many seconds the records of a lease with this lifetime may be remembered.
fn ttl(terms: UpdateTerms, lifetime: Lifetime) -> u32 {
    let ttl = terms.ttl(lifetime);
    match ttl {
        Ttl::Plain(_) => {}
        // As Kea, with a decimal at least.
        Ttl::AtLeast(least, Part { part, seconds }) => {
            DHCPSRV_DDNS_TTL_TOO_SMALL(format_args!("{part:?}"), lifetime.0, seconds, least);
        }
        Ttl::AtMost(most, Part { part, seconds }) => {
            DHCPSRV_DDNS_TTL_TOO_LARGE(format_args!("{part:?}"), lifetime.0, seconds, most);
        }
    }
    ttl.seconds()
}

/// Whether a request is what its lease asks for: a name that is to come is the lease's, one that is to go is not any more.
/// For requests of which it is unknown whether their change was made; `there` is what the lease of the address is now.
pub fn is_asked_for<L: Named>(asked: &ChangeRequest, there: Option<&L>) -> bool {
    let has = there.is_some_and(|lease| {
        let is_given = matches!(lease.state(), LeaseState::Assigned | LeaseState::Registered);
        let named = lease.named().filter(|named| is_given && named.is_there());
        named.is_some_and(|named| {
            let is_same = (named.forward, named.reverse) == (asked.forward, asked.reverse);
            let fqdn = named.name.to_str().parse::<Name>();
            is_same
                && fqdn
                    .is_ok_and(|fqdn| fqdn == asked.fqdn && lease.dhcid(&fqdn).as_ref() == Some(&asked.dhcid))
        })
    });
    has == (asked.change == Change::Add)
}

/// Whether a renewal leaves the DNS as it is: nothing is sent here, or the name is the same and not to be sent again.
fn goes_on<L: Named>(config: &L::Config, before: Option<&L>, after: Option<&L>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let Some(names) = after.names(config) else { return true };
    let said = |lease: &L| lease.named().map(|it| (it.name.clone(), it.forward, it.reverse));
    !names.updates || !names.terms.on_renew && said(before) == said(after)
}
