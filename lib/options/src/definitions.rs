//! All definitions a configuration speaks of: the ones shipped, and its own.

use std::{collections::HashMap, sync::Arc};

use crate::{DHCP4_SPACE, Definition, OptionError, Parameter, Universe, tables};

/// The standard definitions of a protocol together with those a configuration adds.
///
/// Cheap to clone. A lookup asks, in Kea's order: definitions of the client class at hand, standard
/// definitions, those of the vendor a `vendor-<enterprise>` space names, definitions of the configuration,
/// and last the one of option 43 of DHCPv4 that applies when nobody defined it.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    universe: Universe,
    configured: Arc<Spaces>,
    class: Arc<Spaces>,
}

impl Definitions {
    /// The standard definitions of a protocol.
    pub fn of(universe: Universe) -> Self {
        Self { universe, ..Self::default() }
    }

    /// The standard DHCPv4 definitions.
    pub fn v4() -> Self {
        Self::of(Universe::V4)
    }

    /// The standard DHCPv6 definitions.
    pub fn v6() -> Self {
        Self::of(Universe::V6)
    }

    /// Which protocol they are of.
    pub fn universe(&self) -> Universe {
        self.universe
    }

    /// Whether they are the same because one is a copy of the other.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.configured, &other.configured) && Arc::ptr_eq(&self.class, &other.class)
    }

    /// Adds a definition of the configuration (`option-def`).
    ///
    /// # Errors
    /// When it is malformed, when its code or name is already defined in its space by the configuration, or
    /// when it would change a standard option. Options 43 and 224–254 of `dhcp4` have no standard definition
    /// in this sense and can be defined.
    pub fn add(&mut self, definition: Definition) -> Result<(), OptionError> {
        definition.check()?;
        self.refuse_standard(&definition)?;
        Arc::make_mut(&mut self.configured).add(definition)
    }

    /// Adds a definition of a client class (its `option-def`), which takes precedence.
    ///
    /// # Errors
    /// When it is malformed, when the class has defined its code or name already, or when it is about another option
    /// than those a class may define: 43 and 224–254 of `dhcp4`, whose meaning may depend on the client.
    pub fn add_of_class(&mut self, definition: Definition) -> Result<(), OptionError> {
        definition.check()?;
        if self.universe != Universe::V4 || !may_depend_on_class(&definition.space, definition.code) {
            return Err(OptionError::new(
                Parameter::Code,
                format!(
                    "option definition '{}.{}': a client class may only define the options 43 and 224 to 254 \
                     of 'dhcp4', not code {}",
                    definition.space, definition.name, definition.code
                ),
            ));
        }
        self.refuse_standard(&definition)?;
        Arc::make_mut(&mut self.class).add(definition)
    }

    /// The client class's own definition of an option of the `dhcp4` space, see [`Definitions::add_of_class`].
    pub fn of_class(&self, code: u8) -> Option<&Definition> {
        self.class.by_code(DHCP4_SPACE, code.into())
    }

    /// The definition of option `code` of `space`.
    pub fn by_code(&self, space: &str, code: u16) -> Option<&Definition> {
        self.find(space, &|spaces, space| spaces.by_code(space, code))
    }

    /// The definition of the option called `name` in `space`.
    pub fn by_name(&self, space: &str, name: &str) -> Option<&Definition> {
        self.find(space, &|spaces, space| spaces.by_name(space, name))
    }

    /// The definitions the configuration added, spaces in no order, codes in order within a space.
    pub fn configured(&self) -> impl Iterator<Item = &Definition> {
        self.configured.iter()
    }

    fn find<'a>(
        &'a self,
        space: &str,
        get: &dyn Fn(&'a Spaces, &str) -> Option<&'a Definition>,
    ) -> Option<&'a Definition> {
        get(&self.class, space)
            .or_else(|| get(tables::standard(self.universe), space))
            .or_else(|| {
                let vendor = tables::vendor_space(self.universe, vendor_space_id(space)?)?;
                get(tables::standard(self.universe), vendor)
            })
            .or_else(|| get(&self.configured, space))
            .or_else(|| get(tables::last_resort(self.universe)?, space))
    }

    fn refuse_standard(&self, definition: &Definition) -> Result<(), OptionError> {
        let Definition { space, code, name, .. } = definition;
        let standard = tables::standard(self.universe);
        let (parameter, what) = if standard.by_code(space, *code).is_some() {
            (Parameter::Code, format!("code {code}"))
        } else if standard.by_name(space, name).is_some() {
            (Parameter::Name, format!("name '{name}'"))
        } else {
            return Ok(());
        };
        Err(OptionError::new(
            parameter,
            format!("option definition '{space}.{name}': unable to override the standard option with {what}"),
        ))
    }
}

/// The enterprise number of a `vendor-<enterprise>` space; `None` for every other space.
pub fn vendor_space_id(space: &str) -> Option<u32> {
    let digits = space.strip_prefix("vendor-")?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    digits.parse().ok().filter(|id| *id != 0)
}

/// Whether the meaning of an option may depend on the class of the client, so that its sub-options are looked
/// into only after classification.
fn may_depend_on_class(space: &str, code: u16) -> bool {
    space == DHCP4_SPACE && (code == 43 || (224..=254).contains(&code))
}

/// Definitions by space, then by code and by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spaces(HashMap<String, Space>);

#[derive(Clone, Debug, Default)]
struct Space {
    /// In order of code.
    rows: Vec<Definition>,
    /// Codes by name.
    codes: HashMap<String, u16>,
}

impl Spaces {
    pub(crate) fn by_code(&self, space: &str, code: u16) -> Option<&Definition> {
        let rows = &self.0.get(space)?.rows;
        rows.binary_search_by_key(&code, |row| row.code).ok().map(|at| &rows[at])
    }

    pub(crate) fn by_name(&self, space: &str, name: &str) -> Option<&Definition> {
        self.by_code(space, *self.0.get(space)?.codes.get(name)?)
    }

    pub(crate) fn add(&mut self, definition: Definition) -> Result<(), OptionError> {
        let Definition { space, code, name, .. } = &definition;
        let duplicate = |parameter, what: String| {
            Err(OptionError::new(
                parameter,
                format!("option definition '{space}.{name}': {what} is already defined in space '{space}'"),
            ))
        };
        let entry = self.0.entry(space.to_string()).or_default();
        let at = match entry.rows.binary_search_by_key(code, |row| row.code) {
            Ok(_) => return duplicate(Parameter::Code, format!("code {code}")),
            Err(at) => at,
        };
        if entry.codes.contains_key(&**name) {
            return duplicate(Parameter::Name, format!("name '{name}'"));
        }
        entry.codes.insert(name.to_string(), *code);
        entry.rows.insert(at, definition);
        Ok(())
    }

    fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.0.values().flat_map(|space| &space.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DataType, DefinitionText};

    fn definition(space: &str, code: i64, name: &str) -> Definition {
        Definition::from_text(&DefinitionText {
            universe: Universe::V4,
            name,
            code,
            data_type: "binary",
            space,
            array: false,
            record_types: "",
            encapsulate: "",
        })
        .unwrap()
    }

    /// A code and a name lead to the same standard definition, in every space that ships with one.
    #[test]
    fn standard_options_are_known() {
        let definitions = Definitions::v4();
        for (space, code, name) in [
            ("dhcp4", 6, "domain-name-servers"),
            ("dhcp4", 213, "v4-access-domain"),
            ("dhcp4", 43, "vendor-encapsulated-options"),
            ("dhcp-agent-options-space", 151, "virtual-subnet-select"),
            ("cablelabs-client-conf", 6, "tsp-realm"),
            ("docsis3-v4", 2, "tftp-servers"),
            ("vendor-4491", 1, "oro"),
        ] {
            let by_name = definitions.by_name(space, name).unwrap();
            assert_eq!(by_name.code, code);
            assert_eq!(definitions.by_code(space, code), Some(by_name));
        }
        assert_eq!(definitions.by_code("dhcp4", 224), None);
        assert_eq!(definitions.by_code("vendor-1234", 1), None);
        assert_eq!(definitions.by_name("dhcp4", "no-such-option"), None);
    }

    /// Those of DHCPv6 are others, in codes and in names.
    #[test]
    fn standard_options_of_dhcpv6_are_known() {
        let definitions = Definitions::v6();
        for (space, code, name) in [
            ("dhcp6", 23, "dns-servers"),
            ("dhcp6", 144, "v6-dnr"),
            ("dhcp6", 148, "addr-reg-enable"),
            ("s46-cont-mape-options", 89, "s46-rule"),
            ("s46-rule-options", 93, "s46-portparams"),
            ("v6-ntp-server-suboptions", 3, "ntp-server-fqdn"),
            ("vendor-4491", 1026, "cmts-cm-mac"),
            ("vendor-2495", 60_000, "4o6-interface"),
        ] {
            let by_name = definitions.by_name(space, name).unwrap();
            assert_eq!((by_name.code, by_name.universe), (code, Universe::V6));
            assert_eq!(definitions.by_code(space, code), Some(by_name));
        }
        assert_eq!(definitions.by_code("dhcp4", 6), None);
        assert_eq!(definitions.by_code("dhcp6", 43).unwrap().name, "ero");
        let own = definition("foo", 1, "bar");
        assert!(
            definitions.clone().add_of_class(Definition { space: "dhcp4".into(), code: 230, ..own }).is_err()
        );
    }

    /// A configuration may define what has no standard definition, 43 included, and nothing twice.
    #[test]
    fn configured_definitions_add_to_the_standard() {
        let mut definitions = Definitions::v4();
        for (space, code, name) in [
            ("dhcp4", 43, "opaque"),
            ("dhcp4", 224, "foo"),
            ("vendor-1234", 1, "foo"),
            ("vendor-4491", 7, "foo"),
        ] {
            definitions.add(definition(space, code, name)).unwrap();
            assert_eq!(definitions.by_name(space, name).unwrap().data_type, DataType::Binary);
        }
        for (space, code, name, parameter) in [
            ("dhcp4", 224, "bar", Parameter::Code),
            ("dhcp4", 225, "foo", Parameter::Name),
            ("dhcp4", 3, "bar", Parameter::Code),
            ("dhcp4", 225, "routers", Parameter::Name),
            ("docsis3-v4", 1, "bar", Parameter::Code),
        ] {
            assert_eq!(definitions.add(definition(space, code, name)).unwrap_err().parameter, parameter);
        }
        assert_eq!(definitions.by_code("dhcp4", 43).unwrap().name, "opaque");
        assert_eq!(definitions.configured().count(), 4);
    }

    /// A class may give 43 and 224–254 its own meaning, and only for itself.
    #[test]
    fn a_class_has_definitions_of_its_own() {
        let mut definitions = Definitions::v4();
        definitions.add(definition("dhcp4", 230, "foo")).unwrap();
        let mut class = definitions.clone();
        class.add_of_class(definition("dhcp4", 230, "bar")).unwrap();
        class.add_of_class(definition("dhcp4", 43, "own")).unwrap();
        assert_eq!(class.by_code("dhcp4", 230).unwrap().name, "bar");
        assert_eq!(class.by_code("dhcp4", 43).unwrap().name, "own");
        assert_eq!(definitions.by_code("dhcp4", 230).unwrap().name, "foo");
        assert_eq!(class.of_class(230).unwrap().name, "bar");
        assert_eq!((definitions.of_class(230), class.of_class(231)), (None, None));
        for refused in [
            definition("dhcp4", 44, "x"),
            definition("dhcp4", 223, "x"),
            definition("other", 230, "x"),
            definition("dhcp4", 43, "again"),
        ] {
            assert_eq!(class.add_of_class(refused).unwrap_err().parameter, Parameter::Code);
        }
    }

    /// Only decimal enterprise numbers make a vendor space.
    #[test]
    fn vendor_spaces_are_recognised() {
        assert_eq!(vendor_space_id("vendor-4491"), Some(4491));
        for space in
            ["vendor-", "vendor-x", "vendor-0", "vendor-4294967296", "vendor-+1", "vendor4491", "dhcp4"]
        {
            assert_eq!(vendor_space_id(space), None, "{space}");
        }
    }
}
