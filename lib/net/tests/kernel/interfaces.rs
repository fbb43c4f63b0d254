//! Listing interfaces and hearing of changes.

use std::net::Ipv4Addr;

use kotare_net::{HeldPrefix, InterfaceAddress4, InterfaceWatcher, Sign, held_prefixes, interfaces};

use crate::support::{CLIENT, Namespace, PATIENCE, SERVER, with_cable};

fn names(namespace: &Namespace) -> Vec<String> {
    let all = namespace.run(|| interfaces().expect("interfaces can be listed"));
    all.into_iter().map(|interface| interface.name).collect()
}

/// An interface is listed with all that a server asks of it.
#[test]
fn an_interface_is_listed_with_its_properties_and_addresses() {
    with_cable(|cable| {
        cable.server.ip("address add 192.0.2.9/24 dev wire");
        cable.server.ip("address add 198.51.100.1 peer 198.51.100.2/32 dev wire");
        cable.server.ip("link set wire mtu 1400");
        let wire = cable.server.interface("wire");
        assert!(wire.up && wire.running && wire.broadcast && wire.ethernet && !wire.loopback);
        assert_eq!(wire.mtu, 1400);
        assert_eq!(wire.mac.map(|mac| mac[0] & 1), Some(0), "a station's own address is no group's");
        let address = |address, prefix_len, broadcast| InterfaceAddress4 { address, prefix_len, broadcast };
        let expected = [
            address(SERVER, 24, Some(Ipv4Addr::new(192, 0, 2, 255))),
            address(Ipv4Addr::new(198, 51, 100, 1), 32, None),
            address(Ipv4Addr::new(192, 0, 2, 9), 24, None),
        ];
        for one in &expected {
            assert!(wire.addresses.contains(one), "{one:?} in {:?}", wire.addresses);
        }
        assert_eq!(wire.addresses[0], expected[0]);
        assert_eq!(wire.addresses.len(), expected.len());

        let loopback = cable.server.interface("lo");
        assert!(loopback.loopback && loopback.up && loopback.ethernet && !loopback.broadcast);
        assert_eq!(loopback.index, 1);

        cable.client.ip("link set wire down");
        assert!(!cable.client.interface("wire").up);
        assert!(!cable.client.interface("wire").running);
        assert_eq!(cable.client.interface("wire").addresses[0].address, CLIENT);
    });
}

/// More interfaces than fit one read of the socket are all listed, once.
#[test]
fn many_interfaces_are_listed() {
    with_cable(|cable| {
        let pairs: String = (0..60).map(|n| format!("link add a{n} type veth peer name b{n}\n")).collect();
        cable.server.ip_batch(&pairs);
        let mut all = names(&cable.server);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 2 + 120, "{all:?}");
    });
}

/// Interfaces and addresses that come and go are told, to a thread and to a task; silence is told as silence.
#[test]
fn changes_are_told_to_threads_and_tasks() {
    with_cable(|cable| {
        let watcher = cable.server.run(InterfaceWatcher::new).expect("a watcher");
        // What making the cable caused may still be on its way.
        while watcher.wait(Some(std::time::Duration::from_millis(100))).expect("a watcher can wait") {}
        cable.server.ip("link add more type veth peer name erom");
        assert!(watcher.wait(Some(PATIENCE)).expect("a watcher can wait"));
        assert!(names(&cable.server).contains(&"more".to_owned()));

        while watcher.wait(Some(std::time::Duration::from_millis(100))).expect("a watcher can wait") {}
        cable.server.ip("address add 203.0.113.1/24 dev more");
        assert!(watcher.wait(Some(PATIENCE)).expect("a watcher can wait"));

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let watcher = watcher.into_async().expect("a runtime watches sockets");
            let within = |wait| tokio::time::timeout(wait, watcher.changed());
            while within(std::time::Duration::from_millis(100)).await.is_ok() {}
            cable.server.ip("link delete more");
            within(PATIENCE).await.expect("in time").expect("a watcher can read");
        });
        assert!(!names(&cable.server).contains(&"more".to_owned()));
    });
}

/// More changes than the socket can hold are one change, no error.
#[test]
fn an_overrun_is_a_change() {
    with_cable(|cable| {
        let watcher = cable.server.run(InterfaceWatcher::new).expect("a watcher");
        let addresses: String =
            (0..64_u32).map(|n| format!("address add 10.{}.{}.1/32 dev wire\n", n / 256, n % 256)).collect();
        for _ in 0..8 {
            cable.server.ip_batch(&addresses);
            cable.server.ip_batch(&addresses.replace(" add ", " delete "));
        }
        assert!(watcher.wait(Some(PATIENCE)).expect("an overrun is no error"));
        cable.server.ip("address add 10.99.0.1/32 dev wire");
        assert!(watcher.wait(Some(PATIENCE)).expect("a watcher goes on after an overrun"));
    });
}

/// Prefixes show as addresses and as routes to nowhere; what else there is of routes is neither told nor a change.
#[test]
fn prefixes_are_told_as_they_change() {
    with_cable(|cable| {
        let server = &cable.server;
        let watcher = server.run(InterfaceWatcher::of_prefixes).expect("a watcher");
        let heard = || {
            // What does not matter ends a wait, too.
            let (mut heard, mut silences) = (false, 0);
            while silences < 3 {
                let is_change = watcher.wait(Some(std::time::Duration::from_millis(100)));
                let is_change = is_change.expect("a watcher can wait");
                heard |= is_change;
                silences = if is_change { 0 } else { silences + 1 };
            }
            heard
        };
        let held = || server.run(held_prefixes).expect("the kernel tells");
        server.ip("link set lo up");
        heard();
        assert_eq!(held(), []);
        server.ip("-6 route add unreachable 2001:db8:1200::/56 dev lo proto dhcp");
        assert!(heard());
        server.ip("-6 route add 2001:db8:9::/48 via fe80::9 dev wire");
        assert!(!heard(), "it leads somewhere");
        server.ip("-6 address add 2001:db8:1200:1::1/64 dev wire nodad preferred_lft 0 valid_lft 600");
        assert!(heard());
        let found = |interface: &str, prefix: &str, prefix_len, sign, deprecated| HeldPrefix {
            interface: interface.to_owned(),
            prefix: prefix.parse().expect("an address"),
            prefix_len,
            sign,
            deprecated,
        };
        let route = found("lo", "2001:db8:1200::", 56, Sign::Route, false);
        let address = found("wire", "2001:db8:1200:1::", 64, Sign::Address, true);
        assert_eq!(held(), [route, address.clone()]);
        server.ip("-6 route delete unreachable 2001:db8:1200::/56 dev lo");
        assert!(heard());
        assert_eq!(held(), [address]);
    });
}
