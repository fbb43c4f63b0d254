//! Whether what relays said of a client is kept as it should be in the user context of its lease
//! (`extended-info-checks`): what is the same wherever it stands there.

use kotare_config::json::format::{Shape, text};
use kotare_config::process::ExtendedInfoChecks;
use serde_json::{Map, Value};

use crate::isc_context::ISC;

/// What is to become of a user context.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It stays.
    Sound,
    /// This is it without what is there a second time. That is not worth telling.
    Tidied(Box<str>),
    /// This is it in the form of today.
    Upgraded(Box<str>),
    /// What is wrong, if that is worth telling, and what is left without it.
    Unsound { problem: Option<String>, rest: Option<Box<str>> },
}

impl Checked {
    /// Does so to a user context; whether that changes it. What is worth telling is.
    pub(crate) fn correct(
        self,
        context: &mut Option<Box<str>>,
        upgraded: impl FnOnce(),
        unsound: impl FnOnce(&str),
    ) -> bool {
        *context = match self {
            Self::Sound => return false,
            Self::Tidied(tidied) => Some(tidied),
            Self::Upgraded(today) => {
                upgraded();
                Some(today)
            }
            Self::Unsound { problem, rest } => {
                if let Some(problem) = &problem {
                    unsound(problem);
                }
                rest
            }
        };
        true
    }
}

/// What came of judging what the server keeps, and brought into today's form where it was right otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    Sound,
    Tidied,
    Upgraded,
}

/// Where something is wrong, and what.
pub(crate) type Problem = (String, String);

/// Judges a user context, of which what relays said is `key` in the server's part, which `judge` looks at.
pub(crate) fn checked(
    context: &str,
    level: ExtendedInfoChecks,
    key: &str,
    judge: impl FnOnce(&mut Map<String, Value>) -> Result<Judged, Problem>,
) -> Checked {
    if level == ExtendedInfoChecks::None {
        return Checked::Sound;
    }
    // The lease file has nothing else.
    let Ok(Value::Object(mut all)) = serde_json::from_str(context) else { return Checked::Sound };
    if all.is_empty() {
        return Checked::Unsound { problem: None, rest: None };
    }
    match all.get_mut(ISC) {
        None => Checked::Sound,
        Some(Value::Object(isc)) if isc.is_empty() => without(all, None),
        Some(Value::Object(isc)) => match judge(isc) {
            Ok(Judged::Sound) => Checked::Sound,
            Ok(Judged::Tidied) => Checked::Tidied(line(all)),
            Ok(Judged::Upgraded) => Checked::Upgraded(line(all)),
            Err((place, problem)) => {
                isc.remove(key);
                let problem = format!("in {place} a problem was found: {problem}");
                if isc.is_empty() {
                    return without(all, Some(problem));
                }
                Checked::Unsound { problem: Some(problem), rest: rest(all) }
            }
        },
        Some(_) => without(all, Some("in isc a problem was found: ISC entry is not a map".into())),
    }
}

/// Without all that is ours.
fn without(mut all: Map<String, Value>, problem: Option<String>) -> Checked {
    all.remove(ISC);
    Checked::Unsound { problem, rest: rest(all) }
}

fn rest(all: Map<String, Value>) -> Option<Box<str>> {
    (!all.is_empty()).then(|| line(all))
}

fn line(all: Map<String, Value>) -> Box<str> {
    text(&Value::Object(all), Shape::Line).into()
}

/// The bytes of a text in hexadecimal: `0x010203`, or `01:02:03` and `01 02 03`, as Kea reads it. Otherwise what is wrong.
pub fn hex_bytes(text: &str) -> Result<Vec<u8>, String> {
    let bad = || format!("'{text}' is not a valid string of hexadecimal digits");
    // What relays say is never longer than a message.
    if !text.is_ascii() || text.len() > 3 * usize::from(u16::MAX) {
        return Err(bad());
    }
    let byte = |digits: &str| match digits.len() {
        1 | 2 if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => u8::from_str_radix(digits, 16).ok(),
        _ => None,
    };
    if let Some(separator) = [':', ' '].into_iter().find(|&separator| text.contains(separator)) {
        return text.split(separator).map(byte).collect::<Option<_>>().ok_or_else(bad);
    }
    let digits = text.strip_prefix("0x").filter(|digits| !digits.is_empty()).unwrap_or(text);
    // With an odd number of them the first is a byte alone.
    let (first, pairs) = digits.split_at(digits.len() % 2);
    let first = (!first.is_empty()).then(|| byte(first));
    let pairs = (0..pairs.len()).step_by(2).map(|at| byte(&pairs[at..at + 2]));
    first.into_iter().chain(pairs).collect::<Option<_>>().ok_or_else(bad)
}
