//! One definition, and what makes one well formed.

use std::borrow::Cow;

use crate::{DataType, OptionError, Parameter, Universe};

/// What an option of one code in one space is called and how its bytes are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Which protocol it is of.
    pub universe: Universe,
    /// The space the code belongs to, for example `dhcp4`.
    pub space: Cow<'static, str>,
    /// The option code; at most 255 in spaces of DHCPv4.
    pub code: u16,
    /// The name, unique within the space.
    pub name: Cow<'static, str>,
    /// The type of the value.
    pub data_type: DataType,
    /// Whether the value (of a record: its last field) may be repeated.
    pub array: bool,
    /// The space of the sub-options it carries; empty when it carries none.
    pub encapsulates: Cow<'static, str>,
    /// The fields of a record; empty for every other type.
    pub fields: Cow<'static, [DataType]>,
}

/// The parameters of an `option-def` entry, defaults applied (manual, "Custom DHCPv4 Options", "Custom DHCPv6 Options").
#[derive(Clone, Copy, Debug)]
pub struct DefinitionText<'a> {
    /// Which protocol the configuration is for.
    pub universe: Universe,
    /// `name`
    pub name: &'a str,
    /// `code`
    pub code: i64,
    /// `type`
    pub data_type: &'a str,
    /// `space`; `dhcp4` or `dhcp6` when not given.
    pub space: &'a str,
    /// `array`; false when not given.
    pub array: bool,
    /// `record-types`: names separated by commas; empty when not given.
    pub record_types: &'a str,
    /// `encapsulate`; empty when not given.
    pub encapsulate: &'a str,
}

/// Most fields a record may have; the payload of an option could not hold more.
const MAX_FIELDS: usize = 255;

impl Definition {
    /// Reads an `option-def` entry of a configuration.
    ///
    /// # Errors
    /// Everything Kea refuses about a definition on its own: name and space syntax, codes out of range or
    /// reserved, unknown types, records of fewer than two fields or with fields in impossible places, arrays
    /// of what cannot be repeated, and encapsulation of its own space or by an array.
    pub fn from_text(text: &DefinitionText<'_>) -> Result<Self, OptionError> {
        let what = || format!("option definition '{}.{}'", text.space, text.name);
        let error = |parameter, why: String| Err(OptionError::new(parameter, format!("{}: {why}", what())));
        let most = text.universe.max_code();
        let Some(code) = u16::try_from(text.code).ok().filter(|&code| code <= most) else {
            return error(Parameter::Code, format!("code {} is not between 0 and {most}", text.code));
        };
        let Some(data_type) = DataType::from_name(text.data_type) else {
            return error(Parameter::Type, format!("type '{}' is not known", text.data_type));
        };
        let mut fields = Vec::new();
        for name in text.record_types.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if data_type != DataType::Record {
                return error(
                    Parameter::RecordTypes,
                    format!("record-types need the type 'record', but the type is '{data_type}'"),
                );
            }
            match DataType::from_name(name) {
                Some(field) if fields.len() < MAX_FIELDS => fields.push(field),
                Some(_) => {
                    return error(Parameter::RecordTypes, format!("more than {MAX_FIELDS} record fields"));
                }
                None => {
                    return error(Parameter::RecordTypes, format!("record field type '{name}' is not known"));
                }
            }
        }
        let definition = Self {
            universe: text.universe,
            space: text.space.to_owned().into(),
            code,
            name: text.name.to_owned().into(),
            data_type,
            array: text.array,
            encapsulates: text.encapsulate.to_owned().into(),
            fields: fields.into(),
        };
        definition.check()?;
        Ok(definition)
    }

    /// Whether the definition is well formed.
    ///
    /// # Errors
    /// As [`from_text`](Self::from_text).
    pub fn check(&self) -> Result<(), OptionError> {
        self.fault().map_or(Ok(()), |(parameter, why)| {
            Err(OptionError::new(
                parameter,
                format!("option definition '{}.{}': {why}", self.space, self.name),
            ))
        })
    }

    /// Whether it is a record that ends in an array of values of one length.
    pub(crate) fn ends_in_array_of_fixed_len(&self) -> bool {
        self.array && self.fields.last().is_some_and(|last| last.fixed_len().is_some())
    }

    fn fault(&self) -> Option<(Parameter, String)> {
        let syntax = "letters, digits, '-' and '_', neither of these two first or last";
        if !is_space_name(&self.name) {
            return Some((
                Parameter::Name,
                format!("invalid option name '{}'; expected {syntax}", self.name),
            ));
        }
        if !is_space_name(&self.space) {
            return Some((
                Parameter::Space,
                format!("invalid option space name '{}'; expected {syntax}", self.space),
            ));
        }
        let other = self.universe.other();
        if self.space == other.space() {
            let reserved = format!("the space '{}' is reserved for {}", other.space(), other.protocol());
            return Some((Parameter::Space, reserved));
        }
        if self.space == self.universe.space()
            && let Some(meaning) = self.universe.reserved(self.code)
        {
            return Some((
                Parameter::Code,
                format!("invalid option code '{}': reserved for {meaning}", self.code),
            ));
        }
        if !self.encapsulates.is_empty() {
            if !is_space_name(&self.encapsulates) {
                return Some((
                    Parameter::Encapsulate,
                    format!(
                        "invalid encapsulated option space name '{}'; expected {syntax}",
                        self.encapsulates
                    ),
                ));
            }
            if self.array {
                return Some((
                    Parameter::Encapsulate,
                    "an array of values may not encapsulate an option space".into(),
                ));
            }
            if self.encapsulates == self.space {
                return Some((
                    Parameter::Encapsulate,
                    format!("an option must not encapsulate the space it belongs to, '{}'", self.space),
                ));
            }
        }
        if self.data_type == DataType::Record {
            return self.record_fault().map(|why| (Parameter::RecordTypes, why));
        }
        if self.array && !repeats(self.data_type) {
            return Some((
                Parameter::Array,
                format!("array of '{}' values is not a valid option definition", self.data_type),
            ));
        }
        None
    }

    fn record_fault(&self) -> Option<String> {
        let Some((last, before)) = self.fields.split_last().filter(|(_, before)| !before.is_empty()) else {
            return Some(format!(
                "a record needs at least 2 fields, record-types names {}",
                self.fields.len()
            ));
        };
        if let Some(field) =
            self.fields.iter().find(|f| matches!(f, DataType::Empty | DataType::Internal | DataType::Record))
        {
            return Some(format!("a field of type '{field}' cannot be part of a record"));
        }
        if let Some(field) = before.iter().find(|f| matches!(f, DataType::String | DataType::Binary)) {
            return Some(format!("a '{field}' field can only be the last field of a record"));
        }
        (self.array && !repeats(*last))
            .then(|| format!("array of '{last}' values is not a valid option definition"))
    }
}

/// Whether values of this type tell where they end, so that another can follow.
fn repeats(data_type: DataType) -> bool {
    !matches!(data_type, DataType::String | DataType::Binary | DataType::Empty | DataType::Internal)
}

/// Whether `name` can name a space (and equally an option): letters, digits, `-` and `_`, but neither of
/// the last two at an end.
pub fn is_space_name(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    edge(name.as_bytes().first())
        && edge(name.as_bytes().last())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DHCP4_SPACE;

    const GOOD: DefinitionText<'_> = DefinitionText {
        universe: Universe::V4,
        name: "foo",
        code: 222,
        data_type: "uint32",
        space: DHCP4_SPACE,
        array: false,
        record_types: "",
        encapsulate: "",
    };

    /// Definitions as the manual gives them.
    #[test]
    fn definitions_are_read() {
        let record = DefinitionText {
            data_type: "record",
            record_types: "uint16, ipv4-address,boolean, string",
            encapsulate: "inner",
            ..GOOD
        };
        let definition = Definition::from_text(&record).unwrap();
        assert_eq!(
            *definition.fields,
            [DataType::Uint16, DataType::Ipv4Address, DataType::Boolean, DataType::String]
        );
        for good in [
            GOOD,
            DefinitionText { array: true, ..GOOD },
            DefinitionText { data_type: "empty", encapsulate: "inner", ..GOOD },
            DefinitionText { data_type: "record", record_types: "uint8,fqdn", array: true, ..GOOD },
            DefinitionText { code: 255, space: "other", ..GOOD },
            DefinitionText { code: 0, space: "other", ..GOOD },
        ] {
            assert!(Definition::from_text(&good).is_ok(), "{good:?}");
        }
    }

    /// Whatever cannot be defined is refused, at the parameter that says it.
    #[test]
    fn impossible_definitions_are_refused() {
        let record = DefinitionText { data_type: "record", record_types: "uint8,uint8", ..GOOD };
        let long_record = "uint8,".repeat(300);
        for (text, parameter) in [
            (DefinitionText { name: "", ..GOOD }, Parameter::Name),
            (DefinitionText { name: "a b", ..GOOD }, Parameter::Name),
            (DefinitionText { name: "-a", ..GOOD }, Parameter::Name),
            (DefinitionText { name: "a_", ..GOOD }, Parameter::Name),
            (DefinitionText { code: -1, ..GOOD }, Parameter::Code),
            (DefinitionText { code: 256, ..GOOD }, Parameter::Code),
            (DefinitionText { code: 0, ..GOOD }, Parameter::Code),
            (DefinitionText { code: 255, ..GOOD }, Parameter::Code),
            (DefinitionText { data_type: "uint64", ..GOOD }, Parameter::Type),
            (DefinitionText { space: "a.b", ..GOOD }, Parameter::Space),
            (DefinitionText { space: "dhcp6", ..GOOD }, Parameter::Space),
            (DefinitionText { encapsulate: "a.b", ..GOOD }, Parameter::Encapsulate),
            (DefinitionText { encapsulate: DHCP4_SPACE, ..GOOD }, Parameter::Encapsulate),
            (DefinitionText { encapsulate: "inner", array: true, ..GOOD }, Parameter::Encapsulate),
            (DefinitionText { data_type: "string", array: true, ..GOOD }, Parameter::Array),
            (DefinitionText { data_type: "binary", array: true, ..GOOD }, Parameter::Array),
            (DefinitionText { data_type: "empty", array: true, ..GOOD }, Parameter::Array),
            (DefinitionText { data_type: "internal", array: true, ..GOOD }, Parameter::Array),
            (DefinitionText { record_types: "uint8", ..GOOD }, Parameter::RecordTypes),
            (DefinitionText { record_types: "", ..record }, Parameter::RecordTypes),
            (DefinitionText { record_types: "uint8", ..record }, Parameter::RecordTypes),
            (DefinitionText { record_types: "uint8,nonsense", ..record }, Parameter::RecordTypes),
            (DefinitionText { record_types: "string,uint8", ..record }, Parameter::RecordTypes),
            (DefinitionText { record_types: "binary,uint8", ..record }, Parameter::RecordTypes),
            (DefinitionText { record_types: "uint8,empty", ..record }, Parameter::RecordTypes),
            (DefinitionText { record_types: "uint8,record", ..record }, Parameter::RecordTypes),
            (DefinitionText { record_types: "uint8,internal", ..record }, Parameter::RecordTypes),
            (DefinitionText { record_types: "uint8,string", array: true, ..record }, Parameter::RecordTypes),
            (DefinitionText { record_types: &long_record, ..record }, Parameter::RecordTypes),
        ] {
            let error = Definition::from_text(&text).unwrap_err();
            assert_eq!(error.parameter, parameter, "{text:?}: {error}");
        }
    }

    /// DHCPv6 has codes of two bytes and a space of its own.
    #[test]
    fn definitions_of_dhcpv6_have_longer_codes() {
        let good = DefinitionText { universe: Universe::V6, space: "dhcp6", code: 65_535, ..GOOD };
        assert_eq!(Definition::from_text(&good).map(|definition| definition.code), Ok(65_535));
        for (text, parameter) in [
            (DefinitionText { code: 0, ..good }, Parameter::Code),
            (DefinitionText { code: 65_536, ..good }, Parameter::Code),
            (DefinitionText { space: DHCP4_SPACE, ..good }, Parameter::Space),
        ] {
            assert_eq!(Definition::from_text(&text).unwrap_err().parameter, parameter, "{text:?}");
        }
    }
}
