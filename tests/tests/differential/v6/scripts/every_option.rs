//! Every standard option, and options of every type and shape that a configuration can define: the bytes of each.

use kotare_options::{DHCP6_SPACE, DataType, Definition, Definitions, OptionText};
use kotare_tests::world::sandboxed;
use kotare_wire::v6::MessageType;
use serde_json::{Value, json};

use crate::v6::configuration::configuration;
use crate::v6::query::Query;
use crate::v6::stage::{Script, Side, compare};

/// Where definitions of these tests begin.
const CUSTOM: u16 = 1000;
/// Standard options that Kea 2.2 has no definition of: `ntp-server`, `v6-sztp-redirect`, `v6-dnr` and `addr-reg-enable`. Their
/// bytes are asked for in hexadecimal, which needs none.
const LATER: [u16; 4] = [56, 136, 144, 148];
/// Options that hold options of the space they are in themselves: Kea 2.2 does not end putting them in.
const ENDLESS: [u16; 2] = [44, 45];
/// What the server makes itself: Kea 2.2 sends what is configured instead, and cannot be understood then.
const MADE: [u16; 10] = [1, 2, 3, 4, 5, 9, 13, 18, 25, 26];

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
    match (definition.space == DHCP6_SPACE, definition.code) {
        (true, 144) => {
            return "100, dot.example.org., 2001:db8::1 2001:db8::2, alpn=dot\\,doq port=8530".into();
        }
        // Flags that go together.
        (true, 39) => return "1, host.example.org".into(),
        // A vendor's class has a length.
        (true, 16) => return "4491, 0003616263".into(),
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

/// Standard options.
fn standard() -> Vec<Definition> {
    let definitions = Definitions::v6();
    let codes = (1..CUSTOM).filter(|code| !MADE.contains(code) && !ENDLESS.contains(code));
    codes.filter_map(|code| definitions.by_code(DHCP6_SPACE, code)).cloned().collect()
}

/// Each code asked for alone, by a client that gets an address and by one that wants none.
fn each_alone(side: &mut Side) {
    for code in (1..=150).chain(CUSTOM..CUSTOM + 60) {
        side.ask(&format!("{code}"), &Query::new(MessageType::SOLICIT, 1).addresses(1, &[]).wishes(&[code]));
        side.ask(
            &format!("{code}, information"),
            &Query::anonymous(MessageType::INFORMATION_REQUEST, 2).wishes(&[code]),
        );
    }
}

fn option_data(definition: &Definition) -> Value {
    json!({"space": definition.space, "name": definition.name, "data": text(definition)})
}

/// Options within options, in the spaces of the standard.
fn within() -> Value {
    json!([
        {"space": "s46-cont-mape-options", "name": "s46-rule", "data": "128, 0, 24, 192.0.2.0, 2001:db8::/32"},
        {"space": "s46-cont-mape-options", "name": "s46-br", "data": "2001:db8::99"},
        {"space": "s46-cont-mapt-options", "name": "s46-rule", "data": "0, 0, 24, 192.0.2.0, 2001:db8::/32"},
        {"space": "s46-cont-mapt-options", "name": "s46-dmr", "data": "2001:db8:cafe::/64"},
        {"space": "s46-cont-lw-options", "name": "s46-v4v6bind", "data": "192.0.2.7, 2001:db8:1::/56"},
        {"space": "s46-cont-lw-options", "name": "s46-br", "data": "2001:db8::98"},
        {"space": "s46-v4v6bind-options", "name": "s46-portparams", "data": "2, 3/4"},
        {"space": "s46-rule-options", "name": "s46-portparams", "data": "1, 1/5"},
    ])
}

/// Standard options, their values as text.
#[test]
fn every_standard_option() {
    sandboxed("v6::scripts::every_option::every_standard_option", |world| {
        let standard = standard();
        let known = standard.iter().filter(|definition| !LATER.contains(&definition.code));
        let mut options: Vec<_> = known.map(option_data).collect();
        options.extend(within().as_array().cloned().unwrap_or_default());
        let script: Script = ("every standard option", each_alone);
        compare(world, &configuration(json!({ "option-data": options })), &[script]);
    });
}

/// Standard options, their values as bytes in hexadecimal.
#[test]
fn every_standard_option_in_hexadecimal() {
    sandboxed("v6::scripts::every_option::every_standard_option_in_hexadecimal", |world| {
        let definitions = Definitions::v6();
        let options = standard().into_iter().map(|definition| {
            let values = text(&definition);
            let encoded = definitions.encode(&OptionText {
                code: Some(definition.code.into()),
                data: Some(&values),
                ..OptionText::default()
            });
            let encoded = encoded.unwrap_or_else(|error| panic!("{error}"));
            let hex: Vec<_> = encoded.data.iter().map(|byte| format!("{byte:02x}")).collect();
            // The notations of the manual, one after the other.
            let data = match definition.code % 4 {
                0 => hex.join(":"),
                1 => hex.join(" "),
                3 if !hex.is_empty() => format!("0x{}", hex.concat()),
                _ => hex.concat(),
            };
            json!({"code": definition.code, "csv-format": false, "data": data})
        });
        let options: Vec<_> = options.collect();
        let script: Script = ("in hexadecimal", each_alone);
        compare(world, &configuration(json!({ "option-data": options })), &[script]);
    });
}

/// Options of each type, alone, as an array, and in records that end in it; and in spaces within spaces.
#[test]
fn every_custom_type() {
    sandboxed("v6::scripts::every_option::every_custom_type", |world| {
        let mut definitions = Vec::new();
        let mut options = Vec::new();
        let mut code = CUSTOM;
        let mut add = |data_type: &str, fields: &[DataType], array: bool, value: String| {
            let name = format!("custom-{code}");
            let fields: Vec<_> = fields.iter().map(|field| field.name()).collect();
            definitions.push(json!({
                "name": name, "code": code, "type": data_type, "record-types": fields.join(", "), "array": array,
            }));
            options.push(json!({"name": name, "data": value, "always-send": code.is_multiple_of(8)}));
            code += 1;
        };
        let repeats = |data_type| !matches!(data_type, DataType::String | DataType::Binary | DataType::Empty);
        for data_type in TYPES {
            add(data_type.name(), &[], false, sample(data_type, 0));
        }
        for data_type in TYPES.into_iter().filter(|data_type| repeats(*data_type)) {
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
        assert!(code < 1040, "there are codes enough");
        definitions.extend([
            json!({"name": "top", "code": 1040, "type": "uint16", "encapsulate": "one"}),
            json!({"name": "empty-top", "code": 1041, "type": "empty", "encapsulate": "two"}),
            json!({"name": "record-top", "code": 1042, "type": "record", "record-types": "uint8, fqdn", "encapsulate": "two"}),
            json!({"name": "text", "code": 900, "space": "one", "type": "string"}),
            json!({"name": "inner", "code": 3, "space": "one", "type": "empty", "encapsulate": "two"}),
            json!({"name": "number", "code": 2, "space": "two", "type": "uint32"}),
            json!({"name": "deepest", "code": 1, "space": "two", "type": "boolean", "encapsulate": "three"}),
            json!({"name": "leaf", "code": 65535, "space": "three", "type": "ipv6-address", "array": true}),
        ]);
        options.extend([
            json!({"name": "leaf", "space": "three", "data": "2001:db8::1, 2001:db8::2"}),
            json!({"name": "number", "space": "two", "data": "1"}),
            json!({"name": "deepest", "space": "two", "data": "true"}),
            json!({"name": "text", "space": "one", "data": "nine"}),
            json!({"name": "inner", "space": "one"}),
            json!({"code": 1, "space": "one", "csv-format": false, "data": "010203"}),
            json!({"name": "top", "data": "258"}),
            json!({"name": "empty-top"}),
            json!({"name": "record-top", "data": "1, a.example"}),
            json!({"code": 1050, "csv-format": false, "data": "18c00002c0000201"}),
            json!({"code": 1051, "csv-format": false, "data": ""}),
            json!({"code": 1052, "data": "'quoted'", "csv-format": false}),
        ]);
        let script: Script = ("every custom type", each_alone);
        let dhcp6 = configuration(json!({ "option-def": definitions, "option-data": options }));
        compare(world, &dhcp6, &[script]);
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
