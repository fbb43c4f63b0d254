//! Subnets and shared networks in what is written of a configuration.

use kotare_config::json::Value;
use kotare_model::Lease4;

use crate::edit::{list, with_list};

/// The lists that subnets and shared networks are in.
pub(crate) const SUBNETS: &str = "subnet4";
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
    pub(crate) fn path(self) -> Path {
        let network = self.network.map(|index| (NETWORKS, index));
        network.into_iter().chain([(SUBNETS, self.index)]).collect()
    }
}

/// The shared networks that are written.
pub(crate) fn networks(root: &Value) -> &[Value] {
    list::<Lease4>(root, NETWORKS)
}

/// The subnets that are written in a shared network, or outside of any.
pub(crate) fn subnets(root: &Value, network: Option<usize>) -> &[Value] {
    match network {
        None => list::<Lease4>(root, SUBNETS),
        Some(index) => networks(root).get(index).map_or(&[], |network| network.list(SUBNETS)),
    }
}

/// All subnets, each with its place.
pub(crate) fn all(root: &Value) -> impl Iterator<Item = (At, &Value)> {
    let of = |network| {
        let subnets = subnets(root, network).iter().enumerate();
        subnets.map(move |(index, subnet)| (At { network, index }, subnet))
    };
    of(None).chain((0..networks(root).len()).flat_map(move |index| of(Some(index))))
}

/// The subnet with this id.
pub(crate) fn find(root: &Value, id: u32) -> Option<(At, &Value)> {
    all(root).find(|(_, subnet)| subnet.get("id").and_then(Value::as_int) == Some(id.into()))
}

/// Where the shared network of this name stands.
pub(crate) fn find_network(root: &Value, name: &str) -> Option<usize> {
    networks(root).iter().position(|network| network.get("name").and_then(Value::as_str) == Some(name))
}

/// A configuration in which the subnets of a shared network, or those outside of any, were changed.
pub(crate) fn with_subnets(
    root: &Value,
    network: Option<usize>,
    change: impl FnOnce(&mut Vec<Value>),
) -> Value {
    match network {
        None => with_list::<Lease4>(root, SUBNETS, change),
        Some(index) => with_networks(root, |networks| {
            if let Some(network) = networks.get_mut(index) {
                *network = network.with_list(SUBNETS, change);
            }
        }),
    }
}

/// A configuration in which the shared networks were changed.
pub(crate) fn with_networks(root: &Value, change: impl FnOnce(&mut Vec<Value>)) -> Value {
    with_list::<Lease4>(root, NETWORKS, change)
}
