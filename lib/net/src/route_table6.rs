//! Routes of one program in a routing table of the kernel.

use std::io;
use std::net::Ipv6Addr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::io::Errno;

use crate::netlink::{self, attribute, attributes, word};

/// `struct rtmsg { family, dst_len, src_len, tos, table, protocol, scope, type: u8, flags: u32 }`
const ROUTE: usize = 12;
/// How often the table is read anew when it changed meanwhile.
const ATTEMPTS: usize = 16;

/// The routes of one program in a routing table of the kernel (of the thread's network namespace that opened it): those
/// with its protocol number (`ip -6 route show table T proto P`).
#[derive(Debug)]
pub struct RouteTable6 {
    socket: OwnedFd,
    table: u32,
    protocol: u8,
    number: AtomicU32,
}

/// A route to a prefix by way of a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route6 {
    /// The prefix: all bits beyond its length are zero.
    pub prefix: Ipv6Addr,
    /// How many bits the prefix has, at most 128.
    pub prefix_len: u8,
    /// The next hop; a link-local address usually.
    pub via: Ipv6Addr,
    /// Index of the interface that leads to it.
    pub ifindex: u32,
    /// Of routes to the same prefix the one with the lowest metric counts; never 0.
    pub metric: u32,
}

impl RouteTable6 {
    /// The routes with this protocol number in this table.
    ///
    /// # Errors
    /// When the kernel refuses a netlink socket.
    pub fn open(table: u32, protocol: u8) -> io::Result<Self> {
        Ok(Self { socket: netlink::open()?, table, protocol, number: AtomicU32::new(1) })
    }

    /// The index of the interface that has this name now.
    ///
    /// # Errors
    /// When there is none.
    pub fn index_of(&self, interface: &str) -> io::Result<u32> {
        Ok(rustix::net::netdevice::name_to_index(&self.socket, interface)?)
    }

    /// All of them that have a next hop.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn list(&self) -> io::Result<Vec<Route6>> {
        for _ in 0..ATTEMPTS {
            let mut routes = Vec::new();
            let whole = netlink::dump(libc::RTM_GETROUTE, libc::AF_INET6, |kind, body| {
                if kind == libc::RTM_NEWROUTE {
                    routes.extend(self.read(body));
                }
            })?;
            if whole {
                return Ok(routes);
            }
        }
        Err(io::Error::other("the kernel's routes change faster than they can be read"))
    }

    /// Sets a route, in place of one to the same prefix that has the same metric. Needs `CAP_NET_ADMIN`.
    ///
    /// # Errors
    /// What the kernel says: no permission, no such interface, a next hop that is not on its link.
    pub fn set(&self, route: &Route6) -> io::Result<()> {
        let flags = libc::NLM_F_CREATE | libc::NLM_F_REPLACE;
        let mut request = self.begin(libc::RTM_NEWROUTE, flags, (route.prefix, route.prefix_len));
        attribute(&mut request, libc::RTA_PRIORITY, &route.metric.to_ne_bytes());
        attribute(&mut request, libc::RTA_GATEWAY, &route.via.octets());
        attribute(&mut request, libc::RTA_OIF, &route.ifindex.to_ne_bytes());
        netlink::ask(&self.socket, &netlink::end(request))
    }

    /// Removes its routes to a prefix, whatever their next hops and metrics are; whether there was one.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn remove(&self, prefix: Ipv6Addr, prefix_len: u8) -> io::Result<bool> {
        let mut found = false;
        loop {
            let request = self.begin(libc::RTM_DELROUTE, 0, (prefix, prefix_len));
            match netlink::ask(&self.socket, &netlink::end(request)) {
                Ok(()) => found = true,
                Err(error) if error.raw_os_error() == Some(Errno::SRCH.raw_os_error()) => return Ok(found),
                Err(error) => return Err(error),
            }
        }
    }

    /// A request about the route to a prefix.
    fn begin(&self, kind: u16, flags: i32, (prefix, len): (Ipv6Addr, u8)) -> Vec<u8> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let mut request = netlink::begin(kind, flags | libc::NLM_F_ACK, number);
        // The table is told in an attribute, which has room for its number.
        let table = libc::RT_TABLE_UNSPEC;
        request.extend([libc::AF_INET6 as u8, len, 0, 0, table, self.protocol]);
        request.extend([libc::RT_SCOPE_UNIVERSE, libc::RTN_UNICAST, 0, 0, 0, 0]);
        attribute(&mut request, libc::RTA_DST, &prefix.octets());
        attribute(&mut request, libc::RTA_TABLE, &self.table.to_ne_bytes());
        request
    }

    /// A route that the kernel tells of, if it is one of these.
    fn read(&self, body: &[u8]) -> Option<Route6> {
        let [family, prefix_len, _, _, table, protocol, _, kind, ..] = *body else { return None };
        let ours = i32::from(family) == libc::AF_INET6
            && protocol == self.protocol
            && kind == libc::RTN_UNICAST
            && prefix_len <= 128;
        let (prefix, via) = (Ipv6Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED);
        let mut found = Route6 { prefix, prefix_len, via, ifindex: 0, metric: 0 };
        let mut table = u32::from(table);
        for (kind, value) in attributes(body.get(ROUTE..)?) {
            let address = || <[u8; 16]>::try_from(value).ok().map(Ipv6Addr::from);
            match kind {
                libc::RTA_DST => found.prefix = address()?,
                libc::RTA_GATEWAY => found.via = address()?,
                libc::RTA_OIF => found.ifindex = word(value, 0)?,
                libc::RTA_PRIORITY => found.metric = word(value, 0)?,
                libc::RTA_TABLE => table = word(value, 0)?,
                _ => {}
            }
        }
        (ours && table == self.table && !found.via.is_unspecified()).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a request says is read again as it was meant, and damaged messages never past their end.
    #[test]
    fn routes_are_read_as_they_are_written() {
        let table = RouteTable6::open(70_000, 99).unwrap();
        let route = Route6 {
            prefix: "2001:db8:1:200::".parse().unwrap(),
            prefix_len: 56,
            via: "fe80::1".parse().unwrap(),
            ifindex: 7,
            metric: 5,
        };
        let mut request = table.begin(libc::RTM_NEWROUTE, 0, (route.prefix, route.prefix_len));
        attribute(&mut request, libc::RTA_GATEWAY, &route.via.octets());
        attribute(&mut request, libc::RTA_OIF, &route.ifindex.to_ne_bytes());
        attribute(&mut request, libc::RTA_PRIORITY, &route.metric.to_ne_bytes());
        let body = &request[16..];
        assert_eq!(table.read(body), Some(route));
        let others = [RouteTable6::open(70_001, 99), RouteTable6::open(70_000, 98)];
        assert!(others.into_iter().all(|other| other.unwrap().read(body).is_none()));
        for end in 0..body.len() {
            assert_eq!(table.read(&body[..end]).filter(|found| *found == route), None);
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = body.to_vec();
                damaged[end] = value;
                table.read(&damaged);
            }
        }
    }
}
