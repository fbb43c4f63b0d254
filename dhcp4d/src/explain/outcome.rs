//! What would come of a message, in a sentence.

use kotare_engine::v4::{
    AllocationFailure, Declined, Dropped, Given, NakReason, Outcome, Released, Reply, Silence,
};

use super::told::Told;

/// What would come of it.
pub(super) fn of(told: &Told<'_>) -> String {
    match &told.rehearsed.outcome {
        Err(refused) => format!("no answer: {}", dropped(&refused.reason)),
        Ok(Outcome::Dropped(reason)) => format!("no answer: {}", dropped(reason)),
        Ok(Outcome::Silent(silence)) => silent(told, silence),
        Ok(Outcome::Reply(reply)) => replied(told, reply),
    }
}

fn replied(told: &Told<'_>, reply: &Reply) -> String {
    let kind = reply.kind.message_type();
    match &reply.given {
        Given::Lease(given) => {
            format!("{kind} of {} from subnet {}", given.address, told.subnet(given.subnet))
        }
        Given::Ipv6Only => format!("{kind} without an address: the client can do without IPv4 (option 108)"),
        Given::Configuration => format!("{kind} with configuration and without an address"),
        Given::Leases => format!("{kind}: a query for leases is answered"),
        Given::Refused(reason) => format!("{kind}: {}", refused(told, reason)),
    }
}

fn refused(told: &Told<'_>, reason: &NakReason) -> String {
    match reason {
        NakReason::NoSubnet => "no subnet is configured for where the client is".to_owned(),
        NakReason::WrongAddress(address) => format!("{address} is not its address here"),
        NakReason::Rejected => "it is of the class REJECT".to_owned(),
        NakReason::NotGranted(why) => {
            failed(told, why.as_ref(), "the address that it asks for is not for it")
        }
    }
}

fn failed(told: &Told<'_>, failure: Option<&AllocationFailure>, otherwise: &str) -> String {
    let Some(failure) = failure else { return otherwise.to_owned() };
    match failure.attempts {
        0 => "no pool of its link is for it".to_owned(),
        _ => format!(
            "no address is free in subnet {} ({} subnets are full, {} have no pools for it)",
            told.subnet(failure.subnet),
            failure.full,
            failure.without_pools
        ),
    }
}

fn silent(told: &Told<'_>, silence: &Silence) -> String {
    match silence {
        Silence::Rejected => "no answer: it is of the class REJECT".to_owned(),
        Silence::Release(address, released) => match released {
            Released::Kept => format!("{address} is released, and its lease kept for the client"),
            Released::Removed => format!("{address} is released, and its lease removed"),
            Released::Refused => {
                format!("nothing is released: a module wants the lease of {address} to stay")
            }
            Released::NoLease => format!("nothing is released: there is no lease of {address}"),
            Released::OtherClient => format!("nothing is released: {address} is another client's"),
            Released::NotAssigned(state) => {
                format!("nothing is released: the lease of {address} is {}", state.name())
            }
        },
        Silence::Decline(address, declined) => match declined {
            Declined::Done(span) => format!("{address} is put in probation for {span} seconds"),
            Declined::Refused => {
                format!("nothing is declined: a module wants the lease of {address} to stay")
            }
            Declined::NoLease => format!("nothing is declined: there is no lease of {address}"),
            Declined::Mismatch(_) => format!("nothing is declined: {address} is not the client's"),
        },
        Silence::UnknownRebooting(address) => format!(
            "no answer: the client reboots with {address}, no lease here is its own, and the server is not authoritative"
        ),
        Silence::UnknownAddress => "no answer: the address that it asks for is in no pool here".to_owned(),
        Silence::RebindElsewhere => {
            "no answer: the client rebinds on a network that is not known here".to_owned()
        }
        Silence::NothingToOffer(failure) => {
            format!("no answer: {}", failed(told, failure.as_ref(), "there is nothing to offer"))
        }
        Silence::NoSubnet => "no answer: no subnet is configured for where the client is".to_owned(),
    }
}

fn dropped(reason: &Dropped) -> String {
    match reason {
        Dropped::Malformed(malformed) => format!("it is not DHCP: {malformed}"),
        Dropped::NoReturnAddress => "a DHCPINFORM that has no address to answer to".to_owned(),
        Dropped::OtherServer => "another server is meant (option 54)".to_owned(),
        Dropped::NoMessageType => "it has no message type (option 53), perhaps it is BOOTP".to_owned(),
        Dropped::UnknownMessageType(number) => format!("{number} in option 53 is no message type"),
        Dropped::UnsupportedMessageType(number) => format!("servers do not handle messages of type {number}"),
        Dropped::Violation(how) | Dropped::Unusable(how) => (*how).to_owned(),
        Dropped::ByClass => "it is of the class DROP".to_owned(),
        Dropped::Duplicate => "the client has another message under way".to_owned(),
        Dropped::Overload { .. } => "more messages come than can be answered".to_owned(),
        Dropped::ByModule { point, .. } => format!("a module drops it at {point}"),
        Dropped::ParkingLotFull { point, limit } => format!("{limit} messages wait for modules at {point}"),
        Dropped::Store(error) => format!("the leases cannot be read: {error}"),
        Dropped::TooBig => "not even what a reply must have fits on its way".to_owned(),
    }
}
