//! What an evaluation costs: no allocation, whatever an expression does, but for the words of what is no string.

use kotare_expr::Scratch;

use crate::packet;

/// Each part of the language, with what is found, absent, and in several pieces.
const TESTS: &[&str] = &[
    "option[60].hex == 'MSFT 5.0' and not option[61].exists or option[53].hex == 0x02",
    "(option[60].text == 'x' sor unknown) sand member('foo')",
    "substring(option[60].hex, -3, all) == '5.0' and substring(option[200].hex, 1, 2) == ''",
    "concat('a', lcase(option[60].hex)) + ucase(option[12].text) == 'amsft 5.0HOST'",
    "hexstring(pkt4.mac, ':') == '01:02:03:04:05:06' and split(option[60].hex, ' ', 2) == '5.0'",
    "pkt4.ciaddr == 192.0.2.1 and pkt.src == 10.0.0.1 and pkt.len == 300 and pkt.iface == 'eth0'",
    "addrtotext(pkt4.giaddr) == '192.0.2.4' and addrtotext(::1) == '::1'",
    "int8totext(option[53].hex) == '1' and uint32totext(pkt4.transid) == '12345'",
    "ifelse(option[82].exists, relay4[2].hex, 'none') == 'abc' and option[82].option[2].exists",
    "sifelse(option[83].exists, relay4[2].hex, 'none') == 'none'",
    "option[43].option[1].hex == 'foo' and option[125].option[2].hex == 10.0.0.1",
    "vendor[*].option[2].hex == 10.0.0.1 and vendor[9000].option[1].exists and vendor.enterprise == 4491",
    "vendor-class[4491].data[1] == 'de' and vendor-class[9000].exists and vendor-class.enterprise == 4491",
    "match('[a-z]+[0-9]', option[100].hex) and match('.*foo.*', 'a foo')",
];

#[test]
fn nothing_is_allocated() {
    let packet = packet::packet();
    for text in TESTS {
        let test = packet::test(text).unwrap();
        // A regular expression makes its room when it is first used.
        assert_eq!(test.matches(&packet), Ok(true), "{text}");
        let counted = allocation_counter::measure(|| _ = test.matches(&packet));
        assert_eq!(counted.count_total, 0, "{text}");
    }
    let value = packet::value("concat(hexstring(option[60].hex, '-'), option[82].hex)").unwrap();
    let counted = allocation_counter::measure(|| {
        assert_eq!(value.evaluate(&packet, &mut Scratch::new()).map(<[u8]>::len), Ok(23 + 17));
    });
    assert_eq!(counted.count_total, 0);
}
