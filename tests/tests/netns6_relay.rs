//! Clients of DHCPv6 behind relay agents.

use std::net::Ipv6Addr;

use kotare_testkit::v6::{Associated, Client as Spoken, Relay as Agent, relayed};
use kotare_tests::world::{
    Client6, Client6Program, Host, Office6, Relay, Server6, Wish, eventually, office6_configuration,
    sandboxed, server_duid,
};
use kotare_wire::v6::{Association, IaAddress, Index, Message, MessageType, OptionCode};
use serde_json::{Value, json};

/// All servers of a site (RFC 9915 §7.1).
const ALL_SERVERS: &str = "ff05::1:3";

/// RFC 9915 §19.1.1, §19.3: the link-address of a relay agent chooses the subnet, for addresses and prefixes, and answers
/// go back through it, also to who renews or gives back what it has.
#[test]
fn clients_behind_a_relay_get_leases_of_their_link() {
    sandboxed("clients_behind_a_relay_get_leases_of_their_link", |world| {
        let office = world.office6();
        let _relay = office.relaying(&[]);
        let mut dhcp6 = office6_configuration();
        dhcp6["renew-timer"] = 2.into();
        dhcp6["rebind-timer"] = 1000.into();
        let server = Server6::under_test(world, &office.server, "server", dhcp6);
        let mut clients = Client6Program::ALL.map(|program| {
            let mut client = office.client(program, Wish::Both);
            let lease = client.obtain();
            assert_eq!(subnet(lease.address), "2001:db8:2::", "{lease:?}");
            assert!(
                lease.prefix.as_ref().is_some_and(|prefix| prefix.starts_with("2001:db8:c0")),
                "{lease:?}"
            );
            assert_eq!(lease.told.server(), server_duid("server"));
            assert_eq!(lease.told.name_servers(), "2001:db8:2::53");
            (client, lease)
        });
        assert_eq!(server.statistic("subnet[2].assigned-nas"), 2);
        assert_eq!(server.statistic("subnet[2].assigned-pds"), 2);
        assert_eq!(server.statistic("subnet[1].assigned-nas"), 0);
        for (client, lease) in &mut clients {
            let renewed = eventually("the address is renewed", || {
                Some(client.renew()).filter(|renewed| !renewed.addresses().is_empty())
            });
            assert_eq!(renewed.addresses(), Vec::from_iter(lease.address));
        }
        assert!(server.statistic("pkt6-renew-received") >= 2);
        for (client, _) in &mut clients {
            client.release();
        }
        for statistic in ["subnet[2].assigned-nas", "subnet[2].assigned-pds"] {
            eventually("what they had is free", || (server.statistic(statistic) == 0).then_some(()));
        }
    });
}

/// RFC 9915 §19.1: relay agents need not know a server; those that speak to all of the site are heard, too.
#[test]
fn a_relay_may_speak_to_all_servers() {
    sandboxed("a_relay_may_speak_to_all_servers", |world| {
        let office = world.office6();
        let _relay = Relay::start6(world, &office.relay, "eth1", "eth0", ALL_SERVERS, &[]);
        // Kea 2.2 does not hear them.
        let _server = Server6::kotare(world, &office.server, "server", office6_configuration());
        let lease = office.client(Client6Program::Dhcpcd, Wish::Both).obtain();
        assert_eq!(subnet(lease.address), "2001:db8:2::", "{lease:?}");
    });
}

/// RFC 9915 §21.18 and Kea's manual, "IPv6 Subnet Selection": where addresses say nothing, a relay agent names the interface
/// that a client is at; it is given its name back, or this one would not know where an answer belongs.
#[test]
fn interface_id_chooses_the_subnet() {
    sandboxed("interface_id_chooses_the_subnet", |world| {
        let office = world.office6();
        let other = world.link("other");
        other.join(&office.relay, "eth2");
        office.relay.address("eth2", "2001:db8:99::1/64");
        office.relay.ip("address delete 2001:db8:2::1/64 dev eth1");
        office.relay.address("eth1", "2001:db8:98::1/64");
        office.server.ip("route add 2001:db8:98::/63 via 2001:db8:1::2");
        // It says the number of a link in four bytes as its machine has them, which here are letters.
        let number = |name: &[u8; 4]| u32::from_ne_bytes(*name);
        let [office_id, other_id] = [number(b"offi"), number(b"othe")].map(|id| id.to_string());
        let lower = format!("eth1#{office_id}");
        let more = format!("eth2#{other_id}");
        let _relay =
            Relay::start6(world, &office.relay, &lower, "eth0", Office6::SERVER, &["-I", "-l", &more]);
        let mut dhcp6 = office6_configuration();
        for (subnet, name) in [(1, "offi"), (2, "othe")] {
            dhcp6["subnet6"][subnet]["interface-id"] = name.into();
        }
        let _server = Server6::under_test(world, &office.server, "server", dhcp6);
        for program in Client6Program::ALL {
            let name = format!("other-{}", program.name());
            let elsewhere = world.host6(&name, &other);
            let lease = Client6::new(world, &elsewhere, "eth0", program, Wish::Both).obtain();
            assert_eq!(subnet(lease.address), "2001:db8:3::", "{lease:?}");
            let lease = office.client(program, Wish::Address).obtain();
            assert_eq!(subnet(lease.address), "2001:db8:2::", "{lease:?}");
        }
    });
}

/// RFC 9915 §19.1.2: a relay agent passes on what another sent it, and does not say which link it is, if that can be told
/// without; the link is that of the agent nearest to the client. An answer goes the same way back.
#[test]
fn two_relays_in_a_row() {
    sandboxed("two_relays_in_a_row", |world| {
        // server -- far -- near -- clients
        let hosts = ["server", "far", "near"].map(|name| world.host(name));
        hosts.iter().for_each(Host::trust_addresses);
        let [server_host, far, near] = &hosts;
        let office = world.link("office");
        world.cable((server_host, "eth0"), (far, "eth0"));
        world.cable((far, "eth1"), (near, "eth0"));
        office.join(near, "eth1");
        server_host.address("eth0", "2001:db8:1::1/64");
        far.address("eth0", "2001:db8:1::2/64");
        far.address("eth1", "2001:db8:3::1/64");
        near.address("eth0", "2001:db8:3::2/64");
        near.address("eth1", "2001:db8:2::1/64");
        for (host, interface) in
            [(server_host, "eth0"), (far, "eth0"), (far, "eth1"), (near, "eth0"), (near, "eth1")]
        {
            host.link_local(interface);
        }
        let _near = Relay::start6(world, near, "eth1", "eth0", "2001:db8:3::1", &["-I"]);
        let _far = Relay::start6(world, far, "eth1", "eth0", Office6::SERVER, &["-I"]);
        let mut dhcp6 = office6_configuration();
        dhcp6["store-extended-info"] = true.into();
        let server = Server6::under_test(world, server_host, "server", dhcp6);
        for program in Client6Program::ALL {
            let client = world.host6(program.name(), &office);
            let mut client = Client6::new(world, &client, "eth0", program, Wish::Both);
            let lease = client.obtain();
            assert_eq!(subnet(lease.address), "2001:db8:2::", "{lease:?}");
            let address = lease.address.expect("an address").to_string();
            let rows = server.lease_rows();
            let row = rows.iter().find(|row| row.starts_with(&address)).expect("its row");
            // What both said is kept with the lease.
            assert_eq!(row.matches("\"hop\"").count(), 2, "{row}");
            assert!(row.contains("\"link\": \"2001:db8:2::1\""), "{row}");
            client.release();
        }
    });
}

/// RFC 9915 §18.3.3: a client that remembers an address of another link is told so, through the relay agent that it is
/// behind now, and gets one that fits.
#[test]
fn a_client_that_moved_gets_an_address_that_fits() {
    sandboxed("a_client_that_moved_gets_an_address_that_fits", |world| {
        let office = world.office6();
        let relay = office.relaying(&[]);
        let server = Server6::under_test(world, &office.server, "server", office6_configuration());
        // This one asks by CONFIRM.
        let mut client = office.client(Client6Program::Dhclient, Wish::Address);
        assert_eq!(subnet(client.obtain().address), "2001:db8:2::");
        client.kill();
        drop(relay);
        office.relay.ip("address delete 2001:db8:2::1/64 dev eth1");
        office.relay.address("eth1", "2001:db8:3::1/64");
        let _relay = office.relaying(&[]);
        client.start();
        eventually("it has an address of the new link", || {
            let told = client.next(&["bound", "rebind", "renew"]);
            (subnet(told.addresses().first().copied()) == "2001:db8:3::").then_some(())
        });
        assert!(server.statistic("pkt6-confirm-received") >= 1);
        eventually("the new lease is in the file", || {
            server.lease_rows().iter().any(|row| row.starts_with("2001:db8:3::")).then_some(())
        });
    });
}

/// RFC 4580: who a subscriber is, as ISC's relay agent says, is of a class; the class has a pool of its own.
#[test]
fn subscribers_are_told_apart() {
    sandboxed("subscribers_are_told_apart", |world| {
        let office = world.office6();
        let _relay = office.relaying(&["-s", "gold-17"]);
        let _server = Server6::under_test(world, &office.server, "server", gold_configuration());
        for program in Client6Program::ALL {
            let address = office.client(program, Wish::Address).obtain().address;
            assert!(address.is_some_and(|address| address.segments()[7] >= 0x900), "{address:?}");
        }
    });
}

/// RFC 4649: the same by remote-id, and for who is behind the second of two agents.
#[test]
fn remote_ends_are_told_apart() {
    sandboxed("remote_ends_are_told_apart", |world| {
        let office = world.office6();
        let server = Server6::under_test(world, &office.server, "server", gold_configuration());
        let agent =
            |id: &[u8]| the_agent().option(OptionCode::REMOTE_ID, &[&32473u32.to_be_bytes(), id].concat());
        let port = office.relay.port6(547);
        for (number, id, gold) in [(1, &b"gold"[..], true), (2, b"silver", false), (3, b"gold", true)] {
            let solicit = Spoken::new(number).solicit().bytes();
            port.send(office.server(), &relayed(&solicit, &agent(id)));
            let address = Answer::of(port.receive()).address().expect("an address");
            assert_eq!(address.segments()[7] >= 0x900, gold, "{id:?} is offered {address}");
        }
        // The agent nearest to the client is the one that the class asks.
        let mut outer = Agent::new(Ipv6Addr::UNSPECIFIED, "fe80::77".parse().expect("an address"));
        outer.hops = 1;
        let nearer = relayed(&Spoken::new(4).solicit().bytes(), &agent(b"gold"));
        port.send(office.server(), &relayed(&nearer, &outer));
        let answer = Answer::of(port.receive());
        assert!(answer.address().is_some_and(|address| address.segments()[7] >= 0x900));
        assert_eq!(answer.relays, 2);
        // It is counted once it is sent.
        eventually("all are counted", || (server.statistic("pkt6-advertise-sent") == 4).then_some(()));
    });
}

/// RFC 6422: a relay agent may tell the server options that the client shall have, if they are made for that; those of the
/// server's own configuration go before.
#[test]
fn relay_agents_supply_options() {
    sandboxed("relay_agents_supply_options", |world| {
        let office = world.office6();
        let mut dhcp6 = office6_configuration();
        dhcp6["relay-supplied-options"] = json!(["65", "bootfile-url"]);
        dhcp6["option-data"] = json!([{"name": "bootfile-url", "data": "tftp://[2001:db8::1]/ours"}]);
        let _server = Server6::under_test(world, &office.server, "server", dhcp6);
        let port = office.relay.port6(547);
        let supplied = |code: u16, value: &[u8]| {
            [&code.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat()
        };
        let realm = b"\x05realm\x07example\0";
        // The name server is not made for that.
        let options =
            [supplied(65, realm), supplied(59, b"tftp://[2001:db8::1]/theirs"), supplied(23, &[0x20; 16])];
        let agent = the_agent().option(OptionCode::RSOO, &options.concat());
        let mut client = Spoken::new(1);
        client.wants = vec![23, 59, 65];
        port.send(office.server(), &relayed(&client.solicit().bytes(), &agent));
        let answer = Answer::of(port.receive());
        assert_eq!(answer.option(65).as_deref(), Some(&realm[..]));
        assert_eq!(answer.option(59).as_deref(), Some(&b"tftp://[2001:db8::1]/ours"[..]));
        let ours: Ipv6Addr = "2001:db8:2::53".parse().expect("an address");
        assert_eq!(answer.option(23).as_deref(), Some(&ours.octets()[..]));
        // Whose agent says nothing gets nothing of it.
        port.send(office.server(), &relayed(&client.solicit().bytes(), &the_agent()));
        assert_eq!(Answer::of(port.receive()).option(65), None);
    });
}

/// RFC 8357: an agent that speaks from another port is answered there, and each outer one is reminded of that.
#[test]
fn relay_agents_may_use_other_ports() {
    sandboxed("relay_agents_may_use_other_ports", |world| {
        let office = world.office6();
        let _server = Server6::under_test(world, &office.server, "server", office6_configuration());
        let port = office.relay.port6(10547);
        let agent = the_agent().option(OptionCode::RELAY_SOURCE_PORT, &[0, 0]);
        let client = Spoken::new(1);
        port.send(office.server(), &relayed(&client.solicit().bytes(), &agent));
        let answer = Answer::of(port.receive());
        assert_eq!(
            (answer.kind, subnet(answer.address()).as_str()),
            (MessageType::ADVERTISE, "2001:db8:2::")
        );
        let request = client.message(MessageType::REQUEST, answer.option(2).as_deref());
        let request = request.ia(1, Associated::Addresses(&[answer.address().expect("an address")]));
        port.send(office.server(), &relayed(&request.bytes(), &agent));
        let acknowledged = Answer::of(port.receive());
        assert_eq!((acknowledged.kind, acknowledged.address()), (MessageType::REPLY, answer.address()));
    });
}

/// The relay agent, for who speaks for it.
fn the_agent() -> Agent {
    let [link, peer] = ["2001:db8:2::1", "fe80::5"].map(|address| address.parse().expect("an address"));
    Agent::new(link, peer)
}

/// The same; who is of gold gets addresses that end with 900 and more.
fn gold_configuration() -> Value {
    let mut dhcp6 = office6_configuration();
    let gold = "substring(relay6[-1].option[38].hex, 0, 4) == 'gold' or substring(relay6[-1].option[37].hex, 4, all) == 'gold'";
    dhcp6["client-classes"] = json!([
        {"name": "gold", "test": gold},
        {"name": "others", "test": "not member('gold')"},
    ]);
    dhcp6["subnet6"][1]["pools"] = json!([
        {"pool": "2001:db8:2::100 - 2001:db8:2::1ff", "client-class": "others"},
        {"pool": "2001:db8:2::900 - 2001:db8:2::9ff", "client-class": "gold"},
    ]);
    dhcp6
}

/// The first half of an address.
fn subnet(address: Option<Ipv6Addr>) -> String {
    let [a, b, c, d, ..] = address.expect("an address").segments();
    Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
}

/// What a relay agent is told for a client.
struct Answer {
    relays: usize,
    kind: MessageType,
    options: Vec<(u16, Vec<u8>)>,
}

impl Answer {
    fn of(datagram: Vec<u8>) -> Self {
        let mut index = Index::new();
        let message = Message::parse(&datagram, &mut index).expect("a sound message");
        assert!(message.relays().all(|relay| relay.message_type() == MessageType::RELAY_REPL));
        Self {
            relays: message.relays().len(),
            kind: message.message_type(),
            options: message.options().map(|(code, value)| (code.0, value.to_vec())).collect(),
        }
    }

    fn option(&self, code: u16) -> Option<Vec<u8>> {
        self.options.iter().find(|(there, _)| *there == code).map(|(_, value)| value.clone())
    }

    fn address(&self) -> Option<Ipv6Addr> {
        let association = self.option(OptionCode::IA_NA.0)?;
        let association = Association::read(&association)?;
        let address = association.options.find_code(OptionCode::IAADDR)?;
        Some(IaAddress::read(address)?.address)
    }
}
