//! Options and their definitions.

use super::{CONTEXT, U16};
use crate::schema::finish;
use crate::schema::table::{Param, Shown, Table, Type, param};

/// An `option-data` entry of a DHCPv4 server.
pub static OPTION_DATA: Table = Table { groups: &[OPTION_OF_DHCP4, OPTION_VALUE, CONTEXT], ..OPTION_ENTRY };

/// An `option-data` entry of a DHCPv6 server.
pub static OPTION_DATA6: Table = Table { groups: &[OPTION_OF_DHCP6, OPTION_VALUE, CONTEXT], ..OPTION_ENTRY };

/// An `option-def` entry of a DHCPv4 server.
pub static OPTION_DEF: Table =
    Table { groups: &[DEFINITION_OF_DHCP4, OPTION_FORM, CONTEXT], ..DEFINITION_ENTRY };

/// An `option-def` entry of a DHCPv6 server.
pub static OPTION_DEF6: Table =
    Table { groups: &[DEFINITION_OF_DHCP6, OPTION_FORM, CONTEXT], ..DEFINITION_ENTRY };

const OPTION_ENTRY: Table = Table {
    name: "option-data",
    identity: &["space", "code", "client-classes"],
    finish: Some(finish::option),
    ..Table::EMPTY
};

const DEFINITION_ENTRY: Table = Table {
    name: "option-def",
    identity: &["space", "code"],
    finish: Some(finish::option_definition),
    ..Table::EMPTY
};

const OPTION_OF_DHCP4: &[Param] =
    &[param("code", Type::Int(0, 255)), param("space", Type::Text).or_text("dhcp4")];

const OPTION_OF_DHCP6: &[Param] = &[param("code", U16), param("space", Type::Text).or_text("dhcp6")];

const DEFINITION_OF_DHCP4: &[Param] =
    &[param("code", Type::Int(0, 255)).required(), param("space", Type::Text).or_text("dhcp4")];

const DEFINITION_OF_DHCP6: &[Param] =
    &[param("code", U16).required(), param("space", Type::Text).or_text("dhcp6")];

/// What an option says, and to whom.
const OPTION_VALUE: &[Param] = &[
    param("name", Type::Text),
    param("data", Type::Text),
    param("csv-format", Type::Bool).or_bool(true),
    param("always-send", Type::Bool).or_bool(false),
    param("never-send", Type::Bool).or_bool(false),
    param("client-classes", Type::Texts).in_any_order().shown(Shown::Different),
];

/// What an option is called and made of.
const OPTION_FORM: &[Param] = &[
    param("name", Type::Text).required(),
    param("type", Type::Text).required(),
    param("array", Type::Bool).or_bool(false),
    param("record-types", Type::Text).or_text(""),
    param("encapsulate", Type::Text).or_text(""),
];
