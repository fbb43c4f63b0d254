//! What modules keep with leases of what their reply says.

use kotare_model::{Lease6, Lifetime};
use kotare_store::{Change, LeaseStore, Put, StoreError};
use kotare_wire::v6::{Index, Message};

use super::Edited6;
use super::assign::Changes;
use super::exchange::Exchange;
use crate::hooks::Cause;
use crate::hooks::v6::{Committed6, Sending6, Sent6};

impl<S: LeaseStore<Lease6>> Exchange<'_, S> {
    /// Lets modules say what is kept with the leases that were written, now that their reply is.
    pub(super) async fn note(
        &self,
        changes: Changes,
        sending: Sending6,
        reply: &[u8],
    ) -> Result<(), StoreError> {
        let Changes { mut leases, deleted, .. } = changes;
        if !self.server.hooks.leases6_note.is_empty() && !leases.is_empty() {
            // In a place of its own: the exchanges of those who keep nothing need no room for it.
            leases = Box::pin(self.note_in(leases, sending, reply)).await?;
        }
        self.tell(Committed6 { leases: &leases, deleted: &deleted }, sending, reply);
        Ok(())
    }

    /// Tells modules of an exchange that has changed leases.
    pub(super) fn tell(&self, committed: Committed6<'_>, sending: Sending6, reply: &[u8]) {
        let told = &self.server.hooks.leases6_told;
        if told.is_empty() || committed.leases.is_empty() && committed.deleted.is_empty() {
            return;
        }
        let mut index = Index::new();
        let Ok(message) = Message::parse(reply, &mut index) else { return };
        let sent = Sent6 { sending, reply: &Edited6::new(message, reply.len()) };
        told.iter().for_each(|it| it.leases6_told(self.asked(), sent, committed));
    }

    async fn note_in(
        &self,
        mut leases: Vec<Lease6>,
        sending: Sending6,
        reply: &[u8],
    ) -> Result<Vec<Lease6>, StoreError> {
        // What ends at once is no lease that anything is kept with.
        leases.retain(|lease| lease.valid_lifetime != Lifetime(0));
        let mut index = Index::new();
        let Ok(message) = Message::parse(reply, &mut index) else { return Ok(leases) };
        let sent = Sent6 { sending, reply: &Edited6::new(message, reply.len()) };
        for module in &self.server.hooks.leases6_note {
            let contexts = module.leases6_note(self.asked(), sent, &leases);
            let mut changed = Vec::new();
            for (lease, context) in leases.iter_mut().zip(contexts) {
                let Some(context) = context else { continue };
                let noted = Lease6 { user_context: Some(context), ..lease.clone() };
                let change = Change { address: lease.address, from: Some(&*lease), to: Some(&noted) };
                match self.leases.put(change, Cause::Query(self.query), self.now).await? {
                    Put::Done => *lease = noted,
                    Put::Conflict(_) => changed.push(lease.address),
                }
            }
            if !changed.is_empty() {
                module.leases6_not_noted(self.asked(), &changed, leases.len());
            }
        }
        Ok(leases)
    }
}
