//! Client classes: what a message belongs to at each step (manual, "Client Classification").

use kotare_engine::v4::ReplyKind;
use kotare_testkit::{Client, Message, Via, World, configured, logged, relayed};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

/// A server of 192.0.2.0/24 with `more` in its configuration.
pub(crate) fn world(more: &Json) -> World {
    let mut dhcp4 = json!({
        "valid-lifetime": 4000,
        "cache-threshold": 0.0,
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}]}],
    });
    for (keyword, value) in more.as_object().unwrap() {
        dhcp4[keyword] = value.clone();
    }
    World::new(configured(&dhcp4))
}

/// The classes a message ends up in, in order, as the log has them.
fn classes(world: &mut World, message: &Message, via: Via) -> String {
    let lines = logged(|| world.send(message, via)).1;
    let line = lines.iter().find(|line| line.id == "DHCP4_CLASSES_ASSIGNED").expect("an answer");
    line.text.split_once("following classes: ").expect("classes").1.to_owned()
}

fn of_vendor(message: Message, vendor: &[u8]) -> Message {
    message.option(OptionCode::VENDOR_CLASS_IDENTIFIER, vendor)
}

/// "Classification Steps": built-in classes, tests in the order written, whether the client is known, what depends on
/// that, what is asked for late. The order is that of coming to belong.
#[test]
fn classes_come_step_by_step() {
    let mut world = world(&json!({
        "client-classes": [
            {"name": "strangers", "test": "not member('KNOWN') and member('UNKNOWN')"},
            {"name": "phones", "test": "substring(option[60].hex, 0, 5) == 'phone'"},
            {"name": "red", "test": "member('phones') and option[77].hex == 'red'"},
            {"name": "late", "test": "member('red')", "only-in-additional-list": true},
            {"name": "later", "test": "member('late')", "only-in-additional-list": true},
            {"name": "unasked", "test": "member('ALL')", "only-in-additional-list": true},
            {"name": "anybody"},
        ],
        "shared-networks": [{
            "name": "net", "evaluate-additional-classes": ["later", "late", "nobody"],
            "subnet4": [{
                "id": 1, "subnet": "192.0.2.0/24", "evaluate-additional-classes": ["late", "anybody"],
                "pools": [{"pool": "192.0.2.100 - 192.0.2.199", "evaluate-additional-classes": ["anybody"]}],
            }],
        }],
        "subnet4": [],
    }));
    let client = Client::new(1);
    let plain = classes(&mut world, &client.discover(), Via::BROADCAST);
    assert_eq!(plain, "ALL, UNKNOWN, strangers, anybody");
    let phone = of_vendor(client.discover(), b"phone 7\0");
    let red = phone.clone().option(OptionCode(77), b"red");
    assert_eq!(
        classes(&mut world, &phone, Via::BROADCAST),
        "ALL, VENDOR_CLASS_phone%207, phones, UNKNOWN, strangers, anybody"
    );
    // Pool, subnet, network: `late` is known when `later` asks for it.
    assert_eq!(
        classes(&mut world, &red, Via::BROADCAST),
        "ALL, VENDOR_CLASS_phone%207, phones, red, UNKNOWN, strangers, anybody, late, later"
    );
    // A DHCPINFORM gets no address, so no pool asks for anything, but its subnet does.
    let inform = client.inform([192, 0, 2, 7].into());
    let inform = classes(&mut world, &inform, Via::unicast([192, 0, 2, 7].into()));
    assert_eq!(inform, "ALL, UNKNOWN, strangers, anybody");
}

/// "Template Classes": the class of the value comes before the template's own, and can be asked for.
#[test]
fn templates_make_classes_of_values() {
    let mut world = world(&json!({
        "client-classes": [
            {"name": "who", "template-test": "substring(option[60].hex, 0, all)"},
            {"name": "SPAWN_who_you", "test": "option[99].exists"},
            {"name": "asks", "test": "member('SPAWN_who_you')"},
            {"name": "for-a-space", "template-test": "ifelse(member('SPAWN_who_a%20b'), 'x', '')"},
        ],
    }));
    let client = Client::new(1);
    let mut of = |vendor: &[u8]| {
        let message = of_vendor(client.discover(), vendor);
        classes(&mut world, &message, Via::BROADCAST)
    };
    assert_eq!(of(b"me"), "ALL, VENDOR_CLASS_me, SPAWN_who_me, who, UNKNOWN");
    assert_eq!(of(b"you"), "ALL, VENDOR_CLASS_you, SPAWN_who_you, who, asks, UNKNOWN");
    assert_eq!(
        of(b"a b"),
        "ALL, VENDOR_CLASS_a%20b, SPAWN_who_a%20b, who, SPAWN_for-a-space_x, for-a-space, UNKNOWN"
    );
    assert_eq!(classes(&mut world, &client.discover(), Via::BROADCAST), "ALL, UNKNOWN");
}

/// A test that cannot be evaluated leaves the message out of its class, and is told as an error.
#[test]
fn tests_that_fail_are_told() {
    let mut world = world(&json!({
        "client-classes": [
            {"name": "odd", "test": "addrtotext(option[60].hex) == ''"},
            {"name": "odder", "template-test": "addrtotext(option[60].hex)"},
            {"name": "late", "test": "uint16totext(option[60].hex) == ''", "only-in-additional-list": true},
        ],
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
            "evaluate-additional-classes": ["late"],
        }],
    }));
    let message = of_vendor(Client::new(1).discover(), b"odd");
    let (answer, lines) = logged(|| world.send(&message, Via::BROADCAST));
    assert!(answer.is_some());
    let errors: Vec<_> = lines.iter().filter(|line| line.id.ends_with("EVAL_ERROR")).collect();
    let ids: Vec<_> = errors.iter().map(|line| line.id).collect();
    assert_eq!(
        ids,
        ["DHCPSRV_EVAL_ERROR", "DHCPSRV_TEMPLATE_EVAL_ERROR", "DHCP4_ADDITIONAL_CLASS_EVAL_ERROR"]
    );
    assert!(errors[0].text.contains("Expression 'odd' evaluated to "), "{}", errors[0].text);
}

/// `DROP`: such a message is not answered, whether that is known at once or when reservations were looked up.
#[test]
fn drop_is_not_answered() {
    for (test, id) in [
        ("option[60].hex == 'bad'", "DHCP4_PACKET_DROP_0010"),
        ("option[60].hex == 'bad' and member('UNKNOWN')", "DHCP4_PACKET_DROP_0013"),
    ] {
        let mut world = world(&json!({"client-classes": [{"name": "DROP", "test": test}]}));
        let message = of_vendor(Client::new(1).discover(), b"bad");
        let (answer, lines) = logged(|| world.send(&message, Via::BROADCAST));
        assert!(answer.is_none());
        assert!(lines.iter().any(|line| line.id == id), "{lines:?}");
        assert_eq!(world.stat("pkt4-admin-filtered"), 1);
        assert_eq!(world.stat("pkt4-receive-drop"), 1);
        assert!(world.send(&Client::new(1).discover(), Via::BROADCAST).is_some());
    }
}

/// `REJECT`: a DHCPREQUEST is refused, a DHCPDISCOVER gets nothing.
#[test]
fn reject_is_refused() {
    let mut world =
        world(&json!({"client-classes": [{"name": "REJECT", "test": "option[60].hex == 'bad'"}]}));
    let client = Client::new(1);
    let offer = world.send(&client.discover(), Via::BROADCAST).unwrap();
    let (nak, lines) = logged(|| world.send(&of_vendor(client.select(&offer), b"bad"), Via::BROADCAST));
    assert_eq!(nak.unwrap().kind, ReplyKind::Nak);
    assert!(lines.iter().any(|line| line.id == "DHCP4_PACKET_NAK_0005"));
    assert!(world.send(&of_vendor(client.discover(), b"bad"), Via::BROADCAST).is_none());
    assert!(world.send(&client.select(&offer), Via::BROADCAST).is_some());
}

/// Tests see what a relay said, and what it said of the lease when a renewal comes without it.
#[test]
fn relays_say_what_clients_belong_to() {
    let mut world = world(&json!({
        "stash-agent-options": true, "store-extended-info": true,
        "client-classes": [{"name": "port 7", "test": "relay4[1].hex == '7'"}],
    }));
    let relay = [192, 0, 2, 1].into();
    let (client, agent) = (Client::new(1), [1, 1, b'7']);
    let offer = world.send(&relayed(client.discover(), relay, &agent), Via::relay(relay)).unwrap();
    let select = relayed(client.select(&offer), relay, &agent);
    assert_eq!(classes(&mut world, &select, Via::relay(relay)), "ALL, port 7, UNKNOWN");
    let leased = offer.yiaddr();
    assert_eq!(
        classes(&mut world, &client.renew(leased), Via::unicast(leased)),
        "ALL, STASH_AGENT_OPTIONS, port 7, UNKNOWN"
    );
}
