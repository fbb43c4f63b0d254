//! Log messages of what is sent to partners: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    // The library.
    Info "ha-hooks" HA_INIT_OK() = "loading High Availability hooks library successful";
    Info "ha-hooks" HA_DEINIT_OK() = "unloading High Availability hooks library successful";
    Error "ha-hooks" HA_MISSING_CONFIGURATION() = "high-availability parameter not specified for High Availability hooks library";
    Error "ha-hooks" HA_DHCP4_START_SERVICE_FAILED(reason) = "failed to start DHCPv4 HA services in dhcp4_srv_configured callout: {reason}";
    Error "ha-hooks" HA_DHCP6_START_SERVICE_FAILED(reason) = "failed to start DHCPv6 HA services in dhcp6_srv_configured callout: {reason}";
    Error "ha-hooks" HA_CONFIGURATION_FAILED(reason) = "failed to configure High Availability hooks library: {reason}";
    Info "ha-hooks" HA_CONFIGURATION_SUCCESSFUL() = "HA hook library has been successfully configured";
    Warn "ha-hooks" HA_CONFIG_AUTO_FAILOVER_DISABLED(server) = "{server}: auto-failover disabled";
    Info "ha-hooks" HA_CONFIG_DHCP_MT_DISABLED(server) = "{server}: HA multi-threading has been disabled, it cannot be enabled when Kea global multi-threading is disabled";
    Warn "ha-hooks" HA_CONFIG_DHCP_MT_DISABLED_AND_KEA_MT_ENABLED(server) = "{server}: HA multi-threading is disabled while Kea global multi-threading is enabled which most likely cause performance degradation.";
    Warn "ha-hooks" HA_CONFIG_LEASE_SYNCING_DISABLED(server) = "{server}: lease database synchronization between HA servers is disabled";
    Warn "ha-hooks" HA_CONFIG_LEASE_UPDATES_AND_SYNCING_DIFFER(server, sends, syncs) = "{server}: unusual configuration where \"send-lease-updates\": {sends} and \"sync-leases\": {syncs}";
    Warn "ha-hooks" HA_CONFIG_LEASE_UPDATES_DISABLED(server) = "{server}: lease updates will not be generated";

    // Who is answered.
    Debug(40) "ha-hooks" HA_BUFFER4_RECEIVE_NOT_FOR_US(query) = "{query} is another server's to answer";
    Debug(40) "ha-hooks" HA_BUFFER6_RECEIVE_NOT_FOR_US(query) = "{query} is another server's to answer";
    Debug(40) "ha-hooks" HA_LEASE4_EXPIRE_RECLAMATION_SKIP(address) = "the lease of {address} has expired, and is the partner's to reclaim";
    Debug(40) "ha-hooks" HA_LEASE6_EXPIRE_RECLAMATION_SKIP(address) = "the lease of {address} has expired, and is the partner's to reclaim";
    Error "ha-hooks" HA_LEASE4_EXPIRE_INVALID_HA_SERVER_NAME(address, subnet) = "{address}: invalid ha-server-name value for subnet {subnet}";
    Error "ha-hooks" HA_LEASE6_EXPIRE_INVALID_HA_SERVER_NAME(address, subnet) = "{address}: invalid ha-server-name value for subnet {subnet}";
    Debug(40) "ha-hooks" HA_LOAD_BALANCING_LEASE_IDENTIFIER_MISSING(server, address) = "{server}: nobody reclaims the lease of {address}, which says of no client that it has it";
    Debug(40) "ha-hooks" HA_LOAD_BALANCING_IDENTIFIER_MISSING(server, transaction) = "{server}: nobody answers the message of transaction {transaction}, which says of no client that it sent it";
    Debug(40) "ha-hooks" HA_LOAD_BALANCING_DUID_MISSING(server, transaction) = "{server}: nobody answers the message of transaction {transaction}, which has no DUID";
    Debug(40) "ha-hooks" HA_SUBNET4_SELECT_NO_SUBNET_SELECTED(query) = "{query} is on no subnet, so it belongs to no relationship";
    Debug(40) "ha-hooks" HA_SUBNET4_SELECT_NOT_FOR_US(query, server) = "{query} is another server's to answer in the relationship of {server}";
    Error "ha-hooks" HA_SUBNET4_SELECT_INVALID_HA_SERVER_NAME(query, subnet) = "{query}: invalid ha-server-name value for subnet {subnet}";
    Error "ha-hooks" HA_SUBNET4_SELECT_NO_RELATIONSHIP_FOR_SUBNET(query, server) = "{query}: HA relationship not found for {server}";
    Error "ha-hooks" HA_SUBNET4_SELECT_NO_RELATIONSHIP_SELECTOR_FOR_SUBNET(query, subnet) = "{query}: unable to determine HA relationship because selected subnet {subnet} lacks the ha-server-name";
    Debug(40) "ha-hooks" HA_SUBNET6_SELECT_NO_SUBNET_SELECTED(query) = "{query} is on no subnet, so it belongs to no relationship";
    Debug(40) "ha-hooks" HA_SUBNET6_SELECT_NOT_FOR_US(query, server) = "{query} is another server's to answer in the relationship of {server}";
    Error "ha-hooks" HA_SUBNET6_SELECT_INVALID_HA_SERVER_NAME(query, subnet) = "{query}: invalid ha-server-name value for subnet {subnet}";
    Error "ha-hooks" HA_SUBNET6_SELECT_NO_RELATIONSHIP_FOR_SUBNET(query, server) = "{query}: HA relationship not found for {server}";
    Error "ha-hooks" HA_SUBNET6_SELECT_NO_RELATIONSHIP_SELECTOR_FOR_SUBNET(query, subnet) = "{query}: unable to determine HA relationship because selected subnet {subnet} lacks the ha-server-name";

    // Leases that are told.
    Error "ha-hooks" HA_LEASES4_COMMITTED_NO_RELATIONSHIP(query, reason) = "{query}: HA relationship not found: {reason}";
    Error "ha-hooks" HA_LEASES6_COMMITTED_NO_RELATIONSHIP(query, reason) = "{query}: HA relationship not found: {reason}";
    Warn "http" HTTP_CLIENT_QUEUE_SIZE_GROWING(url, entries) = "queue for URL: {url}, now has {entries} entries and may be growing too quickly";
    Warn "ha-hooks" HA_LEASE_UPDATE_COMMUNICATIONS_FAILED(server, query, partner, reason) = "{server}: failed to send lease update {query} to {partner}: {reason}";
    Warn "ha-hooks" HA_LEASE_UPDATE_CONFLICT(server, query, partner, reason) = "{server}: lease update {query} sent to {partner} returned conflict status code: {reason}";
    Warn "ha-hooks" HA_LEASE_UPDATE_FAILED(server, query, partner, reason) = "{server}: lease update {query} sent to {partner} failed: {reason}";
    Info "ha-hooks" HA_LEASE_UPDATE_CREATE_UPDATE_FAILED_ON_PEER(query, kind, address, reason) = "{query}: failed to create or update the lease having type {kind} for address {address}, reason: {reason}";
    Info "ha-hooks" HA_LEASE_UPDATE_DELETE_FAILED_ON_PEER(query, kind, address, reason) = "{query}: failed to delete the lease having type {kind} for address {address}, reason: {reason}";

    // Commands to the partner.
    Warn "ha-hooks" HA_HEARTBEAT_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send heartbeat to {partner}: {reason}";
    Warn "ha-hooks" HA_HEARTBEAT_FAILED(server, partner, reason) = "{server}: heartbeat to {partner} failed: {reason}";
    Warn "ha-hooks" HA_RESET_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send ha-reset command to {partner}: {reason}";
    Warn "ha-hooks" HA_RESET_FAILED(server, partner, reason) = "{server}: failed to reset HA state machine of {partner}: {reason}";

    // How the partner is configured.
    Info "ha-hooks" KOTARE_HA_TERMS_AGREE(server, partner) = "{server}: {partner} is configured alike again";
    Warn "ha-hooks" KOTARE_HA_TERMS_DIFFER(server, partner, many, what) = "{server}: {partner} is configured otherwise ({many} differences): {what}; make both alike, or leases are refused or differ";
    Warn "ha-hooks" KOTARE_HA_TERMS_NOT_COMPARED(server, partner, reason) = "{server}: it is not known how the configuration of {partner} differs: {reason}";

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
    Warn "ha-hooks" HA_LEASE_SYNC_FAILED(server, lease, reason) = "{server}: synchronization failed for lease: {lease}, reason: {reason}";
    Debug(40) "ha-hooks" HA_LEASE_SYNC_STALE_LEASE4_SKIP(server, address, subnet) = "{server}: the partner's lease of {address} in subnet {subnet} is no newer than the one here";
    Debug(40) "ha-hooks" HA_LEASE_SYNC_STALE_LEASE6_SKIP(server, address, subnet) = "{server}: the partner's lease of {address} in subnet {subnet} is no newer than the one here";
    Info "ha-hooks" HA_LEASES_SYNC_LEASE_PAGE_RECEIVED(server, many, partner) = "{server}: received {many} leases from {partner}";
    Info "ha-hooks" HA_LEASES_SYNC_APPLIED_LEASES(server, many) = "{server}: applied {many} leases received from the partner in the local lease database";
    Error "ha-hooks" HA_LEASES_SYNC_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to communicate with {partner} while syncing leases: {reason}";
    Error "ha-hooks" HA_LEASES_SYNC_FAILED(server, partner, reason) = "{server}: failed to synchronize leases with {partner}: {reason}";
    Info "ha-hooks" KOTARE_HA_LEASES_TOLD(server, many, partner) = "{server}: told {partner} of {many} leases that it lacked";
    Debug(40) "ha-hooks" KOTARE_HA_LEASE_TOLD(server, partner, lease) = "{server}: told {partner} of a lease that it lacked: {lease}";
    Warn "ha-hooks" KOTARE_HA_LEASE_NOT_TOLD(server, partner, lease, reason) = "{server}: {partner} lacks a lease and does not take it: {lease}, reason: {reason}; compare the subnets of both servers";
    Info "ha-hooks" KOTARE_HA_LEASE_DECIDED(server, kept, dropped) = "{server}: of two clients with leases of one address the later has it: {kept}, not {dropped}";
    Error "ha-hooks" HA_DHCP_DISABLE_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send request to disable DHCP service of {partner}: {reason}";
    Error "ha-hooks" HA_DHCP_DISABLE_FAILED(server, partner, reason) = "{server}: failed to disable DHCP service of {partner}: {reason}";
    Error "ha-hooks" HA_DHCP_ENABLE_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send request to enable DHCP service of {partner}: {reason}";
    Error "ha-hooks" HA_DHCP_ENABLE_FAILED(server, partner, reason) = "{server}: failed to enable DHCP service of {partner}: {reason}";
    Error "ha-hooks" KOTARE_HA_SYNC_FOLLOW_FAILED(server, partner, reason) = "{server}: {partner} does not tell of leases that it gives while its others are fetched: {reason}";
    Error "ha-hooks" HA_SYNC_COMPLETE_NOTIFY_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send ha-sync-complete-notify to {partner}: {reason}";
    Error "ha-hooks" HA_SYNC_COMPLETE_NOTIFY_FAILED(server, partner, reason) = "{server}: error processing ha-sync-complete-notify command on {partner}: {reason}";

    // Maintenance.
    Error "ha-hooks" HA_MAINTENANCE_NOTIFY_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send ha-maintenance-notify to {partner}: {reason}";
    Error "ha-hooks" HA_MAINTENANCE_NOTIFY_FAILED(server, partner, reason) = "{server}: error returned while processing ha-maintenance-notify by {partner}: {reason}";
    Error "ha-hooks" HA_MAINTENANCE_NOTIFY_CANCEL_COMMUNICATIONS_FAILED(server, partner, reason) = "{server}: failed to send ha-maintenance-notify to {partner} in attempt to cancel its maintenance: {reason}";
    Error "ha-hooks" HA_MAINTENANCE_NOTIFY_CANCEL_FAILED(server, partner, reason) = "{server}: error returned while processing ha-maintenance-notify by {partner} in attempt to cancel its maintenance: {reason}";
}
