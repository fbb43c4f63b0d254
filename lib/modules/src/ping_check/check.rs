//! Whether an address is asked at all, and the exchange that waits for the answer.

use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_engine::hooks::Step;
use kotare_engine::hooks::v4::{Asked4, Lease4Offer, Offer, Offered4};
use kotare_model::{Lease4, Timestamp};
use kotare_stats::Stat4;

use super::channel::{Channel, Finding};
use super::messages::*;
use super::parameters::{Scopes, Settings};
use super::pings::Plan;
use crate::{Around4, Entry4, Modules4};

/// The module of a configuration.
#[derive(Debug)]
struct PingCheck {
    scopes: Scopes,
    /// It has no settings of its own, so one configuration hands it to the next.
    channel: Arc<Channel>,
}

/// Finds what is wrong with the parameters, those of subnets too.
pub(super) fn judge(entry: &Entry4<'_>, diagnostics: &mut Diagnostics) {
    scopes(entry, diagnostics);
}

fn scopes(entry: &Entry4<'_>, diagnostics: &mut Diagnostics) -> Scopes {
    Scopes::read(entry.parameters(), &entry.config.subnets, diagnostics)
}

/// Builds the module and registers it.
pub(super) fn build(
    entry: &Entry4<'_>,
    around: &Around4<'_>,
    modules: &mut Modules4,
    diagnostics: &mut Diagnostics,
) {
    let scopes = scopes(entry, diagnostics);
    let former = around.former::<PingCheck>(entry).map(|former| former.channel.clone());
    let channel = match former.filter(|channel| !channel.is_down()) {
        Some(channel) => channel,
        None => match Channel::open(around.environment) {
            Ok(channel) => {
                match entry.config.process.multi_threading.enabled {
                    true => PING_CHECK_MGR_STARTED(1),
                    false => PING_CHECK_MGR_STARTED_SINGLE_THREADED(),
                }
                Arc::new(channel)
            }
            Err(error) => {
                return diagnostics.error_with_hint(
                    &entry.written.source,
                    format!(
                        "cannot open the ICMP socket that the hook library ping_check asks with: {error}"
                    ),
                    "the process needs the capability CAP_NET_RAW",
                );
            }
        },
    };
    let module = Arc::new(PingCheck { scopes, channel });
    modules.hooks.lease4_offer.push(module.clone());
    modules.keep(entry, module);
}

impl Lease4Offer for PingCheck {
    fn lease4_offer<'a>(&'a self, asked: Asked4<'a>, offered: Offered4<'a>) -> Step<'a, Offer> {
        let settings = self.scopes.of(offered.subnet.id);
        if !settings.enabled || self.channel.is_down() {
            return Step::Now(Offer::Free);
        }
        let Asked4 { query, now, .. } = asked;
        let address = offered.lease.address;
        let Some(claim) = self.channel.claim(address) else {
            PING_CHECK_DUPLICATE_CHECK(address, query);
            return Step::Now(Offer::Drop(Some(Stat4::Duplicate)));
        };
        // Who has the address that is reserved for a client is most probably the client.
        if offered.is_reserved || is_its_own(&offered, settings, now) {
            return Step::Now(Offer::Free);
        }
        PING_CHECK_MGR_START_PING_CHECK(address, query);
        Step::wait(async move {
            match claim.ask(Plan { requests: settings.requests, timeout: settings.timeout }).await {
                Finding::InUse => Offer::InUse,
                Finding::Free => {
                    PING_CHECK_MGR_LEASE_FREE_TO_USE(address, query);
                    Offer::Free
                }
            }
        })
    }

    fn lease4_reused(&self) {
        PING_CHECK_NO_LEASE_OR_LEASE_REUSED();
    }
}

/// Whether who may answer at the address is most probably the client itself: it has the lease, or had it until a moment
/// ago.
fn is_its_own(offered: &Offered4<'_>, settings: Settings, now: Timestamp) -> bool {
    let Some(former) = offered.former.filter(|former| belongs_to_client_of(former, offered.lease)) else {
        return false;
    };
    !former.expired(now) || now < former.cltt.after(settings.rest)
}

/// Whether two leases are of one client, as Kea tells: by the client identifiers, and only if one of them has none, by the
/// hardware addresses.
fn belongs_to_client_of(one: &Lease4, other: &Lease4) -> bool {
    match (&one.client_id, &other.client_id) {
        (Some(one), Some(other)) => one == other,
        _ => !one.hwaddr.is_empty() && one.hwaddr == other.hwaddr,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kotare_model::{ClientId, HwAddr, Lifetime, SubnetId};
    use kotare_testkit::{Config, Subnet};

    use super::*;

    fn lease(client_id: Option<&[u8]>, mac: u8, cltt: i64) -> Lease4 {
        Lease4 {
            address: "192.0.2.7".parse().unwrap(),
            hwaddr: HwAddr::new(1, &[2, 0, 0, 0, 0, mac]).unwrap(),
            client_id: client_id.map(|id| ClientId::new(id).unwrap()),
            valid_lifetime: Lifetime(100),
            cltt: Timestamp(cltt),
            subnet_id: SubnetId(1),
            fqdn_fwd: false,
            fqdn_rev: false,
            hostname: Default::default(),
            state: Default::default(),
            user_context: None,
            pool_id: 0,
        }
    }

    /// The client that has the lease, or had it until a moment ago, would answer itself; anybody else is asked about.
    #[test]
    fn the_former_owner_is_not_asked_about_for_a_while() {
        let config = Config::new().subnet(Subnet::new(1, "192.0.2.0/24")).build();
        let subnet = &config.subnets[0];
        let settings =
            Settings { enabled: true, requests: 1, timeout: Duration::from_millis(1), rest: Lifetime(130) };
        let new = lease(Some(b"id"), 1, 0);
        let own = |former: Option<&Lease4>, now| {
            let offered = Offered4 { lease: &new, former, subnet, is_reserved: false };
            is_its_own(&offered, settings, Timestamp(now))
        };
        let former = lease(Some(b"id"), 9, 1000);
        assert!(own(Some(&former), 1050), "it has the lease");
        assert!(own(Some(&former), 1129), "it had it a moment ago");
        assert!(!own(Some(&former), 1130), "it had it long ago");
        assert!(!own(None, 1050), "nobody had it");
        assert!(!own(Some(&lease(Some(b"other"), 1, 1000)), 1050), "another client had it");
        assert!(
            own(Some(&lease(None, 1, 1000)), 1050),
            "a lease without an identifier is told by the hardware address"
        );
        assert!(!own(Some(&lease(None, 9, 1000)), 1050));
    }
}
