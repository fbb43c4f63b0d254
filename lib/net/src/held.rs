//! The IPv6 prefixes of this machine, as rtnetlink tells them.

use std::io;
use std::net::Ipv6Addr;

use crate::netlink::{self, attributes, word};

/// `struct ifaddrmsg { family, prefixlen, flags, scope: u8, index: u32 }`
const ADDRESS: usize = 8;
/// `struct rtmsg { family, dst_len, src_len, tos, table, protocol, scope, type: u8, flags: u32 }`
const ROUTE: usize = 12;
/// How often the tables are read anew when they changed meanwhile.
const ATTEMPTS: usize = 16;

/// A global IPv6 prefix that this machine has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeldPrefix {
    /// Name of the interface where it shows: the loopback for most routes to nowhere.
    pub interface: String,
    /// The prefix: all bits beyond its length are zero.
    pub prefix: Ipv6Addr,
    /// How many bits it has, 1 to 128.
    pub prefix_len: u8,
    /// What it shows as.
    pub sign: Sign,
    /// Whether it is an address that shall not be used for anything new.
    pub deprecated: bool,
}

/// What a prefix shows as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// An address of an interface, with the length of its network.
    Address,
    /// A route to nowhere (unreachable, blackhole, prohibit), which whoever has a prefix delegated sets, so that what is not
    /// used of it does not go back to where it came from (RFC 7084, WPD-5).
    Route,
}

/// All global IPv6 prefixes of this machine (of the calling thread's network namespace), in order.
///
/// # Errors
/// When the kernel refuses a netlink socket or keeps changing its tables faster than they can be read.
pub fn held_prefixes() -> io::Result<Vec<HeldPrefix>> {
    let socket = netlink::open()?;
    for _ in 0..ATTEMPTS {
        let mut held = Vec::new();
        let mut keep = |found: Option<Found>| {
            // An interface that is gone has taken its prefixes along.
            held.extend(found.and_then(|found| {
                let interface = rustix::net::netdevice::index_to_name(&socket, found.ifindex).ok()?;
                Some(HeldPrefix {
                    interface,
                    prefix: found.network(),
                    prefix_len: found.len,
                    sign: found.sign,
                    deprecated: found.deprecated,
                })
            }));
        };
        let whole = netlink::dump(libc::RTM_GETADDR, libc::AF_INET6, |kind, body| {
            keep(if kind == libc::RTM_NEWADDR { address(body) } else { None });
        })? && netlink::dump(libc::RTM_GETROUTE, libc::AF_INET6, |kind, body| {
            keep(if kind == libc::RTM_NEWROUTE { route(body) } else { None });
        })?;
        if whole {
            held.sort();
            held.dedup();
            return Ok(held);
        }
    }
    Err(io::Error::other("the kernel's addresses and routes change faster than they can be read"))
}

/// Whether what the kernel tells of may be of such a prefix, or of an interface.
pub(crate) fn concerns_prefixes(kind: u16, body: &[u8]) -> bool {
    !matches!(kind, libc::RTM_NEWROUTE | libc::RTM_DELROUTE) || route(body).is_some()
}

/// What the kernel tells of a prefix.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    ifindex: u32,
    address: Ipv6Addr,
    len: u8,
    sign: Sign,
    deprecated: bool,
}

impl Found {
    fn network(&self) -> Ipv6Addr {
        let mask = u128::MAX.checked_shl(128 - u32::from(self.len)).unwrap_or(0);
        (u128::from(self.address) & mask).into()
    }
}

/// The prefix of an address, if it is a global one.
fn address(body: &[u8]) -> Option<Found> {
    let [family, len, flags, scope, ..] = *body else { return None };
    let mut found = Found {
        ifindex: word(body, 4)?,
        address: Ipv6Addr::UNSPECIFIED,
        len,
        sign: Sign::Address,
        deprecated: u32::from(flags) & libc::IFA_F_DEPRECATED != 0,
    };
    let mut local = None;
    for (kind, value) in attributes(body.get(ADDRESS..)?) {
        let address = || <[u8; 16]>::try_from(value).ok().map(Ipv6Addr::from);
        match kind {
            // On a point-to-point link IFA_ADDRESS is the other end.
            libc::IFA_LOCAL => local = address(),
            libc::IFA_ADDRESS => found.address = address()?,
            _ => {}
        }
    }
    found.address = local.unwrap_or(found.address);
    let is_global = i32::from(family) == libc::AF_INET6 && scope == libc::RT_SCOPE_UNIVERSE;
    (is_global && (1..=128).contains(&len) && !found.address.is_unspecified()).then_some(found)
}

/// The prefix of a route, if that leads nowhere.
fn route(body: &[u8]) -> Option<Found> {
    let [family, len, _, _, _, _, _, kind, ..] = *body else { return None };
    let leads_nowhere = matches!(kind, libc::RTN_UNREACHABLE | libc::RTN_BLACKHOLE | libc::RTN_PROHIBIT);
    let is_meant = i32::from(family) == libc::AF_INET6 && leads_nowhere && (1..=128).contains(&len);
    // What was cached of a route for one destination is no route.
    if !is_meant || word(body, 8)? & libc::RTM_F_CLONED != 0 {
        return None;
    }
    let (mut address, mut ifindex) = (None, None);
    for (kind, value) in attributes(body.get(ROUTE..)?) {
        match kind {
            libc::RTA_DST => address = <[u8; 16]>::try_from(value).ok().map(Ipv6Addr::from),
            libc::RTA_OIF => ifindex = word(value, 0),
            _ => {}
        }
    }
    Some(Found { ifindex: ifindex?, address: address?, len, sign: Sign::Route, deprecated: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::attribute;

    fn told(head: &[u8], attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = head.to_vec();
        attributes.iter().for_each(|(kind, value)| attribute(&mut body, *kind, value));
        body
    }

    /// Addresses and routes to nowhere are read; whatever else is said, and however it is cut or damaged, nothing is read
    /// past its end.
    #[test]
    fn what_is_a_prefix_is_read() {
        let home: Ipv6Addr = "2001:db8:1:2::7".parse().unwrap();
        let ten = libc::AF_INET6 as u8;
        let one = told(
            &[ten, 64, libc::IFA_F_DEPRECATED as u8, 0, 7, 0, 0, 0],
            &[(libc::IFA_ADDRESS, &home.octets())],
        );
        let found = address(&one).expect("it is global");
        assert_eq!(
            (found.network().to_string().as_str(), found.len, found.deprecated),
            ("2001:db8:1:2::", 64, true)
        );
        let local =
            told(&[ten, 64, 0, libc::RT_SCOPE_LINK, 7, 0, 0, 0], &[(libc::IFA_ADDRESS, &home.octets())]);
        assert_eq!(address(&local), None);

        let head = |kind, flags| [ten, 56, 0, 0, 254, 16, 0, kind, 0, flags, 0, 0];
        let rest: [(u16, &[u8]); 2] =
            [(libc::RTA_DST, &home.octets()), (libc::RTA_OIF, &1_u32.to_ne_bytes())];
        let nowhere = told(&head(libc::RTN_UNREACHABLE, 0), &rest);
        let found = route(&nowhere).expect("it leads nowhere");
        assert_eq!((found.network().to_string().as_str(), found.ifindex), ("2001:db8:1::", 1));
        assert_eq!(route(&told(&head(libc::RTN_UNICAST, 0), &rest)), None);
        assert_eq!(route(&told(&head(libc::RTN_UNREACHABLE, 2), &rest)), None, "it is cached");
        assert!(concerns_prefixes(libc::RTM_DELROUTE, &nowhere) && concerns_prefixes(libc::RTM_NEWADDR, &[]));
        assert!(!concerns_prefixes(libc::RTM_NEWROUTE, &told(&head(libc::RTN_UNICAST, 0), &rest)));
        for whole in [one, nowhere] {
            for end in 0..whole.len() {
                let _ = (address(&whole[..end]), route(&whole[..end]));
                for value in [0, 1, 0x7f, 0xff] {
                    let mut damaged = whole.clone();
                    damaged[end] = value;
                    let found = address(&damaged).or_else(|| route(&damaged));
                    assert!(found.is_none_or(|found| (1..=128).contains(&found.len)));
                }
            }
        }
    }
}
