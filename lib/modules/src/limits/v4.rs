//! Limits of a DHCPv4 server.

use std::sync::Arc;

use kotare_config::json::Value;
use kotare_config::v4::Config4;
use kotare_engine::hooks::v4::{
    Asked4, Hooks4, Lease4Limit, Lease4Select, LeaseDraft4, Link4, Pkt4Receive, Subnet4Select,
};
use kotare_engine::hooks::{Step, Verdict};
use kotare_engine::v4::{Edited4, Packet, PacketOptions, Query4};
use kotare_model::{Lease4, LeaseType, SubnetId};
use kotare_stats::Stat4;

use super::{Limited, Limiter, Written, written};

/// A packet too many is dropped, and counted.
const TOO_MANY: Verdict = Verdict::Drop(Some(Stat4::LimitExceeded));

impl Limited for Lease4 {
    const KINDS: &[LeaseType] = &[LeaseType::Na];

    fn classes(config: &Config4) -> Vec<Written<'_>> {
        written(&config.classes)
    }

    fn contexts_of_subnets(config: &Config4) -> Vec<(SubnetId, Option<&Value>)> {
        config.subnets.iter().map(|subnet| (subnet.id, subnet.user_context.as_ref())).collect()
    }

    fn register(hooks: &mut Hooks4, module: &Arc<Limiter<Self>>) {
        if module.classes.iter().any(|class| class.limits.rate.is_some()) {
            hooks.pkt4_receive.push(module.clone());
        }
        if module.any_subnet_has_a_rate() {
            hooks.subnet4_select.push(module.clone());
        }
        hooks.lease4_select.push(module.clone());
        if !module.interest().is_empty() {
            hooks.lease4_limit.push(module.clone());
            hooks.observers.extend(module.recount.clone().map(|recount| recount as _));
        }
    }
}

impl Pkt4Receive for Limiter<Lease4> {
    fn pkt4_receive(&self, query: &mut Query4, message: &mut Edited4<'_>) -> Verdict {
        let packet = Packet::of_query(PacketOptions::Edited(message), query);
        match query.is_rehearsed() || self.admits_by_class(&query.classes, &packet) {
            true => Verdict::Continue,
            false => TOO_MANY,
        }
    }
}

impl Subnet4Select for Limiter<Lease4> {
    fn subnet4_select<'a>(&'a self, _: Asked4<'a>, link: &'a mut Link4<'_>) -> Step<'a> {
        Step::Now(match self.admits_by_subnet(link.subnet().map(|subnet| subnet.id)) {
            true => Verdict::Continue,
            false => TOO_MANY,
        })
    }

    fn waits(&self) -> bool {
        false
    }
}

impl Lease4Select for Limiter<Lease4> {
    fn lease4_select(&self, asked: Asked4<'_>, draft: &mut LeaseDraft4<'_>) -> Verdict {
        let packet = Packet::of_query(PacketOptions::Plain(asked.message), asked.query);
        let context = self.noted(draft.lease.user_context.as_deref(), &asked.query.classes, &packet);
        if context.is_some() {
            draft.lease.user_context = context;
        }
        Verdict::Continue
    }
}

impl Lease4Limit for Limiter<Lease4> {
    fn lease4_limit<'a>(&'a self, asked: Asked4<'a>, lease: &'a Lease4) -> Step<'a> {
        let packet = Packet::of_query(PacketOptions::Plain(asked.message), asked.query);
        let bounds = self.bounds(&asked.query.classes, &packet, (lease.subnet_id, LeaseType::Na));
        self.step(lease.address, bounds)
    }
}
