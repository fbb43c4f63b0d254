//! Every standard option, and options of every type and shape that a configuration can define: the bytes of each.

use kotare_options::{AGENT_SPACE, DHCP4_SPACE, DataType, Definition, Definitions};
use kotare_tests::world::sandboxed;
use kotare_wire::v4::MessageType;
use serde_json::{Value, json};

use super::{WISHES, configuration, host};
use crate::packets::{Query, mac};
use crate::stage::{Script, Side, compare};

/// Standard options that Kea 2.2 has no definition of: `classless-static-route`, `v4-sztp-redirect`, those of bulk leasequery
/// and `v4-dnr`. Their bytes are asked for in hexadecimal, which needs none.
const LATER: [u16; 10] = [121, 143, 151, 152, 153, 154, 155, 156, 157, 162];
/// Options whose sub-options come from elsewhere: 43 and 122 from their spaces, 82 from relays.
const CONTAINERS: [u16; 3] = [43, 82, 122];
/// Where definitions of this test begin.
const CUSTOM: u8 = 214;

/// A value of a type, as text.
fn sample(data_type: DataType, nth: usize) -> String {
    match data_type {
        DataType::Empty | DataType::Internal | DataType::Record => String::new(),
        DataType::Binary => "0a0B0c".into(),
        DataType::Boolean => ["true", "0", "FALSE"][nth].into(),
        DataType::Int8 => ["-128", "127", "0x1f"][nth].into(),
        DataType::Int16 => ["-2", "32767", "0x10"][nth].into(),
        DataType::Int32 => ["-3600", "2147483647", "ff"][nth].into(),
        DataType::Uint8 => ["7", "255", "0x0a"][nth].into(),
        DataType::Uint16 => ["1400", "65535", "1f"][nth].into(),
        DataType::Uint32 => ["86400", "4294967295", "0xffff"][nth].into(),
        DataType::Ipv4Address => format!("192.0.2.{}", 7 + nth),
        DataType::Ipv6Address => format!("2001:db8::{}", 7 + nth),
        DataType::Ipv6Prefix => ["2001:db8::/32", "2001:db8:1:2::/64", "2001:db8:8000::/33"][nth].into(),
        DataType::Psid => ["3/4", "0/0", "1/16"][nth].into(),
        DataType::String => "some text\\, and more".into(),
        DataType::Tuple => ["first", "2nd", "three, too"][nth].replace(',', "\\,"),
        DataType::Fqdn => ["host.example.org", "b.example.net.", "c"][nth].into(),
    }
}

/// A value of an option.
fn text(definition: &Definition) -> String {
    match (definition.space == DHCP4_SPACE, definition.code) {
        // Flags, two codes of no meaning, a name.
        (true, 81) => return "4, 0, 0, host.example.org".into(),
        // A vendor's class has a length.
        (true, 124) => return "4491, 03616263".into(),
        // Options in fields of the header would be read.
        (true, 52) => return "0".into(),
        (true, 121) => return "192.0.2.0/24 - 192.0.2.1, 0.0.0.0/0 - 192.0.2.2".into(),
        (true, 162) => {
            return "100, dot.example.org., 192.0.2.1 192.0.2.2, alpn=dot\\,doq port=8530 | 20, b.example.org.".into();
        }
        _ => {}
    }
    let types: Vec<_> = match definition.data_type {
        DataType::Record => definition.fields.to_vec(),
        DataType::Empty => return String::new(),
        one => vec![one],
    };
    let mut values: Vec<_> = types.iter().map(|data_type| sample(*data_type, 0)).collect();
    if let (true, Some(last)) = (definition.array, types.last()) {
        values.extend((1..3).map(|nth| sample(*last, nth)));
    }
    values.join(", ")
}

/// Standard options that have bytes of their own.
fn standard() -> Vec<Definition> {
    let definitions = Definitions::v4();
    let known = (1..CUSTOM.into()).filter_map(|code| definitions.by_code(DHCP4_SPACE, code));
    known.filter(|known| !CONTAINERS.contains(&known.code)).cloned().collect()
}

/// Each code asked for alone, by a client that gets an address and by one that has one.
fn each_alone(side: &mut Side) {
    for code in 1..=254 {
        let wish = |query: Query| query.option(WISHES, &[code]);
        side.ask(&format!("{code}"), wish(Query::discover(1).requested(host(101))));
        let inform = Query::new(MessageType::INFORM, mac(2)).holding(host(30));
        side.ask(&format!("{code}, inform"), wish(inform));
    }
}

fn option_data(definition: &Definition) -> Value {
    json!({"space": definition.space, "name": definition.name, "data": text(definition)})
}

/// Standard options, their values as text.
#[test]
fn every_standard_option() {
    sandboxed("scripts::every_option::every_standard_option", |world| {
        let standard = standard();
        let known = standard.iter().filter(|definition| !LATER.contains(&definition.code));
        let mut options: Vec<_> = known.map(option_data).collect();
        options.push(json!({"name": "vendor-encapsulated-options"}));
        let script: Script = ("every standard option", each_alone);
        compare(world, &configuration(json!({ "option-data": options })), &[script]);
    });
}

/// Standard options, their values as bytes in hexadecimal.
#[test]
fn every_standard_option_in_hexadecimal() {
    sandboxed("scripts::every_option::every_standard_option_in_hexadecimal", |world| {
        let definitions = Definitions::v4();
        let options = standard().into_iter().map(|definition| {
            let values = text(&definition);
            let encoded = definitions.encode(&kotare_options::OptionText {
                code: Some(definition.code.into()),
                data: Some(&values),
                ..kotare_options::OptionText::default()
            });
            let encoded = encoded.unwrap_or_else(|error| panic!("{error}"));
            let hex: Vec<_> = encoded.data.iter().map(|byte| format!("{byte:02x}")).collect();
            // The notations of the manual, one after the other.
            let data = match definition.code % 4 {
                0 => hex.join(":"),
                1 => hex.join(" "),
                2 => hex.concat(),
                _ => format!("0x{}", hex.concat()),
            };
            json!({"code": definition.code, "csv-format": false, "data": data})
        });
        // Option 122 with some of its sub-options.
        let cable = json!({"code": 122, "csv-format": false, "data": "0104c000020106050361626300070101"});
        let options: Vec<_> = options.chain([cable]).collect();
        let script: Script = ("in hexadecimal", each_alone);
        compare(world, &configuration(json!({ "option-data": options })), &[script]);
    });
}

/// Options of each type, alone, as an array, and in records that end in it; and in spaces within spaces.
#[test]
fn every_custom_type() {
    sandboxed("scripts::every_option::every_custom_type", |world| {
        let mut definitions = Vec::new();
        let mut options = Vec::new();
        let mut code = u32::from(CUSTOM);
        let mut add = |data_type: &str, fields: &[DataType], array: bool, value: String| {
            let name = format!("custom-{code}");
            let fields: Vec<_> = fields.iter().map(|field| field.name()).collect();
            definitions.push(json!({
                "name": name, "code": code, "type": data_type, "record-types": fields.join(", "), "array": array,
            }));
            options.push(json!({"name": name, "data": value, "always-send": code % 2 == 0}));
            code += 1;
        };
        let repeats = |data_type| !matches!(data_type, DataType::String | DataType::Binary | DataType::Empty);
        for data_type in TYPES {
            add(data_type.name(), &[], false, sample(data_type, 0));
        }
        // Kea gives several IPv6 addresses the code and length of a DHCPv6 option, which nobody can read.
        let arrays = TYPES.into_iter().filter(|data_type| *data_type != DataType::Ipv6Address);
        for data_type in arrays.filter(|data_type| repeats(*data_type)) {
            add(data_type.name(), &[], true, [0, 1, 2].map(|nth| sample(data_type, nth)).join(", "));
        }
        let record: Vec<_> = TYPES.into_iter().filter(|data_type| *data_type != DataType::Empty).collect();
        let (opaque, simple): (Vec<_>, Vec<_>) =
            record.into_iter().partition(|data_type| !repeats(*data_type));
        let values =
            |types: &[DataType]| types.iter().map(|it| sample(*it, 0)).collect::<Vec<_>>().join(", ");
        for last in opaque {
            let fields = [&simple[..], &[last]].concat();
            add("record", &fields, false, values(&fields));
        }
        add("record", &simple, true, values(&[&simple[..], &simple[simple.len() - 1..]].concat()));
        assert!(code < 249, "there are codes enough");
        definitions.extend([
            json!({"name": "top", "code": 210, "type": "uint16", "encapsulate": "one"}),
            json!({"name": "empty-top", "code": 211, "type": "empty", "encapsulate": "two"}),
            json!({"name": "text", "code": 9, "space": "one", "type": "string"}),
            json!({"name": "inner", "code": 3, "space": "one", "type": "empty", "encapsulate": "two"}),
            json!({"name": "number", "code": 2, "space": "two", "type": "uint32"}),
            json!({"name": "deepest", "code": 1, "space": "two", "type": "boolean", "encapsulate": "three"}),
            json!({"name": "leaf", "code": 255, "space": "three", "type": "ipv4-address", "array": true}),
        ]);
        options.extend([
            json!({"name": "leaf", "space": "three", "data": "192.0.2.1, 192.0.2.2"}),
            json!({"name": "number", "space": "two", "data": "1"}),
            json!({"name": "deepest", "space": "two", "data": "true"}),
            json!({"name": "text", "space": "one", "data": "nine"}),
            json!({"name": "inner", "space": "one"}),
            json!({"code": 1, "space": "one", "csv-format": false, "data": "010203"}),
            json!({"name": "top", "data": "258"}),
            json!({"name": "empty-top"}),
            json!({"code": 249, "csv-format": false, "data": "18c00002c0000201"}),
        ]);
        let script: Script = ("every custom type", each_alone);
        let dhcp4 = configuration(json!({ "option-def": definitions, "option-data": options }));
        compare(world, &dhcp4, &[script]);
    });
}

/// The types that a configuration can define.
const TYPES: [DataType; 16] = [
    DataType::Empty,
    DataType::Boolean,
    DataType::Int8,
    DataType::Int16,
    DataType::Int32,
    DataType::Uint8,
    DataType::Uint16,
    DataType::Uint32,
    DataType::Ipv4Address,
    DataType::Ipv6Address,
    DataType::Ipv6Prefix,
    DataType::Psid,
    DataType::Tuple,
    DataType::Fqdn,
    DataType::String,
    DataType::Binary,
];

/// The test speaks of every type but those that have no notation of their own.
#[test]
fn every_type_is_there() {
    let all = ["internal", "record"].map(DataType::from_name).into_iter().flatten();
    assert_eq!(TYPES.len() + all.count(), 18);
    assert!(Definitions::v4().by_code(AGENT_SPACE, 1).is_some());
}
