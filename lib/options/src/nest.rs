//! Putting sub-options inside the option that carries them.

use std::collections::{BTreeMap, btree_map::Entry};

use kotare_wire::v4::push_sub_option;

use crate::error::Why;
use crate::{DHCP4_SPACE, Encoded, OptionError, Parameter, encode::MAX_PAYLOAD, sub_options::sub_options_of};

/// How deep spaces may nest. Two levels are common, none is known to need four.
const MAX_DEPTH: usize = 10;

/// The complete payload of `parent`: its own bytes, then the options of `scope` that belong to the space it
/// encapsulates, and theirs in turn.
///
/// `scope` is the list of options configured together with `parent` (one `option-data` list), in written
/// order, `parent` included or not. Sub-options are in order of code; those that `parent` already has from
/// its own text, or an earlier one of the same code, win. One longer than 255 bytes is split (RFC 3396).
///
/// # Errors
/// When the spaces nest deeper than any wire format does (for example because two encapsulate each other), or
/// the payload would not fit 65535 bytes.
pub fn nest(parent: &Encoded, scope: &[Encoded]) -> Result<Vec<u8>, OptionError> {
    nest_inside(parent, scope, &mut Vec::new()).map_err(|why| {
        OptionError::new(
            Parameter::Entry,
            format!("option {} of space '{}': {why}", parent.code, parent.space),
        )
    })
}

/// `around` are the spaces of the options that `parent` is inside of.
fn nest_inside<'a>(
    parent: &'a Encoded,
    scope: &'a [Encoded],
    around: &mut Vec<&'a str>,
) -> Result<Vec<u8>, Why> {
    let space = &*parent.encapsulates;
    if space.is_empty() || space == DHCP4_SPACE {
        return Ok(parent.data.clone());
    }
    if around.contains(&space) {
        return Err(format!("option space '{space}' is nested inside itself").into());
    }
    if around.len() == MAX_DEPTH {
        return Err(format!("option spaces are nested more than {MAX_DEPTH} deep").into());
    }
    let (fields, own) = parent.data.split_at(parent.fields_len.min(parent.data.len()));
    let mut own_options = sub_options_of(&parent.space, parent.code, own);
    let mut inside: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
    for (code, data) in own_options.by_ref() {
        inside.entry(code).or_default().extend_from_slice(data);
    }
    let foreign = !own_options.rest().is_empty();
    let mut length = parent.data.len();
    around.push(space);
    for option in scope.iter().filter(|option| option.space == space) {
        if foreign {
            return Err("its data is not a list of sub-options, so others cannot be added".into());
        }
        let code = u8::try_from(option.code).map_err(|_| format!("code {} is not 0 to 255", option.code))?;
        if let Entry::Vacant(entry) = inside.entry(code) {
            let data = entry.insert(nest_inside(option, scope, around)?);
            length += data.len() + 2 * data.len().div_ceil(255).max(1);
            if length > MAX_PAYLOAD {
                return Err(format!("with its sub-options it has more than {MAX_PAYLOAD} bytes").into());
            }
        }
    }
    around.pop();
    if foreign {
        return Ok(parent.data.clone());
    }
    let mut payload = fields.to_vec();
    for (code, data) in &inside {
        push_sub_option(&mut payload, *code, data);
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Definition, DefinitionText, Definitions, OptionText};

    fn definitions(rows: &[(&str, i64, &str, &str, &str)]) -> Definitions {
        let mut definitions = Definitions::v4();
        for (name, code, space, data_type, encapsulate) in rows {
            let definition = Definition::from_text(&DefinitionText {
                name,
                code: *code,
                data_type,
                space,
                array: false,
                record_types: "",
                encapsulate,
            });
            definitions.add(definition.unwrap()).unwrap();
        }
        definitions
    }

    fn encode(definitions: &Definitions, entries: &[(&str, i64, &str)]) -> Vec<Encoded> {
        let entry = |(space, code, data): &(&str, i64, &str)| {
            let text = OptionText { space, code: Some(*code), data: Some(data), ..OptionText::default() };
            definitions.encode(&text).unwrap()
        };
        entries.iter().map(entry).collect()
    }

    /// The manual's example of vendor options in option 43: sub-options in order of code, fields first.
    #[test]
    fn sub_options_follow_the_fields_of_their_parent() {
        let space = crate::VENDOR_ENCAPSULATED_SPACE;
        let definitions = definitions(&[
            ("foo", 1, space, "uint16", "inner"),
            ("bar", 2, space, "string", ""),
            ("deep", 9, "inner", "ipv4-address", ""),
        ]);
        let scope = encode(
            &definitions,
            &[
                (space, 2, "hi"),
                (space, 1, "258"),
                ("dhcp4", 43, ""),
                ("inner", 9, "192.0.2.1"),
                (space, 2, "no"),
            ],
        );
        let parent = scope.iter().find(|option| option.code == 43).unwrap();
        assert_eq!(nest(parent, &scope).unwrap(), [1, 8, 1, 2, 9, 4, 192, 0, 2, 1, 2, 2, b'h', b'i']);
    }

    /// Sub-options written as bytes of the parent stay, and win over configured ones of the same code.
    #[test]
    fn own_bytes_of_the_parent_win() {
        let definitions = definitions(&[("bar", 2, crate::VENDOR_ENCAPSULATED_SPACE, "uint8", "")]);
        let scope = encode(&definitions, &[(crate::VENDOR_ENCAPSULATED_SPACE, 2, "7")]);
        let text = OptionText {
            code: Some(43),
            data: Some("02 01 09 00 01 01 05 ff"),
            csv_format: Some(false),
            ..OptionText::default()
        };
        let parent = definitions.encode(&text).unwrap();
        assert_eq!(nest(&parent, &scope).unwrap(), [1, 1, 5, 2, 1, 9]);
    }

    /// Bytes in option 43 that are no sub-options are sent as they are, but nothing can be added to them.
    #[test]
    fn foreign_bytes_stay_as_they_are() {
        let definitions = definitions(&[("bar", 2, crate::VENDOR_ENCAPSULATED_SPACE, "uint8", "")]);
        let text = OptionText {
            code: Some(43),
            data: Some("'10.0.0.1'"),
            csv_format: Some(false),
            ..OptionText::default()
        };
        let parent = definitions.encode(&text).unwrap();
        assert_eq!(nest(&parent, &[]).unwrap(), b"10.0.0.1");
        assert!(nest(&parent, &encode(&definitions, &[(crate::VENDOR_ENCAPSULATED_SPACE, 2, "7")])).is_err());
    }

    /// Spaces that encapsulate each other end in an error, not in a loop.
    #[test]
    fn a_loop_of_spaces_is_an_error() {
        let definitions = definitions(&[
            ("top", 230, "dhcp4", "empty", "a"),
            ("to-b", 1, "a", "empty", "b"),
            ("to-a", 1, "b", "empty", "a"),
        ]);
        let scope = encode(&definitions, &[("dhcp4", 230, ""), ("a", 1, ""), ("b", 1, "")]);
        assert!(nest(&scope[0], &scope).unwrap_err().text.contains("inside itself"));
    }
}
