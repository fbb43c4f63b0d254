//! Limits of a DHCPv6 server.

use std::sync::Arc;

use kotare_config::json::Value;
use kotare_config::v6::Config6;
use kotare_engine::hooks::v6::{
    Asked6, Hooks6, Lease6Limit, Lease6Select, LeaseDraft6, Link6, Pkt6Receive, Subnet6Select,
};
use kotare_engine::hooks::{Step, Verdict6};
use kotare_engine::v6::{Edited6, Packet, Query6};
use kotare_model::{Lease6, LeaseType, SubnetId};
use kotare_stats::Stat6;

use super::{Limited, Limiter, Written, written};

/// A packet too many is dropped, and counted.
const TOO_MANY: Verdict6 = Verdict6::Drop(Some(Stat6::LimitExceeded));

impl Limited for Lease6 {
    const KINDS: &[LeaseType] = &[LeaseType::Na, LeaseType::Pd];

    fn classes(config: &Config6) -> Vec<Written<'_>> {
        written(&config.classes)
    }

    fn contexts_of_subnets(config: &Config6) -> Vec<(SubnetId, Option<&Value>)> {
        config.subnets.iter().map(|subnet| (subnet.id, subnet.user_context.as_ref())).collect()
    }

    fn register(hooks: &mut Hooks6, module: &Arc<Limiter<Self>>) {
        if module.classes.iter().any(|class| class.limits.rate.is_some()) {
            hooks.pkt6_receive.push(module.clone());
        }
        if module.any_subnet_has_a_rate() {
            hooks.subnet6_select.push(module.clone());
        }
        hooks.lease6_select.push(module.clone());
        if !module.interest().is_empty() {
            hooks.lease6_limit.push(module.clone());
            hooks.observers.extend(module.recount.clone().map(|recount| recount as _));
        }
    }
}

impl Pkt6Receive for Limiter<Lease6> {
    fn pkt6_receive(&self, query: &mut Query6, message: &mut Edited6<'_>) -> Verdict6 {
        let packet = Packet::of_edited(message, query);
        match query.is_rehearsed() || self.admits_by_class(&query.classes, &packet) {
            true => Verdict6::Continue,
            false => TOO_MANY,
        }
    }
}

impl Subnet6Select for Limiter<Lease6> {
    fn subnet6_select<'a>(&'a self, _: Asked6<'a>, link: &'a mut Link6<'_>) -> Step<'a, Verdict6> {
        Step::Now(match self.admits_by_subnet(link.subnet().map(|subnet| subnet.id)) {
            true => Verdict6::Continue,
            false => TOO_MANY,
        })
    }

    fn waits(&self) -> bool {
        false
    }
}

impl Lease6Select for Limiter<Lease6> {
    fn lease6_select(&self, asked: Asked6<'_>, draft: &mut LeaseDraft6<'_>) -> Verdict6 {
        let packet = Packet::of_query(asked.message, asked.query);
        let context = self.noted(draft.lease.user_context.as_deref(), &asked.query.classes, &packet);
        if context.is_some() {
            draft.lease.user_context = context;
        }
        Verdict6::Continue
    }
}

impl Lease6Limit for Limiter<Lease6> {
    fn lease6_limit<'a>(&'a self, asked: Asked6<'a>, lease: &'a Lease6) -> Step<'a, Verdict6> {
        let packet = Packet::of_query(asked.message, asked.query);
        let bounds = self.bounds(&asked.query.classes, &packet, (lease.subnet_id, lease.lease_type));
        self.step(lease.address, bounds)
    }
}
