//! Subnets that are exchanged in a configuration that is resolved already.

use super::networks::Member;
use crate::common::Located;
use crate::json::Value;

/// What is the same of both configurations but for its types, and whether all that is written is in one.
macro_rules! exchanging {
    ($config:ident, $subnet:ident, $is_whole:expr) => {
        impl crate::Exchanging for $config {
            fn has_class(&self, name: &str) -> bool {
                let class = self.classes.id(name).and_then(|id| self.classes.get(id));
                class.is_some_and(|class| class.is_configured)
            }

            fn with_subnets_of(
                &self,
                read: &Self,
                networks: &[usize],
                gone: &HashSet<SubnetId>,
            ) -> Option<Self> {
                let is_whole: fn(&Self) -> bool = $is_whole;
                let stays = |at: &SubnetAt| !gone.contains(&self[*at].id);
                let is_there = |subnet: &Arc<$subnet>| {
                    let same_id = self.subnet_at(subnet.id);
                    let same_prefix = self.lookup.of_prefix(subnet.prefix);
                    same_id.iter().chain(same_prefix).any(stays)
                };
                if !is_whole(self) || read.subnets.iter().any(is_there) {
                    return None;
                }
                let network = |at: NetworkAt| NetworkAt::new(networks[at.index()]);
                let came = read
                    .subnets
                    .iter()
                    .map(|it| Arc::new($subnet { network: it.network.map(network), ..$subnet::clone(it) }));
                let came: Vec<_> = came.collect();
                let stands =
                    |now: &Arc<$subnet>| self.subnet(now.id).is_some_and(|before| stands_as(&**now, before));
                let all_stand = came.len() == gone.len() && came.iter().all(stands);
                let mut subnets: Vec<_> =
                    self.subnets.iter().filter(|subnet| !gone.contains(&subnet.id)).cloned().collect();
                subnets.extend(came);
                let (mut networks, mut lookup) = (self.networks.clone(), self.lookup.clone());
                if all_stand {
                    subnets.sort_by_key(|subnet| subnet.id);
                } else {
                    let networks = Arc::make_mut(&mut networks);
                    networks.iter_mut().for_each(Joining::empty);
                    join(&mut subnets, networks);
                    lookup = SubnetLookup::new(&subnets).into();
                }
                Some(Self { subnets: subnets.into(), networks, lookup, ..self.clone() })
            }
        }
    };
}

pub(crate) use exchanging;

/// Whether a subnet is found where another one was.
pub(crate) fn stands_as<S: Member + Located>(one: &S, other: &S) -> bool {
    (one.id(), one.network(), one.prefix()) == (other.id(), other.network(), other.prefix())
        && one.relays() == other.relays()
        && (one.interface(), one.interface_id()) == (other.interface(), other.interface_id())
}

/// Whether two `user-context` say the same.
pub(crate) fn same_context(one: &Option<Value>, other: &Option<Value>) -> bool {
    one.as_ref().map(Value::to_json) == other.as_ref().map(Value::to_json)
}
