//! What clients get when options are edited: from the text of the parameters to the bytes of the reply.

use kotare_testkit::{Answer, Client, Message, SERVER, Via, World, address};
use kotare_wire::v4::OptionCode;
use serde_json::{Value as Json, json};

use crate::test_world::world;

/// The server of a configuration with these `options`, or what is wrong with them. `more` is put into `Dhcp4`.
fn server(options: &Json, more: &Json) -> Result<World, Vec<String>> {
    let mut dhcp4 = json!({
        "subnet4": [{
            "id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.100 - 192.0.2.199"}],
            "option-data": [{"name": "routers", "data": "192.0.2.1"}],
        }],
        "hooks-libraries": [
            {"library": "/any/where/libdhcp_flex_option.so", "parameters": {"options": options}},
        ],
    });
    for (keyword, value) in more.as_object().unwrap() {
        dhcp4[keyword] = value.clone();
    }
    world(&dhcp4)
}

/// What is wrong with one entry of `options`.
fn refused(entry: &Json) -> String {
    server(&json!([entry]), &json!({})).expect_err(&entry.to_string()).join("\n")
}

fn offer(options: &Json, more: &Json, query: &Message) -> Answer {
    let mut world = server(options, more).unwrap();
    world.send(query, Via::BROADCAST).expect("an offer")
}

/// A DHCPDISCOVER that asks for nothing.
fn discover() -> Message {
    let mut client = Client::new(1);
    client.wants = Vec::new();
    client.discover()
}

fn value(answer: &Answer, code: u8) -> Option<Vec<u8>> {
    answer.option(OptionCode(code))
}

/// The manual's examples: an option from the host name, only if there is one; another netmask for some clients.
#[test]
fn values_come_from_expressions_about_the_query() {
    let options = json!([
        {"code": 67, "add": "ifelse(option[host-name].exists, concat(option[host-name].text, '.boot'), '')"},
        {"code": 1, "supersede": "ifelse(pkt4.mac == 0x020000000001, 0xffffffff, '')"},
    ]);
    let named = offer(&options, &json!({}), &discover().option(OptionCode::HOST_NAME, b"myhost"));
    assert_eq!(value(&named, 67).unwrap(), b"myhost.boot");
    let nameless = offer(&options, &json!({}), &discover());
    assert_eq!(value(&nameless, 67), None);
    assert_eq!(value(&nameless, 1).unwrap(), [255; 4]);
    let another = offer(&options, &json!({}), &Client::new(2).discover());
    assert_eq!(value(&another, 1).unwrap(), [255, 255, 255, 0]);
}

/// `add` leaves what is there, `supersede` does not, `remove` needs its condition to hold; several entries of one
/// option follow one another as written.
#[test]
fn each_action_does_what_it_says() {
    let answer = offer(
        &json!([
            {"code": 3, "add": "0x01020304"},
            {"code": 15, "add": "'added'"},
            {"code": 15, "add": "'again'"},
            {"code": 54, "supersede": "0x0a000001"},
            {"code": 51, "remove": "'a' == 'a'"},
            {"code": 1, "remove": "'a' == 'b'"},
            {"code": 6, "supersede": "''"},
            {"code": 224, "supersede": "'one'"},
            {"code": 224, "supersede": "concat('two', hexstring(pkt4.transid, ':'))"},
            {"code": 224, "remove": "option[224].exists"},
        ]),
        &json!({}),
        &discover(),
    );
    assert_eq!(answer.codes(), [53, 1, 3, 15, 54, 224]);
    assert_eq!(value(&answer, 3).unwrap(), [192, 0, 2, 1]);
    assert_eq!(value(&answer, 15).unwrap(), b"added");
    assert_eq!(value(&answer, 54).unwrap(), [10, 0, 0, 1]);
    assert!(value(&answer, 224).unwrap().starts_with(b"two"));
}

/// `csv-format`: the value is read as the option's definition has it, also one of the configuration's own, also by
/// name and in another space.
#[test]
fn values_can_be_read_by_a_definition() {
    let more = json!({"option-def": [
        {"name": "pair", "code": 230, "type": "record", "record-types": "uint16, string"},
        {"name": "other", "code": 231, "space": "elsewhere", "type": "ipv4-address"},
    ]});
    let options = json!([
        {"name": "domain-search", "csv-format": true, "add": "'example.org, a.example.org'"},
        {"code": 230, "csv-format": true, "add": "'258, some\\, text'"},
        {"name": "other", "space": "elsewhere", "csv-format": true, "add": "addrtotext(0x0a000002)"},
        {"name": "routers", "csv-format": true, "supersede": "'192.0.2.7, 192.0.2.8'"},
    ]);
    let answer = offer(&options, &more, &discover());
    assert_eq!(value(&answer, 119).unwrap(), b"\x07example\x03org\0\x01a\x07example\x03org\0");
    assert_eq!(value(&answer, 230).unwrap(), b"\x01\x02some, text");
    assert_eq!(value(&answer, 231).unwrap(), [10, 0, 0, 2]);
    assert_eq!(value(&answer, 3).unwrap(), [192, 0, 2, 7, 192, 0, 2, 8]);
}

/// A failure ends the processing of the message and leaves what was done before: a value that is none of the option's,
/// an expression without a value, an option that does not fit.
#[test]
fn a_failure_leaves_what_was_done_before() {
    for bad in [
        json!({"code": 42, "csv-format": true, "add": "'no address'"}),
        json!({"code": 42, "add": "int8totext('too long')"}),
        json!({"code": 42, "supersede": format!("'{}'", "x".repeat(3000))}),
    ] {
        let options = json!([{"code": 15, "add": "'before'"}, bad, {"code": 224, "add": "'after'"}]);
        let answer = offer(&options, &json!({}), &discover());
        assert_eq!(answer.codes(), [53, 1, 3, 15, 51, 54], "{bad}");
    }
}

/// `client-class`: only for queries of the class, be it built in, made of the vendor class, tested by an expression, of
/// a template, or of nobody.
#[test]
fn entries_can_be_for_a_class() {
    let more = json!({"client-classes": [
        {"name": "phones", "test": "option[60].text == 'phone'"},
        {"name": "red phones", "test": "member('phones') and option[77].hex == 'red'"},
        {"name": "by-vendor", "template-test": "option[60].text"},
        {"name": "strangers", "test": "member('UNKNOWN')"},
        {"name": "asked", "test": "member('ALL')", "only-in-additional-list": true},
    ]});
    let classes = [
        "ALL",
        "UNKNOWN",
        "KNOWN",
        "VENDOR_CLASS_phone",
        "VENDOR_CLASS_pho",
        "phones",
        "red phones",
        "by-vendor",
        "SPAWN_by-vendor_phone",
        "SPAWN_by-vendor_x",
        "strangers",
        "asked",
        "nobody's",
    ];
    let entries = classes.iter().zip(200..);
    let options: Vec<_> =
        entries.map(|(class, code)| json!({"code": code, "add": "'x'", "client-class": class})).collect();
    let members = |query: &Message| {
        let answer = offer(&json!(options), &more, query);
        let there = classes.iter().zip(200..).filter(|(_, code)| value(&answer, *code).is_some());
        there.map(|(class, _)| *class).collect::<Vec<_>>()
    };
    let phone = || discover().option(OptionCode(60), b"phone");
    let by_vendor = ["by-vendor", "SPAWN_by-vendor_phone", "strangers"];
    assert_eq!(members(&discover()), ["ALL", "UNKNOWN", "strangers"]);
    assert_eq!(
        members(&phone()),
        [&["ALL", "UNKNOWN", "VENDOR_CLASS_phone", "phones"][..], &by_vendor].concat()
    );
    let red = phone().option(OptionCode(77), b"red");
    assert!(members(&red).contains(&"red phones"));
    // The same in an expression.
    let options = json!([{"code": 15, "add": "ifelse(member('red phones'), 'red', 'other')"}]);
    assert_eq!(value(&offer(&options, &more, &red), 15).unwrap(), b"red");
    assert_eq!(value(&offer(&options, &more, &phone()), 15).unwrap(), b"other");
}

/// `sub-options`: added to, replaced in and taken out of an option; the option is made for the first of them and goes
/// with the last, unless that is not wanted.
#[test]
fn sub_options_are_edited() {
    let data = |entries: Json| {
        json!({"option-data": entries, "option-def": [
            {"name": "foo", "code": 1, "space": "vendor-encapsulated-options-space", "type": "string"},
            {"name": "bar", "code": 2, "space": "vendor-encapsulated-options-space", "type": "uint16"},
        ]})
    };
    let there = data(json!([
        {"name": "vendor-encapsulated-options", "always-send": true},
        {"space": "vendor-encapsulated-options-space", "name": "foo", "data": "old"},
    ]));
    let in_43 = |more: &Json, sub_options: Json| {
        let options = json!([{"code": 43, "sub-options": sub_options}]);
        value(&offer(&options, more, &discover()), 43)
    };
    let old = b"\x01\x03old";
    for (more, sub_option, expected) in [
        (json!({}), json!({"code": 1, "add": "'foobar'"}), Some(&b"\x01\x06foobar"[..])),
        (json!({}), json!({"code": 1, "add": "'foobar'", "container-add": false}), None),
        (json!({}), json!({"code": 1, "supersede": "'foobar'"}), Some(b"\x01\x06foobar")),
        (json!({}), json!({"code": 1, "supersede": "'foobar'", "container-add": false}), None),
        (json!({}), json!({"code": 1, "add": "''"}), None),
        (json!({}), json!({"code": 1, "remove": "'a' == 'a'"}), None),
        (there.clone(), json!({"code": 1, "add": "'new'"}), Some(old)),
        (
            there.clone(),
            json!({"name": "bar", "csv-format": true, "add": "'258'"}),
            Some(b"\x01\x03old\x02\x02\x01\x02"),
        ),
        (there.clone(), json!({"code": 1, "supersede": "'new'"}), Some(b"\x01\x03new")),
        (there.clone(), json!({"code": 1, "remove": "'a' == 'a'"}), None),
        (there.clone(), json!({"code": 1, "remove": "'a' == 'b'"}), Some(old)),
        (there.clone(), json!({"code": 1, "remove": "'a' == 'a'", "container-remove": false}), Some(b"")),
        (there.clone(), json!({"code": 7, "remove": "'a' == 'a'"}), Some(old)),
        (there, json!({"code": 0, "add": "'x'", "client-class": "KNOWN"}), Some(old)),
    ] {
        assert_eq!(in_43(&more, json!([sub_option])).as_deref(), expected, "{sub_option}");
    }
    // By code, whatever the order written.
    let two = json!([{"code": 9, "add": "'b'"}, {"code": 2, "add": "'a'"}]);
    assert_eq!(in_43(&json!({}), two).unwrap(), b"\x02\x01a\x09\x01b");
}

/// Option 125: sub-options of one vendor. What is another vendor's is left alone.
#[test]
fn sub_options_of_vendors_are_edited() {
    let docsis = |vendor: u32| {
        json!([{"code": 125, "sub-options": [
            {"space": format!("vendor-{vendor}"), "code": 2, "supersede": "'x'"},
            {"space": format!("vendor-{vendor}"), "code": 5, "remove": "option[125].exists or 'a' == 'a'"},
        ]}])
    };
    let made = offer(&docsis(4491), &json!({}), &discover());
    assert_eq!(value(&made, 125).unwrap(), b"\0\0\x11\x8b\x03\x02\x01x");
    let there = json!({
        "option-def": [{"name": "n", "code": 5, "space": "vendor-4491", "type": "string"}],
        "option-data": [
            {"name": "vivso-suboptions", "data": "4491", "always-send": true},
            {"name": "n", "space": "vendor-4491", "data": "old", "always-send": true},
        ],
    });
    let changed = offer(&docsis(4491), &there, &discover());
    assert_eq!(value(&changed, 125).unwrap(), b"\0\0\x11\x8b\x03\x02\x01x");
    let other = offer(&docsis(9), &there, &discover());
    assert_eq!(value(&other, 125).unwrap(), b"\0\0\x11\x8b\x05\x05\x03old");
}

/// `source`: expressions can be about the response as it is so far.
#[test]
fn expressions_can_be_about_the_response() {
    let answer = offer(
        &json!([
            {"code": 15, "add": "concat('gw-', addrtotext(option[3].hex))", "source": "response"},
            {"code": 224, "add": "concat(hexstring(pkt4.yiaddr, ''), hexstring(pkt.dst, ''))", "source": "response"},
            {"code": 225, "add": "ifelse(member('ALL'), option[15].text, '')", "source": "response"},
            {"code": 226, "add": "ifelse(option[3].exists, 'x', '')"},
            {"code": 227, "add": "uint32totext(pkt4.msgtype)", "source": "response"},
            {"code": 51, "remove": "pkt4.msgtype == 2", "source": "response"},
        ]),
        &json!({}),
        &discover(),
    );
    assert_eq!(answer.codes(), [53, 1, 3, 15, 54, 224, 225, 227]);
    assert_eq!(value(&answer, 15).unwrap(), b"gw-192.0.2.1");
    assert_eq!(value(&answer, 224).unwrap(), b"c0000264c00002fe");
    assert_eq!(value(&answer, 225).unwrap(), b"gw-192.0.2.1");
}

/// `destination`: the query can be changed before it is looked at, so that the server answers to what it was made.
#[test]
fn queries_can_be_changed() {
    let options = json!([
        {"code": 55, "supersede": "0x0f", "destination": "query"},
        {"code": 12, "add": "'given'", "destination": "query"},
        {"code": 61, "remove": "option[61].hex == 'unwanted'", "destination": "query"},
        {"code": 43, "destination": "query", "sub-options": [{"code": 3, "add": "'x'"}]},
        {"code": 224, "add": "concat(option[12].text, option[43].hex)"},
    ]);
    let more = json!({"option-data": [{"name": "domain-name", "data": "example.org"}]});
    let mut world = server(&options, &more).unwrap();
    let query = Client::new(1).with_id(b"unwanted").request();
    let answer = world.send(&query, Via::BROADCAST).unwrap();
    assert_eq!(value(&answer, 12).unwrap(), b"given");
    assert_eq!(value(&answer, 15).unwrap(), b"example.org");
    assert_eq!(value(&answer, 224).unwrap(), b"given\x03\x01x");
    assert_eq!(value(&answer, 61), None);
    let lease = world.store.lease(answer.yiaddr()).unwrap();
    assert_eq!((lease.client_id, lease.hostname), (None, "given".into()));
}

/// DHCPACKs and DHCPNAKs are replies, too.
#[test]
fn all_replies_are_edited() {
    let mut world = server(&json!([{"code": 224, "add": "'x'"}]), &json!({})).unwrap();
    let client = Client::new(1);
    let ack = world.send(&client.inform(address("192.0.2.7")), Via::unicast(address("192.0.2.7"))).unwrap();
    let nak = world.send(&client.renew(address("10.9.9.9")), Via::unicast(address("10.9.9.9"))).unwrap();
    assert_eq!([&ack, &nak].map(|answer| value(answer, 224).is_some()), [true, true]);
    assert_eq!(nak.codes(), [53, 54, 224]);
    assert_eq!(SERVER.octets(), *value(&nak, 54).unwrap());
}

/// What is wrong is told with its place, in Kea's words where there is but one way to say it.
#[test]
fn wrong_entries_are_refused() {
    for (entry, expected) in [
        (json!({"add": "'x'"}), "'code' or 'name' must be specified"),
        (json!({"code": 256, "add": "'x'"}), "between 0 and 255"),
        (json!({"code": 0, "add": "'x'"}), "invalid 'code' value 0: reserved for PAD"),
        (json!({"code": 255, "add": "'x'"}), "invalid 'code' value 255: reserved for END"),
        (json!({"name": "", "add": "'x'"}), "'name' must not be empty"),
        (json!({"name": "nothing", "add": "'x'"}), "no known 'nothing' option in 'dhcp4' space"),
        (
            json!({"name": "routers", "code": 4, "add": "'x'"}),
            "option 'routers' is defined as code: 3, not the specified code: 4",
        ),
        (
            json!({"code": 222, "csv-format": true, "add": "'x'"}),
            "no known option with code '222' in 'dhcp4' space",
        ),
        (json!({"code": 3, "space": "a b", "add": "'x'"}), "'a b' is not a valid space name"),
        (json!({"code": 3}), "no action"),
        (json!({"code": 3, "add": "'x'", "remove": "'a' == 'a'"}), "multiple actions"),
        (json!({"code": 3, "add": ""}), "'add' must not be empty"),
        (json!({"code": 3, "add": "'a' == 'a'"}), "can't parse add expression ['a' == 'a'] error: "),
        (json!({"code": 3, "remove": "'a'"}), "can't parse remove expression ['a'] error: "),
        (
            json!({"code": 3, "add": "'x'", "sub-options": []}),
            "'sub-options' and 'add' are incompatible in the same entry",
        ),
        (json!({"code": 3, "add": "'x'", "source": "request"}), "source"),
        (
            json!({"code": 3, "add": "'x'", "source": "response", "destination": "query"}),
            "destination 'query' requires source 'query'",
        ),
        (json!({"code": 3, "ad": "'x'"}), "unknown keyword \"ad\""),
        (
            json!({"code": 222, "sub-options": [{"code": 1, "add": "'x'"}]}),
            "container is not defined: can't get space",
        ),
        (
            json!({"code": 3, "sub-options": [{"code": 1, "add": "'x'"}]}),
            "container does not encapsulate a space",
        ),
        (
            json!({"code": 43, "sub-options": [{"name": "nothing", "add": "'x'"}]}),
            "no known 'nothing' sub-option in 'vendor-encapsulated-options-space' space",
        ),
        (
            json!({"code": 43, "sub-options": [{"code": 1, "csv-format": true, "add": "'x'"}]}),
            "no known sub-option with code '1' in 'vendor-encapsulated-options-space' space",
        ),
        (
            json!({"code": 43, "sub-options": [{"code": 1, "add": "'x'"}, {"code": 1, "add": "'y'"}]}),
            "sub-option 1 of option 43 was already specified",
        ),
    ] {
        let text = refused(&entry);
        assert!(text.contains(expected), "{entry}: {text}");
    }
    let missing = server(&json!(null), &json!({"hooks-libraries": [{"library": "libdhcp_flex_option.so"}]}));
    assert!(missing.unwrap_err()[0].contains("options"));
}
