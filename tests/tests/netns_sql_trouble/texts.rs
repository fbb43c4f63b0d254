//! What clients and relay agents may write into columns of leases: quotes, zero bytes, what is no UTF-8, what would be a
//! statement. It comes by packets to a server of each engine, and is found again by commands, by questions of the test to the
//! database, and after the server was started anew, as a server finds it that keeps leases in memory.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::slice::from_ref;

use kotare_store_sql::{Engine, Statement, Value as Column};
use kotare_testkit::{Client, relayed, v6};
use kotare_tests::database::Kind;
use kotare_tests::world::{Host, Lan, Lan6, Server, Server6, World, lan_configuration, lan6_configuration};
use kotare_wire::v4::{Index, Message, MessageType, OptionCode};
use kotare_wire::v6 as wire6;
use serde_json::{Value, json};

use crate::in_sandboxes;
use crate::kept::Kept;

in_sandboxes! {
    texts_of_v4_in_sqlite: |world| v4(world, Some(Kept::in_sqlite(world, "leases.sqlite")));
    texts_of_v4_in_mariadb: |world| v4(world, Kept::in_server(Kind::MariaDb));
    texts_of_v4_in_postgresql: |world| v4(world, Kept::in_server(Kind::Postgres));
    texts_of_v6_in_sqlite: |world| v6(world, Some(Kept::in_sqlite(world, "leases.sqlite")));
    texts_of_v6_in_mariadb: |world| v6(world, Kept::in_server(Kind::MariaDb));
    texts_of_v6_in_postgresql: |world| v6(world, Kept::in_server(Kind::Postgres));
}

/// What is written, each by a client of its own.
const TEXTS: [&[u8]; 12] = [
    b"plain",
    b"o'brien",
    b"\"in quotes\"",
    b"a''b\"\"c``d",
    b"back\\slash\\",
    b"x'); DROP TABLE lease4; --",
    b"%s%n ${a} :name ?1 $1",
    b"zero\0in\0it\0",
    b"\xff\xfe\x80\xc0",
    b"half\xe2\x82",
    "ümläut €".as_bytes(),
    "\u{1f980}\u{1}\t\n\r\u{7f}".as_bytes(),
];

/// The addresses of the server, and of the relay agent that speaks for all clients.
const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const RELAY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 250);

fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}

/// A part of relay agent information.
fn part(code: u8, value: &[u8]) -> Vec<u8> {
    [&[code, u8::try_from(value.len()).expect("short")], value].concat()
}

/// A lease without what another server has otherwise. No text of PostgreSQL has zero bytes, so none of any engine has.
fn comparable(mut lease: Value) -> Value {
    let map = lease.as_object_mut().expect("a map");
    for keyword in ["cltt", "ip-address"] {
        assert!(map.remove(keyword).is_some(), "{map:?}");
    }
    let name = map["hostname"].as_str().expect("a text").replace('\0', "");
    map["hostname"] = name.into();
    lease
}

/// How many rows of a table have these bytes in a column.
fn rows_with(kept: &Kept, table: &str, column: &str, bytes: &[u8]) -> usize {
    let question = |engine: Engine| {
        Statement::new(engine, &format!("SELECT {column} FROM {table} WHERE {column} = ")).value(bytes)
    };
    let asked = kept.in_connection(async |connection| connection.rows(question(connection.engine())).await);
    asked.unwrap_or_else(|reason| panic!("{table}.{column}: {reason}")).len()
}

/// The only row of leases with these bytes in a column has this name, as text.
fn is_named(kept: &Kept, table: &str, column: &str, bytes: &[u8], name: &str) {
    let question = |engine: Engine| {
        Statement::new(engine, &format!("SELECT hostname FROM {table} WHERE {column} = ")).value(bytes)
    };
    let asked = kept.in_connection(async |connection| connection.rows(question(connection.engine())).await);
    let rows = asked.unwrap_or_else(|reason| panic!("{table}.{column}: {reason}"));
    let names: Vec<&Column> = rows.iter().map(|row| &row.0[0]).collect();
    assert_eq!(names, [&Column::Text(name.to_owned())], "of {}", hex(bytes, ":"));
}

/// The leases of a command's answer.
fn found(answer: &Value) -> &Vec<Value> {
    assert_eq!(answer["result"], 0, "{answer}");
    answer["arguments"]["leases"].as_array().unwrap_or_else(|| panic!("{answer}"))
}

/// A client of each text, which names itself by option 12, and one that does by option 81.
fn clients4() -> impl Iterator<Item = (Client, u8, Vec<u8>, &'static [u8])> {
    (0u8..).zip(TEXTS).flat_map(|(number, text)| {
        [OptionCode::HOST_NAME, OptionCode::FQDN].into_iter().map(move |option| {
            let id = [&[0, option.0][..], text].concat();
            let client = Client::new(u32::from(number) * 256 + u32::from(option.0)).with_id(&id);
            let value = match option {
                OptionCode::FQDN => [&[4, 0, 0][..], &part_of_name(text), &[0]].concat(),
                _ => text.to_vec(),
            };
            (client, option.0, value, text)
        })
    })
}

/// A label of a name.
fn part_of_name(text: &[u8]) -> Vec<u8> {
    [&[u8::try_from(text.len()).expect("short")], text].concat()
}

fn opened(host: &Host, at: SocketAddr) -> UdpSocket {
    let socket = host.inside(move || UdpSocket::bind(at).expect("the port is free"));
    socket.set_read_timeout(Some(kotare_tests::world::PATIENCE)).expect("a time limit");
    socket
}

fn asked(socket: &UdpSocket, to: SocketAddr, message: &[u8]) -> Vec<u8> {
    socket.send_to(message, to).expect("it can be sent");
    let mut buffer = vec![0; 1 << 16];
    let len = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("an answer to {message:02x?}: {error}"));
    buffer.truncate(len);
    buffer
}

/// The leases that all clients of DHCPv4 get of a server.
fn obtained4(server: &Server, socket: &UdpSocket) -> Vec<Value> {
    let ask = |message: kotare_testkit::Message, text: &[u8]| {
        let agent = [part(1, text), part(2, text), part(12, text)].concat();
        asked(socket, (SERVER, 67).into(), &relayed(message, RELAY, &agent).bytes())
    };
    let mut leases = Vec::new();
    for (client, code, value, text) in clients4() {
        let named = |message: kotare_testkit::Message| message.option(OptionCode(code), &value);
        let (offer, mut index) = (ask(named(client.discover()), text), Index::new());
        let offer = Message::parse(&offer, &mut index).expect("an offer");
        assert_eq!(offer.message_type(), Some(MessageType::OFFER), "{text:02x?}");
        let wish = client.request().address(OptionCode::REQUESTED_ADDRESS, offer.yiaddr());
        let (reply, mut index) =
            (ask(named(wish.address(OptionCode::SERVER_IDENTIFIER, SERVER)), text), Index::new());
        let reply = Message::parse(&reply, &mut index).expect("a reply");
        assert_eq!(reply.message_type(), Some(MessageType::ACK), "{text:02x?}");
        let got = server.command("lease4-get", Some(json!({"ip-address": reply.yiaddr()})));
        assert_eq!(got["result"], 0, "{got}");
        leases.push(got["arguments"].clone());
    }
    leases
}

/// What a lease says that a command adds.
fn odd_words() -> (&'static str, Value) {
    (
        "o'brien.\"x\".\u{fffd}.ü",
        json!({"o'b\"\\": ["\u{0}\u{1}\u{7f}", "ü€\u{1f980}", "'); --", {"": null}]}),
    )
}

fn v4(world: &World, kept: Option<Kept>) {
    let Some(kept) = kept else { return };
    let lan = world.lan();
    let relay = lan.host("relay");
    relay.address("eth0", &format!("{RELAY}/24"));
    let socket = opened(&relay, (RELAY, 67).into());
    let map = |database: Option<&Value>| {
        let mut map = lan_configuration();
        map["store-extended-info"] = true.into();
        // Names are kept as they come.
        map["hostname-char-set"] = "".into();
        map["hooks-libraries"] = json!([{"library": "/nowhere/libdhcp_lease_cmds.so"}]);
        if let Some(database) = database {
            map["lease-database"] = database.clone();
        }
        map
    };
    let expected = in_memory4(world, &lan, map(None), &socket);
    let server = Server::kotare(world, &lan.server, "server", map(Some(&kept.database)));
    let leases = obtained4(&server, &socket);
    for (lease, expected) in leases.iter().zip(&expected) {
        assert_eq!(&comparable(lease.clone()), expected);
    }
    for ((client, _, _, text), lease) in clients4().zip(&leases) {
        let id = client.id.as_deref().expect("it has one");
        let name = lease["hostname"].as_str().expect("a text");
        is_named(&kept, "lease4", "client_id", id, name);
        for column in ["relay_id", "remote_id"] {
            // Both clients of a text came through one agent.
            assert_eq!(rows_with(&kept, "lease4", column, text), 2, "{text:02x?}");
        }
        let by = |command: &str, keyword: &str, value: &str| {
            server.command(command, Some(json!({ (keyword): value })))
        };
        let of_client = by("lease4-get-by-client-id", "client-id", &hex(id, ":"));
        assert_eq!(found(&of_client)[..], *from_ref(lease));
        if !name.is_empty() {
            let of_name = by("lease4-get-by-hostname", "hostname", name);
            assert!(found(&of_name).contains(lease), "{of_name}");
        }
    }
    let (name, context) = odd_words();
    let words = json!({"subnet-id": 1, "ip-address": "192.0.2.77", "hw-address": "02:00:00:00:07:77", "hostname": name,
        "user-context": context});
    assert_eq!(server.command("lease4-add", Some(words))["result"], 0);
    assert!(server.stop());
    let server = Server::again(world, &lan.server, "server");
    let get = |address: &Value| {
        server.command("lease4-get", Some(json!({"ip-address": address})))["arguments"].take()
    };
    for lease in &leases {
        assert_eq!(&get(&lease["ip-address"]), lease);
    }
    let added = get(&json!("192.0.2.77"));
    assert_eq!((&added["hostname"], &added["user-context"]), (&json!(name), &context));
    assert!(server.stop());
}

fn in_memory4(world: &World, lan: &Lan, map: Value, socket: &UdpSocket) -> Vec<Value> {
    let server = Server::kotare(world, &lan.server, "memory", map);
    let leases = obtained4(&server, socket).into_iter().map(comparable).collect();
    assert!(server.stop());
    leases
}

/// The relay agent's address and that of the server, of DHCPv6.
const RELAY6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0x250);
const SERVER6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 1);

fn clients6() -> impl Iterator<Item = (v6::Client, Vec<u8>, &'static [u8])> {
    (1..).zip(TEXTS).map(|(number, text)| {
        let duid = [&[0, 2, 0, 0, 0, 9][..], text].concat();
        (v6::Client::new(number).with_duid(&duid), duid, text)
    })
}

/// What an agent says of a client, as it comes: its own identifier, and that of the client.
fn agent6(text: &[u8]) -> [Vec<u8>; 2] {
    [[&[0, 2, 0, 0, 0, 7][..], text].concat(), [&[0, 0, 0, 9][..], text].concat()]
}

fn obtained6(server: &Server6, socket: &UdpSocket) -> Vec<Value> {
    let mut leases = Vec::new();
    for (client, _, text) in clients6() {
        let [relay_id, remote_id] = agent6(text);
        let relay = v6::Relay::new(RELAY6, client.address)
            .option(wire6::OptionCode::INTERFACE_ID, text)
            .option(wire6::OptionCode::RELAY_ID, &relay_id)
            .option(wire6::OptionCode::REMOTE_ID, &remote_id)
            .option(wire6::OptionCode::SUBSCRIBER_ID, text);
        let name = [&[0][..], &part_of_name(text), &[0]].concat();
        let ask = |message: v6::Message| {
            let message =
                message.ia(1, v6::Associated::Addresses(&[])).option(wire6::OptionCode::CLIENT_FQDN, &name);
            let reply = asked(socket, (SERVER6, 547).into(), &v6::relayed(&message.bytes(), &relay));
            let mut index = wire6::Index::new();
            let reply = wire6::Message::parse(&reply, &mut index).expect("a reply");
            let ia =
                wire6::Association::read(reply.option(wire6::OptionCode::IA_NA).expect("an association"));
            let address = ia.expect("it is whole").options.find_code(wire6::OptionCode::IAADDR);
            let server = reply.option(wire6::OptionCode::SERVERID).expect("a server").to_vec();
            (wire6::IaAddress::read(address.expect("an address")).expect("whole").address, server)
        };
        let (_, duid) = ask(client.message(wire6::MessageType::SOLICIT, None));
        let (address, _) = ask(client.message(wire6::MessageType::REQUEST, Some(&duid)));
        let got = server.command("lease6-get", Some(json!({"ip-address": address})));
        assert_eq!(got["result"], 0, "{got}");
        leases.push(got["arguments"].clone());
    }
    leases
}

fn v6(world: &World, kept: Option<Kept>) {
    let Some(kept) = kept else { return };
    let lan = world.lan6();
    let relay = lan.host("relay");
    relay.address("eth0", &format!("{RELAY6}/64"));
    let socket = opened(&relay, (RELAY6, 547).into());
    let map = |database: Option<&Value>| {
        let mut map = lan6_configuration();
        map["interfaces-config"] = json!({"interfaces": ["eth0", format!("eth0/{SERVER6}")]});
        map["store-extended-info"] = true.into();
        map["hostname-char-set"] = "".into();
        map["hooks-libraries"] = json!([{"library": "/nowhere/libdhcp_lease_cmds.so"}]);
        if let Some(database) = database {
            map["lease-database"] = database.clone();
        }
        map
    };
    let expected = in_memory6(world, &lan, map(None), &socket);
    let server = Server6::kotare(world, &lan.server, "server", map(Some(&kept.database)));
    let leases = obtained6(&server, &socket);
    for (lease, expected) in leases.iter().zip(&expected) {
        assert_eq!(&comparable(lease.clone()), expected);
    }
    for ((_, duid, text), lease) in clients6().zip(&leases) {
        let name = lease["hostname"].as_str().expect("a text");
        is_named(&kept, "lease6", "duid", &duid, name);
        let tables = [("lease6_relay_id", "relay_id"), ("lease6_remote_id", "remote_id")];
        for ((table, column), id) in tables.into_iter().zip(agent6(text)) {
            assert_eq!(rows_with(&kept, table, column, &id), 1, "{text:02x?}");
        }
        let by = |command: &str, keyword: &str, value: &str| {
            server.command(command, Some(json!({ (keyword): value })))
        };
        let of_client = by("lease6-get-by-duid", "duid", &hex(&duid, ":"));
        assert_eq!(found(&of_client)[..], *from_ref(lease));
        if !name.is_empty() {
            let of_name = by("lease6-get-by-hostname", "hostname", name);
            assert!(found(&of_name).contains(lease), "{of_name}");
        }
    }
    let (name, context) = odd_words();
    let words = json!({"subnet-id": 1, "ip-address": "2001:db8:1::77", "duid": "00:02:00:00:00:77:27:22", "iaid": 7,
        "hostname": name, "user-context": context});
    assert_eq!(server.command("lease6-add", Some(words))["result"], 0);
    assert!(server.stop());
    let server = Server6::again(world, &lan.server, "server");
    let get = |address: &Value| {
        server.command("lease6-get", Some(json!({"ip-address": address})))["arguments"].take()
    };
    for lease in &leases {
        assert_eq!(&get(&lease["ip-address"]), lease);
    }
    let added = get(&json!("2001:db8:1::77"));
    assert_eq!((&added["hostname"], &added["user-context"]), (&json!(name), &context));
    assert!(server.stop());
}

fn in_memory6(world: &World, lan: &Lan6, map: Value, socket: &UdpSocket) -> Vec<Value> {
    let server = Server6::kotare(world, &lan.server, "memory", map);
    let leases = obtained6(&server, socket).into_iter().map(comparable).collect();
    assert!(server.stop());
    leases
}
