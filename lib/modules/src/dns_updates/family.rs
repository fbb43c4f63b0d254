//! What differs between the families.

use std::fmt::{self, Display};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use kotare_ddns::{Change, ChangeRequest};
use kotare_engine::requests::Named;
use kotare_engine::{v4, v6};
use kotare_model::{Lease4, Lease6};

use super::messages::*;
use super::{Updates, named};
use crate::Hooked;

/// A lease whose name is changed in the DNS. There are two of them.
pub trait Updated: Hooked + Named {
    /// Logs that a request cannot be sent.
    const SEND_FAILED: fn(&dyn Display, &dyn Display);

    /// Logs that this is asked for because of this message, if there is one.
    fn tell_asked(&self, query: Option<&Self::Query>, request: &ChangeRequest);

    /// Has changes of leases told to `updates`.
    fn observed(hooks: &mut Self::Hooks, updates: Arc<Updates<Self>>);

    /// The address as leases of this family have it.
    fn key(address: IpAddr) -> Option<Self::Address>;

    /// Its client, as the log says it.
    fn client(&self) -> String;
}

impl Updated for Lease4 {
    const SEND_FAILED: fn(&dyn Display, &dyn Display) =
        |reason, request| DHCP4_DDNS_REQUEST_SEND_FAILED(reason, request);

    fn tell_asked(&self, _: Option<&Self::Query>, request: &ChangeRequest) {
        tell_queued(self, request);
    }

    fn observed(hooks: &mut Self::Hooks, updates: Arc<Updates<Self>>) {
        hooks.observers.push(updates);
    }

    fn key(address: IpAddr) -> Option<Ipv4Addr> {
        match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        }
    }

    fn client(&self) -> String {
        v4::Label { hwaddr: &self.hwaddr, id: self.client_id.as_ref(), transaction: None }.to_string()
    }
}

impl Updated for Lease6 {
    const SEND_FAILED: fn(&dyn Display, &dyn Display) =
        |reason, request| DHCP6_DDNS_REQUEST_SEND_FAILED(reason, request);

    /// Kea's has a message of its own for the names of clients of DHCPv6.
    fn tell_asked(&self, query: Option<&Self::Query>, request: &ChangeRequest) {
        match query {
            Some(query) if request.change == Change::Add => {
                DHCP6_DDNS_CREATE_ADD_NAME_CHANGE_REQUEST(query, request);
            }
            _ => tell_queued(self, request),
        }
    }

    fn observed(hooks: &mut Self::Hooks, updates: Arc<Updates<Self>>) {
        hooks.observers.push(updates);
    }

    fn key(address: IpAddr) -> Option<Ipv6Addr> {
        match address {
            IpAddr::V6(address) => Some(address),
            IpAddr::V4(_) => None,
        }
    }

    fn client(&self) -> String {
        v6::Label { duid: Some(&self.duid), transaction: None }.to_string()
    }
}

fn tell_queued<L: Updated>(lease: &L, request: &ChangeRequest) {
    DHCPSRV_QUEUE_NCR(Client(lease), named(request.change), Json(request));
}

/// The client of a lease, as the log says it.
pub(super) struct Client<'a, L>(pub(super) &'a L);

impl<L: Updated> fmt::Display for Client<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.client())
    }
}
