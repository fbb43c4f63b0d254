//! Configurations, built by hand.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_config::v4::{
    Config4, FILE, Guard, Network4, NetworkAt, Option4, Options4, Params4, Pool4, Prefix4, Subnet4, SubnetAt,
    SubnetLookup,
};
use kotare_config::{Input, read};
use kotare_model::SubnetId;
use serde_json::{Value, json};

/// An address from its text.
///
/// # Panics
/// If it is none.
pub fn address(text: &str) -> Ipv4Addr {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no IPv4 address"))
}

/// An option with these bytes, sent to clients that ask for it.
pub fn option(code: u8, data: &[u8]) -> Option4 {
    Option4 { code, data: data.into(), ..Option4::default() }
}

/// Builds a [`Config4`].
///
/// It begins with Kea's defaults, but for what makes scenarios short: leases last 4000 seconds exactly, and there is no
/// lease caching.
#[derive(Clone, Debug)]
pub struct Config {
    config: Config4,
    options: Vec<Option4>,
}

/// One subnet of a [`Config`].
#[derive(Clone, Debug)]
pub struct Subnet {
    subnet: Subnet4,
    options: Vec<Option4>,
    network: Option<String>,
}

impl Config {
    /// No subnets, no options.
    pub fn new() -> Self {
        let config = defaults();
        Self { config, options: Vec::new() }
    }

    /// One subnet, 192.0.2.0/24 with id 1, the pool 192.0.2.100 to 192.0.2.199, a router, two DNS servers and a
    /// domain name: enough for most scenarios.
    pub fn usual() -> Self {
        let subnet = Subnet::new(1, "192.0.2.0/24")
            .pool("192.0.2.100", "192.0.2.199")
            .option(option(3, &[192, 0, 2, 1]))
            .option(option(6, &[192, 0, 2, 2, 192, 0, 2, 3]));
        Self::new().subnet(subnet).option(option(15, b"example.org"))
    }

    /// Adds a subnet.
    pub fn subnet(mut self, subnet: Subnet) -> Self {
        let Subnet { mut subnet, options, network } = subnet;
        subnet.options = Options4::new(options);
        if let Some(name) = network {
            let at = self.config.networks.iter().position(|network| *network.name == *name);
            subnet.network = Some(NetworkAt::new(at.unwrap_or_else(|| {
                Arc::make_mut(&mut self.config.networks).push(Network4 {
                    user_context: None,
                    name: name.into(),
                    guard: Guard::default(),
                    additional: Box::default(),
                    options: Options4::default(),
                    subnets: Vec::new(),
                    ids: Vec::new(),
                });
                self.config.networks.len() - 1
            })));
        }
        Arc::make_mut(&mut self.config.subnets).push(Arc::new(subnet));
        self
    }

    /// Adds a global option.
    pub fn option(mut self, option: Option4) -> Self {
        self.options.push(option);
        self
    }

    /// Changes anything else.
    pub fn with(mut self, change: impl FnOnce(&mut Config4)) -> Self {
        change(&mut self.config);
        self
    }

    /// The configuration.
    pub fn build(self) -> Config4 {
        let Self { mut config, options } = self;
        let vendor_options = config.options.vendor_options().to_vec();
        config.options = Options4::new(options).with_vendor_options(vendor_options);
        Arc::make_mut(&mut config.subnets).sort_by_key(|subnet| subnet.id);
        for (at, network) in Arc::make_mut(&mut config.networks).iter_mut().enumerate() {
            let at = Some(NetworkAt::new(at));
            let members = config.subnets.iter().enumerate().filter(|(_, subnet)| subnet.network == at);
            (network.subnets, network.ids) =
                members.map(|(at, subnet)| (SubnetAt::new(at), subnet.id)).unzip();
        }
        config.lookup = SubnetLookup::new(&config.subnets).into();
        config
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl Subnet {
    /// A subnet of this prefix without pools.
    ///
    /// # Panics
    /// If `prefix` is none.
    pub fn new(id: u32, prefix: &str) -> Self {
        let parsed = prefix
            .split_once('/')
            .and_then(|(network, len)| Prefix4::new(network.parse().ok()?, len.parse().ok()?));
        let subnet = Subnet4 {
            id: SubnetId(id),
            prefix: parsed.unwrap_or_else(|| panic!("{prefix:?} is no IPv4 prefix")),
            network: None,
            interface: None,
            relays: Vec::new(),
            guard: Guard::default(),
            additional: Box::default(),
            pools: Vec::new(),
            params: defaults().params,
            options: Options4::default(),
            over6: None,
            user_context: None,
        };
        Self { subnet, options: Vec::new(), network: None }
    }

    /// Adds a pool.
    pub fn pool(self, first: &str, last: &str) -> Self {
        self.pool_with(first, last, 0, Vec::new())
    }

    /// Adds a pool with a `pool-id` and options.
    pub fn pool_with(mut self, first: &str, last: &str, id: u32, options: Vec<Option4>) -> Self {
        let pool = Pool4 {
            first: address(first),
            last: address(last),
            id,
            guard: Guard::default(),
            additional: Box::default(),
            options: Options4::new(options),
            names: self.subnet.params.names.clone(),
        };
        self.subnet.pools.push(pool);
        self
    }

    /// Adds an option.
    pub fn option(mut self, option: Option4) -> Self {
        self.options.push(option);
        self
    }

    /// Makes it a member of a shared network.
    pub fn network(mut self, name: &str) -> Self {
        self.network = Some(name.into());
        self
    }

    /// Gives it a relay's address.
    pub fn relay(mut self, relay: &str) -> Self {
        self.subnet.relays.push(address(relay));
        self
    }

    /// Binds it to an interface.
    pub fn interface(mut self, name: &str) -> Self {
        self.subnet.interface = Some(name.into());
        self
    }

    /// Changes its parameters.
    pub fn with(mut self, change: impl FnOnce(&mut Params4)) -> Self {
        let subnet = &mut self.subnet;
        let before = subnet.params.names.clone();
        change(&mut subnet.params);
        // Pools inherit how names are made.
        for pool in subnet.pools.iter_mut().filter(|pool| Arc::ptr_eq(&pool.names, &before)) {
            pool.names = subnet.params.names.clone();
        }
        self
    }
}

/// What a server makes of a configuration as operators write it: the map `Dhcp4`.
///
/// # Panics
/// If it is refused.
pub fn configured(dhcp4: &Value) -> Config4 {
    let whole = json!({ "Dhcp4": dhcp4 });
    read(Input::Command("test", &whole), &FILE).unwrap_or_else(|refused| panic!("{refused}")).config
}

/// The configuration that says nothing, but for what is told of [`Config`].
fn defaults() -> Config4 {
    configured(&json!({"valid-lifetime": 4000, "cache-threshold": 0.0}))
}
