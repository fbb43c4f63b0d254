//! `local-names`: clients' names without a DNS server that is updated. Kea has nothing like it.

use std::net::{IpAddr, SocketAddr};

use kotare_ddns::Name;

use super::WrittenPath;
use crate::Level;
use crate::schema::tables::LOCAL_NAMES;

/// `local-names`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalNames {
    /// `domain`: that of names which have none.
    pub domain: Option<Name>,
    /// `hosts-file`: where names are written for other programs.
    pub hosts_file: Option<WrittenPath>,
    /// `unbound-file`: the same for Unbound.
    pub unbound_file: Option<WrittenPath>,
    /// `other-hosts-files`: where more names are read from.
    pub others: Vec<WrittenPath>,
    /// `ttl`: for how many seconds an answer may be remembered.
    pub ttl: u32,
    /// `listen` and `port`: where the DNS is answered.
    pub listen: Vec<SocketAddr>,
    /// `zones`: which ones are answered for; `None` for the domain and the addresses of all subnets.
    pub zones: Option<Vec<LocalZone>>,
    /// `name-server`: what the server that answers is called.
    pub name_server: Option<Name>,
}

/// An entry of `zones`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalZone {
    /// The zone of this name.
    Named(Name),
    /// The zones of the names of all addresses with these first bits.
    Addresses(IpAddr, u8),
}

impl LocalZone {
    /// What is written: a name, or a network such as `192.0.2.0/24`.
    ///
    /// # Errors
    /// Why it is neither.
    pub fn read(text: &str) -> Result<Self, String> {
        let Some((address, length)) = text.split_once('/') else {
            return text.parse().map(Self::Named).map_err(|error| format!("'{text}' is no zone: {error}"));
        };
        let wrong = || format!("'{text}' is not a network such as '192.0.2.0/24' or '2001:db8:1::/48'");
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let length: u8 = length.parse().map_err(|_| wrong())?;
        let (bits, most) = match address {
            IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        if length == 0 || length > most {
            return Err(wrong());
        }
        if bits.checked_shl(length.into()).is_some_and(|rest| rest != 0) {
            return Err(format!("'{text}' has bits set behind the first {length}"));
        }
        Ok(Self::Addresses(address, length))
    }
}

impl LocalNames {
    /// All files, those that are written first.
    pub fn files(&self) -> impl Iterator<Item = &WrittenPath> {
        self.hosts_file.iter().chain(&self.unbound_file).chain(&self.others)
    }

    pub(super) fn resolve(global: Level<'_>) -> Option<Self> {
        let level = global.section(&LOCAL_NAMES);
        level.map()?;
        let name = |keyword| level.text(keyword).parse().ok();
        let path = |keyword| level.own(keyword).and_then(WrittenPath::of);
        let port = level.count("port");
        let listen = level.texts("listen").into_iter().filter_map(|text| text.parse::<IpAddr>().ok());
        let zones = || level.texts("zones").into_iter().filter_map(|text| LocalZone::read(text).ok());
        Some(Self {
            domain: name("domain"),
            hosts_file: path("hosts-file"),
            unbound_file: path("unbound-file"),
            others: level.items("other-hosts-files").iter().filter_map(WrittenPath::of).collect(),
            ttl: level.count("ttl"),
            listen: listen.map(|address| SocketAddr::new(address, port)).collect(),
            zones: level.own("zones").map(|_| zones().collect()),
            name_server: name("name-server"),
        })
    }
}
