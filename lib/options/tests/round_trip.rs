//! Text to bytes and back for every definition, against a second opinion about each type.

use kotare_options::{
    AGENT_SPACE, DHCP4_SPACE, DHCP6_SPACE, DataType, Definition, DefinitionText, Definitions, OptionText,
    Universe,
};
use proptest::prelude::*;
use proptest::sample::SizeRange;

/// A value of a type: its text, and its bytes as the RFCs have them.
type Sample = (String, Vec<u8>);

/// Values of a type. `tuple` is the length of the length of a tuple.
fn value(data_type: DataType, tuple: usize) -> BoxedStrategy<Sample> {
    let decimal_or_hex = |decimal: String, hex: String, is_hex: bool| if is_hex { hex } else { decimal };
    match data_type {
        DataType::Boolean => (any::<bool>(), any::<bool>())
            .prop_map(|(value, word)| {
                let text = if word { value.to_string() } else { u8::from(value).to_string() };
                (text, vec![value.into()])
            })
            .boxed(),
        DataType::Int8 => any::<i8>().prop_map(|it| (it.to_string(), it.to_be_bytes().to_vec())).boxed(),
        DataType::Int16 => any::<i16>().prop_map(|it| (it.to_string(), it.to_be_bytes().to_vec())).boxed(),
        DataType::Int32 => any::<i32>().prop_map(|it| (it.to_string(), it.to_be_bytes().to_vec())).boxed(),
        DataType::Uint8 => (any::<u8>(), any::<bool>())
            .prop_map(move |(it, hex)| (decimal_or_hex(it.to_string(), format!("{it:#x}"), hex), vec![it]))
            .boxed(),
        DataType::Uint16 => (any::<u16>(), any::<bool>())
            .prop_map(move |(it, hex)| {
                (decimal_or_hex(it.to_string(), format!("{it:#x}"), hex), it.to_be_bytes().to_vec())
            })
            .boxed(),
        DataType::Uint32 => (any::<u32>(), any::<bool>())
            .prop_map(move |(it, hex)| {
                (
                    decimal_or_hex(it.to_string(), format!("{it:#X}").replace("0X", "0x"), hex),
                    it.to_be_bytes().to_vec(),
                )
            })
            .boxed(),
        DataType::Ipv4Address => {
            any::<[u8; 4]>().prop_map(|it| (it.map(|byte| byte.to_string()).join("."), it.to_vec())).boxed()
        }
        DataType::Ipv6Address => any::<[u16; 8]>()
            .prop_map(|it| {
                (
                    it.map(|group| format!("{group:x}")).join(":"),
                    it.iter().flat_map(|it| it.to_be_bytes()).collect(),
                )
            })
            .boxed(),
        DataType::Ipv6Prefix => (any::<[u16; 8]>(), 0u8..=128)
            .prop_map(|(it, len)| {
                let mut bytes: Vec<u8> = it.iter().flat_map(|it| it.to_be_bytes()).collect();
                bytes.truncate(usize::from(len).div_ceil(8));
                if let (Some(last), true) = (bytes.last_mut(), len % 8 != 0) {
                    *last &= 0xff << (8 - len % 8);
                }
                (
                    format!("{}/{len}", it.map(|group| format!("{group:x}")).join(":")),
                    [&[len], &bytes[..]].concat(),
                )
            })
            .boxed(),
        DataType::Psid => (1u8..=16, any::<u16>())
            .prop_map(|(len, it)| {
                let value = it >> (16 - len);
                let aligned = value << (16 - len);
                (format!("{value}/{len}"), [&[len], &aligned.to_be_bytes()[..]].concat())
            })
            .boxed(),
        // Blanks around a value are not part of it, a comma inside is written with a backslash.
        DataType::String => "[!-+.-\\[\\]-~][ -\\[\\]-~]{0,20}[!-\\[\\]-~]"
            .prop_map(|it| (it.replace(',', "\\,"), it.into_bytes()))
            .boxed(),
        DataType::Tuple => "[!-+.-\\[\\]-~]{1,30}"
            .prop_map(move |it| {
                let len = (it.len() as u16).to_be_bytes();
                (it.replace(',', "\\,"), [&len[2 - tuple..], it.as_bytes()].concat())
            })
            .boxed(),
        DataType::Fqdn => (prop::collection::vec("[a-zA-Z0-9_-]{1,12}", 1..5), any::<bool>())
            .prop_map(|(labels, dot)| {
                let wire = labels.iter().flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat());
                let text = labels.join(".") + if dot { "." } else { "" };
                (text, wire.chain([0]).collect())
            })
            .boxed(),
        DataType::Binary => prop::collection::vec(any::<u8>(), 1..20)
            .prop_map(|it| (it.iter().map(|byte| format!("{byte:02x}")).collect(), it))
            .boxed(),
        DataType::Empty | DataType::Internal | DataType::Record => unreachable!("no value of its own"),
    }
}

/// Values of an option, in one text, and its bytes.
fn values(definition: &Definition) -> BoxedStrategy<Sample> {
    let types = match definition.data_type {
        DataType::Empty => return Just((String::new(), Vec::new())).boxed(),
        DataType::Record => definition.fields.to_vec(),
        one => vec![one],
    };
    let long =
        definition.universe == Universe::V6 || (&*definition.space, definition.code) == (DHCP4_SPACE, 143);
    let tuple = if long { 2 } else { 1 };
    let more: SizeRange = if definition.array { 0..4 } else { 0..1 }.into();
    let last = value(*types.last().expect("a type"), tuple);
    let types: Vec<_> = types.into_iter().map(|it| value(it, tuple)).collect();
    (types, prop::collection::vec(last, more))
        .prop_map(|(values, more)| {
            let (texts, bytes): (Vec<_>, Vec<_>) = values.into_iter().chain(more).unzip();
            (texts.join(", "), bytes.concat())
        })
        .boxed()
}

/// The standard definitions that a type describes completely; those of other layouts have tests of their own.
fn described() -> Vec<Definition> {
    let (v4, v6) = (Definitions::v4(), Definitions::v6());
    let spaces = [DHCP4_SPACE, AGENT_SPACE, "cablelabs-client-conf", "docsis3-v4"];
    let spaces6 =
        [DHCP6_SPACE, "v6-ntp-server-suboptions", "s46-cont-lw-options", "s46-rule-options", "docsis3-v6"];
    let all = spaces.iter().flat_map(|space| (0..=255).filter_map(|code| v4.by_code(space, code)));
    let all6 = spaces6.iter().flat_map(|space| (0..=1030).filter_map(|code| v6.by_code(space, code)));
    let special = |it: &&Definition| match it.universe {
        Universe::V4 => it.space == DHCP4_SPACE && [81, 121, 124, 125, 162].contains(&it.code),
        // A root label alone is a name there; a prefix has no bytes where it has no bits.
        Universe::V6 => it.space == DHCP6_SPACE && [16, 39, 67, 144].contains(&it.code),
    };
    all.chain(all6).filter(|definition| !special(definition)).cloned().collect()
}

/// Encodes the text; reads the bytes again in hexadecimal; and shows them.
fn check(
    definitions: &Definitions,
    definition: &Definition,
    (text, bytes): &Sample,
) -> Result<(), TestCaseError> {
    let option = |data, csv_format| OptionText {
        space: &definition.space,
        code: Some(definition.code.into()),
        name: Some(&definition.name),
        data: Some(data),
        csv_format: Some(csv_format),
        never_send: false,
    };
    let name = &definition.name;
    let encoded = definitions.encode(&option(text, true));
    prop_assert_eq!(encoded.as_ref().map(|it| &it.data), Ok(bytes), "{} '{}'", name, text);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let again = definitions.encode(&option(&hex, false));
    prop_assert_eq!(again.map(|it| (it.data, it.left_over)), Ok((bytes.clone(), 0)), "{} '{}'", name, text);
    let shown = definitions.to_text(&definition.space, definition.code, bytes);
    if definition.data_type == DataType::Ipv4Address {
        for address in text.split(", ") {
            prop_assert!(shown.contains(address), "{} not in {}", address, shown);
        }
    }
    Ok(())
}

/// A definition of a type of its own, if there can be one.
fn custom(
    universe: Universe,
    data_type: DataType,
    fields: &[DataType],
    array: bool,
) -> Option<(Definitions, Definition)> {
    let fields: Vec<_> = fields.iter().map(|field| field.name()).collect();
    let definition = Definition::from_text(&DefinitionText {
        universe,
        name: "custom",
        code: 231,
        data_type: data_type.name(),
        space: universe.space(),
        array,
        record_types: &fields.join(","),
        encapsulate: "",
    });
    let mut definitions = match universe {
        Universe::V4 => Definitions::v4(),
        Universe::V6 => Definitions::v6(),
    };
    definitions.add(definition.clone().ok()?).ok()?;
    Some((definitions, definition.ok()?))
}

const SIMPLE: [DataType; 15] = [
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Every standard definition.
    #[test]
    fn standard_options(
        (definition, sample) in prop::sample::select(described())
            .prop_flat_map(|definition| (Just(definition.clone()), values(&definition)))
    ) {
        let definitions = match definition.universe {
            Universe::V4 => Definitions::v4(),
            Universe::V6 => Definitions::v6(),
        };
        check(&definitions, &definition, &sample)?;
    }

    /// Definitions of every type, alone, repeated, and in records of any fields.
    #[test]
    fn custom_options(
        ((definitions, definition), sample) in (
            prop::sample::select(&[Universe::V4, Universe::V6][..]),
            prop::collection::vec(prop::sample::select(&SIMPLE[..]), 1..6),
            any::<bool>(),
        ).prop_filter_map("no definition", |(universe, fields, array)| match fields[..] {
            [one] => custom(universe, one, &[], array),
            _ => custom(universe, DataType::Record, &fields, array),
        }).prop_flat_map(|custom| { let values = values(&custom.1); (Just(custom), values) })
    ) {
        check(&definitions, &definition, &sample)?;
    }
}
