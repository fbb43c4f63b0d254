//! `libdhcp_stat_cmds.so`: how many leases of each subnet there are (manual, "Statistics Commands for Supplemental Lease
//! Statistics").
//!
//! What is assigned and declined is counted in the lease store, which other servers may change, too.

mod family;
mod messages;
mod selection;
#[cfg(test)]
mod tests6;

use std::collections::BTreeMap;
use std::sync::Arc;

use kotare_config::json::format::{Shape, text};
use kotare_config::schema::Table;
use kotare_control::{
    Access, Argument, ArgumentType, Bound, Command, Facts, Reply, Request, Response, ResultCode, blocking,
};
use kotare_model::{Lease4, Lease6, SubnetId, Tally};
use kotare_stats::{Statistic, utc_text};
use serde_json::json;
use tokio::runtime::Handle;

use self::family::{Tallied, Value};
use self::messages::*;
use self::selection::Selection;
use crate::{Around, Hooked, Library, Module, Modules, Server, ServerLink};

/// The module.
pub const LIBRARY: Library = Library {
    name: "stat_cmds",
    parameters: &PARAMETERS,
    messages: MESSAGES,
    // It has no parameters that could be wrong.
    load_error: |_| {},
    loaded: || STAT_CMDS_INIT_OK(),
    unloaded: || STAT_CMDS_DEINIT_OK(),
    v4: Some(module::<Lease4>()),
    v6: Some(module::<Lease6>()),
};

/// Kea minds no parameters.
static PARAMETERS: Table = Table { name: "parameters", groups: &[], open: true, ..Table::EMPTY };

/// The module of one configuration.
#[derive(Debug)]
struct StatCmds<L: Hooked> {
    server: ServerLink<L, L::Engine>,
}

const fn module<L: Tallied>() -> Module<L> {
    Module {
        build: |_, around, modules, _| build(around, modules),
        commands: || Facts::of(L::COMMANDS),
        ..Module::NOTHING
    }
}

const COMMANDS4: &[Command<StatCmds<Lease4>>] = &[command("stat-lease4-get")];
const COMMANDS6: &[Command<StatCmds<Lease6>>] = &[command("stat-lease6-get")];

const ARGUMENTS: &[Argument] = &[
    Argument::own("subnet-id", &ArgumentType::Integer, "The id of the only subnet asked about."),
    Argument::own(
        "subnet-range",
        &ArgumentType::Map,
        "The subnets asked about, from `first-subnet-id` to `last-subnet-id`.",
    ),
];

const fn command<L: Tallied>(name: &'static str) -> Command<StatCmds<L>> {
    Command {
        name,
        access: Access::Read,
        exclusive: false,
        since: "1.4.0",
        help: "Returns how many leases of each subnet there are.",
        args: ARGUMENTS,
        run: |module, request| stat_lease_get(module, request),
    }
}

fn build<L: Tallied>(around: &Around<'_, L>, modules: &mut Modules<L>) {
    let module = Arc::new(StatCmds { server: around.environment.server.clone() });
    modules.commands.push(Bound::new(L::COMMANDS, &module));
}

fn stat_lease_get<L: Tallied>(module: &StatCmds<L>, request: Request) -> Reply<'static> {
    let (server, runtime) = (module.server.get(), Handle::current());
    blocking(move || {
        let Some(server) = server else { return Response::error("the server is about to end") };
        match Selection::of(&request) {
            Ok(selection) => answer::<L>(&*server, &runtime, selection),
            Err(text) => {
                (L::LOG.invalid)(&text);
                Response::error(text)
            }
        }
    })
}

fn answer<L: Tallied>(server: &dyn Server<L, L::Engine>, runtime: &Handle, selection: Selection) -> Response {
    let serving = server.serving();
    let name = L::COMMANDS[0].name;
    let configured: Vec<SubnetId> = L::subnets(serving.config()).collect();
    let subnets = match selection.among(&configured) {
        Ok(subnets) => subnets,
        Err(reason) => {
            (L::LOG.no_subnets)(&selection, &reason);
            let text = format!("{name}{selection}: no matching data, {reason}");
            return Response::failed(ResultCode::Empty, text).with(json!({}));
        }
    };
    let tallies = match runtime.block_on(serving.leases().tally()) {
        Ok(tallies) => tallies,
        Err(error) => {
            (L::LOG.failed)(&selection, &error);
            return Response::error(error.to_string());
        }
    };
    let mut counted: BTreeMap<SubnetId, Vec<Tally>> = BTreeMap::new();
    for tally in tallies.into_iter().filter(|tally| selection.covers(tally.subnet)) {
        counted.entry(tally.subnet).or_default().push(tally);
    }
    let now = server.since_epoch();
    let row = |id: &SubnetId| {
        let tallies = counted.remove(id).unwrap_or_default();
        let value = |value: &Value<L::Stat>| match value {
            Value::Statistic(stat) => {
                server.statistics().value(&format!("subnet[{id}].{}", stat.name()), now)
            }
            Value::Counted(count) => i128::from(tallies.iter().map(count).sum::<u64>()),
        };
        let numbers = L::COLUMNS.iter().map(|column| value(&column.value).to_string());
        list([id.to_string()].into_iter().chain(numbers))
    };
    let rows: Vec<String> = subnets.iter().map(row).collect();
    if !counted.is_empty() {
        (L::LOG.orphaned)();
    }
    (L::LOG.found)(&selection, rows.len());
    let said = format!("{name}{selection}: {} rows found", rows.len());
    let columns = ["subnet-id"].into_iter().chain(L::COLUMNS.iter().map(|column| column.name));
    let columns = text(&columns.collect(), Shape::Line);
    // As text: a number of prefixes can be larger than JSON values of this program hold.
    let result_set = format!(
        r#"{{ "result-set": {{ "columns": {columns}, "rows": {}, "timestamp": "{}" }} }}"#,
        list(rows.into_iter()),
        utc_text(now)
    );
    Response { text: said, ..Response::written(result_set) }
}

/// A list of values that are text already, in the spacing of answers.
fn list(items: impl Iterator<Item = String>) -> String {
    format!("[ {} ]", items.collect::<Vec<_>>().join(", "))
}
