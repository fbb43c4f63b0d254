//! Log messages of `lease_query`: Kea's identifiers, arguments, severities and logger.

kotare_messages::messages! {
    Error "lease-query-hooks" BULK_LEASE_QUERY4_UNSUPPORTED_MSG_TYPE(kind, requester) = "Dropping packet with an unsupported DHCPv4 message type {kind} received from: {requester}";
    Error "lease-query-hooks" BULK_LEASE_QUERY6_UNSUPPORTED_MSG_TYPE(kind, requester) = "Dropping packet with an unsupported DHCPv6 message type {kind} received from: {requester}";
    Debug(40) "lease-query-hooks" BULK_LEASE_QUERY_AT_MAX_CONCURRENT_QUERIES(requester, query, most) = "Queuing query from: {requester}, details: {query}, connection already has {most} queries in progress";
    Debug(40) "lease-query-hooks" BULK_LEASE_QUERY_DEQUEUED(requester, query) = "A query from {requester}, details: {query}, dequeued.";
    Warn "lease-query-hooks" BULK_LEASE_QUERY_DUPLICATE_XID(requester, transaction) = "Dropping query from: {requester}, transaction id {transaction} is a duplicate";
    Error "lease-query-hooks" BULK_LEASE_QUERY_EMPTY_REQUEST(requester) = "A bulk lease query packet received from {requester} is empty.";
    Error "lease-query-hooks" BULK_LEASE_QUERY_INVALID_REQUEST(requester, query, reason) = "A bulk lease query packet received from {requester} is invalid, query: {query}, error: {reason}";
    Error "lease-query-hooks" BULK_LEASE_QUERY_LISTENER_START_FAILED(reason) = "Bulk lease query listener thread pool could not be started, error {reason}";
    Error "lease-query-hooks" BULK_LEASE_QUERY_PROCESSING_UNEXPECTED_FAILURE(reason) = "A bulk lease query packet processing throws unexpected exception: {reason}";
    Debug(40) "lease-query-hooks" BULK_LEASE_QUERY_QUERY_RECEIVED(requester, query) = "A bulk lease query packet received from {requester}, details: {query}";
    Error "lease-query-hooks" BULK_LEASE_QUERY_REJECTED_CONNECTION(requester, reason) = "A new bulk lease query connection from {requester} was rejected: {reason}";
    Error "lease-query-hooks" BULK_LEASE_QUERY_RESPONSE_SEND_ERROR(requester, response, reason) = "A bulk lease query response could not be sent to: {requester}, response: {response}, error: {reason}";
    Debug(40) "lease-query-hooks" BULK_LEASE_QUERY_RESPONSE_SENT(requester, response) = "A bulk lease query response sent to {requester}, details: {response}";
    Error "lease-query-hooks" BULK_LEASE_QUERY_UNPACK_ERROR(requester, reason) = "A bulk lease query packet received from {requester}, could not be unpacked, error: {reason}";
    Error "lease-query-hooks" DHCP4_LEASE_QUERY_PACKET_PACK_FAILED(query, reason) = "preparing on-wire-format of the packet to be sent: {query}, failed {reason}";
    Debug(40) "lease-query-hooks" DHCP4_LEASE_QUERY_PROCESS_FAILED(query, reason) = "processing failed for lease query: {query}, reason: {reason}";
    Debug(40) "lease-query-hooks" DHCP4_LEASE_QUERY_RECEIVED(query) = "received query: {query}";
    Debug(40) "lease-query-hooks" DHCP4_LEASE_QUERY_RESPONSE_SENT(response, address, port) = "response: {response}, sent to {address}:{port}";
    Error "lease-query-hooks" DHCP4_LEASE_QUERY_SEND_FAILED(response, interface, address, port, reason) = "unable to send response: {response}, iface: {interface}, address {address}:{port} error: {reason}";
    Warn "lease-query-hooks" DHCP6_LEASE_QUERY_ERROR_GETTING_RELAY_INFO(lease, reason) = "failed to get relay information for lease: {lease}, reason: {reason}";
    Error "lease-query-hooks" DHCP6_LEASE_QUERY_PACKET_PACK_FAILED(query, reason) = "{query}: preparing on-wire-format of the packet to be sent failed {reason}";
    Debug(40) "lease-query-hooks" DHCP6_LEASE_QUERY_PREFIX_LENGTH_LIST(lengths) = "the list of prefix lengths to use when searching will be: {lengths}";
    Debug(40) "lease-query-hooks" DHCP6_LEASE_QUERY_PROCESS_FAILED(query, reason) = "processing failed for lease query: {query}, reason: {reason}";
    Debug(40) "lease-query-hooks" DHCP6_LEASE_QUERY_RECEIVED(query) = "received query: {query}";
    Error "lease-query-hooks" DHCP6_LEASE_QUERY_REPLY_SEND_FAILED(query, interface, address, port, reason) = "unable to send response: {query}, iface: {interface}, address {address}:{port} error: {reason}";
    Debug(40) "lease-query-hooks" DHCP6_LEASE_QUERY_REPLY_SENT(query, address, port) = "response: {query}, sent to {address}:{port}";
    Error "lease-query-hooks" LEASE_QUERY_LOAD_FAILED(reason) = "Lease Query hooks library failed to load: {reason}";
    Info "lease-query-hooks" LEASE_QUERY_LOAD_OK() = "Lease Query hooks library loaded successfully.";
    Info "lease-query-hooks" LEASE_QUERY_UNLOAD_OK() = "Lease Query hooks library unloaded successfully.";
    Info "mysql-lb-hooks" MYSQL_LB_UPGRADE_EXTENDED_INFO4(pages, updated) = "upgrading IPv4 leases done in {pages} pages with {updated} updated leases";
    Info "mysql-lb-hooks" MYSQL_LB_UPGRADE_EXTENDED_INFO6(pages, updated) = "upgrading IPv6 leases done in {pages} pages with {updated} updated leases";
    Info "pgsql-lb-hooks" PGSQL_LB_UPGRADE_EXTENDED_INFO4(pages, updated) = "upgrading IPv4 leases done in {pages} pages with {updated} updated leases";
    Info "pgsql-lb-hooks" PGSQL_LB_UPGRADE_EXTENDED_INFO6(pages, updated) = "upgrading IPv6 leases done in {pages} pages with {updated} updated leases";
}
