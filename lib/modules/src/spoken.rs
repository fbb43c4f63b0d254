//! Expressions in parameters of modules, and what their names mean.

use kotare_config::{v4 as config4, v6 as config6};
use kotare_expr::{ClassId, Names, ParseError};
use kotare_model::{Lease4, Lease6};
use kotare_options::Definitions;

use crate::Hooked;

/// A family whose messages expressions speak of. There are two of them.
pub(crate) trait Spoken: Hooked {
    /// The options that a configuration knows.
    fn options(config: &Self::Config) -> &Definitions;
    /// Those that classes define for their own.
    fn options_of_classes(config: &Self::Config) -> &[(ClassId, Definitions)];
    /// The class of a name.
    fn class(config: &Self::Config, name: &str) -> Option<ClassId>;

    /// Reads an expression with `parse`; says whether it asks for classes.
    ///
    /// # Errors
    /// Those of `parse`. Any class may be asked for: one that there is not has no members.
    fn parsed<T>(
        config: &Self::Config,
        text: &str,
        parse: impl FnOnce(&str, &mut Names<'_>) -> Result<T, ParseError>,
    ) -> Result<(T, bool), ParseError> {
        let mut asks = false;
        let mut class = |name: &str| {
            asks = true;
            Some(Self::class_or_none(config, name))
        };
        let (options, of_classes) = (Self::options(config), Self::options_of_classes(config));
        let parsed = parse(text, &mut Names { options, of_classes, class: &mut class })?;
        Ok((parsed, asks))
    }

    /// The class of a name, or one without members. The configuration knows all that parameters name where their table says
    /// that they are classes or expressions.
    fn class_or_none(config: &Self::Config, name: &str) -> ClassId {
        Self::class(config, name).unwrap_or(ClassId(u32::MAX))
    }
}

impl Spoken for Lease4 {
    fn options(config: &config4::Config4) -> &Definitions {
        &config.definitions
    }

    fn options_of_classes(config: &config4::Config4) -> &[(ClassId, Definitions)] {
        config.classes.own_definitions()
    }

    fn class(config: &config4::Config4, name: &str) -> Option<ClassId> {
        config.classes.id(name)
    }
}

impl Spoken for Lease6 {
    fn options(config: &config6::Config6) -> &Definitions {
        &config.definitions
    }

    fn options_of_classes(config: &config6::Config6) -> &[(ClassId, Definitions)] {
        config.classes.own_definitions()
    }

    fn class(config: &config6::Config6, name: &str) -> Option<ClassId> {
        config.classes.id(name)
    }
}
