//! Any bytes as name change requests, as the answer of a DNS server to an update or to who wants a key agreed on, or as a
//! message of a zone that is copied.
//!
//! The first byte says which: 0 is a datagram of requests, 1 an answer to a message that was not signed, 239 one with a key, from 240 on it
//! is a message of a zone, 240 one that nobody signs, others are answers to a signed message.

use std::net::Ipv4Addr;
use std::sync::Arc;

use kotare_ddns::gss_tsig::Exchange;
use kotare_ddns::{
    Algorithm, Ask, ChangeRequest, DnsServer, Heard, Key, Transaction, Transfer, Zone, unpack,
};

/// When the message is signed, in seconds since 1970.
const NOW: u64 = 1_700_000_000;

/// An answer to who wants a key agreed on.
const TKEY: u8 = 239;

/// The first kind of a message of a zone.
const ZONE: u8 = 240;

/// Panics when a request is read otherwise than written, or what is believed that its server did not sign.
pub(crate) fn check(input: &[u8]) {
    let Some((&kind, bytes)) = input.split_first() else { return };
    if kind == 0 {
        let mut count = 0;
        for (request, ask) in unpack(bytes) {
            count += 1;
            if let Ok(request) = request {
                assert_eq!(ChangeRequest::from_datagram(&request.to_datagram()), Ok(request));
            }
            if let Some(Ask { asker, number }) = ask {
                assert_eq!(Ask::receipts(asker, &[number]).count(), 1);
            }
        }
        assert!((1..=bytes.len().max(1)).contains(&count), "requests come from nowhere");
        return;
    }
    if kind == TKEY {
        let name = "1.sig-ns.example.com".parse().expect("a name");
        let exchange = Exchange::new(name, NOW, NOW + 3600).expect("an exchange");
        if let Some(Ok(reply)) = exchange.read(0x3131, bytes) {
            assert!(reply.token.len() <= bytes.len(), "a token comes from nowhere");
        }
        return;
    }
    let algorithm = Algorithm::ALL[usize::from(kind) % Algorithm::ALL.len()].0;
    let name = "key.example.com".parse().expect("a name");
    let is_signed = kind > 1 && kind != ZONE;
    let key = is_signed.then(|| Arc::new(Key::new(name, algorithm, "c2VjcmV0", 0).expect("a key")));
    if kind >= ZONE {
        let zone = "example.com".parse().expect("a name");
        let (mut transfer, _) = Transfer::begin(&zone, key.as_ref(), 0x3131, NOW).expect("a question");
        if transfer.read(bytes, NOW).is_ok() {
            assert!(!is_signed, "a zone is believed that was not signed");
            let _ = transfer.read(bytes, NOW);
        }
        return;
    }
    let server = DnsServer { at: (Ipv4Addr::LOCALHOST, 53).into(), key, agreed: None };
    let zone = Zone { name: "example.com".parse().expect("a name"), servers: vec![server] };
    let mut transaction = Transaction::new(request(), Some(Arc::new(zone)), None);
    transaction.begin();
    let attempt = transaction.attempt(0x3131, NOW).expect("a message");
    match attempt.read(bytes, NOW) {
        Some(heard @ Heard::Answered(_)) => {
            assert!(kind == 1, "an answer is believed that was not signed");
            transaction.heard(heard);
        }
        Some(heard) => {
            transaction.heard(heard);
        }
        None => {}
    }
}

fn request() -> ChangeRequest {
    let json = br#"{"change-type":0,"forward-change":true,"reverse-change":false,"fqdn":"a.example.com.","ip-address":"10.0.0.1","dhcid":"00","lease-length":1}"#;
    ChangeRequest::from_json(json).expect("a request")
}
