//! Any attributes, and any bytes.

use kotare_radius::{Attribute, Bad, Code, Dictionary, Sealed, Value, json, of_json};
use proptest::prelude::*;

fn attribute() -> impl Strategy<Value = Attribute> {
    let bytes = prop::collection::vec(any::<u8>(), 1..=253);
    prop_oneof![
        bytes.clone().prop_map(|bytes| (25, Value::Bytes(bytes.into()))),
        any::<u32>().prop_map(|number| (5, Value::Integer(number))),
        any::<[u8; 4]>().prop_map(|address| (8, Value::Ipv4(address.into()))),
        any::<[u8; 16]>().prop_map(|address| (168, Value::Ipv6(address.into()))),
        (any::<[u8; 16]>(), 0_u8..=128).prop_map(|(at, len)| (123, Value::Prefix(at.into(), len))),
        (any::<u32>(), bytes).prop_map(|(vendor, bytes)| {
            (26, Value::Vendor(vendor, bytes[..bytes.len().min(249)].into()))
        }),
    ]
    .prop_map(|(code, value)| Attribute { code, value })
}

proptest! {
    /// What is kept is what it was.
    #[test]
    fn attributes_are_kept(all in prop::collection::vec(attribute(), 0..8)) {
        let dictionary = Dictionary::standard();
        prop_assert_eq!(of_json(&json(&all, &dictionary), &dictionary), all);
    }

    /// Whatever comes is no answer that is believed, unless it was signed with the secret.
    #[test]
    fn any_bytes_are_refused(all in prop::collection::vec(attribute(), 0..8), noise in prop::collection::vec(any::<u8>(), 0..100), at in 0_usize..4096, bit in 0_u8..8) {
        let dictionary = Dictionary::standard();
        for code in [Code::ACCESS_REQUEST, Code::ACCOUNTING_REQUEST, Code::STATUS_SERVER] {
            let sealed = Sealed::new(code, 3, [7; 16], &all, b"secret", true).expect("short");
            prop_assert!(sealed.read(&noise, b"secret", false, &dictionary).is_err());
            // A request is no answer to itself, changed or not.
            let mut echoed = sealed.bytes().to_vec();
            prop_assert!(sealed.read(&echoed, b"secret", false, &dictionary).is_err());
            let at = at % echoed.len();
            echoed[at] ^= 1 << bit;
            let read = sealed.read(&echoed, b"secret", false, &dictionary);
            let is_refused = matches!(read, Err(Bad::Else(_) | Bad::Mismatch { .. } | Bad::Unexpected(_)));
            prop_assert!(is_refused);
        }
    }
}
