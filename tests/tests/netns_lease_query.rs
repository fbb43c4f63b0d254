//! The hook library lease_query: access concentrators ask running servers, by message and through TCP, which leases there
//! are. The requesters speak byte by byte: Debian has no program that asks.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use kotare_testkit::{Client, Message, relayed, v6};
use kotare_tests::database::{DatabaseServer, Kind};
use kotare_tests::world::{
    Client6Program, ClientProgram, Host, Server, Server6, Wish, World, eventually, lan_configuration,
    lan6_configuration, sandboxed,
};
use kotare_wire::v4::{Index, MessageType, OptionCode};
use kotare_wire::v6 as wire6;
use nix::sched::{CloneFlags, setns};
use serde_json::{Value, json};

const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const REQUESTER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 250);
/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens a socket on a host, where a thread of its own does that.
fn on<T: Send + 'static>(host: &Host, open: impl FnOnce() -> T + Send + 'static) -> T {
    let namespace = File::open(format!("/run/netns/{}", host.name())).expect("a host has a namespace");
    let opened = thread::spawn(move || {
        setns(&namespace, CloneFlags::CLONE_NEWNET).expect("the namespace can be entered");
        open()
    });
    opened.join().expect("the thread does not panic")
}

fn udp(host: &Host, at: SocketAddr) -> UdpSocket {
    let socket = on(host, move || UdpSocket::bind(at).expect("the port is free"));
    socket.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    socket
}

/// A connection, as soon as the server listens.
fn tcp(host: &Host, to: SocketAddr) -> TcpStream {
    let stream =
        eventually("the server listens for bulk queries", || on(host, move || TcpStream::connect(to).ok()));
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    stream
}

fn send(stream: &mut TcpStream, message: &[u8]) {
    let len = u16::try_from(message.len()).expect("a length").to_be_bytes();
    stream.write_all(&[&len[..], message].concat()).expect("it can be sent");
}

/// The next message; `None` when the connection was closed.
fn next(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut len = [0; 2];
    stream.read_exact(&mut len).ok()?;
    let mut message = vec![0; u16::from_be_bytes(len).into()];
    stream.read_exact(&mut message).expect("a whole message");
    Some(message)
}

/// One that no other query has.
fn transaction() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Relaxed)
}

fn query(kind: MessageType) -> Message {
    let nobody = Client { hwaddr: Vec::new(), wants: Vec::new(), ..Client::new(9) };
    Message { htype: 0, xid: transaction(), ..nobody.message(kind) }
}

/// A message of the server: its type, the client's address and hardware address, and an option.
fn read(bytes: &[u8], code: OptionCode) -> (MessageType, Ipv4Addr, Vec<u8>, Option<Vec<u8>>) {
    let mut index = Index::new();
    let message = kotare_wire::v4::Message::parse(bytes, &mut index).expect("a message");
    let value = message.option(code).map(|value| value.bytes().collect());
    (message.message_type().expect("a type"), message.ciaddr(), message.chaddr().to_vec(), value)
}

/// The answer to a message from port 67 of the requester.
fn ask(socket: &UdpSocket, message: &Message) -> Vec<u8> {
    socket.send_to(&message.bytes(), (SERVER, 67)).expect("it can be sent");
    let mut buffer = vec![0; 1 << 16];
    let len = socket.recv(&mut buffer).expect("an answer");
    buffer.truncate(len);
    buffer
}

/// The addresses that a server tells of through TCP, to a query that ends.
fn told(stream: &mut TcpStream, message: &Message) -> Vec<Ipv4Addr> {
    send(stream, &message.bytes());
    answers(stream, message)
}

/// The same of a query that was sent.
fn answers(stream: &mut TcpStream, message: &Message) -> Vec<Ipv4Addr> {
    let mut addresses = Vec::new();
    loop {
        let answer = next(stream).expect("an answer");
        assert_eq!(answer[4..8], message.xid.to_be_bytes(), "it is that to this query");
        match read(&answer, OptionCode::STATUS_CODE) {
            (MessageType::LEASEACTIVE, address, ..) => addresses.push(address),
            (kind, _, _, status) => {
                assert_eq!((kind, status), (MessageType::LEASEQUERYDONE, None));
                return addresses;
            }
        }
    }
}

/// A requester asks by message for an address and a client, and through TCP for all that came through a relay, before and
/// after the server was started anew. Others are not answered.
fn requesters_hear_of_leases_of_dhcpv4(world: &World, kept: &Kept) {
    let lan = world.lan();
    let (requester, stranger) = (lan.host("requester"), lan.host("stranger"));
    requester.address("eth0", &format!("{REQUESTER}/24"));
    stranger.address("eth0", "192.0.2.251/24");
    let mut dhcp4 = kept.within(lan_configuration());
    dhcp4["store-extended-info"] = true.into();
    dhcp4["hooks-libraries"] = json!([{"library": "/nowhere/libdhcp_lease_query.so", "parameters": {
        "requesters": [REQUESTER.to_string()],
        "advanced": {"bulk-query-enabled": true, "lease-query-ip": SERVER.to_string(),
            "max-requester-connections": 2, "max-concurrent-queries": 1, "max-leases-per-fetch": 2},
    }}]);
    let mut server = Server::kotare(world, &lan.server, "server", dhcp4.clone());
    let mut client = lan.client("client", ClientProgram::Udhcpc);
    let leased = client.obtain().address();

    let socket = udp(&requester, (REQUESTER, 67).into());
    // Clients behind a relay that names itself (sub-option 12) and their circuits (2).
    let agent = [12, 2, b'r', b'1', 2, 1, 7];
    let mut behind: Vec<_> = (1..=5)
        .map(|number| {
            let client = Client::new(number);
            let request = |message| ask(&socket, &relayed(message, REQUESTER, &agent));
            let offer = request(client.discover());
            let mut index = Index::new();
            let offer = kotare_wire::v4::Message::parse(&offer, &mut index).expect("an offer");
            let wish = client.request().address(OptionCode::REQUESTED_ADDRESS, offer.yiaddr());
            let reply = request(wish.address(OptionCode::SERVER_IDENTIFIER, SERVER));
            let mut index = Index::new();
            let reply = kotare_wire::v4::Message::parse(&reply, &mut index).expect("a reply");
            assert_eq!(reply.message_type(), Some(MessageType::ACK));
            reply.yiaddr()
        })
        .collect();
    behind.sort_unstable();

    let asking = || Message { giaddr: REQUESTER, ..query(MessageType::LEASEQUERY) };
    let by_address = Message { ciaddr: leased, ..asking() };
    let mac: Vec<u8> =
        client.mac().split(':').map(|byte| u8::from_str_radix(byte, 16).expect("a byte")).collect();
    let (kind, address, hwaddr, age) =
        read(&ask(&socket, &by_address), OptionCode::CLIENT_LAST_TRANSACTION_TIME);
    assert_eq!((kind, address, &hwaddr), (MessageType::LEASEACTIVE, leased, &mac));
    assert!(age.is_some_and(|age| age.len() == 4));
    let by_hwaddr = Message { htype: 1, chaddr: mac.clone(), ..asking() };
    assert_eq!(read(&ask(&socket, &by_hwaddr), OptionCode::LEASE_TIME).1, leased);
    let id = [&[1][..], &mac].concat();
    let by_id = asking().option(OptionCode::CLIENT_IDENTIFIER, &id);
    let (kind, address, _, told_id) = read(&ask(&socket, &by_id), OptionCode::CLIENT_IDENTIFIER);
    assert_eq!((kind, address, told_id.as_ref()), (MessageType::LEASEACTIVE, leased, Some(&id)));
    for nobody in [
        asking().option(OptionCode::CLIENT_IDENTIFIER, &[1, 2, 3]),
        Message { htype: 1, chaddr: vec![2, 9, 9, 9, 9, 9], ..asking() },
        Message { ciaddr: Ipv4Addr::new(198, 51, 100, 7), ..asking() },
    ] {
        assert_eq!(read(&ask(&socket, &nobody), OptionCode::LEASE_TIME).0, MessageType::LEASEUNKNOWN);
    }
    let relayed_one = Message { ciaddr: behind[0], ..asking() };
    let option = read(&ask(&socket, &relayed_one), OptionCode::RELAY_AGENT_INFORMATION).3;
    assert_eq!(option.as_deref(), Some(&agent[..]));
    let unused = Message { ciaddr: Ipv4Addr::new(192, 0, 2, 199), ..by_address.clone() };
    assert_eq!(read(&ask(&socket, &unused), OptionCode::LEASE_TIME).0, MessageType::LEASEUNASSIGNED);
    // An answer is counted after it has left.
    eventually("all answers are counted", || {
        let sent = |what| server.statistic(&format!("pkt4-lease-query-response-{what}-sent"));
        ([sent("active"), sent("unknown"), sent("unassigned")] == [4, 3, 1]).then_some(())
    });
    let others = udp(&stranger, (Ipv4Addr::new(192, 0, 2, 251), 67).into());
    let stolen = Message { giaddr: Ipv4Addr::new(192, 0, 2, 251), ..by_address.clone() };
    others.send_to(&stolen.bytes(), (SERVER, 67)).expect("it can be sent");
    eventually("the stranger is not answered", || {
        (server.statistic("pkt4-admin-filtered") == 1).then_some(())
    });

    let at = SocketAddr::from((SERVER, 67));
    let by_relay = |code: u8, id: &[u8]| {
        let said = [&[code, u8::try_from(id.len()).expect("short")], id].concat();
        query(MessageType::BULKLEASEQUERY).option(OptionCode::RELAY_AGENT_INFORMATION, &said)
    };
    let bulk_hwaddr = Message { htype: 1, chaddr: mac, ..query(MessageType::BULKLEASEQUERY) };
    let bulk_id = query(MessageType::BULKLEASEQUERY).option(OptionCode::CLIENT_IDENTIFIER, &id);
    for anew in [false, true] {
        if anew {
            assert!(server.stop(), "it ends in order");
            server = Server::again(world, &lan.server, "server");
        }
        let mut stream = tcp(&requester, at);
        assert_eq!(told(&mut stream, &by_relay(12, b"r1")), behind);
        assert_eq!(told(&mut stream, &by_relay(2, &[7])), behind);
        assert!(told(&mut stream, &by_relay(2, &[8])).is_empty());
        assert_eq!(told(&mut stream, &bulk_hwaddr), [leased]);
        assert_eq!(told(&mut stream, &bulk_id), [leased]);
        // Queries that come together take turns, as only one is answered at a time: each has all its answers before the next.
        let together = [by_relay(12, b"r1"), by_relay(12, b"r1"), by_relay(12, b"r1")];
        together.iter().for_each(|query| send(&mut stream, &query.bytes()));
        for query in &together {
            assert_eq!(answers(&mut stream, query), behind);
        }
        // All that there is: nobody is told of that.
        send(&mut stream, &query(MessageType::BULKLEASEQUERY).bytes());
        let refused = read(&next(&mut stream).expect("an answer"), OptionCode::STATUS_CODE);
        assert_eq!((refused.0, refused.3.map(|status| status[0])), (MessageType::LEASEQUERYDONE, Some(4)));
        // A third connection is one too many.
        let mut second = tcp(&requester, at);
        assert_eq!(told(&mut second, &bulk_hwaddr), [leased]);
        assert_eq!(next(&mut tcp(&requester, at)), None);
        assert_eq!(next(&mut tcp(&stranger, at)), None);
        server.await_log(&["BULK_LEASE_QUERY_REJECTED_CONNECTION", "too many connections"]);
        server.await_log(&["BULK_LEASE_QUERY_REJECTED_CONNECTION", "not a valid requester"]);
    }
    assert!(server.stop(), "it ends in order");
    // Whoever says nothing for long is cut off.
    dhcp4["hooks-libraries"][0]["parameters"]["advanced"]["max-requester-idle-time"] = 1.into();
    let server = Server::kotare(world, &lan.server, "impatient", dhcp4);
    assert_eq!(next(&mut tcp(&requester, at)), None);
    assert!(!server.log().contains("BULK_LEASE_QUERY_REJECTED_CONNECTION"), "{}", server.log());
    assert!(server.stop(), "it ends in order");
}

fn question(kind: u8, within: &[(wire6::OptionCode, &[u8])]) -> Vec<u8> {
    on_link(Ipv6Addr::UNSPECIFIED, kind, within)
}

/// A question about leases of a link.
fn on_link(link: Ipv6Addr, kind: u8, within: &[(wire6::OptionCode, &[u8])]) -> Vec<u8> {
    let mut buffer = [0; 500];
    let mut writer = wire6::Writer::new(&mut buffer);
    let mut write = || {
        writer.header(wire6::MessageType::LEASEQUERY, transaction())?;
        writer.option(wire6::OptionCode::CLIENTID, &[0, 3, 0, 1, 9])?;
        let question = writer.open(wire6::OptionCode::LQ_QUERY)?;
        writer.bytes(&[kind])?;
        writer.bytes(&link.octets())?;
        within.iter().try_for_each(|(code, value)| writer.option(*code, value))?;
        writer.close(question);
        Ok::<_, kotare_wire::NoRoom>(writer.len())
    };
    let len = write().expect("it fits");
    buffer[..len].to_vec()
}

/// The address in what a server tells of a client.
fn address_in(message: &[u8]) -> Option<Ipv6Addr> {
    let data = wire6::Options::new(&message[4..]).find_code(wire6::OptionCode::CLIENT_DATA)?;
    let address = wire6::Options::new(data).find_code(wire6::OptionCode::IAADDR)?;
    wire6::IaAddress::read(address).map(|address| address.address)
}

/// The same of DHCPv6.
fn requesters_hear_of_leases_of_dhcpv6(world: &World, kept: &Kept) {
    let lan = world.lan6();
    let server_address: Ipv6Addr = "2001:db8:1::1".parse().expect("an address");
    let own: Ipv6Addr = "2001:db8:1::250".parse().expect("an address");
    let (requester, stranger) = (lan.host("requester"), lan.host("stranger"));
    requester.address("eth0", &format!("{own}/64"));
    let other: Ipv6Addr = "2001:db8:1::351".parse().expect("an address");
    stranger.address("eth0", &format!("{other}/64"));
    let mut dhcp6 = kept.within(lan6_configuration());
    dhcp6["interfaces-config"] = json!({"interfaces": ["eth0", format!("eth0/{server_address}")]});
    dhcp6["store-extended-info"] = true.into();
    dhcp6["hooks-libraries"] = json!([{"library": "/nowhere/libdhcp_lease_query.so", "parameters": {
        "requesters": ["2001:db8:1::200/120"],
        "advanced": {"bulk-query-enabled": true, "lease-query-ip": server_address.to_string(),
            "max-requester-connections": 1},
    }}]);
    let server = Server6::kotare(world, &lan.server, "server", dhcp6);
    let mut client = lan.client("client", Client6Program::Dhclient, Wish::Address);
    let leased = client.obtain().address.expect("an address");

    let socket = udp(&requester, (own, 547).into());
    let ask = |message: &[u8]| {
        socket.send_to(message, (server_address, 547)).expect("it can be sent");
        let mut buffer = vec![0; 1 << 16];
        let len = socket.recv(&mut buffer).expect("an answer");
        buffer.truncate(len);
        buffer
    };
    // A client behind a relay agent that names itself.
    let peer: Ipv6Addr = "fe80::5".parse().expect("an address");
    let relay = v6::Relay::new(own, peer)
        .option(wire6::OptionCode::RELAY_ID, &[0, 3, 0, 1, 5])
        .option(wire6::OptionCode::REMOTE_ID, &[0, 0, 0, 9, 7]);
    let behind = v6::Client::new(3);
    let through = |message: v6::Message| {
        let reply = ask(&v6::relayed(&message.ia(1, v6::Associated::Addresses(&[])).bytes(), &relay));
        let mut index = wire6::Index::new();
        let reply = wire6::Message::parse(&reply, &mut index).expect("a reply");
        let ia = wire6::Association::read(reply.option(wire6::OptionCode::IA_NA).expect("an association"));
        let address = ia.expect("it is whole").options.find_code(wire6::OptionCode::IAADDR);
        let server = reply.option(wire6::OptionCode::SERVERID).expect("a server").to_vec();
        (wire6::IaAddress::read(address.expect("an address")).expect("whole").address, server)
    };
    let (_, duid) = through(behind.solicit());
    let (relayed_one, _) = through(behind.message(wire6::MessageType::REQUEST, Some(&duid)));

    let by_address = |address: Ipv6Addr| {
        question(1, &[(wire6::OptionCode::IAADDR, &[&address.octets()[..], &[0; 8]].concat())])
    };
    let answer = ask(&by_address(leased));
    assert_eq!((answer[0], address_in(&answer)), (15, Some(leased)));
    let answer = ask(&by_address(relayed_one));
    let way = wire6::Options::new(&answer[4..]).find_code(wire6::OptionCode::LQ_RELAY_DATA);
    assert_eq!(way.expect("the way it came")[..16], peer.octets());
    let by_client = |duid: &[u8]| question(2, &[(wire6::OptionCode::CLIENTID, duid)]);
    assert_eq!(address_in(&ask(&by_client(&behind.duid))), Some(relayed_one));
    for (nothing, status) in [
        (by_client(&[0, 3, 0, 1, 7, 7]), 0),
        (by_address("2001:db8:1::9999".parse().expect("an address")), 9),
        (on_link(peer, 2, &[(wire6::OptionCode::CLIENTID, &behind.duid)]), 9),
        (question(1, &[]), 8),
        (question(77, &[]), 7),
    ] {
        let answer = ask(&nothing);
        let said = wire6::Options::new(&answer[4..]).find_code(wire6::OptionCode::STATUS_CODE);
        let said = said.and_then(|said| said.first_chunk::<2>()).map(|code| u16::from_be_bytes(*code));
        assert_eq!((address_in(&answer), said), (None, Some(status)));
    }
    eventually("all answers are counted", || {
        (server.statistic("pkt6-lease-query-reply-sent") == 8).then_some(())
    });
    let others = udp(&stranger, (other, 547).into());
    others.send_to(&by_address(leased), (server_address, 547)).expect("it can be sent");
    eventually("the stranger is not answered", || {
        (server.statistic("pkt6-admin-filtered") == 1).then_some(())
    });

    let mut stream = tcp(&requester, (server_address, 547).into());
    let mut told = |query: &[u8]| {
        send(&mut stream, query);
        let mut answers = vec![next(&mut stream).expect("an answer")];
        while answers.last().is_some_and(|last| address_in(last).is_some()) {
            answers.push(next(&mut stream).expect("an answer"));
        }
        answers.iter().filter_map(|answer| address_in(answer)).collect::<Vec<_>>()
    };
    let by_relay = question(3, &[(wire6::OptionCode::RELAY_ID, &[0, 3, 0, 1, 5])]);
    assert_eq!(told(&by_relay), [relayed_one]);
    let by_remote = question(5, &[(wire6::OptionCode::REMOTE_ID, &[0, 0, 0, 9, 7])]);
    assert_eq!(told(&by_remote), [relayed_one]);
    assert_eq!(told(&by_address(leased)), [leased]);
    assert!(told(&question(3, &[(wire6::OptionCode::RELAY_ID, &[0, 3, 0, 1, 6])])).is_empty());
    let mut of_link = told(&on_link("2001:db8:1::".parse().expect("an address"), 4, &[]));
    of_link.sort_unstable();
    let mut all = [leased, relayed_one];
    all.sort_unstable();
    assert_eq!(of_link, all);
    // A second connection is one too many, and strangers have none.
    let at = SocketAddr::from((server_address, 547));
    for (host, reason) in [(&requester, "too many connections"), (&stranger, "not a valid requester")] {
        assert_eq!(next(&mut tcp(host, at)), None);
        server.await_log(&["BULK_LEASE_QUERY_REJECTED_CONNECTION", reason]);
    }
    assert!(server.stop(), "it ends in order");
}

/// Where the leases of a test are: in a database, or in memory.
struct Kept {
    _server: Option<DatabaseServer>,
    database: Option<Value>,
}

impl Kept {
    fn in_memory(_: &World) -> Option<Self> {
        Some(Self { _server: None, database: None })
    }

    fn in_sqlite(world: &World) -> Option<Self> {
        let database = json!({"type": "sqlite", "name": world.path("leases.sqlite")});
        Some(Self { _server: None, database: Some(database) })
    }

    /// None where there is no such server.
    fn in_server(kind: Kind) -> Option<Self> {
        let server = DatabaseServer::start(kind)?;
        server.create_whole("kea");
        let database = Some(server.map("kea"));
        Some(Self { _server: Some(server), database })
    }

    fn within(&self, mut map: Value) -> Value {
        if let Some(database) = &self.database {
            map["lease-database"] = database.clone();
        }
        map
    }
}

/// Makes a test for both protocols of each place where leases can be.
macro_rules! in_each {
    ($($place:ident: $kept:expr;)+) => {
        $(
            mod $place {
                use super::*;

                fn heard_of(name: &str, heard: fn(&World, &Kept)) {
                    sandboxed(&format!("{}::{name}", stringify!($place)), |world| {
                        let kept: fn(&World) -> Option<Kept> = $kept;
                        if let Some(kept) = kept(world) {
                            heard(world, &kept);
                        }
                    });
                }

                #[test]
                fn dhcpv4() {
                    heard_of("dhcpv4", requesters_hear_of_leases_of_dhcpv4);
                }

                #[test]
                fn dhcpv6() {
                    heard_of("dhcpv6", requesters_hear_of_leases_of_dhcpv6);
                }
            }
        )+
    };
}

in_each! {
    in_memory: Kept::in_memory;
    in_sqlite: Kept::in_sqlite;
    in_mariadb: |_| Kept::in_server(Kind::MariaDb);
    in_postgresql: |_| Kept::in_server(Kind::Postgres);
}
