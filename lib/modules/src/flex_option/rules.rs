//! From the parameters of `flex_option` to rules.

use kotare_config::Level;
use kotare_config::json::{Diagnostics, Source};
use kotare_expr::{ClassId, ParseError, Test, Value, parse_test, parse_value};
use kotare_options::{Definition, is_space_name, vendor_space_id};

use super::Flexible;
use super::messages::{
    FLEX_OPTION_CONFIG_SUB_USELESS_CLASS, FLEX_OPTION_CONFIG_SUB_USELESS_MEMBER,
    FLEX_OPTION_CONFIG_USELESS_CLASS, FLEX_OPTION_CONFIG_USELESS_MEMBER,
};
use super::parameters::{OPTION, SUB_OPTION};

/// What is done to options, in the order in which it is done: by code of the option, then as written.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) options: Vec<OptionRule>,
    /// By code of the option, then of the sub-option.
    pub(super) sub_options: Vec<SubOptionRule>,
}

impl Rules {
    /// Whether there are rules that change messages of this kind.
    pub(super) fn are_for(&self, destination: Side) -> bool {
        let sides = self.options.iter().map(|rule| rule.sides);
        sides
            .chain(self.sub_options.iter().map(|rule| rule.sides))
            .any(|sides| sides.destination == destination)
    }
}

/// What is done to an option.
#[derive(Debug)]
pub(super) struct OptionRule {
    pub(super) code: u16,
    pub(super) sides: Sides,
    pub(super) guard: Option<Guard>,
    pub(super) action: Action,
    /// The space of the definition by which the value is read (`csv-format`).
    pub(super) written_in: Option<Box<str>>,
}

/// What is done to a sub-option.
#[derive(Debug)]
pub(super) struct SubOptionRule {
    pub(super) container: u16,
    /// How the option that has it is made.
    pub(super) definition: Option<Definition>,
    /// Whether the option is one of vendors: of DHCPv4 125, of DHCPv6 17.
    pub(super) of_vendors: bool,
    pub(super) container_guard: Option<Guard>,
    pub(super) sides: Sides,
    pub(super) code: u16,
    /// The vendor whose sub-option it is, in an option of vendors.
    pub(super) vendor: Option<u32>,
    pub(super) guard: Option<Guard>,
    pub(super) action: Action,
    pub(super) written_in: Option<Box<str>>,
    /// Whether the option is made for its first sub-option, or goes with its last.
    pub(super) with_container: bool,
}

/// Which messages a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sides {
    /// Whose options expressions speak of.
    pub(super) source: Side,
    /// Whose options are changed.
    pub(super) destination: Side,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Query,
    Response,
}

/// The class that a query must be of.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) name: Box<str>,
    pub(super) class: ClassId,
}

/// What is done.
#[derive(Debug)]
pub(super) enum Action {
    /// Given this value, unless it is there.
    Add(Value),
    /// Given this value.
    Supersede(Value),
    /// Taken out, if this holds.
    Remove(Test),
}

/// What reading the parameters needs.
pub(super) struct Reader<'a, L: Flexible> {
    pub(super) config: &'a L::Config,
    pub(super) diagnostics: &'a mut Diagnostics,
}

/// Which option an entry is about.
struct Identity<'a> {
    code: u16,
    definition: Option<&'a Definition>,
    /// Whether the value is read by the definition.
    csv_format: bool,
}

impl<'a, L: Flexible> Reader<'a, L> {
    /// The rules of `options`, a list of maps. Everything that is wrong is told.
    pub(super) fn rules(&mut self, parameters: Level<'_>) -> Rules {
        let mut rules = Rules::default();
        for entry in parameters.list(&OPTION) {
            self.entry(entry, &mut rules);
        }
        rules.options.sort_by_key(|rule| rule.code);
        rules.sub_options.sort_by_key(|rule| (rule.container, rule.code));
        rules
    }

    fn entry(&mut self, entry: Level<'_>, rules: &mut Rules) -> Option<()> {
        let own_space = L::options(self.config).universe().space();
        let space = entry.own("space").map_or(own_space, |_| entry.text("space"));
        let identity = self.identity(entry, space, "option")?;
        let code = identity.code;
        if let Some(reserved) = L::reserved(space, code) {
            self.error(entry, "code", format!("invalid 'code' value {code}: {reserved}"));
            return None;
        }
        let sides = self.sides(entry)?;
        let guard = self.guard(entry);
        let useless = sides.destination == Side::Query;
        if let Some(guard) = guard.as_ref().filter(|_| useless) {
            FLEX_OPTION_CONFIG_USELESS_CLASS(code, &guard.name);
        }
        if entry.own("sub-options").is_none() {
            let (action, text, asks_member) = self.action(entry)?;
            if useless && asks_member {
                FLEX_OPTION_CONFIG_USELESS_MEMBER(code, text);
            }
            let written_in = identity.csv_format.then(|| space.into());
            rules.options.push(OptionRule { code, sides, guard, action, written_in });
            return Some(());
        }
        if let Some(action) = ACTIONS.into_iter().find(|action| entry.own(action).is_some()) {
            self.error(
                entry,
                action,
                format!("'sub-options' and '{action}' are incompatible in the same entry"),
            );
            return None;
        }
        let container = identity.definition;
        for sub_entry in entry.list(&SUB_OPTION) {
            let Some(rule) = self.sub_entry(sub_entry, entry, code, container, sides) else { continue };
            if rules.sub_options.iter().any(|other| (other.container, other.code) == (code, rule.code)) {
                let text = format!("sub-option {} of option {code} was already specified", rule.code);
                self.error(sub_entry, "code", text);
                continue;
            }
            rules.sub_options.push(rule);
        }
        Some(())
    }

    fn sub_entry(
        &mut self,
        entry: Level<'_>,
        outer: Level<'_>,
        container: u16,
        definition: Option<&Definition>,
        sides: Sides,
    ) -> Option<SubOptionRule> {
        let space = match (entry.own("space"), definition) {
            (Some(_), _) => entry.text("space"),
            (None, Some(definition)) if !definition.encapsulates.is_empty() => &*definition.encapsulates,
            (None, Some(_)) => {
                self.error(entry, "code", "container does not encapsulate a space".into());
                return None;
            }
            (None, None) => {
                self.error(entry, "code", "container is not defined: can't get space".into());
                return None;
            }
        };
        let identity = self.identity(entry, space, "sub-option")?;
        let guard = self.guard(entry);
        let useless = sides.destination == Side::Query;
        if let Some(guard) = guard.as_ref().filter(|_| useless) {
            FLEX_OPTION_CONFIG_SUB_USELESS_CLASS(identity.code, container, &guard.name);
        }
        let (action, text, asks_member) = self.action(entry)?;
        if useless && asks_member {
            FLEX_OPTION_CONFIG_SUB_USELESS_MEMBER(identity.code, container, text);
        }
        let with_container = match &action {
            Action::Add(_) | Action::Supersede(_) => entry.bool("container-add"),
            Action::Remove(_) => entry.bool("container-remove"),
        };
        Some(SubOptionRule {
            container,
            definition: definition.cloned(),
            of_vendors: container == L::OF_VENDORS,
            container_guard: self.guard(outer),
            sides,
            code: identity.code,
            vendor: vendor_space_id(space).filter(|_| container == L::OF_VENDORS),
            guard,
            action,
            written_in: identity.csv_format.then(|| space.into()),
            with_container,
        })
    }

    /// Which option of `space` an entry names; `what` it is for messages.
    fn identity(&mut self, entry: Level<'_>, space: &str, what: &str) -> Option<Identity<'a>> {
        let definitions = L::options(self.config);
        if !is_space_name(space) {
            self.error(entry, "space", format!("'{space}' is not a valid space name"));
            return None;
        }
        let (written, most): (Option<u16>, _) = (entry.int("code"), definitions.universe().max_code());
        if let Some(code) = written.filter(|code| *code > most) {
            self.error(entry, "code", format!("\"code\" is {code}, it must lie between 0 and {most}"));
            return None;
        }
        let name = entry.own("name").map(|_| entry.text("name"));
        let csv_format = entry.bool("csv-format");
        let named = match name {
            None => None,
            Some("") => {
                self.error(entry, "name", "'name' must not be empty".into());
                return None;
            }
            Some(name) => match definitions.by_name(space, name) {
                Some(definition) => Some((name, definition)),
                None => {
                    self.error(entry, "name", format!("no known '{name}' {what} in '{space}' space"));
                    return None;
                }
            },
        };
        let (code, definition) = match (written, named) {
            (None, None) => {
                // A code out of range was told with the rows of the table.
                if entry.own("code").is_none() {
                    self.error(entry, "", "'code' or 'name' must be specified".into());
                }
                return None;
            }
            (Some(code), Some((name, definition))) if definition.code != code => {
                let text = format!(
                    "{what} '{name}' is defined as code: {}, not the specified code: {code}",
                    definition.code
                );
                self.error(entry, "code", text);
                return None;
            }
            (_, Some((_, definition))) => (definition.code, Some(definition)),
            (Some(code), None) => (code, definitions.by_code(space, code)),
        };
        if csv_format && definition.is_none() {
            self.error(entry, "code", format!("no known {what} with code '{code}' in '{space}' space"));
            return None;
        }
        Some(Identity { code, definition, csv_format })
    }

    fn sides(&mut self, entry: Level<'_>) -> Option<Sides> {
        let side = |keyword| match entry.text(keyword) {
            side if side.eq_ignore_ascii_case("response") => Side::Response,
            _ => Side::Query,
        };
        let sides = Sides { source: side("source"), destination: side("destination") };
        if sides == (Sides { source: Side::Response, destination: Side::Query }) {
            self.error(entry, "destination", "destination 'query' requires source 'query'".into());
            return None;
        }
        Some(sides)
    }

    fn guard(&self, entry: Level<'_>) -> Option<Guard> {
        let name = Some(entry.text("client-class")).filter(|name| !name.is_empty())?;
        Some(Guard { name: name.into(), class: L::class_or_none(self.config, name) })
    }

    /// What an entry does, the text of its expression, and whether that asks for classes.
    fn action<'e>(&mut self, entry: Level<'e>) -> Option<(Action, &'e str, bool)> {
        let mut written = ACTIONS.into_iter().filter(|action| entry.own(action).is_some());
        let Some(action) = written.next() else {
            self.error(entry, "", "no action: write one of 'add', 'supersede' and 'remove'".into());
            return None;
        };
        if let Some(other) = written.next() {
            self.error(entry, other, format!("multiple actions: '{other}' beside '{action}'"));
            return None;
        }
        let text = entry.text(action);
        if text.is_empty() {
            self.error(entry, action, format!("'{action}' must not be empty"));
            return None;
        }
        let parsed: Result<(Action, bool), ParseError> =
            L::parsed(self.config, text, |text, names| match action {
                "add" => parse_value(text, names).map(Action::Add),
                "supersede" => parse_value(text, names).map(Action::Supersede),
                _ => parse_test(text, names).map(Action::Remove),
            });
        match parsed {
            Ok((action, asks_member)) => Some((action, text, asks_member)),
            Err(error) => {
                self.error(entry, action, format!("can't parse {action} expression [{text}] error: {error}"));
                None
            }
        }
    }

    /// Tells an error at a keyword of the entry, or at the entry where it is not written.
    fn error(&mut self, entry: Level<'_>, keyword: &str, text: String) {
        let at = entry.own(keyword).or(entry.map()).map(|value| value.source().clone());
        self.diagnostics.error(&at.unwrap_or_else(|| Source::whole("")), text);
    }
}

/// The keywords of what can be done.
const ACTIONS: [&str; 3] = ["add", "supersede", "remove"];
