//! Rows as Kea writes and reads them.

use proptest::prelude::*;

use super::*;
use kotare_model::{LeaseState, Lifetime, Timestamp};

use crate::schema::Schema;

const COLUMNS: &[&str] = FORMAT.columns;
const HEADER: &[u8] = FORMAT.header;

fn rendered(lease: &View<'_>) -> String {
    let mut row = Vec::new();
    render(lease, &mut row);
    String::from_utf8(row).expect("rows are ASCII")
}

fn sample() -> View<'static> {
    View {
        address: Ipv4Addr::new(192, 0, 2, 10),
        hwaddr: &[0, 0x0c, 1, 2, 3, 4],
        client_id: &[1, 0, 0x0c, 1, 2, 3, 4],
        valid_lifetime: Lifetime(3600),
        cltt: Timestamp(1_700_000_000),
        subnet_id: SubnetId(7),
        fqdn_fwd: true,
        fqdn_rev: false,
        hostname: b"host.example.org",
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
        own: (),
    }
}

/// Byte for byte what Kea writes: lower-case hexadecimal, numbers for flags, a newline.
#[test]
fn rows_are_what_kea_writes() {
    assert_eq!(
        rendered(&sample()),
        "192.0.2.10,00:0c:01:02:03:04,01:00:0c:01:02:03:04,3600,1700003600,7,1,0,host.example.org,0,,0\n"
    );
    let infinite = View {
        hwaddr: &[],
        valid_lifetime: Lifetime::INFINITE,
        hostname: "a,b&c~d\u{7f}\u{e4}\n".as_bytes(),
        state: LeaseState::Released,
        user_context: Some(br#"{ "a": 1, "b": "x" }"#),
        pool_id: 12,
        ..sample()
    };
    assert_eq!(
        rendered(&infinite),
        "192.0.2.10,,01:00:0c:01:02:03:04,4294967295,5994967295,7,1,0,\
         a&#x2cb&#x26c~d&#x7f&#xc3&#xa4&#x0a,3,{ \"a\": 1&#x2c \"b\": \"x\" },12\n"
    );
    assert_eq!(HEADER.len(), COLUMNS.join(",").len() + 1);
    assert_eq!(HEADER.trim_ascii(), COLUMNS.join(",").as_bytes());
}

/// Rows of every schema are read; what a schema did not have yet gets Kea's default.
#[test]
fn older_rows_get_defaults_and_newer_columns_are_ignored() {
    let mut room = Scratch::default();
    let base = "192.0.2.1,02:00:00:00:00:01,,100,200,1,0,0,";
    let mut read = |rest: &str, columns| {
        let line = format!("{base}{rest}");
        let lease = parse(line.as_bytes(), columns, &mut room).map_err(|error| error.to_string())?;
        Ok::<_, String>((lease.state as u8, lease.user_context.is_some(), lease.pool_id))
    };
    assert_eq!(read("name", 9), Ok((0, false, 0)));
    assert_eq!(read("name,2", 10), Ok((2, false, 0)));
    assert_eq!(read("name,2,{}", 11), Ok((2, true, 0)));
    assert_eq!(read("name,2,{},5", 12), Ok((2, true, 5)));
    // A file that was begun with an older schema goes on with whole rows; later schemas may have more.
    assert_eq!(read("name,2,{},5", 9), Ok((2, true, 5)));
    assert_eq!(read("name,2,{},5,new,columns", 12), Ok((2, true, 5)));
    assert_eq!(read("name,2,{}", 12), Err("11 columns where the header of the file has 12".into()));
}

/// The text Kea itself accepts beyond what it writes, and what it does with it.
#[test]
fn spellings_of_other_writers_are_understood() {
    let mut room = Scratch::default();
    let line = b"192.0.2.1,2:0:0:0:0:a,0102AB,100,50,1,0,0,UPPER&#x2CCase&#xzz&#x4,0,,0";
    let lease = parse(line, 12, &mut room).unwrap();
    assert_eq!(lease.hwaddr, [2, 0, 0, 0, 0, 10]);
    assert_eq!(lease.client_id, [1, 2, 0xab]);
    assert_eq!(lease.hostname, b"upper,case&#xzz\x004");
    assert_eq!(lease.cltt, Timestamp(-50));
    // Numbers have signs, and go round.
    let lease = parse(b"192.0.2.1,02:00,,-1,-5,+1,+1,0,&#x,0,,-2", 12, &mut room).unwrap();
    assert_eq!(
        (lease.valid_lifetime, lease.subnet_id, lease.pool_id),
        (Lifetime(u32::MAX), SubnetId(1), u32::MAX - 1)
    );
    assert_eq!((lease.cltt, lease.hostname), (Timestamp(-5 - i64::from(u32::MAX)), &b"\0"[..]));
}

/// Names are bytes, in whatever letters; a user context that is no UTF-8 gets Kea's escapes.
#[test]
fn letters_of_any_kind_are_kept() {
    let mut room = Scratch::default();
    for row in ["a&#xff", "caf&#xe9.example.org", "&#x00&#x80"] {
        let row = format!("192.0.2.1,02:00,,1,5,1,0,0,{row},0,,0\n");
        let lease = parse(row.trim_end().as_bytes(), 12, &mut room).unwrap();
        assert_eq!(rendered(&lease), row);
    }
    let row = b"192.0.2.1,02:00,,1,5,1,0,0,CAF\xe9,0,{ \"caf\xe9\": \"&#xe9\" },0";
    let lease = parse(row, 12, &mut room).unwrap();
    assert_eq!(lease.hostname, b"caf\xe9");
    assert_eq!(lease.user_context, Some(&br#"{ "caf\u00e9": "\u00e9" }"#[..]));
}

/// A bad row is an error that names the column and shows its text.
#[test]
fn bad_rows_say_which_column_is_bad() {
    let mut room = Scratch::default();
    for (row, reason) in [
        ("", "1 columns where the header of the file has 12"),
        ("192.0.2,02:00,,1,5,1,0,0,,0,,0", "address '192.0.2' is not an IPv4 address"),
        ("192.0.2.256,02:00,,1,5,1,0,0,,0,,0", "address '192.0.2.256' is not an IPv4 address"),
        ("192.0.2.1,02:00:,,1,5,1,0,0,,0,,0", "hwaddr '02:00:' is not up to 20 bytes in hexadecimal"),
        ("192.0.2.1,02:00,0g,1,5,1,0,0,,0,,0", "client_id '0g' is not up to 255 bytes in hexadecimal"),
        ("192.0.2.1,02:00,,--1,5,1,0,0,,0,,0", "valid_lifetime '--1' is not a number in range"),
        ("192.0.2.1,02:00,,-,5,1,0,0,,0,,0", "valid_lifetime '-' is not a number in range"),
        ("192.0.2.1,02:00,,1,5,1,-1,0,,0,,0", "fqdn_fwd '-1' is not 0 or 1"),
        ("192.0.2.1,02:00,,4294967296,5,1,0,0,,0,,0", "valid_lifetime '4294967296' is not a number in range"),
        (
            "192.0.2.1,02:00,,1,99999999999999999999,1,0,0,,0,,0",
            "expire '99999999999999999999' is not a number in range",
        ),
        ("192.0.2.1,02:00,,1,5,,0,0,,0,,0", "subnet_id '' is not a number in range"),
        ("192.0.2.1,02:00,,1,5,1,true,0,,0,,0", "fqdn_fwd 'true' is not 0 or 1"),
        ("192.0.2.1,02:00,,1,5,1,0,2,,0,,0", "fqdn_rev '2' is not 0 or 1"),
        ("192.0.2.1,02:00,,1,5,1,0,0,,9,,0", "state '9' is not a lease state from 0 to 4"),
        ("192.0.2.1,02:00,,1,5,1,0,0,,0,[1],0", "user_context '[1]' is not a JSON map"),
        ("192.0.2.1,02:00,,1,5,1,0,0,,0,{,0", "user_context '{' is not a JSON map"),
        ("192.0.2.1,02:00,,1,5,1,0,0,,0,,", "pool_id '' is not a number in range"),
        (
            "192.0.2.1,,,1,5,1,0,0,,0,,0",
            "neither a hardware address nor a client identifier, which only a declined lease may lack (state default)",
        ),
    ] {
        let Err(error) = parse(row.as_bytes(), 12, &mut room) else { panic!("{row} was read") };
        assert_eq!(error.to_string(), reason);
    }
    assert!(parse(b"192.0.2.1,,,1,5,1,0,0,,1,,0", 12, &mut room).is_ok(), "a declined lease has no client");
}

/// The header tells the schema, and what is not ours.
#[test]
fn headers_tell_the_schema() {
    let header = |columns: usize| COLUMNS[..columns].join(",");
    assert_eq!(Schema::of(header(12).as_bytes(), &FORMAT), Ok(Schema::Current));
    assert_eq!(Schema::of(format!("{}\r", header(12)).as_bytes(), &FORMAT), Ok(Schema::Current));
    for columns in 9..12 {
        assert_eq!(Schema::of(header(columns).as_bytes(), &FORMAT), Ok(Schema::Older(columns)));
    }
    assert_eq!(Schema::of(format!("{},more", header(12)).as_bytes(), &FORMAT), Ok(Schema::Newer));
    assert_eq!(
        Schema::of(header(8).as_bytes(), &FORMAT),
        Err("the header has only 8 of at least 9 columns".into())
    );
    assert_eq!(
        Schema::of(b"address,duid,valid_lifetime", &FORMAT),
        Err("column 2 of the header is 'duid' where 'hwaddr' belongs".into())
    );
}

proptest! {
    /// Whatever a lease says, its row says the same.
    #[test]
    fn a_row_read_back_is_the_lease(
        address: u32,
        hwaddr in prop::collection::vec(any::<u8>(), 1..=20),
        client_id in prop::collection::vec(any::<u8>(), 0..=255),
        valid_lifetime: u32,
        cltt in 0..=i64::from(u32::MAX) * 2,
        ids: (u32, u32),
        flags: (bool, bool),
        hostname in prop::collection::vec(any::<u8>(), 0..40),
        state in 0..=4u32,
        context in prop::option::of(".{0,40}"),
    ) {
        let hostname = hostname.to_ascii_lowercase();
        let context = context.map(|text| serde_json::json!({ "text": text }).to_string());
        let lease = View {
            address: Ipv4Addr::from_bits(address),
            hwaddr: &hwaddr,
            client_id: &client_id,
            valid_lifetime: Lifetime(valid_lifetime),
            cltt: Timestamp(cltt),
            subnet_id: SubnetId(ids.0),
            fqdn_fwd: flags.0,
            fqdn_rev: flags.1,
            hostname: &hostname,
            state: LeaseState::from_number(state).unwrap(),
            user_context: context.as_deref().map(str::as_bytes),
            pool_id: ids.1,
            own: (),
        };
        let row = rendered(&lease);
        let mut room = Scratch::default();
        let read = parse(row.trim_end_matches('\n').as_bytes(), 12, &mut room).unwrap();
        prop_assert!(read == lease);
        prop_assert!(row.is_ascii());
        prop_assert_eq!(address_of(row.as_bytes()), Some(lease.address));
        // And writing what was read changes nothing.
        prop_assert_eq!(rendered(&read), row);
    }

    /// No text makes the reader panic.
    #[test]
    fn any_line_is_a_lease_or_an_error(line in prop::collection::vec(any::<u8>(), 0..200), columns in 9..=12usize) {
        let mut room = Scratch::default();
        drop(parse(&line, columns, &mut room).map_err(|error| error.to_string()));
        drop(Schema::of(&line, &FORMAT));
        address_of(&line);
    }

    /// Nor does a row with a few bytes changed.
    #[test]
    fn any_damaged_row_is_a_lease_or_an_error(at in 0..90usize, byte: u8) {
        let mut row = rendered(&sample()).into_bytes();
        let at = at % row.len();
        row[at] = byte;
        let mut room = Scratch::default();
        if let Ok(lease) = parse(&row, 12, &mut room) {
            let (again, mut room) = (rendered(&lease), Scratch::default());
            prop_assert!(parse(again.trim_end_matches('\n').as_bytes(), 12, &mut room).unwrap() == lease);
        }
    }

    /// Whatever the column of the end holds, it is written as it was understood, like Kea's unsigned number.
    #[test]
    fn any_end_is_kept(end: i64, lifetime: u32) {
        let row = format!("192.0.2.4,02:03,,{lifetime},{end},1,0,0,,0,,0");
        let (mut room, mut other) = (Scratch::default(), Scratch::default());
        let lease = parse(row.as_bytes(), 12, &mut room).unwrap();
        let again = rendered(&lease);
        let kept = again.contains(&format!(",{},1,", end.cast_unsigned()));
        prop_assert!(kept, "{again}");
        prop_assert!(parse(again.trim_end_matches('\n').as_bytes(), 12, &mut other).unwrap() == lease);
    }
}
