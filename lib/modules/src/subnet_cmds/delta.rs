//! Subnets that are changed in parts.
//!
//! Pools are known by their addresses, or the prefix that they are of and the length of what is delegated, options by space and code; what else is in a list is known by itself. What is
//! given is merged into what is written, or taken out of it, level by level. User contexts have their comments in them.

use std::marker::PhantomData;

use kotare_config::parse_pool;
use kotare_options::Definitions;
use serde_json::{Map, Value as Json, json};

use crate::networked::Networked;

type Object = Map<String, Json>;

/// `written`, a subnet, with the parts that are `given`. Both are right as far as tables can tell.
pub(super) fn with<L: Networked>(
    mut written: Object,
    mut given: Object,
    definitions: &Definitions,
) -> Object {
    let delta = Delta::<L> { definitions, family: PhantomData };
    join_comments(&mut written, Level::Subnet);
    join_comments(&mut given, Level::Subnet);
    delta.add(&mut written, given, Level::Subnet);
    written
}

/// `written`, a subnet, without the parts that are `given`: those that are named by nothing but what they are known by as
/// a whole, of others what is named in them. The values of scalars do not matter.
pub(super) fn without<L: Networked>(
    mut written: Object,
    mut given: Object,
    definitions: &Definitions,
) -> Object {
    let delta = Delta::<L> { definitions, family: PhantomData };
    join_comments(&mut written, Level::Subnet);
    join_comments(&mut given, Level::Subnet);
    delta.remove(&mut written, given, Level::Subnet);
    written
}

/// What a map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Subnet,
    Pool,
    PrefixPool,
    Option,
    Other,
}

impl Level {
    /// What is in the list `keyword` of this map.
    fn items(self, keyword: &str) -> Self {
        match (self, keyword) {
            (Self::Subnet, "pools") => Self::Pool,
            (Self::Subnet, "pd-pools") => Self::PrefixPool,
            (Self::Subnet | Self::Pool | Self::PrefixPool, "option-data") => Self::Option,
            _ => Self::Other,
        }
    }

    /// Whether such a map is known by the value of `keyword`.
    fn is_known_by(self, keyword: &str) -> bool {
        match self {
            Self::Subnet => ["id", "subnet"].contains(&keyword),
            Self::Pool => keyword == "pool",
            Self::PrefixPool => ["prefix", "prefix-len", "delegated-len"].contains(&keyword),
            Self::Option => ["space", "code", "name"].contains(&keyword),
            Self::Other => false,
        }
    }
}

struct Delta<'a, L> {
    definitions: &'a Definitions,
    family: PhantomData<L>,
}

impl<L: Networked> Delta<'_, L> {
    fn add(&self, written: &mut Object, given: Object, level: Level) {
        if level == Level::Option {
            // What is said of an option is said as a whole.
            for keyword in ["data", "csv-format", "always-send", "never-send"] {
                written.shift_remove(keyword);
            }
        }
        for (keyword, value) in given {
            match (written.get_mut(&keyword), value) {
                (_, Json::Null) => {}
                (Some(Json::Object(written)), Json::Object(given)) => self.add(written, given, Level::Other),
                (Some(Json::Array(written)), Json::Array(given)) => {
                    self.add_items(written, given, level.items(&keyword));
                }
                (_, value) => _ = written.insert(keyword, value),
            }
        }
    }

    /// What matches nothing that is there is added.
    fn add_items(&self, written: &mut Vec<Json>, given: Vec<Json>, level: Level) {
        let mut new = Vec::new();
        for given in given {
            let mut found = false;
            for written in
                written.iter_mut().filter(|it| level != Level::Other && self.is_same(it, &given, level))
            {
                found = true;
                if let (Json::Object(written), Json::Object(given)) = (written, &given) {
                    self.add(written, given.clone(), level);
                }
            }
            if !found {
                new.push(given);
            }
        }
        written.extend(new);
    }

    fn remove(&self, written: &mut Object, given: Object, level: Level) {
        for (keyword, value) in given {
            let Some(there) = written.get_mut(&keyword) else { continue };
            let is_gone = match (there, value) {
                (_, Json::Null) => false,
                (Json::Object(written), Json::Object(given)) => {
                    self.remove(written, given, Level::Other);
                    written.is_empty()
                }
                (Json::Array(written), Json::Array(given)) => {
                    self.remove_items(written, given, level.items(&keyword));
                    written.is_empty()
                }
                _ => !level.is_known_by(&keyword),
            };
            if is_gone {
                written.shift_remove(&keyword);
            }
        }
    }

    fn remove_items(&self, written: &mut Vec<Json>, given: Vec<Json>, level: Level) {
        for given in given {
            // Nothing of an option is left without its data.
            let whole = !matches!(level, Level::Pool | Level::PrefixPool) || is_only_known(&given, level);
            if whole {
                written.retain(|written| !self.is_same(written, &given, level));
                continue;
            }
            for written in written.iter_mut().filter(|written| self.is_same(written, &given, level)) {
                if let (Json::Object(written), Json::Object(given)) = (written, &given) {
                    self.remove(written, given.clone(), level);
                }
            }
        }
    }

    /// Whether two items of a list are the same.
    fn is_same(&self, one: &Json, other: &Json, level: Level) -> bool {
        match level {
            Level::Pool => {
                let range = |pool: &Json| parse_pool::<L::Address>(pool.get("pool")?.as_str()?).ok();
                range(one).is_some_and(|pool| range(other) == Some(pool))
            }
            Level::PrefixPool => {
                let number = |pool: &Json, keyword: &str| pool.get(keyword).and_then(Json::as_u64);
                let prefix = |pool: &Json| pool.get("prefix")?.as_str()?.parse::<L::Address>().ok();
                let lens = |pool| (number(pool, "prefix-len"), number(pool, "delegated-len"));
                prefix(one).is_some_and(|known| prefix(other) == Some(known)) && lens(one) == lens(other)
            }
            Level::Option => self.option(one) == self.option(other),
            _ => one == other,
        }
    }

    /// What an option is known by.
    fn option<'a>(&self, option: &'a Json) -> (&'a str, Result<u64, Option<&'a str>>) {
        let text = |keyword| option.get(keyword).and_then(Json::as_str);
        let (space, name) = (text("space").unwrap_or(L::SPACE), text("name"));
        let defined = || Some(u64::from(self.definitions.by_name(space, name?)?.code));
        let code = option.get("code").and_then(Json::as_u64).or_else(defined);
        (space, code.ok_or(name))
    }
}

/// Whether nothing is said of an item but what it is known by.
fn is_only_known(item: &Json, level: Level) -> bool {
    let is_empty = |value: &Json| value.as_array().is_some_and(Vec::is_empty);
    let mut entries = item.as_object().into_iter().flatten();
    entries.all(|(keyword, value)| level.is_known_by(keyword) || is_empty(value))
}

/// Puts the comments of a map and of those in its lists into their user contexts.
fn join_comments(map: &mut Object, level: Level) {
    if level == Level::Other {
        return;
    }
    if let Some(comment) = map.shift_remove("comment") {
        let context = map.entry("user-context").or_insert_with(|| json!({}));
        if let Json::Object(context) = context {
            context.insert("comment".to_owned(), comment);
        }
    }
    for (keyword, value) in map.iter_mut() {
        let items = value.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut);
        items.for_each(|item| join_comments(item, level.items(keyword)));
    }
}
