//! Client classes: their names as numbers, how a client comes to belong to them, and when that is found out.

use std::collections::HashMap;

use kotare_expr::{ClassId, Test, Value};
use kotare_options::Definitions;

/// Classes that every configuration has and that the server itself puts clients into, in the order of their ids.
const BUILT_IN: [&str; 4] = ["ALL", "KNOWN", "UNKNOWN", "BOOTP"];
/// How the names of further such classes begin.
const BUILT_IN_PREFIXES: [&str; 4] = ["VENDOR_CLASS_", "HA_", "AFTER_", "EXTERNAL_"];

/// The classes of a configuration: the built-in ones, then those of `client-classes`, then those that only an
/// expression names. Ids are dense, so that what a client belongs to can be a set of bits.
#[derive(Clone, Debug)]
pub struct Classes {
    rows: Vec<Class4>,
    ids: HashMap<Box<str>, ClassId>,
    /// The definitions as those classes have them that have their own `option-def`.
    own_definitions: Vec<(ClassId, Definitions)>,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class4 {
    /// `name`.
    pub name: Box<str>,
    /// What puts a client into it.
    pub membership: Membership,
    /// `only-in-additional-list`: it is evaluated only for a network, subnet or pool that asks for it.
    pub is_late: bool,
    /// Whether its expression asks for `KNOWN` or `UNKNOWN`, a test also through the classes it asks for.
    pub depends_on_known: bool,
    /// The classes that its expression asks for, each once.
    pub depends_on: Vec<ClassId>,
}

/// What puts a client into a class.
#[derive(Clone, Debug)]
pub enum Membership {
    /// The server, a module, a reservation or a template; not an expression.
    Given,
    /// `test`: it is true.
    Test(Test),
    /// `template-test`: it has a value, after which a further class is named, `SPAWN_<name>_<value>`.
    Template(Value),
}

/// When the expression of a class is evaluated (manual, "Client Classification").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// As soon as a message was let in.
    First,
    /// When it is known whether the client has a reservation.
    Second,
    /// When a network, subnet or pool asks for it.
    Late,
}

impl Class4 {
    /// When its expression is evaluated; `None` if it has none.
    pub fn stage(&self) -> Option<Stage> {
        match (&self.membership, self.is_late, self.depends_on_known) {
            (Membership::Given, _, _) => None,
            (_, true, _) => Some(Stage::Late),
            (_, false, true) => Some(Stage::Second),
            (_, false, false) => Some(Stage::First),
        }
    }
}

impl Classes {
    /// The built-in classes alone.
    pub(super) fn built_in() -> Self {
        let mut classes = Self { rows: Vec::new(), ids: HashMap::new(), own_definitions: Vec::new() };
        for name in BUILT_IN {
            classes.intern(name);
        }
        classes
    }

    /// The id of the class `name`, a new one if need be.
    pub(super) fn intern(&mut self, name: &str) -> ClassId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        // A configuration is read from less text than would make this many names.
        let id = ClassId(u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        self.rows.push(Class4 {
            name: name.into(),
            membership: Membership::Given,
            is_late: false,
            depends_on_known: false,
            depends_on: Vec::new(),
        });
        self.ids.insert(name.into(), id);
        id
    }

    /// The class of an id that [`Classes::intern`] gave.
    pub(super) fn row(&mut self, id: ClassId) -> &mut Class4 {
        &mut self.rows[id.0 as usize]
    }

    /// The id of the class `name`, if it is built in, configured or asked for.
    pub fn id(&self, name: &str) -> Option<ClassId> {
        self.ids.get(name).copied()
    }

    /// The class of this id, which is one of this configuration.
    pub fn get(&self, id: ClassId) -> Option<&Class4> {
        self.rows.get(id.0 as usize)
    }

    /// All classes, by id. Evaluated in this order, a test finds what it asks for already known.
    pub fn iter(&self) -> impl Iterator<Item = (ClassId, &Class4)> {
        (0..).map(ClassId).zip(&self.rows)
    }

    /// Gives a class definitions of its own.
    pub(super) fn define(&mut self, id: ClassId, definitions: Definitions) {
        self.own_definitions.push((id, definitions));
    }

    /// The classes with definitions of their own, in their order: the definitions of the configuration as such a class
    /// has them, for options 43 and 224 to 254.
    pub fn own_definitions(&self) -> &[(ClassId, Definitions)] {
        &self.own_definitions
    }

    /// How many classes there are; all ids are below.
    pub fn count(&self) -> usize {
        self.rows.len()
    }
}

/// Whether the server itself puts clients into the class, so that it cannot have a test.
pub(crate) fn has_fixed_members(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

/// Whether the server or a module may put clients into the class although nobody configured it.
pub(super) fn is_built_in(name: &str) -> bool {
    has_fixed_members(name)
        || BUILT_IN_PREFIXES.iter().any(|prefix| name.len() > prefix.len() && name.starts_with(prefix))
}
