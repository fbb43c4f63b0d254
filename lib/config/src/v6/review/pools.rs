//! Addresses and prefixes that should not be given, or are given twice.

use std::net::Ipv6Addr;

use super::{Scene6, Written6};
use crate::json::Diagnostics;
use crate::review::{Leasing, WrittenPool};
use crate::v6::Config6;

/// The first address of a subnet is that of every router there (RFC 4291 §2.6.1), but for links of two (RFC 6164).
pub(super) fn anycast(scene: &Scene6<'_>, diagnostics: &mut Diagnostics) {
    for subnet in Written6::all(scene).iter().filter(|subnet| subnet.prefix.prefix_len() < 127) {
        let first = subnet.prefix.network();
        for pool in subnet.pools().filter(|pool| pool.first == first) {
            let message = format!("the pool has {first}, which every router of the subnet answers to");
            diagnostics.warning_with_hint(pool.value.source(), message, "leave it out of the pool");
        }
    }
}

/// Prefixes are routed to those who have them: an address of one is not on another link, and a part of one not another's.
/// Within a subnet an overlap is an error; subnets that delegate the same prefixes, in the same lengths, may share them.
pub(super) fn overlapping(scene: &Scene6<'_>, diagnostics: &mut Diagnostics) {
    let mut pools: Vec<(usize, WrittenPool<'_, Ipv6Addr>)> = Vec::new();
    for (at, subnet) in Written6::all(scene).iter().enumerate() {
        pools.extend(subnet.pools().chain(Config6::delegated(subnet.map)).map(|pool| (at, pool)));
    }
    pools.sort_by_key(|(_, pool)| (pool.first, pool.last));
    let mut open: Vec<(usize, WrittenPool<'_, Ipv6Addr>)> = Vec::new();
    for (at, pool) in pools {
        open.retain(|(_, before)| before.last >= pool.first);
        let clashes = |(of, before): &&(usize, WrittenPool<'_, Ipv6Addr>)| {
            *of != at && before.len != pool.len && (before.is_delegated || pool.is_delegated)
        };
        if let Some((_, other)) = open.iter().find(clashes) {
            let (pd, beside) = if pool.is_delegated { (&pool, other) } else { (other, &pool) };
            let what = if beside.is_delegated { "prefixes of another length" } else { "addresses" };
            let message = format!("{what} of the pool at {} are in its prefixes", beside.value.source());
            let hint = "clients of two pools may be given the same addresses: keep them apart";
            diagnostics.warning_with_hint(pd.value.source(), message, hint);
        }
        open.push((at, pool));
    }
}
