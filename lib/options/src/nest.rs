//! Putting sub-options inside the option that carries them.

use std::collections::BTreeMap;

use crate::error::Why;
use crate::{Encoded, OptionError, Parameter, Universe, encode::MAX_PAYLOAD, sub_options::Inside, tables};

/// How deep spaces may nest. Two levels are common, none is known to need four.
const MAX_DEPTH: usize = 10;

/// The complete payload of `parent`: its own bytes, then the options of `scope` that belong to the space it
/// encapsulates, and theirs in turn.
///
/// `scope` is the list of options configured together with `parent` (one `option-data` list), in written
/// order, `parent` included or not. Sub-options are in order of code; those that `parent` already has from
/// its own text, or an earlier one of the same code, win, but of time servers of DHCPv6 there may be several. Of
/// DHCPv4, a sub-option longer than 255 bytes is split (RFC 3396).
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
    let Encoded { universe, .. } = *parent;
    let space = &*parent.encapsulates;
    if space.is_empty() || space == universe.space() {
        return Ok(parent.data.clone());
    }
    if around.contains(&space) {
        return Err(format!("option space '{space}' is nested inside itself").into());
    }
    if around.len() == MAX_DEPTH {
        return Err(format!("option spaces are nested more than {MAX_DEPTH} deep").into());
    }
    let (fields, own) = parent.data.split_at(parent.fields_len.min(parent.data.len()));
    let mut own_options = Inside::of(universe, &parent.space, parent.code, own);
    let mut inside: BTreeMap<u16, Vec<Vec<u8>>> = BTreeMap::new();
    for (code, data) in own_options.by_ref() {
        let same = inside.entry(code).or_default();
        match same.last_mut() {
            // Parts of one that is long.
            Some(begun) if universe == Universe::V4 => begun.extend_from_slice(data),
            _ => same.push(data.to_vec()),
        }
    }
    let of_each_several = tables::has_several_of_each(universe, space);
    let foreign = !own_options.rest().is_empty();
    let mut length = parent.data.len();
    around.push(space);
    for option in scope.iter().filter(|option| option.space == space) {
        if foreign {
            return Err("its data is not a list of sub-options, so others cannot be added".into());
        }
        if option.code > universe.max_code() {
            return Err(format!("code {} is not 0 to {}", option.code, universe.max_code()).into());
        }
        let same = inside.entry(option.code).or_default();
        if same.is_empty() || of_each_several {
            let data = nest_inside(option, scope, around)?;
            length += universe.sub_option_len(data.len());
            same.push(data);
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
    for (code, data) in inside.iter().flat_map(|(code, same)| same.iter().map(move |data| (code, data))) {
        universe.push_sub_option(&mut payload, *code, data);
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Definition, DefinitionText, Definitions, OptionText};

    fn definitions(rows: &[(&str, i64, &str, &str, &str)]) -> Definitions {
        defined(Definitions::v4(), rows)
    }

    fn defined(mut definitions: Definitions, rows: &[(&str, i64, &str, &str, &str)]) -> Definitions {
        for (name, code, space, data_type, encapsulate) in rows {
            let definition = Definition::from_text(&DefinitionText {
                universe: definitions.universe(),
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

    /// Those of DHCPv6 have two bytes of code and two of length: of a configured space, and of a standard container.
    #[test]
    fn sub_options_of_dhcpv6_have_longer_headers() {
        let rows = [("foo", 1000, "dhcp6", "uint16", "inner"), ("bar", 300, "inner", "uint8", "")];
        let definitions = defined(Definitions::v6(), &rows);
        let scope = encode(
            &definitions,
            &[
                ("dhcp6", 1000, "1234"),
                ("inner", 300, "7"),
                ("dhcp6", 94, ""),
                ("s46-cont-mape-options", 90, "2001:db8::1"),
            ],
        );
        assert_eq!(nest(&scope[0], &scope).unwrap(), [4, 210, 1, 44, 0, 1, 7]);
        let relay = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        assert_eq!(nest(&scope[2], &scope).unwrap(), [&[0, 90, 0, 16][..], &relay].concat());
    }

    /// Of time servers there are as many as are written, as bytes of the parent or by themselves; of others there is one.
    #[test]
    fn there_may_be_several_time_servers() {
        let definitions = defined(Definitions::v6(), &[("rule", 1, "s46-cont-mape-options", "uint8", "")]);
        let space = "v6-ntp-server-suboptions";
        let scope = encode(
            &definitions,
            &[("dhcp6", 56, ""), (space, 3, "a"), (space, 1, "::1"), (space, 1, "::2"), ("dhcp6", 94, "")],
        );
        let server = |last: u8| [&[0, 1, 0, 16][..], &[0; 15], &[last]].concat();
        let all = [&server(1)[..], &server(2), &[0, 3, 0, 3, 1, b'a', 0]].concat();
        assert_eq!(nest(&scope[0], &scope).unwrap(), all);
        let written = OptionText {
            space: "dhcp6",
            code: Some(56),
            data: Some("00 09 00 01 07 00 09 00 01 08"),
            csv_format: Some(false),
            ..OptionText::default()
        };
        let own = definitions.encode(&written).unwrap();
        assert_eq!(nest(&own, &[]).unwrap(), [0, 9, 0, 1, 7, 0, 9, 0, 1, 8]);
        let rules = encode(
            &definitions,
            &[("dhcp6", 94, ""), ("s46-cont-mape-options", 1, "7"), ("s46-cont-mape-options", 1, "8")],
        );
        assert_eq!(nest(&rules[0], &rules).unwrap(), [0, 1, 0, 1, 7]);
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
