//! The options of a level, prepared for replies.

use std::sync::Arc;

use kotare_config::v4::{Config4, Options4, VendorOption4};
use kotare_wire::v4::{Message, OptionCode};

/// A set of option codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Codes([u64; 4]);

impl Codes {
    pub(super) fn insert(&mut self, code: u8) {
        self.0[usize::from(code / 64)] |= 1 << (code % 64);
    }

    pub(super) fn contains(&self, code: u8) -> bool {
        self.0[usize::from(code / 64)] & (1 << (code % 64)) != 0
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    pub(super) fn intersection(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & !other.0[at]))
    }

    /// The codes, ascending.
    pub(super) fn iter(self) -> impl Iterator<Item = u8> {
        (0..4).flat_map(move |at| {
            let mut word = self.0[at];
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                word &= word.checked_sub(1)?;
                Some(at as u8 * 64 + bit as u8)
            })
        })
    }
}

impl FromIterator<u8> for Codes {
    fn from_iter<T: IntoIterator<Item = u8>>(codes: T) -> Self {
        let mut set = Self::default();
        codes.into_iter().for_each(|code| set.insert(code));
        set
    }
}

/// All options that apply to a client of a pool (or of a subnet, for clients that get no address), the most specific
/// of each code.
///
/// This is the order of the levels: pool over subnet over shared network (the configuration comes with these merged),
/// over client classes (not configurable yet), over global options.
#[derive(Debug)]
pub(super) struct ReplyOptions {
    options: Options4,
    configured: Codes,
    /// Sent without being asked for: `always-send`, and what Kea sends to every client.
    always: Codes,
    /// `never-send`.
    never: Codes,
}

impl ReplyOptions {
    fn new(level: &Options4, global: &Options4) -> Self {
        let options = level.over(global);
        let codes = |wanted: fn(&kotare_config::v4::Option4) -> bool| {
            options.iter().filter(|&option| wanted(option)).map(|option| option.code).collect::<Codes>()
        };
        // The server makes these itself: message type and relay agent information.
        let own = [OptionCode::MESSAGE_TYPE, OptionCode::RELAY_AGENT_INFORMATION]
            .map(|code| code.0)
            .into_iter()
            .collect();
        let basic = [
            OptionCode::ROUTERS,
            OptionCode::DOMAIN_NAME_SERVERS,
            OptionCode::DOMAIN_NAME,
            OptionCode::SERVER_IDENTIFIER,
        ];
        let always = codes(|option| option.always_send).union(basic.map(|code| code.0).into_iter().collect());
        let never = codes(|option| option.never_send)
            .without([OptionCode::SERVER_IDENTIFIER.0].into_iter().collect());
        let configured = codes(|_| true).without(own);
        Self { options, configured, always, never }
    }

    /// The configured value of an option.
    pub(super) fn find(&self, code: u8) -> Option<&[u8]> {
        self.options.find(code).map(|option| &*option.data)
    }

    /// The sub-options of option 125, by enterprise and code.
    pub(super) fn vendor_options(&self) -> &[VendorOption4] {
        self.options.vendor_options()
    }

    /// Which options a client gets: what it asks for (option 55), what is always sent, and vendor options (125) for
    /// a client that names one of their vendors (options 124 and 125, RFC 3925).
    pub(super) fn chosen(&self, query: &Message<'_>) -> Codes {
        let mut wanted = self.always;
        if let Some(list) = query.option(OptionCode::PARAMETER_REQUEST_LIST) {
            list.bytes().for_each(|code| wanted.insert(code));
        }
        if self.configured.contains(OptionCode::VIVSO.0) && self.names_vendor(query) {
            wanted.insert(OptionCode::VIVSO.0);
        }
        wanted.intersection(self.configured).without(self.never)
    }

    fn names_vendor(&self, query: &Message<'_>) -> bool {
        let own = self.find(OptionCode::VIVSO.0).unwrap_or_default();
        let ours = |(vendor, _)| vendors(own).any(|(own, _)| own == vendor);
        [OptionCode::VIVCO, OptionCode::VIVSO]
            .into_iter()
            .filter_map(|code| query.option(code)?.as_slice())
            .any(|value| vendors(value).any(ours))
    }
}

/// The enterprise numbers in a value of option 124 or 125, each with the bytes that follow its length.
pub(super) fn vendors(mut value: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        let (vendor, rest) = value.split_first_chunk::<4>()?;
        let (&len, rest) = rest.split_first()?;
        let (inner, rest) = rest.split_at_checked(usize::from(len))?;
        value = rest;
        Some((u32::from_be_bytes(*vendor), inner))
    })
}

/// The prepared options of a configuration. Levels without options of their own share those above them.
#[derive(Debug)]
pub(super) struct AllOptions {
    subnets: Vec<SubnetOptions>,
}

#[derive(Debug)]
struct SubnetOptions {
    own: Arc<ReplyOptions>,
    /// By index into the subnet's pools.
    pools: Vec<Arc<ReplyOptions>>,
}

impl AllOptions {
    pub(super) fn new(config: &Config4) -> Self {
        let global = Arc::new(ReplyOptions::new(&Options4::default(), &config.options));
        let prepared = |level: &Options4, above: &Options4, shared: &Arc<ReplyOptions>| {
            if level == above { shared.clone() } else { Arc::new(ReplyOptions::new(level, &config.options)) }
        };
        let subnets = config.subnets.iter().map(|subnet| {
            let own = prepared(&subnet.options, &Options4::default(), &global);
            let pools =
                subnet.pools.iter().map(|pool| prepared(&pool.options, &subnet.options, &own)).collect();
            SubnetOptions { own, pools }
        });
        Self { subnets: subnets.collect() }
    }

    /// The options of a subnet, or of one of its pools.
    pub(super) fn of(&self, subnet: usize, pool: Option<usize>) -> &ReplyOptions {
        let subnet = &self.subnets[subnet];
        pool.map_or(&subnet.own, |pool| &subnet.pools[pool])
    }
}
