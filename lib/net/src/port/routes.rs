//! Which socket a reply leaves through.

/// What the sockets of a port serve, sorted, with their tokens.
#[derive(Debug)]
pub(super) struct Routes<A>(Vec<(Route<A>, usize)>);

impl<A> Default for Routes<A> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What a socket serves, as far as a reply has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route<A> {
    /// The interface.
    pub ifindex: u32,
    /// The address there.
    pub local: A,
    /// Whether it receives for its address on any interface, and answers there.
    pub anywhere: bool,
}

impl<A: Copy + Ord> Routes<A> {
    /// Adds a socket.
    pub(super) fn insert(&mut self, route: Route<A>, token: usize) {
        let at = self.0.partition_point(|other| *other < (route, token));
        self.0.insert(at, (route, token));
    }

    /// Forgets a socket.
    pub(super) fn remove(&mut self, token: usize) {
        self.0.retain(|&(_, other)| other != token);
    }

    /// The token of the socket that a reply from `source` on `ifindex` leaves through, see [`crate::Port::send`].
    pub(super) fn find(&self, ifindex: u32, source: A) -> Option<usize> {
        let token = |found: &(Route<A>, usize)| found.1;
        if ifindex == 0 {
            return self.0.iter().find(|(route, _)| route.local == source).or(self.0.first()).map(token);
        }
        let at = self.0.partition_point(|(route, _)| (route.ifindex, route.local) < (ifindex, source));
        if let Some(found) = self.0.get(at)
            && (found.0.ifindex, found.0.local) == (ifindex, source)
        {
            return Some(token(found));
        }
        let at = self.0.partition_point(|(route, _)| route.ifindex < ifindex);
        if let Some(found) = self.0.get(at)
            && found.0.ifindex == ifindex
        {
            return Some(token(found));
        }
        self.0.iter().find(|(route, _)| route.local == source && route.anywhere).map(token)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    /// A reply leaves where it belongs: its address on its interface, its interface, or its address.
    #[test]
    fn a_reply_finds_its_socket() {
        let address = |last| Ipv4Addr::new(192, 0, 2, last);
        let mut routes = Routes::default();
        for (ifindex, local, anywhere, token) in [
            (5, address(9), true, 3),
            (2, address(2), false, 1),
            (3, address(1), false, 2),
            (2, address(1), false, 0),
        ] {
            routes.insert(Route { ifindex, local, anywhere }, token);
        }
        let find = |routes: &Routes<Ipv4Addr>, ifindex, source| routes.find(ifindex, source);
        assert_eq!(find(&routes, 2, address(2)), Some(1));
        assert_eq!(find(&routes, 3, address(1)), Some(2));
        assert_eq!(find(&routes, 3, address(7)), Some(2), "another address of the interface");
        assert_eq!(find(&routes, 4, address(9)), Some(3), "a UDP socket answers on any interface");
        assert_eq!(find(&routes, 4, address(1)), None, "a raw one does not");
        assert_eq!(find(&routes, 0, address(2)), Some(1), "routing decides, the source stays");
        assert_eq!(find(&routes, 0, Ipv4Addr::UNSPECIFIED), Some(0));
        routes.remove(1);
        assert_eq!(find(&routes, 2, address(2)), Some(0), "a closed socket sends nothing");
    }
}
