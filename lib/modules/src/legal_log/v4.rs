//! Leases of DHCPv4.

use std::collections::HashSet;
use std::fmt::{Display, Write};
use std::sync::Arc;

use kotare_config::v4::Config4;
use kotare_engine::hooks::v4::{Asked4, Committed4, Hooks4, Leases4Told, Sent4};
use kotare_engine::v4::{Packet, PacketOptions};
use kotare_model::{Lease4, LeaseState, SubnetId};
use kotare_wire::v4::OptionValue;
use smallvec::SmallVec;

use super::messages::{LEGAL_LOG_LEASE4_RENDER_ERROR, LEGAL_LOG_LEASE4_WRITE_ERROR};
use super::words::{Legible, Typed, Verb, contextualize, identify};
use super::{LegalLog, Logged};
use crate::gathered::Text;

impl Logged for Lease4 {
    const COMMANDS: &str = "lease4-";

    fn silent(config: &Config4) -> HashSet<SubnetId> {
        super::silent(config.subnets.iter().map(|subnet| (subnet.id, subnet.user_context.as_ref())))
    }

    fn write_error(reason: &dyn Display) {
        LEGAL_LOG_LEASE4_WRITE_ERROR(reason);
    }

    fn register(hooks: &mut Hooks4, module: Arc<LegalLog<Self>>) {
        hooks.leases4_told.push(module);
    }
}

impl Leases4Told for LegalLog<Lease4> {
    fn leases4_told(&self, asked: Asked4<'_>, sent: Option<Sent4<'_>>, committed: Committed4<'_>) {
        // What was the client's before it got another is its no more, whatever its state says.
        let deleted = committed.deleted.map(|lease| (lease, LeaseState::Released));
        let changed = committed.lease.map(|lease| (lease, lease.state)).into_iter().chain(deleted);
        for (lease, state) in changed.filter(|(lease, _)| !self.silent.contains(&lease.subnet_id)) {
            let mut text = Text::default();
            self.line(asked, sent, (lease, state), &mut text);
            self.write(Some(&lease.address), &text.0, asked.now);
        }
    }
}

impl LegalLog<Lease4> {
    fn line(
        &self,
        asked: Asked4<'_>,
        sent: Option<Sent4<'_>>,
        (lease, state): (&Lease4, LeaseState),
        text: &mut Text,
    ) {
        if self.formats.are_none() {
            return usual(asked, lease, state, text);
        }
        let query = asked.query;
        let request = Packet::of_query(PacketOptions::Plain(asked.message), query);
        let response = sent.map(|sent| {
            let client = *sent.sending.departure.destination.ip();
            Packet::of_response(sent.reply, query, client)
        });
        match self.say(&request, response.as_ref(), text) {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                LEGAL_LOG_LEASE4_RENDER_ERROR(lease.address, Typed(&lease.hwaddr), error);
                text.0.clear();
            }
        }
        usual(asked, lease, state, text);
    }
}

/// The line of a lease unless another format is configured.
fn usual(asked: Asked4<'_>, lease: &Lease4, state: LeaseState, line: &mut Text) {
    let Asked4 { message, query, .. } = asked;
    // A lease in probation is nobody's: who had it is who says so.
    let (hwaddr, id) = match state {
        LeaseState::Declined => (&query.client.hwaddr, query.client.id.as_ref()),
        _ => (&lease.hwaddr, lease.client_id.as_ref()),
    };
    let what = Verb(state, lease.valid_lifetime);
    // Writing to a text does not fail.
    let _ = write!(
        line,
        "Address: {} has been {what} a device with hardware address: {}",
        lease.address,
        Typed(hwaddr)
    );
    if let Some(id) = id {
        let _ = write!(line, ", client-id: {}", Legible(id.as_bytes()));
    }
    if let Some(relay) = query.relay {
        let _ = write!(line, " connected via relay at address: {relay}");
        if let Some(agent) = query.relay_agent(message) {
            let said = [agent.circuit_id(), agent.remote_id(), agent.subscriber_id()].map(|value| {
                value.map(|value: OptionValue<'_>| value.bytes().collect::<SmallVec<[u8; 64]>>())
            });
            let [circuit, remote, subscriber] = &said;
            let parts = [("circuit-id", circuit), ("remote-id", remote), ("subscriber-id", subscriber)];
            identify(line, ", identified by ", &parts.map(|(name, value)| (name, value.as_deref())));
        }
    }
    contextualize(line, lease.user_context.as_deref());
}
