//! Clients of DHCPv4 whose names an expression makes.

use kotare_testkit::{Client, Message, Via, World, address, logged};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

use crate::test_world::world;

/// A server that updates the DNS, with a domain, and this `user-context` of its subnet.
fn server(parameters: &Json, context: &Json, more: &Json) -> Result<World, Vec<String>> {
    let mut dhcp4 = json!({
        "dhcp-ddns": {"enable-updates": true},
        "ddns-qualifying-suffix": "example.org",
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
            "user-context": context,
        }],
        "hooks-libraries": [{"library": "/any/libdhcp_ddns_tuning.so", "parameters": parameters}],
    });
    for (keyword, value) in more.as_object().unwrap() {
        dhcp4[keyword] = value.clone();
    }
    world(&dhcp4)
}

fn global(expression: &str) -> World {
    server(&json!({"hostname-expr": expression}), &json!({}), &json!({})).unwrap()
}

/// What becomes of a client: the name and the flags of its lease, and the options 12 and 81 of its reply.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    lease: String,
    updates: (bool, bool),
    host_name: Option<String>,
    fqdn: Option<(u8, String)>,
}

fn leased(world: &mut World, client: &Client, with: impl Fn(Message) -> Message) -> Named {
    let via = Via::relay(address("192.0.2.1"));
    let relay = |message| kotare_testkit::relayed(message, address("192.0.2.1"), &[1, 1, 7]);
    let offer = world.send(&relay(with(client.discover())), via).expect("an offer");
    let ack = world.send(&relay(with(client.select(&offer))), via).expect("an acknowledgement");
    let lease = world.store.lease(ack.yiaddr()).expect("a lease");
    let text = |bytes: Vec<u8>| bytes.escape_ascii().to_string();
    Named {
        lease: lease.hostname.to_string(),
        updates: (lease.fqdn_fwd, lease.fqdn_rev),
        host_name: ack.option(OptionCode::HOST_NAME).map(text),
        fqdn: ack.option(OptionCode::FQDN).map(|value| (value[0], text(value[3..].to_vec()))),
    }
}

fn host_name(name: &'static str) -> impl Fn(Message) -> Message {
    move |message| message.option(OptionCode::HOST_NAME, name.as_bytes())
}

/// Option 81 of a client that leaves the updates to the server, in wire format.
fn fqdn(name: &'static [u8]) -> impl Fn(Message) -> Message {
    move |message| message.option(OptionCode::FQDN, &[&[5, 0, 0], name].concat())
}

/// The manual's first example; what has dots is not completed.
#[test]
fn names_are_made() {
    let mut world = global("'host-'+hexstring(pkt4.mac,'-')");
    let named = leased(&mut world, &Client::new(1), host_name("Laptop"));
    assert_eq!(named.lease, named.host_name.clone().expect("a name"));
    assert!(named.lease.starts_with("host-02-") && named.lease.ends_with(".example.org"), "{named:?}");
    assert_eq!((named.updates, named.fqdn), ((true, true), None));
    // Who is told no name has one, but nothing is updated: nobody asked for it.
    let named = leased(&mut world, &Client::new(2), |message| message);
    assert!(named.lease.starts_with("host-"), "{named:?}");
    assert_eq!((named.updates, named.host_name), ((false, false), None));

    let mut world = global("'A.b.C'");
    let named = leased(&mut world, &Client::new(1), host_name("laptop"));
    assert_eq!((&*named.lease, named.host_name.as_deref()), ("a.b.c", Some("a.b.c")));
    let named = leased(&mut world, &Client::new(2), fqdn(b"\x06laptop\0"));
    assert_eq!((&*named.lease, named.fqdn), ("a.b.c.", Some((5, "\\x01a\\x01b\\x01c\\x00".to_owned()))));
}

/// The manual's second example: option 12 goes before option 81.
#[test]
fn options_change_places() {
    let mut world = global("ifelse(option[12].exists, option[host-name].text, option[81].text)");
    let both = |message| fqdn(b"\x04full\0")(host_name("short")(message));
    let named = leased(&mut world, &Client::new(1), both);
    assert_eq!((&*named.lease, named.updates), ("short.example.org.", (true, true)));
    let named = leased(&mut world, &Client::new(2), host_name("short"));
    assert_eq!(&*named.lease, "short.example.org");
}

/// A subnet has an expression of its own, or none; what it says of no value leaves the name as it was.
#[test]
fn subnets_have_their_own() {
    let global = json!({"hostname-expr": "'global'"});
    let named = |context: &Json| {
        let mut world = server(&global, context, &json!({})).unwrap();
        leased(&mut world, &Client::new(1), host_name("laptop")).lease
    };
    assert_eq!(named(&json!({"ddns-tuning": {"hostname-expr": "'guest'"}})), "guest.example.org");
    assert_eq!(named(&json!({"ddns-tuning": {"hostname-expr": ""}})), "laptop.example.org");
    assert_eq!(named(&json!({"ddns-tuning": {"other": 1}, "site": 1})), "global.example.org");
    // The query has no address of the client yet, in Kea neither.
    let guest = "'guest-' + int8totext(substring(pkt4.yiaddr, 0, 1)) + '-' + int8totext(substring(pkt4.yiaddr, 1, 1))";
    assert_eq!(named(&json!({"ddns-tuning": {"hostname-expr": guest}})), "guest-0-0.example.org");
    // The manual's third example takes two bytes for one, which has no value: the name stays, as in Kea.
    let manual = guest.replace("1, 1", "1,2");
    assert_eq!(named(&json!({"ddns-tuning": {"hostname-expr": manual}})), "laptop.example.org");
    assert_eq!(named(&json!({"ddns-tuning": {"hostname-expr": "option[222].text"}})), "laptop.example.org");
}

/// The log tells whose expression it is, in the words that operators look for.
#[test]
fn the_expression_of_a_subnet_is_told_of() {
    let told = |context: &Json| {
        let mut world = server(&json!({"hostname-expr": "'global'"}), context, &json!({})).unwrap();
        let (_, lines) = logged(|| leased(&mut world, &Client::new(1), host_name("laptop")));
        let lines = lines.into_iter().filter(|line| line.id == "DDNS_TUNING_SUBNET_EXPR_CACHED");
        lines.map(|line| line.text).collect::<Vec<_>>()
    };
    let line = "Using subnet expression stored in a cache for subnet 192.0.2.0/24";
    for expression in ["'guest'", ""] {
        let lines = told(&json!({"ddns-tuning": {"hostname-expr": expression}}));
        assert!(!lines.is_empty() && lines.iter().all(|text| text == line), "{lines:?}");
    }
    assert_eq!(told(&json!({"site": 1})), Vec::<String>::new());
}

/// What is no name changes nothing.
#[test]
fn what_is_no_name_is_passed_over() {
    for expression in ["'a..b'", "'.a'"] {
        let named = leased(&mut global(expression), &Client::new(1), host_name("laptop"));
        assert_eq!((&*named.lease, named.updates), ("laptop.example.org", (true, true)), "{expression}");
    }
}

/// Clients of a class have their names, and nobody is told of them but they.
#[test]
fn clients_are_skipped() {
    let class = json!({"client-classes": [{"name": "SKIP_DDNS", "test": "member('KNOWN')"}],
    "subnet4": [{
        "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
        "reservations": [{"client-id": "01:02:03", "ip-address": "192.0.2.150"}],
    }]});
    let reserved = json!({"subnet4": [{
        "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
        "reservations": [{"client-id": "01:02:03", "ip-address": "192.0.2.150", "client-classes": ["SKIP_DDNS", "foo"]}],
    }]});
    for more in [class, reserved] {
        let mut world = server(&json!({}), &json!({}), &more).unwrap();
        let known = Client::new(1).with_id(&[1, 2, 3]);
        let named = leased(&mut world, &known, host_name("laptop"));
        assert_eq!((&*named.lease, named.updates), ("laptop.example.org", (false, false)));
        let named = leased(&mut world, &Client::new(2), host_name("other"));
        assert_eq!((&*named.lease, named.updates), ("other.example.org", (true, true)));
        // N: the server updates nothing.
        let named = leased(&mut world, &known, fqdn(b"\x06laptop\0"));
        assert_eq!(named.updates, (false, false));
        assert_eq!(named.fqdn.map(|(flags, _)| flags), Some(0x0c));
    }
}

#[test]
fn wrong_expressions_are_refused() {
    let refused = server(&json!({"hostname-expr": "'a' =="}), &json!({}), &json!({})).map(|_| ());
    let lines = refused.expect_err("the expression is wrong");
    assert!(lines.iter().any(|line| line.contains("hostname-expr")), "{lines:?}");
    let context = json!({"ddns-tuning": {"hostname-expr": "option[12].exists"}});
    let lines =
        server(&json!({}), &context, &json!({})).map(|_| ()).expect_err("the expression has no value");
    assert!(lines.iter().any(|line| line.contains("192.0.2.0/24")), "{lines:?}");
    let lines =
        server(&json!({"hostname-expr": 1}), &json!({}), &json!({})).map(|_| ()).expect_err("no text");
    assert!(lines.iter().any(|line| line.contains("hostname-expr")), "{lines:?}");
}
