//! `libdhcp_host_cache.so`: remembers what databases of reservations said (manual, "Host Cache Reservations for Improved
//! Performance"), so that they are not asked again for every message.
//!
//! What is remembered is as old as it is: a reservation that somebody else changes in a database is noticed when it is removed
//! here, or has made room for others. What commands of this server change is noticed at once.
//!
//! - `Cache`: what is remembered.
//! - `entry`: the form that commands and files have.
//! - `commands`: the commands.

mod cache;
mod commands;
mod entry;
mod messages;
#[cfg(test)]
mod tests6;

use std::sync::Arc;

use kotare_config::schema::{Table, Type, param};
use kotare_control::{Access, Bound, Command, Facts, Run};
use kotare_model::{Lease4, Lease6};
use kotare_store::HostCache;

use self::cache::{Cache, Settings};
use crate::reserving::Reserving;
use crate::{Around, Entry, Library, Module, Modules, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "host_cache",
    parameters: &PARAMETERS,
    messages: messages::MESSAGES,
    load_error: |reason| messages::HOST_CACHE_CONFIGURATION_FAILED(reason),
    loaded: || messages::HOST_CACHE_INIT_OK(),
    unloaded: || messages::HOST_CACHE_DEINIT_OK(),
    v4: Some(module::<Lease4>()),
    v6: Some(module::<Lease6>()),
};

/// `maximum`: of how many clients something is remembered, 0 for no limit. `negative` is ours: whether it is remembered that a
/// client has no reservation.
static PARAMETERS: Table = Table {
    name: "parameters",
    groups: &[&[
        param("maximum", Type::Int(0, HIGHEST)).or_int(0),
        param("negative", Type::Bool).or_bool(false),
    ]],
    ..Table::EMPTY
};

/// Kea's highest `maximum`.
const HIGHEST: i64 = i32::MAX as i64;

/// The module of one configuration.
#[derive(Debug)]
struct HostCacheModule<L: Reserving> {
    server: ServerLink<L, L::Engine>,
    cache: Arc<Cache<L::Reserved>>,
}

/// A family whose reservations are remembered. There are two of them.
trait Cached: Reserving {
    /// The commands of its servers.
    const COMMANDS: &[Command<HostCacheModule<Self>>];

    /// Where the engine finds what is remembered.
    fn slot(modules: &mut Modules<Self>) -> &mut Option<Arc<dyn HostCache<Self::Reserved>>>;
}

impl Cached for Lease4 {
    const COMMANDS: &[Command<HostCacheModule<Self>>] = COMMANDS4;

    fn slot(modules: &mut Modules<Self>) -> &mut Option<Arc<dyn HostCache<Self::Reserved>>> {
        &mut modules.hooks.host_cache
    }
}

impl Cached for Lease6 {
    const COMMANDS: &[Command<HostCacheModule<Self>>] = COMMANDS6;

    fn slot(modules: &mut Modules<Self>) -> &mut Option<Arc<dyn HostCache<Self::Reserved>>> {
        &mut modules.hooks.host_cache
    }
}

const fn module<L: Cached>() -> Module<L> {
    Module {
        judge: |_, _| {},
        build: |entry, around, modules, _| build(entry, around, modules),
        commands: || Facts::of(L::COMMANDS),
    }
}

/// Builds the module, with what the one before remembers.
fn build<L: Cached>(entry: &Entry<'_, L>, around: &Around<'_, L>, modules: &mut Modules<L>) {
    let parameters = entry.parameters();
    let settings = Settings { maximum: parameters.count("maximum"), negative: parameters.bool("negative") };
    let cache = match around.former::<HostCacheModule<L>>(entry) {
        Some(former) if former.cache.settings() == settings => former.cache.clone(),
        Some(former) => Arc::new(former.cache.resized(settings)),
        None => Arc::new(Cache::new(settings)),
    };
    *L::slot(modules) = Some(cache.clone());
    let module = Arc::new(HostCacheModule { server: around.environment.server.clone(), cache });
    modules.commands.push(Bound::new(L::COMMANDS, &module));
    modules.keep(entry, module);
}

const COMMANDS4: &[Command<HostCacheModule<Lease4>>] = &commands();
const COMMANDS6: &[Command<HostCacheModule<Lease6>>] = &commands();

const fn commands<L: Cached>() -> [Command<HostCacheModule<L>>; 9] {
    use Access::{Read, Write};
    [
        command(
            "cache-write",
            Write,
            "1.4.0",
            "Writes what is remembered to the file that is the argument.",
            |module, request| commands::write(module, request),
        ),
        command(
            "cache-load",
            Write,
            "1.4.0",
            "Remembers what is in the file that is the argument.",
            |module, request| commands::load(module, request),
        ),
        command("cache-get", Read, "1.4.0", "Returns everything that is remembered.", |module, _| {
            commands::get(module)
        }),
        command(
            "cache-get-by-id",
            Read,
            "1.6.0",
            "Returns what is remembered of the client whose identifier is the argument.",
            |module, request| commands::get_by_id(module, request),
        ),
        command(
            "cache-insert",
            Write,
            "1.4.0",
            "Remembers the reservation that is the argument, or a list of them.",
            |module, request| commands::insert(module, request),
        ),
        command(
            "cache-remove",
            Write,
            "1.4.0",
            "Forgets a reservation, named by its subnet and its address or client.",
            |module, request| commands::remove(module, &request),
        ),
        command(
            "cache-flush",
            Write,
            "1.4.0",
            "Forgets so many reservations as the argument says, those first that were not used for the longest time.",
            |module, request| commands::flush(module, &request),
        ),
        command("cache-clear", Write, "1.4.0", "Forgets everything.", |module, _| commands::clear(module)),
        command("cache-size", Read, "1.6.0", "Returns how much is remembered.", |module, _| {
            commands::size(module)
        }),
    ]
}

/// A row. Arguments are checked by the commands themselves, in the words clients match.
const fn command<L: Cached>(
    name: &'static str,
    access: Access,
    since: &'static str,
    help: &'static str,
    run: Run<HostCacheModule<L>>,
) -> Command<HostCacheModule<L>> {
    Command { name, access, exclusive: false, since, help, args: &[], run }
}
