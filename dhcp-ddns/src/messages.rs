//! Log messages of the server that updates the DNS: Kea's identifiers, arguments, severities and formats, which others read.

pub(crate) use kotare_process::messages::{DCTL_CONFIG_COMPLETE, DCTL_CONFIG_START};

kotare_messages::messages! {
    // The process.
    Info "dhcpddns" DHCP_DDNS_STARTED(version) = "Kea DHCP-DDNS server version {version} started";
    Warn "dhcpddns" DHCP_DDNS_SECURITY_CHECKS_DISABLED() = "Invoked with command line option -X, Security checks are disabled!!";
    Fatal "dhcpddns" DHCP_DDNS_FAILED(reason) = "application experienced a fatal error: {reason}";
    Debug(0) "dhcpddns" DHCP_DDNS_RUN_EXIT() = "application is exiting the event loop";
    Debug(0) "dhcpddns" DHCP_DDNS_SHUTDOWN_COMMAND(arguments) = "application received shutdown command with args: {arguments}";
    Debug(0) "dhcpddns" DHCP_DDNS_CLEARED_FOR_SHUTDOWN(kind) = "application has met shutdown criteria for shutdown type: {kind}";

    // Its configuration.
    Debug(40) "dhcpddns" DHCP_DDNS_CONFIGURE(purpose, configuration) = "configuration {purpose} received: {configuration}";
    Error "dhcpddns" DHCP_DDNS_CONFIG_CHECK_FAIL(reason) = "DHCP-DDNS server configuration check failed: {reason}";
    Error "dhcpddns" DHCP_DDNS_CONFIG_FAIL(reason) = "DHCP-DDNS server configuration failed: {reason}";
    Warn "d2-to-dns" DHCP_DDNS_CONFIG_SYNTAX_WARNING(warning) = "DHCP-DDNS server configuration syntax warning: {warning}";
    Warn "dhcp-to-d2" DHCP_DDNS_TSIG_SECRET_SECURITY_WARNING(place) = "use of clear text TSIG 'secret' is NOT SECURE: {place}";
    Warn "dhcpddns" DHCP_DDNS_LISTENING_ON_ALL_INTERFACES(address) = "the DHCP-DDNS server has been configured to listen on {address}. This is an insecure configuration supported for testing purposes only";
    Warn "dhcpddns" DHCP_DDNS_NOT_ON_LOOPBACK(address) = "the DHCP-DDNS server has been configured to listen on {address} which is not the local loopback.  This is an insecure configuration supported for testing purposes only";

    // Requests.
    Debug(0) "dhcpddns" DHCP_DDNS_QUEUE_MGR_STARTED() = "application's queue manager has begun listening for requests.";
    Error "dhcpddns" DHCP_DDNS_QUEUE_MGR_START_ERROR(reason) = "application could not start the queue manager, reason: {reason}";
    Debug(0) "dhcpddns" DHCP_DDNS_QUEUE_MGR_STOPPING(reason) = "application is stopping the queue manager for {reason}";
    Debug(40) "dhcpddns" DHCP_DDNS_QUEUE_MGR_STOPPED() = "application's queue manager has stopped listening for requests.";
    Debug(40) "dhcpddns" DHCP_DDNS_QUEUE_MGR_RECONFIGURING() = "application is reconfiguring the queue manager";
    Debug(55) "dhcp-to-d2" DHCP_DDNS_QUEUE_MGR_QUEUE_RECEIVE(id) = "Request ID {id}: received and queued a request.";
    Error "dhcp-to-d2" DHCP_DDNS_QUEUE_MGR_QUEUE_FULL(capacity) = "application request queue has reached maximum number of entries {capacity}";
    Info "dhcpddns" DHCP_DDNS_QUEUE_MGR_RESUMING(threshold, capacity) = "application is resuming listening for requests now that the request queue size has reached {threshold} of a maximum {capacity} allowed";
    Debug(55) "dhcp-to-d2" DHCP_DDNS_AT_MAX_TRANSACTIONS(queued, most) = "application has {queued} queued requests but has reached maximum number of {most} concurrent transactions";
    Debug(55) "dhcp-to-d2" DHCP_DDNS_NO_ELIGIBLE_JOBS(queued, transactions) = "although there are queued requests, there are pending transactions for each, Queue count: {queued}  Transaction count: {transactions}";
    Error "libdhcp-ddns" DHCP_DDNS_INVALID_NCR(reason) = "application received an invalid DNS update request: {reason}";
    Error "libdhcp-ddns" DHCP_DDNS_NCR_UDP_RECV_ERROR(reason) = "UDP socket receive error while listening for DNS Update requests: {reason}";

    // Requests that are kept in a file, which Kea does not have.
    Info "dhcp-to-d2" KOTARE_DDNS_QUEUE_FILE_READ(file, requests) = "{requests} requests that are not done were found in {file}";
    Error "dhcp-to-d2" KOTARE_DDNS_QUEUE_FILE_DAMAGED(file, lines) = "{lines} lines of {file} cannot be understood; what they asked for is lost";
    Error "dhcp-to-d2" KOTARE_DDNS_QUEUE_FILE_NOT_WRITTEN(reason) = "requests are carried out and not kept until the file can be written again: {reason}";
    Warn "dhcp-to-d2" KOTARE_DDNS_POSTPONED(id, fqdn, seconds) = "Request ID {id}: no DNS server could change {fqdn}; the request is kept and tried again in {seconds} seconds";
    Error "dhcp-to-d2" KOTARE_DDNS_GIVEN_UP(id, request) = "Request ID {id}: no DNS server could be reached for a day; this request has been discarded: {request}";

    // Zones that are compared with leases, which Kea does not do.
    Info "dhcpddns" KOTARE_DDNS_RECONCILED(missing, stale, conflicts, queued) = "zones were compared with leases: {missing} changes are missing, {stale} are stale, {conflicts} names are somebody else's; {queued} requests were queued";
    Warn "dhcpddns" KOTARE_DDNS_RECONCILE_ZONE_NOT_COPIED(zone, reason) = "the zone {zone} cannot be copied and is not compared with leases: {reason}";
    Error "dhcpddns" KOTARE_DDNS_RECONCILE_FAILED(reason) = "zones cannot be compared with leases: {reason}";
}
