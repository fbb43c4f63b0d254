//! Reservations in what is written of a configuration.

use kotare_config::json::Value;
use kotare_model::SubnetId;

use super::arguments::By;
use super::family::Hosted;
use crate::edit::{list, with_list};
use crate::tree::{self, At};

/// The list that reservations are in, globally and in subnets.
pub(super) const RESERVATIONS: &str = "reservations";

/// A list of reservations: the global one, or that of a subnet.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'a> {
    /// Whose it is.
    pub(super) subnet: SubnetId,
    /// Where the subnet stands; `None` for the global list.
    pub(super) at: Option<At>,
    /// What is in it.
    pub(super) items: &'a [Value],
}

/// A reservation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written<'a> {
    /// The list it is in.
    pub(super) list: List<'a>,
    /// Its place there.
    pub(super) index: usize,
    /// The reservation.
    pub(super) value: &'a Value,
}

/// All lists: the global one, and then that of each subnet.
pub(super) fn lists<L: Hosted>(root: &Value) -> impl Iterator<Item = List<'_>> {
    let global = List { subnet: SubnetId::GLOBAL, at: None, items: list::<L>(root, RESERVATIONS) };
    let subnets = tree::all::<L>(root).filter_map(|(at, subnet)| {
        let id = subnet.get("id").and_then(Value::as_int).and_then(|id| u32::try_from(id).ok())?;
        Some(List { subnet: SubnetId(id), at: Some(at), items: subnet.list(RESERVATIONS) })
    });
    std::iter::once(global).chain(subnets)
}

/// The list of a subnet, or the global one.
pub(super) fn list_of<L: Hosted>(root: &Value, subnet: SubnetId) -> Option<List<'_>> {
    lists::<L>(root).find(|list| list.subnet == subnet)
}

impl<'a> List<'a> {
    /// The reservations in it.
    pub(super) fn hosts(self) -> impl Iterator<Item = Written<'a>> {
        let items = self.items.iter().enumerate();
        items.map(move |(index, value)| Written { list: self, index, value })
    }

    /// The first one that is looked for.
    pub(super) fn find<L: Hosted>(self, by: &By) -> Option<Written<'a>> {
        self.hosts().find(|host| host.is::<L>(by))
    }

    /// A configuration in which it was changed.
    pub(super) fn changed<L: Hosted>(self, root: &Value, change: impl FnOnce(&mut Vec<Value>)) -> Value {
        match self.at {
            None => with_list::<L>(root, RESERVATIONS, change),
            Some(at) => tree::with_subnets::<L>(root, at.network, |subnets| {
                if let Some(subnet) = subnets.get_mut(at.index) {
                    *subnet = subnet.with_list(RESERVATIONS, change);
                }
            }),
        }
    }
}

impl Written<'_> {
    /// Whether it is looked for.
    pub(super) fn is<L: Hosted>(self, by: &By) -> bool {
        match by {
            By::Address(address) => {
                let is_it = |own: L::Address| own.into() == *address;
                let (addresses, prefixes) = (L::addresses(self.value), L::prefixes(self.value));
                addresses.into_iter().chain(prefixes).any(is_it)
            }
            By::Identifier(kind, id) => {
                L::identifier(self.value).is_some_and(|(own, bytes)| own == *kind && bytes == *id)
            }
        }
    }

    /// Whether it reserves this name, whatever its case.
    pub(super) fn has_name(self, name: &str) -> bool {
        let own = self.value.get("hostname").and_then(Value::as_str);
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}
