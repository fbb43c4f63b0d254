//! DHCPv4 over DHCPv6 (RFC 7341): our two servers, and each of ours beside one of Kea's.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV6, UdpSocket};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use kotare_tests::world::{Host, Lan, Server, Server6, World, eventually, partner, program, sandboxed};
use kotare_wire::v4::{self, Op};
use kotare_wire::v6::{Index, Message, MessageType, OptionCode, Origin, Writer, with_origin};
use nix::net::if_::if_nametoindex;
use nix::sched::{CloneFlags, setns};
use serde_json::{Value, json};

/// The first of the two ports.
const PORT: u16 = 6767;
/// The server, on its link.
const SERVER: &str = "2001:db8:1::1";
const ALL_SERVERS: &str = "ff02::1:2";
/// How long to wait for an answer that comes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A `Dhcp4` map: subnets for who comes from 2001:db8:1::/64 or a link-local address on `eth0`, and through a relay agent
/// that calls the link `vlan7`.
fn dhcp4() -> Value {
    let pool = |net: u8| json!([{"pool": format!("192.0.{net}.100 - 192.0.{net}.199")}]);
    json!({
        "interfaces-config": {"interfaces": ["eth0"]},
        "dhcp4o6-port": PORT,
        "subnet4": [
            {"id": 1, "subnet": "192.0.1.0/24", "pools": pool(1), "4o6-interface-id": "vlan7"},
            {"id": 2, "subnet": "192.0.2.0/24", "pools": pool(2),
                "4o6-interface": "eth0", "4o6-subnet": "2001:db8:1::/64"},
        ],
        "loggers": [{"name": "kea-dhcp4", "severity": "DEBUG", "debuglevel": 55,
            "output_options": [{"output": "stdout"}]}],
    })
}

fn dhcp6() -> Value {
    json!({
        "interfaces-config": {"interfaces": [format!("eth0/{SERVER}")]},
        "dhcp4o6-port": PORT,
        "option-data": [{"name": "dhcp4o6-server-addr", "data": SERVER}],
        "subnet6": [{"id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0"}],
        "loggers": [{"name": "kea-dhcp6", "severity": "DEBUG", "debuglevel": 55,
            "output_options": [{"output": "stdout"}]}],
    })
}

/// A socket in a host's namespace, with the index of its `eth0`.
fn socket(host: &Host, address: (Ipv6Addr, u16)) -> (UdpSocket, u32) {
    let namespace = File::open(format!("/run/netns/{}", host.name())).expect("a host has a namespace");
    // A thread of its own enters the namespace and ends; the socket stays there.
    let opened = thread::spawn(move || {
        setns(&namespace, CloneFlags::CLONE_NEWNET).expect("the namespace can be entered");
        let socket = UdpSocket::bind(address).expect("the port is free");
        socket.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        (socket, if_nametoindex("eth0").expect("there is eth0"))
    });
    opened.join().expect("the thread does not panic")
}

/// A link with servers at [`SERVER`], once nobody else has that address.
fn link(world: &World) -> Lan<'_> {
    let lan = world.lan();
    lan.server.ip("link set lo up");
    lan.server.address("eth0", &format!("{SERVER}/64"));
    usable(&lan.server);
    lan
}

fn usable(host: &Host) {
    eventually("addresses are usable", || {
        let shown = host.ip("-6 -oneline address show dev eth0");
        (shown.contains("fe80:") && !shown.contains("tentative")).then_some(())
    });
}

/// A host that sends DHCPv4 within DHCPv6: a client at port 546, a relay agent at port 547.
struct Sender {
    socket: UdpSocket,
    ifindex: u32,
}

impl Sender {
    fn new(lan: &Lan<'_>, name: &str, address: &str, port: u16) -> Self {
        let host = lan.host(name);
        host.address("eth0", &format!("{address}/64"));
        usable(&host);
        let (socket, ifindex) = socket(&host, (Ipv6Addr::UNSPECIFIED, port));
        Self { socket, ifindex }
    }

    /// Sends to the servers at this address.
    fn send(&self, to: &str, datagram: &[u8]) {
        let to = SocketAddrV6::new(to.parse().expect("an address"), 547, 0, self.ifindex);
        self.socket.send_to(datagram, to).expect("the link takes it");
    }

    /// The next datagram.
    fn receive(&self) -> Vec<u8> {
        let mut buffer = [0; 65_535];
        let len = self.socket.recv(&mut buffer).expect("there is an answer");
        buffer[..len].to_vec()
    }

    /// The answer to a DHCPv4 message, sent to this address.
    fn ask(&self, to: &str, message: &[u8]) -> Answer {
        self.send(to, &query(message));
        let bytes = self.receive();
        let answer = Answer::of(&bytes);
        assert!(answer.relays.is_empty());
        answer
    }
}

/// A DHCPV4-QUERY with this message in it.
fn query(message: &[u8]) -> Vec<u8> {
    let mut buffer = [0; 2000];
    let mut writer = Writer::new(&mut buffer);
    writer.header(MessageType::DHCPV4_QUERY, 0).unwrap();
    writer.option(OptionCode::DHCPV4_MSG, message).unwrap();
    writer.as_bytes().to_vec()
}

/// A DHCPv4 message of the client with this number; with what it was offered, if it selects that.
fn message(client: u8, kind: v4::MessageType, offered: Option<&Answer>) -> Vec<u8> {
    let mut buffer = [0; 600];
    let mut writer = v4::Writer::new(&mut buffer).unwrap();
    writer.op(Op::REQUEST).chaddr(kotare_wire::HardwareType::ETHERNET, &[2, 0, 0, 0, 0, client]);
    writer.xid(client.into());
    writer.message_type(kind).unwrap();
    if let Some(offered) = offered {
        writer.option(v4::OptionCode::REQUESTED_ADDRESS, &offered.yiaddr.octets()).unwrap();
        writer.option(v4::OptionCode::SERVER_IDENTIFIER, &offered.server.octets()).unwrap();
    }
    let len = writer.finish();
    buffer[..len].to_vec()
}

/// What a DHCPV4-RESPONSE says.
#[derive(Debug)]
struct Answer {
    kind: v4::MessageType,
    yiaddr: Ipv4Addr,
    server: Ipv4Addr,
    /// What the relay agents that it goes through call their links, the outermost first.
    relays: Vec<Vec<u8>>,
}

impl Answer {
    fn of(bytes: &[u8]) -> Self {
        let mut index = Index::new();
        let message = Message::parse(bytes, &mut index).expect("it is a message");
        assert_eq!(message.message_type(), MessageType::DHCPV4_RESPONSE);
        assert!(!message.has(OptionCode::VENDOR_OPTS), "what is between servers goes to nobody else");
        let within = message.option(OptionCode::DHCPV4_MSG).expect("there is a DHCPv4 message in it");
        let mut index = v4::Index::new();
        let within = v4::Message::parse(within, &mut index).expect("a sound one");
        let relays = message.relays().map(|relay| {
            assert_eq!(relay.message_type(), MessageType::RELAY_REPL);
            relay.option(OptionCode::INTERFACE_ID).unwrap_or_default().to_vec()
        });
        let server = within.option(v4::OptionCode::SERVER_IDENTIFIER).and_then(|it| it.ipv4());
        Self {
            kind: within.message_type().expect("a type"),
            yiaddr: within.yiaddr(),
            server: server.expect("a server"),
            relays: relays.collect(),
        }
    }
}

/// What a relay agent that calls its link so makes of a message.
fn relayed(message: &[u8], link: &[u8]) -> Vec<u8> {
    let mut buffer = [0; 2000];
    let mut writer = Writer::new(&mut buffer);
    let (address, peer) = ("2001:db8:7::1".parse().unwrap(), "fe80::77".parse().unwrap());
    writer.relay_header(MessageType::RELAY_FORW, 0, address, peer).unwrap();
    writer.option(OptionCode::INTERFACE_ID, link).unwrap();
    let open = writer.open(OptionCode::RELAY_MSG).unwrap();
    writer.bytes(message).unwrap();
    writer.close(open);
    writer.as_bytes().to_vec()
}

/// A client gets a lease over DHCPv6 from these two servers, directly and through a relay agent.
fn serve(world: &World, lan: &Lan<'_>, of_v4: PathBuf, of_v6: PathBuf) -> (Server, Server6) {
    let v4 = Server::start(world, &lan.server, "v4", &of_v4, dhcp4());
    let v6 = Server6::start(world, &lan.server, "v6", &of_v6, dhcp6());
    let client = Sender::new(lan, "client", "2001:db8:1::9", 546);
    let offer = client.ask(ALL_SERVERS, &message(1, v4::MessageType::DISCOVER, None));
    assert_eq!(offer.kind, v4::MessageType::OFFER);
    assert_eq!(
        (offer.yiaddr.octets()[..3].to_vec(), offer.server),
        (vec![192, 0, 2], Ipv4Addr::new(192, 0, 2, 1))
    );
    // RFC 7341 §8: to the server that option 88 names.
    let ack = client.ask(SERVER, &message(1, v4::MessageType::REQUEST, Some(&offer)));
    assert_eq!((ack.kind, ack.yiaddr), (v4::MessageType::ACK, offer.yiaddr));

    let relay = Sender::new(lan, "relay", "2001:db8:1::a", 547);
    let discover = query(&message(2, v4::MessageType::DISCOVER, None));
    relay.send(SERVER, &relayed(&relayed(&discover, b"vlan7"), b"outer"));
    let offer = Answer::of(&relay.receive());
    assert_eq!((offer.kind, offer.yiaddr.octets()[2]), (v4::MessageType::OFFER, 1));
    assert_eq!(offer.relays, [b"outer".to_vec(), b"vlan7".to_vec()]);

    let statistics4 = [
        ("pkt4-received", 0),
        ("pkt4-discover-received", 2),
        ("pkt4-request-received", 1),
        ("pkt4-offer-sent", 2),
        ("pkt4-ack-sent", 1),
        ("pkt4-sent", 3),
    ];
    let statistics6 = [
        ("pkt6-received", 3),
        ("pkt6-dhcpv4-query-received", 3),
        ("pkt6-dhcpv4-response-sent", 3),
        ("pkt6-dhcpv4-response-received", 0),
        ("pkt6-sent", 3),
    ];
    // Kea 2.2 counts otherwise.
    let is_ours = |of: &Path| of.parent() == program("kea-dhcp4").parent();
    let expect = |name: &str, value: i64, statistic: &dyn Fn(&str) -> i64| {
        eventually(&format!("{name} is {value}"), || (statistic(name) == value).then_some(()));
    };
    for (name, value) in statistics4.into_iter().filter(|_| is_ours(&of_v4)) {
        expect(name, value, &|name| v4.statistic(name));
    }
    for (name, value) in statistics6.into_iter().filter(|_| is_ours(&of_v6)) {
        expect(name, value, &|name| v6.statistic(name));
    }
    (v4, v6)
}

/// Both servers are ours. The way between them opens and closes as their configurations say.
#[test]
fn ours_serve_together() {
    sandboxed("ours_serve_together", |world| {
        let lan = link(world);
        let (v4, v6) = serve(world, &lan, program("kea-dhcp4"), program("kea-dhcp6"));
        v4.await_log(&["DHCP4_DHCP4O6_PACKET_SEND", "DHCPV4_RESPONSE (type 21)", "DHCPOFFER"]);
        v4.await_log(&["DHCP4_DHCP4O6_SUBNET_SELECTED", "ID 2"]);
        v6.await_log(&["DHCP6_DHCP4O6_PACKET_RECEIVED", "type 21"]);
        let client = Sender::new(&lan, "mover", "2001:db8:1::b", 546);
        let configure = |port: u16| {
            let (mut of_v4, mut of_v6) = (dhcp4(), dhcp6());
            (of_v4["dhcp4o6-port"], of_v6["dhcp4o6-port"]) = (json!(port), json!(port));
            for answer in [
                v4.command("config-set", Some(v4.configuration(of_v4))),
                v6.command("config-set", Some(v6.configuration(of_v6))),
            ] {
                assert_eq!(answer["result"], 0, "{answer}");
            }
        };
        configure(0);
        let discover = message(3, v4::MessageType::DISCOVER, None);
        eventually("nobody passes anything on", || {
            let received = v4.statistic("pkt4-discover-received");
            client.send(ALL_SERVERS, &query(&discover));
            let queries = v6.statistic("pkt6-dhcpv4-query-received");
            (queries > 0 && v4.statistic("pkt4-discover-received") == received).then_some(())
        });
        configure(7000);
        v4.await_log(&["KOTARE_OVER6_LISTENING", "7001"]);
        v6.await_log(&["KOTARE_OVER6_LISTENING", "7000"]);
        assert_eq!(client.ask(SERVER, &discover).kind, v4::MessageType::OFFER);
        assert!(v4.stop() && v6.stop(), "they end in order");
    });
}

/// Our server of DHCPv4 beside Kea's of DHCPv6.
#[test]
fn ours_of_v4_serves_with_kea() {
    let Some(kea) = partner("kea-dhcp6") else { return };
    sandboxed("ours_of_v4_serves_with_kea", |world| {
        serve(world, &link(world), program("kea-dhcp4"), kea);
    });
}

/// Our server of DHCPv6 beside Kea's of DHCPv4.
#[test]
fn ours_of_v6_serves_with_kea() {
    let Some(kea) = partner("kea-dhcp4") else { return };
    sandboxed("ours_of_v6_serves_with_kea", |world| {
        serve(world, &link(world), kea, program("kea-dhcp6"));
    });
}

/// What the other server would not send is left, whoever sends it; the next message is answered.
#[test]
fn what_is_odd_is_left() {
    sandboxed("what_is_odd_is_left", |world| {
        let lan = link(world);
        let v4 = Server::start(world, &lan.server, "v4", &program("kea-dhcp4"), dhcp4());
        v4.await_log(&["KOTARE_OVER6_LISTENING"]);
        let (other, _) = socket(&lan.server, (Ipv6Addr::LOCALHOST, PORT));
        let (stranger, _) = socket(&lan.server, (Ipv6Addr::LOCALHOST, 9999));
        let send = |socket: &UdpSocket, bytes: &[u8]| {
            let sent = socket.send_to(bytes, (Ipv6Addr::LOCALHOST, PORT + 1));
            // What was sent before may not have been taken.
            assert!(sent.is_ok() || sent.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused));
        };
        let passed_on = |client: u8| {
            let (mut index, mut buffer) = (Index::new(), [0; 2000]);
            let bytes = query(&message(client, v4::MessageType::DISCOVER, None));
            let mut writer = Writer::new(&mut buffer);
            let source = "2001:db8:1::9".parse().unwrap();
            let origin = Origin { interface: "eth0", source, port: 546 };
            with_origin(Message::parse(&bytes, &mut index).unwrap(), &origin, &mut writer).unwrap();
            writer.as_bytes().to_vec()
        };
        let sound = passed_on(1);
        send(&stranger, &sound);
        for odd in [
            vec![],
            vec![20],
            vec![0xff; 60_000],
            vec![12; 65_000],
            query(&message(1, v4::MessageType::DISCOVER, None)),
            query(&sound),
            sound[..sound.len() - 1].to_vec(),
        ] {
            send(&other, &odd);
        }
        let mut nested = sound.clone();
        for _ in 0..34 {
            nested = relayed(&nested, b"x");
        }
        send(&other, &nested);
        send(&other, &passed_on(9));
        let mut buffer = [0; 2000];
        let len = other.recv(&mut buffer).expect("a sound message is answered");
        let mut index = Index::new();
        let answer = Message::parse(&buffer[..len], &mut index).unwrap();
        assert_eq!(answer.message_type(), MessageType::DHCPV4_RESPONSE);
        let counted = || (v4.statistic("pkt4-discover-received") == 1).then_some(());
        eventually("the sound message is counted, alone", counted);
        v4.await_log(&["DHCPSRV_DHCP4O6_RECEIVED_BAD_PACKET", "no ISC vendor option"]);
        assert!(v4.stop(), "it ends in order");
    });
}

/// What comes while the DHCPv4 server is busy with something else waits for it, some hundred messages at least, and all are
/// answered: of a client that has asked again meanwhile one message or more, the newest among them.
#[test]
fn many_messages_wait() {
    sandboxed("many_messages_wait", |world| {
        let lan = link(world);
        let mut of_v4 = dhcp4();
        of_v4["loggers"][0]["severity"] = json!("INFO");
        of_v4["subnet4"][1]["subnet"] = json!("192.2.0.0/16");
        of_v4["subnet4"][1]["pools"] = json!([{"pool": "192.2.1.0 - 192.2.4.255"}]);
        let v4 = Server::start(world, &lan.server, "v4", &program("kea-dhcp4"), of_v4);
        let v6 = Server6::start(world, &lan.server, "v6", &program("kea-dhcp6"), dhcp6());
        let client = Sender::new(&lan, "client", "2001:db8:1::9", 546);
        assert_eq!(
            client.ask(SERVER, &message(0, v4::MessageType::DISCOVER, None)).kind,
            v4::MessageType::OFFER
        );
        v4.signal("STOP");
        for number in 1..=255 {
            for _ in 0..2 {
                client.send(SERVER, &query(&message(number, v4::MessageType::DISCOVER, None)));
            }
        }
        eventually("all are passed on", || (v6.statistic("pkt6-dhcpv4-query-received") == 511).then_some(()));
        v4.signal("CONT");
        let mut answered = BTreeSet::new();
        while answered.len() < 255 {
            let bytes = client.receive();
            let mut index = Index::new();
            let message = Message::parse(&bytes, &mut index).expect("it is a message");
            let within = message.option(OptionCode::DHCPV4_MSG).expect("there is a DHCPv4 message in it");
            let mut index = v4::Index::new();
            let within = v4::Message::parse(within, &mut index).expect("a sound one");
            answered.insert(within.chaddr()[5]);
        }
        let counted = |name| v4.statistic(name);
        eventually("all are counted", || {
            let all = counted("pkt4-discover-received") == 511;
            let came_of_them = counted("pkt4-offer-sent") + counted("pkt4-receive-drop");
            (all && came_of_them == 511).then_some(())
        });
        assert!(v4.stop() && v6.stop(), "they end in order");
    });
}
