//! What is too long, too deep or too slow is refused, or costs no more than it may.

use std::thread;

use kotare_expr::{Scratch, Test};

use crate::packet::{self, packet, test, value};

/// Half of what a thread has of it, so that there is room for who reads a configuration.
const STACK: usize = 1 << 20;

fn in_half_a_stack(body: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(STACK).spawn(body).unwrap().join().unwrap();
}

/// Expressions of this depth, in every way to nest.
fn nested(depth: usize) -> [String; 6] {
    let text = |open: &str, close: &str| format!("{}'a'{}", open.repeat(depth), close.repeat(depth));
    [
        format!("{}'a' == 'a'{}", "(".repeat(depth), ")".repeat(depth)),
        format!("{}('a' == 'a')", "not ".repeat(depth)),
        format!("{} == ''", text("concat('b', ", ")")),
        format!("{} == ''", text("lcase(", ")")),
        format!("{} == ''", text("ifelse(known, 'x', ", ")")),
        format!("{}known{}", "('a' == 'b' or (known and ".repeat(depth / 2), "))".repeat(depth / 2)),
    ]
}

/// Thousands of levels are refused where they become too many; what is allowed is read, evaluated, cloned and dropped in
/// half the stack that threads have.
#[test]
fn depth_is_bounded() {
    in_half_a_stack(|| {
        for deep in
            nested(3_000).into_iter().chain(["(", "not ", "concat(", "ifelse("].map(|it| it.repeat(5_000)))
        {
            let error = test(&deep).unwrap_err();
            assert!(error.text.contains("nested more than 100 deep"), "{error}");
        }
        let most = nested(98);
        for text in &most {
            let test = test(text).unwrap_or_else(|error| panic!("{error}: {text}"));
            assert!(test.clone().matches(&packet()).is_ok());
        }
    });
}

/// Length is bounded; what is merely long is not deep.
#[test]
fn length_is_bounded() {
    in_half_a_stack(|| {
        assert!(test(&" ".repeat(100_000)).unwrap_err().text.contains("longer than 65536"));
        for (operator, all) in [("or", false), ("and", false), ("sor", false), ("sand", false)] {
            let long = vec!["0 == 1"; 5_000].join(&format!(" {operator} "));
            assert_eq!(test(&long).map(|test| test.matches(&packet())), Ok(Ok(all)));
        }
        let sum = vec!["'a'"; 10_000].join("+");
        assert_eq!(
            value(&sum).unwrap().evaluate(&packet(), &mut Scratch::new()).map(<[u8]>::len),
            Ok(10_000)
        );
        let path = format!("option[43]{}.exists", ".option[1]".repeat(6_000));
        assert_eq!(test(&path).unwrap().matches(&packet()), Ok(false));
    });
}

/// A string that would grow without bound is an error instead.
#[test]
fn strings_do_not_explode() {
    let text = (0..40).fold("pkt4.mac".to_owned(), |inner, _| format!("hexstring({inner}, '')"));
    assert_eq!(
        value(&text).unwrap().evaluate(&packet(), &mut Scratch::new()).unwrap_err().function,
        "hexstring"
    );
}

/// Regular expressions that would take for ever elsewhere take their time here once, and those that would take all memory
/// are refused.
#[test]
fn regular_expressions_do_not_explode() {
    let mut long = packet();
    long.options.insert(200, [&[b'a'; 60_000][..], b"!"].concat());
    for pattern in ["(a+)+", "(a|a)*", "(a|aa)+", "(.*)*x", "(a*)*b", "([a-z]+)*[0-9]"] {
        let test: Test = test(&format!("match('{pattern}', option[200].hex)")).unwrap();
        assert_eq!(test.matches(&long), Ok(false), "{pattern}");
    }
    for pattern in ["(a{1000}){1000}", "((a{100}){100}){100}", "[[:alpha:]]{100000}"] {
        let error = packet::test(&format!("match('{pattern}', 'a')")).unwrap_err();
        assert!(error.text.contains("invalid regular expression"), "{error}");
    }
}
