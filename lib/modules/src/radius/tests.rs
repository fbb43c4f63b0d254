//! Both services, with servers of the tests.

use std::net::{Ipv6Addr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use kotare_control::Response;
use kotare_model::{ClientId, HostId, HostIdType, HwAddr, Lease4, LeaseState, Lifetime, SubnetId, Timestamp};
use kotare_radius::{Attribute, Code, Dictionary, Value, known, respond};
use kotare_store::Cached;
use kotare_store_memfile::{append_row, header};
use kotare_testkit::v6::{Associated, Client as Client6};
use kotare_testkit::{Answer, Client, Message, Via, World, logged};
use kotare_wire::v6::{Association, Index, Message as View, MessageType, OptionCode};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use super::Radius;
use crate::Modules4;
use crate::test_server6::TestServer6;
use crate::test_world::{with_modules_after, with_modules_on};

const SECRET: &str = "a secret of ours";

/// A server on this machine that says what it is told to, and remembers what it was asked. It ends with the test.
struct FakeServer {
    port: u16,
    asked: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl FakeServer {
    fn start(says: impl Fn(&[u8]) -> Option<(Code, Vec<Attribute>)> + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let seen = asked.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let request = &buffer[..length];
                seen.lock().push(request.to_vec());
                if let Some((code, attributes)) = says(request) {
                    let answer = respond(request, code, &attributes, SECRET.as_bytes(), true).unwrap();
                    socket.send_to(&answer, from).unwrap();
                }
            }
        });
        Self { port, asked }
    }

    /// One that accepts everybody with these attributes.
    fn accepting(attributes: Vec<Attribute>) -> Self {
        Self::start(move |_| Some((Code::ACCESS_ACCEPT, attributes.clone())))
    }

    fn entry(&self) -> Json {
        json!({"name": "127.0.0.1", "port": self.port, "secret": SECRET})
    }

    fn count(&self) -> usize {
        self.asked.lock().len()
    }
}

/// The values of an attribute in a request.
fn values(request: &[u8], code: u8) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut rest = &request[20..];
    while let [number, length, ..] = *rest {
        if number == code {
            found.push(rest[2..length.into()].to_vec());
        }
        rest = &rest[length.into()..];
    }
    found
}

fn text(request: &[u8], code: u8) -> String {
    values(request, code).iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect()
}

fn ipv4(code: u8, address: &str) -> Attribute {
    Attribute { code, value: Value::Ipv4(address.parse().unwrap()) }
}

/// A runtime whose tasks go on by themselves.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn libraries(parameters: &Json) -> Json {
    json!([
        {"library": "/any/libdhcp_host_cache.so"},
        {"library": "/any/libdhcp_radius.so", "parameters": parameters},
    ])
}

fn map(parameters: &Json) -> Json {
    json!({
        "client-classes": [{"name": "red"}, {"name": "white"}],
        "subnet4": [
            {"id": 14, "subnet": "192.0.2.0/24", "interface": "eth0", "pools": [
                {"pool": "192.0.2.100 - 192.0.2.109", "client-classes": ["red"]},
                {"pool": "192.0.2.120 - 192.0.2.129", "client-classes": ["white"]}]},
            {"id": 15, "subnet": "198.51.100.0/24", "interface": "eth0",
             "pools": [{"pool": "198.51.100.100 - 198.51.100.109", "client-classes": ["blue"]}]},
        ],
        "hooks-libraries": libraries(parameters),
    })
}

/// A moment for tasks to go on.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// Waits for the answer to a message.
fn send(runtime: &Runtime, world: &World, message: &Message) -> Option<Answer> {
    let mut task = world.start(message, Via::BROADCAST);
    for _ in 0..60_000 {
        if let Some(served) = task.go_on() {
            return served.answer;
        }
        runtime.block_on(pause());
    }
    panic!("no end of waiting for a server of RADIUS");
}

/// A client is given what a server says, which is asked once; the second server is asked where there is no first.
#[test]
fn an_accepted_client_gets_what_is_said() {
    let server = FakeServer::accepting(vec![
        ipv4(known::FRAMED_IP_ADDRESS, "192.0.2.7"),
        Attribute::text(known::CLASS, "of this session"),
    ]);
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dead = json!({"name": "127.0.0.1", "port": nobody, "secret": SECRET});
    let parameters = json!({"deadtime": 60, "access": {"servers": [dead, server.entry()], "attributes": [
        {"name": "User-Password", "data": "hidden"}, {"type": 77, "raw": "65666a6a71"},
        {"name": "Configuration-Token", "expr": "hexstring(pkt4.mac, ':')"},
        {"name": "Filter-Id", "expr": "option[200].hex"}]}});
    let runtime = runtime();
    let (world, _modules) = with_modules_on(&map(&parameters), runtime.handle()).unwrap();
    let client = Client::new(1).with_id(&[1, 0xab]);
    let offer = send(&runtime, &world, &client.discover()).expect("an offer");
    assert_eq!(offer.yiaddr().to_string(), "192.0.2.7");
    let ack = send(&runtime, &world, &client.select(&offer)).expect("an acknowledgement");
    assert_eq!((ack.yiaddr(), server.count()), (offer.yiaddr(), 1));
    let request = server.asked.lock()[0].clone();
    assert_eq!(request[0], Code::ACCESS_REQUEST.0);
    assert_eq!(text(&request, known::USER_NAME), "01:ab");
    assert_eq!(text(&request, known::CALLING_STATION_ID), "02:00:00:00:00:01");
    assert_eq!(text(&request, 77), "efjjq");
    assert_eq!(text(&request, 78), "02:00:00:00:00:01");
    assert_eq!(values(&request, 11), [[0; 0]; 0], "what an expression says nothing of is not sent");
    assert_eq!(values(&request, known::NAS_PORT), [[0, 0, 0, 14]]);
    assert_eq!(values(&request, known::NAS_IP_ADDRESS), [[127, 0, 0, 1]]);
    let hidden = &values(&request, known::USER_PASSWORD)[0];
    assert!(hidden.len() == 16 && !hidden.starts_with(b"hidden"));
    assert_eq!(values(&request, known::MESSAGE_AUTHENTICATOR)[0].len(), 16);
}

/// The pool is that of the class which a server names; who is rejected gets nothing; both are remembered.
#[test]
fn a_server_chooses_the_pool() {
    let server = FakeServer::start(|request| match &*text(request, known::USER_NAME) {
        "01:02" => Some((Code::ACCESS_ACCEPT, vec![Attribute::text(known::FRAMED_POOL, "white")])),
        "01:03" => Some((Code::ACCESS_ACCEPT, vec![])),
        _ => Some((Code::ACCESS_REJECT, vec![Attribute::text(known::REPLY_MESSAGE, "no")])),
    });
    let parameters = json!({"access": {"servers": [server.entry()]}});
    let runtime = runtime();
    let (world, modules) = with_modules_on(&map(&parameters), runtime.handle()).unwrap();
    let offered = |number: u8| {
        let client = Client::new(number.into()).with_id(&[1, number]);
        send(&runtime, &world, &client.discover()).map(|offer| offer.yiaddr().to_string())
    };
    for _ in 0..2 {
        assert!(offered(2).is_some_and(|address| address.starts_with("192.0.2.12")));
        assert_eq!(offered(3), None, "it is of no class that has a pool");
        assert_eq!(offered(4), None);
    }
    assert_eq!(server.count(), 3);
    let cache = modules.hooks.host_cache.expect("it is there");
    let context = |number: u8| {
        let id = HostId { kind: HostIdType::ClientId, bytes: &[1, number] };
        assert_eq!(cache.of_client(id, SubnetId(14)), Cached::None, "nothing is reserved");
        cache.recall(id, SubnetId(14)).unwrap().user_context.clone().unwrap()
    };
    let kept: Json = serde_json::from_str(&context(2)).unwrap();
    assert_eq!(kept["radius"][1], json!({"name": "Framed-Pool", "type": 88, "data": "white"}));
    assert_eq!(&*context(4), "{\"subnet-id\":-1}");
}

/// A client is put on the subnet that its class has a pool in, or that its address is of; or on none.
#[test]
fn a_server_chooses_the_subnet() {
    let server = FakeServer::start(|request| {
        Some((
            Code::ACCESS_ACCEPT,
            match &*text(request, known::USER_NAME) {
                "01:02" => vec![Attribute::text(known::FRAMED_POOL, "blue")],
                "01:03" => vec![ipv4(known::FRAMED_IP_ADDRESS, "198.51.100.7")],
                _ => vec![Attribute::text(known::FRAMED_POOL, "green")],
            },
        ))
    });
    let parameters = json!({
        "reselect-subnet-pool": true, "reselect-subnet-address": true,
        "access": {"servers": [server.entry()]},
    });
    let runtime = runtime();
    let (world, _modules) = with_modules_on(&map(&parameters), runtime.handle()).unwrap();
    let offered = |number: u8| {
        let client = Client::new(number.into()).with_id(&[1, number]);
        send(&runtime, &world, &client.discover()).map(|offer| offer.yiaddr().to_string())
    };
    for _ in 0..2 {
        assert!(offered(2).is_some_and(|address| address.starts_with("198.51.100.10")));
        assert_eq!(offered(3).as_deref(), Some("198.51.100.7"));
        assert_eq!(offered(4), None);
    }
    assert_eq!(server.count(), 3);
}

/// Without an answer that can be believed a client is on no subnet; nothing is remembered of it.
#[test]
fn who_is_not_known_gets_nothing() {
    let server = FakeServer::start(|_| None);
    let forger = FakeServer::accepting(vec![]);
    let mut forged = forger.entry();
    forged["secret"] = json!("another secret");
    let parameters = json!({"timeout": 1, "retries": 1, "access": {"servers": [server.entry(), forged]}});
    let runtime = runtime();
    let (world, _modules) = with_modules_on(&map(&parameters), runtime.handle()).unwrap();
    let client = Client::new(1).with_id(&[1, 1]);
    // Another message of the same client waits for nobody.
    let mut first = world.start(&client.discover(), Via::BROADCAST);
    assert!(!first.has_ended());
    assert!(send(&runtime, &world, &Client::new(2).with_id(&[1, 1]).discover()).is_none());
    assert_eq!((world.stat("pkt4-duplicate"), world.stat("pkt4-receive-drop")), (1, 1));
    while first.go_on().is_none() {
        runtime.block_on(pause());
    }
    assert_eq!((server.count(), forger.count()), (2, 2));
    let asked = server.asked.lock().clone();
    assert_ne!(asked[0], asked[1], "each attempt has a number of its own");
}

/// An answer with an attribute that has no value is none, and it is told which one; somebody else is asked at once.
#[test]
fn answers_without_sense_are_told() {
    let odd = |code, length| {
        let value = Value::Bytes(vec![1; length].into());
        FakeServer::accepting(vec![Attribute { code, value }])
    };
    let odd = [
        odd(known::FRAMED_IP_ADDRESS, 3),
        odd(known::NAS_PORT, 5),
        odd(known::FRAMED_IPV6_ADDRESS, 4),
        odd(known::DELEGATED_IPV6_PREFIX, 19),
        odd(known::VENDOR_SPECIFIC, 4),
    ];
    let good = FakeServer::accepting(vec![ipv4(known::FRAMED_IP_ADDRESS, "192.0.2.7")]);
    let servers: Vec<_> = odd.iter().chain([&good]).map(FakeServer::entry).collect();
    let parameters = json!({"timeout": 600, "access": {"servers": servers}});
    // Its tasks go on in this thread, where it is heard what they log.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (world, _modules) = with_modules_on(&map(&parameters), runtime.handle()).unwrap();
    let discover = Client::new(1).with_id(&[1, 1]).discover();
    let (offer, lines) = logged(|| send(&runtime, &world, &discover));
    assert_eq!(offer.expect("an offer").yiaddr().to_string(), "192.0.2.7");
    assert!(odd.iter().all(|server| server.count() == 1));
    let told = lines.iter().filter(|line| line.id.ends_with("_FROM_BYTES_FAILED"));
    let told: Vec<_> = told.map(|line| format!("{} {}", line.id, line.text)).collect();
    assert_eq!(
        told,
        [
            "RADIUS_IPADDR_ATTRIBUTE_FROM_BYTES_FAILED Creating an IP address attribute 8 'Framed-IP-Address' \
             failed: bad value length 3 != 4",
            "RADIUS_INTEGER_ATTRIBUTE_FROM_BYTES_FAILED Creating an integer attribute 5 'NAS-Port' \
             failed: bad value length 5 != 4",
            "RADIUS_IPV6ADDR_ATTRIBUTE_FROM_BYTES_FAILED Creating an IPv6 address attribute 168 \
             'Framed-IPv6-Address' failed: bad value length 4 != 16",
            "RADIUS_IPV6PREFIX_ATTRIBUTE_FROM_BYTES_FAILED Creating an IPv6 prefix attribute 123 \
             'Delegated-IPv6-Prefix' failed: bad value length 19 > 18",
        ]
    );
    let bad = lines.iter().filter(|line| line.id == "RADIUS_EXCHANGE_RECEIVED_BAD_RESPONSE");
    let bad: Vec<_> = bad.map(|line| line.text.split_once("response: ").expect("a reason").1).collect();
    assert_eq!((bad.len(), bad[0]), (5, "Framed-IP-Address (8): bad value length 3 != 4"));
}

/// What is known of servers, and connections to them, outlive configurations that say the same of them.
#[test]
fn servers_stay_known() {
    let dead = FakeServer::start(|_| None);
    let good = FakeServer::accepting(vec![ipv4(known::FRAMED_IP_ADDRESS, "192.0.2.7")]);
    let servers = json!({"servers": [dead.entry(), good.entry()]});
    let of =
        |timeout: u32| map(&json!({"timeout": timeout, "retries": 0, "deadtime": 600, "access": servers}));
    let runtime = runtime();
    let ask = |world: &World, number: u8| {
        let discover = Client::new(number.into()).with_id(&[1, number]).discover();
        assert!(send(&runtime, world, &discover).is_some());
        (dead.count(), good.count())
    };
    let client =
        |modules: &Modules4| modules.kept::<Radius<Lease4>>().access.as_ref().unwrap().client.clone();
    let (world, first) = with_modules_on(&of(1), runtime.handle()).unwrap();
    assert_eq!(ask(&world, 1), (1, 1));
    let (world, second) = with_modules_after(&of(1), runtime.handle(), Some(&first)).unwrap();
    assert!(Arc::ptr_eq(&client(&first), &client(&second)));
    assert_eq!(ask(&world, 2), (1, 2));
    let (world, third) = with_modules_after(&of(2), runtime.handle(), Some(&second)).unwrap();
    assert!(!Arc::ptr_eq(&client(&second), &client(&third)));
    assert_eq!(ask(&world, 3), (1, 3), "it is still known that nobody answers there");
}

/// Each of many leases that a partner tells of together goes on; one that is gone says so itself.
#[test]
fn what_partners_tell_together_is_told() {
    let server = FakeServer::start(|_| Some((Code::ACCOUNTING_RESPONSE, vec![])));
    let runtime = runtime();
    let parameters = json!({"accounting": {"servers": [server.entry()]}});
    let (_world, modules) = with_modules_on(&map(&parameters), runtime.handle()).unwrap();
    let lease = |host: u8| Lease4 {
        address: [192, 0, 2, host].into(),
        hwaddr: HwAddr::new(HwAddr::ETHERNET, &[host; 6]).unwrap(),
        client_id: ClientId::new(&[1, host]).ok(),
        valid_lifetime: Lifetime(3600),
        cltt: Timestamp(1000),
        subnet_id: SubnetId(14),
        fqdn_fwd: false,
        fqdn_rev: false,
        hostname: "".into(),
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
    };
    let mut rows = header::<Lease4>().to_vec();
    for (host, is_gone) in [(1, false), (2, true), (3, false)] {
        append_row(&lease(host), is_gone, &mut rows);
    }
    let arguments = json!({
        "rows": String::from_utf8(rows).unwrap(), "origin": "ha-partner",
        "leases": [{"ip-address": "192.0.2.4", "subnet-id": 14, "hw-address": "04:04:04:04:04:04", "client-id": "01:04"}],
    });
    let refused = json!({"failed-leases": [{"ip-address": "192.0.2.3"}]});
    let response = Response { arguments: Some(refused), ..Response::success("applied") };
    let watcher = modules.watchers.iter().find(|it| it.hears_of("lease4-bulk-apply")).unwrap();
    watcher.heard("lease4-bulk-apply", Some(&arguments), &response);
    while server.count() < 2 {
        runtime.block_on(pause());
    }
    let mut told: Vec<_> = server
        .asked
        .lock()
        .iter()
        .map(|asked| {
            (
                values(asked, known::FRAMED_IP_ADDRESS).concat(),
                values(asked, known::ACCT_STATUS_TYPE).concat(),
            )
        })
        .collect();
    told.sort();
    assert_eq!(told, [1, 4].map(|host| (vec![192, 0, 2, host], vec![0, 0, 0, 3])));
}

/// So many clients are asked about at most.
#[test]
fn pending_requests_have_a_limit() {
    let server = FakeServer::start(|_| None);
    let parameters = json!({"access": {"servers": [server.entry()], "max-pending-requests": 1}});
    let runtime = runtime();
    let (world, _modules) = with_modules_on(&map(&parameters), runtime.handle()).unwrap();
    let discover = |number: u8| Client::new(number.into()).with_id(&[1, number]).discover();
    let first = world.start(&discover(1), Via::BROADCAST);
    assert!(send(&runtime, &world, &discover(2)).is_none());
    assert_eq!(world.stat("pkt4-queue-full"), 1);
    drop(first);
    assert!(!world.start(&discover(2), Via::BROADCAST).has_ended(), "there is room again");
}

/// Addresses and prefixes of DHCPv6 are reserved as a server says; sessions are accounted for.
#[test]
fn clients_of_dhcpv6_get_what_is_said() {
    let address: Ipv6Addr = "2001:db8:1::8".parse().unwrap();
    let prefix: Ipv6Addr = "2001:db8:f000::".parse().unwrap();
    let server = FakeServer::start(move |request| {
        Some(match Code(request[0]) {
            Code::ACCESS_REQUEST => (
                Code::ACCESS_ACCEPT,
                vec![
                    Attribute { code: known::FRAMED_IPV6_ADDRESS, value: Value::Ipv6(address) },
                    Attribute { code: known::DELEGATED_IPV6_PREFIX, value: Value::Prefix(prefix, 56) },
                    Attribute::text(known::CLASS, "a class"),
                ],
            ),
            _ => (Code::ACCOUNTING_RESPONSE, vec![]),
        })
    });
    let folder = tempfile::tempdir().unwrap();
    let service = json!({"servers": [server.entry()]});
    let parameters = json!({"access": service, "accounting": service, "client-id-printable": true,
        "session-history": folder.path().join("history.csv")});
    let dhcp6 = TestServer6::configured(&json!({
        "subnet6": [{
            "id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0",
            "pools": [{"pool": "2001:db8:1::100/120"}],
            "pd-pools": [{"prefix": "2001:db8:e000::", "prefix-len": 40, "delegated-len": 56}],
        }],
        "hooks-libraries": [
            {"library": "/any/libdhcp_host_cache.so"}, {"library": "/any/libdhcp_lease_cmds.so"},
            {"library": "/any/libdhcp_radius.so", "parameters": parameters},
        ],
    }));
    let dhcp6 = dhcp6.unwrap_or_else(|errors| panic!("{errors:?}"));
    let pause = || dhcp6.block_on(pause());
    let accounted = |count: usize| {
        for _ in 0..60_000 {
            let all: Vec<_> = server.asked.lock().iter().filter(|it| it[0] == 4).cloned().collect();
            if all.len() >= count {
                return all;
            }
            pause();
        }
        panic!("not {count} records");
    };
    let client = Client6::new(1).with_duid(b"me!");
    let message = |kind| {
        client
            .message(kind, Some(&[0, 3, 0, 1, 2, 3]))
            .ia(1, Associated::Addresses(&[]))
            .ia(2, Associated::Prefixes(&[]))
    };
    let reply = dhcp6.send_while(&message(MessageType::REQUEST).bytes(), pause).expect("a reply");
    let mut index = Index::new();
    let view = View::parse(&reply, &mut index).unwrap();
    let given = |code, skipped: usize| {
        let association = Association::read(view.option(code).unwrap()).unwrap();
        let (_, value) = association.options.clone().next().unwrap();
        Ipv6Addr::from(*value[skipped..].first_chunk::<16>().unwrap())
    };
    assert_eq!((given(OptionCode::IA_NA, 0), given(OptionCode::IA_PD, 9)), (address, prefix));
    let started = accounted(2);
    for record in &started {
        assert_eq!(text(record, known::USER_NAME), "me!");
        assert_eq!(values(record, known::ACCT_STATUS_TYPE), [[0, 0, 0, 1]]);
        assert_eq!(text(record, known::CLASS), "a class");
        assert_eq!(values(record, known::ACCT_DELAY_TIME), [[0, 0, 0, 0]]);
    }
    let of_address = started.iter().find(|it| !values(it, known::FRAMED_IPV6_ADDRESS).is_empty()).unwrap();
    let session = text(of_address, known::ACCT_SESSION_ID);
    assert!(session.starts_with("2001:db8:1::8@"), "{session}");
    dhcp6.pass(Duration::from_secs(100));
    let deleted = dhcp6.answer("lease6-del", Some(json!({"ip-address": "2001:db8:1::8"})));
    assert_eq!(deleted["result"], 0, "{deleted}");
    let stopped = &accounted(3)[2];
    assert_eq!(values(stopped, known::ACCT_STATUS_TYPE), [[0, 0, 0, 2]]);
    assert_eq!(text(stopped, known::ACCT_SESSION_ID), session, "it is the session that began");
    let lease = json!({"ip-address": "2001:db8:1::9", "duid": "01:02:03", "iaid": 1, "subnet-id": 1});
    assert_eq!(dhcp6.answer("lease6-add", Some(lease))["result"], 0);
    let added = &accounted(4)[3];
    assert_eq!(values(added, known::ACCT_STATUS_TYPE), [[0, 0, 0, 1]]);
    assert_eq!(text(added, known::USER_NAME), "01:02:03");
    dhcp6.beside.end();
    let history = std::fs::read_to_string(folder.path().join("history.csv")).unwrap();
    assert!(history.contains("2001:db8:1::8,0,0\n") && history.contains("2001:db8:1::9,"), "{history}");
    assert_eq!(Dictionary::standard().name(known::CLASS).to_string(), "Class");
}

/// A server that answered once is asked whether it is there when nobody has asked it for a while.
#[test]
fn silent_servers_are_asked() {
    let server = FakeServer::accepting(vec![ipv4(known::FRAMED_IP_ADDRESS, "192.0.2.7")]);
    let parameters = json!({"access": {"servers": [server.entry()], "idle-timer-interval": 1}});
    let runtime = runtime();
    let (world, modules) = with_modules_on(&map(&parameters), runtime.handle()).unwrap();
    modules.beside.begin(None);
    send(&runtime, &world, &Client::new(1).with_id(&[1, 1]).discover()).expect("an offer");
    for _ in 0..60_000 {
        if server.count() >= 3 {
            break;
        }
        runtime.block_on(pause());
    }
    let asked: Vec<_> = server.asked.lock().iter().map(|request| Code(request[0])).take(3).collect();
    assert_eq!(asked, [Code::ACCESS_REQUEST, Code::STATUS_SERVER, Code::STATUS_SERVER]);
    assert_eq!(values(&server.asked.lock()[1], known::MESSAGE_AUTHENTICATOR)[0].len(), 16);
    modules.beside.end();
}

/// Where reservations are global, what is said of the subnet and of the client is kept together.
#[test]
fn global_reservations_are_kept_together() {
    let server = FakeServer::accepting(vec![
        ipv4(known::FRAMED_IP_ADDRESS, "198.51.100.7"),
        Attribute::text(known::CLASS, "gold"),
    ]);
    let parameters = json!({"reselect-subnet-address": true, "identifier-type4": "hw-address",
        "canonical-mac-address": true, "nas-ports": [{"port": 7, "subnet-prefix": "192.0.2.0/24"}],
        "access": {"servers": [server.entry()]}});
    let mut map = map(&parameters);
    map["reservations-global"] = json!(true);
    let runtime = runtime();
    let (world, modules) = with_modules_on(&map, runtime.handle()).unwrap();
    let client = Client::new(1);
    for _ in 0..2 {
        let offer = send(&runtime, &world, &client.discover()).expect("an offer");
        assert_eq!(offer.yiaddr().to_string(), "198.51.100.7");
    }
    let asked = server.asked.lock().clone();
    assert_eq!((asked.len(), text(&asked[0], known::USER_NAME)), (1, "02-00-00-00-00-01".to_owned()));
    assert_eq!(values(&asked[0], known::CALLING_STATION_ID), [[0; 0]; 0]);
    assert_eq!(values(&asked[0], known::NAS_PORT), [[0, 0, 0, 7]]);
    let id = HostId { kind: HostIdType::HwAddress, bytes: &[2, 0, 0, 0, 0, 1] };
    let kept =
        modules.hooks.host_cache.expect("it is there").recall(id, SubnetId::GLOBAL).expect("it is kept");
    let kept: Json = serde_json::from_str(kept.user_context.as_deref().unwrap()).unwrap();
    assert_eq!((&kept["subnet-id"], &kept["radius"][2]["data"]), (&json!(15), &json!("gold")));
}

/// What makes no sense is told.
#[test]
fn errors_are_told() {
    let access = |more: Json| {
        let mut access = json!({"servers": [{"name": "127.0.0.1", "secret": SECRET}]});
        access.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"access": access})
    };
    let attribute = |attribute: Json| access(json!({"attributes": [attribute]}));
    for (parameters, error) in [
        (
            json!({"dictionary": "/nowhere/dictionary"}),
            "can't read radius dictionary: can't open dictionary '/nowhere/dictionary'",
        ),
        (json!({"protocol": "TCP"}), "protocol 'TCP' is not supported"),
        (json!({"protocol": "QUIC"}), "unknown protocol QUIC"),
        (json!({"bindaddr": "here"}), "bad local address 'here'"),
        (json!({"identifier-type4": "name"}), "unsupported identifier type 'name'"),
        (json!({"tls": {}}), "'tls' service can't be configured when protocol is not 'TLS'"),
        (json!({"deadtime": -1}), "deadtime"),
        (json!({"unknown": 1}), "unknown"),
        (access(json!({"enabled": true})), "'enabled' makes sense only with TLS"),
        (access(json!({"peer-updates": true})), "peer-updates configured for the access service"),
        (
            json!({"accounting": {"max-pending-requests": 1}}),
            "max-pending-requests configured for the accounting service",
        ),
        (json!({"access": {"servers": [{"name": "127.0.0.1"}]}}), "missing parameter 'secret'"),
        (json!({"access": {"servers": [{"name": "127.0.0.1", "secret": ""}]}}), "empty secret"),
        (
            json!({"bindaddr": "::1", "access": {"servers": [{"name": "127.0.0.1", "secret": "x"}]}}),
            "address family mismatch: peer 127.0.0.1, local ::1",
        ),
        (attribute(json!({"data": "x"})), "name or type are required"),
        (attribute(json!({"name": "No-Such", "data": "x"})), "attribute 'No-Such' is unknown"),
        (
            attribute(json!({"name": "Password", "type": 3, "data": "x"})),
            "'Password' attribute has type 2, not 3",
        ),
        (attribute(json!({"type": 256, "data": "x"})), "out of range attribute type 256"),
        (
            attribute(json!({"type": 254, "vendor": "9", "data": "x"})),
            "attribute type 254 in vendor '9' is unknown",
        ),
        (attribute(json!({"name": "Class", "vendor": "nobody"})), "can't parse vendor 'nobody'"),
        (attribute(json!({"name": "Class", "data": "x", "expr": "'y'"})), "data, raw and expr are exclusive"),
        (attribute(json!({"name": "Class", "data": "x", "raw": "00"})), "data and raw are exclusive"),
        (attribute(json!({"name": "Class", "raw": "xy"})), "can't decode raw: [xy] for Class attribute"),
        (
            attribute(json!({"name": "NAS-Port", "raw": "00"})),
            "can't create NAS-Port attribute from raw: [00]: bad value length 1 != 4",
        ),
        (attribute(json!({"name": "Class", "expr": "'a' =="})), "error:"),
        (attribute(json!({"name": "Class"})), "can't create Class attribute from []: empty attribute value"),
        (
            json!({"accounting": {"servers": [{"name": "127.0.0.1", "secret": SECRET}],
            "attributes": [{"name": "Class", "expr": "'a'"}]}}),
            "Expressions are not yet supported in accounting",
        ),
        (
            json!({"protocol": "TLS", "access": {"servers": []}}),
            "can't have servers entry in 'access' with TLS",
        ),
        (
            json!({"protocol": "TLS", "tls": {"servers": [{"name": "127.0.0.1"}]}}),
            "missing parameter 'trust-anchor'",
        ),
        (json!({"protocol": "TLS", "tls": {"enabled": true}}), "can't set enabled in 'tls'"),
        (json!({"nas-ports": [{"subnet-id": 1}]}), "missing port in nas-ports entry"),
        (
            json!({"nas-ports": [{"port": 1, "subnet-prefix": "10.0.0.0/8"}]}),
            "can't find subnet for nas-ports entry",
        ),
    ] {
        let errors = with_modules_on(&map(&parameters), runtime().handle()).map(drop);
        let errors = errors.expect_err(error).join("\n");
        assert!(errors.contains(error), "{parameters}: {errors}");
    }
    let with = |change: fn(&mut Json)| {
        let mut map = map(&access(json!({})));
        change(&mut map);
        with_modules_on(&map, runtime().handle()).map(drop).expect_err("an error").join("\n")
    };
    let without = with(|map| _ = map["hooks-libraries"].as_array_mut().unwrap().remove(0));
    assert!(without.contains("host cache library not loaded"), "{without}");
    let early = with(|map| map["early-global-reservations-lookup"] = json!(true));
    assert!(early.contains("early-global-reservations-lookup is not compatible with RADIUS"), "{early}");
    let shared = with(|map| {
        let subnets = map.as_object_mut().unwrap().remove("subnet4");
        map["shared-networks"] = json!([{"name": "net", "subnet4": subnets}]);
    });
    assert!(shared.contains("of shared network net does not use only global host reservations"), "{shared}");
}
