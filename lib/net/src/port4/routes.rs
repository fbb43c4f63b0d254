//! Which socket a reply leaves through.

use std::net::Ipv4Addr;

use kotare_model::Departure4;

use super::socket::{Mode4, Spec4};

/// What the sockets of a port serve, sorted, with their tokens.
#[derive(Debug, Default)]
pub(super) struct Routes(Vec<Route>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Route {
    ifindex: u32,
    local: Ipv4Addr,
    token: usize,
    udp: bool,
}

impl Routes {
    /// Adds a socket that serves `spec`.
    pub(super) fn insert(&mut self, spec: &Spec4, token: usize) {
        let udp = spec.mode == Mode4::Udp;
        let route = Route { ifindex: spec.ifindex, local: spec.local, token, udp };
        let at = self.0.partition_point(|other| *other < route);
        self.0.insert(at, route);
    }

    /// Forgets a socket.
    pub(super) fn remove(&mut self, token: usize) {
        self.0.retain(|route| route.token != token);
    }

    /// The token of the socket that `to` leaves through, see [`crate::Port4::send`].
    pub(super) fn find(&self, to: &Departure4) -> Option<usize> {
        let source = *to.source.ip();
        if to.ifindex == 0 {
            return self.0.iter().find(|route| route.local == source).or(self.0.first()).map(Route::token);
        }
        let at = self.0.partition_point(|route| (route.ifindex, route.local) < (to.ifindex, source));
        if let Some(route) = self.0.get(at)
            && (route.ifindex, route.local) == (to.ifindex, source)
        {
            return Some(route.token);
        }
        let at = self.0.partition_point(|route| route.ifindex < to.ifindex);
        if let Some(route) = self.0.get(at)
            && route.ifindex == to.ifindex
        {
            return Some(route.token);
        }
        // A UDP socket receives for its address on any interface, and answers there.
        self.0.iter().find(|route| route.local == source && route.udp).map(Route::token)
    }
}

impl Route {
    fn token(&self) -> usize {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddrV4;

    use super::*;

    /// A reply leaves where it belongs: its address on its interface, its interface, or its address.
    #[test]
    fn a_reply_finds_its_socket() {
        let address = |last| Ipv4Addr::new(192, 0, 2, last);
        let mut routes = Routes::default();
        for (ifindex, local, mode, token) in [
            (5, address(9), Mode4::Udp, 3),
            (2, address(2), Mode4::Raw, 1),
            (3, address(1), Mode4::Raw, 2),
            (2, address(1), Mode4::Raw, 0),
        ] {
            let interface = format!("eth{ifindex}");
            routes.insert(&Spec4 { ifindex, interface, mac: [2; 6], local, broadcast: true, mode }, token);
        }
        let find = |routes: &Routes, ifindex, source| {
            routes.find(&Departure4 {
                ifindex,
                source: SocketAddrV4::new(source, 67),
                destination: SocketAddrV4::new(Ipv4Addr::BROADCAST, 68),
                destination_mac: None,
            })
        };
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
