//! The parameters of `lease_query`, and what they mean.

use std::net::SocketAddr;
use std::num::NonZero;
use std::time::Duration;

use kotare_config::json::{Diagnostics, Kind, Source};
use kotare_config::schema::{Table, Type, param};
use kotare_config::{Address, Level};

use super::Queried;
use super::requesters::Requesters;
use crate::Entry;

const U32: i64 = u32::MAX as i64;

/// The `parameters` of the library.
pub(super) static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[
        param("requesters", Type::Texts).required(),
        param("advanced", Type::Map(&ADVANCED)),
        param("prefix-lengths", Type::Any),
        param("comment", Type::Text),
    ]],
    ..Table::EMPTY
};

/// `advanced`: queries through TCP.
static ADVANCED: Table = Table {
    name: "advanced",
    groups: &[&[
        param("bulk-query-enabled", Type::Bool).or_bool(false),
        param("active-query-enabled", Type::Bool).or_bool(false),
        // As `bulk-query-enabled`.
        param("extended-info-tables-enabled", Type::Bool),
        // By the family.
        param("lease-query-ip", Type::Text),
        param("lease-query-tcp-port", Type::Int(1, u16::MAX as i64)),
        param("max-bulk-query-threads", Type::Int(0, U32)).or_int(0).moot(),
        param("max-requester-connections", Type::Int(1, U32)).or_int(10),
        param("max-concurrent-queries", Type::Int(0, U32)).or_int(0),
        param("max-requester-idle-time", Type::Int(1, i32::MAX as i64 / 1000)).or_int(300),
        param("max-leases-per-fetch", Type::Int(1, U32)).or_int(100),
        param("trust-anchor", Type::Text),
        param("cert-file", Type::Text),
        param("key-file", Type::Text),
        param("cert-required", Type::Bool).or_bool(true),
        param("comment", Type::Text),
    ]],
    ..Table::EMPTY
};

/// So many queries of one connection are answered at once where none is configured.
const QUERIES: usize = 8;
/// No more leases than this are taken from the store at once.
const FETCH: usize = 10_000;

/// What is configured of a family with addresses `A`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings<A: Address> {
    /// Who may ask.
    pub(super) requesters: Requesters<A>,
    /// The lengths that delegated prefixes are looked for by; those of all pools if none are configured.
    pub(super) prefix_lengths: Option<Vec<u8>>,
    /// `extended-info-tables-enabled`: whether leases are found by what relay agents said.
    pub(super) relayed: bool,
    /// How queries are answered that come through TCP, if they are.
    pub(super) bulk: Option<Bulk>,
}

/// How queries are answered that come through TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bulk {
    /// `lease-query-ip` and `lease-query-tcp-port`.
    pub(super) listen: SocketAddr,
    /// `max-requester-connections`
    pub(super) connections: usize,
    /// `max-concurrent-queries`
    pub(super) queries: usize,
    /// `max-requester-idle-time`
    pub(super) idle: Duration,
    /// `max-leases-per-fetch`
    pub(super) fetch: usize,
    /// As [`Settings::relayed`].
    pub(super) relayed: bool,
}

impl<A: Address> Settings<A> {
    /// What an entry says. What is wrong goes to `diagnostics`, all of it.
    pub(super) fn read<L: Queried<Address = A>>(
        entry: &Entry<'_, L>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let (parameters, before) = (entry.parameters(), diagnostics.error_count());
        let source = &entry.written.source;
        let mut requesters = Requesters::default();
        for written in parameters.items("requesters") {
            // What is no string was told of.
            let Some(text) = written.as_str() else { continue };
            if let Err(reason) = requesters.add(text) {
                let kind = if text.contains('/') { "CIDR" } else { "address" };
                let reason = format!("'requesters' {kind} entry '{text}' is invalid: {reason}");
                diagnostics.error(written.source(), reason);
            }
        }
        if parameters.own("requesters").is_some_and(|list| list.items().is_empty()) {
            diagnostics.error(at(parameters, "requesters", source), "'requesters' list cannot be empty");
        }
        let prefix_lengths = prefix_lengths(parameters, source, diagnostics);
        let advanced = parameters.section(&ADVANCED);
        let relayed = match advanced.own("extended-info-tables-enabled") {
            Some(_) => advanced.bool("extended-info-tables-enabled"),
            None => advanced.bool("bulk-query-enabled"),
        };
        let bulk = bulk::<L>(advanced, relayed, source, diagnostics);
        (diagnostics.error_count() == before).then_some(Self { requesters, prefix_lengths, relayed, bulk })
    }
}

fn at<'a>(level: Level<'a>, keyword: &str, entry: &'a Source) -> &'a Source {
    level.own(keyword).map_or(entry, |written| written.source())
}

/// Longest first, each once.
fn prefix_lengths(parameters: Level<'_>, entry: &Source, diagnostics: &mut Diagnostics) -> Option<Vec<u8>> {
    let written = parameters.own("prefix-lengths")?;
    if !matches!(written.kind(), Kind::List(_)) {
        diagnostics.error(at(parameters, "prefix-lengths", entry), "'prefix-lengths' is not a list");
    }
    let mut lengths = Vec::new();
    for item in written.items() {
        let Some(length) = item.as_int() else {
            diagnostics.error(item.source(), "'prefix-lengths' entry is invalid: must be an integer");
            continue;
        };
        match u8::try_from(length).ok().filter(|length| (1..=128).contains(length)) {
            Some(length) => lengths.push(length),
            None => {
                let reason = "must be greater than 0 and less than or equal to 128";
                let reason = format!("'prefix-lengths' entry '{length}' is invalid: {reason}");
                diagnostics.error(item.source(), reason);
            }
        }
    }
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    lengths.dedup();
    Some(lengths)
}

fn bulk<L: Queried>(
    advanced: Level<'_>,
    relayed: bool,
    entry: &Source,
    diagnostics: &mut Diagnostics,
) -> Option<Bulk> {
    if advanced.bool("active-query-enabled") {
        diagnostics.error(at(advanced, "active-query-enabled", entry), "Active query is not supported");
    }
    for keyword in ["trust-anchor", "cert-file", "key-file"] {
        if let Some(written) = advanced.own(keyword) {
            diagnostics.warning(
                written.source(),
                format!("\"{keyword}\" means nothing: queries for leases come without TLS, as in Kea"),
            );
        }
    }
    let ip = match advanced.own("lease-query-ip").and_then(|written| written.as_str()) {
        None => L::LOOPBACK,
        Some(text) => text.parse().unwrap_or_else(|_| {
            let reason = format!("invalid lease-query-ip '{text}': it is no {} address", L::Address::FAMILY);
            diagnostics.error(at(advanced, "lease-query-ip", entry), reason);
            L::LOOPBACK
        }),
    };
    let enabled = advanced.bool("bulk-query-enabled");
    let queries =
        NonZero::new(advanced.count::<usize>("max-concurrent-queries")).map_or(QUERIES, NonZero::get);
    enabled.then(|| Bulk {
        listen: SocketAddr::new(ip.into(), advanced.int("lease-query-tcp-port").unwrap_or(L::PORT)),
        connections: advanced.count("max-requester-connections"),
        queries,
        idle: advanced.seconds("max-requester-idle-time"),
        fetch: advanced.count::<usize>("max-leases-per-fetch").min(FETCH),
        relayed,
    })
}
