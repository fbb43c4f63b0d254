//! The options that apply to a client, in layers.

use std::sync::Arc;

use kotare_config::v4::{Config4, Option4, Options4, SubnetAt, VendorOption4};
use kotare_wire::v4::{Message, OptionCode};
use smallvec::SmallVec;

use super::assign::siblings;
use crate::layers::{Choice, Codes};

/// What Kea sends to every client that is configured for it.
pub(super) const BASIC: Codes = Codes::of(&[
    OptionCode::ROUTERS.0,
    OptionCode::DOMAIN_NAME_SERVERS.0,
    OptionCode::DOMAIN_NAME.0,
    OptionCode::SERVER_IDENTIFIER.0,
]);
/// What the server makes itself whatever is configured.
const MADE: Codes = Codes::of(&[OptionCode::MESSAGE_TYPE.0, OptionCode::RELAY_AGENT_INFORMATION.0]);
/// What `never-send` has no effect on.
const NEEDED: Codes = Codes::of(&[OptionCode::SERVER_IDENTIFIER.0]);

/// The options of one level, prepared once.
#[derive(Debug)]
struct Level {
    options: Options4,
    choice: Choice,
}

impl Level {
    /// `None` if the level has no options: it is no layer then.
    fn new(options: &Options4) -> Option<Arc<Self>> {
        let mut choice = Choice::default();
        for option in options.iter() {
            choice.insert(option.code, option.always_send, option.never_send);
        }
        let says_nothing = choice.has.is_empty() && options.vendor_options().is_empty();
        (!says_nothing).then(|| Arc::new(Self { options: options.clone(), choice }))
    }
}

/// The levels that all clients of a pool, or of a subnet, share, most specific first: pool, subnet, shared network.
#[derive(Debug, Default)]
struct Chain {
    levels: Box<[Arc<Level>]>,
    choice: Choice,
}

impl Chain {
    /// A more specific level over these; the same ones if it says nothing.
    fn under(self: &Arc<Self>, level: &Options4) -> Arc<Self> {
        let Some(level) = Level::new(level) else { return self.clone() };
        let choice = level.choice.and(self.choice);
        let levels = [level].into_iter().chain(self.levels.iter().cloned()).collect();
        Arc::new(Self { levels, choice })
    }
}

/// The prepared options of a configuration. Every level is kept once; subnets and pools without options of their own
/// share the chain of what is above them.
#[derive(Debug)]
pub(super) struct AllOptions {
    subnets: Vec<SubnetOptions>,
    global: Option<Arc<Level>>,
}

#[derive(Debug)]
struct SubnetOptions {
    own: Arc<Chain>,
    /// By index into the subnet's pools; empty when none has options of its own.
    pools: Box<[Arc<Chain>]>,
    /// See [`AllOptions::ipv6_only`].
    ipv6_only: Option<SubnetAt>,
}

impl AllOptions {
    pub(super) fn new(config: &Config4) -> Self {
        let top = Arc::new(Chain::default());
        let networks: Vec<_> = config.networks.iter().map(|network| top.under(&network.options)).collect();
        let subnets = config.subnets.iter().zip(ipv6_only(config)).map(|(subnet, ipv6_only)| {
            let own =
                subnet.network.map_or(&top, |network| &networks[network.index()]).under(&subnet.options);
            let pools: Box<[_]> = subnet.pools.iter().map(|pool| own.under(&pool.options)).collect();
            let same = pools.iter().all(|pool| Arc::ptr_eq(pool, &own));
            let pools = if same { Box::default() } else { pools };
            SubnetOptions { own, pools, ipv6_only }
        });
        Self { subnets: subnets.collect(), global: Level::new(&config.options) }
    }

    /// The layers of a client of this subnet, and of one of its pools if it gets an address.
    pub(super) fn of(&self, subnet: SubnetAt, pool: Option<usize>) -> Layers<'_> {
        let subnet = &self.subnets[subnet.index()];
        let chain = pool.and_then(|pool| subnet.pools.get(pool)).unwrap_or(&subnet.own);
        let mut layers = Layers { levels: SmallVec::new(), choice: chain.choice };
        layers.levels.extend(chain.levels.iter().map(|level| &**level));
        if let Some(global) = &self.global {
            layers.levels.push(global);
            layers.choice = layers.choice.and(global.choice);
        }
        layers
    }

    /// Where a client of this subnet that can do without IPv4 is served from, if anywhere.
    pub(super) fn ipv6_only(&self, subnet: SubnetAt) -> Option<SubnetAt> {
        self.subnets[subnet.index()].ipv6_only
    }
}

/// For each subnet, which one its clients that can do without IPv4 are served from, in Kea's order: the first on the link
/// with an option 108 of its own, or else itself if the shared network has one. `never-send` makes it none.
fn ipv6_only(config: &Config4) -> Vec<Option<SubnetAt>> {
    let own =
        |options: &Options4| options.find(OptionCode::V6_ONLY_PREFERRED.0).map(|option| !option.never_send);
    let subnets: Vec<_> = config.subnets.iter().map(|subnet| own(&subnet.options)).collect();
    let on_link = |at: SubnetAt| {
        let network = config[at].network.and_then(|network| own(&config[network].options));
        let first = siblings(config, at).find(|at| subnets[at.index()] == Some(true));
        first.or((network == Some(true) && subnets[at.index()].is_none()).then_some(at))
    };
    (0..subnets.len()).map(|at| on_link(SubnetAt::new(at))).collect()
}

/// The options that apply to one client, by level, the most specific first.
///
/// The order is Kea's: pool, subnet, shared network, the whole server.
#[derive(Debug, Default)]
pub(super) struct Layers<'a> {
    levels: SmallVec<[&'a Level; 8]>,
    /// What the layers say together.
    choice: Choice,
}

impl<'a> Layers<'a> {
    /// The configured value of an option.
    pub(super) fn find(&self, code: u8) -> Option<&'a [u8]> {
        self.first(code).map(|option| &*option.data)
    }

    /// The option of this code that holds: the first one of the most specific level.
    pub(super) fn first(&self, code: u8) -> Option<&'a Option4> {
        let level = self.levels.iter().find(|level| level.choice.has.contains(code))?;
        level.options.find(code)
    }

    /// All options of this code, in Kea's order: by level, the last written of a level first.
    pub(super) fn all(&self, code: u8) -> impl Iterator<Item = &'a Option4> {
        self.levels.iter().flat_map(move |level| level.options.all(code))
    }

    /// The sub-options of option 125 for the devices of one vendor, the layers' one after the other.
    pub(super) fn vendor_options(&self, enterprise: u32) -> impl Iterator<Item = &'a VendorOption4> {
        let all = self.levels.iter().flat_map(|level| level.options.vendor_options());
        all.filter(move |option| option.enterprise == enterprise)
    }

    /// Whether there are sub-options of option 125 for any vendor.
    pub(super) fn have_vendor_options(&self) -> bool {
        self.levels.iter().any(|level| !level.options.vendor_options().is_empty())
    }

    /// Which options a client gets: what it asks for (option 55), and what is always sent.
    pub(super) fn chosen(&self, query: Message<'_>) -> Codes {
        let mut requested = BASIC;
        if let Some(list) = query.option(OptionCode::PARAMETER_REQUEST_LIST) {
            list.bytes().for_each(|code| requested.insert(code));
        }
        let choice = Choice { never: self.choice.never.without(NEEDED), ..self.choice };
        choice.of(requested).without(MADE)
    }
}
