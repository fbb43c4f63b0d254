//! The zones that are answered for.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kotare_ddns::Name;

/// The zones that are answered for, and what all of them say of themselves.
#[derive(Clone, Debug)]
pub struct Zones {
    /// By name in canonical form.
    zones: BTreeMap<Vec<u8>, Name>,
    /// The name of the server that answers.
    pub(crate) server: Name,
    /// Its addresses.
    pub(crate) addresses: Vec<IpAddr>,
    /// Whom to write to about them.
    pub(crate) contact: Name,
    /// For how many seconds an answer may be remembered.
    pub(crate) ttl: u32,
    /// The version of the zones.
    pub serial: u32,
}

impl Zones {
    /// These zones, answered for by a server of this name and these addresses. Answers may be remembered for `ttl` seconds.
    #[must_use]
    pub fn new(
        zones: impl IntoIterator<Item = Name>,
        server: Name,
        addresses: Vec<IpAddr>,
        ttl: u32,
    ) -> Self {
        let contact = format!("hostmaster.{server}").parse().unwrap_or_else(|_| server.clone());
        let zones = zones.into_iter().map(|zone| (zone.canonical(), zone)).collect();
        Self { zones, server, addresses, contact, ttl, serial: 0 }
    }

    /// The zone that a name is in: that of the longest name.
    #[must_use]
    pub fn find(&self, name: &Name) -> Option<&Name> {
        let whole = name.canonical();
        let mut rest = &whole[..];
        loop {
            if let Some(zone) = self.zones.get(rest) {
                return Some(zone);
            }
            match rest.split_first() {
                Some((&length, after)) if length > 0 => rest = after.get(usize::from(length)..)?,
                _ => return None,
            }
        }
    }

    /// All of them, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = &Name> {
        self.zones.values()
    }
}

/// The zones of the names of all addresses with these first `length` bits. Of a network of IPv4 with more than 24 bits that
/// is the zone of its 256 addresses, of others as many as it takes, each without addresses of others.
#[must_use]
pub fn reverse_zones(first: IpAddr, length: u8) -> Vec<Name> {
    let (bits, step, most) = match first {
        IpAddr::V4(first) => (u128::from(first.to_bits()) << 96, 8, 24),
        IpAddr::V6(first) => (first.to_bits(), 4, 128),
    };
    let rounded = length.div_ceil(step) * step;
    let (taken, count) = if length >= most { (most, 1) } else { (rounded, 1u128 << (rounded - length)) };
    let mask = u128::MAX.checked_shl(128 - u32::from(length.min(taken))).unwrap_or(0);
    let unit = 1u128.checked_shl(128 - u32::from(taken)).unwrap_or(0);
    let zones = (0..count).filter_map(|at| {
        let bits = (bits & mask) + at * unit;
        let (address, labels) = match first {
            IpAddr::V4(_) => (IpAddr::from(Ipv4Addr::from_bits((bits >> 96) as u32)), (32 - taken) / 8),
            IpAddr::V6(_) => (IpAddr::from(Ipv6Addr::from_bits(bits)), (128 - taken) / 4),
        };
        let whole = Name::reverse(address).to_string();
        whole.splitn(usize::from(labels) + 1, '.').last()?.to_ascii_lowercase().parse().ok()
    });
    zones.collect()
}

/// What the name of an address, or the end of one, says: the first and the last address that are meant. `None` for other
/// names, and whether the name is below that of a single address.
pub(crate) fn meant(name: &Name) -> Option<(IpAddr, IpAddr)> {
    let text = name.to_string().to_ascii_lowercase();
    let (labels, is_v6) = match text.strip_suffix("in-addr.arpa.") {
        Some(labels) => (labels, false),
        None => (text.strip_suffix("ip6.arpa.")?, true),
    };
    let (radix, step, most) = if is_v6 { (16, 4, 32) } else { (10, 8, 4) };
    let (mut bits, mut length) = (0u128, 0u32);
    for label in labels.split_terminator('.').rev() {
        let digits = if is_v6 { label.len() == 1 } else { label == "0" || !label.starts_with('0') };
        let value = u8::from_str_radix(label, radix).ok().filter(|_| digits && !label.starts_with('+'))?;
        length += 1;
        if length > most {
            return None;
        }
        bits = bits << step | u128::from(value);
    }
    let rest = (most - length) * step;
    let last = bits.checked_shl(rest).unwrap_or(0) | 1u128.checked_shl(rest).unwrap_or(0).wrapping_sub(1);
    let first = bits.checked_shl(rest).unwrap_or(0);
    Some(match is_v6 {
        true => (Ipv6Addr::from_bits(first).into(), Ipv6Addr::from_bits(last).into()),
        false => (Ipv4Addr::from_bits(first as u32).into(), Ipv4Addr::from_bits(last as u32).into()),
    })
}

/// Whether the names of a zone are those of addresses.
pub(crate) fn is_reverse(zone: &Name) -> bool {
    let text = zone.to_string().to_ascii_lowercase();
    [".in-addr.arpa.", ".ip6.arpa."].iter().any(|end| format!(".{text}").ends_with(end))
}
