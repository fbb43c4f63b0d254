//! `option-def` and `option-data`: definitions collected, values encoded, sub-options put into their parents.

use std::collections::HashMap;

use kotare_options::{
    Definition, DefinitionText, Definitions, Encoded, OptionError, OptionText, nest, vendor_space_id,
};

use super::{Protocol, Scope};
use crate::Level;
use crate::common::{CodeSet, ConfiguredOption, Options, VendorOption};
use crate::json::{Diagnostics, Value};

/// The standard definitions and those of the global `option-def`.
pub(crate) fn definitions<F: Protocol>(global: Level<'_>, diagnostics: &mut Diagnostics) -> Definitions {
    let mut definitions = Definitions::of(F::UNIVERSE);
    define::<F>(global.items("option-def"), diagnostics, |definition| definitions.add(definition));
    definitions
}

/// The definitions as the class has them, if it has its own `option-def`.
pub(crate) fn definitions_of_class<F: Protocol>(
    class: Level<'_>,
    definitions: &Definitions,
    diagnostics: &mut Diagnostics,
) -> Option<Definitions> {
    let entries = class.items("option-def");
    if entries.is_empty() {
        return None;
    }
    let mut definitions = definitions.clone();
    define::<F>(entries, diagnostics, |definition| definitions.add_of_class(definition));
    Some(definitions)
}

fn define<F: Protocol>(
    entries: &[Value],
    diagnostics: &mut Diagnostics,
    mut add: impl FnMut(Definition) -> Result<(), OptionError>,
) {
    for entry in entries {
        let level = Level::of(F::OPTION_DEF, entry);
        // What the schema requires is missing, or no code of the protocol: it has said so.
        let Some(code) = level.int("code").filter(|_| has_possible_code::<F>(entry)) else { continue };
        if level.text("name").is_empty() || level.text("type").is_empty() {
            continue;
        }
        let space = level.text("space");
        let definition = Definition::from_text(&DefinitionText {
            universe: F::UNIVERSE,
            name: level.text("name"),
            code,
            data_type: level.text("type"),
            space: if space.is_empty() { F::UNIVERSE.space() } else { space },
            array: level.bool("array"),
            record_types: level.text("record-types"),
            encapsulate: level.text("encapsulate"),
        });
        if let Err(error) = definition.and_then(&mut add) {
            report(entry, &error, diagnostics);
        }
    }
}

/// An entry of `option-data` with its encoded value.
struct Configured<'a> {
    entry: &'a Value,
    always_send: bool,
    never_send: bool,
}

/// The options under `option-data` of the global scope. Only here the default of `csv-format` holds, so that an option
/// nobody defined is refused (Kea's defaults are set before inheritance, for the global list alone).
pub(crate) fn global<F: Protocol>(global: Level<'_>, scope: &mut Scope<'_, F>) -> Options<F::Codes> {
    of(global.items("option-data"), true, scope.definitions, scope)
}

/// The options under `option-data` of a shared network, subnet, pool or reservation.
pub(crate) fn level<F: Protocol>(map: &Value, scope: &mut Scope<'_, F>) -> Options<F::Codes> {
    of(map.list("option-data"), false, scope.definitions, scope)
}

/// The options under `option-data` of a class, which have these definitions.
pub(crate) fn of_class<F: Protocol>(
    map: &Value,
    definitions: &Definitions,
    scope: &mut Scope<'_, F>,
) -> Options<F::Codes> {
    of(map.list("option-data"), false, definitions, scope)
}

fn of<F: Protocol>(
    entries: &[Value],
    is_global: bool,
    definitions: &Definitions,
    scope: &mut Scope<'_, F>,
) -> Options<F::Codes> {
    let limit = Options::<F::Codes>::LIMIT;
    let mut configured = Vec::new();
    let mut encoded = Vec::new();
    if let Some(beyond) = entries.get(limit) {
        let message = format!("more than {limit} options are written in one list");
        scope.diagnostics.error(beyond.source(), message);
    }
    for entry in entries.iter().take(limit).filter(|entry| has_possible_code::<F>(entry)) {
        let level = Level::of(F::OPTION_DATA, entry);
        let never_send = level.bool("never-send");
        let csv_format = level.own("csv-format").and_then(Value::as_bool);
        let value = definitions.encode(&OptionText {
            space: level.text("space"),
            code: level.int("code"),
            name: entry.get("name").and_then(Value::as_str),
            data: entry.get("data").and_then(Value::as_str),
            csv_format: csv_format.or_else(|| is_global.then(|| level.bool("csv-format"))),
            never_send,
        });
        match value {
            Ok(value) => {
                if value.left_over > 0 {
                    let message = format!(
                        "the last {} bytes belong to no field of the option and are not sent",
                        value.left_over
                    );
                    scope.diagnostics.warning(entry.get("data").unwrap_or(entry).source(), message);
                }
                encoded.push(value);
                let always_send = level.bool("always-send");
                configured.push(Configured { entry, always_send, never_send });
            }
            Err(error) => report(entry, &error, scope.diagnostics),
        }
    }
    let mut options = Vec::new();
    let mut vendor_options = Vec::new();
    let mut taken: HashMap<u32, usize> = HashMap::new();
    for (option, Configured { entry, always_send, never_send }) in encoded.iter().zip(configured) {
        let Placed { enterprise, code, data } = match place::<F>(option, &encoded) {
            Ok(Some(placed)) => placed,
            Ok(None) => continue,
            Err(error) => {
                report(entry, &error, scope.diagnostics);
                continue;
            }
        };
        let guard = scope.guard(entry);
        match enterprise {
            None => options.push(ConfiguredOption { code, data, always_send, never_send, guard }),
            Some(enterprise) => {
                let taken = taken.entry(enterprise).or_default();
                let (container, room) = F::VENDOR_OPTION;
                *taken += F::OPTION_HEADER_LEN + data.len();
                if *taken > room {
                    let message = format!(
                        "together with it, the options of the enterprise {enterprise} take {taken} bytes, of which \
                         option {container} holds {room}: what comes last by code may be left out"
                    );
                    scope.diagnostics.warning(entry.source(), message);
                }
                vendor_options.push(VendorOption { enterprise, code, data, always_send, never_send, guard });
            }
        }
    }
    Options::new(options).with_vendor_options(vendor_options)
}

/// An option that goes out as one of its own, or to a vendor.
pub(super) struct Placed<C> {
    /// The vendor, if it goes to one.
    pub(super) enterprise: Option<u32>,
    /// Its code.
    pub(super) code: C,
    /// Its value, with the sub-options that it carries.
    pub(super) data: Box<[u8]>,
}

/// Where an option goes that stands on a level with these; a sub-option goes out inside the option that carries its space.
pub(super) fn place<F: Protocol>(
    option: &Encoded,
    level: &[Encoded],
) -> Result<Option<Placed<<F::Codes as CodeSet>::Code>>, OptionError> {
    let enterprise = vendor_space_id(&option.space);
    if option.space != F::UNIVERSE.space() && enterprise.is_none() {
        return Ok(None);
    }
    let Ok(code) = option.code.try_into() else { return Ok(None) };
    Ok(Some(Placed { enterprise, code, data: nest(option, level)?.into() }))
}

/// Whether the code of an entry, if it has one, is any that an option can have. Of others the schema has told.
fn has_possible_code<F: Protocol>(entry: &Value) -> bool {
    let most = F::UNIVERSE.max_code().into();
    entry.get("code").is_none_or(|code| code.as_int().is_some_and(|code| (0..=most).contains(&code)))
}

/// Reports an error at the parameter it is about.
fn report(entry: &Value, error: &OptionError, diagnostics: &mut Diagnostics) {
    let value = error.parameter.keyword().and_then(|key| entry.get(key)).unwrap_or(entry);
    diagnostics.error(value.source(), error.text.clone());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::HostIndex;
    use crate::json::from_json;
    use crate::schema::tables::DHCP4;
    use crate::v4::{Classes, Dhcp4, Option4, Options4};
    use kotare_expr::ClassId;
    use serde_json::json;

    fn resolved(json: &serde_json::Value, diagnostics: &mut Diagnostics) -> Options4 {
        let map = from_json("test", json, diagnostics).expect("values");
        let (definitions, mut classes) = (Definitions::v4(), Classes::built_in());
        let hosts = HostIndex::default();
        let mut scope =
            Scope::<Dhcp4> { definitions: &definitions, classes: &mut classes, hosts, diagnostics };
        global(Level::of(&DHCP4, &map), &mut scope)
    }

    /// Of several for the same option the first one counts, but one for a class that the client is in before it; those that
    /// name a vendor all count.
    #[test]
    fn the_first_for_all_clients_counts() {
        let mut diagnostics = Diagnostics::new();
        let json = json!({"option-data": [
            {"name": "domain-name", "data": "some.org", "client-classes": ["a"]},
            {"name": "domain-name", "data": "first.org"},
            {"name": "domain-name", "data": "second.org", "always-send": true},
            {"name": "vivso-suboptions", "data": "9"},
            {"name": "vivso-suboptions", "data": "10"},
        ]});
        let options = resolved(&json, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics}");
        // The class "a" is the first after those that every configuration has.
        for (classes, name) in
            [(&[][..], "first.org"), (&[ClassId(7)], "first.org"), (&[ClassId(8)], "some.org")]
        {
            let classes = classes.iter().copied().collect();
            assert_eq!(&*options.find(15, &classes).expect("a domain name").data, name.as_bytes());
        }
        assert!(options.choice().always.contains(15));
        let vendors: Vec<_> = options.all(125).iter().map(Option4::enterprise).collect();
        assert_eq!(vendors, [Some(10), Some(9)]);
    }

    /// What a vendor's options take besides each other has to fit into one option 125.
    #[test]
    fn too_much_for_a_vendor_is_told() {
        let said = |len: usize| {
            let mut diagnostics = Diagnostics::new();
            let entry = |space: &str, code, len| json!({"space": space, "code": code, "csv-format": false, "data": "ab".repeat(len)});
            let json = json!({"option-data": [
                entry("vendor-9", 1, 100), entry("vendor-10", 1, 100), entry("vendor-9", 2, len),
            ]});
            resolved(&json, &mut diagnostics);
            diagnostics.to_string()
        };
        assert_eq!(said(151), "");
        assert!(said(152).contains("the enterprise 9 take 256 bytes"), "{}", said(152));
    }
}
