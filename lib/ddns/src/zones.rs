//! Which DNS servers are asked: the zones that can be updated, found by the longest match.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::gss_tsig::{Choice, KeySource};
use crate::key::Key;
use crate::messages::*;
use crate::name::Name;
use crate::request::ChangeRequest;
use crate::transaction::Transaction;

/// A DNS server of a zone.
#[derive(Clone, Debug)]
pub struct DnsServer {
    /// Where it listens.
    pub at: SocketAddr,
    /// What messages to it are signed with.
    pub key: Option<Arc<Key>>,
    /// Where keys come from instead, if they are agreed on with it.
    pub agreed: Option<Arc<dyn KeySource>>,
}

/// A zone that can be updated.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its name; `*` is the zone of all names that no other is for.
    pub name: Name,
    /// Its servers, in the order in which they are tried.
    pub servers: Vec<DnsServer>,
}

/// What signatures with a key that was agreed on take, whose name is the server's.
const AGREED: usize = 192;

/// The zones of both directions.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    forward: Tree,
    reverse: Tree,
}

/// A request that no zone is for, or that asks only for what is not done here. It was told why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced(pub Box<ChangeRequest>);

/// Zones by their names in canonical form.
#[derive(Clone, Debug, Default)]
struct Tree(BTreeMap<Vec<u8>, Arc<Zone>>);

impl Tree {
    /// The zone of the longest name that `name` is in.
    fn find(&self, name: &Name) -> Option<&Arc<Zone>> {
        let whole = name.canonical();
        let mut rest = &whole[..];
        loop {
            if let Some(zone) = self.0.get(rest) {
                return Some(zone);
            }
            match rest.split_first() {
                Some((&length, after)) if length > 0 => rest = after.get(usize::from(length)..)?,
                _ => return self.0.get(&b"\x01*\0"[..]),
            }
        }
    }
}

impl FromIterator<Zone> for Tree {
    fn from_iter<I: IntoIterator<Item = Zone>>(zones: I) -> Self {
        Self(zones.into_iter().map(|zone| (zone.name.canonical(), Arc::new(zone))).collect())
    }
}

impl Zones {
    /// The zones of names and those of addresses.
    pub fn new(forward: impl IntoIterator<Item = Zone>, reverse: impl IntoIterator<Item = Zone>) -> Self {
        Self { forward: forward.into_iter().collect(), reverse: reverse.into_iter().collect() }
    }

    /// The zone that `name` is in.
    #[must_use]
    pub fn forward(&self, name: &Name) -> Option<&Arc<Zone>> {
        self.forward.find(name)
    }

    /// The zone that the name of an address is in.
    #[must_use]
    pub fn reverse(&self, name: &Name) -> Option<&Arc<Zone>> {
        self.reverse.find(name)
    }

    /// All zones of names, by their names in canonical form.
    pub fn all_forward(&self) -> impl Iterator<Item = &Arc<Zone>> {
        self.forward.0.values()
    }

    /// All zones of addresses.
    pub fn all_reverse(&self) -> impl Iterator<Item = &Arc<Zone>> {
        self.reverse.0.values()
    }

    /// What is to be done for a request. A direction without any zones is left out.
    ///
    /// # Errors
    /// When no zone is for it, or no direction is left.
    pub fn place(&self, mut request: ChangeRequest) -> Result<Transaction, Unplaced> {
        let mut forward = None;
        if request.forward && self.forward.0.is_empty() {
            request.forward = false;
            DHCP_DDNS_FWD_REQUEST_IGNORED(&request.dhcid, &request);
        } else if request.forward {
            forward = self.forward(&request.fqdn).cloned();
            if forward.is_none() {
                DHCP_DDNS_NO_MATCH(&request.fqdn);
                DHCP_DDNS_NO_FWD_MATCH_ERROR(&request.dhcid, &request);
                return Err(Unplaced(request.into()));
            }
        }
        let mut reverse = None;
        if request.reverse && self.reverse.0.is_empty() {
            request.reverse = false;
            DHCP_DDNS_REV_REQUEST_IGNORED(&request.dhcid, &request);
        } else if request.reverse {
            let name = Name::reverse(request.address);
            reverse = self.reverse(&name).cloned();
            if reverse.is_none() {
                DHCP_DDNS_NO_MATCH(&name);
                DHCP_DDNS_NO_REV_MATCH_ERROR(&request.dhcid, &request);
                return Err(Unplaced(request.into()));
            }
        }
        if forward.is_none() && reverse.is_none() {
            DHCP_DDNS_REQUEST_DROPPED(&request.dhcid, &request);
            return Err(Unplaced(request.into()));
        }
        Ok(Transaction::new(request, forward, reverse))
    }
}

impl DnsServer {
    /// What a message to it is signed with now, in seconds since 1970, if with anything. `None` if nothing is to be sent to
    /// it: a key would have to be agreed on.
    #[must_use]
    pub fn signing(&self, now: u64) -> Option<Option<Arc<Key>>> {
        match self.agreed.as_ref().map_or(Choice::Fallback, |source| source.choose(now)) {
            Choice::Key(key) => Some(Some(key)),
            Choice::Fallback => Some(self.key.clone()),
            Choice::Nothing => None,
        }
    }

    /// How many bytes a signature of a message to it has at most; about how many where keys are agreed on.
    pub(crate) fn signature_room(&self) -> usize {
        let agreed = if self.agreed.is_some() { AGREED } else { 0 };
        self.key.as_ref().map_or(0, |key| key.room()).max(agreed)
    }
}

impl fmt::Display for DnsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} port:{}", self.at.ip(), self.at.port())
    }
}
