//! Expressions and packets: what is true of them, and what is said of expressions that are none.

use crate::packet::{self, packet, test, value};
use kotare_expr::{PartValue, Scratch};
use proptest::prelude::*;

/// The parts of an expression are told as they are written, the inner ones first, and those that decide nothing not at all.
#[test]
fn parts_are_told_with_their_values() {
    let heard = |text: &str| {
        let mut heard = Vec::new();
        let said = test(text).unwrap().overheard(&packet(), |part| {
            heard.push(match part.value {
                PartValue::Truth(truth) => format!("{part}: {truth}"),
                PartValue::Bytes(bytes) => format!("{part}: {}", bytes.escape_ascii()),
            });
        });
        (said, heard)
    };
    assert_eq!(
        heard("substring(option[60].hex, 0, 4) == 'MSFT' and not member('bar')"),
        (
            Ok(true),
            [
                "option[60].hex: MSFT 5.0",
                "substring(option[60].hex, 0, 4): MSFT",
                "substring(option[60].hex, 0, 4) == 'MSFT': true",
                "member('bar'): false",
                "not (member('bar')): true",
                "(substring(option[60].hex, 0, 4) == 'MSFT') and (not (member('bar'))): true",
            ]
            .map(str::to_owned)
            .to_vec()
        )
    );
    let (said, parts) =
        heard("relay4[2].exists or vendor[4491].option[2].hex == 10.0.0.1 or pkt4.mac == 0x01");
    assert_eq!((said, parts.len(), &*parts[0]), (Ok(true), 2, "relay4[2].exists: true"));
    let (said, parts) = heard("uint8totext(option[55].hex) == '1'");
    assert_eq!((said.is_err(), parts), (true, vec!["option[55].hex: \\x01\\x03".to_owned()]));
}

/// Conditions of every form, on one packet.
#[test]
fn conditions_hold_or_not() {
    let packet = packet();
    for (text, expected) in [
        // Literals are bytes, and integers four of them.
        ("'foo' == 'foo'", true),
        ("'foo' == 0x666F6f", true),
        ("0x7 == 0x07", true),
        ("0x7 == 7", false),
        ("7 == 0x00000007", true),
        ("4294967295 == 0xffffffff", true),
        ("10.0.0.1 == 0x0a000001", true),
        ("::1 == 0x00000000000000000000000000000001", true),
        ("'' == option[200].hex", true),
        ("'a' + 'b' + 'c' == 'abc'", true),
        ("('a' + 'b') == ('ab')", true),
        // Operators bind as in the manual: not, and, sand, or, sor.
        ("not 'a' == 'b'", true),
        ("not not ('a' == 'a')", true),
        ("'a' == 'a' or 'a' == 'b' and 'a' == 'b'", true),
        ("('a' == 'a' or 'a' == 'b') and 'a' == 'b'", false),
        ("'a' == 'a' sor 'a' == 'b' sand 'a' == 'b'", true),
        ("'a' == 'b' or 'a' == 'b' or 'a' == 'a'", true),
        ("not 'a' == 'a' or 'a' == 'a'", true),
        // The right side is not looked at when the left side decides.
        ("'a' == 'a' or addrtotext('x') == ''", true),
        ("'a' == 'b' and addrtotext('x') == ''", false),
        // Options.
        ("option[60].exists", true),
        ("option[61].exists", false),
        ("option[vendor-class-identifier].exists", true),
        ("option[  host-name\n ].hex == 'host'", true),
        ("option[15].exists", false),
        ("option[60].hex == 'MSFT 5.0'", true),
        ("option[60].text == 'MSFT 5.0'", true),
        ("option[dhcp-parameter-request-list].text == 'type=055, len=002: 1(uint8) 3(uint8)'", true),
        ("option[53].hex == 0x1", true),
        ("option[custom].exists and not option[custom].option[1].exists", true),
        // Sub-options.
        ("option[43].option[1].hex == 'foo'", true),
        ("option[43].option[2].hex == 7", false),
        ("option[vendor-encapsulated-options].option[2].hex == 0x07", true),
        ("option[43].option[3].exists", false),
        ("option[60].option[3].exists", false),
        ("option[82].option[2].hex == 'abc'", true),
        ("option[125].option[2].hex == 10.0.0.1", true),
        ("relay4[1].hex == 0x00112233", true),
        ("relay4[2].text == 'type=002, len=003: 61:62:63'", false),
        ("relay4[5].text == 'type=005, len=004: 10.0.0.0 (ipv4-address)'", true),
        ("relay4[6].exists or relay4[1].option[1].exists", false),
        // The packet.
        ("pkt.iface == 'eth0' and pkt.src == 10.0.0.1 and pkt.dst == 10.0.0.2 and pkt.len == 300", true),
        ("pkt4.mac == 0x010203040506 and pkt4.hlen == 6 and pkt4.htype == 1", true),
        ("pkt4.ciaddr == 192.0.2.1 and pkt4.yiaddr == 192.0.2.2", true),
        ("pkt4.siaddr == 192.0.2.3 and pkt4.giaddr == 192.0.2.4", true),
        ("pkt4.msgtype == 1 and pkt4.transid == 12345", true),
        // Classes.
        ("member('foo')", true),
        ("member('bar')", false),
        ("unknown and not known and not member('KNOWN')", true),
        // Vendors.
        ("vendor[*].exists and vendor[0].exists and vendor[4491].exists and vendor[9000].exists", true),
        ("vendor[10].exists", false),
        ("vendor.enterprise == 4491", true),
        ("vendor[4491].option[2].hex == 10.0.0.1", true),
        ("vendor[4491].option[2].text == 'type=002, len=004: 10.0.0.1'", true),
        ("vendor[*].option[2].text == 'type=002, len=004: 10.0.0.1'", true),
        ("vendor[9000].option[1].hex == 0x2a", true),
        ("vendor[9000].option[2].exists or vendor[10].option[1].exists", false),
        ("vendor-class[4491].exists and vendor-class[*].exists", true),
        ("vendor-class[10].exists", false),
        ("vendor-class.enterprise == 0x0000118b", true),
        ("vendor-class[4491].data == 'abc' and vendor-class[4491].data[1] == 'de'", true),
        ("vendor-class[4491].data[2] == '' and vendor-class[9000].data[0] == 'x'", true),
        ("vendor-class[*].data == 'abc'", true),
        ("vendor[*].option[1].exists or option[125].option[1].exists", false),
        // Regular expressions match from end to end.
        ("match('foo.*', 'foobar')", true),
        ("match('foo', 'foobar')", false),
        ("match('oo', 'foo')", false),
        ("match('a|ab', 'ab')", true),
        ("match('^.*[[:digit:]]\\.\\d$', option[60].text)", true),
        ("match('foo', lcase('FoO'))", true),
    ] {
        let test = test(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(test.matches(&packet), Ok(expected), "{text}");
    }
}

/// Options whose meaning may depend on the class are only bytes until the classes are known; then the first class counts
/// that defines them, then the configuration.
#[test]
fn classes_define_private_options() {
    let mut packet = packet();
    packet.options.insert(230, b"\x01\x01\x2a".to_vec());
    packet.options.insert(231, b"text\0".to_vec());
    packet.options.insert(250, vec![7]);
    let tests = [
        "option[43].option[1].hex == 'foo'",
        "option[230].option[1].exists",
        "option[231].text == 'text'",
        "option[custom].text == 'type=250, len=001: 07'",
        "option[43].text == 'type=043, len=010: 01:03:66:6f:6f:00:02:01:07:ff'",
    ];
    // Nobody knows what 230 and 231 are but classes; 1 and 2 do.
    for (unclassified, classes, holds) in [
        (true, vec![1, 2], [false, false, false, true, true]),
        (false, vec![], [true, false, false, false, false]),
        (false, vec![1], [true, true, false, false, false]),
        (false, vec![2], [false, false, true, false, true]),
        (false, vec![1, 2], [true, true, true, false, false]),
    ] {
        (packet.unclassified, packet.classes) = (unclassified, classes.clone());
        for (text, expected) in tests.iter().zip(holds) {
            let holds = packet::test_with(text, &packet::of_classes()).unwrap().matches(&packet);
            assert_eq!(holds, Ok(expected), "{text}, unclassified: {unclassified}, classes: {classes:?}");
        }
    }
}

/// Strings of every form, on one packet.
#[test]
fn values_are_computed() {
    let packet = packet();
    for (text, expected) in [
        ("option[100].hex", &b"hundred4"[..]),
        ("option[200].hex", b""),
        ("option[200].text", b""),
        ("option[host-name].text", b"host"),
        ("ifelse(option[100].exists, 'foo', 'bar')", b"foo"),
        ("sifelse(option[200].exists, 'foo', 'bar')", b"bar"),
        ("ifelse(option[200].exists, option[200].hex, ifelse(option[100].exists, 'x', 'y'))", b"x"),
        ("hexstring(0x1234, ':')", b"12:34"),
        ("hexstring(0xbcde, '')", b"bcde"),
        ("hexstring(0xf01234, '..')", b"f0..12..34"),
        ("hexstring('', ':')", b""),
        ("concat('a', concat('b', 'c'))", b"abc"),
        ("lcase('LoWeR\u{c4}1')", "lower\u{c4}1".as_bytes()),
        ("ucase('uPpEr')", b"UPPER"),
        // substring(string, start, length): the manual's table and its edges.
        ("substring('foobar', 0, 6)", b"foobar"),
        ("substring('foobar', 3, 3)", b"bar"),
        ("substring('foobar', 3, all)", b"bar"),
        ("substring('foobar', 1, 4)", b"ooba"),
        ("substring('foobar', -3, 3)", b"bar"),
        ("substring('foobar', 3, -2)", b"oo"),
        ("substring('foobar', 1, -5)", b"f"),
        ("substring('foobar', -5, 6)", b"oobar"),
        ("substring('foobar', 6, 1)", b""),
        ("substring('foobar', -7, 1)", b""),
        ("substring('foobar', 0, 0)", b""),
        ("substring('foobar', 0, -1)", b""),
        ("substring('foobar', 0, 9223372036854775807)", b"foobar"),
        ("substring('foobar', 1, 9223372036854775807)", b"oobar"),
        ("substring('foobar', -1, -9223372036854775808)", b"fooba"),
        ("substring('foobar', -9223372036854775808, 1)", b""),
        ("substring('', 0, all)", b""),
        ("substring('a' + 'bc', 1, 1)", b"b"),
        // split(string, delimiters, field)
        ("split('one.two..four', '.', 1)", b"one"),
        ("split('one.two..four', '.', 2)", b"two"),
        ("split('one.two..four', '.', 3)", b""),
        ("split('one.two..four', '.', 4)", b"four"),
        ("split('one.two..four', '.', 5)", b""),
        ("split('one.two..four', '.', 0)", b""),
        ("split('one.two..four', '.', -1)", b""),
        ("split('one.two:three', ':.', 3)", b"three"),
        ("split('one', '', 7)", b"one"),
        ("split('', '.', 1)", b""),
        ("split('.', '.', 2)", b""),
        // Conversions to text.
        ("addrtotext(192.10.0.1)", b"192.10.0.1"),
        ("addrtotext(2003:db8::)", b"2003:db8::"),
        ("addrtotext(option[200].hex)", b""),
        ("int8totext(0xff)", b"-1"),
        ("int16totext(0xfffe)", b"-2"),
        ("int32totext(0xfffffffd)", b"-3"),
        ("uint8totext(0xff)", b"255"),
        ("uint16totext(0xffff)", b"65535"),
        ("uint32totext(4294967295)", b"4294967295"),
        ("uint32totext('')", b""),
        ("pkt4.mac + 'x'", b"\x01\x02\x03\x04\x05\x06x"),
    ] {
        let value = value(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(value.evaluate(&packet, &mut Scratch::new()), Ok(expected), "{text}");
    }
}

/// Bytes of a length a conversion cannot have are an error, which names the function.
#[test]
fn impossible_conversions_are_errors() {
    let packet = packet();
    for (text, function, given) in [
        ("addrtotext('192.100.1.1') == ''", "addrtotext", 11),
        ("int8totext('01') == ''", "int8totext", 2),
        ("uint16totext(0x01) == ''", "uint16totext", 1),
        ("uint32totext(0x01) == '' or 'a' == 'a'", "uint32totext", 1),
        ("'a' == 'a' sor int32totext('x') == ''", "int32totext", 1),
        ("'a' == 'b' sand int32totext('x') == ''", "int32totext", 1),
        ("sifelse('a' == 'a', 'x', int16totext('x')) == 'x'", "int16totext", 1),
    ] {
        let error = test(text).unwrap().matches(&packet).unwrap_err();
        assert_eq!((error.function, error.given), (function, given), "{text}");
    }
}

/// Text that is no expression is refused at its column, with what was expected.
#[test]
fn errors_lead_to_the_fault() {
    for (text, column, why) in [
        ("", 1, "expected a condition or a string, found the end"),
        ("'", 1, "no ' ends it"),
        ("foo", 1, "'foo' is not a word"),
        ("'foo'", 1, "this is a string, but a condition is expected"),
        ("'foo' ==", 9, "found the end"),
        ("'foo' == 'foo''bar'", 15, "found the string 'bar'"),
        ("('foo' == 'bar'", 16, "expected ')'"),
        ("('foo' == 'bar') == 'false'", 18, "expected the end of the expression, found '=='"),
        ("'foo' == ('a' == 'b')", 10, "this is a condition, but a string"),
        ("not 'foo'", 5, "this is a string"),
        ("not", 4, "found the end"),
        ("'a' == 'a' and ''", 16, "this is a string"),
        ("'a' and 'a' == 'a'", 1, "this is a string"),
        ("option[60].exists == 'foo'", 19, "found '=='"),
        ("option[-1].text == ''", 8, "not between 0 and 255"),
        ("option[256].text == ''", 8, "not between 0 and 255"),
        ("option[0xa].text == ''", 8, "an option code or name, found 0xa"),
        ("option[no-such].text == ''", 8, "option 'no-such' is not defined"),
        ("option[43].option[host-name].exists", 19, "a sub-option code, found 'host-name'"),
        ("option[123]", 12, "expected '.'"),
        ("option[10].src == ''", 12, "'exists', 'hex', 'text' or 'option'"),
        ("option['ab'].text == 'foo'", 8, "found the string 'ab'"),
        ("relay4[name].hex == ''", 8, "a sub-option code"),
        ("relay6[0].option[1].exists", 1, "relay6 can only be used in DHCPv6"),
        ("pkt6.msgtype == 1", 1, "pkt6 can only be used in DHCPv6"),
        ("pkt4.iface == ''", 6, "one of mac, hlen"),
        ("pkt.mac == ''", 5, "one of iface, src"),
        ("substring('foobar', 3) == ''", 22, "expected ','"),
        ("substring('foobar', all, 1) == ''", 21, "the start of a substring, found 'all'"),
        ("substring('foobar', 0, 0x1) == ''", 24, "or 'all', found 0x1"),
        ("split('a', '.', 'x') == ''", 17, "the number of a field"),
        ("concat('a') == ''", 11, "expected ','"),
        ("concat('a', 'b', 'c') == ''", 16, "expected ')'"),
        ("ifelse('a', 'b', 'c') == ''", 8, "this is a string"),
        ("ifelse('a' == 'a', 'a' == 'b', 'c') == ''", 20, "this is a condition"),
        ("'a' ++ 'b' == 'ab'", 6, "found '+'"),
        ("-1 == 0", 1, "not between 0 and 4294967295"),
        ("4294967296 == 0", 1, "not between 0 and 4294967295"),
        ("member(foo)", 8, "'foo' is not a word"),
        ("member('nobody')", 8, "Not defined client class 'nobody'"),
        ("match('(', 'a')", 7, "invalid regular expression '(': unclosed group"),
        ("match('a)|(b', 'a')", 7, "invalid regular expression"),
        ("match('(a{1000}){1000}', 'a')", 7, "size limit of 1048576 bytes"),
        ("match(0x61, 'a')", 7, "in single quotes, found 0x61"),
        ("vendor[4491].data == ''", 14, "'exists' or 'option'"),
        ("vendor[-1].exists", 8, "not between 0"),
        ("vendor-class[1].option[1].exists", 17, "'exists' or 'data'"),
        ("vendor-class[1].data[256] == ''", 22, "not between 0 and 255"),
        ("'ä' == 'ä' x", 12, "'x' is not a word"),
    ] {
        let error = test(text).unwrap_err();
        assert!(error.text.contains(why), "{text}: {error}");
        assert_eq!((error.line, error.column), (1, column), "{text}: {error}");
        assert!(!error.text.contains('\n'), "{text}: {error}");
    }
    let error = test("'a' ==\n 'a' x").unwrap_err();
    assert_eq!(error.to_string().split(": ").next(), Some("line 2, column 6"));
    assert!(value("'a' == 'a'").unwrap_err().text.contains("a string is expected"));
}

/// Tokens of the language in any order.
fn soup() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        ".",
        ",",
        "+",
        "*",
        "==",
        "'a'",
        "''",
        "0x1f",
        "7",
        "-3",
        "10.0.0.1",
        "::1",
        "option",
        "relay4",
        "vendor",
        "vendor-class",
        "exists",
        "hex",
        "text",
        "data",
        "enterprise",
        "pkt",
        "pkt4",
        "mac",
        "len",
        "substring",
        "all",
        "split",
        "concat",
        "ifelse",
        "hexstring",
        "addrtotext",
        "int8totext",
        "lcase",
        "not",
        "and",
        "or",
        "sand",
        "sor",
        "member",
        "match",
        "known",
        "host-name]",
        "option[43]",
        "option[1]",
        ".hex",
        ".exists",
        "vendor[*]",
        "option[60].hex",
        "'a' == 'a'",
    ]);
    prop::collection::vec(words, 0..30).prop_map(|words| words.join(" "))
}

proptest! {
    /// No text makes the parser panic, and what it accepts can be evaluated.
    #[test]
    fn parsing_never_panics(text in prop_oneof![soup(), r"\PC{0,60}", "[-0-9a-fx:.'\\[\\] ()=+,]{0,60}"]) {
        let packet = packet();
        if let Ok(test) = test(&text) {
            let _ = test.matches(&packet);
        }
        if let Ok(value) = value(&text) {
            let _ = value.evaluate(&packet, &mut Scratch::new());
        }
    }

    /// Whatever bytes a client sends, every kind of look at them has an answer.
    #[test]
    fn any_packet_has_an_answer(data in prop::collection::vec(any::<u8>(), 0..60), code in 0u8..=255) {
        let mut packet = packet();
        for code in [code, 43, 82, 119, 124, 125] {
            packet.options.insert(code, data.clone());
        }
        for text in [
            format!("option[{code}].text"), format!("option[{code}].option[1].text"),
            "option[125].option[1].text".into(), "relay4[1].option[2].hex".into(), "vendor[*].option[1].text".into(),
            "vendor-class[*].data[1]".into(), "vendor.enterprise".into(), "option[119].text".into(),
        ] {
            prop_assert!(value(&text).unwrap().evaluate(&packet, &mut Scratch::new()).is_ok());
        }
    }
}
