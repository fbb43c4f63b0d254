//! Whatever a configuration says and a client sends: an answer or an error, never a panic.

use kotare_options::{AGENT_SPACE, DHCP4_SPACE, Definitions, Encoded, OptionText, nest};
use proptest::prelude::*;

proptest! {
    /// Bytes of any option can be shown.
    #[test]
    fn any_bytes_have_a_text(code in 0u16..256, data in prop::collection::vec(any::<u8>(), 0..80)) {
        let definitions = Definitions::v4();
        for space in [DHCP4_SPACE, AGENT_SPACE, "docsis3-v4", "cablelabs-client-conf"] {
            let text = definitions.to_text(space, code, &data);
            prop_assert!(text.starts_with("type="));
            definitions.text_value(space, code, &data);
        }
    }

    /// Hexadecimal data accepted for an option is data the option can hold: encoding it again changes nothing.
    #[test]
    fn accepted_bytes_stay(code in 1i64..255, data in prop::collection::vec(any::<u8>(), 0..40)) {
        let definitions = Definitions::v4();
        let encode = |data: &[u8]| {
            let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
            definitions.encode(&OptionText {
                code: Some(code),
                data: Some(&hex),
                csv_format: Some(false),
                ..OptionText::default()
            })
        };
        if let Ok(once) = encode(&data) {
            let twice = encode(&once.data).unwrap();
            prop_assert_eq!(&Encoded { left_over: 0, ..once.clone() }, &twice);
            prop_assert!(nest(&once, std::slice::from_ref(&once)).is_ok());
        }
    }

    /// Text of any kind is encoded or refused.
    #[test]
    fn any_text_is_encoded_or_refused(
        code in 1i64..255,
        data in r"[-0-9a-f.:/,|=' \\{}]{0,40}|\PC{0,40}",
        csv_format in any::<bool>(),
    ) {
        let definitions = Definitions::v4();
        let text = OptionText {
            code: Some(code),
            data: Some(&data),
            csv_format: csv_format.then_some(false),
            ..OptionText::default()
        };
        if let Ok(encoded) = definitions.encode(&text) {
            prop_assert!(encoded.fields_len <= encoded.data.len());
            definitions.to_text(DHCP4_SPACE, encoded.code, &encoded.data);
        }
    }
}
