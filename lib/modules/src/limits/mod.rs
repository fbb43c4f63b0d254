//! `libdhcp_limits.so`: how many leases, and how many packets in a time, a class or a subnet has at most (manual, "Limits to
//! Manage Lease Allocation and Packet Processing").
//!
//! Limits are in the `user-context` of classes and subnets. What a client belongs to is kept in the user context of its lease,
//! as Kea does it; a database counts leases by that, for all servers that share it. Leases in memory are counted here.
//!
//! - `configured`: the limits that are written.
//! - `rates`: packets ([`Pkt4Receive`], [`Subnet4Select`]); `window`: those of late.
//! - `leases`: leases ([`Lease4Limit`]); `ledger`: how many there are; `recount`: those that were there before.
//! - `v4`, `v6`: the same for each family.
//!
//! [`Pkt4Receive`]: kotare_engine::hooks::v4::Pkt4Receive
//! [`Subnet4Select`]: kotare_engine::hooks::v4::Subnet4Select
//! [`Lease4Limit`]: kotare_engine::hooks::v4::Lease4Limit

mod configured;
mod leases;
mod ledger;
mod messages;
mod rates;
mod recount;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests6;
mod v4;
mod v6;
mod window;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use kotare_config::Process;
use kotare_config::common::{Classes, Membership, SPAWN, escaped};
use kotare_config::json::format::{Shape, text};
use kotare_config::json::{Diagnostics, Value};
use kotare_config::process::LeaseDatabase;
use kotare_config::schema::Table;
use kotare_expr::{self as expr, ClassId, Memberships, Packet, Scratch};
use kotare_model::{LeaseType, SubnetId};
use serde_json::Value as Json;

use self::configured::Limits;
use self::ledger::Interest;
use self::messages::*;
use self::rates::Windows;
use self::recount::Recount;
use crate::{Around, Entry, Hooked, Library, Module, Modules, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "limits",
    parameters: &PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| KOTARE_LIMITS_LOAD_ERROR(reason),
    loaded: || (),
    unloaded: || (),
    v4: Some(module()),
    v6: Some(module()),
};

/// There are none.
static PARAMETERS: Table = Table { name: "parameters", ..Table::EMPTY };

const fn module<L: Limited>() -> Module<L> {
    Module { judge, build, ..Module::NOTHING }
}

/// A family whose leases and packets are limited. There are two of them.
trait Limited: Hooked {
    /// What there are leases of.
    const KINDS: &[LeaseType];

    /// All classes, by id.
    fn classes(config: &Self::Config) -> Vec<Written<'_>>;
    /// The subnets with their `user-context`.
    fn contexts_of_subnets(config: &Self::Config) -> Vec<(SubnetId, Option<&Value>)>;
    /// Has the module asked about packets and leases, as far as there is something to ask.
    fn register(hooks: &mut Self::Hooks, module: &Arc<Limiter<Self>>);
}

/// What limits are made of for a class.
struct Written<'a> {
    id: ClassId,
    name: &'a str,
    context: Option<&'a Value>,
    /// The expression of a template.
    template: Option<&'a expr::Value>,
}

/// The classes of a configuration, as they are written.
fn written<O: Default + PartialEq, P: Default + PartialEq>(classes: &Classes<O, P>) -> Vec<Written<'_>> {
    let all = classes.iter().map(|(id, class)| {
        let template = match &class.membership {
            Membership::Template(value) => Some(value),
            Membership::Given | Membership::Test(_) => None,
        };
        Written { id, name: &class.name, context: class.user_context.as_ref(), template }
    });
    all.collect()
}

/// The module of a configuration.
struct Limiter<L: Hooked> {
    /// The names of classes, by id.
    names: Vec<Box<str>>,
    /// The same as JSON texts.
    quoted: Vec<Box<str>>,
    classes: Vec<LimitedClass>,
    subnets: HashMap<SubnetId, LimitedSubnet>,
    /// Counts the leases, unless a database does.
    recount: Option<Arc<Recount<L>>>,
    server: ServerLink<L, L::Engine>,
}

/// A class with limits.
struct LimitedClass {
    id: ClassId,
    name: Arc<str>,
    /// What it makes classes of, each of which has the limits, if it does.
    template: Option<expr::Value>,
    limits: Limits,
    windows: Arc<Windows>,
}

/// A subnet with limits.
struct LimitedSubnet {
    limits: Limits,
    windows: Arc<Windows>,
}

fn judge<L: Limited>(entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
    let contexts = L::classes(entry.config).into_iter().map(|class| class.context);
    let contexts =
        contexts.chain(L::contexts_of_subnets(entry.config).into_iter().map(|(_, context)| context));
    contexts.for_each(|context| _ = Limits::read(context, diagnostics));
}

fn build<L: Limited>(
    entry: &Entry<'_, L>,
    around: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let former = around.former::<Limiter<L>>(entry);
    let former = former.as_deref();
    let written = L::classes(entry.config);
    let names: Vec<Box<str>> = written.iter().map(|class| class.name.into()).collect();
    let quoted = names.iter().map(|name| text(&Json::from(&**name), Shape::Line).into()).collect();
    let mut classes = Vec::new();
    for Written { id, name, context, template } in written {
        let limits = Limits::read(context, diagnostics);
        if limits.is_empty() {
            continue;
        }
        limits.addresses.inspect(|limit| LIMITS_CONFIGURED_ADDRESS_LIMIT_BY_CLIENT_CLASS(limit, name));
        limits.prefixes.inspect(|limit| LIMITS_CONFIGURED_PREFIX_LIMIT_BY_CLIENT_CLASS(limit, name));
        limits.rate.as_ref().inspect(|limit| LIMITS_CONFIGURED_RATE_LIMIT_BY_CLIENT_CLASS(limit, name));
        let before = former.and_then(|former| former.classes.iter().find(|class| *class.name == *name));
        let windows = Windows::again(before.map(|class| (&class.limits, &class.windows)), &limits);
        classes.push(LimitedClass { id, name: name.into(), template: template.cloned(), limits, windows });
    }
    let mut subnets = HashMap::new();
    for (id, context) in L::contexts_of_subnets(entry.config) {
        let limits = Limits::read(context, diagnostics);
        if limits.is_empty() {
            continue;
        }
        limits.addresses.inspect(|limit| LIMITS_CONFIGURED_ADDRESS_LIMIT_BY_SUBNET(limit, id));
        limits.prefixes.inspect(|limit| LIMITS_CONFIGURED_PREFIX_LIMIT_BY_SUBNET(limit, id));
        limits.rate.as_ref().inspect(|limit| LIMITS_CONFIGURED_RATE_LIMIT_BY_SUBNET(limit, id));
        let before = former.and_then(|former| former.subnets.get(&id));
        let windows = Windows::again(before.map(|subnet| (&subnet.limits, &subnet.windows)), &limits);
        subnets.insert(id, LimitedSubnet { limits, windows });
    }
    let process: &Process = entry.config.as_ref();
    let server = around.environment.server.clone();
    let mut module = Limiter { names, quoted, classes, subnets, recount: None, server };
    if let LeaseDatabase::Memfile(leases) = &process.lease_database {
        let before = former.and_then(|former| former.recount.as_ref());
        module.recount = Some(Recount::again(before, leases, module.interest(), &module.server));
    }
    let module = Arc::new(module);
    L::register(&mut modules.hooks, &module);
    modules.beside.companions.extend(module.recount.clone().map(|recount| recount as _));
    modules.keep(entry, module);
}

impl Limits {
    /// How many leases of a kind there may be.
    fn leases(&self, kind: LeaseType) -> Option<u32> {
        match kind {
            LeaseType::Na => self.addresses,
            LeaseType::Pd => self.prefixes,
            LeaseType::Ta => None,
        }
    }
}

impl LimitedClass {
    /// The value that a template makes a class of; nothing of other classes. `None`, if it makes none of this message.
    fn value(&self, packet: &impl Packet) -> Option<Vec<u8>> {
        let Some(template) = &self.template else { return Some(Vec::new()) };
        let mut scratch = Scratch::new();
        let value = template.evaluate(packet, &mut scratch).ok()?;
        (!value.is_empty()).then(|| value.to_vec())
    }

    /// The name of the class that is limited, with that value.
    fn name(&self, value: &[u8]) -> Arc<str> {
        match self.template {
            None => self.name.clone(),
            Some(_) => format!("{SPAWN}{}_{}", self.name, escaped(value)).into(),
        }
    }
}

impl<L: Limited> Limiter<L> {
    /// The limited classes that a message is of, and the values of those that are templates.
    fn classes_of<'a>(
        &'a self,
        classes: &'a Memberships,
        packet: &'a impl Packet,
    ) -> impl Iterator<Item = (&'a LimitedClass, Vec<u8>)> + 'a {
        let limited = self.classes.iter().filter(|class| classes.contains(class.id));
        limited.filter_map(|class| Some((class, class.value(packet)?)))
    }

    /// Whether there are limits of packets of subnets.
    fn any_subnet_has_a_rate(&self) -> bool {
        self.subnets.values().any(|subnet| subnet.limits.rate.is_some())
    }

    /// What leases have to be counted of.
    fn interest(&self) -> Interest {
        let mut interest = Interest::default();
        for &kind in L::KINDS {
            let limited = self.classes.iter().filter(|class| class.limits.leases(kind).is_some());
            for class in limited {
                match class.template {
                    None => interest.classes.push((class.name.clone(), kind)),
                    Some(_) => {
                        interest.templates.push((format!("{SPAWN}{}_", class.name).into(), kind));
                    }
                }
            }
            let limited = self.subnets.iter().filter(|(_, subnet)| subnet.limits.leases(kind).is_some());
            interest.subnets.extend(limited.map(|(id, _)| (*id, kind)));
        }
        interest.subnets.sort();
        interest
    }
}

impl<L: Hooked> fmt::Debug for Limiter<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter")
            .field("classes", &self.classes.len())
            .field("subnets", &self.subnets.len())
            .finish_non_exhaustive()
    }
}
