//! The configuration as `config-get` shows it: what is written, with what follows from it.

use kotare_options::Definitions;
use serde_json::{Map, Value as Json, json};

use super::File;
use super::table::{Inherits, Scalar, Shown, Table, Type};
use crate::Level;
use crate::json::{Diagnostics, Value};
use crate::v4::definitions_of_class;

/// What `config-get` answers for the configuration `root`, a file of this form, without `hash`.
///
/// `root` is valid and in the keywords of today; `definitions` are those of its options. Defaults are filled in and
/// parameters inherited to the places where Kea 3.3 shows them, comments go into user contexts, keys are sorted.
pub fn config_get(root: &Value, file: &File, definitions: &Definitions) -> Json {
    let normal = Normal { file, definitions };
    let mut filled = Json::Object(normal.fill(file.top, Some(root), None));
    filled.sort_all_objects();
    filled
}

struct Normal<'a> {
    file: &'a File,
    definitions: &'a Definitions,
}

impl Normal<'_> {
    /// The map `value` of `table` with all that is shown; `outer` is the map from which it inherits.
    fn fill(
        &self,
        table: &'static Table,
        value: Option<&Value>,
        outer: Option<&Map<String, Json>>,
    ) -> Map<String, Json> {
        let mut map = Map::new();
        let is_global = std::ptr::eq(table, self.file.global);
        for param in table.params().filter(|param| !matches!(param.is, Type::Map(_) | Type::Maps(_))) {
            let written = value.and_then(|value| value.get(param.keyword));
            let inherited = || match param.inherits {
                Inherits::Openly => outer.and_then(|outer| outer.get(param.keyword)).cloned(),
                _ => None,
            };
            let default = match param.inherits {
                Inherits::No if value.is_none() => param.mapless.or(param.default),
                Inherits::No => param.default,
                _ if is_global => param.default,
                _ => None,
            };
            let is_different =
                |json: &Json| !is_empty(json) && default.is_none_or(|default| default.json() != *json);
            let shown = match (written.map(Value::to_json).or_else(inherited), param.shown) {
                (Some(json), Shown::Different) => is_different(&json).then_some(json),
                (Some(json), _) => Some(json),
                (None, Shown::Different | Shown::Written) => None,
                (None, Shown::Always) if default.is_none() => Some(json!([])),
                (None, _) => default.map(Scalar::json),
            };
            if let Some(json) = shown {
                map.insert(param.keyword.to_owned(), json);
            }
        }
        if table.open {
            for entry in
                value.into_iter().flat_map(Value::entries).filter(|entry| table.param(&entry.key).is_none())
            {
                map.insert(entry.key.as_str().to_owned(), entry.value.to_json());
            }
        }
        // The options of a class are read as it defines them.
        let own = value.filter(|_| !is_global && table.param("option-def").is_some());
        let own = own.and_then(|class| own_definitions(Level::of(table, class), self.definitions));
        let inside = Normal { file: self.file, definitions: own.as_ref().unwrap_or(self.definitions) };
        // Lists of maps come last: their items inherit from the rest.
        let maps = table.params().filter(|param| matches!(param.is, Type::Map(_)));
        let lists = table.params().filter(|param| matches!(param.is, Type::Maps(_)));
        for param in maps.chain(lists) {
            let written = value.and_then(|value| value.get(param.keyword));
            let inherited = || outer.and_then(|outer| outer.get(param.keyword)).cloned();
            let json = match (param.is, written) {
                (_, None) if param.inherits == Inherits::Openly && inherited().is_some() => inherited(),
                (_, None) if param.shown != Shown::Always => None,
                (Type::Map(inner), written) => Some(Json::Object(inside.fill(inner, written, None))),
                (Type::Maps(inner), Some(list)) => Some(
                    list.items()
                        .iter()
                        .map(|item| Json::Object(inside.fill(inner, Some(item), Some(&map))))
                        .collect(),
                ),
                _ => Some(json!([])),
            };
            if let Some(json) = json.filter(|json| param.shown != Shown::Different || !is_empty(json)) {
                map.insert(param.keyword.to_owned(), json);
            }
        }
        comment_into_context(&mut map);
        if let Some(finish) = table.finish {
            finish(&mut map, self.definitions);
        }
        map
    }
}

/// The definitions as a class has them, if it has its own, which are right.
fn own_definitions(class: Level<'_>, definitions: &Definitions) -> Option<Definitions> {
    definitions_of_class(class, definitions, &mut Diagnostics::new())
}

impl Scalar {
    /// As JSON.
    pub(crate) fn json(self) -> Json {
        match self {
            Self::Bool(truth) => truth.into(),
            Self::Int(number) => number.into(),
            Self::Real(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::Texts(texts) => texts.into(),
        }
    }
}

/// A `comment` is part of the user context.
fn comment_into_context(map: &mut Map<String, Json>) {
    if let Some(comment) = map.remove("comment") {
        let context = map.entry("user-context").or_insert_with(|| json!({}));
        if let Json::Object(context) = context {
            context.insert("comment".to_owned(), comment);
        }
    }
}

/// Whether there is nothing in a list, a map or a string.
pub(super) fn is_empty(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.is_empty(),
        Json::Object(object) => object.is_empty(),
        Json::String(text) => text.is_empty(),
        _ => false,
    }
}
