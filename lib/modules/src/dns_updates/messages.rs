//! Log messages of requests to change names: Kea's identifiers, arguments, severities and formats, which others read.

kotare_messages::messages! {
    Info "dhcpsrv" DHCPSRV_DHCP_DDNS_SENDER_STARTED(settings) = "NameChangeRequest sender has been started: {settings}";
    Info "dhcpsrv" DHCPSRV_DHCP_DDNS_SENDER_STOPPED() = "NameChangeRequest sender has been stopped.";
    Error "dhcpsrv" DHCPSRV_DHCP_DDNS_NCR_REJECTED(reason, request) = "NameChangeRequest rejected by the sender: {reason}, ncr: {request}";
    Debug(50) "dhcpsrv" DHCPSRV_DHCP_DDNS_NCR_SENT(request) = "NameChangeRequest sent to kea-dhcp-ddns: {request}";
    Debug(55) "dhcpsrv" DHCPSRV_QUEUE_NCR(client, change, request) = "{client}: Name change request to {change} DNS entry queued: {request}";
    Error "dhcpsrv" DHCPSRV_QUEUE_NCR_FAILED(client, change, address, reason) = "{client}: queuing {change} name change request failed for lease {address}: {reason}";
    Debug(50) "dhcpsrv" DHCPSRV_QUEUE_NCR_SKIP(client, address) = "{client}: skip queuing name change request for lease: {address}";
    Error "ddns" DHCP4_DDNS_REQUEST_SEND_FAILED(reason, request) = "failed sending a request to kea-dhcp-ddns, error: {reason},  ncr: {request}";
    Error "ddns" DHCP6_DDNS_REQUEST_SEND_FAILED(reason, request) = "failed sending a request to kea-dhcp-ddns, error: {reason},  ncr: {request}";
}
