//! What the steps of either family say, in words.

use kotare_engine::trace::{Because, NamedBy, Said};
use kotare_expr::ClassSet;
use kotare_model::{Hex, Lifetime};
use serde_json::Value as Json;

/// How many names of a list are told.
const MAX_NAMES: usize = 20;

/// The names of classes, as far as they go into a sentence.
pub fn class_names<'a>(set: &ClassSet, name: impl Fn(kotare_expr::ClassId) -> &'a str) -> String {
    let mut names: Vec<_> = set.iter().map(name).take(MAX_NAMES + 1).collect();
    if names.len() > MAX_NAMES {
        names[MAX_NAMES] = "…";
    }
    names.join(", ")
}

/// What an expression, or a part of it, comes to.
pub fn said(said: &Said) -> Json {
    match said {
        Said::Truth(truth) => (*truth).into(),
        Said::Value(value) => in_words(value).into(),
        Said::Failure(why) => why.clone().into(),
    }
}

/// Bytes as they are written in expressions: text in quotes, or digits.
pub fn in_words(value: &[u8]) -> String {
    match value.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        true => format!("'{}'", value.escape_ascii()),
        false => format!("0x{:x}", Hex(value)),
    }
}

/// Whether an expression keeps a client out of its class.
pub fn is_no_member(said: &Said) -> bool {
    match said {
        Said::Truth(truth) => !truth,
        Said::Value(value) => value.is_empty(),
        Said::Failure(_) => false,
    }
}

/// Why a message is of a class without an expression; `vendor_class` is the code of the option that classes are made of.
pub fn because(why: Because, vendor_class: u16) -> String {
    let text = match why {
        Because::BuiltIn => "it is built in",
        Because::VendorClass => return format!("it is made of the vendor class (option {vendor_class})"),
        Because::Template => "a template makes it",
        Because::Reservation => "a reservation says so",
        Because::Known => "it tells whether there is a reservation",
        Because::Additional => {
            "pool, subnet or network ask for it (evaluate-additional-classes), and it has no test"
        }
        Because::Module => "a module says so",
        Because::Assumed => "it is assumed, as asked for",
    };
    text.to_owned()
}

/// Whose idea a name is.
pub fn named_by(by: NamedBy) -> &'static str {
    match by {
        NamedBy::Reservation => "reservation",
        NamedBy::Client => "the client",
        NamedBy::Server => "made up from its address",
    }
}

/// How long something is, in seconds.
pub fn seconds(lifetime: Lifetime) -> String {
    match lifetime {
        Lifetime::INFINITE => "infinity".to_owned(),
        lifetime => lifetime.to_string(),
    }
}
