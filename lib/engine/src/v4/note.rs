//! What modules keep with a lease of what its reply says.

use kotare_model::Lease4;
use kotare_store::{Change, LeaseStore, Put, StoreError};
use kotare_wire::v4::{Index, Message};

use super::assign::Changes;
use super::exchange::Exchange;
use super::{Edited4, Outcome, Reply};
use crate::hooks::Cause;
use crate::hooks::v4::{Asked4, Sending4, Sent4};

impl<S: LeaseStore<Lease4>> Exchange<'_, S> {
    /// Lets modules say what is kept with a lease, now that its reply is written.
    pub(super) async fn note(
        &self,
        changes: Option<Box<Changes>>,
        outcome: &Outcome,
        reply: &[u8],
    ) -> Result<(), StoreError> {
        match (changes.and_then(|changes| changes.lease), outcome) {
            // In a place of its own: the exchanges of those who keep nothing need no room for it.
            (Some(lease), Outcome::Reply(written)) if !self.server.hooks.lease4_note.is_empty() => {
                Box::pin(self.note_in(lease, written, &reply[..written.len])).await
            }
            _ => Ok(()),
        }
    }

    async fn note_in(&self, lease: Lease4, written: &Reply, reply: &[u8]) -> Result<(), StoreError> {
        let (mut lease, mut index) = (lease, Index::new());
        let Ok(message) = Message::parse(reply, &mut index) else { return Ok(()) };
        let reply = &Edited4::new(message, reply.len());
        let sent = Sent4 { reply, sending: Sending4 { kind: written.kind, departure: written.departure } };
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
        Ok(())
    }
}
