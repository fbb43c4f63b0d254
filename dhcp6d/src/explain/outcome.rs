//! What would come of a message, in a sentence.

use kotare_engine::v6::{Answer, Dropped, Given, Outcome, Reply, Silence};

use super::leases::name;
use super::told::{Told, shown};

/// How many associations are told of in the sentence.
const MAX_ANSWERS: usize = 8;

/// What would come of it.
pub(super) fn of(told: &Told<'_>) -> String {
    match &told.rehearsed.outcome {
        Err(refused) => format!("no answer: {}", dropped(&refused.reason)),
        Ok(Outcome::Dropped(reason)) => format!("no answer: {}", dropped(reason)),
        Ok(Outcome::Silent(silence)) => format!("no answer: {}", silent(*silence)),
        Ok(Outcome::PassedOn(_)) => "it is passed on to the DHCPv4 server (DHCPv4 over DHCPv6)".to_owned(),
        Ok(Outcome::Reply(reply)) => replied(told, reply),
    }
}

fn replied(told: &Told<'_>, reply: &Reply) -> String {
    let kind = reply.kind.message_type();
    match &reply.given {
        Given::Associations { answers, .. } => {
            let told_of: Vec<_> =
                answers.iter().take(MAX_ANSWERS).map(|answer| given(told, answer)).collect();
            let further = match answers.len().saturating_sub(MAX_ANSWERS) {
                0 => String::new(),
                further => format!("; and {further} further associations"),
            };
            format!("{kind} of {}{further}", told_of.join("; "))
        }
        Given::OnLink(true) => format!("{kind}: all its addresses are of its link"),
        Given::OnLink(false) => format!("{kind}: not all its addresses are of its link"),
        Given::Configuration => format!("{kind} with configuration only"),
        Given::Registered { address, .. } => format!("{kind}: {address} is registered"),
        Given::Leases => format!("{kind}: a query for leases is answered"),
        Given::Rejected => format!("{kind}: it is of the class REJECT"),
    }
}

/// What an association comes to.
fn given(told: &Told<'_>, answer: &Answer) -> String {
    let association = format!("{} {}", name(answer.kind), answer.iaid);
    let Some(first) = answer.granted.first() else {
        let status = answer.status.map_or_else(
            || "nothing".to_owned(),
            |status| format!("nothing ({}: {})", status.code, status.text),
        );
        return format!("{status} for {association}");
    };
    let places: Vec<_> = answer.granted.iter().map(|granted| shown(granted.place)).collect();
    format!("{} for {association} from subnet {}", places.join(", "), told.subnet(first.subnet))
}

fn silent(silence: Silence) -> &'static str {
    match silence {
        Silence::NothingToConfirm => "the client asks about no address (CONFIRM)",
        Silence::NoSubnet => "no subnet is configured for where the client is",
        Silence::NothingToRebind => "the client rebinds, and no lease here is its own",
        Silence::NotPassedOn => "the DHCPv4 server cannot be reached",
    }
}

fn dropped(reason: &Dropped) -> String {
    match reason {
        Dropped::Malformed(malformed) => format!("it is not DHCPv6: {malformed}"),
        Dropped::OtherServer(Some(duid)) => format!("the server {duid} is meant (option 2)"),
        Dropped::OtherServer(None) => "another server is meant (option 2)".to_owned(),
        Dropped::Unicast => "it was sent to this server alone, which clients must not do unasked".to_owned(),
        Dropped::UnknownMessageType(kind) => format!("servers do not handle messages of type {kind}"),
        Dropped::Violation(how) => how.to_string(),
        Dropped::ByClass => "it is of the class DROP".to_owned(),
        Dropped::Duplicate => "the client has another message under way".to_owned(),
        Dropped::Overload { .. } => "more messages come than can be answered".to_owned(),
        Dropped::RegistrationDisabled => "clients do not register their addresses here".to_owned(),
        Dropped::NotToRegister(address, why) => format!("{address} is not to be registered: {why}"),
        Dropped::ByModule { point, .. } => format!("a module drops it at {point}"),
        Dropped::ParkingLotFull { point, limit } => format!("{limit} messages wait for modules at {point}"),
        Dropped::Store(error) | Dropped::NotDeclined(_, error) => {
            format!("the leases cannot be read: {error}")
        }
        Dropped::TooBig => "not even what a reply must have fits on its way".to_owned(),
    }
}
