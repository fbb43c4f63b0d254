//! Which sockets the configuration asks for on the interfaces there are.

use std::net::Ipv6Addr;

use kotare_config::v6::{InterfaceChoice6, Interfaces6};
use kotare_net::{Interface, Spec6};
use kotare_server::Wanted;

/// All servers and relay agents of a link, and all servers of a site (RFC 9915 §7.1).
const GROUPS: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2), Ipv6Addr::new(0xff05, 0, 0, 0, 0, 0, 1, 3)];

/// Works out the sockets for `config` on the interfaces `present`: on each interface that is served the groups and its
/// link-local addresses, and the addresses that are named.
pub(crate) fn wanted(config: &Interfaces6, present: &[Interface]) -> Wanted<Spec6> {
    let mut wanted =
        Wanted { specs: Vec::new(), problems: Vec::new(), refused: Vec::new(), sockets: config.sockets };
    for choice in &config.choices {
        match choice {
            InterfaceChoice6::All => {
                for interface in present.iter().filter(|it| !it.loopback && unfit(it).is_none()) {
                    serve_link(&mut wanted, interface);
                }
            }
            InterfaceChoice6::Named(name) => {
                if let Some(interface) = fit(&mut wanted, name, present) {
                    serve_link(&mut wanted, interface);
                }
            }
            InterfaceChoice6::Address(name, address) => {
                let Some(interface) = fit(&mut wanted, name, present) else { continue };
                serve_link(&mut wanted, interface);
                if interface.addresses6.contains(address) {
                    add(&mut wanted, interface, *address, None);
                } else {
                    wanted.problems.push(format!("interface {name} does not have the address {address}"));
                }
            }
        }
    }
    wanted
}

/// The interface of this name if it can be served; otherwise the problem is noted.
fn fit<'a>(wanted: &mut Wanted<Spec6>, name: &str, present: &'a [Interface]) -> Option<&'a Interface> {
    let found = present.iter().find(|interface| interface.name == name);
    let problem = match found {
        None => format!("interface {name} does not exist"),
        Some(interface) => match unfit(interface) {
            None => return found,
            Some(why) => format!("the interface {name} {why}"),
        },
    };
    if !wanted.problems.contains(&problem) {
        wanted.problems.push(problem);
    }
    None
}

/// What everybody of the link sends to.
fn serve_link(wanted: &mut Wanted<Spec6>, interface: &Interface) {
    let mut of_link = interface.addresses6.iter().filter(|address| address.is_unicast_link_local());
    for &address in of_link.clone() {
        add(wanted, interface, address, None);
    }
    // One copy of every message is enough.
    if let Some(&address) = of_link.next()
        && interface.multicast
    {
        for group in GROUPS {
            add(wanted, interface, address, Some(group));
        }
    }
}

fn add(wanted: &mut Wanted<Spec6>, interface: &Interface, local: Ipv6Addr, group: Option<Ipv6Addr>) {
    let spec = Spec6 { ifindex: interface.index, interface: interface.name.clone(), local, group };
    if !wanted.specs.contains(&spec) {
        wanted.specs.push(spec);
    }
}

/// Why an interface cannot be served now.
fn unfit(interface: &Interface) -> Option<&'static str> {
    if !interface.up {
        Some("is down")
    } else if !interface.running {
        Some("is not running")
    } else if !interface.loopback && !interface.addresses6.iter().any(Ipv6Addr::is_unicast_link_local) {
        // It comes when the kernel has found out that nobody else has it.
        Some("has no link-local IPv6 address yet")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kotare_config::process::ServiceSockets;

    use super::*;

    const LINK_LOCAL: &str = "fe80::1";
    const GLOBAL: &str = "2001:db8::1";

    fn interface(index: u32, name: &str, addresses: &[&str]) -> Interface {
        Interface {
            index,
            name: name.into(),
            up: true,
            running: true,
            loopback: name == "lo",
            broadcast: true,
            multicast: name != "lo",
            hardware_type: 1,
            ethernet: true,
            mac: None,
            mtu: 1500,
            addresses: Vec::new(),
            addresses6: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        }
    }

    fn wanted_of(choices: &[InterfaceChoice6], present: &[Interface]) -> Wanted<Spec6> {
        let sockets =
            ServiceSockets { require_all: false, max_retries: 0, retry_wait: Duration::from_secs(5) };
        let config = Interfaces6 { choices: choices.to_vec(), sockets };
        wanted(&config, present)
    }

    fn served(wanted: &Wanted<Spec6>) -> Vec<String> {
        let shown = |spec: &Spec6| format!("{}/{}", spec.interface, spec.group.unwrap_or(spec.local));
        wanted.specs.iter().map(shown).collect()
    }

    fn named(name: &str) -> InterfaceChoice6 {
        InterfaceChoice6::Named(name.into())
    }

    fn address(name: &str, address: &str) -> InterfaceChoice6 {
        InterfaceChoice6::Address(name.into(), address.parse().unwrap())
    }

    /// Every interface that can serve does, with its link-local address and the groups, and nothing is said of others.
    #[test]
    fn all_are_those_that_can_serve() {
        let mut down = interface(4, "eth2", &[LINK_LOCAL]);
        down.up = false;
        let present = [
            interface(1, "lo", &["::1"]),
            interface(2, "eth0", &[GLOBAL, LINK_LOCAL]),
            interface(3, "eth1", &[GLOBAL]),
            down,
        ];
        let wanted = wanted_of(&[InterfaceChoice6::All], &present);
        assert_eq!(served(&wanted), ["eth0/fe80::1", "eth0/ff02::1:2", "eth0/ff05::1:3"]);
        let answers_from = |spec: &Spec6| spec.local == LINK_LOCAL.parse::<Ipv6Addr>().unwrap();
        assert!(wanted.specs.iter().all(answers_from));
        assert!(wanted.problems.is_empty() && wanted.refused.is_empty());
    }

    /// An address is served besides its link; whatever is named twice is served once.
    #[test]
    fn addresses_are_served_besides_their_link() {
        let present = [interface(2, "eth0", &[GLOBAL, LINK_LOCAL, "fe80::2"])];
        let wanted = wanted_of(&[address("eth0", GLOBAL), named("eth0"), InterfaceChoice6::All], &present);
        assert_eq!(
            served(&wanted),
            ["eth0/fe80::1", "eth0/fe80::2", "eth0/ff02::1:2", "eth0/ff05::1:3", "eth0/2001:db8::1"]
        );
        assert!(wanted.problems.is_empty());
    }

    /// What is named and cannot be served yet is told, once.
    #[test]
    fn what_cannot_be_served_yet_is_told() {
        let mut idle = interface(3, "eth1", &[LINK_LOCAL]);
        idle.running = false;
        let present = [interface(2, "eth0", &[GLOBAL]), idle, interface(5, "eth3", &[LINK_LOCAL])];
        let choices =
            [named("eth0"), address("eth0", GLOBAL), named("eth1"), named("eth2"), address("eth3", GLOBAL)];
        let wanted = wanted_of(&choices, &present);
        assert_eq!(
            wanted.problems,
            [
                "the interface eth0 has no link-local IPv6 address yet",
                "the interface eth1 is not running",
                "interface eth2 does not exist",
                "interface eth3 does not have the address 2001:db8::1",
            ]
        );
        assert_eq!(wanted.specs.len(), 3);
    }

    /// The loopback, which has no link-local address, serves the address that is named there.
    #[test]
    fn loopback_is_for_addresses() {
        let wanted = wanted_of(&[address("lo", "::1")], &[interface(1, "lo", &["::1"])]);
        assert_eq!(served(&wanted), ["lo/::1"]);
        assert!(wanted.problems.is_empty());
    }
}
