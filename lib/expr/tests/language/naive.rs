//! Random expressions against an evaluator that knows only the manual: strings are copied, nothing is lazy that need not
//! be, and nothing is shared with the real one.

use kotare_expr::{ClassId, PartValue, Scratch, Sieve};
use proptest::prelude::*;

use crate::packet::{Packet, packet, test, tests, value};

/// A condition.
#[derive(Clone, Debug)]
enum Is {
    Not(Box<Is>),
    /// `and`, `or`, `sand`, `sor`.
    Joined(&'static str, Box<Is>, Box<Is>),
    Equal(Says, Says),
    Exists(u8),
    AgentSays(u8),
    Member(&'static str, u32),
}

/// A string.
#[derive(Clone, Debug)]
enum Says {
    Text(String),
    Hex(Vec<u8>),
    Number(u32),
    Option(u8),
    Agent(u8),
    Mac,
    Type,
    Concat(Box<Says>, Box<Says>),
    Plus(Box<Says>, Box<Says>),
    Substring(Box<Says>, i64, Option<i64>),
    Split(Box<Says>, Box<Says>, i64),
    IfElse(&'static str, Box<Is>, Box<Says>, Box<Says>),
    HexString(Box<Says>, Box<Says>),
    Lower(Box<Says>),
    Upper(Box<Says>),
    Address(Box<Says>),
    Integer(&'static str, Box<Says>),
}

/// Something that has no value.
#[derive(Debug, PartialEq)]
struct Impossible;

impl Is {
    fn text(&self) -> String {
        match self {
            Self::Not(it) => format!("not ({})", it.text()),
            Self::Joined(word, one, other) => format!("({}) {word} ({})", one.text(), other.text()),
            Self::Equal(one, other) => format!("{} == {}", one.text(), other.text()),
            Self::Exists(code) => format!("option[{code}].exists"),
            Self::AgentSays(code) => format!("relay4[{code}].exists"),
            Self::Member(name, _) => format!("member('{name}')"),
        }
    }

    fn value(&self, packet: &Packet) -> Result<bool, Impossible> {
        Ok(match self {
            Self::Not(it) => !it.value(packet)?,
            Self::Joined("and", one, other) => one.value(packet)? && other.value(packet)?,
            Self::Joined("or", one, other) => one.value(packet)? || other.value(packet)?,
            Self::Joined(word, one, other) => {
                let both = [one.value(packet)?, other.value(packet)?];
                if *word == "sand" { both == [true; 2] } else { both != [false; 2] }
            }
            Self::Equal(one, other) => one.value(packet)? == other.value(packet)?,
            Self::Exists(code) => option(packet, *code).is_some(),
            Self::AgentSays(code) => agent(packet, *code).is_some(),
            Self::Member(_, number) => packet.classes.contains(number),
        })
    }
}

impl Says {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => format!("'{text}'"),
            Self::Hex(bytes) => format!("0x{}", hex(bytes, "")),
            Self::Number(number) => number.to_string(),
            Self::Option(code) => format!("option[{code}].hex"),
            Self::Agent(code) => format!("relay4[{code}].hex"),
            Self::Mac => "pkt4.mac".into(),
            Self::Type => "pkt4.msgtype".into(),
            Self::Concat(one, other) => format!("concat({}, {})", one.text(), other.text()),
            Self::Plus(one, other) => format!("({} + {})", one.text(), other.text()),
            Self::Substring(text, start, Some(length)) => {
                format!("substring({}, {start}, {length})", text.text())
            }
            Self::Substring(text, start, None) => format!("substring({}, {start}, all)", text.text()),
            Self::Split(text, ends, field) => format!("split({}, {}, {field})", text.text(), ends.text()),
            Self::IfElse(word, condition, one, other) => {
                format!("{word}({}, {}, {})", condition.text(), one.text(), other.text())
            }
            Self::HexString(data, between) => format!("hexstring({}, {})", data.text(), between.text()),
            Self::Lower(text) => format!("lcase({})", text.text()),
            Self::Upper(text) => format!("ucase({})", text.text()),
            Self::Address(text) => format!("addrtotext({})", text.text()),
            Self::Integer(word, text) => format!("{word}totext({})", text.text()),
        }
    }

    fn value(&self, packet: &Packet) -> Result<Vec<u8>, Impossible> {
        Ok(match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Hex(bytes) => bytes.clone(),
            Self::Number(number) => number.to_be_bytes().to_vec(),
            Self::Option(code) => option(packet, *code).unwrap_or_default(),
            Self::Agent(code) => agent(packet, *code).unwrap_or_default(),
            Self::Mac => packet.hardware.clone(),
            Self::Type => vec![0, 0, 0, 1],
            Self::Concat(one, other) | Self::Plus(one, other) => {
                [one.value(packet)?, other.value(packet)?].concat()
            }
            Self::Substring(text, start, length) => substring(&text.value(packet)?, *start, *length),
            Self::Split(text, ends, field) => split(&text.value(packet)?, &ends.value(packet)?, *field),
            Self::IfElse("ifelse", condition, one, other) => {
                let chosen = if condition.value(packet)? { one } else { other };
                chosen.value(packet)?
            }
            Self::IfElse(_, condition, one, other) => {
                let (condition, one, other) =
                    (condition.value(packet)?, one.value(packet)?, other.value(packet)?);
                if condition { one } else { other }
            }
            Self::HexString(data, between) => {
                let between = between.value(packet)?;
                let digits = data
                    .value(packet)?
                    .iter()
                    .map(|byte| format!("{byte:02x}").into_bytes())
                    .collect::<Vec<_>>();
                digits.join(&between[..])
            }
            Self::Lower(text) => text.value(packet)?.iter().map(u8::to_ascii_lowercase).collect(),
            Self::Upper(text) => text.value(packet)?.iter().map(u8::to_ascii_uppercase).collect(),
            Self::Address(text) => {
                let bytes = text.value(packet)?;
                match bytes.len() {
                    0 => bytes,
                    4 => bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(".").into_bytes(),
                    // Only ever made of addresses that are written the same everywhere.
                    _ => return Err(Impossible),
                }
            }
            Self::Integer(word, text) => {
                let bytes = text.value(packet)?;
                let bits = 8 * bytes.len();
                if bits == 0 {
                    return Ok(bytes);
                }
                if !word.ends_with(&format!("int{bits}")) {
                    return Err(Impossible);
                }
                let number = bytes.iter().fold(0, |number: i64, byte| number * 256 + i64::from(*byte));
                let negative = !word.starts_with('u') && number >= 1 << (bits - 1);
                (number - if negative { 1 << bits } else { 0 }).to_string().into_bytes()
            }
        })
    }
}

fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(between)
}

/// Of the options that are asked for, only the name is a string, and loses the zeros behind it.
fn option(packet: &Packet, code: u8) -> Option<Vec<u8>> {
    let mut value = packet.options.get(&code)?.clone();
    if [12, 60].contains(&code) {
        while value.last() == Some(&0) {
            value.pop();
        }
        return Some(value).filter(|value| !value.is_empty());
    }
    Some(value)
}

/// What the relay says under a code, all of it.
fn agent(packet: &Packet, wanted: u8) -> Option<Vec<u8>> {
    let mut rest = &packet.options.get(&82)?[..];
    let mut found = None;
    while let [code, length, tail @ ..] = rest {
        let length = usize::from(*length);
        if length > tail.len() {
            break;
        }
        if *code == wanted {
            found.get_or_insert_with(Vec::new).extend_from_slice(&tail[..length]);
        }
        rest = &tail[length..];
    }
    found
}

/// One byte after the other.
fn substring(text: &[u8], start: i64, length: Option<i64>) -> Vec<u8> {
    let size = text.len() as i64;
    let start = if start < 0 { start + size } else { start };
    if start < 0 || start >= size {
        return Vec::new();
    }
    let wanted = |at: i64| match length {
        None => at >= start,
        Some(length) if length < 0 => at < start && at >= start + length,
        Some(length) => at >= start && at < start + length,
    };
    (0..).zip(text).filter(|(at, _)| wanted(*at)).map(|(_, byte)| *byte).collect()
}

fn split(text: &[u8], ends: &[u8], field: i64) -> Vec<u8> {
    if ends.is_empty() {
        return text.to_vec();
    }
    let mut fields = vec![Vec::new()];
    for byte in text {
        if ends.contains(byte) {
            fields.push(Vec::new());
        } else {
            fields.last_mut().unwrap().push(*byte);
        }
    }
    usize::try_from(field - 1).ok().and_then(|at| fields.get(at).cloned()).unwrap_or_default()
}

const CODES: [u8; 8] = [12, 53, 55, 60, 61, 77, 82, 93];

fn leaf() -> impl Strategy<Value = Says> {
    prop_oneof![
        "[a-zA-Z .:]{0,6}".prop_map(Says::Text),
        prop::collection::vec(any::<u8>(), 1..5).prop_map(Says::Hex),
        any::<u32>().prop_map(Says::Number),
        prop::sample::select(CODES.to_vec()).prop_map(Says::Option),
        (0u8..4).prop_map(Says::Agent),
        Just(Says::Mac),
        Just(Says::Type),
    ]
}

fn says() -> impl Strategy<Value = Says> {
    leaf().prop_recursive(4, 16, 3, |inner| {
        let boxed = inner.clone().prop_map(Box::new).boxed();
        let pair = (boxed.clone(), boxed.clone());
        let (at, word) = (-9i64..9, prop::sample::select(vec!["ifelse", "sifelse"]));
        let number = prop::sample::select(vec!["int8", "int16", "int32", "uint8", "uint16", "uint32"]);
        prop_oneof![
            pair.clone().prop_map(|(one, other)| Says::Concat(one, other)),
            pair.clone().prop_map(|(one, other)| Says::Plus(one, other)),
            (boxed.clone(), at.clone(), prop::option::of(-9i64..9))
                .prop_map(|(text, start, length)| Says::Substring(text, start, length)),
            (pair.clone(), -1i64..4).prop_map(|((text, ends), field)| Says::Split(text, ends, field)),
            (word, simple(leaf().boxed()), pair.clone()).prop_map(|(word, condition, (one, other))| {
                Says::IfElse(word, Box::new(condition), one, other)
            }),
            pair.prop_map(|(data, between)| Says::HexString(data, between)),
            boxed.clone().prop_map(Says::Lower),
            boxed.clone().prop_map(Says::Upper),
            boxed.clone().prop_map(|text| Says::Address(Box::new(Says::Substring(text, 0, Some(4))))),
            (number, boxed, 0i64..5).prop_map(|(word, text, length)| Says::Integer(
                word,
                Box::new(Says::Substring(text, 0, Some(length)))
            )),
        ]
    })
}

/// Conditions of one part over these strings.
fn simple(strings: BoxedStrategy<Says>) -> impl Strategy<Value = Is> {
    prop_oneof![
        (strings.clone(), strings.clone()).prop_map(|(one, other)| Is::Equal(one, other)),
        strings.prop_map(|one| Is::Equal(one.clone(), one)),
        prop::sample::select(CODES.to_vec()).prop_map(Is::Exists),
        (0u8..4).prop_map(Is::AgentSays),
        prop::sample::select(vec![("KNOWN", 0), ("foo", 1), ("bar", 2)])
            .prop_map(|(name, id)| Is::Member(name, id)),
    ]
}

fn conditions(strings: BoxedStrategy<Says>) -> impl Strategy<Value = Is> {
    simple(strings).prop_recursive(3, 8, 2, |inner| {
        let word = prop::sample::select(vec!["and", "or", "sand", "sor"]);
        let boxed = inner.prop_map(Box::new).boxed();
        prop_oneof![
            boxed.clone().prop_map(Is::Not),
            (word, boxed.clone(), boxed).prop_map(|(word, one, other)| Is::Joined(word, one, other)),
        ]
    })
}

/// A packet with what clients send under the codes that are asked for, some of it broken.
fn packets() -> impl Strategy<Value = Packet> {
    let value = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..9),
        "[a-z.: ]{0,9}\0?".prop_map(String::into_bytes),
        Just(b"\x01\x03abc\x02\x01\x07\x01\x02de".to_vec()),
    ];
    let options = prop::collection::btree_map(prop::sample::select(CODES.to_vec()), value, 0..8);
    (options, prop::collection::vec(0u32..3, 0..3)).prop_map(|(options, classes)| Packet {
        options,
        classes,
        ..packet()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Values are what the manual says, and have none where it says none.
    #[test]
    fn values_are_those_of_the_manual(says in says(), packet in packets()) {
        let text = says.text();
        let real = value(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let mut scratch = Scratch::new();
        let real = real.evaluate(&packet, &mut scratch).map(<[u8]>::to_vec).map_err(|_| Impossible);
        prop_assert_eq!(real, says.value(&packet), "{}", text);
    }

    /// So are conditions.
    #[test]
    fn conditions_are_those_of_the_manual(is in conditions(says().boxed()), packet in packets()) {
        let text = is.text();
        let real = test(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        prop_assert_eq!(real.matches(&packet).map_err(|_| Impossible), is.value(&packet), "{}", text);
    }

    /// What is heard of a condition ends with what it is, and written as it is heard it is the same condition.
    #[test]
    fn what_is_heard_of_a_condition_is_what_it_says(is in conditions(says().boxed()), packet in packets()) {
        let real = test(&is.text()).expect("a condition");
        let mut heard = Vec::new();
        let said = real.overheard(&packet, |part| {
            heard.push((part.to_string(), format!("{:?}", part.value)));
        });
        prop_assert_eq!(&said, &real.matches(&packet));
        if let Ok(said) = said {
            let (written, last) = heard.last().expect("it was looked at");
            prop_assert_eq!(last, &format!("{:?}", PartValue::Truth(said)));
            let again = test(written).unwrap_or_else(|error| panic!("{written}: {error}"));
            let mut same = Vec::new();
            let _ = again.overheard(&packet, |part| same.push((part.to_string(), format!("{:?}", part.value))));
            prop_assert_eq!(same, heard);
        }
    }

    /// What a sieve leaves out is false, and not impossible, whatever classes the packet belongs to meanwhile. Each test is
    /// there twice, so that all they ask is asked by several.
    #[test]
    fn what_is_sifted_out_is_false(
        several in prop::collection::vec(conditions(says().boxed()), 1..4),
        packet in packets(),
        classes in prop::collection::vec(0u32..3, 0..3),
    ) {
        let texts: Vec<_> = several.iter().chain(&several).map(Is::text).collect();
        let tests = tests(&texts);
        let sieve = Sieve::new((0..).map(ClassId).zip(tests.iter().map(Some)));
        let left: Vec<_> = sieve.sift(&packet, &mut Scratch::new()).iter().collect();
        let packet = Packet { classes, ..packet };
        for (at, is) in several.iter().chain(&several).enumerate() {
            prop_assert!(
                left.contains(&ClassId(at as u32)) || is.value(&packet) == Ok(false),
                "{}",
                is.text()
            );
        }
    }
}
