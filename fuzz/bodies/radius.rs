//! Any bytes as the answer of a RADIUS server, or as a dictionary.
//!
//! The first byte says which: 0 is a dictionary, 1 bytes as they come, others attributes that a server has signed.

use kotare_radius::{Attribute, Bad, Code, Dictionary, Kind, Sealed, json, of_json, respond};

const SECRET: &[u8] = b"secret";

/// Panics when an answer is believed that its server did not sign, or attributes are kept otherwise than they are.
pub(crate) fn check(input: &[u8]) {
    let Some((&kind, bytes)) = input.split_first() else { return };
    let dictionary = Dictionary::standard();
    if kind == 0 {
        let text = String::from_utf8_lossy(bytes).into_owned();
        // What it includes is itself.
        let _ = Dictionary::read("fuzzed", |_| Ok(text.clone()));
        return;
    }
    let sealed = Sealed::new(Code::ACCESS_REQUEST, 7, [7; 16], &[], SECRET, true).expect("a short request");
    if kind == 1 {
        assert!(
            sealed.read(bytes, SECRET, false, &dictionary).is_err(),
            "an answer is believed that was not signed"
        );
        return;
    }
    let of_code = |bytes: &[u8]| {
        let definition = dictionary.of_code(*bytes.first()?, 0).filter(|it| it.kind != Kind::Vendor)?;
        Attribute::of_bytes(definition, bytes.get(1..)?).ok()
    };
    let attributes: Vec<Attribute> = bytes.split(|byte| *byte == b'|').filter_map(of_code).take(12).collect();
    assert_eq!(of_json(&json(&attributes, &dictionary), &dictionary), attributes);
    let signed = respond(sealed.bytes(), Code::ACCESS_ACCEPT, &attributes, SECRET, true).expect("an answer");
    match sealed.read(&signed, SECRET, true, &dictionary) {
        Ok(answer) => assert!(answer.attributes[1..].iter().eq(&attributes)),
        // Attributes that only packets as such have.
        Err(Bad::Else(reason)) => {
            assert!(reason.contains("Message-Authenticator") || signed.len() > 4096, "{reason}")
        }
        Err(other) => panic!("{other}"),
    }
}
