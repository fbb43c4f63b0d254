//! The parameters a client is served with, after inheritance global → shared network → subnet.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_model::Lifetime;

use super::{Allocator, LifetimeRange, Names4, Reservations, TeeTimes};

/// The effective parameters of one subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct Params4 {
    /// Lifetimes of leases.
    pub valid_lifetime: LifetimeRange,
    /// T1 and T2.
    pub tee_times: TeeTimes,
    /// `match-client-id`: whether option 61 identifies a client; otherwise only its hardware address does.
    pub match_client_id: bool,
    /// `authoritative`: whether clients with an unknown lease are told so with a NAK.
    pub authoritative: bool,
    /// `next-server`: `siaddr` of replies.
    pub next_server: Ipv4Addr,
    /// `server-hostname`: `sname` of replies, at most 63 bytes.
    pub server_hostname: Box<str>,
    /// `boot-file-name`: `file` of replies, at most 127 bytes.
    pub boot_file_name: Box<str>,
    /// `allocator`.
    pub allocator: Allocator,
    /// `adaptive-lease-time-threshold`: the part of a subnet's addresses above which new leases are as short as may be;
    /// `None` when they never are.
    pub adaptive_threshold: Option<f64>,
    /// How clients' names are made.
    pub names: Arc<Names4>,
    /// `offer-lifetime`: how long an offered address is kept for its client, if it is.
    pub offer_lifetime: Option<Lifetime>,
    /// Which reservations count.
    pub reservations: Reservations,
    /// `store-extended-info`: whether relay information goes into the lease's user context.
    pub store_extended_info: bool,
    /// `cache-threshold`: a renewal within this fraction of the lifetime reuses the lease without a write;
    /// `None` when lease caching is off.
    pub cache_threshold: Option<f64>,
    /// `cache-max-age`: the age up to which a lease is reused without a write; `None` is no limit of its own.
    pub cache_max_age: Option<Lifetime>,
}
