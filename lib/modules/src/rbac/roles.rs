//! What a role may do.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use kotare_config::Level;
use kotare_config::json::Diagnostics;

use super::catalogue::Sent;
use super::lists::{List, Lists};
use super::parameters::{DEFAULT_ROLE, ROLE, UNKNOWN_ROLE};

/// What a role may do. Without lists, as [`Rights::default`], nothing.
#[derive(Debug, Default)]
pub(super) struct Rights {
    accept: Option<Arc<List>>,
    reject: Option<Arc<List>>,
    /// Whether what is on both lists is rejected.
    rejects_first: bool,
    /// Whether what is on no list is accepted.
    accepts_others: bool,
    /// Whether `list-commands` tells only what would be accepted.
    pub(super) filters_list_commands: bool,
}

/// All roles.
#[derive(Debug, Default)]
pub(super) struct Roles {
    named: HashMap<Box<str>, Rights>,
    default: Rights,
    unknown: Rights,
}

impl Rights {
    fn read(role: Level<'_>, lists: &Lists<'_>, diagnostics: &mut Diagnostics) -> Self {
        let mut list = |keyword| role.own(keyword).and_then(|value| lists.list(value, diagnostics));
        let is = |keyword, word: &str| role.text(keyword).eq_ignore_ascii_case(word);
        Self {
            accept: list("accept-commands"),
            reject: list("reject-commands"),
            rejects_first: is("list-match-first", "reject"),
            accepts_others: is("other-commands", "accept"),
            filters_list_commands: !role.texts("response-filters").is_empty(),
        }
    }

    /// Whether who has them may send a command.
    pub(super) fn accept(&self, sent: Sent<'_>) -> bool {
        let is_on = |list: &Option<Arc<List>>| list.as_ref().is_some_and(|list| list.matches(sent));
        match (is_on(&self.accept), is_on(&self.reject)) {
            (true, true) => !self.rejects_first,
            (true, false) => true,
            (false, true) => false,
            (false, false) => self.accepts_others,
        }
    }
}

impl Roles {
    /// Those of these parameters. With `are_addresses` their names are addresses of clients.
    pub(super) fn read(
        parameters: Level<'_>,
        are_addresses: bool,
        lists: &Lists<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut named = HashMap::new();
        for role in parameters.list(&ROLE) {
            let rights = Rights::read(role, lists, diagnostics);
            let Some(value) = role.own("name") else { continue };
            let mut name: Box<str> = role.text("name").into();
            if name.is_empty() {
                let hint = "who has no role has what \"default-role\" says";
                diagnostics.error_with_hint(value.source(), "a role has a name", hint);
            }
            if are_addresses {
                match name.parse::<IpAddr>() {
                    // However it is written, it is one address.
                    Ok(address) => name = address.to_canonical().to_string().into(),
                    Err(_) => {
                        let message = format!("the role \"{name}\" is nobody's: it is no IP address");
                        diagnostics.warning(value.source(), message);
                    }
                }
            }
            if named.insert(name, rights).is_some() {
                let message = format!("there is a role \"{}\" already", role.text("name"));
                diagnostics.error(value.source(), message);
            }
        }
        let default = Rights::read(parameters.section(&DEFAULT_ROLE), lists, diagnostics);
        let unknown = Rights::read(parameters.section(&UNKNOWN_ROLE), lists, diagnostics);
        Self { named, default, unknown }
    }

    /// What a role may do, and what that is called where it is configured.
    pub(super) fn of<'a>(&'a self, role: &'a str) -> (&'a str, &'a Rights) {
        match self.named.get(role) {
            _ if role.is_empty() => (DEFAULT_ROLE.name, &self.default),
            Some(rights) => (role, rights),
            None => (UNKNOWN_ROLE.name, &self.unknown),
        }
    }

    /// How many have a name.
    pub(super) fn count(&self) -> usize {
        self.named.len()
    }
}
