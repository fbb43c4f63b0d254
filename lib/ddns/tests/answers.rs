//! What is made of answers that are not as usual.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_ddns::{ChangeRequest, DnsServer, Heard, Rcode, Transaction, Zone};

const NOW: u64 = 1_700_000_000;

/// The answer to an unsigned update with these flags and these bytes behind the header, of which it promises one record.
fn heard(flags: u16, records: u16, rest: &[u8]) -> Option<Heard> {
    let json = br#"{"change-type":0,"forward-change":true,"reverse-change":false,"fqdn":"a.example.com.","ip-address":"10.0.0.1","dhcid":"00","lease-length":1}"#;
    let request = ChangeRequest::from_json(json).expect("a request");
    let server = DnsServer { at: (Ipv4Addr::LOCALHOST, 53).into(), key: None, agreed: None };
    let zone = Zone { name: "example.com".parse().expect("a name"), servers: vec![server] };
    let mut transaction = Transaction::new(request, Some(Arc::new(zone)), None);
    transaction.begin();
    let attempt = transaction.attempt(7, NOW).expect("a message");
    let header = [7, flags, 0, 0, 0, records].map(u16::to_be_bytes).concat();
    attempt.read(&[&header, rest].concat(), NOW)
}

/// QR, and the operation code of updates.
const UPDATED: u16 = 0xa800;
/// TC: the answer did not fit.
const CUT: u16 = 0x0200;

/// An update is answered by its code alone, so that nothing is missing in an answer that was cut short; one that ends in the
/// middle of what it promises is not believed.
#[test]
fn what_was_cut_short_is_an_answer() {
    assert_eq!(heard(UPDATED, 0, b""), Some(Heard::Answered(Rcode::NOERROR)));
    assert_eq!(heard(UPDATED | CUT, 0, b""), Some(Heard::Answered(Rcode::NOERROR)));
    assert_eq!(heard(UPDATED | CUT | 6, 0, b""), Some(Heard::Answered(Rcode::YXDOMAIN)));
    assert_eq!(heard(UPDATED | CUT, 1, b"\x07example"), Some(Heard::Corrupt));
    // What answers no update may be anybody's mistake, but it is an answer.
    assert_eq!(heard(0x8000, 0, b""), Some(Heard::Corrupt));
    assert_eq!(heard(0x2800, 0, b""), None, "a question");
}
