//! Options as they go on the wire: every standard one, those of vendors, those inside others, and the levels they are on.

use kotare_config::v6::{Options6, VendorOption6};
use kotare_expr::{ClassId, ClassSet};
use kotare_options::DHCP6_SPACE;
use serde_json::{Value, json};

use crate::{config, said};

/// The bytes that hexadecimal digits stand for; blanks separate.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.bytes().filter_map(|digit| char::from(digit).to_digit(16)).map(|it| it as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The options of the global level.
fn global(option_data: Value) -> Options6 {
    config(json!({ "option-data": option_data })).options
}

const SERVER_1: &str = "20010db8000000000000000000000001";
const SERVER_2: &str = "20010db8000000000000000000000002";
const EXAMPLE_ORG: &str = "07 6578616d706c65 03 6f7267 00";

/// Standard options: name, code, a value as it is written, and its bytes.
#[rustfmt::skip]
const STANDARD: &[(&str, u16, &str, &[&str])] = &[
    ("preference", 7, "45", &["2d"]),
    ("unicast", 12, "2001:db8::1", &[SERVER_1]),
    ("sip-server-dns", 21, "example.org, a", &[EXAMPLE_ORG, "01 61 00"]),
    ("sip-server-addr", 22, "2001:db8::1, 2001:db8::2", &[SERVER_1, SERVER_2]),
    ("dns-servers", 23, "2001:db8::1, 2001:db8::2", &[SERVER_1, SERVER_2]),
    ("domain-search", 24, "example.org, a.example.org.", &[EXAMPLE_ORG, "01 61", EXAMPLE_ORG]),
    ("nis-servers", 27, "2001:db8::1", &[SERVER_1]),
    ("nisp-servers", 28, "2001:db8::2", &[SERVER_2]),
    ("nis-domain-name", 29, "example.org", &[EXAMPLE_ORG]),
    ("nisp-domain-name", 30, "example.org", &[EXAMPLE_ORG]),
    ("sntp-servers", 31, "2001:db8::1", &[SERVER_1]),
    ("information-refresh-time", 32, "3600", &["00000e10"]),
    ("bcmcs-server-dns", 33, "example.org", &[EXAMPLE_ORG]),
    ("bcmcs-server-addr", 34, "2001:db8::1", &[SERVER_1]),
    ("geoconf-civic", 36, "2, 0x4445, 010203", &["02 4445 010203"]),
    ("remote-id", 37, "1234, 746573746964", &["000004d2 746573746964"]),
    ("subscriber-id", 38, "0a0b", &["0a0b"]),
    ("client-fqdn", 39, "1, example.org", &["01", EXAMPLE_ORG]),
    ("pana-agent", 40, "2001:db8::1", &[SERVER_1]),
    ("new-posix-timezone", 41, "EST5EDT4\\,M3.2.0/02:00", &["45535435454454342c4d332e322e302f30323a3030"]),
    ("new-tzdb-timezone", 42, "Europe/Zurich", &["4575726f70652f5a7572696368"]),
    ("ero", 43, "1, 256", &["0001 0100"]),
    ("v6-lost", 51, "example.org", &[EXAMPLE_ORG]),
    ("capwap-ac-v6", 52, "2001:db8::1", &[SERVER_1]),
    ("relay-id", 53, "000300010203", &["000300010203"]),
    ("v6-access-domain", 57, "example.org", &[EXAMPLE_ORG]),
    ("sip-ua-cs-list", 58, "example.org, a", &[EXAMPLE_ORG, "01 61 00"]),
    ("bootfile-url", 59, "http://[2001:db8::1]/a", &["687474703a2f2f5b323030313a6462383a3a315d2f61"]),
    ("bootfile-param", 60, "root=/dev/sda2, quiet", &["000e 726f6f743d2f6465762f73646132 0005 7175696574"]),
    ("client-arch-type", 61, "7, 9", &["0007 0009"]),
    ("nii", 62, "1, 3, 10", &["01 03 0a"]),
    ("aftr-name", 64, "example.org", &[EXAMPLE_ORG]),
    ("erp-local-domain-name", 65, "example.org", &[EXAMPLE_ORG]),
    ("pd-exclude", 67, "2001:db8:1::/48", &["30 20010db80001"]),
    ("rdnss-selection", 74, "2001:db8::1, 3, example.org", &[SERVER_1, "03", EXAMPLE_ORG]),
    ("client-linklayer-addr", 79, "0001020304050607", &["0001 020304050607"]),
    ("link-address", 80, "2001:db8::2", &[SERVER_2]),
    ("solmax-rt", 82, "3600", &["00000e10"]),
    ("inf-max-rt", 83, "3600", &["00000e10"]),
    ("dhcp4o6-server-addr", 88, "2001:db8::1", &[SERVER_1]),
    ("v6-captive-portal", 103, "https://a.example.org", &["68747470733a2f2f612e6578616d706c652e6f7267"]),
    ("v6-sztp-redirect", 136, "https://a, https://b", &["0009 68747470733a2f2f61 0009 68747470733a2f2f62"]),
    ("ipv6-address-andsf", 143, "2001:db8::1", &[SERVER_1]),
    ("addr-reg-enable", 148, "", &[""]),
];

/// Each standard option by its name and by its code, and all of them together.
#[test]
fn standard_options_are_encoded() {
    let by = |keyword: &str| {
        let entry = |(name, code, data, _): &(&str, u16, &str, &[&str])| {
            let which = if keyword == "name" { json!(name) } else { json!(code) };
            json!({ keyword: which, "data": data })
        };
        global(STANDARD.iter().map(entry).collect())
    };
    let (by_name, by_code) = (by("name"), by("code"));
    assert_eq!(by_name, by_code);
    for (name, code, _, bytes) in STANDARD {
        let found = by_name.find(*code, &ClassSet::EMPTY).map(|option| &*option.data);
        assert_eq!(found, Some(&*hex(&bytes.concat())), "{name}");
    }
    assert_eq!(by_name.iter().count(), STANDARD.len());
}

/// What the server itself says of clients, addresses and prefixes is not for the operator to say, but has definitions that
/// expressions go by.
#[test]
fn options_of_the_protocol_are_known() {
    let definitions = config(json!({})).definitions;
    for (code, name) in
        [(1, "clientid"), (2, "serverid"), (3, "ia-na"), (5, "iaaddr"), (25, "ia-pd"), (26, "iaprefix")]
    {
        assert_eq!(definitions.by_code(DHCP6_SPACE, code).map(|it| &*it.name), Some(name));
    }
}

/// Containers with what stands in their spaces: softwires, time servers, resolvers, and spaces of the operator.
#[test]
fn options_stand_inside_others() {
    let options = global(json!([
        {"name": "s46-cont-mape"},
        {"space": "s46-cont-mape-options", "name": "s46-rule", "data": "128, 0, 24, 192.0.2.0, 2001:db8:1::/64"},
        {"space": "s46-cont-mape-options", "name": "s46-br", "data": "2001:db8::1"},
        {"space": "s46-rule-options", "name": "s46-portparams", "data": "2, 3/4"},
        {"name": "s46-cont-mapt"},
        {"space": "s46-cont-mapt-options", "name": "s46-dmr", "data": "2001:db8:cafe::/64"},
        {"name": "s46-cont-lw"},
        {"space": "s46-cont-lw-options", "name": "s46-v4v6bind", "data": "192.0.2.3, 2001:db8:1:cafe::/64"},
        {"name": "ntp-server"},
        {"space": "v6-ntp-server-suboptions", "name": "ntp-server-address", "data": "2001:db8::2"},
        {"space": "v6-ntp-server-suboptions", "name": "ntp-server-address", "data": "2001:db8::1"},
        {"space": "v6-ntp-server-suboptions", "name": "ntp-server-fqdn", "data": "example.org"},
        {"name": "v6-dnr", "data": "2, example.org, 2001:db8::1, alpn=dot port=8530"},
    ]));
    let ports = "005d 0004 02 04 3000";
    let rule = format!("0059 0018 80 00 18 c0000200 40 20010db800010000 {ports}");
    let servers = format!("0001 0010 {SERVER_2} 0001 0010 {SERVER_1} 0003 000d {EXAMPLE_ORG}");
    let resolver = format!("0002 000d {EXAMPLE_ORG} 0010 {SERVER_1} 0001 0004 03 646f74 0003 0002 2152");
    for (code, bytes) in [
        (94, format!("{rule} 005a 0010 {SERVER_1}")),
        (95, "005b 0009 40 20010db8cafe0000".to_owned()),
        (96, "005c 000d c0000203 40 20010db80001cafe".to_owned()),
        (56, servers),
        (144, resolver),
    ] {
        assert_eq!(
            options.all(code).iter().map(|option| option.data.to_vec()).collect::<Vec<_>>(),
            [hex(&bytes)],
            "{code}"
        );
    }
    assert_eq!(options.iter().count(), 5);
}

/// The examples of the manual, "DNR (Discovery of Network-designated Resolvers) Options for DHCPv6", with the bytes that it
/// has for each.
#[test]
fn resolvers_are_those_of_the_manual() {
    let addresses = format!("0020 {SERVER_1} {SERVER_2}");
    for (data, bytes) in [
        (
            "100, dot1.example.org., 2001:db8::1 2001:db8::2, alpn=dot port=8530",
            format!(
                "0064 0012 04646f7431 076578616d706c65 036f726700 {addresses} 0001 0004 03646f74 0003 0002 2152"
            ),
        ),
        (
            r"150, resolver.example., 2001:db8::1 2001:db8::2, alpn=dot\,doq\,h2\,h3 dohpath=/q{?dns}",
            format!(
                "0096 0012 087265736f6c766572 076578616d706c6500 {addresses} 0001 000e 03646f74 03646f71 026832 \
                 026833 0007 0008 2f717b3f646e737d"
            ),
        ),
    ] {
        let options = global(json!([{"name": "v6-dnr", "data": data}]));
        let written: Vec<_> = options.all(144).iter().map(|option| option.data.to_vec()).collect();
        assert_eq!(written, [hex(&bytes)], "{data}");
    }
}

/// Options that a configuration defines, in the space of messages and in one of its own.
#[test]
fn own_definitions_are_encoded() {
    let config = config(json!({
        "option-def": [
            {"name": "container", "code": 1000, "type": "uint8", "encapsulate": "mine"},
            {"name": "inner", "code": 300, "type": "record", "record-types": "uint16, string", "space": "mine"},
            {"name": "many", "code": 1001, "type": "fqdn", "array": true},
        ],
        "option-data": [
            {"name": "inner", "space": "mine", "data": "7, hi"}, {"name": "container", "data": "1"},
            {"code": 1001, "data": "example.org"}, {"code": 1002, "csv-format": false, "data": "0102", "space": "dhcp6"},
        ],
    }));
    let data = |code| config.options.find(code, &ClassSet::EMPTY).map(|option| option.data.to_vec());
    assert_eq!(data(1000), Some(hex("01 012c 0004 0007 6869")));
    assert_eq!(data(1001), Some(hex(EXAMPLE_ORG)));
    assert_eq!(data(1002), Some(vec![1, 2]));
}

/// Several vendors' numbers and their sub-options, which nobody else's class mixes up.
#[test]
fn vendors_have_their_own_options() {
    let config = config(json!({
        "option-def": [{"name": "foo", "code": 400, "space": "vendor-12345", "type": "record",
                        "record-types": "ipv6-address, uint16, string"}],
        "option-data": [
            {"name": "vendor-opts", "data": "12345", "always-send": true},
            {"code": 17, "data": "4491"},
            {"name": "vendor-class", "data": "9, 00036e6f77"},
            {"name": "foo", "space": "vendor-12345", "data": "2001:db8::1, 123, Hello"},
            {"name": "tftp-servers", "space": "vendor-4491", "data": "2001:db8::2", "never-send": true, "client-classes": ["a"]},
            {"name": "4o6-interface", "space": "vendor-2495", "data": "eth0"},
        ],
    }));
    let options = &config.options;
    let numbers: Vec<_> = options.all(17).iter().map(|option| option.enterprise()).collect();
    assert_eq!(numbers, [Some(4491), Some(12345)]);
    assert_eq!(
        options.all(16).iter().map(|it| (it.enterprise(), it.data.to_vec())).collect::<Vec<_>>(),
        [(Some(9), hex("00000009 00036e6f77"))]
    );
    let row = |it: &VendorOption6| (it.enterprise, it.code, it.data.to_vec(), it.never_send);
    assert_eq!(
        options.vendor_options().iter().map(row).collect::<Vec<_>>(),
        [
            (2495, 60_000, b"eth0".to_vec(), false),
            (4491, 32, hex(SERVER_2), true),
            (12345, 400, hex(&format!("{SERVER_1} 007b 48656c6c6f")), false),
        ]
    );
    let class = config.classes.id("a").expect("a class");
    let guard = &options.vendor_options()[1].guard;
    assert!(guard.admits(&ClassSet::from_iter([class])) && !guard.admits(&ClassSet::EMPTY));
    assert!(options.choice().vendors && options.choice().always.contains(17));
}

/// Every level has its options: server, shared network, subnet, both kinds of pools, classes; with their flags.
#[test]
fn every_level_has_its_options() {
    let option = |code: u16, last: u16| json!([{"code": code, "data": format!("2001:db8::{last}")}]);
    let config = config(json!({
        "option-data": [{"code": 23, "data": "2001:db8::1", "always-send": true}, {"code": 31, "never-send": true, "data": "::1"}],
        "client-classes": [{"name": "c", "option-data": option(23, 2), "preferred-lifetime": 5, "max-valid-lifetime": 9}],
        "shared-networks": [{"name": "n", "option-data": option(23, 3), "subnet6": [{
            "id": 1, "subnet": "2001:db8::/64", "option-data": option(22, 4),
            "pools": [{"pool": "2001:db8::/112", "option-data": option(23, 5)}],
            "pd-pools": [{"prefix": "3000::", "prefix-len": 48, "delegated-len": 56, "option-data": option(27, 6)}],
        }]}],
    }));
    let subnet = &config.subnets[0];
    let class = config.classes.id("c").and_then(|id| config.classes.get(id)).expect("a class");
    let last = |options: &Options6, code| {
        options.find(code, &ClassSet::EMPTY).and_then(|it| it.data.last().copied())
    };
    assert_eq!(last(&config.options, 23), Some(1));
    assert_eq!(last(&class.options, 23), Some(2));
    assert_eq!(last(&config.networks[0].options, 23), Some(3));
    assert_eq!((last(&subnet.options, 22), last(&subnet.options, 23)), (Some(4), None));
    assert_eq!(last(&subnet.pools[0].options, 23), Some(5));
    assert_eq!(last(&subnet.pd_pools[0].options, 27), Some(6));
    let choice = config.options.choice();
    assert_eq!((choice.always.to_string(), choice.never.to_string()), ("23".into(), "31".into()));
    let lifetimes = (class.params.preferred_lifetime, class.params.valid_lifetime);
    let seconds =
        |range: Option<kotare_config::v6::LifetimeRange>| range.map(|it| [it.min.0, it.default.0, it.max.0]);
    assert_eq!((seconds(lifetimes.0), seconds(lifetimes.1)), (Some([5; 3]), Some([9; 3])));
    let mut levels = choice.clone();
    levels.add(subnet.options.choice());
    let requested = [22, 24, 31].into_iter().collect();
    assert_eq!(levels.of(requested).to_string(), "22, 23");
}

/// Values for clients of a class go before the one for everybody.
#[test]
fn values_may_be_for_some_clients() {
    let config = config(json!({"option-data": [
        {"name": "preference", "data": "1"},
        {"name": "preference", "data": "2", "client-classes": ["some", "others"]},
    ]}));
    let some = config.classes.id("others").expect("a class");
    let value = |classes: &[ClassId]| {
        let classes = classes.iter().copied().collect();
        config.options.find(7, &classes).map(|option| option.data[0])
    };
    assert_eq!((value(&[]), value(&[some])), (Some(1), Some(2)));
}

/// What is wrong is said where it stands, all at once.
#[test]
fn what_is_wrong_is_said_where_it_stands() {
    for (entry, why, place) in [
        (json!({"name": "dns-servers", "data": "192.0.2.1"}), "an IPv6 address", "data"),
        (json!({"name": "no-such"}), "no-such", "name"),
        (json!({"name": "domain-name-servers", "data": "192.0.2.1"}), "domain-name-servers", "name"),
        (json!({"code": 0, "csv-format": false, "data": "00"}), "0", "code"),
        (json!({"name": "dns-servers", "space": "dhcp4", "data": "::1"}), "dhcp4", "space"),
        (json!({"name": "s46-rule", "space": "s46-cont-mape-options", "data": "1, 2"}), "5 values", "data"),
    ] {
        let said = said(json!({"subnet6": [{"id": 1, "subnet": "2001:db8::/64", "option-data": [entry]}],
                               "option-data": [{"name": "preference", "data": "256"}]}));
        assert!(said.contains(why) && said.contains(place), "{entry}: {said}");
        assert!(said.contains("between 0 and 255"), "{said}");
    }
}
