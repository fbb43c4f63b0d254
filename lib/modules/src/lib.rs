//! Kea's hook libraries as modules that are part of the server.
//!
//! A module is a folder here and one [`Library`] row: its name, the table of its parameters, its log messages, and a
//! function that builds it for a configuration. A `hooks-libraries` entry is matched by the base name of its file, in
//! any directory, whether or not there is such a file. What is built is registered at the typed points of
//! [`kotare_engine::hooks`] in the order of the entries, and lives as long as the configuration it was built for.
//!
//! The modules know the engine and the adapters below; of the server around them they know what a [`Server`] can be
//! asked, and of each other nothing.
//!
//! - [`LIBRARIES`] are the modules there are; [`SCHEMAS`] and [`MESSAGES`] follow from the rows.
//! - [`ModulesAgent`] are those of a control agent.
//! - [`Modules::judge`] finds what is wrong with what a configuration says to them, [`Modules::build`] makes them.
//! - [`bootp`]: lets clients of BOOTP in.
//! - [`cb_cmds`]: commands that show and change the configuration in databases.
//! - [`class_cmds`]: commands that show and change client classes.
//! - [`ddns_tuning`]: makes names of clients by an expression, and keeps some from the DNS.
//! - [`flex_id`]: identifies clients by what an expression says of their messages.
//! - [`flex_option`]: changes options of replies and queries by what expressions say.
//! - [`ha`]: servers that share clients take over from each other.
//! - [`host_cache`]: remembers reservations that were looked for in databases.
//! - [`host_cmds`]: commands that show and change host reservations.
//! - [`lease_cmds`]: commands that look at leases and change them.
//! - [`perfmon`]: measures how long it takes to answer.
//! - [`limits`]: so many leases, and packets in a time, of a class or a subnet.
//! - [`ping_check`]: asks before an address is offered whether somebody uses it already.
//! - [`radius`]: has RADIUS servers say who may come in, and tells them what becomes of leases.
//! - [`rbac`]: decides who may send which command through HTTP sockets.
//! - [`databases`]: the libraries of databases, which are always there.
//! - [`lease_query`]: tells those who may ask which leases there are.
//! - [`legal_log`]: writes down who had which address when.
//! - [`dns_updates`]: no library, but what one could do: tells the DNS of the names of clients.
//! - [`local_names`]: no library, but what one could do: tells names of clients without a DNS server that is updated.
//! - [`run_script`]: has a script told what becomes of leases.
//! - [`stat_cmds`]: a command that counts leases by subnet.
//! - [`subnet_cmds`]: commands that show and change subnets and shared networks.
//! - [`user_chk`]: serves users that a file does not know from the last subnet.
//! - [`wasm`]: asks modules that others wrote, as components of WebAssembly.

mod agent;
mod appended;
mod arguments;
mod aside;
mod beside;
pub mod bootp;
mod build;
mod bulk;
pub mod cb_cmds;
pub mod class_cmds;
pub mod databases;
pub mod ddns_tuning;
pub mod dns_updates;
mod edit;
pub mod flex_id;
pub mod flex_option;
mod gathered;
mod give_way;
pub mod ha;
pub mod host_cache;
pub mod host_cmds;
pub mod lease_cmds;
pub mod lease_query;
pub mod legal_log;
mod library;
pub mod limits;
pub mod local_names;
mod messages;
mod networked;
pub mod perfmon;
pub mod ping_check;
mod places;
pub mod radius;
pub mod rbac;
mod reserving;
pub mod run_script;
mod server;
mod shown;
mod spoken;
pub mod stat_cmds;
pub mod subnet_cmds;
#[cfg(test)]
mod test_server6;
#[cfg(test)]
mod test_world;
mod tree;
mod turn;
pub mod user_chk;
pub mod wasm;

use kotare_config::schema::LibrarySchema;
use kotare_messages::Message;

pub use agent::ModulesAgent;
pub use beside::{Beside, Companion, ModuleConnection, SystemLogger};
pub use build::{
    Around, Around4, Around6, Entry, Entry4, Entry6, Environment, Environment4, Environment6, Modules,
    Modules4, Modules6,
};
pub use library::{Hooked, Library, Module, Module4, Module6};
pub use places::{Anywhere, Place, Places};
pub use server::{
    Doing, Edit, Edited, Server, Server4, Server6, ServerLink, ServerLink4, ServerLink6, Serving, Serving4,
    Serving6, WrittenLeases,
};

/// Every module.
pub const LIBRARIES: &[&Library] = &[
    &bootp::LIBRARY,
    &cb_cmds::LIBRARY,
    &class_cmds::LIBRARY,
    &ddns_tuning::LIBRARY,
    &flex_id::LIBRARY,
    &flex_option::LIBRARY,
    &ha::LIBRARY,
    &host_cache::LIBRARY,
    &host_cmds::LIBRARY,
    &lease_cmds::LIBRARY,
    &lease_query::LIBRARY,
    &legal_log::LIBRARY,
    &limits::LIBRARY,
    &databases::MYSQL,
    &databases::PGSQL,
    &perfmon::LIBRARY,
    &ping_check::LIBRARY,
    &radius::LIBRARY,
    &rbac::LIBRARY,
    &run_script::LIBRARY,
    &stat_cmds::LIBRARY,
    &subnet_cmds::LIBRARY,
    &user_chk::LIBRARY,
    &wasm::LIBRARY,
];

/// What their parameters may be, for the form of a configuration file.
pub const SCHEMAS: &[LibrarySchema] = &{
    let mut schemas = [LIBRARIES[0].schema(); LIBRARIES.len()];
    let mut at = 0;
    while at < schemas.len() {
        schemas[at] = LIBRARIES[at].schema();
        at += 1;
    }
    schemas
};

/// Their tables of log messages, and after them the one about modules as such, that of high availability's decisions, and those
/// of names.
pub const MESSAGES: &[&[Message]] = &{
    let mut tables = [messages::MESSAGES; LIBRARIES.len() + 4];
    let mut at = 0;
    while at < LIBRARIES.len() {
        tables[at] = LIBRARIES[at].messages;
        at += 1;
    }
    tables[at + 1] = kotare_ha::MESSAGES;
    tables[at + 2] = dns_updates::MESSAGES;
    tables[at + 3] = local_names::MESSAGES;
    tables
};
