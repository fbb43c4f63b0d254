//! Access lists: sets of commands, by name, by what they do, by where they come from, and what is made of such sets.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kotare_config::Level;
use kotare_config::json::{Diagnostics, Entry, Value};
use kotare_control::Access;

use super::catalogue::{Catalogue, Sent, access};
use super::parameters::NAMED_LIST;

/// How much a list may ask of a command: named lists that name others could grow without bounds.
const MOST_TESTS: usize = 1000;

/// A set of commands.
#[derive(Debug)]
pub(super) enum List {
    All,
    None,
    Access(Access),
    Hook(Box<str>),
    Commands(HashSet<Box<str>>),
    Not(Arc<List>),
    And(Vec<Arc<List>>),
    Or(Vec<Arc<List>>),
}

impl List {
    /// Whether a command is one of the set.
    pub(super) fn matches(&self, sent: Sent<'_>) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Access(access) => sent.known.is_some_and(|known| known.access == *access),
            Self::Hook(hook) => sent.known.is_some_and(|known| known.hook == *hook),
            Self::Commands(names) => names.contains(sent.name),
            Self::Not(list) => !list.matches(sent),
            Self::And(lists) => lists.iter().all(|list| list.matches(sent)),
            Self::Or(lists) => lists.iter().any(|list| list.matches(sent)),
        }
    }

    /// How much it asks of a command at most.
    fn tests(&self) -> usize {
        match self {
            Self::All | Self::None | Self::Access(_) | Self::Hook(_) | Self::Commands(_) => 1,
            Self::Not(list) => list.tests().saturating_add(1),
            Self::And(lists) | Self::Or(lists) => {
                lists.iter().fold(1, |sum, list| list.tests().saturating_add(sum))
            }
        }
    }
}

/// Reads access lists.
#[derive(Debug)]
pub(super) struct Lists<'a> {
    catalogue: &'a Catalogue,
    named: HashMap<&'a str, Arc<List>>,
}

impl<'a> Lists<'a> {
    /// With the named ones of these parameters.
    pub(super) fn read(
        parameters: Level<'a>,
        catalogue: &'a Catalogue,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let predefined = [
            ("ALL", List::All),
            ("NONE", List::None),
            ("READ", List::Access(Access::Read)),
            ("WRITE", List::Access(Access::Write)),
        ];
        let named = predefined.map(|(name, list)| (name, Arc::new(list)));
        let mut lists = Self { catalogue, named: HashMap::from(named) };
        for definition in parameters.list(&NAMED_LIST).filter_map(Level::map) {
            let [Entry { key, value }] = definition.entries() else {
                let message = "an access control list is a map of one entry, its name with what it has";
                diagnostics.error(definition.source(), message);
                continue;
            };
            if lists.named.contains_key(key.as_str()) {
                let message = format!("there is an access control list \"{}\" already", key.as_str());
                diagnostics.error(key.source(), message);
            } else if let Some(list) = lists.list(value, diagnostics) {
                lists.named.insert(key.as_str(), list);
            }
        }
        lists
    }

    /// How many the operator named.
    pub(super) fn count(&self) -> usize {
        self.named.len() - 4
    }

    /// The list that is written here.
    pub(super) fn list(&self, value: &Value, diagnostics: &mut Diagnostics) -> Option<Arc<List>> {
        if let Some(name) = value.as_str() {
            let list = self.named.get(name).cloned();
            if list.is_none() {
                let message = format!("there is no access control list \"{name}\"");
                let hint = "use ALL, NONE, READ, WRITE or one that \"access-control-lists\" has before this";
                diagnostics.error_with_hint(value.source(), message, hint);
            }
            return list;
        }
        let [entry] = value.entries() else {
            let message = "an access control list is a name or a map of one entry";
            diagnostics.error_with_hint(value.source(), message, FORMS);
            return None;
        };
        let list = self.entry(entry, diagnostics)?;
        if list.tests() > MOST_TESTS {
            let message = format!("this access control list is made of more than {MOST_TESTS} others");
            diagnostics.error(value.source(), message);
            return None;
        }
        Some(Arc::new(list))
    }

    fn entry(&self, entry: &Entry, diagnostics: &mut Diagnostics) -> Option<List> {
        let Entry { key, value } = entry;
        let expected = |what: &str, diagnostics: &mut Diagnostics| {
            let message = format!("\"{}\" must be {what}, this is {}", key.as_str(), value.kind_name());
            diagnostics.error(value.source(), message);
        };
        match key.as_str() {
            "not" => self.list(value, diagnostics).map(List::Not),
            word @ ("and" | "or") => {
                if !value.is_list() {
                    expected("a list of access control lists", diagnostics);
                    return None;
                }
                let before = diagnostics.error_count();
                let lists = value.items().iter().filter_map(|item| self.list(item, diagnostics)).collect();
                let is_right = diagnostics.error_count() == before;
                is_right.then_some(if word == "and" { List::And(lists) } else { List::Or(lists) })
            }
            // The manual has both.
            "commands" | "command" => {
                if !value.is_list() {
                    expected("a list of names of commands", diagnostics);
                    return None;
                }
                Some(List::Commands(self.names(value.items(), diagnostics)))
            }
            "access" => match value.as_str().and_then(access) {
                Some(access) => Some(List::Access(access)),
                None => {
                    expected("\"read\" or \"write\"", diagnostics);
                    None
                }
            },
            "hook" => match value.as_str() {
                Some(hook) => {
                    if !hook.is_empty() && !self.catalogue.has_hook(hook) {
                        let message = format!("no command is known of a hook library \"{hook}\"");
                        diagnostics.warning_with_hint(value.source(), message, "this matches nothing");
                    }
                    Some(List::Hook(hook.into()))
                }
                None => {
                    expected("the name of a hook library", diagnostics);
                    None
                }
            },
            other => {
                let message = format!("unknown kind of access control list \"{other}\"");
                diagnostics.error_with_hint(key.source(), message, FORMS);
                None
            }
        }
    }

    fn names(&self, items: &[Value], diagnostics: &mut Diagnostics) -> HashSet<Box<str>> {
        let mut names = HashSet::new();
        for item in items {
            match item.as_str() {
                Some(name) if self.catalogue.sent(name).known.is_some() => _ = names.insert(name.into()),
                Some(name) => {
                    let message = format!("there is no command \"{name}\"");
                    let hint = "if it is right, describe it in \"commands\"";
                    diagnostics.error_with_hint(item.source(), message, hint);
                }
                None => {
                    let message = format!("the name of a command is a string, this is {}", item.kind_name());
                    diagnostics.error(item.source(), message);
                }
            }
        }
        names
    }
}

const FORMS: &str = "it may be not, and, or, commands, access, hook";
