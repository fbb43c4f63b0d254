//! What becomes of the names that clients send.

use kotare_config::common::UpdateTerms;
use kotare_config::v4::{ReplaceName, Sanitizer};
use kotare_wire::v4::{Index, Message};

use super::*;

const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

/// Names as Kea makes them when nothing is configured.
fn defaults() -> Names4 {
    Names4 {
        updates: false,
        override_no_update: false,
        override_client_update: false,
        replace: ReplaceName::Never,
        generated_prefix: "myhost".into(),
        qualifying_suffix: "".into(),
        sanitizer: Some(Sanitizer::new("[^A-Za-z0-9.-]", "").unwrap()),
        terms: UpdateTerms::default(),
    }
}

fn of_domain(suffix: &str) -> Names4 {
    Names4 { qualifying_suffix: suffix.into(), ..defaults() }
}

fn replacing(replace: ReplaceName) -> Names4 {
    Names4 { replace, ..of_domain("example.com") }
}

/// What becomes of option 12.
fn host_name(value: &[u8], names: Names4) -> Result<String, NoName> {
    let mut name = ClientName::NONE;
    name.host_name(value, &names)?;
    name.reply = Reply::HostName;
    Ok(completed(name, names))
}

fn full_name(flags: u8, value: &[u8], names: &Arc<Names4>) -> Result<ClientName, NoName> {
    let mut name = ClientName::NONE;
    name.full(&[&[flags, 0, 0], value].concat(), Naming { names, reserved: None, subnet: None })?;
    Ok(name)
}

/// What becomes of option 81.
fn fqdn(flags: u8, value: &[u8], names: Names4) -> Result<String, NoName> {
    Ok(completed(full_name(flags, value, &Arc::new(names.clone()))?, names))
}

fn completed(mut name: ClientName, names: Names4) -> String {
    let names = Arc::new(names);
    name.complete(ADDRESS, Naming { names: &names, reserved: None, subnet: None }).unwrap();
    name.text.to_string()
}

/// Option 12: lower case, no dot behind a single label; what is not a name is passed over.
#[test]
fn host_names_are_lowered_and_checked() {
    let text = |value: &[u8]| host_name(value, defaults()).unwrap();
    assert_eq!(text(b"MyHost"), "myhost");
    assert_eq!(text(b" MyHost. "), "myhost");
    assert_eq!(text(b"a.Example.org."), "a.example.org.");
    assert_eq!(text(b"my_host a\xff"), "myhosta");
    assert_eq!(text(b"."), "myhost-192-0-2-7");
    assert_eq!(text(b"@"), "myhost-192-0-2-7");
    assert_eq!(text(b"_."), "myhost-192-0-2-7");
    let why = |value: &[u8]| host_name(value, defaults()).unwrap_err();
    for empty in [&b""[..], b"  ", b"\0\0"] {
        assert_eq!(why(empty), NoName::Empty);
    }
    assert!(matches!(why(b"a..b"), NoName::Malformed(_)));
    assert!(matches!(why(&[b'a'; 64]), NoName::Malformed(_)));
    assert_eq!(why(b"\xff\xfe"), NoName::Scrubbed);
    assert!(matches!(why(b"a._.b"), NoName::ScrubbedMalformed(_)));
}

/// A single label is in the server's domain; a name with dots is complete. What is cleaned away has a say in that.
#[test]
fn host_names_are_qualified() {
    let text = |value: &[u8]| host_name(value, of_domain("Example.com")).unwrap();
    assert_eq!(text(b"Host"), "host.Example.com");
    assert_eq!(text(b"host.org"), "host.org");
    assert_eq!(text(b"host."), "host");
    let underlined = |set: &str, replacement: &str| Names4 {
        sanitizer: Some(Sanitizer::new(set, replacement).unwrap()),
        ..of_domain("example.com")
    };
    assert_eq!(host_name(b"a.b_c", underlined("[^a-z]", "")), Ok("abc.example.com".into()));
    assert_eq!(host_name(b"a_b", underlined("_", ".")), Ok("a.b".into()));
    let as_it_is = Names4 { sanitizer: None, ..defaults() };
    assert_eq!(host_name(b"My_Host", as_it_is), Ok("my_host".into()));
}

/// Option 81 (RFC 4702 §2.1): both encodings, partial and full names.
#[test]
fn full_names_are_read_in_both_encodings() {
    let text = |flags, name: &[u8]| fqdn(flags, name, of_domain("Example.com"));
    let is = |name: &str| Ok(name.to_owned());
    assert_eq!(text(FLAG_E, b"\x04Host\x03org\0"), is("host.org."));
    assert_eq!(text(FLAG_E, b"\x04Host"), is("host.example.com."));
    assert_eq!(text(0, b"Host.Org"), is("host.org.example.com."));
    assert_eq!(text(0, b"Host.Org."), is("host.org."));
    assert_eq!(text(0, b"host.example.com"), is("host.example.com.Example.com.".to_lowercase().as_str()));
    assert_eq!(text(FLAG_E, b"\x06my_hos\x01-"), is("myhos.-.example.com."));
    assert_eq!(text(FLAG_E, b""), is("myhost-192-0-2-7.Example.com."));
    // Nothing is left of it; the root is no client's name.
    for scrubbed in [&b"\x01_\x01a\0"[..], b"\x01a\x01_\x01b\0", b"\x01_", b"\0"] {
        assert_eq!(text(FLAG_E, scrubbed), Err(NoName::Scrubbed), "{scrubbed:?}");
    }
    assert_eq!(text(0, b"."), Err(NoName::Scrubbed));
    for malformed in [&b"\x05abc"[..], b"\x01a\0\x01b", &[64; 65]] {
        assert!(matches!(text(FLAG_E, malformed), Err(NoName::Malformed(_))), "{malformed:?}");
    }
    assert!(matches!(text(0, b"a..b"), Err(NoName::Malformed(_))));
    // With the domain it is too long.
    let long = [&[b'a'; 63][..], b".", &[b'b'; 63], b".", &[b'c'; 63], b".", &[b'd'; 55]].concat();
    assert!(matches!(text(0, &long), Err(NoName::Malformed(_))));
}

/// `ddns-replace-client-name`: which clients keep their names.
#[test]
fn names_are_replaced() {
    for replace in [ReplaceName::Always, ReplaceName::WhenPresent] {
        assert_eq!(host_name(b"host", replacing(replace)), Ok("myhost-192-0-2-7.example.com".into()));
        assert_eq!(fqdn(FLAG_E, b"\0", replacing(replace)), Ok("myhost-192-0-2-7.example.com.".into()));
    }
    for replace in [ReplaceName::Never, ReplaceName::WhenNotPresent] {
        assert_eq!(host_name(b"host", replacing(replace)), Ok("host.example.com".into()));
        assert_eq!(fqdn(FLAG_E, b"\x04host", replacing(replace)), Ok("host.example.com.".into()));
    }
}

/// A name reserved for the client is the one it has, whatever it sends.
#[test]
fn a_reserved_name_is_the_clients() {
    let names = Arc::new(replacing(ReplaceName::Always));
    let mut name = ClientName::NONE;
    name.full(b"\x01\0\0other", Naming { names: &names, reserved: Some("Mine"), subnet: None }).unwrap();
    assert_eq!(name.text, "mine.example.com.");
    take_reserved("Mine.", &names, false, &mut name.text);
    assert_eq!(name.text, "mine");
}

/// RFC 4702 §4, and what the operator wants done against the client's wish: `S`, `N` and `O` of the reply, and what of
/// DNS the server updates.
#[test]
fn flags_tell_who_updates_dns() {
    let flags = |updates, over_none, over_client, client| {
        let names = Names4 {
            updates,
            override_no_update: over_none,
            override_client_update: over_client,
            ..defaults()
        };
        let name = full_name(client, b"", &Arc::new(names)).unwrap();
        let Reply::Fqdn { flags, .. } = name.reply else { panic!("{name:?}") };
        assert_eq!((name.forward, name.reverse), (flags & FLAG_S != 0, flags & FLAG_N == 0));
        flags
    };
    // Nobody updates anything.
    for over in [false, true] {
        assert_eq!(flags(false, over, over, 0), FLAG_N);
        assert_eq!(flags(false, over, over, FLAG_S), FLAG_N | FLAG_O);
        assert_eq!(flags(false, over, over, FLAG_N), FLAG_N);
        assert_eq!(flags(false, over, over, FLAG_S | FLAG_E), FLAG_N | FLAG_O | FLAG_E);
    }
    // The client updates its name, the server that of its address.
    assert_eq!(flags(true, false, false, 0), 0);
    assert_eq!(flags(true, false, true, 0), FLAG_S | FLAG_O);
    assert_eq!(flags(true, false, false, FLAG_S), FLAG_S);
    assert_eq!(flags(true, false, false, FLAG_N), FLAG_N);
    assert_eq!(flags(true, true, false, FLAG_N), FLAG_S | FLAG_O);
    // N and S exclude each other: S counts.
    assert_eq!(flags(true, false, false, FLAG_N | FLAG_S), FLAG_S);
}

/// What prefix and suffix make is no name: it is kept, but labels cannot say it.
#[test]
fn what_is_made_up_may_be_no_name() {
    let names = Arc::new(Names4 { generated_prefix: "p".repeat(60).into(), ..defaults() });
    let mut name = full_name(FLAG_E, b"", &names).unwrap();
    assert!(name.complete(ADDRESS, Naming { names: &names, reserved: None, subnet: None }).is_err());
    assert_eq!((name.option(), name.len()), (None, 0));
}

/// The longest name there is goes out as it came in.
#[test]
fn the_longest_name_fits() {
    let label = [&[63][..], &[b'a'; 63]].concat();
    let wire = [&label[..], &label, &label, &[61], &[b'b'; 61], &[0]].concat();
    let name = full_name(FLAG_E, &wire, &Arc::new(defaults())).unwrap();
    let mut buffer = [0; 1024];
    let mut writer = Writer::new(&mut buffer).unwrap();
    name.write(&mut writer).unwrap();
    let len = writer.finish();
    let mut index = Index::new();
    let message = Message::parse(&buffer[..len], &mut index).unwrap();
    // Over 255 bytes with flags and codes, so it is split (RFC 3396).
    let value: Vec<u8> = message.option(OptionCode::FQDN).unwrap().bytes().collect();
    assert_eq!((&value[3..], value.len()), (&wire[..], name.len()));
}
