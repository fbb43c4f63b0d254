//! `libdhcp_host_cache.so`: remembers what databases of reservations said (manual, "Host Cache Reservations for Improved
//! Performance"), so that they are not asked again for every message.
//!
//! What is remembered is as old as it is: a reservation that somebody else changes in a database is noticed when it is removed
//! here, or has made room for others. What commands of this server change is noticed at once.
//!
//! - `Cache`: what is remembered.
//! - `told`: what the log tells of it.
//! - `entry`: the form that commands and files have.
//! - `judge`: what of an entry is no value of its keyword.
//! - `commands`: the commands.

mod cache;
mod commands;
mod entry;
mod judge;
mod messages;
#[cfg(test)]
mod tests6;
mod told;

use std::sync::Arc;

use kotare_config::schema::{Table, Type, param};
use kotare_control::{Access, Argument, ArgumentType, Bound, Command, Facts, Run};
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
        build: |entry, around, modules, _| build(entry, around, modules),
        commands: || Facts::of(L::COMMANDS),
        ..Module::NOTHING
    }
}

/// Builds the module, with what the one before remembers.
fn build<L: Cached>(entry: &Entry<'_, L>, around: &Around<'_, L>, modules: &mut Modules<L>) {
    let parameters = entry.parameters();
    let settings = Settings { maximum: parameters.count("maximum"), negative: parameters.bool("negative") };
    let cache = match around.former::<HostCacheModule<L>>(entry) {
        Some(former) if former.cache.settings() == settings => former.cache.clone(),
        Some(former) => Arc::new(former.cache.resized(settings)),
        None => Arc::new(Cache::new(settings, if entry::digit::<L>() == "4" { "IPv4" } else { "IPv6" })),
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
        taking(
            "cache-get-by-id",
            Read,
            "1.6.0",
            "Returns what is remembered of the client whose identifier is the argument.",
            IDENTIFIER,
            |module, request| commands::get_by_id(module, request),
        ),
        taking(
            "cache-insert",
            Write,
            "1.4.0",
            "Remembers the reservation that the arguments are, or a list of them.",
            RESERVATION,
            |module, request| commands::insert(module, request),
        ),
        taking(
            "cache-remove",
            Write,
            "1.4.0",
            "Forgets a reservation, named by its subnet and its address or client.",
            NAMED,
            |module, request| commands::remove(module, &request),
        ),
        command(
            "cache-flush",
            Write,
            "1.4.0",
            "Forgets so many reservations as the argument says, those first that were not used for the longest time.",
            |module, request| commands::flush(module, request),
        ),
        command("cache-clear", Write, "1.4.0", "Forgets everything.", |module, _| commands::clear(module)),
        command("cache-size", Read, "1.6.0", "Returns how much is remembered.", |module, _| {
            commands::size(module)
        }),
    ]
}

/// A row without arguments that have names.
const fn command<L: Cached>(
    name: &'static str,
    access: Access,
    since: &'static str,
    help: &'static str,
    run: Run<HostCacheModule<L>>,
) -> Command<HostCacheModule<L>> {
    taking(name, access, since, help, &[], run)
}

/// A row. Arguments are checked by the commands themselves, in the words clients match.
const fn taking<L: Cached>(
    name: &'static str,
    access: Access,
    since: &'static str,
    help: &'static str,
    args: &'static [Argument],
    run: Run<HostCacheModule<L>>,
) -> Command<HostCacheModule<L>> {
    Command { name, access, exclusive: false, since, help, args, run }
}

const fn text(name: &'static str, help: &'static str) -> Argument {
    Argument::own(name, &ArgumentType::String, help)
}

const fn number(name: &'static str, help: &'static str) -> Argument {
    Argument::own(name, &ArgumentType::Integer, help)
}

const fn list(name: &'static str, help: &'static str) -> Argument {
    Argument::own(name, &ArgumentType::List, help)
}

const HW_ADDRESS: Argument = text("hw-address", "The hardware address of the client.");
const DUID: Argument = text("duid", "Its DUID.");
const CIRCUIT_ID: Argument = text("circuit-id", "What a relay agent calls its circuit.");
const CLIENT_ID: Argument = text("client-id", "Its client identifier.");
const FLEX_ID: Argument = text("flex-id", "What the hook library flex_id identifies it by.");
const SUBNET_ID4: Argument = number("subnet-id4", "The subnet of DHCPv4.");
const SUBNET_ID6: Argument = number("subnet-id6", "The subnet of DHCPv6.");

/// What names a client, one of which it is.
const IDENTIFIER: &[Argument] = &[HW_ADDRESS, DUID, CIRCUIT_ID, CLIENT_ID, FLEX_ID];

/// What names a reservation.
const NAMED: &[Argument] = &[
    text("ip-address", "The address that is reserved, instead of the client."),
    HW_ADDRESS,
    DUID,
    CIRCUIT_ID,
    CLIENT_ID,
    FLEX_ID,
    number("subnet-id", "The subnet, where an address names the reservation."),
    SUBNET_ID4,
    SUBNET_ID6,
];

/// A reservation.
const RESERVATION: &[Argument] = &[
    HW_ADDRESS,
    DUID,
    CIRCUIT_ID,
    CLIENT_ID,
    FLEX_ID,
    SUBNET_ID4,
    SUBNET_ID6,
    text("ip-address", "The address of DHCPv4."),
    list("ip-addresses", "The addresses of DHCPv6."),
    list("prefixes", "The prefixes."),
    list("excluded-prefixes", "What of them the client does not delegate."),
    text("hostname", "The name of the client."),
    list("client-classes4", "Classes of a client of DHCPv4."),
    list("client-classes6", "Classes of a client of DHCPv6."),
    list("option-data4", "Options of DHCPv4."),
    list("option-data6", "Options of DHCPv6."),
    text("next-server", "The server that the client boots from."),
    text("server-hostname", "The name of that."),
    text("boot-file-name", "The file that the client boots from."),
    number("host-id", "The number of the reservation, which is not kept."),
    Argument::own("user-context", &ArgumentType::Map, "What else is said of the client."),
    Argument::own("negative", &ArgumentType::Boolean, "Whether it says that there is no reservation."),
];
