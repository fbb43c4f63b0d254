//! From the configuration as written to what a server runs from, as far as the protocols do it alike: classes, options,
//! names, parameters.

pub(crate) mod classes;
pub(crate) mod exchange;
pub(crate) mod hosts;
pub(crate) mod keep;
pub(crate) mod kept;
pub(crate) mod names;
pub(crate) mod networks;
pub(crate) mod options;
pub(crate) mod params;
pub(crate) mod subnets;

use kotare_expr::{ClassId, ClassSet};
use kotare_options::{Definitions, Universe};

use self::classes::ClassesOf;
use super::{CodeSet, Guard, HostIndex, Reservation};
use crate::Level;
use crate::json::{Diagnostics, Value};
use crate::schema::Table;

/// What is of one protocol where configurations are resolved alike.
pub(crate) trait Protocol {
    /// Whose options it has.
    const UNIVERSE: Universe;
    /// The option that sub-options of a vendor's space go out in, and how many bytes of them it holds.
    const VENDOR_OPTION: (u16, usize);
    /// How many bytes stand before the value of an option.
    const OPTION_HEADER_LEN: usize;
    /// The keywords of a client class.
    const CLIENT_CLASS: &'static Table;
    /// The keywords of an option.
    const OPTION_DATA: &'static Table;
    /// The keywords of the definition of an option.
    const OPTION_DEF: &'static Table;

    /// The codes of its options.
    type Codes: CodeSet;
    /// What a class gives besides options.
    type ClassParams: Default + PartialEq;
    /// A reservation.
    type Host: Reservation;

    /// What a class gives besides options.
    fn class_params(class: Level<'_>) -> Self::ClassParams;
}

/// What names in the configuration mean, and who hears of what is wrong.
pub(crate) struct Scope<'a, F: Protocol> {
    pub(crate) definitions: &'a Definitions,
    pub(crate) classes: &'a mut ClassesOf<F>,
    /// The reservations that were come across.
    pub(crate) hosts: HostIndex<F::Host>,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl<F: Protocol> Scope<'_, F> {
    /// The classes in the list under `keyword`. One that nobody configured may still be given by modules or
    /// reservations.
    pub(crate) fn class_list(&mut self, map: &Value, keyword: &str) -> Box<[ClassId]> {
        let names = map.list(keyword).iter().filter_map(Value::as_str);
        names.map(|name| self.classes.intern(name)).collect()
    }

    /// `client-classes`.
    pub(crate) fn guard(&mut self, map: &Value) -> Guard {
        let classes: ClassSet = self.class_list(map, "client-classes").iter().copied().collect();
        Guard::of(classes)
    }
}
