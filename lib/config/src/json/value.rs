//! A parsed configuration: JSON values that remember where they were written.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;

use compact_str::CompactString;

use super::Source;

/// A JSON value with its place. It never changes after parsing: defaults and inheritance make other things
/// out of it, so that what the operator wrote can always be shown as written.
#[derive(Clone, Debug)]
pub struct Value {
    source: Source,
    kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction and exponent.
    Int(i64),
    /// A number with a fraction or an exponent.
    Real(f64),
    /// A string, escapes resolved.
    String(CompactString),
    /// `[…]`.
    List(Box<[Value]>),
    /// `{…}`.
    Map(Map),
}

/// The entries of a `{…}` in the order written, no two with the same key. A clone is the same ones: a configuration that
/// differs from another in a part shares the rest with it.
#[derive(Clone, Debug, Default)]
pub struct Map(Arc<[Entry]>);

/// One `"key": value`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The keyword.
    pub key: Key,
    /// What it is set to.
    pub value: Value,
}

/// A map's key with its place; reads as a `str`.
#[derive(Clone, Debug)]
pub struct Key {
    name: Name,
    source: Source,
}

/// What a key is called. Maps that are read together share the names of their keys, which are few.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name(Arc<Box<str>>);

/// The names that keys had so far.
#[derive(Debug, Default)]
pub(super) struct Names(HashSet<Name>);

impl Names {
    /// The name that reads so.
    pub(super) fn get(&mut self, name: &str) -> Name {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        let new = Name(Arc::new(name.into()));
        self.0.insert(new.clone());
        new
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Value {
    /// A value of this kind at `source`.
    pub fn new(source: Source, kind: Kind) -> Self {
        Self { source, kind }
    }

    /// The value taken apart.
    pub(crate) fn into_parts(self) -> (Source, Kind) {
        (self.source, self.kind)
    }

    /// Where the value begins.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The value of `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of `key`, if this is a map that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.key == key)
    }

    /// The value that a chain of keys leads to through maps.
    pub fn at(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The entries of a map in the order written; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(map) => &map.0,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Value] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The items of the list under `key`; none when it is absent or not a list.
    pub fn list(&self, key: &str) -> &[Value] {
        self.get(key).map_or(&[], Value::items)
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self.kind {
            Kind::Int(number) => Some(number),
            _ => None,
        }
    }

    /// The number, integer or real, if it is one.
    pub fn as_real(&self) -> Option<f64> {
        match self.kind {
            Kind::Int(number) => Some(number as f64),
            Kind::Real(number) => Some(number),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.kind, Kind::List(_))
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Whether it is the same: a map is the same as its clones, and not as one that reads the same. So what two configurations
    /// share is found without reading it.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Map(one), Kind::Map(other)) => Arc::ptr_eq(&one.0, &other.0),
            (Kind::List(one), Kind::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is_same(other))
            }
            (Kind::Null, Kind::Null) => true,
            (Kind::Bool(one), Kind::Bool(other)) => one == other,
            (Kind::Int(one), Kind::Int(other)) => one == other,
            (Kind::Real(one), Kind::Real(other)) => one.to_bits() == other.to_bits(),
            (Kind::String(one), Kind::String(other)) => one == other,
            _ => false,
        }
    }

    /// A list or map in it that is nested in as many `levels` of them, if there is one.
    pub(crate) fn nested_in(&self, levels: usize) -> Option<&Value> {
        let inside = match self.kind {
            Kind::List(_) | Kind::Map(_) if levels == 0 => return Some(self),
            _ => self.entries().iter().map(|entry| &entry.value).chain(self.items()),
        };
        inside.into_iter().find_map(|value| value.nested_in(levels.saturating_sub(1)))
    }

    /// What it is, in the words of error messages: `an integer`, `a map`.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) => "an integer",
            Kind::Real(_) => "a real number",
            Kind::String(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}

impl Map {
    /// A map of these entries, or the places of a key given twice, the first one first.
    pub fn new(entries: Vec<Entry>) -> Result<Self, [Source; 2]> {
        match doubled(&entries) {
            Some([first, again]) => Err([first.source.clone(), again.source.clone()]),
            None => Ok(Self(entries.into())),
        }
    }

    /// The entries in the order written.
    pub(crate) fn into_entries(self) -> Vec<Entry> {
        self.0.to_vec()
    }
}

impl Key {
    /// The key `name` at `source`.
    pub fn new(name: &str, source: Source) -> Self {
        Self::named(Name(Arc::new(name.into())), source)
    }

    /// The key of this name at `source`.
    pub(super) fn named(name: Name, source: Source) -> Self {
        Self { name, source }
    }

    /// The keyword.
    pub fn as_str(&self) -> &str {
        &self.name.0
    }

    /// Where the keyword is written.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

impl Deref for Key {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

/// A key that is there twice. Few keys are compared with each other; many are sorted, in time that a hostile input
/// cannot make quadratic.
fn doubled(entries: &[Entry]) -> Option<[&Key; 2]> {
    const FEW: usize = 16;
    if entries.len() <= FEW {
        return entries.iter().enumerate().find_map(|(at, again)| {
            let first = entries[..at].iter().find(|first| first.key.name == again.key.name)?;
            Some([&first.key, &again.key])
        });
    }
    let mut order: Vec<&Key> = entries.iter().map(|entry| &entry.key).collect();
    order.sort_by_key(|key| key.as_str());
    order.windows(2).find(|pair| pair[0].name == pair[1].name).map(|pair| [pair[0], pair[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A configuration has millions of these.
    #[test]
    fn values_are_small() {
        assert_eq!((size_of::<Source>(), size_of::<Value>(), size_of::<Entry>()), (16, 40, 64));
    }
}
