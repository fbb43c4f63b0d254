//! Which sockets the configuration asks for on the interfaces there are.

use kotare_config::v4::{InterfaceChoice, Interfaces, SocketType};
use kotare_net::{Interface, Mode4, Spec4};
use kotare_server::Wanted;

/// Works out the sockets for `config` on the interfaces `present`.
pub(crate) fn wanted(config: &Interfaces, present: &[Interface]) -> Wanted<Spec4> {
    let mut wanted =
        Wanted { specs: Vec::new(), problems: Vec::new(), refused: Vec::new(), sockets: config.sockets };
    for choice in &config.choices {
        match choice {
            InterfaceChoice::All => {
                let serving = present.iter().filter(|it| !it.loopback && unfit(it, config).is_none());
                for interface in serving {
                    add(&mut wanted, interface, config, |_| true);
                }
            }
            InterfaceChoice::Named(name) => {
                if let Some(interface) = fit(&mut wanted, name, config, present) {
                    add(&mut wanted, interface, config, |_| true);
                }
            }
            InterfaceChoice::Address(name, address) => {
                if let Some(interface) = fit(&mut wanted, name, config, present)
                    && !add(&mut wanted, interface, config, |own| own == *address)
                {
                    wanted.problems.push(format!("interface {name} does not have the address {address}"));
                }
            }
        }
    }
    wanted
}

/// The interface of this name if it can be served; otherwise the problem is noted.
fn fit<'a>(
    wanted: &mut Wanted<Spec4>,
    name: &str,
    config: &Interfaces,
    present: &'a [Interface],
) -> Option<&'a Interface> {
    let found = present.iter().find(|interface| interface.name == name);
    let Some(interface) = found else {
        wanted.problems.push(format!("interface {name} does not exist"));
        return None;
    };
    if interface.loopback && config.socket_type == SocketType::Raw {
        wanted.refused.push(format!("must not open socket on the loopback interface {name}"));
        return None;
    }
    if let Some(why) = unfit(interface, config) {
        wanted.problems.push(format!("the interface {name} {why}"));
        return None;
    }
    found
}

/// Adds the addresses chosen; whether there was one.
fn add(
    wanted: &mut Wanted<Spec4>,
    interface: &Interface,
    config: &Interfaces,
    chosen: impl Fn(std::net::Ipv4Addr) -> bool,
) -> bool {
    let mode = match config.socket_type {
        SocketType::Raw => Mode4::Raw,
        SocketType::Udp => Mode4::Udp,
    };
    let mut any = false;
    for address in interface.addresses.iter().map(|it| it.address).filter(|address| chosen(*address)) {
        any = true;
        if wanted.specs.iter().any(|spec| spec.ifindex == interface.index && spec.local == address) {
            continue;
        }
        // One copy of every broadcast is enough, and relays need none (Kea listens for them on raw sockets only).
        let first = wanted.specs.iter().all(|spec| spec.ifindex != interface.index);
        wanted.specs.push(Spec4 {
            ifindex: interface.index,
            interface: interface.name.clone(),
            mac: interface.mac.unwrap_or_default(),
            local: address,
            broadcast: first && mode == Mode4::Raw,
            mode,
        });
    }
    any
}

/// Why an interface cannot be served now.
fn unfit(interface: &Interface, config: &Interfaces) -> Option<&'static str> {
    if !interface.up {
        Some("is down")
    } else if !interface.running {
        Some("is not running")
    } else if interface.addresses.is_empty() {
        Some("has no usable IPv4 addresses configured")
    } else if config.socket_type == SocketType::Raw && !interface.ethernet {
        Some("is not an Ethernet interface; it needs \"dhcp-socket-type\": \"udp\"")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use kotare_config::process::ServiceSockets;
    use kotare_config::v4::OutboundInterface;
    use kotare_net::InterfaceAddress4;

    use super::*;

    fn interface(index: u32, name: &str, addresses: &[[u8; 4]]) -> Interface {
        let address = |octets: &[u8; 4]| InterfaceAddress4 {
            address: Ipv4Addr::from(*octets),
            prefix_len: 24,
            broadcast: None,
        };
        Interface {
            index,
            name: name.into(),
            up: true,
            running: true,
            loopback: name == "lo",
            broadcast: true,
            multicast: true,
            hardware_type: 1,
            ethernet: true,
            mac: Some([2, 0, 0, 0, 0, index as u8]),
            mtu: 1500,
            addresses: addresses.iter().map(address).collect(),
            addresses6: Vec::new(),
        }
    }

    fn config(choices: Vec<InterfaceChoice>) -> Interfaces {
        Interfaces {
            choices,
            socket_type: SocketType::Raw,
            socket_type_is_written: false,
            outbound: OutboundInterface::SameAsInbound,
            sockets: ServiceSockets {
                require_all: false,
                max_retries: 0,
                retry_wait: Duration::from_secs(5),
            },
        }
    }

    fn served(wanted: &Wanted<Spec4>) -> Vec<String> {
        wanted.specs.iter().map(|spec| format!("{}/{}", spec.interface, spec.local)).collect()
    }

    /// `*` takes every address of what can serve and leaves out loopback and what is down, without complaint.
    #[test]
    fn a_star_takes_what_can_serve() {
        let mut down = interface(3, "eth1", &[[10, 0, 0, 1]]);
        down.up = false;
        let present = [
            interface(1, "lo", &[[127, 0, 0, 1]]),
            interface(2, "eth0", &[[192, 0, 2, 1], [192, 0, 2, 2]]),
            down,
        ];
        let wanted = wanted(&config(vec![InterfaceChoice::All]), &present);
        assert_eq!(served(&wanted), ["eth0/192.0.2.1", "eth0/192.0.2.2"]);
        assert_eq!(wanted.specs.iter().map(|spec| spec.broadcast).collect::<Vec<_>>(), [true, false]);
        assert!(wanted.problems.is_empty());
    }

    /// What is named and cannot be served is a problem to tell; an address counts once however often it is named.
    #[test]
    fn named_interfaces_are_served_or_complained_about() {
        let present = [interface(2, "eth0", &[[192, 0, 2, 1]]), interface(3, "eth1", &[])];
        let choices = vec![
            InterfaceChoice::Named("eth0".into()),
            InterfaceChoice::Address("eth0".into(), Ipv4Addr::new(192, 0, 2, 1)),
            InterfaceChoice::Address("eth0".into(), Ipv4Addr::new(192, 0, 2, 9)),
            InterfaceChoice::Named("eth1".into()),
            InterfaceChoice::Named("eth2".into()),
        ];
        let wanted = wanted(&config(choices), &present);
        assert_eq!(served(&wanted), ["eth0/192.0.2.1"]);
        assert_eq!(
            wanted.problems,
            [
                "interface eth0 does not have the address 192.0.2.9",
                "the interface eth1 has no usable IPv4 addresses configured",
                "interface eth2 does not exist"
            ]
        );
    }

    /// Raw sockets cannot serve loopback, however often that is tried; UDP sockets can.
    #[test]
    fn loopback_is_for_udp_sockets() {
        let present = [interface(1, "lo", &[[127, 0, 0, 1]])];
        let mut config = config(vec![InterfaceChoice::Named("lo".into())]);
        let raw = wanted(&config, &present);
        assert_eq!(raw.refused, ["must not open socket on the loopback interface lo"]);
        assert!(raw.specs.is_empty() && raw.problems.is_empty());
        config.socket_type = SocketType::Udp;
        let udp = wanted(&config, &present);
        assert_eq!(served(&udp), ["lo/127.0.0.1"]);
        assert!(udp.refused.is_empty());
    }
}
