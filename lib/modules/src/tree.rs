//! Subnets and shared networks in what is written of a configuration.

use kotare_config::json::Value;

use crate::edit::{list, with_list};
use crate::networked::Networked;

/// The list that shared networks are in.
pub(crate) const NETWORKS: &str = "shared-networks";

/// Where a subnet stands: in which shared network, if in one, and at which place of the list there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) network: Option<usize>,
    pub(crate) index: usize,
}

/// The lists that lead to an item, as `config-get` is asked for it.
pub(crate) type Path = Vec<(&'static str, usize)>;

impl At {
    pub(crate) fn path<L: Networked>(self) -> Path {
        let network = self.network.map(|index| (NETWORKS, index));
        network.into_iter().chain([(L::SUBNETS, self.index)]).collect()
    }
}

/// The shared networks that are written.
pub(crate) fn networks<L: Networked>(root: &Value) -> &[Value] {
    list::<L>(root, NETWORKS)
}

/// The subnets that are written in a shared network, or outside of any.
pub(crate) fn subnets<L: Networked>(root: &Value, network: Option<usize>) -> &[Value] {
    match network {
        None => list::<L>(root, L::SUBNETS),
        Some(index) => networks::<L>(root).get(index).map_or(&[], |network| network.list(L::SUBNETS)),
    }
}

/// All subnets, each with its place.
pub(crate) fn all<L: Networked>(root: &Value) -> impl Iterator<Item = (At, &Value)> {
    let of = |network| {
        let subnets = subnets::<L>(root, network).iter().enumerate();
        subnets.map(move |(index, subnet)| (At { network, index }, subnet))
    };
    of(None).chain((0..networks::<L>(root).len()).flat_map(move |index| of(Some(index))))
}

/// The subnet with this id.
pub(crate) fn find<L: Networked>(root: &Value, id: u32) -> Option<(At, &Value)> {
    all::<L>(root).find(|(_, subnet)| subnet.get("id").and_then(Value::as_int) == Some(id.into()))
}

/// Where the shared network of this name stands.
pub(crate) fn find_network<L: Networked>(root: &Value, name: &str) -> Option<usize> {
    networks::<L>(root).iter().position(|network| network.get("name").and_then(Value::as_str) == Some(name))
}

/// A configuration in which the subnets of a shared network, or those outside of any, were changed.
pub(crate) fn with_subnets<L: Networked>(
    root: &Value,
    network: Option<usize>,
    change: impl FnOnce(&mut Vec<Value>),
) -> Value {
    match network {
        None => with_list::<L>(root, L::SUBNETS, change),
        Some(index) => with_networks::<L>(root, |networks| {
            if let Some(network) = networks.get_mut(index) {
                *network = network.with_list(L::SUBNETS, change);
            }
        }),
    }
}

/// A configuration in which the shared networks were changed.
pub(crate) fn with_networks<L: Networked>(root: &Value, change: impl FnOnce(&mut Vec<Value>)) -> Value {
    with_list::<L>(root, NETWORKS, change)
}
