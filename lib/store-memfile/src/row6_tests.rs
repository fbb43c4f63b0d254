//! Rows as Kea writes and reads them.

use kotare_model::{LeaseState, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::schema::Schema;

fn rendered(lease: &View<'_, Lease6>) -> String {
    let mut row = Vec::new();
    render(lease, &mut row);
    String::from_utf8(row).expect("rows are ASCII")
}

fn sample() -> View<'static, Lease6> {
    View {
        address: "2001:db8:1::10".parse().expect("an address"),
        hwaddr: &[0, 0x0c, 1, 2, 3, 4],
        client_id: &[0, 3, 0, 1, 0, 0x0c, 1, 2, 3, 4],
        valid_lifetime: Lifetime(3600),
        cltt: Timestamp(1_700_000_000),
        subnet_id: SubnetId(7),
        fqdn_fwd: true,
        fqdn_rev: false,
        hostname: b"host.example.org",
        state: LeaseState::Assigned,
        user_context: None,
        pool_id: 0,
        own: Own6 {
            iaid: 42,
            preferred_lifetime: Lifetime(1800),
            hwtype: 1,
            source: HwAddrSource::Duid,
            prefix_len: 128,
            lease_type: LeaseType::Na,
        },
    }
}

/// Byte for byte what Kea writes.
#[test]
fn rows_are_what_kea_writes() {
    assert_eq!(
        rendered(&sample()),
        "2001:db8:1::10,00:03:00:01:00:0c:01:02:03:04,3600,1700003600,7,1800,0,42,128,1,0,host.example.org,\
         00:0c:01:02:03:04,0,,1,2,0\n"
    );
    let prefix = View {
        address: "2001:db8:2::".parse().expect("an address"),
        hwaddr: &[],
        client_id: Duid::EMPTY,
        valid_lifetime: Lifetime::INFINITE,
        hostname: "A,b&c~d\u{7f}\u{e4}\n".as_bytes(),
        state: LeaseState::Declined,
        user_context: Some(br#"{ "a": 1, "b": "x" }"#),
        pool_id: 12,
        own: Own6 {
            iaid: u32::MAX,
            preferred_lifetime: Lifetime(0),
            hwtype: 0,
            source: HwAddrSource::Unknown,
            prefix_len: 56,
            lease_type: LeaseType::Pd,
        },
        ..sample()
    };
    assert_eq!(
        rendered(&prefix),
        "2001:db8:2::,00:00:00,4294967295,5994967295,7,0,2,4294967295,56,1,0,A&#x2cb&#x26c~d&#x7f&#xc3&#xa4&#x0a,\
         ,1,{ \"a\": 1&#x2c \"b\": \"x\" },0,0,12\n"
    );
    assert_eq!(FORMAT.header.trim_ascii(), FORMAT.columns.join(",").as_bytes());
    assert_eq!(FORMAT.version(), "5.0");
}

/// Rows of every schema are read; what a schema did not have yet gets Kea's default.
#[test]
fn older_rows_get_defaults_and_newer_columns_are_ignored() {
    let mut room = Scratch::default();
    let base = "2001:db8::1,00:01:02,100,200,1,50,0,9,128,0,0,name";
    let mut read = |rest: &str, columns| {
        let line = format!("{base}{rest}");
        let lease = parse(line.as_bytes(), columns, &mut room).map_err(|error| error.to_string())?;
        let own = lease.own;
        Ok::<_, String>((lease.hwaddr.len(), lease.state as u8, own.hwtype, own.source as u32, lease.pool_id))
    };
    assert_eq!(read("", 12), Ok((0, 0, 0, 0, 0)));
    // A hardware address that is there is of Ethernet, from nobody knows where.
    assert_eq!(read(",02:00", 13), Ok((2, 0, 1, 0, 0)));
    assert_eq!(read(",02:00,2", 14), Ok((2, 2, 1, 0, 0)));
    assert_eq!(read(",02:00,2,{}", 15), Ok((2, 2, 1, 0, 0)));
    assert_eq!(read(",02:00,2,{},6,8", 17), Ok((2, 2, 6, 8, 0)));
    assert_eq!(read(",02:00,2,{},,", 17), Ok((2, 2, 1, 0, 0)));
    assert_eq!(read(",02:00,2,{},6,8,5", 18), Ok((2, 2, 6, 8, 5)));
    assert_eq!(read(",02:00,2,{},6,8,5,new", 18), Ok((2, 2, 6, 8, 5)));
    // What cannot be read of a hardware address is left out, and the lease counts.
    assert_eq!(read(",02:zz,2,,6,8,5", 18), Ok((0, 2, 0, 0, 5)));
    assert_eq!(read(",02:00,2,,6,3,5", 18), Ok((0, 2, 0, 0, 5)));
    assert_eq!(read(",02:00,2", 18), Err("14 columns where the header of the file has 18".into()));
    for (columns, version) in [(12, "1.0"), (13, "2.0"), (14, "3.0"), (15, "3.1"), (16, "4.0"), (17, "4.0")] {
        let schema = Schema::of(FORMAT.columns[..columns].join(",").as_bytes(), &FORMAT);
        assert_eq!(schema, Ok(Schema::Older(columns)));
        assert_eq!(Schema::Older(columns).version(&FORMAT), version);
    }
    assert_eq!(Schema::of(FORMAT.header.trim_ascii(), &FORMAT), Ok(Schema::Current));
}

/// A bad row is an error that names the column and shows its text.
#[test]
fn bad_rows_say_which_column_is_bad() {
    let mut room = Scratch::default();
    for (row, reason) in [
        ("", "1 columns where the header of the file has 18"),
        ("192.0.2.1,00:01:02,1,5,1,0,0,9,128,0,0,,,0,,,,0", "address '192.0.2.1' is not an IPv6 address"),
        ("2001::1,00:01,1,5,1,0,0,9,128,0,0,,,0,,,,0", "duid '00:01' is not 3 to 130 bytes in hexadecimal"),
        ("2001::1,,1,5,1,0,0,9,128,0,0,,,0,,,,0", "duid '' is not 3 to 130 bytes in hexadecimal"),
        (
            "2001::1,00:01:02,1,5,1,0,3,9,128,0,0,,,0,,,,0",
            "lease_type '3' is not 0 (IA_NA), 1 (IA_TA) or 2 (IA_PD)",
        ),
        ("2001::1,00:01:02,1,5,1,0,0,x,128,0,0,,,0,,,,0", "iaid 'x' is not a number in range"),
        ("2001::1,00:01:02,1,5,1,0,0,9,128,2,0,,,0,,,,0", "fqdn_fwd '2' is not 0 or 1"),
        ("2001::1,00:01:02,1,5,1,0,0,9,128,0,0,,,7,,,,0", "state '7' is not a lease state from 0 to 4"),
        ("2001::1,00:01:02,1,5,1,0,0,9,128,0,0,,,0,[],,,0", "user_context '[]' is not a JSON map"),
        ("2001::1,00:01:02,1,5,1,0,2,9,64,0,0,,,0,,,,0", "2001::1 is no prefix of 64 bits"),
        ("2001::,00:01:02,1,5,1,0,2,9,129,0,0,,,0,,,,0", "2001:: is no prefix of 129 bits"),
        ("2001::,00:01:02,1,5,1,0,2,9,300,0,0,,,0,,,,0", "prefix_len '300' is not a prefix length up to 128"),
        (
            "2001::1,00:00:00,1,5,1,0,0,9,128,0,0,,,0,,,,0",
            "the empty DUID, which only a declined lease may have (state default)",
        ),
    ] {
        let Err(error) = parse(row.as_bytes(), 18, &mut room) else { panic!("{row} was read") };
        assert_eq!(error.to_string(), reason);
    }
    // A declined lease is nobody's, also as older versions wrote it.
    for duid in ["00:00:00", "00"] {
        let row = format!("2001::1,{duid},1,5,1,0,0,9,128,0,0,,,1,,,,0");
        assert_eq!(parse(row.as_bytes(), 18, &mut room).map(|lease| lease.client_id), Ok(Duid::EMPTY));
    }
}

proptest! {
    /// Whatever a lease says, its row says the same.
    #[test]
    fn a_row_read_back_is_the_lease(
        address: u128,
        hwaddr in prop::collection::vec(any::<u8>(), 0..=20),
        duid in prop::collection::vec(any::<u8>(), 4..=130),
        valid_lifetime: u32,
        cltt in 0..=i64::from(u32::MAX) * 2,
        ids: (u32, u32, u32, u32),
        flags: (bool, bool),
        hostname in prop::collection::vec(any::<u8>(), 0..40),
        state in 0..=4u32,
        kind in 0..=2u32,
        context in prop::option::of(".{0,40}"),
        length in 0..=128u8,
        hardware: (u16, u8),
    ) {
        let context = context.map(|text| serde_json::json!({ "text": text }).to_string());
        let lease_type = LeaseType::from_number(kind).unwrap();
        let is_prefix = lease_type == LeaseType::Pd;
        let rest = u128::MAX.checked_shr(length.into()).unwrap_or(0);
        let lease = View {
            address: Ipv6Addr::from_bits(if is_prefix { address & !rest } else { address }),
            hwaddr: &hwaddr,
            client_id: &duid,
            valid_lifetime: Lifetime(valid_lifetime),
            cltt: Timestamp(cltt),
            subnet_id: SubnetId(ids.0),
            fqdn_fwd: flags.0,
            fqdn_rev: flags.1,
            hostname: &hostname,
            state: LeaseState::from_number(state).unwrap(),
            user_context: context.as_deref().map(str::as_bytes),
            pool_id: ids.1,
            own: Own6 {
                iaid: ids.2,
                preferred_lifetime: Lifetime(ids.3),
                hwtype: if hwaddr.is_empty() { 0 } else { hardware.0 },
                source: match hwaddr.is_empty() {
                    true => HwAddrSource::Unknown,
                    false => HwAddrSource::from_number(1 << (hardware.1 % 8)).unwrap(),
                },
                prefix_len: if is_prefix { length } else { 128 },
                lease_type,
            },
        };
        let row = rendered(&lease);
        let mut room = Scratch::default();
        let read = parse(row.trim_end_matches('\n').as_bytes(), 18, &mut room).unwrap();
        prop_assert!(read == lease);
        prop_assert!(row.is_ascii());
        prop_assert_eq!(address_of(row.as_bytes()), Some(lease.address));
        // And writing what was read changes nothing.
        prop_assert_eq!(rendered(&read), row);
    }

    /// The quick way to read an address says what the usual way says, of whatever looks like one.
    #[test]
    fn an_address_is_read_as_any(
        groups in prop::collection::vec("[0-9a-fA-F]{0,5}", 0..10),
        text in "[0-9a-f:.]{0,20}",
        address: u128,
        zeros: u8,
    ) {
        // Some groups are zero, so that there are gaps.
        let mut segments = Ipv6Addr::from_bits(address).segments();
        (0..8).filter(|bit| zeros >> bit & 1 == 1).for_each(|bit| segments[bit] = 0);
        let usual = Ipv6Addr::from(segments);
        if usual.to_ipv4().is_none() && usual.to_ipv4_mapped().is_none() {
            prop_assert_eq!(usual_address(usual.to_string().as_bytes()), Some(usual));
        }
        for text in [groups.join(":"), text, usual.to_string()] {
            prop_assert_eq!(super::address(text.as_bytes()), text.parse().ok(), "{}", text);
        }
    }

    /// No text makes the reader panic, nor does a row with a few bytes changed.
    #[test]
    fn any_line_is_a_lease_or_an_error(
        line in prop::collection::vec(any::<u8>(), 0..200),
        columns in 12..=18usize,
        at in 0..90usize,
        byte: u8,
    ) {
        let mut room = Scratch::default();
        drop(parse(&line, columns, &mut room).map_err(|error| error.to_string()));
        address_of(&line);
        let mut row = rendered(&sample()).into_bytes();
        let at = at % row.len();
        row[at] = byte;
        if let Ok(lease) = parse(&row, 18, &mut room) {
            let (again, mut room) = (rendered(&lease), Scratch::default());
            prop_assert!(parse(again.trim_end_matches('\n').as_bytes(), 18, &mut room).unwrap() == lease);
        }
    }
}
