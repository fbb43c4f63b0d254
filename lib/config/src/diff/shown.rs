//! A change as a command answers it.

use serde_json::{Value as Json, json};

use super::{Change, Step, effects};
use crate::schema::{is_secret, redacted};

/// How long a value may be, as text: a subnet may have a hundred thousand reservations.
const LONGEST: usize = 2000;

impl Change {
    /// `path`, `kind`, `old`, `new`, `effect`; what there is not is `null`. Passwords are hidden, and of a value that is
    /// long it is told how many entries it has.
    pub fn to_json(&self) -> Json {
        let is_hidden = matches!(self.path.last(), Some(Step::Keyword(keyword)) if is_secret(keyword));
        let value = |value: &Option<Json>| match value {
            None => Json::Null,
            Some(_) if is_hidden => "*****".into(),
            Some(value) if !fits(value, &mut { LONGEST }) => too_long(value).into(),
            Some(value) => redacted(value),
        };
        json!({
            "path": self.to_string(),
            "kind": self.kind.as_str(),
            "old": value(&self.old),
            "new": value(&self.new),
            "effect": effects::of(self),
        })
    }

    /// The row of the innermost keyword on the path.
    pub(super) fn param(&self) -> Option<&'static crate::schema::Param> {
        self.param
    }
}

/// Whether a value has no more bytes than are left, about.
fn fits(value: &Json, left: &mut usize) -> bool {
    let size = match value {
        Json::String(text) => text.len() + 2,
        _ => 4,
    };
    if size > *left {
        return false;
    }
    *left -= size;
    match value {
        Json::Array(items) => items.iter().all(|item| fits(item, left)),
        Json::Object(map) => map.iter().all(|(key, value)| {
            *left = left.saturating_sub(key.len());
            fits(value, left)
        }),
        _ => true,
    }
}

fn too_long(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("(a list of {}, too long to show)", items.len()),
        Json::Object(map) => {
            let keywords: Vec<_> = map
                .iter()
                .map(|(keyword, value)| match value {
                    Json::Array(items) => format!("{keyword} ({})", items.len()),
                    _ => keyword.clone(),
                })
                .take(30)
                .collect();
            format!("(a map with {}, too long to show)", keywords.join(", "))
        }
        Json::String(text) => format!("(a text of {} bytes, too long to show)", text.len()),
        _ => "(too long to show)".to_owned(),
    }
}
