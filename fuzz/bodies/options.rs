//! Any text as the data of every standard option, and any bytes as its value.

use kotare_options::{
    AGENT_SPACE, DHCP4_SPACE, DHCP6_SPACE, DataType, Definition, Definitions, Encoded, OptionText,
    VENDOR_ENCAPSULATED_SPACE, nest,
};

/// The spaces of DHCPv4 with standard definitions, and one without.
const SPACES4: [&str; 7] = [
    DHCP4_SPACE,
    AGENT_SPACE,
    VENDOR_ENCAPSULATED_SPACE,
    "cablelabs-client-conf",
    "docsis3-v4",
    "vendor-4491",
    "vendor-1",
];

/// Those of DHCPv6, likewise.
const SPACES6: [&str; 9] = [
    DHCP6_SPACE,
    "v6-ntp-server-suboptions",
    "s46-cont-mape-options",
    "s46-cont-mapt-options",
    "s46-cont-lw-options",
    "s46-rule-options",
    "vendor-4491",
    "vendor-2495",
    "vendor-1",
];

/// Panics when what was accepted is not what the option can hold, or reads as another value.
pub(crate) fn check(input: &[u8]) {
    check_with(&Definitions::v4(), &SPACES4, 0..256, input);
    check_with(&Definitions::v6(), &SPACES6, (0..150).chain([1026]).chain(60_000..60_003), input);
}

fn check_with(
    definitions: &Definitions,
    spaces: &[&str],
    codes: impl Iterator<Item = u16> + Clone,
    input: &[u8],
) {
    let text = std::str::from_utf8(input).ok();
    for &space in spaces {
        // Codes without a definition are all alike.
        let defined = |&code: &u16| code == 149 || code > 253 || definitions.by_code(space, code).is_some();
        for code in codes.clone().filter(defined) {
            show(definitions, space, code, input);
            for csv_format in [None, Some(true), Some(false)] {
                let Some(data) = text else { break };
                let entry = OptionText {
                    space,
                    code: Some(code.into()),
                    data: Some(data),
                    csv_format,
                    ..OptionText::default()
                };
                if let Ok(encoded) = definitions.encode(&entry) {
                    accepted(definitions, &encoded);
                    if csv_format != Some(false) {
                        readable(definitions, &encoded);
                    }
                }
            }
        }
    }
}

fn show(definitions: &Definitions, space: &str, code: u16, data: &[u8]) -> String {
    let text = definitions.to_text(space, code, data);
    assert!(text.starts_with("type="), "{text}");
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    definitions.text_value(space, code, data);
    text
}

fn accepted(definitions: &Definitions, encoded: &Encoded) {
    let encoded = &Encoded { left_over: 0, ..encoded.clone() };
    let Encoded { space, code, data, fields_len, .. } = encoded;
    assert!(*fields_len <= data.len());
    let hexadecimal: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(again(definitions, encoded, &hexadecimal, false).as_ref(), Ok(encoded));
    show(definitions, space, *code, data);
    nest(encoded, std::slice::from_ref(encoded)).expect("one option is not too many");
}

/// What was given as values of simple types is shown as these.
fn readable(definitions: &Definitions, encoded: &Encoded) {
    let encoded = &Encoded { left_over: 0, ..encoded.clone() };
    let Encoded { space, code, data, .. } = encoded;
    let text = definitions.to_text(space, *code, data);
    let values = text.split_once(": ").map_or(String::new(), |(_, values)| plain_values(values));
    // Some are shown with the names of their fields.
    let named = values.contains('=');
    if definitions.by_code(space, *code).is_some_and(is_plain) && !values.is_empty() && !named {
        assert_eq!(again(definitions, encoded, &values, true).as_ref(), Ok(encoded), "{text}");
    }
}

/// The option that `data` stands for; what is wrong with it otherwise.
fn again(definitions: &Definitions, of: &Encoded, data: &str, csv_format: bool) -> Result<Encoded, String> {
    let entry = OptionText {
        space: &of.space,
        code: Some(of.code.into()),
        data: Some(data),
        csv_format: Some(csv_format),
        ..OptionText::default()
    };
    definitions.encode(&entry).map_err(|refused| refused.to_string())
}

/// Whether all values are shown as they may be written.
fn is_plain(definition: &Definition) -> bool {
    let types = if definition.fields.is_empty() { &[definition.data_type][..] } else { &definition.fields };
    definition.encapsulates.is_empty()
        && types.iter().all(|data_type| {
            matches!(
                data_type,
                DataType::Ipv4Address
                    | DataType::Ipv6Address
                    | DataType::Boolean
                    | DataType::Uint8
                    | DataType::Uint16
                    | DataType::Uint32
            )
        })
}

/// `1(uint8) 2(uint8)` and `true (boolean) 192.0.2.1 (ipv4-address)` as `option-data` would have them.
fn plain_values(shown: &str) -> String {
    let values = shown.split(' ').map(|word| word.split('(').next().unwrap_or_default());
    values.filter(|value| !value.is_empty()).collect::<Vec<_>>().join(", ")
}
