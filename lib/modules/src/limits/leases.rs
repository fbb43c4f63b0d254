//! How many leases there may be.

use kotare_engine::hooks::{Step, Verdict};
use kotare_engine::updated_context;
use kotare_expr::{Memberships, Packet};
use kotare_model::{LeaseType, SubnetId};
use kotare_store::Counted;
use serde_json::Value as Json;
use smallvec::SmallVec;

use super::ledger::Group;
use super::messages::*;
use super::{Limited, Limiter};
use crate::gathered::Text;

/// What a lease counts for, and how many there may be of that.
pub(super) type Bounds = SmallVec<[(Group, u32); 2]>;

impl<L: Limited> Limiter<L> {
    /// The user context of a lease with what its client belongs to, if it is another one.
    pub(super) fn noted(
        &self,
        context: Option<&str>,
        classes: &Memberships,
        packet: &impl Packet,
    ) -> Option<Box<str>> {
        let mut usual = Text::default();
        if self.classes.iter().all(|class| class.template.is_none()) {
            // Nearly always nothing else is kept with a lease, and it is the same as when it was extended before.
            self.note(classes, &mut usual);
            match context {
                None => return std::str::from_utf8(&usual.0).ok().map(Into::into),
                Some(context) if context.as_bytes() == &*usual.0 => return None,
                Some(_) => {}
            }
        }
        let names = classes.in_order().filter_map(|id| self.names.get(id.0 as usize));
        let mut names: Vec<Json> = names.map(|name| Json::from(&**name)).collect();
        for (class, value) in self.classes_of(classes, packet) {
            let made = Json::from(&*class.name(&value));
            if !names.contains(&made) {
                names.push(made);
            }
        }
        updated_context(context, "ISC", "client-classes", names.into())
    }

    /// Writes the user context of a lease with nothing but what its client belongs to.
    fn note(&self, classes: &Memberships, context: &mut Text) {
        let quoted = classes.in_order().filter_map(|id| self.quoted.get(id.0 as usize));
        context.0.extend_from_slice(b"{ \"ISC\": { \"client-classes\": [ ");
        for (number, name) in quoted.enumerate() {
            context.0.extend_from_slice(if number == 0 { b"" } else { b", " });
            context.0.extend_from_slice(name.as_bytes());
        }
        context.0.extend_from_slice(b" ] } }");
    }

    /// The limits that a lease of this kind and subnet has for a client of these classes.
    pub(super) fn bounds(
        &self,
        classes: &Memberships,
        packet: &impl Packet,
        (subnet, kind): (SubnetId, LeaseType),
    ) -> Bounds {
        let of_classes = self.classes_of(classes, packet).filter_map(|(class, value)| {
            Some((Group::Class(class.name(&value), kind), class.limits.leases(kind)?))
        });
        let of_subnet = self.subnets.get(&subnet).and_then(|subnet| subnet.limits.leases(kind));
        of_classes.chain(of_subnet.map(|limit| (Group::Subnet(subnet, kind), limit))).collect()
    }

    /// Whether one more lease is within these limits: [`Verdict::Skip`] if not.
    pub(super) fn step<'a, S: Send + 'a>(
        &'a self,
        address: L::Address,
        bounds: Bounds,
    ) -> Step<'a, Verdict<S>>
    where
        L: 'a,
    {
        if bounds.is_empty() {
            return Step::Now(Verdict::Continue);
        }
        match &self.recount {
            Some(recount) => {
                let exceeded = bounds.iter().any(|(group, limit)| {
                    let count = if *limit == 0 { 0 } else { recount.ledger().count(group) };
                    exceeds(group, *limit, count)
                });
                Step::Now(verdict(address, exceeded))
            }
            None => Step::wait(async move {
                for (group, limit) in &bounds {
                    let count = if *limit == 0 { Ok(0) } else { self.counted(group).await };
                    let exceeded = match count {
                        Ok(count) => exceeds(group, *limit, count),
                        Err(reason) => {
                            KOTARE_LIMITS_COUNT_FAILED(group, reason);
                            true
                        }
                    };
                    if exceeded {
                        return verdict(address, true);
                    }
                }
                verdict(address, false)
            }),
        }
    }

    /// How many leases a database counts.
    async fn counted(&self, group: &Group) -> Result<u64, String> {
        let server = self.server.get().ok_or("the server has ended")?;
        let serving = server.serving();
        let of = match group {
            Group::Class(name, kind) => Counted::OfClass(name, *kind),
            Group::Subnet(id, kind) => Counted::OfSubnet(*id, *kind),
        };
        let count = serving.leases().count(of).await.map_err(|error| error.to_string())?;
        count.ok_or_else(|| "nobody counts them".to_owned())
    }
}

/// Whether there are as many already as there may be, which is logged then.
fn exceeds(group: &Group, limit: u32, count: u64) -> bool {
    let exceeds = count >= limit.into();
    if exceeds {
        let what = match group {
            Group::Class(_, LeaseType::Pd) | Group::Subnet(_, LeaseType::Pd) => "prefix",
            _ => "address",
        };
        LIMITS_LEASE_LIMIT_EXCEEDED(format_args!(
            "{what} limit {limit} for {group}, current lease count {count}"
        ));
    }
    exceeds
}

fn verdict<S>(address: impl std::fmt::Display, exceeds: bool) -> Verdict<S> {
    if exceeds {
        return Verdict::Skip;
    }
    LIMITS_LEASE_WITHIN_LIMITS(address);
    Verdict::Continue
}
