//! Log messages of requests to change names: Kea's identifiers, arguments, severities and formats, which others read.

use std::fmt;

use kotare_ddns::ChangeRequest;

/// A request as the log shows it, made only if somebody reads it.
pub(super) struct Json<'a>(pub(super) &'a ChangeRequest);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_json())
    }
}

kotare_messages::messages! {
    Info "dhcpsrv" DHCPSRV_DHCP_DDNS_SENDER_STARTED(settings) = "NameChangeRequest sender has been started: {settings}";
    Info "dhcpsrv" DHCPSRV_DHCP_DDNS_SENDER_STOPPED() = "NameChangeRequest sender has been stopped.";
    Error "dhcpsrv" DHCPSRV_DHCP_DDNS_NCR_REJECTED(reason, request) = "NameChangeRequest rejected by the sender: {reason}, ncr: {request}";
    Debug(50) "dhcpsrv" DHCPSRV_DHCP_DDNS_NCR_SENT(request) = "NameChangeRequest sent to kea-dhcp-ddns: {request}";
    Debug(55) "dhcpsrv" DHCPSRV_QUEUE_NCR(client, change, request) = "{client}: Name change request to {change} DNS entry queued: {request}";
    Error "dhcpsrv" DHCPSRV_QUEUE_NCR_FAILED(client, change, address, reason) = "{client}: queuing {change} name change request failed for lease {address}: {reason}";
    Debug(50) "dhcpsrv" DHCPSRV_QUEUE_NCR_SKIP(client, address) = "{client}: skip queuing name change request for lease: {address}";
    Debug(50) "ddns" DHCP6_DDNS_CREATE_ADD_NAME_CHANGE_REQUEST(client, request) = "{client}: asks for its name in the DNS: {request}";
    Error "ddns" DHCP4_DDNS_REQUEST_SEND_FAILED(reason, request) = "failed sending a request to kea-dhcp-ddns, error: {reason},  ncr: {request}";
    Error "ddns" DHCP6_DDNS_REQUEST_SEND_FAILED(reason, request) = "failed sending a request to kea-dhcp-ddns, error: {reason},  ncr: {request}";

    // Requests that are kept in a file, which Kea does not have.
    Info "dhcpsrv" KOTARE_DDNS_OUTBOX_READ(file, requests) = "{requests} name change requests that kea-dhcp-ddns has not taken were found in {file}";
    Error "dhcpsrv" KOTARE_DDNS_OUTBOX_DAMAGED(file, lines) = "{lines} lines of {file} cannot be understood; what they asked for is lost";
    Error "dhcpsrv" KOTARE_DDNS_OUTBOX_NOT_WRITTEN(reason) = "name change requests are sent and not kept until the file can be written again: {reason}";
    Warn "dhcpsrv" KOTARE_DDNS_OUTBOX_GROWS(reason) = "the file of name change requests cannot be written anew without those that are done, and grows: {reason}";
    Warn "dhcpsrv" KOTARE_DDNS_QUEUE_PATH_SECURITY_WARNING(warning) = "request-queue: {warning}";
    Warn "dhcpsrv" KOTARE_DDNS_NOBODY_THERE(server, reason, waiting) = "nobody takes name change requests at {server}: {reason}; {waiting} wait and are sent again until somebody does";
    Info "dhcpsrv" KOTARE_DDNS_NO_RECEIPTS() = "kea-dhcp-ddns gives no receipts, as that of Kea: a name change request is done when it was sent";
    Info "dhcpsrv" KOTARE_DDNS_RECEIPTS_AGAIN(again) = "kea-dhcp-ddns gives receipts now; {again} name change requests that it may not have taken are sent again if leases still ask for them";
}
