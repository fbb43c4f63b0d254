//! What a lease says.

use std::net::Ipv6Addr;

use kotare_config::v6::SubnetAt;
use kotare_model::{Duid, HostName, Lease6, LeaseState, LeaseType};

use super::messages::ALLOC_ENGINE_V6_CALCULATED_PREFERRED_LIFETIME;
use super::{Asked, Assignment, Place};
use crate::hooks::v6::Asked6;
use crate::names::Updates;
use crate::v6::lifetime::{RangeScopes, Ranges};
use crate::v6::name::{ClientName, Naming};
use crate::v6::trace::{Own, Span, Step};
use crate::v6::{Lifetimes, QueryKind, extended_info};

impl<S> Assignment<'_, S> {
    /// A new lease for an association of this client.
    pub(super) fn lease(&self, place: Place, at: SubnetAt, asked: &Asked<'_>, told: Lifetimes) -> Lease6 {
        let subnet = &self.server.config[at];
        let (Updates { forward, reverse }, hostname) = self.named_at(at, place.address, asked.kind);
        let store = subnet.params.store_extended_info;
        Lease6 {
            address: place.address,
            prefix_len: place.len,
            lease_type: asked.kind,
            iaid: asked.iaid,
            duid: self.query.duid().cloned().unwrap_or_else(Duid::empty),
            preferred_lifetime: told.preferred,
            valid_lifetime: told.valid,
            cltt: self.now,
            subnet_id: subnet.id,
            fqdn_fwd: forward,
            fqdn_rev: reverse,
            hostname,
            hwaddr: self.query.client.hwaddr,
            state: LeaseState::Assigned,
            user_context: if store { extended_info::updated(None, self.message) } else { None },
            pool_id: self.pool_id(at, place.address, asked.kind),
        }
    }

    fn pool_id(&self, at: SubnetAt, address: Ipv6Addr, kind: LeaseType) -> u32 {
        let subnet = &self.server.config[at];
        match kind {
            LeaseType::Pd => subnet.pd_pool_of(address).map_or(0, |pool| pool.id),
            _ => subnet.pool_of(address).map_or(0, |pool| pool.id),
        }
    }

    /// The name kept with an address or prefix, and what the server updates. The client has one name, which is made by its
    /// first address; one that is made up stands in the lease of that alone.
    fn named_at(&self, at: SubnetAt, address: Ipv6Addr, kind: LeaseType) -> (Updates, HostName) {
        let is_address = kind == LeaseType::Na;
        let first = self.named.or(is_address.then_some((at, address)));
        let naming = match first {
            Some((subnet, first)) => self.naming_at(subnet, Some(first)),
            None => self.naming_at(at, None),
        };
        let with = |name: &ClientName| {
            let is_first = is_address && first.is_some_and(|(_, first)| first == address);
            let makes_up = is_first && self.keep;
            let text = if makes_up { name.completed(address, naming) } else { name.text.clone() };
            (name.updates, text)
        };
        // Another subnet of the network or a pool may have its own way with names.
        match naming.is(&self.naming) {
            true => with(self.name),
            false => {
                let asked = Asked6 { message: self.message, query: self.query, now: self.now };
                with(&ClientName::of(asked, self.server, naming))
            }
        }
    }

    fn naming_at(&self, subnet: SubnetAt, address: Option<Ipv6Addr>) -> Naming<'_> {
        let config = &self.server.config;
        Naming::at(config, subnet, address, self.rights.found.name(config, subnet, address))
    }

    /// The lease of this client with what changes when it is extended. What is kept of relay agents is what they said when
    /// the lease began or was last renewed: who asks for it once more changes nothing of that, as in Kea.
    pub(super) fn renewed(&self, lease: &Lease6, at: SubnetAt, asked: &Asked<'_>, told: Lifetimes) -> Lease6 {
        let mut renewed = self.lease(Place::of(lease), at, asked, told);
        let renews = matches!(self.query.kind, QueryKind::Renew | QueryKind::Rebind);
        let store = renews && self.server.config[at].params.store_extended_info;
        let context = lease.user_context.as_deref();
        let updated = if store { extended_info::updated(context, self.message) } else { None };
        renewed.user_context = updated.or_else(|| lease.user_context.clone());
        renewed
    }

    /// The lifetimes to tell for something, of which `own` is the client's lease if it has it already.
    pub(super) fn lifetimes(
        &self,
        place: Place,
        at: SubnetAt,
        asked: &Asked<'_>,
        own: Option<&Lease6>,
    ) -> Lifetimes {
        let (config, classes) = (&*self.server.config, &self.query.classes);
        let subnet = &config[at];
        let ranges = Ranges::of(config, classes, &subnet.params);
        // As in Kea, only prefixes become scarce.
        let is_scarce = |part: f64| {
            let open = |pool: usize| subnet.pd_pools[pool].fits(classes);
            let prefixes = &self.server.plan.allocator(at).prefixes;
            asked.kind == LeaseType::Pd && prefixes.occupancy(place.taken(asked.kind), open) >= part
        };
        let wish = asked.wishes().next().map(|wish| wish.lifetimes).unwrap_or_default();
        let (chosen, why) = match subnet.params.adaptive_threshold {
            Some(part) if part < 1.0 && is_scarce(part) => (ranges.shortest(own, self.now), Span::Scarce),
            _ => (ranges.choose(wish), Span::Usual),
        };
        let told = chosen.sane();
        if told.preferred != chosen.preferred {
            ALLOC_ENGINE_V6_CALCULATED_PREFERRED_LIFETIME(self.query, told.preferred);
        }
        self.tell(|| {
            let scopes = RangeScopes::of(config, classes);
            Step::Own(Own::Lifetimes { place, told, ranges, scopes, wish, why })
        });
        told
    }
}
