//! Where the client of a prefix is, and how a lease says so.

use std::net::Ipv6Addr;

use compact_str::CompactString;
use kotare_config::v6::Prefix6;
use kotare_engine::updated_context;
use kotare_engine::v6::Query6;
use kotare_model::{Lease6, LeaseState, LeaseType, Timestamp};
use serde_json::{Value, json};

/// Whose map it is in the user context of a lease, beside that of Kea, `ISC`.
const WHOSE: &str = "Kotare";
/// Where it stands there.
const KEY: &str = "next-hop";

/// Where packets to a prefix go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NextHop {
    /// The neighbour whom its messages come from: the client, or a relay agent on this link.
    pub(crate) via: Ipv6Addr,
    /// The interface where they come in.
    pub(crate) interface: CompactString,
    /// The client on its own link, if a relay agent is between.
    pub(crate) client: Option<Ipv6Addr>,
}

/// A route to a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The prefix.
    pub(crate) prefix: Prefix6,
    /// Where it leads.
    pub(crate) hop: NextHop,
}

impl NextHop {
    /// Where the sender of a message is; `None` where that is not known.
    pub(super) fn of(query: &Query6) -> Option<Self> {
        let via = *query.arrival.source.ip();
        let usable = !via.is_unspecified() && !via.is_multicast() && !via.is_loopback();
        let client = query.is_relayed().then_some(query.client_address);
        (usable && !query.interface.is_empty()).then(|| Self {
            via,
            interface: query.interface.clone(),
            client,
        })
    }

    /// What a lease remembers.
    pub(super) fn kept(lease: &Lease6) -> Option<Self> {
        let context: Value = serde_json::from_str(lease.user_context.as_deref()?).ok()?;
        let kept = context.get(WHOSE)?.get(KEY)?;
        let address = |key: &str| kept.get(key)?.as_str()?.parse().ok();
        let interface = kept.get("interface")?.as_str()?.into();
        Some(Self { via: address("via")?, interface, client: address("client") })
    }

    /// Lets a lease remember it.
    pub(super) fn keep(&self, lease: &mut Lease6) {
        let mut kept = json!({ "via": self.via.to_string(), "interface": self.interface.as_str() });
        if let Some(client) = self.client {
            kept["client"] = client.to_string().into();
        }
        let context = lease.user_context.as_deref();
        if let Some(context) = updated_context(context, WHOSE, KEY, kept) {
            lease.user_context = Some(context);
        }
    }
}

impl Route {
    /// The route that a lease wants, if it is of a prefix that a client has and remembers where that is.
    pub(super) fn of(lease: &Lease6) -> Option<Self> {
        let assigned = lease.state == LeaseState::Assigned;
        let prefix = prefix_of(lease).filter(|_| assigned)?;
        Some(Self { prefix, hop: NextHop::kept(lease)? })
    }

    /// The same, if the lease has not expired.
    pub(super) fn of_valid(lease: &Lease6, now: Timestamp) -> Option<Self> {
        Self::of(lease).filter(|_| lease.expires() > now)
    }
}

/// The prefix that a lease is of.
pub(super) fn prefix_of(lease: &Lease6) -> Option<Prefix6> {
    Prefix6::new(lease.address, lease.prefix_len).filter(|_| lease.lease_type == LeaseType::Pd)
}
