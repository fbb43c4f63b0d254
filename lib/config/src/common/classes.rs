//! Client classes: their names as numbers, how a client comes to belong to them, and when that is found out.

use std::collections::HashMap;

use kotare_expr::{ClassId, ClassSet, Memberships, Sieve, Test, Value};
use kotare_options::Definitions;

use super::class_names::{BUILT_IN, SPAWN, VENDOR_CLASS, is_built_in, sent};
use crate::json;

/// Classes that mean something to the server whoever puts clients into them. Their ids come next.
const SPECIAL: [&str; 4] = ["DROP", "REJECT", "SKIP_DDNS", "STASH_AGENT_OPTIONS"];

/// The classes of a configuration: the built-in and special ones, then those of `client-classes`, then those that are
/// only named elsewhere. Ids are dense, so that what a client belongs to can be a set of bits.
///
/// Names with a part that clients send (`VENDOR_CLASS_…`, `SPAWN_…`) are found by that part. A class that is named
/// nowhere makes no difference, so it has no id.
#[derive(Clone, Debug)]
pub struct Classes<O, P> {
    rows: Vec<Class<O, P>>,
    ids: HashMap<Box<str>, ClassId>,
    /// The definitions as those classes have them that have their own `option-def`.
    own_definitions: Vec<(ClassId, Definitions)>,
    /// By option 60.
    vendors: HashMap<Box<[u8]>, ClassId>,
    /// By the value of their template.
    spawned: HashMap<ClassId, HashMap<Box<[u8]>, ClassId>>,
    /// Those that are evaluated as soon as a message was let in.
    first: Sieve,
    /// Those that are evaluated when it is known whether the client has a reservation.
    second: Sieve,
    /// All that have an expression.
    tested: ClassSet,
    /// All that give their clients something.
    giving: ClassSet,
    /// Those that are only named, but not built in.
    unconfigured: ClassSet,
}

/// A class, which gives options `O` and parameters `P`.
#[derive(Clone, Debug)]
pub struct Class<O, P> {
    /// `name`.
    pub name: Box<str>,
    /// Whether `client-classes` has it.
    pub is_configured: bool,
    /// What puts a client into it.
    pub membership: Membership,
    /// `only-in-additional-list`: it is evaluated only for a network, subnet or pool that asks for it.
    pub is_late: bool,
    /// Whether its expression asks for `KNOWN` or `UNKNOWN`, a test also through the classes it asks for.
    pub depends_on_known: bool,
    /// The classes that its expression asks for, each once.
    pub depends_on: Vec<ClassId>,
    /// The options of its clients.
    pub options: O,
    /// What else it gives them.
    pub params: P,
    /// `user-context`, in which hook libraries look for what concerns them.
    pub user_context: Option<json::Value>,
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

impl<O, P> Class<O, P> {
    /// When its expression is evaluated; `None` if it has none.
    pub fn stage(&self) -> Option<Stage> {
        match (&self.membership, self.is_late, self.depends_on_known) {
            (Membership::Given, _, _) => None,
            (_, true, _) => Some(Stage::Late),
            (_, false, true) => Some(Stage::Second),
            (_, false, false) => Some(Stage::First),
        }
    }

    /// Whether the server or a module may put clients into it although nobody configured it.
    pub fn is_built_in(&self) -> bool {
        is_built_in(&self.name)
    }
}

impl<O: Default + PartialEq, P: Default + PartialEq> Classes<O, P> {
    /// Every message.
    pub const ALL: ClassId = ClassId(0);
    /// Clients that have a reservation.
    pub const KNOWN: ClassId = ClassId(1);
    /// Clients that have none.
    pub const UNKNOWN: ClassId = ClassId(2);
    /// Messages of BOOTP clients.
    pub const BOOTP: ClassId = ClassId(3);
    /// Messages that are not answered.
    pub const DROP: ClassId = ClassId(4);
    /// Messages that are refused.
    pub const REJECT: ClassId = ClassId(5);
    /// Clients whose names are not told to DNS.
    pub const SKIP_DDNS: ClassId = ClassId(6);
    /// Messages whose relay information comes from their lease.
    pub const STASH_AGENT_OPTIONS: ClassId = ClassId(7);

    /// The built-in and special classes alone.
    pub(crate) fn built_in() -> Self {
        let mut classes = Self {
            rows: Vec::new(),
            ids: HashMap::new(),
            own_definitions: Vec::new(),
            vendors: HashMap::new(),
            spawned: HashMap::new(),
            first: Sieve::default(),
            second: Sieve::default(),
            tested: ClassSet::EMPTY,
            giving: ClassSet::EMPTY,
            unconfigured: ClassSet::EMPTY,
        };
        for name in BUILT_IN.into_iter().chain(SPECIAL) {
            classes.intern(name);
        }
        classes
    }

    /// The id of the class `name`, a new one if need be.
    pub(crate) fn intern(&mut self, name: &str) -> ClassId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        // A configuration is read from less text than would make this many names.
        let id = ClassId(u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        self.rows.push(Class {
            name: name.into(),
            is_configured: false,
            membership: Membership::Given,
            is_late: false,
            depends_on_known: false,
            depends_on: Vec::new(),
            options: O::default(),
            params: P::default(),
            user_context: None,
        });
        self.ids.insert(name.into(), id);
        id
    }

    /// The class of an id that [`Classes::intern`] gave.
    pub(crate) fn row(&mut self, id: ClassId) -> &mut Class<O, P> {
        &mut self.rows[id.0 as usize]
    }

    /// Prepares what is looked up for each message, when all names are known. `configured` are the classes of
    /// `client-classes`, in the order written.
    pub(crate) fn complete(&mut self, configured: &[ClassId]) {
        for &id in configured {
            let class = &self.rows[id.0 as usize];
            if class.stage().is_none() {
                continue;
            }
            self.tested.insert(id);
            if let Membership::Template(_) = class.membership {
                let prefix = format!("{SPAWN}{}_", class.name);
                self.spawned.insert(id, self.by_part(&prefix));
            }
        }
        self.vendors = self.by_part(VENDOR_CLASS);
        (self.first, self.second) =
            (self.sieve(configured, Stage::First), self.sieve(configured, Stage::Second));
        let gives = |class: &Class<O, P>| class.options != O::default() || class.params != P::default();
        let of = |which: fn(&Class<O, P>) -> bool| {
            self.iter().filter(|(_, it)| which(it)).map(|(id, _)| id).collect()
        };
        (self.giving, self.unconfigured) =
            (of(gives), of(|class| !class.is_configured && !class.is_built_in()));
    }

    fn sieve(&self, configured: &[ClassId], stage: Stage) -> Sieve {
        let classes = configured.iter().map(|id| (*id, &self.rows[id.0 as usize]));
        let classes = classes.filter(|(_, class)| class.stage() == Some(stage));
        Sieve::new(classes.map(|(id, class)| match &class.membership {
            Membership::Test(test) => (id, Some(test)),
            Membership::Template(_) | Membership::Given => (id, None),
        }))
    }

    /// The classes whose names begin so, by what clients send to come to them.
    fn by_part(&self, prefix: &str) -> HashMap<Box<[u8]>, ClassId> {
        let mut found = HashMap::new();
        for (id, class) in self.iter() {
            let Some(part) = class.name.strip_prefix(prefix).filter(|part| !part.is_empty()) else {
                continue;
            };
            let (bytes, as_written) = sent(part);
            if as_written {
                found.insert(bytes, id);
            } else {
                found.entry(bytes).or_insert(id);
            }
        }
        found
    }

    /// The id of the class `name`, if it is built in, configured or named anywhere.
    pub fn id(&self, name: &str) -> Option<ClassId> {
        self.ids.get(name).copied()
    }

    /// The class of this id, which is one of this configuration.
    pub fn get(&self, id: ClassId) -> Option<&Class<O, P>> {
        self.rows.get(id.0 as usize)
    }

    /// Whether anything names a class that is made of a vendor class.
    pub fn any_of_vendors(&self) -> bool {
        !self.vendors.is_empty()
    }

    /// The class that is made of this vendor class (option 60), if anything names it.
    pub fn of_vendor(&self, vendor: &[u8]) -> Option<ClassId> {
        self.vendors.get(vendor).copied()
    }

    /// The class that this template makes of a value, if anything names it.
    pub fn spawned(&self, template: ClassId, value: &[u8]) -> Option<ClassId> {
        self.spawned.get(&template)?.get(value).copied()
    }

    /// The classes that are evaluated as soon as a message was let in, in the order written: evaluated so, a test finds
    /// what it asks for already known.
    pub fn first(&self) -> &Sieve {
        &self.first
    }

    /// The classes that are evaluated when it is known whether the client has a reservation. Which ones are evaluated late
    /// is said by who asks for them.
    pub fn second(&self) -> &Sieve {
        &self.second
    }

    /// All classes that have an expression.
    pub fn tested(&self) -> &ClassSet {
        &self.tested
    }

    /// The classes of a client that give it something, in its order.
    pub fn giving<'a, 'm>(
        &'a self,
        of: &'m Memberships,
    ) -> impl Iterator<Item = &'a Class<O, P>> + use<'a, 'm, O, P> {
        let any = of.intersects(&self.giving);
        let giving = of.in_order().take_while(move |_| any).filter(|id| self.giving.contains(*id));
        giving.filter_map(|id| self.get(id))
    }

    /// The classes that are only named, but not built in: modules or reservations may put clients there.
    pub fn unconfigured(&self) -> &ClassSet {
        &self.unconfigured
    }

    /// All classes, by id.
    pub fn iter(&self) -> impl Iterator<Item = (ClassId, &Class<O, P>)> {
        (0..).map(ClassId).zip(&self.rows)
    }

    /// Gives a class definitions of its own.
    pub(crate) fn define(&mut self, id: ClassId, definitions: Definitions) {
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
