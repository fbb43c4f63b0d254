//! What a sieve of tests leaves to be evaluated.

use kotare_expr::{ClassId, Scratch, Sieve};

use crate::packet::{Packet, packet, tests};

/// The numbers of the tests that are left.
fn left(texts: &[&str], packet: &Packet) -> Vec<u32> {
    let tests = tests(texts);
    let sieve = Sieve::new((0..).map(ClassId).zip(tests.iter().map(Some)));
    let mut scratch = Scratch::new();
    sieve.sift(packet, &mut scratch);
    let counted = allocation_counter::measure(|| _ = sieve.sift(packet, &mut scratch));
    assert_eq!(counted.count_total, 0);
    sieve.sift(packet, &mut scratch).iter().map(|class| class.0).collect()
}

/// Of tests that ask the same, those are left whose answer it is: alone, before `and`, behind it, and as one of several.
#[test]
fn who_expects_another_answer_is_left_out() {
    let texts = [
        "option[60].text == 'MSFT 5.0'",
        "'MSFT 4.0' == option[60].text",
        "option[60].text == 'a' and substring(pkt4.mac, 0, 3) == 0x010203",
        "member('foo') and substring(pkt4.mac, 0, 3) == 0x010204",
        "member('foo') and substring(pkt4.mac, 0, 3) == 0x010203",
        "option[60].text == 'a' or option[60].text == 'MSFT 5.0'",
        "option[60].text == 'a' or option[60].text == 'b'",
        "option[61].exists and pkt4.msgtype == 1",
        "option[61].exists sand pkt4.msgtype == 2",
        "concat(relay4[2].hex, option[60].hex) == 'abcMSFT 5.0'",
        "concat(relay4[2].hex, option[60].hex) == 'abcMSFT 5.1'",
    ];
    assert_eq!(left(&texts, &packet()), [0, 4, 5, 9]);
}

/// What depends on classes, may fail, or is asked by one alone is left to be evaluated.
#[test]
fn what_is_not_told_beforehand_is_evaluated() {
    let member = "member('bar')";
    assert_eq!(left(&[member, member], &packet()), [0, 1]);
    let of_class = "option[43].option[1].hex == 'bar'";
    assert_eq!(left(&[of_class, of_class], &packet()), [0, 1]);
    let behind_what_fails = "addrtotext(option[60].hex) == 'x' and option[61].exists";
    assert_eq!(left(&[behind_what_fails, behind_what_fails], &packet()), [0, 1]);
    let beside_what_fails = "option[61].exists sand addrtotext(option[60].hex) == 'x'";
    assert_eq!(left(&[beside_what_fails, beside_what_fails], &packet()), [0, 1]);
    let either = "option[61].exists or member('bar')";
    assert_eq!(left(&[either, either], &packet()), [0, 1]);
    assert_eq!(left(&["option[61].exists", "option[62].exists"], &packet()), [0, 1]);
}

/// Classes that are not tested are always left. The order is that in which they were given, whatever their numbers.
#[test]
fn others_are_always_evaluated() {
    let tests = tests(&["option[61].exists"; 2]);
    let classes = [(ClassId(70), None), (ClassId(3), Some(&tests[0])), (ClassId(900), Some(&tests[1]))];
    let sieve = Sieve::new(classes);
    let left = sieve.sift(&packet(), &mut Scratch::new());
    assert_eq!(left.iter().collect::<Vec<_>>(), [ClassId(70)]);
    assert_eq!(sieve.whole().iter().collect::<Vec<_>>(), [ClassId(70), ClassId(3), ClassId(900)]);
}
