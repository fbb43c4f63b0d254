//! What is counted of the leases of each family.

use std::fmt::Display;

use kotare_control::Command;
use kotare_model::{Lease4, Lease6, LeaseType, Tally};
use kotare_stats::{Stat4, Stat6};

use super::messages::*;
use super::{COMMANDS4, COMMANDS6, StatCmds};
use crate::Hooked;

/// Leases that are counted. There are two of them.
pub(super) trait Tallied: Hooked {
    /// The command that shows the counts.
    const COMMANDS: &[Command<StatCmds<Self>>];
    /// The columns behind `subnet-id`.
    const COLUMNS: &[Column<Self::Stat>];
    /// What the log says.
    const LOG: Log;
}

/// A column of numbers, one for each subnet.
pub(super) struct Column<S> {
    pub(super) name: &'static str,
    pub(super) value: Value<S>,
}

/// Where a number comes from.
pub(super) enum Value<S> {
    /// The statistic of the subnet.
    Statistic(S),
    /// The leases that there are.
    Counted(fn(&Tally) -> u64),
}

/// What the log says: with the subnets asked about, and how many were found or the reason.
pub(super) struct Log {
    pub(super) found: fn(&dyn Display, usize),
    pub(super) failed: fn(&dyn Display, &dyn Display),
    pub(super) invalid: fn(&dyn Display),
    pub(super) no_subnets: fn(&dyn Display, &dyn Display),
    pub(super) orphaned: fn(),
}

const fn statistic<S>(name: &'static str, stat: S) -> Column<S> {
    Column { name, value: Value::Statistic(stat) }
}

const fn counted<S>(name: &'static str, count: fn(&Tally) -> u64) -> Column<S> {
    Column { name, value: Value::Counted(count) }
}

impl Tallied for Lease4 {
    const COMMANDS: &[Command<StatCmds<Self>>] = COMMANDS4;
    const COLUMNS: &[Column<Stat4>] = &[
        statistic("total-addresses", Stat4::TotalAddresses),
        statistic("cumulative-assigned-addresses", Stat4::CumulativeAssignedAddresses),
        counted("assigned-addresses", |tally| tally.assigned + tally.declined),
        counted("declined-addresses", |tally| tally.declined),
    ];
    const LOG: Log = Log {
        found: |selection, rows| STAT_CMDS_LEASE4_GET(selection, rows),
        failed: |selection, reason| STAT_CMDS_LEASE4_GET_FAILED(selection, reason),
        invalid: |reason| STAT_CMDS_LEASE4_GET_INVALID(reason),
        no_subnets: |selection, reason| STAT_CMDS_LEASE4_GET_NO_SUBNETS(selection, reason),
        orphaned: || STAT_CMDS_LEASE4_ORPHANED_STATS(),
    };
}

impl Tallied for Lease6 {
    const COMMANDS: &[Command<StatCmds<Self>>] = COMMANDS6;
    const COLUMNS: &[Column<Stat6>] = &[
        statistic("total-nas", Stat6::TotalNas),
        statistic("cumulative-assigned-nas", Stat6::CumulativeAssignedNas),
        counted("assigned-nas", |tally| of_addresses(tally, tally.assigned + tally.declined)),
        counted("declined-addresses", |tally| of_addresses(tally, tally.declined)),
        statistic("total-pds", Stat6::TotalPds),
        statistic("cumulative-assigned-pds", Stat6::CumulativeAssignedPds),
        counted("assigned-pds", |tally| match tally.lease_type {
            LeaseType::Pd => tally.assigned,
            LeaseType::Na | LeaseType::Ta => 0,
        }),
    ];
    const LOG: Log = Log {
        found: |selection, rows| STAT_CMDS_LEASE6_GET(selection, rows),
        failed: |selection, reason| STAT_CMDS_LEASE6_GET_FAILED(selection, reason),
        invalid: |reason| STAT_CMDS_LEASE6_GET_INVALID(reason),
        no_subnets: |selection, reason| STAT_CMDS_LEASE6_GET_NO_SUBNETS(selection, reason),
        orphaned: || STAT_CMDS_LEASE6_ORPHANED_STATS(),
    };
}

/// A number of a tally, if that is of addresses.
fn of_addresses(tally: &Tally, count: u64) -> u64 {
    if tally.lease_type == LeaseType::Na { count } else { 0 }
}
