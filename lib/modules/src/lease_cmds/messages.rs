//! Log messages of the lease commands, which are Kea's.

kotare_messages::messages! {
    Debug(20) "lease-cmds-hooks" LEASE_CMDS_ADD4(address) = "lease4-add command successful (address: {address})";
    Warn "lease-cmds-hooks" LEASE_CMDS_ADD4_CONFLICT(parameters, reason) = "lease4-add command failed due to conflict (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" LEASE_CMDS_ADD4_FAILED(parameters, reason) = "lease4-add command failed (parameters: {parameters}, reason: {reason})";
    Debug(20) "lease-cmds-hooks" LEASE_CMDS_ADD6(address) = "lease6-add command successful (address: {address})";
    Warn "lease-cmds-hooks" LEASE_CMDS_ADD6_CONFLICT(parameters, reason) = "lease6-add command failed due to conflict (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" LEASE_CMDS_ADD6_FAILED(parameters, reason) = "lease6-add command failed (parameters: {parameters}, reason: {reason})";
    Debug(20) "lease-cmds-hooks" LEASE_CMDS_BULK_APPLY6(count) = "lease6-bulk-apply command successful (applied addresses count: {count})";
    Error "lease-cmds-hooks" LEASE_CMDS_BULK_APPLY6_FAILED(parameters, reason) = "lease6-bulk-apply command failed (parameters: {parameters}, reason: {reason})";
    Info "lease-cmds-hooks" LEASE_CMDS_DEINIT_OK() = "unloading Lease Commands hooks library successful";
    Debug(20) "lease-cmds-hooks" LEASE_CMDS_DEL4(address) = "lease4-del command successful (address: {address})";
    Error "lease-cmds-hooks" LEASE_CMDS_DEL4_FAILED(parameters, reason) = "lease4-del command failed (parameters: {parameters}, reason: {reason})";
    Debug(20) "lease-cmds-hooks" LEASE_CMDS_DEL6(address) = "lease4-del command successful (address: {address})";
    Error "lease-cmds-hooks" LEASE_CMDS_DEL6_FAILED(parameters, reason) = "lease6-del command failed (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" LEASE_CMDS_GET4_FAILED(parameters, reason) = "lease4-get command failed (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" LEASE_CMDS_GET6_FAILED(parameters, reason) = "lease6-get command failed (parameters: {parameters}, reason: {reason})";
    Info "lease-cmds-hooks" LEASE_CMDS_INIT_OK() = "loading Lease Commands hooks library successful";
    Error "lease-cmds-hooks" LEASE_CMDS_LEASE4_OFFER_FAILED(reason) = "processing error occurred evaluating binding variables: {reason}";
    Error "lease-cmds-hooks" LEASE_CMDS_LEASES4_COMMITTED_FAILED(reason) = "processing error occurred evaluating binding variables: {reason}";
    Error "lease-cmds-hooks" LEASE_CMDS_LEASES6_COMMITTED_FAILED(reason) = "reason: {reason}";
    Error "lease-cmds-hooks" LEASE_CMDS_LEASES6_COMMITTED_LEASE_ERROR(address, query, reason) = "evaluating binding-variables for lease: {address} for: {query}, reason: {reason}";
    Error "lease-cmds-hooks" LEASE_CMDS_LOAD_ERROR(reason) = "loading Lease Commands hooks library failed: {reason}";
    Warn "lease-cmds-hooks" LEASE_CMDS_PATH_SECURITY_WARNING(reason) = "lease file path specified is NOT SECURE: {reason}";
    Error "lease-cmds-hooks" LEASE_CMDS_RESEND_DDNS4_FAILED(reason) = "lease4-resend-ddns command failed: {reason}";
    Error "lease-cmds-hooks" LEASE_CMDS_RESEND_DDNS6_FAILED(reason) = "lease6-resend-ddns command failed: {reason}";
    Debug(20) "lease-cmds-hooks" LEASE_CMDS_UPDATE4(address) = "lease4-update command successful (address: {address})";
    Warn "lease-cmds-hooks" LEASE_CMDS_UPDATE4_CONFLICT(parameters, reason) = "lease4-update command failed due to conflict (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" LEASE_CMDS_UPDATE4_FAILED(parameters, reason) = "lease4-update command failed (parameters: {parameters}, reason: {reason})";
    Debug(20) "lease-cmds-hooks" LEASE_CMDS_UPDATE6(address) = "lease6-update command successful (address: {address})";
    Warn "lease-cmds-hooks" LEASE_CMDS_UPDATE6_CONFLICT(parameters, reason) = "lease6-update command failed due to conflict (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" LEASE_CMDS_UPDATE6_FAILED(parameters, reason) = "lease6-add command failed (parameters: {parameters}, reason: {reason})";
    Info "lease-cmds-hooks" LEASE_CMDS_WIPE4(parameters) = "lease4-wipe command successful (parameters: {parameters})";
    Error "lease-cmds-hooks" LEASE_CMDS_WIPE4_FAILED(parameters, reason) = "lease4-wipe command failed (parameters: {parameters}, reason: {reason})";
    Info "lease-cmds-hooks" LEASE_CMDS_WIPE6(parameters) = "lease6-wipe command successful (parameters: {parameters})";
    Error "lease-cmds-hooks" LEASE_CMDS_WIPE6_FAILED(parameters, reason) = "lease6-wipe command failed (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL4_DEL_FAILED(parameters, reason) = "sflq-pool4-del command failed, (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL4_GET_ALL_FAILED(parameters, reason) = "sflq-pool4-get-all command failed, (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL4_GET_BY_RANGE_FAILED(parameters, reason) = "sflq-pool4-get-by-range command failed, (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL4_GET_BY_SUBNET_FAILED(parameters, reason) = "sflq-pool4-get-by-subnet command failed, (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL4_REBUILD_FAILED(parameters, reason) = "sflq-pool4-rebuild command failed, (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL6_DEL_FAILED(parameters, reason) = "sflq-pool4-del command failed, (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL6_GET_ALL_FAILED(parameters, reason) = "sflq-pool6-get-all command failed, (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL6_GET_BY_RANGE_FAILED(parameters, reason) = "sflq-pool6-get-by-range command failed, (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL6_GET_BY_SUBNET_FAILED(parameters, reason) = "sflq-pool6-get-by-subnet command failed, (parameters: {parameters}, reason: {reason})";
    Error "lease-cmds-hooks" SFLQ_POOL6_REBUILD_FAILED(parameters, reason) = "sflq-pool6-rebuild command failed, (parameters: {parameters}, reason: {reason})";
}
