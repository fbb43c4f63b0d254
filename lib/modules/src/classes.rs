//! The classes that the parameters of a module mention.
//!
//! The flow does not keep what a client belongs to yet, so a module whose parameters mention classes finds it out for
//! itself: once a message, and only if any is mentioned.

use kotare_config::v4::{self, Class4, Membership, Stage};
use kotare_engine::v4::Query4;
use kotare_expr::{ClassId, ClassSet, Scratch};
use kotare_options::Definitions;
use kotare_wire::v4::{Message, OptionCode};

use crate::packet::{Options, Packet};

/// How the name of the class begins that Kea makes of a client's vendor class (option 60).
const VENDOR_CLASS: &[u8] = b"VENDOR_CLASS_";

/// The classes that a module's parameters mention.
#[derive(Debug)]
pub(crate) struct Classes {
    known: v4::Classes,
    /// Those that the configuration does not know. As in Kea, they may be made by others.
    further: Vec<Box<str>>,
    any: bool,
}

impl Classes {
    /// The classes of a configuration; none is mentioned yet.
    pub(crate) fn new(known: &v4::Classes) -> Self {
        Self { known: known.clone(), further: Vec::new(), any: false }
    }

    /// The classes with definitions of their own, see [`v4::Classes::own_definitions`].
    pub(crate) fn own_definitions(&self) -> Vec<(ClassId, Definitions)> {
        self.known.own_definitions().to_vec()
    }

    /// The id of a class that is mentioned.
    pub(crate) fn mention(&mut self, name: &str) -> ClassId {
        self.any = true;
        self.id(name).unwrap_or_else(|| {
            self.further.push(name.into());
            ClassId((self.known.count() + self.further.len() - 1) as u32)
        })
    }

    fn id(&self, name: &str) -> Option<ClassId> {
        let further = || self.further.iter().position(|known| **known == *name);
        let known = self.known.id(name);
        known.or_else(|| Some(ClassId((self.known.count() + further()?) as u32)))
    }

    /// What a query belongs to, as far as it matters. `stage` says how far the flow has come: at [`Stage::First`],
    /// nobody has looked for a reservation.
    pub(crate) fn of(&self, stage: Stage, message: Message<'_>, query: &Query4) -> ClassSet {
        let mut set = ClassSet::default();
        if !self.any {
            return set;
        }
        // By id, so that a test finds what it asks for already known.
        for (id, class) in self.known.iter() {
            let is_classified = class.stage() != Some(Stage::First);
            let packet = Packet { is_classified, ..Packet::of_query(Options::Plain(message), query, &set) };
            match &class.membership {
                Membership::Given if is_given(&class.name, stage, message) => _ = set.insert(id),
                Membership::Given => {}
                _ if !is_due(class, stage) => {}
                // One that cannot be evaluated leaves the query out, as in Kea.
                Membership::Test(test) => {
                    if test.matches(&packet).unwrap_or(false) {
                        set.insert(id);
                    }
                }
                Membership::Template(value) => {
                    let mut scratch = Scratch::new();
                    let value = value.evaluate(&packet, &mut scratch).unwrap_or_default();
                    if !value.is_empty() {
                        let spawned = format!("SPAWN_{}_{}", class.name, String::from_utf8_lossy(value));
                        [Some(id), self.id(&spawned)].into_iter().flatten().for_each(|id| _ = set.insert(id));
                    }
                }
            }
        }
        for name in self.further.iter().filter(|name| is_given(name, stage, message)) {
            if let Some(id) = self.id(name) {
                set.insert(id);
            }
        }
        set
    }
}

/// Whether the server itself puts the query into the class.
fn is_given(name: &str, stage: Stage, message: Message<'_>) -> bool {
    match name {
        "ALL" => true,
        // There are no reservations: whoever is looked for is unknown.
        "UNKNOWN" => stage != Stage::First,
        _ => name.as_bytes().strip_prefix(VENDOR_CLASS).is_some_and(|vendor| {
            message.option(OptionCode::VENDOR_CLASS_IDENTIFIER).is_some_and(|value| value == *vendor)
        }),
    }
}

fn is_due(class: &Class4, stage: Stage) -> bool {
    match class.stage() {
        Some(Stage::First) => true,
        Some(Stage::Second) => stage != Stage::First,
        // Only for a network, subnet or pool that asks for it.
        Some(Stage::Late) | None => false,
    }
}
