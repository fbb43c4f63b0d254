//! The kernel's routes.

use std::net::Ipv6Addr;

use kotare_net::{Route6, RouteTable6};

use crate::support::with_cable;

/// A route is set, replaced and removed; those of others, by protocol or table, are neither seen nor touched.
#[test]
fn routes_of_one_protocol_come_and_go() {
    with_cable(|cable| {
        let server = &cable.server;
        server.ip("-6 route add 2001:db8:9::/48 via fe80::9 dev wire proto 99 table 100");
        server.ip("-6 route add 2001:db8:1::/56 via fe80::9 dev wire proto static metric 10");
        let ifindex = server.interface("wire").index;
        server.run(|| {
            let table = RouteTable6::open(254, 99).expect("a netlink socket");
            let prefix: Ipv6Addr = "2001:db8:1::".parse().expect("an address");
            let route = |via: u16| {
                let via = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, via);
                Route6 { prefix, prefix_len: 56, via, ifindex, metric: 1024 }
            };
            assert_eq!(table.index_of("wire").expect("it is there"), ifindex);
            assert!(table.index_of("none").is_err());
            for via in [1, 2, 2] {
                table.set(&route(via)).expect("root may set routes");
                assert_eq!(table.list().expect("the kernel tells"), [route(via)]);
            }
            let nowhere = Route6 { ifindex: 9999, ..route(1) };
            assert!(table.set(&nowhere).is_err(), "there is no such interface");
            // One from before the metric was changed is of the same program.
            table.set(&Route6 { metric: 7, ..route(3) }).expect("root may set routes");
            assert_eq!(table.list().expect("the kernel tells").len(), 2);
            assert!(table.remove(prefix, 56).expect("root may remove routes"));
            assert!(!table.remove(prefix, 56).expect("that there is none is no error"));
            assert_eq!(table.list().expect("the kernel tells"), []);
            let elsewhere = RouteTable6::open(100, 99).expect("a netlink socket");
            assert_eq!(elsewhere.list().expect("the kernel tells").len(), 1);
            let of_operator = RouteTable6::open(254, 4).expect("a netlink socket");
            assert_eq!(of_operator.list().expect("the kernel tells").len(), 1);
        });
    });
}
