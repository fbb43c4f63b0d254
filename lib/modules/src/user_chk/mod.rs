//! `libdhcp_user_chk.so`: known users are served as usual, others from the last subnet (manual, "User Check").
//!
//! Who is known says a file with a line for each user, which may set a boot file and a TFTP server for its user. What became of
//! whom is appended to another file.
//!
//! - `registry`: the users and their file.
//! - `clerk`: the thread that looks whether the file is another one, and the file of outcomes. They are written together before
//!   the replies leave that they are about.
//! - `v4`, `v6`: what follows for messages.

mod clerk;
mod messages;
mod registry;
#[cfg(test)]
mod tests;
mod v4;
mod v6;

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kotare_config::json::Diagnostics;
use kotare_config::schema::{Table, Type, param};
use kotare_model::SubnetId;

use self::clerk::Clerk;
use self::messages::*;
use self::registry::{Kind, Registry, User, Users};
use crate::appended::Appended;
use crate::gathered::Text;
use crate::{Around, Entry, Hooked, Library, Module, Modules, Places};

/// The module.
pub const LIBRARY: Library = Library {
    name: "user_chk",
    parameters: &PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| USER_CHK_HOOK_LOAD_ERROR(reason),
    loaded: || (),
    unloaded: || (),
    v4: Some(module()),
    v6: Some(module()),
};

/// Kea has none: its files are always the same. Where they are here may be said.
static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[
        param("registry", Type::Text).or_text("/usr/local/share/kea/user_chk_registry.txt"),
        param("outcome", Type::Text).or_text("/usr/local/share/kea/user_chk_outcome.txt"),
    ]],
    ..Table::EMPTY
};

const fn module<L: Checked>() -> Module<L> {
    Module { judge_here, build, ..Module::NOTHING }
}

/// A family whose users are checked. There are two of them.
trait Checked: Hooked {
    /// Has the module asked about messages and replies.
    fn register(hooks: &mut Self::Hooks, module: Arc<UserCheck>);
}

/// The module of a configuration.
#[derive(Debug)]
struct UserCheck {
    registry: Arc<Registry>,
    clerk: Arc<Clerk>,
    files: [PathBuf; 2],
    /// Where those are served who are not known.
    last: Option<SubnetId>,
}

fn build<L: Checked>(
    entry: &Entry<'_, L>,
    around: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let files = ["registry", "outcome"].map(|keyword| PathBuf::from(entry.parameters().text(keyword)));
    let former = around.former::<UserCheck>(entry).filter(|former| former.files == files);
    let opened = match former {
        Some(former) => Ok((former.registry.clone(), former.clerk.clone())),
        None => open(&files),
    };
    let (registry, clerk) = match opened {
        Ok(opened) => opened,
        Err(reason) => return diagnostics.error(&entry.written.source, reason),
    };
    let last = L::subnets(entry.config).max();
    let module = Arc::new(UserCheck { registry, clerk: clerk.clone(), files, last });
    L::register(&mut modules.hooks, module.clone());
    L::round_ends(&mut modules.hooks).push(clerk.outcomes().clone());
    modules.beside.companions.push(clerk);
    modules.keep(entry, module);
}

/// Finds out whether the users can be read.
fn judge_here<L: Checked>(entry: &Entry<'_, L>, _: &dyn Places, diagnostics: &mut Diagnostics) {
    let path = PathBuf::from(entry.parameters().text("registry"));
    if let Err(reason) = registry::judge(&path) {
        let hint = "write the file, or name another one as \"registry\"";
        diagnostics.error_with_hint(&entry.written.source, reason, hint);
    }
}

fn open([registry, outcome]: &[PathBuf; 2]) -> Result<(Arc<Registry>, Arc<Clerk>), String> {
    let registry = Arc::new(Registry::open(registry.clone())?);
    let outcomes = Appended::open(outcome)
        .map_err(|error| format!("Cannot open output file: {} reason: {error}", outcome.display()))?;
    Ok((registry.clone(), Arc::new(Clerk::new(registry, outcomes, outcome.clone()))))
}

/// What is set for a user, or else for all that are not known; and whether it is known.
fn look_up<'a>(users: &'a Users, kind: Kind, id: &[u8]) -> (Option<&'a User>, bool) {
    match users.find(kind, id) {
        Some(user) => (Some(user), true),
        None => (users.others(kind), false),
    }
}

impl UserCheck {
    /// Writes down what became of a user.
    fn conclude(&self, kind: &str, client: impl fmt::Display, given: impl fmt::Display, is_known: bool) {
        let registered = if is_known { "yes" } else { "no" };
        let mut text = Text::default();
        // Writing to a text does not fail.
        let _ = write!(text, "id_type={kind}\nclient={client}\naddr={given}\nregistered={registered}\n\n");
        self.clerk.outcomes().put(Duration::ZERO, &text.0);
    }
}
