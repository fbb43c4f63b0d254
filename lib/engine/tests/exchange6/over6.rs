//! DHCPv4 over DHCPv6 (RFC 7341): the v6 side, from a client's query to what the DHCPv4 server gets.

use kotare_engine::over6::Passed;
use kotare_engine::v6::Outcome;
use kotare_testkit::v6::{Relay, relayed};
use kotare_wire::v6::{Index, MessageType, OptionCode, Writer};
use serde_json::json;

use crate::world::{World, config};

fn over6() -> World {
    let mut text = config(json!({}));
    text["Dhcp6"]["dhcp4o6-port"] = json!(6767);
    World::new(text)
}

/// A DHCPV4-QUERY with these options.
fn query(options: &[(OptionCode, &[u8])]) -> Vec<u8> {
    let mut buffer = [0; 5000];
    let mut writer = Writer::new(&mut buffer);
    writer.header(MessageType::DHCPV4_QUERY, 0x80_0000).unwrap();
    options.iter().for_each(|(code, value)| writer.option(*code, value).unwrap());
    writer.as_bytes().to_vec()
}

const MESSAGE: (OptionCode, &[u8]) = (OptionCode::DHCPV4_MSG, &[1, 2, 3]);

/// A query goes on as it came, with where it came from, whether a relay agent passed it or a client sent it, to all servers
/// or to one.
#[test]
fn a_query_is_passed_on() {
    let mut world = over6();
    let direct = query(&[MESSAGE]);
    let agent = Relay::new("2001:db8:7::1".parse().unwrap(), "fe80::9".parse().unwrap());
    let agent = agent.option(OptionCode::INTERFACE_ID, b"vlan7");
    for (datagram, destination) in [
        (direct.clone(), "ff02::1:2"),
        (direct.clone(), "2001:db8:1::1"),
        (relayed(&direct, &agent), "2001:db8:1::1"),
    ] {
        let passed_on = world.passed_on(&datagram, destination.parse().unwrap()).unwrap();
        let mut index = Index::new();
        let passed = Passed::read(&passed_on, &mut index, MessageType::DHCPV4_QUERY).unwrap();
        assert_eq!((passed.within, passed.message.transaction_id()), (MESSAGE.1, 0x80_0000));
        let origin = passed.origin;
        assert_eq!((origin.interface, origin.source, origin.port), ("eth0", world.source, 40_000));
        let ids: Vec<_> =
            passed.message.relays().map(|relay| relay.option(OptionCode::INTERFACE_ID)).collect();
        let of_agent = [Some(&b"vlan7"[..])];
        assert_eq!(ids, if datagram == direct { &[][..] } else { &of_agent[..] });
    }
    assert_eq!(world.leases(), [""; 0]);
}

/// Where there is no server to pass it on to, or nothing to pass on, there is silence. What is too long is dropped.
#[test]
fn not_everything_is_passed_on() {
    let mut world = World::new(config(json!({})));
    let all = "ff02::1:2".parse().unwrap();
    assert_eq!(world.passed_on(&query(&[MESSAGE]), all), Err("Silent(NotPassedOn)".into()));
    let mut world = over6();
    let nothing = query(&[(OptionCode::CLIENTID, &[0, 3, 0, 1, 2])]);
    assert_eq!(world.passed_on(&nothing, all), Err("Silent(NotPassedOn)".into()));
    let long = query(&[(OptionCode::DHCPV4_MSG, &[0; 4080])]);
    assert_eq!(world.passed_on(&long, all), Err("Dropped(TooBig)".into()));
    // A server of another protocol does not ask.
    let mut response = query(&[MESSAGE]);
    response[0] = MessageType::DHCPV4_RESPONSE.0;
    let refused = world.passed_on(&response, all).unwrap_err();
    assert!(refused.contains("UnknownMessageType"), "{refused}");
}

impl World {
    /// What is passed on of a datagram that was sent to this address, or what became of it instead.
    fn passed_on(&mut self, datagram: &[u8], destination: std::net::Ipv6Addr) -> Result<Vec<u8>, String> {
        match self.exchange(datagram, destination) {
            (Ok(Outcome::PassedOn(len)), reply) => Ok(reply[..len].to_vec()),
            (Ok(other), _) => Err(format!("{other:?}")),
            (Err(refused), _) => Err(refused),
        }
    }
}
