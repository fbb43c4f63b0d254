//! What a lease says.

use std::net::Ipv4Addr;

use kotare_config::v4::{Host4, SubnetAt};
use kotare_model::{HostName, Lease4, LeaseState, Lifetime};
use kotare_wire::v4::OptionCode;

use super::{Assignment, Keep};
use crate::hooks::v4::Asked4;
use crate::v4::name::{ClientName, Naming};
use crate::v4::trace::{Own, Scope, Span, Step};
use crate::v4::{client_params, extended_info, lifetime};

impl<S> Assignment<'_, S> {
    /// A new lease of an address for this client, who is told this lifetime.
    pub(super) fn lease(&self, address: Ipv4Addr, at: SubnetAt, keep: Keep, told: Lifetime) -> Lease4 {
        let client = &self.query.client;
        let subnet = &self.server.config[at];
        let params = &subnet.params;
        let (forward, reverse, hostname) = self.named(at, address);
        Lease4 {
            address,
            hwaddr: client.hwaddr,
            client_id: client.id.clone().filter(|_| params.match_client_id),
            valid_lifetime: match keep {
                Keep::Offer(span) => span,
                Keep::No | Keep::Yes => told,
            },
            cltt: self.now,
            subnet_id: subnet.id,
            // Nothing is updated for an address that is only kept for an offer.
            fqdn_fwd: forward && !matches!(keep, Keep::Offer(_)),
            fqdn_rev: reverse && !matches!(keep, Keep::Offer(_)),
            hostname,
            state: LeaseState::Assigned,
            user_context: if params.store_extended_info { self.context(None) } else { None },
            pool_id: subnet.pool_of(address).map_or(0, |pool| pool.id),
        }
    }

    /// The client's name with this address, and whether the server updates the entries of name and address.
    fn named(&self, subnet: SubnetAt, address: Ipv4Addr) -> (bool, bool, HostName) {
        let config = &self.server.config;
        let reserved = self.rights.found.current(config, subnet).and_then(Host4::hostname);
        let naming = Naming::at(config, subnet, Some(address), reserved);
        let with = |name: &ClientName| (name.forward, name.reverse, name.completed(address, naming));
        // Another subnet of the network or a pool may have its own way with names.
        match naming.is(&self.naming) {
            true => with(self.name),
            false => {
                let asked = Asked4 { message: self.message, query: self.query, now: self.now };
                with(&ClientName::of(asked, self.server, naming))
            }
        }
    }

    /// The lease of this client with what changes when it is extended.
    pub(super) fn renewed(&self, lease: &Lease4, subnet: SubnetAt, keep: Keep, told: Lifetime) -> Lease4 {
        let mut renewed = self.lease(lease.address, subnet, keep, told);
        if lease.state == LeaseState::Assigned && !lease.expired(self.now) {
            let store = self.server.config[subnet].params.store_extended_info;
            renewed.user_context = match (store, &lease.user_context) {
                (true, context) => self.context(context.as_deref()).or_else(|| context.clone()),
                (false, context) => context.clone(),
            };
        }
        renewed
    }

    /// The user context with what the relay says, if that is to be written.
    fn context(&self, context: Option<&str>) -> Option<Box<str>> {
        let agent = self.query.relay_agent(self.message).filter(|_| !self.stashed)?;
        extended_info::updated(context, agent)
    }

    /// The lease time to tell for an address, of which `own` is the client's lease if it has it already. A client of
    /// BOOTP does not know of any.
    pub(super) fn lifetime(
        &self,
        address: Ipv4Addr,
        subnet: SubnetAt,
        keep: Keep,
        own: Option<&Lease4>,
    ) -> Lifetime {
        let params = &self.server.config[subnet].params;
        if self.query.is_bootp() {
            let (told, range, scope) = (Lifetime::INFINITE, params.valid_lifetime, Scope::Server);
            self.query
                .trace
                .note(|| Step::Own(Own::Lifetime { told, range, scope, wish: None, why: Span::Bootp }));
            return told;
        }
        let open = |pool: usize| self.server.config[subnet].pools[pool].fits(&self.query.classes);
        let is_scarce = |part| self.server.plan.allocator(subnet).occupancy(address, open) >= part;
        let config = &self.server.config;
        let (range, class) = client_params::valid_lifetime(config, &self.query.classes, params);
        let (told, why) = match params.adaptive_threshold {
            // An offer that is kept for a time promises the usual lifetime.
            Some(part) if !matches!(keep, Keep::Offer(_)) && is_scarce(part) => {
                (lifetime::shortest(range, own, self.now), Span::Scarce)
            }
            _ => (lifetime::valid(range, self.wished_lifetime()), Span::Usual),
        };
        self.query.trace.note(|| {
            Step::Own(Own::Lifetime {
                told,
                range,
                scope: client_params::scope(config, class),
                wish: self.wished_lifetime(),
                why,
            })
        });
        told
    }

    /// Option 51.
    fn wished_lifetime(&self) -> Option<Lifetime> {
        self.message.option(OptionCode::LEASE_TIME)?.u32().map(Lifetime)
    }
}
