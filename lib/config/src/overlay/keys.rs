//! By what objects are the same.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use kotare_options::{Definitions, Universe};
use serde_json::{Map as JsonMap, Value as Json};

use crate::json::Value;
use crate::prefix::{Address, Prefix};

/// Something that no two objects of a kind have in common. There may be very many objects to look at, so it borrows from
/// them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    /// A number.
    Id(i64),
    /// A name.
    Name(Cow<'a, str>),
    /// A prefix, however it is written: its first address and how long it is.
    Prefix(u128, u8),
    /// A code in a space.
    Code(Cow<'a, str>, i64),
    /// A name in a space.
    Named(Cow<'a, str>, Cow<'a, str>),
}

/// The keys of one object: up to two.
pub(super) type KeysOf<'a> = [Option<Key<'a>>; 2];

/// What tells the keys of any object, however long that is there.
pub(super) fn of_any<F: for<'v> Fn(&'v Value) -> KeysOf<'v>>(keys: F) -> F {
    keys
}

impl Key<'_> {
    /// The same, for longer than the object is there.
    pub(super) fn into_owned(self) -> Key<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Id(id) => Key::Id(id),
            Self::Name(name) => Key::Name(owned(name)),
            Self::Prefix(first, length) => Key::Prefix(first, length),
            Self::Code(space, code) => Key::Code(owned(space), code),
            Self::Named(space, name) => Key::Named(owned(space), owned(name)),
        }
    }
}

/// Which keys objects of a kind have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keys {
    /// Code and name in a space.
    Definition,
    /// The code in a space; entries for several classes are replaced together.
    Option,
    /// The number, and the prefix.
    Subnet,
    /// The name.
    Network,
}

/// A map of either kind.
pub(super) trait Fields {
    /// The string under a keyword.
    fn text(&self, keyword: &str) -> Option<&str>;
    /// The integer under a keyword.
    fn int(&self, keyword: &str) -> Option<i64>;
}

impl Fields for Value {
    fn text(&self, keyword: &str) -> Option<&str> {
        self.get(keyword)?.as_str()
    }

    fn int(&self, keyword: &str) -> Option<i64> {
        self.get(keyword)?.as_int()
    }
}

impl Fields for JsonMap<String, Json> {
    fn text(&self, keyword: &str) -> Option<&str> {
        self.get(keyword)?.as_str()
    }

    fn int(&self, keyword: &str) -> Option<i64> {
        self.get(keyword)?.as_i64()
    }
}

impl Keys {
    /// Those of one object.
    pub(super) fn of<'a>(self, definitions: &Definitions, map: &'a impl Fields) -> KeysOf<'a> {
        let name = || map.text("name");
        let space = || map.text("space").unwrap_or(definitions.universe().space());
        match self {
            Self::Definition => [
                map.int("code").map(|code| Key::Code(space().into(), code)),
                name().map(|name| Key::Named(space().into(), name.into())),
            ],
            Self::Option => {
                let by_name = || Some(definitions.by_name(space(), name()?)?.code.into());
                [map.int("code").or_else(by_name).map(|code| Key::Code(space().into(), code)), None]
            }
            Self::Subnet => {
                let prefix = map.text("subnet").map(|text| prefix(definitions.universe(), text));
                [map.int("id").map(Key::Id), prefix]
            }
            Self::Network => [name().map(|name| Key::Name(name.into())), None],
        }
    }
}

/// A prefix, as which the same one may be written in many ways. What is none is told elsewhere.
fn prefix(universe: Universe, text: &str) -> Key<'_> {
    fn read<A: Address>(text: &str) -> Option<Key<'static>> {
        let prefix: Prefix<A> = text.parse().ok()?;
        Some(Key::Prefix(prefix.network().number(), prefix.prefix_len()))
    }
    let read = match universe {
        Universe::V4 => read::<Ipv4Addr>(text),
        Universe::V6 => read::<Ipv6Addr>(text),
    };
    read.unwrap_or_else(|| Key::Name(text.into()))
}
