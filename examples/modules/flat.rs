//! Parameters that are a map of texts, as JSON has them. A module that needs more takes a crate for it.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// The entries of a map `{"key": "value", …}`, or why the text is none.
pub fn read(text: &str) -> Result<BTreeMap<String, String>, String> {
    let (mut rest, mut map) = (text.chars().peekable(), BTreeMap::new());
    expect(&mut rest, '{')?;
    if next(&mut rest) == Some('}') {
        return Ok(map);
    }
    loop {
        let key = string(&mut rest)?;
        expect(&mut rest, ':')?;
        map.insert(key, string(&mut rest)?);
        match next(&mut rest) {
            Some(',') => rest.next(),
            Some('}') => return Ok(map),
            _ => return Err("a map of texts is expected".into()),
        };
    }
}

/// The next character that is no space, which stays there.
fn next(rest: &mut Peekable<Chars<'_>>) -> Option<char> {
    while rest.peek().map_or(false, |it| it.is_whitespace()) {
        rest.next();
    }
    rest.peek().copied()
}

fn expect(rest: &mut Peekable<Chars<'_>>, wanted: char) -> Result<(), String> {
    match next(rest) {
        Some(it) if it == wanted => {
            rest.next();
            Ok(())
        }
        _ => Err(format!("'{}' is expected: the parameters are a map of texts", wanted)),
    }
}

fn string(rest: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    expect(rest, '"')?;
    let mut text = String::new();
    loop {
        match rest.next().ok_or("a text does not end")? {
            '"' => return Ok(text),
            '\\' => text.push(match rest.next().ok_or("a text does not end")? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => {
                    let digits: String = rest.by_ref().take(4).collect();
                    let code = u32::from_str_radix(&digits, 16).map_err(|_| "\\u needs four digits")?;
                    char::from_u32(code).ok_or("\\u is half a character")?
                }
                it => it,
            }),
            it => text.push(it),
        }
    }
}
