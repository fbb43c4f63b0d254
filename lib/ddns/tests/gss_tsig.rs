//! Keys that are agreed on: what is sent and believed, and how keys of a server follow each other, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use kotare_ddns::gss_tsig::{Exchange, Outcome, Refusal, Ring, Standing, Timing};
use kotare_ddns::{Key, Name, SecurityContext};

/// A context of two ends that know the same byte.
#[derive(Debug)]
struct Shared(u8);

impl SecurityContext for Shared {
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        Some(vec![self.0, message.iter().fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(*byte))])
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.sign(message).as_deref() == Some(signature)
    }

    fn lifetime(&self) -> Option<Duration> {
        None
    }
}

fn name(number: u32) -> Name {
    format!("{number}.sig-server.example.org.").parse().expect("a name")
}

fn key(number: u32) -> Key {
    Key::agreed(name(number), Arc::new(Shared(7))).expect("a key")
}

fn exchange() -> Exchange {
    Exchange::new(name(1), 1000, 4600).expect("a name of an algorithm")
}

/// An answer to the request of this number: the request turned into one, with the record among the answers.
fn answer(number: u16, token: &[u8]) -> Vec<u8> {
    let mut message = exchange().request(number, token).expect("room");
    message[2] |= 0x80;
    message.swap(7, 11);
    message
}

/// Where the data of the record begins, with the name of the algorithm.
fn data_at(message: &[u8]) -> usize {
    message.windows(9).position(|bytes| bytes == b"\x08gss-tsig").expect("an algorithm")
}

/// Where the error of the record stands: before the lengths of the token and of what comes after it.
fn error_at(message: &[u8], token: &[u8]) -> usize {
    message.len() - 2 - token.len() - 2 - 2
}

#[test]
fn tokens_are_carried_to_and_fro() {
    let request = exchange().request(4711, b"token").expect("room");
    assert_eq!(request[..12], [0x12, 0x67, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    // TKEY is 249, ANY is 255; the algorithm, from when until when, the mode 3.
    let data = b"\x08gss-tsig\0\0\0\x03\xe8\0\0\x11\xf8\0\x03\0\0\0\x05token\0\0";
    assert!(request.ends_with(data) && request.windows(4).any(|bytes| bytes == [0, 249, 0, 255]));
    assert!(exchange().request(1, &[0; 32_769]).is_none());

    let reply = exchange().read(4711, &answer(4711, b"back")).expect("an answer").expect("a good one");
    assert_eq!((&reply.token[..], reply.ttl, reply.validity), (&b"back"[..], 0, (1000, 4600)));
    assert_eq!(reply.odd_class, None);
    // Of another class and with a time to live it is as good.
    let mut odd = answer(4711, b"back");
    let data = data_at(&odd);
    (odd[data - 7], odd[data - 3]) = (1, 9);
    let odd = exchange().read(4711, &odd).expect("an answer").expect("a good one");
    assert_eq!((&odd.token[..], odd.ttl, odd.odd_class.as_deref()), (&b"back"[..], 9, Some("IN")));
    assert!(!reply.is_signed());
    assert_eq!(reply.prove(&key(1), 1000), Err("the answer is not signed"));
    // What answers something else, or is a question, is nothing.
    assert!(exchange().read(4712, &answer(4711, b"back")).is_none());
    assert!(exchange().read(4711, &request).is_none() && exchange().read(4711, b"short").is_none());
}

#[test]
fn answers_of_no_use_are_told_apart() {
    let read = |edit: &dyn Fn(&mut Vec<u8>)| {
        let mut message = answer(1, b"back");
        edit(&mut message);
        exchange().read(1, &message).expect("an answer").expect_err("of no use")
    };
    assert_eq!(read(&|message| message[2] |= 5 << 3), Refusal::Opcode(5));
    assert_eq!(read(&|message| message[3] = 9), Refusal::Rcode(9));
    assert_eq!(read(&|message| message[7] = 0), Refusal::NoAnswer);
    assert_eq!(read(&|message| message[7] = 2), Refusal::Answers(2));
    assert!(matches!(read(&|message| message[2] |= 2), Refusal::Malformed(_)));
    let at = |message: &[u8]| error_at(message, b"back");
    assert_eq!(
        read(&|message| {
            let at = at(message);
            message[at + 1] = 17;
        }),
        Refusal::Tkey(17)
    );
    // The mode stands before the error.
    assert!(matches!(
        read(&|message| {
            let at = at(message);
            message[at - 1] = 2;
        }),
        Refusal::Malformed(_)
    ));
    assert!(matches!(read(&|message| message.truncate(message.len() - 1)), Refusal::Malformed(_)));
    // Nothing behind the length of the record's data.
    let nothing = read(&|message| {
        let data = data_at(message);
        message.truncate(data);
        message[data - 2..].fill(0);
    });
    assert_eq!(nothing, Refusal::NoData);
    let other = read(&|message| {
        let data = data_at(message);
        message[data - 9] = 250;
    });
    assert_eq!(other, Refusal::Type(250));
    assert_eq!(Refusal::Tkey(17).to_string(), "the server refuses with BADKEY (17)");
}

const TIMING: Timing = Timing {
    lifetime: Duration::from_secs(100),
    rekey: Duration::from_secs(75),
    retry: Duration::from_secs(10),
};

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The newest key that signs.
fn signs(ring: &Ring, seconds: u64) -> Option<String> {
    ring.usable(at(seconds)).map(|key| key.name().to_string())
}

#[test]
fn keys_follow_each_other() {
    let mut ring = Ring::new(TIMING);
    assert!(ring.pause(at(1000)) == Some(Duration::ZERO) && ring.is_wanting(at(1000)));
    ring.begin(name(1), at(1000));
    assert_eq!((ring.pause(at(1000)), signs(&ring, 1000)), (None, None));
    assert_eq!(ring.failed(&name(1), Outcome::Timeout, at(1003)), at(10));
    assert_eq!((ring.pause(at(1005)), ring.is_wanting(at(1013))), (Some(at(8)), true));
    ring.begin(name(2), at(1013));
    // A server may let a key be good for less.
    assert_eq!(ring.succeeded(key(2), at(1110), at(1014)), at(75));
    assert_eq!(signs(&ring, 1109).as_deref(), Some("2.sig-server.example.org."));
    assert_eq!(signs(&ring, 1110), None);

    // It becomes old; the former one signs until there is another.
    assert!(!ring.is_wanting(at(1087)) && ring.is_wanting(at(1088)));
    ring.begin(name(3), at(1088));
    assert_eq!(signs(&ring, 1089).as_deref(), Some("2.sig-server.example.org."));
    ring.succeeded(key(3), at(1188), at(1090));
    assert_eq!(signs(&ring, 1090).as_deref(), Some("3.sig-server.example.org."));
    let standings = |ring: &Ring| ring.keys().iter().map(|key| key.standing.name()).collect::<Vec<_>>();
    assert_eq!(standings(&ring), ["in error", "usable", "usable"]);

    // Commands.
    assert_eq!(
        (ring.expire(&name(3)), ring.expire(&name(3)), ring.expire(&name(9))),
        (Some(true), Some(false), None)
    );
    assert_eq!(ring.purge(at(1111)), [name(1), name(2), name(3)]);
    ring.force();
    assert!(ring.pause(at(1111)) == Some(Duration::ZERO) && ring.is_wanting(at(1111)));
    ring.begin(name(4), at(1111));
    // One that is deleted while it is agreed on stays away.
    assert!(ring.delete(&name(4)) && !ring.delete(&name(4)));
    ring.succeeded(key(4), at(1211), at(1112));
    assert!(ring.keys().is_empty());
}

#[test]
fn a_server_that_forgot_a_key_gets_another() {
    let mut ring = Ring::new(TIMING);
    ring.begin(name(1), at(1000));
    ring.succeeded(key(1), at(1100), at(1000));
    // Whoever does not even begin to sign is not asked again and again.
    assert!(!ring.unproved(&name(1), at(1009)) && signs(&ring, 1009).is_some());
    assert!(ring.unproved(&name(1), at(1010)) && signs(&ring, 1010).is_none());
    assert!(ring.pause(at(1010)) == Some(Duration::ZERO) && ring.is_wanting(at(1010)));
    assert_eq!(ring.keys()[0].standing, Standing::Expired);
    assert!(ring.forget(at(300), at(1400)).is_empty());
    assert_eq!(ring.forget(at(300), at(1401)), [name(1)]);
}
