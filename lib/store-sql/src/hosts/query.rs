//! Questions for reservations that may outlive whoever asked them.

use kotare_model::{HostId, HostIdType, Reservation, SubnetId};
use kotare_store::{HostKey, HostQuery, Reserved};

/// A [`HostQuery`] of its own.
#[derive(Clone, Debug)]
pub(super) struct OwnQuery<A> {
    pub(super) key: OwnKey<A>,
    pub(super) subnets: Option<Vec<SubnetId>>,
}

/// A [`HostKey`] of its own.
#[derive(Clone, Debug)]
pub(super) enum OwnKey<A> {
    Ids(Vec<(HostIdType, Box<[u8]>)>),
    Addresses(Vec<A>),
    Hostname(String),
}

impl<A: Copy + PartialEq> OwnQuery<A> {
    pub(super) fn of(query: HostQuery<'_, A>) -> Self {
        let key = match query.key {
            HostKey::Ids(ids) => OwnKey::Ids(ids.iter().map(|id| (id.kind, id.bytes.into())).collect()),
            HostKey::Addresses(addresses) => OwnKey::Addresses(addresses.to_vec()),
            HostKey::Hostname(name) => OwnKey::Hostname(name.to_owned()),
        };
        Self { key, subnets: query.subnets.map(<[_]>::to_vec) }
    }

    /// Whether a reservation is meant.
    pub(super) fn means<R: Reserved<Address = A>>(&self, host: &Reservation<R>) -> bool {
        let subnets = self.subnets.as_deref();
        let ids: Vec<HostId<'_>>;
        let key = match &self.key {
            OwnKey::Ids(own) => {
                ids = own.iter().map(|(kind, bytes)| HostId { kind: *kind, bytes }).collect();
                HostKey::Ids(&ids)
            }
            OwnKey::Addresses(addresses) => HostKey::Addresses(addresses),
            OwnKey::Hostname(name) => HostKey::Hostname(name),
        };
        HostQuery { key, subnets }.means(host)
    }

    /// Whether both can be asked in one statement.
    pub(super) fn goes_with(&self, other: &Self) -> bool {
        std::mem::discriminant(&self.key) == std::mem::discriminant(&other.key)
            && self.subnets.is_some() == other.subnets.is_some()
    }
}
