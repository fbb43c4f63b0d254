//! Where clients that can do without IPv4 are told so (RFC 8925 §3.3).

use kotare_config::v4::{Config4, Options4, SubnetAt};
use kotare_expr::ClassSet;
use kotare_wire::v4::OptionCode;

use super::assign::siblings;

const CODE: u8 = OptionCode::V6_ONLY_PREFERRED.0;

/// On which links option 108 is configured, prepared once.
#[derive(Clone, Debug)]
pub(super) struct Ipv6Only {
    /// By index of the subnet, whether it, another one on its link or their shared network has the option.
    on_link: Box<[bool]>,
}

impl Ipv6Only {
    pub(super) fn new(config: &Config4) -> Self {
        let has = |options: &Options4| options.choice().has.contains(CODE);
        let mut networks: Vec<_> = config.networks.iter().map(|network| has(&network.options)).collect();
        for subnet in &*config.subnets {
            if let Some(network) = subnet.network {
                networks[network.index()] |= has(&subnet.options);
            }
        }
        let on_link = config.subnets.iter().map(|subnet| match subnet.network {
            Some(network) => networks[network.index()],
            None => has(&subnet.options),
        });
        Self { on_link: on_link.collect() }
    }

    /// Which subnet a client is served from that can do without IPv4 and was selected for this one, if any, in Kea's
    /// order: the first on the link with the option among its own, or else itself if the shared network has one.
    /// `never-send` makes it none.
    pub(super) fn of(&self, config: &Config4, selected: SubnetAt, classes: &ClassSet) -> Option<SubnetAt> {
        if !self.on_link[selected.index()] {
            return None;
        }
        let own = |options: &Options4| {
            let never = options.choice().never.contains(CODE);
            options.find(CODE, classes).map(|_| !never)
        };
        let subnet = |at: SubnetAt| own(&config[at].options);
        let first = siblings(config, selected, classes).find(|at| subnet(*at) == Some(true));
        first.or_else(|| {
            let network = own(&config[config[selected].network?].options);
            (network == Some(true) && subnet(selected).is_none()).then_some(selected)
        })
    }
}
