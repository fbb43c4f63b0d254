//! Subnets and shared networks of each family, as modules show and change them.

use kotare_config::json::Value;
use kotare_config::schema::Table;
use kotare_config::schema::tables::{SUBNET4, SUBNET6};
use kotare_config::v4::Config4;
use kotare_config::v6::Config6;
use kotare_config::{Address, Configuration, Prefix};
use kotare_model::{Lease4, Lease6, SubnetId};
use kotare_options::{DHCP4_SPACE, DHCP6_SPACE};

use crate::Hooked;

/// A family with what is written of its subnets and shared networks. There are two of them.
pub(crate) trait Networked: Hooked<Address: Address, Config: Configuration + 'static> {
    /// The list that subnets are in.
    const SUBNETS: &'static str;
    /// What may be written of a subnet.
    const SUBNET: &'static Table;
    /// The space of options that are not written with one.
    const SPACE: &'static str;

    /// The subnets of a configuration that are served, by id.
    fn configured_subnets(config: &Self::Config) -> impl Iterator<Item = Subnet<'_, Self::Address>>;

    /// The names of its shared networks, in the order written.
    fn configured_networks(config: &Self::Config) -> impl Iterator<Item = &str>;

    /// The prefix of a subnet that is served.
    fn prefix_of(config: &Self::Config, subnet: SubnetId) -> Option<Prefix<Self::Address>>;

    /// The user contexts of a subnet and of its shared network.
    fn contexts(config: &Self::Config, subnet: SubnetId) -> [Option<&Value>; 2];
}

/// What there is to know of a subnet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subnet<'a, A> {
    /// `id`.
    pub(crate) id: SubnetId,
    /// `subnet`.
    pub(crate) prefix: Prefix<A>,
    /// The name of the shared network that it belongs to.
    pub(crate) network: Option<&'a str>,
    /// Whether it is for clients of all classes.
    pub(crate) is_open: bool,
}

/// What is the same of both configurations but for its types.
macro_rules! of_configuration {
    ($config:ty) => {
        fn configured_subnets(config: &$config) -> impl Iterator<Item = Subnet<'_, Self::Address>> {
            config.subnets.iter().map(|subnet| Subnet {
                id: subnet.id,
                prefix: subnet.prefix,
                network: subnet.network.map(|at| &*config[at].name),
                is_open: subnet.guard.is_open(),
            })
        }

        fn configured_networks(config: &$config) -> impl Iterator<Item = &str> {
            config.networks.iter().map(|network| &*network.name)
        }

        fn prefix_of(config: &$config, subnet: SubnetId) -> Option<Prefix<Self::Address>> {
            config.subnet(subnet).map(|subnet| subnet.prefix)
        }

        fn contexts(config: &$config, subnet: SubnetId) -> [Option<&Value>; 2] {
            let subnet = config.subnet(subnet);
            let network = subnet.and_then(|subnet| subnet.network).map(|at| &config[at]);
            [
                subnet.and_then(|subnet| subnet.user_context.as_ref()),
                network.and_then(|network| network.user_context.as_ref()),
            ]
        }
    };
}

impl Networked for Lease4 {
    const SUBNETS: &'static str = "subnet4";
    const SUBNET: &'static Table = &SUBNET4;
    const SPACE: &'static str = DHCP4_SPACE;

    of_configuration!(Config4);
}

impl Networked for Lease6 {
    const SUBNETS: &'static str = "subnet6";
    const SUBNET: &'static Table = &SUBNET6;
    const SPACE: &'static str = DHCP6_SPACE;

    of_configuration!(Config6);
}

/// What the protocol of `L` is called: `IPv4`.
pub(crate) const fn protocol<L: Networked>() -> &'static str {
    <L::Address as Address>::FAMILY
}
