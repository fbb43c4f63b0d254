//! A reservation that is kept in a database means what the same one means in the configuration.

use kotare_config::Configuration;
use kotare_config::json::{Diagnostics, from_json};
use kotare_config::v4::{self, Config4};
use kotare_config::v6::{self, Config6};
use kotare_expr::ClassSet;
use kotare_model::{
    HostId, HostIdType, KeptPrefix, OptionData, Reservation, Reservation4, Reservation6, Reserved4,
    Reserved6, ReservedOption, SubnetId,
};
use serde_json::{Value, json};

fn config<C: Configuration>(json: Value, file: &kotare_config::schema::File) -> C {
    let mut diagnostics = Diagnostics::new();
    let root = from_json("test", &json, &mut diagnostics).expect("values");
    let (_, config) = kotare_config::judge::<C>(root, file, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{diagnostics}");
    config.expect("a configuration")
}

const ID: HostId<'_> = HostId { kind: HostIdType::HwAddress, bytes: &[2, 0, 0, 0, 0, 1] };

fn option(space: &str, code: u16, data: OptionData) -> ReservedOption {
    ReservedOption {
        code,
        space: space.into(),
        data,
        always_send: false,
        never_send: false,
        classes: Vec::new(),
        user_context: None,
    }
}

fn text(text: &str) -> OptionData {
    OptionData::Text(text.into())
}

fn bytes(bytes: &[u8]) -> OptionData {
    OptionData::Bytes(bytes.into())
}

/// Options of every kind: as text and as bytes, of definitions of the configuration, inside others, of vendors, for some
/// clients only, without a value.
#[test]
fn dhcpv4() {
    let config: Config4 = config(
        json!({"Dhcp4": {
            "client-classes": [{"name": "gold", "test": "option[60].exists"}],
            "option-def": [
                {"name": "own", "code": 230, "type": "uint16", "array": true},
                {"name": "inner", "code": 1, "type": "uint8", "space": "vendor-encapsulated-options-space"},
            ],
            "subnet4": [{"id": 4, "subnet": "192.0.2.0/24", "reservations": [{
                "hw-address": "02:00:00:00:00:01",
                "ip-address": "192.0.2.9",
                "hostname": "alpha",
                "next-server": "192.0.2.1", "server-hostname": "boot", "boot-file-name": "/x",
                "client-classes": ["gold", "silver"],
                "option-data": [
                    {"code": 6, "data": "192.0.2.1, 192.0.2.2", "always-send": true},
                    {"code": 230, "data": "1, 2, 3"},
                    {"code": 231, "csv-format": false, "data": "00FF"},
                    {"code": 43, "csv-format": false, "data": ""},
                    {"space": "vendor-encapsulated-options-space", "code": 1, "data": "7"},
                    {"space": "vendor-4491", "code": 2, "csv-format": false, "data": "c0000201"},
                    {"code": 3, "data": "192.0.2.254", "client-classes": ["silver"]},
                    {"code": 15, "never-send": true},
                ],
            }]}],
        }}),
        &v4::FILE,
    );
    let kept = Reservation4 {
        hostname: "alpha".into(),
        classes: vec!["gold".into(), "silver".into()],
        options: vec![
            ReservedOption { always_send: true, ..option("", 6, text("192.0.2.1, 192.0.2.2")) },
            option("", 230, bytes(&[0, 1, 0, 2, 0, 3])),
            option("", 231, bytes(&[0, 255])),
            option("", 43, bytes(&[])),
            option("vendor-encapsulated-options-space", 1, text("7")),
            option("vendor-4491", 2, bytes(&[192, 0, 2, 1])),
            ReservedOption { classes: vec!["silver".into()], ..option("", 3, text("192.0.2.254")) },
            ReservedOption { never_send: true, ..option("", 15, bytes(&[])) },
        ],
        ..Reservation::new(
            ID,
            SubnetId(4),
            Reserved4 {
                address: Some([192, 0, 2, 9].into()),
                next_server: Some([192, 0, 2, 1].into()),
                server_hostname: "boot".into(),
                boot_file_name: "/x".into(),
            },
        )
    };
    let written = config.hosts.get(ID, SubnetId(4)).expect("it is written");
    let made = config.host(&kept, |error| panic!("{error}"));
    assert_eq!((made.id(), made.subnet, made.address), (written.id(), written.subnet, written.address));
    assert_eq!(made.details(), written.details());
    // Nothing but an address takes no more room than one that is written.
    let plain = Reservation::new(ID, SubnetId(4), Reserved4::default());
    assert!(config.host(&plain, |error| panic!("{error}")).details().is_none());
}

/// Addresses, prefixes with what is excluded of them, and options.
#[test]
fn dhcpv6() {
    let config: Config6 = config(
        json!({"Dhcp6": {
            "subnet6": [{"id": 6, "subnet": "2001:db8::/32", "reservations": [{
                "hw-address": "02:00:00:00:00:01",
                "ip-addresses": ["2001:db8::2", "2001:db8::1"],
                "prefixes": ["2001:db8:1::/48", "2001:db8:2::/48"],
                "excluded-prefixes": ["", "2001:db8:2:80::/64"],
                "client-classes": ["gold"],
                "option-data": [
                    {"code": 23, "data": "2001:db8::53"},
                    {"space": "vendor-4491", "code": 2, "csv-format": false, "data": "c0000201"},
                ],
            }]}],
        }}),
        &v6::FILE,
    );
    let address = |text: &str| text.parse().expect("an address");
    let prefix = |text, excluded| KeptPrefix { address: address(text), length: 48, excluded };
    let kept = Reservation6 {
        classes: vec!["gold".into()],
        options: vec![option("", 23, text("2001:db8::53")), option("vendor-4491", 2, bytes(&[192, 0, 2, 1]))],
        ..Reservation::new(
            ID,
            SubnetId(6),
            Reserved6 {
                addresses: vec![address("2001:db8::2"), address("2001:db8::1")],
                prefixes: vec![
                    prefix("2001:db8:1::", None),
                    prefix("2001:db8:2::", Some((address("2001:db8:2:80::"), 64))),
                ],
            },
        )
    };
    let written = config.hosts.get(ID, SubnetId(6)).expect("it is written");
    let made = config.host(&kept, |error| panic!("{error}"));
    assert_eq!((made.id(), made.subnet), (written.id(), written.subnet));
    assert_eq!((&made.addresses, made.details()), (&written.addresses, written.details()));
}

/// What cannot be sent is left out and told, the rest is sent; what is for a class that nothing names is for those alone who
/// have it of the reservation.
#[test]
fn what_means_nothing_is_left_out() {
    let config: Config4 = config(json!({"Dhcp4": {}}), &v4::FILE);
    let for_class = |code, class: &str| ReservedOption {
        classes: vec![class.into()],
        ..option("", code, text("192.0.2.1"))
    };
    let kept = Reservation4 {
        classes: vec!["own".into(), "DROP".into()],
        options: vec![
            option("", 6, text("not an address")),
            option("", 6, bytes(&[1, 2, 3])),
            option("", 240, text("nobody defined it")),
            option("dhcp6", 3, text("192.0.2.1")),
            option("", 300, bytes(&[1])),
            for_class(3, "own"),
            for_class(4, "of others"),
            for_class(5, "DROP"),
        ],
        ..Reservation::new(ID, SubnetId::GLOBAL, Reserved4::default())
    };
    let mut told = Vec::new();
    let made = config.host(&kept, |error| told.push(error.to_string()));
    assert_eq!(told.len(), 5, "{told:#?}");
    assert_eq!(made.classes(), [v4::Classes::DROP]);
    let options = made.details().and_then(|details| details.options.as_deref()).expect("options");
    let codes: Vec<u8> = options.iter().map(|option| option.code).collect();
    assert_eq!(codes, [3, 5]);
    let (nobody, dropped): (ClassSet, ClassSet) =
        (ClassSet::EMPTY, [v4::Classes::DROP].into_iter().collect());
    let sent = |code, classes| options.find(code, classes).is_some();
    assert!(sent(3, &nobody) && !sent(5, &nobody) && sent(5, &dropped));
}
