//! DHCPv4, as it is told.

use std::net::Ipv4Addr;

use kotare_config::v4::{Config4, Host4, SubnetAt};
use kotare_engine::hooks::Point;
use kotare_engine::v4::select::Criterion;
use kotare_engine::v4::trace::{Denial, Own, Step, Traced4};
use kotare_engine::v4::{Given, Outcome, Rehearsed, Reply};
use kotare_server::explain::{self, Explained};
use serde_json::{Value as Json, json};

use super::{address, outcome, subnet};

/// The words for what its decisions speak of.
#[derive(Debug)]
pub(super) enum Words4 {}

/// What would become of a message, and what is around it.
pub(super) type Told<'a> = explain::Told<'a, Words4>;

impl Explained for Words4 {
    type Traced = Traced4;
    type Config = Config4;

    const KEYWORDS: (&'static str, &'static str) = ("Dhcp4", "subnet4");
    const VENDOR_CLASS: u16 = 60;
    const LATE: &'static str = "when its address was known";
    const NOTHING: &'static str = "no address";

    fn given_from(rehearsed: &Rehearsed) -> Option<SubnetAt> {
        match &rehearsed.outcome {
            Ok(Outcome::Reply(Reply { given: Given::Lease(given), .. })) => Some(given.subnet),
            _ => None,
        }
    }

    fn member_of(told: &Told<'_>) -> Vec<String> {
        let query = told.rehearsed.query.iter();
        query.flat_map(|query| query.classes.in_order()).map(|id| told.class(id).to_owned()).collect()
    }

    fn outcome(told: &Told<'_>) -> String {
        outcome::of(told)
    }

    fn is_met(config: &Config4, at: SubnetAt, by: &Criterion) -> bool {
        by.is_met_by(&config[at])
    }

    fn criterion(by: &Criterion) -> String {
        subnet::criterion(by)
    }

    fn met(by: &Criterion, is_met: bool) -> String {
        if is_met { subnet::met(by) } else { subnet::unmet(by) }
    }

    fn reservation(host: &Host4) -> String {
        host.to_string()
    }

    fn reserved(told: &Told<'_>) -> Json {
        let last = told.steps().rev().find_map(|step| match step {
            Step::Own(Own::Assigning { home: Some(at), reserved, .. }) => Some(
                json!({"subnet-id": told.config[*at].id.0, "ip-address": reserved.map(|it| it.to_string())}),
            ),
            _ => None,
        });
        last.into()
    }

    fn place(place: Ipv4Addr) -> String {
        place.to_string()
    }

    fn denial(why: &Denial) -> String {
        address::denial(why)
    }

    fn sentence(told: &Told<'_>, step: &Own) -> Option<String> {
        Some(match step {
            Own::Rebooting(wish, Some(lease)) => {
                format!("the client reboots with {wish}, and has a lease of {}", lease.address)
            }
            Own::Rebooting(wish, None) => format!("the client reboots with {wish}, and has no lease here"),
            Own::Boot { .. } => return None,
            Own::Assigning { own, home, reserved, .. } => {
                let own = match own {
                    Some(lease) => format!(
                        "the client has a lease of {} (subnet id {}, {}, until {})",
                        lease.address,
                        lease.subnet_id,
                        lease.state.name(),
                        lease.expires()
                    ),
                    None => "the client has no lease on this link".to_owned(),
                };
                let reserved = match (home, reserved) {
                    (Some(at), Some(address)) => {
                        format!("{address} is reserved for it in subnet {}", told.subnet(*at))
                    }
                    (Some(at), None) => {
                        format!("an address of subnet {} is reserved for it", told.subnet(*at))
                    }
                    (None, _) => "no address is reserved for it".to_owned(),
                };
                format!("{own}; {reserved}")
            }
            Own::Lifetime { told: lifetime, scope, .. } => {
                format!(
                    "lifetime {lifetime} s, by valid-lifetime of: {}",
                    told.scope(*scope, "valid-lifetime")
                )
            }
        })
    }

    fn remarks(told: &Told<'_>) -> Vec<String> {
        let asked = told.steps().filter_map(|step| match step {
            Step::NotAsked(Point::Lease4Offer) => Some(
                "modules that check whether an address is in use (ping_check) were not asked: nothing is sent for an explanation",
            ),
            Step::NotAsked(Point::Subnet4Select) => Some("modules at subnet4_select were not asked: they may have to wait for somebody"),
            Step::NotAsked(_) => Some("modules at leases4_committed were not told, as no lease changes"),
            _ => None,
        });
        asked.map(ToOwned::to_owned).collect()
    }
}
