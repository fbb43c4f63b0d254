//! What is reserved for clients (manual, "Host Reservations in DHCPv4"): how they are found, and what they get.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_engine::hooks::v4::{Asked4, FlexId, Hooks4, Host4Identifier};
use kotare_engine::v4::ReplyKind;
use kotare_testkit::{Answer, Client, Config, Message, Via, World, address, configured, logged, relayed};
use kotare_wire::v4::OptionCode;
use serde_json::{Value, json};

/// One subnet, 192.0.2.0/24 with the pool 192.0.2.100 to 192.0.2.109, and these reservations.
pub(super) fn subnet(reservations: &Value) -> Value {
    json!({
        "valid-lifetime": 4000, "cache-threshold": 0.0,
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.109"}],
            "reservations": reservations,
        }],
    })
}

/// The hardware address of [`Client::new`], as a reservation has it.
pub(super) fn mac(client: u8) -> String {
    format!("02:00:00:00:00:{client:02x}")
}

pub(super) fn world(dhcp4: &Value) -> World {
    World::new(configured(dhcp4))
}

pub(super) fn offered(world: &mut World, message: &Message) -> Option<Ipv4Addr> {
    world.send(message, Via::BROADCAST).map(|offer| offer.yiaddr())
}

fn text(answer: &Answer, code: OptionCode) -> Option<String> {
    answer.option(code).map(|bytes| String::from_utf8(bytes).unwrap())
}

/// "Address Reservation Types": an address may be in a pool or not; nobody else gets it, and the client gets it whatever
/// it asks for.
#[test]
fn a_client_gets_its_address() {
    let mut world = world(&subnet(&json!([
        {"hw-address": mac(1), "ip-address": "192.0.2.7"},
        {"hw-address": mac(2), "ip-address": "192.0.2.100"},
    ])));
    let one = Client::new(1);
    let wish = one.discover().address(OptionCode::REQUESTED_ADDRESS, address("192.0.2.105"));
    assert_eq!(offered(&mut world, &wish), Some(address("192.0.2.7")));
    assert_eq!(world.lease(&one), Some(address("192.0.2.7")));
    assert_eq!(world.lease(&Client::new(3)), Some(address("192.0.2.101")), "the first is not everybody's");
    assert_eq!(world.lease(&Client::new(2)), Some(address("192.0.2.100")));
    // It is extended, by renewal and after a reboot.
    world.pass(1000);
    let renewed = world.send(&one.renew(address("192.0.2.7")), Via::unicast(address("192.0.2.7"))).unwrap();
    assert_eq!((renewed.kind, renewed.yiaddr()), (ReplyKind::Ack, address("192.0.2.7")));
    let rebooted = world.send(&one.reboot(address("192.0.2.7")), Via::BROADCAST).unwrap();
    assert_eq!(rebooted.kind, ReplyKind::Ack);
    // A request without any address is for the reserved one.
    assert_eq!(
        world.send(&one.request(), Via::BROADCAST).map(|ack| ack.yiaddr()),
        Some(address("192.0.2.7"))
    );
    assert_eq!(world.stat("subnet[1].assigned-addresses"), 3);
}

/// A pool of which every address is reserved has nothing for others, however often they ask; the subnet is not full
/// for those it is reserved for.
#[test]
fn a_pool_may_be_all_reserved() {
    let reservations: Vec<_> = (100..110)
        .map(|end: u8| json!({"hw-address": mac(end), "ip-address": format!("192.0.2.{end}")}))
        .collect();
    for allocator in ["iterative", "random", "flq"] {
        let mut dhcp4 = subnet(&json!(reservations));
        dhcp4["allocator"] = allocator.into();
        let mut world = world(&dhcp4);
        assert_eq!(world.lease(&Client::new(1)), None);
        assert!(world.last.contains("NothingToOffer"), "{}", world.last);
        for end in (100..110).rev() {
            assert_eq!(world.lease(&Client::new(end)), Some([192, 0, 2, end as u8].into()), "{allocator}");
        }
        // Released, it is still nobody else's; when nothing is reserved any more, it is everybody's.
        let address = [192, 0, 2, 104].into();
        world.send(&Client::new(104).release(address, kotare_testkit::SERVER), Via::unicast(address));
        assert_eq!(world.lease(&Client::new(1)), None, "{allocator}");
        let mut free = subnet(&json!([]));
        free["allocator"] = allocator.into();
        world.reconfigure(configured(&free));
        assert_eq!(world.lease(&Client::new(1)), Some(address), "{allocator}");
    }
}

/// Names its client by what it sends in option 60.
struct ByVendor;

impl Host4Identifier for ByVendor {
    fn host4_identifier(&self, asked: Asked4<'_>, id: &mut FlexId) {
        if let Some(vendor) = asked.message.option(OptionCode::VENDOR_CLASS_IDENTIFIER) {
            id.extend(vendor.bytes());
        }
    }
}

/// A client is found by each of the identifiers that `host-reservation-identifiers` lists: the first in its order that
/// has a reservation counts.
#[test]
fn clients_are_found_by_each_identifier() {
    let reservations = json!([
        {"hw-address": mac(1), "ip-address": "192.0.2.11"},
        {"duid": "00:01:02", "ip-address": "192.0.2.12"},
        {"circuit-id": "'port7'", "ip-address": "192.0.2.13"},
        {"client-id": "'name'", "ip-address": "192.0.2.14"},
        {"flex-id": "'vendor'", "ip-address": "192.0.2.15"},
    ]);
    let serve = |order: Value, message: Message| {
        let mut dhcp4 = subnet(&reservations);
        dhcp4["host-reservation-identifiers"] = order;
        let mut world = world(&dhcp4);
        world.hook(Hooks4 { host4_identifier: vec![Arc::new(ByVendor)], ..Hooks4::default() });
        let relay = address("192.0.2.1");
        let offer = world.send(&relayed(message, relay, b"\x01\x05port7"), Via::relay(relay));
        offer.unwrap().yiaddr().octets()[3]
    };
    let by_duid = Client::new(9).with_id(&[255, 1, 2, 3, 4, 0, 1, 2]).discover();
    let by_id = Client::new(9).with_id(b"name").discover();
    let by_all = Client::new(1).with_id(b"name").discover();
    let by_all = by_all.option(OptionCode::VENDOR_CLASS_IDENTIFIER, b"vendor");
    assert_eq!(serve(json!(["hw-address"]), by_all.clone()), 11);
    assert_eq!(serve(json!(["duid"]), by_duid), 12);
    assert_eq!(serve(json!(["hw-address", "circuit-id"]), Client::new(9).discover()), 13);
    assert_eq!(serve(json!(["client-id", "circuit-id"]), by_id), 14);
    assert_eq!(serve(json!(["flex-id", "hw-address"]), by_all.clone()), 15);
    assert_eq!(serve(json!(["auto"]), by_all), 11);
    // What begins like a client identifier with a DUID and is none, and an empty circuit: nobody's.
    let short = Client::new(9).with_id(&[255, 1, 2, 3, 4]).discover();
    assert_eq!(serve(json!(["duid"]), short), 100);
    assert_eq!(serve(json!(["hw-address"]), Client::new(9).discover()), 100);
}

/// "Reserving a Hostname": the client has that name, asked for or not; in the domain of its subnet.
#[test]
fn a_client_gets_its_name() {
    let mut dhcp4 = subnet(&json!([{"hw-address": mac(1), "hostname": "Alice-Laptop"}]));
    dhcp4["subnet4"][0]["ddns-qualifying-suffix"] = "example.isc.org.".into();
    let mut world = world(&dhcp4);
    let one = Client::new(1);
    let named = one.discover().option(OptionCode::HOST_NAME, b"mine");
    for message in [one.discover(), named] {
        let offer = world.send(&message, Via::BROADCAST).unwrap();
        assert_eq!(text(&offer, OptionCode::HOST_NAME).as_deref(), Some("alice-laptop.example.isc.org"));
    }
    // Option 81 goes back to who sends it.
    let full = one.discover().option(OptionCode::FQDN, b"\x00\0\0mine");
    let offer = world.send(&full, Via::BROADCAST).unwrap();
    assert_eq!(offer.option(OptionCode::HOST_NAME), None);
    assert_eq!(text(&offer, OptionCode::FQDN).unwrap()[3..], *"alice-laptop.example.isc.org.");
    let ack = world.send(&one.select(&offer), Via::BROADCAST).unwrap();
    let (_, lines) = logged(|| world.send(&one.renew(ack.yiaddr()), Via::unicast(ack.yiaddr())));
    assert!(lines.iter().any(|line| line.id == "DHCP4_RESERVED_HOSTNAME_ASSIGNED"));
    assert_eq!(world.store.all()[0].hostname, "alice-laptop.example.isc.org");
    let other = world.send(&Client::new(2).discover(), Via::BROADCAST).unwrap();
    assert_eq!(other.option(OptionCode::HOST_NAME), None);
}

/// "Including Specific DHCPv4 Options in Reservations", "Reserving Next Server, Server Hostname, and Boot File Name": they
/// go before those of pool and subnet, also in a reply without an address.
#[test]
fn a_client_gets_its_options_and_fields() {
    let mut dhcp4 = subnet(&json!([{
        "hw-address": mac(1), "next-server": "10.0.0.7", "server-hostname": "hal9000",
        "boot-file-name": "/dev/null",
        "option-data": [{"name": "domain-name-servers", "data": "10.1.1.202"},
                        {"name": "log-servers", "data": "10.0.0.9", "always-send": true},
                        {"name": "routers", "never-send": true}],
    }]));
    dhcp4["subnet4"][0]["next-server"] = "10.0.0.1".into();
    dhcp4["subnet4"][0]["boot-file-name"] = "/boot".into();
    dhcp4["subnet4"][0]["option-data"] = json!([{"name": "domain-name-servers", "data": "10.2.2.2"},
        {"name": "routers", "data": "192.0.2.1"}, {"name": "domain-name", "data": "example.org"}]);
    let mut world = world(&dhcp4);
    let one = Client::new(1);
    let inform = one.inform(address("192.0.2.50"));
    for (message, via) in [(one.discover(), Via::BROADCAST), (inform, Via::unicast(address("192.0.2.50")))] {
        let reply = world.send(&message, via).unwrap();
        assert_eq!(reply.view().siaddr(), address("10.0.0.7"));
        assert!(
            reply.view().sname().starts_with(b"hal9000\0") && reply.view().file().starts_with(b"/dev/null\0")
        );
        assert_eq!(reply.option(OptionCode::DOMAIN_NAME_SERVERS), Some(vec![10, 1, 1, 202]));
        assert_eq!(reply.option(OptionCode(7)), Some(vec![10, 0, 0, 9]));
        assert_eq!(reply.option(OptionCode::ROUTERS), None);
        assert_eq!(text(&reply, OptionCode::DOMAIN_NAME).as_deref(), Some("example.org"));
    }
    let reply = world.send(&Client::new(2).discover(), Via::BROADCAST).unwrap();
    assert_eq!(reply.view().siaddr(), address("10.0.0.1"));
    assert!(reply.view().sname().starts_with(b"\0") && reply.view().file().starts_with(b"/boot\0"));
    assert_eq!(reply.option(OptionCode::DOMAIN_NAME_SERVERS), Some(vec![10, 2, 2, 2]));
    assert_eq!(reply.option(OptionCode(7)), None);
}

/// "Multiple Reservations for the Same IP": whichever of the clients comes first has it, the others get another one
/// until it is free.
#[test]
fn several_clients_may_share_an_address() {
    let mut dhcp4 = subnet(&json!([
        {"hw-address": mac(1), "ip-address": "192.0.2.102"},
        {"hw-address": mac(2), "ip-address": "192.0.2.102"},
    ]));
    dhcp4["ip-reservations-unique"] = false.into();
    let mut world = world(&dhcp4);
    let shared = address("192.0.2.102");
    assert_eq!(world.lease(&Client::new(1)), Some(shared));
    assert_eq!(world.lease(&Client::new(2)), Some(address("192.0.2.100")));
    world.send(&Client::new(1).release(shared, kotare_testkit::SERVER), Via::unicast(shared));
    assert_eq!(world.lease(&Client::new(2)), Some(shared));
    assert_ne!(world.lease(&Client::new(3)), Some(shared));
}

/// Without reservations nobody is looked for.
#[test]
fn without_reservations_nothing_is_told_of_them() {
    let mut world = World::new(Config::usual().build());
    let (_, lines) = logged(|| world.send(&Client::new(1).discover(), Via::BROADCAST));
    assert!(lines.iter().all(|line| !line.id.starts_with("HOSTS_")));
}
