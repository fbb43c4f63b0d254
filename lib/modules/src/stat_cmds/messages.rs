//! Log messages of the statistics command, which are Kea's.

kotare_messages::messages! {
    Info "stat-cmds-hooks" STAT_CMDS_DEINIT_OK() = "unloading Stat Commands hooks library successful";
    Info "stat-cmds-hooks" STAT_CMDS_INIT_OK() = "loading Stat Commands hooks library successful";
    Info "stat-cmds-hooks" STAT_CMDS_LEASE4_GET(parameters, rows) = "stat-lease4-get command successful, parameters: {parameters} rows found: {rows}";
    Error "stat-cmds-hooks" STAT_CMDS_LEASE4_GET_FAILED(parameters, reason) = "stat-lease4-get command failed: parameters: {parameters}, reason: {reason}";
    Error "stat-cmds-hooks" STAT_CMDS_LEASE4_GET_INVALID(reason) = "stat-lease4-get command is malformed or invalid, reason: {reason}";
    Info "stat-cmds-hooks" STAT_CMDS_LEASE4_GET_NO_SUBNETS(parameters, reason) = "stat-lease4-get, parameters: {parameters}, {reason}\"";
    Debug(40) "stat-cmds-hooks" STAT_CMDS_LEASE4_ORPHANED_STATS() = "stat-lease4-get command omitted statistics for one or more non-existent subnets";
    Info "stat-cmds-hooks" STAT_CMDS_LEASE6_GET(parameters, rows) = "stat-lease6-get command successful, parameters: {parameters} rows found: {rows}";
    Error "stat-cmds-hooks" STAT_CMDS_LEASE6_GET_FAILED(parameters, reason) = "stat-lease6-get command failed: parameters: {parameters}, reason: {reason}";
    Error "stat-cmds-hooks" STAT_CMDS_LEASE6_GET_INVALID(reason) = "stat-lease6-get command is malformed or invalid, reason: {reason}";
    Info "stat-cmds-hooks" STAT_CMDS_LEASE6_GET_NO_SUBNETS(parameters, reason) = "stat-lease6-get, parameters: {parameters}, {reason}\"";
    Debug(40) "stat-cmds-hooks" STAT_CMDS_LEASE6_ORPHANED_STATS() = "stat-lease6-get command omitted statistics for one or more non-existent subnets";
}
