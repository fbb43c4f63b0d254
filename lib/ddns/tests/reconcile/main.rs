//! Zones are mended: what leases want is there, what nobody wants is not, and what others have put there stays.

mod server;

use std::collections::BTreeMap;
use std::net::IpAddr;

use kotare_ddns::{
    Action, Change, ChangeRequest, ConflictResolution, Dhcid, DnsServer, Name, Ranges, Repair, Transfer,
    Zone, Zones, repair,
};
use proptest::prelude::*;
use server::Server;

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// `example.com` with a zone below it, and the zones of addresses.
fn zones() -> Zones {
    let zone = |text: &str| Zone {
        name: name(text),
        servers: vec![DnsServer { at: (ip("127.0.0.1"), 53).into(), key: None, agreed: None }],
    };
    let reverse = ["2.0.192.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"];
    Zones::new(["example.com", "sub.example.com"].map(zone), reverse.map(zone))
}

/// 192.0.2.0 to .127, and 2001:db8::/64.
fn ranges() -> Ranges {
    let mut ranges = Ranges::default();
    ranges.add(ip("192.0.2.0"), 25);
    ranges.add(ip("2001:db8::"), 64);
    ranges
}

fn lease(fqdn: &str, address: &str, client: u8, way: ConflictResolution) -> ChangeRequest {
    ChangeRequest {
        change: Change::Add,
        forward: true,
        reverse: true,
        fqdn: name(fqdn),
        address: ip(address),
        dhcid: Dhcid::of_bytes(&[client]).expect("data"),
        lease_length: 300,
        conflict_resolution: way,
    }
}

/// A server with what these lines say: a name, then `A` or `PTR` or `DHCID` or `TXT` with its data.
fn server(lines: &[&str]) -> Server {
    let mut server = Server::new(&zones());
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let owner = if words[1] == "PTR" { Name::reverse(ip(words[0])) } else { name(words[0]) };
        let at_address = || words[0].parse().map_or(owner.clone(), Name::reverse);
        match words[1] {
            "A" => server.put(&owner, server::address(ip(words[2]))),
            "PTR" => server.put(&owner, server::pointer(&name(words[2]))),
            "DHCID" => server.put(&at_address(), server::dhcid(words[2].parse().expect("a client"))),
            _ => server.put(&at_address(), server::text()),
        }
    }
    server
}

fn compare(server: &Server, leases: &[ChangeRequest]) -> Repair {
    repair(&zones(), &server.copies(&zones(), 3), leases, &ranges())
}

/// What a repair says, a line each: what is done, with which name and address, in which directions.
fn told(repair: &Repair) -> Vec<String> {
    let line = |sign: &str, request: &ChangeRequest| {
        let forward = if request.forward { " forward" } else { "" };
        let reverse = if request.reverse { " reverse" } else { "" };
        format!("{sign} {} {}{forward}{reverse}", request.fqdn, request.address)
    };
    let stale = repair.stale.iter().map(|request| line("-", request));
    let missing = repair.missing.iter().map(|request| line("+", request));
    let conflicts = repair.conflicts.iter().map(|request| line("!", request));
    stale.chain(missing).chain(conflicts).collect()
}

/// Carries a repair out; all of it succeeds.
fn carry_out(server: &mut Server, repair: &Repair) {
    for request in repair.stale.iter().chain(&repair.missing) {
        assert_eq!(server.carry_out(&zones(), request), Action::Succeeded, "{request}");
    }
}

const CHECK: ConflictResolution = ConflictResolution::CheckWithDhcid;

/// A situation: what it is, what a zone has, what leases want, and what is to be done.
type Situation<'a> = (&'a str, &'a [&'a str], Vec<ChangeRequest>, &'a [&'a str]);

#[test]
fn what_is_missing_or_stale_is_found() {
    use ConflictResolution::*;
    let whole = [
        "a.example.com A 192.0.2.1",
        "a.example.com DHCID 1",
        "192.0.2.1 PTR a.example.com",
        "192.0.2.1 DHCID 1",
    ];
    let a = || lease("a.example.com", "192.0.2.1", 1, CHECK);
    let table: &[Situation<'_>] = &[
        ("nothing and nothing", &[], vec![], &[]),
        ("all is there", &whole, vec![a()], &[]),
        ("nothing is there", &[], vec![a()], &["+ a.example.com. 192.0.2.1 forward reverse"]),
        ("only the name", &whole[..2], vec![a()], &["+ a.example.com. 192.0.2.1 reverse"]),
        ("only the address", &whole[2..], vec![a()], &["+ a.example.com. 192.0.2.1 forward"]),
        ("the owner of the name alone", &whole[1..], vec![a()], &["+ a.example.com. 192.0.2.1 forward"]),
        ("nobody wants it", &whole, vec![], &["- a.example.com. 192.0.2.1 forward reverse"]),
        ("half of it", &whole[..2], vec![], &["- a.example.com. 192.0.2.1 forward"]),
        ("the other half", &whole[2..], vec![], &["- a.example.com. 192.0.2.1 reverse"]),
        ("somebody put the name there", &[whole[0], whole[2]], vec![], &[]),
        (
            "somebody put a name there that a lease wants",
            &["a.example.com TXT"],
            vec![a()],
            &["! a.example.com. 192.0.2.1 forward reverse"],
        ),
        (
            "another address of the name",
            &["a.example.com A 192.0.2.9", whole[1], whole[2], whole[3]],
            vec![a()],
            &["- a.example.com. 192.0.2.9 forward", "+ a.example.com. 192.0.2.1 forward"],
        ),
        (
            "another address that is nobody's",
            &["a.example.com A 198.51.100.9", whole[1], whole[2], whole[3]],
            vec![a()],
            &["+ a.example.com. 192.0.2.1 forward"],
        ),
        (
            "another name of the address",
            &[whole[0], whole[1], "192.0.2.1 PTR b.example.com", "192.0.2.1 DHCID 2"],
            vec![a()],
            &["+ a.example.com. 192.0.2.1 reverse"],
        ),
        (
            "more names of an address, or more than names",
            &[
                "192.0.2.1 PTR a.example.com",
                "192.0.2.1 PTR b.example.com",
                "192.0.2.1 DHCID 1",
                "192.0.2.2 PTR c.example.com",
                "192.0.2.2 DHCID 1",
                "192.0.2.2 TXT",
            ],
            vec![],
            &[],
        ),
        (
            "outside of the subnets",
            &[
                "a.example.com A 192.0.2.200",
                whole[1],
                "192.0.2.200 PTR a.example.com",
                "192.0.2.200 DHCID 1",
            ],
            vec![],
            &[],
        ),
        (
            "the address has another client",
            &whole,
            vec![lease("b.example.com", "192.0.2.1", 2, CHECK)],
            &["- a.example.com. 192.0.2.1 forward", "+ b.example.com. 192.0.2.1 forward reverse"],
        ),
        (
            "the name has another client",
            &whole,
            vec![lease("a.example.com", "192.0.2.2", 2, CHECK)],
            &["- a.example.com. 192.0.2.1 forward reverse", "+ a.example.com. 192.0.2.2 forward reverse"],
        ),
        (
            "two clients, one name",
            &whole,
            vec![a(), lease("A.example.com", "192.0.2.2", 2, CHECK)],
            &["! A.example.com. 192.0.2.2 forward reverse"],
        ),
        (
            "two clients, one name, and nothing there",
            &[],
            vec![lease("a.example.com", "192.0.2.2", 2, CHECK), a()],
            &["+ a.example.com. 192.0.2.2 forward reverse", "! a.example.com. 192.0.2.1 forward reverse"],
        ),
        (
            "nobody asks whose a name is",
            &whole,
            vec![a(), lease("a.example.com", "192.0.2.2", 2, NoCheckWithDhcid)],
            &["+ a.example.com. 192.0.2.2 reverse"],
        ),
        (
            "a name that somebody put there, and nobody asks",
            &["a.example.com A 198.51.100.9"],
            vec![lease("a.example.com", "192.0.2.1", 1, NoCheckWithoutDhcid)],
            &["+ a.example.com. 192.0.2.1 forward reverse"],
        ),
        (
            "without owners",
            &[whole[0], whole[2]],
            vec![lease("a.example.com", "192.0.2.1", 1, NoCheckWithoutDhcid)],
            &[],
        ),
        (
            "with an owner, whoever that is",
            &["a.example.com A 192.0.2.5", "a.example.com DHCID 9"],
            vec![lease("a.example.com", "192.0.2.1", 1, CheckExistsWithDhcid)],
            &["- a.example.com. 192.0.2.5 forward", "+ a.example.com. 192.0.2.1 forward reverse"],
        ),
        (
            "without an owner it is left alone",
            &["a.example.com A 192.0.2.5"],
            vec![lease("a.example.com", "192.0.2.1", 1, CheckExistsWithDhcid)],
            &["! a.example.com. 192.0.2.1 forward reverse"],
        ),
        (
            "both families, one client",
            &whole,
            vec![a(), lease("a.example.com", "2001:db8::1", 1, CHECK)],
            &["+ a.example.com. 2001:db8::1 forward reverse"],
        ),
        (
            "both families, two clients",
            &whole,
            vec![a(), lease("a.example.com", "2001:db8::1", 2, CHECK)],
            &["! a.example.com. 2001:db8::1 forward reverse"],
        ),
        (
            "a family goes",
            &["a.example.com A 192.0.2.1", "a.example.com A 2001:db8::1", whole[1], whole[2], whole[3]],
            vec![a()],
            &["- a.example.com. 2001:db8::1 forward"],
        ),
        (
            "a client with two addresses",
            &["a.example.com A 2001:db8::1", "a.example.com DHCID 1"],
            vec![
                lease("a.example.com", "2001:db8::1", 1, CHECK),
                lease("a.example.com", "2001:db8::2", 1, CHECK),
            ],
            &["+ a.example.com. 2001:db8::1 reverse", "+ a.example.com. 2001:db8::2 reverse"],
        ),
        (
            "in the zone below",
            &["a.sub.example.com A 192.0.2.1", "a.sub.example.com DHCID 1"],
            vec![lease("b.sub.example.com", "192.0.2.2", 2, CHECK)],
            &["- a.sub.example.com. 192.0.2.1 forward", "+ b.sub.example.com. 192.0.2.2 forward reverse"],
        ),
        ("no zone is for it", &[], vec![lease("a.example.org", "203.0.113.1", 1, CHECK)], &[]),
        (
            "the client looks after its name itself",
            &whole,
            vec![ChangeRequest { forward: false, ..a() }],
            &["- a.example.com. 192.0.2.1 forward"],
        ),
        ("two servers say the same", &[], vec![a(), a()], &["+ a.example.com. 192.0.2.1 forward reverse"]),
    ];
    for (situation, lines, leases, expected) in table {
        let mut server = server(lines);
        let found = compare(&server, leases);
        assert_eq!(told(&found), *expected, "{situation}");
        carry_out(&mut server, &found);
        let again = compare(&server, leases);
        assert_eq!((&again.stale[..], &again.missing[..]), (&[][..], &[][..]), "{situation}");
    }
}

/// A zone that cannot be copied is not touched, nor is what depends on it judged.
#[test]
fn zones_that_are_not_known_stay_as_they_are() {
    let leases = [lease("a.example.com", "192.0.2.1", 1, CHECK)];
    let nothing = repair(&zones(), &kotare_ddns::Copies::default(), &leases, &ranges());
    assert_eq!(nothing, Repair::default());
}

/// What is no whole zone is refused.
#[test]
fn what_is_no_zone_is_refused() {
    let zone = name("example.com");
    let soa = || (zone.canonical(), (6, vec![0; 22]));
    let other = || (name("example.org").canonical(), (6, vec![0; 22]));
    let host = || (name("a.example.com").canonical(), (1, vec![192, 0, 2, 1]));
    for (records, reason) in [
        (vec![host(), soa()], "does not begin like a zone"),
        (vec![other(), host()], "another zone"),
        (vec![soa(), host(), soa(), host()], "goes on"),
    ] {
        let (mut transfer, question) = Transfer::begin(&zone, None, 9, 0).expect("a question");
        let error = transfer.read(&server::message(&records), 0).expect_err(reason);
        assert!(error.to_string().contains(reason), "{error}");
        // Neither the question nor anything cut short is an answer.
        let (mut transfer, _) = Transfer::begin(&zone, None, 9, 0).expect("a question");
        assert!(transfer.read(&question, 0).is_err());
        let whole = server::message(&[soa(), host(), soa()]);
        for length in 0..whole.len() {
            let (mut transfer, _) = Transfer::begin(&zone, None, 9, 0).expect("a question");
            assert_ne!(transfer.read(&whole[..length], 0), Ok(true), "{length}");
        }
    }
    let (mut transfer, _) = Transfer::begin(&zone, None, 9, 0).expect("a question");
    let mut refused = server::message(&[]);
    refused[3] |= 5;
    assert_eq!(transfer.read(&refused, 0).expect_err("refused").to_string(), "the server answers REFUSED");
}

/// A lease of one of few names, clients and addresses.
fn any_lease() -> impl Strategy<Value = ChangeRequest> + Clone {
    let ways = prop::sample::select(ConflictResolution::ALL.map(|(way, _)| way).to_vec());
    (0..5_u8, 1..9_u8, any::<bool>(), 1..4_u8, ways, 0..8_u8).prop_map(
        |(host, at, is_v6, client, way, flags)| {
            let address = if is_v6 { format!("2001:db8::{at}") } else { format!("192.0.2.{at}") };
            let (forward, reverse) = (flags != 1, flags != 2);
            ChangeRequest {
                forward,
                reverse,
                ..lease(&format!("n{host}.example.com"), &address, client, way)
            }
        },
    )
}

/// Something that a zone has: of a lease that was, or of somebody else.
fn any_record() -> impl Strategy<Value = Vec<String>> {
    let of_lease = any_lease().prop_map(|lease| {
        let (fqdn, address, client) = (&lease.fqdn, lease.address, lease.dhcid.as_bytes()[0]);
        vec![
            format!("{fqdn} A {address}"),
            format!("{fqdn} DHCID {client}"),
            format!("{address} PTR {fqdn}"),
            format!("{address} DHCID {client}"),
        ]
    });
    let part = (of_lease.clone(), 0..15_u8).prop_map(|(lines, mask)| {
        let kept = lines.into_iter().enumerate().filter(|(at, _)| mask & 1 << at == 0);
        kept.map(|(_, line)| line).collect()
    });
    let foreign = (0..5_u8, 0..5_u8).prop_map(|(host, kind)| {
        vec![match kind {
            0 => format!("s{host}.example.com A 192.0.2.{host}"),
            1 => format!("s{host}.example.com TXT"),
            2 => format!("n{host}.example.com A 198.51.100.{host}"),
            3 => format!("192.0.2.{} PTR s{host}.example.com", 100 + host),
            _ => format!("s{host}.example.com A 2001:db8:1::{host}"),
        }]
    });
    prop_oneof![2 => of_lease, 2 => part, 1 => foreign]
}

proptest! {
    /// After a repair the zones are what leases want and a second look finds nothing; what others put there is as it was.
    #[test]
    fn zones_are_what_leases_want(
        leases in prop::collection::vec(any_lease(), 0..8),
        records in prop::collection::vec(any_record(), 0..10),
    ) {
        // An address has one lease.
        let leases: BTreeMap<IpAddr, ChangeRequest> = leases.into_iter().map(|it| (it.address, it)).collect();
        let leases: Vec<ChangeRequest> = leases.into_values().collect();
        let lines: Vec<&str> = records.iter().flatten().map(String::as_str).collect();
        let mut server = server(&lines);
        let before = server.clone();
        let found = compare(&server, &leases);
        carry_out(&mut server, &found);
        // Where nobody asks whose a name is, what somebody put there is the client's from then on, and looked at as such.
        if leases.iter().any(|lease| lease.conflict_resolution != CHECK) {
            let adopted = compare(&server, &leases);
            carry_out(&mut server, &adopted);
        }
        let again = compare(&server, &leases);
        prop_assert_eq!(&again.stale, &vec![]);
        prop_assert_eq!(&again.missing, &vec![]);

        for lease in leases.iter().filter(|lease| !again.conflicts.contains(lease)) {
            let there = server.at(&lease.fqdn);
            let of_name = leases.iter().filter(|other| other.forward && other.fqdn == lease.fqdn);
            let of_name = of_name.filter(|other| other.address.is_ipv4() == lease.address.is_ipv4());
            let addresses: Vec<_> = of_name.map(|other| server::address(other.address)).collect();
            prop_assert!(!lease.forward || addresses.iter().any(|address| there.contains(address)), "{}", lease);
            let pointers = server.at(&Name::reverse(lease.address));
            prop_assert!(!lease.reverse || pointers.contains(&server::pointer(&lease.fqdn)), "{}", lease);
        }
        let names = before.zones.values().chain(server.zones.values()).flat_map(|zone| zone.keys().cloned());
        for name in names.filter_map(|name| Name::from_wire(&name)) {
            let (was, is) = (before.at(&name), server.at(&name));
            let is_marked = |records: &std::collections::BTreeSet<server::Data>| {
                records.iter().filter(|(kind, _)| *kind == server::dhcid(0).0).count() == 1
            };
            let is_wanted = leases
                .iter()
                .any(|lease| lease.fqdn == name || Name::reverse(lease.address) == name);
            // What is not marked and nobody wants is somebody else's.
            prop_assert!(is_wanted || is_marked(&was) || was == is, "{}", name);
            // What is marked and in a subnet is of a lease.
            for address in (1..9).map(|at| ip(&format!("192.0.2.{at}"))).filter(|_| is_marked(&is)) {
                let is_of_lease =
                    leases.iter().any(|lease| lease.forward && lease.fqdn == name && lease.address == address);
                prop_assert!(is_of_lease || !is.contains(&server::address(address)), "{}", name);
            }
        }
    }
}
