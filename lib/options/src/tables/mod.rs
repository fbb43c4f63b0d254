//! The definitions that need no configuration, one file a family of spaces.

use std::{borrow::Cow, sync::LazyLock};

use crate::{DataType, Definition, definitions::Spaces};

mod agent;
mod cable;
mod dhcp4;
mod last_resort;

/// The standard DHCPv4 definitions, and those of the spaces they encapsulate.
pub(crate) fn standard() -> &'static Spaces {
    static STANDARD: LazyLock<Spaces> = LazyLock::new(|| {
        index(&[dhcp4::OPTIONS, agent::OPTIONS, cable::CLIENT_CONFIGURATION, cable::DOCSIS3])
    });
    &STANDARD
}

/// The definition that applies when neither the standard nor the configuration has one.
pub(crate) fn last_resort() -> &'static Spaces {
    static LAST_RESORT: LazyLock<Spaces> = LazyLock::new(|| index(&[last_resort::OPTIONS]));
    &LAST_RESORT
}

/// The standard space with the options of vendor `enterprise`, which configurations call
/// `vendor-<enterprise>`.
pub(crate) fn vendor_space(enterprise: u32) -> Option<&'static str> {
    (enterprise == cable::CABLE_LABS).then_some(cable::DOCSIS3_SPACE)
}

fn index(tables: &[Table]) -> Spaces {
    let mut spaces = Spaces::default();
    for table in tables {
        for row in table.rows {
            spaces.add(row.definition(table.space)).expect("a standard table defines no option twice");
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

    fn definition(&self, space: &'static str) -> Definition {
        Definition {
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

    const ALL: [Table; 5] =
        [dhcp4::OPTIONS, agent::OPTIONS, cable::CLIENT_CONFIGURATION, cable::DOCSIS3, last_resort::OPTIONS];

    /// Every row is a definition that would be accepted from a configuration.
    #[test]
    fn standard_definitions_are_well_formed() {
        for table in ALL {
            for row in table.rows {
                assert_eq!(row.definition(table.space).check(), Ok(()), "{}", row.name);
            }
        }
    }

    /// Rows stand in order of code, as a reader expects.
    #[test]
    fn tables_are_in_order() {
        for table in ALL {
            assert!(table.rows.is_sorted_by_key(|row| row.code), "{}", table.space);
        }
    }
}
