//! Subnets that are exchanged in a configuration that is resolved already.

use crate::json::Value;

/// What is the same of both configurations but for its types.
macro_rules! exchanging {
    ($config:ident, $subnet:ident) => {
        impl crate::Exchanging for $config {
            fn has_class(&self, name: &str) -> bool {
                let class = self.classes.id(name).and_then(|id| self.classes.get(id));
                class.is_some_and(|class| class.is_configured)
            }

            fn with_subnets_of(&self, read: &Self) -> Option<Self> {
                let mut subnets = self.subnets.to_vec();
                let mut is_found_elsewhere = false;
                for subnet in read.subnets.iter() {
                    let former = &mut subnets[self.subnet_at(subnet.id)?.index()];
                    if former.prefix != subnet.prefix {
                        return None;
                    }
                    is_found_elsewhere |= former.relays() != subnet.relays()
                        || former.interface() != subnet.interface()
                        || former.interface_id() != subnet.interface_id();
                    *former = $subnet { network: former.network, ..subnet.clone() };
                }
                let lookup = match is_found_elsewhere {
                    true => SubnetLookup::new(&subnets).into(),
                    false => self.lookup.clone(),
                };
                Some(Self { subnets: subnets.into(), lookup, ..self.clone() })
            }
        }
    };
}

pub(crate) use exchanging;

/// Whether two `user-context` say the same.
pub(crate) fn same_context(one: &Option<Value>, other: &Option<Value>) -> bool {
    one.as_ref().map(Value::to_json) == other.as_ref().map(Value::to_json)
}
