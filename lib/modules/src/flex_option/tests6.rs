//! What clients of DHCPv6 get when options are edited: from the text of the parameters to the bytes of the reply.

use std::net::Ipv6Addr;

use kotare_testkit::v6::{Associated, Client, Message, Relay, relayed};
use kotare_wire::v6::{Index, Message as View, MessageType, OptionCode};
use serde_json::{Value as Json, json};

use crate::test_server6::TestServer6;

const SERVER: &[u8] = &[0, 3, 0, 1, 2, 3];

/// The server of a configuration with these `options`, or what is wrong with them. `more` is put into `Dhcp6`.
fn server(options: &Json, more: &Json) -> Result<TestServer6, Vec<String>> {
    let mut dhcp6 = json!({
        "subnet6": [{
            "id": 1, "subnet": "2001:db8:1::/64", "interface": "eth0", "rapid-commit": true,
            "pools": [{"pool": "2001:db8:1::10 - 2001:db8:1::1f"}],
            "pd-pools": [{"prefix": "2001:db8:f000::", "prefix-len": 40, "delegated-len": 56}],
            "option-data": [{"name": "dns-servers", "data": "2001:db8::53", "always-send": true}],
        }],
        "hooks-libraries": [
            {"library": "/any/where/libdhcp_flex_option.so", "parameters": {"options": options}},
        ],
    });
    for (keyword, value) in more.as_object().unwrap() {
        dhcp6[keyword] = value.clone();
    }
    TestServer6::configured(&dhcp6)
}

/// The options of a reply, in the order in which they stand.
#[derive(Debug)]
struct Answer(Vec<(u16, Vec<u8>)>);

impl Answer {
    fn of(reply: &[u8]) -> Self {
        let mut index = Index::new();
        let view = View::parse(reply, &mut index).expect("a message");
        assert!(!view.cut_short());
        Self(view.options().map(|(code, value)| (code.0, value.to_vec())).collect())
    }

    fn codes(&self) -> Vec<u16> {
        self.0.iter().map(|(code, _)| *code).collect()
    }

    fn all(&self, code: u16) -> Vec<&[u8]> {
        self.0.iter().filter(|(at, _)| *at == code).map(|(_, value)| &value[..]).collect()
    }

    /// The value of the only option of a code.
    fn value(&self, code: u16) -> Option<&[u8]> {
        let all = self.all(code);
        assert!(all.len() < 2, "{all:?}");
        all.first().copied()
    }
}

fn ask(options: &Json, more: &Json, message: &Message) -> Answer {
    let server = server(options, more).unwrap_or_else(|errors| panic!("{errors:?}"));
    Answer::of(&server.send(&message.bytes()).expect("a reply"))
}

/// An INFORMATION-REQUEST that asks for nothing: the reply has the identifiers of client and server, and name servers.
fn inform() -> Message {
    client().information_request()
}

fn client() -> Client {
    let mut client = Client::new(1);
    client.wants = Vec::new();
    client
}

/// A vendor's option of another message: its number, and a sub-option.
fn vendor_option(vendor: u32, code: u16, value: &[u8]) -> Vec<u8> {
    [&vendor.to_be_bytes()[..], &sub_option(code, value)].concat()
}

fn sub_option(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &(value.len() as u16).to_be_bytes(), value].concat()
}

/// `add` leaves what is there, `supersede` does not, `remove` needs its condition to hold, nothing is done with an empty
/// value; several entries of one option follow one another as written. Codes of more than a byte are options, too.
#[test]
fn each_action_does_what_it_says() {
    let answer = ask(
        &json!([
            {"code": 23, "add": "0x01"},
            {"name": "bootfile-url", "add": "ifelse(option[16].exists, 'tftp://' + option[16].hex, '')"},
            {"code": 60, "add": "ifelse(option[1].exists, 'x', '')"},
            {"code": 60, "add": "'again'"},
            {"code": 7, "supersede": "''"},
            {"code": 2, "supersede": "0x00020000"},
            {"code": 1, "remove": "'a' == 'b'"},
            {"code": 65000, "supersede": "'one'"},
            {"code": 65000, "supersede": "concat('two', hexstring(pkt6.transid, ':'))"},
            {"code": 65001, "add": "'x'"},
            {"code": 65001, "remove": "option[1].exists"},
        ]),
        &json!({}),
        &inform(),
    );
    assert_eq!(answer.codes(), [1, 2, 23, 60, 65000]);
    assert_eq!(answer.value(23).unwrap(), "2001:db8::53".parse::<Ipv6Addr>().unwrap().octets());
    assert_eq!(answer.value(60).unwrap(), b"x");
    assert_eq!(answer.value(2).unwrap(), [0, 2, 0, 0]);
    assert!(answer.value(65000).unwrap().starts_with(b"two"));
    let removed = ask(&json!([{"code": 23, "remove": "'a' == 'a'"}]), &json!({}), &inform());
    assert_eq!(removed.codes(), [1, 2]);
}

/// All options of a code are superseded by one, and removed together.
#[test]
fn associations_are_options_like_others() {
    let query = || client().solicit().ia(2, Associated::Addresses(&[])).ia(3, Associated::Prefixes(&[]));
    let plain = ask(&json!([]), &json!({}), &query());
    assert_eq!((plain.all(3).len(), plain.all(25).len()), (2, 1));
    let answer = ask(
        &json!([{"code": 3, "supersede": "0x000000070000000100000002"}, {"code": 25, "remove": "'a' == 'a'"}]),
        &json!({}),
        &query(),
    );
    assert_eq!(answer.value(3).unwrap(), [0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2]);
    assert_eq!(answer.all(25), [&[0; 0]; 0]);
}

/// `csv-format`: the value is read as the option's definition has it, also one of the configuration's own, also by name
/// and in another space.
#[test]
fn values_can_be_read_by_a_definition() {
    let more = json!({"option-def": [
        {"name": "pair", "code": 230, "type": "record", "record-types": "uint16, string"},
        {"name": "other", "code": 300, "space": "elsewhere", "type": "ipv6-address", "array": true},
    ]});
    let options = json!([
        {"name": "domain-search", "csv-format": true, "add": "'example.org, a.example.org'"},
        {"code": 230, "csv-format": true, "add": "'258, some\\, text'"},
        {"name": "other", "space": "elsewhere", "csv-format": true, "add": "'2001:db8::1,2001:db8::2'"},
        {"name": "dns-servers", "csv-format": true, "supersede": "addrtotext(0x20010db8000000000000000000000007)"},
    ]);
    let answer = ask(&options, &more, &inform());
    assert_eq!(answer.value(24).unwrap(), b"\x07example\x03org\0\x01a\x07example\x03org\0");
    assert_eq!(answer.value(230).unwrap(), b"\x01\x02some, text");
    assert_eq!(answer.value(300).unwrap().len(), 32);
    assert_eq!(answer.value(23).unwrap(), "2001:db8::7".parse::<Ipv6Addr>().unwrap().octets());
}

/// A failure ends the processing of the message and leaves what was done before: a value that is none of the option's,
/// an expression without a value, an option that does not fit.
#[test]
fn a_failure_leaves_what_was_done_before() {
    for bad in [
        json!({"code": 31, "csv-format": true, "add": "'no address'"}),
        json!({"code": 31, "add": "int8totext('too long')"}),
        json!({"code": 31, "supersede": format!("'{}'", "x".repeat(5000))}),
    ] {
        let options = json!([{"code": 7, "add": "0x01"}, bad, {"code": 224, "add": "'after'"}]);
        assert_eq!(ask(&options, &json!({}), &inform()).codes(), [1, 2, 7, 23], "{bad}");
    }
}

/// `client-class`: only for queries of the class, be it built in, made of the vendor class, tested by an expression, or of
/// nobody. Expressions can ask for classes, too.
#[test]
fn entries_can_be_for_a_class() {
    let more = json!({"client-classes": [
        {"name": "phones", "test": "option[16].exists"},
        {"name": "strangers", "test": "member('UNKNOWN')"},
    ]});
    let classes = ["ALL", "UNKNOWN", "KNOWN", "VENDOR_CLASS_phone", "phones", "strangers", "nobody's"];
    let entries = classes.iter().zip(200..);
    let mut options: Vec<_> =
        entries.map(|(class, code)| json!({"code": code, "add": "'x'", "client-class": class})).collect();
    options.push(json!({"code": 300, "add": "ifelse(member('phones'), 'yes', 'no')", "source": "response"}));
    options.push(json!({"code": 17, "client-class": "phones", "sub-options": [
        {"space": "vendor-9", "code": 1, "add": "'x'"},
        {"space": "vendor-9", "code": 2, "add": "'x'", "client-class": "nobody's"},
    ]}));
    let members = |message: &Message| {
        let answer = ask(&json!(options), &more, message);
        let there = classes.iter().zip(200..).filter(|(_, code)| answer.value(*code).is_some());
        let of_vendor = answer.value(17).map(<[u8]>::to_vec);
        (there.map(|(class, _)| *class).collect::<Vec<_>>(), answer.value(300).unwrap().to_vec(), of_vendor)
    };
    // Who has a reservation is looked up where leases are asked for.
    let solicit = || client().solicit();
    assert_eq!(members(&solicit()), (vec!["ALL", "UNKNOWN", "strangers"], b"no".to_vec(), None));
    let phone = solicit().option(OptionCode(16), b"\0\0\0\x09\0\x05phone");
    let expected = vec!["ALL", "UNKNOWN", "VENDOR_CLASS_phone", "phones", "strangers"];
    assert_eq!(members(&phone), (expected, b"yes".to_vec(), Some(vendor_option(9, 1, b"x"))));
}

/// `sub-options`: added to, replaced in and taken out of an option; the option is made for the first of them and goes with
/// the last, unless that is not wanted.
#[test]
fn sub_options_are_edited() {
    let definitions = json!([
        {"name": "outer", "code": 1000, "type": "uint16", "encapsulate": "inside"},
        {"name": "foo", "code": 300, "space": "inside", "type": "string"},
        {"name": "bar", "code": 2, "space": "inside", "type": "uint16"},
    ]);
    let none = json!({"option-def": definitions});
    let there = json!({"option-def": definitions, "option-data": [
        {"name": "outer", "data": "7", "always-send": true},
        {"space": "inside", "name": "foo", "data": "old"},
    ]});
    let old = [&[0, 7][..], &sub_option(300, b"old")].concat();
    for (more, sub, expected) in [
        (&none, json!({"code": 300, "add": "'foobar'"}), Some(sub_option(300, b"foobar"))),
        (&none, json!({"code": 300, "add": "'foobar'", "container-add": false}), None),
        (&none, json!({"name": "foo", "supersede": "'foobar'"}), Some(sub_option(300, b"foobar"))),
        (&none, json!({"code": 300, "supersede": "'foobar'", "container-add": false}), None),
        (&none, json!({"code": 300, "add": "''"}), None),
        (&none, json!({"code": 300, "remove": "'a' == 'a'"}), None),
        (&there, json!({"code": 300, "add": "'new'"}), Some(old.clone())),
        (
            &there,
            json!({"name": "bar", "csv-format": true, "add": "'258'"}),
            Some([&[0, 7][..], &sub_option(2, &[1, 2]), &old[2..]].concat()),
        ),
        (
            &there,
            json!({"code": 300, "supersede": "'new'"}),
            Some([&[0, 7][..], &sub_option(300, b"new")].concat()),
        ),
        (&there, json!({"code": 300, "remove": "'a' == 'a'"}), None),
        (&there, json!({"code": 300, "remove": "'a' == 'b'"}), Some(old.clone())),
        (&there, json!({"code": 300, "remove": "'a' == 'a'", "container-remove": false}), Some(vec![0, 7])),
        (&there, json!({"code": 7, "remove": "'a' == 'a'"}), Some(old.clone())),
    ] {
        let answer = ask(&json!([{"name": "outer", "sub-options": [sub]}]), more, &inform());
        assert_eq!(answer.value(1000), expected.as_deref(), "{sub}");
    }
    // By code, whatever the order written.
    let two = json!([{"code": 1000, "sub-options": [{"code": 9, "add": "'b'"}, {"code": 2, "add": "'a'"}]}]);
    let expected = [sub_option(2, b"a"), sub_option(9, b"b")].concat();
    assert_eq!(ask(&two, &none, &inform()).value(1000).unwrap(), expected);
}

/// What is in an association are options as a message has them, whose space has to be named. Of several associations the
/// first is meant, as in Kea; the others stay.
#[test]
fn associations_have_sub_options() {
    let query = client().solicit().ia(2, Associated::Addresses(&[]));
    let plain = ask(&json!([]), &json!({}), &query);
    let options = json!([{"name": "ia-na", "sub-options": [
        {"space": "dhcp6", "name": "status-code", "add": "0x0000 + 'fine'"},
        {"space": "dhcp6", "name": "iaaddr", "remove": "option[3].exists", "container-remove": false},
    ]}]);
    let answer = ask(&options, &json!({}), &query);
    let [first, second] = answer.all(3)[..] else { panic!("{answer:?}") };
    assert_eq!((&first[..4], &first[12..]), (&[0, 0, 0, 1][..], &sub_option(13, b"\0\0fine")[..]));
    assert_eq!(second, plain.all(3)[1]);
    let emptied =
        json!([{"code": 3, "sub-options": [{"space": "dhcp6", "code": 5, "remove": "'a' == 'a'"}]}]);
    assert_eq!(ask(&emptied, &json!({}), &query).all(3), [plain.all(3)[1]]);
}

/// Option 17: sub-options of one vendor, of which the first option of the reply is. What is another vendor's is left alone.
#[test]
fn sub_options_of_vendors_are_edited() {
    let of_vendor = |vendor: u32| {
        json!([{"code": 17, "sub-options": [
            {"space": format!("vendor-{vendor}"), "code": 32, "supersede": "0x0102"},
            {"space": format!("vendor-{vendor}"), "code": 5, "remove": "'a' == 'a'"},
        ]}])
    };
    let made = ask(&of_vendor(4491), &json!({}), &inform());
    assert_eq!(made.value(17).unwrap(), vendor_option(4491, 32, &[1, 2]));
    let there = json!({
        "option-def": [{"name": "n", "code": 5, "space": "vendor-9", "type": "string"}],
        "option-data": [
            {"name": "vendor-opts", "data": "9", "always-send": true},
            {"name": "n", "space": "vendor-9", "data": "old", "always-send": true},
        ],
    });
    let old = vendor_option(9, 5, b"old");
    assert_eq!(ask(&json!([]), &there, &inform()).value(17).unwrap(), old);
    let changed = ask(&of_vendor(9), &there, &inform());
    assert_eq!(changed.value(17).unwrap(), vendor_option(9, 32, &[1, 2]));
    assert_eq!(ask(&of_vendor(4491), &there, &inform()).value(17).unwrap(), old);
    // The definitions of a vendor are known by name.
    let named = json!([{"name": "vendor-opts", "sub-options": [
        {"space": "vendor-4491", "name": "tftp-servers", "csv-format": true, "add": "'2001:db8::6'"},
    ]}]);
    let expected = vendor_option(4491, 32, &"2001:db8::6".parse::<Ipv6Addr>().unwrap().octets());
    assert_eq!(ask(&named, &json!({}), &inform()).value(17).unwrap(), expected);
}

/// Another vendor's option of the same message stays where the first one goes.
#[test]
fn options_of_other_vendors_stay() {
    let query = inform()
        .option(OptionCode(17), &vendor_option(9, 1, b"a"))
        .option(OptionCode(17), &vendor_option(8, 1, b"b"));
    let answer = ask(
        &json!([
            {"code": 17, "destination": "query", "sub-options": [
                {"space": "vendor-9", "code": 1, "remove": "vendor[9].option[1].exists"},
                {"space": "vendor-8", "code": 2, "add": "'c'"},
            ]},
            {"code": 224, "add": "vendor[8].option[1].hex + vendor[8].option[2].hex"},
            {"code": 225, "add": "ifelse(vendor[9].exists, 'there', 'gone')"},
        ]),
        &json!({}),
        &query,
    );
    assert_eq!((answer.value(224).unwrap(), answer.value(225).unwrap()), (&b"bc"[..], &b"gone"[..]));
}

/// `source`: expressions can be about the response as it is so far, with what relay agents get.
#[test]
fn expressions_can_be_about_the_response() {
    let options = json!([
        {"code": 22, "add": "concat('dns-', addrtotext(option[23].hex))", "source": "response"},
        {"code": 225, "add": "uint8totext(substring(pkt6.msgtype, 3, 1))", "source": "response"},
        {"code": 226, "add": "uint8totext(substring(pkt6.msgtype, 3, 1))"},
        {"code": 227, "add": "addrtotext(relay6[0].peeraddr) + relay6[0].option[18].hex", "source": "response"},
        {"code": 228, "add": "option[22].hex + hexstring(pkt.len, '')", "source": "response"},
        {"code": 23, "remove": "pkt6.msgtype == 7", "source": "response"},
        {"code": 229, "add": "option[22].hex"},
    ]);
    let server = server(&options, &json!({})).unwrap();
    let relay = Relay::new("2001:db8:1::1".parse().unwrap(), "fe80::7".parse().unwrap())
        .option(OptionCode::INTERFACE_ID, b"port");
    let reply = server.send(&relayed(&inform().bytes(), &relay)).unwrap();
    let answer = Answer::of(&reply);
    assert_eq!(answer.codes(), [1, 2, 22, 225, 226, 227, 228], "{answer:?}");
    assert_eq!(answer.value(22).unwrap(), b"dns-2001:db8::53");
    assert_eq!((answer.value(225).unwrap(), answer.value(226).unwrap()), (&b"7"[..], &b"11"[..]));
    assert_eq!(answer.value(227).unwrap(), b"fe80::7port");
    let text = String::from_utf8(answer.value(228).unwrap().to_vec()).unwrap();
    let len = usize::from_str_radix(text.strip_prefix("dns-2001:db8::53").unwrap(), 16).unwrap();
    // All but itself.
    assert_eq!(len, reply.len() - 4 - text.len());
}

/// `destination`: the query can be changed before it is looked at, so that the server answers to what it was made.
#[test]
fn queries_can_be_changed() {
    let options = json!([
        {"code": 6, "supersede": "0x0018", "destination": "query"},
        {"code": 14, "remove": "'a' == 'a'", "destination": "query"},
        {"code": 1, "supersede": "0x000300010200000000ff", "destination": "query"},
        {"code": 25, "remove": "option[25].exists", "destination": "query"},
        {"code": 224, "add": "hexstring(option[1].hex, '')"},
    ]);
    let more = json!({"option-data": [{"name": "domain-search", "data": "example.org"}]});
    let server = server(&options, &more).unwrap();
    let query = client().solicit().option(OptionCode::RAPID_COMMIT, &[]).ia(3, Associated::Prefixes(&[]));
    let reply = server.send(&query.bytes()).unwrap();
    let answer = Answer::of(&reply);
    assert_eq!(MessageType(reply[0]), MessageType::ADVERTISE);
    assert_eq!(answer.value(24).unwrap(), b"\x07example\x03org\0");
    assert_eq!((answer.all(3).len(), answer.all(25).len()), (1, 0));
    assert_eq!(answer.value(1).unwrap(), [0, 3, 0, 1, 2, 0, 0, 0, 0, 0xff]);
    assert_eq!(answer.value(224).unwrap(), b"000300010200000000ff");
    assert!(server.store.all().is_empty());
}

/// Replies of every kind are edited, those through relay agents within what these get.
#[test]
fn all_replies_are_edited() {
    let server = server(&json!([{"code": 224, "add": "'x'"}]), &json!({})).unwrap();
    let client = client();
    let addresses = ["2001:db8:1::77".parse().unwrap()];
    let link_local = "fe80::7".parse().unwrap();
    for message in [
        client.solicit(),
        client.solicit().option(OptionCode::RAPID_COMMIT, &[]),
        client.request(SERVER, &[]),
        client.renew(SERVER, &addresses),
        client.rebind(&addresses),
        client.confirm(&addresses),
        client.release(SERVER, &addresses),
        client.decline(SERVER, &addresses),
        client.information_request(),
    ] {
        let reply = server.send(&message.bytes()).expect("a reply");
        assert_eq!(Answer::of(&reply).value(224), Some(&b"x"[..]));
        let relay = Relay::new("2001:db8:1::1".parse().unwrap(), link_local);
        let reply = server.send(&relayed(&message.bytes(), &relay)).expect("a reply");
        assert_eq!(Answer::of(&reply).value(224), Some(&b"x"[..]));
    }
}

/// What is wrong is told with its place, in Kea's words where there is but one way to say it.
#[test]
fn wrong_entries_are_refused() {
    for (entry, expected) in [
        (json!({"add": "'x'"}), "'code' or 'name' must be specified"),
        (json!({"code": 65536, "add": "'x'"}), "between 0 and 65535"),
        (json!({"code": 0, "add": "'x'"}), "invalid 'code' value 0: reserved"),
        (json!({"name": "routers", "add": "'x'"}), "no known 'routers' option in 'dhcp6' space"),
        (
            json!({"name": "dns-servers", "code": 4, "add": "'x'"}),
            "option 'dns-servers' is defined as code: 23, not the specified code: 4",
        ),
        (
            json!({"code": 2222, "csv-format": true, "add": "'x'"}),
            "no known option with code '2222' in 'dhcp6' space",
        ),
        (json!({"code": 3}), "no action"),
        (json!({"code": 3, "add": "pkt4.mac"}), "can't parse add expression [pkt4.mac] error: "),
        (
            json!({"code": 3, "add": "'x'", "source": "response", "destination": "query"}),
            "destination 'query' requires source 'query'",
        ),
        (
            json!({"code": 3, "sub-options": [{"code": 5, "add": "'x'"}]}),
            "container does not encapsulate a space",
        ),
        (
            json!({"code": 2222, "sub-options": [{"code": 5, "add": "'x'"}]}),
            "container is not defined: can't get space",
        ),
        (
            json!({"code": 94, "sub-options": [{"name": "nothing", "add": "'x'"}]}),
            "no known 'nothing' sub-option in 's46-cont-mape-options' space",
        ),
        (
            json!({"code": 94, "sub-options": [{"code": 300, "add": "'x'"}, {"code": 300, "add": "'y'"}]}),
            "sub-option 300 of option 94 was already specified",
        ),
    ] {
        let errors =
            server(&json!([entry]), &json!({})).err().unwrap_or_else(|| panic!("{entry}")).join("\n");
        assert!(errors.contains(expected), "{entry}: {errors}");
    }
    // Where there are no reserved codes, 0 is one like others.
    let more = json!({"option-def": [{"name": "zero", "code": 0, "space": "elsewhere", "type": "string"}]});
    let options = json!([{"name": "zero", "space": "elsewhere", "remove": "'a' == 'a'"}]);
    assert!(server(&options, &more).is_ok());
}
