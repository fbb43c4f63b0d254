//! Which changes go in one message, and that zones are in the end what they would be if each went by itself.

#[path = "reconcile/server.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod server;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use kotare_ddns::{
    Action, Algorithm, Bundle, Bundles, Change, ChangeRequest, ConflictResolution, Dhcid, DnsServer, Heard,
    Kept, Key, Name, Queue, Rcode, Ticket, Transaction, Zone, Zones,
};
use kotare_model::Chance;
use proptest::prelude::*;
use server::Server;

const CHECK: ConflictResolution = ConflictResolution::CheckWithDhcid;
const NO_CHECK: ConflictResolution = ConflictResolution::NoCheckWithDhcid;

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// Two zones of names and two of addresses, at one server, with a key.
fn zones(key: Option<&Arc<Key>>) -> Zones {
    let server = DnsServer { at: (ip("127.0.0.1"), 53).into(), key: key.cloned(), agreed: None };
    let zone = |text: &str| Zone { name: name(text), servers: vec![server.clone()] };
    let reverse = ["2.0.192.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"];
    Zones::new(["example.com", "other.example.com"].map(zone), reverse.map(zone))
}

/// A change of a name alone.
fn forward(change: Change, fqdn: &str, way: ConflictResolution) -> ChangeRequest {
    ChangeRequest {
        change,
        forward: true,
        reverse: false,
        fqdn: name(fqdn),
        address: ip("192.0.2.1"),
        dhcid: Dhcid::of_bytes(&[1]).expect("data"),
        lease_length: 300,
        conflict_resolution: way,
    }
}

fn add(fqdn: &str) -> ChangeRequest {
    forward(Change::Add, fqdn, CHECK)
}

/// The first labels of the names of what goes now, a line a message.
fn next(bundles: &mut Bundles<()>, most: usize) -> Vec<(String, Bundle<()>)> {
    let all = std::iter::from_fn(|| bundles.next(most));
    let named = all.map(|bundle| {
        let first = |name: &Name| name.to_string().split('.').next().unwrap_or_default().to_owned();
        let names = bundle.transactions().map(|one| first(&one.request().fqdn));
        (names.collect::<Vec<_>>().join(" "), bundle)
    });
    named.collect()
}

/// The same, with a look at the names alone.
fn expect(bundles: &mut Bundles<()>, most: usize, expected: &[&str]) -> Vec<Bundle<()>> {
    let (names, bundles): (Vec<String>, Vec<_>) = next(bundles, most).into_iter().unzip();
    assert_eq!(names, expected);
    bundles
}

fn begun(requests: impl IntoIterator<Item = ChangeRequest>) -> Bundles<()> {
    let (zones, mut bundles) = (zones(None), Bundles::default());
    for request in requests {
        let transaction = zones.place(request).expect("a zone");
        assert!(bundles.begin(transaction, ()).is_none());
    }
    bundles
}

const DONE: Heard = Heard::Answered(Rcode::NOERROR);

/// What is for one server, one zone, one kind of change and one way to resolve conflicts goes together.
#[test]
fn what_goes_together() {
    let zones = zones(None);
    let (other, remove) = ("c.other.example.com", Change::Remove);
    for (requests, most, expected) in [
        (vec![add("a.example.com"), add("b.example.com"), add("c.example.com")], 9, &["a b c"][..]),
        (vec![add("a.example.com"), add(other), add("b.example.com")], 9, &["a b", "c"]),
        (vec![add("a.example.com"), forward(Change::Add, "b.example.com", NO_CHECK)], 9, &["a", "b"]),
        (vec![add("a.example.com"), forward(remove, "b.example.com", CHECK)], 9, &["a", "b"]),
        (vec![add("a.example.com"), add("b.example.com")], 1, &["a", "b"]),
        (vec![add("a.example.com"), add("b.example.com"), add("c.example.com")], 2, &["a b"]),
    ] {
        let mut bundles = Bundles::default();
        for request in requests {
            assert!(bundles.begin(zones.place(request).expect("a zone"), ()).is_none());
        }
        expect(&mut bundles, most, expected);
    }
}

/// Whoever comes first goes at once; others gather while it is under way, and go when there are enough or it is done.
#[test]
fn nobody_waits_for_company() {
    let zones = zones(None);
    let mut bundles = Bundles::default();
    let begin = |bundles: &mut Bundles<()>, label: &str| {
        let request = add(&format!("{label}.example.com"));
        assert!(bundles.begin(zones.place(request).expect("a zone"), ()).is_none());
    };
    begin(&mut bundles, "a");
    let first = expect(&mut bundles, 3, &["a"]).remove(0);
    begin(&mut bundles, "b");
    begin(&mut bundles, "c");
    expect(&mut bundles, 3, &[]);
    begin(&mut bundles, "d");
    begin(&mut bundles, "e");
    let second = expect(&mut bundles, 3, &["b c d"]).remove(0);
    assert_eq!(bundles.heard(first, DONE).len(), 1);
    expect(&mut bundles, 3, &[]);
    assert_eq!(bundles.heard(second, DONE).len(), 3);
    let last = expect(&mut bundles, 3, &["e"]).remove(0);
    assert!(bundles.is_empty());
    let ended = bundles.heard(last, DONE);
    assert!(
        ended.len() == 1
            && ended[0].succeeded
            && ended[0].transaction.request().fqdn == name("e.example.com")
    );
}

/// What is refused together is tried by itself, and goes together again in the next step.
#[test]
fn what_is_refused_is_taken_apart() {
    for code in [Rcode::YXDOMAIN, Rcode::SERVFAIL, Rcode::new(5)] {
        let refused = Heard::Answered(code);
        let mut bundles = begun([add("a.example.com"), add("b.example.com"), add("c.example.com")]);
        let all = expect(&mut bundles, 9, &["a b c"]).remove(0);
        assert!(bundles.heard(all, refused).is_empty());
        let [a, b, c]: [_; 3] = expect(&mut bundles, 9, &["a", "b", "c"]).try_into().expect("three");
        assert!(bundles.heard(b, DONE)[0].succeeded);
        let ended: Vec<_> = [a, c].into_iter().flat_map(|one| bundles.heard(one, refused)).collect();
        if code == Rcode::YXDOMAIN {
            let both = expect(&mut bundles, 9, &["a c"]).remove(0);
            assert!(ended.is_empty() && bundles.heard(both, DONE).iter().all(|one| one.succeeded));
        } else {
            assert!(ended.len() == 2 && ended.iter().all(|one| !one.succeeded));
            assert_eq!(ended[0].transaction.may_succeed_later(), code == Rcode::SERVFAIL);
        }
        assert!(bundles.is_empty());
    }
}

/// Silence is a try of each; the last one is made by itself.
#[test]
fn the_last_try_is_made_alone() {
    for silence in [Heard::Timeout, Heard::Failed, Heard::Corrupt] {
        let mut bundles = begun([add("a.example.com"), add("b.example.com")]);
        for _ in 0..2 {
            let both = expect(&mut bundles, 9, &["a b"]).remove(0);
            assert!(bundles.heard(both, silence).is_empty());
        }
        let [a, b]: [_; 2] = expect(&mut bundles, 9, &["a", "b"]).try_into().expect("two");
        assert!(bundles.heard(a, DONE)[0].succeeded);
        let ended = bundles.heard(b, silence);
        assert!(!ended[0].succeeded);
        assert_eq!(ended[0].transaction.may_succeed_later(), silence != Heard::Corrupt);
    }
}

/// Whoever was away before: a server that says what is at the name has the last word.
#[test]
fn a_verdict_is_the_last_word() {
    let server = |host| DnsServer { at: ([127, 0, 0, host], 53).into(), key: None, agreed: None };
    let zone = Arc::new(Zone { name: name("example.com"), servers: vec![server(1), server(2)] });
    for (code, later) in [(Rcode::NXRRSET, false), (Rcode::new(5), true)] {
        let mut one = Transaction::new(add("a.example.com"), Some(zone.clone()), None);
        let answers = [Heard::Timeout, Heard::Timeout, Heard::Timeout, Heard::Answered(Rcode::YXDOMAIN)];
        assert_eq!(one.begin(), Action::Send);
        assert!(answers.into_iter().all(|heard| one.heard(heard) == Action::Send));
        assert_eq!(one.heard(Heard::Answered(code)), Action::Failed);
        assert_eq!(one.may_succeed_later(), later, "{code}");
    }
}

/// A message is no longer than what passes everywhere in one piece, however long names and signatures are, but one with a
/// single change that is longer itself.
#[test]
fn messages_are_short() {
    let long =
        |number: usize| format!("n{number}.{}example.com", format!("label-{number:02}-of-twenty.").repeat(9));
    let short = |number: usize| format!("n{number}.example.com");
    let key = Key::new(name("a-key.of.example.com"), Algorithm::HmacSha512, "c2VjcmV0", 0).expect("a key");
    for (names, address, key, at_least) in [
        (&short as &dyn Fn(usize) -> String, "192.0.2.", None, 9),
        (&short, "2001:db8::", Some(Arc::new(key)), 6),
        (&long, "192.0.2.", None, 2),
    ] {
        let zones = zones(key.as_ref());
        let mut bundles = Bundles::default();
        for number in 0..64 {
            let address = ip(&format!("{address}{number}"));
            let mut request = ChangeRequest { reverse: true, address, ..add(&names(number)) };
            request.dhcid = Dhcid::of_hardware_address(1, &[2, 0, 0, 0, 0, 0], &request.fqdn).expect("data");
            assert!(bundles.begin(zones.place(request).expect("zones"), ()).is_none());
        }
        let mut sizes = Vec::new();
        while let Some(bundle) = bundles.next(64) {
            let attempt = bundle.attempt(7, 0).expect("a message");
            assert!(attempt.message.len() <= 1232, "{}", attempt.message.len());
            sizes.push((attempt.changes(), attempt.message.len()));
            bundles.heard(bundle, DONE);
        }
        assert!(bundles.is_empty());
        let most = sizes.iter().map(|(changes, _)| *changes).max();
        assert!(most >= Some(at_least) && most < Some(64), "{sizes:?}");
        // Whole ones have no room for another.
        assert!(sizes[0].1 > 1232 - 400, "{sizes:?}");
    }
}

/// What belongs to a request that is carried out.
type Errand = (Ticket, usize);

/// Carries all requests out side by side, as many in a message as `most` has it, with answers in any order. Some messages are lost
/// on their way, and some answers. Whether each succeeded, in the order of the requests.
fn side_by_side(
    server: &mut Server,
    requests: &[ChangeRequest],
    most: usize,
    chance: &mut Chance,
) -> Vec<bool> {
    let zones = zones(None);
    let mut queue = Queue::new(requests.len());
    for (number, request) in (0u64..).zip(requests) {
        queue.push(Kept { number, since: 0, request: request.clone().into() }).expect("room");
    }
    let mut bundles: Bundles<Errand> = Bundles::default();
    let mut under_way: Vec<Bundle<Errand>> = Vec::new();
    let mut succeeded = vec![false; requests.len()];
    let mut losses = 2;
    loop {
        while let Some((ticket, kept)) = queue.take(Duration::ZERO) {
            let transaction = zones.place(Arc::unwrap_or_clone(kept.request)).expect("zones");
            assert!(bundles.begin(transaction, (ticket, kept.number as usize)).is_none());
        }
        while let Some(bundle) = bundles.next(most) {
            under_way.push(bundle);
        }
        if under_way.is_empty() {
            break;
        }
        let bundle = under_way.swap_remove(chance.below(under_way.len()));
        let attempt = bundle.attempt(7, 0).expect("a message");
        assert!(attempt.changes() <= most);
        // No step is given up: two of three tries may be lost.
        let loss = if losses > 0 { chance.below(12) } else { 2 };
        let heard = match loss {
            0 => Heard::Timeout,
            _ => {
                let answer = server.update(&attempt.message);
                if loss == 1 { Heard::Timeout } else { attempt.read(&answer, 0).expect("an answer") }
            }
        };
        if heard == Heard::Timeout {
            losses -= 1;
        }
        for one in bundles.heard(bundle, heard) {
            let (ticket, number) = one.of;
            succeeded[number] = one.succeeded;
            queue.done(ticket);
        }
    }
    assert!(queue.is_empty() && queue.under_way() == 0 && bundles.is_empty());
    succeeded
}

const ADDRESSES: [&str; 5] = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2"];
const NAMES: [&str; 5] =
    ["a.example.com", "B.example.com", "c.Example.com", "d.other.example.com", "e.example.com"];

prop_compose! {
    fn any_request()(
        removes in any::<bool>(), directions in 0u8..3, name in 0usize..NAMES.len(),
        address in 0usize..ADDRESSES.len(), client in 1u8..3, way in 0usize..5,
    ) -> ChangeRequest {
        ChangeRequest {
            change: if removes { Change::Remove } else { Change::Add },
            forward: directions != 1,
            reverse: directions != 2,
            fqdn: self::name(NAMES[name]),
            address: ip(ADDRESSES[address]),
            dhcid: Dhcid::of_bytes(&[client]).expect("data"),
            lease_length: 300,
            // Half of them are what is usual.
            conflict_resolution: ConflictResolution::ALL.get(way).map_or(CHECK, |(way, _)| *way),
        }
    }
}

proptest! {
    /// Whatever is asked for, whatever there is and whatever gets lost: zones and outcomes are those of requests that are carried
    /// out one after the other, each step in a message of its own.
    #[test]
    fn zones_are_the_same_in_the_end(
        requests in prop::collection::vec(any_request(), 1..40),
        there in prop::collection::vec((0usize..NAMES.len(), 0usize..ADDRESSES.len(), 0u8..3), 0..6),
        most in 1usize..9,
        seed in any::<u64>(),
    ) {
        let mut server = Server::new(&zones(None));
        for (name, address, client) in there {
            server.put(&self::name(NAMES[name]), server::address(ip(ADDRESSES[address])));
            if client > 0 {
                server.put(&self::name(NAMES[name]), server::dhcid(client));
            }
            server.put(&Name::reverse(ip(ADDRESSES[address])), server::pointer(&self::name(NAMES[name])));
        }
        let mut other = server.clone();
        let expected: Vec<bool> = requests
            .iter()
            .map(|request| other.carry_out(&zones(None), request) == Action::Succeeded)
            .collect();
        let succeeded = side_by_side(&mut server, &requests, most, &mut Chance::new(seed));
        prop_assert_eq!(succeeded, expected);
        prop_assert_eq!(server, other);
    }
}
