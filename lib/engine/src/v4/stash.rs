//! What a relay said when a client got its lease, for a renewal that comes without relay (`stash-agent-options`).

use kotare_config::v4::{Classes, Config4};
use kotare_model::{Lease4, Timestamp};
use kotare_store::{By4, LeaseStore, StoreError};
use kotare_wire::v4::{Message, OptionCode, OptionValue};

use super::messages::DHCP4_RECOVERED_STASHED_RELAY_AGENT_INFO;
use super::text::OptionText;
use super::{Query4, QueryKind, extended_info};
use crate::Leases;

/// Whether a message is of those for which it is looked up.
pub(super) fn is_wanted(config: &Config4, message: Message<'_>, query: &Query4) -> bool {
    config.stash_agent_options
        && query.kind == QueryKind::Request
        && query.ciaddr.is_some()
        && message.giaddr().is_unspecified()
        && query.relay_agent(message).is_none()
}

/// Looks it up, if it is wanted. The message is of the class of its name then.
pub(super) async fn recover<S: LeaseStore<Lease4>>(
    config: &Config4,
    leases: &Leases<S>,
    query: &mut Query4,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(ciaddr) = query.ciaddr else { return Ok(()) };
    let found = leases.get(By4::Address(ciaddr)).await?;
    let ours = found.first().filter(|lease| !lease.expired(now) && query.client.owns(lease, true));
    let stash = ours.and_then(|lease| extended_info::relay_agent_of(lease.user_context.as_deref()?));
    if let Some(agent) = stash {
        let (code, value) = (OptionCode::RELAY_AGENT_INFORMATION, OptionValue::new(&agent));
        let option = OptionText(code, value, &config.definitions);
        DHCP4_RECOVERED_STASHED_RELAY_AGENT_INFO(&*query, ciaddr, option);
        query.stash = Some(agent.into());
        query.classes.insert(Classes::STASH_AGENT_OPTIONS);
    }
    Ok(())
}
