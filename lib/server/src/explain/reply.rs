//! What replies of both protocols have: options, and where they come from; and the client's name.

use kotare_engine::trace::{Scope, Step};
use serde_json::{Value as Json, json};

use super::explained::CodeOf;
use super::{Explained, Told, named_by};

/// The options that modules changed.
pub fn edited<'a, E: Explained>(told: &Told<'a, E>) -> &'a [CodeOf<E>] {
    let edited = told.steps().rev().find_map(|step| match step {
        Step::ReplyEdited(codes) => Some(&**codes),
        _ => None,
    });
    edited.unwrap_or_default()
}

/// Where an option comes from, if it is not one that the server makes itself.
pub fn source<E: Explained>(told: &Told<'_, E>, code: CodeOf<E>) -> Option<String> {
    if edited(told).contains(&code) {
        return Some("module".to_owned());
    }
    let scopes = told.steps().rev().find_map(|step| match step {
        Step::Options(scopes) => Some(scopes),
        _ => None,
    });
    let (_, scope) = scopes?.iter().find(|(own, _)| *own == code)?;
    Some(match scope {
        Scope::Inherited => "options of a vendor's space".to_owned(),
        scope => told.scope(*scope, ""),
    })
}

/// The client's name.
pub fn hostname<E: Explained>(told: &Told<'_, E>) -> Json {
    let named = told.steps().rev().find_map(|step| match step {
        Step::Name { text, by } if !text.is_empty() => Some((text, by)),
        _ => None,
    });
    let Some((text, by)) = named else { return Json::Null };
    json!({"name": text, "from": named_by(*by)})
}
