//! Shared networks and subnets. In databases they lie side by side, in a configuration subnets lie in their networks.

use std::collections::HashMap;

use super::changes::Changes;
use super::keys::{Fields, Key, Keys, KeysOf, of_any};
use super::{Overlay, Row, entry};
use crate::exchange::subnets_keyword;
use crate::json::{Diagnostics, Kind, Value};

const NETWORKS: &str = "shared-networks";
/// How a subnet in a database says in which network it is.
const NETWORK_NAME: &str = "shared-network-name";

/// The subnets and shared networks of a configuration, taken apart.
struct Networks {
    /// The keyword of subnets.
    keyword: &'static str,
    networks: Vec<Network>,
    /// The subnets that are in none.
    alone: Vec<Value>,
}

/// A shared network.
struct Network {
    /// Without its subnets.
    map: Value,
    subnets: Vec<Value>,
}

/// Puts what changed into the map of the server.
pub(super) fn lay<'a>(overlay: &Overlay<'a>, global: Value, diagnostics: &mut Diagnostics) -> Value {
    let keys = |keys: Keys| move |row: &'a Row<'a>| keys.of(overlay.definitions, row.map);
    let (former, now) = (overlay.former, overlay.now);
    let networks = Changes::of(&former.networks, &now.networks, keys(Keys::Network));
    let subnets = Changes::of(&former.subnets, &now.subnets, keys(Keys::Subnet));
    if networks.is_none() && subnets.is_none() {
        return global;
    }
    let (Some(mut all), Some(base)) =
        (Networks::of(overlay, &global), Networks::of(overlay, overlay.base_global()))
    else {
        return global;
    };
    if let Some(changes) = networks {
        all.lay_networks(overlay, &base, &changes, diagnostics);
    }
    if let Some(changes) = subnets {
        all.lay_subnets(overlay, &base, &changes, diagnostics);
    }
    all.into_global(&global)
}

impl Networks {
    /// Those of a map of the server.
    fn of(overlay: &Overlay<'_>, global: &Value) -> Option<Self> {
        let keyword = subnets_keyword(overlay.file)?;
        let network = |network: &Value| Network {
            map: network.without(keyword),
            subnets: network.list(keyword).to_vec(),
        };
        Some(Self {
            keyword,
            networks: global.list(NETWORKS).iter().map(network).collect(),
            alone: global.list(keyword).to_vec(),
        })
    }

    /// Networks that come take over the subnets of those that go under the same name.
    fn lay_networks<'a>(
        &mut self,
        overlay: &Overlay<'_>,
        base: &Self,
        changes: &Changes<'a, impl Fn(&'a Row<'a>) -> KeysOf<'a>>,
        diagnostics: &mut Diagnostics,
    ) {
        let keys = of_any(|map| Keys::Network.of(overlay.definitions, map));
        let mut left: HashMap<Key<'_>, Vec<Value>> = HashMap::new();
        let (gone, mut networks): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.networks).into_iter().partition(|it| changes.takes_out(&keys(&it.map)));
        for Network { map, subnets } in gone {
            if let [Some(key), _] = keys(&map) {
                left.entry(key.into_owned()).or_default().extend(subnets);
            }
        }
        let uncovered = changes.uncovered(base.networks.iter().map(|network| &network.map), keys);
        let uncovered = uncovered.into_iter().cloned();
        let laid = changes.laid().filter_map(|row| overlay.value(row, diagnostics));
        for map in uncovered.chain(laid) {
            let [key, _] = keys(&map);
            let subnets = key.and_then(|key| left.remove(&key.into_owned())).unwrap_or_default();
            networks.push(Network { map, subnets });
        }
        self.networks = networks;
        self.alone.extend(left.into_values().flatten());
    }

    fn lay_subnets<'a>(
        &mut self,
        overlay: &Overlay<'_>,
        base: &Self,
        changes: &Changes<'a, impl Fn(&'a Row<'a>) -> KeysOf<'a>>,
        diagnostics: &mut Diagnostics,
    ) {
        let keys = of_any(|map| Keys::Subnet.of(overlay.definitions, map));
        let mut laid: HashMap<Option<String>, Vec<Value>> = HashMap::new();
        for row in changes.laid() {
            let name = row.map.text(NETWORK_NAME).map(str::to_owned);
            if let Some(name) = name.as_deref().filter(|name| !self.has(name)) {
                let reason = format!("there is no shared network '{name}' for the subnet to be in");
                overlay.wrong(row, reason, diagnostics);
            } else if let Some(subnet) = overlay.value(row, diagnostics) {
                laid.entry(name).or_default().push(subnet.without(NETWORK_NAME));
            }
        }
        let nowhere = Vec::new();
        for network in &mut self.networks {
            let name = network.map.text("name").map(str::to_owned);
            let written = base.networks.iter().find(|it| it.map.text("name") == name.as_deref());
            let written = written.map_or(&nowhere, |it| &it.subnets);
            let laid = laid.remove(&name).unwrap_or_default();
            changes.lay(&mut network.subnets, written.iter(), laid, keys);
        }
        // What was written in a network that there is no longer is in none.
        let homeless = base.networks.iter().filter(|it| !self.has(it.map.text("name").unwrap_or_default()));
        let homeless: Vec<_> = homeless.flat_map(|network| &network.subnets).collect();
        let written = base.alone.iter().chain(homeless);
        changes.lay(&mut self.alone, written, laid.remove(&None).unwrap_or_default(), keys);
    }

    fn has(&self, name: &str) -> bool {
        self.networks.iter().any(|network| network.map.text("name") == Some(name))
    }

    /// The map of the server with these.
    fn into_global(self, global: &Value) -> Value {
        let Self { keyword, networks, alone } = self;
        let list = |source, items: Vec<Value>| Value::new(source, Kind::List(items.into()));
        let networks = networks.into_iter().map(|Network { map, subnets }| match subnets.is_empty() {
            true => map,
            false => map.with(entry(keyword, list(map.source().clone(), subnets))),
        });
        let networks: Vec<_> = networks.collect();
        let global = global.with(entry(keyword, list(global.source().clone(), alone)));
        if networks.is_empty() && global.get(NETWORKS).is_none() {
            return global;
        }
        global.with(entry(NETWORKS, list(global.source().clone(), networks)))
    }
}
