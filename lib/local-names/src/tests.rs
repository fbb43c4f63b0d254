//! Whose a name is, what is answered, and what files say.

use std::collections::BTreeMap;
use std::net::IpAddr;

use domain::base::iana::{Class, Opcode, Rcode, Rtype};
use domain::base::name::Name as Wire;
use domain::base::{Message, MessageBuilder};
use domain::rdata::AllRecordData;
use kotare_ddns::Name;
use proptest::prelude::*;

use crate::*;

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn held(text: &str, owner: u8) -> Option<Held> {
    Some(Held { name: name(text), owner: vec![owner].into() })
}

fn fixed(text: &str, addresses: &[&str], owner: Option<u8>) -> Fixed {
    let addresses = addresses.iter().map(|text| ip(text)).collect();
    Fixed { name: name(text), addresses, owner: owner.map(|owner| vec![owner].into()) }
}

fn addresses(table: &Table, text: &str) -> Vec<String> {
    let both = [false, true].map(|is_v6| table.addresses(&name(text), is_v6).collect::<Vec<_>>());
    both.concat().iter().map(ToString::to_string).collect()
}

fn names(table: &Table, address: &str) -> Vec<String> {
    table.names(ip(address)).map(ToString::to_string).collect()
}

/// Clients are called what they say in the domain of the network, and nothing that others trust.
#[test]
fn clients_have_names_of_their_network() {
    let rules = Rules::new(Some(name("home.arpa")));
    let of = |text: &str| rules.of_client(text, "lan").map(|name| name.to_string());
    assert_eq!(of("laptop").as_deref(), Some("laptop.home.arpa."));
    assert_eq!(of("a.b.Home.ARPA.").as_deref(), Some("a.b.Home.ARPA."));
    assert_eq!(of("laptop.lan").as_deref(), Some("laptop.lan."));
    for others in [
        "www.example.com",
        "home.arpa",
        "lan",
        "wpad",
        "WPAD.lan",
        "isatap.home.arpa",
        "localhost",
        "",
        ".",
        "a..b",
        "a b",
        "a\n192.0.2.1 b",
        "a\"b",
        "b\u{fffd}ro",
        &"a".repeat(64),
    ] {
        // A label is a name below the domain, whatever it is.
        let expected = (others == "lan").then(|| "lan.home.arpa.".to_owned());
        assert_eq!(of(others), expected, "{others:?}");
    }
    let bare = Rules::default();
    assert_eq!(bare.of_client("laptop", ""), Some(name("laptop")));
    assert_eq!((bare.of_client("laptop.lan", ""), bare.of_client("192", "")), (None, None));
    assert_eq!(bare.of_operator("www.example.com"), Some(name("www.example.com")));
}

/// The first client of a name has it until it has no lease with it; then the next one does.
#[test]
fn who_comes_first_has_the_name() {
    let mut table = Table::new();
    table.lease(ip("192.0.2.9"), held("pc.lan", 1));
    table.lease(ip("192.0.2.2"), held("PC.lan", 2));
    table.lease(ip("192.0.2.3"), held("pc.lan", 1));
    table.lease(ip("2001:db8::2"), held("pc.lan", 2));
    assert_eq!(addresses(&table, "pc.LAN"), ["192.0.2.3", "192.0.2.9", "2001:db8::2"]);
    assert_eq!(
        (names(&table, "192.0.2.9"), names(&table, "192.0.2.2")),
        (vec!["pc.lan.".to_owned()], vec![])
    );
    // A move to another address is not the end.
    table.lease(ip("192.0.2.9"), None);
    assert_eq!(addresses(&table, "pc.lan"), ["192.0.2.3", "2001:db8::2"]);
    table.lease(ip("192.0.2.3"), held("other.lan", 1));
    assert_eq!(addresses(&table, "pc.lan"), ["192.0.2.2", "2001:db8::2"]);
    assert_eq!(names(&table, "192.0.2.3"), ["other.lan."]);
    let before = table.changes();
    table.lease(ip("192.0.2.2"), held("pc.lan", 2));
    assert_eq!(table.changes(), before, "nothing new");
    table.all_leases([(ip("192.0.2.7"), Held { name: name("pc.lan"), owner: vec![7].into() })]);
    assert_eq!(addresses(&table, "pc.lan"), ["192.0.2.7"]);
    assert_eq!((table.len(), table.is_known(&name("other.lan"))), (1, false));
}

/// What operators gave is for whom it was given to, whoever came before.
#[test]
fn operators_decide() {
    let mut table = Table::new();
    table.lease(ip("192.0.2.50"), held("printer.lan", 1));
    table.lease(ip("192.0.2.51"), held("nas.lan", 2));
    table.lease(ip("192.0.2.52"), held("nas.lan", 3));
    table.fix(vec![
        fixed("printer.lan", &["192.0.2.10", "2001:db8::10"], Some(9)),
        fixed("nas.lan", &[], Some(3)),
        fixed("www.lan", &["192.0.2.10"], None),
    ]);
    assert_eq!(addresses(&table, "printer.lan"), ["192.0.2.10", "2001:db8::10"]);
    assert_eq!(addresses(&table, "nas.lan"), ["192.0.2.52"]);
    assert_eq!(names(&table, "192.0.2.51"), [""; 0]);
    // With another lease, the client that it is for has it, too; and the reserved address stays its own when that ends.
    table.lease(ip("192.0.2.60"), held("printer.lan", 9));
    table.lease(ip("192.0.2.10"), held("printer.lan", 4));
    assert_eq!(addresses(&table, "printer.lan"), ["192.0.2.10", "192.0.2.60", "2001:db8::10"]);
    table.lease(ip("192.0.2.10"), None);
    table.lease(ip("192.0.2.60"), None);
    assert_eq!(addresses(&table, "printer.lan"), ["192.0.2.10", "2001:db8::10"]);
    assert_eq!(names(&table, "192.0.2.10"), ["printer.lan.", "www.lan."]);
    table.fix(Vec::new());
    assert_eq!(addresses(&table, "printer.lan"), ["192.0.2.50"]);
    assert_eq!(addresses(&table, "nas.lan"), ["192.0.2.51"]);
}

/// Each address with its name, in the forms that others read.
#[test]
fn files() {
    let rules = Rules::new(Some(name("lan")));
    let mut table = Table::new();
    table.lease(ip("192.0.2.20"), held("pc.lan", 1));
    table.lease(ip("192.0.2.21"), held("pc.lan", 2));
    table.lease(ip("2001:db8::20"), held("a.b.lan", 1));
    table.fix(vec![fixed("www.example.com", &["192.0.2.3"], None), fixed("ftp.lan", &["192.0.2.3"], None)]);
    let hosts = hosts_file(&table, &rules, "about");
    let lines = "# about\n192.0.2.3\twww.example.com\n192.0.2.3\tftp.lan ftp\n192.0.2.20\tpc.lan pc\n\
                 2001:db8::20\ta.b.lan\n";
    assert_eq!(hosts, lines);
    let unbound = unbound_file(&table, 60, "about");
    assert!(
        unbound.starts_with("# about\nserver:\n    local-data: \"www.example.com. 60 IN A 192.0.2.3\"\n")
    );
    assert!(unbound.contains("    local-data: \"a.b.lan. 60 IN AAAA 2001:db8::20\"\n"));
    assert_eq!(unbound.matches("local-data-ptr: \"192.0.2.3 60 www.example.com.\"").count(), 1);
    assert_eq!(unbound.matches("local-data-ptr").count(), 3);
    let read = read_hosts(
        "127.0.0.1 localhost\n# 192.0.2.1 no\n192.0.2.20 pc.lan pc # it\n::1 x!y\nnonsense\n",
        &rules,
    );
    assert_eq!(read, [fixed("pc.lan", &["192.0.2.20"], None)]);
}

#[test]
fn networks_have_zones_of_addresses() {
    let of = |text: &str, length| -> Vec<String> {
        reverse_zones(ip(text), length).iter().map(ToString::to_string).collect()
    };
    assert_eq!(of("192.0.2.0", 24), ["2.0.192.in-addr.arpa."]);
    assert_eq!(of("192.0.2.64", 26), ["2.0.192.in-addr.arpa."]);
    assert_eq!(of("10.1.2.0", 23), ["2.1.10.in-addr.arpa.", "3.1.10.in-addr.arpa."]);
    assert_eq!(of("10.0.0.0", 8), ["10.in-addr.arpa."]);
    assert_eq!(of("2001:db8:1::", 48), ["1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."]);
    assert_eq!(of("2001:db8:1:4::", 62).len(), 4);
    assert_eq!(of("0.0.0.0", 0), ["in-addr.arpa."]);
    assert_eq!(of("::1", 128).len(), 1);
}

fn world() -> (Table, Zones) {
    let mut table = Table::new();
    table.lease(ip("192.0.2.20"), held("pc.lan", 1));
    table.lease(ip("2001:db8::20"), held("pc.lan", 1));
    table.lease(ip("192.0.2.30"), held("deep.down.lan", 2));
    table.lease(ip("192.0.2.40"), held("lost.example", 3));
    for at in 0..=99 {
        table.lease(IpAddr::from([10, 0, 0, at]), held("many.lan", 4));
    }
    let zones = ["lan", "2.0.192.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"].map(name);
    let mut zones = Zones::new(zones, name("ns.lan"), vec![ip("192.0.2.1")], 60);
    zones.serial = 7;
    (table, zones)
}

struct Asks {
    transport: Transport,
    edns: Option<(u16, u8)>,
    class: Class,
    opcode: Opcode,
}

const PLAIN: Asks = Asks { transport: Transport::Udp, edns: None, class: Class::IN, opcode: Opcode::QUERY };

fn question(text: &str, kind: Rtype, asks: &Asks) -> Vec<u8> {
    let mut builder = MessageBuilder::new_vec();
    builder.header_mut().set_id(4711);
    builder.header_mut().set_rd(true);
    builder.header_mut().set_opcode(asks.opcode);
    let mut section = builder.question();
    let name = Wire::<Vec<u8>>::vec_from_str(text).expect("a name");
    section.push((&name, kind, asks.class)).expect("there is room");
    let mut section = section.additional();
    if let Some((size, version)) = asks.edns {
        let opt = section.opt(|opt| {
            opt.set_udp_payload_size(size);
            opt.set_version(version);
            Ok(())
        });
        opt.expect("there is room");
    }
    section.finish()
}

/// What is answered, in a line: code, flags, records, and who says that there is nothing.
fn asked(text: &str, kind: Rtype, asks: &Asks) -> String {
    let (table, zones) = world();
    let answered = answer(&table, &zones, &question(text, kind, asks), asks.transport).expect("an answer");
    let message = Message::from_octets(answered.message.clone()).expect("a message");
    let header = message.header();
    assert!(header.qr() && header.id() == 4711 && header.rd() && !header.ra());
    assert_eq!(header.rcode(), Rcode::masked_from_int(answered.rcode));
    assert_eq!(message.opt().is_some(), asks.edns.is_some());
    let mut line = format!("{}", message.opt_rcode());
    line += if header.aa() { " aa" } else { "" };
    line += if header.tc() { " tc" } else { "" };
    for record in message.answer().expect("a section").limit_to::<AllRecordData<_, _>>() {
        let record = record.expect("a record");
        assert_eq!(record.owner().to_string(), text.trim_end_matches('.'), "the case is kept");
        line += &format!(" {} {}", record.rtype(), record.data());
    }
    for record in message.authority().expect("a section").limit_to::<AllRecordData<_, _>>() {
        let record = record.expect("a record");
        line += &format!(" ({} {})", record.owner(), record.rtype());
    }
    line
}

/// What there is, what there is not, and what is none of our business.
#[test]
fn answers() {
    let plain = |text: &str, kind| asked(text, kind, &PLAIN);
    assert_eq!(plain("pC.LaN", Rtype::A), "NOERROR aa A 192.0.2.20");
    assert_eq!(plain("pc.lan", Rtype::AAAA), "NOERROR aa AAAA 2001:db8::20");
    assert_eq!(plain("pc.lan", Rtype::ANY), "NOERROR aa A 192.0.2.20");
    assert_eq!(plain("pc.lan", Rtype::MX), "NOERROR aa (lan SOA)");
    assert_eq!(plain("x.pc.lan", Rtype::A), "NXDOMAIN aa (lan SOA)");
    assert_eq!(plain("nobody.lan", Rtype::A), "NXDOMAIN aa (lan SOA)");
    // There is something below it.
    assert_eq!(plain("down.lan", Rtype::A), "NOERROR aa (lan SOA)");
    assert_eq!(plain("own.lan", Rtype::A), "NXDOMAIN aa (lan SOA)");
    assert_eq!(plain("lan", Rtype::A), "NOERROR aa (lan SOA)");
    assert_eq!(plain("lan", Rtype::NS), "NOERROR aa NS ns.lan.");
    let soa = "NOERROR aa SOA ns.lan. hostmaster.ns.lan. 7 3600 600 86400 60";
    assert_eq!(plain("lan", Rtype::SOA), soa);
    assert_eq!(
        (plain("ns.lan", Rtype::A), plain("ns.lan", Rtype::AAAA)),
        ("NOERROR aa A 192.0.2.1".to_owned(), "NOERROR aa (lan SOA)".to_owned())
    );
    assert_eq!(plain("pc.lan", Rtype::SOA), "NOERROR aa (lan SOA)");
    for elsewhere in ["lost.example", "example.com", "", "arpa", "3.0.192.in-addr.arpa"] {
        let elsewhere = if elsewhere.is_empty() { "." } else { elsewhere };
        let (table, zones) = world();
        let refused = answer(&table, &zones, &question(elsewhere, Rtype::A, &PLAIN), Transport::Udp);
        assert_eq!(refused.expect("an answer").rcode, 5, "{elsewhere}");
    }
    assert_eq!(plain("lan", Rtype::AXFR), "REFUSED");
    assert_eq!(asked("pc.lan", Rtype::TXT, &Asks { class: Class::CH, ..PLAIN }), "REFUSED");
    let update = question("lan", Rtype::SOA, &Asks { opcode: Opcode::UPDATE, ..PLAIN });
    let (table, zones) = world();
    assert_eq!(answer(&table, &zones, &update, Transport::Udp).expect("an answer").rcode, 4);
}

#[test]
fn addresses_are_answered_for() {
    let plain = |text: &str, kind| asked(text, kind, &PLAIN);
    assert_eq!(plain("20.2.0.192.in-addr.arpa", Rtype::PTR), "NOERROR aa PTR pc.lan.");
    assert_eq!(plain("20.2.0.192.in-addr.arpa", Rtype::A), "NOERROR aa (2.0.192.in-addr.arpa SOA)");
    assert_eq!(plain("21.2.0.192.in-addr.arpa", Rtype::PTR), "NXDOMAIN aa (2.0.192.in-addr.arpa SOA)");
    for none in ["x", "020", "256", "1.20", "+20"] {
        let text = format!("{none}.2.0.192.in-addr.arpa");
        assert_eq!(plain(&text, Rtype::PTR), "NXDOMAIN aa (2.0.192.in-addr.arpa SOA)", "{none}");
    }
    let whole = "0.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    assert_eq!(plain(whole, Rtype::PTR), "NOERROR aa PTR pc.lan.");
    // Resolvers ask for the end of a name before the whole (RFC 9156); there is something below it.
    for cut in 1..=whole.len() / 2 {
        let Some(part) = whole.get(2 * cut..).filter(|part| part.len() >= 24) else { break };
        assert_eq!(plain(part, Rtype::A), "NOERROR aa (8.b.d.0.1.0.0.2.ip6.arpa SOA)", "{part}");
    }
    assert_eq!(plain("1.8.b.d.0.1.0.0.2.ip6.arpa", Rtype::A), "NXDOMAIN aa (8.b.d.0.1.0.0.2.ip6.arpa SOA)");
}

/// Extensions are understood as far as they are needed, and what does not fit is asked for again.
#[test]
fn extensions_and_long_answers() {
    let with = |edns, transport| asked("many.lan", Rtype::A, &Asks { edns, transport, ..PLAIN });
    assert_eq!(with(None, Transport::Udp), "NOERROR aa tc");
    assert_eq!(with(Some((100, 0)), Transport::Udp), "NOERROR aa tc");
    assert_eq!(with(Some((4096, 0)), Transport::Udp).matches(" A 10.").count(), 64);
    assert_eq!(with(None, Transport::Tcp).matches(" A 10.").count(), 64);
    assert_eq!(with(Some((4096, 1)), Transport::Udp), "BADVERS");
}

/// What is no question is not answered, or with as little as possible.
#[test]
fn hostile_questions() {
    let (table, zones) = world();
    let code = |bytes: &[u8]| answer(&table, &zones, bytes, Transport::Udp).map(|answered| answered.rcode);
    let good = question("pc.lan", Rtype::A, &PLAIN);
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    assert_eq!((code(&good), code(&good[..11]), code(b"")), (Some(0), None, None));
    assert_eq!(code(&with(2, 0x81)), None, "an answer");
    assert_eq!((code(&with(5, 0)), code(&with(5, 2))), (Some(1), Some(1)), "none, or two questions");
    // A name that is where it points to, one that points forward, one that ends nowhere.
    let pointing = |to: u8| code(&[&good[..12], &[0xc0, to, 0, 1, 0, 1]].concat());
    assert_eq!([12, 14, 255].map(pointing), [Some(1); 3]);
    assert_eq!(code(&good[..good.len() - 1]), Some(1));
    // Records that are promised and missing, and the extensions twice.
    assert_eq!(code(&with(11, 9)), Some(1));
    let mut twice = question("pc.lan", Rtype::A, &Asks { edns: Some((512, 0)), ..PLAIN });
    let opt = twice[twice.len() - 11..].to_vec();
    twice.extend(opt);
    twice[11] = 2;
    assert_eq!(code(&twice), Some(1));
    assert_eq!(code(&[&good[..], &[0; LONGEST_QUESTION]].concat()), None);
}

proptest! {
    /// Whatever comes, the answer is a message that fits, or none.
    #[test]
    fn whatever_comes(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0usize..40) {
        let (table, zones) = world();
        let good = question("many.lan", Rtype::A, &Asks { edns: Some((4096, 0)), ..PLAIN });
        let changed = [&good[..cut.min(good.len())], &bytes].concat();
        for question in [&bytes, &changed] {
            if let Some(answered) = answer(&table, &zones, question, Transport::Udp) {
                prop_assert!(answered.message.len() <= 1232);
                let message = Message::from_octets(answered.message).expect("a message");
                for record in message.iter() {
                    record.expect("a record");
                }
            }
        }
    }

    /// The table says what one says that is made anew of all that it was told.
    #[test]
    fn the_table_keeps_up(steps in proptest::collection::vec((0u8..6, 0u8..4, 0u8..4), 0..60)) {
        let mut table = Table::new();
        let mut leases = BTreeMap::new();
        for (at, called, owner) in steps {
            let address = IpAddr::from([10, 0, 0, at]);
            let said = (called > 0).then(|| held(&format!("n{called}.lan"), owner)).flatten();
            table.lease(address, said.clone());
            match said {
                Some(said) => leases.insert(address, said),
                None => leases.remove(&address),
            };
            for called in 1..4 {
                let name = name(&format!("n{called}.lan"));
                let found: Vec<_> = table.addresses(&name, false).collect();
                let claims = leases.iter().filter(|(_, held)| held.name == name);
                let mut owners: Vec<_> = claims.clone().map(|(_, held)| &held.owner).collect();
                owners.dedup();
                prop_assert_eq!(found.is_empty(), owners.is_empty());
                // One client has it.
                let first = found.first().map(|address| &leases[address].owner);
                prop_assert!(found.iter().all(|address| Some(&leases[address].owner) == first));
                prop_assert!(found.iter().all(|address| leases[address].name == name));
                prop_assert!(found.iter().all(|address| table.names(*address).eq([&name])));
                prop_assert_eq!(table.is_known(&name), !owners.is_empty());
            }
            prop_assert_eq!(table.len(), leases.len());
            // What operators gave and took back leaves no trace.
            let before: Vec<_> = table.all().map(|(address, name)| (address, name.clone())).collect();
            table.fix(vec![fixed("n1.lan", &["10.0.0.3"], Some(3))]);
            table.fix(Vec::new());
            let after: Vec<_> = table.all().map(|(address, name)| (address, name.clone())).collect();
            prop_assert_eq!(before, after);
        }
    }
}
