//! Building the modules that a configuration names.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::process::HookLibrary;
use kotare_config::{Level, Process};
use kotare_control::{AccessControl, Bound, Facts, Watcher};
use kotare_engine::{Leased, v4, v6};
use kotare_model::{Lease4, Lease6};
use kotare_store_sql::Access;
use tokio::runtime::Handle;

use crate::dns_updates::Updates;
use crate::library::{Hooked, Module};
use crate::local_names::{LocalNames, Told};
use crate::messages::{
    HOOKS_LIBRARY_CLOSED, HOOKS_LIBRARY_LOADED, HOOKS_LIBRARY_UNLOADED, HOOKS_LOAD_ERROR, HOOKS_LOAD_SUCCESS,
};
use crate::{Beside, LIBRARIES, Library, Places, ServerLink};

/// What modules need of the server around them, which has leases `L` and gives them with an `E`.
#[derive(Debug)]
pub struct Environment<L: Leased, E> {
    /// Where their tasks run.
    pub runtime: Handle,
    /// A random number that nobody knows.
    pub seed: u64,
    /// The server itself.
    pub server: ServerLink<L, E>,
    /// What its own commands are.
    pub commands: Arc<[Facts]>,
    /// The databases that a configuration may be kept in, in the order written.
    pub config_databases: Arc<[Access]>,
    /// Where their files may be.
    pub places: Arc<dyn Places>,
}

impl<L: Leased, E> Clone for Environment<L, E> {
    fn clone(&self) -> Self {
        let Self { runtime, seed, server, commands, config_databases, places } = self;
        Self {
            runtime: runtime.clone(),
            seed: *seed,
            server: server.clone(),
            commands: commands.clone(),
            config_databases: config_databases.clone(),
            places: places.clone(),
        }
    }
}

/// What modules need of a DHCPv4 server.
pub type Environment4 = Environment<Lease4, v4::Server>;

/// What modules need of a DHCPv6 server.
pub type Environment6 = Environment<Lease6, v6::Server>;

/// A `hooks-libraries` entry of a server with leases `L`.
pub struct Entry<'a, L: Hooked> {
    /// The module that the entry names.
    pub library: &'static Library,
    /// The entry.
    pub written: &'a HookLibrary,
    /// The configuration it is part of.
    pub config: &'a L::Config,
    /// What the commands of the server itself are.
    pub own: &'a [Facts],
}

/// An entry of a DHCPv4 server.
pub type Entry4<'a> = Entry<'a, Lease4>;

/// An entry of a DHCPv6 server.
pub type Entry6<'a> = Entry<'a, Lease6>;

/// What is around a module that is built.
pub struct Around<'a, L: Hooked> {
    /// The server.
    pub environment: &'a Environment<L, L::Engine>,
    /// The modules of the configuration before, if there was one.
    former: Option<&'a Modules<L>>,
}

/// What is around a module of a DHCPv4 server.
pub type Around4<'a> = Around<'a, Lease4>;

/// What is around a module of a DHCPv6 server.
pub type Around6<'a> = Around<'a, Lease6>;

/// The modules of a server's configuration, in the order of `hooks-libraries`. They end when it is dropped, with the last
/// exchange that went through them.
pub struct Modules<L: Hooked> {
    /// Who is registered at which point.
    pub hooks: L::Hooks,
    /// Their commands, each table bound to its module.
    pub commands: Vec<Bound>,
    /// Who has a say in which commands are run.
    pub guards: Vec<Arc<dyn AccessControl>>,
    /// Who hears of commands that were run.
    pub watchers: Vec<Arc<dyn Watcher>>,
    /// What they do beside the messages.
    pub beside: Beside,
    /// What has names changed in the DNS, if anything does.
    pub(crate) updates: Option<Arc<Updates<L>>>,
    /// What tells names itself, if anything does.
    local_names: Option<Arc<LocalNames<L>>>,
    /// The modules with the paths of their entries, for the next configuration to carry on from.
    built: Vec<(Box<str>, Arc<dyn Any + Send + Sync>)>,
    /// The paths of all entries. They are the last to be dropped: what modules say of their own end comes first.
    loaded: Vec<Arc<Loaded>>,
}

/// The modules of a DHCPv4 server's configuration.
pub type Modules4 = Modules<Lease4>;

/// The modules of a DHCPv6 server's configuration.
pub type Modules6 = Modules<Lease6>;

/// A library that a configuration names, or several, one after the other: it is loaded once.
#[derive(Debug)]
pub(crate) struct Loaded {
    path: Box<str>,
    library: &'static Library,
}

impl<L: Hooked> Modules<L> {
    /// Finds what is wrong with what `config` says to modules, all of it, without building one; in `places`, if they are those of the
    /// machine where it is to be used. Libraries that are not known are passed over. `own` are the commands of the server itself.
    pub fn judge(
        config: &L::Config,
        own: &[Facts],
        places: Option<&dyn Places>,
        diagnostics: &mut Diagnostics,
    ) {
        for (entry, module) in entries::<L>(config, own, diagnostics) {
            entry.or_fail(diagnostics, |diagnostics| {
                let before = diagnostics.error_count();
                (module.judge)(&entry, diagnostics);
                if let Some(places) = places.filter(|_| diagnostics.error_count() == before) {
                    (module.judge_here)(&entry, places, diagnostics);
                }
            });
        }
    }
}

impl<L: Told> Modules<L> {
    /// Builds the modules that `config` names. `former` are those of the configuration it is going to replace.
    ///
    /// What is wrong goes to `diagnostics`, all of it; the modules are of no use then. Libraries that are not known are
    /// passed over.
    #[must_use]
    pub fn build(
        config: &L::Config,
        environment: &Environment<L, L::Engine>,
        former: Option<&Self>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut modules = Self::default();
        let around = Around { environment, former };
        let process: &Process = config.as_ref();
        if let Some(settings) = &process.dns_updates {
            let former = former.and_then(|former| former.updates.as_ref());
            if let Some(updates) = Updates::again(settings, environment, former, diagnostics) {
                L::observed(&mut modules.hooks, updates.clone());
                modules.beside.companions.push(updates.clone());
                modules.updates = Some(updates);
            }
        }
        if let Some(written) = &process.local_names {
            let former = former.and_then(|former| former.local_names.as_ref());
            if let Some(names) = LocalNames::again(written, environment, former, diagnostics) {
                L::told(&mut modules.hooks, names.clone());
                modules.beside.companions.push(names.clone());
                modules.local_names = Some(names);
            }
        }
        for (entry, module) in entries::<L>(config, &environment.commands, diagnostics) {
            let build = |diagnostics: &mut _| (module.build)(&entry, &around, &mut modules, diagnostics);
            if entry.or_fail(diagnostics, build) {
                modules.loaded.push(around.loaded(&entry));
            }
        }
        modules
    }
}

impl<L: Hooked> Modules<L> {
    /// Keeps a module for the next configuration to find, see [`Around::former`].
    pub fn keep<M: Send + Sync + 'static>(&mut self, entry: &Entry<'_, L>, module: Arc<M>) {
        self.built.push((entry.written.path.clone(), module));
    }
}

#[cfg(test)]
impl<L: Hooked> Modules<L> {
    /// The module of this kind, for tests to look into.
    pub(crate) fn kept<M: Send + Sync + 'static>(&self) -> Arc<M> {
        let mut kept = self.built.iter().filter_map(|(_, module)| module.clone().downcast().ok());
        kept.next().expect("such a module was built")
    }
}

/// The entries of a configuration with their modules. Those that are not for this server go to `diagnostics`.
fn entries<'a, L: Hooked>(
    config: &'a L::Config,
    own: &'a [Facts],
    diagnostics: &mut Diagnostics,
) -> Vec<(Entry<'a, L>, &'static Module<L>)> {
    let mut entries = Vec::new();
    let process: &Process = config.as_ref();
    for written in &process.libraries {
        let Some(library) = LIBRARIES.iter().find(|library| library.name == &*written.name) else { continue };
        match L::module(library) {
            Some(module) => entries.push((Entry { library, written, config, own }, module)),
            None => diagnostics.error(
                &written.source,
                format!("the hook library {} is not for {} servers", library.name, L::PROTOCOL),
            ),
        }
    }
    entries
}

impl<'a, L: Hooked> Entry<'a, L> {
    /// Does something that may find the entry wrong, which is logged then; whether it was right.
    fn or_fail(&self, diagnostics: &mut Diagnostics, act: impl FnOnce(&mut Diagnostics)) -> bool {
        let before = diagnostics.error_count();
        act(diagnostics);
        if diagnostics.error_count() == before {
            return true;
        }
        failed(self.library, self.written, before, diagnostics);
        false
    }

    /// Its parameters with their defaults.
    #[must_use]
    pub fn parameters(&self) -> Level<'a> {
        self.written.level(self.library.parameters)
    }
}

impl<L: Hooked> Around<'_, L> {
    /// The library of an entry, from now on or as before.
    fn loaded(&self, entry: &Entry<'_, L>) -> Arc<Loaded> {
        let former = self.former.map_or(&[][..], |former| &former.loaded);
        Loaded::again(entry.library, &entry.written.path, former)
    }

    /// The module that was built for the same library in the configuration before.
    #[must_use]
    pub fn former<M: Send + Sync + 'static>(&self, entry: &Entry<'_, L>) -> Option<Arc<M>> {
        let mut built = self.former?.built.iter();
        let (_, module) = built.find(|(path, _)| *path == entry.written.path)?;
        module.clone().downcast().ok()
    }
}

/// Logs what of an entry was found wrong since there were so many errors `before`.
pub(crate) fn failed(library: &Library, written: &HookLibrary, before: usize, diagnostics: &Diagnostics) {
    let reasons: Vec<_> = diagnostics.errors_after(before).map(ToString::to_string).collect();
    (library.load_error)(&reasons.join("; "));
    HOOKS_LOAD_ERROR(&written.path, 1);
}

impl Loaded {
    /// The library of this path, from now on or as in `former`.
    pub(crate) fn again(library: &'static Library, path: &str, former: &[Arc<Self>]) -> Arc<Self> {
        let before = former.iter().find(|loaded| &*loaded.path == path);
        before.cloned().unwrap_or_else(|| {
            (library.loaded)();
            HOOKS_LOAD_SUCCESS(path);
            HOOKS_LIBRARY_LOADED(path);
            Arc::new(Self { path: path.into(), library })
        })
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        (self.library.unloaded)();
        HOOKS_LIBRARY_UNLOADED(&self.path);
        HOOKS_LIBRARY_CLOSED(&self.path);
    }
}

impl<L: Hooked> Default for Modules<L> {
    fn default() -> Self {
        let (commands, guards, watchers, beside, updates, local_names, built, loaded) = Default::default();
        let hooks = L::Hooks::default();
        Self { hooks, commands, guards, watchers, beside, updates, local_names, built, loaded }
    }
}

impl<L: Hooked> fmt::Debug for Modules<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Modules")
            .field("hooks", &self.hooks)
            .field("built", &self.built.iter().map(|(path, _)| path).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl<L: Hooked> fmt::Debug for Entry<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("written", &self.written).finish_non_exhaustive()
    }
}

impl<L: Hooked> fmt::Debug for Around<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around").field("former", &self.former).finish_non_exhaustive()
    }
}
