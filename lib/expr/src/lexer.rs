//! From text to tokens.
//!
//! As in Kea, the longest token that can start somewhere wins, and a word before `]` is an option name
//! whatever it means elsewhere: `option[hex].hex` asks for an option called `hex`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A token and the byte it starts at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token<'a> {
    pub(crate) at: usize,
    pub(crate) kind: Kind<'a>,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind<'a> {
    /// The text between single quotes.
    String(&'a str),
    /// The digits after `0x`.
    Hex(&'a str),
    /// A decimal number that fits 64 bits.
    Integer(i64),
    /// A word before `]`.
    Name(&'a str),
    Address(IpAddr),
    /// A word or character of the language.
    Symbol(&'static str),
    End,
}

/// Everything that is written as it is, words first.
const SYMBOLS: &[&str] = &[
    "addrtotext",
    "all",
    "and",
    "ciaddr",
    "concat",
    "data",
    "dst",
    "enterprise",
    "exists",
    "giaddr",
    "hex",
    "hexstring",
    "hlen",
    "htype",
    "iface",
    "ifelse",
    "int16totext",
    "int32totext",
    "int8totext",
    "known",
    "lcase",
    "len",
    "linkaddr",
    "mac",
    "match",
    "member",
    "msgtype",
    "not",
    "option",
    "or",
    "peeraddr",
    "pkt",
    "pkt4",
    "pkt6",
    "relay4",
    "relay6",
    "sand",
    "siaddr",
    "sifelse",
    "sor",
    "split",
    "src",
    "substring",
    "text",
    "transid",
    "ucase",
    "uint16totext",
    "uint32totext",
    "uint8totext",
    "unknown",
    "vendor",
    "vendor-class",
    "yiaddr",
    "==",
    ".",
    "(",
    ")",
    "[",
    "]",
    ",",
    "*",
    "+",
];

/// Splits `text`; the last token is [`Kind::End`].
///
/// # Errors
/// Where and why something is no token.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token<'_>>, (usize, String)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let (kind, length) = next(&text[at..]).map_err(|why| (at, why))?;
        tokens.push(Token { at, kind });
        at += length;
    }
    tokens.push(Token { at, kind: Kind::End });
    Ok(tokens)
}

/// The token `rest` starts with, and its length.
fn next(rest: &str) -> Result<(Kind<'_>, usize), String> {
    if let Some(quoted) = rest.strip_prefix('\'') {
        return match quoted.find(['\'', '\n']) {
            Some(end) if quoted.as_bytes()[end] == b'\'' => Ok((Kind::String(&quoted[..end]), end + 2)),
            _ => Err("a string starts here, but no ' ends it in the same line".into()),
        };
    }
    let name = option_name(rest);
    let address = address_length(rest);
    let number = number_length(rest);
    let hex = hex_length(rest);
    let longest = address.max(number).max(hex);
    if let Some((name, with_bracket)) = name.filter(|(_, with_bracket)| *with_bracket > longest) {
        debug_assert!(with_bracket > name.len());
        return Ok((Kind::Name(name), name.len()));
    }
    if longest == 0 {
        let symbol =
            SYMBOLS.iter().filter(|symbol| rest.starts_with(**symbol)).max_by_key(|symbol| symbol.len());
        return symbol.map(|symbol| (Kind::Symbol(symbol), symbol.len())).ok_or_else(|| unknown(rest));
    }
    let token = &rest[..longest];
    let kind = if longest == hex {
        Kind::Hex(&token[2..])
    } else if longest == number {
        Kind::Integer(token.parse().map_err(|_| format!("{token} is not an integer of at most 64 bits"))?)
    } else {
        let v4 = token.parse::<Ipv4Addr>().map(IpAddr::V4);
        let address = v4.or_else(|_| token.parse::<Ipv6Addr>().map(IpAddr::V6));
        Kind::Address(address.map_err(|_| format!("{token} is not an IP address"))?)
    };
    Ok((kind, longest))
}

fn unknown(rest: &str) -> String {
    let word: String =
        rest.chars().take_while(|c| c.is_alphanumeric() || "-_".contains(*c)).take(40).collect();
    match rest.chars().next() {
        Some(first) if word.is_empty() => format!("the character {first:?} means nothing here"),
        _ => format!("'{word}' is not a word of the expression language; text is written in single quotes"),
    }
}

/// `0x` and at least one digit.
fn hex_length(rest: &str) -> usize {
    let digits = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X"));
    match digits.map(|digits| run(digits, |byte| byte.is_ascii_hexdigit())) {
        Some(length @ 1..) => length + 2,
        _ => 0,
    }
}

/// Digits, with a sign if it is negative.
fn number_length(rest: &str) -> usize {
    let sign = usize::from(rest.starts_with('-'));
    match run(&rest[sign..], |byte| byte.is_ascii_digit()) {
        0 => 0,
        digits => digits + sign,
    }
}

/// What looks like an address: four numbers between dots, or hexadecimal digits with at least two colons.
fn address_length(rest: &str) -> usize {
    let digits = |text: &str| run(text, |byte| byte.is_ascii_digit());
    let mut v4 = digits(rest);
    for _ in 0..3 {
        let tail = rest[v4..].strip_prefix('.').filter(|_| v4 > 0);
        v4 = match tail.map(digits) {
            Some(length @ 1..) => v4 + 1 + length,
            _ => 0,
        };
    }
    let hex = |text: &str| run(text, |byte| byte.is_ascii_hexdigit());
    let first = hex(rest);
    let v6 = match rest[first..].strip_prefix(':').map(|tail| (tail, hex(tail))) {
        Some((tail, second)) if tail[second..].starts_with(':') => {
            run(rest, |byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.')
        }
        _ => 0,
    };
    v4.max(v6)
}

/// An option name when `]` follows it, and how far that is.
fn option_name(rest: &str) -> Option<(&str, usize)> {
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let word = &rest[..run(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')];
    let blanks = run(&rest[word.len()..], |byte| byte.is_ascii_whitespace());
    let end = word.len() + blanks;
    (rest[end..].starts_with(']') && !word.ends_with(['-', '_'])).then_some((word, end + 1))
}

/// How many bytes from the start of `text` are all `wanted`, which holds for ASCII only.
fn run(text: &str, wanted: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii() && wanted(*byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        let mut kinds: Vec<_> = tokens(text).unwrap().into_iter().map(|token| token.kind).collect();
        assert_eq!(kinds.pop(), Some(Kind::End));
        kinds
    }

    /// Literals of every kind, and the longest of those that could be meant.
    #[test]
    fn the_longest_token_wins() {
        let v6 = |text: &str| Kind::Address(IpAddr::V6(text.parse().unwrap()));
        assert_eq!(kinds("10.0.0.1"), [Kind::Address(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)))]);
        assert_eq!(kinds("abc::1"), [v6("abc::1")]);
        assert_eq!(kinds(":: ::10.0.0.1"), [v6("::"), v6("::10.0.0.1")]);
        assert_eq!(
            kinds("0x1F 0X0 -1 12"),
            [Kind::Hex("1F"), Kind::Hex("0"), Kind::Integer(-1), Kind::Integer(12)]
        );
        assert_eq!(kinds("'a b'''"), [Kind::String("a b"), Kind::String("")]);
        assert_eq!(kinds("vendor-class"), [Kind::Symbol("vendor-class")]);
        assert_eq!(kinds("notmember"), [Kind::Symbol("not"), Kind::Symbol("member")]);
        assert_eq!(
            kinds("[hex \n]hex"),
            [Kind::Symbol("["), Kind::Name("hex"), Kind::Symbol("]"), Kind::Symbol("hex")]
        );
    }

    /// What is no token is reported where it is.
    #[test]
    fn other_text_is_refused() {
        for (text, at) in [
            ("'", 0),
            ("'a\n'", 0),
            ("0x", 1),
            ("=", 0),
            (" bar", 1),
            ("[ab_]", 1),
            ("10.256.0.1", 0),
            (":::", 0),
            ("12345678901234567890", 0),
            ("1 ä", 2),
            ("members(", 6),
        ] {
            assert_eq!(tokens(text).unwrap_err().0, at, "{text}");
        }
    }
}
