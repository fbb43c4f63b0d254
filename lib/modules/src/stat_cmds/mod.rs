//! `libdhcp_stat_cmds.so`: how many leases of each subnet there are (manual, "Statistics Commands for Supplemental Lease
//! Statistics").
//!
//! What is assigned and declined is counted in the lease store, which other servers may change, too.

mod messages;
mod selection;

use std::collections::BTreeMap;
use std::sync::Arc;

use kotare_config::json::Diagnostics;
use kotare_config::schema::Table;
use kotare_control::{
    Access, Argument, ArgumentType, Bound, Command, Facts, Reply, Request, Response, ResultCode, blocking,
};
use kotare_model::SubnetId;
use kotare_stats::{Stat4, utc_text};
use serde_json::{Value as Json, json};
use tokio::runtime::Handle;

use self::messages::*;
use self::selection::Selection;
use crate::{Around4, Entry4, Library, Module4, Modules4, Server4, ServerLink4};

/// The module.
pub const LIBRARY: Library = Library {
    name: "stat_cmds",
    parameters: &PARAMETERS,
    messages: MESSAGES,
    // It has no parameters that could be wrong.
    load_error: |_| {},
    loaded: || STAT_CMDS_INIT_OK(),
    unloaded: || STAT_CMDS_DEINIT_OK(),
    v4: Some(Module4 { judge: judge4, build: build4, commands: || Facts::of(COMMANDS) }),
    v6: None,
};

/// Kea minds no parameters.
static PARAMETERS: Table = Table { name: "parameters", groups: &[], open: true, ..Table::EMPTY };

/// The module of one configuration.
#[derive(Debug)]
struct StatCmds {
    server: ServerLink4,
}

const COMMANDS: &[Command<StatCmds>] = &[Command {
    name: "stat-lease4-get",
    access: Access::Read,
    exclusive: false,
    since: "1.4.0",
    help: "Returns how many leases of each subnet there are.",
    args: &[
        Argument::own("subnet-id", &ArgumentType::Integer, "The id of the only subnet asked about."),
        Argument::own(
            "subnet-range",
            &ArgumentType::Map,
            "The subnets asked about, from `first-subnet-id` to `last-subnet-id`.",
        ),
    ],
    run: |module, request| stat_lease4_get(module, request),
}];

const COLUMNS: [&str; 5] = [
    "subnet-id",
    "total-addresses",
    "cumulative-assigned-addresses",
    "assigned-addresses",
    "declined-addresses",
];

fn judge4(_: &Entry4<'_>, _: &mut Diagnostics) {}

fn build4(_: &Entry4<'_>, around: &Around4<'_>, modules: &mut Modules4, _: &mut Diagnostics) {
    let module = Arc::new(StatCmds { server: around.environment.server.clone() });
    modules.commands.push(Bound::new(COMMANDS, &module));
}

fn stat_lease4_get(module: &StatCmds, request: Request) -> Reply<'static> {
    let (server, runtime) = (module.server.get(), Handle::current());
    blocking(move || {
        let Some(server) = server else { return Response::error("the server is about to end") };
        match Selection::of(&request) {
            Ok(selection) => answer(&*server, &runtime, selection),
            Err(text) => {
                STAT_CMDS_LEASE4_GET_INVALID(&text);
                Response::error(text)
            }
        }
    })
}

fn answer(server: &Server4, runtime: &Handle, selection: Selection) -> Response {
    let serving = server.serving();
    let subnets = match selection.among(&serving.config().subnets) {
        Ok(subnets) => subnets,
        Err(reason) => {
            STAT_CMDS_LEASE4_GET_NO_SUBNETS(selection, &reason);
            let text = format!("stat-lease4-get{selection}: no matching data, {reason}");
            return Response::failed(ResultCode::Empty, text).with(json!({}));
        }
    };
    let tallies = match runtime.block_on(serving.leases().tally()) {
        Ok(tallies) => tallies,
        Err(error) => {
            STAT_CMDS_LEASE4_GET_FAILED(selection, &error);
            return Response::error(error.to_string());
        }
    };
    let mut counted: BTreeMap<SubnetId, (u64, u64)> = BTreeMap::new();
    for tally in tallies.iter().filter(|tally| selection.covers(tally.subnet)) {
        let (assigned, declined) = counted.entry(tally.subnet).or_default();
        *assigned += tally.assigned;
        *declined += tally.declined;
    }
    let now = server.since_epoch();
    let value = |id: SubnetId, stat: Stat4| {
        let value = server.statistics().value(&format!("subnet[{id}].{}", stat.name()), now);
        i64::try_from(value).unwrap_or(i64::MAX)
    };
    let row = |id| {
        let (assigned, declined) = counted.remove(&id).unwrap_or_default();
        let total = value(id, Stat4::TotalAddresses);
        let cumulative = value(id, Stat4::CumulativeAssignedAddresses);
        json!([id.0, total, cumulative, assigned + declined, declined])
    };
    let rows: Vec<Json> = subnets.iter().map(|subnet| subnet.id).map(row).collect();
    if !counted.is_empty() {
        STAT_CMDS_LEASE4_ORPHANED_STATS();
    }
    STAT_CMDS_LEASE4_GET(selection, rows.len());
    let text = format!("stat-lease4-get{selection}: {} rows found", rows.len());
    let result_set = json!({"columns": COLUMNS, "rows": rows, "timestamp": utc_text(now)});
    Response::success(text).with(json!({"result-set": result_set}))
}
