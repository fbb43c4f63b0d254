//! What classes give: options, lifetimes, and the fields for clients that load a system (manual, "Configuring Classes",
//! "Class Priority", "Setting Fixed Fields in Classification").

use kotare_engine::v4::ReplyKind;
use kotare_testkit::{Answer, Client, Message, SERVER, Via, World, address};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

use crate::classes::world;

fn of(message: Message, class: &str) -> Message {
    message.option(OptionCode::VENDOR_CLASS_IDENTIFIER, class.as_bytes())
}

fn offer(world: &mut World, class: &str) -> Answer {
    world.send(&of(Client::new(1).discover(), class), Via::BROADCAST).expect("an offer")
}

fn domain(answer: &Answer) -> String {
    String::from_utf8(answer.option(OptionCode::DOMAIN_NAME).unwrap_or_default()).unwrap()
}

fn named(name: &str) -> Json {
    json!([{"name": "domain-name", "data": name}])
}

/// Pool, subnet and shared network go before classes, classes before the whole server.
#[test]
fn options_of_classes_stand_between_network_and_server() {
    let server = |network: &str, subnet: &str, pool: &str| {
        let options = |name: &str| if name.is_empty() { json!([]) } else { named(name) };
        world(&json!({
            "option-data": named("server"),
            "client-classes": [{"name": "a", "test": "option[60].text == 'a'", "option-data": named("class")}],
            "shared-networks": [{
                "name": "one", "interface": "eth0", "option-data": options(network),
                "subnet4": [{
                    "id": 1, "subnet": "192.0.2.0/24", "option-data": options(subnet),
                    "pools": [{"pool": "192.0.2.100 - 192.0.2.199", "option-data": options(pool)}],
                }],
            }],
            "subnet4": [],
        }))
    };
    for (levels, expected) in [
        (["network", "subnet", "pool"], "pool"),
        (["network", "subnet", ""], "subnet"),
        (["network", "", ""], "network"),
        (["", "", ""], "class"),
    ] {
        let [network, subnet, pool] = levels;
        let mut world = server(network, subnet, pool);
        assert_eq!(domain(&offer(&mut world, "a")), expected);
        let other = if expected == "class" { "server" } else { expected };
        assert_eq!(domain(&offer(&mut world, "b")), other);
    }
}

/// "Class Priority": the class that a client came to first goes before the others, so one that depends on whether it is
/// known goes after one that does not, whatever the order written; one that is asked for late is the last.
#[test]
fn the_first_class_goes_before_the_others() {
    let mut world = world(&json!({
        "client-classes": [
            {"name": "late", "test": "member('ALL')", "only-in-additional-list": true,
             "option-data": [{"name": "domain-name", "data": "late"}, {"name": "time-offset", "data": "4", "always-send": true}],
             "next-server": "10.0.0.4", "valid-lifetime": 4444},
            {"name": "known", "test": "member('UNKNOWN')", "next-server": "10.0.0.3", "valid-lifetime": 3333,
             "option-data": [{"name": "domain-name", "data": "third"}, {"name": "log-servers", "data": "10.0.0.3", "always-send": true}]},
            {"name": "first", "test": "option[60].text == 'a'", "option-data": named("first"), "server-hostname": "one"},
            {"name": "second", "test": "member('first')", "server-hostname": "two", "boot-file-name": "boot",
             "option-data": [{"name": "domain-name", "data": "second"}, {"name": "log-servers", "data": "10.0.0.2"}]},
        ],
        "next-server": "10.0.0.9", "boot-file-name": "of the server",
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
            "evaluate-additional-classes": ["late"],
        }],
    }));
    let a = offer(&mut world, "a");
    assert_eq!(domain(&a), "first");
    // A flag counts whoever has it, the value is that of the first.
    assert_eq!(a.option(OptionCode(7)).unwrap(), [10, 0, 0, 2]);
    assert_eq!(a.option(OptionCode(2)).unwrap(), [0, 0, 0, 4]);
    let view = a.view();
    assert_eq!((view.siaddr(), text(view.sname()), text(view.file())), (address("10.0.0.3"), "one", "boot"));
    // What is evaluated when the client has its lease is too late for a lifetime.
    assert_eq!(a.number(OptionCode::LEASE_TIME), Some(3333));
    let other = offer(&mut world, "b");
    assert_eq!((domain(&other), other.option(OptionCode(7)).unwrap()), ("third".into(), vec![10, 0, 0, 3]));
    assert_eq!(text(other.view().file()), "of the server");
}

fn text(field: &[u8]) -> &str {
    std::str::from_utf8(field.split(|&byte| byte == 0).next().unwrap_or_default()).unwrap()
}

/// Lifetimes of classes go before those of subnets; a client may ask for what is between the bounds.
#[test]
fn lifetimes_are_the_classes() {
    let mut world = world(&json!({
        "valid-lifetime": 4000, "min-valid-lifetime": 3000, "max-valid-lifetime": 5000,
        "client-classes": [
            {"name": "a", "test": "option[60].text == 'a'", "valid-lifetime": 100, "min-valid-lifetime": 50, "max-valid-lifetime": 200},
            {"name": "b", "test": "option[60].text == 'b'", "min-valid-lifetime": 70},
            {"name": "zero", "test": "option[60].text == 'zero'", "valid-lifetime": 0},
        ],
    }));
    let mut lifetime = |class: &str, wish: Option<u32>| {
        let mut message = of(Client::new(1).discover(), class);
        if let Some(wish) = wish {
            message = message.option(OptionCode::LEASE_TIME, &wish.to_be_bytes());
        }
        let answer = world.send(&message, Via::BROADCAST).unwrap();
        answer.number(OptionCode::LEASE_TIME).unwrap()
    };
    let all = ["a", "b", "zero", "none"];
    assert_eq!(all.map(|class| lifetime(class, None)), [100, 70, 4000, 4000]);
    assert_eq!(all.map(|class| lifetime(class, Some(10))), [50, 70, 3000, 3000]);
    assert_eq!(all.map(|class| lifetime(class, Some(9000))), [200, 70, 5000, 5000]);
    assert_eq!(lifetime("a", Some(150)), 150);
}

/// `offer-lifetime` of a class: an offered address is kept for so long, or with 0 not at all.
#[test]
fn offers_are_kept_as_classes_say() {
    let mut world = world(&json!({
        "offer-lifetime": 60,
        "client-classes": [
            {"name": "a", "test": "option[60].text == 'a'", "offer-lifetime": 0},
            {"name": "b", "test": "option[60].text == 'b'", "offer-lifetime": 7},
        ],
    }));
    for (class, kept) in [("a", None), ("b", Some(7)), ("c", Some(60))] {
        let client = Client::new(u32::from(class.as_bytes()[0]));
        let offer = world.send(&of(client.discover(), class), Via::BROADCAST).unwrap();
        let lease = world.store.lease(offer.yiaddr());
        assert_eq!(lease.map(|lease| lease.valid_lifetime.0), kept, "{class}");
    }
}

/// A server identifier of a class is this server's for the clients of the class; a DHCPINFORM gets what classes give.
#[test]
fn servers_can_have_a_name_for_a_class() {
    let mut world = world(&json!({
        "client-classes": [{
            "name": "a", "test": "option[60].text == 'a'", "next-server": "10.0.0.1",
            "option-data": [{"name": "dhcp-server-identifier", "data": "10.9.9.9"}, {"name": "domain-name", "data": "a"}],
        }],
    }));
    let client = Client::new(1);
    let offer = offer(&mut world, "a");
    assert_eq!(offer.option(OptionCode::SERVER_IDENTIFIER).unwrap(), [10, 9, 9, 9]);
    let ack = world.send(&of(client.select(&offer), "a"), Via::BROADCAST).unwrap();
    assert_eq!((ack.kind, ack.yiaddr()), (ReplyKind::Ack, offer.yiaddr()));
    // Not of the class: another server is meant.
    assert!(world.send(&of(client.select(&offer), "b"), Via::BROADCAST).is_none());
    assert_eq!(world.stat("pkt4-not-for-us"), 1);
    let inform = of(client.inform(ack.yiaddr()), "a");
    let inform = world.send(&inform, Via::unicast(ack.yiaddr())).unwrap();
    assert_eq!((domain(&inform), inform.view().siaddr()), ("a".into(), address("10.0.0.1")));
    let plain = world.send(&client.discover(), Via::BROADCAST).unwrap();
    assert_eq!(plain.option(OptionCode::SERVER_IDENTIFIER).unwrap(), SERVER.octets());
}

/// "DHCPv4 Private Options": the definition of option 43 that a class has is that of its options.
#[test]
fn private_options_are_defined_by_classes() {
    let mut world = world(&json!({
        "client-classes": [{
            "name": "apc", "test": "option[vendor-class-identifier].text == 'APC'",
            "option-def": [{"name": "vendor-encapsulated-options", "code": 43, "type": "empty", "encapsulate": "APC"}],
            "option-data": [
                {"name": "cookie", "space": "APC", "data": "1APC"},
                {"name": "vendor-encapsulated-options"},
            ],
        }],
        "option-def": [{"name": "cookie", "code": 1, "type": "string", "space": "APC"}],
    }));
    let mut client = Client::new(1);
    client.wants = vec![43];
    let mut value = |class: &str| {
        world.send(&of(client.discover(), class), Via::BROADCAST).unwrap().option(OptionCode(43))
    };
    assert_eq!((value("APC").as_deref(), value("x")), (Some(&b"\x01\x041APC"[..]), None));
}
