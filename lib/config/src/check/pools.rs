//! Pools of addresses within their subnet.

use crate::json::{Diagnostics, Value};
use crate::{Address, Prefix, parse_pool};

/// Addresses from the first to the last, and where they are written.
pub(super) type Range<'a, A> = (A, A, &'a Value);

/// Checks the pools of `subnet`, whose prefix is `prefix` if it could be read; which addresses they have.
pub(super) fn check<'a, A: Address>(
    subnet: &'a Value,
    prefix: Option<Prefix<A>>,
    diagnostics: &mut Diagnostics,
) -> Vec<Range<'a, A>> {
    let mut ranges = Vec::new();
    for pool in subnet.list("pools") {
        super::timers::ddns_ttl(pool, diagnostics);
        super::classes::names(pool, diagnostics);
        let Some(value) = pool.get("pool") else { continue };
        let Some(text) = value.as_str() else { continue };
        let (first, last): (A, A) = match parse_pool(text) {
            Ok(range) => range,
            Err(error) => {
                diagnostics.error(value.source(), format!("'{text}' {error}"));
                continue;
            }
        };
        if let Some(message) = not_first::<A>(text) {
            diagnostics.error(value.source(), message);
        }
        if let Some(prefix) = prefix
            && !(prefix.contains(first) && prefix.contains(last))
        {
            diagnostics
                .error(value.source(), format!("the pool {first}-{last} is not within its subnet {prefix}"));
        }
        ranges.push((first, last, value));
    }
    ranges
}

/// Pools of a subnet share no address. Sorted by where they begin, only neighbours need a look.
pub(super) fn overlaps<A: Address>(mut ranges: Vec<Range<'_, A>>, diagnostics: &mut Diagnostics) {
    ranges.sort_by_key(|(first, last, _)| (*first, *last));
    let mut widest = 0;
    for at in 1..ranges.len() {
        let ((first, last, value), (_, end, other)) = (ranges[at], ranges[widest]);
        if first <= end {
            let (one, two) = if value.source() < other.source() { (other, value) } else { (value, other) };
            let message = format!("the pool {first}-{last} overlaps with the one at {}", two.source());
            diagnostics.error(one.source(), message);
        }
        if last > end {
            widest = at;
        }
    }
}

/// Why `address/length` is no pool, when its address is not the first of the prefix.
fn not_first<A: Address>(text: &str) -> Option<String> {
    let (address, _) = text.split_once('/')?;
    let address: A = address.trim().parse().ok()?;
    let prefix: Prefix<A> = text.parse().ok()?;
    if prefix.prefix_len() == 0 {
        return Some(format!("the pool '{text}' has the prefix length 0, it must be at least 1"));
    }
    (prefix.network() != address)
        .then(|| format!("the pool '{text}' does not begin at the first address of {prefix}"))
}
