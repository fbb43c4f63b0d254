//! Log messages of what is sent to partners: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    Warn "ha-hooks" HA_HEARTBEAT_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send heartbeat to {partner}: {reason}";
    Warn "ha-hooks" HA_HEARTBEAT_FAILED(server, partner, reason) = "{server}: heartbeat to {partner} failed: {reason}";
    Warn "ha-hooks" HA_RESET_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send ha-reset command to {partner}: {reason}";
    Warn "ha-hooks" HA_RESET_FAILED(server, partner, reason) = "{server}: failed to reset HA state machine of {partner}: {reason}";

    // Updates that were queued.
    Info "ha-hooks" HA_LEASES_BACKLOG_NOTHING_TO_SEND(server) = "{server}: no leases in backlog after communication recovery";
    Info "ha-hooks" HA_LEASES_BACKLOG_START(server, many, partner) = "{server}: starting to send {many} outstanding lease updates to {partner}";
    Info "ha-hooks" HA_LEASES_BACKLOG_SUCCESS(server, partner, took) = "{server}: sending lease updates backlog to {partner} successful in {took}";
    Warn "ha-hooks" HA_LEASES_BACKLOG_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to communicate with {partner} while sending lease updates backlog: {reason}";
    Warn "ha-hooks" HA_LEASES_BACKLOG_FAILED(server, partner, reason) = "{server}: failed to send lease updates backlog to {partner}: {reason}";

    // Leases that are fetched.
    Info "ha-hooks" HA_SYNC_START(server, partner) = "{server}: starting lease database synchronization with {partner}";
    Info "ha-hooks" HA_SYNC_SUCCESSFUL(server, partner, took) = "{server}: lease database synchronization with {partner} completed successfully in {took}";
    Error "ha-hooks" HA_SYNC_FAILED(server, partner, reason) = "{server}: lease database synchronization with {partner} failed: {reason}";
    Info "ha-hooks" HA_LEASES_SYNC_LEASE_PAGE_RECEIVED(server, many, partner) = "{server}: received {many} leases from {partner}";
    Info "ha-hooks" HA_LEASES_SYNC_APPLIED_LEASES(server, many) = "{server}: applied {many} leases received from the partner in the local lease database";
    Error "ha-hooks" HA_LEASES_SYNC_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to communicate with {partner} while syncing leases: {reason}";
    Error "ha-hooks" HA_LEASES_SYNC_FAILED(server, partner, reason) = "{server}: failed to synchronize leases with {partner}: {reason}";
    Error "ha-hooks" HA_DHCP_DISABLE_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send request to disable DHCP service of {partner}: {reason}";
    Error "ha-hooks" HA_DHCP_DISABLE_FAILED(server, partner, reason) = "{server}: failed to disable DHCP service of {partner}: {reason}";
    Error "ha-hooks" HA_DHCP_ENABLE_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send request to enable DHCP service of {partner}: {reason}";
    Error "ha-hooks" HA_DHCP_ENABLE_FAILED(server, partner, reason) = "{server}: failed to enable DHCP service of {partner}: {reason}";
    Error "ha-hooks" HA_SYNC_COMPLETE_NOTIFY_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send ha-sync-complete-notify to {partner}: {reason}";
    Error "ha-hooks" HA_SYNC_COMPLETE_NOTIFY_FAILED(server, partner, reason) = "{server}: error processing ha-sync-complete-notify command on {partner}: {reason}";

    // Maintenance.
    Error "ha-hooks" HA_MAINTENANCE_NOTIFY_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send ha-maintenance-notify to {partner}: {reason}";
    Error "ha-hooks" HA_MAINTENANCE_NOTIFY_FAILED(server, partner, reason) = "{server}: error returned while processing ha-maintenance-notify by {partner}: {reason}";
    Error "ha-hooks" HA_MAINTENANCE_NOTIFY_CANCEL_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send ha-maintenance-notify to {partner} in attempt to cancel its maintenance: {reason}";
    Error "ha-hooks" HA_MAINTENANCE_NOTIFY_CANCEL_FAILED(server, partner, reason) = "{server}: error returned while processing ha-maintenance-notify by {partner} in attempt to cancel its maintenance: {reason}";
}
