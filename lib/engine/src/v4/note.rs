//! What modules keep with a lease of what its reply says.

use kotare_model::Lease4;
use kotare_store::{Change, LeaseStore, Put, StoreError};
use kotare_wire::v4::{Index, Message};

use super::assign::Changes;
use super::exchange::Exchange;
use super::{Edited4, Outcome, Reply, ReplyKind};
use crate::hooks::Cause;
use crate::hooks::v4::{Asked4, Committed4, Sending4, Sent4};

impl<S: LeaseStore<Lease4>> Exchange<'_, S> {
    /// Lets modules say what is kept with a lease, now that its reply is written.
    pub(super) async fn note(
        &self,
        changes: Option<Box<Changes>>,
        outcome: &Outcome,
        reply: &[u8],
    ) -> Result<(), StoreError> {
        let (Some(mut changes), Outcome::Reply(written)) = (changes, outcome) else { return Ok(()) };
        let hooks = &self.server.hooks;
        let reply = &reply[..written.len];
        if let Some(lease) = changes.lease.take() {
            changes.lease = Some(match hooks.lease4_note.is_empty() {
                true => lease,
                // In a place of its own: the exchanges of those who keep nothing need no room for it.
                false => Box::pin(self.note_in(lease, written, reply)).await?,
            });
        }
        if written.kind == ReplyKind::Ack && !hooks.leases4_told.is_empty() {
            let mut index = Index::new();
            let Ok(message) = Message::parse(reply, &mut index) else { return Ok(()) };
            let reply = &Edited4::new(message, reply.len());
            self.tell(Some(Sent4 { reply, sending: sending(written) }), &changes);
        }
        Ok(())
    }

    /// Tells modules of an exchange that has changed leases.
    pub(super) fn tell(&self, sent: Option<Sent4<'_>>, changes: &Changes) {
        let committed = Committed4 { lease: changes.lease.as_ref(), deleted: changes.deleted.as_ref() };
        if committed.lease.is_some() || committed.deleted.is_some() {
            self.server
                .hooks
                .leases4_told
                .iter()
                .for_each(|it| it.leases4_told(self.asked(), sent, committed));
        }
    }

    async fn note_in(&self, lease: Lease4, written: &Reply, reply: &[u8]) -> Result<Lease4, StoreError> {
        let (mut lease, mut index) = (lease, Index::new());
        let Ok(message) = Message::parse(reply, &mut index) else { return Ok(lease) };
        let reply = &Edited4::new(message, reply.len());
        let sent = Sent4 { reply, sending: sending(written) };
        let asked = Asked4 { message: self.message, query: self.query, now: self.now };
        for module in &self.server.hooks.lease4_note {
            let Some(context) = module.lease4_note(asked, sent, &lease) else { continue };
            let noted = Lease4 { user_context: Some(context), ..lease.clone() };
            let change = Change { address: lease.address, from: Some(&lease), to: Some(&noted) };
            // Who changed it meanwhile has the last word.
            if self.leases.put(change, Cause::Query(self.query), self.now).await? != Put::Done {
                break;
            }
            lease = noted;
        }
        Ok(lease)
    }
}

/// What is sent, and where to.
fn sending(written: &Reply) -> Sending4 {
    Sending4 { kind: written.kind, departure: written.departure }
}
