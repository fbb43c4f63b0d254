//! Log messages of DNS updates: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    // What becomes of requests.
    Debug(55) "dhcp-to-d2" DHCP_DDNS_FWD_REQUEST_IGNORED(id, request) = "Request ID {id}: Forward updates are disabled, the forward portion of request will be ignored: {request}";
    Debug(55) "dhcp-to-d2" DHCP_DDNS_REV_REQUEST_IGNORED(id, request) = "Request ID {id}: Reverse updates are disabled, the reverse portion of request will be ignored: {request}";
    Debug(55) "dhcp-to-d2" DHCP_DDNS_REQUEST_DROPPED(id, request) = "Request ID {id}: Request contains no enabled update requests and will be dropped: {request}";
    Error "dhcp-to-d2" DHCP_DDNS_NO_FWD_MATCH_ERROR(id, request) = "Request ID {id}: the configured list of forward DDNS domains does not contain a match for: {request}  The request has been discarded.";
    Error "dhcp-to-d2" DHCP_DDNS_NO_REV_MATCH_ERROR(id, request) = "Request ID {id}: the configured list of reverse DDNS domains does not contain a match for: {request}  The request has been discarded.";
    Warn "dhcp-to-d2" DHCP_DDNS_NO_MATCH(fqdn) = "No DNS servers match FQDN {fqdn}";

    // What becomes of transactions.
    Info "d2-to-dns" DHCP_DDNS_ADD_SUCCEEDED(id, request) = "DHCP_DDNS Request ID {id}: successfully added the DNS mapping addition for this request: {request}";
    Error "d2-to-dns" DHCP_DDNS_ADD_FAILED(id, outcome) = "DHCP_DDNS Request ID {id}: Transaction outcome {outcome}";
    Info "d2-to-dns" DHCP_DDNS_REMOVE_SUCCEEDED(id, request) = "DHCP_DDNS Request ID {id}: successfully removed the DNS mapping addition for this request: {request}";
    Error "d2-to-dns" DHCP_DDNS_REMOVE_FAILED(id, outcome) = "DHCP_DDNS Request ID {id}: Transaction outcome: {outcome}";
    Debug(50) "d2-to-dns" DHCP_DDNS_STARTING_TRANSACTION(id) = "Request ID {id}:";
    Debug(50) "d2-to-dns" DHCP_DDNS_UPDATE_REQUEST_SENT(id, comment, server) = "Request ID {id}: {comment} to server: {server}";
    Debug(50) "d2-to-dns" DHCP_DDNS_UPDATE_RESPONSE_RECEIVED(id, server, status) = "Request ID {id}: to server: {server} status: {status}";
    Debug(50) "d2-to-dns" KOTARE_DDNS_TAKEN_APART(count, server, status) = "{count} requests in one update to server: {server} status: {status}; each is tried by itself";
    Debug(50) "d2-to-dns" DHCP_DDNS_INVALID_RESPONSE(reason) = "received response to DNS Update message is malformed: {reason}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_ADD_REJECTED(id, server, fqdn, rcode) = "DNS Request ID {id}: Server, {server}, rejected a DNS update request to add the address mapping for FQDN, {fqdn}, with an RCODE: {rcode}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_ADD_TIMEOUT(id, fqdn, server) = "DHCP_DDNS Request ID {id}: timed out waiting for a response to forward mapping add for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_ADD_IO_ERROR(id, fqdn, server) = "DHCP_DDNS Request ID {id}: encountered an IO error sending a forward mapping add for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_ADD_RESP_CORRUPT(id, server, fqdn) = "DHCP_DDNS Request ID {id}: received a corrupt response from the DNS server, {server}, while adding forward address mapping for FQDN, {fqdn}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REPLACE_REJECTED(id, server, fqdn, rcode) = "DNS Request ID {id}: Server, {server}, rejected a DNS update request to replace the address mapping for FQDN, {fqdn}, with an RCODE: {rcode}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REPLACE_TIMEOUT(id, fqdn, server) = "DHCP_DDNS Request ID {id}: timed out waiting for a response to forward mapping replace for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REPLACE_IO_ERROR(id, fqdn, server) = "DHCP_DDNS Request ID {id}: encountered an IO error sending a forward mapping replace for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REPLACE_RESP_CORRUPT(id, server, fqdn) = "DHCP_DDNS Request ID {id}: received a corrupt response from the DNS server, {server}, while replacing forward address mapping for FQDN, {fqdn}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REMOVE_ADDRS_REJECTED(id, server, fqdn, rcode) = "DNS Request ID {id}: Server, {server}, rejected a DNS update request to remove the forward address mapping for FQDN, {fqdn}, with an RCODE: {rcode}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REMOVE_ADDRS_TIMEOUT(id, fqdn, server) = "DHCP_DDNS Request ID {id}: timed out waiting for a response to forward mapping address removal for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REMOVE_ADDRS_IO_ERROR(id, fqdn, server) = "DHCP_DDNS Request ID {id}: encountered an IO error sending a forward mapping address removal for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REMOVE_ADDRS_RESP_CORRUPT(id, server, fqdn) = "DHCP_DDNS Request ID {id}: received a corrupt response from the DNS server, {server}, while removing forward address mapping for FQDN, {fqdn}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REMOVE_RRS_REJECTED(id, server, fqdn, rcode) = "DNS Request ID {id}: Server, {server}, rejected a DNS update request to remove forward RR entries for FQDN, {fqdn}, with an RCODE: {rcode}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REMOVE_RRS_TIMEOUT(id, fqdn, server) = "DHCP_DDNS Request ID {id}: timed out waiting for response to forward RR removal for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REMOVE_RRS_IO_ERROR(id, fqdn, server) = "DHCP_DDNS Request ID {id}: encountered an IO error sending a forward RR removal for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_FORWARD_REMOVE_RRS_RESP_CORRUPT(id, server, fqdn) = "DHCP_DDNS Request ID {id}: received a corrupt response from the DNS server, {server}, while removing forward RRs for FQDN, {fqdn}";
    Error "d2-to-dns" DHCP_DDNS_REVERSE_REPLACE_REJECTED(id, server, fqdn, rcode) = "DNS Request ID {id}: Server, {server}, rejected a DNS update request to replace the reverse mapping for FQDN, {fqdn}, with an RCODE: {rcode}";
    Error "d2-to-dns" DHCP_DDNS_REVERSE_REPLACE_TIMEOUT(id, fqdn, server) = "DHCP_DDNS Request ID {id}: timed out waiting for a response to reverse mapping replacement for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_REVERSE_REPLACE_IO_ERROR(id, fqdn, server) = "DHCP_DDNS Request ID {id}: encountered an IO error sending a reverse mapping replacement for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_REVERSE_REPLACE_RESP_CORRUPT(id, server, fqdn) = "DHCP_DDNS Request ID {id}: received a corrupt response from the DNS server, {server}, while replacing reverse address mapping for FQDN, {fqdn}";
    Error "d2-to-dns" DHCP_DDNS_REVERSE_REMOVE_REJECTED(id, server, fqdn, rcode) = "DNS Request ID {id}: Server, {server}, rejected a DNS update request to remove the reverse mapping for FQDN, {fqdn}, with an RCODE: {rcode}";
    Error "d2-to-dns" DHCP_DDNS_REVERSE_REMOVE_TIMEOUT(id, fqdn, server) = "DHCP_DDNS Request ID {id}: timed out waiting for a response to reverse mapping remove for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_REVERSE_REMOVE_IO_ERROR(id, fqdn, server) = "DHCP_DDNS Request ID {id}: encountered an IO error sending a reverse mapping remove for FQDN {fqdn} to DNS server {server}";
    Error "d2-to-dns" DHCP_DDNS_REVERSE_REMOVE_RESP_CORRUPT(id, server, fqdn) = "DHCP_DDNS Request ID {id}: received a corrupt response from the DNS server, {server}, while removing reverse address mapping for FQDN, {fqdn}";
}
