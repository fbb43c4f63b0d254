//! The definitions that need no configuration, one file a family of spaces.

use std::{borrow::Cow, sync::LazyLock};

use crate::{DataType, Definition, Universe, definitions::Spaces};

mod agent;
mod cable;
mod dhcp4;
mod dhcp6;
mod isc;
mod last_resort;
mod softwire;

/// The tables of DHCPv4: the options of a message, and those of the spaces they encapsulate.
const V4: &[Table] = &[dhcp4::OPTIONS, agent::OPTIONS, cable::CLIENT_CONFIGURATION, cable::DOCSIS3];

/// The tables of DHCPv6, likewise.
const V6: &[Table] = &[
    dhcp6::OPTIONS,
    dhcp6::NTP_SERVER,
    softwire::MAP_E,
    softwire::MAP_T,
    softwire::LIGHTWEIGHT,
    softwire::RULE,
    softwire::BINDING,
    cable::DOCSIS3_V6,
    isc::OPTIONS,
];

/// The standard definitions of a protocol.
pub(crate) fn standard(universe: Universe) -> &'static Spaces {
    static STANDARD4: LazyLock<Spaces> = LazyLock::new(|| index(Universe::V4, V4));
    static STANDARD6: LazyLock<Spaces> = LazyLock::new(|| index(Universe::V6, V6));
    match universe {
        Universe::V4 => &STANDARD4,
        Universe::V6 => &STANDARD6,
    }
}

/// Whether an option that carries this space may hold several sub-options of one code.
pub(crate) fn has_several_of_each(universe: Universe, space: &str) -> bool {
    universe == Universe::V6 && space == dhcp6::NTP_SERVER.space
}

/// The definition that applies when neither the standard nor the configuration has one.
pub(crate) fn last_resort(universe: Universe) -> Option<&'static Spaces> {
    static LAST_RESORT: LazyLock<Spaces> = LazyLock::new(|| index(Universe::V4, &[last_resort::OPTIONS]));
    (universe == Universe::V4).then_some(&*LAST_RESORT)
}

/// The standard space with the options of vendor `enterprise`, which configurations call
/// `vendor-<enterprise>`.
pub(crate) fn vendor_space(universe: Universe, enterprise: u32) -> Option<&'static str> {
    match (universe, enterprise) {
        (Universe::V4, cable::CABLE_LABS) => Some(cable::DOCSIS3_SPACE),
        (Universe::V6, cable::CABLE_LABS) => Some(cable::DOCSIS3_V6_SPACE),
        (Universe::V6, isc::ENTERPRISE) => Some(isc::SPACE),
        _ => None,
    }
}

fn index(universe: Universe, tables: &[Table]) -> Spaces {
    let mut spaces = Spaces::default();
    for table in tables {
        for row in table.rows {
            let definition = row.definition(universe, table.space);
            spaces.add(definition).expect("a standard table defines no option twice");
        }
    }
    spaces
}

/// The rows of one space.
struct Table {
    space: &'static str,
    rows: &'static [Row],
}

/// A standard definition, as short as a table wants it.
struct Row {
    code: u16,
    name: &'static str,
    data_type: DataType,
    array: bool,
    encapsulates: &'static str,
    fields: &'static [DataType],
}

const fn option(code: u16, name: &'static str, data_type: DataType) -> Row {
    Row { code, name, data_type, array: false, encapsulates: "", fields: &[] }
}

const fn record(code: u16, name: &'static str, fields: &'static [DataType]) -> Row {
    Row { code, name, data_type: DataType::Record, array: false, encapsulates: "", fields }
}

impl Row {
    const fn array(mut self) -> Self {
        self.array = true;
        self
    }

    const fn encapsulating(mut self, space: &'static str) -> Self {
        self.encapsulates = space;
        self
    }

    fn definition(&self, universe: Universe, space: &'static str) -> Definition {
        Definition {
            universe,
            space: Cow::Borrowed(space),
            code: self.code,
            name: Cow::Borrowed(self.name),
            data_type: self.data_type,
            array: self.array,
            encapsulates: Cow::Borrowed(self.encapsulates),
            fields: Cow::Borrowed(self.fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DHCP6_SPACE;

    /// All tables.
    fn all() -> impl Iterator<Item = (Universe, &'static Table)> {
        let v4 = V4.iter().chain(&[last_resort::OPTIONS]).map(|table| (Universe::V4, table));
        v4.chain(V6.iter().map(|table| (Universe::V6, table)))
    }

    /// Every row is a definition that would be accepted from a configuration.
    #[test]
    fn standard_definitions_are_well_formed() {
        for (universe, table) in all() {
            for row in table.rows {
                // Two options of the standard hold options of a message again, which a configuration may not say.
                if row.encapsulates == DHCP6_SPACE {
                    continue;
                }
                assert_eq!(row.definition(universe, table.space).check(), Ok(()), "{}", row.name);
            }
        }
    }

    /// Rows stand in order of code, as a reader expects.
    #[test]
    fn tables_are_in_order() {
        for (_, table) in all() {
            assert!(table.rows.is_sorted_by_key(|row| row.code), "{}", table.space);
        }
    }
}
