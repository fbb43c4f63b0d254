//! `libdhcp_….wasm`: modules that others write, as components of WebAssembly (`docs/third-party-modules.md`). Kea has none.
//!
//! What a module is shown and what it may answer says `lib/wasm/wit/kotare-dhcp.wit`. It is asked where it wants to be. One that
//! fails, takes too long or answers what cannot be is passed over: the message goes on as if it were not there. When that happens
//! often it is not asked any more for a while.
//!
//! - `settings`: what is configured.
//! - `keeper`: one module over all configurations with the same file and the same settings: it counts, and sets it aside.
//! - `verdict`: which answers cannot be.
//! - `v4`, `v6`: what is shown of the messages of either family, and what follows from answers.

mod keeper;
mod messages;
mod settings;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests6;
mod v4;
mod v6;
mod verdict;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kotare_config::Process;
use kotare_config::json::Diagnostics;
use kotare_expr::{ClassId, Memberships};
use kotare_wasm::{Failure, LoadError, Module as Guest, Point, Protocol};

use self::keeper::Keeper;
use self::messages::*;
use self::settings::Settings;
use self::verdict::Fault;
use crate::aside::aside;
use crate::{Around, Entry, Hooked, Library, Module, Modules, Places};

/// The module.
pub const LIBRARY: Library = Library {
    name: "wasm",
    parameters: &settings::PARAMETERS,
    messages: MESSAGES,
    load_error: |reason| KOTARE_WASM_LOAD_ERROR(reason),
    loaded: || (),
    unloaded: || (),
    v4: Some(module()),
    v6: Some(module()),
};

/// A file may be so long.
const LONGEST: u64 = 16 << 20;

const fn module<L: Asking>() -> Module<L> {
    Module { judge: settings::judge, judge_here, build, ..Module::NOTHING }
}

/// A family about whose messages modules are asked. There are two of them.
trait Asking: Hooked {
    /// What a module knows it by.
    const SPOKEN: Protocol;

    /// The classes of a configuration.
    fn classes(config: &Self::Config) -> Classes;
    /// Has the module asked where it wants to be.
    fn register(hooks: &mut Self::Hooks, module: &Arc<ThirdParty<Self>>, points: &[Point]);
}

/// A module in a configuration.
struct ThirdParty<L: Hooked> {
    keeper: Arc<Keeper<L>>,
    classes: Classes,
}

/// The classes of a configuration by number and by name.
#[derive(Debug, Default)]
struct Classes {
    names: BTreeMap<u32, Box<str>>,
    ids: BTreeMap<Box<str>, ClassId>,
}

fn build<L: Asking>(
    entry: &Entry<'_, L>,
    around: &Around<'_, L>,
    modules: &mut Modules<L>,
    diagnostics: &mut Diagnostics,
) {
    let before = diagnostics.error_count();
    settings::judge(entry, diagnostics);
    if diagnostics.error_count() > before {
        return;
    }
    match kept(entry, around) {
        Ok(keeper) => {
            let module = Arc::new(ThirdParty { keeper: keeper.clone(), classes: L::classes(entry.config) });
            L::register(&mut modules.hooks, &module, keeper.points());
            modules.beside.companions.push(keeper);
            modules.keep(entry, module);
        }
        Err(refusal) => refusal.told(entry, diagnostics),
    }
}

/// Finds out whether the file of an entry is there and a module that can be used: it is made ready once, for nobody.
fn judge_here<L: Asking>(entry: &Entry<'_, L>, places: &dyn Places, diagnostics: &mut Diagnostics) {
    let tried = found(entry, places).and_then(|(_, bytes)| {
        let settings = Settings::read(entry);
        let setup = settings.setup(L::SPOKEN, Arc::new(|_: &str| ()), Arc::new(|work| work()));
        aside(|| Guest::load(&bytes, setup)).map_err(Refusal::of)
    });
    if let Err(refusal) = tried {
        refusal.told(entry, diagnostics);
    }
}

/// Why the module of an entry cannot be used, and what to do.
struct Refusal {
    reason: String,
    hint: &'static str,
}

impl Refusal {
    /// Its file cannot be had.
    fn of_file(reason: String) -> Self {
        Self { reason, hint: "put the file there, or leave the entry out" }
    }

    /// What is in the file is not what it should be.
    fn of(error: LoadError) -> Self {
        let hint = match error {
            LoadError::Clock(_) => "let the process have another thread",
            LoadError::Failed(_) | LoadError::Refused(_) => "mend the module, its parameters or its limits",
            _ => "put another file there, made for the interface of this version",
        };
        Self { reason: error.to_string(), hint }
    }

    fn told<L: Hooked>(self, entry: &Entry<'_, L>, diagnostics: &mut Diagnostics) {
        let reason = format!("'{}' is no module that can be used: {}", entry.written.path, self.reason);
        diagnostics.error_with_hint(&entry.written.source, reason, self.hint);
    }
}

/// Where the file of an entry is, and what is in it.
fn found<L: Hooked>(entry: &Entry<'_, L>, places: &dyn Places) -> Result<(PathBuf, Vec<u8>), Refusal> {
    let place = places.module(&entry.written.path).map_err(Refusal::of_file)?;
    place.warning.inspect(|warning| KOTARE_WASM_PATH_SECURITY_WARNING(warning));
    let bytes = read(&place.path).map_err(Refusal::of_file)?;
    Ok((place.path, bytes))
}

/// The module of an entry: the one of the configuration before, if its file and what is configured are the same.
fn kept<L: Asking>(entry: &Entry<'_, L>, around: &Around<'_, L>) -> Result<Arc<Keeper<L>>, Refusal> {
    let environment = around.environment;
    let (path, bytes) = found(entry, &*environment.places)?;
    let settings = Settings::read(entry);
    let former = around.former::<ThirdParty<L>>(entry).map(|former| former.keeper.clone());
    let count = instances(entry.config.as_ref());
    if let Some(former) = former.filter(|former| former.is_of(&bytes, &settings)) {
        return aside(|| former.keep(count)).map(|()| former).map_err(Refusal::of);
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let loaded = || {
        let keeper = Keeper::load(&file, bytes, settings, environment)?;
        keeper.keep(count).map(|()| Arc::new(keeper))
    };
    aside(loaded).map_err(Refusal::of)
}

/// How many instances of a module are kept ready: one for each thread that serves, and one for who asks what would become of a
/// message.
fn instances(process: &Process) -> usize {
    let threads = match process.multi_threading {
        threading if !threading.enabled => 1,
        threading if threading.threads > 0 => threading.threads,
        _ => std::thread::available_parallelism().map_or(1, usize::from),
    };
    threads + 1
}

/// What is in a file.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let (mut bytes, file) = (Vec::new(), File::open(path).map_err(|error| error.to_string())?);
    if !file.metadata().is_ok_and(|it| it.is_file()) {
        return Err("it is no file".into());
    }
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    match bytes.len() as u64 > LONGEST {
        true => Err(format!("it is longer than {LONGEST} bytes")),
        false => Ok(bytes),
    }
}

impl<L: Asking> ThirdParty<L> {
    /// Asks the module about a message, if it can be asked.
    fn ask<T>(
        &self,
        point: &'static str,
        query: &dyn fmt::Display,
        ask: impl FnOnce(&Guest) -> Result<T, Fault>,
    ) -> Option<T> {
        self.keeper.ask(point, query, ask)
    }
}

impl Classes {
    fn of<'a>(classes: impl Iterator<Item = (ClassId, &'a str)>) -> Self {
        let mut all = Self::default();
        for (id, name) in classes {
            all.names.insert(id.0, name.into());
            all.ids.insert(name.into(), id);
        }
        all
    }

    /// The names of what a message belongs to, first come, first.
    fn shown(&self, classes: &Memberships) -> Vec<String> {
        classes.in_order().filter_map(|id| self.names.get(&id.0)).map(|name| String::from(&**name)).collect()
    }

    /// Puts a message into the classes of these names that there are.
    fn join(&self, names: &[String], classes: &mut Memberships) {
        names.iter().filter_map(|name| self.ids.get(&**name)).for_each(|id| classes.insert(*id));
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
