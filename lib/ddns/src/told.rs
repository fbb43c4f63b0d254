//! What the log is told of transactions.

use std::fmt;

use crate::answer::Heard;
use crate::messages::*;
use crate::next::Step;
use crate::outcome::Outcome;
use crate::request::{Change, ChangeRequest};
use crate::zones::DnsServer;

/// What Kea calls a step.
pub(crate) fn comment(step: Step, change: Change) -> &'static str {
    match (step, change) {
        (Step::AddForward, _) => "Forward Add",
        (Step::ReplaceForward, _) => "Forward Replace",
        (Step::RemoveAddress, _) => "Forward A/AAAA Remove",
        (Step::RemoveName, _) => "Forward RR Remove",
        (Step::Reverse, Change::Add) => "Reverse Replace",
        (Step::Reverse, Change::Remove) => "Reverse Remove",
    }
}

/// What came of an attempt.
pub(crate) fn heard(request: &ChangeRequest, server: &DnsServer, heard: Heard) {
    DHCP_DDNS_UPDATE_RESPONSE_RECEIVED(&request.dhcid, server, Status(heard));
}

/// What an attempt failed of.
pub(crate) fn failed(request: &ChangeRequest, server: &DnsServer, step: Step, heard: Heard) {
    let (id, fqdn) = (&request.dhcid, &request.fqdn);
    let row = row(step, request.change);
    match heard {
        // That was told when a key was looked for.
        Heard::NoKey => {}
        Heard::Answered(rcode) => match row {
            Row::Add => DHCP_DDNS_FORWARD_ADD_REJECTED(id, server, fqdn, rcode.code()),
            Row::Replace => DHCP_DDNS_FORWARD_REPLACE_REJECTED(id, server, fqdn, rcode.code()),
            Row::Address => DHCP_DDNS_FORWARD_REMOVE_ADDRS_REJECTED(id, server, fqdn, rcode.code()),
            Row::Name => DHCP_DDNS_FORWARD_REMOVE_RRS_REJECTED(id, server, fqdn, rcode.code()),
            Row::ReverseAdd => DHCP_DDNS_REVERSE_REPLACE_REJECTED(id, server, fqdn, rcode.code()),
            Row::ReverseRemove => DHCP_DDNS_REVERSE_REMOVE_REJECTED(id, server, fqdn, rcode.code()),
        },
        Heard::Timeout => match row {
            Row::Add => DHCP_DDNS_FORWARD_ADD_TIMEOUT(id, fqdn, server),
            Row::Replace => DHCP_DDNS_FORWARD_REPLACE_TIMEOUT(id, fqdn, server),
            Row::Address => DHCP_DDNS_FORWARD_REMOVE_ADDRS_TIMEOUT(id, fqdn, server),
            Row::Name => DHCP_DDNS_FORWARD_REMOVE_RRS_TIMEOUT(id, fqdn, server),
            Row::ReverseAdd => DHCP_DDNS_REVERSE_REPLACE_TIMEOUT(id, fqdn, server),
            Row::ReverseRemove => DHCP_DDNS_REVERSE_REMOVE_TIMEOUT(id, fqdn, server),
        },
        Heard::Failed => match row {
            Row::Add => DHCP_DDNS_FORWARD_ADD_IO_ERROR(id, fqdn, server),
            Row::Replace => DHCP_DDNS_FORWARD_REPLACE_IO_ERROR(id, fqdn, server),
            Row::Address => DHCP_DDNS_FORWARD_REMOVE_ADDRS_IO_ERROR(id, fqdn, server),
            Row::Name => DHCP_DDNS_FORWARD_REMOVE_RRS_IO_ERROR(id, fqdn, server),
            Row::ReverseAdd => DHCP_DDNS_REVERSE_REPLACE_IO_ERROR(id, fqdn, server),
            Row::ReverseRemove => DHCP_DDNS_REVERSE_REMOVE_IO_ERROR(id, fqdn, server),
        },
        Heard::Corrupt => match row {
            Row::Add => DHCP_DDNS_FORWARD_ADD_RESP_CORRUPT(id, server, fqdn),
            Row::Replace => DHCP_DDNS_FORWARD_REPLACE_RESP_CORRUPT(id, server, fqdn),
            Row::Address => DHCP_DDNS_FORWARD_REMOVE_ADDRS_RESP_CORRUPT(id, server, fqdn),
            Row::Name => DHCP_DDNS_FORWARD_REMOVE_RRS_RESP_CORRUPT(id, server, fqdn),
            Row::ReverseAdd => DHCP_DDNS_REVERSE_REPLACE_RESP_CORRUPT(id, server, fqdn),
            Row::ReverseRemove => DHCP_DDNS_REVERSE_REMOVE_RESP_CORRUPT(id, server, fqdn),
        },
    }
}

/// How a transaction ended: well, or by this event.
pub(crate) fn ended(request: &ChangeRequest, outcome: Outcome, failure: Option<&'static str>) {
    let id = &request.dhcid;
    match (request.change, failure) {
        (Change::Add, None) => DHCP_DDNS_ADD_SUCCEEDED(id, request),
        (Change::Remove, None) => DHCP_DDNS_REMOVE_SUCCEEDED(id, request),
        (Change::Add, Some(event)) => DHCP_DDNS_ADD_FAILED(id, Failure { request, outcome, event }),
        (Change::Remove, Some(event)) => DHCP_DDNS_REMOVE_FAILED(id, Failure { request, outcome, event }),
    }
}

/// The messages of a step.
#[derive(Clone, Copy)]
enum Row {
    Add,
    Replace,
    Address,
    Name,
    ReverseAdd,
    ReverseRemove,
}

fn row(step: Step, change: Change) -> Row {
    match (step, change) {
        (Step::AddForward, _) => Row::Add,
        (Step::ReplaceForward, _) => Row::Replace,
        (Step::RemoveAddress, _) => Row::Address,
        (Step::RemoveName, _) => Row::Name,
        (Step::Reverse, Change::Add) => Row::ReverseAdd,
        (Step::Reverse, Change::Remove) => Row::ReverseRemove,
    }
}

/// As Kea shows what came of an attempt.
pub(crate) struct Status(pub(crate) Heard);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Heard::Answered(rcode) => write!(f, "SUCCESS, rcode: {rcode}"),
            Heard::Timeout => f.write_str("TIMEOUT"),
            Heard::Failed | Heard::NoKey => f.write_str("OTHER"),
            Heard::Corrupt => f.write_str("INVALID_RESPONSE"),
        }
    }
}

/// As Kea shows a transaction that failed.
struct Failure<'a> {
    request: &'a ChangeRequest,
    outcome: Outcome,
    event: &'static str,
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = |is| if is { "completed" } else { "failed" };
        write!(f, "Status: Failed, Event: {}, ", self.event)?;
        if self.request.forward {
            write!(f, " Forward change: {}, ", done(self.outcome.forward))?;
        }
        if self.request.reverse {
            write!(f, " Reverse change: {}, ", done(self.outcome.reverse))?;
        }
        write!(f, " request: {}", self.request)
    }
}
